"""A family of rules, one per service that stores data: a key of the customer. A new one is a new row of `STORES`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.model.records import dataclass, field
from policypack.model.resource import Element
from policypack.rules.contract import NotApplicable, Rule, Severity, Undecided, any_of, rule
from policypack.topology.buckets import StorageBucket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.rules.contract import Findings, Resource

_CONTROLS: Final[Mapping[str, Sequence[str]]] = {
    "NIST 800-53 r5": ["SC-12", "SC-28"],
    "ISO 27001:2022": ["A.8.24"],
    "PCI DSS 4.0": ["3.5.1"],
}


@dataclass(frozen=True, eq=False)
class Store:
    """A service that stores data and takes a key of the customer.

    Attributes:
        rule: Name of the rule.
        token: Type of what is encrypted.
        what: What is encrypted, in the plural.
        keys: Where the key stands, the usual place first; several places are alternatives.
        fix: What to do.
        stores_nothing: Values of `mode` with which nothing is stored.
        aliases: Other names of the rule.
        opt_in: True if the rule is off unless a user names it.
    """

    rule: str
    token: str
    what: str
    keys: tuple[str, ...]
    fix: str
    stores_nothing: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    controls: Mapping[str, Sequence[str]] = field(default_factory=lambda: _CONTROLS)
    opt_in: bool = False


_SECRET_KEY: Final = "customerManagedEncryption.kmsKeyName"

STORES: Final = (
    Store(
        "bucket-cmek",
        t.BUCKET,
        "Storage buckets",
        ("encryption.defaultKmsKeyName",),
        "Name a key in encryption.default_kms_key_name, and let the Cloud Storage service agent use it.",
    ),
    Store(
        "pubsub-topic-cmek",
        t.TOPIC,
        "Pub/Sub topics",
        ("kmsKeyName",),
        "Name a key in kms_key_name, and let the Pub/Sub service agent use it.",
    ),
    Store(
        "artifact-registry-cmek",
        t.REPOSITORY,
        "Repositories of Artifact Registry",
        ("kmsKeyName",),
        "Name a key in kms_key_name, and let the Artifact Registry service agent use it. It cannot be added later.",
        stores_nothing=("VIRTUAL_REPOSITORY",),
    ),
    Store(
        "image-cmek",
        t.IMAGE,
        "Images of disks",
        tuple(f"imageEncryptionKey.{name}" for name in ("kmsKeySelfLink", "rawKey", "rsaEncryptedKey")),
        "Name a key in image_encryption_key.kms_key_self_link, and let the Compute Engine service agent use it.",
        aliases=("image-snapshot-cmek",),
    ),
    Store(
        "vertex-endpoint-cmek",
        t.AI_ENDPOINT,
        "Endpoints of Vertex AI",
        ("encryptionSpec.kmsKeyName",),
        "Name a key of the endpoint's region in encryption_spec.kms_key_name, and let the Vertex AI service agent use "
        "it. It cannot be added later.",
    ),
    Store(
        "serverless-cmek",
        t.CLOUD_RUN_SERVICE,
        "Services of Cloud Run",
        ("template.encryptionKey",),
        "Name a key in template.encryption_key, and let the Cloud Run service agent use it.",
        opt_in=True,
    ),
)
"""One row, one rule."""


def _rule_of(row: Store) -> Rule:
    @rule(
        name=row.rule,
        description=f"{row.what} are encrypted with a key of the customer.",
        severity=Severity.MEDIUM,
        subjects=(StorageBucket if row.token == t.BUCKET else row.token,),
        controls=row.controls,
        fix=row.fix,
        aliases=row.aliases,
        opt_in=row.opt_in,
    )
    def judge(subject: Resource | StorageBucket) -> Findings:
        store = subject.resource
        if _has_key(store, row.keys):
            return
        if isinstance(subject, StorageBucket) and subject.served:
            raise NotApplicable("a load balancer serves its objects to clients")
        if row.stores_nothing and store.text("mode") in row.stores_nothing:
            raise NotApplicable("a virtual repository stores nothing itself")
        yield store.finding(row.keys[0], expected=_EXPECTED, found=_FOUND)

    return judge


_EXPECTED: Final = "a key of Cloud KMS"
_FOUND: Final = "unset: the data gets a key that Google manages"


def _has_key(place: Resource | Element, paths: Sequence[str]) -> bool:
    """Tell whether a key is named, be it known or not.

    Raises:
        Undecided: A block in which it may stand is unknown.
    """
    return any_of(paths, lambda path: place.is_set(path) and place.peek(path) != "")


@rule(
    severity=Severity.MEDIUM,
    subjects=(t.SECRET, t.REGIONAL_SECRET),
    controls=_CONTROLS,
    fix="Name a key in customer_managed_encryption.kms_key_name of a regional secret, of the automatic replication, or "
    "of every replica; and let the Secret Manager service agent use it.",
)
def secret_cmek(secret: Resource) -> Findings:
    """Secrets are encrypted with a key of the customer, in every place where they are kept."""
    for place in _copies(secret):
        try:
            if not _has_key(place, (_SECRET_KEY,)):
                yield place.finding(_SECRET_KEY, expected=_EXPECTED, found=_FOUND)
        except Undecided as unknown:
            yield unknown


def _copies(secret: Resource) -> Iterator[Resource | Element]:
    """Give each place of a secret where a key belongs."""
    if secret.type == t.REGIONAL_SECRET:
        yield secret
        return
    if not secret.is_set("replication.userManaged"):
        yield Element(secret, "replication.auto")
        return
    yield from secret.elements("replication.userManaged.replicas")


RULES: Final = (*map(_rule_of, STORES), secret_cmek)
