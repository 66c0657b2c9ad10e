"""Mistakes that the rules of observability find."""

from __future__ import annotations

from typing import Final

from tests.whole.changes import Change, both, leave_out, put, take_out
from tests.whole.mutations.mutation import BACKEND, READINESS, REGIONS, Mutation

FIRST: Final = "frontend-https"
"""The first front end of the stack, which stands for all."""


def off(name: str) -> Change:
    """Switch an alert off."""
    return put(("AlertPolicy", name), "enabled", False)


MUTATIONS: Final = (
    Mutation("lb-logging-enabled", leave_out(BACKEND, "logConfig"), BACKEND[1], "logConfig.enable"),
    Mutation("lb-log-sample-rate", put(REGIONS, "logConfig.sampleRate", 0), "regions", "logConfig.sampleRate"),
    Mutation("health-check-logging", put(READINESS, "logConfig.enable", False), READINESS[1], "logConfig.enable"),
    Mutation(
        "subnet-flow-logs-enabled",
        leave_out(("Subnetwork", "vm-europe-west1"), "logConfig"),
        "vm-europe-west1",
        "logConfig",
    ),
    Mutation(
        "alert-on-lb-errors",
        both(
            *map(off, ("traffic-errors", "traffic-region-errors", "service-level-fast-burn", "service-level-slow-burn"))
        ),
        FIRST,
        "",
    ),
    Mutation("alert-on-region-backend-health", both(off("traffic-region-errors"), off("capacity-full")), FIRST, ""),
    Mutation("alert-on-certificate-expiry", off("uptime-certificate"), FIRST, ""),
    Mutation("alert-on-quota", off("capacity-quota"), FIRST, ""),
    Mutation("alert-on-nat-ports", off("capacity-nat"), FIRST, ""),
    Mutation(
        "alert-has-two-channels",
        leave_out(("AlertPolicy", "traffic-errors"), "notificationChannels"),
        "traffic-errors",
        "notificationChannels",
    ),
    Mutation(
        "dns-query-logging",
        put(("ManagedZone", "public"), "cloudLoggingConfig.enableLogging", False),
        "public",
        "cloudLoggingConfig.enableLogging",
    ),
    Mutation("slo-defined-for-lb", both(take_out(("Slo", "availability")), take_out(("Slo", "latency"))), FIRST, ""),
    Mutation(
        "uptime-check-per-public-host",
        put(("UptimeCheckConfig", "uptime"), "httpCheck.validateSsl", False),
        "uptime",
        "httpCheck.validateSsl",
    ),
    Mutation(
        "subnet-flow-log-settings",
        put(("Subnetwork", "vm-europe-west1"), "logConfig.flowSampling", 0.01),
        "vm-europe-west1",
        "logConfig.flowSampling",
    ),
)
