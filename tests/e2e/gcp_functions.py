"""The functions (`get_…` calls of programs) that the stand-in gcp provider answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.e2e.gcp_cloud import PROJECT_NUMBER

Properties = dict[str, Any]

# Regions whose zones are not a, b and c.
_ZONES = {"europe-west1": "bcd", "us-east1": "bcd", "us-central1": "abcf"}
_HEALTH_CHECKERS = ["35.191.0.0/16", "130.211.0.0/22"]
_HEALTH_CHECKERS_IPV6 = ["2600:2d00:1:b029::/64", "2600:2d00:1:1::/64"]


def call(token: str, args: Properties, config: Mapping[str, Any]) -> Properties | None:
    """The answer of a function, or None if it is not one of those answered here."""
    function = _FUNCTIONS.get(token)
    return function(args, config) if function else None


def _project(args: Properties, config: Mapping[str, Any]) -> Properties:
    project = args.get("projectId") or config.get("project", "unset-project")
    return {
        "id": f"projects/{project}",
        "projectId": project,
        "name": project,
        "number": PROJECT_NUMBER,
        "labels": {},
        "effectiveLabels": {},
        "pulumiLabels": {},
        "autoCreateNetwork": True,
        "billingAccount": "",
        "deletionPolicy": "PREVENT",
        "folderId": "",
        "orgId": "000000000000",
        "tags": {},
    }


def _client_config(args: Properties, config: Mapping[str, Any]) -> Properties:
    project, region, zone = (str(config.get(key, "")) for key in ("project", "region", "zone"))
    return {
        "id": f'projects/"{project}"/regions/"{region}"/zones/"{zone}"',
        "project": project,
        "region": region,
        "zone": zone,
        "accessToken": "no-token",
        "defaultLabels": {},
    }


def _zones(args: Properties, config: Mapping[str, Any]) -> Properties:
    region = str(args.get("region") or config.get("region", ""))
    project = str(args.get("project") or config.get("project", ""))
    names = [f"{region}-{letter}" for letter in _ZONES.get(region, "abc")]
    return {"id": f"projects/{project}/regions/{region}", "project": project, "region": region, "names": names}


def _netblock_ranges(args: Properties, config: Mapping[str, Any]) -> Properties:
    kind = args.get("rangeType", "cloud-netblocks")
    ranges = {
        "health-checkers": _HEALTH_CHECKERS,
        "legacy-health-checkers": [*_HEALTH_CHECKERS, "209.85.152.0/22", "209.85.204.0/22"],
        "iap-forwarders": ["35.235.240.0/20"],
    }
    v4 = ranges.get(str(kind), [])
    v6 = _HEALTH_CHECKERS_IPV6 if kind == "health-checkers" else []
    return {
        "id": f"netblock-ip-ranges-{kind}",
        "rangeType": kind,
        "cidrBlocks": [*v4, *v6],
        "cidrBlocksIpv4s": v4,
        "cidrBlocksIpv6s": v6,
    }


def _storage_account(args: Properties, config: Mapping[str, Any]) -> Properties:
    project = str(args.get("project") or config.get("project", ""))
    email = f"service-{PROJECT_NUMBER}@gs-project-accounts.iam.gserviceaccount.com"
    return {"id": email, "emailAddress": email, "member": f"serviceAccount:{email}", "project": project}


_FUNCTIONS: dict[str, Callable[[Properties, Mapping[str, Any]], Properties]] = {
    "gcp:organizations/getProject:getProject": _project,
    "gcp:organizations/getClientConfig:getClientConfig": _client_config,
    "gcp:compute/getZones:getZones": _zones,
    "gcp:compute/getNetblockIPRanges:getNetblockIPRanges": _netblock_ranges,
    "gcp:storage/getProjectServiceAccount:getProjectServiceAccount": _storage_account,
}
