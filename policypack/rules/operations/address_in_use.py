"""Public addresses that are reserved, paid for, and used by nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp import types as t
from policypack.gcp.references import REFERENCES
from policypack.model.records import dataclass, field
from policypack.rules.contract import NotApplicable, Severity, rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.rules.contract import Findings, Resource
    from policypack.topology import Deployment

ADDRESSES: Final = frozenset({t.ADDRESS, t.GLOBAL_ADDRESS})


@dataclass(eq=False)
class Reserved:
    """A reserved address, with whatever is made from it.

    Attributes:
        resource: The address.
        deployment: The deployment it is part of.
    """

    types: ClassVar[tuple[str, ...]] = tuple(sorted(ADDRESSES))
    follows: ClassVar[tuple[str, ...]] = tuple(
        token for token, several in REFERENCES.items() if any(ADDRESSES & set(one.types) for one in several)
    )

    resource: Resource
    deployment: Deployment = field(repr=False)

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Reserved]:
        """List every reserved address of a deployment, sorted by URN."""
        return [cls(resource, deployment) for resource in deployment.graph.of_type(*cls.types)]

    def used(self) -> bool:
        """Tell whether something of the stack is made from it, or names it.

        Raises:
            Undecided: Something may.
        """
        graph, doubt = self.deployment.graph, None
        for owner in graph.resources:
            if any(self.resource.urn in urns for urns in owner.property_dependencies.values()):
                return True
        for owner in graph.of_type(*self.follows):
            for references in graph.references_of(owner, ADDRESSES):
                targets = references.targets()
                if self.resource in targets.certain:
                    return True
                if self.resource in targets.possible or targets.open:
                    doubt = doubt or targets.why()
        if doubt is not None:
            raise doubt
        return False


@rule(
    severity=Severity.LOW,
    subjects=(Reserved,),
    fix="Give it to a forwarding rule, a NAT or a machine, or give it back.",
    controls={"NIST 800-53 r5": ["CM-8"], "ISO 27001:2022": ["A.5.9"]},
    opt_in=True,
)
def address_in_use(reserved: Reserved) -> Findings:
    """Public addresses that are reserved are used."""
    if reserved.resource.text("addressType") == "INTERNAL":
        raise NotApplicable("it is no public address")
    if not reserved.used():
        yield reserved.resource.finding("", expected="something that uses it", found="nothing in this stack does")
