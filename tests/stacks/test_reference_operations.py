"""Who watches over the reference stack, who may do what in it, and what it says of itself."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from policypack.gcp.properties import has_property, properties_of
from tests.stacks.capture import PROJECT, Captured, Registered
from tests.stacks.conftest import MANDATORY, REFERENCE, Run

OPERATORS: dict[str, Any] = {
    "operators": ["group:operators@example.com"],
    "alertChannels": ["projects/example-project/notificationChannels/7"],
    "billingAccount": "012345-6789AB-CDEF01",
    "monthlyBudget": 500,
}
REGIONS = ("asia-northeast1", "europe-west1")


def alerts(built: Captured) -> dict[str, Registered]:
    return {policy.name: policy for policy in built.of("AlertPolicy")}


def test_every_alert_reaches_every_mailbox(built: Captured) -> None:
    for policy in alerts(built).values():
        assert built.targets(policy, "notificationChannels") == [
            "NotificationChannel oncall-0",
            "NotificationChannel oncall-1",
        ], policy.name


def test_mailboxes_are_those_of_the_settings(built: Captured) -> None:
    addresses = {channel.inputs["labels"]["email_address"] for channel in built.of("NotificationChannel")}
    assert addresses == set(MANDATORY[f"{PROJECT}:alertEmails"])


def test_a_channel_that_exists_is_told_too(run: Run) -> None:
    for policy in run(**OPERATORS).of("AlertPolicy"):
        assert policy.inputs["notificationChannels"][-1] == OPERATORS["alertChannels"][0]


def test_every_alert_says_what_happened_and_what_to_do(built: Captured) -> None:
    for policy in alerts(built).values():
        assert policy.inputs["documentation"]["subject"] == policy.inputs["displayName"]
        assert len(policy.inputs["documentation"]["content"]) > 40


def test_what_must_be_noticed_has_an_alert(psc: Captured) -> None:
    expected = {
        "uptime-down",
        "uptime-certificate",
        "traffic-errors",
        "traffic-region-errors",
        "traffic-latency",
        "capacity-full",
        "capacity-quota",
        "capacity-psc",
        "capacity-nat",
        "jobs-dead",
        "jobs-late",
        "service-level-fast-burn",
        "service-level-slow-burn",
        "audit-keys",
    }
    assert expected <= set(alerts(psc))


def test_only_what_clients_feel_or_cannot_be_undone_wakes_somebody_up(psc: Captured) -> None:
    critical = {name for name, policy in alerts(psc).items() if policy.inputs["severity"] == "CRITICAL"}
    assert critical == {"uptime-down", "traffic-errors", "service-level-fast-burn", "audit-keys"}


def test_a_region_is_watched_by_itself(psc: Captured, direct: Captured) -> None:
    for built, label in ((psc, "resource.label.region"), (direct, "resource.label.backend_scope")):
        (condition,) = alerts(built)["traffic-region-errors"].inputs["conditions"]
        assert condition["conditionThreshold"]["aggregations"][0]["groupByFields"] == [label]


def test_the_addresses_of_private_service_connect_are_watched_where_it_is_used(direct: Captured) -> None:
    assert "capacity-psc" not in alerts(direct)


def test_clients_in_three_parts_of_the_world_or_more_ask_over_https_and_check_the_certificate(built: Captured) -> None:
    check = built.one("UptimeCheckConfig", "uptime").inputs
    assert (check["httpCheck"]["useSsl"], check["httpCheck"]["validateSsl"]) == (True, True)
    assert check["monitoredResource"]["labels"]["host"] == "inference.example.com"
    assert len(check["selectedRegions"]) >= 3


def test_the_objectives_are_those_of_the_settings(run: Run) -> None:
    objectives = {one.name: one.inputs for one in run(sloPercent="99.5", latencyObjectiveMs=300).of("Slo")}
    assert objectives["availability"]["goal"] == pytest.approx(0.995)
    assert objectives["latency"]["requestBasedSli"]["distributionCut"]["range"]["max"] == 300


def test_burn_rates_are_watched_after_the_objective_is_there(built: Captured) -> None:
    for name in ("service-level-fast-burn", "service-level-slow-burn"):
        assert "Slo availability" in built.waits_for(alerts(built)[name])


def test_the_audit_trail_is_kept_for_longer_than_a_year_and_locked(built: Captured) -> None:
    bucket = built.one("ProjectBucketConfig", "audit").inputs
    assert (bucket["retentionDays"] > 365, bucket["locked"], bucket["location"]) == (True, True, "eu")


def test_everything_that_is_watched_in_the_audit_trail_alerts(built: Captured) -> None:
    assert {metric.name for metric in built.of("Metric")} <= set(alerts(built))


def test_alerts_on_the_audit_trail_read_the_log_and_say_how_often(built: Captured) -> None:
    for metric in built.of("Metric"):
        policy = alerts(built)[metric.name].inputs
        # A metric's alert would have to name a type of resource, and Cloud Monitoring does not know most of these.
        assert policy["conditions"] == [
            {"displayName": "Entries", "conditionMatchedLog": {"filter": metric.inputs["filter"]}}
        ]
        assert policy["alertStrategy"]["notificationRateLimit"] == {"period": "300s"}


def test_changes_of_the_stacks_own_firewall_policy_are_watched(built: Captured) -> None:
    (condition,) = alerts(built)["audit-firewalls"].inputs["conditions"]
    assert "compute.networkFirewallPolicies." in condition["conditionMatchedLog"]["filter"]


def test_reads_are_audited_in_every_service(built: Captured) -> None:
    config = built.one("IAMAuditConfig", "audit-trail").inputs
    assert config["service"] == "allServices"
    assert {entry["logType"] for entry in config["auditLogConfigs"]} == {"ADMIN_READ", "DATA_READ", "DATA_WRITE"}
    assert not any("exemptedMembers" in entry for entry in config["auditLogConfigs"])


def test_every_network_logs_what_is_asked_for(psc: Captured) -> None:
    policy = psc.one("Policy", "query-log")
    assert policy.inputs["enableLogging"] is True
    assert psc.targets(policy, "networks") == ["Network edge", "Network ml"]


def test_machines_may_write_logs_and_metrics_in_the_project_and_nothing_else(built: Captured) -> None:
    granted = Counter(grant.inputs["role"] for grant in built.of("IAMMember"))
    assert granted == {"roles/logging.logWriter": 2, "roles/monitoring.metricWriter": 2}


def test_there_is_no_key_of_a_service_account(built: Captured) -> None:
    assert [item.name for item in built.resources if item.type == "gcp:serviceaccount/key:Key"] == []


def test_operators_come_in_through_the_proxy_to_ssh_alone(run: Run) -> None:
    built = run(**OPERATORS)
    (tunnel,) = [one for one in built.of("IAMMember") if one.inputs["role"] == "roles/iap.tunnelResourceAccessor"]
    assert tunnel.inputs["condition"]["expression"] == "destination.port == 22"
    assert tunnel.inputs["member"] == OPERATORS["operators"][0]


def test_operators_act_as_the_machines_accounts_and_no_other(run: Run) -> None:
    built = run(**OPERATORS)
    users = [one for one in built.of("IAMMember") if one.type == "gcp:serviceaccount/iAMMember:IAMMember"]
    assert {built.targets(one, "serviceAccountId")[0] for one in users} == {"Account inference", "Account worker"}


def test_the_budget_is_that_of_the_settings(run: Run) -> None:
    (budget,) = [one for one in run(**OPERATORS).of("Budget") if one.custom]
    assert budget.inputs["amount"] == {"specifiedAmount": {"units": "500"}}
    assert budget.inputs["budgetFilter"]["projects"] == ["projects/123456789012"]


def test_without_a_billing_account_there_is_no_budget(built: Captured) -> None:
    assert built.of("Budget") == []


def test_the_capacity_that_is_shown_is_what_the_groups_have(built: Captured) -> None:
    shown = built.outputs["capacity"]
    for region in REGIONS:
        policy = built.one("RegionAutoscaler", f"inference-{region}").inputs["autoscalingPolicy"]
        assert (policy["minReplicas"], policy["maxReplicas"]) == (shown["min_replicas"], shown["max_replicas"])
    (backend,) = built.one("RegionBackendService", f"backend-{REGIONS[0]}").inputs["backends"]
    rate = backend["maxRatePerInstance"]
    target = policy["loadBalancingUtilization"]["target"]
    lost_one = shown["max_replicas"] * rate * target
    assert shown["requests_per_second_with_one_region_lost"] == pytest.approx(lost_one)
    assert shown["requests_per_second_with_one_region_lost"] >= shown["peak_requests_per_second"]


def test_operators_are_told_where_things_are(psc: Captured) -> None:
    assert psc.outputs["url"] == "https://inference.example.com"
    for name in (
        "backend_service_urls",
        "data_buckets",
        "dead_letter_subscriptions",
        "global_backends",
        "image_repositories",
        "job_topics",
    ):
        assert sorted(psc.outputs[name]) == list(REGIONS), name
    assert sorted(psc.outputs["model_buckets"]) == ["ASIA1", "EU"]


def test_every_output_is_documented(run: Run) -> None:
    built = run(topology="global-direct", ipv6=True)
    readme = (REFERENCE / "README.md").read_text(encoding="utf-8")
    assert [name for name in built.outputs if f"`{name}`" not in readme] == []


def test_the_runbook_names_outputs_that_exist(psc: Captured) -> None:
    runbook = (REFERENCE / "RUNBOOK.md").read_text(encoding="utf-8")
    named = set(re.findall(r"pulumi stack output (?:--json )?([a-z_]+)", runbook))
    named |= set(re.findall(r"output `([a-z_]+)`", runbook))
    assert {"capacity", "global_backends", "name_servers"} <= named
    assert named - set(psc.outputs) == set()


def paths(value: Any, before: str = "") -> list[str]:
    """Every property that is set, by its path; what is known only after deployment counts as set."""
    if isinstance(value, Mapping):
        return [path for key, item in value.items() for path in paths(item, f"{before}.{key}" if before else str(key))]
    if isinstance(value, list):
        return [path for item in value for path in paths(item, f"{before}[]")]
    return [before]


def test_every_property_exists_in_the_providers_schema(built: Captured) -> None:
    listed = [item for item in built.resources if properties_of(item.type)]
    assert len(listed) > 100
    unknown = {
        (item.type, path)
        for item in listed
        for path in paths(item.inputs)
        # Elements of a list of words are no properties of their own.
        if not has_property(item.type, path.removesuffix("[]"))
    }
    assert unknown == set()
