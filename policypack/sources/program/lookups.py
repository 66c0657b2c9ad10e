"""Answers to functions that look up one thing by its name: a network, a zone of DNS, a key, the version of a secret.

Who calls one says what the thing is called, and where it is; from that follow its id and its URL. What only the cloud
knows of it (the range of a subnet, the text of a secret) is answered with a text that counts as unknown wherever it
turns up, in part or as a whole. So no verdict rests on anything that was made up here.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from policypack.model.records import dataclass
from policypack.model.values import Unknown, Value, reveal
from policypack.sources.wire import UNKNOWN_TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policypack.sources.program.functions import Call, Functions

NOT_TOLD: Final = f"known-to-the-cloud-{UNKNOWN_TEXT}"
"""Stands for a text that only the cloud knows. Programs can work with it like with any text; rules know it is none."""

_COMPUTE: Final = "https://www.googleapis.com/compute/v1/"
_HOLE: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Lookup:
    """A function that looks up one thing.

    Attributes:
        id: The thing's id, with the arguments that are in it: `projects/{project}/global/networks/{name}`.
        untold: The texts that only the cloud knows.
        url: What stands before the id in the thing's URL; "" if it has none.
        also: Other results that follow from the arguments, written like the id.
    """

    id: str
    untold: tuple[str, ...] = ()
    url: str = ""
    also: tuple[tuple[str, str], ...] = ()

    def answer(self, functions: Functions, call: Call) -> Mapping[str, Value]:
        """Give what the function returns.

        Raises:
            MissingPart: The call does not name the thing.
        """
        parts = self._named_by_url(call) or {hole: _part(functions, call, hole) for hole in _HOLE.findall(self.id)}
        filled = self.id.format_map(parts)
        return {
            **dict.fromkeys(self.untold, NOT_TOLD),
            **parts,
            "project": parts.get("project") or functions.project(call),
            "id": filled,
            **({"selfLink": f"{self.url}{filled}"} if self.url else {}),
            **{key: text.format_map(parts) for key, text in self.also},
        }

    def _named_by_url(self, call: Call) -> dict[str, str]:
        """Read the parts out of the URL, where the thing is named by that."""
        link = reveal(call.args.get("selfLink"))
        pattern = _HOLE.sub(r"(?P<\1>[^/]+)", self.id)
        found = re.search(f"(?:^|/){pattern}$", link) if isinstance(link, str) else None
        return found.groupdict() if found else {}


class MissingPart(Exception):
    """A call names neither what it looks up nor the place; the message is the argument."""


def _part(functions: Functions, call: Call, name: str) -> str:
    if name == "project":
        return functions.project(call)
    given = reveal(call.args.get(name))
    if isinstance(given, Unknown):
        return NOT_TOLD
    place = call.setting(name) if name in {"region", "zone", "location"} else given
    if isinstance(place, str) and place:
        # A thing of another project, or one that is named by its whole id, is given with its last part.
        return place if name == "keyRing" else place.rsplit("/", 1)[-1]
    if name == "version":
        return "latest"
    raise MissingPart(name)


def _compute(collection: str, *untold: str, place: str = "global") -> Lookup:
    return Lookup(f"projects/{{project}}/{place}/{collection}/{{name}}", ("description", *untold), _COMPUTE)


_REGION: Final = "regions/{region}"
_ZONE: Final = "zones/{zone}"
_ADDRESS: Final = ("address", "status", "network", "networkTier", "addressType", "purpose", "subnetwork")
_GROUP: Final = ("network", "subnetwork", "networkEndpointType")
_VERSION: Final = Lookup(
    "projects/{project}/secrets/{secret}/versions/{version}",
    ("secretData", "createTime"),
    also=(("name", "projects/{project}/secrets/{secret}/versions/{version}"),),
)

LOOKUPS: Final[Mapping[str, Lookup]] = {
    "gcp:certificatemanager:getCertificateMap": Lookup("projects/{project}/locations/global/certificateMaps/{name}"),
    "gcp:compute:getAddress": _compute("addresses", *_ADDRESS, place=_REGION),
    "gcp:compute:getBackendBucket": _compute("backendBuckets", "bucketName"),
    "gcp:compute:getBackendService": _compute("backendServices", "protocol", "portName", "loadBalancingScheme"),
    "gcp:compute:getCertificate": _compute("sslCertificates", "certificate"),
    "gcp:compute:getGlobalAddress": _compute("addresses", *_ADDRESS),
    "gcp:compute:getHealthCheck": _compute("healthChecks", "type"),
    "gcp:compute:getInstanceGroup": _compute("instanceGroups", "network", place=_ZONE),
    "gcp:compute:getNetwork": _compute("networks", "gatewayIpv4", "internalIpv6Range", "numericId"),
    "gcp:compute:getNetworkEndpointGroup": _compute("networkEndpointGroups", *_GROUP, place=_ZONE),
    "gcp:compute:getRegionBackendService": _compute(
        "backendServices", "protocol", "portName", "loadBalancingScheme", place=_REGION
    ),
    "gcp:compute:getRegionNetworkEndpointGroup": _compute(
        "networkEndpointGroups", *_GROUP, "pscTargetService", place=_REGION
    ),
    "gcp:compute:getRouter": _compute("routers", "network", place=_REGION),
    "gcp:compute:getSSLPolicy": _compute("sslPolicies", "minTlsVersion", "profile", "fingerprint"),
    "gcp:compute:getSecurityPolicy": _compute("securityPolicies", "type", "fingerprint"),
    "gcp:compute:getSubnetwork": _compute(
        "subnetworks",
        *("externalIpv6Prefix", "gatewayAddress", "internalIpv6Prefix", "ipCidrRange", "ipv6AccessType", "network"),
        "stackType",
        place=_REGION,
    ),
    "gcp:dns:getManagedZone": Lookup(
        "projects/{project}/managedZones/{name}", ("description", "dnsName", "managedZoneId", "visibility")
    ),
    "gcp:kms:getKMSCryptoKey": Lookup("{keyRing}/cryptoKeys/{name}", ("destroyScheduledDuration", "rotationPeriod")),
    "gcp:kms:getKMSKeyRing": Lookup("projects/{project}/locations/{location}/keyRings/{name}"),
    "gcp:secretmanager:getSecret": Lookup(
        "projects/{project}/secrets/{secretId}",
        ("createTime", "expireTime", "secretType", "ttl"),
        also=(("name", "projects/{project}/secrets/{secretId}"),),
    ),
    "gcp:secretmanager:getSecretVersion": _VERSION,
    "gcp:secretmanager:getSecretVersionAccess": _VERSION,
    "gcp:storage:getBucket": Lookup(
        "{name}",
        ("location", "storageClass", "publicAccessPrevention", "rpo", "timeCreated", "updated"),
        "https://www.googleapis.com/storage/v1/b/",
        (("url", "gs://{name}"),),
    ),
}
"""Function, to what it looks up."""
