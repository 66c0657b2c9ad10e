"""Mistakes that the rules of regions find."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from policypack.gcp.types import (
    BACKEND_BUCKET,
    DNS_RECORD_SET,
    FORWARDING_RULE,
    GLOBAL_FORWARDING_RULE,
    KEY_RING,
    REGION_URL_MAP,
    SERVICE_LB_POLICY,
)
from policypack.model.values import UNKNOWN, Value
from tests.whole.changes import add, both, leave_out, point, put
from tests.whole.mutations.mutation import (
    BACKEND,
    BACKEND_BUCKET_PAGES,
    GROUP,
    HTTP_PROXY,
    HTTPS_PROXY,
    NEG,
    OTHER_GROUP,
    REGION_PROXY,
    REGIONS,
    TEMPLATE,
    UNUSED_NOW,
    URL_MAP,
    Mutation,
)
from tests.whole.stacks import DIRECT, PSC


def _answer(location: str) -> dict[str, Value]:
    """Give an answer of DNS whose health is checked."""
    return {"location": location, "healthCheckedTargets": {"internalLoadBalancers": [{"ipAddress": "10.0.0.10"}]}}


_JOINED: Final[Mapping[str, Value]] = {
    "managedZone": "internal",
    "name": "api.internal.example.com.",
    "type": "A",
    "ttl": 30,
    "routingPolicy": {"geos": [_answer("europe-west1"), _answer("asia-northeast1")]},
}

_DNS_MISTAKES: Final[tuple[tuple[str, Mapping[str, Value], str], ...]] = (
    ("dns-routing-policy-two-regions", {"routingPolicy": {"geos": [_answer("eu")]}}, "routingPolicy.geos"),
    (
        "dns-routing-health-checked",
        {"routingPolicy": {"geos": [_answer("eu"), {"location": "asia", "rrdatas": ["10.1.0.10"]}]}},
        "routingPolicy.geos[1].healthCheckedTargets",
    ),
    ("dns-ttl-allows-failover", {"ttl": 3600}, "ttl"),
)
"""Rule, what of the record it is about, and where it must speak."""

MUTATIONS: Final = (
    Mutation(
        "backend-service-two-regions", point(REGIONS, "backends", GROUP, count=1), "regions", "backends", (DIRECT,)
    ),
    Mutation(
        "forwarding-rule-target-same-scope",
        point(("GlobalForwardingRule", "frontend-https"), "target", REGION_PROXY),
        "frontend-https",
        "target",
        also=UNUSED_NOW,
    ),
    Mutation(
        "global-url-map-no-regional-backend",
        both(
            put(URL_MAP, "pathMatchers", [{"name": "all", "defaultService": "?"}]),
            point(URL_MAP, "pathMatchers[0].defaultService", BACKEND),
        ),
        URL_MAP[1],
        "pathMatchers[0].defaultService",
    ),
    *(
        Mutation(rule, add(DNS_RECORD_SET, "joined", {**_JOINED, **changed}), "joined", path)
        for rule, changed, path in _DNS_MISTAKES
    ),
    Mutation(
        "cross-region-internal-two-frontends",
        both(
            add(
                GLOBAL_FORWARDING_RULE,
                "inside",
                {
                    "loadBalancingScheme": "INTERNAL_MANAGED",
                    "portRange": "443",
                    "target": UNKNOWN,
                    "subnetwork": "projects/shop/regions/europe-west1/subnetworks/clients",
                },
            ),
            point(("GlobalForwardingRule", "inside"), "target", HTTPS_PROXY),
        ),
        "inside",
        "subnetwork",
        also={
            "lb-scheme-consistent": "the stack has no other load balancer of that scheme to begin with",
            "tls-proxy-has-certificate": "the certificate map of the proxy serves external load balancers alone",
        },
    ),
    Mutation(
        "forwarding-rule-premium-tier",
        put(("GlobalForwardingRule", "frontend-https"), "networkTier", "STANDARD"),
        "frontend-https",
        "networkTier",
    ),
    Mutation(
        "capacity-survives-region-loss",
        put(("RegionAutoscaler", "inference-europe-west1"), "autoscalingPolicy.maxReplicas", 90),
        "regions",
        "backends",
    ),
    Mutation(
        "instance-template-parity",
        put(TEMPLATE, "disks[0].sourceImage", "projects/debian-cloud/global/images/family/debian-11"),
        "regions",
        "backends",
        (DIRECT,),
    ),
    Mutation(
        "service-lb-policy-auto-drain", leave_out(REGIONS, "serviceLbPolicy"), "regions", "serviceLbPolicy", (DIRECT,)
    ),
    Mutation(
        "session-affinity-allows-failover",
        both(
            put(REGIONS, "sessionAffinity", "STRONG_COOKIE_AFFINITY"),
            put(REGIONS, "strongSessionAffinityCookie", {"name": "session"}),
        ),
        "regions",
        "sessionAffinity",
    ),
    Mutation(
        "regions-failure-domain-spread",
        put(
            REGIONS,
            "backends",
            [
                {
                    "group": f"projects/shop/regions/{region}/instanceGroups/api",
                    "balancingMode": "RATE",
                    "maxRatePerInstance": 10,
                    "capacityScaler": 1,
                }
                for region in ("us-central1", "us-east1")
            ],
        ),
        "regions",
        "backends",
        (DIRECT,),
    ),
    Mutation(
        "mig-minimum-size-per-region",
        put(("RegionAutoscaler", "inference-europe-west1"), "autoscalingPolicy.minReplicas", 1),
        "regions",
        "backends",
        (DIRECT,),
    ),
    Mutation(
        "service-lb-policy-allows-failover",
        add(
            SERVICE_LB_POLICY,
            "strict",
            {"location": "global", "isolationConfig": {"isolationGranularity": "REGION", "isolationMode": "STRICT"}},
        ),
        "strict",
        "isolationConfig.isolationMode",
    ),
    Mutation(
        "regional-lb-has-dns-failover",
        add(
            FORWARDING_RULE,
            "outside",
            {
                "region": "europe-west1",
                "loadBalancingScheme": "EXTERNAL_MANAGED",
                "target": "projects/shop/regions/europe-west1/targetHttpsProxies/outside",
                "network": "projects/shop/global/networks/shop",
                "ipAddress": "203.0.113.10",
                "portRange": "443",
            },
        ),
        "outside",
        "ipAddress",
        (PSC,),
    ),
    Mutation(
        "internal-lb-global-access",
        both(
            add(
                FORWARDING_RULE,
                "inside",
                {
                    "region": "europe-west1",
                    "loadBalancingScheme": "INTERNAL",
                    "backendService": "projects/shop/regions/europe-west1/backendServices/inside",
                    "network": "projects/shop/global/networks/shop",
                    "subnetwork": "projects/shop/regions/europe-west1/subnetworks/shop",
                    "ipAddress": "10.0.0.10",
                    "allPorts": True,
                },
            ),
            add(DNS_RECORD_SET, "joined", _JOINED),
        ),
        "inside",
        "allowGlobalAccess",
    ),
    Mutation(
        "region-explicit-not-provider-default",
        both(leave_out(GROUP, "region"), leave_out(OTHER_GROUP, "region")),
        "regions",
        "backends",
        (DIRECT,),
    ),
    Mutation(
        "regions-within-jurisdiction",
        add(
            KEY_RING,
            "elsewhere",
            {"location": "us-east1"},
        ),
        "elsewhere",
        "location",
    ),
    Mutation(
        "service-lb-policy-scope",
        put(
            REGIONS,
            "serviceLbPolicy",
            "//networkservices.googleapis.com/projects/shop/locations/europe-west1/serviceLbPolicies/spread",
        ),
        REGIONS[1],
        "serviceLbPolicy",
    ),
    Mutation(
        "mig-multi-zone",
        put(GROUP, "distributionPolicyZones", ["europe-west1-b"]),
        GROUP[1],
        "distributionPolicyZones",
    ),
    Mutation(
        "proxy-and-url-map-same-scope",
        both(
            add(
                REGION_URL_MAP,
                "redirect",
                {"region": "europe-west1", "defaultUrlRedirect": {"httpsRedirect": True, "stripQuery": False}},
            ),
            point(HTTP_PROXY, "urlMap", ("RegionUrlMap", "redirect")),
        ),
        HTTP_PROXY[1],
        "urlMap",
        also=UNUSED_NOW,
    ),
    Mutation(
        "psc-backend-two-regions", point(REGIONS, "backends", NEG, count=1), "regions", "backends", (PSC,), UNUSED_NOW
    ),
    Mutation(
        "url-map-every-route-two-regions",
        both(
            add("gcp:storage/bucket:Bucket", "pages", {"location": "EUROPE-WEST1", "uniformBucketLevelAccess": True}),
            add(BACKEND_BUCKET, "pages", {"bucketName": UNKNOWN}),
            point(BACKEND_BUCKET_PAGES, "bucketName", ("Bucket", "pages")),
            put(URL_MAP, "pathMatchers", [{"name": "all", "defaultService": "?"}]),
            point(URL_MAP, "pathMatchers[0].defaultService", BACKEND_BUCKET_PAGES),
        ),
        "pages",
        "bucketName",
    ),
    Mutation(
        "psc-producer-global-access",
        leave_out(("ForwardingRule", "backend-europe-west1"), "allowGlobalAccess"),
        "backend-europe-west1",
        "allowGlobalAccess",
        (PSC,),
    ),
)
