"""Reads the policy configuration: the document that `pulumi preview --policy-pack-config` takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from policypack.engine.settings import Settings, UnreadableSettings, from_document
from policypack.sources.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from policypack.rules.contract import Rule

_EXAMPLE = '{"backend-service-two-regions": "advisory"}'
_YAML = frozenset({".yaml", ".yml"})


def read_settings(file: Path | None, rules: Sequence[Rule]) -> Settings:
    """Read the configuration; the defaults if there is none.

    Raises:
        InputError: The file cannot be read at all. Mistakes inside it are problems of the settings.
    """
    if file is None:
        return Settings()
    text = read_text(file, "the policy configuration")
    document = _yaml(file, text) if file.suffix.lower() in _YAML else _json(file, text)
    try:
        return from_document(document, rules)
    except UnreadableSettings as unreadable:
        raise InputError(
            str(unreadable), where=str(file), what_to_do=f"Write levels by rule, such as {_EXAMPLE}."
        ) from unreadable


def read_text(file: Path, what: str) -> str:
    """Read a text file that the user named.

    Raises:
        InputError: It is not there, is no file, or is no text.
    """
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{what} is no UTF-8 text", where=str(file), what_to_do="Save it as UTF-8.") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            f"{what} cannot be read: {reason}", where=str(file), what_to_do="Check the path, and who may read it."
        ) from error


def _json(file: Path, text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(
            f"the policy configuration is no JSON: {error.msg}",
            where=f"{file}:{error.lineno}:{error.colno}",
            what_to_do="Mend the file there (a file named .yaml is read as YAML).",
        ) from error


def _yaml(file: Path, text: str) -> object:
    import yaml

    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        reason = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise InputError(
            f"the policy configuration is no YAML: {reason}",
            where=f"{file}{place}",
            what_to_do="Mend the file there.",
        ) from error
    # An empty file, or one with comments only, says nothing: the defaults.
    return {} if document is None else document
