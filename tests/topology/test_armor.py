from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from policypack.engine.deployment import deployment_of
from policypack.gcp import types as t
from policypack.gcp.netranges import EVERYWHERE, RangeSet
from policypack.model.logic import Undecided
from policypack.model.resource import Options
from policypack.model.values import UNKNOWN
from policypack.topology.armor import ArmorAction, ArmorPolicy, ArmorRule
from policypack.topology.exposure import bucket_reached, exposed
from tests.support.graphs import get, preview, ref, res, stack, unknown_ref
from tests.support.load_balancers import EUROPE, global_front

if TYPE_CHECKING:
    from policypack.topology import Deployment
    from tests.support.graphs import Draft

DENY: dict[str, Any] = {"priority": 10, "action": "deny(403)", "match": {"expr": {"expression": "true"}}}
ALLOW: dict[str, Any] = {"priority": 2147483647, "action": "allow", "match": {"config": {"srcIpRanges": ["*"]}}}


def policy_of(deployment: Deployment) -> ArmorPolicy:
    (policy,) = ArmorPolicy.subjects(deployment)
    return policy


def first(rule: dict[str, Any]) -> ArmorRule:
    return policy_of(stack(res(t.SECURITY_POLICY, "waf", {"rules": [rule]}))).rules[0]


class TestRules:
    def test_those_in_the_policy_and_those_of_their_own_are_its_rules(self) -> None:
        drafts = (
            res(t.SECURITY_POLICY, "waf", {"rules": [ALLOW]}),
            res(t.SECURITY_POLICY_RULE, "deny", {"securityPolicy": ref("waf"), **DENY}),
        )
        for made in (stack, preview):
            assert sorted(rule.priority() for rule in policy_of(made(*drafts)).rules) == [10, 2147483647]

    def test_a_rule_of_another_policy_is_none_of_its(self) -> None:
        deployment = stack(
            res(t.SECURITY_POLICY, "waf"),
            res(t.SECURITY_POLICY, "other"),
            res(t.SECURITY_POLICY_RULE, "deny", {"securityPolicy": ref("other"), **DENY}),
        )
        assert [len(policy.rules) for policy in ArmorPolicy.subjects(deployment)] == [1, 0]

    def test_a_rule_of_an_unknown_policy_may_be_one(self) -> None:
        deployment = stack(
            res(t.SECURITY_POLICY, "waf"),
            res(t.SECURITY_POLICY_RULE, "deny", {"securityPolicy": UNKNOWN, **DENY}),
        )
        with pytest.raises(Undecided):
            policy_of(deployment).has(ArmorRule.protects)

    def test_of_two_policies_that_a_rule_may_be_for_either_may_have_it(self) -> None:
        deployment = stack(
            res(t.SECURITY_POLICY, "waf"),
            res(t.SECURITY_POLICY, "other"),
            res(t.SECURITY_POLICY_RULE, "deny", {"securityPolicy": unknown_ref("waf", "other"), **DENY}),
        )
        for policy in ArmorPolicy.subjects(deployment):
            with pytest.raises(Undecided):
                policy.has(ArmorRule.protects)

    def test_what_the_provider_lists_of_a_policy_without_rules_is_not_counted_twice(self) -> None:
        deployment = stack(
            res(t.SECURITY_POLICY, "waf"),
            res(t.SECURITY_POLICY_RULE, "deny", {"securityPolicy": ref("waf"), **DENY}),
        )
        waf, *rest = sorted(deployment.graph.resources, key=lambda one: one.name != "waf")
        there = replace(waf, inputs={"name": "waf"}, outputs={"name": "waf", "rules": [DENY, ALLOW]})
        rules = policy_of(deployment_of((there, *rest), project="shop", stack="dev")).rules
        assert sorted((rule.priority(), rule.place.resource.name) for rule in rules) == [
            (10, "deny"),
            (2147483647, "waf"),
        ]

    def test_a_list_that_only_the_provider_will_fill_is_empty(self) -> None:
        deployment = stack(res(t.SECURITY_POLICY, "waf"))
        (waf,) = deployment.graph.resources
        coming = replace(waf, inputs={"name": "waf"}, outputs={"name": "waf", "rules": UNKNOWN})
        policy = policy_of(deployment_of((coming,), project="shop", stack="dev"))
        assert (policy.rules, policy.open) == ((), None)

    def test_an_unknown_list_leaves_open_what_is_in_it(self) -> None:
        with pytest.raises(Undecided):
            policy_of(stack(res(t.SECURITY_POLICY, "waf", {"rules": UNKNOWN}))).has(ArmorRule.protects)

    def test_a_certain_rule_wins_over_an_unknown_list(self) -> None:
        deployment = stack(
            res(t.SECURITY_POLICY, "waf", {"rules": UNKNOWN}),
            res(t.SECURITY_POLICY_RULE, "deny", {"securityPolicy": ref("waf"), **DENY}),
        )
        assert policy_of(deployment).has(ArmorRule.protects)

    def test_rules_that_are_left_to_others_may_be_any(self) -> None:
        deployment = stack(res(t.SECURITY_POLICY, "waf", {"rules": [ALLOW]}))
        (waf,) = deployment.graph.resources
        left = replace(waf, options=Options(ignore_changes=("rules",)))
        with pytest.raises(Undecided):
            policy_of(deployment_of((left,), project="shop", stack="dev")).has(ArmorRule.protects)

    def test_a_policy_whose_last_rule_denies_in_earnest_denies_the_rest(self) -> None:
        last = {**ALLOW, "action": "deny(404)"}
        for rules, answer in (([last], True), ([{**last, "preview": True}], False), ([ALLOW], False), ([DENY], False)):
            assert policy_of(stack(res(t.SECURITY_POLICY, "waf", {"rules": rules}))).denies_the_rest() is answer


class TestRule:
    @pytest.mark.parametrize(
        ("written", "action"),
        [
            ("allow", ArmorAction.ALLOW),
            ("deny(403)", ArmorAction.DENY),
            ("DENY(502)", ArmorAction.DENY),
            ("deny", ArmorAction.DENY),
            ("throttle", ArmorAction.THROTTLE),
            ("rate_based_ban", ArmorAction.BAN),
            ("redirect", ArmorAction.REDIRECT),
        ],
    )
    def test_its_action_is_read(self, written: str, action: ArmorAction) -> None:
        assert first({**DENY, "action": written}).action() is action

    def test_an_action_that_nobody_knows_is_undecided(self) -> None:
        with pytest.raises(Undecided):
            first({**DENY, "action": "ponder"}).protects()

    def test_preview_left_out_is_enforced(self) -> None:
        assert first(DENY).enforced()
        assert not first({**DENY, "preview": True}).enforced()

    @pytest.mark.parametrize(
        ("match", "sources"),
        [
            ({"config": {"srcIpRanges": ["*"]}}, RangeSet.of("0.0.0.0/0", "::/0")),
            ({"config": {"srcIpRanges": ["10.0.0.0/8", "192.168.0.1"]}}, RangeSet.of("10.0.0.0/8", "192.168.0.1")),
            ({"expr": {"expression": " true "}}, EVERYWHERE),
            ({"expr": {"expression": "origin.region_code == 'AQ'"}}, None),
            ({}, None),
        ],
    )
    def test_its_sources_are_read(self, match: Any, sources: RangeSet | None) -> None:
        assert first({**DENY, "match": match}).sources() == sources

    @pytest.mark.parametrize("ranges", [[UNKNOWN], UNKNOWN, ["nowhere"]])
    def test_sources_that_cannot_be_read_are_undecided(self, ranges: Any) -> None:
        with pytest.raises(Undecided):
            first({**DENY, "match": {"config": {"srcIpRanges": ranges}}}).sources()


class TestPlace:
    def test_a_policy_guards_the_service_that_names_it(self) -> None:
        front = [
            one if one.name != "api" else res(t.BACKEND_SERVICE, "api", {"securityPolicy": ref("waf")})
            for one in global_front()
        ]
        for made in (stack, preview):
            policy = policy_of(made(*front, res(t.SECURITY_POLICY, "waf")))
            assert (policy.guards(exposed), policy.in_use()) == (True, True)

    def test_a_policy_that_nothing_names_is_not_in_use(self) -> None:
        assert not policy_of(stack(*global_front(), res(t.SECURITY_POLICY, "waf"))).in_use()

    def test_a_policy_of_a_service_that_nothing_leads_to_is_not_in_use(self) -> None:
        service = res(t.BACKEND_SERVICE, "lonely", {"securityPolicy": ref("waf")})
        assert not policy_of(stack(service, res(t.SECURITY_POLICY, "waf"))).in_use()

    def test_a_policy_before_a_bucket_with_a_route_is_in_use(self) -> None:
        drafts = (
            res(t.SECURITY_POLICY, "edge", {"type": "CLOUD_ARMOR_EDGE"}),
            res(t.BACKEND_BUCKET, "api", {"bucketName": "pages", "edgeSecurityPolicy": ref("edge")}),
            *(one for one in global_front() if one.name != "api"),
        )
        for made in (stack, preview):
            policy = policy_of(made(*drafts))
            assert (policy.in_use(), policy.guards(exposed)) == (True, False)


class TestExposure:
    def test_a_global_external_application_load_balancer_is_exposed(self) -> None:
        deployment = preview(*global_front())
        assert exposed(deployment.load_balancing.service(get(deployment, "api")))

    def test_a_service_that_nothing_leads_to_is_not(self) -> None:
        deployment = stack(res(t.BACKEND_SERVICE, "api", {"protocol": "HTTPS"}))
        assert not exposed(deployment.load_balancing.service(get(deployment, "api")))

    @pytest.mark.parametrize(
        ("scheme", "protocol", "answer"),
        [
            ("EXTERNAL_MANAGED", "HTTPS", True),
            ("EXTERNAL_MANAGED", "TCP", False),
            ("INTERNAL_MANAGED", "HTTPS", False),
            ("EXTERNAL", "TCP", False),
        ],
    )
    def test_of_regional_services_those_of_external_application_load_balancers_are(
        self, scheme: str, protocol: str, answer: bool
    ) -> None:
        deployment = stack(*_regional(scheme, protocol))
        assert exposed(deployment.load_balancing.service(get(deployment, "api"))) is answer

    def test_an_unknown_scheme_is_undecided(self) -> None:
        deployment = stack(*_regional(UNKNOWN, "HTTPS"))
        with pytest.raises(Undecided):
            exposed(deployment.load_balancing.service(get(deployment, "api")))

    def test_a_bucket_that_no_route_names_is_not_reached(self) -> None:
        deployment = stack(*global_front(), res(t.BACKEND_BUCKET, "pages", {"bucketName": "pages"}))
        assert not bucket_reached(get(deployment, "pages"), deployment.load_balancing)


def _regional(scheme: Any, protocol: str) -> tuple[Draft, ...]:
    place = {"region": EUROPE, "loadBalancingScheme": scheme}
    return (
        res(t.FORWARDING_RULE, "front", {**place, "target": ref("proxy"), "portRange": "443"}),
        res(t.REGION_TARGET_HTTPS_PROXY, "proxy", {"region": EUROPE, "urlMap": ref("map")}),
        res(t.REGION_URL_MAP, "map", {"region": EUROPE, "defaultService": ref("api")}),
        res(t.REGION_BACKEND_SERVICE, "api", {**place, "protocol": protocol}),
    )
