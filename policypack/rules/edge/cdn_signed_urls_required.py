"""Cached content that only holders of a signed URL may fetch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from policypack.gcp import types as t
from policypack.model.graph import External
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT
from policypack.model.values import Unknown
from policypack.rules.contract import Findings, NotApplicable, Param, Severity, Undecided, any_of, rule
from policypack.rules.edge._cached import ALL, Origin, must_be_listed
from policypack.topology.identity import names

if TYPE_CHECKING:
    from policypack.model.resource import Resource

_KEYS: Final = {
    t.BACKEND_SERVICE: (t.BACKEND_SERVICE_SIGNED_URL_KEY, "backendService"),
    t.BACKEND_BUCKET: (t.BACKEND_BUCKET_SIGNED_URL_KEY, "backendBucket"),
}


@rule(
    severity=Severity.LOW,
    subjects=(Origin,),
    fix="Give the backend a BackendServiceSignedUrlKey or a BackendBucketSignedUrlKey, and sign what the clients get.",
    controls={"NIST 800-53 r5": ["AC-3"], "ISO 27001:2022": ["A.8.3"]},
    opt_in=True,
    follows=t.SIGNED_URL_KEYS,
)
def cdn_signed_urls_required(
    origin: Origin,
    *,
    private: Annotated[
        list[str], Param("Backends whose content is not for everybody, by their names; * is any.")
    ] = ALL,
) -> Findings:
    """Cached backends with content that is not for everybody have a key for signed URLs."""
    must_be_listed(origin.resource, private)
    if not origin.cached():
        raise NotApplicable("Cloud CDN is off")
    token, path = _KEYS[origin.resource.type]
    graph = origin.plane.graph

    def signs(key: Resource) -> bool:
        named = graph.references(key, path).targets()
        if isinstance(origin.resource.peek("name"), Unknown) and any(isinstance(one, External) for one in named.known):
            # A text that names nothing of the stack may be the name that is not known yet.
            raise Undecided(origin.resource.urn, "name", KNOWN_AFTER_DEPLOYMENT)
        return names(named, origin.resource)

    if any_of(graph.of_type(token), signs):
        return
    origin.must_be_exposed()
    yield origin.resource.finding("enableCdn", expected="a key for signed URLs", found="true, and no key names it")
