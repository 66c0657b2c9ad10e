"""Keys that lie elsewhere than what they encrypt."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from policypack.gcp.keys import key_fits, wanted_location
from policypack.gcp.locations import GLOBAL
from policypack.rules.contract import Findings, NotApplicable, Severity, rule
from policypack.topology.keys import KeyUse

if TYPE_CHECKING:
    from policypack.model.graph import Target


@rule(
    severity=Severity.HIGH,
    subjects=(KeyUse,),
    fix="Make one key ring per region, in the region of what it encrypts, and give each region its own key.",
    controls={"NIST 800-53 r5": ["CP-7", "SC-12"], "ISO 27001:2022": ["A.8.14", "A.8.24"]},
    aliases=("kms-no-shared-region-dependency",),
)
def kms_key_location_matches_resource(use: KeyUse) -> Findings:
    """Keys of Cloud KMS lie where what they encrypt does."""
    lies_anywhere = False
    for place, group in use.data_locations():
        lies_anywhere = True
        if not use.key.agree(partial(_fits, use, place)):
            yield use.resource.finding(
                use.path,
                expected=f"a key in {wanted_location(use.place.fit, place)}",
                found=f"a key in {_where(use)}, while {_what(group)} {_lies(place)}",
            )
    if not lies_anywhere:
        raise NotApplicable("no managed instance group of this stack is made from the template")


def _fits(use: KeyUse, place: str, key: Target) -> bool:
    return key_fits(use.place.fit, place, use.key_location(key))


def _where(use: KeyUse) -> str:
    """Say where the key lies."""
    return " or ".join(sorted({use.key_location(key) for key in use.key.known or use.key.candidates}))


def _what(group: str) -> str:
    return f"the group `{group}`" if group else "the data"


def _lies(place: str) -> str:
    return "lies in regions of Google's choice" if place == GLOBAL else f"lies in {place}"
