"""The cloud behind the stand-in provider: ids, links and decided values in Google's own formats.

Every value is a function of the resource it belongs to, so that two runs give the same state.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

# The key that marks a secret in the engine's protocol.
SECRET = "4dabf18193072939515e22adb298388d"
PROJECT_NUMBER = "123456789012"
COMPUTE = "https://www.googleapis.com/compute/v1/"

# Types of other APIs: the path of their id under projects/P/, with {properties} filled in.
_ID_PATHS = {
    "gcp:artifactregistry/repository:Repository": "locations/{location}/repositories/{repositoryId}",
    "gcp:kms/keyRing:KeyRing": "locations/{location}/keyRings/{name}",
    "gcp:logging/projectBucketConfig:ProjectBucketConfig": "locations/{location}/buckets/{bucketId}",
    "gcp:logging/projectSink:ProjectSink": "sinks/{name}",
    "gcp:networksecurity/backendAuthenticationConfig:BackendAuthenticationConfig": (
        "locations/{location}/backendAuthenticationConfigs/{name}"
    ),
    "gcp:networkservices/serviceLbPolicies:ServiceLbPolicies": "locations/{location}/serviceLbPolicies/{name}",
    "gcp:pubsub/subscription:Subscription": "subscriptions/{name}",
    "gcp:pubsub/topic:Topic": "topics/{name}",
    "gcp:vertex/aiEndpoint:AiEndpoint": "locations/{location}/endpoints/{name}",
    "gcp:certificatemanager/certificate:Certificate": "locations/{location|global}/certificates/{name}",
    "gcp:certificatemanager/certificateMap:CertificateMap": "locations/global/certificateMaps/{name}",
    "gcp:certificatemanager/certificateMapEntry:CertificateMapEntry": (
        "locations/global/certificateMaps/{map}/certificateMapEntries/{name}"
    ),
    "gcp:certificatemanager/dnsAuthorization:DnsAuthorization": (
        "locations/{location|global}/dnsAuthorizations/{name}"
    ),
    "gcp:cloudrunv2/service:Service": "locations/{location}/services/{name}",
    "gcp:dns/managedZone:ManagedZone": "managedZones/{name}",
    "gcp:dns/recordSet:RecordSet": "managedZones/{managedZone}/rrsets/{name}/{type}",
    "gcp:secretmanager/secret:Secret": "secrets/{secretId}",
    "gcp:serviceaccount/account:Account": "serviceAccounts/{email}",
}
# Properties whose value Google decides and tests may look at. The rest get a plain value of their kind.
_DECIDED: dict[str, Any] = {
    "creationTimestamp": "2026-01-01T00:00:00.000-08:00",
    "createTime": "2026-01-01T00:00:00Z",
    "updateTime": "2026-01-01T00:00:00Z",
    "projectNumber": PROJECT_NUMBER,
    "ipProtocol": "TCP",
    "protocol": "HTTP",
    "portName": "http",
    "sessionAffinity": "NONE",
    "networkTier": "PREMIUM",
    "timeoutSec": 30,
    "status": "READY",
    "state": "ACTIVE",
    "pscConnectionStatus": "ACCEPTED",
}
_ADDRESSES = {"ipAddress", "address", "gatewayAddress", "gatewayIpv4"}


def resource_id(token: str, name: str, state: Mapping[str, Any]) -> str:
    """The id that Google's API would give: `projects/P/regions/R/backendServices/N` and the like."""
    project = f"projects/{state.get('project', 'unset-project')}"
    if token == "gcp:kms/cryptoKey:CryptoKey":
        return f"{_text(state.get('keyRing'))}/cryptoKeys/{_text(state.get('name'))}"
    if token in _ID_PATHS:
        return f"{project}/{_fill(_ID_PATHS[token], state)}"
    if token == "gcp:storage/bucket:Bucket":
        return _text(state.get("name"))
    if token.startswith("gcp:compute/") and "name" in state:
        return f"{project}/{_scope(state)}/{_collection(token)}/{_text(state['name'])}"
    return f"{project}/{token.rpartition(':')[2]}/{name}"


def decided(token: str, key: str, kind: str, resource_id: str, state: Mapping[str, Any]) -> Any:
    """The value Google decides for a property that the program left out, or that only Google writes.

    Args:
        token: The resource's type.
        key: The property.
        kind: string, number, bool or list; `output` for what only Google writes.
        resource_id: The id of the resource.
        state: What else is known of it.
    """
    digest = hashlib.sha256(f"{resource_id}/{key}".encode()).hexdigest()
    number = int(digest[:12], 16)
    if key in _ADDRESSES:
        return f"203.0.113.{number % 250 + 1}"
    if key == "selfLink":
        return f"{COMPUTE if token.startswith('gcp:compute/') else ''}{resource_id}"
    if key == "selfLinkUnique":
        return f"{COMPUTE}{resource_id}?uniqueId={number}"
    if key == "instanceGroup":
        return COMPUTE + resource_id.replace("/instanceGroupManagers/", "/instanceGroups/")
    if key == "dnsResourceRecords":
        domain = _text(state.get("domain"))
        return [{"name": f"_acme-challenge.{domain}.", "type": "CNAME", "data": f"{digest[:8]}.authorize."}]
    if key in _DECIDED:
        return _DECIDED[key]
    if key == "name":
        return resource_id
    if key == "project" and (own := re.match(r"projects/([^/]+)/", resource_id)):
        return own[1]
    if kind != "output":
        return {"number": 0, "bool": False, "list": []}.get(kind, "")
    return str(number) if key.endswith("Id") else f"{key}-{digest[:8]}"


def _scope(state: Mapping[str, Any]) -> str:
    if "zone" in state:
        return f"zones/{_last(state['zone'])}"
    if "region" in state:
        return f"regions/{_last(state['region'])}"
    return "global"


def _collection(token: str) -> str:
    """The API's name for a collection of a type: `gcp:compute/regionUrlMap:RegionUrlMap` gives `urlMaps`."""
    kind = token.rpartition(":")[2]
    kind = re.sub(r"^(Region|Global|Managed)(?=[A-Z])", "", kind)
    kind = re.sub(r"^NetworkFirewallPolicy", "FirewallPolicy", kind)
    kind = re.sub(r"(?<=^Target)(SSL|TCP)(?=Proxy)", lambda found: found[0].title(), kind)
    kind = re.sub(r"^([A-Z]+)(?=[A-Z][a-z])|^[A-Z]", lambda found: found[0].lower(), kind)
    if kind.endswith(("s", "x")):
        return kind + "es"
    return kind[:-1] + "ies" if re.search(r"[^aeiou]y$", kind) else kind + "s"


def _fill(path: str, state: Mapping[str, Any]) -> str:
    def value(match: re.Match[str]) -> str:
        name, _, fallback = match[1].partition("|")
        return _last(state.get(name, fallback))

    return re.sub(r"\{([^}]+)\}", value, path)


def _text(value: Any) -> str:
    """A property as text; a secret one is opened, since the cloud sees what it is."""
    if isinstance(value, dict) and SECRET in value:
        return str(value.get("value", ""))
    return "" if value is None else str(value)


def _last(value: Any) -> str:
    return _text(value).rstrip("/").rpartition("/")[2]
