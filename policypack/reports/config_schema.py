"""The JSON schema of the policy configuration: for editors, and for whoever writes such documents by machine."""

from __future__ import annotations

import json
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from policypack.engine.baseline import SCHEMA_ID as BASELINE_ID
from policypack.engine.baseline import VERSION as BASELINE_VERSION
from policypack.engine.guard import OWNER_ENTRY_KEYS, WAIVER_KEYS
from policypack.engine.profiles import FOLDER, PROFILES
from policypack.engine.selection import CRITERIA, DEFAULT, known_values
from policypack.engine.settings import CHOICES, DOCUMENT_VERSION, GUARD_KEYS, LEVEL_KEY
from policypack.rules.contract import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policypack.rules.contract import Parameter, Rule

Json: TypeAlias = "dict[str, object]"

SCHEMA_FILE: Final[Path] = FOLDER / "schema" / f"policy-config-{DOCUMENT_VERSION}.json"
BASELINE_FILE: Final[Path] = FOLDER / "schema" / f"baseline-{BASELINE_VERSION}.json"
SCHEMA_ID: Final = f"urn:multiregion-guard:policy-config:{DOCUMENT_VERSION}"

_LEVELS: Final = [level.value for level in Level]
_GLOB: Final[Json] = {"type": "string", "pattern": "[*?]"}


def config_schema(rules: Iterable[Rule]) -> Json:
    """Give the schema of the whole document, with every rule and its parameters."""
    known = sorted(rules, key=lambda rule: rule.name)
    by_name = {name: rule for rule in known for name in (rule.name, *rule.aliases)}
    policies = {name: _rule(rule, name) for name, rule in sorted(by_name.items())}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Policy configuration of multiregion-guard",
        "description": "What pulumi takes by --policy-pack-config, and check and audit by --config.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "all": _entry("Level of every rule that is not opt-in; only entries of single rules are stronger.", {}),
            "guard": _guard(by_name),
            "environments": {"type": "array", "description": "Pulumi ESC environments of a policy group."},
            **policies,
        },
        "$defs": {
            "level": {"enum": _LEVELS, "description": "What a finding does: mandatory ones stop a deployment."},
            "rules": _some([{"enum": list(by_name)}, _GLOB]),
            "selection": _selection(by_name),
            "waiver": _waiver(),
            "baseline": _baseline(),
        },
    }


def baseline_schema() -> Json:
    """Give the schema of a baseline: a file of its own, or under `guard.baseline`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": BASELINE_ID,
        "title": "Baseline of multiregion-guard",
        **_baseline(),
    }


def schema_text(rules: Iterable[Rule]) -> str:
    """Give the schema of the policy configuration as the text of its file."""
    return _text(config_schema(rules))


def baseline_schema_text() -> str:
    """Give the schema of a baseline as the text of its file."""
    return _text(baseline_schema())


def _text(schema: Json) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _entry(description: str, parameters: Mapping[str, Json]) -> Json:
    levels: Json = {"$ref": "#/$defs/level"}
    properties: Json = {LEVEL_KEY: levels, **parameters}
    whole: Json = {"type": "object", "additionalProperties": False, "properties": properties}
    return {"description": description, "anyOf": [levels, whole]}


def _rule(rule: Rule, name: str) -> Json:
    entry = _entry(rule.description, {parameter.name: _parameter(parameter) for parameter in rule.parameters})
    return entry if name == rule.name else {**entry, "deprecated": True, "description": f"Former name of {rule.name}."}


def _parameter(parameter: Parameter) -> Json:
    about = parameter.about
    said: Json = {"description": about.description, "default": parameter.default}
    if typing.get_origin(parameter.type) is list:
        item: Json = {"enum": list(about.choices)} if about.choices else {"type": "string"}
        return {**said, "type": "array", "items": item}
    if about.choices:
        return {**said, "enum": list(about.choices)}
    names = {int: "integer", float: "number", bool: "boolean", str: "string"}
    limits = {"minimum": about.minimum, "maximum": about.maximum}
    return {
        **said,
        "type": names[parameter.type],
        **{key: limit for key, limit in limits.items() if limit is not None},
    }


def _guard(by_name: Mapping[str, Rule]) -> Json:
    of_names: Json = {"anyOf": [{"enum": list(by_name)}, _GLOB, {"$ref": "#/$defs/selection"}]}
    special: Mapping[str, Json] = {
        "version": {"const": DOCUMENT_VERSION},
        "extends": {"enum": list(PROFILES)},
        "select": {"type": "array", "items": _with_level()},
        "waivers": {"type": "array", "items": {"$ref": "#/$defs/waiver"}},
        "waiverMaximumDays": {"type": "integer", "minimum": 1, "maximum": 3650},
        "notWaivable": {"type": "array", "items": of_names},
        "baseline": {"$ref": "#/$defs/baseline"},
        "owners": {"type": "array", "items": _owner()},
        "ownerKeys": _some([{"type": "string", "minLength": 1}]),
        **{key: {"enum": list(words)} for key, words in CHOICES.items()},
    }
    properties: Json = {LEVEL_KEY: {"$ref": "#/$defs/level", "description": "Without effect."}}
    properties.update({key: {"description": about, **special[key]} for key, about in GUARD_KEYS.items()})
    whole: Json = {"type": "object", "additionalProperties": False, "properties": properties}
    return {
        "description": "What holds for the whole pack.",
        "anyOf": [{"$ref": "#/$defs/level"}, whole],
    }


def _some(kinds: list[Json]) -> Json:
    """Describe a text, or a list of such texts."""
    one: Json = kinds[0] if len(kinds) == 1 else {"anyOf": kinds}
    return {"anyOf": [one, {"type": "array", "minItems": 1, "items": one}]}


def _criteria(by_name: Mapping[str, Rule]) -> Json:
    framework: Json = {"type": "string", "minLength": 1, "examples": known_values("frameworks", by_name)}
    area: Json = {"type": "string", "examples": known_values("areas", by_name)}
    special: Mapping[str, Json] = {
        "rules": {"$ref": "#/$defs/rules"},
        "areas": _some([area]),
        "severities": _some([{"enum": known_values("severities", by_name)}]),
        "frameworks": _some([framework]),
    }
    return {key: {"description": about, **special[key]} for key, about in CRITERIA.items()}


def _selection(by_name: Mapping[str, Rule]) -> Json:
    return {
        "type": "object",
        "description": "Chooses rules: several criteria must all fit; of the values of one, any.",
        "additionalProperties": False,
        "properties": _criteria(by_name),
        "anyOf": [{"required": [key]} for key in CRITERIA],
    }


def _with_level() -> Json:
    refer: Json = {key: {"$ref": f"#/$defs/selection/properties/{key}"} for key in CRITERIA}
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {**refer, "level": {"enum": [*_LEVELS, DEFAULT], "description": "default: the rule's own."}},
        "required": ["level"],
        "anyOf": [{"required": [key]} for key in CRITERIA],
    }


def _waiver() -> Json:
    words: Json = {"type": "string", "pattern": r"\S"}
    special: Mapping[str, Json] = {
        "rules": {"$ref": "#/$defs/rules"},
        "resources": _some([{"type": "string", "minLength": 1}]),
        "stacks": _some([{"type": "string", "pattern": "^[^/]+/[^/]+$"}]),
        "reason": words,
        "owner": words,
        "ticket": {"type": "string"},
        "expires": {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"},
    }
    return {
        "type": "object",
        "description": "Findings that are accepted until a day.",
        "additionalProperties": False,
        "properties": {key: {"description": about, **special[key]} for key, about in WAIVER_KEYS.items()},
        "required": ["rules", "reason", "owner", "expires"],
        "anyOf": [{"required": ["resources"]}, {"required": ["stacks"]}],
    }


def _owner() -> Json:
    globs = _some([{"type": "string", "minLength": 1}])
    special: Mapping[str, Json] = {"projects": globs, "stacks": globs, "owner": {"type": "string", "pattern": r"\S"}}
    return {
        "type": "object",
        "description": "The owner of some stacks.",
        "additionalProperties": False,
        "properties": {key: {"description": about, **special[key]} for key, about in OWNER_ENTRY_KEYS.items()},
        "required": ["owner"],
        "anyOf": [{"required": ["projects"]}, {"required": ["stacks"]}],
    }


def _baseline() -> Json:
    paths: Json = {"type": "array", "minItems": 1, "items": {"type": "string"}}
    of_rule: Json = {"type": "object", "additionalProperties": paths}
    return {
        "type": "object",
        "description": "Known findings: rule, to URN, to properties.",
        "additionalProperties": False,
        "properties": {
            "$schema": {"type": "string"},
            "version": {"const": BASELINE_VERSION},
            "findings": {"type": "object", "additionalProperties": of_rule},
        },
        "required": ["version", "findings"],
    }
