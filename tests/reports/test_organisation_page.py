"""What the page of an organisation holds, and how much of it."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from policypack.reports.organisation.charts import bar, debt_chart, sparkline
from policypack.reports.organisation.html import html_organisation, signed
from policypack.reports.organisation.organisation import Organisation
from policypack.reports.organisation.page_data import page_data
from policypack.reports.organisation.trend import Point
from tests.reports.organisations import UNREAD, as_former, crowd, line, organisation, summary, weeks

TLS = "tls-policy-min-version"
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


def elements(drawn: str, name: str) -> list[dict[str, str]]:
    """Give the attributes of the elements of a drawing that have a name."""
    return [dict(ATTRIBUTE.findall(found)) for found in re.findall(rf"<{name}\b[^>]*>", drawn)]


def data(made: Organisation, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page_data(made, **options))
    return found


def point(date: str, mandatory: int = 0, advisory: int = 0, known: int = 0) -> Point:
    return Point(date, 3, 1, mandatory, advisory, 0, known)


def test_a_line_is_written_with_what_is_said_often_as_a_number() -> None:
    stack = data(organisation(summary("shop/prod", line(TLS, "front"), line(TLS, "back"))))
    texts = stack["texts"]
    rule, kind, name, token, path, message, source = stack["stacks"][0]["l"][0]
    assert (stack["rules"][rule][0], stack["kinds"][kind], name) == (TLS, "mandatory", "front")
    assert (texts[token], texts[path]) == ("gcp:compute/backendService:BackendService", "spec")
    assert (texts[message], texts[source]) == ("spec: front is not as it should be", "index.ts:12")
    assert stack["stacks"][0]["q"] == [[rule, kind, 2]]


def test_a_resource_that_is_not_of_the_stack_keeps_its_whole_urn() -> None:
    strange = line(TLS, "front", stack="bank/dev")
    assert data(organisation(summary("shop/prod", strange)))["stacks"][0]["l"][0][2] == strange.urn


def test_what_is_new_is_marked() -> None:
    former = as_former(organisation(summary("shop/prod", line(TLS, "old"))))
    made = organisation(summary("shop/prod", line(TLS, "old"), line(TLS, "young")), former=former)
    stack = data(made)["stacks"][0]
    assert [one[8:] for one in stack["l"]] == [[], [1]]
    assert stack["n"] == [[0, 1]]


def test_a_page_that_would_be_too_heavy_counts_what_it_leaves_out() -> None:
    made = organisation(
        *(summary(f"{name}/prod", *(line(TLS, f"front-{number}") for number in range(50))) for name in "abc")
    )
    light = data(made, heaviest=9_500)
    kept = len(light["stacks"][0]["l"])
    assert 0 < kept < 50
    assert light["stacks"][0]["m"] == 50 - kept
    assert light["stacks"][0]["q"][0][2] == 50
    assert len(json.dumps(light, separators=(",", ":"))) <= 9_500 - 3 * 500


def test_the_gravest_stay_on_a_page_that_is_too_heavy() -> None:
    made = organisation(summary("a/prod", line(TLS), *(line("disk-cmek", f"disk-{number}") for number in range(50))))
    light = data(made, heaviest=6_000)
    assert light["rules"][light["stacks"][0]["l"][0][0]][0] == TLS


def test_the_more_stacks_there_are_the_less_room_have_their_lines() -> None:
    made = organisation(*crowd(300))
    text = page_data(made, heaviest=330_000)
    assert len(text) <= 330_000 - 300 * 500
    assert any(stack["l"] for stack in json.loads(text)["stacks"])


def test_nothing_in_the_data_ends_the_element_that_it_stands_in() -> None:
    text = page_data(organisation(summary("shop/prod", line(TLS, "</script><!--", message="\u2028</script>"))))
    assert "<" not in text
    assert "\u2028" not in text
    assert json.loads(text)["stacks"][0]["l"][0][2] == "</script><!--"


def test_the_page_of_a_thousand_stacks_with_much_to_say_stays_below_five_megabytes() -> None:
    lines = [line(TLS, f"front-of-a-load-balancer-{number}") for number in range(120)]
    html = html_organisation(organisation(*(summary(f"project-{number}/prod", *lines) for number in range(1000))))
    assert len(html.encode()) < 5_000_000


def test_the_page_shows_no_credentials() -> None:
    html = html_organisation(organisation(summary("a/prod"), unread=[UNREAD]))
    assert "s3://states/broken.json" in html
    assert "hunter2" not in html


def test_the_page_of_nothing_says_so() -> None:
    assert "There is no stack to judge." in html_organisation(organisation())


def test_a_page_without_a_former_report_has_no_trend() -> None:
    assert 'id="trend"' not in html_organisation(organisation(summary("a/prod")))


def test_what_is_to_be_cleaned_up_is_told() -> None:
    assert 'id="cleaning"' not in html_organisation(weeks(3, 1))
    stale = replace(summary("a/prod"), fixed=("disk-cmek on data: fixed",))
    assert "disk-cmek on data: fixed" in html_organisation(organisation(stale))


@pytest.mark.parametrize(("difference", "text"), [(3, "+3"), (-12, "−12"), (0, "±0")])
def test_differences_have_a_sign(difference: int, text: str) -> None:
    assert signed(difference) == text


def layers(points: list[Point]) -> dict[str, float]:
    """Give where each layer of the chart ends on the right: its upper edge there, in pixels from above."""
    found = {}
    for path in elements(debt_chart(points), "path"):
        numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path["d"])]
        places = list(zip(numbers[::2], numbers[1::2], strict=True))
        right = max(x for x, _ in places)
        found[path["class"].split()[-1]] = min(y for x, y in places if x == right)
    return found


def test_the_layers_of_the_chart_stand_on_each_other() -> None:
    found = layers([point("2026-11-01", 4, 4, 4), point("2026-11-02", 4, 2, 2)])
    assert found["fail"] < found["advisory"] < found["accepted"]


def test_a_chart_says_in_words_what_it_shows() -> None:
    drawn = debt_chart([point("2026-11-01", 4), point("2026-11-02", 1, 1)])
    assert 'aria-label="Findings: 4 on 2026-11-01, 2 on 2026-11-02"' in drawn
    assert ">1 mandatory<" in drawn


def test_a_chart_of_no_findings_can_be_drawn() -> None:
    assert "0 mandatory" in debt_chart([point("2026-11-01"), point("2026-11-02")])


def test_names_beside_the_chart_do_not_cover_each_other() -> None:
    texts = elements(debt_chart([point("2026-11-01", 400), point("2026-11-02", 1, 1, 1)]), "text")
    heights = sorted(float(text["y"]) for text in texts if "name" in text["class"])
    assert len(heights) == 3
    assert all(below - above >= 16 for above, below in itertools.pairwise(heights))


def test_hostile_dates_of_a_former_report_are_text_in_a_chart() -> None:
    assert "<script>" not in debt_chart([point('"><script>'), point("2026-11-02")])


def test_a_sparkline_falls_where_the_numbers_fall() -> None:
    (falling,), (rising,) = (elements(sparkline(values, "TLS"), "circle") for values in ([9, 3], [3, 9]))
    assert float(falling["cy"]) > float(rising["cy"])


def test_a_bar_is_as_long_as_its_share() -> None:
    whole, part = elements(bar(0.25), "rect")
    assert (whole["width"], part["width"]) == ("100", "25.0")
