"""Organisations of made-up stacks: no judging, and the same ones each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.engine.frameworks import Result
from policypack.engine.owners import Owner
from policypack.reports.audit import Unread
from policypack.reports.organisation.as_json import json_organisation
from policypack.reports.organisation.former import FormerOrganisation, former_organisation
from policypack.reports.organisation.organisation import Organisation
from policypack.reports.organisation.summary import AreaCount, Line, StackSummary
from policypack.rules.registry import all_rules, rules_by_name

if TYPE_CHECKING:
    from collections.abc import Sequence

TODAY = "2026-11-24"
UNREAD = Unread(
    "s3://key:hunter2@states/broken.json?sig=hunter2", "it is not JSON", "broken.json:3", "Export it again."
)
LETTERS = {Result.FAIL: "f", Result.PASS: "p", Result.NOT_APPLICABLE: "n"}

RULES = {rule.name: rule for rule in all_rules()}
SPEAKING = (
    "tls-policy-min-version",
    "backend-service-two-regions",
    "backend-service-has-health-check",
    "lb-no-dangling-reference",
    "health-check-firewall-open",
    "subnet-private-google-access",
    "disk-cmek",
    "drain-and-timeout-consistent",
)


def line(
    rule: str,
    name: str = "front",
    *,
    stack: str = "shop/prod",
    status: str = "violation",
    level: str | None = None,
    message: str = "",
    remark: str = "",
) -> Line:
    """Make up what a rule of the pack says of a resource."""
    said = rules_by_name()[rule]
    own = "mandatory" if said.severity.value in {"critical", "high"} else "advisory"
    project, _, of = stack.partition("/")
    return Line(
        rule=rule,
        area=said.area,
        severity=said.severity.value,
        level=level or (own if status == "violation" else "advisory"),
        status=status,
        urn=f"urn:pulumi:{of}::{project}::gcp:compute/backendService:BackendService::{name}",
        path="spec",
        message=message or f"spec: {name} is not as it should be",
        remark=remark,
        source="index.ts:12",
    )


def summary(
    name: str = "shop/prod",
    *lines: Line,
    owner: str = "",
    place: str = "",
    resources: int = 12,
    off: Sequence[str] = (),
) -> StackSummary:
    """Make up a stack; of the rules that say nothing of it, every third passed."""
    project, _, stack = name.partition("/")
    failing = {each.rule for each in lines if each.status == "violation"}
    came = {
        rule: "d" if rule in off else "f" if rule in failing else "p" if place_of_rule % 3 == 0 else "n"
        for place_of_rule, rule in enumerate(sorted(RULES))
    }
    areas: dict[str, dict[str, int]] = {}
    for rule, letter in came.items():
        counts = areas.setdefault(RULES[rule].area, {"mandatory": 0, "passed": 0, "not_applicable": 0})
        counts[{"f": "mandatory", "p": "passed"}.get(letter, "not_applicable")] += letter != "d"
    return StackSummary(
        project=project,
        stack=stack,
        place=place or f"states/{name}.json",
        kind="stack export",
        owner=Owner(owner, "label") if owner else Owner(),
        resources=resources,
        seconds=0.1,
        exit_code=int(any(each.level == "mandatory" for each in lines)),
        areas=tuple(AreaCount(area, **counts) for area, counts in sorted(areas.items())),
        lines=lines,
        outcomes="".join(came[rule] for rule in sorted(came)),
    )


def organisation(
    *stacks: StackSummary,
    unread: Sequence[Unread] = (),
    former: FormerOrganisation | None = None,
    date: str = TODAY,
    known_elsewhere: int = 0,
) -> Organisation:
    """Put stacks together."""
    return Organisation(tuple(stacks), tuple(unread), 2.5, former, date=date, known_elsewhere=known_elsewhere)


def as_former(before: Organisation, name: str = "former.json") -> FormerOrganisation:
    """Give an organisation as a later report reads it."""
    return former_organisation(json_organisation(before), name)


def crowd(count: int, *, week: int = 0) -> tuple[StackSummary, ...]:
    """Make up many stacks of several owners; each week some findings less, and now and then a new one."""
    made = []
    for number in range(count):
        name = f"{('shop', 'bank', 'ledger', 'search', 'models', 'edge')[number % 6]}-{number // 6}/prod"
        lines = []
        for index, rule in enumerate(SPEAKING):
            amount = max((number * 7 + index * 5) % 9 - 2 - week * (1 + index % 2) // 2, 0)
            status = ("violation", "known", "violation", "undecided", "waived")[(number + index) % 5]
            remark = "waived until 2026-12-31 by web" if status == "waived" else ""
            lines += [
                line(rule, f"{rule.split('-')[0]}-{each}", stack=name, status=status, remark=remark)
                for each in range(amount)
            ]
        if number % 7 == week:
            lines.append(line(SPEAKING[week % len(SPEAKING)], f"added-in-week-{week}", stack=name))
        owner = ("web", "payments", "data-platform", "", "machine-learning")[(number // 3) % 5]
        made.append(summary(name, *lines, owner=owner, resources=20 + number % 80))
    return tuple(made)


def weeks(count: int, of: int) -> Organisation:
    """Give the organisation after some weeks of work, with the history of all of them."""
    former = None
    for week in range(of):
        now = organisation(
            *crowd(count, week=week), former=former, date=f"2026-{9 + week // 4:02}-{1 + 7 * (week % 4):02}"
        )
        former = as_former(now, f"week-{week}.json")
    return organisation(*crowd(count, week=of), unread=[UNREAD], former=former)
