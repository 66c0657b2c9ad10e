"""Cloud Armor policies: their rules, wherever those are written, and what they stand before.

Sources, by title: "Security policy overview" (types, evaluation order, default rule) and "Configure custom rules
language attributes" of the Cloud Armor documentation.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, ClassVar, Final, Protocol, TypeAlias, TypeVar

from policypack.gcp import types as t
from policypack.gcp.netranges import EVERYWHERE, RangeSet, parse_range
from policypack.model.graph import External
from policypack.model.logic import Undecided, all_hold, any_holds, any_of
from policypack.model.records import cached_property, dataclass, field
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT, PROPERTIES_MISSING, Element, Resource
from policypack.model.values import Unknown
from policypack.topology.exposure import bucket_reached, reached
from policypack.topology.given import flag_given, text_given
from policypack.topology.identity import names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from policypack.model.graph import Graph
    from policypack.topology.deployment import Deployment
    from policypack.topology.load_balancing import LoadBalancing
    from policypack.topology.services import BackendService


class _HasResource(Protocol):
    @property
    def resource(self) -> Resource:
        """The resource behind a view, or the resource itself."""


V = TypeVar("V", bound=_HasResource)

Place: TypeAlias = "Resource | Element"
"""Where a rule is written: a resource of its own, or an element of the policy's list."""

DEFAULT_PRIORITY: Final = 2147483647
"""Priority of the rule that every policy ends with; where nobody writes it, it allows everything."""

BACKEND_POLICY: Final = "CLOUD_ARMOR"
EDGE_POLICY: Final = "CLOUD_ARMOR_EDGE"
NETWORK_POLICY: Final = "CLOUD_ARMOR_NETWORK"
MESH_POLICY: Final = "CLOUD_ARMOR_INTERNAL_SERVICE"

_RULE_TYPES: Final = {
    t.SECURITY_POLICY: t.SECURITY_POLICY_RULE,
    t.REGION_SECURITY_POLICY: t.REGION_SECURITY_POLICY_RULE,
}


class ArmorAction(enum.Enum):
    """What a rule does with a request that it matches."""

    ALLOW = "allow"
    DENY = "deny"
    THROTTLE = "throttle"  # allows up to a rate
    BAN = "rate_based_ban"  # the same, and then nothing for a while
    REDIRECT = "redirect"


LIMITING: Final = frozenset({ArmorAction.THROTTLE, ArmorAction.BAN})
"""Actions that let a client in up to a rate."""

ADMITTING: Final = frozenset({ArmorAction.ALLOW, *LIMITING})
"""Actions after which a request is let in, and no later rule is asked."""


@dataclass(frozen=True, eq=False)
class ArmorRule:
    """One rule of a policy. Every question about an unknown value raises `Undecided`.

    Attributes:
        place: Where it is written.
    """

    place: Place

    def priority(self) -> float:
        """Give its priority: the lowest number is asked first."""
        number = self.place.number("priority")
        if number is None:
            raise self._undecided("priority", "it is missing")
        return number

    def default(self) -> bool:
        """Tell whether it is the rule that every policy ends with."""
        return self.priority() == DEFAULT_PRIORITY

    def action(self) -> ArmorAction:
        """Tell what it does."""
        written = (self.place.text("action") or "").lower()
        try:
            return ArmorAction(written.partition("(")[0])
        except ValueError:
            raise self._undecided("action", f"{written!r} is no action that is known here") from None

    def protects(self) -> bool:
        """Tell whether it keeps anything out: it denies, limits or sends elsewhere."""
        return self.action() is not ArmorAction.ALLOW

    def shuts_out(self) -> bool:
        """Tell whether it lets in nobody whom it matches: it denies, or sends elsewhere."""
        return self.action() not in ADMITTING

    def enforced(self) -> bool:
        """Tell whether it does what it says, and does not merely log what it would do."""
        return flag_given(self.place, "preview") is not True

    def expression(self) -> str | None:
        """Give the expression that requests are matched with; None if addresses are all that is asked."""
        return self.place.text("match.expr.expression")

    def sources(self) -> RangeSet | None:
        """Give the addresses that it matches, all of them for sure; None if an expression decides."""
        expression = self.expression()
        if expression is not None:
            return EVERYWHERE if expression.strip() == "true" else None
        if self.place.peek("match.config.srcIpRanges") is None:
            return None
        places = self.place.elements("match.config.srcIpRanges")
        return RangeSet.of(*(text for place in places for text in _ranges(place)))

    def _undecided(self, path: str, reason: str) -> Undecided:
        return Undecided(self.place.resource.urn, self.place.full(path), reason)


def _ranges(item: Element) -> tuple[str, ...]:
    text = item.text("") or ""
    if text == "*":
        return ("0.0.0.0/0", "::/0")
    if parse_range(text) is None:
        raise Undecided(item.resource.urn, item.prefix, f"{text!r} is no range of addresses")
    return (text,)


@dataclass(eq=False)
class ArmorPolicy:
    """A Cloud Armor policy, global or regional, with its rules and what it stands before.

    Attributes:
        resource: The policy.
        plane: The load balancers of the deployment.
    """

    types: ClassVar[tuple[str, ...]] = t.SECURITY_POLICIES
    follows: ClassVar[tuple[str, ...]] = (*t.LOAD_BALANCING, *t.SECURITY_POLICY_RULES)

    resource: Resource
    plane: LoadBalancing = field(repr=False)

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[ArmorPolicy]:
        """List every policy of a deployment, sorted by URN."""
        return [cls(one, deployment.load_balancing) for one in deployment.graph.of_type(*t.SECURITY_POLICIES)]

    @property
    def graph(self) -> Graph:
        """All resources of the stack."""
        return self.plane.graph

    def kind(self) -> str:
        """Read the type of policy: `CLOUD_ARMOR` where the program says nothing."""
        return text_given(self.resource, "type") or BACKEND_POLICY

    @property
    def rules(self) -> tuple[ArmorRule, ...]:
        """The rules that it has for sure, in no order: the priorities are for those who ask."""
        return self._rules[0]

    @property
    def open(self) -> Undecided | None:
        """Why it may have other rules besides; None if these are all that this stack gives it."""
        return self._rules[1]

    @cached_property
    def _rules(self) -> tuple[tuple[ArmorRule, ...], Undecided | None]:
        own: list[ArmorRule] = []
        why: Undecided | None = None
        for resource in self.graph.of_type(_RULE_TYPES[self.resource.type]):
            try:
                if self._named_by(resource, "securityPolicy"):
                    own.append(ArmorRule(resource))
            except Undecided as unknown:
                why = why or unknown
        try:
            inline = self._inline()
        except Undecided as unknown:
            return tuple(own), unknown
        if not self._written:
            # The provider lists all rules of a policy that gives none itself: those of their own are among them.
            listed = {_priority(rule) for rule in own}
            inline = [rule for rule in inline if _priority(rule) not in listed]
        return (*own, *inline), why

    @property
    def _written(self) -> bool:
        return not self.resource.blank and self.resource.is_set("rules")

    def _inline(self) -> list[ArmorRule]:
        """Give the rules that stand in the policy itself.

        Raises:
            Undecided: They are unknown as a whole, or left to something else.
        """
        if self.resource.blank:
            raise Undecided(self.resource.urn, "rules", PROPERTIES_MISSING)
        if any(path.split("[")[0] == "rules" for path in self.resource.options.ignore_changes):
            raise Undecided(self.resource.urn, "rules", "they are left to something outside the stack (ignore_changes)")
        if not self._written and isinstance(self.resource.peek("rules"), Unknown):
            return []
        return [ArmorRule(place) for place in self.resource.elements("rules")]

    def has(self, question: Callable[[ArmorRule], bool]) -> bool:
        """Tell whether something holds of one of its rules.

        Raises:
            Undecided: It may hold of one.
        """
        if any_of(self.rules, question):
            return True
        if self.open is not None:
            raise Undecided(*self.open.key)
        return False

    def denies_the_rest(self) -> bool:
        """Tell whether it lets in those alone whom a rule lets in: its last rule denies, and is enforced.

        Raises:
            Undecided: It may.
        """
        return self.has(lambda rule: all_hold(rule.default, rule.shuts_out, rule.enforced))

    def guards(self, question: Callable[[BackendService], bool]) -> bool:
        """Tell whether it is the policy of a backend service of which something holds.

        Raises:
            Undecided: It may be.
        """
        return self._stands_before(self.plane.services, "securityPolicy", question)

    def in_use(self) -> bool:
        """Tell whether it stands before something that a front end leads to.

        Raises:
            Undecided: It may.
        """
        cached = [service for service in self.plane.services if service.is_global]
        buckets = self.graph.of_type(t.BACKEND_BUCKET)
        return any_holds(
            lambda: self.guards(reached),
            lambda: self._stands_before(cached, "edgeSecurityPolicy", reached),
            lambda: self._stands_before(
                buckets, "edgeSecurityPolicy", lambda bucket: bucket_reached(bucket, self.plane)
            ),
        )

    def _stands_before(self, able: Iterable[V], path: str, question: Callable[[V], bool]) -> bool:
        return any_of(able, lambda one: all_hold(lambda: self._named_by(one.resource, path), lambda: question(one)))

    def _named_by(self, owner: Resource, path: str) -> bool:
        """Tell whether a property names this policy."""
        named = self.graph.references(owner, path).targets()
        if names(named, self.resource):
            return True
        outside = any(isinstance(target, External) for target in named.certain)
        if outside and isinstance(self.resource.peek("name"), Unknown):
            raise Undecided(self.resource.urn, "name", KNOWN_AFTER_DEPLOYMENT)
        return False

    def __repr__(self) -> str:
        return f"<ArmorPolicy {self.resource.name}>"


def _priority(rule: ArmorRule) -> float | None:
    number = rule.place.peek("priority")
    return number if isinstance(number, (int, float)) else None
