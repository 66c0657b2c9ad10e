"""What the family says of a single rule, beyond the programs on its page."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policypack.engine.evaluator import evaluate_resource
from policypack.engine.settings import Settings
from policypack.engine.verdict import Status, Verdict
from policypack.gcp import types as t
from policypack.model.values import UNKNOWN
from policypack.rules.contract import Phase
from policypack.rules.firewall.firewall_no_public_port import PORTS, RULES
from tests.support.graphs import blank, get, res, stack

SSH = next(rule for rule in RULES if rule.name == "firewall-no-public-ssh")
TCP_22 = [{"protocol": "tcp", "ports": ["22"]}]
LAYER4_22 = [{"ipProtocol": "tcp", "ports": ["22"]}]
ANYWHERE = ["0.0.0.0/0"]


def judged(token: str, props: dict[str, Any] | None) -> list[Verdict]:
    draft = blank(token, "it") if props is None else res(token, "it", props)
    return evaluate_resource(get(stack(draft), "it"), [SSH], Settings())


def classic(**changed: Any) -> Status:
    props = {"network": "default", "sourceRanges": ANYWHERE, "allows": TCP_22, **changed}
    (verdict,) = judged(t.FIREWALL, {key: value for key, value in props.items() if value is not None})
    return verdict.status


def of_policy(_match: dict[str, Any] | None = None, **changed: Any) -> Status:
    whole = {"srcIpRanges": ANYWHERE, "layer4Configs": LAYER4_22, **(_match or {})}
    props = {
        "firewallPolicy": "edge",
        "direction": "INGRESS",
        "action": "allow",
        "priority": 1000,
        "match": {key: value for key, value in whole.items() if value is not None},
        **changed,
    }
    (verdict,) = judged(t.NETWORK_FIREWALL_POLICY_RULE, props)
    return verdict.status


def test_it_needs_nothing_but_the_resource() -> None:
    assert SSH.phase is Phase.RESOURCE


def test_every_row_of_the_table_is_a_rule() -> None:
    assert [rule.name for rule in RULES] == [row.rule for row in PORTS]


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, Status.FAIL),
        ({"direction": "INGRESS"}, Status.FAIL),
        ({"sourceRanges": ["0.0.0.0/0", "10.0.0.0/8"]}, Status.FAIL),
        ({"sourceRanges": [UNKNOWN, "0.0.0.0/0"]}, Status.FAIL),
        ({"sourceRanges": ["1.2.3.4/0"]}, Status.FAIL),
        ({"allows": [{"protocol": "TCP", "ports": [22]}]}, Status.FAIL),
        ({"allows": [{"protocol": "6", "ports": ["0-65535"]}]}, Status.FAIL),
        ({"allows": [{"protocol": "tcp", "ports": [UNKNOWN, "22"]}]}, Status.FAIL),
        ({"allows": [{"protocol": UNKNOWN, "ports": ["80"]}, {"protocol": "all"}]}, Status.FAIL),
        ({"targetTags": ["web"]}, Status.FAIL),
        ({"disabled": False}, Status.FAIL),
        ({"allows": [{"protocol": "tcp", "ports": ["23-65535"]}]}, Status.PASS),
        ({"allows": [{"protocol": "tcp", "ports": ["20", "21"]}]}, Status.PASS),
        ({"allows": [{"protocol": UNKNOWN, "ports": ["80"]}]}, Status.PASS),
        ({"allows": [{"protocol": "udp", "ports": [UNKNOWN]}]}, Status.PASS),
        ({"sourceRanges": ["10.0.0.0/8"], "allows": UNKNOWN}, Status.PASS),
        ({"sourceRanges": UNKNOWN, "allows": [{"protocol": "icmp"}]}, Status.PASS),
        ({"sourceRanges": ["0.0.0.0/1"]}, Status.PASS),
        ({"allows": [{"protocol": "tcp", "ports": [UNKNOWN]}]}, Status.UNDECIDED),
        ({"allows": UNKNOWN}, Status.UNDECIDED),
        ({"allows": [UNKNOWN]}, Status.UNDECIDED),
        ({"sourceRanges": ["10.0.0.0/8", UNKNOWN]}, Status.UNDECIDED),
        ({"sourceRanges": "0.0.0.0/0"}, Status.UNDECIDED),
        ({"sourceRanges": ["anywhere"]}, Status.UNDECIDED),
        ({"disabled": UNKNOWN}, Status.UNDECIDED),
        ({"direction": UNKNOWN}, Status.UNDECIDED),
        ({"sourceRanges": None, "sourceTags": UNKNOWN}, Status.PASS),
        ({"allows": None, "denies": TCP_22}, Status.NOT_APPLICABLE),
        ({"disabled": True, "sourceRanges": UNKNOWN}, Status.NOT_APPLICABLE),
        ({"direction": "EGRESS", "allows": UNKNOWN}, Status.NOT_APPLICABLE),
    ],
    ids=str,
)
def test_a_vpc_firewall_rule(changed: dict[str, Any], expected: Status) -> None:
    assert classic(**changed) is expected


@pytest.mark.parametrize(
    ("match", "changed", "expected"),
    [
        ({}, {}, Status.FAIL),
        ({"srcSecureTags": [{"name": "tagValues/1"}]}, {}, Status.FAIL),
        ({"srcRegionCodes": ["DE"]}, {}, Status.FAIL),
        ({"srcIpRanges": None}, {}, Status.FAIL),
        ({"srcNetworkScope": "INTERNET"}, {}, Status.FAIL),
        ({"srcNetworkScope": "UNSPECIFIED"}, {}, Status.FAIL),
        ({"srcIpRanges": None, "srcSecureTags": [{"name": "tagValues/1"}]}, {}, Status.PASS),
        ({"srcIpRanges": None, "srcRegionCodes": ["DE"]}, {}, Status.PASS),
        ({"srcNetworkScope": "NON_INTERNET"}, {}, Status.PASS),
        ({"srcNetworkContext": "VPC_NETWORKS"}, {}, Status.PASS),
        ({"srcNetworkScope": UNKNOWN}, {}, Status.UNDECIDED),
        ({}, {"action": UNKNOWN}, Status.UNDECIDED),
        ({}, {"action": "apply_security_profile_group"}, Status.UNDECIDED),
        ({}, {"action": "something_new"}, Status.UNDECIDED),
        ({}, {"match": UNKNOWN}, Status.UNDECIDED),
        ({}, {"action": "deny"}, Status.NOT_APPLICABLE),
        ({}, {"action": "goto_next"}, Status.NOT_APPLICABLE),
        ({}, {"targetType": "INTERNAL_MANAGED_LB"}, Status.NOT_APPLICABLE),
    ],
    ids=str,
)
def test_a_policy_rule(match: dict[str, Any], changed: dict[str, Any], expected: Status) -> None:
    assert of_policy(match, **changed) is expected


def listed(*sources: str) -> dict[str, Any]:
    match = {"srcIpRanges": list(sources), "layer4Configs": LAYER4_22}
    return {"action": "allow", "priority": 1, "direction": "INGRESS", "match": match}


@pytest.mark.parametrize(
    "token",
    [
        t.FIREWALL_POLICY_WITH_RULES,
        t.NETWORK_FIREWALL_POLICY_WITH_RULES,
        t.REGION_NETWORK_FIREWALL_POLICY_WITH_RULES,
    ],
)
def test_each_rule_in_a_policy_is_judged_by_itself(token: str) -> None:
    verdicts = judged(token, {"rules": [listed("10.0.0.0/8"), UNKNOWN, listed("0.0.0.0/0")]})
    assert [(verdict.place, verdict.status) for verdict in verdicts] == [
        ("rules[0]", Status.PASS),
        ("rules[1]", Status.UNDECIDED),
        ("rules[2]", Status.FAIL),
    ]


def test_a_finding_in_a_policy_names_the_rule_in_it() -> None:
    verdicts = judged(t.NETWORK_FIREWALL_POLICY_WITH_RULES, {"rules": [listed("10.0.0.0/8"), listed("0.0.0.0/0")]})
    assert [finding.path for verdict in verdicts for finding in verdict.findings] == ["rules[1].match.srcIpRanges"]


@pytest.mark.parametrize("token", [t.FIREWALL, t.NETWORK_FIREWALL_POLICY_RULE, t.NETWORK_FIREWALL_POLICY_WITH_RULES])
def test_what_a_target_run_left_out_is_undecided(token: str) -> None:
    assert [verdict.status for verdict in judged(token, None)] == [Status.UNDECIDED]


def test_an_unknown_list_of_rules_is_undecided() -> None:
    verdicts = judged(t.NETWORK_FIREWALL_POLICY_WITH_RULES, {"rules": UNKNOWN})
    assert [verdict.status for verdict in verdicts] == [Status.UNDECIDED]


def test_the_finding_says_what_is_open_and_how() -> None:
    allows = [{"protocol": "6", "ports": ["443", "20-30"]}]
    (verdict,) = judged(t.FIREWALL, {"network": "n", "sourceRanges": ["0.0.0.0/0", "::/0"], "allows": allows})
    (finding,) = verdict.findings
    assert finding.found == (
        "it holds 0.0.0.0/0 and ::/0, and the rule allows tcp 443, 20-30, which reaches SSH (TCP 22); "
        "besides, Telnet, FTP, mail servers"
    )


@given(low=st.integers(0, 65535), high=st.integers(0, 65535))
def test_a_range_of_ports_violates_exactly_if_port_22_is_in_it(low: int, high: int) -> None:
    low, high = min(low, high), max(low, high)
    expected = Status.FAIL if low <= 22 <= high else Status.PASS
    assert classic(allows=[{"protocol": "tcp", "ports": [f"{low}-{high}"]}]) is expected


@given(
    known=st.sampled_from([Status.FAIL, Status.PASS]),
    path=st.sampled_from(["direction", "disabled", "sourceRanges", "allows", "priority"]),
)
def test_an_unknown_value_never_turns_one_definite_verdict_into_the_other(known: Status, path: str) -> None:
    sources = ANYWHERE if known is Status.FAIL else ["10.0.0.0/8"]
    assert classic(**{"sourceRanges": sources, path: UNKNOWN}) in {known, Status.UNDECIDED}
