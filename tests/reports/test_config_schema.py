"""The schema of the policy configuration accepts what the pack accepts, and refuses what it calls a mistake."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import jsonschema
import pytest

from policypack.engine.profiles import PROFILES, profile
from policypack.engine.settings import GUARD_KEYS, from_document
from policypack.reports.config_schema import config_schema
from policypack.rules.registry import all_rules

SCHEMA = config_schema(all_rules())
CHECKER = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
TODAY = date(2026, 11, 24)
WAIVER = {"rules": "disk-cmek", "resources": "x", "reason": "r", "owner": "o", "expires": "2026-12-24"}
SELECT = {"frameworks": "ISO 27001", "areas": ["tls", "edge"], "rules": "tls-*", "level": "default"}


def without(key: str) -> dict[str, Any]:
    return {"guard": {"waivers": [{name: value for name, value in WAIVER.items() if name != key}]}}


def waiver(**changed: Any) -> dict[str, Any]:
    return {"guard": {"waivers": [{**WAIVER, **changed}]}}


SOUND: list[dict[str, Any]] = [
    {},
    *(dict(profile(name)) for name in PROFILES),
    {"all": "advisory", "disk-cmek": {"enforcementLevel": "mandatory"}},
    {"backend-service-two-regions": {"minimum": 3.0}, "tls-policy-min-version": {"minimum": "TLS_1_2"}},
    {"guard": {"version": 1, "extends": "production", "select": [SELECT], "onUndecided": "ignore"}},
    {"guard": {"waivers": [WAIVER, {**WAIVER, "stacks": ["shop/prod", "*/dev"], "ticket": "A-1"}]}},
    {"guard": {"notWaivable": ["disk-*", "disk-cmek", {"severities": ["critical"]}], "waiverMaximumDays": 30}},
    {"guard": {"baseline": {"version": 1, "findings": {"disk-cmek": {"urn:pulumi:a::b::c::d": ["x", ""]}}}}},
    {"guard": {"owners": [{"projects": "*", "owner": "web"}, {"stacks": ["prod", "dev-?"], "owner": "web"}]}},
    {"guard": {"ownerKeys": "cost-centre"}},
    {"guard": {"enforcementLevel": "advisory"}},
]
WRONG: list[dict[str, Any]] = [
    {"disk-cmk": "advisory"},
    {"disk-cmek": "on"},
    {"disk-cmek": 1},
    {"disk-cmek": {"level": "advisory"}},
    {"all": {"enforcementLevel": "none"}},
    {"backend-service-two-regions": {"minimum": 2.5}},
    {"backend-service-two-regions": {"minimum": 0}},
    {"backend-service-two-regions": {"minimum": "3"}},
    {"backend-service-two-regions": {"minimun": 3}},
    {"tls-policy-min-version": {"minimum": "TLS_9"}},
    {"tls-policy-strong-profile": {"profiles": "MODERN"}},
    {"guard": {"waiver": []}},
    {"guard": {"extends": "strict"}},
    {"guard": {"onError": "ignore"}},
    {"guard": {"select": [{"rules": "disk-cmk", "level": "advisory"}]}},
    {"guard": {"select": [{"rules": "*"}]}},
    {"guard": {"select": [{"level": "advisory"}]}},
    {"guard": {"select": [{"severities": "grave", "level": "advisory"}]}},
    {"guard": {"select": [{"rules": "*", "level": "advisory", "area": "tls"}]}},
    {"guard": {"waiverMaximumDays": 0, "waivers": []}},
    {"guard": {"notWaivable": ["disk-cmk"], "waivers": []}},
    {"guard": {"baseline": {"version": 2, "findings": {}}}},
    {"guard": {"baseline": {"version": 1, "findings": {"a": {"urn": []}}}}},
    {"guard": {"owners": {"projects": "*", "owner": "web"}}},
    {"guard": {"owners": [{"owner": "web"}]}},
    {"guard": {"owners": [{"projects": "*"}]}},
    {"guard": {"owners": [{"projects": "*", "owner": " "}]}},
    {"guard": {"owners": [{"projects": [], "owner": "web"}]}},
    {"guard": {"ownerKeys": []}},
    *(without(key) for key in ("rules", "resources", "reason", "owner", "expires")),
    waiver(rules="disk-cmk"),
    waiver(rules=[]),
    waiver(resources=[""]),
    waiver(stacks="prod"),
    waiver(reason="  "),
    waiver(owner=7),
    waiver(expires="24.12.2026"),
    waiver(expires="2026-02-30"),
    waiver(until="2026-12-24"),
]


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("document", SOUND, ids=json.dumps)
def test_what_the_pack_accepts_the_schema_accepts(document: dict[str, Any]) -> None:
    assert from_document(document, all_rules(), today=TODAY).problems == ()
    CHECKER.validate(document)


@pytest.mark.parametrize("document", WRONG, ids=json.dumps)
def test_what_the_pack_calls_a_mistake_the_schema_refuses(document: dict[str, Any]) -> None:
    assert from_document(document, all_rules(), today=TODAY).problems != ()
    with pytest.raises(jsonschema.ValidationError):
        CHECKER.validate(document)


def test_the_schema_knows_every_rule_every_alias_and_every_parameter() -> None:
    properties: Any = SCHEMA["properties"]
    for rule in all_rules():
        for name in (rule.name, *rule.aliases):
            parameters = properties[name]["anyOf"][1]["properties"]
            assert parameters.keys() == {"enforcementLevel", *rule.defaults}
    assert properties["guard"]["anyOf"][1]["properties"].keys() == {"enforcementLevel", *GUARD_KEYS}


def test_the_defaults_in_the_schema_are_those_of_the_rules() -> None:
    properties: Any = SCHEMA["properties"]
    for rule in all_rules():
        parameters = properties[rule.name]["anyOf"][1]["properties"]
        assert {key: parameters[key]["default"] for key in rule.defaults} == rule.defaults
        CHECKER.validate({rule.name: rule.defaults})


def test_the_schema_explains_every_setting_and_parameter() -> None:
    properties: Any = SCHEMA["properties"]
    for name, entry in properties.items():
        assert entry["description"], name
        for key, part in entry.get("anyOf", [{}, {}])[1].get("properties", {}).items():
            assert part.get("description") or "$ref" in part, f"{name}.{key}"
