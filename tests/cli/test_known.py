"""The baseline on the command line: what is known passes, what is new fails, what is fixed must go."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from policypack.cli import check as check_command
from policypack.cli import main
from policypack.cli.known import to_know
from policypack.engine.baseline import baseline_of
from policypack.engine.judgement import judge_deployment
from policypack.engine.settings import Settings
from policypack.model.resource import Resource
from policypack.reports.as_json import SCHEMA_FILE
from policypack.reports.config_schema import baseline_schema
from policypack.reports.report import Origin, Report
from policypack.rules.contract import Findings, Severity, rule
from policypack.sources.program import ProgramRun
from policypack.sources.state import read_state
from tests.cli.exports import RULE, export, urn, written
from tests.engine.fakes import THING, deployment, thing

ONLY_DISKS = {"guard": {"select": [{"rules": "*", "level": "disabled"}, {"rules": RULE, "level": "mandatory"}]}}
PATH = "diskEncryptionKey.kmsKeySelfLink"


class Place:
    """A folder with exports and a configuration, and the commands that are run in it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys
        self.policy = written(folder, "policy.json", ONLY_DISKS)
        self.baseline = str(folder / "baseline.json")
        self.out = self.err = ""

    def stack(self, project: str, *disks: str, **more: Any) -> str:
        return written(self.folder, f"{project}.json", export(project, *disks, **more))

    def audit(self, *words: str) -> int:
        code = main(["audit", *words, "--config", self.policy])
        captured = self._capsys.readouterr()
        self.out, self.err = captured.out, captured.err
        return code

    def known(self) -> dict[str, list[str]]:
        document = json.loads(Path(self.baseline).read_text(encoding="utf-8"))
        found: dict[str, list[str]] = document["findings"].get(RULE, {})
        return found


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Place:
    return Place(tmp_path, capsys)


def test_a_baseline_is_written_and_from_then_on_everything_in_it_passes(place: Place) -> None:
    shop, bank = place.stack("shop", "orders", "baskets"), place.stack("bank", "ledger")
    assert place.audit(shop, bank) == 1
    assert place.audit(shop, bank, "--write-baseline", place.baseline) == 0
    assert place.known() == {urn("ledger", "bank"): [PATH], urn("baskets"): [PATH], urn("orders"): [PATH]}
    assert f"wrote 3 findings of 2 stacks to {place.baseline}" in place.err
    assert place.audit(shop, bank, "--baseline", place.baseline) == 0
    assert "Known findings (2, not counted)" in place.out


def test_what_is_written_follows_the_schema_of_a_baseline(place: Place) -> None:
    place.audit(place.stack("shop", "orders"), "--write-baseline", place.baseline)
    document = json.loads(Path(place.baseline).read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(baseline_schema()).validate(document)
    assert document["$schema"] == baseline_schema()["$id"]


def test_a_new_finding_fails_beside_known_ones(place: Place) -> None:
    place.audit(place.stack("shop", "orders"), "--write-baseline", place.baseline)
    assert place.audit(place.stack("shop", "orders", "baskets"), "--baseline", place.baseline) == 1
    assert "Failed: 1 mandatory finding, 1 finding known." in place.out


def test_writing_it_twice_gives_the_same_file(place: Place) -> None:
    shop = place.stack("shop", "orders", "baskets")
    place.audit(shop, "--write-baseline", place.baseline)
    before = Path(place.baseline).read_text(encoding="utf-8")
    place.audit(shop, "--baseline", place.baseline, "--write-baseline", place.baseline)
    assert Path(place.baseline).read_text(encoding="utf-8") == before


def test_what_is_fixed_is_told_of_and_fails_with_the_ratchet_only(place: Place) -> None:
    place.audit(place.stack("shop", "orders", "baskets"), "--write-baseline", place.baseline)
    mended = place.stack("shop", "orders", keyed=("baskets",))
    assert place.audit(mended, "--baseline", place.baseline) == 0
    assert "Take out of the baseline (1, advisory)" in place.out
    assert f"{RULE} on baskets: fixed" in place.out
    assert place.audit(mended, "--baseline", place.baseline, "--ratchet") == 1
    assert "1 entry to take out of the baseline" in place.out


def test_writing_it_anew_takes_out_what_is_fixed_and_satisfies_the_ratchet(place: Place) -> None:
    place.audit(place.stack("shop", "orders", "baskets"), "--write-baseline", place.baseline)
    mended = place.stack("shop", "orders", keyed=("baskets",))
    words = ["--baseline", place.baseline, "--ratchet"]
    assert place.audit(mended, *words, "--write-baseline", place.baseline) == 0
    assert place.known() == {urn("orders"): [PATH]}
    assert place.audit(mended, *words) == 0


def test_with_the_ratchet_a_baseline_that_is_written_only_shrinks(place: Place) -> None:
    place.audit(place.stack("shop", "orders", "baskets"), "--write-baseline", place.baseline)
    changed = place.stack("shop", "orders", "new", keyed=("baskets",))
    words = ["--baseline", place.baseline, "--ratchet"]
    assert place.audit(changed, *words, "--write-baseline", place.baseline) == 1
    assert "Failed: 1 mandatory finding, 1 finding known." in place.out
    assert place.known() == {urn("orders"): [PATH]}


def test_what_a_rule_says_that_is_off_stays_in_a_baseline_that_is_written_anew(place: Place) -> None:
    shop = place.stack("shop", "orders")
    place.audit(shop, "--write-baseline", place.baseline)
    place.policy = written(place.folder, "off.json", {RULE: "disabled"})
    for more in ([], ["--ratchet"]):
        place.audit(shop, "--baseline", place.baseline, *more, "--write-baseline", place.baseline)
        assert place.known() == {urn("orders"): [PATH]}


@rule(severity=Severity.LOW, subjects=[THING], fix="Say both.")
def both_are_said(one: Resource) -> Findings:
    """Things say both."""
    for word in ("one", "other"):
        yield one.finding("words", expected="both", found=f"not the {word}")


def test_two_findings_at_one_property_are_both_known() -> None:
    def report(settings: Settings) -> Report:
        judgement = judge_deployment(deployment(thing("a")), [both_are_said], settings)
        return Report(judgement, Origin("program", "."))

    baseline = baseline_of(to_know(report(Settings()), grows=True))
    assert baseline.count() == 2
    assert [fault.open for fault in report(Settings(baseline=baseline)).faults] == [False, False]


def test_a_renamed_disk_keeps_its_place_through_its_alias(place: Place) -> None:
    place.audit(place.stack("shop", "orders"), "--write-baseline", place.baseline)
    renamed = place.stack("shop", "purchases", aliases={"purchases": "orders"})
    assert place.audit(renamed, "--baseline", place.baseline, "--ratchet") == 0
    renamed_without = place.stack("shop", "purchases")
    assert place.audit(renamed_without, "--baseline", place.baseline) == 1


def test_writing_it_for_one_stack_keeps_the_entries_of_the_others(place: Place) -> None:
    shop, bank = place.stack("shop", "orders"), place.stack("bank", "ledger")
    place.audit(shop, bank, "--write-baseline", place.baseline)
    place.audit(
        place.stack("shop", keyed=("orders",)), "--baseline", place.baseline, "--write-baseline", place.baseline
    )
    assert place.known() == {urn("ledger", "bank"): [PATH]}


def test_an_audit_of_some_stacks_says_that_others_are_in_the_baseline(place: Place) -> None:
    shop, bank = place.stack("shop", "orders"), place.stack("bank", "ledger")
    attic = place.stack("attic", "trunk")
    place.audit(shop, bank, attic, "--write-baseline", place.baseline)
    assert place.audit(shop, attic, "--baseline", place.baseline, "--ratchet") == 0
    assert "The baseline has 1 finding of stacks that were not judged here." in place.out


def test_a_waived_finding_stays_out_of_the_baseline(place: Place) -> None:
    more = {"reason": "r", "owner": "o", "expires": "2026-12-24"}
    waiver = {"rules": RULE, "resources": "orders", **more}
    place.policy = written(place.folder, "policy.json", {"guard": {**ONLY_DISKS["guard"], "waivers": [waiver]}})
    place.audit(place.stack("shop", "orders", "baskets"), "--write-baseline", place.baseline, "--as-of", "2026-11-24")
    assert place.known() == {urn("baskets"): [PATH]}


def test_where_a_file_cannot_be_judged_no_baseline_is_written(place: Place) -> None:
    broken = written(place.folder, "broken.json", "{")
    assert place.audit(place.stack("shop", "orders"), broken, "--write-baseline", place.baseline) == 2
    assert "the baseline was not written: not every file could be judged" in place.err
    assert not Path(place.baseline).exists()


def test_a_baseline_within_the_configuration_holds_as_well(place: Place) -> None:
    shop = place.stack("shop", "orders")
    place.audit(shop, "--write-baseline", place.baseline)
    inline = json.loads(Path(place.baseline).read_text(encoding="utf-8"))
    place.policy = written(place.folder, "policy.json", {"guard": {**ONLY_DISKS["guard"], "baseline": inline}})
    assert place.audit(shop, "--ratchet") == 0
    assert "Known findings (1, not counted)" in place.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--ratchet",), "--ratchet has no baseline to look at"),
        (("--baseline", "missing.json"), "the baseline cannot be read"),
        (("--write-baseline", "no/such/folder/b.json"), "is in a folder that does not exist"),
    ],
)
def test_options_that_cannot_be_followed_are_an_input_error(place: Place, words: tuple[str, ...], says: str) -> None:
    assert place.audit(place.stack("shop", "orders"), *words) == 2
    assert says in place.err


def test_the_json_report_tells_how_findings_stand(place: Place) -> None:
    place.audit(place.stack("shop", "orders", "baskets"), "--write-baseline", place.baseline)
    now = place.stack("shop", "orders", "new", keyed=("baskets",))
    assert place.audit(now, "--baseline", place.baseline, "--format", "json", "--ratchet") == 1
    (report,) = json.loads(place.out)["audits"]
    schema = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(report)
    standings = {
        finding["name"]: (finding["standing"], finding["level"])
        for verdict in report["verdicts"]
        for finding in verdict["findings"]
    }
    assert standings == {"new": ("open", "mandatory"), "orders": ("known", "advisory")}
    assert report["baseline"] == {
        "findings": 2,
        "ratchet": True,
        "fixed": [{"rule": RULE, "urn": urn("baskets"), "recorded": 1, "found": 0}],
    }
    assert report["summary"]["findings"] == {"mandatory": 1, "advisory": 0, "waived": 0, "known": 1, "expired": 0}


def test_check_has_the_same_options(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(path: Path, **options: Any) -> ProgramRun:
        read = read_state(path / "shop.json")
        return ProgramRun("shop", "prod", read.resources, (), path, path / "__main__.py")

    monkeypatch.setattr(check_command, "run_program", run)
    words = ["check", str(place.folder), "--config", place.policy]
    place.stack("shop", "orders")
    assert main([*words, "--write-baseline", place.baseline]) == 0
    assert main([*words, "--baseline", place.baseline, "--ratchet"]) == 0
    place.stack("shop", keyed=("orders",))
    assert main([*words, "--baseline", place.baseline, "--ratchet"]) == 1
    place.stack("shop", "other", "orders")
    assert main([*words, "--baseline", place.baseline]) == 1


def test_a_report_does_not_take_the_place_of_the_baseline(place: Place) -> None:
    shop = place.stack("shop", "orders")
    words = ("--write-baseline", place.baseline, "--report", f"json={place.baseline}")
    assert place.audit(shop, *words) == 2
    assert "a report and the baseline go to one file" in place.err
    assert not Path(place.baseline).exists()


@pytest.mark.parametrize("option", ["--output", "--write-baseline"])
def test_a_stack_that_is_judged_is_not_written_over(place: Place, option: str) -> None:
    shop = place.stack("shop", "orders")
    before = Path(shop).read_bytes()
    assert place.audit(shop, option, shop) == 2
    assert "a file that is read here, and would be lost" in place.err
    assert Path(shop).read_bytes() == before


def test_a_report_does_not_take_the_place_of_the_baseline_that_is_read(place: Place) -> None:
    shop = place.stack("shop", "orders")
    place.audit(shop, "--write-baseline", place.baseline)
    before = place.known()
    assert place.audit(shop, "--baseline", place.baseline, "--output", place.baseline) == 2
    assert place.known() == before
