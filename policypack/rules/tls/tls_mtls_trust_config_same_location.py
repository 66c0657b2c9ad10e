"""What mutual TLS needs, in places where it cannot be used together."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp.types import SERVER_TLS_POLICY, TRUST_CONFIG
from policypack.model.records import dataclass, field
from policypack.rules.contract import Findings, NotApplicable, Severity, rule
from policypack.topology.load_balancing import Proxy
from policypack.topology.scopes import own_place_in_words, place_in_words, same_scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.model.graph import Graph, References
    from policypack.rules.contract import Resource
    from policypack.topology import Deployment

POLICY: Final = "serverTlsPolicy"
TRUST: Final = "mtlsPolicy.clientValidationTrustConfig"


@dataclass(eq=False)
class ServerTlsPolicy:
    """A server TLS policy, and the trust config that it names.

    Attributes:
        resource: The policy.
        graph: All resources of the stack.
    """

    types: ClassVar[tuple[str, ...]] = (SERVER_TLS_POLICY,)
    follows: ClassVar[tuple[str, ...]] = (TRUST_CONFIG,)

    resource: Resource
    graph: Graph = field(repr=False)

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[ServerTlsPolicy]:
        """List every server TLS policy, sorted by URN."""
        return [cls(policy, deployment.graph) for policy in deployment.graph.of_type(SERVER_TLS_POLICY)]


@rule(
    severity=Severity.MEDIUM,
    subjects=(Proxy, ServerTlsPolicy),
    fix="Make the trust config, the server TLS policy and the proxy all global, or all of one region.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
    follows=(SERVER_TLS_POLICY,),
)
def tls_mtls_trust_config_same_location(subject: Proxy | ServerTlsPolicy) -> Findings:
    """Proxies, their server TLS policies and the trust configs of those lie in one place."""
    if isinstance(subject, Proxy):
        if POLICY not in subject.plane.graph.catalogue.references(subject.resource.type):
            raise NotApplicable("it does not speak HTTPS with its clients")
        yield from _judge(subject.resource, subject.plane.graph.references(subject.resource, POLICY), "TLS policy")
    else:
        yield from _judge(subject.resource, subject.graph.references(subject.resource, TRUST), "trust config")


def _judge(owner: Resource, named: References, what: str) -> Findings:
    if named.empty:
        raise NotApplicable(f"it names no {what}")
    if named.dangling:
        raise NotApplicable(f"its {what} is named by a text that is no reference")
    if not named.agree(lambda target: same_scope(owner, target, named.path)):
        yield owner.finding(
            named.path,
            expected=f"a {what} that is {own_place_in_words(owner)}, as what names it is",
            found=f"{place_in_words(named)}: the API refuses it here",
        )
