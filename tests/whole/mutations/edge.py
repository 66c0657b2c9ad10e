"""Mistakes that the rules of the edge find."""

from __future__ import annotations

from typing import Final

from policypack.gcp.types import (
    CLOUD_RUN_SERVICE,
    FORWARDING_RULE,
    IAP_SERVICE_MEMBER,
    IAP_TUNNEL_GROUP,
    MANAGED_ZONE,
    REGION_NETWORK_ENDPOINT_GROUP,
)
from policypack.model.records import replace
from policypack.model.values import UNKNOWN, Value
from tests.support.graphs import urn
from tests.whole.changes import Change, Resources, add, both, find, leave_out, point, put
from tests.whole.mutations.mutation import ADMINISTRATORS, REGIONS, TEMPLATE, UNUSED_NOW, URL_MAP, Mutation
from tests.whole.stacks import PSC

EVERYBODY: Final[Value] = {"versionedExpr": "SRC_IPS_V1", "config": {"srcIpRanges": ["*"]}}
LIMIT: Final[Value] = {
    "priority": 2000,
    "action": "throttle",
    "match": EVERYBODY,
    "rateLimitOptions": {
        "conformAction": "allow",
        "exceedAction": "deny(429)",
        "enforceOnKey": "IP",
        "rateLimitThreshold": {"count": 600, "intervalSec": 60},
    },
}
INJECTIONS: Final[Value] = {
    "priority": 1000,
    "action": "deny(403)",
    "match": {"expr": {"expression": "evaluatePreconfiguredWaf('sqli-v33-stable')"}},
}
PARSED: Final[dict[str, Value]] = {"advancedOptionsConfig": {"jsonParsing": "STANDARD"}}
LAST: Final[Value] = {"priority": 2147483647, "action": "allow", "match": EVERYBODY}
COUNTRY: Final[Value] = {"expr": {"expression": "origin.region_code == 'AQ'"}}
RUNNING: Final = ("europe-west1", "asia-northeast1")
ATTACHMENT: Final = ("ServiceAttachment", "published-europe-west1")
POLICY: Final = ("SecurityPolicy", "frontend")
TWIN: Final = ("BackendService", "twin")


def _policy(*rules: Value, **more: Value) -> Change:
    """Give the policy of the global backend service these rules and settings, and no other."""
    return both(
        put(POLICY, "rules", [*rules, LAST]),
        leave_out(POLICY, "adaptiveProtectionConfig"),
        leave_out(POLICY, "advancedOptionsConfig"),
        *(put(POLICY, key, value) for key, value in more.items()),
    )


def _less(rule: Value, **changes: Value) -> Value:
    assert isinstance(rule, dict)
    return {**rule, **changes}


def _twin(*without: str) -> Change:
    """Put in the same backend service once more, without some of its properties, and a route that leads there."""

    def change(resources: Resources) -> Resources:
        one = find(resources, REGIONS)
        inputs = {key: value for key, value in (one.inputs or {}).items() if key not in {"name", *without}}
        return (*resources, replace(one, urn=urn(one.type, TWIN[1]), name=TWIN[1], inputs=inputs, outputs=None))

    return both(
        change,
        put(URL_MAP, "hostRules", [{"hosts": ["*"], "pathMatcher": "all"}]),
        put(URL_MAP, "pathMatchers", [{"name": "all", "pathRules": [{"paths": ["/twin"], "service": UNKNOWN}]}]),
        point(URL_MAP, "pathMatchers[0].defaultService", REGIONS, TWIN),
    )


def _serverless(region: str, ingress: str) -> Change:
    """Put in a Cloud Run service, and the endpoint group that names it."""
    name = f"run-{region}"
    group: dict[str, Value] = {
        "region": region,
        "networkEndpointType": "SERVERLESS",
        "cloudRun": {"service": name},
    }
    return both(
        add(CLOUD_RUN_SERVICE, name, {"name": name, "location": region, "ingress": ingress}),
        add(REGION_NETWORK_ENDPOINT_GROUP, name, group),
    )


def _keys(key: str, certifying: str) -> Value:
    return [
        {"keyType": "keySigning", "algorithm": key},
        {"keyType": "zoneSigning", "algorithm": certifying},
    ]


def _zone(**dnssec: Value) -> Change:
    return add(MANAGED_ZONE, "planted", {"dnsName": "planted.example.com.", "dnssecConfig": dnssec})


MUTATIONS: Final = (
    Mutation(
        "armor-policy-attached",
        leave_out(REGIONS, "securityPolicy"),
        REGIONS[1],
        "securityPolicy",
        also=UNUSED_NOW,
    ),
    Mutation(
        "armor-parity-across-routes",
        both(
            _policy(LIMIT),
            _twin("securityPolicy"),
        ),
        TWIN[1],
        "securityPolicy",
    ),
    Mutation(
        "armor-type-and-scope-match",
        _policy(LIMIT, type="CLOUD_ARMOR_EDGE"),
        REGIONS[1],
        "securityPolicy",
    ),
    Mutation("armor-has-custom-rules", _policy(), POLICY[1], "rules"),
    Mutation("armor-rules-not-preview-only", _policy(_less(LIMIT, preview=True)), POLICY[1], "rules"),
    Mutation(
        "armor-rate-limiting-present",
        _policy(_less(LIMIT, action="deny(403)", match={"expr": {"expression": "origin.region_code == 'AQ'"}})),
        POLICY[1],
        "rules",
    ),
    Mutation(
        "armor-no-shadowed-deny",
        _policy(_less(LIMIT, priority=500), INJECTIONS, **PARSED),
        POLICY[1],
        "rules[1].priority",
    ),
    Mutation("armor-owasp-rules-present", _policy(LIMIT), POLICY[1], "rules"),
    Mutation("armor-blocks-log4j", _policy(LIMIT), POLICY[1], "rules"),
    Mutation(
        "armor-adaptive-protection",
        _policy(LIMIT),
        POLICY[1],
        "adaptiveProtectionConfig.layer7DdosDefenseConfig.enable",
    ),
    Mutation("armor-default-rule-not-allow", _policy(LIMIT), POLICY[1], "rules"),
    Mutation(
        "armor-request-body-inspection", _policy(INJECTIONS, LIMIT), POLICY[1], "advancedOptionsConfig.jsonParsing"
    ),
    Mutation(
        "armor-edge-policy-on-cdn",
        both(_policy(_less(INJECTIONS, match=COUNTRY), LIMIT), put(REGIONS, "enableCdn", True)),
        REGIONS[1],
        "edgeSecurityPolicy",
    ),
    Mutation(
        "cdn-no-private-content",
        both(put(REGIONS, "enableCdn", True), put(REGIONS, "iap", {"enabled": True})),
        REGIONS[1],
        "enableCdn",
    ),
    Mutation(
        "cdn-serve-stale-for-outage",
        both(put(REGIONS, "enableCdn", True), put(REGIONS, "cdnPolicy", {"serveWhileStale": 0})),
        REGIONS[1],
        "cdnPolicy.serveWhileStale",
    ),
    Mutation("cdn-enabled-for-cacheable-backends", put(REGIONS, "enableCdn", False), REGIONS[1], "enableCdn"),
    Mutation("cdn-signed-urls-required", put(REGIONS, "enableCdn", True), REGIONS[1], "enableCdn"),
    Mutation("iap-enabled-on-backend", put(REGIONS, "iap", {"enabled": False}), REGIONS[1], "iap.enabled"),
    Mutation(
        "iap-tunnel-dest-group-scoped",
        add(IAP_TUNNEL_GROUP, "everything", {"groupName": "everything", "cidrs": ["0.0.0.0/0"]}),
        "everything",
        "cidrs[0]",
    ),
    Mutation(
        "iap-restrict-web-access-scope",
        add(
            IAP_SERVICE_MEMBER,
            "everybody",
            {"webBackendService": "web", "role": "roles/iap.httpsResourceAccessor", "member": "allUsers"},
        ),
        "everybody",
        "member",
    ),
    Mutation("dns-dnssec-enabled", _zone(state="off"), "planted", "dnssecConfig.state"),
    Mutation("dns-dnssec-nsec3", _zone(state="on", nonExistence="nsec"), "planted", "dnssecConfig.nonExistence"),
    Mutation(
        "dns-dnssec-no-rsasha1-ksk",
        _zone(state="on", defaultKeySpecs=_keys("rsasha1", "rsasha256")),
        "planted",
        "dnssecConfig.defaultKeySpecs[0].algorithm",
    ),
    Mutation(
        "dns-dnssec-no-rsasha1-zsk",
        _zone(state="on", defaultKeySpecs=_keys("rsasha256", "rsasha1")),
        "planted",
        "dnssecConfig.defaultKeySpecs[1].algorithm",
    ),
    Mutation(
        "psc-attachment-manual-accept",
        both(
            put(ATTACHMENT, "connectionPreference", "ACCEPT_AUTOMATIC"),
            leave_out(ATTACHMENT, "consumerAcceptLists"),
        ),
        ATTACHMENT[1],
        "connectionPreference",
        shapes=(PSC,),
    ),
    Mutation(
        "serverless-ingress-restricted",
        both(
            _serverless("europe-west1", "INGRESS_TRAFFIC_ALL"),
            _serverless("asia-northeast1", "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"),
            _twin("timeoutSec"),
            put(TWIN, "backends", [{"group": UNKNOWN}, {"group": UNKNOWN}]),
            point(TWIN, "backends", *(("RegionNetworkEndpointGroup", f"run-{each}") for each in RUNNING), count=2),
        ),
        "run-europe-west1",
        "ingress",
        shapes=(PSC,),
    ),
    Mutation(
        "serverless-backend-settings",
        both(
            *(_serverless(each, "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER") for each in RUNNING),
            _twin(),
            put(TWIN, "timeoutSec", 120),
            put(TWIN, "backends", [{"group": UNKNOWN}, {"group": UNKNOWN}]),
            point(TWIN, "backends", *(("RegionNetworkEndpointGroup", f"run-{each}") for each in RUNNING), count=2),
        ),
        TWIN[1],
        "timeoutSec",
        shapes=(PSC,),
    ),
    Mutation(
        "serverless-ingress-allows-lb",
        both(
            _serverless("europe-west1", "INGRESS_TRAFFIC_INTERNAL_ONLY"),
            _serverless("asia-northeast1", "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"),
            _twin("timeoutSec"),
            put(TWIN, "backends", [{"group": UNKNOWN}, {"group": UNKNOWN}]),
            point(TWIN, "backends", *(("RegionNetworkEndpointGroup", f"run-{each}") for each in RUNNING), count=2),
        ),
        "run-europe-west1",
        "ingress",
        shapes=(PSC,),
    ),
    Mutation(
        "backend-not-reachable-around-lb",
        both(
            put(ADMINISTRATORS, "match.srcIpRanges", ["81.2.69.0/24"]),
            put(ADMINISTRATORS, "match.layer4Configs", [{"ipProtocol": "tcp", "ports": ["8443"]}]),
            put(TEMPLATE, "networkInterfaces[0].accessConfigs", [{"networkTier": "PREMIUM"}]),
        ),
        ADMINISTRATORS[1],
        "match.srcIpRanges",
    ),
    Mutation("tls-hsts-header", leave_out(URL_MAP, "headerAction"), URL_MAP[1], "headerAction.responseHeadersToAdds"),
    Mutation(
        "url-map-unknown-host-not-served",
        put(URL_MAP, "description", "as it is"),
        URL_MAP[1],
        "defaultService",
    ),
    Mutation(
        "lb-external-ip-allowlist",
        leave_out(("GlobalForwardingRule", "frontend-https"), "description"),
        "frontend-https",
        "loadBalancingScheme",
    ),
    Mutation(
        "psc-consumer-endpoint-allowlist",
        add(
            FORWARDING_RULE,
            "partner",
            {
                "region": "europe-west1",
                "loadBalancingScheme": "",
                "network": "projects/shop/global/networks/shop",
                "target": "projects/partner/regions/europe-west1/serviceAttachments/api",
            },
        ),
        "partner",
        "target",
    ),
    Mutation("armor-policy-scope-allowed", put(POLICY, "description", "global"), POLICY[1], ""),
    Mutation(
        "network-edge-ddos-protection",
        add(
            FORWARDING_RULE,
            "packets",
            {
                "region": "europe-west1",
                "loadBalancingScheme": "EXTERNAL",
                "ipAddress": "81.2.69.7",
                "portRange": "7777",
                "target": "projects/shop/regions/europe-west1/targetPools/game",
            },
        ),
        "packets",
        "loadBalancingScheme",
    ),
)
