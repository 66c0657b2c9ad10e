"""The tables of rules on single settings: what they name exists, and odd values give the answer they should."""

from __future__ import annotations

import pytest

from policypack.engine.verdict import Status
from policypack.gcp import types as t
from policypack.gcp.properties import has_property
from policypack.rules.operations.value_within_limits import LIMITS
from policypack.rules.registry import rules_by_name
from tests.rules.judging import judge
from tests.support.graphs import res, stack

LIMITED = [
    (token, f"{limit.blocks}[].{limit.path}" if limit.blocks else limit.path)
    for limit in LIMITS
    for token in limit.types
]


@pytest.mark.parametrize(("token", "path"), LIMITED)
def test_every_limited_property_exists(token: str, path: str) -> None:
    assert has_property(token, path)


@pytest.mark.parametrize(
    ("duration", "expected"),
    [("86400s", Status.PASS), ("86399.5s", Status.FAIL), ("10368000s", Status.PASS), ("30d", Status.FAIL)],
)
def test_durations_are_read_in_seconds(duration: str, expected: Status) -> None:
    deployment = stack(res(t.CRYPTO_KEY, "key", {"destroyScheduledDuration": duration}))
    assert judge(deployment).status(rules_by_name()["value-within-limits"]) is expected


@pytest.mark.parametrize(("imported", "expected"), [(True, Status.PASS), (False, Status.FAIL)])
def test_keys_that_are_only_imported_may_go_at_once(imported: bool, expected: Status) -> None:
    deployment = stack(res(t.CRYPTO_KEY, "key", {"destroyScheduledDuration": "0s", "importOnly": imported}))
    assert judge(deployment).status(rules_by_name()["value-within-limits"]) is expected


@pytest.mark.parametrize(("count", "expected"), [(0, Status.PASS), (1, Status.FAIL)])
def test_accelerators_of_which_there_are_none_can_be_moved(count: int, expected: Status) -> None:
    template = {
        "guestAccelerators": [{"type": "nvidia-tesla-t4", "count": count}],
        "scheduling": {"onHostMaintenance": "MIGRATE"},
    }
    deployment = stack(res(t.INSTANCE_TEMPLATE, "template", template))
    assert judge(deployment).status(rules_by_name()["settings-compatible"]) is expected
