"""Rules on what fits what in a chain, where a page would need too much room: odd values, what is partly known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policypack.engine.verdict import Status
from policypack.gcp import types as t
from policypack.model.resource import Options
from policypack.model.values import UNKNOWN
from policypack.rules.registry import rules_by_name
from tests.rules.judging import judge
from tests.support.graphs import preview, read, ref, res, stack, stack_reference, unknown_ref

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.topology import Deployment
    from tests.support.graphs import Draft

PASS, FAIL, UNDECIDED, NOT_APPLICABLE = Status.PASS, Status.FAIL, Status.UNDECIDED, Status.NOT_APPLICABLE
EUROPE, ASIA = "europe-west1", "asia-northeast1"
CERTIFICATE = ["projects/shop/global/sslCertificates/c"]

both_ways = pytest.mark.parametrize("build", [stack, preview])


def status(deployment: Deployment, rule: str, name: str | None = None) -> Status:
    judgement = judge(deployment)
    if name is None:
        return judgement.status(rules_by_name()[rule])
    (found,) = [one.status for one in judgement.of_rule[rule] if one.urn.endswith(f"::{name}")]
    return found


def findings(deployment: Deployment, rule: str) -> list[tuple[str, str, str]]:
    return [
        (finding.urn.split("::")[-1], finding.path, finding.found)
        for verdict in judge(deployment).of_rule[rule]
        for finding in verdict.findings
    ]


def front(name: str, scheme: str | None = None, target: Any = None, **more: Any) -> tuple[Draft, ...]:
    given = {} if scheme is None else {"loadBalancingScheme": scheme}
    return (
        res(t.GLOBAL_FORWARDING_RULE, name, {"target": target or ref("proxy"), "portRange": "443", **given, **more}),
    )


def chain(*routes: str) -> tuple[Draft, ...]:
    matchers = [{"name": f"m{index}", "defaultService": ref(name)} for index, name in enumerate(routes[1:])]
    return (
        res(t.TARGET_HTTPS_PROXY, "proxy", {"urlMap": ref("map"), "sslCertificates": CERTIFICATE}),
        res(t.URL_MAP, "map", {"defaultService": ref(routes[0]), **({"pathMatchers": matchers} if matchers else {})}),
    )


def service(name: str, scheme: Any = None, *groups: str, **more: Any) -> Draft:
    given: dict[str, Any] = {} if scheme is None else {"loadBalancingScheme": scheme}
    if groups:
        given["backends"] = [{"group": ref(group)} for group in groups]
    return res(t.BACKEND_SERVICE, name, {"protocol": "HTTPS", **given, **more})


@both_ways
class TestSchemes:
    RULE = "lb-scheme-consistent"

    def test_two_front_ends_before_a_wrong_service_give_one_finding(self, build: Callable[..., Deployment]) -> None:
        deployment = build(*front("a"), *front("b"), *chain("api"), service("api", "INTERNAL_MANAGED"))
        assert findings(deployment, self.RULE) == [("api", "loadBalancingScheme", "INTERNAL_MANAGED")]

    def test_a_wrong_front_end_before_two_services_gives_one_finding(self, build: Callable[..., Deployment]) -> None:
        services = (service("api", "INTERNAL_MANAGED"), service("shop", "INTERNAL_MANAGED"))
        deployment = build(*front("a"), *chain("api", "shop"), *services)
        assert findings(deployment, self.RULE) == [("a", "loadBalancingScheme", "EXTERNAL_MANAGED")]

    def test_one_wrong_service_of_two_is_the_one_reported(self, build: Callable[..., Deployment]) -> None:
        deployment = build(*front("a"), *chain("api", "shop"), service("api", "INTERNAL_MANAGED"), service("shop"))
        assert findings(deployment, self.RULE) == [("api", "loadBalancingScheme", "INTERNAL_MANAGED")]

    def test_an_unknown_neighbour_leaves_open_who_is_at_fault(self, build: Callable[..., Deployment]) -> None:
        services = (service("api", "INTERNAL_MANAGED"), service("shop", UNKNOWN))
        assert status(build(*front("a"), *chain("api", "shop"), *services), self.RULE) is UNDECIDED

    def test_version_9_takes_the_classic_scheme_for_both(self, build: Callable[..., Deployment]) -> None:
        parts = (
            res(t.GLOBAL_FORWARDING_RULE, "a", {"target": ref("proxy")}, defaults=False, version="9.5.0"),
            *chain("api"),
            res(t.BACKEND_SERVICE, "api", {"protocol": "HTTPS"}, defaults=False, version="9.5.0"),
        )
        assert status(build(*parts), self.RULE, "api") is PASS

    def test_a_regional_service_in_a_global_map_is_another_mistake(self, build: Callable[..., Deployment]) -> None:
        regional = res(t.REGION_BACKEND_SERVICE, "api", {"region": EUROPE, "loadBalancingScheme": "INTERNAL_MANAGED"})
        assert status(build(*front("a"), *chain("api"), regional), self.RULE) is NOT_APPLICABLE


class TestCertificates:
    RULE = "tls-proxy-has-certificate"

    def proxy(self, **props: Any) -> Draft:
        return res(t.TARGET_HTTPS_PROXY, "proxy", {"urlMap": "map", **props})

    def test_without_a_front_end_a_server_tls_policy_may_be_that_of_a_mesh(self) -> None:
        policy = "projects/shop/locations/global/serverTlsPolicies/mesh"
        assert status(stack(self.proxy(serverTlsPolicy=policy)), self.RULE) is NOT_APPLICABLE

    def test_a_front_end_that_may_lead_here_does_not_excuse(self) -> None:
        parts = (*front("a", target=unknown_ref("other")), stack_reference("other"))
        assert status(preview(*parts, self.proxy()), self.RULE) is FAIL

    def test_a_mesh_that_may_lead_here_leaves_it_open(self) -> None:
        parts = (*front("a", "INTERNAL_SELF_MANAGED", target=unknown_ref("other")), stack_reference("other"))
        assert status(preview(*parts, self.proxy()), self.RULE) is UNDECIDED

    @pytest.mark.parametrize("value", [UNKNOWN, [UNKNOWN]])
    def test_what_is_known_only_later_is_there(self, value: Any) -> None:
        assert status(preview(self.proxy(sslCertificates=value)), self.RULE) is PASS

    def test_a_list_and_certificates_of_certificate_manager_exclude_each_other(self) -> None:
        proxy = self.proxy(sslCertificates=CERTIFICATE, certificateManagerCertificates=[UNKNOWN])
        assert findings(stack(proxy), self.RULE) == [
            ("proxy", "certificateManagerCertificates", "set beside sslCertificates")
        ]


class TestPlaces:
    RULE = "tls-policy-scope-matches-proxy"

    def proxy(self, policy: Any, region: str | None = EUROPE) -> Draft:
        place = {"region": region} if region else {}
        props = {"urlMap": "map", "sslCertificates": ["c"], "sslPolicy": policy, **place}
        return res(t.REGION_TARGET_HTTPS_PROXY, "proxy", props)

    @both_ways
    def test_a_policy_of_the_same_region_fits(self, build: Callable[..., Deployment]) -> None:
        deployment = build(self.proxy(ref("policy")), res(t.REGION_SSL_POLICY, "policy", {"region": EUROPE}))
        assert status(deployment, self.RULE) is PASS

    @both_ways
    def test_a_policy_of_another_region_is_named_with_its_region(self, build: Callable[..., Deployment]) -> None:
        deployment = build(self.proxy(ref("policy")), res(t.REGION_SSL_POLICY, "policy", {"region": ASIA}))
        assert findings(deployment, self.RULE) == [
            ("proxy", "sslPolicy", "`policy` is of region asia-northeast1: the API refuses it here")
        ]

    def test_a_region_that_only_one_of_them_names_leaves_it_open(self) -> None:
        deployment = preview(self.proxy(ref("policy"), None), res(t.REGION_SSL_POLICY, "policy", {"region": EUROPE}))
        assert status(deployment, self.RULE) is UNDECIDED

    def test_a_global_policy_in_a_regional_proxy_is_wrong_wherever_the_proxy_is(self) -> None:
        assert status(preview(self.proxy(ref("policy"), None), res(t.SSL_POLICY, "policy")), self.RULE) is FAIL

    def test_a_policy_that_was_read_and_whose_place_is_known_only_later_leaves_it_open(self) -> None:
        deployment = preview(self.proxy(unknown_ref("policy")), read(t.SSL_POLICY, "policy"))
        assert status(deployment, self.RULE) is UNDECIDED

    def test_the_region_of_the_provider_counts(self) -> None:
        policy = res(t.REGION_SSL_POLICY, "policy", {}, region=EUROPE)
        assert status(stack(self.proxy(ref("policy")), policy), self.RULE) is PASS


class TestHealthChecks:
    RULE = "health-check-scope-matches-backend"

    @pytest.mark.parametrize(
        ("check", "scheme", "expected"),
        [
            ("projects/shop/global/healthChecks/c", "INTERNAL", PASS),
            ("projects/shop/global/healthChecks/c", "EXTERNAL", FAIL),
            ("projects/shop/global/healthChecks/c", UNKNOWN, UNDECIDED),
            ("projects/shop/regions/europe-west1/healthChecks/c", UNKNOWN, PASS),
            ("projects/shop/regions/asia-northeast1/healthChecks/c", UNKNOWN, FAIL),
            ("projects/shop/global/httpsHealthChecks/c", "INTERNAL_MANAGED", FAIL),
        ],
    )
    def test_regional_services(self, check: str, scheme: Any, expected: Status) -> None:
        props = {"region": EUROPE, "loadBalancingScheme": scheme, "healthChecks": check}
        assert status(stack(res(t.REGION_BACKEND_SERVICE, "api", props)), self.RULE) is expected

    @pytest.mark.parametrize(
        ("check", "scheme", "expected"),
        [
            ("projects/shop/global/healthChecks/c", UNKNOWN, PASS),
            ("projects/shop/regions/europe-west1/healthChecks/c", UNKNOWN, FAIL),
            ("projects/shop/global/httpHealthChecks/c", "EXTERNAL", PASS),
            ("projects/shop/global/httpHealthChecks/c", "INTERNAL_SELF_MANAGED", FAIL),
            ("projects/shop/global/httpHealthChecks/c", UNKNOWN, UNDECIDED),
        ],
    )
    def test_global_services(self, check: str, scheme: Any, expected: Status) -> None:
        assert status(stack(service("api", scheme, healthChecks=check)), self.RULE) is expected


class TestNamedPorts:
    RULE = "named-port-exists-on-group"

    def group(self, name: str, zone: str, *ports: str, **fields: Any) -> Draft:
        named = {"namedPorts": [{"name": port, "port": 8443} for port in ports]} if ports else {}
        return res(t.INSTANCE_GROUP_MANAGER, name, {"zone": zone, **named}, **fields)

    @both_ways
    def test_two_services_before_one_group_without_the_port_give_one_finding(
        self, build: Callable[..., Deployment]
    ) -> None:
        services = (service("a", None, "group", portName="https"), service("b", None, "group", portName="https"))
        deployment = build(*services, self.group("group", "europe-west1-b"))
        assert [(name, path) for name, path, _ in findings(deployment, self.RULE)] == [("group", "namedPorts")]

    @both_ways
    def test_a_wrong_name_before_two_groups_gives_one_finding(self, build: Callable[..., Deployment]) -> None:
        groups = (self.group("x", "europe-west1-b", "https"), self.group("y", "asia-northeast1-a", "https"))
        deployment = build(service("a", None, "x", "y", portName="web"), *groups)
        assert [(name, path) for name, path, _ in findings(deployment, self.RULE)] == [("a", "portName")]

    def test_a_group_whose_ports_are_left_to_others_leaves_it_open(self) -> None:
        group = self.group("group", "europe-west1-b", options=Options(ignore_changes=("namedPorts",)))
        assert status(stack(service("a", None, "group", portName="https"), group), self.RULE, "group") is UNDECIDED

    def test_a_named_port_whose_group_is_unknown_leaves_it_open(self) -> None:
        port = res(t.INSTANCE_GROUP_NAMED_PORT, "port", {"name": "https", "port": 443, "group": UNKNOWN})
        parts = (service("a", None, "group", portName="https"), self.group("group", "europe-west1-b"), port)
        assert status(stack(*parts), self.RULE, "group") is UNDECIDED

    def test_a_named_port_of_another_name_does_not_help(self) -> None:
        port = res(t.INSTANCE_GROUP_NAMED_PORT, "port", {"name": "admin", "port": 443, "group": UNKNOWN})
        parts = (service("a", None, "group", portName="https"), self.group("group", "europe-west1-b"), port)
        assert status(stack(*parts), self.RULE, "group") is FAIL

    def test_a_name_that_the_api_will_fill_in_is_the_default(self) -> None:
        api = res(
            t.BACKEND_SERVICE,
            "a",
            {"protocol": "HTTP", "backends": [{"group": ref("group")}]},
            outputs={"protocol": "HTTP", "portName": UNKNOWN, "backends": [{"group": UNKNOWN}]},
        )
        parts = (api, self.group("group", "europe-west1-b", "http"))
        assert status(preview(*parts), self.RULE, "group") is PASS

    def test_an_unknown_port_of_a_group_may_be_the_one(self) -> None:
        group = res(t.INSTANCE_GROUP_MANAGER, "group", {"zone": "europe-west1-b", "namedPorts": UNKNOWN})
        assert status(stack(service("a", None, "group"), group), self.RULE) is UNDECIDED


class TestZones:
    RULE = "mig-multi-zone"

    def group(self, name: str, zone: Any) -> Draft:
        return res(t.INSTANCE_GROUP_MANAGER, name, {"zone": zone})

    @pytest.mark.parametrize(
        ("zones", "expected"),
        [
            (["europe-west1-b"], FAIL),
            (["europe-west1-b", "europe-west1-b"], FAIL),
            (["europe-west1-b", "europe-west1-c"], PASS),
            (["europe-west1-b", UNKNOWN], UNDECIDED),
            ([UNKNOWN], FAIL),
            ([], PASS),
        ],
    )
    def test_zones_of_a_regional_group(self, zones: Any, expected: Status) -> None:
        props = {"region": EUROPE, "distributionPolicyZones": zones}
        assert status(stack(res(t.REGION_INSTANCE_GROUP_MANAGER, "group", props)), self.RULE) is expected

    @both_ways
    def test_a_zonal_group_beside_one_outside_the_stack(self, build: Callable[..., Deployment]) -> None:
        backends = [{"group": ref("x")}, {"group": "projects/shop/zones/europe-west1-c/instanceGroups/y"}]
        parts = (service("a", backends=backends), self.group("x", "europe-west1-b"))
        assert status(build(*parts), self.RULE) is PASS

    def test_an_unknown_zone_may_be_another(self) -> None:
        parts = (service("a", None, "x", "y"), self.group("x", "europe-west1-b"), self.group("y", UNKNOWN))
        assert status(preview(*parts), self.RULE) is UNDECIDED

    def test_one_region_is_said_by_the_rule_on_regions_alone(self) -> None:
        parts = (*front("a"), *chain("api"), service("api", None, "x"), self.group("x", "europe-west1-b"))
        assert status(stack(*parts), self.RULE) is NOT_APPLICABLE
        assert status(stack(*parts), "backend-service-two-regions", "api") is FAIL

    def test_a_group_that_nothing_leads_to_is_not_judged(self) -> None:
        assert status(stack(self.group("worker", "europe-west1-b")), self.RULE) is NOT_APPLICABLE


class TestBuckets:
    RULE = "url-map-every-route-two-regions"

    def bucket(self, location: str = "EUROPE-WEST1") -> tuple[Draft, ...]:
        return (
            res(t.BACKEND_BUCKET, "static", {"bucketName": "files"}),
            res(t.BUCKET, "files", {"name": "files", "location": location}),
        )

    def test_two_routes_to_one_bucket_give_one_finding(self) -> None:
        deployment = stack(*front("a"), *chain("static", "static"), *self.bucket())
        assert len(findings(deployment, self.RULE)) == 1

    @pytest.mark.parametrize(
        ("location", "expected"),
        [("us-central1", FAIL), ("us-central1-a", FAIL), ("US", PASS), ("NAM4", PASS), ("asia1", PASS)],
    )
    def test_locations(self, location: str, expected: Status) -> None:
        deployment = stack(*front("a"), *chain("static"), *self.bucket(location))
        assert status(deployment, self.RULE, "static") is expected

    def test_a_bucket_of_error_pages_is_not_judged(self) -> None:
        policy = {"errorService": ref("static")}
        url_map = res(t.URL_MAP, "map", {"defaultService": ref("api"), "defaultCustomErrorResponsePolicy": policy})
        proxy = res(t.TARGET_HTTPS_PROXY, "proxy", {"urlMap": ref("map"), "sslCertificates": CERTIFICATE})
        deployment = stack(*front("a"), proxy, url_map, service("api"), *self.bucket())
        assert status(deployment, self.RULE, "static") is NOT_APPLICABLE

    def test_a_route_that_may_lead_there_leaves_it_open(self) -> None:
        url_map = res(t.URL_MAP, "map", {"defaultService": unknown_ref("static", "other")})
        other = res(t.BACKEND_BUCKET, "other", {"bucketName": "elsewhere"})
        proxy = res(t.TARGET_HTTPS_PROXY, "proxy", {"urlMap": ref("map"), "sslCertificates": CERTIFICATE})
        deployment = preview(*front("a"), proxy, url_map, other, *self.bucket())
        assert status(deployment, self.RULE, "static") is UNDECIDED

    def test_routes_that_are_not_known_may_lead_there(self) -> None:
        url_map = res(t.URL_MAP, "map", {"defaultService": ref("api"), "pathMatchers": UNKNOWN})
        proxy = res(t.TARGET_HTTPS_PROXY, "proxy", {"urlMap": ref("map"), "sslCertificates": CERTIFICATE})
        deployment = preview(*front("a"), proxy, url_map, service("api"), *self.bucket())
        assert status(deployment, self.RULE, "static") is UNDECIDED


class TestAddresses:
    RULE = "http-rule-has-https-sibling"

    def with_addresses(self, first: Any, second: Any, **outputs: str) -> Deployment:
        given = {"port80": first, "port443": second}
        return stack(
            res(t.URL_MAP, "map", {"defaultUrlRedirect": {"httpsRedirect": True}}),
            res(t.TARGET_HTTP_PROXY, "plain", {"urlMap": ref("map")}),
            res(t.TARGET_HTTPS_PROXY, "secure", {"urlMap": "web", "sslCertificates": CERTIFICATE}),
            *(
                res(
                    t.GLOBAL_FORWARDING_RULE,
                    name,
                    {"target": ref(target), "portRange": name[4:], "ipAddress": given[name]},
                    outputs={"ipAddress": outputs[name]},
                )
                for name, target in (("port80", "plain"), ("port443", "secure"))
            ),
        )

    def test_the_address_that_one_got_and_the_other_was_given_is_one_address(self) -> None:
        deployed = self.with_addresses(None, "203.0.113.7", port80="203.0.113.7", port443="203.0.113.7")
        assert status(deployed, self.RULE, "port80") is PASS

    def test_addresses_that_both_got_are_two(self) -> None:
        deployed = self.with_addresses(None, None, port80="203.0.113.7", port443="203.0.113.8")
        assert status(deployed, self.RULE, "port80") is FAIL


class TestForwardingRules:
    RULE = "forwarding-rule-target-same-scope"

    @pytest.mark.parametrize(
        ("tier", "scheme", "expected"),
        [
            ("STANDARD", "EXTERNAL", PASS),
            ("PREMIUM", "EXTERNAL", FAIL),
            (UNKNOWN, "EXTERNAL", UNDECIDED),
            ("STANDARD", "EXTERNAL_MANAGED", FAIL),
        ],
    )
    def test_a_regional_rule_before_a_global_proxy(self, tier: Any, scheme: str, expected: Status) -> None:
        props = {
            "region": EUROPE,
            "loadBalancingScheme": scheme,
            "networkTier": tier,
            "target": "projects/shop/global/targetHttpsProxies/p",
        }
        assert status(stack(res(t.FORWARDING_RULE, "a", props)), self.RULE) is expected

    @pytest.mark.parametrize(
        ("target", "expected"),
        [
            ("projects/shop/zones/europe-west1-b/targetInstances/i", PASS),
            ("projects/shop/zones/asia-northeast1-a/targetInstances/i", FAIL),
            ("projects/other/regions/europe-west1/serviceAttachments/s", PASS),
            ("projects/other/regions/asia-northeast1/serviceAttachments/s", FAIL),
        ],
    )
    def test_other_targets_of_a_regional_rule(self, target: str, expected: Status) -> None:
        props = {"region": EUROPE, "loadBalancingScheme": "EXTERNAL", "target": target}
        assert status(stack(res(t.FORWARDING_RULE, "a", props)), self.RULE) is expected

    @both_ways
    def test_a_gateway_of_the_same_region_fits(self, build: Callable[..., Deployment]) -> None:
        gateway = res(t.VPN_GATEWAY, "gateway", {"region": EUROPE, "network": "n"})
        rule = res(t.FORWARDING_RULE, "a", {"region": EUROPE, "target": ref("gateway")})
        assert status(build(gateway, rule), self.RULE) is PASS
