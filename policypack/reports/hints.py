"""What to write into a program, for findings with one right answer: the argument, its value, and where it goes."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from policypack.model.records import dataclass
from policypack.model.values import Value, is_list, lookup, reveal, steps
from policypack.model.values import written as joined
from policypack.reports.layout import Span, Style
from policypack.reports.places import place_of
from policypack.reports.remedies import plain, remedy_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.engine.remedies import Change
    from policypack.model.resource import Resource
    from policypack.model.values import Step
    from policypack.reports.layout import Page
    from policypack.reports.report import Fault, Report

_SCRIPTS: Final = frozenset({".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"})
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class Hint:
    """What to write into one resource for one finding.

    Attributes:
        fault: The finding.
        resource: The resource.
        text: What to write, such as `min_tls_version="TLS_1_2"`.
        within: What it goes into, where that is there already: `log_config`; "" for the resource itself.
    """

    fault: Fault
    resource: Resource
    text: str
    within: str


def hints(report: Report) -> list[Hint]:
    """Give what to write for every finding that counts and has one right answer, in the order of the findings."""
    found: dict[tuple[str, str], Hint] = {}
    for fault in report.faults:
        resource = report.judgement.deployment.graph.by_urn.get(fault.urn)
        change = remedy_of(fault, report) if fault.open else None
        if resource is not None and change is not None:
            text, within = _written(resource, change, script=_is_script(report))
            # Two rules may ask for the same: it is written once.
            found.setdefault((fault.urn, f"{within} {text}"), Hint(fault, resource, text, within))
    return list(found.values())


def hint_for(fault: Fault, report: Report) -> str:
    """Give what to write for one finding, in one line; "" where it leaves a choice.

    In a program it is the argument, as `hints` gives it; where only a state or a preview is known, which may come from
    a program in any language, the property and its value.
    """
    resource = report.judgement.deployment.graph.by_urn.get(fault.urn)
    change = remedy_of(fault, report)
    if resource is None or change is None:
        return ""
    if not report.origin.main:
        return report.cleaner.shown(f"{change.path}: {json.dumps(plain(change.value, str))}")
    text, within = _written(resource, change, script=_is_script(report))
    return report.cleaner.shown(f"in {within}: {text}" if within else text)


def _is_script(report: Report) -> bool:
    return PurePath(report.origin.main).suffix in _SCRIPTS


def _written(resource: Resource, change: Change, *, script: bool) -> tuple[str, str]:
    """Write a change as code, and name what it goes into."""
    path = steps(change.path)
    depth = _depth(resource.properties, path)
    value = change.value
    for step in reversed(path[depth + 1 :]):
        value = {str(step): value}
    name, here = str(path[depth]), path[:depth]
    if script:
        return f"{name}: {_code(value, script=True)}", joined(here)
    within = joined([snake(step) if isinstance(step, str) else step for step in here])
    said = _code(value, script=False)
    return (f'"{snake(name)}": {said}' if within else f"{snake(name)}={said}"), within


def _depth(properties: Mapping[str, Value], path: Sequence[Step]) -> int:
    """Tell how many steps of a path are there already, the last one left aside."""
    for depth in range(1, len(path)):
        if reveal(lookup(properties, path[:depth])) is None:
            return depth - 1
    return len(path) - 1


def _code(value: Value, *, script: bool) -> str:
    """Write a value as Python, or as TypeScript."""
    value = reveal(value)
    if isinstance(value, Mapping):
        names = (key if script else f'"{snake(key)}"' for key in value)
        inner = ", ".join(
            f"{name}: {_code(item, script=script)}" for name, item in zip(names, value.values(), strict=True)
        )
        return f"{{{inner}}}"
    if is_list(value):
        return f"[{', '.join(_code(item, script=script) for item in value)}]"
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, bool):
        return str(value).lower() if script else str(value)
    return f"{value}"


def snake(name: str) -> str:
    """Give the name of an argument as Pulumi's Python SDK spells it: `minTlsVersion` is `min_tls_version`."""
    return _HUMP.sub("_", name).lower()


def class_of(type_token: str) -> str:
    """Give the class of a resource as programs name it: `gcp.compute.SSLPolicy`."""
    package, module, name = type_token.split(":")
    return f"{package}.{module.partition('/')[0]}.{name}"


def _inside(hint: Hint) -> str:
    return f"in {hint.within}: " if hint.within else ""


def show_hints(page: Page, report: Report) -> None:
    """Lay out what to write, resource by resource, and how many findings have no single answer."""
    written = hints(report)
    clean = report.cleaner.shown
    by_resource: dict[str, list[Hint]] = defaultdict(list)
    for one in written:
        by_resource[one.resource.urn].append(one)
    page.blank()
    page.line(Span("What to write", Style.STRONG))
    if not written:
        page.line("no finding here has a single right answer", indent=2)
    for some in by_resource.values():
        first = some[0]
        place = place_of(first.fault.source, report.origin)
        where = f"{place.file}:{place.line}  " if place.exact else ""
        page.blank()
        page.line(
            Span(clean(where), Style.HINT),
            clean(f'{class_of(first.resource.type)}("{first.resource.name}", …)'),
            indent=2,
        )
        column = max(len(_inside(one)) for one in some)
        for one in some:
            rule = Span(f"  # {one.fault.verdict.rule.name}", Style.QUIET)
            page.line(_inside(one).ljust(column), Span(f"{one.text},", Style.GOOD), rule, indent=4)
    left = sum(fault.open for fault in report.faults) - len(written)
    if left > 0 and written:
        page.blank()
        page.prose("The other findings leave a choice, which the text above explains.", indent=2, style=Style.QUIET)
