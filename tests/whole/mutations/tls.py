"""Mistakes that the rules of TLS find."""

from __future__ import annotations

from typing import Final

from policypack.gcp.types import (
    SERVER_TLS_POLICY,
)
from tests.whole.changes import add, both, leave_out, point, put
from tests.whole.mutations.mutation import (
    CERTIFICATE,
    HTTPS_PROXY,
    MAP_ENTRY,
    REGION_PROXY,
    REGIONS,
    SSL_POLICY,
    UNUSED_NOW,
    URL_MAP,
    Mutation,
)
from tests.whole.stacks import PSC

EXPIRED: Final = """-----BEGIN CERTIFICATE-----
MIIBIjCByaADAgECAgEHMAoGCCqGSM49BAMCMBsxGTAXBgNVBAMMEHNob3AuZXhh
bXBsZS5jb20wHhcNMDAwMTAxMDAwMDAwWhcNMDEwMTAxMDAwMDAwWjAbMRkwFwYD
VQQDDBBzaG9wLmV4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
FB7Cnk+Fkv8kB3zM/5v49HiEvYhudfgbuR2Zp+hyOjWowG7NXIALAmGC5nNnRlAd
5gHRrRO4KslqgaYhKk1x1TAKBggqhkjOPQQDAgNIADBFAiEA4xGM7bbl2WS8Rt/7
5xBwqf9geAVp++OooZxdQHt6gWwCIFhGeRuAzwhX7JuZ72pco8rDBVaAwe/DNIuk
KdDBXuWY
-----END CERTIFICATE-----
"""
"""A certificate that was valid in the year 2000."""

MUTATIONS: Final = (
    Mutation(
        "tls-certificate-covers-hosts",
        both(
            put(URL_MAP, "hostRules", [{"hosts": ["another.example.net"], "pathMatcher": "all"}]),
            put(URL_MAP, "pathMatchers", [{"name": "all", "defaultService": "?"}]),
            point(URL_MAP, "pathMatchers[0].defaultService", REGIONS),
        ),
        HTTPS_PROXY[1],
        "certificateMap",
    ),
    Mutation(
        "tls-certificate-manager-scope",
        put(CERTIFICATE, "scope", "CLIENT_AUTH"),
        REGION_PROXY[1],
        "certificateManagerCertificates",
    ),
    Mutation("tls-certificate-map-has-entry", put(MAP_ENTRY, "map", "another"), "frontend", ""),
    Mutation(
        "tls-certificate-not-expiring",
        put(CERTIFICATE, "selfManaged", {"pemCertificate": EXPIRED}),
        CERTIFICATE[1],
        "selfManaged.pemCertificate",
    ),
    Mutation(
        "tls-certificate-scope-matches-proxy",
        put(CERTIFICATE, "location", "asia-northeast1"),
        REGION_PROXY[1],
        "certificateManagerCertificates",
    ),
    Mutation(
        "tls-policy-combination-valid",
        both(put(SSL_POLICY, "minTlsVersion", "TLS_1_3"), put(SSL_POLICY, "profile", "MODERN")),
        "frontend",
        "minTlsVersion",
    ),
    Mutation(
        "tls-policy-custom-no-weak-ciphers",
        both(
            put(SSL_POLICY, "profile", "CUSTOM"),
            put(SSL_POLICY, "customFeatures", ["TLS_RSA_WITH_AES_128_GCM_SHA256"]),
        ),
        "frontend",
        "customFeatures",
    ),
    Mutation(
        "tls-policy-min-version",
        both(
            put(SSL_POLICY, "minTlsVersion", "TLS_1_0"),
            put(SSL_POLICY, "profile", "MODERN"),
        ),
        "frontend",
        "minTlsVersion",
    ),
    Mutation(
        "tls-policy-scope-matches-proxy",
        point(REGION_PROXY, "sslPolicy", ("SSLPolicy", "frontend")),
        REGION_PROXY[1],
        "sslPolicy",
        also=UNUSED_NOW,
    ),
    Mutation("tls-early-data-restricted", put(HTTPS_PROXY, "tlsEarlyData", "UNRESTRICTED"), "frontend", "tlsEarlyData"),
    Mutation(
        "tls-managed-certificate-provisionable",
        both(
            leave_out(CERTIFICATE, "managed.dnsAuthorizations"),
            put(CERTIFICATE, "managed.domains", ["api.example.com"]),
        ),
        CERTIFICATE[1],
        "managed.dnsAuthorizations",
    ),
    Mutation(
        "tls-managed-certificates-only",
        put(CERTIFICATE, "selfManaged", {"pemCertificate": "PEM"}),
        CERTIFICATE[1],
        "selfManaged",
    ),
    Mutation(
        "tls-mtls-trust-config-same-location",
        add(
            SERVER_TLS_POLICY,
            "clients",
            {
                "location": "europe-west1",
                "mtlsPolicy": {
                    "clientValidationMode": "REJECT_INVALID",
                    "clientValidationTrustConfig": "projects/shop/locations/global/trustConfigs/clients",
                },
            },
        ),
        "clients",
        "mtlsPolicy.clientValidationTrustConfig",
    ),
    Mutation(
        "tls-mtls-rejects-invalid",
        add(
            SERVER_TLS_POLICY,
            "clients",
            {"mtlsPolicy": {"clientValidationMode": "ALLOW_INVALID_OR_MISSING_CLIENT_CERT"}},
        ),
        "clients",
        "mtlsPolicy.clientValidationMode",
    ),
    Mutation(
        "tls-policy-same-in-all-regions",
        put(("RegionSslPolicy", "backend-europe-west1"), "profile", "MODERN"),
        "regions",
        "backends",
        (PSC,),
    ),
    Mutation("tls-policy-strong-profile", leave_out(SSL_POLICY, "profile"), "frontend", "profile"),
    Mutation("tls-proxy-has-certificate", leave_out(HTTPS_PROXY, "certificateMap"), HTTPS_PROXY[1], "sslCertificates"),
    Mutation(
        "tls-proxy-requires-ssl-policy",
        leave_out(HTTPS_PROXY, "sslPolicy"),
        HTTPS_PROXY[1],
        "sslPolicy",
        also=UNUSED_NOW,
    ),
)
