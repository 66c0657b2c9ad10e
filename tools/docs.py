"""Writes the generated parts of the documentation; with `--check`, fails if one is out of date.

Generated are the index of rules (`docs/rules.md`), the table of types and rules (`docs/coverage.md`), the table of the
profiles (`docs/profiles.md`), the frameworks of controls (`docs/frameworks.md`), the JSON schemas of the policy
configuration and of a baseline, the table of the provider's properties, and, between markers, the rules with one right
answer (`docs/remediation.md`) and reports that the documents quote. A report is the real one: the program is judged
while this runs.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from policypack.engine.frameworks import Framework, frameworks
from policypack.engine.profiles import PROFILES, profile
from policypack.engine.settings import from_document
from policypack.gcp.types import LOAD_BALANCING
from policypack.reports.config_schema import BASELINE_FILE, SCHEMA_FILE, baseline_schema_text, schema_text
from policypack.reports.frameworks import CAUTION, extent, not_covered
from policypack.reports.rule_pages import remedy_lines
from policypack.rules.areas import AREAS
from policypack.rules.contract import Level, Phase, Rule
from policypack.rules.registry import all_rules

ROOT = Path(__file__).resolve().parents[1]
QUOTES = {"README.md": "starting_program", "docs/starting-program.md": "starting_program"}
"""Document, to the example whose report stands between its markers."""

NAMED = 3
"""So many rules are named in a cell of the table of types; more are counted."""

BEGIN, END = "<!-- report: begin -->", "<!-- report: end -->"
BEGIN_REMEDIES, END_REMEDIES = "<!-- remedies: begin -->", "<!-- remedies: end -->"
TIME = re.compile(r"\b\d+(\.\d+)? ?s\b")


def rule_index() -> str:
    """Write the index of rules, by area."""
    lines = [
        "# Rules",
        "",
        "Every rule has a page: why it matters, what it checks, programs that violate it and that comply, and what it",
        "does not see. `multiregion-guard explain RULE` shows the page in a terminal. This index is generated.",
    ]
    rules = all_rules()
    for name, area in AREAS.items():
        of_area = [rule for rule in rules if rule.area == name]
        if not of_area:
            continue
        lines += [
            "",
            f"## {area.title}",
            "",
            "| rule | severity | level | runs | what good looks like |",
            "|---|---|---|---|---|",
        ]
        lines += [_row(rule) for rule in of_area]
    aliases = [f"| `{alias}` | `{rule.name}` |" for rule in rules for alias in rule.aliases]
    if aliases:
        lines += ["", "## Other names", "", "Configuration accepts these as well.", "", "| name | rule |", "|---|---|"]
        lines += sorted(aliases)
    missing = {rule.area for rule in rules} - AREAS.keys()
    if missing:
        sys.exit(
            f"error: areas without a title: {', '.join(sorted(missing))}\n"
            "  what to do: name them in policypack/rules/areas.py"
        )
    return "\n".join(lines) + "\n"


def _row(rule: Rule) -> str:
    page = f"../{rule.page.relative_to(ROOT).as_posix()}"
    when = {"resource": "on each resource", "stack": "on the stack"}[rule.phase.value]
    return f"| [{rule.name}]({page}) | {rule.severity.value} | {rule.level.value} | {when} | {rule.description} |"


def coverage() -> str:
    """Write which types the rules look at: those they judge, and those that can change a verdict on another."""
    rules = all_rules()
    lines = [
        "# Coverage",
        "",
        "Which resource types the rules look at. A rule looks at a resource in one of three ways:",
        "",
        "- *by itself*: the rule judges such a resource, or an element of it; what it needs of other resources, if",
        "  anything, is on its page;",
        "- *as a view*: the rule judges what several resources are together, such as a backend service with its",
        "  backends and health checks, and what it finds is a fault of this resource;",
        "- *for others*: such a resource can change the verdict on another one, as an address can on the front end",
        "  that has it. Most rules over load balancers read the whole way of a request, where every part counts.",
        "",
        "`multiregion-guard check` names the types of a stack that no rule looks at in any of these ways: their",
        "resources are neither passed nor failed. The [index of rules](rules.md) leads to the pages. These tables are",
        "generated.",
        "",
        "## Views",
        "",
        "The views that several rules share.",
        "",
        "| view | what it is | rules over it |",
        "|---|---|---|",
    ]
    for view in sorted(_shared_views(rules), key=_noun):
        over = [rule for rule in rules if view in rule.subjects]
        about = (view.__doc__ or "").partition("\n")[0]
        lines.append(f"| {_noun(view)} | {about} | {_by_page(over)} |")
    lines += [
        "",
        "## Types",
        "",
        "Numbers count rules.",
        "",
        "| type | by itself | as a view | for others |",
        "|---|---|---|---|",
    ]
    for token in sorted({token for rule in rules for token in rule.judges | rule.follows}):
        lines.append(f"| `{token}` | {' | '.join(_ways(token, rules))} |")
    return "\n".join(lines) + "\n"


def _shared_views(rules: Sequence[Rule]) -> list[type]:
    """Give the views that more than one rule judges."""
    count = Counter(subject for rule in rules for subject in rule.subjects if isinstance(subject, type))
    return [view for view, many in count.items() if many > 1]


def _ways(token: str, rules: Sequence[Rule]) -> tuple[str, str, str]:
    """Say which rules look at a type by itself, through which views, and for the sake of others."""
    shared = _shared_views(rules)
    alone: list[Rule] = []
    views: Counter[type] = Counter()
    others: list[Rule] = []
    others_of: Counter[type] = Counter()
    for rule in rules:
        own = [view for view in shared if view in rule.subjects]
        judged = [view for view in own if token in getattr(view, "types", ())]
        views.update(judged)
        if token in rule.judges and not judged:
            alone.append(rule)
        elif token in rule.follows and own:
            others_of.update(own[:1])
        elif token in rule.follows:
            others.append(rule)
    if token in LOAD_BALANCING:
        return _by_page(alone), _counted(views), f"its load balancer ({len(others) + others_of.total()})"
    names = _by_page(others) if len(others) <= NAMED else f"{len(others)} other rules"
    return _by_page(alone), _counted(views), ", ".join(filter(None, (_counted(others_of), names)))


def _counted(views: Counter[type]) -> str:
    return ", ".join(f"{_noun(view)} ({many})" for view, many in sorted(views.items(), key=lambda one: _noun(one[0])))


def _noun(view: type) -> str:
    """Give the name of a view in words: `BackendService` is a backend service."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", view.__name__).lower()


def _by_page(rules: Sequence[Rule]) -> str:
    """Name rules by their pages, as the index does; a family has one page, and is named once."""
    count = Counter(rule.page.stem.replace("_", "-") for rule in rules)
    return ", ".join(f"{name} ({many} rules)" if many > 1 else name for name, many in sorted(count.items()))


def profiles() -> str:
    """Write which level each rule has in each profile."""
    lines = [
        "# Profiles",
        "",
        "Ready configurations, each of which builds on the one before it. They are files in",
        "[policypack/profiles](../policypack/profiles); `multiregion-guard check --config NAME` takes them by name,",
        "and `guard.extends` builds on them: see [configuration](configuration.md). This table is generated.",
        "",
    ]
    settings = {name: from_document(profile(name), all_rules()) for name in PROFILES}
    lines += ["| | " + " | ".join(PROFILES) + " |", "|---|---|---|---|"]
    for level in Level:
        counts = [str(sum(one.level(rule) is level for rule in all_rules())) for one in settings.values()]
        if any(count != "0" for count in counts):
            lines.append(f"| {level.value} rules | {' | '.join(counts)} |")
    for key in sorted({key for one in settings.values() for key in one.guard} - {"extends"}):
        values = [json.dumps(one.guard.get(key)) if key in one.guard else "" for one in settings.values()]
        lines.append(f"| `guard.{key}` | {' | '.join(f'`{value}`' if value else '' for value in values)} |")
    lines += ["", "| rule | severity | " + " | ".join(PROFILES) + " |", "|---|---|---|---|---|"]
    for rule in all_rules():
        levels = " | ".join(one.level(rule).value for one in settings.values())
        lines.append(f"| {rule.name} | {rule.severity.value} | {levels} |")
    return "\n".join(lines) + "\n"


def framework_tables() -> str:
    """Write which controls of which framework rules speak to, and which they cannot."""
    known = frameworks(all_rules())
    lines = [
        "# Frameworks",
        "",
        "Which controls the rules give evidence for, and which this pack cannot speak to. " + CAUTION,
        "",
        "```sh",
        "multiregion-guard frameworks                    # every framework on a line",
        "multiregion-guard frameworks --framework CIS    # each control with its rules, and what is not covered",
        "multiregion-guard check PROGRAM --report html=report.html --report json=report.json",
        "```",
        "",
        "The last line judges a program: the page shows what came out of each control, and so does `frameworks` in",
        "[the JSON report](json-report.md). A control fails where a rule has a finding that counts, mandatory or",
        "advisory; it is *accepted* where every finding is waived or known. A configuration chooses the rules that",
        "name a framework with `guard.select` ([configuration](configuration.md)). The two pillars of Google's",
        "framework are assigned to rules in [policypack/frameworks](../policypack/frameworks) instead; no",
        "configuration chooses by them. This page is generated.",
        "",
        "| framework | rules speak to | what it is |",
        "|---|---|---|",
        *(f"| [{one.name}](#{_anchor(one.name)}) | {extent(one)} | {one.title} |" for one in known),
    ]
    for one in known:
        lines += ["", f"## {one.name}", "", *_framework_table(one)]
    return "\n".join(lines) + "\n"


def _framework_table(one: Framework) -> list[str]:
    rows = [
        f"| {control.id} | {control.about} | {', '.join(rule.name for rule in control.rules)} |"
        for control in one.controls
        if control.covered
    ]
    missing = [f"- {line}" for line in not_covered(one)]
    return [
        f"{one.title}: rules speak to {extent(one)}. {one.about}",
        "",
        "| control | what it is about | rules |",
        "|---|---|---|",
        *rows,
        *(["", "No rule speaks to:", "", *missing] if missing else []),
    ]


def remediation() -> str:
    """Write the table of the rules with one right answer into the page about them."""
    rows = [_remedy_row(rule) for rule in all_rules() if rule.remedy]
    table = ["| rule | what is written | at level `remediate` |", "|---|---|---|", *rows]
    before, _, rest = (ROOT / "docs" / "remediation.md").read_text(encoding="utf-8").partition(BEGIN_REMEDIES)
    _, _, after = rest.partition(END_REMEDIES)
    return "\n".join([before + BEGIN_REMEDIES, *table, END_REMEDIES + after])


def _remedy_row(rule: Rule) -> str:
    applied = "yes" if rule.phase is Phase.RESOURCE else ""
    return f"| {rule.name} | {'; '.join(remedy_lines(rule))} | {applied} |"


def _anchor(heading: str) -> str:
    """Give the anchor that GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def written_by(tool: str) -> str:
    """Run one of the other tools, and give what it writes."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, f"tools/{tool}"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def report(example: str) -> str:
    """Judge an example and give the report, without the time it took."""
    # Naming the interpreter keeps the path of this machine's out of the report.
    command = [sys.executable, "-m", "policypack.cli", "check", f"examples/{example}", "--python", sys.executable]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1}:
        sys.exit(f"error: examples/{example} could not be judged\n{done.stderr}")
    return TIME.sub("… s", done.stdout).rstrip()


def quoted(text: str, block: str) -> str:
    """Put a report between the markers of a document."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n```text\n{block}\n```\n{END}{after}"


def wanted() -> dict[Path, str]:
    """Give every generated document with the text it should have."""
    documents = {
        ROOT / "docs" / "rules.md": rule_index(),
        ROOT / "docs" / "coverage.md": coverage(),
        ROOT / "docs" / "profiles.md": profiles(),
        ROOT / "docs" / "frameworks.md": framework_tables(),
        ROOT / "docs" / "remediation.md": remediation(),
        SCHEMA_FILE: schema_text(all_rules()),
        BASELINE_FILE: baseline_schema_text(),
        ROOT / "policypack" / "gcp" / "data" / "properties.json": written_by("properties.py"),
        ROOT / "stacks" / "reference" / "ARCHITECTURE.md": written_by("diagram.py"),
    }
    blocks = {example: report(example) for example in set(QUOTES.values())}
    for name, example in QUOTES.items():
        path = ROOT / name
        documents[path] = quoted(path.read_text(encoding="utf-8"), blocks[example])
    return documents


def main() -> None:
    """Write or check."""
    stale = []
    for path, text in wanted().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            stale.append(path.relative_to(ROOT).as_posix())
            if "--check" not in sys.argv:
                path.write_text(text, encoding="utf-8")
    if stale and "--check" in sys.argv:
        sys.exit(f"error: out of date: {', '.join(stale)}\n  what to do: make docs, and commit the result")


if __name__ == "__main__":
    main()
