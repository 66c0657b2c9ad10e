"""Mistakes that the rules of operations find."""

from __future__ import annotations

from typing import Final

from policypack.gcp.types import (
    HEALTH_CHECK,
)
from tests.whole.changes import add, leave_out, put
from tests.whole.mutations.mutation import (
    BACKEND,
    GROUP,
    REGION_PROXY,
    REGIONS,
    TEMPLATE,
    Mutation,
)

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
)
