"""Private ways to Google's own APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp import types as t
from policypack.model.logic import all_hold
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, any_of, rule
from policypack.topology.identity import names
from policypack.topology.populated import PopulatedNetwork

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.rules.contract import Resource

_DOMAIN = "googleapis.com."


@rule(
    severity=Severity.LOW,
    subjects=(PopulatedNetwork,),
    follows=(t.GLOBAL_FORWARDING_RULE, t.MANAGED_ZONE),
    fix="Add a GlobalForwardingRule with target all-apis or vpc-sc and an address of the network, or a private zone "
    "for googleapis.com. that answers with 199.36.153.4/30.",
    controls={"CIS GCP 5.0": ["3.9"], "NIST 800-53 r5": ["SC-7"], "ISO 27001:2022": ["A.8.20"]},
    opt_in=True,
)
def psc_for_google_apis(network: PopulatedNetwork) -> Findings:
    """Machines reach Google's own APIs at private addresses."""
    if not network.machines:
        if network.unknown:
            raise network.unknown[0]
        raise NotApplicable("no machine of this stack runs in it")
    graph = network.plane.graph

    def is_endpoint(one: Resource) -> bool:
        return all_hold(
            lambda: _targets_apis(one), lambda: names(graph.references(one, "network").targets(), network.resource)
        )

    questions: tuple[Callable[[], bool], ...] = (
        lambda: any_of(graph.of_type(t.GLOBAL_FORWARDING_RULE), is_endpoint),
        lambda: any_of(graph.of_type(t.MANAGED_ZONE), _is_private_zone),
    )
    if not any_of(questions, lambda question: question()):
        yield network.resource.finding(
            "",
            expected="an endpoint for Google APIs, or a private zone for googleapis.com.",
            found="neither: machines ask for public addresses of Google's",
        )


def _targets_apis(rule_itself: Resource) -> bool:
    if rule_itself.property_dependencies.get("target"):
        return False  # what is made from another resource is its id
    return rule_itself.text("target") in ("all-apis", "vpc-sc")


def _is_private_zone(zone: Resource) -> bool:
    if zone.text("visibility") != "private":
        return False
    name = zone.text("dnsName")
    if name is None:
        raise Undecided(zone.urn, "dnsName", "it is missing")
    return name == _DOMAIN or name.endswith(f".{_DOMAIN}")
