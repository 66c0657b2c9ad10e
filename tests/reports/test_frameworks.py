"""What reports say of frameworks."""

from __future__ import annotations

from typing import Any

from policypack.engine.frameworks import Framework, Result, frameworks, outcomes
from policypack.reports.as_json import document
from policypack.reports.frameworks import ControlRow, extent, framework_table, not_covered
from policypack.rules.registry import all_rules
from tests.reports.judged import judged, policy
from tests.reports.scripted import RULES

KNOWN = {one.name: one for one in frameworks(all_rules())}


def of_run(name: str, *reports: Any) -> dict[str, ControlRow]:
    table = framework_table(KNOWN[name], [outcomes(report.judgement) for report in reports])
    return {row.id: row for row in table.rows}


def test_json_gives_the_result_of_each_control_and_the_rules_that_fail() -> None:
    found: Any = document(judged(policy("old")))
    (cis,) = (one for one in found["frameworks"] if one["name"] == "CIS GCP 5.0")
    controls = {one["id"]: one for one in cis["controls"]}
    assert controls["3.11"] == {"id": "3.11", "result": "fail", "failing": ["tls-policy-min-version"]}
    assert controls["3.1"] == {"id": "3.1", "result": "notApplicable", "failing": []}
    assert controls["1.1.1"] == {"id": "1.1.1", "result": "notCovered", "failing": []}


def test_a_control_of_several_stacks_has_the_gravest_result_and_how_many_stacks_have_it() -> None:
    good, bad = judged(policy("new", version="TLS_1_2")), judged(policy("old"))
    row = of_run("CIS GCP 4.0", good, bad, bad)["3.9"]
    assert (row.result, row.stacks, row.failing) == (Result.FAIL, 2, ("tls-policy-min-version",))
    assert "tls-policy-strong-profile" in row.rules


def test_a_table_counts_each_result_gravest_first() -> None:
    table = framework_table(KNOWN["CIS GCP 4.0"], [outcomes(judged(policy("old")).judgement)])
    assert table.counts[0] == ("failed", 1, "fail")
    assert sum(count for _, count, _ in table.counts) == len(table.rows)


def test_nothing_judged_is_nothing_to_judge() -> None:
    assert {row.result for row in framework_table(KNOWN["CIS GCP 4.0"], []).rows} == {Result.NOT_APPLICABLE}


def own() -> Framework:
    return next(one for one in frameworks(RULES) if one.name == "CIS")


def test_of_a_framework_without_data_no_share_is_told() -> None:
    assert extent(own()) == "2 controls"
    assert not_covered(own()) == ["which controls it has besides is not known here"]
