"""What the documents say of reports and configuration is what the code does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema

from policypack.engine.settings import from_document
from policypack.reports.as_json import SCHEMA_FILE
from policypack.reports.audit import SCHEMA_FILE as AUDIT_SCHEMA_FILE
from policypack.rules.registry import all_rules, rules_by_name

DOCS = Path(__file__).parents[2] / "docs"
AUDIT = "\n## The audit\n"
SCHEMA = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))


def document(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", document(name), re.MULTILINE | re.DOTALL)


def keys(schema: Any, before: str = "") -> Iterator[str]:
    """Give every key that a part of the schema describes, as the tables of the document write it."""
    for name, part in schema.get("properties", {}).items():
        yield f"{before}{name}"
        inner = part.get("oneOf", [part])[-1]
        listed = part.get("type") == "array"
        yield from keys(part["items"] if listed else inner, f"{before}{name}{'[]' if listed else ''}.")


def test_the_json_report_is_documented_key_by_key() -> None:
    reports, _, _ = document("json-report.md").partition(AUDIT)
    headed = re.split(r"^### ", reports, flags=re.MULTILINE)[1:]
    sections = {text.split("\n", 1)[0]: re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE) for text in headed}
    expected = {"The document": list(keys(SCHEMA))}
    for name in ("rule", "verdict", "finding", "waiver", "node"):
        expected[name] = list(keys(SCHEMA["$defs"][name]))
    expected["position"] = ["file", "line"]
    assert sections == expected


def test_the_audit_is_documented_key_by_key() -> None:
    _, _, audit = document("json-report.md").partition(AUDIT)
    schema = json.loads(AUDIT_SCHEMA_FILE.read_text(encoding="utf-8"))
    assert re.findall(r"^\| `([^`]+)` \|", audit, re.MULTILINE) == list(keys(schema))


def test_the_verdict_that_is_shown_follows_the_schema() -> None:
    (shown,) = blocks("json-report.md", "json")
    verdict = {"$ref": "#/$defs/verdict", "$defs": SCHEMA["$defs"]}
    jsonschema.Draft202012Validator(verdict).validate(json.loads(shown))
    assert json.loads(shown)["rule"] in rules_by_name()


def test_the_policy_configuration_that_is_shown_has_no_mistake() -> None:
    for shown in (*blocks("use-in-ci.md", "json"), *blocks("remediation.md", "json")):
        assert from_document(json.loads(shown), all_rules()).problems == ()


def test_every_link_leads_to_a_file() -> None:
    names = "json-report.md reports.md use-in-ci.md how-it-works.md frameworks.md remediation.md configuration.md"
    for name in names.split():
        for target in re.findall(r"\]\(([^)#:]+)\)", document(name)):
            assert (DOCS / target).exists(), f"{name}: {target}"
