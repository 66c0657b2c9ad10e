"""Small stack exports with faults that are easy to see."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DISK = "gcp:compute/disk:Disk"
RULE = "disk-cmek"
"""What a disk without a key of one's own violates."""


def urn(name: str, project: str = "shop", stack: str = "prod") -> str:
    return f"urn:pulumi:{stack}::{project}::{DISK}::{name}"


def export(
    project: str,
    *disks: str,
    stack: str = "prod",
    keyed: tuple[str, ...] = (),
    aliases: Mapping[str, str] | None = None,
) -> str:
    """Write what `pulumi stack export` gives of a stack with disks; those in `keyed` have keys of their own."""
    records: list[dict[str, Any]] = []
    for name in (*disks, *keyed):
        given: dict[str, Any] = {"name": name, "zone": "europe-west1-b"}
        if name in keyed:
            given["diskEncryptionKey"] = {
                "kmsKeySelfLink": "projects/p/locations/europe-west1/keyRings/r/cryptoKeys/k",
            }
        record: dict[str, Any] = {"urn": urn(name, project, stack), "type": DISK, "custom": True, "id": name}
        former = (aliases or {}).get(name)
        if former is not None:
            record["aliases"] = [urn(former, project, stack)]
        records.append({**record, "inputs": given, "outputs": given})
    return json.dumps({"version": 3, "deployment": {"resources": records}})


SERVICE = "gcp:compute/regionBackendService:RegionBackendService"


def service(project: str, *names: str, healthy: tuple[str, ...] = (), stack: str = "prod") -> str:
    """Write the export of a stack with backend services; those not in `healthy` have no health check."""
    records = []
    for name in (*names, *healthy):
        checks = ["projects/p/regions/europe-west1/healthChecks/web"] if name in healthy else []
        given = {
            "name": name,
            "region": "europe-west1",
            "loadBalancingScheme": "INTERNAL_MANAGED",
            "protocol": "HTTPS",
            "backends": [{"group": f"projects/p/regions/europe-west1/instanceGroups/{name}", "capacityScaler": 1.0}],
            "healthChecks": checks,
        }
        record = {
            "urn": f"urn:pulumi:{stack}::{project}::{SERVICE}::{name}",
            "type": SERVICE,
            "custom": True,
            "id": name,
        }
        records.append({**record, "inputs": given, "outputs": given})
    return json.dumps({"version": 3, "deployment": {"resources": records}})


def written(folder: Path, name: str, content: object) -> str:
    """Write a file, JSON unless it is text, and give its path."""
    file = folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(file)
