"""Hand-made load balancers of the usual kinds, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp import types as t
from tests.support.graphs import ref, res

if TYPE_CHECKING:
    from tests.support.graphs import Draft

EUROPE, ASIA = "europe-west1", "asia-northeast1"


def global_front(*groups: str) -> tuple[Draft, ...]:
    """A global external application load balancer, with a redirect beside it, over groups of these names."""
    backends = [{"group": ref(group)} for group in groups]
    return (
        res(t.GLOBAL_FORWARDING_RULE, "front", {"target": ref("proxy"), "portRange": "443"}),
        res(t.TARGET_HTTPS_PROXY, "proxy", {"urlMap": ref("map")}),
        res(t.URL_MAP, "map", {"defaultService": ref("api")}),
        res(t.BACKEND_SERVICE, "api", {"protocol": "HTTPS", "backends": backends} if backends else {}),
        res(t.GLOBAL_FORWARDING_RULE, "front-80", {"target": ref("proxy-80"), "portRange": "80"}),
        res(t.TARGET_HTTP_PROXY, "proxy-80", {"urlMap": ref("map-80")}),
        res(t.URL_MAP, "map-80", {"defaultUrlRedirect": {"httpsRedirect": True, "stripQuery": False}}),
    )


def producer(region: str, **group: object) -> tuple[Draft, ...]:
    """A regional internal application load balancer over a regional group, published by a service attachment."""
    return (
        res(t.SERVICE_ATTACHMENT, f"attachment-{region}", {"region": region, "targetService": ref(f"front-{region}")}),
        res(
            t.FORWARDING_RULE,
            f"front-{region}",
            {
                "region": region,
                "loadBalancingScheme": "INTERNAL_MANAGED",
                "target": ref(f"proxy-{region}"),
                "portRange": "443",
            },
        ),
        res(t.REGION_TARGET_HTTPS_PROXY, f"proxy-{region}", {"region": region, "urlMap": ref(f"map-{region}")}),
        res(t.REGION_URL_MAP, f"map-{region}", {"region": region, "defaultService": ref(f"service-{region}")}),
        res(
            t.REGION_BACKEND_SERVICE,
            f"service-{region}",
            {
                "region": region,
                "loadBalancingScheme": "INTERNAL_MANAGED",
                "protocol": "HTTPS",
                "backends": [{"group": ref(f"group-{region}")}],
            },
        ),
        res(t.REGION_INSTANCE_GROUP_MANAGER, f"group-{region}", {"region": region, **group}),
    )


def psc_neg(region: str, target: object = None) -> Draft:
    """A Private Service Connect endpoint group; without a target, for the producer of its region."""
    service = ref(f"attachment-{region}") if target is None else target
    props = {"region": region, "networkEndpointType": "PRIVATE_SERVICE_CONNECT", "pscTargetService": service}
    return res(t.REGION_NETWORK_ENDPOINT_GROUP, f"neg-{region}", props)


def global_direct() -> tuple[Draft, ...]:
    """A global load balancer straight over a zonal group in Europe and a regional one in Asia."""
    return (
        *global_front("group-europe", "group-asia"),
        res(t.INSTANCE_GROUP_MANAGER, "group-europe", {"zone": f"{EUROPE}-b"}),
        res(t.REGION_INSTANCE_GROUP_MANAGER, "group-asia", {"region": ASIA}),
    )


def regional_psc() -> tuple[Draft, ...]:
    """A global load balancer over Private Service Connect, with a producer in Europe and one in Asia."""
    regions = (EUROPE, ASIA)
    published = [draft for region in regions for draft in (psc_neg(region), *producer(region))]
    return (*global_front(*(f"neg-{region}" for region in regions)), *published)
