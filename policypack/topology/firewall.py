"""Firewall rules of every kind, read as one: VPC firewall rules and rules of firewall policies.

A `FirewallRule` reads one resource (or one element of a policy's `rules`) and needs no graph: rules that judge a single
resource use it as it is. Every question about an unknown value raises `Undecided`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from policypack.gcp import types as t
from policypack.gcp.locations import REGIONS
from policypack.gcp.netranges import EVERYWHERE, NOWHERE, RangeSet, parse_range
from policypack.gcp.ports import PortRange
from policypack.model.logic import Undecided, any_of
from policypack.model.records import cached_property, dataclass
from policypack.model.resource import Element, Resource
from policypack.topology.firewall_ports import Opening, read_openings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.gcp.netranges import Network

Place: TypeAlias = "Resource | Element"
"""Where a rule is written: a resource of its own, or an element of a policy's list of rules."""

DEFAULT_PRIORITY: Final = 1000
"""Priority of a VPC firewall rule that names none."""


class Tier(enum.Enum):
    """The levels at which Google Cloud evaluates rules."""

    HIERARCHICAL = "hierarchical firewall policy"
    CLASSIC = "VPC firewall rule"
    GLOBAL_POLICY = "global network firewall policy"
    REGIONAL_POLICY = "regional network firewall policy"


class Action(str, enum.Enum):
    """What happens to a connection that a rule matches."""

    ALLOW = "allow"
    DENY = "deny"
    GOTO_NEXT = "goto_next"  # the rest of this level is skipped
    INSPECT = "apply_security_profile_group"  # a firewall endpoint decides


OWN_RULE_TIERS: Final[Mapping[str, Tier]] = {
    t.FIREWALL: Tier.CLASSIC,
    t.FIREWALL_POLICY_RULE: Tier.HIERARCHICAL,
    t.NETWORK_FIREWALL_POLICY_RULE: Tier.GLOBAL_POLICY,
    t.REGION_NETWORK_FIREWALL_POLICY_RULE: Tier.REGIONAL_POLICY,
}
"""Types that are one rule each."""

RULE_LIST_TIERS: Final[Mapping[str, Tier]] = {
    t.FIREWALL_POLICY_WITH_RULES: Tier.HIERARCHICAL,
    t.NETWORK_FIREWALL_POLICY_WITH_RULES: Tier.GLOBAL_POLICY,
    t.REGION_NETWORK_FIREWALL_POLICY_WITH_RULES: Tier.REGIONAL_POLICY,
}
"""Types that hold a list of rules."""

_OTHER_SOURCES: Final = ("srcFqdns", "srcRegionCodes", "srcThreatIntelligences", "srcSecureTags")
"""Sources of a policy rule besides ranges and address groups. A packet that fits any one source fits the rule."""

_GOOGLES_COUNTRIES: Final = frozenset(region.country for region in REGIONS.values())
"""Where Google has regions, and so may send probes from. Which country counts for an address is not published."""

_LISTS_WITH_GOOGLE: Final = ("public-clouds", "search-engines")
"""Lists of Google Threat Intelligence, by a part of their names, that may hold addresses of Google's own."""

_BY_PLACE: Final[Mapping[str, Callable[[str], bool]]] = {
    "srcRegionCodes": lambda code: code.upper() in _GOOGLES_COUNTRIES,
    "srcThreatIntelligences": lambda name: any(part in name for part in _LISTS_WITH_GOOGLE),
}
"""Sources that may hold addresses of Google's, and whether one entry may."""

_SAID_OF: Final = {"srcAddressGroups": "an address group holds", "srcFqdns": "a domain name stands for"}

_NAMED_DESTINATIONS: Final = ("destAddressGroups", "destFqdns", "destRegionCodes", "destThreatIntelligences")
"""Destinations of a policy rule besides ranges."""

_ANY_IPV4: Final = RangeSet.of("0.0.0.0/0")

_DESTINATION_CONTEXTS: Final = ("destNetworkContext", "destNetworkScope")

_NETWORK_CONTEXTS: Final = ("srcNetworkContext", "srcNetworkScope")
"""What narrows all sources of a policy rule; two names of one property."""

_WITH_TARGET_TYPE: Final = frozenset(
    {
        t.NETWORK_FIREWALL_POLICY_RULE,
        t.REGION_NETWORK_FIREWALL_POLICY_RULE,
        t.REGION_NETWORK_FIREWALL_POLICY_WITH_RULES,
    }
)
"""Types whose rules can be for proxies instead of machines."""

_INSIDE: Final = frozenset({"INTRA_VPC", "VPC_NETWORKS"})
"""Network contexts that hold instances of VPC networks only."""


@dataclass(frozen=True)
class Sources:
    """Where the connections come from that a rule matches.

    Attributes:
        known: Addresses that are a source for sure.
        unknown: What would have to be known to tell of every other address; empty if no other is a source.
    """

    known: RangeSet = NOWHERE
    unknown: tuple[Undecided, ...] = ()

    def narrowed(self, *, sure: bool, why: Undecided) -> Sources:
        """Give the sources if a condition holds for none of them (`sure`), or may hold for some of them."""
        if sure:
            return Sources()
        return Sources(unknown=(*self.unknown, why)) if self.known or self.unknown else self


@dataclass(frozen=True, eq=False)
class FirewallRule:
    """One rule of a firewall.

    Attributes:
        place: Where it is written.
        tier: The level at which it is evaluated.
    """

    place: Place
    tier: Tier

    @property
    def resource(self) -> Resource:
        """The resource that holds the rule."""
        return self.place.resource

    @property
    def classic(self) -> bool:
        """True for a VPC firewall rule, false for a rule of a policy."""
        return self.tier is Tier.CLASSIC

    def ingress(self) -> bool:
        """Tell whether the rule is about incoming connections; a rule that does not say is."""
        written = self.place.text("direction") if self.place.is_set("direction") else None
        return (written or "INGRESS").upper() == "INGRESS"

    def enabled(self) -> bool:
        """Tell whether the rule is in force."""
        return self.place.flag("disabled") is not True

    def guards_machines(self) -> bool:
        """Tell whether the rule is for machines, and not for the proxies of internal load balancers.

        A rule that does not say is for machines; the provider's plan has an unknown target type then.
        """
        known = self.resource.type in _WITH_TARGET_TYPE and self.place.is_set("targetType")
        written = self.place.text("targetType") if known else None
        return written != "INTERNAL_MANAGED_LB"

    def action(self) -> Action:
        """Tell what the rule does to what it matches."""
        if self.classic:
            if self.place.is_set("allows"):
                return Action.ALLOW
            if self.place.is_set("denies"):
                return Action.DENY
            raise self._undecided("allows", "it neither allows nor denies anything")
        written = self.place.text("action") or ""
        try:
            return Action(written.lower())
        except ValueError:
            raise self._undecided("action", f"{written!r} is no action that is known here") from None

    def priority(self) -> int:
        """Give the rule's priority: the lowest number is looked at first."""
        number = self.place.number("priority")
        if number is not None:
            return int(number)
        if self.classic:
            return DEFAULT_PRIORITY
        raise self._undecided("priority", "it is missing")

    @property
    def sources_path(self) -> str:
        """The property that lists source ranges."""
        return "sourceRanges" if self.classic else "match.srcIpRanges"

    @property
    def layer4_path(self) -> str:
        """The property that lists protocols and ports."""
        if not self.classic:
            return "match.layer4Configs"
        return "denies" if self.place.peek("allows") is None else "allows"

    def internet_sources(self) -> Sources:
        """Give the addresses on the internet that the rule matches.

        What an address group holds is not looked into; it counts for nothing.
        """
        sources = self.written_sources()
        context = self._network_context()
        if isinstance(context, Undecided):
            return sources.narrowed(sure=False, why=context)
        if context in _INSIDE or context == "NON_INTERNET":
            return Sources()
        return sources

    def probe_sources(self) -> Sources:
        """Give the addresses of Google's probes that the rule matches, among others.

        Tags never match a probe, nor do countries that Google has no region in, or lists of addresses of others. What
        an address group holds, and what a domain name stands for, is not known.
        """
        return self._sources_without_tags(never=_INSIDE, named=("srcAddressGroups", "srcFqdns", *_BY_PLACE))

    def proxy_sources(self) -> Sources:
        """Give the addresses of the proxies of load balancers that the rule matches, among others; as for probes.

        Proxies have addresses of a subnet of the network, which is in no country and on no list, and no tags.
        """
        return self._sources_without_tags(never=frozenset({"INTERNET"}), named=("srcAddressGroups", "srcFqdns"))

    def _sources_without_tags(self, never: frozenset[str], named: Sequence[str]) -> Sources:
        sources = self.written_sources()
        doubts = () if self.classic else tuple(why for name in named if (why := self._unread(name)) is not None)
        sources = Sources(sources.known, (*sources.unknown, *doubts))
        context = self._network_context()
        if isinstance(context, Undecided):
            return sources.narrowed(sure=False, why=context)
        if context is None:
            return sources
        reason = "whether the load balancer's connections count as such is not documented"
        unsure = self._undecided("match.srcNetworkContext", reason)
        return sources.narrowed(sure=context in never, why=unsure)

    def _unread(self, name: str) -> Undecided | None:
        """Say why a source that is no range may be Google's, if it is given and may be."""
        path = f"match.{name}"
        if self.place.peek(path) is None:
            return None
        if name not in _BY_PLACE:
            return self._undecided(path, f"what {_SAID_OF[name]} is not looked into")
        try:
            written = self.place.texts(path)
        except Undecided as unknown:
            return unknown
        if any(map(_BY_PLACE[name], written)):
            return self._undecided(path, "whether Google's own addresses are among its sources is not published")
        return None

    def destinations(self) -> Undecided | None:
        """Say that the rule is narrowed to some addresses of its targets, if it is: they are not known here."""
        return self._narrowed_by("destinationRanges" if self.classic else "match.destIpRanges")

    def origins(self) -> Undecided | None:
        """Say that a rule for outgoing connections is narrowed to some addresses of machines, if it is."""
        return self._narrowed_by("sourceRanges" if self.classic else "match.srcIpRanges")

    def _narrowed_by(self, path: str) -> Undecided | None:
        try:
            given = self.place.is_set(path)
        except Undecided as unknown:
            return unknown
        return self._undecided(path, "which addresses the machines have is not known") if given else None

    def reached(self) -> Sources:
        """Give the addresses that a rule for outgoing connections matches; what stands there by name is not known."""
        if self.classic:
            return self._listed("destinationRanges", others=())
        named = [f"match.{name}" for name in _NAMED_DESTINATIONS if self.place.peek(f"match.{name}") is not None]
        listed = self._listed("match.destIpRanges", others=named)
        doubts = [self._undecided(path, "which addresses it stands for is not looked into") for path in named]
        found = Sources(listed.known, (*listed.unknown, *doubts))
        context = next((why for name in _DESTINATION_CONTEXTS if (why := self._narrowed_by(f"match.{name}"))), None)
        if context is None:
            return found
        reason = "which addresses count as such is not looked into"
        return found.narrowed(sure=False, why=Undecided(context.urn, context.path, reason))

    def inspected(self) -> Undecided:
        """Say that a security profile group decides what passes the rule."""
        return self._undecided("securityProfileGroup", "what its security profile group lets pass is not known here")

    @cached_property
    def openings(self) -> tuple[Opening, ...]:
        """Protocols and ports that the rule matches."""
        return read_openings(self.place, self.layer4_path, "protocol" if self.classic else "ipProtocol")

    def reaches(self, protocol: str, port: int | Undecided) -> bool:
        """Tell whether the rule matches connections to a port.

        Args:
            protocol: `tcp` or `udp`.
            port: The port; `Undecided` where it is not known which one.
        """
        wanted = PortRange(port, port) if isinstance(port, int) else port
        return any_of(self.openings, lambda opening: opening.reaches(protocol, wanted))

    def written_sources(self) -> Sources:
        """Give the addresses that the rule names as sources; what else it names beside them is not counted."""
        others: Sequence[str] = (
            ("sourceTags", "sourceServiceAccounts")
            if self.classic
            else [f"match.{name}" for name in (*_OTHER_SOURCES, "srcAddressGroups")]
        )
        return self._listed(self.sources_path, others)

    def _listed(self, ranges: str, others: Sequence[str]) -> Sources:
        """Read a list of ranges. Where nothing else is named either, the rule matches every address."""
        if self.place.peek(ranges) is None:
            if any(self.place.peek(path) is not None for path in others):
                return Sources()
            # A VPC firewall rule that lists nothing is for IPv4 alone; Google takes 0.0.0.0/0 for what is left out.
            return Sources(_ANY_IPV4 if self.classic else EVERYWHERE)
        known: list[Network] = []
        unknown: list[Undecided] = []
        try:
            items = self.place.elements(ranges)
        except Undecided as whole:
            return Sources(unknown=(whole,))
        for item in items:
            try:
                known.append(_addresses(item))
            except Undecided as why:
                unknown.append(why)
        # All at once: one after the other takes time that grows with the square of the list.
        return Sources(RangeSet.of(*known), tuple(unknown))

    def _network_context(self) -> str | Undecided | None:
        """Give the network context of the sources, None if there is none."""
        if self.classic:
            return None
        try:
            # Rules inside a policy know only one of the two names.
            known_names = _NETWORK_CONTEXTS[1:] if isinstance(self.place, Element) else _NETWORK_CONTEXTS
            given = [f"match.{name}" for name in known_names if self.place.is_set(f"match.{name}")]
            written = next((text for path in given if (text := self.place.text(path))), None)
        except Undecided as unknown:
            return unknown
        if written in {None, "UNSPECIFIED"}:
            return "VPC_NETWORKS" if self.place.peek("match.srcNetworks") is not None else None
        return written

    def _undecided(self, path: str, reason: str) -> Undecided:
        return Undecided(self.resource.urn, self.place.full(path), reason)


def firewall_rules(resource: Resource) -> tuple[FirewallRule, ...]:
    """Give the rules that a resource holds; none if it is of another type.

    A list of rules that is unknown as a whole gives one rule of which everything is unknown.
    """
    if resource.type in OWN_RULE_TIERS:
        return (FirewallRule(resource, OWN_RULE_TIERS[resource.type]),)
    if resource.type not in RULE_LIST_TIERS:
        return ()
    tier = RULE_LIST_TIERS[resource.type]
    try:
        return tuple(FirewallRule(place, tier) for place in resource.elements("rules"))
    except Undecided:
        return (FirewallRule(Element(resource, "rules[0]"), tier),)


def rule_at(place: Place) -> FirewallRule:
    """Give the rule that is written at a place: a resource that is a rule, or an element of a list of rules."""
    tiers = RULE_LIST_TIERS if isinstance(place, Element) else OWN_RULE_TIERS
    return FirewallRule(place, tiers[place.resource.type])


def _addresses(item: Element) -> Network:
    text = item.text("")
    network = parse_range(text) if text is not None else None
    if network is None:
        raise Undecided(item.resource.urn, item.prefix, f"{text!r} is no range of addresses")
    return network
