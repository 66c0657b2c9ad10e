"""Mistakes that the rules of encryption in transit find."""

from __future__ import annotations

from typing import Final

from policypack.gcp.types import (
    FORWARDING_RULE,
    REGION_TARGET_HTTP_PROXY,
    SERVER_TLS_POLICY,
    TOPIC,
)
from tests.whole.changes import add, both, leave_out, point, put
from tests.whole.mutations.mutation import (
    BACKEND,
    HTTPS_PROXY,
    REDIRECT,
    REGIONS,
    URL_MAP,
    Mutation,
)

MUTATIONS: Final = (
    Mutation("backend-protocol-encrypted", put(BACKEND, "protocol", "HTTP"), BACKEND[1], "protocol"),
    Mutation(
        "backend-tls-authenticated",
        both(
            *(
                put((kind, name), "tlsSettings", {"authenticationConfig": "//networksecurity.googleapis.com/a"})
                for kind, name in (REGIONS, ("RegionBackendService", "backend-asia-northeast1"))
            )
        ),
        BACKEND[1],
        "tlsSettings.authenticationConfig",
    ),
    Mutation(
        "forwarding-rule-port-matches-proxy",
        put(("GlobalForwardingRule", "frontend-https"), "portRange", "8443"),
        "frontend-https",
        "portRange",
    ),
    Mutation(
        "pubsub-enforce-in-transit",
        add(
            TOPIC,
            "store",
            {
                "kmsKeyName": "projects/shop/locations/europe/keyRings/data/cryptoKeys/data",
                "messageStoragePolicy": {"allowedPersistenceRegions": ["europe-west1", "asia-northeast1"]},
            },
        ),
        "store",
        "messageStoragePolicy.enforceInTransit",
    ),
    Mutation(
        "http-rule-has-https-sibling",
        leave_out(("GlobalForwardingRule", "frontend-https"), "ipAddress"),
        "frontend-http",
        "ipAddress",
        also={"forwarding-rule-static-address": "the other front end has no address of its own now"},
    ),
    Mutation(
        "https-url-map-no-redirect-loop",
        both(
            put(URL_MAP, "hostRules", [{"hosts": ["*"], "pathMatcher": "all"}]),
            put(URL_MAP, "pathMatchers", [{"name": "all", "defaultUrlRedirect": {"httpsRedirect": True}}]),
        ),
        HTTPS_PROXY[1],
        "urlMap",
    ),
    Mutation(
        "internal-lb-https",
        both(
            add(REGION_TARGET_HTTP_PROXY, "plain", {"region": "europe-west1", "urlMap": "backend-europe-west1"}),
            point(("RegionTargetHttpProxy", "plain"), "urlMap", ("RegionUrlMap", "backend-europe-west1")),
            add(
                FORWARDING_RULE,
                "plain",
                {"region": "europe-west1", "loadBalancingScheme": "INTERNAL_MANAGED", "portRange": "80"},
            ),
            point(("ForwardingRule", "plain"), "target", ("RegionTargetHttpProxy", "plain")),
        ),
        "plain",
        "target",
    ),
    Mutation(
        "lb-no-plain-http-frontend", put(REDIRECT, "defaultUrlRedirect.httpsRedirect", False), "frontend-http", "target"
    ),
    Mutation(
        "tls-server-policy-no-plaintext", add(SERVER_TLS_POLICY, "clients", {"allowOpen": True}), "clients", "allowOpen"
    ),
)
