"""Cloud Armor where pages are too long a way to say it: orders of rules, unknown values, what puts a policy to use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policypack.engine.verdict import Status
from policypack.gcp import types as t
from policypack.model.values import UNKNOWN
from policypack.rules.registry import rules_by_name
from tests.rules.judging import judge
from tests.support.graphs import preview, ref, res, stack
from tests.support.load_balancers import EUROPE, global_front, producer

if TYPE_CHECKING:
    from tests.support.graphs import Draft

SHADOWED = "armor-no-shadowed-deny"
ANYBODY = {"config": {"srcIpRanges": ["*"]}}


def ranges(*texts: Any) -> dict[str, Any]:
    return {"config": {"srcIpRanges": list(texts)}}


def rule(priority: Any, action: Any, match: Any = None, **more: Any) -> dict[str, Any]:
    expression = {"expr": {"expression": "origin.region_code == 'AQ'"}}
    return {"priority": priority, "action": action, "match": match or expression, **more}


def guarded(*rules: dict[str, Any]) -> tuple[Draft, ...]:
    front = [one for one in global_front() if one.name != "api"]
    service = res(t.BACKEND_SERVICE, "api", {"protocol": "HTTPS", "securityPolicy": ref("waf")})
    return (*front, service, res(t.SECURITY_POLICY, "waf", {"rules": list(rules)}))


def status(name: str, *drafts: Draft) -> Status:
    return judge(stack(*drafts)).status(rules_by_name()[name])


@pytest.mark.parametrize(
    ("rules", "answer"),
    [
        ([rule(1, "allow", ANYBODY), rule(2, "deny(403)")], Status.FAIL),
        ([rule(1, "allow", ranges("0.0.0.0/0")), rule(2, "deny(403)")], Status.FAIL),
        ([rule(1, "allow", ranges("0.0.0.0/1", "128.0.0.0/1")), rule(2, "deny(403)")], Status.FAIL),
        ([rule(1, "allow", ranges("::/0")), rule(2, "deny(403)")], Status.PASS),
        ([rule(2, "allow", ANYBODY), rule(1, "deny(403)")], Status.PASS),
        ([rule(1, "deny(403)", ANYBODY), rule(2, "throttle", ANYBODY)], Status.PASS),
        ([rule(1, "throttle", ANYBODY), rule(2, "rate_based_ban", ANYBODY)], Status.FAIL),
        ([rule(1, "throttle", ranges("10.0.0.0/8")), rule(2, "throttle", ANYBODY)], Status.PASS),
        (
            [
                rule(1, "allow", ranges("81.2.0.0/17")),
                rule(2, "allow", ranges("81.2.128.0/17")),
                rule(3, "deny(403)", ranges("81.2.0.0/16")),
            ],
            Status.FAIL,
        ),
        ([rule(1, UNKNOWN, ANYBODY), rule(2, "deny(403)")], Status.UNDECIDED),
        ([rule(1, UNKNOWN, ranges("10.0.0.0/8")), rule(2, "deny(403)")], Status.PASS),
        ([rule(UNKNOWN, "allow", ANYBODY), rule(2, "deny(403)")], Status.UNDECIDED),
        ([rule(1, "allow", ANYBODY, preview=UNKNOWN), rule(2, "deny(403)")], Status.UNDECIDED),
        ([rule(1, "allow", ranges(UNKNOWN)), rule(2, "deny(403)")], Status.UNDECIDED),
        ([rule(1, "allow", ANYBODY), rule(0, "allow", ranges(UNKNOWN)), rule(2, "deny(403)")], Status.FAIL),
    ],
)
def test_a_rule_is_hidden_by_all_that_lets_its_clients_in_before_it(
    rules: list[dict[str, Any]], answer: Status
) -> None:
    assert status(SHADOWED, *guarded(*rules)) is answer


def test_a_rule_of_its_own_that_is_hidden_is_named_itself() -> None:
    late = res(t.SECURITY_POLICY_RULE, "late", {"securityPolicy": ref("waf"), **rule(9, "deny(403)")})
    for made in (stack, preview):
        judgement = judge(made(*guarded(rule(1, "allow", ANYBODY)), late))
        failed = [one for one in judgement.of_rule[SHADOWED] if one.status is Status.FAIL]
        assert [(one.findings[0].urn.split("::")[-1], one.findings[0].path) for one in failed] == [("late", "priority")]


def test_rules_of_another_policy_hide_nothing() -> None:
    other = res(t.SECURITY_POLICY, "other", {"rules": [rule(1, "allow", ANYBODY)]})
    assert status(SHADOWED, *guarded(rule(2, "deny(403)"), rule(3, "throttle", ANYBODY)), other) is Status.PASS


def test_a_policy_that_only_its_own_rules_name_is_of_no_use() -> None:
    lonely = res(t.SECURITY_POLICY_RULE, "rule", {"securityPolicy": ref("waf"), **rule(1, "deny(403)")})
    policy = res(t.SECURITY_POLICY, "waf")
    assert status("lb-no-orphan-components", *global_front(), policy, lonely) is Status.FAIL


def test_a_policy_in_a_stack_without_front_ends_may_be_of_use_elsewhere() -> None:
    assert status("lb-no-orphan-components", res(t.SECURITY_POLICY, "waf")) is Status.NOT_APPLICABLE


def test_a_network_edge_service_puts_a_policy_to_use() -> None:
    place = {"region": EUROPE}
    policy = res(t.REGION_SECURITY_POLICY, "packets", {**place, "type": "CLOUD_ARMOR_NETWORK"})
    service = res(t.NETWORK_EDGE_SECURITY_SERVICE, "packets", {**place, "securityPolicy": ref("packets", policy.type)})
    assert status("lb-no-orphan-components", policy, service) is not Status.FAIL


def test_a_policy_before_an_internal_load_balancer_needs_no_limit() -> None:
    parts = [one for one in producer(EUROPE) if one.type != t.REGION_BACKEND_SERVICE]
    guarded_service = res(
        t.REGION_BACKEND_SERVICE,
        f"service-{EUROPE}",
        {
            "region": EUROPE,
            "loadBalancingScheme": "INTERNAL_MANAGED",
            "protocol": "HTTPS",
            "backends": [{"group": ref(f"group-{EUROPE}")}],
            "securityPolicy": ref("waf"),
        },
    )
    waf = res(t.REGION_SECURITY_POLICY, "waf", {"region": EUROPE, "rules": [rule(1, "deny(403)")]})
    assert status("armor-rate-limiting-present", *parts, guarded_service, waf) is Status.NOT_APPLICABLE


@pytest.mark.parametrize("name", ["armor-has-custom-rules", "armor-rules-not-preview-only"])
def test_an_unknown_action_is_no_fault(name: str) -> None:
    assert status(name, *guarded(rule(1, UNKNOWN, ANYBODY))) is Status.UNDECIDED
