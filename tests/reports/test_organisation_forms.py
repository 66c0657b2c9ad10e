"""The report of an organisation as JSON, text and Markdown."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest

from policypack.reports.cleaning import escape
from policypack.reports.organisation.as_json import SCHEMA_FILE, SCHEMA_ID, json_organisation
from policypack.reports.organisation.markdown import markdown_organisation
from policypack.reports.organisation.organisation import Organisation
from policypack.reports.organisation.summary import Cleanup, summary_of
from policypack.reports.organisation.text import text_organisation
from tests.reports.judged import HOSTILE, judged, policy
from tests.reports.organisations import RULES, UNREAD, as_former, line, organisation, summary, weeks
from tests.reports.test_json import closed

SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
TLS, DISK = "tls-policy-min-version", "disk-cmek"


def document(made: Organisation) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json_organisation(made))
    jsonschema.Draft202012Validator(closed(SCHEMA)).validate(found)
    return found


def text(made: Organisation) -> str:
    return text_organisation(made).plain()


def test_the_schema_is_a_schema_and_names_itself() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"] == SCHEMA_ID


def test_the_schema_describes_every_key_that_is_written() -> None:
    found = document(weeks(12, 2))
    assert (found["$schema"], found["version"]) == (SCHEMA_ID, 1)


def test_a_judged_stack_is_written_as_the_schema_says() -> None:
    report = judged(policy("old"), config={"nonsense": "advisory"})
    found = document(Organisation((summary_of(report),), rules=report.judgement.rules))
    assert found["configuration"]["problems"][0]["place"] == "nonsense"
    assert found["stacks"][0]["findings"][0]["rule"] == TLS


def test_the_document_of_nothing_follows_the_schema() -> None:
    assert document(organisation())["stacks"] == []


def test_the_document_holds_no_credentials() -> None:
    assert "hunter2" not in json_organisation(organisation(unread=[UNREAD]))


def test_each_stack_has_a_line_of_its_own() -> None:
    lines = json_organisation(organisation(summary("a/prod", line(TLS)), summary("b/prod"))).splitlines()
    stacks = lines[lines.index(' "stacks": [') + 1 : lines.index(" ],")]
    assert [json.loads(text.rstrip(","))["name"] for text in stacks] == ["a/prod", "b/prod"]


def test_a_control_tells_in_how_many_stacks_it_fails() -> None:
    found = document(organisation(summary("a/prod", line(TLS)), summary("b/prod")))
    cis = next(one for one in found["frameworks"] if one["name"] == "CIS GCP 4.0")
    control = next(one for one in cis["controls"] if TLS in one["failing"])
    assert (control["result"], control["stacks"]) == ("fail", 1)


def test_two_runs_over_the_same_stacks_give_the_same_document() -> None:
    assert json_organisation(weeks(12, 1)) == json_organisation(weeks(12, 1))


def test_the_text_ends_with_what_came_out() -> None:
    made = organisation(summary("a/prod", line(TLS)), summary("b/prod", line(DISK, status="known")), unread=[UNREAD])
    assert text(made).splitlines()[-1] == (
        "1 of 2 stacks has something mandatory: 1 mandatory finding, 1 finding known. 1 could not be judged.  2.5 s"
    )


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (organisation(), "There is no stack to judge."),
        (organisation(unread=[UNREAD]), "No stack was judged: 1 could not be judged."),
        (organisation(summary("a/prod")), "1 stack, and nothing mandatory in it."),
        (organisation(summary("a/prod"), summary("b/prod")), "2 stacks, and nothing mandatory in any of them."),
    ],
)
def test_the_last_sentence_fits_what_there_is(made: Organisation, said: str) -> None:
    assert text(made).splitlines()[-1] == f"{said}  2.5 s"


def test_the_text_names_the_areas_of_a_stack_with_mandatory_findings() -> None:
    made = organisation(summary("a/prod", line(TLS), line(DISK), owner="web"))
    row = next(each for each in text(made).splitlines() if each.startswith("  a/prod"))
    assert row.split() == ["a/prod", "web", "1", "1", "TLS", "1"]


def test_the_text_names_the_areas_of_advisory_findings_where_there_are_no_others() -> None:
    made = organisation(summary("a/prod", line(DISK), owner="web"))
    row = next(each for each in text(made).splitlines() if each.startswith("  a/prod"))
    assert row.endswith("Encryption at rest 1")


def test_the_text_says_where_no_owner_is_known() -> None:
    assert "no owner known" in text(organisation(summary("a/prod")))


def test_the_text_shows_the_worst_twenty_and_counts_the_rest() -> None:
    assert "and 5 more" in text(organisation(*(summary(f"a-{number:02}/prod") for number in range(25))))


def test_no_line_of_a_table_runs_over_the_width() -> None:
    stacks = text(weeks(30, 1)).partition("Not judged")[0].splitlines()
    assert max(map(len, stacks)) <= 110


def test_the_text_tells_the_trend() -> None:
    told = text(weeks(12, 3))
    assert "Trend (since 2026-09-15, week-2.json)" in told
    assert " fixed" in told


def wanting() -> Organisation:
    """A stack that came, with a mistake, a stale waiver and a baseline that could shrink; and seven that went."""
    stale = Cleanup("guard.waivers[0]", "guard.waivers[0] waives nothing", gone=False)
    made = replace(
        summary("a/prod", line(TLS, status="error")),
        problems=(("guard.x", "there is no such setting"),),
        stale_waivers=(stale,),
        fixed=("disk-cmek on data: fixed",),
    )
    before = as_former(organisation(*(summary(f"{name}/prod", line(TLS)) for name in "bcdefgh")))
    return organisation(made, former=before, known_elsewhere=3)


def test_the_text_tells_what_is_to_be_mended_and_cleaned_up() -> None:
    told = text(wanting())
    assert "guard.x: there is no such setting" in told
    assert "Waivers that waive nothing (1)" in told
    assert "a/prod: disk-cmek on data: fixed" in told
    assert "The baseline has 3 findings of stacks that were not judged here." in told
    assert told.splitlines()[-1].startswith("1 stack, and nothing mandatory in it: 1 rule broken.")


def test_the_text_names_some_of_the_stacks_that_came_and_went() -> None:
    told = text(wanting())
    assert "1 stack added: a/prod" in told
    assert "7 stacks gone: b/prod, c/prod, d/prod, e/prod, f/prod and 2 more" in told
    assert "-7 findings: 7 with stacks that left" in told


def test_what_has_not_changed_is_said_to_be_so() -> None:
    one = summary("a/prod", line(TLS))
    told = text(organisation(one, former=as_former(organisation(one))))
    assert "as many findings as before: nothing has changed" in told


def test_the_text_counts_the_rules_and_entries_that_it_leaves_out() -> None:
    made = summary("a/prod", *(line(name) for name in sorted(RULES)[:13]))
    told = text(organisation(replace(made, fixed=tuple(f"{number} is fixed" for number in range(23)))))
    assert "and 3 more" in told.partition("Rules with findings in most stacks (13)")[2]
    assert "and 3 more" in told.partition("Take out of the baseline (23)")[2]


def test_the_markdown_tells_what_is_to_be_mended_and_cleaned_up() -> None:
    told = markdown_organisation(wanting())
    assert "- `guard.x`: there is no such setting" in told
    assert "To take out (2)" in told
    assert "Gone: b/prod, c/prod, d/prod, e/prod, f/prod and 2 more" in told


def test_the_text_shows_no_credentials() -> None:
    told = text(organisation(unread=[UNREAD]))
    assert "s3://states/broken.json: it is not JSON. Export it again." in told
    assert "hunter2" not in told


def test_the_markdown_begins_with_its_mark_and_what_came_out() -> None:
    first, _, second, _, third, *_ = markdown_organisation(organisation(summary("a/prod", line(TLS)))).splitlines()
    assert first == "<!-- multiregion-guard organisation -->"
    assert second == "## ❌ Organisation, 2026-11-24"
    assert third == "1 of 1 stack has something mandatory: 1 mandatory finding."


def test_the_markdown_has_a_row_of_each_stack() -> None:
    made = organisation(summary("a/prod", line(TLS), owner="web"), summary("b/prod"))
    told = markdown_organisation(made)
    assert "| a/prod | web | 🔴 1 | ✅ |" in told
    assert "| b/prod | *no owner known* | ✅ | ✅ |" in told


def test_the_markdown_of_a_thousand_stacks_fits_a_comment() -> None:
    told = markdown_organisation(weeks(1000, 0))
    assert len(told) < 60_000
    assert "And 950 more" in told


def test_every_row_of_a_table_has_as_many_cells_as_its_head() -> None:
    tables = [part for part in markdown_organisation(weeks(12, 2)).split("\n\n") if part.startswith("|")]
    assert len(tables) >= 4
    for table in tables:
        assert len({row.count("|") for row in table.splitlines()}) == 1


def test_hostile_names_are_text_in_every_form() -> None:
    name = escape(HOSTILE)
    made = organisation(summary(f"{name}/prod", line(TLS, name, message=name), owner=name), unread=[UNREAD])
    told = markdown_organisation(made)
    assert "<script>" not in told
    assert "| @" not in told
    assert "\x1b" not in text(made) + told + json_organisation(made)
