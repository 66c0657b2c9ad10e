"""Rules over the request path, where a page would need too much room: parameters, odd values, what is partly known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policypack.engine.verdict import Status
from policypack.gcp import types as t
from policypack.model.values import UNKNOWN
from policypack.rules.registry import rules_by_name
from tests.rules.judging import judge
from tests.support.graphs import blank, preview, ref, res, stack, stack_reference, unknown_ref

if TYPE_CHECKING:
    from policypack.engine.verdict import Verdict
    from policypack.topology import Deployment
    from tests.support.graphs import Draft

CERTIFICATE = ["projects/shop/global/sslCertificates/c"]


def status(deployment: Deployment, rule: str, **parameters: object) -> Status:
    return judge(deployment, {rule: parameters}).status(rules_by_name()[rule])


def verdict(deployment: Deployment, rule: str, name: str) -> Verdict:
    found = [one for one in judge(deployment).of_rule[rule] if one.urn.endswith(f"::{name}")]
    assert len(found) == 1
    return found[0]


def serverless(name: str, region: str) -> Draft:
    return res(t.REGION_NETWORK_ENDPOINT_GROUP, name, {"region": region, "cloudRun": {"service": "api"}})


def front(default_service: Any = None, **port: Any) -> tuple[Draft, ...]:
    return (
        res(t.URL_MAP, "map", {"defaultService": ref("api") if default_service is None else default_service}),
        res(t.TARGET_HTTPS_PROXY, "proxy", {"urlMap": ref("map"), "sslCertificates": CERTIFICATE}),
        res(t.GLOBAL_FORWARDING_RULE, "rule", {"target": ref("proxy"), "portRange": "443", **port}),
    )


def service(*groups: Any, **more: Any) -> Draft:
    return res(
        t.BACKEND_SERVICE, "api", {"protocol": "HTTPS", "backends": [{"group": group} for group in groups], **more}
    )


class TestTwoRegions:
    RULE = "backend-service-two-regions"

    def test_minimum_is_a_parameter(self) -> None:
        two = stack(
            *front(), service(ref("a"), ref("b")), serverless("a", "europe-west1"), serverless("b", "asia-northeast1")
        )
        assert status(two, self.RULE) is Status.PASS
        assert status(two, self.RULE, minimum=3) is Status.FAIL

    def test_more_regions_than_named_are_counted_in_words(self) -> None:
        two = stack(
            *front(), service(ref("a"), ref("b")), serverless("a", "europe-west1"), serverless("b", "asia-northeast1")
        )
        (failed,) = judge(two, {self.RULE: {"minimum": 3}}).with_status(Status.FAIL)[:1]
        assert [finding.found for finding in failed.findings if failed.rule.name == self.RULE] == [
            "it reaches two serving regions, asia-northeast1, europe-west1; three are required"
        ]

    def test_one_unknown_group_of_two_regions_is_one_region_at_most(self) -> None:
        deployment = preview(
            *front(),
            service(unknown_ref("a", "b")),
            serverless("a", "europe-west1"),
            serverless("b", "asia-northeast1"),
        )
        failed = verdict(deployment, self.RULE, "api")
        assert failed.status is Status.FAIL
        assert failed.findings[0].found == "it reaches one serving region; two are required"

    def test_an_unknown_list_is_undecided(self) -> None:
        deployment = preview(*front(), res(t.BACKEND_SERVICE, "api", {"protocol": "HTTPS", "backends": UNKNOWN}))
        assert verdict(deployment, self.RULE, "api").status is Status.UNDECIDED

    def test_a_service_of_which_nothing_is_known_is_undecided(self) -> None:
        assert verdict(preview(*front(), blank(t.BACKEND_SERVICE, "api")), self.RULE, "api").status is Status.UNDECIDED

    def test_a_service_that_no_front_end_reaches_is_not_judged(self) -> None:
        deployment = stack(service(ref("a")), serverless("a", "europe-west1"))
        assert verdict(deployment, self.RULE, "api").status is Status.NOT_APPLICABLE

    def test_a_service_that_a_front_end_may_reach_is_undecided_when_it_falls_short(self) -> None:
        deployment = preview(
            *front(unknown_ref("other")),
            stack_reference("other"),
            service(ref("a")),
            serverless("a", "europe-west1"),
        )
        assert verdict(deployment, self.RULE, "rule").status is Status.UNDECIDED

    def test_internet_backends_have_no_region_to_count(self) -> None:
        deployment = stack(
            *front(),
            service(ref("origin")),
            res(t.GLOBAL_NETWORK_ENDPOINT_GROUP, "origin", {"networkEndpointType": "INTERNET_FQDN_PORT"}),
        )
        assert verdict(deployment, self.RULE, "api").status is Status.NOT_APPLICABLE

    def test_it_leaves_private_service_connect_to_the_rule_that_knows_it_better(self) -> None:
        psc = {
            "region": "europe-west1",
            "networkEndpointType": "PRIVATE_SERVICE_CONNECT",
            "pscTargetService": "projects/p/regions/europe-west1/serviceAttachments/a",
        }
        deployment = stack(*front(), service(ref("a")), res(t.REGION_NETWORK_ENDPOINT_GROUP, "a", psc))
        yielding = verdict(deployment, self.RULE, "api")
        assert yielding.status is Status.NOT_APPLICABLE
        assert yielding.reason == "psc-backend-two-regions says it more precisely"
        assert verdict(deployment, "psc-backend-two-regions", "api").status is Status.FAIL

    def test_a_mirror_alone_serves_nobody(self) -> None:
        action = {"requestMirrorPolicy": {"backendService": ref("shadow")}}
        deployment = stack(
            res(t.URL_MAP, "map", {"defaultService": ref("api"), "defaultRouteAction": action}),
            *front()[1:],
            service(ref("a"), ref("b")),
            serverless("a", "europe-west1"),
            serverless("b", "asia-northeast1"),
            res(t.BACKEND_SERVICE, "shadow", {"protocol": "HTTPS", "backends": [{"group": ref("a")}]}),
        )
        assert verdict(deployment, self.RULE, "shadow").status is Status.NOT_APPLICABLE


class TestPorts:
    RULE = "forwarding-rule-port-matches-proxy"

    def test_other_ports_for_https_are_a_parameter(self) -> None:
        deployment = stack(*front(portRange="8443"), service())
        assert status(deployment, self.RULE) is Status.FAIL
        assert status(deployment, self.RULE, https_ports=["443", "8443"]) is Status.PASS

    def test_a_number_is_as_good_as_its_text(self) -> None:
        assert status(stack(*front(portRange=443), service()), self.RULE) is Status.PASS

    def test_one_port_in_the_list_of_a_regional_rule_counts(self) -> None:
        rule = {"region": "europe-west1", "loadBalancingScheme": "INTERNAL_MANAGED", "ports": ["443"]}
        target = "projects/shop/regions/europe-west1/targetHttpsProxies/web"
        deployment = stack(res(t.FORWARDING_RULE, "rule", {**rule, "target": target}))
        assert status(deployment, self.RULE) is Status.PASS

    @pytest.mark.parametrize(
        ("scheme", "expected"), [("EXTERNAL", Status.NOT_APPLICABLE), ("EXTERNAL_MANAGED", Status.FAIL)]
    )
    def test_a_dangling_target_stands_for_a_proxy_only_where_it_must(self, scheme: str, expected: Status) -> None:
        rule = {"region": "europe-west1", "loadBalancingScheme": scheme, "portRange": "80-8080", "target": "pool"}
        assert status(stack(res(t.FORWARDING_RULE, "rule", rule)), self.RULE) is expected

    def test_a_target_pool_may_listen_on_a_range(self) -> None:
        rule = {"region": "europe-west1", "portRange": "80-8080", "target": ref("pool")}
        deployment = stack(res(t.FORWARDING_RULE, "rule", rule), res(t.TARGET_POOL, "pool", {"region": "europe-west1"}))
        assert status(deployment, self.RULE) is Status.NOT_APPLICABLE


class TestPlainHttp:
    RULE = "lb-no-plain-http-frontend"

    @staticmethod
    def http(scheme: str = "EXTERNAL_MANAGED") -> Deployment:
        return stack(
            res(t.URL_MAP, "map", {"defaultService": ref("api")}),
            res(t.TARGET_HTTP_PROXY, "proxy", {"urlMap": ref("map")}),
            res(
                t.GLOBAL_FORWARDING_RULE,
                "rule",
                {"target": ref("proxy"), "portRange": "80", "loadBalancingScheme": scheme},
            ),
            service(),
        )

    @pytest.mark.parametrize("scheme", ["EXTERNAL", "EXTERNAL_MANAGED"])
    def test_classic_and_managed_front_ends_are_judged_alike(self, scheme: str) -> None:
        assert status(self.http(scheme), self.RULE) is Status.FAIL

    def test_internal_front_ends_are_judged_on_request(self) -> None:
        internal = self.http("INTERNAL_MANAGED")
        assert status(internal, self.RULE) is Status.NOT_APPLICABLE
        assert status(internal, self.RULE, include_internal=True) is Status.FAIL


class TestTraffic:
    RULE = "backend-takes-traffic"

    @staticmethod
    def regional(**more: Any) -> Deployment:
        return stack(
            res(
                t.REGION_BACKEND_SERVICE,
                "api",
                {
                    "region": "europe-west1",
                    "loadBalancingScheme": "INTERNAL_MANAGED",
                    "protocol": "HTTPS",
                    "backends": [{"group": ref("group"), **more}],
                },
            ),
            res(t.REGION_INSTANCE_GROUP_MANAGER, "group", {"region": "europe-west1"}),
        )

    @pytest.mark.parametrize(
        ("more", "expected"),
        [
            ({"capacityScaler": 0}, Status.FAIL),
            ({"capacityScaler": 0.0}, Status.FAIL),
            ({}, Status.FAIL),
            ({"capacityScaler": 0.1}, Status.PASS),
            ({"capacityScaler": 1}, Status.PASS),
        ],
    )
    def test_capacity_scaler(self, more: dict[str, Any], expected: Status) -> None:
        assert status(self.regional(**more), self.RULE) is expected

    def test_a_scaler_above_zero_settles_it_whatever_the_group_is(self) -> None:
        backends = [{"group": UNKNOWN, "capacityScaler": 1}]
        props = {"region": "europe-west1", "loadBalancingScheme": "INTERNAL_MANAGED", "backends": backends}
        assert status(preview(res(t.REGION_BACKEND_SERVICE, "api", props)), self.RULE) is Status.PASS

    def test_a_drained_group_of_unknown_kind_is_undecided(self) -> None:
        backends = [{"group": UNKNOWN}]
        props = {"region": "europe-west1", "loadBalancingScheme": "INTERNAL_MANAGED", "backends": backends}
        assert status(preview(res(t.REGION_BACKEND_SERVICE, "api", props)), self.RULE) is Status.UNDECIDED


class TestDangling:
    RULE = "lb-no-dangling-reference"

    def test_an_unknown_text_that_was_made_from_nothing_is_undecided(self) -> None:
        deployment = preview(res(t.GLOBAL_FORWARDING_RULE, "rule", {"target": UNKNOWN, "portRange": "443"}))
        assert status(deployment, self.RULE) is Status.UNDECIDED

    def test_an_object_where_a_reference_belongs_is_undecided_and_names_the_place(self) -> None:
        deployment = preview(res(t.BACKEND_SERVICE, "api", {"healthChecks": {"id": "check"}}))
        found = verdict(deployment, self.RULE, "api")
        assert found.status is Status.UNDECIDED
        assert found.undecided[0].path == "healthChecks"

    def test_a_resource_that_target_left_out_is_undecided(self) -> None:
        assert status(preview(blank(t.URL_MAP, "map")), self.RULE) is Status.UNDECIDED


class TestOrphans:
    RULE = "lb-no-orphan-components"

    def test_only_the_head_of_an_unused_chain_is_named(self) -> None:
        deployment = stack(res(t.URL_MAP, "map", {"defaultService": ref("api")}), service())
        failed = [one.urn.split("::")[-1] for one in judge(deployment).of_rule[self.RULE] if one.status is Status.FAIL]
        assert failed == ["map"]

    def test_what_a_left_out_resource_may_refer_to_is_undecided(self) -> None:
        deployment = preview(blank(t.URL_MAP, "map"), service())
        assert verdict(deployment, self.RULE, "api").status is Status.UNDECIDED

    def test_an_unknown_reference_that_was_made_from_another_service_leaves_no_doubt(self) -> None:
        deployment = preview(
            res(t.URL_MAP, "map", {"defaultService": unknown_ref("other")}),
            service(),
            res(t.BACKEND_SERVICE, "other", {}),
        )
        assert verdict(deployment, self.RULE, "api").status is Status.FAIL

    def test_a_property_that_the_catalogue_does_not_know_counts_as_use(self) -> None:
        record = res(
            "gcp:dns/recordSet:RecordSet",
            "record",
            {"routingPolicy": {"healthCheck": UNKNOWN}},
            property_dependencies={"routingPolicy": (f"urn:pulumi:dev::shop::{t.HEALTH_CHECK}::check",)},
        )
        deployment = preview(record, res(t.HEALTH_CHECK, "check", {"httpsHealthCheck": {"port": 443}}))
        assert verdict(deployment, self.RULE, "check").status is Status.PASS

    def test_a_permission_on_a_service_is_no_use_of_it(self) -> None:
        member = res(
            "gcp:compute/backendServiceIamMember:BackendServiceIamMember",
            "member",
            {"name": UNKNOWN},
            property_dependencies={"name": (f"urn:pulumi:dev::shop::{t.BACKEND_SERVICE}::api",)},
        )
        assert verdict(preview(member, service()), self.RULE, "api").status is Status.FAIL


class TestScopes:
    RULE = "global-url-map-no-regional-backend"

    def test_two_candidates_of_different_scope_leave_it_undecided(self) -> None:
        deployment = preview(
            res(t.URL_MAP, "map", {"defaultService": unknown_ref("api", "inside")}),
            service(),
            res(t.REGION_BACKEND_SERVICE, "inside", {"region": "europe-west1"}),
        )
        assert status(deployment, self.RULE) is Status.UNDECIDED

    def test_one_unknown_route_does_not_hide_a_fault_in_another(self) -> None:
        rules = [{"paths": ["/a"], "service": UNKNOWN}, {"paths": ["/b"], "service": ref("inside")}]
        deployment = stack(
            res(
                t.URL_MAP,
                "map",
                {
                    "defaultService": ref("api"),
                    "pathMatchers": [{"name": "m", "defaultService": ref("api"), "pathRules": rules}],
                },
            ),
            service(),
            res(t.REGION_BACKEND_SERVICE, "inside", {"region": "europe-west1"}),
        )
        found = verdict(deployment, self.RULE, "map")
        assert found.status is Status.FAIL
        assert [finding.path for finding in found.findings] == ["pathMatchers[0].pathRules[1].service"]
