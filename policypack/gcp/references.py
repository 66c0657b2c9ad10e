"""Which properties of which types are references, to what, and whether a bare name is one.

The paths of this table were checked against the provider's schema; how each takes a bare name was read in the
provider's own sources, and is written down in `docs/decisions/0001-bare-names.md`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.model.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True)
class Reference:
    """One reference property.

    Attributes:
        path: Where it stands, as a pattern: `backends[].group`.
        types: What it can point at. Sibling scopes are included (a regional backend service in a global URL map):
            what is wrong about them is for rules to say.
        bare: True if a bare name is a reference by name; False if nothing takes it.
        google: True if names of Google's own APIs stand here too.
        repeats: True if several places may well name the same thing, as two routes of a URL map do.
    """

    path: str
    types: tuple[str, ...]
    bare: bool = False
    google: bool = False
    repeats: bool = False


_KEY: Final = (t.CRYPTO_KEY,)
_SERVICES_AND_BUCKETS: Final = (*t.BACKEND_SERVICES, *t.BACKEND_BUCKETS)

FORWARDING_RULE_TARGETS: Final = (
    *t.PROXIES,
    t.TARGET_POOL,
    t.TARGET_INSTANCE,
    t.VPN_GATEWAY,
    t.SERVICE_ATTACHMENT,
)

ROUTE_ACTIONS: Final = (
    "defaultRouteAction",
    "pathMatchers[].defaultRouteAction",
    "pathMatchers[].pathRules[].routeAction",
    "pathMatchers[].routeRules[].routeAction",
)
"""Where a URL map says what is done with a request before it goes on."""
ROUTE_SERVICES: Final = (
    "defaultService",
    "pathMatchers[].defaultService",
    "pathMatchers[].pathRules[].service",
    "pathMatchers[].routeRules[].service",
    *(f"{action}.weightedBackendServices[].backendService" for action in ROUTE_ACTIONS),
)
"""Where a URL map names what answers a request."""
MIRROR_SERVICES: Final = tuple(f"{action}.requestMirrorPolicy.backendService" for action in ROUTE_ACTIONS)
"""Where a URL map names what gets a copy of a request; its answer is thrown away."""
ERROR_SERVICES: Final = (
    "defaultCustomErrorResponsePolicy.errorService",
    "pathMatchers[].defaultCustomErrorResponsePolicy.errorService",
    "pathMatchers[].pathRules[].customErrorResponsePolicy.errorService",
    "pathMatchers[].routeRules[].customErrorResponsePolicy.errorService",
)
"""Where a URL map names the bucket that holds error pages."""
TEST_SERVICE: Final = "tests[].service"
"""Where a URL map's own tests name what should answer."""
REDIRECTS: Final = (
    "defaultUrlRedirect",
    "pathMatchers[].defaultUrlRedirect",
    "pathMatchers[].pathRules[].urlRedirect",
    "pathMatchers[].routeRules[].urlRedirect",
)
"""Where a URL map sends the client elsewhere."""


def _network(prefix: str = "") -> tuple[Reference, Reference]:
    return (
        Reference(f"{prefix}network", (t.NETWORK,), bare=True),
        Reference(f"{prefix}subnetwork", (t.SUBNETWORK,), bare=True),
    )


def _keys(*paths: str) -> tuple[Reference, ...]:
    return tuple(Reference(path, _KEY, repeats=True) for path in paths)


def _url_map(*, error_pages: bool) -> tuple[Reference, ...]:
    paths = (*ROUTE_SERVICES, *MIRROR_SERVICES, TEST_SERVICE)
    services = tuple(Reference(path, _SERVICES_AND_BUCKETS, bare=True, repeats=True) for path in paths)
    buckets_first = (*t.BACKEND_BUCKETS, *t.BACKEND_SERVICES)
    errors = tuple(Reference(path, buckets_first, bare=True, repeats=True) for path in ERROR_SERVICES)
    return (*services, *errors) if error_pages else services


def _forwarding_rule() -> tuple[Reference, ...]:
    return (
        Reference("target", FORWARDING_RULE_TARGETS, google=True),
        Reference("ipAddress", (t.ADDRESS, t.GLOBAL_ADDRESS), bare=True),
        *_network(),
    )


# The API also takes certificates of Certificate Manager here.
_PROXY_CERTIFICATES: Final = (*t.SSL_CERTIFICATES, t.CERTIFICATE)
_HTTPS_PROXY: Final = (
    Reference("urlMap", t.URL_MAPS, bare=True),
    Reference("sslPolicy", t.SSL_POLICIES, bare=True),
    Reference("sslCertificates[]", _PROXY_CERTIFICATES, bare=True),
    Reference("certificateManagerCertificates[]", (t.CERTIFICATE,)),
    Reference("serverTlsPolicy", (t.SERVER_TLS_POLICY,)),
)
_CERTIFICATE_MAP: Final = Reference("certificateMap", (t.CERTIFICATE_MAP,))
_BACKEND_SERVICE: Final = (
    Reference("backends[].group", t.BACKEND_GROUPS),
    Reference("healthChecks", (*t.HEALTH_CHECKS, *t.LEGACY_HEALTH_CHECKS)),
    Reference("securityPolicy", t.SECURITY_POLICIES, bare=True),
    Reference("serviceLbPolicy", (t.SERVICE_LB_POLICY,), bare=True),
)
_GROUP_MANAGER: Final = (
    Reference("versions[].instanceTemplate", t.INSTANCE_TEMPLATES, repeats=True),
    Reference("autoHealingPolicies.healthCheck", (*t.HEALTH_CHECKS, *t.LEGACY_HEALTH_CHECKS)),
    Reference("targetPools[]", (t.TARGET_POOL,)),
)
_MACHINE: Final = (
    *_network("networkInterfaces[]."),
    Reference("serviceAccount.email", (t.SERVICE_ACCOUNT,)),
)
_TEMPLATE: Final = (
    *_MACHINE,
    *_keys("disks[].diskEncryptionKey.kmsKeySelfLink"),
    Reference("disks[].source", (t.DISK, t.REGION_DISK), bare=True),
)
_FIREWALL_RULE_TARGETS: Final = Reference("targetServiceAccounts[]", (t.SERVICE_ACCOUNT,))
_FRONT_ENDS: Final = Reference("targetForwardingRules[]", t.FORWARDING_RULES)
_NETWORK_POLICIES: Final = (t.NETWORK_FIREWALL_POLICY, t.NETWORK_FIREWALL_POLICY_WITH_RULES)
_REGION_NETWORK_POLICIES: Final = (t.REGION_NETWORK_FIREWALL_POLICY, t.REGION_NETWORK_FIREWALL_POLICY_WITH_RULES)
_HIERARCHICAL_POLICIES: Final = (t.FIREWALL_POLICY, t.FIREWALL_POLICY_WITH_RULES)


def _policy_rule(policies: tuple[str, ...]) -> tuple[Reference, ...]:
    return (
        Reference("firewallPolicy", policies, bare=True),
        _FIREWALL_RULE_TARGETS,
        Reference("match.srcNetworks[]", (t.NETWORK,)),
    )


def _association(policies: tuple[str, ...]) -> tuple[Reference, ...]:
    return (
        Reference("firewallPolicy", policies, bare=True),
        Reference("attachmentTarget", (t.NETWORK,)),
    )


_POLICY_WITH_RULES: Final = (
    Reference("rules[].targetServiceAccounts[]", (t.SERVICE_ACCOUNT,), repeats=True),
    Reference("rules[].match.srcNetworks[]", (t.NETWORK,), repeats=True),
)


def _each(tokens: Iterable[str], references: Iterable[Reference]) -> dict[str, tuple[Reference, ...]]:
    return dict.fromkeys(tokens, tuple(references))


REFERENCES: Final[Mapping[str, tuple[Reference, ...]]] = {
    t.GLOBAL_FORWARDING_RULE: _forwarding_rule(),
    t.FORWARDING_RULE: (
        *_forwarding_rule(),
        Reference("backendService", t.BACKEND_SERVICES),
    ),
    t.TARGET_HTTPS_PROXY: (*_HTTPS_PROXY, _CERTIFICATE_MAP),
    t.REGION_TARGET_HTTPS_PROXY: _HTTPS_PROXY,
    **_each((*t.HTTP_PROXIES,), (Reference("urlMap", t.URL_MAPS, bare=True),)),
    t.TARGET_GRPC_PROXY: (Reference("urlMap", t.URL_MAPS),),
    t.TARGET_SSL_PROXY: (
        Reference("backendService", t.BACKEND_SERVICES, bare=True),
        Reference("sslPolicy", t.SSL_POLICIES, bare=True),
        Reference("sslCertificates[]", _PROXY_CERTIFICATES, bare=True),
        _CERTIFICATE_MAP,
    ),
    **_each(
        (t.TARGET_TCP_PROXY, t.REGION_TARGET_TCP_PROXY), (Reference("backendService", t.BACKEND_SERVICES, bare=True),)
    ),
    t.URL_MAP: _url_map(error_pages=True),
    t.REGION_URL_MAP: _url_map(error_pages=False),
    t.BACKEND_SERVICE: (*_BACKEND_SERVICE, Reference("edgeSecurityPolicy", t.SECURITY_POLICIES, bare=True)),
    t.REGION_BACKEND_SERVICE: (*_BACKEND_SERVICE, Reference("network", (t.NETWORK,), bare=True)),
    t.BACKEND_BUCKET: (Reference("edgeSecurityPolicy", t.SECURITY_POLICIES, bare=True),),
    t.SECURITY_POLICY_RULE: (Reference("securityPolicy", (t.SECURITY_POLICY,), bare=True),),
    t.REGION_SECURITY_POLICY_RULE: (Reference("securityPolicy", (t.REGION_SECURITY_POLICY,), bare=True),),
    t.NETWORK_EDGE_SECURITY_SERVICE: (Reference("securityPolicy", (t.REGION_SECURITY_POLICY,)),),
    **_each(t.INSTANCE_GROUP_MANAGERS, _GROUP_MANAGER),
    t.INSTANCE_GROUP: (
        Reference("instances[]", (t.INSTANCE,)),
        Reference("network", (t.NETWORK,), bare=True),
    ),
    t.INSTANCE_GROUP_NAMED_PORT: (
        Reference("group", (t.INSTANCE_GROUP, *t.INSTANCE_GROUP_MANAGERS), bare=True, repeats=True),
    ),
    t.NETWORK_ENDPOINT_GROUP: _network(),
    t.NETWORK_ENDPOINT: (
        Reference("networkEndpointGroup", (t.NETWORK_ENDPOINT_GROUP,), bare=True),
        Reference("instance", (t.INSTANCE,), bare=True),
    ),
    t.NETWORK_ENDPOINT_LIST: (
        Reference("networkEndpointGroup", (t.NETWORK_ENDPOINT_GROUP,), bare=True),
        # Several endpoints, on ports of their own, may be on one machine.
        Reference("networkEndpoints[].instance", (t.INSTANCE,), bare=True, repeats=True),
    ),
    t.TARGET_POOL: (
        Reference("healthChecks", (t.HTTP_HEALTH_CHECK,), bare=True),
        Reference("instances[]", (t.INSTANCE,)),
        Reference("backupPool", (t.TARGET_POOL,)),
        Reference("securityPolicy", t.SECURITY_POLICIES, bare=True),
    ),
    t.TARGET_INSTANCE: (
        Reference("instance", (t.INSTANCE,), bare=True),
        Reference("securityPolicy", t.SECURITY_POLICIES, bare=True),
    ),
    t.DNS_RECORD_SET: (Reference("routingPolicy.healthCheck", (t.HEALTH_CHECK,), bare=True),),
    t.DNS_POLICY: (Reference("networks[].networkUrl", (t.NETWORK,)),),
    t.REGION_NETWORK_ENDPOINT_GROUP: (
        Reference("pscTargetService", (t.SERVICE_ATTACHMENT,), google=True),
        # A function of the second generation is a Cloud Run service of the same name underneath.
        Reference("cloudRun.service", (*t.CLOUD_RUN_SERVICES, t.FUNCTION), bare=True),
        Reference("cloudFunction.function", t.FUNCTIONS, bare=True),
        *_network(),
    ),
    t.BACKEND_SERVICE_SIGNED_URL_KEY: (Reference("backendService", (t.BACKEND_SERVICE,), bare=True),),
    t.BACKEND_BUCKET_SIGNED_URL_KEY: (Reference("backendBucket", (t.BACKEND_BUCKET,), bare=True),),
    t.SERVICE_ATTACHMENT: (
        Reference("targetService", t.FORWARDING_RULES),
        Reference("natSubnets[]", (t.SUBNETWORK,), bare=True),
    ),
    **_each((t.AUTOSCALER, t.REGION_AUTOSCALER), (Reference("target", t.INSTANCE_GROUP_MANAGERS, bare=True),)),
    t.REGION_HEALTH_SOURCE: (
        Reference("sources", t.BACKEND_SERVICES, bare=True),
        Reference("healthAggregationPolicy", (t.REGION_HEALTH_AGGREGATION_POLICY,), bare=True),
    ),
    t.REGION_COMPOSITE_HEALTH_CHECK: (
        Reference("healthSources[]", (t.REGION_HEALTH_SOURCE,), bare=True),
        Reference("healthDestination", t.FORWARDING_RULES, bare=True),
    ),
    t.ADDRESS: _network(),
    t.GLOBAL_ADDRESS: (Reference("network", (t.NETWORK,), bare=True),),
    t.SUBNETWORK: (Reference("network", (t.NETWORK,), bare=True),),
    **_each((t.ROUTE, t.ROUTER), (Reference("network", (t.NETWORK,), bare=True),)),
    **_each((t.VPN_TUNNEL, t.INTERCONNECT_ATTACHMENT), (Reference("router", (t.ROUTER,), bare=True),)),
    t.ROUTER_NAT: (
        Reference("router", (t.ROUTER,), bare=True),
        Reference("subnetworks[].name", (t.SUBNETWORK,), bare=True),
    ),
    t.FIREWALL: (
        Reference("network", (t.NETWORK,), bare=True),
        _FIREWALL_RULE_TARGETS,
        Reference("sourceServiceAccounts[]", (t.SERVICE_ACCOUNT,)),
    ),
    t.NETWORK_FIREWALL_POLICY_RULE: (*_policy_rule(_NETWORK_POLICIES), _FRONT_ENDS),
    t.REGION_NETWORK_FIREWALL_POLICY_RULE: (*_policy_rule(_REGION_NETWORK_POLICIES), _FRONT_ENDS),
    t.FIREWALL_POLICY_RULE: (
        *_policy_rule(_HIERARCHICAL_POLICIES),
        Reference("targetResources[]", (t.NETWORK,)),
    ),
    t.NETWORK_FIREWALL_POLICY_ASSOCIATION: _association(_NETWORK_POLICIES),
    t.REGION_NETWORK_FIREWALL_POLICY_ASSOCIATION: _association(_REGION_NETWORK_POLICIES),
    t.FIREWALL_POLICY_ASSOCIATION: (Reference("firewallPolicy", _HIERARCHICAL_POLICIES, bare=True),),
    t.FIREWALL_POLICY_WITH_RULES: (*_POLICY_WITH_RULES, Reference("rules[].targetResources[]", (t.NETWORK,))),
    **_each(
        (t.NETWORK_FIREWALL_POLICY_WITH_RULES, t.REGION_NETWORK_FIREWALL_POLICY_WITH_RULES),
        _POLICY_WITH_RULES,
    ),
    t.INSTANCE: (
        *_MACHINE,
        Reference("networkInterfaces[].securityPolicy", t.SECURITY_POLICIES, bare=True, repeats=True),
        *_keys("bootDisk.kmsKeySelfLink", "attachedDisks[].kmsKeySelfLink"),
        Reference("attachedDisks[].source", (t.DISK, t.REGION_DISK), bare=True),
        Reference("bootDisk.source", (t.DISK, t.REGION_DISK), bare=True),
    ),
    t.INSTANCE_TEMPLATE: _TEMPLATE,
    t.REGION_INSTANCE_TEMPLATE: _TEMPLATE,
    t.DISK: _keys("diskEncryptionKey.kmsKeySelfLink"),
    t.REGION_DISK: _keys("diskEncryptionKey.kmsKeyName"),
    t.IMAGE: _keys("imageEncryptionKey.kmsKeySelfLink"),
    t.BUCKET: _keys("encryption.defaultKmsKeyName"),
    t.TOPIC: _keys("kmsKeyName"),
    t.SECRET: _keys(
        "replication.auto.customerManagedEncryption.kmsKeyName",
        "replication.userManaged.replicas[].customerManagedEncryption.kmsKeyName",
    ),
    t.REGIONAL_SECRET: _keys("customerManagedEncryption.kmsKeyName"),
    t.REPOSITORY: _keys("kmsKeyName"),
    t.AI_ENDPOINT: _keys("encryptionSpec.kmsKeyName"),
    t.CRYPTO_KEY: (Reference("keyRing", (t.KEY_RING,)),),
    **_each((t.CRYPTO_KEY_MEMBER, t.CRYPTO_KEY_BINDING, t.CRYPTO_KEY_POLICY), (Reference("cryptoKeyId", _KEY),)),
    **_each((t.KEY_RING_MEMBER, t.KEY_RING_BINDING, t.KEY_RING_POLICY), (Reference("keyRingId", (t.KEY_RING,)),)),
    t.CERTIFICATE: (Reference("managed.dnsAuthorizations[]", (t.DNS_AUTHORIZATION,)),),
    t.SERVER_TLS_POLICY: (Reference("mtlsPolicy.clientValidationTrustConfig", (t.TRUST_CONFIG,), bare=True),),
    t.CERTIFICATE_MAP_ENTRY: (
        Reference("map", (t.CERTIFICATE_MAP,), bare=True),
        Reference("certificates[]", (t.CERTIFICATE,)),
    ),
}
"""Type token, to its reference properties."""
