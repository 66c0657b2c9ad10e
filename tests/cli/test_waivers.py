"""Waivers on the command line: shown as waived, expired ones count again, stale ones are told of, all are listed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from policypack.cli import main
from policypack.reports.as_json import SCHEMA_FILE
from policypack.reports.audit import SCHEMA_FILE as AUDIT_SCHEMA_FILE
from tests.cli.exports import RULE, export, urn, written

SELECT = [{"rules": "*", "level": "disabled"}, {"rules": RULE, "level": "mandatory"}]


def waiver(resources: Any = "orders", **changed: Any) -> dict[str, Any]:
    base = {"reason": "moves in December", "owner": "team-data", "ticket": "DATA-7", "expires": "2026-12-24"}
    return {"rules": RULE, "resources": resources, **base, **changed}


class Place:
    """A folder with exports and a configuration, and the commands that are run in it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        self.out = self.err = ""

    def policy(self, *waivers: Any, **guard: Any) -> str:
        return written(self.folder, "policy.json", {"guard": {"select": SELECT, **guard, "waivers": list(waivers)}})

    def stack(self, project: str, *disks: str, **more: Any) -> str:
        return written(self.folder, f"{project}.json", export(project, *disks, **more))

    def audit(self, *words: str, on: str = "2026-11-24") -> int:
        return self.run("audit", *words, "--config", str(self.folder / "policy.json"), "--as-of", on)

    def listed(self, *words: str, on: str = "2026-11-24") -> int:
        return self.run("waivers", str(self.folder / "policy.json"), "--as-of", on, *words)

    def run(self, *words: str) -> int:
        code = main(list(words))
        captured = self._capsys.readouterr()
        self.out, self.err = captured.out, captured.err
        return code


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Place:
    return Place(tmp_path, capsys)


def test_a_waived_finding_passes_and_is_shown_as_waived(place: Place) -> None:
    place.policy(waiver())
    assert place.audit(place.stack("shop", "orders")) == 0
    assert "Waived findings (1, not counted)" in place.out
    assert "waived until 2026-12-24 (30 days left): moves in December; team-data; DATA-7" in place.out
    assert "Passed, with 1 finding waived." in place.out


@pytest.mark.parametrize(("day", "code"), [("2026-12-24", 0), ("2026-12-25", 1)])
def test_it_holds_through_its_last_day_and_no_longer(place: Place, day: str, code: int) -> None:
    place.policy(waiver())
    assert place.audit(place.stack("shop", "orders"), on=day) == code


def test_an_expired_waiver_stands_with_the_finding_that_counts_again(place: Place) -> None:
    place.policy(waiver())
    assert place.audit(place.stack("shop", "orders"), on="2027-01-03") == 1
    assert "its waiver expired on 2026-12-24 (10 days ago): moves in December; team-data; DATA-7" in place.out
    assert "Mandatory findings (1)" in place.out


@pytest.mark.parametrize(
    "resources", ["orders", "ord*", ["other", "orders"], urn("orders"), "urn:pulumi:*::shop::*::orders", "*::orders"]
)
def test_resources_are_named_by_name_or_by_urn(place: Place, resources: Any) -> None:
    place.policy(waiver(resources))
    assert place.audit(place.stack("shop", "orders")) == 0


@pytest.mark.parametrize(("stacks", "code"), [("shop/prod", 0), ("shop/*", 0), ("*/dev", 1), (["a/b", "*/prod"], 0)])
def test_stacks_are_named_as_project_and_stack(place: Place, stacks: Any, code: int) -> None:
    entry = waiver(stacks=stacks)
    del entry["resources"]
    place.policy(entry)
    assert place.audit(place.stack("shop", "orders")) == code


@pytest.mark.parametrize(("choice", "code"), [("advisory", 0), ("fail", 1), ("ignore", 0)])
def test_a_waiver_whose_finding_is_gone_is_told_of(place: Place, choice: str, code: int) -> None:
    place.policy(waiver(), onStaleWaiver=choice)
    assert place.audit(place.stack("shop", keyed=("orders",))) == code
    told = "waives nothing: what it waives is no longer found. Take it out" in " ".join(place.out.split())
    assert told is (choice != "ignore")


def test_a_waiver_that_matches_nothing_is_told_of(place: Place) -> None:
    place.policy(waiver(), waiver("typo-in-the-name"))
    assert place.audit(place.stack("shop", "orders")) == 0
    assert "guard.waivers[1] (disk-cmek on typo-in-the-name; team-data) waives nothing: no resource" in place.out
    assert "Passed, with 1 finding waived, 1 stale waiver." in place.out


def test_of_several_stacks_a_waiver_is_stale_only_if_none_needs_it(place: Place) -> None:
    place.policy(waiver(), waiver("nobody"), waiver("orders", stacks="attic/prod"))
    shop, bank = place.stack("shop", "orders"), place.stack("bank", keyed=("orders",))
    assert place.audit(shop, bank) == 0
    told = " ".join(place.out.split())
    assert "Waivers that waive nothing (1, advisory) guard.waivers[1] (disk-cmek on nobody; team-data)" in told
    assert told.count("waives nothing:") == 1


def test_of_several_stacks_a_stale_waiver_can_fail_the_audit(place: Place) -> None:
    place.policy(waiver("nobody"), onStaleWaiver="fail")
    files = [place.stack("shop", keyed=("orders",)), place.stack("bank", keyed=("orders",))]
    assert place.audit(*files, "--format", "json") == 1
    document = json.loads(place.out)
    assert document["staleWaivers"] == [{"place": "guard.waivers[0]", "why": "no resource matches it"}]
    assert [report["exitCode"] for report in document["audits"]] == [0, 0]
    schemas = [json.loads(file.read_text(encoding="utf-8")) for file in (SCHEMA_FILE, AUDIT_SCHEMA_FILE)]
    jsonschema.Draft202012Validator(schemas[0]).validate(document["audits"][0])
    assert {"staleWaivers", "knownElsewhere"} <= schemas[1]["properties"].keys()


def test_a_rule_that_may_not_be_waived_is_not(place: Place) -> None:
    place.policy(waiver(), notWaivable=[{"areas": "encryption_at_rest"}])
    assert place.audit(place.stack("shop", "orders")) == 1
    assert "disk-cmek may not be waived: guard.notWaivable has it" in " ".join(place.out.split())
    assert "Mandatory findings (1)" in place.out


def test_a_glob_of_rules_leaves_out_those_that_may_not_be_waived(place: Place) -> None:
    place.policy(waiver(rules="*"), notWaivable=["disk-*"])
    assert place.audit(place.stack("shop", "orders")) == 1
    assert "Mistakes" not in place.out


def test_the_longest_waiver_is_for_the_organisation_to_say(place: Place) -> None:
    place.policy(waiver(), waiverMaximumDays=29)
    assert place.audit(place.stack("shop", "orders")) == 1
    told = " ".join(place.out.split())
    assert "is 30 days ahead, and waivers last 29 days at the most (guard.waiverMaximumDays)" in told
    assert place.audit(place.stack("shop", "orders"), on="2026-11-25") == 0


def test_a_ticket_can_be_required(place: Place) -> None:
    place.policy(waiver(ticket=""), waiverTicket="required")
    assert place.audit(place.stack("shop", "orders")) == 1
    assert "guard.waivers[0]: has no ticket" in place.out
    place.policy(waiver(ticket=""))
    assert place.audit(place.stack("shop", "orders")) == 0


@pytest.mark.parametrize(
    ("changed", "where", "says"),
    [
        ({"expires": None}, "guard.waivers[0].expires", "is missing"),
        ({"expires": "2026-13-01"}, "guard.waivers[0].expires", "must be a day"),
        ({"expires": "20261224"}, "guard.waivers[0].expires", "must be a day"),
        ({"reason": " "}, "guard.waivers[0].reason", "must be a text"),
        ({"owner": 7}, "guard.waivers[0].owner", "must be a text"),
        ({"rules": "disk-cmk"}, "guard.waivers[0].rules", "did you mean disk-cmek?"),
        ({"rules": None}, "guard.waivers[0].rules", "must be a text or a list of texts"),
        ({"resource": "x"}, "guard.waivers[0].resource", "did you mean resources?"),
        ({"stacks": "prod"}, "guard.waivers[0].stacks", "is 'prod', and must be PROJECT/STACK"),
        ({"stacks": "a/b/c"}, "guard.waivers[0].stacks", "is 'a/b/c', and must be PROJECT/STACK"),
    ],
)
def test_a_waiver_with_a_mistake_does_not_hold_and_says_why(
    place: Place, changed: dict[str, Any], where: str, says: str
) -> None:
    place.policy({key: value for key, value in waiver(**changed).items() if value is not None or key == "rules"})
    assert place.audit(place.stack("shop", "orders")) == 1
    told = " ".join(place.out.split())
    assert f"{where}: " in told
    assert says in told
    assert "the waiver does not hold until this is mended" in told
    assert "Mandatory findings (1)" in told


def test_a_misspelt_key_does_not_make_a_waiver_wider(place: Place) -> None:
    entry = waiver(stacks="shop/prod")
    entry["resorces"] = entry.pop("resources")
    place.policy(entry)
    assert place.audit(place.stack("shop", "orders", "baskets")) == 1
    assert "did you mean resources?" in place.out


def test_a_waiver_says_what_it_is_about(place: Place) -> None:
    entry = waiver()
    del entry["resources"]
    place.policy(entry)
    assert place.audit(place.stack("shop", "orders")) == 1
    assert "names neither resources nor stacks" in place.out


def test_the_json_report_names_the_waiver_of_each_finding(place: Place) -> None:
    place.policy(waiver(), waiver("baskets", expires="2026-11-01"), waiver("gone"))
    place.audit(place.stack("shop", "orders", "baskets", "other"), "--format", "json")
    (report,) = json.loads(place.out)["audits"]
    jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))).validate(report)
    stands = {
        finding["name"]: (finding["standing"], finding["level"], finding["waiver"])
        for verdict in report["verdicts"]
        for finding in verdict["findings"]
    }
    assert stands == {
        "orders": ("waived", "advisory", "guard.waivers[0]"),
        "baskets": ("open", "mandatory", "guard.waivers[1]"),
        "other": ("open", "mandatory", None),
    }
    assert [(one["daysLeft"], one["expired"], one["stale"]) for one in report["waivers"]] == [
        (30, False, None),
        (-23, True, None),
        (30, False, "no resource matches it"),
    ]
    assert report["summary"]["findings"] == {"mandatory": 2, "advisory": 0, "waived": 1, "known": 0, "expired": 1}
    assert report["summary"]["staleWaivers"] == 1


def test_waivers_are_listed_with_the_days_left_those_that_end_first_at_the_top(place: Place) -> None:
    place.policy(waiver("b"), waiver("a", expires="2026-11-24", ticket=""), waiver("c", expires="2026-11-23"))
    assert place.listed() == 0
    rows = [line.split() for line in place.out.splitlines()[:4]]
    assert rows[0][:2] == ["left", "expires"]
    assert [row[:4] for row in rows[1:]] == [
        ["expired", "1", "day", "ago"],
        ["last", "day", "2026-11-24", "team-data"],
        ["30", "days", "2026-12-24", "team-data"],
    ]


@pytest.mark.parametrize(("within", "code"), [("0", 0), ("29", 0), ("30", 1), ("400", 1)])
def test_the_list_fails_if_one_ends_within_the_days_that_are_asked_for(place: Place, within: str, code: int) -> None:
    place.policy(waiver())
    assert place.listed("--within", within) == code


def test_the_list_shows_mistakes_and_fails(place: Place) -> None:
    place.policy(waiver(), waiver(expires="soon"))
    assert place.listed() == 1
    assert "guard.waivers[1].expires: is 'soon'" in place.out


def test_the_list_as_json(place: Place) -> None:
    place.policy(waiver(["orders", "x-*"], stacks="shop/prod"))
    assert place.listed("--format", "json") == 0
    assert json.loads(place.out) == {
        "version": 1,
        "waivers": [
            {
                "place": "guard.waivers[0]",
                "rules": [RULE],
                "resources": ["orders", "x-*"],
                "stacks": ["shop/prod"],
                "reason": "moves in December",
                "owner": "team-data",
                "ticket": "DATA-7",
                "expires": "2026-12-24",
                "daysLeft": 30,
                "expired": False,
            }
        ],
        "problems": [],
    }


def test_no_waivers_are_no_waivers(place: Place) -> None:
    place.policy()
    assert (place.listed(), place.out) == (0, "There are no waivers.\n")


@pytest.mark.parametrize("words", [("--as-of", "tomorrow"), ("--within", "-1"), ("--within", "soon")])
def test_days_that_are_none_are_a_usage_error(place: Place, words: tuple[str, str]) -> None:
    place.policy(waiver())
    with pytest.raises(SystemExit) as stopped:
        main(["waivers", str(place.folder / "policy.json"), *words])
    assert stopped.value.code == 2


def test_control_characters_in_a_waiver_cannot_reach_the_terminal(place: Place) -> None:
    place.policy(waiver("or*", reason="\x1b[2Jgone", owner="a\u202eb"))
    place.audit(place.stack("shop", "orders"))
    assert "\x1b" not in place.out
    place.listed()
    assert not {"\x1b", "\u202e"} & set(place.out)


def test_the_list_names_the_first_rules_of_a_waiver_of_many(place: Place) -> None:
    place.policy(waiver(rules="*"))
    place.listed()
    assert max(map(len, place.out.splitlines())) < 250
    assert " more" in place.out
