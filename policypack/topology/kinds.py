"""Kinds of front ends, backends and routes, and what the provider takes where a program says nothing."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.gcp.provider_defaults import fill
from policypack.model.logic import Undecided

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policypack.model.resource import Resource


class FrontendKind(str, enum.Enum):
    """What answers behind a forwarding rule."""

    HTTPS = "HTTPS"
    HTTP = "HTTP"
    SSL = "SSL"
    TCP = "TCP"
    GRPC = "GRPC"
    PASSTHROUGH = "passthrough"
    GOOGLE_APIS = "Google APIs"
    PSC_ENDPOINT = "Private Service Connect endpoint"
    OTHER = "other"  # a target pool, a target instance, a VPN gateway


class RouteKind(str, enum.Enum):
    """What a URL map does with a request; services with weights are one `SERVICE` route each."""

    SERVICE = "service"
    REDIRECT = "redirect"
    MIRROR = "mirror"
    ERROR = "error page"


class BackendKind(str, enum.Enum):
    """What a backend is made of."""

    INSTANCE_GROUP = "instance group"
    ZONAL_NEG = "zonal network endpoint group"
    PASSTHROUGH_NEG = "zonal network endpoint group of addresses"
    HYBRID_NEG = "hybrid network endpoint group"
    SERVERLESS_NEG = "serverless network endpoint group"
    PSC_NEG = "Private Service Connect network endpoint group"
    INTERNET_NEG = "internet network endpoint group"
    PORT_MAPPING_NEG = "port mapping network endpoint group"


PROXY_KINDS: Final[Mapping[str, FrontendKind]] = {
    **dict.fromkeys(t.HTTPS_PROXIES, FrontendKind.HTTPS),
    **dict.fromkeys(t.HTTP_PROXIES, FrontendKind.HTTP),
    t.TARGET_SSL_PROXY: FrontendKind.SSL,
    **dict.fromkeys((t.TARGET_TCP_PROXY, t.REGION_TARGET_TCP_PROXY), FrontendKind.TCP),
    t.TARGET_GRPC_PROXY: FrontendKind.GRPC,
}

TARGET_KINDS: Final[Mapping[str, FrontendKind]] = {
    **PROXY_KINDS,
    **dict.fromkeys(t.BACKEND_SERVICES, FrontendKind.PASSTHROUGH),
    t.SERVICE_ATTACHMENT: FrontendKind.PSC_ENDPOINT,
    **dict.fromkeys((t.TARGET_POOL, t.TARGET_INSTANCE, t.VPN_GATEWAY), FrontendKind.OTHER),
}
"""Type of a forwarding rule's target, to the kind of front end it makes."""

ENDPOINT_TYPES: Final[Mapping[str, BackendKind]] = {
    "GCE_VM_IP_PORT": BackendKind.ZONAL_NEG,
    "GCE_VM_IP": BackendKind.PASSTHROUGH_NEG,
    "NON_GCP_PRIVATE_IP_PORT": BackendKind.HYBRID_NEG,
    "SERVERLESS": BackendKind.SERVERLESS_NEG,
    "PRIVATE_SERVICE_CONNECT": BackendKind.PSC_NEG,
    "INTERNET_IP_PORT": BackendKind.INTERNET_NEG,
    "INTERNET_FQDN_PORT": BackendKind.INTERNET_NEG,
    "GCE_VM_IP_PORTMAP": BackendKind.PORT_MAPPING_NEG,
}
"""`networkEndpointType` of a network endpoint group, to the kind of backend it makes."""

ENDPOINT_KINDS_OF: Final[Mapping[str, frozenset[BackendKind]]] = {
    t.NETWORK_ENDPOINT_GROUP: frozenset({BackendKind.ZONAL_NEG, BackendKind.PASSTHROUGH_NEG, BackendKind.HYBRID_NEG}),
    t.REGION_NETWORK_ENDPOINT_GROUP: frozenset(
        {BackendKind.SERVERLESS_NEG, BackendKind.PSC_NEG, BackendKind.INTERNET_NEG, BackendKind.PORT_MAPPING_NEG}
    ),
    t.GLOBAL_NETWORK_ENDPOINT_GROUP: frozenset({BackendKind.INTERNET_NEG}),
}
"""Type of a network endpoint group, to the kinds that there are of it."""

_ENDPOINT_TYPE_DEFAULTS: Final[Mapping[str, str]] = {
    t.NETWORK_ENDPOINT_GROUP: "GCE_VM_IP_PORT",
    t.REGION_NETWORK_ENDPOINT_GROUP: "SERVERLESS",
}

EXTERNAL_SCHEMES: Final = frozenset({"EXTERNAL", "EXTERNAL_MANAGED"})
HTTP_PROTOCOLS: Final = frozenset({"HTTP", "HTTPS", "HTTP2", "H2C", "GRPC"})


def scheme_of(resource: Resource) -> str:
    """Read the load-balancing scheme, with the default of the provider version that the program uses.

    Raises:
        Undecided: It is unknown.
    """
    scheme = resource.text("loadBalancingScheme")
    if scheme is None:
        default = fill(resource.type, {}, resource.name, resource.provider.version).get("loadBalancingScheme")
        scheme = default if isinstance(default, str) else "EXTERNAL"
    return scheme


def backend_kind_of(group: Resource) -> BackendKind:
    """Tell what kind of backend a group makes.

    Raises:
        Undecided: Its endpoint type is unknown, or one we do not know.
    """
    if group.type in t.INSTANCE_GROUPS:
        return BackendKind.INSTANCE_GROUP
    if group.type == t.GLOBAL_NETWORK_ENDPOINT_GROUP:
        return BackendKind.INTERNET_NEG
    endpoint_type = group.text("networkEndpointType") or _ENDPOINT_TYPE_DEFAULTS.get(group.type, "")
    kind = ENDPOINT_TYPES.get(endpoint_type)
    if kind is None:
        raise Undecided(group.urn, "networkEndpointType", f"{endpoint_type or group.type} is no kind of group we know")
    return kind
