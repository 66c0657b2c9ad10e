"""A family of rules, one per service that the internet must not reach. A new one is a new row of `PORTS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from policypack.gcp.netranges import whole_internet
from policypack.model.logic import all_of, any_of
from policypack.rules.contract import Element, Findings, NotApplicable, Resource, Rule, Severity, Undecided, each, rule
from policypack.topology.firewall import OWN_RULE_TIERS, RULE_LIST_TIERS, Action, FirewallRule, rule_at


@dataclass(frozen=True)
class PublicPort:
    """A service that the internet must not reach.

    Attributes:
        rule: Name of the rule.
        service: What listens there.
        ports: Where it listens, as protocol and port.
        severity: How bad it is if the internet gets there.
        fix: What to do.
        controls: Framework, to control ids.
    """

    rule: str
    service: str
    ports: tuple[tuple[str, int], ...]
    severity: Severity
    fix: str
    controls: Mapping[str, Sequence[str]]


PORTS: Final = (
    PublicPort(
        rule="firewall-no-public-ssh",
        service="SSH",
        ports=(("tcp", 22),),
        severity=Severity.CRITICAL,
        fix="Let SSH in from 35.235.240.0/20 alone, where Identity-Aware Proxy forwards it from, or from ranges of "
        "your own.",
        controls={
            "CIS GCP 4.0": ["3.6"],
            "CIS GCP 5.0": ["3.6"],
            "NIST 800-53 r5": ["AC-17", "SC-7"],
            "ISO 27001:2022": ["A.8.20"],
            "PCI DSS 4.0": ["1.3.1", "1.4.2"],
        },
    ),
)
"""One row, one rule."""


def _rule_of(row: PublicPort) -> Rule:
    @rule(
        name=row.rule,
        description=f"Firewall rules keep {row.service} closed to the internet as a whole.",
        severity=row.severity,
        subjects=(*OWN_RULE_TIERS, each("rules[]", of=tuple(RULE_LIST_TIERS))),
        controls=row.controls,
        fix=row.fix,
    )
    def judge(place: Resource | Element) -> Findings:
        firewall = rule_at(place)
        _must_let_in(firewall)
        if _open(firewall, row):
            names = " and ".join(whole_internet(firewall.internet_sources().known))
            written = place.peek(firewall.sources_path) is not None
            protocol, port = next(one for one in row.ports if _surely_reaches(firewall, one))
            yield place.finding(
                firewall.sources_path,
                expected=f"sources that are not the whole internet, or no way to {row.service}",
                found=f"{f'it holds {names}' if written else 'no source at all, which means any'}, and the rule "
                f"allows {firewall.ports_text(protocol, port)}, which reaches {row.service} "
                f"({protocol.upper()} {port})",
            )

    return judge


RULES: Final = tuple(map(_rule_of, PORTS))


def _must_let_in(firewall: FirewallRule) -> None:
    """End the judgement where the rule lets nothing in for sure, whatever else is unknown about it.

    Raises:
        NotApplicable: It lets nothing in.
    """
    reasons: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("it is disabled", firewall.enabled),
        ("it is about outgoing connections", firewall.ingress),
        ("it lets nothing in", lambda: firewall.action() in {Action.ALLOW, Action.INSPECT}),
        ("it is aimed at proxies of internal load balancers, not at machines", firewall.guards_machines),
    )
    for reason, applies in reasons:
        if not _maybe(applies):
            raise NotApplicable(reason)


def _open(firewall: FirewallRule, row: PublicPort) -> bool:
    """Tell whether the rule lets the whole internet reach a port of the row.

    Raises:
        Undecided: A value that decides is unknown.
    """
    questions: tuple[Callable[[], bool], ...] = (
        firewall.enabled,
        firewall.ingress,
        lambda: _allows(firewall),
        firewall.guards_machines,
        lambda: _public(firewall),
        lambda: any_of(row.ports, lambda one: firewall.reaches(*one)),
    )
    return all_of(questions, lambda question: question())


def _allows(firewall: FirewallRule) -> bool:
    action = firewall.action()
    if action is Action.INSPECT:
        raise firewall.inspected()
    return action is Action.ALLOW


def _public(firewall: FirewallRule) -> bool:
    sources = firewall.internet_sources()
    if whole_internet(sources.known):
        return True
    if sources.unknown:
        raise sources.unknown[0]
    return False


def _surely_reaches(firewall: FirewallRule, port: tuple[str, int]) -> bool:
    try:
        return firewall.reaches(*port)
    except Undecided:
        return False


def _maybe(question: Callable[[], bool]) -> bool:
    """Tell whether the answer is yes, or may be."""
    try:
        return question()
    except Undecided:
        return True
