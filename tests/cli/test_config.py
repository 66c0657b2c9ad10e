"""`multiregion-guard config`: what is wrong in a configuration, and what comes of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from policypack.cli import main
from policypack.engine.settings import Entry, Settings, entries_of, from_document, from_entries
from policypack.rules.registry import all_rules

WAIVER = {
    "rules": "disk-cmek",
    "resources": "scratch-*",
    "reason": "holds nothing of value",
    "owner": "team-data",
    "expires": "2026-12-24",
}
BASELINE = {"version": 1, "findings": {"disk-cmek": {"urn:pulumi:dev::shop::gcp:compute/disk:Disk::old": [""]}}}


def written(folder: Path, text: str, name: str = "policy.json") -> str:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return str(file)


def ran(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["config", *words])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


@pytest.mark.parametrize("profile", ["advisory", "production", "regulated"])
def test_a_profile_is_valid_by_its_name(profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(capsys, "validate", profile) == (0, f"{profile}: no mistake\n", "")


def test_every_mistake_is_named_with_its_place_and_near_match(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = json.dumps({"disk-cmk": "advisory", "guard": {"extend": "production"}, "all": "mandatry"})
    code, out, _ = ran(capsys, "validate", written(tmp_path, text))
    assert code == 1
    assert "policy.json: 3 mistakes" in out
    said = " ".join(out.split())
    assert "disk-cmk: there is no such rule; did you mean disk-cmek?" in said
    assert "guard.extend: there is no such setting; did you mean extends?" in said
    assert "all.enforcementLevel: there is no level 'mandatry'; did you mean mandatory?" in said


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("policy.json", '{"guard": {"onError": "fail", "onError": "advisory"}}', "guard.onError"),
        ("policy.json", '{"guard": {"select": [{"rules": "*", "level": "default", "level": "advisory"}]}}', ""),
        ("policy.yaml", "disk-cmek: advisory\nall: advisory\ndisk-cmek: mandatory\n", "disk-cmek"),
        ("policy.yaml", "guard:\n  select:\n    - {rules: '*', level: default, level: advisory}\n", ""),
    ],
)
def test_a_key_that_is_written_twice_is_a_mistake(
    name: str, text: str, place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = ran(capsys, "validate", written(tmp_path, text, name), "--format", "json")
    (problem,) = json.loads(out)["files"][0]["problems"]
    expected = {"place": place or "guard.select[0].level", "message": "is written twice; the later one holds"}
    assert (code, problem) == (1, expected)


def test_yaml_days_and_words_stay_texts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        "guard:\n  waivers:\n    - rules: disk-cmek\n      resources: 'scratch-*'\n      reason: no\n"
        "      owner: on\n      expires: 2026-12-24\n"
    )
    code, out, _ = ran(capsys, "validate", written(tmp_path, text, "policy.yml"), "--as-of", "2026-11-24")
    assert (code, out.rstrip().endswith("no mistake")) == (0, True)


def test_several_files_are_validated_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = written(tmp_path, "{}", "good.json"), written(tmp_path, '{"x": "advisory"}', "bad.json")
    code, out, _ = ran(capsys, "validate", good, bad)
    assert code == 1
    assert out.index("good.json: no mistake") < out.index("bad.json: 1 mistake")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[]", "must be a JSON object"),
        ('{"guard": {"version": 2}}', "guard.version is 2"),
        ('{"guard": {"version": true}}', "guard.version is True"),
        ("{", "is no JSON"),
    ],
)
def test_what_is_no_configuration_at_all_is_an_input_error(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = ran(capsys, "validate", written(tmp_path, text))
    assert (code, out) == (2, "")
    assert says in err


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("p.json", '{"all": ' + "9" * 5000 + "}", "too many digits"),
        ("p.json", "[" * 100_000, "nested too deeply"),
        ("p.yaml", "[" * 5_000, "nested too deeply"),
        ("p.yaml", "a: &a [*a]\n", "an anchor is used inside itself"),
    ],
)
def test_hostile_files_are_told_of_in_one_message(
    name: str, text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = ran(capsys, "validate", written(tmp_path, text, name))
    assert code in {1, 2}
    assert says in out + err
    assert "broke" not in err


def test_anchors_within_anchors_take_no_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    code, _, err = ran(capsys, "validate", written(tmp_path, "\n".join(lines), "p.yaml"))
    assert code == 2
    assert "its anchors repeat more than any file needs" in err


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    code, out, _ = ran(capsys, "show", *words, "--format", "json")
    assert code == 0
    document: dict[str, Any] = json.loads(out)
    document["by_name"] = {rule["name"]: rule for rule in document["rules"]}
    return document


def test_without_a_file_every_rule_has_its_own_level(capsys: pytest.CaptureFixture[str]) -> None:
    document = shown(capsys)
    assert {rule["level"]["from"] for rule in document["rules"]} == {"the rule itself"}
    assert document["guard"]["onUndecided"] == {"value": "advisory", "from": "default"}


def test_show_tells_where_each_value_came_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = {
        "guard": {"extends": "production", "select": [{"areas": "tls", "level": "disabled"}], "onError": "fail"},
        "backend-service-two-regions": {"enforcementLevel": "advisory", "minimum": 3},
    }
    document = shown(capsys, written(tmp_path, json.dumps(text)))
    by_name, guard = document["by_name"], document["guard"]
    assert by_name["backend-service-two-regions"]["level"] == {"value": "advisory", "from": "its entry"}
    assert by_name["backend-service-two-regions"]["parameters"] == {"minimum": {"value": 3, "from": "its entry"}}
    assert by_name["tls-policy-min-version"]["level"] == {"value": "disabled", "from": "guard.select[0]"}
    assert by_name["tls-policy-min-version"]["parameters"]["minimum"]["from"] == "the rule itself"
    assert by_name["disk-cmek"]["level"]["from"] == "profile production: guard.select[0]"
    assert guard["onError"] == {"value": "fail", "from": "guard"}
    assert guard["waiverMaximumDays"] == {"value": 180, "from": "profile production"}


def test_show_as_text_has_a_line_for_each_rule_and_setting(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = {"guard": {"waivers": [WAIVER], "baseline": BASELINE}, "dns-ttl-allows-failover": {"seconds": 30}}
    _, out, _ = ran(capsys, "show", written(tmp_path, json.dumps(text)), "--as-of", "2026-11-24")
    lines = [line.split() for line in out.splitlines()]
    assert ["waivers", "1", "of", "them", "guard"] in lines
    assert ["baseline", "1", "known", "findings", "guard"] in lines
    (ttl,) = [line for line in lines if line[:1] == ["dns-ttl-allows-failover"]]
    assert ttl[-3:] == ["seconds=30", "(its", "entry)"]
    assert len([line for line in lines if line and line[0] in {rule.name for rule in all_rules()}]) == len(all_rules())


def test_show_can_be_asked_about_one_rule(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = ran(capsys, "show", "advisory", "--rule", "disk-cmek")
    assert (code, len(out.splitlines())) == (0, 2)
    code, _, err = ran(capsys, "show", "advisory", "--rule", "disk-cmk")
    assert (code, "there is no rule 'disk-cmk'" in err) == (2, True)


def test_show_names_the_mistakes_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = ran(capsys, "show", written(tmp_path, '{"disk-cmk": "advisory"}'))
    assert "did you mean disk-cmek?" in out


def as_pulumi_reads_it(document: dict[str, Any]) -> Settings:
    """Read a document that has an entry for every rule as the engine would send it."""
    assert {rule.name for rule in all_rules()} <= document.keys()
    filled = {
        name: Entry(entry.level or "mandatory", entry.properties) for name, entry in entries_of(document, []).items()
    }
    return from_entries(filled, all_rules(), complete=True)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"guard": {"extends": "regulated"}},
        {"guard": {"extends": "advisory", "select": [{"areas": "tls", "level": "mandatory"}]}, "disk-cmek": "disabled"},
        {"all": "advisory", "backend-service-two-regions": {"enforcementLevel": "mandatory", "minimum": 3}},
    ],
)
def test_a_bundle_says_the_same_to_pulumi_without_profile_and_selections(
    document: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = ran(capsys, "bundle", written(tmp_path, json.dumps(document)))
    bundle = json.loads(out)
    assert code == 0
    assert {"extends", "select"}.isdisjoint(bundle.get("guard", {}))
    wanted, found = from_document(document, all_rules()), as_pulumi_reads_it(bundle)
    assert found.problems == ()
    assert {rule.name: found.level(rule) for rule in all_rules()} == {
        rule.name: wanted.level(rule) for rule in all_rules()
    }
    for rule in all_rules():
        assert found.parameters_of(rule) == wanted.parameters_of(rule)
    assert (found.on_error, found.on_undecided) == (wanted.on_error, wanted.on_undecided)


def test_a_bundle_holds_objects_only_as_policy_groups_want(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = ran(capsys, "bundle", "production")
    assert all(isinstance(entry, dict) for entry in json.loads(out).values())


def test_a_bundle_takes_yaml_waivers_and_a_baseline(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import yaml

    policy = written(tmp_path, yaml.safe_dump({"guard": {"waivers": [WAIVER]}}), "policy.yaml")
    baseline = written(tmp_path, json.dumps(BASELINE), "baseline.json")
    target = tmp_path / "bundle.json"
    words = ["--baseline", baseline, "--output", str(target), "--as-of", "2026-11-24"]
    assert ran(capsys, "bundle", policy, *words) == (0, "", "")
    guard = json.loads(target.read_text(encoding="utf-8"))["guard"]
    assert guard == {"waivers": [WAIVER], "baseline": BASELINE}


def test_a_configuration_with_a_mistake_is_not_bundled(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "bundle.json"
    policy = written(tmp_path, '{"disk-cmk": "advisory"}')
    code, out, err = ran(capsys, "bundle", policy, "--output", str(target))
    assert (code, out, target.exists()) == (1, "", False)
    assert "did you mean disk-cmek?" in err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{}", "baseline.version is None"),
        ('{"version": 1, "findings": {}, "finding": 1}', "did you mean findings?"),
        ('{"version": 1, "findings": {"x": 1}}', "baseline.findings.x is 1, and must be an object"),
    ],
)
def test_a_baseline_with_a_mistake_is_an_input_error(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = written(tmp_path, "{}")
    code, out, err = ran(capsys, "bundle", policy, "--baseline", written(tmp_path, text, "baseline.json"))
    assert (code, out) == (2, "")
    assert says in err


@pytest.mark.parametrize("option", ["--config", "--policy-pack-config"])
@pytest.mark.parametrize("command", ["check", "audit"])
def test_check_and_audit_take_a_policy_configuration_by_either_option(
    command: str, option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = written(tmp_path, '{"guard": {"version": 7}}')
    assert main([command, str(tmp_path / "nothing.json"), option, policy]) == 2
    assert "guard.version is 7" in capsys.readouterr().err
