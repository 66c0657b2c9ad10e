"""The profiles that ship with the pack: whole configurations, each of which builds on the one before it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PROFILES: Final = ("advisory", "production", "regulated")
"""Their names, the mildest first."""

FOLDER: Final = Path(__file__).resolve().parents[1] / "profiles"


def profile(name: str) -> Mapping[str, Any]:
    """Read the document of a profile."""
    document: Mapping[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return document


def chain(name: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Give a profile with those that it builds on, by name; the mildest first."""
    found: list[tuple[str, Mapping[str, Any]]] = []
    next_name: str | None = name
    while next_name is not None:
        document = profile(next_name)
        found.insert(0, (next_name, document))
        next_name = document["guard"].get("extends")
    return found
