"""What the guide says of the report of an organisation is what the code does."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from policypack.cli import main
from policypack.engine.settings import from_document
from policypack.reports.organisation.as_json import SCHEMA_FILE
from policypack.reports.organisation.organisation import WEIGHTS
from policypack.rules.registry import all_rules
from tests.cli.exports import export
from tests.cli.test_guides import steps
from tests.reports.test_documentation import keys

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "organisation-report.md").read_text(encoding="utf-8")
SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


def test_every_key_of_the_document_is_told_of() -> None:
    headed = re.split(r"^### ", GUIDE, flags=re.MULTILINE)[1:]
    sections = {text.split("\n", 1)[0]: re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE) for text in headed}
    expected = {
        "The document": list(keys(SCHEMA)),
        **{name: list(keys(part)) for name, part in SCHEMA["$defs"].items()},
    }
    assert sections == expected


def test_the_weights_are_those_of_the_code() -> None:
    said = "a critical one weighs {critical}, a high one {high}, a medium one {medium}, a low one {low}"
    assert said.format(**WEIGHTS) in GUIDE


def test_the_owners_that_are_shown_are_a_configuration_without_a_mistake() -> None:
    (shown,) = [json.loads(step.text) for step in steps(GUIDE) if step.name == "owners.json"]
    settings = from_document(shown, all_rules())
    assert settings.problems == ()
    assert settings.owners is not None
    assert settings.owners.owner_of("shop-eu", "prod", tags={}).name == "web"


def test_the_commands_do_what_they_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "states").mkdir()
    (tmp_path / "states" / "shop.json").write_text(export("shop", "orders"), encoding="utf-8")
    (tmp_path / "states" / "bank.json").write_text(export("bank", "ledger"), encoding="utf-8")
    for step in steps(GUIDE):
        if step.name:
            (tmp_path / step.name).write_text(step.text, encoding="utf-8")
        else:
            assert main(shlex.split(step.text)[1:]) == step.code, capsys.readouterr()
    assert (
        json.loads((tmp_path / "next.json").read_text(encoding="utf-8"))["trend"]["since"]["name"]
        == "organisation.json"
    )


def test_every_link_leads_to_a_file() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", GUIDE):
        assert (DOCS / target).exists(), target
