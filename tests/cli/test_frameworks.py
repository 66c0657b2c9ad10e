"""`multiregion-guard frameworks`."""

from __future__ import annotations

import json

import pytest

from policypack.cli import main
from policypack.engine.frameworks import frameworks
from policypack.rules.registry import all_rules


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["frameworks", *words]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    return captured.out


def test_every_framework_stands_on_a_line_with_how_far_the_rules_go(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys)
    for one in frameworks(all_rules()):
        assert any(line.startswith(one.name) and f"{one.covered} of {one.size}" in line for line in text.splitlines())


def test_it_says_that_no_finding_proves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert "never proves one" in shown(capsys)


def test_one_framework_tells_each_control_with_its_rules(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "--framework", "CIS GCP 5.0")
    assert "3.6  no SSH from the internet\n  firewall-no-public-ssh\n" in text


def test_one_framework_tells_by_id_what_no_rule_speaks_to(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "--framework", "CIS GCP 4.0")
    assert "No rule speaks to\n  1 Identity and access: 1.1, 1.2," in text
    assert "8 Dataproc: 8.1" in text


def test_a_framework_of_families_tells_how_many_of_each_no_rule_speaks_to(capsys: pytest.CaptureFixture[str]) -> None:
    assert "A.6 People controls: 8 of 8 controls" in shown(capsys, "--framework", "iso 27001")


def test_a_name_without_version_shows_every_version(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(capsys, "--framework", "cis")
    assert text.count("CIS Google Cloud Platform Foundation Benchmark") == 2


def test_json_has_everything_and_every_rule_that_is_named_exists(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(shown(capsys, "--format", "json"))
    assert document["version"] == 1
    assert [one["name"] for one in document["frameworks"]] == [one.name for one in frameworks(all_rules())]
    said = {
        rule
        for one in document["frameworks"]
        for group in one["groups"]
        for c in group["controls"]
        for rule in c["rules"]
    }
    assert said <= {rule.name for rule in all_rules()}


def test_json_of_one_framework_has_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(shown(capsys, "--format", "json", "--framework", "pci dss"))
    assert [one["name"] for one in document["frameworks"]] == ["PCI DSS 4.0"]


@pytest.mark.parametrize("name", ["isso", "", "CIS GCP 9.0"])
def test_a_framework_that_there_is_not_ends_with_2_and_a_list(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["frameworks", "--framework", name]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "there are CIS GCP 4.0, CIS GCP 5.0," in " ".join(captured.err.split())
