"""`multiregion-guard audit`, from its arguments to its exit code. The reading itself is tested beside its source."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from policypack.cli import main
from policypack.gcp.types import REGION_BACKEND_SERVICE
from policypack.reports import as_json, audit

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}
Export = Callable[..., str]


def service(name: str, **more: Any) -> dict[str, Any]:
    """Make the record of a backend service without backends: a fault that one mandatory rule sees on any graph."""
    return {
        "urn": f"urn:pulumi:prod::shop::{REGION_BACKEND_SERVICE}::{name}",
        "custom": True,
        "id": name,
        "type": REGION_BACKEND_SERVICE,
        "inputs": {"region": "europe-west1", "loadBalancingScheme": "INTERNAL_MANAGED", "name": name, **more},
        "sourcePosition": "project:///index.ts#7",
    }


@pytest.fixture
def export(tmp_path: Path) -> Export:
    """Writes stack exports: `export(name, record, …)` gives the path."""

    def write(name: str, *records: dict[str, Any]) -> str:
        file = tmp_path / name
        file.write_text(json.dumps({"version": 3, "deployment": {"resources": records}}), encoding="utf-8")
        return str(file)

    return write


def checked(text: str) -> dict[str, Any]:
    """Give an audit that its schema accepts."""
    schemas = [json.loads(file.read_text(encoding="utf-8")) for file in (as_json.SCHEMA_FILE, audit.SCHEMA_FILE)]
    registry: Any = Registry().with_resources([(one["$id"], Resource.from_contents(one)) for one in schemas])
    document: dict[str, Any] = json.loads(text)
    jsonschema.Draft202012Validator(schemas[1], registry=registry).validate(document)
    return document


def test_a_mandatory_finding_exits_with_1(export: Export, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", export("a.json", service("api"))]) == 1
    shown = capsys.readouterr().out
    assert "1 resource, judged by a stack export: what was deployed" in shown
    assert "index.ts:7  api (RegionBackendService)" in shown


def test_a_clean_file_exits_with_0(export: Export) -> None:
    assert main(["audit", export("a.json")]) == 0


def test_one_file_has_no_summary(export: Export, capsys: pytest.CaptureFixture[str]) -> None:
    main(["audit", export("a.json")])
    assert "All files" not in capsys.readouterr().out


def test_every_file_is_judged_in_the_order_given_and_summed_up(
    export: Export, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [export("b.json", service("api")), export("a.json")]
    assert main(["audit", *files]) == 1
    shown = capsys.readouterr().out
    reports, _, summary = shown.partition("All files (2)\n")
    assert reports.index("b.json") < reports.index("a.json")
    assert [line.split()[0] for line in summary.splitlines()] == files
    assert "shop, stack prod  Failed: " in summary
    assert "Nothing to judge" in summary


def test_a_file_that_cannot_be_read_leaves_the_others_judged_and_exits_with_2(
    export: Export, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = str(tmp_path / "lost.json")
    assert main(["audit", lost, export("a.json", service("api"))]) == 2
    captured = capsys.readouterr()
    assert captured.err == f"error: there is no such file\n  in: {lost}\n  do: Check the path.\n"
    assert "lb-backend-service-has-backends" in captured.out
    assert "Not judged: there is no such file." in captured.out


def test_json_is_one_document_with_a_report_for_each_file(export: Export, capsys: pytest.CaptureFixture[str]) -> None:
    files = [export("b.json", service("api")), export("a.json")]
    assert main(["audit", *files, "--format", "json"]) == 1
    document = checked(capsys.readouterr().out)
    assert [one["source"]["path"] for one in document["audits"]] == files
    assert {one["source"]["kind"] for one in document["audits"]} == {"stack export"}
    assert document["summary"] == {"passed": 0, "failed": 1, "empty": 1, "unreadable": 0}
    assert document["exitCode"] == 1


def test_json_of_one_file_has_the_same_shape(export: Export, capsys: pytest.CaptureFixture[str]) -> None:
    main(["audit", export("a.json"), "--format", "json"])
    assert len(checked(capsys.readouterr().out)["audits"]) == 1


def test_json_names_the_files_that_could_not_be_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "broken.json"
    file.write_text("{", encoding="utf-8")
    assert main(["audit", str(file), "--format", "json"]) == 2
    document = checked(capsys.readouterr().out)
    assert document["exitCode"] == 2
    assert [(one["path"], one["where"]) for one in document["unreadable"]] == [(str(file), f"{file}:1")]


def test_the_output_file_gets_the_json_and_people_still_get_the_text(
    export: Export, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "audit-of-all.json"
    main(["audit", export("a.json", service("api")), "--format", "json", "--output", str(output)])
    assert checked(output.read_text(encoding="utf-8"))["version"] == 1
    assert "Failed: " in capsys.readouterr().out


def test_the_output_file_gets_every_report_and_the_summary(export: Export, tmp_path: Path) -> None:
    output = tmp_path / "report.txt"
    main(["audit", export("a.json"), export("b.json"), "--output", str(output)])
    written = output.read_text(encoding="utf-8")
    assert written.count("multiregion-guard ") == 2
    assert "All files (2)" in written


def test_the_configuration_applies_to_every_file(export: Export, tmp_path: Path) -> None:
    config = tmp_path / "policy.json"
    config.write_text('{"all": "advisory"}', encoding="utf-8")
    files = [export("a.json", service("api")), export("b.json", service("web"))]
    assert main(["audit", *files, "--policy-pack-config", str(config)]) == 0


def test_neither_a_secret_nor_its_ciphertext_is_shown(export: Export, capsys: pytest.CaptureFixture[str]) -> None:
    file = export(
        "a.json",
        service("api", description={**SECRET, "plaintext": '"hunter2"'}),
        service("web", description={**SECRET, "ciphertext": "v1:c2VhbGVk"}),
        service("hunter2"),
    )
    for form in ("text", "json"):
        main(["audit", file, "--format", form])
    captured = capsys.readouterr()
    assert "hunter2" not in captured.out + captured.err
    assert "c2VhbGVk" not in captured.out + captured.err


def test_the_schema_explains_every_key() -> None:
    schema = json.loads(audit.SCHEMA_FILE.read_text(encoding="utf-8"))

    def silent(part: Any) -> list[str]:
        inner = part.get("properties", {}) | part.get("items", {}).get("properties", {})
        return [key for key, value in inner.items() if "description" not in value] + [
            key for value in inner.values() for key in silent(value)
        ]

    assert silent(schema) == []


def test_no_file_is_an_error_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["audit"])
    assert stopped.value.code == 2
    assert "FILE" in capsys.readouterr().err
