"""Machines that are not the same in all regions of one service."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Annotated, Final

from policypack.gcp.locations import region_of
from policypack.gcp.types import INSTANCE_GROUP_MANAGERS, INSTANCE_TEMPLATES
from policypack.rules.contract import Findings, NotApplicable, Param, Severity, Undecided, rule
from policypack.topology.load_balancing import BackendService

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policypack.rules.contract import Resource

IMAGE: Final = "disks[0].sourceImage"
MACHINE: Final = "machineType"


@rule(
    severity=Severity.MEDIUM,
    subjects=(BackendService,),
    fix="Make the templates of all regions from one description, so that they differ in what is regional alone.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
    yields_to=("backend-service-two-regions",),
    follows=INSTANCE_TEMPLATES,
)
def instance_template_parity(
    service: BackendService,
    *,
    machine_types: Annotated[bool, Param("Ask for the same machine types, too.")] = False,
) -> Findings:
    """Machines of all regions behind one backend service start from the same image."""
    if not service.is_global:
        raise NotApplicable("it is regional: there is no other region to compare with")
    templates = _templates(service)
    if len(templates) < 2:
        raise NotApplicable("the machines of fewer than two regions are described in this stack")
    for path in (IMAGE, MACHINE) if machine_types else (IMAGE,):
        found = {
            region: frozenset(filter(None, (one.text(path) for one in described)))
            for region, described in templates.items()
        }
        if len(set(found.values())) > 1:
            said = "; ".join(
                f"{', '.join(sorted(texts)) or 'none'} in {region}" for region, texts in sorted(found.items())
            )
            yield service.resource.finding("backends", expected=f"the same {path} in all regions", found=said)


def _templates(service: BackendService) -> Mapping[str, list[Resource]]:
    """Give the templates of the groups behind a service, by region."""
    groups = service.groups.resources()
    found: dict[str, list[Resource]] = defaultdict(list)
    managers = sorted((one for one in groups.certain if one.type in INSTANCE_GROUP_MANAGERS), key=lambda one: one.urn)
    if not managers and not groups.exact and not service.groups.externals and service.groups.unresolved:
        raise groups.why()
    for group in managers:
        region = region_of(group)
        if not isinstance(region, str):
            raise Undecided(group.urn, "region", "its region is not given here, nor by its provider")
        found[region] += _of_group(service, group)
    return {region: described for region, described in found.items() if described}


def _of_group(service: BackendService, group: Resource) -> Iterator[Resource]:
    """Give the template of a group; none for a group that tries out another version, or one of another stack."""
    if len(group.elements("versions")) != 1:
        return
    named = service.plane.graph.references(group, "versions[].instanceTemplate").resources()
    if not named.certain and named.possible:
        raise named.why()
    yield from sorted((one for one in named.certain if one.type in INSTANCE_TEMPLATES), key=lambda one: one.urn)
