"""What a firewall rule lets in from the internet: read once, asked by every rule about open ports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from policypack.gcp.netranges import whole_internet
from policypack.gcp.ports import PortRange
from policypack.model.logic import Undecided, all_of, any_of
from policypack.model.records import dataclass
from policypack.model.resource import Element, Resource
from policypack.rules.contract import Elements, Finding, NotApplicable, each
from policypack.topology.firewall import OWN_RULE_TIERS, RULE_LIST_TIERS, Action, FirewallRule, rule_at
from policypack.topology.firewall_ports import Opening

Place: TypeAlias = "Resource | Element"

SUBJECTS: Final[tuple[str | Elements, ...]] = (*OWN_RULE_TIERS, each("rules[]", of=tuple(RULE_LIST_TIERS)))
"""Every firewall rule: a resource of its own, or an element of a policy's list."""

CONTROLS: Final = {
    "NIST 800-53 r5": ["SC-7"],
    "ISO 27001:2022": ["A.8.20"],
    "PCI DSS 4.0": ["1.3.1", "1.4.2"],
}
"""What each of these rules gives evidence for: the boundary is protected, and lets in what is needed."""

ALL_PORTS: Final = "firewall-no-public-all-ports"
"""The widest fault there is, and so the one to speak of where several are made at once."""

AROUND: Final = "backend-not-reachable-around-lb"
"""What is graver than an opening that may reach nobody: machines that answer there, past their load balancer."""


@dataclass(frozen=True, eq=False)
class Entry:
    """A firewall rule, as the way in from the internet that it may be.

    Attributes:
        firewall: The rule.
        nothing: Why it lets nothing in for sure; "" if it may let something in.
        public: Whether it lets the whole internet in at some port; `Undecided` where that is not known.
        openings: Protocols and ports.
    """

    firewall: FirewallRule
    nothing: str
    public: bool | Undecided
    openings: tuple[Opening, ...]

    def lets_in(self, question: Callable[[], bool]) -> bool:
        """Tell whether the whole internet gets in, and something holds of the openings besides.

        Raises:
            NotApplicable: The rule lets nothing in.
            Undecided: A value that decides is unknown.
        """
        if self.nothing:
            raise NotApplicable(self.nothing)
        return all_of((self._is_public, question), lambda ask: ask())

    def reaches(self, protocol: str, ports: PortRange) -> bool:
        """Tell whether the rule matches connections to one of some ports, wherever they come from."""
        return any_of(self.openings, lambda opening: opening.reaches(protocol, ports))

    def _is_public(self) -> bool:
        if isinstance(self.public, Undecided):
            raise Undecided(*self.public.key)
        return self.public

    def finding(self, expected: str, found: str) -> Finding:
        """Make a finding about the sources: `found` says what they get in to."""
        place = self.firewall.place
        names = " and ".join(whole_internet(self.firewall.internet_sources().known))
        written = place.peek(self.firewall.sources_path) is not None
        sources = f"it holds {names}" if written else "no source at all, which means any"
        return place.finding(self.firewall.sources_path, expected=expected, found=f"{sources}, and {found}")


def entry(place: Place) -> Entry:
    """Give a firewall rule as it was read first: every rule of the family asks about every place."""
    kept, where = place.resource.worked_out, f"entry at {place.full('')}"
    if where not in kept:
        kept[where] = _read(place)
    found: Entry = kept[where]
    return found


def _read(place: Place) -> Entry:
    firewall = rule_at(place)
    nothing = next((reason for reason, may in _CONDITIONS if not _maybe(may, firewall)), "")
    questions = (*(ask for _, ask in _CONDITIONS[:2]), _allows, FirewallRule.guards_machines, _from_anywhere)
    try:
        public: bool | Undecided = all_of(questions, lambda question: question(firewall))
    except Undecided as why:
        public = why
    return Entry(firewall, nothing, public, firewall.openings)


def _allows(firewall: FirewallRule) -> bool:
    action = firewall.action()
    if action is Action.INSPECT:
        raise firewall.inspected()
    return action is Action.ALLOW


def _from_anywhere(firewall: FirewallRule) -> bool:
    sources = firewall.internet_sources()
    if whole_internet(sources.known):
        return True
    if sources.unknown:
        raise sources.unknown[0]
    return False


_CONDITIONS: Final[tuple[tuple[str, Callable[[FirewallRule], bool]], ...]] = (
    ("it is disabled", FirewallRule.enabled),
    ("it is about outgoing connections", FirewallRule.ingress),
    ("it lets nothing in", lambda firewall: firewall.action() in {Action.ALLOW, Action.INSPECT}),
    ("it is aimed at proxies of internal load balancers, not at machines", FirewallRule.guards_machines),
)


def surely(question: Callable[[], bool]) -> bool:
    """Answer a question, with no where it cannot be told."""
    try:
        return question()
    except Undecided:
        return False


def _maybe(question: Callable[[FirewallRule], bool], firewall: FirewallRule) -> bool:
    try:
        return question(firewall)
    except Undecided:
        return True
