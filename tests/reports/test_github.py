"""What a workflow's log turns into marks."""

from __future__ import annotations

from typing import Any

from policypack.model.values import Secret
from policypack.reports.github import github_annotations
from tests.reports.judged import HOSTILE, RULE, UNREAD, WAIVER, audit_of, judged, policy


def lines(*drafts: Any, **more: Any) -> list[str]:
    return github_annotations(audit_of(judged(*drafts, **more))).splitlines()


def test_a_mandatory_finding_is_an_error_at_its_line() -> None:
    (line,) = lines(policy("old", line=7))
    assert line.startswith(f"::error file=shop/__main__.py,line=7,title={RULE}::old minTlsVersion: ")


def test_without_a_line_the_file_is_named_alone() -> None:
    assert lines(policy("old"))[0].startswith(f"::error file=shop/__main__.py,title={RULE}::")


def test_an_advisory_finding_is_a_warning() -> None:
    assert lines(policy("old"), config={RULE: "advisory"})[0].startswith("::warning ")


def test_what_is_waived_makes_no_mark() -> None:
    assert lines(policy("old"), config={"guard": {"waivers": [WAIVER]}}) == []


def test_a_mistake_of_the_configuration_is_an_error() -> None:
    assert lines(config={"nothing-such": "mandatory"})[0].startswith("::error title=policy configuration::")


def test_a_file_that_could_not_be_read_is_an_error() -> None:
    assert github_annotations(audit_of(UNREAD)) == "::error title=could not be judged::it is not JSON: broken.json:3\n"


def test_hostile_names_give_one_line_and_no_other_command() -> None:
    (line,) = lines(policy(f"a\n::warning::b\r{HOSTILE}"))
    assert line.count("\n") == 0


def test_secrets_are_masked() -> None:
    assert "TLS_0_secret" not in "".join(lines(policy("old", version=Secret("TLS_0_secret"))))
