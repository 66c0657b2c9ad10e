"""One mistake for every rule, made in the reference stack: the rule must find it there, and no other may.

A new rule needs a line here. Where a mistake cannot help being several, the other rules that find it are named, each
with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from policypack.gcp.types import (
    BACKEND_BUCKET,
    DNS_RECORD_SET,
    FORWARDING_RULE,
    GLOBAL_FORWARDING_RULE,
    HEALTH_CHECK,
    REGION_TARGET_HTTP_PROXY,
    REGION_URL_MAP,
    REGIONAL_SECRET,
    SERVER_TLS_POLICY,
    SERVICE_LB_POLICY,
)
from policypack.model.values import UNKNOWN, Value
from policypack.rules.encryption_at_rest.stored_data_cmek import STORES
from policypack.rules.firewall.firewall_no_public_port import PORTS
from tests.whole.changes import Change, add, both, leave_out, point, put
from tests.whole.stacks import DIRECT, PSC

ADMINISTRATORS: Final = ("NetworkFirewallPolicyRule", "allow-iap-ssh")
BACKEND_BUCKET_PAGES: Final = ("BackendBucket", "pages")
BACKEND: Final = ("RegionBackendService", "backend-europe-west1")
CERTIFICATE: Final = ("Certificate", "backend-europe-west1-certificate")
GROUP: Final = ("RegionInstanceGroupManager", "inference-europe-west1")
HTTP_PROXY: Final = ("TargetHttpProxy", "frontend-redirect")
HTTPS_PROXY: Final = ("TargetHttpsProxy", "frontend")
MAP_ENTRY: Final = ("CertificateMapEntry", "frontend")
NEG: Final = ("RegionNetworkEndpointGroup", "published-europe-west1")
READINESS: Final = ("RegionHealthCheck", "backend-europe-west1-readiness")
REDIRECT: Final = ("URLMap", "frontend-redirect")
REGION_PROXY: Final = ("RegionTargetHttpsProxy", "backend-europe-west1")
REGIONS: Final = ("BackendService", "regions")
SSL_POLICY: Final = ("SSLPolicy", "frontend")
TEMPLATE: Final = ("RegionInstanceTemplate", "inference-europe-west1")
URL_MAP: Final = ("URLMap", "frontend")


@dataclass(frozen=True)
class Mutation:
    """One mistake.

    Attributes:
        rule: The rule that finds it.
        change: What is done to the stack.
        at: Name of the resource where the finding is.
        path: Property where it is.
        shapes: The shapes of the reference stack in which the mistake can be made.
        also: Other rules that find something, each with the reason why this cannot be helped.
    """

    rule: str
    change: Change
    at: str
    path: str
    shapes: tuple[str, ...] = (PSC, DIRECT)
    also: Mapping[str, str] = field(default_factory=dict)


def _to_everybody(rule: str, layer4: list[Value]) -> Mutation:
    """Let the internet in where administrators come through Identity-Aware Proxy."""
    opened = both(
        put(ADMINISTRATORS, "match.srcIpRanges", ["0.0.0.0/0"]), put(ADMINISTRATORS, "match.layer4Configs", layer4)
    )
    return Mutation(rule, opened, ADMINISTRATORS[1], "match.srcIpRanges")


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

EXPIRED: Final = """-----BEGIN CERTIFICATE-----
MIIBIjCByaADAgECAgEHMAoGCCqGSM49BAMCMBsxGTAXBgNVBAMMEHNob3AuZXhh
bXBsZS5jb20wHhcNMDAwMTAxMDAwMDAwWhcNMDEwMTAxMDAwMDAwWjAbMRkwFwYD
VQQDDBBzaG9wLmV4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
FB7Cnk+Fkv8kB3zM/5v49HiEvYhudfgbuR2Zp+hyOjWowG7NXIALAmGC5nNnRlAd
5gHRrRO4KslqgaYhKk1x1TAKBggqhkjOPQQDAgNIADBFAiEA4xGM7bbl2WS8Rt/7
5xBwqf9geAVp++OooZxdQHt6gWwCIFhGeRuAzwhX7JuZ72pco8rDBVaAwe/DNIuk
KdDBXuWY
-----END CERTIFICATE-----
"""
"""A certificate that was valid in the year 2000."""
UNUSED_NOW: Final = {"lb-no-orphan-components": "what the property named is named by nothing now"}

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
    Mutation("backend-protocol-encrypted", put(BACKEND, "protocol", "HTTP"), BACKEND[1], "protocol"),
    Mutation(
        "backend-tls-authenticated",
        both(
            *(
                put((kind, name), "tlsSettings", {"authenticationConfig": "//networksecurity.googleapis.com/a"})
                for kind, name in (REGIONS, ("RegionBackendService", "backend-asia-northeast1"))
            )
        ),
        BACKEND[1],
        "tlsSettings.authenticationConfig",
    ),
    Mutation(
        "backend-service-has-health-check",
        leave_out(BACKEND, "healthChecks"),
        BACKEND[1],
        "healthChecks",
        also=UNUSED_NOW,
    ),
    Mutation(
        "backend-service-two-regions", point(REGIONS, "backends", GROUP, count=1), "regions", "backends", (DIRECT,)
    ),
    Mutation(
        "backend-takes-traffic",
        leave_out(BACKEND, "backends[0].capacityScaler"),
        BACKEND[1],
        "backends[0].capacityScaler",
    ),
    *(
        Mutation(row.rule, add(row.token, "store", {"location": "europe-west1"}), "store", row.keys[0])
        for row in STORES
    ),
    Mutation(
        "secret-cmek",
        add(REGIONAL_SECRET, "token", {"location": "europe-west1", "secretId": "token"}),
        "token",
        "customerManagedEncryption.kmsKeyName",
    ),
    Mutation(
        "kms-key-location-matches-resource",
        point(TEMPLATE, "disks[0].diskEncryptionKey.kmsKeySelfLink", ("CryptoKey", "disks-asia-northeast1")),
        TEMPLATE[1],
        "disks[0].diskEncryptionKey.kmsKeySelfLink",
    ),
    Mutation(
        "disk-cmek",
        leave_out(TEMPLATE, "disks[0].diskEncryptionKey"),
        TEMPLATE[1],
        "disks[0].diskEncryptionKey.kmsKeySelfLink",
    ),
    *(
        _to_everybody(row.rule, [{"ipProtocol": next(iter(row.ports)), "ports": [str(row.places[0][1])]}])
        for row in PORTS
    ),
    _to_everybody("firewall-no-public-all-ports", [{"ipProtocol": "all"}]),
    _to_everybody("firewall-no-public-port-range", [{"ipProtocol": "tcp", "ports": ["12000-12999"]}]),
    _to_everybody("firewall-no-public-ingress", [{"ipProtocol": "tcp", "ports": ["8443"]}]),
    Mutation(
        "forwarding-rule-port-matches-proxy",
        put(("GlobalForwardingRule", "frontend-https"), "portRange", "8443"),
        "frontend-https",
        "portRange",
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
    Mutation(
        "health-check-firewall-open",
        both(
            put(READINESS, "httpsHealthCheck.port", 9443),
            put(READINESS, "httpsHealthCheck.portSpecification", "USE_FIXED_PORT"),
        ),
        BACKEND[1],
        "healthChecks",
    ),
    Mutation(
        "health-check-scope-matches-backend",
        point(BACKEND, "healthChecks", ("RegionHealthCheck", "backend-asia-northeast1-readiness")),
        BACKEND[1],
        "healthChecks",
        also=UNUSED_NOW,
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
        "kms-key-destroy-delay",
        put(("CryptoKey", "disks-europe-west1"), "destroyScheduledDuration", "86400s"),
        "disks-europe-west1",
        "destroyScheduledDuration",
    ),
    Mutation(
        "http-rule-has-https-sibling",
        leave_out(("GlobalForwardingRule", "frontend-https"), "ipAddress"),
        "frontend-http",
        "ipAddress",
    ),
    Mutation(
        "https-url-map-no-redirect-loop",
        both(
            put(URL_MAP, "hostRules", [{"hosts": ["*"], "pathMatcher": "all"}]),
            put(URL_MAP, "pathMatchers", [{"name": "all", "defaultUrlRedirect": {"httpsRedirect": True}}]),
        ),
        HTTPS_PROXY[1],
        "urlMap",
    ),
    Mutation(
        "internal-lb-https",
        both(
            add(REGION_TARGET_HTTP_PROXY, "plain", {"region": "europe-west1", "urlMap": "backend-europe-west1"}),
            point(("RegionTargetHttpProxy", "plain"), "urlMap", ("RegionUrlMap", "backend-europe-west1")),
            add(
                FORWARDING_RULE,
                "plain",
                {"region": "europe-west1", "loadBalancingScheme": "INTERNAL_MANAGED", "portRange": "80"},
            ),
            point(("ForwardingRule", "plain"), "target", ("RegionTargetHttpProxy", "plain")),
        ),
        "plain",
        "target",
    ),
    Mutation(
        "kms-key-rotation-90-days",
        leave_out(("CryptoKey", "disks-europe-west1"), "rotationPeriod"),
        "disks-europe-west1",
        "rotationPeriod",
    ),
    Mutation("lb-backend-service-has-backends", leave_out(BACKEND, "backends"), BACKEND[1], "backends", (DIRECT,)),
    Mutation(
        "lb-no-dangling-reference", put(REGION_PROXY, "serverTlsPolicy", "mtls"), REGION_PROXY[1], "serverTlsPolicy"
    ),
    Mutation("lb-no-orphan-components", add(HEALTH_CHECK, "idle", {"httpsHealthCheck": {"port": 443}}), "idle", ""),
    Mutation(
        "lb-no-plain-http-frontend", put(REDIRECT, "defaultUrlRedirect.httpsRedirect", False), "frontend-http", "target"
    ),
    Mutation(
        "lb-scheme-consistent",
        put(BACKEND, "loadBalancingScheme", "EXTERNAL_MANAGED"),
        BACKEND[1],
        "loadBalancingScheme",
    ),
    Mutation(
        "mig-autohealing-configured",
        leave_out(GROUP, "autoHealingPolicies"),
        GROUP[1],
        "autoHealingPolicies",
        also=UNUSED_NOW,
    ),
    Mutation(
        "mig-multi-zone",
        put(GROUP, "distributionPolicyZones", ["europe-west1-b"]),
        GROUP[1],
        "distributionPolicyZones",
    ),
    Mutation("named-port-exists-on-group", leave_out(GROUP, "namedPorts"), GROUP[1], "namedPorts"),
    Mutation(
        "proxy-only-subnet-firewall",
        put(("NetworkFirewallPolicyRule", "allow-proxies"), "match.srcIpRanges[0]", "192.168.7.0/24"),
        BACKEND[1],
        "backends",
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
        "tls-certificate-covers-hosts",
        both(
            put(URL_MAP, "hostRules", [{"hosts": ["another.example.net"], "pathMatcher": "all"}]),
            put(URL_MAP, "pathMatchers", [{"name": "all", "defaultService": "?"}]),
            point(URL_MAP, "pathMatchers[0].defaultService", REGIONS),
        ),
        HTTPS_PROXY[1],
        "certificateMap",
    ),
    Mutation(
        "tls-certificate-manager-scope",
        put(CERTIFICATE, "scope", "CLIENT_AUTH"),
        REGION_PROXY[1],
        "certificateManagerCertificates",
    ),
    Mutation(
        "tls-certificate-not-expiring",
        put(CERTIFICATE, "selfManaged", {"pemCertificate": EXPIRED}),
        CERTIFICATE[1],
        "selfManaged.pemCertificate",
    ),
    Mutation(
        "tls-certificate-scope-matches-proxy",
        put(CERTIFICATE, "location", "asia-northeast1"),
        REGION_PROXY[1],
        "certificateManagerCertificates",
    ),
    Mutation(
        "tls-policy-combination-valid",
        both(put(SSL_POLICY, "minTlsVersion", "TLS_1_3"), put(SSL_POLICY, "profile", "MODERN")),
        "frontend",
        "minTlsVersion",
    ),
    Mutation(
        "tls-policy-custom-no-weak-ciphers",
        both(
            put(SSL_POLICY, "profile", "CUSTOM"),
            put(SSL_POLICY, "customFeatures", ["TLS_RSA_WITH_AES_128_GCM_SHA256"]),
        ),
        "frontend",
        "customFeatures",
    ),
    Mutation(
        "tls-policy-min-version",
        both(
            put(SSL_POLICY, "minTlsVersion", "TLS_1_0"),
            put(SSL_POLICY, "profile", "MODERN"),
        ),
        "frontend",
        "minTlsVersion",
    ),
    Mutation(
        "tls-policy-scope-matches-proxy",
        point(REGION_PROXY, "sslPolicy", ("SSLPolicy", "frontend")),
        REGION_PROXY[1],
        "sslPolicy",
        also=UNUSED_NOW,
    ),
    Mutation(
        "tls-server-policy-no-plaintext", add(SERVER_TLS_POLICY, "clients", {"allowOpen": True}), "clients", "allowOpen"
    ),
    Mutation("tls-early-data-restricted", put(HTTPS_PROXY, "tlsEarlyData", "UNRESTRICTED"), "frontend", "tlsEarlyData"),
    Mutation(
        "tls-managed-certificates-only",
        put(CERTIFICATE, "selfManaged", {"pemCertificate": "PEM"}),
        CERTIFICATE[1],
        "selfManaged",
    ),
    Mutation(
        "tls-mtls-rejects-invalid",
        add(
            SERVER_TLS_POLICY,
            "clients",
            {"mtlsPolicy": {"clientValidationMode": "ALLOW_INVALID_OR_MISSING_CLIENT_CERT"}},
        ),
        "clients",
        "mtlsPolicy.clientValidationMode",
    ),
    Mutation(
        "tls-policy-same-in-all-regions",
        put(("RegionSslPolicy", "backend-europe-west1"), "profile", "MODERN"),
        "regions",
        "backends",
        (PSC,),
    ),
    Mutation("tls-policy-strong-profile", leave_out(SSL_POLICY, "profile"), "frontend", "profile"),
    Mutation("tls-proxy-has-certificate", leave_out(HTTPS_PROXY, "certificateMap"), HTTPS_PROXY[1], "sslCertificates"),
    Mutation(
        "tls-proxy-requires-ssl-policy",
        leave_out(HTTPS_PROXY, "sslPolicy"),
        HTTPS_PROXY[1],
        "sslPolicy",
        also=UNUSED_NOW,
    ),
    Mutation(
        "url-map-every-route-two-regions",
        both(
            add("gcp:storage/bucket:Bucket", "pages", {"location": "EUROPE-WEST1"}),
            add(BACKEND_BUCKET, "pages", {"bucketName": UNKNOWN}),
            point(BACKEND_BUCKET_PAGES, "bucketName", ("Bucket", "pages")),
            put(URL_MAP, "pathMatchers", [{"name": "all", "defaultService": "?"}]),
            point(URL_MAP, "pathMatchers[0].defaultService", BACKEND_BUCKET_PAGES),
        ),
        "pages",
        "bucketName",
    ),
    Mutation("value-within-limits", put(REGIONS, "logConfig.sampleRate", 100), "regions", "logConfig.sampleRate"),
    Mutation("settings-complete", leave_out(TEMPLATE, "disks[0].sourceImage"), TEMPLATE[1], "disks[0].sourceImage"),
    Mutation(
        "settings-compatible",
        put(TEMPLATE, "confidentialInstanceConfig", {"confidentialInstanceType": "SEV_SNP"}),
        TEMPLATE[1],
        "scheduling.onHostMaintenance",
    ),
    Mutation(
        "value-known", put(GROUP, "distributionPolicyTargetShape", "SPREAD"), GROUP[1], "distributionPolicyTargetShape"
    ),
    Mutation(
        "mig-update-policy-feasible",
        put(GROUP, "updatePolicy.maxSurgeFixed", 1),
        GROUP[1],
        "updatePolicy.maxSurgeFixed",
    ),
    Mutation(
        "psc-producer-global-access",
        leave_out(("ForwardingRule", "backend-europe-west1"), "allowGlobalAccess"),
        "backend-europe-west1",
        "allowGlobalAccess",
        (PSC,),
    ),
    Mutation("health-check-timing-sane", put(READINESS, "timeoutSec", 20), READINESS[1], "timeoutSec"),
    Mutation("health-check-detects-in-time", put(READINESS, "checkIntervalSec", 20), BACKEND[1], "healthChecks"),
    Mutation(
        "health-check-protocol-matches-backend",
        both(
            leave_out(READINESS, "httpsHealthCheck"),
            put(READINESS, "httpHealthCheck", {"portSpecification": "USE_SERVING_PORT", "requestPath": "/readyz"}),
        ),
        BACKEND[1],
        "healthChecks",
    ),
    Mutation(
        "health-check-not-on-serverless-neg",
        both(
            add(HEALTH_CHECK, "ready", {"httpsHealthCheck": {"portSpecification": "USE_SERVING_PORT"}}),
            point(REGIONS, "healthChecks", ("HealthCheck", "ready")),
        ),
        "regions",
        "healthChecks",
        (PSC,),
    ),
    Mutation(
        "health-check-not-shared-with-autohealing",
        point(GROUP, "autoHealingPolicies.healthCheck", READINESS),
        GROUP[1],
        "autoHealingPolicies.healthCheck",
        also=UNUSED_NOW,
    ),
    Mutation(
        "autohealing-slower-than-lb",
        both(
            put(("RegionHealthCheck", "inference-europe-west1-liveness"), "checkIntervalSec", 2),
            put(("RegionHealthCheck", "inference-europe-west1-liveness"), "timeoutSec", 2),
        ),
        GROUP[1],
        "autoHealingPolicies.healthCheck",
    ),
    Mutation(
        "backend-service-failover-signal",
        both(
            leave_out(REGIONS, "outlierDetection"),
            point(
                ("RegionCompositeHealthCheck", "health-europe-west1"),
                "healthDestination",
                ("ForwardingRule", "backend-asia-northeast1"),
            ),
        ),
        "regions",
        "outlierDetection",
        (PSC,),
    ),
    Mutation(
        "backend-service-connection-draining",
        put(BACKEND, "connectionDrainingTimeoutSec", 0),
        BACKEND[1],
        "connectionDrainingTimeoutSec",
    ),
    Mutation(
        "autohealing-initial-delay",
        put(GROUP, "autoHealingPolicies.initialDelaySec", 5),
        GROUP[1],
        "autoHealingPolicies.initialDelaySec",
    ),
    Mutation(
        "health-aggregation-survives-zone-loss",
        put(("RegionHealthAggregationPolicy", "health-europe-west1"), "healthyPercentThreshold", 80),
        "health-europe-west1",
        "healthyPercentThreshold",
        (PSC,),
    ),
    Mutation(
        "health-check-path-specific",
        leave_out(READINESS, "httpsHealthCheck.requestPath"),
        READINESS[1],
        "httpsHealthCheck.requestPath",
    ),
    Mutation(
        "health-check-source-regions-misused",
        both(
            add(
                HEALTH_CHECK,
                "public",
                {
                    "checkIntervalSec": 30,
                    "httpsHealthCheck": {"port": 8443},
                    "sourceRegions": ["europe-west1", "us-east1", "asia-northeast1"],
                },
            ),
            point(GROUP, "autoHealingPolicies.healthCheck", ("HealthCheck", "public")),
        ),
        GROUP[1],
        "autoHealingPolicies.healthCheck",
        also=UNUSED_NOW,
    ),
)
