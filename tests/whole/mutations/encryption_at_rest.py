"""Mistakes that the rules of encryption at rest find."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from policypack.gcp.types import AI_ENDPOINT, BUCKET, CLOUD_RUN_SERVICE, REGIONAL_SECRET
from policypack.model.values import Value
from policypack.rules.encryption_at_rest.stored_data_cmek import STORES
from tests.whole.changes import Change, add, both, leave_out, point, put
from tests.whole.mutations.mutation import (
    TEMPLATE,
    Mutation,
)

_KEY: Final = "projects/shop/locations/asia-northeast1/keyRings/data/cryptoKeys/data"
_SIBLINGS: Final[Mapping[str, Mapping[str, Value]]] = {
    AI_ENDPOINT: {"name": "4712", "location": "asia-northeast1", "encryptionSpec": {"kmsKeyName": _KEY}},
    REGIONAL_SECRET: {"location": "asia-northeast1", "customerManagedEncryption": {"kmsKeyName": _KEY}},
}
"""What the other region has of its own, so that nothing is kept in one region alone."""

_SETTINGS: Final[Mapping[str, Mapping[str, Value]]] = {
    AI_ENDPOINT: {"name": "4711"},
    BUCKET: {"uniformBucketLevelAccess": True, "publicAccessPrevention": "enforced"},
    CLOUD_RUN_SERVICE: {"ingress": "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER", "deletionProtection": True},
}
"""What else a type must have, to be wrong in one thing only."""


def _stored(type_token: str) -> Change:
    """Put in something that is stored without a key, in one region of several."""
    store = add(type_token, "store", {"location": "europe-west1", **_SETTINGS.get(type_token, {})})
    sibling = _SIBLINGS.get(type_token)
    return store if sibling is None else both(store, add(type_token, "sibling", sibling))


MUTATIONS: Final = (
    *(Mutation(row.rule, _stored(row.token), "store", row.keys[0]) for row in STORES),
    Mutation(
        "secret-cmek",
        _stored(REGIONAL_SECRET),
        "store",
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
