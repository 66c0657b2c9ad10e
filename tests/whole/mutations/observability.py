"""Mistakes that the rules of observability find."""

from __future__ import annotations

from typing import Final

from tests.whole.changes import leave_out, put
from tests.whole.mutations.mutation import BACKEND, READINESS, REGIONS, Mutation

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
)
