"""Every load balancer of Google Cloud, hand-made: what answers, what is reached, and where it is served from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policypack.gcp import types as t
from policypack.topology.load_balancing import BackendKind, BackendService, Frontend, FrontendKind, RouteKind
from tests.support.graphs import get, preview, ref, res, stack
from tests.support.load_balancers import ASIA, EUROPE

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.topology import Deployment
    from tests.support.graphs import Draft

    Build = Callable[..., Deployment]

both = pytest.mark.parametrize("build", [stack, preview], ids=["after deployment", "before deployment"])

GROUPS = (
    res(t.REGION_INSTANCE_GROUP_MANAGER, "europe", {"region": EUROPE}),
    res(t.INSTANCE_GROUP_MANAGER, "asia", {"zone": f"{ASIA}-b"}),
)


def frontend(deployment: Deployment, name: str = "front") -> Frontend:
    return deployment.load_balancing.frontend(get(deployment, name))


def service(deployment: Deployment, name: str = "api") -> BackendService:
    return deployment.load_balancing.service(get(deployment, name))


def worldwide(scheme: str, proxy: str, protocol: str) -> tuple[Draft, ...]:
    """A global or cross-region load balancer over groups in two regions."""
    backends = [{"group": ref("europe")}, {"group": ref("asia")}]
    mapped = proxy in t.URL_MAP_PROXIES
    leads = {"urlMap": ref("map")} if mapped else {"backendService": ref("api")}
    return (
        res(
            t.GLOBAL_FORWARDING_RULE, "front", {"loadBalancingScheme": scheme, "target": ref("proxy"), "portRange": 443}
        ),
        res(proxy, "proxy", leads),
        *([res(t.URL_MAP, "map", {"defaultService": ref("api")})] if mapped else []),
        res(t.BACKEND_SERVICE, "api", {"loadBalancingScheme": scheme, "protocol": protocol, "backends": backends}),
        *GROUPS,
    )


def regional(scheme: str, proxy: str, protocol: str) -> tuple[Draft, ...]:
    """A load balancer of one region, with proxies."""
    mapped = proxy in t.URL_MAP_PROXIES
    leads = {"urlMap": ref("map")} if mapped else {"backendService": ref("api")}
    here = {"region": EUROPE}
    return (
        res(t.FORWARDING_RULE, "front", {**here, "loadBalancingScheme": scheme, "target": ref("proxy")}),
        res(proxy, "proxy", {**here, **leads}),
        *([res(t.REGION_URL_MAP, "map", {**here, "defaultService": ref("api")})] if mapped else []),
        res(
            t.REGION_BACKEND_SERVICE,
            "api",
            {**here, "loadBalancingScheme": scheme, "protocol": protocol, "backends": [{"group": ref("europe")}]},
        ),
        *GROUPS,
    )


def passthrough(scheme: str) -> tuple[Draft, ...]:
    """A load balancer of one region, without a proxy."""
    here = {"region": EUROPE, "loadBalancingScheme": scheme}
    return (
        res(t.FORWARDING_RULE, "front", {**here, "backendService": ref("api"), "allPorts": True}),
        res(t.REGION_BACKEND_SERVICE, "api", {**here, "backends": [{"group": ref("europe")}]}),
        *GROUPS,
    )


WORLDWIDE = [
    ("EXTERNAL", t.TARGET_HTTPS_PROXY, "HTTPS", FrontendKind.HTTPS),
    ("EXTERNAL", t.TARGET_HTTP_PROXY, "HTTP", FrontendKind.HTTP),
    ("EXTERNAL", t.TARGET_SSL_PROXY, "SSL", FrontendKind.SSL),
    ("EXTERNAL", t.TARGET_TCP_PROXY, "TCP", FrontendKind.TCP),
    ("EXTERNAL_MANAGED", t.TARGET_HTTPS_PROXY, "HTTP2", FrontendKind.HTTPS),
    ("EXTERNAL_MANAGED", t.TARGET_SSL_PROXY, "SSL", FrontendKind.SSL),
    ("EXTERNAL_MANAGED", t.TARGET_TCP_PROXY, "TCP", FrontendKind.TCP),
    ("INTERNAL_MANAGED", t.TARGET_HTTPS_PROXY, "HTTPS", FrontendKind.HTTPS),
    ("INTERNAL_MANAGED", t.TARGET_TCP_PROXY, "TCP", FrontendKind.TCP),
    ("INTERNAL_SELF_MANAGED", t.TARGET_GRPC_PROXY, "GRPC", FrontendKind.GRPC),
]
REGIONAL = [
    ("EXTERNAL_MANAGED", t.REGION_TARGET_HTTPS_PROXY, "HTTPS", FrontendKind.HTTPS),
    ("EXTERNAL_MANAGED", t.REGION_TARGET_HTTP_PROXY, "HTTP", FrontendKind.HTTP),
    ("EXTERNAL_MANAGED", t.REGION_TARGET_TCP_PROXY, "TCP", FrontendKind.TCP),
    ("INTERNAL_MANAGED", t.REGION_TARGET_HTTPS_PROXY, "HTTPS", FrontendKind.HTTPS),
    ("INTERNAL_MANAGED", t.REGION_TARGET_TCP_PROXY, "TCP", FrontendKind.TCP),
]


def kind_ids(value: object) -> str | None:
    return value.rsplit(":", 1)[-1] if isinstance(value, str) else None


@both
@pytest.mark.parametrize(("scheme", "proxy", "protocol", "kind"), WORLDWIDE, ids=kind_ids)
class TestWorldwide:
    def test_it_is_served_from_the_regions_of_all_groups(
        self, build: Build, scheme: str, proxy: str, protocol: str, kind: FrontendKind
    ) -> None:
        deployment = build(*worldwide(scheme, proxy, protocol))
        front = frontend(deployment)
        assert (front.kind(), front.scheme(), front.is_global) == (kind, scheme, True)
        assert front.regions.exact
        assert front.regions.certain == {EUROPE, ASIA}

    def test_it_ends_at_its_service(
        self, build: Build, scheme: str, proxy: str, protocol: str, kind: FrontendKind
    ) -> None:
        deployment = build(*worldwide(scheme, proxy, protocol))
        assert frontend(deployment).services.certain == {service(deployment)}
        assert service(deployment).frontends.certain == {frontend(deployment)}

    def test_only_schemes_that_the_internet_reaches_are_external(
        self, build: Build, scheme: str, proxy: str, protocol: str, kind: FrontendKind
    ) -> None:
        assert frontend(build(*worldwide(scheme, proxy, protocol))).external() is scheme.startswith("EXTERNAL")

    def test_only_proxies_that_speak_http_make_an_application_load_balancer(
        self, build: Build, scheme: str, proxy: str, protocol: str, kind: FrontendKind
    ) -> None:
        applies = kind in {FrontendKind.HTTPS, FrontendKind.HTTP}
        assert service(build(*worldwide(scheme, proxy, protocol))).application() is applies


@both
@pytest.mark.parametrize(("scheme", "proxy", "protocol", "kind"), REGIONAL, ids=kind_ids)
class TestRegional:
    def test_it_is_served_from_its_region(
        self, build: Build, scheme: str, proxy: str, protocol: str, kind: FrontendKind
    ) -> None:
        front = frontend(build(*regional(scheme, proxy, protocol)))
        assert (front.kind(), front.scheme(), front.region) == (kind, scheme, EUROPE)
        assert front.regions.certain == {EUROPE}

    def test_a_proxy_stands_between(
        self, build: Build, scheme: str, proxy: str, protocol: str, kind: FrontendKind
    ) -> None:
        assert service(build(*regional(scheme, proxy, protocol))).passthrough() is False


@both
@pytest.mark.parametrize("scheme", ["INTERNAL", "EXTERNAL"])
def test_a_passthrough_load_balancer_ends_at_its_service_without_a_proxy(build: Build, scheme: str) -> None:
    deployment = build(*passthrough(scheme))
    front = frontend(deployment)
    assert (front.kind(), front.proxies.possible) == (FrontendKind.PASSTHROUGH, frozenset())
    assert front.services.certain == {service(deployment)}
    assert service(deployment).passthrough()


@both
def test_a_front_end_over_a_target_pool_has_no_backend_service(build: Build) -> None:
    deployment = build(
        res(t.FORWARDING_RULE, "front", {"region": EUROPE, "loadBalancingScheme": "EXTERNAL", "target": ref("pool")}),
        res(t.TARGET_POOL, "pool", {"region": EUROPE}),
    )
    front = frontend(deployment)
    assert front.kind() is FrontendKind.OTHER
    assert front.services.exact
    assert not front.services.possible


@both
@pytest.mark.parametrize(
    ("group", "kind"),
    [
        (res(t.INSTANCE_GROUP, "group", {"zone": f"{EUROPE}-b"}), BackendKind.INSTANCE_GROUP),
        (
            res(t.NETWORK_ENDPOINT_GROUP, "group", {"zone": f"{EUROPE}-b", "networkEndpointType": "GCE_VM_IP"}),
            BackendKind.PASSTHROUGH_NEG,
        ),
        (
            res(
                t.REGION_NETWORK_ENDPOINT_GROUP,
                "group",
                {"region": EUROPE, "networkEndpointType": "SERVERLESS", "cloudFunction": {"function": "f"}},
            ),
            BackendKind.SERVERLESS_NEG,
        ),
        (
            res(
                t.REGION_NETWORK_ENDPOINT_GROUP,
                "group",
                {"region": EUROPE, "networkEndpointType": "SERVERLESS", "appEngine": {"service": "default"}},
            ),
            BackendKind.SERVERLESS_NEG,
        ),
    ],
)
def test_a_group_of_any_make_serves_its_region(build: Build, group: Draft, kind: BackendKind) -> None:
    backend = res(t.BACKEND_SERVICE, "api", {"backends": [{"group": ref("group")}]})
    api = service(build(backend, group))
    assert api.kinds.certain == {kind}
    assert api.regions.certain == {EUROPE}


@both
def test_an_internet_group_of_a_region_serves_no_region(build: Build) -> None:
    group = res(
        t.REGION_NETWORK_ENDPOINT_GROUP, "group", {"region": EUROPE, "networkEndpointType": "INTERNET_FQDN_PORT"}
    )
    api = service(build(res(t.REGION_BACKEND_SERVICE, "api", {"backends": [{"group": ref("group")}]}), group))
    assert api.kinds.certain == {BackendKind.INTERNET_NEG}
    assert api.regions.exact
    assert not api.regions.possible


# Everything a URL map can hold


def everything() -> tuple[Draft, ...]:
    """A URL map with a route of each make, each to a service of its own name."""
    names = ("web", "api", "action", "heavy", "light", "rule", "shadow", "path-shadow")
    action = {"weightedBackendServices": [{"backendService": ref("heavy")}, {"backendService": ref("light")}]}
    mirrored = {"requestMirrorPolicy": {"backendService": ref("shadow")}}
    props: dict[str, Any] = {
        "defaultService": ref("web"),
        "hostRules": [{"hosts": ["*"], "pathMatcher": "all"}],
        "defaultCustomErrorResponsePolicy": {"errorService": ref("pages")},
        "pathMatchers": [
            {
                "name": "all",
                "defaultRouteAction": {
                    "weightedBackendServices": [{"backendService": ref("action")}],
                    "requestMirrorPolicy": {"backendService": ref("path-shadow")},
                },
                "pathRules": [
                    {"paths": ["/a"], "service": ref("api"), "routeAction": mirrored},
                    {"paths": ["/b"], "urlRedirect": {"httpsRedirect": True}},
                ],
                "routeRules": [
                    {"priority": 1, "service": ref("rule")},
                    {"priority": 2, "routeAction": action},
                    {"priority": 3, "service": ref("files")},
                ],
            }
        ],
        "tests": [{"host": "x", "path": "/", "service": ref("untouched")}],
    }
    services = (res(t.BACKEND_SERVICE, name) for name in (*names, "untouched"))
    return (res(t.URL_MAP, "map", props), *services, *(res(t.BACKEND_BUCKET, name) for name in ("pages", "files")))


def test_every_route_of_a_map_is_followed() -> None:
    deployment = stack(*everything())
    view = deployment.load_balancing.url_map(get(deployment, "map"))
    reached = {one.resource.name for one in view.services.certain}
    assert reached == {"web", "api", "action", "heavy", "light", "rule"}
    assert {bucket.name for bucket in view.buckets.certain} == {"files"}
    assert [sum(route.kind is kind for route in view.routes) for kind in RouteKind] == [7, 1, 2, 1]


def test_what_answers_among_unknown_places_beside_a_mirror_is_possible_and_nothing_else() -> None:
    deployment = preview(*everything())
    view = deployment.load_balancing.url_map(get(deployment, "map"))
    assert {one.resource.name for one in view.services.certain} == {"web"}
    assert not view.services.open
    assert "untouched" not in {one.resource.name for one in view.services.possible}


# Ways to write a reference

GROUP = "regions/europe-west1/instanceGroups/web"


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        (f"projects/test-project/{GROUP}", True),
        (f"https://www.googleapis.com/compute/v1/projects/test-project/{GROUP}", True),
        (f"https://compute.googleapis.com/compute/beta/projects/test-project/{GROUP}", True),
        (f"//compute.googleapis.com/projects/test-project/{GROUP}", True),
        (GROUP, True),
        (f"projects/another-project/{GROUP}", False),
        ("projects/test-project/regions/us-central1/instanceGroups/web", False),
        ("projects/test-project/zones/europe-west1-b/instanceGroups/web", False),
    ],
)
def test_a_group_is_found_however_it_is_written_and_only_in_its_place(text: str, ours: bool) -> None:
    deployment = stack(
        res(t.BACKEND_SERVICE, "api", {"backends": [{"group": text}]}),
        res(t.REGION_INSTANCE_GROUP_MANAGER, "group", {"region": EUROPE, "name": "web"}),
    )
    found = service(deployment).groups.resources()
    assert (found.certain == {get(deployment, "group")}) is ours
    assert found.open is not ours


@pytest.mark.parametrize(
    ("owner", "name"), [(t.TARGET_HTTPS_PROXY, "global-map"), (t.REGION_TARGET_HTTPS_PROXY, "regional-map")]
)
def test_of_namesakes_in_two_scopes_a_bare_name_means_the_one_of_its_own(owner: str, name: str) -> None:
    deployment = stack(
        res(owner, "proxy", {"region": EUROPE, "urlMap": "web"}),
        res(t.URL_MAP, "global-map", {"name": "web"}),
        res(t.REGION_URL_MAP, "regional-map", {"name": "web", "region": EUROPE}),
    )
    maps = deployment.load_balancing.proxy(get(deployment, "proxy")).url_maps
    assert {view.resource.name for view in maps.certain} == {name}


@pytest.mark.parametrize("token", t.INSTANCE_TEMPLATES, ids=kind_ids)
def test_a_link_that_says_which_template_of_one_name_is_meant_finds_it(token: str) -> None:
    place = "global" if token == t.INSTANCE_TEMPLATE else f"regions/{EUROPE}"
    link = f"https://www.googleapis.com/compute/v1/projects/test-project/{place}/instanceTemplates/web?uniqueId=12"
    deployment = stack(
        res(t.REGION_INSTANCE_GROUP_MANAGER, "group", {"region": EUROPE, "versions": [{"instanceTemplate": link}]}),
        res(token, "template", {"name": "web", "region": EUROPE}),
    )
    references = deployment.graph.references(get(deployment, "group"), "versions[].instanceTemplate")
    assert references.resources().certain == {get(deployment, "template")}


@pytest.mark.parametrize(
    ("place", "possible"),
    [
        (
            "zones/europe-west1-b",
            {BackendKind.ZONAL_NEG, BackendKind.PASSTHROUGH_NEG, BackendKind.HYBRID_NEG},
        ),
        (
            "regions/europe-west1",
            {
                BackendKind.SERVERLESS_NEG,
                BackendKind.PSC_NEG,
                BackendKind.INTERNET_NEG,
                BackendKind.PORT_MAPPING_NEG,
            },
        ),
        ("global", {BackendKind.INTERNET_NEG}),
    ],
)
def test_the_place_of_an_endpoint_group_outside_tells_which_kinds_it_can_be(
    place: str, possible: set[BackendKind]
) -> None:
    group = f"projects/p/{place}/networkEndpointGroups/group"
    kinds = service(stack(res(t.BACKEND_SERVICE, "api", {"backends": [{"group": group}]}))).kinds
    assert kinds.possible == possible
    assert not kinds.open
    assert kinds.exact is (len(possible) == 1)
