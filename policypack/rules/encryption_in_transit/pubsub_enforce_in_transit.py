"""Messages that are stored where they may be, and pass through where they may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp.types import TOPIC
from policypack.rules.contract import NotApplicable, Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

REGIONS: Final = "messageStoragePolicy.allowedPersistenceRegions"
ENFORCED: Final = "messageStoragePolicy.enforceInTransit"


@rule(
    severity=Severity.MEDIUM,
    subjects=(TOPIC,),
    fix="Set enforce_in_transit in message_storage_policy, and publish by the endpoints of those regions.",
    remedy={ENFORCED: True},
    controls={"NIST 800-53 r5": ["AC-4"]},
    opt_in=True,
)
def pubsub_enforce_in_transit(topic: Resource) -> Findings:
    """Topics whose messages may lie in some regions only let them pass through no other."""
    if not topic.is_set(REGIONS):
        raise NotApplicable("its messages may lie anywhere")
    if topic.flag(ENFORCED) is not True:
        found = "false" if topic.is_set(ENFORCED) else "unset"
        yield topic.finding(ENFORCED, expected="true", found=f"{found}: messages pass through other regions")
