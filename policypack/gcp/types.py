"""Type tokens of pulumi-gcp that the pack looks at, by the names Google Cloud gives the things."""

from __future__ import annotations

from typing import Final


def _compute(module: str, cls: str | None = None) -> str:
    return f"gcp:compute/{module}:{cls or module[0].upper() + module[1:]}"


GLOBAL_FORWARDING_RULE: Final = _compute("globalForwardingRule")
FORWARDING_RULE: Final = _compute("forwardingRule")
FORWARDING_RULES: Final = (GLOBAL_FORWARDING_RULE, FORWARDING_RULE)

TARGET_HTTPS_PROXY: Final = _compute("targetHttpsProxy")
REGION_TARGET_HTTPS_PROXY: Final = _compute("regionTargetHttpsProxy")
TARGET_HTTP_PROXY: Final = _compute("targetHttpProxy")
REGION_TARGET_HTTP_PROXY: Final = _compute("regionTargetHttpProxy")
TARGET_SSL_PROXY: Final = _compute("targetSSLProxy")
TARGET_TCP_PROXY: Final = _compute("targetTCPProxy")
REGION_TARGET_TCP_PROXY: Final = _compute("regionTargetTcpProxy")
TARGET_GRPC_PROXY: Final = _compute("targetGrpcProxy")

HTTPS_PROXIES: Final = (TARGET_HTTPS_PROXY, REGION_TARGET_HTTPS_PROXY)
HTTP_PROXIES: Final = (TARGET_HTTP_PROXY, REGION_TARGET_HTTP_PROXY)
TLS_PROXIES: Final = (*HTTPS_PROXIES, TARGET_SSL_PROXY)
URL_MAP_PROXIES: Final = (*HTTPS_PROXIES, *HTTP_PROXIES, TARGET_GRPC_PROXY)
SERVICE_PROXIES: Final = (TARGET_SSL_PROXY, TARGET_TCP_PROXY, REGION_TARGET_TCP_PROXY)
"""Proxies that name a backend service, without a URL map."""
GLOBAL_PROXIES: Final = (
    TARGET_HTTPS_PROXY,
    TARGET_HTTP_PROXY,
    TARGET_SSL_PROXY,
    TARGET_TCP_PROXY,
    TARGET_GRPC_PROXY,
)
REGIONAL_PROXIES: Final = (REGION_TARGET_HTTPS_PROXY, REGION_TARGET_HTTP_PROXY, REGION_TARGET_TCP_PROXY)
PROXIES: Final = (*GLOBAL_PROXIES, *REGIONAL_PROXIES)

TARGET_POOL: Final = _compute("targetPool")
TARGET_INSTANCE: Final = _compute("targetInstance")
VPN_GATEWAY: Final = _compute("vPNGateway", "VPNGateway")

URL_MAP: Final = _compute("uRLMap", "URLMap")
REGION_URL_MAP: Final = _compute("regionUrlMap")
URL_MAPS: Final = (URL_MAP, REGION_URL_MAP)

BACKEND_SERVICE: Final = _compute("backendService")
REGION_BACKEND_SERVICE: Final = _compute("regionBackendService")
BACKEND_SERVICES: Final = (BACKEND_SERVICE, REGION_BACKEND_SERVICE)
SERVICE_LB_POLICY: Final = "gcp:networkservices/serviceLbPolicies:ServiceLbPolicies"
BACKEND_BUCKET: Final = _compute("backendBucket")
REGION_BACKEND_BUCKET: Final = _compute("regionBackendBucket")
BACKEND_BUCKETS: Final = (BACKEND_BUCKET, REGION_BACKEND_BUCKET)

INSTANCE_GROUP: Final = _compute("instanceGroup")
INSTANCE_GROUP_MANAGER: Final = _compute("instanceGroupManager")
REGION_INSTANCE_GROUP_MANAGER: Final = _compute("regionInstanceGroupManager")
INSTANCE_GROUP_MANAGERS: Final = (INSTANCE_GROUP_MANAGER, REGION_INSTANCE_GROUP_MANAGER)
INSTANCE_GROUP_NAMED_PORT: Final = _compute("instanceGroupNamedPort")
INSTANCE_GROUPS: Final = (*INSTANCE_GROUP_MANAGERS, INSTANCE_GROUP)
NETWORK_ENDPOINT_GROUP: Final = _compute("networkEndpointGroup")
REGION_NETWORK_ENDPOINT_GROUP: Final = _compute("regionNetworkEndpointGroup")
GLOBAL_NETWORK_ENDPOINT_GROUP: Final = _compute("globalNetworkEndpointGroup")
NETWORK_ENDPOINT_GROUPS: Final = (
    NETWORK_ENDPOINT_GROUP,
    REGION_NETWORK_ENDPOINT_GROUP,
    GLOBAL_NETWORK_ENDPOINT_GROUP,
)
NETWORK_ENDPOINT: Final = _compute("networkEndpoint")
NETWORK_ENDPOINT_LIST: Final = _compute("networkEndpointList")
BACKEND_GROUPS: Final = (*INSTANCE_GROUPS, *NETWORK_ENDPOINT_GROUPS)
SERVICE_ATTACHMENT: Final = _compute("serviceAttachment")
AUTOSCALER: Final = _compute("autoscaler")
REGION_AUTOSCALER: Final = _compute("regionAutoscaler")
AUTOSCALERS: Final = (AUTOSCALER, REGION_AUTOSCALER)

HEALTH_CHECK: Final = _compute("healthCheck")
REGION_HEALTH_CHECK: Final = _compute("regionHealthCheck")
HTTP_HEALTH_CHECK: Final = _compute("httpHealthCheck")
HTTPS_HEALTH_CHECK: Final = _compute("httpsHealthCheck")
HEALTH_CHECKS: Final = (HEALTH_CHECK, REGION_HEALTH_CHECK)
LEGACY_HEALTH_CHECKS: Final = (HTTP_HEALTH_CHECK, HTTPS_HEALTH_CHECK)
REGION_HEALTH_SOURCE: Final = _compute("regionHealthSource")
REGION_HEALTH_AGGREGATION_POLICY: Final = _compute("regionHealthAggregationPolicy")
REGION_COMPOSITE_HEALTH_CHECK: Final = _compute("regionCompositeHealthCheck")

SSL_POLICY: Final = _compute("sSLPolicy", "SSLPolicy")
REGION_SSL_POLICY: Final = _compute("regionSslPolicy")
SSL_POLICIES: Final = (SSL_POLICY, REGION_SSL_POLICY)
SSL_CERTIFICATE: Final = _compute("sSLCertificate", "SSLCertificate")
MANAGED_SSL_CERTIFICATE: Final = _compute("managedSslCertificate")
REGION_SSL_CERTIFICATE: Final = _compute("regionSslCertificate")
SSL_CERTIFICATES: Final = (SSL_CERTIFICATE, MANAGED_SSL_CERTIFICATE, REGION_SSL_CERTIFICATE)
CERTIFICATE: Final = "gcp:certificatemanager/certificate:Certificate"
CERTIFICATE_MAP: Final = "gcp:certificatemanager/certificateMap:CertificateMap"
CERTIFICATE_MAP_ENTRY: Final = "gcp:certificatemanager/certificateMapEntry:CertificateMapEntry"
DNS_AUTHORIZATION: Final = "gcp:certificatemanager/dnsAuthorization:DnsAuthorization"
TRUST_CONFIG: Final = "gcp:certificatemanager/trustConfig:TrustConfig"
SERVER_TLS_POLICY: Final = "gcp:networksecurity/serverTlsPolicy:ServerTlsPolicy"
BACKEND_AUTHENTICATION_CONFIG: Final = "gcp:networksecurity/backendAuthenticationConfig:BackendAuthenticationConfig"

DNS_RECORD_SET: Final = "gcp:dns/recordSet:RecordSet"
MANAGED_ZONE: Final = "gcp:dns/managedZone:ManagedZone"
DNS_POLICY: Final = "gcp:dns/policy:Policy"

ALERT_POLICY: Final = "gcp:monitoring/alertPolicy:AlertPolicy"
UPTIME_CHECK: Final = "gcp:monitoring/uptimeCheckConfig:UptimeCheckConfig"
SLO: Final = "gcp:monitoring/slo:Slo"

SECURITY_POLICY: Final = _compute("securityPolicy")
REGION_SECURITY_POLICY: Final = _compute("regionSecurityPolicy")
SECURITY_POLICIES: Final = (SECURITY_POLICY, REGION_SECURITY_POLICY)
SECURITY_POLICY_RULE: Final = _compute("securityPolicyRule")
REGION_SECURITY_POLICY_RULE: Final = _compute("regionSecurityPolicyRule")
SECURITY_POLICY_RULES: Final = (SECURITY_POLICY_RULE, REGION_SECURITY_POLICY_RULE)
NETWORK_EDGE_SECURITY_SERVICE: Final = _compute("networkEdgeSecurityService")
BACKEND_SERVICE_SIGNED_URL_KEY: Final = _compute("backendServiceSignedUrlKey")
BACKEND_BUCKET_SIGNED_URL_KEY: Final = _compute("backendBucketSignedUrlKey")
SIGNED_URL_KEYS: Final = (BACKEND_SERVICE_SIGNED_URL_KEY, BACKEND_BUCKET_SIGNED_URL_KEY)

CLOUD_RUN_SERVICE: Final = "gcp:cloudrunv2/service:Service"
OLDER_CLOUD_RUN_SERVICE: Final = "gcp:cloudrun/service:Service"
FUNCTION: Final = "gcp:cloudfunctionsv2/function:Function"
OLDER_FUNCTION: Final = "gcp:cloudfunctions/function:Function"
CLOUD_RUN_SERVICES: Final = (CLOUD_RUN_SERVICE, OLDER_CLOUD_RUN_SERVICE)
FUNCTIONS: Final = (FUNCTION, OLDER_FUNCTION)

IAP_TUNNEL_GROUP: Final = "gcp:iap/tunnelDestGroup:TunnelDestGroup"
IAP_WEB_BINDING: Final = "gcp:iap/webIamBinding:WebIamBinding"
IAP_WEB_MEMBER: Final = "gcp:iap/webIamMember:WebIamMember"
IAP_WEB_COMPUTE_BINDING: Final = "gcp:iap/webTypeComputeIamBinding:WebTypeComputeIamBinding"
IAP_WEB_COMPUTE_MEMBER: Final = "gcp:iap/webTypeComputeIamMember:WebTypeComputeIamMember"
IAP_SERVICE_BINDING: Final = "gcp:iap/webBackendServiceIamBinding:WebBackendServiceIamBinding"
IAP_SERVICE_MEMBER: Final = "gcp:iap/webBackendServiceIamMember:WebBackendServiceIamMember"
IAP_REGION_SERVICE_BINDING: Final = "gcp:iap/webRegionBackendServiceIamBinding:WebRegionBackendServiceIamBinding"
IAP_REGION_SERVICE_MEMBER: Final = "gcp:iap/webRegionBackendServiceIamMember:WebRegionBackendServiceIamMember"
IAP_BINDINGS: Final = (
    IAP_WEB_BINDING,
    IAP_WEB_COMPUTE_BINDING,
    IAP_SERVICE_BINDING,
    IAP_REGION_SERVICE_BINDING,
)
IAP_MEMBERS: Final = (IAP_WEB_MEMBER, IAP_WEB_COMPUTE_MEMBER, IAP_SERVICE_MEMBER, IAP_REGION_SERVICE_MEMBER)

NETWORK: Final = _compute("network")
SUBNETWORK: Final = _compute("subnetwork")
ADDRESS: Final = _compute("address")
GLOBAL_ADDRESS: Final = _compute("globalAddress")
ROUTE: Final = _compute("route")
ROUTER: Final = _compute("router")
ROUTER_NAT: Final = _compute("routerNat")
VPN_TUNNEL: Final = _compute("vPNTunnel", "VPNTunnel")
INTERCONNECT_ATTACHMENT: Final = _compute("interconnectAttachment")
NETWORK_PEERING: Final = _compute("networkPeering")
CONNECTIVITY_SPOKE: Final = "gcp:networkconnectivity/spoke:Spoke"
PROJECT: Final = "gcp:organizations/project:Project"

FIREWALL: Final = _compute("firewall")
FIREWALL_POLICY: Final = _compute("firewallPolicy")
FIREWALL_POLICY_RULE: Final = _compute("firewallPolicyRule")
FIREWALL_POLICY_ASSOCIATION: Final = _compute("firewallPolicyAssociation")
FIREWALL_POLICY_WITH_RULES: Final = _compute("firewallPolicyWithRules")
NETWORK_FIREWALL_POLICY: Final = _compute("networkFirewallPolicy")
NETWORK_FIREWALL_POLICY_RULE: Final = _compute("networkFirewallPolicyRule")
NETWORK_FIREWALL_POLICY_ASSOCIATION: Final = _compute("networkFirewallPolicyAssociation")
NETWORK_FIREWALL_POLICY_WITH_RULES: Final = _compute("networkFirewallPolicyWithRules")
REGION_NETWORK_FIREWALL_POLICY: Final = _compute("regionNetworkFirewallPolicy")
REGION_NETWORK_FIREWALL_POLICY_RULE: Final = _compute("regionNetworkFirewallPolicyRule")
REGION_NETWORK_FIREWALL_POLICY_ASSOCIATION: Final = _compute("regionNetworkFirewallPolicyAssociation")
REGION_NETWORK_FIREWALL_POLICY_WITH_RULES: Final = _compute("regionNetworkFirewallPolicyWithRules")

INSTANCE: Final = _compute("instance")
INSTANCE_TEMPLATE: Final = _compute("instanceTemplate")
REGION_INSTANCE_TEMPLATE: Final = _compute("regionInstanceTemplate")
INSTANCE_TEMPLATES: Final = (INSTANCE_TEMPLATE, REGION_INSTANCE_TEMPLATE)
DISK: Final = _compute("disk")
REGION_DISK: Final = _compute("regionDisk")
IMAGE: Final = _compute("image")

SERVICE_ACCOUNT: Final = "gcp:serviceaccount/account:Account"
CRYPTO_KEY: Final = "gcp:kms/cryptoKey:CryptoKey"
KEY_RING: Final = "gcp:kms/keyRing:KeyRing"
BUCKET: Final = "gcp:storage/bucket:Bucket"
BUCKET_MEMBER: Final = "gcp:storage/bucketIAMMember:BucketIAMMember"
BUCKET_BINDING: Final = "gcp:storage/bucketIAMBinding:BucketIAMBinding"
BUCKET_ACCESS_CONTROL: Final = "gcp:storage/bucketAccessControl:BucketAccessControl"
DEFAULT_OBJECT_ACCESS_CONTROL: Final = "gcp:storage/defaultObjectAccessControl:DefaultObjectAccessControl"
BUCKET_ACL: Final = "gcp:storage/bucketACL:BucketACL"
DEFAULT_OBJECT_ACL: Final = "gcp:storage/defaultObjectACL:DefaultObjectACL"
BUCKET_POLICY: Final = "gcp:storage/bucketIAMPolicy:BucketIAMPolicy"
REPOSITORY: Final = "gcp:artifactregistry/repository:Repository"
AI_ENDPOINT: Final = "gcp:vertex/aiEndpoint:AiEndpoint"
CRYPTO_KEY_MEMBER: Final = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
CRYPTO_KEY_BINDING: Final = "gcp:kms/cryptoKeyIAMBinding:CryptoKeyIAMBinding"
CRYPTO_KEY_POLICY: Final = "gcp:kms/cryptoKeyIAMPolicy:CryptoKeyIAMPolicy"
KEY_RING_MEMBER: Final = "gcp:kms/keyRingIAMMember:KeyRingIAMMember"
KEY_RING_BINDING: Final = "gcp:kms/keyRingIAMBinding:KeyRingIAMBinding"
KEY_RING_POLICY: Final = "gcp:kms/keyRingIAMPolicy:KeyRingIAMPolicy"
PROJECT_MEMBER: Final = "gcp:projects/iAMMember:IAMMember"
PROJECT_BINDING: Final = "gcp:projects/iAMBinding:IAMBinding"
PROJECT_POLICY: Final = "gcp:projects/iAMPolicy:IAMPolicy"
FOLDER_MEMBER: Final = "gcp:folder/iAMMember:IAMMember"
FOLDER_BINDING: Final = "gcp:folder/iAMBinding:IAMBinding"
FOLDER_POLICY: Final = "gcp:folder/iAMPolicy:IAMPolicy"
ORGANIZATION_MEMBER: Final = "gcp:organizations/iAMMember:IAMMember"
ORGANIZATION_BINDING: Final = "gcp:organizations/iAMBinding:IAMBinding"
ORGANIZATION_POLICY: Final = "gcp:organizations/iAMPolicy:IAMPolicy"
SERVICE_IDENTITY: Final = "gcp:projects/serviceIdentity:ServiceIdentity"
TOPIC: Final = "gcp:pubsub/topic:Topic"
SUBSCRIPTION: Final = "gcp:pubsub/subscription:Subscription"
SNAPSHOT: Final = _compute("snapshot")
SQL_INSTANCE: Final = "gcp:sql/databaseInstance:DatabaseInstance"
SPANNER_INSTANCE: Final = "gcp:spanner/instance:Instance"
BIGQUERY_DATASET: Final = "gcp:bigquery/dataset:Dataset"
FIRESTORE_DATABASE: Final = "gcp:firestore/database:Database"
REDIS_INSTANCE: Final = "gcp:redis/instance:Instance"
FILESTORE_INSTANCE: Final = "gcp:filestore/instance:Instance"
GKE_CLUSTER: Final = "gcp:container/cluster:Cluster"
LOG_BUCKET: Final = "gcp:logging/projectBucketConfig:ProjectBucketConfig"
SECRET: Final = "gcp:secretmanager/secret:Secret"
REGIONAL_SECRET: Final = "gcp:secretmanager/regionalSecret:RegionalSecret"

LOAD_BALANCING: Final = (
    *FORWARDING_RULES,
    *PROXIES,
    TARGET_POOL,
    TARGET_INSTANCE,
    VPN_GATEWAY,
    *URL_MAPS,
    *BACKEND_SERVICES,
    *BACKEND_BUCKETS,
    *BACKEND_GROUPS,
    SERVICE_ATTACHMENT,
)
"""Everything on the path of a request, from the front end to the group that answers."""

FIREWALLING: Final = (
    NETWORK,
    SUBNETWORK,
    FIREWALL,
    FIREWALL_POLICY,
    FIREWALL_POLICY_RULE,
    FIREWALL_POLICY_ASSOCIATION,
    FIREWALL_POLICY_WITH_RULES,
    NETWORK_FIREWALL_POLICY,
    NETWORK_FIREWALL_POLICY_RULE,
    NETWORK_FIREWALL_POLICY_ASSOCIATION,
    NETWORK_FIREWALL_POLICY_WITH_RULES,
    REGION_NETWORK_FIREWALL_POLICY,
    REGION_NETWORK_FIREWALL_POLICY_RULE,
    REGION_NETWORK_FIREWALL_POLICY_ASSOCIATION,
    REGION_NETWORK_FIREWALL_POLICY_WITH_RULES,
)
"""Everything that tells what a network lets through."""

MACHINES: Final = (
    INSTANCE,
    *INSTANCE_TEMPLATES,
    *INSTANCE_GROUPS,
    NETWORK_ENDPOINT_GROUP,
    NETWORK_ENDPOINT,
    NETWORK_ENDPOINT_LIST,
    TARGET_POOL,
    SERVICE_ACCOUNT,
)
"""Everything that tells which machines are behind a group, and what firewalls see in them."""
