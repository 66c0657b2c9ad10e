"""How Google Cloud names things in URLs: the collection of each type, and the scope its names are unique in."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.model.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


class Scope(str, enum.Enum):
    """Where a name is unique, and so what stands before the collection in a URL."""

    GLOBAL = "global"
    REGION = "region"
    ZONE = "zone"
    LOCATION = "location"  # `locations/global` or `locations/europe-west1`
    PROJECT = "project"  # nothing between project and collection
    ORGANIZATION = "organization"  # names are made by Google


@dataclass(frozen=True)
class Scheme:
    """How things of one type are named.

    Attributes:
        collection: The kind of thing, as it stands in URLs: `backendServices`.
        scope: Where the name is unique.
        host: The API's host name, without the domain of Google's APIs.
    """

    collection: str
    scope: Scope
    host: str = "compute"


def _compute(scope: Scope, rows: Mapping[str, tuple[str, ...]]) -> dict[str, Scheme]:
    return {token: Scheme(collection, scope) for collection, tokens in rows.items() for token in tokens}


SCHEMES: Final[Mapping[str, Scheme]] = {
    **_compute(
        Scope.GLOBAL,
        {
            "forwardingRules": (t.GLOBAL_FORWARDING_RULE,),
            "targetHttpsProxies": (t.TARGET_HTTPS_PROXY,),
            "targetHttpProxies": (t.TARGET_HTTP_PROXY,),
            "targetSslProxies": (t.TARGET_SSL_PROXY,),
            "targetTcpProxies": (t.TARGET_TCP_PROXY,),
            "targetGrpcProxies": (t.TARGET_GRPC_PROXY,),
            "urlMaps": (t.URL_MAP,),
            "backendServices": (t.BACKEND_SERVICE,),
            "backendBuckets": (t.BACKEND_BUCKET,),
            "networkEndpointGroups": (t.GLOBAL_NETWORK_ENDPOINT_GROUP,),
            "healthChecks": (t.HEALTH_CHECK,),
            "httpHealthChecks": (t.HTTP_HEALTH_CHECK,),
            "httpsHealthChecks": (t.HTTPS_HEALTH_CHECK,),
            "sslPolicies": (t.SSL_POLICY,),
            "sslCertificates": (t.SSL_CERTIFICATE, t.MANAGED_SSL_CERTIFICATE),
            "securityPolicies": (t.SECURITY_POLICY,),
            "networks": (t.NETWORK,),
            "addresses": (t.GLOBAL_ADDRESS,),
            "firewalls": (t.FIREWALL,),
            "firewallPolicies": (t.NETWORK_FIREWALL_POLICY, t.NETWORK_FIREWALL_POLICY_WITH_RULES),
            "instanceTemplates": (t.INSTANCE_TEMPLATE,),
        },
    ),
    **_compute(
        Scope.REGION,
        {
            "forwardingRules": (t.FORWARDING_RULE,),
            "targetHttpsProxies": (t.REGION_TARGET_HTTPS_PROXY,),
            "targetHttpProxies": (t.REGION_TARGET_HTTP_PROXY,),
            "targetTcpProxies": (t.REGION_TARGET_TCP_PROXY,),
            "targetPools": (t.TARGET_POOL,),
            "targetVpnGateways": (t.VPN_GATEWAY,),
            "urlMaps": (t.REGION_URL_MAP,),
            "backendServices": (t.REGION_BACKEND_SERVICE,),
            "backendBuckets": (t.REGION_BACKEND_BUCKET,),
            "networkEndpointGroups": (t.REGION_NETWORK_ENDPOINT_GROUP,),
            "instanceGroupManagers": (t.REGION_INSTANCE_GROUP_MANAGER,),
            "serviceAttachments": (t.SERVICE_ATTACHMENT,),
            "autoscalers": (t.REGION_AUTOSCALER,),
            "healthChecks": (t.REGION_HEALTH_CHECK,),
            "healthSources": (t.REGION_HEALTH_SOURCE,),
            "healthAggregationPolicies": (t.REGION_HEALTH_AGGREGATION_POLICY,),
            "compositeHealthChecks": (t.REGION_COMPOSITE_HEALTH_CHECK,),
            "sslPolicies": (t.REGION_SSL_POLICY,),
            "sslCertificates": (t.REGION_SSL_CERTIFICATE,),
            "securityPolicies": (t.REGION_SECURITY_POLICY,),
            "networkEdgeSecurityServices": (t.NETWORK_EDGE_SECURITY_SERVICE,),
            "subnetworks": (t.SUBNETWORK,),
            "routers": (t.ROUTER,),
            "vpnTunnels": (t.VPN_TUNNEL,),
            "interconnectAttachments": (t.INTERCONNECT_ATTACHMENT,),
            "addresses": (t.ADDRESS,),
            "firewallPolicies": (t.REGION_NETWORK_FIREWALL_POLICY, t.REGION_NETWORK_FIREWALL_POLICY_WITH_RULES),
            "instanceTemplates": (t.REGION_INSTANCE_TEMPLATE,),
            "disks": (t.REGION_DISK,),
        },
    ),
    **_compute(
        Scope.ZONE,
        {
            "targetInstances": (t.TARGET_INSTANCE,),
            "instanceGroups": (t.INSTANCE_GROUP,),
            "instanceGroupManagers": (t.INSTANCE_GROUP_MANAGER,),
            "networkEndpointGroups": (t.NETWORK_ENDPOINT_GROUP,),
            # Not that anything could refer to one; but it lies in the zone of its group.
            "networkEndpoints": (t.NETWORK_ENDPOINT, t.NETWORK_ENDPOINT_LIST),
            "autoscalers": (t.AUTOSCALER,),
            "instances": (t.INSTANCE,),
            "disks": (t.DISK,),
        },
    ),
    **_compute(Scope.ORGANIZATION, {"firewallPolicies": (t.FIREWALL_POLICY, t.FIREWALL_POLICY_WITH_RULES)}),
    t.CERTIFICATE: Scheme("certificates", Scope.LOCATION, "certificatemanager"),
    t.CERTIFICATE_MAP: Scheme("certificateMaps", Scope.GLOBAL, "certificatemanager"),
    t.CERTIFICATE_MAP_ENTRY: Scheme("certificateMapEntries", Scope.GLOBAL, "certificatemanager"),
    t.DNS_AUTHORIZATION: Scheme("dnsAuthorizations", Scope.LOCATION, "certificatemanager"),
    t.TRUST_CONFIG: Scheme("trustConfigs", Scope.LOCATION, "certificatemanager"),
    t.SERVICE_LB_POLICY: Scheme("serviceLbPolicies", Scope.LOCATION, "networkservices"),
    t.SERVER_TLS_POLICY: Scheme("serverTlsPolicies", Scope.LOCATION, "networksecurity"),
    **dict.fromkeys(t.CLOUD_RUN_SERVICES, Scheme("services", Scope.LOCATION, "run")),
    t.FUNCTION: Scheme("functions", Scope.LOCATION, "cloudfunctions"),
    t.OLDER_FUNCTION: Scheme("functions", Scope.REGION, "cloudfunctions"),
    t.SERVICE_ACCOUNT: Scheme("serviceAccounts", Scope.PROJECT, "iam"),
    t.KEY_RING: Scheme("keyRings", Scope.LOCATION, "cloudkms"),
    t.CRYPTO_KEY: Scheme("cryptoKeys", Scope.LOCATION, "cloudkms"),
}
"""Type token, to how things of that type are named."""

TYPES_BY_COLLECTION: Final[Mapping[str, frozenset[str]]] = {
    collection: frozenset(token for token, scheme in SCHEMES.items() if scheme.collection == collection)
    for collection in {scheme.collection for scheme in SCHEMES.values()}
}
"""Collection, to every type that lives in it, whatever its scope."""

PLACES: Final[Mapping[Scope, str]] = {
    Scope.GLOBAL: "global",
    Scope.REGION: "regions/{location}",
    Scope.ZONE: "zones/{location}",
    Scope.LOCATION: "locations/{location}",
    Scope.ORGANIZATION: "locations/global",
}
"""What stands between project and collection in a URL."""


def resource_path(scheme: Scheme, name: str, location: str, project: str) -> str:
    """Write the id of a thing, as the provider does: `projects/p/regions/r/backendServices/api`.

    Args:
        scheme: How things of its type are named.
        name: Its name; for a key `RING/KEY`.
        location: Region, zone or location; not looked at where the scope is global.
        project: Project id.
    """
    if scheme.scope is Scope.ORGANIZATION:
        return f"locations/global/{scheme.collection}/{name}"
    if scheme.scope is Scope.PROJECT:
        return f"projects/{project}/{scheme.collection}/{name}"
    # Global things of APIs other than Compute Engine live in the location "global".
    place = PLACES[scheme.scope] if scheme.host == "compute" or scheme.scope is not Scope.GLOBAL else "locations/global"
    place = place.format(location=location)
    if scheme.collection == "cryptoKeys" and "/" in name:
        ring, key = name.split("/", 1)
        return f"projects/{project}/{place}/keyRings/{ring}/cryptoKeys/{key}"
    return f"projects/{project}/{place}/{scheme.collection}/{name}"
