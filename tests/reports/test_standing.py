"""What people and programs read of findings that do not count."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import jsonschema

from policypack.engine.settings import Settings, from_document
from policypack.model.resource import Resource
from policypack.model.values import UNKNOWN
from policypack.reports.as_json import SCHEMA_FILE, json_report
from policypack.reports.text import text_report
from tests.engine.fakes import THING
from tests.reports.scripted import RULES, made, report, secret

URN = f"urn:pulumi:dev::test::{THING}::one"


def waiver(rules: str = "colour-is-good", resources: str = "one", **changed: Any) -> dict[str, Any]:
    base = {"reason": "paint dries", "owner": "team", "ticket": "P-1", "expires": "2026-12-24"}
    return {"rules": rules, "resources": resources, **base, **changed}


def known(**of_rule: list[str]) -> dict[str, Any]:
    return {"version": 1, "findings": {rule.replace("_", "-"): {URN: paths} for rule, paths in of_rule.items()}}


def settings(**guard: Any) -> Settings:
    return from_document({"guard": guard}, RULES, today=date(2026, 11, 24))


def text(*resources: Resource, **guard: Any) -> str:
    return text_report(report(*resources, settings=settings(**guard))).plain()


def document(*resources: Resource, **guard: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json_report(report(*resources, settings=settings(**guard))))
    jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))).validate(found)
    return found


def test_waived_and_known_findings_have_parts_of_their_own_after_those_that_count() -> None:
    shown = text(
        made("one", line=3, colour="red", size="odd", label="good"),
        made("two", line=4, colour="red", size="good", label="good"),
        waivers=[waiver()],
        baseline=known(size_is_good=["size"]),
    )
    _, _, parts = shown.partition("\nRules\n")
    assert (
        parts
        == """\
  1 failed, 1 waived or known, 0 undecided, 1 passed, 0 not applicable, 1 switched off

Mandatory findings (1)

  critical  colour-is-good
    Things have a good colour.
    __main__.py:4  two (Thing)
      colour: red is not good
    expected: a good colour
    fix:      Paint it.
    more:     multiregion-guard explain colour-is-good

Waived findings (1, not counted)
  critical  colour-is-good
    __main__.py:3  one (Thing)
      colour: red is not good
      waived until 2026-12-24 (30 days left): paint dries; team; P-1

Known findings (1, not counted)
  high  size-is-good
    __main__.py:3  one (Thing)
      size: odd is not good

Failed: 1 mandatory finding, 1 finding waived, 1 finding known.  1.2 s
"""
    )


def test_an_expired_waiver_stands_below_its_finding() -> None:
    shown = text(made("one", colour="red"), waivers=[waiver(expires="2026-11-23")])
    assert (
        "colour: red is not good\n      its waiver expired on 2026-11-23 (1 day ago): paint dries; team; P-1" in shown
    )


def test_a_known_finding_whose_waiver_has_expired_says_both() -> None:
    shown = text(
        made("one", colour="red"), waivers=[waiver(expires="2026-11-23")], baseline=known(colour_is_good=["colour"])
    )
    assert "Known findings (1, not counted)" in shown


def test_what_is_undecided_or_broke_says_by_which_waiver_it_is_accepted() -> None:
    shown = text(
        made("one", colour=UNKNOWN, label="crash"),
        waivers=[waiver(), waiver("label-is-good", reason="known defect")],
        onUndecided="fail",
        onError="fail",
    )
    assert shown.count("waived until 2026-12-24 (30 days left): paint dries") == 1
    assert shown.count("waived until 2026-12-24 (30 days left): known defect") == 1
    assert "Passed, with 1 rule broken, 1 rule undecided." in shown


def test_stale_waivers_and_what_could_leave_the_baseline_are_listed_last() -> None:
    shown = text(
        made("one", colour="good", size="good", label="good"),
        waivers=[waiver()],
        baseline=known(size_is_good=["size"]),
    )
    _, _, end = shown.partition("Waivers that waive nothing (1, advisory)\n")
    told = " ".join(end.split())
    assert told.startswith(
        "guard.waivers[0] (colour-is-good on one; team) waives nothing: what it waives is no longer found. Take it out"
        " Take out of the baseline (1, advisory) size-is-good on one: fixed"
    )
    assert "Passed, with 1 stale waiver, 1 entry to take out of the baseline." in told


def test_a_stack_where_everything_is_accepted_passes() -> None:
    found = document(made("one", colour="red"), waivers=[waiver()])
    assert found["exitCode"] == 0
    assert found["summary"]["result"] == "passed"
    assert (found["summary"]["rules"]["failed"], found["summary"]["rules"]["accepted"]) == (0, 1)


def test_a_verdict_speaks_at_the_level_of_what_counts_in_it() -> None:
    found = document(made("one", colour="red"), made("two", colour="red"), waivers=[waiver()])
    levels = {
        one["name"]: (one["status"], one["level"]) for one in found["verdicts"] if one["rule"] == "colour-is-good"
    }
    assert levels == {"one": ("fail", "advisory"), "two": ("fail", "mandatory")}


def test_what_is_undecided_names_its_waiver() -> None:
    found = document(made("one", colour=UNKNOWN), waivers=[waiver()], onUndecided="fail")
    (verdict,) = [one for one in found["verdicts"] if one["rule"] == "colour-is-good"]
    assert (verdict["level"], verdict["waiver"]) == ("advisory", "guard.waivers[0]")


def test_without_a_baseline_there_is_none() -> None:
    assert document(made("one", colour="red"))["baseline"] is None


def test_secrets_are_masked_in_waivers_and_in_the_baseline() -> None:
    found = document(
        made("one", colour=secret("hunter2")),
        waivers=[waiver("size-is-good", "hunter2-*", reason="hunter2", owner="hunter2", ticket="hunter2")],
        baseline={"version": 1, "findings": {"size-is-good": {f"{URN}-hunter2": ["size"]}}},
    )
    assert "hunter2" not in json.dumps(found)
    shown = text(
        made("one", colour=secret("hunter2")),
        made("hunter2-x", size="odd"),
        waivers=[waiver("size-is-good", "hunter2-*", reason="hunter2"), waiver("label-is-good", "hunter2*")],
        baseline={"version": 1, "findings": {"size-is-good": {f"{URN}-hunter2": ["size"]}}},
    )
    assert "hunter2" not in shown
