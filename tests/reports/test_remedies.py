"""The remedy of a finding in reports: what to write, where there is one right answer."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import jsonschema
import pytest

from policypack.gcp import types as t
from policypack.model.values import UNKNOWN, Secret
from policypack.reports.as_json import document, json_report
from policypack.reports.hints import hint_for
from policypack.reports.html import html_report
from policypack.reports.remedies import plain
from policypack.reports.report import Origin, Report
from tests.reports.judged import RULE, WAIVER, audit_of, judged, policy
from tests.reports.test_json import CHECKER, SCHEMA, closed
from tests.reports.test_sarif import written
from tests.support.graphs import res

ZONE = res(t.MANAGED_ZONE, "zone", {"dnsName": "example.org.", "dnssecConfig": {"kind": "x"}})
SUBNET = res(t.SUBNETWORK, "machines", {"region": "europe-west1", "ipCidrRange": "10.0.0.0/24"})


def remedies(report: Report, rule: str = RULE) -> list[Any]:
    found: Any = document(report)
    CHECKER.validate(found)
    return [
        finding["remedy"] for verdict in found["verdicts"] if verdict["rule"] == rule for finding in verdict["findings"]
    ]


def exported(report: Report) -> Report:
    """Give a report of a stack export: nobody knows the language of its program."""
    return replace(report, origin=Origin("stack export", "shop.json"))


def hint(report: Report, rule: str = RULE) -> str:
    (only,) = [hint_for(fault, report) for fault in report.faults if fault.verdict.rule.name == rule]
    return only


def test_it_names_the_property_and_the_value() -> None:
    assert remedies(judged(policy("old"))) == [{"path": "minTlsVersion", "value": "TLS_1_2"}]


def test_it_follows_the_parameters_of_the_configuration() -> None:
    report = judged(policy("old"), config={RULE: {"minimum": "TLS_1_3"}})
    assert remedies(report) == [{"path": "minTlsVersion", "value": "TLS_1_3"}]


def test_it_can_be_a_block() -> None:
    (remedy,) = remedies(judged(SUBNET), "subnet-flow-logs-enabled")
    assert remedy["path"] == "logConfig"
    assert remedy["value"]["flowSampling"] == 0.5


def test_a_finding_that_leaves_a_choice_has_none() -> None:
    assert remedies(judged(res(t.DISK, "data", {"zone": "europe-west1-b"})), "disk-cmek") == [None]


def test_what_is_waived_has_one_too() -> None:
    report = judged(policy("old"), config={"guard": {"waivers": [WAIVER]}})
    assert remedies(report) == [{"path": "minTlsVersion", "value": "TLS_1_2"}]


def test_an_answer_that_would_not_settle_it_is_not_given() -> None:
    rule = "kms-key-rotation-90-days"
    key = res(t.CRYPTO_KEY, "key", {"keyRing": "r"})
    assert remedies(judged(key), rule) == [{"path": "rotationPeriod", "value": "7776000s"}]
    assert remedies(judged(key, config={rule: {"days": 30}}), rule) == [None]


def test_a_value_that_is_a_secret_of_the_stack_is_not_shown() -> None:
    report = judged(policy("old"), policy("other", version=Secret("TLS_1_2")))
    assert remedies(report) == [None]
    assert hint(report) == ""
    assert "TLS_1_2" not in json.dumps([one for one in json.loads(json_report(report))["verdicts"] if one["findings"]])


@pytest.mark.parametrize("value", [UNKNOWN, Secret("x"), {"a": [UNKNOWN]}, [Secret("x")], ["hunter2"], None])
def test_nothing_of_a_value_is_shown_that_has_a_part_which_may_not_be(value: Any) -> None:
    assert plain(value, lambda text: text.replace("hunter2", "[secret]")) is None


def test_false_and_nothing_are_values() -> None:
    assert plain([False, 0, "", [], {}], str) == [False, 0, "", [], {}]


def test_the_schema_describes_it() -> None:
    jsonschema.Draft202012Validator(closed(SCHEMA)).validate(document(judged(policy("old"), SUBNET)))


def test_sarif_has_it_among_the_properties_of_the_result() -> None:
    (run,) = written(judged(policy("old")))["runs"]
    (result,) = run["results"]
    assert result["properties"] == {"remedy": {"path": "minTlsVersion", "value": "TLS_1_2"}}


def test_sarif_says_nothing_where_there_is_a_choice() -> None:
    (run,) = written(judged(res(t.DISK, "data", {"zone": "europe-west1-b"})))["runs"]
    assert ["properties" in result for result in run["results"] if result["ruleId"] == "disk-cmek"] == [False]


def test_the_page_says_what_to_write_as_the_program_spells_it() -> None:
    page = html_report(audit_of(judged(policy("old"))), today=date(2026, 11, 24))
    assert "<dt>Write</dt><dd><code>min_tls_version=&#34;TLS_1_2&#34;</code></dd>" in page


def test_the_page_says_into_which_block_it_goes() -> None:
    assert hint(judged(ZONE), "dns-dnssec-enabled") == 'in dnssec_config: "state": "on"'


def test_of_a_state_the_page_says_the_property_and_its_value() -> None:
    assert hint(exported(judged(policy("old")))) == 'minTlsVersion: "TLS_1_2"'
    assert hint(exported(judged(ZONE)), "dns-dnssec-enabled") == 'dnssecConfig.state: "on"'


def test_the_page_says_nothing_where_there_is_a_choice() -> None:
    disk = judged(res(t.DISK, "data", {"zone": "europe-west1-b"}))
    assert hint(disk, "disk-cmek") == ""
    assert "<dt>Write</dt>" not in html_report(audit_of(disk), today=date(2026, 11, 24))
