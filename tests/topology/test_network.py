"""What a network lets through to the machines of a stack: `admits` on hand-made graphs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from policypack.gcp import types as t
from policypack.gcp.probes import PROXY
from policypack.model.logic import Undecided
from policypack.model.values import UNKNOWN
from policypack.topology.compute import members_of
from tests.support.firewalls import (
    EVERYTHING,
    LAYER4,
    PORT,
    PROBES,
    TCP,
    denial,
    firewall,
    group,
    policy,
    policy_rule,
    template,
    web,
)
from tests.support.graphs import blank, get, preview, read, ref, res, stack, stack_reference, unknown_ref

if TYPE_CHECKING:
    from policypack.topology import Deployment
    from tests.support.graphs import Draft


def deny_all(priority: int = 1000) -> Draft:
    return policy_rule("deny-all", "deny", priority, ["0.0.0.0/0"], EVERYTHING)


def verdict(deployment: Deployment, port: int | Undecided = PORT) -> str:
    members = members_of(deployment.graph, get(deployment, "group"))
    if members.unknown:
        return "unknown members"
    answers = set()
    for machine in members.machines:
        try:
            answers.add("in" if deployment.network.admits(machine, PROXY.ranges(), port) else "out")
        except Undecided:
            answers.add("undecided")
    assert len(answers) == 1
    return answers.pop()


def both(*drafts: Draft) -> str:
    """Give the verdict, which must be one before the first update and after it."""
    before, after = verdict(preview(*drafts)), verdict(stack(*drafts))
    assert before == after
    return after


def test_a_network_without_rules_shuts_everything_out() -> None:
    assert both(*web()) == "out"


def test_a_rule_for_every_machine_lets_in() -> None:
    assert both(*web(firewall())) == "in"


@pytest.mark.parametrize(
    "aim",
    [
        {"targetTags": ["web"]},
        {"targetTags": ["other", "web"]},
        {"targetServiceAccounts": [ref("account")]},
        {"targetServiceAccounts": ["web@test-project.iam.gserviceaccount.com"]},
    ],
    ids=str,
)
def test_a_rule_aimed_at_the_machines_lets_in(aim: dict[str, Any]) -> None:
    assert both(*web(firewall(**aim))) == "in"


@pytest.mark.parametrize(
    "aim",
    [{"targetTags": ["db"]}, {"targetServiceAccounts": ["db@test-project.iam.gserviceaccount.com"]}],
    ids=str,
)
def test_a_rule_aimed_at_others_lets_nothing_in(aim: dict[str, Any]) -> None:
    assert both(*web(firewall(**aim))) == "out"


@pytest.mark.parametrize(
    "changed",
    [
        {"disabled": True},
        {"direction": "EGRESS"},
        {"allows": [{"protocol": "udp"}]},
        {"allows": [{"protocol": "tcp", "ports": ["80", "8000-8100"]}]},
        {"sourceRanges": None, "sourceTags": ["lb"]},
        {"sourceRanges": ["35.191.0.0/16"]},
        {"sourceRanges": ["35.191.0.0/17", "130.211.0.0/22"]},
    ],
    ids=str,
)
def test_a_rule_that_does_not_match_lets_nothing_in(changed: dict[str, Any]) -> None:
    assert both(*web(firewall(**changed))) == "out"


@pytest.mark.parametrize(
    "changed",
    [
        {"allows": [{"protocol": "all"}]},
        {"allows": [{"protocol": "tcp"}]},
        {"allows": [{"protocol": "6", "ports": ["8000-9000"]}]},
        {"allows": [{"protocol": "icmp"}, {"protocol": "tcp", "ports": ["22", str(PORT)]}]},
        {"sourceRanges": ["0.0.0.0/0"]},
        {"sourceRanges": ["35.191.0.0/17", "35.191.128.0/17", "130.211.0.0/16"]},
        {"sourceRanges": [*PROBES, UNKNOWN]},
    ],
    ids=str,
)
def test_a_rule_that_matches_in_other_words_lets_in(changed: dict[str, Any]) -> None:
    assert both(*web(firewall(**changed))) == "in"


def test_two_rules_that_let_in_one_range_each_are_enough() -> None:
    halves = [firewall(f"allow-{index}", sourceRanges=[text]) for index, text in enumerate(PROBES)]
    assert both(*web(*halves)) == "in"


def test_a_rule_of_another_network_lets_nothing_in() -> None:
    other = res(t.NETWORK, "other", {})
    assert both(*web(other, firewall(network=ref("other")))) == "out"


def test_a_deny_before_the_allow_shuts_out() -> None:
    assert both(*web(firewall(), denial(priority=900))) == "out"


def test_a_deny_of_equal_priority_shuts_out() -> None:
    assert both(*web(firewall(), denial(priority=1000))) == "out"


def test_a_deny_behind_the_allow_changes_nothing() -> None:
    assert both(*web(firewall(), denial(priority=1001))) == "in"


def test_a_deny_for_others_changes_nothing() -> None:
    assert both(*web(firewall(), denial(priority=1, targetTags=["db"]))) == "in"


def test_a_deny_of_one_address_among_the_probes_shuts_out() -> None:
    assert both(*web(firewall(), denial(priority=1, sourceRanges=["35.191.3.4/32"]))) == "out"


@pytest.mark.parametrize("path", ["priority", "disabled", "sourceRanges", "targetTags", "denies"])
def test_a_deny_of_which_something_is_unknown_is_undecided_before_an_allow(path: str) -> None:
    changed: dict[str, Any] = {"priority": 1, path: UNKNOWN}
    assert both(*web(firewall(), denial(**changed))) == "undecided"


@pytest.mark.parametrize("path", ["sourceRanges", "targetTags", "disabled", "allows", "network"])
def test_an_allow_of_which_something_is_unknown_is_undecided(path: str) -> None:
    changed: dict[str, Any] = {path: UNKNOWN}
    assert both(*web(firewall(**changed))) == "undecided"


@pytest.mark.parametrize("path", ["sourceRanges", "targetTags", "disabled", "allows", "network"])
def test_an_unknown_allow_before_a_known_one_changes_nothing(path: str) -> None:
    changed: dict[str, Any] = {"priority": 1, path: UNKNOWN}
    assert both(*web(firewall(), firewall("early", **changed))) == "in"


def test_an_unknown_priority_of_the_only_rule_does_not_matter() -> None:
    assert both(*web(firewall(priority=UNKNOWN))) == "in"


def test_a_rule_that_a_target_run_left_out_is_undecided() -> None:
    assert both(*web(blank(t.FIREWALL, "allow"))) == "undecided"


def test_a_rule_narrowed_to_destinations_is_undecided() -> None:
    assert both(*web(firewall(destinationRanges=["10.0.0.0/24"]))) == "undecided"


def test_the_port_does_not_matter_where_every_port_is_open() -> None:
    unknown = Undecided("", "", "the port is not known")
    open_wide = web(firewall(allows=[{"protocol": "tcp", "ports": ["1-65535"]}]))
    assert verdict(stack(*open_wide), unknown) == "in"
    assert verdict(stack(*web(firewall())), unknown) == "undecided"
    assert verdict(stack(*web()), unknown) == "out"


# Policies


def test_a_policy_rule_lets_in_through_the_association() -> None:
    assert both(*web(*policy(), policy_rule())) == "in"


def test_a_policy_without_an_association_is_not_in_force() -> None:
    assert both(*web(policy()[0], policy_rule())) == "out"


def test_a_policy_of_another_network_is_not_in_force() -> None:
    assert both(*web(res(t.NETWORK, "other", {}), *policy(network=ref("other")), policy_rule())) == "out"


def test_the_usual_deny_at_the_end_changes_nothing() -> None:
    assert both(*web(*policy(), policy_rule(), deny_all(65000))) == "in"


def test_a_deny_at_the_top_of_the_policy_shuts_out() -> None:
    assert both(*web(*policy(), policy_rule(), deny_all(10))) == "out"


def test_vpc_rules_come_before_the_policy_by_default() -> None:
    assert both(*web(firewall(priority=60000), *policy(), deny_all(1))) == "in"


def test_vpc_rules_come_behind_the_policy_if_the_network_says_so() -> None:
    vpc = res(t.NETWORK, "vpc", {"networkFirewallPolicyEnforcementOrder": "BEFORE_CLASSIC_FIREWALL"})
    rules = (firewall(priority=1), *policy(), deny_all(60000))
    assert both(*web(*rules, vpc=vpc)) == "out"


def test_an_unknown_order_of_evaluation_is_undecided_where_it_decides() -> None:
    vpc = res(t.NETWORK, "vpc", {"networkFirewallPolicyEnforcementOrder": UNKNOWN})
    assert both(*web(firewall(), *policy(), deny_all(), vpc=vpc)) == "undecided"
    assert both(*web(firewall(), *policy(), vpc=vpc)) == "in"


def test_goto_next_hands_on_to_the_vpc_rules() -> None:
    vpc = res(t.NETWORK, "vpc", {"networkFirewallPolicyEnforcementOrder": "BEFORE_CLASSIC_FIREWALL"})
    rules = (*policy(), policy_rule("on", "goto_next", 10), deny_all(20))
    assert both(*web(*rules, firewall(), vpc=vpc)) == "in"
    assert both(*web(*rules, vpc=vpc)) == "out"


def test_a_rule_for_proxies_of_internal_load_balancers_does_not_concern_machines() -> None:
    assert both(*web(*policy(), policy_rule(targetType="INTERNAL_MANAGED_LB"))) == "out"


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ({"srcNetworkScope": "INTRA_VPC"}, "out"),
        ({"srcNetworkContext": "VPC_NETWORKS"}, "out"),
        ({"srcNetworkScope": "NON_INTERNET"}, "undecided"),
        ({"srcNetworkScope": UNKNOWN}, "undecided"),
        ({"srcIpRanges": None, "srcAddressGroups": ["projects/p/locations/global/addressGroups/probes"]}, "undecided"),
        ({"srcIpRanges": None, "srcFqdns": ["probes.example.com"]}, "undecided"),
        ({"srcIpRanges": None, "srcRegionCodes": ["US"]}, "undecided"),
        ({"srcIpRanges": None, "srcRegionCodes": ["XC", UNKNOWN]}, "undecided"),
        ({"srcIpRanges": None, "srcRegionCodes": ["XC", "KP"]}, "out"),
        ({"srcIpRanges": None, "srcThreatIntelligences": ["iplist-public-clouds-gcp"]}, "undecided"),
        ({"srcIpRanges": None, "srcThreatIntelligences": ["iplist-tor-exit-nodes"]}, "out"),
        (
            {"srcIpRanges": None, "srcNetworks": ["global/networks/n"], "srcNetworkScope": "VPC_NETWORKS"},
            "out",
        ),
        ({"srcSecureTags": [{"name": "tagValues/1"}]}, "in"),
        ({"destIpRanges": ["10.0.0.0/24"]}, "undecided"),
    ],
    ids=str,
)
def test_what_narrows_the_sources_of_a_policy_rule(match: dict[str, Any], expected: str) -> None:
    assert both(*web(*policy(), policy_rule(match=match))) == expected


@pytest.mark.parametrize(("code", "expected"), [("KP", "in"), ("US", "undecided")])
def test_a_deny_by_country_concerns_probes_where_google_has_regions(code: str, expected: str) -> None:
    countries = policy_rule("countries", "deny", 1, match={"srcIpRanges": None, "srcRegionCodes": [code]})
    assert both(*web(*policy(), countries, policy_rule())) == expected


@pytest.mark.parametrize(
    ("tag", "expected"), [("tagValues/1", "in"), ("tagValues/2", "out"), (UNKNOWN, "undecided")], ids=str
)
def test_a_rule_aimed_at_secure_tags_meets_machines_that_wear_them(tag: Any, expected: str) -> None:
    tagged = template(resourceManagerTags={"tagKeys/1": "tagValues/1"})
    rule = policy_rule(targetSecureTags=[{"name": tag}])
    assert both(*web(*policy(), rule, template=tagged)) == expected


def test_secure_tags_that_are_made_by_the_stack_are_matched_by_what_they_were_made_from() -> None:
    value = res("gcp:tags/tagValue:TagValue", "value", {"parent": "tagKeys/1", "shortName": "web"})
    tagged = template(resourceManagerTags={"tagKeys/1": unknown_ref("value")})
    rule = policy_rule(targetSecureTags=[{"name": unknown_ref("value")}])
    assert both(*web(value, *policy(), rule, template=tagged)) == "in"


def regional(region: Any) -> tuple[Draft, ...]:
    return (
        res(t.REGION_NETWORK_FIREWALL_POLICY, "policy", {"region": region}),
        res(
            t.REGION_NETWORK_FIREWALL_POLICY_ASSOCIATION,
            "association",
            {"firewallPolicy": ref("policy"), "attachmentTarget": ref("vpc"), "region": region},
        ),
        res(
            t.REGION_NETWORK_FIREWALL_POLICY_RULE,
            "rule",
            {
                "firewallPolicy": ref("policy"),
                "region": region,
                "action": "allow",
                "direction": "INGRESS",
                "priority": 1000,
                "match": {"srcIpRanges": PROBES, "layer4Configs": LAYER4},
            },
        ),
    )


def test_a_regional_policy_lets_in_to_machines_of_its_region() -> None:
    assert both(*web(*regional("europe-west1"))) == "in"


def test_a_regional_policy_does_not_concern_other_regions() -> None:
    assert both(*web(*regional("asia-northeast1"))) == "out"


def with_rules(token: str, *rules: dict[str, Any], **props: Any) -> Draft:
    return res(token, "policy", {"rules": list(rules), **props})


def listed(action: str = "allow", priority: int = 1000, **props: Any) -> dict[str, Any]:
    match = {"srcIpRanges": PROBES, "layer4Configs": LAYER4}
    return {"action": action, "priority": priority, "direction": "INGRESS", "match": match, **props}


def test_rules_inside_a_policy_let_in_as_rules_of_their_own_do() -> None:
    whole = with_rules(t.NETWORK_FIREWALL_POLICY_WITH_RULES, listed(targetServiceAccounts=[ref("account")]))
    assert both(*web(whole, policy()[1])) == "in"


def test_a_rule_inside_a_policy_is_aimed_by_its_own_targets_only() -> None:
    others = listed(targetServiceAccounts=["db@test-project.iam.gserviceaccount.com"])
    ours = listed(action="deny", priority=2000, targetServiceAccounts=[ref("account")])
    assert both(*web(with_rules(t.NETWORK_FIREWALL_POLICY_WITH_RULES, others, ours), policy()[1])) == "out"


def test_an_unknown_list_of_rules_is_undecided() -> None:
    whole = res(t.NETWORK_FIREWALL_POLICY_WITH_RULES, "policy", {"rules": UNKNOWN})
    assert both(*web(whole, policy()[1])) == "undecided"
    assert both(*web(firewall(), whole, policy()[1])) == "in"


def hierarchical(action: str, **props: Any) -> tuple[Draft, ...]:
    return (
        res(t.FIREWALL_POLICY, "top", {"parent": "organizations/1", "shortName": "top"}),
        res(
            t.FIREWALL_POLICY_ASSOCIATION,
            "top-association",
            {"firewallPolicy": ref("top"), "attachmentTarget": "folders/7"},
        ),
        res(
            t.FIREWALL_POLICY_RULE,
            "top-rule",
            {
                "firewallPolicy": ref("top"),
                "action": action,
                "direction": "INGRESS",
                "priority": 1,
                "match": {"srcIpRanges": ["0.0.0.0/0"], "layer4Configs": EVERYTHING},
                **props,
            },
        ),
    )


def test_whether_a_hierarchical_policy_is_above_the_project_is_never_known() -> None:
    assert both(*web(firewall(), *hierarchical("deny"))) == "undecided"
    assert both(*web(*hierarchical("allow"))) == "undecided"


def test_a_hierarchical_policy_that_is_attached_to_nothing_is_not_in_force() -> None:
    top, _, rule = hierarchical("deny")
    assert both(*web(firewall(), top, rule)) == "in"


def test_a_hierarchical_rule_for_other_networks_does_not_concern_this_one() -> None:
    other = res(t.NETWORK, "other", {})
    assert both(*web(firewall(), other, *hierarchical("deny", targetResources=[ref("other")]))) == "in"


# What is outside


def test_a_network_outside_the_stack_may_have_rules_elsewhere() -> None:
    shared = template(networkInterfaces=[{"network": "projects/host/global/networks/shared"}])
    assert both(*web(template=shared)) == "undecided"


def test_a_rule_of_this_stack_lets_in_to_a_network_outside() -> None:
    name = "projects/host/global/networks/shared"
    assert both(*web(firewall(network=name), template=template(networkInterfaces=[{"network": name}]))) == "in"


def test_the_default_network_is_outside_the_stack() -> None:
    plain = template(networkInterfaces=[{"accessConfigs": [{}]}])
    assert both(*web(template=plain)) == "undecided"
    assert both(*web(firewall(network="default"), template=plain)) == "in"


def test_a_network_from_another_stack_is_undecided() -> None:
    other = stack_reference("platform")
    far = template(networkInterfaces=[{"network": unknown_ref("platform")}])
    assert both(*web(other, template=far)) == "undecided"


def test_a_network_that_is_only_read_is_outside_the_stack() -> None:
    seen = read(t.NETWORK, "seen", selfLink="projects/test-project/global/networks/seen")
    assert both(*web(seen, template=template(networkInterfaces=[{"network": ref("seen")}]))) == "undecided"


def test_a_policy_outside_the_stack_may_let_in() -> None:
    association = res(
        t.NETWORK_FIREWALL_POLICY_ASSOCIATION,
        "association",
        {"firewallPolicy": "projects/host/global/firewallPolicies/shared", "attachmentTarget": ref("vpc")},
    )
    assert both(*web(association)) == "undecided"


# Machines


def test_machines_of_an_unmanaged_group_are_its_instances() -> None:
    instance = res(
        t.INSTANCE,
        "vm",
        {"zone": "europe-west1-b", "networkInterfaces": [{"subnetwork": ref("subnet")}], "tags": ["web"]},
    )
    plain = res(t.INSTANCE_GROUP, "group", {"zone": "europe-west1-b", "instances": [ref("vm")]})
    assert both(*web(instance, firewall(targetTags=["web"]), template=None, group=plain)) == "in"
    assert both(*web(instance, firewall(targetTags=["db"]), template=None, group=plain)) == "out"


def test_a_group_whose_members_are_not_named_has_a_network_all_the_same() -> None:
    plain = res(t.INSTANCE_GROUP, "group", {"zone": "europe-west1-b", "network": ref("vpc")})
    assert both(*web(template=None, group=plain)) == "out"
    assert both(*web(firewall(), template=None, group=plain)) == "in"
    assert both(*web(firewall(targetTags=["web"]), template=None, group=plain)) == "undecided"


def test_endpoints_of_a_zonal_group_are_in_its_network() -> None:
    endpoints = res(
        t.NETWORK_ENDPOINT_GROUP, "group", {"zone": "europe-west1-b", "network": ref("vpc"), "defaultPort": PORT}
    )
    assert both(*web(firewall(), template=None, group=endpoints)) == "in"
    assert both(*web(template=None, group=endpoints)) == "out"


def test_only_the_first_interface_is_probed() -> None:
    other = res(t.NETWORK, "other", {})
    two = template(networkInterfaces=[{"network": ref("other")}, {"network": ref("vpc")}])
    assert verdict(stack(*web(other, firewall(), template=two))) == "out"
    assert verdict(stack(*web(other, firewall(network=ref("other")), template=two))) == "in"


def test_machines_without_a_service_account_are_no_target_by_account() -> None:
    assert both(*web(firewall(targetServiceAccounts=[ref("account")]), template=template(serviceAccount=None))) == "out"


def test_the_projects_default_account_has_no_address_that_is_known_here() -> None:
    machine = template(serviceAccount={"scopes": ["cloud-platform"]})
    rule = firewall(targetServiceAccounts=["1-compute@developer.gserviceaccount.com"])
    assert both(*web(rule, template=machine)) == "undecided"


def test_a_template_outside_the_stack_leaves_the_machines_unknown() -> None:
    foreign = group(versions=[{"instanceTemplate": "projects/p/global/instanceTemplates/other"}])
    assert both(*web(template=None, group=foreign)) == "unknown members"


def test_every_version_of_a_group_counts() -> None:
    canary = template("canary", tags=["canary"])
    two = group(versions=[{"instanceTemplate": ref("template")}, {"instanceTemplate": ref("canary"), "name": "c"}])
    deployment = stack(*web(canary, firewall(targetTags=["web"]), group=two))
    machines = members_of(deployment.graph, get(deployment, "group")).machines
    answers = {m.resource.name: deployment.network.admits(m, PROXY.ranges(), PORT) for m in machines}
    assert answers == {"template": True, "canary": False}


def test_a_value_of_a_wrong_type_is_undecided_and_never_a_crash() -> None:
    for wrong in ({"sourceRanges": "0.0.0.0/0"}, {"allows": "tcp"}, {"targetTags": {"a": 1}}, {"disabled": [1]}):
        assert verdict(stack(*web(firewall(**wrong)))) == "undecided"


# Any one value unknown


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(leaf for key, item in inner for leaf in leaves(item, (*path, key)))]


def without(value: Any, path: tuple[Any, ...]) -> Any:
    if not path:
        return UNKNOWN
    if isinstance(value, list):
        return [without(item, path[1:]) if index == path[0] else item for index, item in enumerate(value)]
    return {key: without(item, path[1:]) if key == path[0] else item for key, item in value.items()}


def stacks_of_all_kinds() -> dict[str, tuple[Draft, ...]]:
    tag: dict[str, Any] = {"targetTags": ["web"]}
    account: dict[str, Any] = {"targetServiceAccounts": [ref("account")]}
    return {
        "closed": web(),
        "open by tag": web(firewall(**tag), denial(priority=2000)),
        "shut by account": web(firewall(), denial(priority=1, **account)),
        "open by policy": web(*policy(), policy_rule(**account), deny_all(65000)),
        "shut by policy": web(*policy(), policy_rule("on", "goto_next", 1), deny_all(5), policy_rule()),
        "open in a region": web(*regional("europe-west1")),
        "open by a list": web(with_rules(t.NETWORK_FIREWALL_POLICY_WITH_RULES, listed(**account)), policy()[1]),
    }


@pytest.mark.parametrize("kind", stacks_of_all_kinds())
def test_no_unknown_value_turns_one_definite_answer_into_the_other(kind: str) -> None:
    drafts = stacks_of_all_kinds()[kind]
    known = verdict(stack(*drafts))
    assert known in {"in", "out"}
    checked = 0
    for index, draft in enumerate(drafts):
        for path in leaves(dict(draft.props or {}))[1:]:
            if path[0] in {"name", "accountId"}:
                continue  # a name that others refer to stays
            changed = replace(draft, props=without(dict(draft.props or {}), path))
            answer = verdict(stack(*drafts[:index], changed, *drafts[index + 1 :]))
            assert answer in {known, "undecided", "unknown members"}, (draft.name, path)
            checked += 1
    assert checked > 30


def test_in_a_network_outside_the_stack_the_order_of_evaluation_is_not_known() -> None:
    name = "projects/host/global/networks/shared"
    far = template(networkInterfaces=[{"network": name}])
    assert both(*web(firewall(network=name), *policy(network=name), deny_all(), template=far)) == "undecided"


def test_what_the_provider_fills_in_later_is_not_taken_for_a_given_value() -> None:
    later = {"direction": UNKNOWN, "destinationRanges": UNKNOWN}
    rule = firewall()
    computed = replace(rule, options={**rule.options, "outputs": {"sourceRanges": PROBES, "allows": TCP, **later}})
    assert verdict(preview(*web(computed))) == "in"


def test_a_network_that_the_provider_fills_in_for_a_subnetwork_is_the_subnetworks() -> None:
    both_named = template(networkInterfaces=[{"network": UNKNOWN, "subnetwork": ref("subnet")}])
    assert verdict(stack(*web(firewall(), template=both_named))) == "in"


def test_regional_policies_of_one_name_are_told_apart_by_the_region_of_the_rule() -> None:
    drafts: list[Draft] = []
    for region, action in (("europe-west1", "allow"), ("asia-northeast1", "deny")):
        policy_of_region, association, rule = regional(region)
        named = {"firewallPolicy": "edge", "region": region}
        drafts += [
            replace(policy_of_region, name=f"policy-{region}", props={"name": "edge", "region": region}),
            replace(association, name=f"association-{region}", props={**(association.props or {}), **named}),
            replace(rule, name=f"rule-{region}", props={**(rule.props or {}), **named, "action": action}),
        ]
    assert both(*web(*drafts)) == "in"
