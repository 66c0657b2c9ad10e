"""Networks and zones in which nobody sees who asks for which name."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from policypack.gcp.types import DNS_POLICY, MANAGED_ZONE, NETWORK
from policypack.model.records import dataclass, field
from policypack.rules.contract import NotApplicable, Resource, Severity, any_of, rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.rules.contract import Findings
    from policypack.topology import Deployment


@dataclass(eq=False)
class AskingNetwork:
    """A network, with the DNS policies that may apply in it.

    Attributes:
        resource: The network.
        deployment: The deployment it is part of.
    """

    types: ClassVar[tuple[str, ...]] = (NETWORK,)
    follows: ClassVar[tuple[str, ...]] = (DNS_POLICY,)

    resource: Resource
    deployment: Deployment = field(repr=False)

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[AskingNetwork]:
        """List every network of a deployment, sorted by URN."""
        return [cls(resource, deployment) for resource in deployment.graph.of_type(NETWORK)]

    def logs(self) -> bool:
        """Tell whether a DNS policy of the stack logs its queries.

        Raises:
            Undecided: That cannot be known.
        """
        return any_of(self.deployment.graph.of_type(DNS_POLICY), self._logs)

    def _logs(self, policy: Resource) -> bool:
        networks = self.deployment.graph.references(policy, "networks[].networkUrl").resources()
        if self.resource not in networks.possible and not networks.open:
            return False
        if policy.flag("enableLogging") is not True:
            return False
        if self.resource not in networks.certain:
            raise networks.why()
        return True


@rule(
    severity=Severity.LOW,
    subjects=(AskingNetwork, MANAGED_ZONE),
    fix="Attach a gcp.dns.Policy with enable_logging=True to the network; set cloud_logging_config on a public zone.",
    remedy={"cloudLoggingConfig.enableLogging": True},
    controls={
        "CIS GCP 4.0": ["2.12"],
        "CIS GCP 5.0": ["2.13"],
        "NIST 800-53 r5": ["AU-2", "AU-12"],
        "ISO 27001:2022": ["A.8.16"],
    },
    opt_in=True,
)
def dns_query_logging(subject: AskingNetwork | Resource) -> Findings:
    """Networks and public zones log the names that are asked for."""
    if isinstance(subject, AskingNetwork):
        if not subject.logs():
            yield subject.resource.finding(
                "",
                expected="a DNS policy that logs",
                found="no DNS policy of this stack logs the queries of this network",
            )
        return
    if subject.text("visibility") == "private":
        raise NotApplicable("what is asked of a private zone is logged in its networks")
    path = "cloudLoggingConfig.enableLogging"
    if not subject.is_set("cloudLoggingConfig") or subject.flag(path) is not True:
        yield subject.finding(path, expected="true", found="not set: nothing is logged")
