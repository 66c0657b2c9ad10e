"""Mistakes that the rules of data find."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from policypack.gcp.types import AI_ENDPOINT, BUCKET, BUCKET_MEMBER, IMAGE, REPOSITORY, SECRET, TOPIC
from policypack.model.values import Value
from tests.whole.changes import Change, add
from tests.whole.mutations.mutation import Mutation

_KEY: Final = "projects/shop/locations/europe-west1/keyRings/data/cryptoKeys/data"


_STORE: Final[Mapping[str, Value]] = {
    "location": "EUR4",
    "encryption": {"defaultKmsKeyName": _KEY.replace("europe-west1", "eur4")},
}
"""A bucket in two regions."""


def _only(type_token: str, inputs: Mapping[str, Value]) -> Change:
    """Put the one resource of a type in, and take out those that the stack has."""
    put_in = add(type_token, "store", inputs)
    return lambda resources: put_in(tuple(one for one in resources if one.type != type_token))


_IN_ONE_REGION: Final[tuple[tuple[str, str, Mapping[str, Value], str], ...]] = (
    (
        "secret-replicas-cover-regions",
        SECRET,
        {
            "secretId": "token",
            "replication": {
                "userManaged": {
                    "replicas": [{"location": "europe-west1", "customerManagedEncryption": {"kmsKeyName": _KEY}}]
                }
            },
        },
        "replication.userManaged.replicas",
    ),
    (
        "pubsub-two-storage-regions",
        TOPIC,
        {
            "kmsKeyName": _KEY,
            "messageStoragePolicy": {"allowedPersistenceRegions": ["europe-west1"], "enforceInTransit": True},
        },
        "messageStoragePolicy.allowedPersistenceRegions",
    ),
    (
        "artifact-registry-multi-region",
        REPOSITORY,
        {"location": "europe-west1", "format": "DOCKER", "kmsKeyName": _KEY, "repositoryId": "images"},
        "location",
    ),
    (
        "image-available-in-serving-regions",
        IMAGE,
        {"storageLocations": ["europe-west1"], "imageEncryptionKey": {"kmsKeySelfLink": _KEY}},
        "storageLocations",
    ),
    (
        "vertex-endpoint-per-region",
        AI_ENDPOINT,
        {"name": "4711", "location": "europe-west1", "displayName": "api", "encryptionSpec": {"kmsKeyName": _KEY}},
        "location",
    ),
)
"""Rule, type, what is kept in one region, and where the rule must speak."""

MUTATIONS: Final[tuple[Mutation, ...]] = (
    Mutation(
        "bucket-no-public-access",
        add(BUCKET_MEMBER, "all", {"bucket": "store", "role": "roles/storage.objectViewer", "member": "allUsers"}),
        "all",
        "member",
    ),
    Mutation(
        "bucket-public-access-prevention",
        add(BUCKET, "store", {**_STORE, "uniformBucketLevelAccess": True}),
        "store",
        "publicAccessPrevention",
    ),
    Mutation(
        "bucket-uniform-access",
        add(BUCKET, "store", {**_STORE, "publicAccessPrevention": "enforced"}),
        "store",
        "uniformBucketLevelAccess",
    ),
    Mutation(
        "bucket-turbo-replication",
        add(
            BUCKET,
            "store",
            {**_STORE, "uniformBucketLevelAccess": True, "publicAccessPrevention": "enforced"},
        ),
        "store",
        "rpo",
    ),
    *(Mutation(rule, _only(token, inputs), "store", path) for rule, token, inputs, path in _IN_ONE_REGION),
)
