"""Rules on regions: what is only partly known, or known to be apart, where a page would need too much room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policypack.engine.verdict import Status
from policypack.gcp import types as t
from policypack.model.resource import Options
from policypack.model.values import UNKNOWN
from policypack.rules.registry import rules_by_name
from tests.rules.judging import judge
from tests.support.graphs import preview, ref, res, stack_reference, unknown_ref
from tests.support.load_balancers import ASIA, EUROPE, global_front

if TYPE_CHECKING:
    from tests.support.graphs import Draft

PASS, FAIL, UNDECIDED, NOT_APPLICABLE = Status.PASS, Status.FAIL, Status.UNDECIDED, Status.NOT_APPLICABLE


def status(rule: str, *drafts: Draft) -> Status:
    return judge(preview(*drafts)).status(rules_by_name()[rule])


def template(name: str, image: Any) -> Draft:
    return res(t.INSTANCE_TEMPLATE, name, {"disks": [{"boot": True, "sourceImage": image}]})


def group(name: str, region: str, image: Any) -> tuple[Draft, ...]:
    versions = [{"instanceTemplate": ref(f"template-{name}")}]
    props = {"region": region, "versions": versions}
    return (template(f"template-{name}", image), res(t.REGION_INSTANCE_GROUP_MANAGER, name, props))


class TestImages:
    RULE = "instance-template-parity"

    def test_an_unknown_image_of_a_third_region_hides_no_difference_between_two(self) -> None:
        groups = (*group("a", EUROPE, "x"), *group("b", ASIA, "y"), *group("c", "us-east1", UNKNOWN))
        assert status(self.RULE, *global_front("a", "b", "c"), *groups) is FAIL

    def test_an_unknown_image_is_not_the_same(self) -> None:
        groups = (*group("a", EUROPE, "x"), *group("b", ASIA, "x"), *group("c", "us-east1", UNKNOWN))
        assert status(self.RULE, *global_front("a", "b", "c"), *groups) is UNDECIDED

    def test_a_template_that_is_unknown_may_have_any_image(self) -> None:
        third = res(
            t.REGION_INSTANCE_GROUP_MANAGER, "c", {"region": "us-east1", "versions": [{"instanceTemplate": UNKNOWN}]}
        )
        groups = (*group("a", EUROPE, "x"), *group("b", ASIA, "x"), third)
        assert status(self.RULE, *global_front("a", "b", "c"), *groups) is UNDECIDED

    @pytest.mark.parametrize(
        "image",
        [
            "https://www.googleapis.com/compute/v1/projects/shop/global/images/api",
            "projects/shop/global/images/api",
            "shop/api",
        ],
    )
    def test_an_image_is_the_same_however_much_of_its_url_is_written(self, image: str) -> None:
        groups = (*group("a", EUROPE, "projects/shop/global/images/api"), *group("b", ASIA, image))
        assert status(self.RULE, *global_front("a", "b"), *groups) is PASS


class TestProvidersRegion:
    RULE = "region-explicit-not-provider-default"

    def test_groups_that_a_state_knows_in_different_regions_are_apart(self) -> None:
        groups = [
            res(t.REGION_INSTANCE_GROUP_MANAGER, name, {"baseInstanceName": "api"}, outputs={"region": region})
            for name, region in (("a", EUROPE), ("b", ASIA))
        ]
        assert status(self.RULE, *global_front("a", "b"), *groups) is PASS


class TestUrlMapsOfARegion:
    RULE = "global-url-map-no-regional-backend"

    @pytest.mark.parametrize(
        ("region", "expected"), [(EUROPE, PASS), (ASIA, FAIL), (UNKNOWN, UNDECIDED), (None, UNDECIDED)]
    )
    def test_a_service_is_of_the_map_s_region(self, region: Any, expected: Status) -> None:
        service = res(t.REGION_BACKEND_SERVICE, "api", {} if region is None else {"region": region})
        url_map = res(t.REGION_URL_MAP, "map", {"region": EUROPE, "defaultService": ref("api")})
        assert status(self.RULE, url_map, service) is expected


class TestBackendsOfOthers:
    @pytest.mark.parametrize(
        "rule", ["mig-multi-zone", "backend-service-two-regions", "region-explicit-not-provider-default"]
    )
    def test_too_few_backends_prove_nothing_where_others_may_be_attached(self, rule: str) -> None:
        service = res(
            t.BACKEND_SERVICE,
            "api",
            {"backends": [{"group": ref("a")}, {"group": ref("b")}]},
            options=Options(ignore_changes=("backends",)),
        )
        front = [one for one in global_front() if one.type != t.BACKEND_SERVICE]
        zone = {} if rule.startswith("region") else {"zone": f"{EUROPE}-b"}
        groups = [res(t.INSTANCE_GROUP_MANAGER, name, {"baseInstanceName": "api", **zone}) for name in ("a", "b")]
        assert status(rule, *front, service, *groups) is UNDECIDED


class TestDns:
    INTERNAL = "internal-lb-global-access"
    JOINED = "regional-lb-has-dns-failover"

    def front(self, address: Any = "10.0.0.5") -> Draft:
        target = f"projects/test-project/regions/{EUROPE}/targetHttpsProxies/api"
        props = {"region": EUROPE, "loadBalancingScheme": "INTERNAL_MANAGED", "target": target, "ipAddress": address}
        return res(t.FORWARDING_RULE, "front", props)

    def record(self, answers: Any = "10.0.0.5", **policy: Any) -> Draft:
        geos = [{"location": EUROPE, "rrdatas": [answers]}, {"location": ASIA, "rrdatas": ["10.1.0.5"]}]
        return res(t.DNS_RECORD_SET, "record", {"type": "A", "ttl": 60, "routingPolicy": {"geos": geos, **policy}})

    def test_a_record_that_points_at_a_front_end_is_seen(self) -> None:
        assert status(self.INTERNAL, self.front(), self.record()) is FAIL

    @pytest.mark.parametrize("rule", [INTERNAL, JOINED])
    def test_an_unknown_answer_may_be_any_front_end(self, rule: str) -> None:
        other = stack_reference("other")
        assert status(rule, other, self.front(), self.record(unknown_ref("other"))) is UNDECIDED

    @pytest.mark.parametrize("rule", [INTERNAL, JOINED])
    def test_an_unknown_address_may_be_any_answer(self, rule: str) -> None:
        assert status(rule, self.front(UNKNOWN), self.record()) is UNDECIDED

    def test_an_unknown_answer_that_keeps_clients_in_their_region_does_not_matter(self) -> None:
        assert status(self.INTERNAL, self.front(), self.record(UNKNOWN, enableGeoFencing=True)) is NOT_APPLICABLE


class TestRoutes:
    RULE = "network-global-routing"

    def parts(self, mode: Any, *more: Draft) -> tuple[Draft, ...]:
        neg = {"zone": f"{ASIA}-a", "network": ref("net"), "networkEndpointType": "NON_GCP_PRIVATE_IP_PORT"}
        return (
            res(t.NETWORK, "net", {"autoCreateSubnetworks": False, "routingMode": mode}),
            res(t.NETWORK_ENDPOINT_GROUP, "far", neg),
            res(
                t.BACKEND_SERVICE, "api", {"backends": [{"group": ref(one.name)} for one in more if "neg" in one.name]}
            ),
            res(t.BACKEND_SERVICE, "other", {"backends": [{"group": ref("far")}]}),
            res(t.ROUTER, "router", {"region": EUROPE, "network": ref("net")}),
            res(t.VPN_TUNNEL, "tunnel", {"region": EUROPE, "router": ref("router")}),
            *more,
        )

    def test_a_group_of_an_unknown_kind_hides_no_fault(self) -> None:
        neg = {"zone": f"{EUROPE}-b", "network": ref("net"), "networkEndpointType": UNKNOWN}
        assert status(self.RULE, *self.parts("REGIONAL", res(t.NETWORK_ENDPOINT_GROUP, "neg", neg))) is FAIL

    @pytest.mark.parametrize(("mode", "expected"), [("GLOBAL", PASS), ("REGIONAL", UNDECIDED), (UNKNOWN, UNDECIDED)])
    def test_links_that_are_not_known_matter_to_regional_routing_only(self, mode: Any, expected: Status) -> None:
        foreign = res(t.VPN_TUNNEL, "foreign", {"region": ASIA, "router": UNKNOWN})
        assert status(self.RULE, *self.parts(mode, foreign)) is expected


class TestNat:
    RULE = "nat-in-every-backend-region"

    def test_a_machine_that_may_be_in_the_network_may_lack_it(self) -> None:
        parts = (
            res(t.NETWORK, "net", {"autoCreateSubnetworks": False}),
            res(t.ROUTER, "router", {"region": EUROPE, "network": ref("net")}),
            res(t.ROUTER_NAT, "nat", {"region": EUROPE, "router": ref("router")}),
            res(t.INSTANCE, "machine", {"zone": f"{ASIA}-a", "networkInterfaces": UNKNOWN}),
        )
        assert status(self.RULE, *parts) is UNDECIDED


class TestAutoscalers:
    @pytest.mark.parametrize(("mode", "expected"), [("ON", FAIL), ("OFF", PASS), (UNKNOWN, UNDECIDED), (None, FAIL)])
    @pytest.mark.parametrize("rule", ["capacity-survives-region-loss", "mig-minimum-size-per-region"])
    def test_one_that_is_switched_off_says_nothing_of_sizes(self, rule: str, mode: Any, expected: Status) -> None:
        groups = [
            res(t.REGION_INSTANCE_GROUP_MANAGER, name, {"region": region, "targetSize": 4})
            for name, region in (("a", EUROPE), ("b", ASIA))
        ]
        policy = {"minReplicas": 1, "maxReplicas": 1, **({} if mode is None else {"mode": mode})}
        scaler = res(t.REGION_AUTOSCALER, "scaler", {"region": ASIA, "target": ref("b"), "autoscalingPolicy": policy})
        assert status(rule, *global_front("a", "b"), *groups, scaler) is expected
