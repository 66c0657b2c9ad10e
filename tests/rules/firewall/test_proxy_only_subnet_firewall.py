"""What the rule says of whole stacks, beyond the programs on its page; firewalls themselves: tests/topology."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policypack.engine.evaluator import evaluate_stack
from policypack.engine.settings import Settings
from policypack.engine.verdict import Status, Verdict
from policypack.gcp import types as t
from policypack.model.values import UNKNOWN
from policypack.rules.firewall.proxy_only_subnet_firewall import proxy_only_subnet_firewall
from tests.support.firewalls import LAYER4, PORT, denial, firewall, group, policy, policy_rule, template, web
from tests.support.graphs import blank, preview, ref, res, stack, stack_reference, unknown_ref

if TYPE_CHECKING:
    from policypack.topology import Deployment
    from tests.support.graphs import Draft

PROXIES = "10.129.0.0/23"


def verdict(deployment: Deployment) -> Verdict:
    (only,) = evaluate_stack(deployment, [proxy_only_subnet_firewall], Settings())
    return only


def both(*drafts: Draft) -> Status:
    """Give the verdict, which must be one before the first update and after it."""
    before, after = verdict(preview(*drafts)).status, verdict(stack(*drafts)).status
    assert before is after
    return after


def found(*drafts: Draft) -> str:
    (finding,) = verdict(stack(*drafts)).findings
    return finding.found


def subnet(name: str = "proxies", **props: Any) -> Draft:
    given = {
        "network": ref("vpc"),
        "ipCidrRange": PROXIES,
        "region": "europe-west1",
        "purpose": "REGIONAL_MANAGED_PROXY",
        "role": "ACTIVE",
        **props,
    }
    return res(t.SUBNETWORK, name, {key: value for key, value in given.items() if value is not None})


def regional(**props: Any) -> Draft:
    given = {
        "region": "europe-west1",
        "loadBalancingScheme": "INTERNAL_MANAGED",
        "protocol": "HTTPS",
        "portName": "https",
        "backends": [{"group": ref("group")}],
        **props,
    }
    return res(t.REGION_BACKEND_SERVICE, "api", {key: value for key, value in given.items() if value is not None})


def cross_region(**props: Any) -> Draft:
    given = {
        "loadBalancingScheme": "INTERNAL_MANAGED",
        "protocol": "HTTPS",
        "portName": "https",
        "backends": [{"group": ref("group")}],
        **props,
    }
    return res(t.BACKEND_SERVICE, "api", given)


def inside(*firewalls: Draft, **changed: Draft | None) -> tuple[Draft, ...]:
    """Draft a regional internal load balancer with its proxy-only subnet."""
    return web(*firewalls, **{"api": regional(), "probe": None, "proxies": subnet(), **changed})


def door(*sources: Any, **props: Any) -> Draft:
    return firewall(**{"sourceRanges": list(sources) or [PROXIES], **props})


def test_the_finding_names_network_range_port_and_group() -> None:
    assert found(*inside(firewall())) == (f"network vpc shuts out proxies from {PROXIES} to TCP port {PORT} of group")


def test_only_the_part_that_is_shut_out_is_named() -> None:
    assert "from 10.129.1.0/24 to" in found(*inside(door("10.129.0.0/24")))


def test_two_groups_have_one_finding() -> None:
    two = regional(backends=[{"group": ref("group")}, {"group": ref("second")}])
    assert found(*inside(group("second"), api=two)).endswith("of group, second")


@pytest.mark.parametrize(
    "rule",
    [
        door(),
        door("10.0.0.0/8"),
        door("0.0.0.0/0"),
        door("10.129.0.0/24", "10.129.1.0/24"),
        door(targetTags=["web"]),
        door(targetServiceAccounts=[ref("account")]),
        door(allows=[{"protocol": "tcp"}]),
        door(allows=[{"protocol": "tcp", "ports": ["8000-9000"]}]),
    ],
    ids=str,
)
def test_a_rule_that_lets_the_proxies_in_complies(rule: Draft) -> None:
    assert both(*inside(rule)) is Status.PASS


@pytest.mark.parametrize(
    "rule",
    [
        door("10.128.0.0/23"),
        door(targetTags=["other"]),
        door(sourceRanges=None, sourceTags=["proxy"]),
        door(allows=[{"protocol": "udp"}]),
        door(allows=[{"protocol": "tcp", "ports": ["443"]}]),
        door(disabled=True),
        denial(sourceRanges=[PROXIES]),
    ],
    ids=str,
)
def test_a_rule_for_others_violates(rule: Draft) -> None:
    assert both(*inside(rule)) is Status.FAIL


def test_a_denial_before_the_rule_violates() -> None:
    assert both(*inside(door(), denial(priority=1, sourceRanges=["10.0.0.0/8"]))) is Status.FAIL


def test_a_policy_lets_the_proxies_in() -> None:
    assert both(*inside(*policy(), policy_rule(sources=[PROXIES]))) is Status.PASS


@pytest.mark.parametrize(
    ("context", "expected"),
    [("INTRA_VPC", Status.UNDECIDED), ("NON_INTERNET", Status.UNDECIDED), ("INTERNET", Status.FAIL)],
)
def test_a_network_context_may_hold_proxies_unless_it_is_the_internet(context: str, expected: Status) -> None:
    rule = policy_rule(sources=[PROXIES], layer4=LAYER4, match={"srcNetworkContext": context})
    assert both(*inside(*policy(), rule)) is expected


def test_a_rule_for_whole_networks_may_hold_proxies() -> None:
    match = {"srcIpRanges": None, "srcNetworkScope": "VPC_NETWORKS", "srcNetworks": [ref("vpc")]}
    assert both(*inside(*policy(), policy_rule(layer4=LAYER4, match=match))) is Status.UNDECIDED


# Which subnets count


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"purpose": "INTERNAL_HTTPS_LOAD_BALANCER"}, Status.FAIL),
        ({"role": None}, Status.FAIL),
        ({"role": "BACKUP"}, Status.UNDECIDED),
        ({"region": "asia-northeast1"}, Status.UNDECIDED),
        ({"purpose": "GLOBAL_MANAGED_PROXY"}, Status.UNDECIDED),
        ({"purpose": "PRIVATE"}, Status.UNDECIDED),
        ({"network": "elsewhere"}, Status.UNDECIDED),
        ({"purpose": UNKNOWN}, Status.UNDECIDED),
        ({"ipCidrRange": UNKNOWN}, Status.UNDECIDED),
        ({"ipCidrRange": "all of it"}, Status.UNDECIDED),
    ],
    ids=str,
)
def test_proxies_have_addresses_of_the_active_subnet_of_their_region(changed: dict[str, Any], expected: Status) -> None:
    assert both(*inside(firewall(), proxies=subnet(**changed))) is expected


def test_a_backup_subnet_that_is_shut_out_complies() -> None:
    backup = subnet("backup", ipCidrRange="10.131.0.0/23", role="BACKUP")
    assert both(*inside(door(), backup)) is Status.PASS


def test_cross_region_proxies_may_be_in_any_region() -> None:
    purpose = "GLOBAL_MANAGED_PROXY"
    here = subnet(purpose=purpose)
    there = subnet("there", purpose=purpose, ipCidrRange="10.131.0.0/23", region="asia-northeast1")
    assert both(*inside(there, door(), proxies=here, api=cross_region())) is Status.FAIL
    assert both(*inside(there, door(PROXIES, "10.131.0.0/23"), proxies=here, api=cross_region())) is Status.PASS


@pytest.mark.parametrize("proxies", [None, subnet(ipCidrRange=UNKNOWN)], ids=["elsewhere", "unknown"])
def test_addresses_that_are_not_known_matter_only_where_some_get_through(proxies: Draft | None) -> None:
    assert both(*inside(proxies=proxies)) is Status.FAIL
    assert both(*inside(door(), proxies=proxies)) is Status.UNDECIDED
    assert both(*inside(door("0.0.0.0/0"), proxies=proxies)) is Status.PASS


def test_without_a_known_subnet_the_finding_says_that_nobody_gets_through() -> None:
    assert "proxies, like everybody else, to" in found(*inside(proxies=None))


# Which load balancers and backends


@pytest.mark.parametrize("props", [{"protocol": "TCP"}, {"loadBalancingScheme": "EXTERNAL_MANAGED"}], ids=str)
def test_every_regional_load_balancer_with_proxies_is_judged(props: dict[str, Any]) -> None:
    assert both(*inside(firewall(), api=regional(**props))) is Status.FAIL
    assert both(*inside(door(), api=regional(**props))) is Status.PASS


@pytest.mark.parametrize(
    "service",
    [
        regional(loadBalancingScheme="INTERNAL", protocol="TCP"),
        regional(loadBalancingScheme="EXTERNAL", protocol="TCP"),
        cross_region(loadBalancingScheme="EXTERNAL_MANAGED"),
        cross_region(loadBalancingScheme="EXTERNAL"),
        cross_region(loadBalancingScheme="INTERNAL_SELF_MANAGED"),
        regional(backends=None),
        regional(backends=[{"group": "projects/p/zones/europe-west1-b/instanceGroups/elsewhere"}]),
    ],
    ids=str,
)
def test_others_have_no_proxies_or_no_machines_here(service: Draft) -> None:
    assert both(*inside(api=service)) is Status.NOT_APPLICABLE


def test_an_unknown_scheme_is_undecided() -> None:
    assert both(*inside(firewall(), api=regional(loadBalancingScheme=UNKNOWN))) is Status.UNDECIDED


def endpoints(kind: str, **props: Any) -> Draft:
    given = {"zone": "europe-west1-b", "network": ref("vpc"), "networkEndpointType": kind, **props}
    return res(t.NETWORK_ENDPOINT_GROUP, "group", given)


def test_zonal_endpoint_groups_are_judged_by_their_default_port() -> None:
    neg = endpoints("GCE_VM_IP_PORT", defaultPort=PORT)
    assert both(*inside(firewall(), template=None, group=neg)) is Status.FAIL
    assert both(*inside(door(), template=None, group=neg)) is Status.PASS


def test_hybrid_endpoint_groups_stand_behind_other_firewalls() -> None:
    neg = endpoints("NON_GCP_PRIVATE_IP_PORT")
    assert both(*inside(template=None, group=neg)) is Status.NOT_APPLICABLE


def test_every_port_of_the_name_is_served() -> None:
    two = group(namedPorts=[{"name": "https", "port": PORT}, {"name": "https", "port": 9443}])
    assert both(*inside(door(), group=two)) is Status.FAIL


def test_a_name_that_the_group_does_not_have_matters_only_where_ports_are_told_apart() -> None:
    api = regional(portName="nobody-has-it")
    assert both(*inside(door(), api=api)) is Status.UNDECIDED
    assert both(*inside(door(allows=[{"protocol": "tcp"}]), api=api)) is Status.PASS


# Unknown values


def test_a_fault_in_one_group_is_said_although_another_is_unknown() -> None:
    two = regional(backends=[{"group": ref("group")}, {"group": unknown_ref("platform")}])
    result = verdict(stack(*inside(stack_reference("platform"), api=two)))
    assert result.status is Status.FAIL
    assert result.undecided


def test_one_unknown_group_with_two_candidates_fails_only_undecided() -> None:
    one = regional(backends=[{"group": unknown_ref("group", "second")}])
    canary = template("canary", tags=["canary"])
    second = group("second", versions=[{"instanceTemplate": ref("canary")}])
    assert both(*inside(canary, second, door(), api=one)) is Status.PASS
    assert both(*inside(canary, second, door(targetTags=["web"]), api=one)) is Status.UNDECIDED


def test_what_a_target_run_left_out_is_undecided() -> None:
    for name, token in (
        ("api", t.REGION_BACKEND_SERVICE),
        ("group", t.REGION_INSTANCE_GROUP_MANAGER),
        ("template", t.INSTANCE_TEMPLATE),
        ("proxies", t.SUBNETWORK),
    ):
        assert both(*inside(firewall(), **{name: blank(token, name)})) is Status.UNDECIDED, name
