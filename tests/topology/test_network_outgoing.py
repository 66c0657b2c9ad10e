"""What the machines of a stack can connect to: `reached` on hand-made graphs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policypack.gcp import types as t
from policypack.gcp.netranges import RangeSet
from policypack.model.values import UNKNOWN
from policypack.topology.compute import members_of
from tests.support.firewalls import EVERYTHING, denial, firewall, policy, policy_rule, web
from tests.support.graphs import get, preview, res, stack

if TYPE_CHECKING:
    from policypack.topology import Deployment
    from tests.support.graphs import Draft

THERE = "199.36.153.4/30"


def verdict(deployment: Deployment) -> str:
    machine = members_of(deployment.graph, get(deployment, "group")).machines[0]
    answer = deployment.network.reached(machine, RangeSet.of(THERE), 443)
    if answer.missing:
        return "out of reach"
    return "reached" if answer.why is None else "undecided"


def both(*drafts: Draft) -> str:
    """Give the verdict, which must be one before the first update and after it."""
    before, after = verdict(preview(*drafts)), verdict(stack(*drafts))
    assert before == after
    return after


def outgoing(name: str, action: str = "deny", priority: int = 1000, **match: Any) -> Draft:
    """Draft a policy rule for outgoing connections; it matches all that `match` does not narrow."""
    given = {"srcIpRanges": None, "destIpRanges": ["0.0.0.0/0"], **match}
    return policy_rule(name, action, priority, None, EVERYTHING, given, direction="EGRESS")


def classic(name: str, **props: Any) -> Draft:
    return denial(name, **{"direction": "EGRESS", "sourceRanges": None, "destinationRanges": ["0.0.0.0/0"], **props})


def test_without_rules_everything_is_reached() -> None:
    assert both(*web()) == "reached"


def test_a_denial_of_everything_cuts_off() -> None:
    assert both(*web(classic("deny"))) == "out of reach"
    assert both(*web(*policy(), outgoing("deny"))) == "out of reach"


def test_a_denial_without_destinations_is_one_of_everything() -> None:
    assert both(*web(classic("deny", destinationRanges=None))) == "out of reach"


@pytest.mark.parametrize(
    ("destinations", "expected"), [(None, "reached"), (["0.0.0.0/0"], "reached"), (["::/0"], "out of reach")]
)
def test_a_vpc_rule_without_destinations_says_nothing_of_ipv6(destinations: Any, expected: str) -> None:
    deployment = stack(*web(classic("deny", destinationRanges=destinations)))
    machine = members_of(deployment.graph, get(deployment, "group")).machines[0]
    answer = deployment.network.reached(machine, RangeSet.of("2600:2d00:2:2000::/64"), 443)
    assert ("out of reach" if answer.missing else "reached") == expected


def test_a_denial_of_what_comes_in_does_not_concern_what_goes_out() -> None:
    assert both(*web(denial())) == "reached"


def test_a_denial_of_what_goes_out_does_not_concern_what_comes_in() -> None:
    deployment = stack(*web(firewall(), classic("deny", priority=1)))
    machine = members_of(deployment.graph, get(deployment, "group")).machines[0]
    assert deployment.network.admits(machine, RangeSet.of("35.191.0.0/16"), 8443)


def test_an_allow_before_the_denial_reaches() -> None:
    allow = classic("allow", denies=None, allows=[{"protocol": "tcp", "ports": ["443"]}], destinationRanges=[THERE])
    assert both(*web(allow, classic("deny", priority=65000))) == "reached"
    assert both(*web(*policy(), outgoing("allow", "allow", 1, destIpRanges=[THERE]), outgoing("deny"))) == "reached"


@pytest.mark.parametrize(
    "narrowed",
    [{"destIpRanges": ["10.0.0.0/8"]}, {"destIpRanges": ["199.36.153.4/31"]}],
    ids=str,
)
def test_an_allow_of_other_destinations_does_not_help(narrowed: dict[str, Any]) -> None:
    assert both(*web(*policy(), outgoing("allow", "allow", 1, **narrowed), outgoing("deny"))) == "out of reach"


@pytest.mark.parametrize(
    "named",
    [
        {"destIpRanges": None, "destFqdns": ["storage.googleapis.com"]},
        {"destIpRanges": None, "destAddressGroups": ["projects/p/locations/global/addressGroups/apis"]},
        {"destNetworkScope": "NON_INTERNET"},
        {"destIpRanges": UNKNOWN},
        {"srcIpRanges": ["10.0.0.0/24"]},
    ],
    ids=str,
)
def test_what_a_rule_reaches_by_name_is_not_known(named: dict[str, Any]) -> None:
    assert both(*web(*policy(), outgoing("allow", "allow", 1, **named), outgoing("deny"))) == "undecided"


def test_a_rule_for_other_machines_does_not_count() -> None:
    assert both(*web(classic("deny", targetTags=["other"]))) == "reached"
    assert both(*web(classic("deny", targetTags=["web"]))) == "out of reach"


def test_goto_next_goes_on_to_what_is_implied() -> None:
    assert both(*web(*policy(), outgoing("next", "goto_next", 1), outgoing("deny"))) == "reached"


def test_in_a_network_outside_the_stack_nothing_is_cut_off_for_sure() -> None:
    outside = "projects/host/global/networks/shared"
    subnet = res(t.SUBNETWORK, "subnet", {"network": outside, "ipCidrRange": "10.0.0.0/24", "region": "europe-west1"})
    assert both(*web(classic("deny", network=outside), vpc=None, subnet=subnet)) == "undecided"
