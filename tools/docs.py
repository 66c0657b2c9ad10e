"""Writes the generated parts of the documentation; with `--check`, fails if one is out of date.

Generated are the index of rules (`docs/rules.md`), the table of types and rules (`docs/coverage.md`), the table of the
provider's properties, and, between markers, reports that the documents quote. A report is the real one: the program is
judged while this runs.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from policypack.rules.areas import AREAS
from policypack.rules.contract import Rule
from policypack.rules.registry import all_rules

ROOT = Path(__file__).resolve().parents[1]
QUOTES = {"README.md": "starting_program", "docs/starting-program.md": "starting_program"}
"""Document, to the example whose report stands between its markers."""

BEGIN, END = "<!-- report: begin -->", "<!-- report: end -->"
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
    lines = [
        "# Coverage",
        "",
        "Which resource types the rules look at. A rule *judges* a type if its findings are about resources of it, and",
        "*follows* a type if such a resource can change the verdict on another. `multiregion-guard check` names the",
        "types of a stack that no rule looks at: their resources are neither passed nor failed. The pages are in the",
        "[index of rules](rules.md). This table is generated.",
        "",
        "| type | judged by | followed by |",
        "|---|---|---|",
    ]
    rules = all_rules()
    for token in sorted({token for rule in rules for token in rule.judges | rule.follows}):
        judged = _by_page([rule for rule in rules if token in rule.judges])
        followed = _by_page([rule for rule in rules if token in rule.follows])
        lines.append(f"| `{token}` | {judged} | {followed} |")
    return "\n".join(lines) + "\n"


def _by_page(rules: Sequence[Rule]) -> str:
    """Name rules by their pages, as the index does; a family has one page, and is named once."""
    count = Counter(rule.page.stem.replace("_", "-") for rule in rules)
    return ", ".join(f"{name} ({many} rules)" if many > 1 else name for name, many in sorted(count.items()))


def properties() -> str:
    """Write the table of the properties that the provider's resources have."""
    command = [sys.executable, "tools/properties.py"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


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
        ROOT / "policypack" / "gcp" / "data" / "properties.json": properties(),
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
