"""Mistakes that the rules of operations find."""

from __future__ import annotations

from typing import Final

from policypack.gcp.types import (
    BACKEND_BUCKET,
    GLOBAL_ADDRESS,
    GLOBAL_FORWARDING_RULE,
    HEALTH_CHECK,
    MANAGED_ZONE,
)
from policypack.model.values import UNKNOWN
from tests.whole.changes import add, both, leave_out, point, put, take_out, with_options
from tests.whole.mutations.mutation import (
    BACKEND,
    GROUP,
    HTTP_PROXY,
    HTTPS_PROXY,
    REGION_PROXY,
    REGIONS,
    TEMPLATE,
    UNUSED_NOW,
    URL_MAP,
    Mutation,
)
from tests.whole.stacks import DIRECT, PSC

SCALER: Final = ("RegionAutoscaler", "inference-europe-west1")

MUTATIONS: Final = (
    Mutation(
        "lb-no-dangling-reference", put(REGION_PROXY, "serverTlsPolicy", "mtls"), REGION_PROXY[1], "serverTlsPolicy"
    ),
    Mutation("lb-no-orphan-components", add(HEALTH_CHECK, "idle", {"httpsHealthCheck": {"port": 443}}), "idle", ""),
    Mutation(
        "lb-scheme-consistent",
        put(BACKEND, "loadBalancingScheme", "EXTERNAL_MANAGED"),
        BACKEND[1],
        "loadBalancingScheme",
    ),
    Mutation("name-valid", put(REGIONS, "name", "Web_Regions"), "regions", "name"),
    Mutation("value-within-limits", put(REGIONS, "logConfig.sampleRate", 100), "regions", "logConfig.sampleRate"),
    Mutation(
        "settings-complete",
        leave_out(("RegionHealthSource", "health-europe-west1"), "sources"),
        "health-europe-west1",
        "sources",
        (PSC,),
    ),
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
        "backend-balancing-mode-consistent",
        put(BACKEND, "backends[0].balancingMode", "UTILIZATION"),
        BACKEND[1],
        "backends[0].balancingMode",
        (DIRECT,),
    ),
    Mutation(
        "url-map-no-fault-injection",
        put(URL_MAP, "defaultRouteAction", {"faultInjectionPolicy": {"abort": {"httpStatus": 503, "percentage": 1}}}),
        URL_MAP[1],
        "defaultRouteAction.faultInjectionPolicy.abort",
    ),
    Mutation("autoscaler-same-location-as-group", put(SCALER, "region", "asia-northeast1"), SCALER[1], "region"),
    Mutation(
        "forwarding-rule-ports-no-overlap",
        both(
            put(("GlobalForwardingRule", "frontend-http"), "portRange", "443"),
            point(("GlobalForwardingRule", "frontend-http"), "target", HTTPS_PROXY),
        ),
        "frontend-https",
        "portRange",
        also=UNUSED_NOW,
    ),
    Mutation(
        "forwarding-rule-static-address",
        leave_out(("GlobalForwardingRule", "frontend-https"), "ipAddress"),
        "frontend-https",
        "ipAddress",
        also={"http-rule-has-https-sibling": "the redirect is at another address now"},
    ),
    Mutation(
        "mig-update-policy-safe",
        both(put(GROUP, "updatePolicy.maxSurgeFixed", 0), put(GROUP, "updatePolicy.maxUnavailableFixed", 3)),
        GROUP[1],
        "updatePolicy.maxUnavailableFixed",
    ),
    Mutation("lb-no-delete-before-replace", with_options(GROUP, delete_before_replace=True), GROUP[1], ""),
    Mutation(
        "security-properties-not-ignored",
        with_options(REGION_PROXY, ignore_changes=("sslPolicy",)),
        REGION_PROXY[1],
        "sslPolicy",
    ),
    Mutation(
        "dns-name-absolute",
        add(MANAGED_ZONE, "shop", {"dnsName": "shop.example.com", "visibility": "private"}),
        "shop",
        "dnsName",
    ),
    Mutation(
        "locality-policy-consistent",
        put(BACKEND, "localityLbPolicy", "MAGLEV"),
        BACKEND[1],
        "localityLbPolicy",
    ),
    Mutation(
        "lb-critical-resources-protected",
        with_options(("GlobalAddress", "frontend"), protect=False),
        "frontend",
        "",
    ),
    Mutation(
        "drain-and-timeout-consistent",
        put(BACKEND, "connectionDrainingTimeoutSec", 5),
        BACKEND[1],
        "connectionDrainingTimeoutSec",
    ),
    Mutation(
        "retries-only-on-safe-conditions",
        put(URL_MAP, "defaultRouteAction", {"retryPolicy": {"numRetries": 1, "retryConditions": ["5xx"]}}),
        URL_MAP[1],
        "defaultRouteAction.retryPolicy.retryConditions",
    ),
    Mutation(
        "url-map-tests-present",
        leave_out(URL_MAP, "tests"),
        URL_MAP[1],
        "tests",
    ),
    Mutation(
        "lb-external-managed-scheme",
        both(
            *(
                put((kind, name), "loadBalancingScheme", "EXTERNAL")
                for kind, name in (("GlobalForwardingRule", "frontend-https"), REGIONS)
            )
        ),
        "frontend-https",
        "loadBalancingScheme",
    ),
    Mutation(
        "lb-migration-state-not-stuck",
        put(REGIONS, "externalManagedMigrationState", "PREPARE"),
        REGIONS[1],
        "externalManagedMigrationState",
    ),
    Mutation("mig-autoscaler-present", take_out(SCALER), GROUP[1], ""),
    Mutation(
        "autoscaler-cpu-target-bounded",
        put(SCALER, "autoscalingPolicy.cpuUtilization.target", 0.95),
        SCALER[1],
        "autoscalingPolicy.cpuUtilization.target",
    ),
    Mutation(
        "autoscaler-scale-in-controlled",
        leave_out(SCALER, "autoscalingPolicy.scaleInControl"),
        SCALER[1],
        "autoscalingPolicy.scaleInControl",
    ),
    Mutation(
        "autoscaler-uses-serving-signal",
        leave_out(SCALER, "autoscalingPolicy.loadBalancingUtilization"),
        SCALER[1],
        "autoscalingPolicy.loadBalancingUtilization",
    ),
    Mutation(
        "lb-allowed-types",
        both(
            *(
                put(named, "loadBalancingScheme", "EXTERNAL")
                for named in (("GlobalForwardingRule", "frontend-https"), REGIONS)
            )
        ),
        "frontend-https",
        "loadBalancingScheme",
    ),
    Mutation(
        "backend-bucket-references-existing-bucket",
        both(
            add(BACKEND_BUCKET, "pages", {"bucketName": "pages-of-the-shop"}),
            put(URL_MAP, "defaultCustomErrorResponsePolicy", {"errorService": UNKNOWN}),
            point(URL_MAP, "defaultCustomErrorResponsePolicy.errorService", ("BackendBucket", "pages")),
        ),
        "pages",
        "bucketName",
    ),
    Mutation(
        "forwarding-rule-ipv6-parity",
        both(
            add(GLOBAL_FORWARDING_RULE, "six", {"ipAddress": "2001:db8::1", "portRange": "80", "target": UNKNOWN}),
            point(("GlobalForwardingRule", "six"), "target", HTTP_PROXY),
        ),
        "frontend-https",
        "ipAddress",
    ),
    Mutation("naming-convention", put(REGIONS, "name", "r"), REGIONS[1], "name"),
    Mutation(
        "stack-single-environment",
        both(
            put(("GlobalAddress", "frontend"), "labels", {"environment": "dev"}),
            put(("ManagedZone", "public"), "labels", {"environment": "prod"}),
        ),
        "public",
        "labels.environment",
    ),
    Mutation("address-in-use", add(GLOBAL_ADDRESS, "idle", {}), "idle", ""),
)
