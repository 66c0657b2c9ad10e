"""What a mutation is, and names of resources of the reference stack that several of them change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.whole.changes import Change
from tests.whole.stacks import DIRECT, PSC

ADMINISTRATORS: Final = ("NetworkFirewallPolicyRule", "allow-iap-ssh")
BACKEND_BUCKET_PAGES: Final = ("BackendBucket", "pages")
BACKEND: Final = ("RegionBackendService", "backend-europe-west1")
CERTIFICATE: Final = ("Certificate", "backend-europe-west1-certificate")
GROUP: Final = ("RegionInstanceGroupManager", "inference-europe-west1")
OTHER_GROUP: Final = ("RegionInstanceGroupManager", "inference-asia-northeast1")
HTTP_PROXY: Final = ("TargetHttpProxy", "frontend-redirect")
HTTPS_PROXY: Final = ("TargetHttpsProxy", "frontend")
MAP_ENTRY: Final = ("CertificateMapEntry", "frontend")
NEG: Final = ("RegionNetworkEndpointGroup", "published-europe-west1")
READINESS: Final = ("RegionHealthCheck", "backend-europe-west1-readiness")
REDIRECT: Final = ("URLMap", "frontend-redirect")
REGION_PROXY: Final = ("RegionTargetHttpsProxy", "backend-europe-west1")
REGIONS: Final = ("BackendService", "regions")
SSL_POLICY: Final = ("SSLPolicy", "frontend")
TEMPLATE: Final = ("RegionInstanceTemplate", "inference-europe-west1")
URL_MAP: Final = ("URLMap", "frontend")


@dataclass(frozen=True)
class Mutation:
    """One mistake.

    Attributes:
        rule: The rule that finds it.
        change: What is done to the stack.
        at: Name of the resource where the finding is.
        path: Property where it is.
        shapes: The shapes of the reference stack in which the mistake can be made.
        also: Other rules that find something, each with the reason why this cannot be helped.
    """

    rule: str
    change: Change
    at: str
    path: str
    shapes: tuple[str, ...] = (PSC, DIRECT)
    also: Mapping[str, str] = field(default_factory=dict)


UNUSED_NOW: Final = {"lb-no-orphan-components": "what the property named is named by nothing now"}
