"""The groups behind a backend service whose machines a firewall stands before."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from policypack.model.logic import INFERRED, note_inference
from policypack.rules.contract import NotApplicable
from policypack.topology.kinds import BackendKind, backend_kind_of

if TYPE_CHECKING:
    from policypack.model.resource import Resource
    from policypack.topology.services import BackendService


def groups_of(service: BackendService, kinds: Collection[BackendKind]) -> dict[Resource, bool]:
    """Give the groups of this stack that are of some kinds, and whether each is a backend for sure.

    Raises:
        NotApplicable: There is none.
        Undecided: There may be one.
    """
    references = service.groups
    bounds = references.resources()
    found = [group for group in sorted(bounds.possible, key=lambda one: one.urn) if backend_kind_of(group) in kinds]
    if not found and references.open:
        raise references.unresolved[0]
    if not found:
        raise NotApplicable("no instance group or zonal network endpoint group of this stack is behind it")
    if bounds.certain - bounds.known:
        note_inference(INFERRED)
    return {group: group in bounds.certain for group in found}
