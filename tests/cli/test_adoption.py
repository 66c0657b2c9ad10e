"""The week of docs/adoption.md, over fifty generated stacks: commands as they stand, exit codes as they say."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from policypack.cli import main
from tests.cli.exports import SERVICE, service
from tests.cli.test_guides import DOCS, Step, steps

STACKS = 50
OWNERS = 10
FAULTS = 42
"""Backend services without a health check: one in four of five stacks, and two more in the worst of them."""

RULE = "backend-service-has-health-check"

MONDAY = "Monday: everybody sees everything"
TUESDAY = "Tuesday: what is there is known"
WEDNESDAY = "Wednesday: production"
THURSDAY = "Thursday: an exception"
FRIDAY = "Friday: the debt shrinks"


@dataclass
class Week:
    """What came of the week.

    Attributes:
        folder: Where it took place.
        said: What each command said, by day.
        known: The baseline as each day left it.
    """

    folder: Path
    said: dict[str, list[str]] = field(default_factory=dict)
    known: dict[str, dict[str, dict[str, list[str]]]] = field(default_factory=dict)

    def document(self, day: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / f"{day}.json").read_text(encoding="utf-8"))
        return found

    def page(self, day: str) -> str:
        return (self.folder / f"{day}.html").read_text(encoding="utf-8")


def write(folder: Path, number: int, *names: str, healthy: tuple[str, ...] = ()) -> None:
    text = service(f"service-{number:02}", *names, healthy=healthy)
    (folder / "stacks" / f"service-{number:02}.json").write_text(text, encoding="utf-8")


def nothing(folder: Path) -> None:
    """No stack changes on that day."""


def add_a_service(folder: Path) -> None:
    write(folder, 7, "web", "new-api")


def mend_two_stacks(folder: Path) -> None:
    write(folder, 3, healthy=("web",))
    write(folder, 11, healthy=("web",))


HAPPENS: dict[str, Callable[[Path], None]] = {
    MONDAY: nothing,
    TUESDAY: nothing,
    WEDNESDAY: add_a_service,
    THURSDAY: nothing,
    FRIDAY: mend_two_stacks,
}


def write_organisation(folder: Path) -> None:
    """Write fifty stacks of ten teams; four of five have a service without a health check, and one has three."""
    (folder / "stacks").mkdir()
    for number in range(STACKS):
        if number % 5 == 0:
            write(folder, number, healthy=("web",))
        else:
            write(folder, number, "web", *(("api", "admin") if number == 12 else ()))
        tags = json.dumps({"team": f"team-{number // 5}"})
        (folder / "stacks" / f"service-{number:02}.tags.json").write_text(tags, encoding="utf-8")


def days() -> Iterator[tuple[str, list[Step]]]:
    for part in (DOCS / "adoption.md").read_text(encoding="utf-8").split("\n## ")[1:]:
        heading, _, body = part.partition("\n")
        if heading in HAPPENS:
            yield heading, list(steps(body))


def live_through(folder: Path, capsys: pytest.CaptureFixture[str]) -> Week:
    """Do what the guide says, day by day; every command must end as it says there."""
    week = Week(folder)
    for heading, todo in days():
        HAPPENS[heading](folder)
        for step in todo:
            if step.name:
                (folder / step.name).write_text(step.text, encoding="utf-8")
                continue
            code = main(shlex.split(step.text)[1:])
            captured = capsys.readouterr()
            assert code == step.code, f"{heading}: {step.text}\n{captured.out[-3000:]}{captured.err}"
            week.said.setdefault(heading, []).append(captured.out)
        baseline = folder / "baseline.json"
        if baseline.exists():
            week.known[heading] = json.loads(baseline.read_text(encoding="utf-8"))["findings"]
    return week


def of_the_rule(document: dict[str, Any], status: str = "violation") -> list[str]:
    """Give the resources at fault by the one rule that stand so, as PROJECT/STACK.NAME."""
    return [
        f"{stack['name']}.{finding['urn'].rpartition('::')[2]}"
        for stack in document["stacks"]
        for finding in stack["findings"]
        if finding["rule"] == RULE and finding["status"] == status
    ]


def rows(page: str, table: str) -> list[list[str]]:
    """Give the cells of a table of the page, without their markup."""
    body = re.search(rf'<table class="{table}".*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    assert body, table
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in body[1].split("</tr>")[:-1]]
    return [[re.sub(r"<[^>]+>", "", cell).strip() for cell in row] for row in cells]


def test_the_week_goes_as_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_organisation(tmp_path)
    week = live_through(tmp_path, capsys)
    assert [len(said) for said in week.said.values()] == [2, 3, 2, 4, 4]
    on_monday_nobody_is_stopped_and_the_worst_stand_first(week)
    on_tuesday_everything_is_known_and_the_debt_is_the_same(week)
    on_wednesday_what_is_new_fails_and_nothing_else(week)
    on_thursday_a_waiver_holds_until_its_day(week)
    on_friday_the_baseline_is_shorter_and_the_page_shows_the_week(week)


def on_monday_nobody_is_stopped_and_the_worst_stand_first(week: Week) -> None:
    monday = week.document("monday")
    assert monday["exitCode"] == 0
    assert monday["summary"]["stacks"] == {"failed": 0, "passed": STACKS, "empty": 0, "unreadable": 0}
    assert len(of_the_rule(monday)) == FAULTS
    assert {owner["name"] for owner in monday["owners"]} == {f"team-{number}" for number in range(OWNERS)}
    stacks, owners = rows(week.page("monday"), "heat"), rows(week.page("monday"), "owners")
    assert len(stacks) == STACKS
    assert stacks[0][:2] == ["service-12/prod", "team-2"]
    assert owners[0][0] == "team-2"


def on_tuesday_everything_is_known_and_the_debt_is_the_same(week: Week) -> None:
    assert f"{STACKS * 4 // 5} of {STACKS} stacks have something mandatory" in week.said[TUESDAY][0]
    tuesday = week.document("tuesday")
    assert len(of_the_rule(tuesday, "known")) == FAULTS == len(week.known[TUESDAY][RULE]), "one service, one entry"
    assert tuesday["trend"]["since"]["name"] == "monday.json"
    assert set(tuesday["trend"]["findings"].values()) == {0}


def on_wednesday_what_is_new_fails_and_nothing_else(week: Week) -> None:
    wednesday = week.document("wednesday")
    assert of_the_rule(wednesday) == ["service-07/prod.new-api"]
    assert wednesday["summary"]["stacks"]["failed"] == 1
    assert wednesday["summary"]["findings"]["mandatory"] == 1
    assert len(of_the_rule(wednesday, "known")) == FAULTS
    page = week.page("wednesday")
    assert f"1 of {STACKS} stacks has something mandatory" in page
    assert rows(page, "heat")[0][:3] == ["service-07/prod", "team-1", "1"]
    owner = rows(page, "owners")[0]
    assert (owner[0], owner[2], owner[-1]) == ("team-1", "1", "service-07/prod")


def on_thursday_a_waiver_holds_until_its_day(week: Week) -> None:
    thursday = week.document("thursday")
    assert "28 days" in week.said[THURSDAY][0]
    assert (thursday["exitCode"], of_the_rule(thursday)) == (0, [])
    assert of_the_rule(thursday, "waived") == ["service-07/prod.new-api"]
    assert "waived until 2026-12-24" in week.page("thursday")
    assert f"1 of {STACKS} stacks has something mandatory" in week.said[THURSDAY][-1]
    assert "expired on 2026-12-24" in week.page("christmas")


def on_friday_the_baseline_is_shorter_and_the_page_shows_the_week(week: Week) -> None:
    assert week.said[FRIDAY][0].count(f"{RULE} on web: fixed") == 2
    assert "Take out of the baseline" not in week.said[FRIDAY][2]
    before, after = week.known[THURSDAY], week.known[FRIDAY]
    mended = {f"urn:pulumi:prod::service-{number}::{SERVICE}::web" for number in ("03", "11")}
    assert before[RULE].keys() - after[RULE].keys() == mended
    assert after.keys() == before.keys()
    assert all(after[rule].keys() <= before[rule].keys() for rule in after), "nothing new came in"

    friday = week.document("friday")
    assert {name: count for name, count in friday["trend"]["findings"].items() if count} == {"fixed": 2}
    assert [point["date"] for point in friday["history"]] == [f"2026-11-{day}" for day in range(23, 28)]
    page = week.page("friday")
    assert "2 fixed" in page
    assert {row[0]: row[5] for row in rows(page, "heat") if row[5]} == {
        "service-03/prod": "−1",
        "service-11/prod": "−1",
    }
    assert "waived until 2026-12-24 by team-1" in page
    bundle = json.loads((week.folder / "policy.json").read_text(encoding="utf-8"))["guard"]
    assert bundle["baseline"]["findings"] == after
    assert [waiver["ticket"] for waiver in bundle["waivers"]] == ["T1-118"]
