"""References of a load balancer that lead nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp import types as t
from policypack.gcp.catalogue import CERTIFICATE_MAP_HOST
from policypack.model.records import dataclass
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT, NOT_SHOWN, Resource
from policypack.rules.contract import NotApplicable, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policypack.model.graph import References, Slot
    from policypack.rules.contract import Findings
    from policypack.topology import Deployment

PARTS: Final = (
    *t.FORWARDING_RULES,
    *t.PROXIES,
    *t.URL_MAPS,
    *t.BACKEND_SERVICES,
    *t.BACKEND_BUCKETS,
    *t.NETWORK_ENDPOINT_GROUPS,
    *t.INSTANCE_GROUP_MANAGERS,
    t.SERVICE_ATTACHMENT,
    t.REGION_HEALTH_SOURCE,
    t.REGION_COMPOSITE_HEALTH_CHECK,
)
"""What a load balancer is made of, as far as it refers to other things."""

NOUNS: Final[Mapping[str, str]] = {
    "target": "target proxy",
    "urlMap": "URL map",
    "defaultService": "backend service or bucket",
    "service": "backend service or bucket",
    "backendService": "backend service",
    "errorService": "backend bucket",
    "sources": "backend service",
    "group": "instance group, no network endpoint group",
    "healthCheck": "health check",
    "healthChecks": "health check",
    "sslPolicy": "SSL policy",
    "sslCertificates": "SSL certificate",
    "certificateManagerCertificates": "certificate",
    "certificateMap": "certificate map",
    "serverTlsPolicy": "server TLS policy",
    "securityPolicy": "security policy",
    "edgeSecurityPolicy": "security policy",
    "instanceTemplate": "instance template",
    "network": "network",
    "subnetwork": "subnetwork",
    "natSubnets": "subnetwork",
    "pscTargetService": "service attachment",
    "targetService": "forwarding rule",
    "healthDestination": "forwarding rule",
    "healthSources": "health source",
    "healthAggregationPolicy": "health aggregation policy",
}
"""Last part of a reference's path, to what it should name."""


@dataclass(eq=False)
class Part:
    """A part of a load balancer, with everything it refers to.

    Attributes:
        resource: The resource.
        references: Its reference properties that hold something.
    """

    types: ClassVar[tuple[str, ...]] = PARTS

    resource: Resource
    references: tuple[References, ...]
    deployment: Deployment

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Part]:
        """Give every part of every load balancer, sorted by URN."""
        graph = deployment.graph
        return [
            cls(resource, tuple(_references(deployment, resource)), deployment) for resource in graph.of_type(*PARTS)
        ]


def _references(deployment: Deployment, resource: Resource) -> Iterator[References]:
    graph = deployment.graph
    for path in graph.catalogue.references(resource.type):
        references = graph.references(resource, path)
        if not references.empty:
            yield references


@rule(
    severity=Severity.CRITICAL,
    subjects=(Part,),
    fix="Refer to the resource itself, such as target=proxy.id, or write its whole URL or "
    "projects/PROJECT/global/COLLECTION/NAME.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def lb_no_dangling_reference(part: Part) -> Findings:
    """Every reference in a load balancer is one that Google Cloud can follow."""
    if not part.references:
        raise NotApplicable("it refers to nothing")
    for references in part.references:
        for slot in references.slots:
            if slot.dangling:
                yield part.resource.finding(
                    slot.path, expected="the id or URL of a resource", found=_what_is_wrong(part, references, slot)
                )
        if not _output_of_something(references):
            yield from references.unresolved


def _output_of_something(references: References) -> bool:
    """Tell whether all that is unknown comes from things that exist, and so leads somewhere.

    A value of a wrong type does not, and of an unknown text that was made from nothing (a secret of the configuration
    that could not be read, say) it cannot be told.
    """
    if any(why.reason not in (KNOWN_AFTER_DEPLOYMENT, NOT_SHOWN) for why in references.unresolved):
        return False
    name = references.path.split(".", 1)[0].removesuffix("[]")
    owner = references.owner
    return bool(owner.property_dependencies.get(name)) or not owner.is_set(name)


def _what_is_wrong(part: Part, references: References, slot: Slot) -> str:
    text = slot.text or ""
    noun = NOUNS.get(_last_key(slot.path), "resource")
    if slot.path == "certificateMap" and text.startswith("projects/"):
        return f"`{text}` needs {CERTIFICATE_MAP_HOST} in front of it, for the API to take it"
    if "/" in text:
        return f"`{text}` is the URL of no {noun}"
    if _has_namesake(part, references, text):
        return f"`{text}` is a bare name: a {noun} of this stack has it, but the API takes a resource URL only"
    return f"`{text}` is a bare name: no {noun} of this stack, no resource URL"


def _last_key(path: str) -> str:
    return path.rsplit(".", 1)[-1].split("[", 1)[0]


def _has_namesake(part: Part, references: References, text: str) -> bool:
    """Tell whether something of the stack that would fit has the name."""
    graph = part.deployment.graph
    fitting = graph.catalogue.fitting(part.resource.type, references.path)
    return any(text in (other.name, other.peek("name")) for other in graph.of_type(*sorted(fitting)))
