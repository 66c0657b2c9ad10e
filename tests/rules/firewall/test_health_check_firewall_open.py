"""What the rule says of whole stacks, beyond the programs on its page; firewalls themselves: tests/topology."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policypack.engine.evaluator import evaluate_stack
from policypack.engine.settings import Settings
from policypack.engine.verdict import Status, Verdict
from policypack.gcp import types as t
from policypack.model.values import UNKNOWN
from policypack.rules.firewall.health_check_firewall_open import health_check_firewall_open
from tests.support.firewalls import PORT, PROBES, denial, firewall, group, service, template, web
from tests.support.graphs import blank, preview, ref, res, stack, stack_reference, unknown_ref

if TYPE_CHECKING:
    from policypack.topology import Deployment
    from tests.support.graphs import Draft


def verdict(deployment: Deployment) -> Verdict:
    (only,) = evaluate_stack(deployment, [health_check_firewall_open], Settings())
    return only


def both(*drafts: Draft) -> Status:
    """Give the verdict, which must be one before the first update and after it."""
    before, after = verdict(preview(*drafts)).status, verdict(stack(*drafts)).status
    assert before is after
    return after


def found(*drafts: Draft) -> str:
    (finding,) = verdict(stack(*drafts)).findings
    return finding.found


def check(**block: Any) -> Draft:
    return res(t.HEALTH_CHECK, "probe", block)


def port_open(number: int) -> Draft:
    return firewall(allows=[{"protocol": "tcp", "ports": [str(number)]}])


def test_the_finding_names_network_ranges_port_and_group() -> None:
    assert found(*web(firewall(sourceRanges=["35.191.0.0/16"]))) == (
        f"network vpc shuts out probes from 130.211.0.0/22 to TCP port {PORT} of group"
    )


def test_one_backend_service_has_one_finding_for_all_its_groups() -> None:
    two = service(backends=[{"group": ref("group")}, {"group": ref("second")}])
    assert found(*web(group("second", region="asia-northeast1"), api=two)) == (
        f"network vpc shuts out probes from 35.191.0.0/16, 130.211.0.0/22 to TCP port {PORT} of group, second"
    )


@pytest.mark.parametrize(
    ("probe", "port"),
    [
        ({"httpHealthCheck": {"port": 9000}}, 9000),
        ({"httpHealthCheck": {"requestPath": "/up"}}, 80),
        ({"httpsHealthCheck": {"requestPath": "/up"}}, 443),
        ({"http2HealthCheck": {"requestPath": "/up"}}, 443),
        ({"tcpHealthCheck": {"proxyHeader": "NONE"}}, 443),
        ({"sslHealthCheck": {"proxyHeader": "NONE"}}, 443),
        ({"grpcHealthCheck": {"port": 50051}}, 50051),
        ({"httpsHealthCheck": {"portSpecification": "USE_SERVING_PORT"}}, PORT),
        ({"httpsHealthCheck": {"portSpecification": "USE_NAMED_PORT", "portName": "https"}}, PORT),
        ({"httpsHealthCheck": {"portName": "https"}}, PORT),
        ({"httpsHealthCheck": {"port": 1234, "portName": "https"}}, 1234),
        ({"httpsHealthCheck": {"portSpecification": "USE_FIXED_PORT", "port": 1234}}, 1234),
    ],
    ids=str,
)
def test_the_port_that_is_probed(probe: dict[str, Any], port: int) -> None:
    assert both(*web(port_open(port), probe=check(**probe))) is Status.PASS
    assert both(*web(port_open(port + 1), probe=check(**probe))) is Status.FAIL


def test_legacy_health_checks_have_ports_of_their_own() -> None:
    legacy = res(t.HTTP_HEALTH_CHECK, "probe", {})
    assert both(*web(port_open(80), probe=legacy)) is Status.PASS
    assert both(*web(port_open(443), probe=legacy)) is Status.FAIL


@pytest.mark.parametrize(
    "probe",
    [
        {"httpsHealthCheck": {"port": UNKNOWN}},
        {"httpsHealthCheck": {"portSpecification": UNKNOWN}},
        {"httpsHealthCheck": {"portSpecification": "USE_NAMED_PORT", "portName": "nobody-has-it"}},
        {"grpcHealthCheck": {"grpcServiceName": "up"}},
        {"httpsHealthCheck": UNKNOWN},
    ],
    ids=str,
)
def test_a_port_that_is_not_known_matters_only_where_ports_are_told_apart(probe: dict[str, Any]) -> None:
    assert both(*web(firewall(), probe=check(**probe))) is Status.UNDECIDED
    assert both(*web(firewall(allows=[{"protocol": "tcp"}]), probe=check(**probe))) is Status.PASS
    assert both(*web(probe=check(**probe))) is Status.FAIL


def test_without_a_port_name_the_usual_one_is_the_serving_port() -> None:
    probe = check(httpsHealthCheck={"portSpecification": "USE_SERVING_PORT"})
    named = group(namedPorts=[{"name": "http", "port": 8080}])
    assert both(*web(port_open(8080), probe=probe, group=named, api=service(portName=None))) is Status.PASS


def test_every_port_of_one_name_is_probed() -> None:
    probe = check(httpsHealthCheck={"portSpecification": "USE_SERVING_PORT"})
    named = group(namedPorts=[{"name": "https", "port": 8443}, {"name": "https", "port": 9443}])
    assert both(*web(port_open(8443), probe=probe, group=named)) is Status.FAIL


def test_autohealing_probes_count() -> None:
    alive = res(t.HEALTH_CHECK, "alive", {"httpHealthCheck": {"port": 9000}})
    healed = group(autoHealingPolicies={"healthCheck": ref("alive"), "initialDelaySec": 600})
    assert both(*web(firewall(), alive, group=healed)) is Status.FAIL
    assert "for autohealing" in found(*web(firewall(), alive, group=healed))
    both_open = firewall(allows=[{"protocol": "tcp", "ports": [str(PORT), "9000"]}])
    assert both(*web(both_open, alive, group=healed)) is Status.PASS


def test_autohealing_by_the_same_check_is_said_once() -> None:
    healed = group(autoHealingPolicies={"healthCheck": ref("probe"), "initialDelaySec": 600})
    assert "for autohealing" not in found(*web(group=healed))


# Kinds of load balancers


def regional(scheme: str, **props: Any) -> Draft:
    given = {
        "region": "europe-west1",
        "loadBalancingScheme": scheme,
        "healthChecks": ref("probe"),
        "backends": [{"group": ref("group")}],
        **props,
    }
    return res(t.REGION_BACKEND_SERVICE, "api", given)


REGIONAL_PROBE = res(t.REGION_HEALTH_CHECK, "probe", {"region": "europe-west1", "httpsHealthCheck": {"port": PORT}})


@pytest.mark.parametrize("scheme", ["INTERNAL_MANAGED", "EXTERNAL_MANAGED", "INTERNAL"])
def test_regional_backend_services_are_probed_from_the_usual_ranges(scheme: str) -> None:
    assert both(*web(firewall(), probe=REGIONAL_PROBE, api=regional(scheme))) is Status.PASS
    assert both(*web(probe=REGIONAL_PROBE, api=regional(scheme))) is Status.FAIL


def test_an_external_passthrough_load_balancer_is_probed_from_ranges_of_its_own() -> None:
    own = firewall(sourceRanges=["35.191.0.0/16", "209.85.152.0/22", "209.85.204.0/22"])
    assert both(*web(own, probe=REGIONAL_PROBE, api=regional("EXTERNAL"))) is Status.PASS
    assert both(*web(firewall(), probe=REGIONAL_PROBE, api=regional("EXTERNAL"))) is Status.FAIL


def test_an_unknown_scheme_is_undecided() -> None:
    assert both(*web(firewall(), probe=REGIONAL_PROBE, api=regional("INTERNAL", loadBalancingScheme=UNKNOWN))) is (
        Status.UNDECIDED
    )


def test_a_backend_service_for_ipv6_alone_is_probed_from_ipv6() -> None:
    only6 = service(ipAddressSelectionPolicy="IPV6_ONLY")
    assert both(*web(firewall(), api=only6)) is Status.FAIL
    assert both(*web(firewall(sourceRanges=["2600:2d00:1:b029::/64"]), api=only6)) is Status.FAIL
    ranges = ["2600:2d00:1:b029::/64", "2600:2d00:1:1::/64"]
    assert both(*web(firewall(sourceRanges=ranges), api=only6)) is Status.PASS


def passthrough(*versions: Any) -> tuple[Draft, ...]:
    """Draft an internal passthrough load balancer with a front end for each version."""
    return tuple(
        res(
            t.FORWARDING_RULE,
            f"front-{index}",
            {
                "region": "europe-west1",
                "loadBalancingScheme": "INTERNAL",
                "backendService": ref("api"),
                "ports": ["8443"],
                **version,
            },
        )
        for index, version in enumerate(versions)
    )


SIX, FOUR = {"ipVersion": "IPV6"}, {"ipVersion": "IPV4"}
PROBES6 = "2600:2d00:1:b029::/64"


@pytest.mark.parametrize(
    ("versions", "sources", "expected"),
    [
        ([{}], PROBES, Status.PASS),
        ([FOUR], PROBES, Status.PASS),
        ([SIX], PROBES, Status.FAIL),
        ([SIX], [PROBES6], Status.PASS),
        ([SIX], None, Status.FAIL),
        ([FOUR, SIX], PROBES, Status.FAIL),
        ([FOUR, SIX], [PROBES6], Status.FAIL),
        ([FOUR, SIX], [*PROBES, PROBES6], Status.PASS),
        ([{"ipAddress": "10.0.0.9"}], PROBES, Status.PASS),
        ([{"ipAddress": "fd20::9"}], PROBES, Status.FAIL),
        ([{"ipAddress": ref("six")}], PROBES, Status.FAIL),
        ([{"ipVersion": UNKNOWN}], PROBES, Status.UNDECIDED),
    ],
    ids=str,
)
def test_passthrough_load_balancers_are_probed_as_their_front_ends_are_reached(
    versions: list[Any], sources: list[str] | None, expected: Status
) -> None:
    address = res(t.ADDRESS, "six", {"region": "europe-west1", "ipVersion": "IPV6"})
    parts = (firewall(sourceRanges=sources), *passthrough(*versions), address)
    assert both(*web(*parts, probe=REGIONAL_PROBE, api=regional("INTERNAL"))) is expected


# Not applicable


@pytest.mark.parametrize(
    "changed",
    [
        {"healthChecks": None},
        {"healthChecks": "bare-name"},
        {"backends": None},
        {"backends": [{"group": "projects/p/zones/europe-west1-b/instanceGroups/elsewhere"}]},
        {"backends": [{"group": "bare-name"}]},
    ],
    ids=str,
)
def test_what_is_for_other_rules_to_say(changed: dict[str, Any]) -> None:
    assert both(*web(probe=check(tcpHealthCheck={"port": 1}), api=service(**changed))) is (Status.NOT_APPLICABLE)


@pytest.mark.parametrize("kind", ["SERVERLESS", "PRIVATE_SERVICE_CONNECT"])
def test_regional_endpoint_groups_are_not_probed(kind: str) -> None:
    endpoints = res(t.REGION_NETWORK_ENDPOINT_GROUP, "group", {"region": "europe-west1", "networkEndpointType": kind})
    assert both(*web(template=None, group=endpoints)) is Status.NOT_APPLICABLE


def test_hybrid_endpoint_groups_are_probed_by_proxies() -> None:
    endpoints = res(
        t.NETWORK_ENDPOINT_GROUP,
        "group",
        {"zone": "europe-west1-b", "network": ref("vpc"), "networkEndpointType": "NON_GCP_PRIVATE_IP_PORT"},
    )
    assert both(*web(template=None, group=endpoints)) is Status.NOT_APPLICABLE


# Unknown values


def test_two_unknown_groups_with_two_candidates_are_judged_both() -> None:
    two = service(backends=[{"group": unknown_ref("group")}, {"group": unknown_ref("second")}])
    assert both(*web(group("second"), api=two)) is Status.FAIL
    assert both(*web(group("second"), firewall(), api=two)) is Status.PASS


def test_one_unknown_group_with_two_candidates_fails_only_undecided() -> None:
    one = service(backends=[{"group": unknown_ref("group", "second")}])
    canary = template("canary", tags=["canary"])
    second = group("second", versions=[{"instanceTemplate": ref("canary")}])
    assert both(*web(canary, second, firewall(), api=one)) is Status.PASS
    assert both(*web(canary, second, firewall(targetTags=["web"]), api=one)) is Status.UNDECIDED


def test_a_fault_in_one_group_is_said_although_another_is_unknown() -> None:
    other = stack_reference("platform")
    two = service(backends=[{"group": ref("group")}, {"group": unknown_ref("platform")}])
    result = verdict(stack(*web(other, api=two)))
    assert result.status is Status.FAIL
    assert result.undecided


@pytest.mark.parametrize("path", ["backends", "healthChecks"])
def test_an_unknown_list_of_backends_or_checks_is_undecided(path: str) -> None:
    changed: dict[str, Any] = {path: UNKNOWN}
    assert both(*web(firewall(), api=service(**changed))) is Status.UNDECIDED


def test_what_a_target_run_left_out_is_undecided() -> None:
    for name, token in (
        ("api", t.BACKEND_SERVICE),
        ("group", t.REGION_INSTANCE_GROUP_MANAGER),
        ("template", t.INSTANCE_TEMPLATE),
        ("subnet", t.SUBNETWORK),
        ("probe", t.HEALTH_CHECK),
    ):
        assert both(*web(firewall(), **{name: blank(token, name)})) is Status.UNDECIDED, name


def test_undecided_says_what_would_decide_it() -> None:
    deny = denial(priority=1, sourceRanges=UNKNOWN)
    (unknown,) = verdict(stack(*web(firewall(), deny))).undecided
    assert (unknown.urn.rsplit("::", 1)[1], unknown.path) == ("deny", "sourceRanges")


def test_a_pass_by_matching_unknown_references_is_marked() -> None:
    assert verdict(preview(*web(firewall()))).inferences
    assert not verdict(stack(*web(firewall()))).inferences


def test_probe_ranges_of_the_tests_are_those_of_the_table() -> None:
    assert PROBES == ["35.191.0.0/16", "130.211.0.0/22"]
