"""The week of docs/adoption.md, over fifty generated stacks: commands as they stand, exit codes as they say."""

from __future__ import annotations

import json
import shlex
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from policypack.cli import main
from tests.cli.exports import SERVICE, service
from tests.cli.test_guides import DOCS, Step, steps

STACKS = 50
RULE = "backend-service-has-health-check"


def write(folder: Path, number: int, *names: str, healthy: tuple[str, ...] = ()) -> None:
    text = service(f"team-{number:02}", *names, healthy=healthy)
    (folder / "stacks" / f"team-{number:02}.json").write_text(text, encoding="utf-8")


def nothing(folder: Path) -> None:
    """No stack changes on that day."""


def add_a_service(folder: Path) -> None:
    write(folder, 7, "web", "new-api")


def mend_two_stacks(folder: Path) -> None:
    write(folder, 3, healthy=("web",))
    write(folder, 11, healthy=("web",))


HAPPENS: dict[str, Callable[[Path], None]] = {
    "Monday: everybody sees everything": nothing,
    "Tuesday: what is there is known": nothing,
    "Wednesday: production": add_a_service,
    "Thursday: an exception": nothing,
    "Friday: the debt shrinks": mend_two_stacks,
}


@pytest.fixture
def organisation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Fifty stacks; four of five have a service without a health check."""
    (tmp_path / "stacks").mkdir()
    for number in range(STACKS):
        if number % 5 == 0:
            write(tmp_path, number, healthy=("web",))
        else:
            write(tmp_path, number, "web")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def expanded(step: Step) -> list[str]:
    """Give the words of a command as a shell would: globs are the files that they fit."""
    words = shlex.split(step.text)[1:]
    return [word for each in words for word in (sorted(map(str, Path().glob(each))) if "*" in each else [each])]


def days() -> Iterator[tuple[str, list[Step]]]:
    for part in (DOCS / "adoption.md").read_text(encoding="utf-8").split("\n## ")[1:]:
        heading, _, body = part.partition("\n")
        if heading in HAPPENS:
            yield heading, list(steps(body))


def findings(reports: list[dict[str, Any]]) -> dict[str, list[str]]:
    """Give the stacks with findings of the one rule, by how they stand."""
    found: dict[str, list[str]] = defaultdict(list)
    for report in reports:
        for verdict in report["verdicts"]:
            for finding in verdict["findings"]:
                if verdict["rule"] == RULE:
                    found[finding["standing"]].append(f"{report['deployment']['project']}.{finding['name']}")
    return found


def test_the_week_goes_as_it_is_told(organisation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran: dict[str, list[str]] = {}
    for heading, todo in days():
        HAPPENS[heading](organisation)
        for step in todo:
            if step.name:
                (organisation / step.name).write_text(step.text, encoding="utf-8")
                continue
            code = main(expanded(step))
            captured = capsys.readouterr()
            assert code == step.code, f"{heading}: {step.text}\n{captured.out[-3000:]}{captured.err}"
            ran.setdefault(heading, []).append(captured.out)
    assert [len(some) for some in ran.values()] == [2, 3, 2, 3, 3]

    monday = json.loads((organisation / "monday.json").read_text(encoding="utf-8"))
    assert len(monday["audits"]) == STACKS
    assert len(findings(monday["audits"])["open"]) == STACKS * 4 // 5
    wednesday, thursday = ran["Wednesday: production"][-1], ran["Thursday: an exception"]
    assert "Failed: 1 mandatory finding" in wednesday
    assert "new-api" in wednesday
    assert "28 days" in thursday[0]
    assert "waived until 2026-12-24 (28 days left): the probe endpoint comes with release 2.4" in thursday[1]
    assert "its waiver expired on 2026-12-24 (1 day ago)" in thursday[2]
    friday = ran["Friday: the debt shrinks"]
    assert friday[0].count(f"{RULE} on web: fixed") == 2
    assert "Take out of the baseline" not in friday[-1]
    known = json.loads((organisation / "baseline.json").read_text(encoding="utf-8"))["findings"][RULE]
    left = STACKS * 4 // 5 - 2
    assert len(known) == left
    assert not [urn for urn in known if "::team-03::" in urn or "::team-11::" in urn or "new-api" in urn]
    assert f"urn:pulumi:prod::team-07::{SERVICE}::web" in known

    page = (organisation / "friday.html").read_text(encoding="utf-8")
    assert "waived until 2026-12-24" in page
    assert "team-07" in page
