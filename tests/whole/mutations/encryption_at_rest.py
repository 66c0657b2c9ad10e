"""Mistakes that the rules of encryption at rest find."""

from __future__ import annotations

from typing import Final

from policypack.gcp.types import (
    REGIONAL_SECRET,
)
from policypack.rules.encryption_at_rest.stored_data_cmek import STORES
from tests.whole.changes import add, leave_out, point, put
from tests.whole.mutations.mutation import (
    TEMPLATE,
    Mutation,
)

MUTATIONS: Final = (
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
        "kms-service-agent-granted",
        put(
            ("CryptoKeyIAMMember", "data-europe-west1-storage"),
            "member",
            "serviceAccount:service-4711@compute-system.iam.gserviceaccount.com",
        ),
        "data-europe-west1",
        "encryption.defaultKmsKeyName",
    ),
    Mutation(
        "disk-cmek",
        leave_out(TEMPLATE, "disks[0].diskEncryptionKey"),
        TEMPLATE[1],
        "disks[0].diskEncryptionKey.kmsKeySelfLink",
    ),
    Mutation(
        "kms-key-destroy-delay",
        put(("CryptoKey", "disks-europe-west1"), "destroyScheduledDuration", "86400s"),
        "disks-europe-west1",
        "destroyScheduledDuration",
    ),
    Mutation(
        "kms-key-rotation-90-days",
        leave_out(("CryptoKey", "disks-europe-west1"), "rotationPeriod"),
        "disks-europe-west1",
        "rotationPeriod",
    ),
)
