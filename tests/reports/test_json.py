"""What other programs read."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from policypack.model.values import UNKNOWN
from policypack.reports.as_json import SCHEMA_FILE, SCHEMA_ID, json_report
from policypack.topology.tree import Node
from tests.reports.scripted import RULES, made, report, secret

SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
CHECKER = jsonschema.Draft202012Validator(SCHEMA)


def document(*args: Any, **kwargs: Any) -> dict[str, Any]:
    """Give a report that the schema accepts."""
    found: dict[str, Any] = json.loads(json_report(report(*args, **kwargs)))
    CHECKER.validate(found)
    return found


def verdicts(found: dict[str, Any], rule: str) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in found["verdicts"] if one["rule"] == rule}


def closed(schema: Any) -> Any:
    """Forbid every key that the schema does not name, so that a test sees what the schema forgets."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    made_strict = {key: closed(part) for key, part in schema.items()}
    if "required" in schema and "properties" in schema:
        made_strict["additionalProperties"] = False
    return made_strict


EVERYTHING = (
    made("bad", line=4, colour="red", size=UNKNOWN, label="crash"),
    made("good", colour="good", size="inferred", label="good"),
    made("none", weight="any"),
)


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_document_names_its_schema_and_version() -> None:
    found = document()
    assert (found["$schema"], found["version"]) == (SCHEMA_ID, 1)
    assert SCHEMA["$id"] == SCHEMA_ID


def test_the_schema_describes_every_key_that_is_written() -> None:
    tree = Node("front", "frontend", "urn:x", (Node("europe-west1", "region", "", ()),))
    whole = json.loads(
        json_report(
            report(*EVERYTHING, config={"nonsense": "advisory"}, load_balancers=[tree], notes=["said by the run"])
        )
    )
    jsonschema.Draft202012Validator(closed(SCHEMA)).validate(whole)


def test_the_schema_explains_every_key() -> None:
    def silent(schema: Any, where: str) -> list[str]:
        found = []
        for key, part in schema.get("properties", {}).items():
            if not {"description", "$ref", "const"} & part.keys():
                found.append(f"{where}.{key}")
            found += silent(part, f"{where}.{key}")
        return found

    every = [silent(SCHEMA, ""), *(silent(part, name) for name, part in SCHEMA["$defs"].items())]
    assert [key for some in every for key in some] == []


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"version": 2}, "another version"),
        ({"exitCode": 2}, "no report comes with exit code 2"),
        ({"verdicts": [{}]}, "a verdict without anything"),
    ],
)
def test_the_schema_refuses(broken: dict[str, Any], why: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        CHECKER.validate({**document(), **broken})


def test_the_schema_refuses_a_failure_without_a_finding() -> None:
    found = document(made("one", colour="red"))
    for verdict in found["verdicts"]:
        verdict["findings"] = []
    with pytest.raises(jsonschema.ValidationError):
        CHECKER.validate(found)


def test_every_verdict_is_there_passes_included() -> None:
    statuses = {(one["rule"], one["name"]): one["status"] for one in document(*EVERYTHING)["verdicts"]}
    assert statuses == {
        ("colour-is-good", "bad"): "fail",
        ("colour-is-good", "good"): "pass",
        ("colour-is-good", "none"): "notApplicable",
        ("label-is-good", "bad"): "error",
        ("label-is-good", "good"): "pass",
        ("label-is-good", "none"): "notApplicable",
        ("size-is-good", "bad"): "undecided",
        ("size-is-good", "good"): "pass",
        ("size-is-good", "none"): "notApplicable",
    }


def test_a_finding_carries_place_expectation_and_position() -> None:
    finding = verdicts(document(*EVERYTHING), "colour-is-good")["bad"]["findings"][0]
    assert finding == {
        "urn": "urn:pulumi:dev::test::fake:index:Thing::bad",
        "name": "bad",
        "type": "fake:index:Thing",
        "source": {"file": "__main__.py", "line": 4},
        "path": "colour",
        "found": "red is not good",
        "expected": "a good colour",
        "level": "mandatory",
        "standing": "open",
        "waiver": None,
        "remedy": None,
    }


def test_an_undecided_verdict_says_what_would_decide_it() -> None:
    undecided = verdicts(document(*EVERYTHING), "size-is-good")["bad"]["undecided"]
    assert [(one["path"], one["reason"]) for one in undecided] == [("size", "its value is known only after deployment")]


def test_an_inferred_pass_says_what_it_rests_on() -> None:
    assert verdicts(document(*EVERYTHING), "size-is-good")["good"]["inferences"] == ["a guess that cannot miss"]


def test_a_verdict_that_is_not_applicable_says_why() -> None:
    assert verdicts(document(*EVERYTHING), "colour-is-good")["none"]["reason"] == "it has no colour"


def test_a_broken_rule_says_where_it_broke() -> None:
    crash = verdicts(document(*EVERYTHING), "label-is-good")["bad"]["crash"]
    assert crash["error"] == "KeyError: 'label'"
    assert crash["place"].startswith("tests/reports/scripted.py:")


def test_rules_carry_their_metadata_and_how_they_came_out() -> None:
    rules = {one["name"]: one for one in document(*EVERYTHING)["rules"]}
    assert list(rules) == [rule.name for rule in RULES]
    assert rules["colour-is-good"]["controls"] == {"CIS": ["1.2", "1.3"]}
    assert rules["colour-is-good"]["parameters"] == {"shade": 3}
    assert [one["status"] for one in rules.values()] == ["fail", "error", "undecided", "disabled"]


def test_levels_and_parameters_are_those_of_the_configuration() -> None:
    found = document(made("one", colour="red"), config={"colour-is-good": {"enforcementLevel": "advisory", "shade": 5}})
    rule = found["rules"][0]
    assert (rule["level"], rule["defaultLevel"], rule["parameters"]) == ("advisory", "mandatory", {"shade": 5})
    assert found["exitCode"] == 0


def test_a_rule_counts_once_by_its_gravest_verdict() -> None:
    assert document(*EVERYTHING)["summary"] == {
        "result": "failed",
        "rules": {
            "failed": 1,
            "accepted": 0,
            "broken": 1,
            "undecided": 1,
            "passed": 0,
            "notApplicable": 0,
            "disabled": 1,
        },
        "findings": {"mandatory": 1, "advisory": 0, "waived": 0, "known": 0, "expired": 0},
        "staleWaivers": 0,
        "fixed": 0,
    }


def test_an_empty_stack_is_empty_not_passed() -> None:
    assert document()["summary"]["result"] == "empty"


def test_mistakes_in_the_configuration_are_listed() -> None:
    found = document(config={"colour-is-good": {"shade": 0}})
    assert found["configuration"]["problems"] == [
        {"place": "colour-is-good.shade", "message": "is 0, and must be at least 1; the default 3 applies"}
    ]
    assert found["exitCode"] == 1


def test_secrets_are_masked_in_every_text_of_users() -> None:
    written = json_report(
        report(
            made("one", colour=secret("hunter2")),
            made("named-hunter2", size="odd", label=UNKNOWN),
            notes=["hunter2"],
            load_balancers=[Node("hunter2", "frontend", "urn:hunter2", ())],
            path="stacks/hunter2",
        )
    )
    assert "hunter2" not in written
    CHECKER.validate(json.loads(written))


def test_a_secret_that_is_a_word_of_the_format_breaks_nothing() -> None:
    document(made("one", colour=secret("fail"), size=secret("pass"), label=secret("stack")))


def test_the_document_is_ascii_whatever_the_names_are() -> None:
    written = json_report(report(made("größe\u202e\ud800", colour="red")))
    assert written.isascii()
    assert "größe\u202e\ud800" in [one["name"] for one in json.loads(written)["verdicts"]]


def test_two_runs_over_resources_in_another_order_give_the_same_document() -> None:
    assert document(*EVERYTHING) == document(*reversed(EVERYTHING))
