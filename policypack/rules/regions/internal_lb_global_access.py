"""Internal load balancers that DNS sends clients of other regions to."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp.types import ADDRESS, DNS_RECORD_SET, FORWARDING_RULE
from policypack.model.records import dataclass
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, rule
from policypack.rules.regions._answers import front_ends_in_doubt, joins, records_by_front_end

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.rules.contract import Resource
    from policypack.topology import Deployment
    from policypack.topology.load_balancing import Frontend

INTERNAL: Final = frozenset({"INTERNAL", "INTERNAL_MANAGED"})


@dataclass(eq=False)
class Answer:
    """A regional front end that a DNS record with a routing policy gives as an answer, or may give.

    Attributes:
        frontend: The front end.
        records: The records that do for sure.
        doubt: Why one may, where none is seen to.
    """

    types: ClassVar[tuple[str, ...]] = (FORWARDING_RULE,)
    follows: ClassVar[tuple[str, ...]] = (DNS_RECORD_SET, ADDRESS)

    frontend: Frontend
    records: list[Resource]
    doubt: Undecided | None = None

    @property
    def resource(self) -> Resource:
        """The forwarding rule."""
        return self.frontend.resource

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Answer]:
        """List every regional front end that a routing policy names or may name, sorted by URN."""
        graph, plane = deployment.graph, deployment.load_balancing
        named, doubts = records_by_front_end(graph), front_ends_in_doubt(graph)
        return tuple(
            cls(plane.frontend(graph.by_urn[urn]), named.get(urn, []), doubts.get(urn))
            for urn in sorted(named.keys() | doubts.keys())
        )


@rule(
    severity=Severity.HIGH,
    subjects=(Answer,),
    fix="Set allow_global_access=True on the forwarding rule.",
    remedy={"allowGlobalAccess": True},
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
    yields_to=("psc-producer-global-access",),
)
def internal_lb_global_access(answer: Answer) -> Findings:
    """Internal load balancers that DNS gives to clients of several regions can be reached from other regions."""
    if answer.frontend.scheme() not in INTERNAL:
        raise NotApplicable("it is reached from the internet")
    if answer.resource.flag("allowGlobalAccess") is True:
        return
    doubt = answer.doubt
    for record in answer.records:
        try:
            if joins(record):
                found = "false" if answer.resource.is_set("allowGlobalAccess") else "unset"
                yield answer.resource.finding(
                    "allowGlobalAccess",
                    expected="true",
                    found=f"{found}: `{record.name}` sends clients of other regions here, and they get no answer",
                )
                return
        except Undecided as why:
            doubt = doubt or why
    if doubt is not None:
        raise doubt
    raise NotApplicable("no routing policy sends clients of other regions to it")
