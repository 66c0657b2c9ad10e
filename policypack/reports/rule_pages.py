"""The page of a rule: what its author wrote, and what is generated from the rule itself."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from policypack.rules.contract import FromParameter, Level, Phase
from policypack.rules.remedy import remedy_at

if TYPE_CHECKING:
    from policypack.rules.contract import Parameter, Rule

_AFTER_GENERATED = re.compile(r"^## (What it does not see|Sources)\s*$", re.MULTILINE)
"""The headings of a page before which the generated sections stand."""

_PROSE = re.compile(r"## (Why it matters|What it checks|What it does not see|Sources)\s*$", re.MULTILINE)


def describe(rule: Rule) -> dict[str, object]:
    """Give the metadata of a rule as plain data."""
    return {
        "name": rule.name,
        "area": rule.area,
        "description": rule.description,
        "severity": rule.severity.value,
        "defaultLevel": rule.level.value,
        "phase": rule.phase.value,
        "optIn": rule.opt_in,
        "aliases": sorted(rule.aliases),
        "fix": rule.fix,
        "controls": {framework: list(ids) for framework, ids in sorted(rule.controls.items())},
    }


def rule_page(rule: Rule) -> str:
    """Give the whole page of a rule as Markdown.

    Raises:
        OSError: The page is missing.
    """
    written = rule.page.read_text(encoding="utf-8").strip() + "\n"
    title, _, body = written.partition("\n")
    generated = "\n".join(part for part in (_parameters(rule), _remedy(rule), _controls(rule)) if part)
    found = _AFTER_GENERATED.search(body)
    cut = found.start() if found else len(body)
    before, after = body[:cut].strip(), body[cut:].strip()
    return "\n\n".join(part.strip() for part in (title, _facts(rule), before, generated, after) if part.strip()) + "\n"


def page_without_programs(rule: Rule) -> str:
    """Give what the author of a rule wrote in prose: why it matters, what it checks, what it does not see.

    Raises:
        OSError: The page is missing.
    """
    title, *sections = re.split(r"^(?=## )", rule.page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return title + "".join(section for section in sections if _PROSE.match(section))


def _facts(rule: Rule) -> str:
    level = "off unless a configuration names it" if rule.level is Level.DISABLED else f"{rule.level.value} by default"
    phase = "each resource by itself" if rule.phase is Phase.RESOURCE else "the whole stack"
    also = f"; also called {', '.join(sorted(rule.aliases))}" if rule.aliases else ""
    return f"*Severity {rule.severity.value}; {level}; judges {phase}; area {rule.area}{also}.*"


def _parameters(rule: Rule) -> str:
    if not rule.parameters:
        return "## Parameters\n\nNone.\n"
    rows = [
        "| parameter | type | default | what it is |",
        "|---|---|---|---|",
        *(_row(parameter) for parameter in rule.parameters),
    ]
    return "## Parameters\n\n" + "\n".join(rows) + "\n"


def _row(parameter: Parameter) -> str:
    about = parameter.about
    limits = [
        f"at least {about.minimum:g}" if about.minimum is not None else "",
        f"at most {about.maximum:g}" if about.maximum is not None else "",
        f"one of {', '.join(about.choices)}" if about.choices else "",
    ]
    said = "; ".join(part for part in (about.description.rstrip("."), *limits) if part)
    return f"| `{parameter.name}` | {parameter.type_name} | `{json.dumps(parameter.default)}` | {said}. |"


def remedy_lines(rule: Rule) -> list[str]:
    """Say what the remedy of a rule writes, property by property; nothing where it leaves a choice."""
    lines = []
    for path, value in rule.remedy.items():
        said = json.dumps(remedy_at(rule.remedy, path, rule.defaults))
        follows = f" (parameter `{value.name}`)" if isinstance(value, FromParameter) else ""
        lines.append(f"`{path}`: `{said}`{follows}")
    return lines


def _remedy(rule: Rule) -> str:
    if not rule.remedy:
        return ""
    written = "\n".join(f"- {line}" for line in remedy_lines(rule))
    level = "\nLevel `remediate` writes it before the deployment.\n" if rule.phase is Phase.RESOURCE else ""
    return f"## What to write\n\n{written}\n{level}"


def _controls(rule: Rule) -> str:
    if not rule.controls:
        return ""
    rows = [f"- {framework}: {', '.join(ids)}" for framework, ids in sorted(rule.controls.items())]
    return "## Controls\n\n" + "\n".join(rows) + "\n"
