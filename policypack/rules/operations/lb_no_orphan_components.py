"""Parts of load balancers that nothing uses."""

from __future__ import annotations

import functools
from collections import defaultdict
from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp import types as t
from policypack.gcp.references import REFERENCES
from policypack.model.records import dataclass, field
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT, Resource
from policypack.rules.contract import NotApplicable, Severity, Undecided, rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policypack.model.graph import Graph, References
    from policypack.rules.contract import Findings
    from policypack.topology import Deployment

UNUSED: Final[Mapping[str, str]] = {
    **dict.fromkeys(t.PROXIES, "no forwarding rule sends anything to it"),
    **dict.fromkeys(t.URL_MAPS, "no target proxy uses it"),
    **dict.fromkeys((*t.BACKEND_SERVICES, *t.BACKEND_BUCKETS), "nothing routes to it"),
    **dict.fromkeys(t.NETWORK_ENDPOINT_GROUPS, "no backend service sends anything to it"),
    **dict.fromkeys((*t.HEALTH_CHECKS, *t.LEGACY_HEALTH_CHECKS), "no backend service and no group uses it"),
    **dict.fromkeys(t.SSL_POLICIES, "no target proxy uses it"),
    **dict.fromkeys(t.SSL_CERTIFICATES, "no target proxy uses it"),
    **dict.fromkeys(t.SECURITY_POLICIES, "no backend is protected by it"),
}
"""Type token, to what is said of one that nothing refers to."""

_COMPONENTS: Final = frozenset(UNUSED)

_BY_NAME: Final = frozenset({*t.SSL_POLICIES, *t.SECURITY_POLICIES})
"""What the controllers of a cluster, and other stacks, use by its name."""

WATCHERS: Final = (t.REGION_HEALTH_SOURCE, t.REGION_COMPOSITE_HEALTH_CHECK)
"""Types that look at a part and do not use it."""

CONTENTS: Final = ("NetworkEndpoint", "NetworkEndpointList", "SecurityPolicyRule", "SignedUrlKey")
"""How the names of types end that are the contents of a part."""

TESTS: Final = "tests[].service"
"""What a URL map's own tests name, it need not route to."""


@dataclass(eq=False)
class Component:
    """A part of a load balancer that is of use only where something refers to it.

    Attributes:
        resource: The resource.
        users: Those that refer to it, for sure.
        doubts: What would have to be known, where something may refer to it.
        headless: True if the stack has no front end at all.
    """

    types: ClassVar[tuple[str, ...]] = tuple(UNUSED)
    follows: ClassVar[tuple[str, ...]] = tuple(
        token for token, several in REFERENCES.items() if any(UNUSED.keys() & one.types for one in several)
    )

    resource: Resource
    users: list[Resource] = field(default_factory=list)
    doubts: list[Undecided] = field(default_factory=list)
    headless: bool = False

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Component]:
        """Give every component, sorted by URN, with all that refers to it."""
        headless = not deployment.graph.of_type(*t.FORWARDING_RULES)
        components = {one.urn: cls(one, headless=headless) for one in deployment.graph.of_type(*UNUSED)}
        undoubted: dict[str, list[Component]] = defaultdict(list)
        for component in components.values():
            undoubted[component.resource.type].append(component)
        for owner in deployment.graph.resources:
            if owner.custom and owner.type not in WATCHERS and not owner.type.startswith("pulumi:"):
                if owner.type.endswith(CONTENTS):
                    continue
                _note_references(deployment.graph, owner, components, undoubted)
        return list(components.values())


def _note_references(
    graph: Graph, owner: Resource, components: Mapping[str, Component], undoubted: dict[str, list[Component]]
) -> None:
    for references in graph.references_of(owner, _COMPONENTS):
        if references.path == TESTS:
            continue
        targets = references.targets()
        for target in targets.possible:
            if not isinstance(target, Resource) or target.urn not in components:
                continue
            if target in targets.certain:
                components[target.urn].users.append(owner)
            else:
                components[target.urn].doubts.append(targets.why())
        if _may_be_anything(references):
            # One such doubt is enough for a component: the next reference that may be anything adds nothing.
            for token in sorted(graph.catalogue.fitting(owner.type, references.path)):
                for component in undoubted.pop(token, ()):
                    component.doubts.append(references.unresolved[0])
    _note_other_uses(owner, _listed(tuple(graph.catalogue.references(owner.type))), components)


@functools.cache
def _listed(paths: tuple[str, ...]) -> frozenset[str]:
    """Name the top-level properties that hold the references at some paths."""
    return frozenset(path.split(".", 1)[0].split("[", 1)[0] for path in paths)


def _note_other_uses(owner: Resource, listed: frozenset[str], components: Mapping[str, Component]) -> None:
    """Count as a user whatever is made from a component in a property that the catalogue does not know.

    Permissions and signing keys hang on a backend without sending it anything.
    """
    if owner.type.rpartition(":")[2].endswith(("IamBinding", "IamMember", "IamPolicy", "SignedUrlKey")):
        return
    for name, sources in owner.property_dependencies.items():
        if name not in listed:
            for urn in sources:
                if urn in components:
                    components[urn].users.append(owner)


def _may_be_anything(references: References) -> bool:
    """Tell whether an unknown reference may lead to things that are not among its candidates.

    A value that is the output of a resource names, in its dependencies, everything it was made from.
    """
    if not references.whole and not references.unknown:
        return False
    explained = all(why.reason == KNOWN_AFTER_DEPLOYMENT for why in references.unresolved)
    return not explained or not references.owner.property_dependencies.get(
        references.path.split(".", 1)[0].split("[", 1)[0]
    )


@rule(
    severity=Severity.LOW,
    subjects=(Component,),
    fix="Put it to use, or remove it: the chain goes from forwarding rule over target proxy and URL map to backend "
    "service.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def lb_no_orphan_components(component: Component) -> Findings:
    """Every part of a load balancer is used by another one."""
    if component.users:
        return
    if component.doubts:
        raise component.doubts[0]
    resource = component.resource
    if component.headless and resource.type in _BY_NAME:
        raise NotApplicable("this stack has no front end: those of a cluster, or of another stack, may use it by name")
    found = UNUSED[resource.type]
    if resource.type == t.REGION_BACKEND_SERVICE and resource.peek("loadBalancingScheme") in (None, "INTERNAL"):
        found += "; and its scheme is INTERNAL, the type's default, which no application load balancer can use"
    yield resource.finding("", expected="a resource that refers to it", found=found)
