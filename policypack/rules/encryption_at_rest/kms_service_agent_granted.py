"""Keys that are used before anybody was allowed to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.model.resource import Resource
from policypack.rules.contract import Findings, NotApplicable, Severity, rule
from policypack.topology.keys import KeyUse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policypack.model.graph import Graph

GRANTS: Final = (t.CRYPTO_KEY_MEMBER, t.CRYPTO_KEY_BINDING)


@rule(
    severity=Severity.MEDIUM,
    subjects=(KeyUse,),
    fix="Let what is encrypted depend on the grant: opts=pulumi.ResourceOptions(depends_on=[grant]). Nothing in its "
    "arguments refers to it.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
    yields_to=("kms-key-location-matches-resource",),
    follows=GRANTS,
)
def kms_service_agent_granted(use: KeyUse) -> Findings:
    """What a key of the stack encrypts is made after the grant that lets its service use the key."""
    if isinstance(use.resource.id, str):
        raise NotApplicable("it is made already")
    keys = use.key.resources()
    grants = [grant for key in keys.certain for grant in _grants(use.graph, key)]
    if not grants:
        raise NotApplicable("no grant on the key is made in this stack")
    wanted = {grant.urn for grant in grants}
    if not wanted & _before(use.graph, use.resource) and not _all_after(use.graph, _groups(use), wanted):
        names = ", ".join(f"`{grant.name}`" for grant in grants)
        yield use.resource.finding(
            use.path,
            expected="what uses the key depends on the grant",
            found=f"nothing makes it wait for {names}: the first deployment may find the key closed",
        )


def _grants(graph: Graph, key: Resource) -> Sequence[Resource]:
    """Give the grants of this stack on a key."""
    return [owner for owner, path in graph.referrers.get(key.urn, ()) if owner.type in GRANTS and path == "cryptoKeyId"]


def _groups(use: KeyUse) -> Sequence[Resource]:
    """Give the groups that are made from a template: the key is used only when they make their machines."""
    if use.resource.type not in t.INSTANCE_TEMPLATES:
        return ()
    referrers = use.graph.referrers.get(use.resource.urn, ())
    return [owner for owner, _ in referrers if owner.type in t.INSTANCE_GROUP_MANAGERS]


def _all_after(graph: Graph, groups: Sequence[Resource], wanted: set[str]) -> bool:
    return bool(groups) and all(wanted & _before(graph, group) for group in groups)


def _before(graph: Graph, resource: Resource) -> set[str]:
    """Give the URNs of everything that is made before a resource."""
    found: set[str] = set()
    waiting: list[Iterable[str]] = [resource.dependencies, *resource.property_dependencies.values()]
    while waiting:
        for urn in waiting.pop():
            if urn in found:
                continue
            found.add(urn)
            other = graph.by_urn.get(urn)
            if other is not None:
                waiting += [other.dependencies, *other.property_dependencies.values()]
    return found
