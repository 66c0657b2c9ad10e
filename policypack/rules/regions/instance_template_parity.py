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
    described, doubt = _described(service)
    if len(described) < 2:
        if doubt is not None:
            raise doubt
        raise NotApplicable("the machines of fewer than two regions are described in this stack")
    for path in (IMAGE, MACHINE) if machine_types else (IMAGE,):
        found: dict[str, frozenset[str]] = {}
        for region, templates in described.items():
            try:
                found[region] = frozenset(filter(None, (_one_spelling(one.text(path)) for one in templates)))
            except Undecided as unknown:
                doubt = doubt or unknown
        if len(set(found.values())) > 1:
            said = "; ".join(
                f"{', '.join(sorted(texts)) or 'none'} in {region}" for region, texts in sorted(found.items())
            )
            yield service.resource.finding("backends", expected=f"the same {path} in all regions", found=said)
    if doubt is not None:
        raise doubt


def _one_spelling(text: str | None) -> str | None:
    """Write an image as `PROJECT/IMAGE`, however much of its URL the program wrote; leave all else as it is."""
    if text is None or "/" not in text:
        return text
    short = text.rpartition("projects/")[2]
    return "/".join(part for part in short.split("/") if part not in {"global", "images", "family"})


def _described(service: BackendService) -> tuple[Mapping[str, list[Resource]], Undecided | None]:
    """Give the templates of the groups behind a service, by region; and why those of a region are not known.

    Raises:
        Undecided: Other groups may stand behind it, or in which region one lies is not known.
    """
    groups = service.groups.resources()
    if service.groups.unresolved and not groups.exact and not service.groups.externals:
        raise groups.why()
    managers: dict[str, list[Resource]] = defaultdict(list)
    for group in sorted(
        (one for one in groups.certain if one.type in INSTANCE_GROUP_MANAGERS), key=lambda one: one.urn
    ):
        region = region_of(group)
        if not isinstance(region, str):
            raise Undecided(group.urn, "region", "its region is not given here, nor by its provider")
        managers[region].append(group)
    found: dict[str, list[Resource]] = {}
    doubt: Undecided | None = None
    for region, alike in managers.items():
        try:
            found[region] = [template for group in alike for template in _of_group(service, group)]
        except Undecided as unknown:
            doubt = doubt or unknown
    return {region: templates for region, templates in found.items() if templates}, doubt


def _of_group(service: BackendService, group: Resource) -> Iterator[Resource]:
    """Give the template of a group; none for a group that tries out another version, or one of another stack."""
    if len(group.elements("versions")) != 1:
        return
    references = service.plane.graph.references(group, "versions[].instanceTemplate")
    named = references.resources()
    if not named.certain and (named.possible or (references.unknown and not references.externals)):
        raise named.why()
    yield from sorted((one for one in named.certain if one.type in INSTANCE_TEMPLATES), key=lambda one: one.urn)
