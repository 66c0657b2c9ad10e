"""Frameworks of controls: what is known of them, which rules speak to what, and what comes out."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from policypack.engine.frameworks import (
    FOLDER,
    ORDER,
    Control,
    Framework,
    Result,
    counted,
    failing,
    frameworks,
    named,
    outcomes,
    result,
)
from policypack.engine.settings import from_document
from policypack.model.resource import Resource
from policypack.model.values import UNKNOWN
from policypack.rules.areas import AREAS
from policypack.rules.registry import all_rules
from tests.reports.scripted import RULES, colour_is_good, label_is_good, made, report, size_is_good, weight_is_good

KNOWN = {one.name: one for one in frameworks(all_rules())}
every_framework = pytest.mark.parametrize("framework", KNOWN.values(), ids=lambda one: one.name)


def control(name: str, control_id: str) -> Control:
    return next(one for one in KNOWN[name].controls if one.id == control_id)


def rules_of(name: str, control_id: str) -> set[str]:
    return {rule.name for rule in control(name, control_id).rules}


def test_every_file_is_shown() -> None:
    assert {file.stem for file in FOLDER.glob("*.json")} == set(ORDER)


def test_every_framework_that_a_rule_names_is_known() -> None:
    assert len(KNOWN) == len(ORDER)


@every_framework
def test_every_control_that_a_rule_names_is_described(framework: Framework) -> None:
    assert [one.id for one in framework.controls if not one.about] == []


@every_framework
def test_no_control_is_listed_twice(framework: Framework) -> None:
    assert [one for one, many in Counter(one.id for one in framework.controls).items() if many > 1] == []


@every_framework
def test_no_group_has_more_than_all_of_its_controls(framework: Framework) -> None:
    for group in framework.groups:
        assert group.size is not None
        assert 0 <= group.covered <= group.size


@every_framework
def test_a_control_stands_in_the_group_that_its_id_begins_with(framework: Framework) -> None:
    if framework.name.startswith("Google"):
        assert len(framework.groups) == 1
        return
    for group in framework.groups:
        assert [one.id for one in group.controls if not re.match(rf"{re.escape(group.id)}[.-]", one.id)] == []


@every_framework
def test_where_all_controls_are_listed_there_are_as_many_as_are_counted(framework: Framework) -> None:
    for group in framework.groups if framework.complete else ():
        assert len(group.controls) == group.size


@every_framework
def test_where_not_all_are_listed_each_has_a_rule(framework: Framework) -> None:
    if not framework.complete:
        assert [one.id for one in framework.controls if not one.covered] == []


@pytest.mark.parametrize(
    ("name", "size"),
    [("CIS GCP 4.0", 84), ("CIS GCP 5.0", 93), ("ISO 27001:2022", 93), ("PCI DSS 4.0", 63), ("NIST 800-53 r5", 322)],
)
def test_frameworks_have_the_size_that_they_are_known_for(name: str, size: int) -> None:
    assert KNOWN[name].size == size


@pytest.mark.parametrize(
    ("old", "new"),
    [("1.10", "1.11"), ("2.12", "2.13"), ("2.16", "2.17"), ("3.8", "3.10"), ("3.9", "3.11"), ("3.10", "3.12")],
)
def test_what_cis_has_numbered_anew_keeps_its_rules(old: str, new: str) -> None:
    assert rules_of("CIS GCP 4.0", old) == rules_of("CIS GCP 5.0", new) != set()
    assert control("CIS GCP 4.0", old).about == control("CIS GCP 5.0", new).about


@pytest.mark.parametrize("same", ["3.1", "3.7", "4.7", "5.1", "5.2"])
def test_what_cis_has_left_alone_keeps_its_rules(same: str) -> None:
    assert rules_of("CIS GCP 4.0", same) == rules_of("CIS GCP 5.0", same) != set()


def test_a_rule_that_names_one_version_of_cis_names_the_other_unless_its_control_is_new() -> None:
    one_sided = {
        rule.name: rule.controls.get("CIS GCP 5.0")
        for rule in all_rules()
        if ("CIS GCP 4.0" in rule.controls) != ("CIS GCP 5.0" in rule.controls)
    }
    assert one_sided == {"psc-for-google-apis": ["3.9"]}


def test_an_enhancement_counts_with_its_control() -> None:
    (group,) = (one for one in KNOWN["NIST 800-53 r5"].groups if one.id == "CP")
    assert [one.id for one in group.controls] == ["CP-2(2)", "CP-7", "CP-10"]
    assert group.covered == 3


def test_a_section_of_pci_counts_once_however_many_of_its_numbers_have_rules() -> None:
    (group,) = (one for one in KNOWN["PCI DSS 4.0"].groups if one.id == "1")
    assert ([one.id for one in group.controls], group.covered) == (["1.3.1", "1.3.2", "1.4.2", "1.4.4"], 2)


def test_the_pillars_say_what_no_rule_can_tell() -> None:
    unspoken = {one.id for one in KNOWN["Google WAF reliability"].controls if not one.covered}
    assert unspoken == {"realistic-targets", "recovery-tests", "data-recovery-tests", "postmortems"}
    assert "shift-left" in {one.id for one in KNOWN["Google WAF security"].controls if not one.covered}


def documents() -> list[dict[str, Any]]:
    return [json.loads((FOLDER / f"{file}.json").read_text(encoding="utf-8")) for file in ORDER]


def test_the_tables_of_the_pillars_name_rules_areas_and_principles_that_exist() -> None:
    rules = {rule.name for rule in all_rules()}
    for document in documents():
        principles = {one for group in document["groups"] for one in group["controls"]}
        for principle, chosen in document.get("rules", {}).items():
            assert principle in principles
            assert set(chosen.get("areas", ())) <= set(AREAS)
            assert set(chosen.get("except", ())) <= rules
            for pattern in chosen.get("rules", ()):
                assert any(re.fullmatch(pattern.replace("*", ".*"), rule) for rule in rules), pattern


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("CIS GCP 4.0", ["CIS GCP 4.0"]),
        ("cis", ["CIS GCP 4.0", "CIS GCP 5.0"]),
        ("iso 27001", ["ISO 27001:2022"]),
        ("Google WAF", ["Google WAF reliability", "Google WAF security"]),
        ("CIS GCP 4", []),
        ("", []),
    ],
)
def test_a_framework_is_found_with_or_without_its_version(name: str, found: list[str]) -> None:
    assert [one.name for one in named(name, KNOWN.values())] == found


def test_a_framework_that_the_pack_has_no_data_of_is_known_by_its_rules() -> None:
    (own,) = (one for one in frameworks(RULES) if one.name == "CIS")
    assert (own.size, own.covered, own.complete) == (None, 2, False)
    assert [one.id for one in own.controls] == ["1.2", "1.3"]


def test_ids_of_such_a_framework_stand_in_the_order_of_their_numbers() -> None:
    rule = replace(colour_is_good, controls={"House": ["1.10", "1.9"]})
    (own,) = (one for one in frameworks([rule]) if one.name == "House")
    assert [one.id for one in own.controls] == ["1.9", "1.10"]


TWO = Control("1", "", (colour_is_good, size_is_good))


def judged(**inputs: Any) -> Mapping[str, Result]:
    config = inputs.pop("config", None)
    return outcomes(report(made("one", **inputs), config=config).judgement)


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"colour": "good", "size": "good"}, Result.PASS),
        ({"colour": "good"}, Result.PASS),
        ({}, Result.NOT_APPLICABLE),
        ({"colour": "red", "size": "good"}, Result.FAIL),
        ({"colour": "red", "size": UNKNOWN}, Result.FAIL),
        ({"colour": "red", "size": "crash"}, Result.FAIL),
        ({"colour": UNKNOWN, "size": "crash"}, Result.ERROR),
        ({"colour": UNKNOWN, "size": "good"}, Result.UNDECIDED),
        ({"colour": "red", "config": {"colour-is-good": "advisory"}}, Result.FAIL),
        ({"colour": "red", "size": "good", "config": {"colour-is-good": "disabled"}}, Result.PASS),
        ({"config": {"colour-is-good": "disabled", "size-is-good": "disabled"}}, Result.DISABLED),
    ],
)
def test_the_gravest_of_its_rules_is_what_a_control_comes_out_as(inputs: dict[str, Any], expected: Result) -> None:
    assert result(TWO, judged(**inputs)) is expected


WAIVER = {"rules": ["colour-is-good"], "resources": ["one"], "reason": "x", "owner": "me", "expires": "2026-12-01"}
WAIVED = {"guard": {"waivers": [WAIVER]}}


def waived(*others: Resource, **inputs: Any) -> Mapping[str, Result]:
    settings = from_document(WAIVED, RULES, today=date(2026, 11, 24))
    return outcomes(report(made("one", **inputs), *others, settings=settings).judgement)


def test_a_control_whose_findings_are_all_waived_is_accepted() -> None:
    assert result(TWO, waived(colour="red", size="good")) is Result.ACCEPTED


@pytest.mark.parametrize(("colour", "expected"), [(UNKNOWN, Result.UNDECIDED), ("crash", Result.ERROR)])
def test_what_is_accepted_hides_no_question_that_is_open(colour: Any, expected: Result) -> None:
    assert result(TWO, waived(made("two", colour=colour), colour="red", size="good")) is expected


def test_a_control_with_one_finding_waived_and_another_not_fails() -> None:
    found = waived(colour="red", size="huge")
    assert result(TWO, found) is Result.FAIL
    assert failing(TWO, found) == (size_is_good,)


def test_an_opt_in_rule_that_nobody_named_is_switched_off() -> None:
    assert result(Control("1", "", (weight_is_good,)), judged(weight="bad")) is Result.DISABLED


def test_a_control_without_rules_is_not_covered() -> None:
    assert result(Control("1", "", ()), judged(colour="red")) is Result.NOT_COVERED


def test_results_are_counted_gravest_first() -> None:
    assert list(counted([Result.PASS, Result.FAIL, Result.PASS]).items()) == [(Result.FAIL, 1), (Result.PASS, 2)]


def test_rules_of_no_framework_speak_to_nothing() -> None:
    assert all(not one.covered for framework in frameworks([label_is_good]) for one in framework.controls)
