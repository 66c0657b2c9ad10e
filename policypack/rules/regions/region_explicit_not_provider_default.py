"""Groups that look like several regions and are one, since all leave their region to the same provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp.locations import region_of
from policypack.gcp.types import (
    INSTANCE_GROUP,
    INSTANCE_GROUP_MANAGER,
    NETWORK_ENDPOINT_GROUP,
    REGION_INSTANCE_GROUP_MANAGER,
)
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, rule
from policypack.rules.regions._words import LEFT_TO_OTHERS
from policypack.topology.load_balancing import BackendService

if TYPE_CHECKING:
    from policypack.rules.contract import Resource

PLACED: Final = frozenset(
    {
        INSTANCE_GROUP,
        INSTANCE_GROUP_MANAGER,
        NETWORK_ENDPOINT_GROUP,
        REGION_INSTANCE_GROUP_MANAGER,
    }
)
"""Groups that lie in a region or a zone, of their own or of their provider."""


@rule(
    severity=Severity.HIGH,
    subjects=(BackendService,),
    fix="Give each group its region (or zone) itself, or each region a provider of its own.",
    controls={"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]},
    yields_to=("backend-service-two-regions",),
)
def region_explicit_not_provider_default(service: BackendService) -> Findings:
    """Groups of a global backend service say in which region they are, rather than leaving it to one provider."""
    if not service.is_global:
        raise NotApplicable("it is regional: its groups lie in its region")
    named = service.groups
    groups = named.resources()
    found = sorted((one for one in groups.certain if one.type in PLACED), key=lambda one: one.urn)
    if len(found) < 2:
        if not groups.exact and (named.whole or named.unknown) and not named.externals:
            raise groups.why()
        raise NotApplicable("fewer than two groups of this stack stand behind it")
    if not all(map(_left_to_provider, groups.certain)) or len({group.provider.urn for group in found}) > 1:
        return
    # One may be older than what the provider is set to now.
    regions = {region for group in found if isinstance(region := region_of(group), str)}
    if len(regions) > 1:
        return
    if not groups.exact:
        raise groups.why()
    if service.left_to_others:
        raise Undecided(service.resource.urn, "backends", LEFT_TO_OTHERS)
    where = "".join(f" {region}" for region in regions)
    yield service.resource.finding(
        "backends",
        expected="groups that name their regions",
        found=f"{', '.join(group.name for group in found)} name none: all lie in the one{where} of their provider",
    )


def _left_to_provider(group: Resource) -> bool:
    return not group.blank and not group.is_set("region") and not group.is_set("zone")
