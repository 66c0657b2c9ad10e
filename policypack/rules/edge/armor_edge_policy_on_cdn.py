"""Cloud Armor before the cache, where it decides who may come in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final

from policypack.gcp import types as t
from policypack.gcp.netranges import RangeSet
from policypack.model.graph import External
from policypack.model.logic import Bounds, Undecided, all_hold, any_holds
from policypack.rules.contract import Findings, NotApplicable, Param, Severity, rule
from policypack.rules.edge._cached import Origin
from policypack.rules.edge._policies import CONTROLS, SLOT
from policypack.topology.armor import ADMITTING, ArmorPolicy
from policypack.topology.exposure import any_in
from policypack.topology.given import text_given

if TYPE_CHECKING:
    from policypack.model.graph import Target
    from policypack.topology.armor import ArmorRule

_EDGE: Final = "edgeSecurityPolicy"
_IPV4: Final = RangeSet.of("0.0.0.0/0")
_BY_PLACE: Final = re.compile(r"\borigin\.region_code\b|!\s*inIpRange\b")
"""What stands in expressions that say which countries, or which networks alone, may come in."""
_OF_SOME_REQUESTS: Final = re.compile(r"&&.*\brequest\.|\brequest\..*&&", re.DOTALL)
"""What stands in expressions that shut clients out of some requests only, such as those for a login."""
_BY_CLIENT: Final = re.compile(r"\borigin\.|\binIpRange\b|\brequest\.headers\[(?!\s*['\"]host['\"])", re.IGNORECASE)
"""What stands in expressions that know clients, and not merely what is asked for."""


@rule(
    severity=Severity.HIGH,
    subjects=(Origin,),
    fix="Name a SecurityPolicy of type CLOUD_ARMOR_EDGE in edge_security_policy, with the rules on who may come in.",
    controls=CONTROLS,
    follows=(*t.SECURITY_POLICIES, *t.SECURITY_POLICY_RULES),
)
def armor_edge_policy_on_cdn(
    origin: Origin,
    *,
    always: Annotated[bool, Param("Whether everything that is cached needs an edge policy, buckets included.")] = False,
) -> Findings:
    """Where a Cloud Armor policy shuts clients out of a cached service, an edge policy shuts them out of the cache."""
    if not origin.cached():
        raise NotApplicable("Cloud CDN is off")
    if not origin.plane.graph.references(origin.resource, _EDGE).empty:
        return
    if not always and not _shuts_out(origin):
        raise NotApplicable("no rule says which countries, or whom alone, it is for")
    origin.must_be_exposed()
    found = (
        "unset: what the cache holds is given to everybody"
        if always
        else f"unset: those whom {SLOT} turns away are served from the cache, which is asked first"
    )
    yield origin.resource.finding(_EDGE, expected="a policy of type CLOUD_ARMOR_EDGE", found=found)


def _shuts_out(origin: Origin) -> bool:
    """Tell whether the policy behind the cache says which countries, or whom alone, it lets in."""
    if origin.service is None:
        return False
    policies = origin.plane.graph.references(origin.resource, SLOT).bounds(lambda target: _policy(origin, target))
    return any_in(policies, _says_whom)


def _policy(origin: Origin, target: Target) -> Bounds[ArmorPolicy]:
    if isinstance(target, External):
        reason = f"the rules of its policy are not of this stack ({target.text})"
        return Bounds.anything(Undecided(origin.resource.urn, SLOT, reason))
    return Bounds.exactly(ArmorPolicy(target, origin.plane)) if target.type in t.SECURITY_POLICIES else Bounds()


def _says_whom(policy: ArmorPolicy) -> bool:
    """Tell whether a policy is there to say who may have the content, and not only to shield the origin."""
    return any_holds(
        lambda: policy.has(lambda rule: all_hold(lambda: _keeps_out(rule), rule.enforced, lambda: _by_place(rule))),
        lambda: all_hold(policy.denies_the_rest, lambda: policy.has(_lets_in_some)),
    )


def _keeps_out(rule: ArmorRule) -> bool:
    """Tell whether nobody whom it matches gets in. Who is only asked to prove that they are no robot may well do."""
    return rule.shuts_out() and text_given(rule.place, "redirectOptions.type") != "GOOGLE_RECAPTCHA"


def _by_place(rule: ArmorRule) -> bool:
    expression = rule.expression() or ""
    return bool(_BY_PLACE.search(expression)) and not _OF_SOME_REQUESTS.search(expression)


def _lets_in_some(rule: ArmorRule) -> bool:
    """Tell whether a rule lets in clients that it knows. Those who come for a host or a path may be anybody."""
    return all_hold(lambda: rule.action() in ADMITTING, rule.enforced, lambda: _knows_clients(rule))


def _knows_clients(rule: ArmorRule) -> bool:
    expression = rule.expression()
    if expression is not None:
        return bool(_BY_CLIENT.search(expression))
    sources = rule.sources()
    return sources is not None and not sources.covers(_IPV4)
