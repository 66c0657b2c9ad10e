"""What build servers read."""

from __future__ import annotations

from typing import Any

from junitparser import JUnitXml, TestCase

from policypack.model.values import UNKNOWN, Secret
from policypack.reports.junit import junit_report
from tests.reports.judged import HOSTILE, RULE, UNREAD, WAIVER, audit_of, judged, policy


def read(*outcomes: Any) -> JUnitXml:
    """Read a report as a program that knows nothing of us."""
    return JUnitXml.fromstring(junit_report(audit_of(*outcomes)).encode())


def cases(*drafts: Any, **more: Any) -> dict[str, TestCase]:
    return {case.name: case for suite in read(judged(*drafts, **more)) for case in suite}


def results(case: TestCase) -> list[tuple[str, str]]:
    return [(type(result).__name__, result.message) for result in case.result]


def test_a_mandatory_finding_fails_its_rule() -> None:
    ((kind, message),) = results(cases(policy("old"))[RULE])
    assert kind == "Failure"
    assert message.startswith("old minTlsVersion: ")


def test_a_failure_tells_line_and_fix() -> None:
    (failure,) = cases(policy("old", line=7))[RULE].result
    assert "shop/__main__.py:7: old: minTlsVersion: " in failure.text
    assert "fix: " in failure.text


def test_an_advisory_finding_is_told_by_a_test_that_passes() -> None:
    case = cases(policy("old"), config={RULE: "advisory"})[RULE]
    assert case.is_passed
    assert case.system_out.startswith("1 advisory:")


def test_a_rule_that_passes_passes() -> None:
    case = cases(policy("new", version="TLS_1_2"))[RULE]
    assert case.is_passed
    assert case.system_out is None


def test_an_undecided_rule_is_skipped_with_the_reason() -> None:
    ((kind, message),) = results(cases(policy("old", version=UNKNOWN))[RULE])
    assert (kind, message.split(":")[0]) == ("Skipped", "undecided")


def test_a_rule_that_was_switched_off_is_skipped() -> None:
    assert results(cases(policy("old"), config={RULE: "disabled"})[RULE]) == [("Skipped", "switched off")]


def test_a_rule_without_anything_to_judge_is_skipped() -> None:
    ((kind, message),) = results(cases(policy("old"))["mig-multi-zone"])
    assert (kind, message.split(":")[0]) == ("Skipped", "not applicable")


def test_a_rule_whose_findings_are_waived_is_skipped() -> None:
    case = cases(policy("old"), config={"guard": {"waivers": [WAIVER]}})[RULE]
    assert results(case) == [("Skipped", "every finding is waived")]


def test_a_mistake_of_the_configuration_is_a_failure() -> None:
    case = cases(policy("new"), config={"tls-policy-min-versoin": "mandatory"})["policy configuration"]
    assert results(case)[0][0] == "Failure"


def test_the_numbers_are_those_of_the_cases() -> None:
    document = read(judged(policy("old")), UNREAD)
    every = [case for suite in document for case in suite]
    assert document.tests == len(every)
    assert document.failures == sum(case.is_failure for case in every) == 1
    assert document.errors == sum(case.is_error for case in every) == 1
    assert document.skipped == sum(case.is_skipped for case in every)


def test_a_file_that_could_not_be_read_is_an_error() -> None:
    ((case,),) = read(UNREAD)
    assert results(case) == [("Error", "it is not JSON")]


def test_hostile_names_are_text() -> None:
    assert "<script>" in results(cases(policy(HOSTILE))[RULE])[0][1]


def test_secrets_are_masked() -> None:
    text = junit_report(audit_of(judged(policy("old", version=Secret("TLS_0_secret")))))
    assert "TLS_0_secret" not in text
