"""Mistakes that the rules of health find."""

from __future__ import annotations

from typing import Final

from policypack.gcp.types import (
    HEALTH_CHECK,
)
from tests.whole.changes import add, both, leave_out, point, put
from tests.whole.mutations.mutation import (
    BACKEND,
    GROUP,
    READINESS,
    REGIONS,
    UNUSED_NOW,
    Mutation,
)
from tests.whole.stacks import DIRECT, PSC

MUTATIONS: Final = (
    Mutation(
        "backend-service-has-health-check",
        leave_out(BACKEND, "healthChecks"),
        BACKEND[1],
        "healthChecks",
        also=UNUSED_NOW,
    ),
    Mutation(
        "backend-takes-traffic",
        leave_out(BACKEND, "backends[0].capacityScaler"),
        BACKEND[1],
        "backends[0].capacityScaler",
    ),
    Mutation(
        "health-check-scope-matches-backend",
        point(BACKEND, "healthChecks", ("RegionHealthCheck", "backend-asia-northeast1-readiness")),
        BACKEND[1],
        "healthChecks",
        also=UNUSED_NOW,
    ),
    Mutation("lb-backend-service-has-backends", leave_out(BACKEND, "backends"), BACKEND[1], "backends", (DIRECT,)),
    Mutation(
        "mig-autohealing-configured",
        leave_out(GROUP, "autoHealingPolicies"),
        GROUP[1],
        "autoHealingPolicies",
        also=UNUSED_NOW,
    ),
    Mutation("named-port-exists-on-group", leave_out(GROUP, "namedPorts"), GROUP[1], "namedPorts"),
    Mutation("health-check-timing-sane", put(READINESS, "timeoutSec", 20), READINESS[1], "timeoutSec"),
    Mutation("health-check-detects-in-time", put(READINESS, "checkIntervalSec", 20), BACKEND[1], "healthChecks"),
    Mutation(
        "health-check-asks-application",
        both(
            leave_out(READINESS, "httpsHealthCheck"),
            put(READINESS, "tcpHealthCheck", {"port": 8443}),
        ),
        BACKEND[1],
        "healthChecks",
    ),
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
            add(
                HEALTH_CHECK,
                "ready",
                {"httpsHealthCheck": {"portSpecification": "USE_SERVING_PORT"}, "logConfig": {"enable": True}},
            ),
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
