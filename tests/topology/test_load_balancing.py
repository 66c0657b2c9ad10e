from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from policypack.gcp import types as t
from policypack.model.logic import NotApplicable, Undecided, recording_inferences
from policypack.model.values import UNKNOWN
from policypack.topology.load_balancing import (
    Backend,
    BackendKind,
    BackendService,
    Frontend,
    FrontendKind,
    Proxy,
    RouteKind,
    UrlMap,
)
from policypack.topology.serving import own_region
from tests.support.graphs import blank, get, preview, read, ref, res, stack, stack_reference, unknown_ref
from tests.support.load_balancers import (
    ASIA,
    EUROPE,
    global_direct,
    global_front,
    producer,
    psc_neg,
    regional_psc,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.topology import Deployment
    from tests.support.graphs import Draft

    Build = Callable[..., Deployment]

both = pytest.mark.parametrize("build", [stack, preview], ids=["after deployment", "before deployment"])


def frontend(deployment: Deployment, name: str = "front") -> Frontend:
    return deployment.load_balancing.frontend(get(deployment, name))


def service(deployment: Deployment, name: str = "api") -> BackendService:
    return deployment.load_balancing.service(get(deployment, name))


def url_map(deployment: Deployment, name: str = "map") -> UrlMap:
    return deployment.load_balancing.url_map(get(deployment, name))


# Whole load balancers


@both
@pytest.mark.parametrize("drafts", [global_direct(), regional_psc()], ids=["direct", "over PSC"])
def test_a_front_end_is_served_from_the_regions_of_its_groups(build: Build, drafts: tuple[Draft, ...]) -> None:
    regions = frontend(build(*drafts)).regions
    assert regions.exact
    assert regions.certain == {EUROPE, ASIA}


@both
def test_a_front_end_over_psc_reaches_the_global_service_and_not_the_producers(build: Build) -> None:
    deployment = build(*regional_psc())
    assert frontend(deployment).services.certain == {service(deployment)}


@both
def test_a_regional_front_end_is_served_from_its_region(build: Build) -> None:
    deployment = build(*producer(EUROPE))
    front = frontend(deployment, f"front-{EUROPE}")
    assert (front.is_global, front.region, front.scheme(), front.external()) == (
        False,
        EUROPE,
        "INTERNAL_MANAGED",
        False,
    )
    assert front.regions.certain == {EUROPE}


@both
def test_a_service_knows_who_reaches_it(build: Build) -> None:
    deployment = build(*regional_psc())
    reached = service(deployment).frontends
    assert reached.exact
    assert reached.certain == {frontend(deployment)}


@both
def test_proxies_and_url_maps_know_who_uses_them(build: Build) -> None:
    deployment = build(*global_direct())
    plane = deployment.load_balancing
    proxy = plane.proxy(get(deployment, "proxy"))
    assert proxy.frontends.certain == {frontend(deployment)}
    assert url_map(deployment).proxies.certain == {proxy}
    assert proxy.url_maps.certain == {url_map(deployment)}


@both
def test_a_redirect_reaches_no_service_for_sure(build: Build) -> None:
    front = frontend(build(*global_direct()), "front-80")
    assert (front.kind(), front.services.exact, front.services.certain) == (FrontendKind.HTTP, True, frozenset())


def test_before_deployment_the_answer_is_marked_as_inferred() -> None:
    front = frontend(preview(*global_direct()))
    with recording_inferences() as notes:
        assert front.regions.at_least(2)
        assert front.kind() is FrontendKind.HTTPS
    assert len(notes) == 1


def test_after_deployment_nothing_is_inferred() -> None:
    with recording_inferences() as notes:
        assert frontend(stack(*global_direct())).regions.at_least(2)
    assert not notes


@both
def test_front_ends_stand_beside_those_that_may_have_their_address(build: Build) -> None:
    def front(name: str, **props: Any) -> Draft:
        return res(t.GLOBAL_FORWARDING_RULE, name, {"portRange": "443", **props})

    deployment = build(
        res(t.GLOBAL_ADDRESS, "one"),
        res(t.GLOBAL_ADDRESS, "two"),
        front("a", ipAddress=ref("one")),
        front("b", ipAddress=ref("one")),
        front("c", ipAddress=ref("two")),
        front("d", ipAddress=UNKNOWN),
        front("e"),
    )
    beside = {
        one.resource.name: "".join(other.resource.name for other in deployment.load_balancing.beside(one))
        for one in deployment.load_balancing.frontends
    }
    assert beside == {"a": "bd", "b": "ad", "c": "d", "d": "abce", "e": "d"}


def test_there_is_one_view_for_each_resource() -> None:
    deployment = stack(*global_direct())
    assert Frontend.subjects(deployment)[0] is Frontend.subjects(deployment)[0]
    assert BackendService.subjects(deployment) == (service(deployment),)
    assert [one.resource.name for one in Proxy.subjects(deployment)] == ["proxy-80", "proxy"]
    assert [one.resource.name for one in UrlMap.subjects(deployment)] == ["map", "map-80"]
    assert [one.path for one in Backend.subjects(deployment)] == ["backends[0]", "backends[1]"]


# Front ends


@both
@pytest.mark.parametrize(
    ("rule", "target", "kind"),
    [
        (t.GLOBAL_FORWARDING_RULE, res(t.TARGET_HTTPS_PROXY, "target"), FrontendKind.HTTPS),
        (t.GLOBAL_FORWARDING_RULE, res(t.TARGET_HTTP_PROXY, "target"), FrontendKind.HTTP),
        (t.GLOBAL_FORWARDING_RULE, res(t.TARGET_SSL_PROXY, "target"), FrontendKind.SSL),
        (t.GLOBAL_FORWARDING_RULE, res(t.TARGET_TCP_PROXY, "target"), FrontendKind.TCP),
        (t.GLOBAL_FORWARDING_RULE, res(t.TARGET_GRPC_PROXY, "target"), FrontendKind.GRPC),
        (t.FORWARDING_RULE, res(t.REGION_TARGET_HTTPS_PROXY, "target", {"region": EUROPE}), FrontendKind.HTTPS),
        (t.FORWARDING_RULE, res(t.REGION_TARGET_TCP_PROXY, "target", {"region": EUROPE}), FrontendKind.TCP),
        (t.FORWARDING_RULE, res(t.SERVICE_ATTACHMENT, "target", {"region": EUROPE}), FrontendKind.PSC_ENDPOINT),
        (t.FORWARDING_RULE, res(t.TARGET_POOL, "target", {"region": EUROPE}), FrontendKind.OTHER),
        (t.FORWARDING_RULE, res(t.VPN_GATEWAY, "target", {"region": EUROPE}), FrontendKind.OTHER),
    ],
    ids=lambda value: getattr(value, "type", str(value)).rsplit(":")[-1],
)
def test_what_is_behind_a_front_end_makes_its_kind(build: Build, rule: str, target: Draft, kind: FrontendKind) -> None:
    deployment = build(res(rule, "front", {"target": ref("target"), "region": EUROPE}), target)
    assert frontend(deployment).kind() is kind


@both
def test_a_front_end_without_a_proxy_passes_packets_through(build: Build) -> None:
    deployment = build(
        res(t.FORWARDING_RULE, "front", {"backendService": ref("nlb"), "region": EUROPE}),
        res(t.REGION_BACKEND_SERVICE, "nlb", {"region": EUROPE, "backends": [{"group": ref("vms")}]}),
        res(t.INSTANCE_GROUP, "vms", {"zone": f"{EUROPE}-c"}),
    )
    front = frontend(deployment)
    assert front.kind() is FrontendKind.PASSTHROUGH
    assert front.regions.certain == {EUROPE}
    assert service(deployment, "nlb").frontends.certain == {front}


@pytest.mark.parametrize("text", ["all-apis", "vpc-sc"])
def test_a_front_end_for_google_apis_is_no_load_balancer(text: str) -> None:
    front = frontend(stack(res(t.GLOBAL_FORWARDING_RULE, "front", {"target": text, "loadBalancingScheme": ""})))
    assert (front.kind(), front.targets_google_apis, front.scheme(), front.external()) == (
        FrontendKind.GOOGLE_APIS,
        True,
        "",
        False,
    )
    assert front.services.exact


def test_a_url_of_something_outside_tells_the_kind_and_nothing_behind_it() -> None:
    target = "projects/other/global/targetHttpsProxies/theirs"
    front = frontend(stack(res(t.GLOBAL_FORWARDING_RULE, "front", {"target": target})))
    assert (front.kind(), front.services.open, front.regions.certain) == (FrontendKind.HTTPS, True, frozenset())


def test_rules_over_what_is_behind_a_dangling_target_do_not_apply() -> None:
    front = frontend(stack(res(t.GLOBAL_FORWARDING_RULE, "front", {"target": "my-target-proxy"})))
    with pytest.raises(NotApplicable, match="'my-target-proxy' names no target"):
        front.kind()


def test_a_dangling_target_reaches_no_region_for_sure() -> None:
    front = frontend(stack(res(t.GLOBAL_FORWARDING_RULE, "front", {"target": "my-target-proxy"})))
    assert not front.regions.at_least(1)


def test_a_target_that_may_be_anything_leaves_the_kind_undecided() -> None:
    front = frontend(stack(res(t.GLOBAL_FORWARDING_RULE, "front", {"target": UNKNOWN})))
    with pytest.raises(Undecided, match="target"):
        front.kind()


def test_a_target_that_may_be_one_of_two_kinds_leaves_the_kind_undecided() -> None:
    deployment = stack(
        res(t.GLOBAL_FORWARDING_RULE, "front", {"target": unknown_ref("one", "two")}),
        res(t.TARGET_HTTP_PROXY, "one"),
        res(t.TARGET_HTTPS_PROXY, "two"),
    )
    with pytest.raises(Undecided, match="target"):
        frontend(deployment).kind()


@pytest.mark.parametrize(
    ("token", "version", "scheme"),
    [
        (t.GLOBAL_FORWARDING_RULE, "10.2.0", "EXTERNAL_MANAGED"),
        (t.GLOBAL_FORWARDING_RULE, "9.35.0", "EXTERNAL"),
        (t.FORWARDING_RULE, "10.2.0", "EXTERNAL"),
    ],
)
def test_a_scheme_that_is_left_out_is_the_default_of_the_providers_version(
    token: str, version: str, scheme: str
) -> None:
    front = frontend(stack(res(token, "front", {"target": UNKNOWN}, defaults=False, version=version)))
    assert front.scheme() == scheme
    assert front.external()


# Backend services


@pytest.mark.parametrize(
    ("token", "version", "scheme", "protocol"),
    [
        (t.BACKEND_SERVICE, "10.2.0", "EXTERNAL_MANAGED", "HTTP"),
        (t.BACKEND_SERVICE, "9.35.0", "EXTERNAL", "HTTP"),
        (t.REGION_BACKEND_SERVICE, "10.2.0", "INTERNAL", "TCP"),
    ],
)
def test_what_a_service_leaves_out_is_the_default_of_its_type(
    token: str, version: str, scheme: str, protocol: str
) -> None:
    own = service(stack(res(token, "api", {"name": "api"}, defaults=False, version=version)))
    assert (own.scheme(), own.protocol()) == (scheme, protocol)


@pytest.mark.parametrize(
    ("token", "props", "application"),
    [
        (t.BACKEND_SERVICE, {}, True),
        (t.BACKEND_SERVICE, {"loadBalancingScheme": "EXTERNAL", "protocol": "HTTP2"}, True),
        (t.BACKEND_SERVICE, {"protocol": "TCP"}, False),
        (t.BACKEND_SERVICE, {"loadBalancingScheme": "INTERNAL_SELF_MANAGED", "protocol": "HTTP"}, False),
        (t.REGION_BACKEND_SERVICE, {}, False),
        (t.REGION_BACKEND_SERVICE, {"loadBalancingScheme": "EXTERNAL", "protocol": "TCP"}, False),
        (t.REGION_BACKEND_SERVICE, {"loadBalancingScheme": "INTERNAL_MANAGED", "protocol": "HTTPS"}, True),
        (t.REGION_BACKEND_SERVICE, {"loadBalancingScheme": "INTERNAL_MANAGED", "protocol": "TCP"}, False),
    ],
)
def test_scheme_and_protocol_make_an_application_load_balancer(
    token: str, props: dict[str, Any], application: bool
) -> None:
    assert service(stack(res(token, "api", props))).application() is application


def test_an_unknown_protocol_leaves_an_application_load_balancer_undecided() -> None:
    with pytest.raises(Undecided, match="protocol"):
        service(stack(res(t.BACKEND_SERVICE, "api", {"protocol": UNKNOWN}))).application()


def test_a_protocol_that_the_provider_computes_is_the_default_before_and_its_answer_after() -> None:
    before = res(t.BACKEND_SERVICE, "api", {"name": "api"}, outputs={"protocol": UNKNOWN})
    after = res(t.BACKEND_SERVICE, "api", {"name": "api"}, outputs={"protocol": "HTTPS"})
    assert [service(stack(draft)).protocol() for draft in (before, after)] == ["HTTP", "HTTPS"]


def neg(endpoint_type: str | None, token: str = t.REGION_NETWORK_ENDPOINT_GROUP) -> Draft:
    props = {"zone": f"{EUROPE}-b"} if token == t.NETWORK_ENDPOINT_GROUP else {"region": EUROPE}
    return res(token, "group", props if endpoint_type is None else {**props, "networkEndpointType": endpoint_type})


@both
@pytest.mark.parametrize(
    ("group", "kind", "regions"),
    [
        (res(t.INSTANCE_GROUP_MANAGER, "group", {"zone": f"{EUROPE}-b"}), BackendKind.INSTANCE_GROUP, {EUROPE}),
        (res(t.REGION_INSTANCE_GROUP_MANAGER, "group", {"region": EUROPE}), BackendKind.INSTANCE_GROUP, {EUROPE}),
        (res(t.INSTANCE_GROUP, "group", {"zone": f"{EUROPE}-b"}), BackendKind.INSTANCE_GROUP, {EUROPE}),
        (neg(None, t.NETWORK_ENDPOINT_GROUP), BackendKind.ZONAL_NEG, {EUROPE}),
        (neg("GCE_VM_IP", t.NETWORK_ENDPOINT_GROUP), BackendKind.PASSTHROUGH_NEG, {EUROPE}),
        (neg("NON_GCP_PRIVATE_IP_PORT", t.NETWORK_ENDPOINT_GROUP), BackendKind.HYBRID_NEG, {EUROPE}),
        (neg(None), BackendKind.SERVERLESS_NEG, {EUROPE}),
        (neg("INTERNET_FQDN_PORT"), BackendKind.INTERNET_NEG, set()),
        (neg("GCE_VM_IP_PORTMAP"), BackendKind.PORT_MAPPING_NEG, {EUROPE}),
        (neg("INTERNET_IP_PORT", t.GLOBAL_NETWORK_ENDPOINT_GROUP), BackendKind.INTERNET_NEG, set()),
    ],
    ids=lambda value: value.value if isinstance(value, BackendKind) else None,
)
def test_a_group_makes_a_backend_of_its_kind_that_serves_where_the_group_lies(
    build: Build, group: Draft, kind: BackendKind, regions: set[str]
) -> None:
    api = service(build(*global_front("group"), group))
    (backend,) = api.backends
    assert (backend.kind(), backend.regions.exact) == (kind, True)
    assert api.kinds.certain == {kind}
    assert backend.regions.certain == regions
    assert api.regions.certain == regions


def test_a_region_in_the_name_of_a_group_says_nothing() -> None:
    group = res(t.INSTANCE_GROUP_MANAGER, "group", {"name": "us-east1", "zone": f"{EUROPE}-b"})
    assert service(stack(*global_front("group"), group)).regions.certain == {EUROPE}


def test_a_group_whose_zone_is_unknown_leaves_the_regions_open() -> None:
    group = res(t.INSTANCE_GROUP_MANAGER, "group", {"zone": UNKNOWN})
    regions = service(stack(*global_front("group"), group)).regions
    assert (regions.open, regions.certain, regions.why().path) == (True, frozenset(), "zone")


def test_a_group_of_a_kind_we_do_not_know_is_undecided() -> None:
    (backend,) = service(stack(*global_front("group"), neg("NOVELTY"))).backends
    with pytest.raises(Undecided, match="NOVELTY is no kind of group we know"):
        backend.kind()


def test_an_unknown_list_of_backends_is_told_from_none() -> None:
    unknown = service(stack(res(t.BACKEND_SERVICE, "api", {"backends": UNKNOWN})))
    none = service(stack(res(t.BACKEND_SERVICE, "api")))
    assert (unknown.backends, none.backends) == ((), ())
    assert unknown.backends_unknown is not None
    assert none.backends_unknown is None
    assert (unknown.regions.open, none.regions.exact) == (True, True)


def test_backends_of_a_wrong_type_are_undecided_with_their_path() -> None:
    api = service(stack(res(t.BACKEND_SERVICE, "api", {"backends": "all"})))
    assert api.backends_unknown is not None
    assert api.backends_unknown.path == "backends"
    assert api.regions.open


def test_a_url_of_a_group_outside_tells_its_region() -> None:
    urls = ["projects/other/zones/us-east1-b/instanceGroups/a", "projects/other/regions/us-west1/instanceGroups/b"]
    api = service(stack(res(t.BACKEND_SERVICE, "api", {"backends": [{"group": url} for url in urls]})))
    assert api.regions.exact
    assert api.kinds.certain == {BackendKind.INSTANCE_GROUP}
    assert api.regions.certain == {"us-east1", "us-west1"}


def test_an_endpoint_group_outside_may_be_one_that_serves_no_region() -> None:
    url = "projects/other/regions/us-east1/networkEndpointGroups/theirs"
    api = service(stack(res(t.BACKEND_SERVICE, "api", {"backends": [{"group": url}]})))
    assert not api.regions.open
    assert not api.regions.certain
    assert api.regions.possible == {"us-east1"}
    with pytest.raises(Undecided, match="outside this stack"):
        api.backends[0].kind()


def test_a_group_that_is_only_read_serves_where_its_url_says() -> None:
    theirs = read(t.INSTANCE_GROUP, "theirs", name="theirs", zone="us-east1-b", project="test-project")
    url = "projects/test-project/zones/us-east1-b/instanceGroups/theirs"
    api = service(stack(theirs, res(t.BACKEND_SERVICE, "api", {"backends": [{"group": url}]})))
    assert api.regions.certain == {"us-east1"}


def test_one_unknown_backend_of_two_candidates_in_one_region_serves_there() -> None:
    deployment = stack(
        res(t.BACKEND_SERVICE, "api", {"backends": [{"group": unknown_ref("b", "c")}]}),
        res(t.INSTANCE_GROUP_MANAGER, "b", {"zone": f"{EUROPE}-b"}),
        res(t.INSTANCE_GROUP_MANAGER, "c", {"zone": f"{EUROPE}-c"}),
    )
    assert service(deployment).regions.exact
    assert service(deployment).regions.certain == {EUROPE}


@pytest.mark.parametrize("place", ["", "zones/somewhere/"])
def test_a_url_of_a_group_that_tells_no_region_leaves_the_regions_open(place: str) -> None:
    api = service(stack(res(t.BACKEND_SERVICE, "api", {"backends": [{"group": f"{place}instanceGroups/x"}]})))
    assert api.regions.open


def test_an_endpoint_group_outside_that_is_global_serves_no_region() -> None:
    url = "projects/other/global/networkEndpointGroups/internet"
    api = service(stack(res(t.BACKEND_SERVICE, "api", {"backends": [{"group": url}]})))
    assert (api.regions.exact, api.backends[0].kind()) == (True, BackendKind.INTERNET_NEG)


def test_a_backend_of_another_stack_is_undecided() -> None:
    deployment = stack(
        res(t.BACKEND_SERVICE, "api", {"backends": [{"group": unknown_ref("shared")}]}), stack_reference("shared")
    )
    (backend,) = service(deployment).backends
    assert (backend.regions.open, backend.groups.open) == (True, True)
    with pytest.raises(Undecided, match=r"backends\[0\].group"):
        backend.kind()


# Private Service Connect


def test_a_psc_group_serves_where_the_producers_groups_lie_and_not_where_it_lies_itself() -> None:
    drafts = [psc_neg(EUROPE), *(draft for draft in producer(EUROPE) if draft.name != f"group-{EUROPE}")]
    moved = res(t.REGION_INSTANCE_GROUP_MANAGER, f"group-{EUROPE}", {"region": ASIA})
    assert service(stack(*global_front(f"neg-{EUROPE}"), *drafts, moved)).regions.certain == {ASIA}


def test_a_producer_without_backends_serves_no_region() -> None:
    drafts = [draft for draft in producer(EUROPE) if draft.name not in {f"group-{EUROPE}", f"service-{EUROPE}"}]
    empty = res(t.REGION_BACKEND_SERVICE, f"service-{EUROPE}", {"region": EUROPE})
    regions = service(stack(*global_front(f"neg-{EUROPE}"), psc_neg(EUROPE), *drafts, empty)).regions
    assert (regions.exact, regions.certain) == (True, frozenset())


@pytest.mark.parametrize(
    "target",
    [
        f"{EUROPE}-cloudkms.googleapis.com",
        f"projects/other/regions/{EUROPE}/serviceAttachments/theirs",
        unknown_ref("shared"),
        UNKNOWN,
    ],
    ids=["a Google API", "a URL of another project", "another stack", "unknown"],
)
def test_a_psc_group_with_a_producer_outside_serves_its_own_region(target: object) -> None:
    deployment = stack(*global_front(f"neg-{EUROPE}"), psc_neg(EUROPE, target), stack_reference("shared"))
    assert service(deployment).regions.exact
    assert service(deployment).regions.certain == {EUROPE}


def test_a_psc_group_with_a_dangling_producer_serves_no_region() -> None:
    regions = service(stack(*global_front(f"neg-{EUROPE}"), psc_neg(EUROPE, "attachment"))).regions
    assert (regions.exact, regions.certain) == (True, frozenset())


def test_a_region_that_the_provider_learns_only_later_is_told_so() -> None:
    group = get(stack(res(t.REGION_INSTANCE_GROUP_MANAGER, "group")), "group")
    later = replace(group, provider=replace(group.provider, inputs={"region": UNKNOWN}))
    (why,) = own_region(later).unresolved
    assert why.reason == "its region is that of its provider, which is known only after deployment"


def test_an_attachment_of_a_front_end_outside_serves_its_own_region() -> None:
    attachment = res(
        t.SERVICE_ATTACHMENT,
        f"attachment-{EUROPE}",
        {"region": EUROPE, "targetService": f"projects/other/regions/{EUROPE}/forwardingRules/theirs"},
    )
    assert service(stack(*global_front(f"neg-{EUROPE}"), psc_neg(EUROPE), attachment)).regions.certain == {EUROPE}


@both
def test_a_chain_that_leads_back_to_itself_ends_and_is_open(build: Build) -> None:
    looped = res(
        t.REGION_BACKEND_SERVICE,
        f"service-{EUROPE}",
        {
            "region": EUROPE,
            "loadBalancingScheme": "INTERNAL_MANAGED",
            "backends": [{"group": ref(f"neg-{EUROPE}")}, {"group": ref(f"group-{EUROPE}")}],
        },
    )
    drafts = [draft for draft in producer(EUROPE) if draft.name != f"service-{EUROPE}"]
    deployment = build(psc_neg(EUROPE), *drafts, looped)
    for regions in (
        service(deployment, f"service-{EUROPE}").regions,
        frontend(deployment, f"front-{EUROPE}").regions,
        *(backend.regions for backend in service(deployment, f"service-{EUROPE}").backends[:1]),
    ):
        assert regions.open
    assert service(deployment, f"service-{EUROPE}").regions.possible == {EUROPE}


# URL maps

ROUTED = {
    "defaultService": ref("a"),
    "defaultCustomErrorResponsePolicy": {"errorService": ref("errors")},
    "tests": [{"service": ref("tested")}],
    "pathMatchers": [
        {
            "defaultRouteAction": {
                "weightedBackendServices": [{"backendService": ref("b")}, {"backendService": ref("c")}],
                "requestMirrorPolicy": {"backendService": ref("mirror")},
            },
            "pathRules": [{"service": ref("d")}, {"urlRedirect": {"httpsRedirect": True}}],
        },
        {"defaultService": ref("bucket"), "routeRules": [{"service": ref("e")}]},
    ],
}
SERVICES = ("a", "b", "c", "d", "e", "mirror", "tested")


def routed() -> tuple[Draft, ...]:
    buckets = (res(t.BACKEND_BUCKET, "bucket"), res(t.BACKEND_BUCKET, "errors"))
    return (res(t.URL_MAP, "map", ROUTED), *(res(t.BACKEND_SERVICE, name) for name in SERVICES), *buckets)


def test_every_route_is_known_by_kind_and_place() -> None:
    assert [(route.kind, route.path) for route in url_map(stack(*routed())).routes] == [
        (RouteKind.SERVICE, "defaultService"),
        (RouteKind.SERVICE, "pathMatchers[0].defaultRouteAction.weightedBackendServices[0].backendService"),
        (RouteKind.SERVICE, "pathMatchers[0].defaultRouteAction.weightedBackendServices[1].backendService"),
        (RouteKind.SERVICE, "pathMatchers[0].pathRules[0].service"),
        (RouteKind.SERVICE, "pathMatchers[1].defaultService"),
        (RouteKind.SERVICE, "pathMatchers[1].routeRules[0].service"),
        (RouteKind.REDIRECT, "pathMatchers[0].pathRules[1].urlRedirect"),
        (RouteKind.MIRROR, "pathMatchers[0].defaultRouteAction.requestMirrorPolicy.backendService"),
        (RouteKind.ERROR, "defaultCustomErrorResponsePolicy.errorService"),
    ]


def test_only_services_that_answer_are_reached() -> None:
    deployment = stack(*routed())
    assert {one.resource.name for one in url_map(deployment).services.certain} == set("abcde")
    assert {one.name for one in url_map(deployment).buckets.certain} == {"bucket"}
    assert url_map(deployment).services.exact


def test_before_deployment_which_of_several_places_is_the_mirror_is_not_known() -> None:
    services = url_map(preview(*routed())).services
    assert {one.resource.name for one in services.certain} == {"a"}
    assert {one.resource.name for one in services.possible} == {*"abcde", "mirror"}
    assert not services.open


@both
def test_two_routes_to_one_service_reach_that_service(build: Build) -> None:
    matchers = [{"defaultService": ref("api"), "pathRules": [{"service": ref("api")}, {"service": ref("api")}]}]
    deployment = build(
        res(t.URL_MAP, "map", {"defaultService": ref("api"), "pathMatchers": matchers}), res(t.BACKEND_SERVICE, "api")
    )
    assert url_map(deployment).services.exact
    assert url_map(deployment).services.certain == {service(deployment)}
    assert all(route.target is not None and route.target.targets().exact for route in url_map(deployment).routes)


def test_routes_that_are_not_known_leave_the_map_open() -> None:
    mapped = url_map(stack(res(t.URL_MAP, "map", {"defaultService": ref("a"), "pathMatchers": UNKNOWN}), routed()[1]))
    assert mapped.open is not None
    assert mapped.open.path == "pathMatchers"
    assert {one.resource.name for one in mapped.services.certain} == {"a"}
    assert mapped.services.open


def test_a_global_map_may_name_a_regional_service_for_rules_to_judge() -> None:
    deployment = stack(
        res(t.URL_MAP, "map", {"defaultService": ref("api")}), res(t.REGION_BACKEND_SERVICE, "api", {"region": EUROPE})
    )
    assert url_map(deployment).services.certain == {service(deployment)}


REDIRECT = {"httpsRedirect": True}


@pytest.mark.parametrize(
    ("props", "answer"),
    [
        ({"defaultUrlRedirect": REDIRECT}, True),
        ({"defaultUrlRedirect": REDIRECT, "pathMatchers": [{"defaultUrlRedirect": REDIRECT}]}, True),
        ({"defaultUrlRedirect": REDIRECT, "pathMatchers": [{"defaultService": UNKNOWN}]}, False),
        ({"defaultUrlRedirect": {"hostRedirect": "example.com"}}, False),
        ({"defaultUrlRedirect": {"httpsRedirect": False}, "pathMatchers": UNKNOWN}, False),
        ({"defaultUrlRedirect": REDIRECT, "pathMatchers": UNKNOWN}, None),
        ({"defaultUrlRedirect": {"httpsRedirect": UNKNOWN}}, None),
        ({"defaultUrlRedirect": UNKNOWN}, None),
        ({"defaultService": UNKNOWN}, False),
        ({"pathMatchers": [{"defaultUrlRedirect": REDIRECT}]}, False),
    ],
)
def test_a_map_redirects_only_if_every_branch_goes_to_https(props: dict[str, Any], answer: bool | None) -> None:
    mapped = url_map(stack(res(t.URL_MAP, "map", props)))
    if answer is None:
        with pytest.raises(Undecided):
            mapped.redirects_only()
    else:
        assert mapped.redirects_only() is answer


def test_a_redirect_of_a_wrong_type_is_undecided() -> None:
    mapped = url_map(stack(res(t.URL_MAP, "map", {"defaultUrlRedirect": REDIRECT, "pathMatchers": "none"})))
    with pytest.raises(Undecided, match="pathMatchers"):
        mapped.redirects_only()


def test_a_service_outside_leaves_the_map_open_and_is_named_with_its_place() -> None:
    outside = {"pathMatchers": [{"defaultService": "projects/other/global/backendServices/theirs"}]}
    mapped = url_map(stack(res(t.URL_MAP, "map", outside)))
    why = mapped.services.why()
    assert (mapped.services.open, why.path) == (True, "pathMatchers[0].defaultService")
    assert "projects/other/global/backendServices/theirs" in why.reason


def test_a_bucket_outside_is_no_service() -> None:
    mapped = url_map(stack(res(t.URL_MAP, "map", {"defaultService": "projects/other/global/backendBuckets/theirs"})))
    assert (mapped.services.exact, mapped.buckets.open) == (True, True)


def test_a_proxy_without_a_url_map_reaches_its_service_directly() -> None:
    deployment = stack(
        res(t.GLOBAL_FORWARDING_RULE, "front", {"target": ref("proxy")}),
        res(t.TARGET_SSL_PROXY, "proxy", {"backendService": ref("api")}),
        res(t.BACKEND_SERVICE, "api", {"protocol": "SSL", "backends": [{"group": ref("vms")}]}),
        res(t.INSTANCE_GROUP, "vms", {"zone": f"{EUROPE}-c"}),
    )
    assert frontend(deployment).regions.certain == {EUROPE}
    assert frontend(deployment).url_maps.exact


@pytest.mark.parametrize("path", ["urlMap", "backendService"])
def test_a_proxy_that_names_something_outside_reaches_what_is_not_known(path: str) -> None:
    token, collection = {
        "urlMap": (t.TARGET_HTTPS_PROXY, "urlMaps"),
        "backendService": (t.TARGET_TCP_PROXY, "backendServices"),
    }[path]
    proxy = res(token, "proxy", {path: f"projects/other/global/{collection}/theirs"})
    services = stack(proxy).load_balancing.proxies[0].services
    assert (services.open, services.why().path) == (True, path)


# What is left out by --target


def test_of_resources_without_properties_nothing_is_said() -> None:
    types = (*t.FORWARDING_RULES, *t.PROXIES, *t.URL_MAPS, *t.BACKEND_SERVICES)
    deployment = stack(*(blank(token, f"new-{index}") for index, token in enumerate(types)))
    plane = deployment.load_balancing
    for front in plane.frontends:
        assert front.services.open
        assert front.regions.open
        with pytest.raises(Undecided):
            front.kind()
        with pytest.raises(Undecided):
            front.scheme()
    assert all(proxy.services.open for proxy in plane.proxies)
    for mapped in plane.url_maps:
        assert mapped.open is not None
        with pytest.raises(Undecided):
            mapped.redirects_only()
    for own in plane.services:
        assert (own.regions.open, own.kinds.open, own.frontends.certain) == (True, True, frozenset())
        assert own.frontends.possible
        with pytest.raises(Undecided):
            own.protocol()


def test_a_group_without_properties_leaves_its_region_open() -> None:
    deployment = preview(*global_front("new"), blank(t.INSTANCE_GROUP_MANAGER, "new"))
    regions = frontend(deployment).regions
    assert (regions.open, regions.certain) == (True, frozenset())
    with pytest.raises(Undecided, match="--target"):
        regions.at_least(1)


def test_a_service_that_an_unknown_front_end_may_reach_is_not_surely_unreached() -> None:
    deployment = stack(res(t.BACKEND_SERVICE, "api"), res(t.GLOBAL_FORWARDING_RULE, "front", {"target": UNKNOWN}))
    with pytest.raises(Undecided, match="target"):
        service(deployment).frontends.at_least(1)


def test_ten_thousand_resources_are_indexed_and_not_compared_with_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    from policypack.model.graph import Address

    compared = 0
    fits = Address.fits

    def counted(self: Address, other: Address) -> bool:
        nonlocal compared
        compared += 1
        return fits(self, other)

    monkeypatch.setattr(Address, "fits", counted)
    many = 200
    drafts: list[Draft] = []
    for number in range(many):
        prefix = "projects/test-project/global"
        drafts += [
            res(t.GLOBAL_FORWARDING_RULE, f"f{number}", {"target": f"{prefix}/targetHttpsProxies/p{number}"}),
            res(t.TARGET_HTTPS_PROXY, f"p{number}", {"name": f"p{number}", "urlMap": f"{prefix}/urlMaps/m{number}"}),
            res(t.URL_MAP, f"m{number}", {"name": f"m{number}", "defaultService": f"b{number}"}),
            res(t.BACKEND_SERVICE, f"b{number}", {"name": f"b{number}"}),
        ]
    plane = stack(*drafts).load_balancing
    assert all(len(own.frontends.certain) == 1 for own in plane.services)
    assert compared <= 4 * len(drafts)
