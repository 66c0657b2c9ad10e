"""`multiregion-guard audit` over folders, patterns and stores: one report of many stacks."""

from __future__ import annotations

import gzip
import json
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from junitparser import JUnitXml

from policypack.cli import main
from policypack.cli.many import audit as many
from policypack.cli.many.work import Judged, Task, Work
from policypack.cli.output import FORMATS
from policypack.reports.organisation.as_json import SCHEMA_FILE
from tests.cli.exports import RULE, export, urn, written

ONLY_DISKS = {"guard": {"select": [{"rules": "*", "level": "disabled"}, {"rules": RULE, "level": "mandatory"}]}}


class Place:
    """A folder of stacks, a configuration, and the command."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.stacks = folder / "stacks"
        self.stacks.mkdir()
        self._capsys = capsys
        self.policy = written(folder, "policy.json", ONLY_DISKS)
        self.out = self.err = ""

    def stack(self, project: str, *disks: str, **more: Any) -> None:
        (self.stacks / f"{project}.json").write_text(export(project, *disks, **more), encoding="utf-8")

    def audit(self, *words: object) -> int:
        places = words if any(not str(word).startswith("-") for word in words[:1]) else (self.stacks, *words)
        code = main(["audit", *map(str, places), "--config", self.policy])
        captured = self._capsys.readouterr()
        self.out, self.err = captured.out, captured.err
        return code

    def document(self, *words: object) -> dict[str, Any]:
        self.audit(*words, "--format", "json")
        document: dict[str, Any] = json.loads(self.out)
        return document


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Place:
    return Place(tmp_path, capsys)


@pytest.fixture
def three(place: Place) -> Place:
    """Three stacks: one with two faults, one with one, one with none."""
    place.stack("shop", "orders", "baskets")
    place.stack("bank", "ledger")
    place.stack("attic", keyed=("trunk",))
    return place


def stack_names(document: dict[str, Any]) -> list[str]:
    return [one["name"] for one in document["stacks"]]


def test_a_folder_gives_one_report_of_all_stacks_worst_first(three: Place) -> None:
    assert three.audit() == 1
    assert three.out.index("shop/prod") < three.out.index("bank/prod") < three.out.index("attic/prod")
    assert three.out.count("multiregion-guard ") == 1


def test_json_of_a_folder_follows_its_schema(three: Place) -> None:
    document = three.document()
    jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))).validate(document)
    assert stack_names(document) == ["shop/prod", "bank/prod", "attic/prod"]
    assert document["exitCode"] == 1


def test_stacks_without_faults_exit_with_0(place: Place) -> None:
    place.stack("attic", keyed=("trunk",))
    assert place.audit() == 0


def test_files_that_are_named_give_their_own_reports(three: Place) -> None:
    three.audit(three.stacks / "shop.json", three.stacks / "bank.json")
    assert "All files (2)" in three.out


def test_files_that_are_named_give_one_report_where_that_is_asked_for(three: Place) -> None:
    document = three.document(three.stacks / "shop.json", three.stacks / "bank.json", "--organisation")
    assert stack_names(document) == ["shop/prod", "bank/prod"]


def test_more_files_than_anybody_reads_give_one_report_which_is_said(
    three: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policypack.cli.audit.ONE_BY_ONE", 2)
    assert len(three.document(*sorted(three.stacks.iterdir()))["stacks"]) == 3
    assert "more than 2 files, so there is one report of them all" in three.err
    three.audit(*sorted(three.stacks.iterdir())[:2])
    assert "All files (2)" in three.out


def test_a_pattern_gives_the_report_of_what_fits(three: Place) -> None:
    assert stack_names(three.document(three.stacks / "[ab]*.json")) == ["bank/prod", "attic/prod"]


def test_a_self_managed_backend_is_read_with_the_owners_of_its_stacks(place: Place) -> None:
    folder = place.folder / "state" / ".pulumi" / "stacks" / "shop"
    folder.mkdir(parents=True)
    deployment = json.loads(export("shop", "orders", stack="dev"))["deployment"]
    checkpoint = {"version": 3, "checkpoint": {"stack": "organization/shop/dev", "latest": deployment}}
    (folder / "dev.json.gz").write_bytes(gzip.compress(json.dumps(checkpoint).encode()))
    (folder / "dev.json.bak").write_text("{", encoding="utf-8")
    (folder / "dev.pulumi-tags").write_text('{"version": 1, "tags": {"owner": "payments"}}', encoding="utf-8")
    (stack,) = place.document(place.folder / "state")["stacks"]
    assert (stack["name"], stack["owner"]["name"]) == ("shop/dev", "payments")


def test_an_object_store_is_read_as_a_folder_is(three: Place) -> None:
    store = MemoryFileSystem()
    for file in three.stacks.iterdir():
        store.pipe(f"/audited/{file.name}", file.read_bytes())
    document = three.document("memory://audited", "--jobs", "1")
    assert stack_names(document) == ["shop/prod", "bank/prod", "attic/prod"]
    assert document["stacks"][0]["place"] == "memory://audited/shop.json"


def test_one_object_gives_its_own_report(three: Place) -> None:
    MemoryFileSystem().pipe("/single/shop.json", (three.stacks / "shop.json").read_bytes())
    assert three.audit("memory://single/shop.json") == 1
    assert "memory://single/shop.json" in three.out
    assert "Mandatory findings (2)" in three.out


def test_two_states_of_one_name_are_both_judged_and_say_so(place: Place) -> None:
    for team in ("a", "b"):
        (place.stacks / team).mkdir()
        (place.stacks / team / "shop.json").write_text(export("shop", "orders"), encoding="utf-8")
    place.stack("bank", "ledger")
    notes = {one["place"]: one["notes"] for one in place.document()["stacks"]}
    assert [len(some) for _, some in sorted(notes.items())] == [1, 1, 0]
    assert str(place.stacks / "b" / "shop.json") in notes[str(place.stacks / "a" / "shop.json")][0]


# What is broken is a finding of the audit, never its end.


def test_a_broken_state_is_told_of_and_the_others_are_judged(three: Place) -> None:
    (three.stacks / "broken.json").write_text("{", encoding="utf-8")
    document = three.document()
    assert stack_names(document) == ["shop/prod", "bank/prod", "attic/prod"]
    assert [one["path"] for one in document["unreadable"]] == [str(three.stacks / "broken.json")]
    assert document["exitCode"] == 2
    assert "this is no JSON" in three.err


def test_an_empty_file_is_a_broken_state(place: Place) -> None:
    place.stack("attic")
    (place.stacks / "failed-export.json").touch()
    assert place.audit() == 2


def test_only_broken_states_exit_with_2_and_say_so(place: Place) -> None:
    (place.stacks / "broken.json").write_text("{", encoding="utf-8")
    assert place.audit() == 2
    assert "No stack was judged" in place.out


def test_what_is_no_state_is_passed_over_and_counted(three: Place) -> None:
    for name, text in (("package.json", '{"name": "x"}'), ("list.json", "[1]")):
        (three.stacks / name).write_text(text, encoding="utf-8")
    assert three.audit() == 1
    assert f"passed over: files that are no state (2, such as {three.stacks / 'list.json'})" in three.err


def test_what_the_audit_itself_has_written_there_is_no_state(three: Place) -> None:
    folder = three.stacks
    words = ("--each", f"json={folder / 'each'}", "--report", f"json={folder / 'all.json'}")
    assert three.audit(*words, "--write-baseline", folder / "baseline.json") == 0
    assert three.audit() == 1
    assert "files that are no state (5, " in three.err


def test_a_named_file_that_is_no_state_is_an_error(three: Place) -> None:
    other = three.folder / "package.json"
    other.write_text("{}", encoding="utf-8")
    assert three.audit(three.stacks, other) == 2
    assert "neither a stack export nor a preview" in three.err


def test_a_folder_without_a_single_state_is_one_clear_error(place: Place) -> None:
    (place.stacks / "package.json").write_text("{}", encoding="utf-8")
    assert place.audit() == 2
    assert place.err.startswith("error: no state of a stack is among 1 file\n")
    assert place.out == ""


def test_an_empty_folder_is_one_clear_error(place: Place) -> None:
    assert place.audit() == 2
    assert place.err.startswith("error: no state of a stack is in this folder\n")


def test_many_broken_states_are_not_all_shown_on_the_terminal(place: Place) -> None:
    for number in range(30):
        (place.stacks / f"{number:02}.json").write_text("{", encoding="utf-8")
    document = place.document()
    assert len(document["unreadable"]) == 30
    assert place.err.count("this is no JSON") == 10
    assert "20 more could not be judged" in place.err


def test_broken_tags_leave_the_stack_judged_and_say_so(place: Place) -> None:
    place.stack("shop", "orders")
    (place.stacks / "shop.pulumi-tags").write_text("{", encoding="utf-8")
    (stack,) = place.document()["stacks"]
    assert "the tags of the stack cannot be read" in stack["notes"][0]


def test_a_defect_of_the_pack_is_a_finding_about_that_file(three: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def judged(file: Any, *_: object, **__: object) -> None:
        raise RuntimeError(f"hunter2 is in {file.name}")

    monkeypatch.setattr("policypack.cli.many.work.judged", judged)
    assert three.audit("--jobs", "1") == 2
    assert "the command itself broke: RuntimeError" in three.err
    assert "hunter2" not in three.out + three.err


def test_the_traceback_of_a_defect_is_there_for_who_asks(three: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policypack.cli.many.work.judged", lambda *_, **__: 1 / 0)
    three.audit("--jobs", "1", "--trace")
    assert "ZeroDivisionError: division by zero" in three.err


class Deadly(Work):
    """Judges, and dies of one file, as if the memory were full."""

    def __call__(self, task: Task) -> Judged:
        if "bank" in task.file.name:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(task)


def test_a_file_that_kills_its_process_is_named_and_the_others_are_judged(
    three: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "Work", Deadly)
    document = three.document("--jobs", "2")
    assert stack_names(document) == ["shop/prod", "attic/prod"]
    (lost,) = document["unreadable"]
    assert lost["path"].endswith("bank.json")
    assert lost["what"] == "the process that judged it was ended by SIGKILL, twice"


def test_names_that_are_no_text_or_commands_of_a_terminal_stay_names(place: Place) -> None:
    odd = os.fsdecode(b"\xff\x1b[2J\n::error::x.json")
    (place.stacks / odd).write_text(export("a\x1b]0;b", "disk"), encoding="utf-8")
    (place.stacks / f"broken{odd}").write_text("{", encoding="utf-8")
    each = place.folder / "each"
    files = {form: place.folder / f"all.{form}" for form in FORMATS}
    words = [word for form, file in files.items() for word in ("--report", f"{form}={file}")]
    assert place.audit(*words, "--each", f"html={each}", "--jobs", "2") == 2
    written = {file.name: file.read_text(encoding="utf-8") for file in (*files.values(), *each.iterdir())}
    assert len(written) == len(FORMATS) + 1
    assert [name for name, text in {**written, "out": place.out, "err": place.err}.items() if "\x1b" in text] == []
    assert not any(line.startswith("::error::x") for line in (place.out + place.err).splitlines())


# The same whatever the number of processes, in every form.


def steady(text: str) -> str:
    """Take out what differs from run to run: how long it took."""
    lines = [line.rpartition("  ")[0] if line.endswith(" s") else line for line in text.splitlines()]
    return "\n".join(line for line in lines if '"seconds"' not in line and "<testsuites " not in line)


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "markdown", "github"])
def test_the_number_of_processes_changes_nothing(form: str, three: Place) -> None:
    (three.stacks / "broken.json").write_text("{", encoding="utf-8")
    (three.stacks / "other.json").write_text("{}", encoding="utf-8")
    three.audit("--format", form, "--jobs", "1")
    one, told = three.out, three.err
    three.audit("--format", form, "--jobs", "3")
    assert steady(three.out) == steady(one)
    assert three.err == told
    assert len(one) > 100


@pytest.mark.parametrize("jobs", ["0", "-1", "many", "1.5", "99999"])
def test_a_number_of_processes_that_is_none_is_refused(jobs: str, three: Place) -> None:
    with pytest.raises(SystemExit):
        three.audit("--jobs", jobs)


def test_reports_in_every_form_are_written_beside_the_text(three: Place) -> None:
    files = {form: three.folder / f"all.{form}" for form in FORMATS}
    three.audit(*(word for form, file in files.items() for word in ("--report", f"{form}={file}")))
    assert "shop/prod" in three.out
    runs = json.loads(files["sarif"].read_text(encoding="utf-8"))["runs"]
    assert [len(run["results"]) for run in runs] == [0, 1, 2]
    suites = JUnitXml.fromstring(files["junit"].read_bytes())
    assert suites.failures == sum(case.result != [] and not case.is_skipped for suite in suites for case in suite) == 2
    assert suites.tests == sum(1 for suite in suites for _ in suite)
    assert files["github"].read_text(encoding="utf-8").count("::error ") == 3
    assert json.loads(files["json"].read_text(encoding="utf-8"))["exitCode"] == 1
    for form in ("markdown", "text", "html"):
        assert "shop/prod" in files[form].read_text(encoding="utf-8")


def test_sarif_of_many_is_valid_and_tells_of_rules_that_speak_only(three: Place) -> None:
    (three.stacks / "broken.json").write_text("{", encoding="utf-8")
    three.audit("--format", "sarif")
    document = json.loads(three.out)
    assert document["version"] == "2.1.0"
    speaking = [[rule["id"] for rule in run["tool"]["driver"].get("rules", [])] for run in document["runs"]]
    assert speaking == [[], [RULE], [RULE], []]
    for run in document["runs"]:
        for result in run["results"]:
            assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    assert document["runs"][-1]["invocations"][0]["executionSuccessful"] is False


def test_junit_of_many_counts_what_could_not_be_judged(three: Place) -> None:
    (three.stacks / "broken.json").write_text("{", encoding="utf-8")
    three.audit("--format", "junit")
    suites = JUnitXml.fromstring(three.out.encode())
    assert suites.errors == 1
    assert any("broken.json" in suite.name for suite in suites)


def test_the_output_file_gets_the_form_and_people_the_text(three: Place) -> None:
    three.audit("--format", "json", "--output", three.folder / "all.json")
    assert json.loads((three.folder / "all.json").read_text(encoding="utf-8"))["stacks"]
    assert "shop/prod" in three.out


# A report of each stack.


def test_each_stack_gets_a_report_of_its_own(three: Place) -> None:
    three.audit("--each", f"json={three.folder / 'each'}", "--each", f"text={three.folder / 'each'}", "--jobs", "2")
    assert sorted(file.name for file in (three.folder / "each").iterdir()) == [
        f"{name}.prod.{ending}" for name in ("attic", "bank", "shop") for ending in ("json", "txt")
    ]
    report = json.loads((three.folder / "each" / "shop.prod.json").read_text(encoding="utf-8"))
    assert report["summary"]["findings"]["mandatory"] == 2


def test_reports_of_each_stack_do_not_stand_among_the_states(three: Place) -> None:
    before = {file.name: file.read_bytes() for file in three.stacks.iterdir()}
    assert three.audit("--each", f"json={three.stacks}") == 2
    assert "could replace one" in three.err
    assert {file.name: file.read_bytes() for file in three.stacks.iterdir()} == before


def test_names_of_stacks_lead_no_report_out_of_its_folder(place: Place) -> None:
    names = ("../../escaped", "a/b", "..", ".hidden", "-rf", "x" * 400, "tab\t\x1b[2J", "CON")
    for number, name in enumerate(names):
        text = export(name, "disk", stack="..").replace("/", "\\/")
        (place.stacks / f"{number}.json").write_text(text, encoding="utf-8")
    inside = place.folder / "below" / "each"
    inside.parent.mkdir()
    before = {path for path in place.folder.rglob("*") if path != inside}
    assert place.audit("--each", f"json={inside}") == 1
    assert {path for path in place.folder.rglob("*") if inside not in (path, *path.parents)} == before
    made = sorted(file.name for file in inside.iterdir())
    assert len(made) == len(names)
    assert all(len(name) < 200 and name.isprintable() and name[0] not in ".-" for name in made)


def test_stacks_of_one_name_do_not_overwrite_each_other(place: Place) -> None:
    for name in ("a", "b", "c"):
        (place.stacks / f"{name}.json").write_text(export("Shop" if name == "c" else "shop", name), encoding="utf-8")
    place.audit("--each", f"text={place.folder / 'each'}")
    assert sorted(file.name for file in (place.folder / "each").iterdir()) == [
        "Shop.prod~3.txt",
        "shop.prod.txt",
        "shop.prod~2.txt",
    ]


def test_a_link_where_a_report_goes_is_replaced_and_not_followed(three: Place) -> None:
    folder = three.folder / "each"
    folder.mkdir()
    other = three.folder / "precious"
    other.write_text("keep", encoding="utf-8")
    (folder / "shop.prod.json").symlink_to(other)
    three.audit("--each", f"json={folder}")
    assert other.read_text(encoding="utf-8") == "keep"
    assert not (folder / "shop.prod.json").is_symlink()


def test_a_folder_for_reports_that_cannot_be_made_is_told_of_before_anything_is_judged(three: Place) -> None:
    assert three.audit("--each", f"json={three.folder / 'no' / 'such'}") == 2
    assert "the folder for reports" in three.err
    assert three.out == ""


def test_one_report_asked_for_twice_is_refused(three: Place) -> None:
    words = ("--each", f"json={three.folder / 'each'}")
    assert three.audit(*words, *words) == 2
    assert "is there twice" in three.err


def test_nothing_is_left_behind(three: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = three.folder / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    three.audit("--report", f"sarif={three.folder / 'a.sarif'}", "--each", f"json={three.folder / 'each'}")
    assert list(scratch.iterdir()) == []
    assert [file.name for file in (three.folder / "each").iterdir() if file.name.startswith(".")] == []


# Baselines, waivers, trend.


@pytest.fixture(params=["1", "2"], ids=["one process", "two processes"])
def jobs(request: pytest.FixtureRequest) -> tuple[str, str]:
    return "--jobs", str(request.param)


def test_a_baseline_over_a_folder_is_the_one_over_its_files(three: Place, jobs: Sequence[str]) -> None:
    one, other = three.folder / "one.json", three.folder / "other.json"
    assert three.audit(*jobs, "--write-baseline", one) == 0
    assert "wrote 3 findings of 2 stacks" in three.err
    three.audit(*sorted(three.stacks.iterdir()), "--write-baseline", other)
    assert one.read_text(encoding="utf-8") == other.read_text(encoding="utf-8")


def test_what_is_in_the_baseline_is_known_and_what_is_new_fails(three: Place, jobs: Sequence[str]) -> None:
    baseline = three.folder / "baseline.json"
    three.audit("--write-baseline", baseline)
    assert three.audit(*jobs, "--baseline", baseline) == 0
    three.stack("bank", "ledger", "safe")
    document = three.document(*jobs, "--baseline", baseline)
    assert document["exitCode"] == 1
    assert document["summary"]["findings"]["known"] == 3
    assert document["summary"]["findings"]["mandatory"] == 1


def test_the_report_of_the_run_that_writes_a_baseline_shows_everything_as_known(
    three: Place, jobs: Sequence[str]
) -> None:
    document = three.document(*jobs, "--write-baseline", three.folder / "baseline.json")
    assert document["summary"]["findings"]["known"] == 3
    assert document["exitCode"] == 0


def test_the_ratchet_fails_where_the_baseline_could_shrink(three: Place, jobs: Sequence[str]) -> None:
    baseline = three.folder / "baseline.json"
    three.audit("--write-baseline", baseline)
    three.stack("bank", keyed=("ledger",))
    assert three.audit(*jobs, "--baseline", baseline) == 0
    assert three.audit(*jobs, "--baseline", baseline, "--ratchet") == 1
    assert three.audit(*jobs, "--baseline", baseline, "--write-baseline", baseline) == 0
    assert urn("ledger", "bank") not in baseline.read_text(encoding="utf-8")


def test_with_the_ratchet_a_baseline_over_a_folder_only_shrinks(three: Place, jobs: Sequence[str]) -> None:
    baseline = three.folder / "baseline.json"
    three.audit("--write-baseline", baseline)
    three.stack("bank", "safe", keyed=("ledger",))
    document = three.document(*jobs, "--baseline", baseline, "--ratchet", "--write-baseline", baseline)
    assert (document["exitCode"], document["summary"]["findings"]["mandatory"]) == (1, 1)
    assert document["summary"]["findings"]["known"] == 2
    written = baseline.read_text(encoding="utf-8")
    assert urn("ledger", "bank") not in written
    assert urn("safe", "bank") not in written


def test_a_stack_that_fails_by_the_ratchet_alone_stands_before_those_that_pass(three: Place) -> None:
    baseline = three.folder / "baseline.json"
    three.stack("zoo", "cages")
    three.audit("--write-baseline", baseline)
    three.stack("zoo", keyed=("cages",))
    document = three.document("--baseline", baseline, "--ratchet")
    assert next(row["name"] for row in document["stacks"]) == "zoo/prod"


def test_a_baseline_keeps_what_it_has_of_stacks_that_are_not_judged(three: Place, jobs: Sequence[str]) -> None:
    baseline = three.folder / "baseline.json"
    three.audit("--write-baseline", baseline)
    (three.stacks / "bank.json").unlink()
    document = three.document(*jobs, "--baseline", baseline, "--write-baseline", baseline)
    assert urn("ledger", "bank") in baseline.read_text(encoding="utf-8")
    assert document["knownElsewhere"] == 1


def test_no_baseline_is_written_where_a_stack_could_not_be_judged(three: Place) -> None:
    (three.stacks / "broken.json").write_text("{", encoding="utf-8")
    assert three.audit("--write-baseline", three.folder / "baseline.json") == 2
    assert "the baseline was not written" in three.err
    assert not (three.folder / "baseline.json").exists()


def waiver(**what: object) -> dict[str, object]:
    return {"rules": RULE, "reason": "r", "owner": "o", "expires": "2026-12-24", **what}


@pytest.fixture
def waivers(three: Place) -> Callable[..., None]:
    """Sets the waivers of the configuration."""

    def set_them(*waivers: dict[str, object]) -> None:
        guard = {**ONLY_DISKS["guard"], "waivers": list(waivers), "onStaleWaiver": "fail"}
        three.policy = written(three.folder, "policy.json", {"guard": guard})

    return set_them


def test_a_waiver_that_fits_one_stack_of_many_is_not_stale(
    three: Place, jobs: Sequence[str], waivers: Callable[..., None]
) -> None:
    waivers(waiver(resources="ledger"), waiver(resources=["orders", "baskets"]))
    document = three.document(*jobs, "--as-of", "2026-11-24")
    assert document["staleWaivers"] == []
    assert document["exitCode"] == 0
    assert document["summary"]["findings"]["waived"] == 3


def test_a_waiver_that_fits_no_stack_is_stale(three: Place, jobs: Sequence[str], waivers: Callable[..., None]) -> None:
    waivers(waiver(resources=["ledger", "orders", "baskets"]), waiver(resources="nowhere"))
    document = three.document(*jobs, "--as-of", "2026-11-24")
    assert [one["place"] for one in document["staleWaivers"]] == ["guard.waivers[1]"]
    assert document["exitCode"] == 1


def test_the_trend_tells_what_has_changed_since_a_former_report(three: Place) -> None:
    three.audit("--report", f"json={three.folder / 'monday.json'}")
    three.stack("bank", keyed=("ledger",))
    three.stack("new", "disk")
    trend = three.document("--since", three.folder / "monday.json")["trend"]
    assert trend["stacks"]["added"] == ["new/prod"]
    assert (trend["findings"]["fixed"], trend["findings"]["came"]) == (1, 1)


@pytest.mark.parametrize("text", ["{", "{}", "[]"])
def test_a_former_report_that_is_none_is_one_clear_error(text: str, three: Place) -> None:
    former = three.folder / "former.json"
    former.write_text(text, encoding="utf-8")
    assert three.audit("--since", former) == 2
    assert "this is no JSON report of an organisation" in three.err


def test_a_former_report_that_is_missing_is_one_clear_error(three: Place) -> None:
    assert three.audit("--since", three.folder / "missing.json") == 2
    assert "the former report cannot be read" in three.err


def test_the_report_bears_the_day_that_waivers_are_held_against(three: Place) -> None:
    assert three.document("--as-of", "2026-12-01")["date"] == "2026-12-01"
