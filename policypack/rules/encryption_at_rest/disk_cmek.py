"""Keys of the customer on disks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.types import DISK, INSTANCE, INSTANCE_TEMPLATES, REGION_DISK
from policypack.rules.contract import NotApplicable, Severity, each, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Element, Findings, Resource

_SUPPLIED = ("rawKey", "rawKeyWo", "rsaEncryptedKey", "rsaEncryptedKeyWo")
IN_TEMPLATE = ("diskEncryptionKey.kmsKeySelfLink",)
ON_INSTANCE = ("kmsKeySelfLink", "diskEncryptionKeyRaw", "diskEncryptionKeyRsa")
ON_DISK = tuple(f"diskEncryptionKey.{name}" for name in ("kmsKeySelfLink", *_SUPPLIED))
ON_REGION_DISK = tuple(f"diskEncryptionKey.{name}" for name in ("kmsKeyName", *_SUPPLIED))
"""Where a key can stand, for each kind of disk; the usual place first."""


@rule(
    severity=Severity.MEDIUM,
    subjects=(
        DISK,
        REGION_DISK,
        each("disks[]", of=INSTANCE_TEMPLATES),
        each("bootDisk", "attachedDisks[]", of=(INSTANCE,)),
    ),
    fix="Name a key of Cloud KMS: kms_key_self_link in disk_encryption_key of a disk or template, or in boot_disk of "
    "an instance; kms_key_name for a regional disk. Let the Compute Engine service agent use that key.",
    controls={
        "CIS GCP 4.0": ["4.7"],
        "CIS GCP 5.0": ["4.7"],
        "NIST 800-53 r5": ["SC-12", "SC-28"],
        "ISO 27001:2022": ["A.8.24"],
        "PCI DSS 4.0": ["3.5.1"],
    },
)
def disk_cmek(disk: Resource | Element) -> Findings:
    """Persistent disks are encrypted with a key of the customer."""
    keys = _key_properties(disk)
    if any(disk.is_set(key) for key in keys):
        return
    _must_be_a_new_persistent_disk(disk)
    yield disk.finding(keys[0], expected="a key of Cloud KMS", found="unset: the disk gets a key that Google manages")


def _key_properties(disk: Resource | Element) -> tuple[str, ...]:
    """Name the properties in which a key can stand, the usual one first."""
    if disk.full("") == "":
        return ON_REGION_DISK if disk.resource.type == REGION_DISK else ON_DISK
    return ON_INSTANCE if disk.resource.type == INSTANCE else IN_TEMPLATE


def _must_be_a_new_persistent_disk(disk: Resource | Element) -> None:
    """Leave out local SSDs, which take no key, and disks that exist already, which carry their own."""
    if disk.full("") == "":
        return
    if disk.is_set("source"):
        raise NotApplicable("an existing disk is attached, which carries its own key")
    if disk.resource.type == INSTANCE:
        return
    if disk["type"] == "SCRATCH" or (disk.text("diskType") or "").rpartition("/")[2] == "local-ssd":
        raise NotApplicable("a local SSD takes no key of the customer")
