"""Secrets that are not in the graph of a stack: those of its configuration, and those in the words of an error."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, TypeVar

from policypack.engine.messages import Mask
from policypack.model.values import secret_texts
from policypack.sources.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

_Error = TypeVar("_Error", bound=InputError)

_SHORTEST: Final = 6
"""Shorter texts inside a secret object are names and words of every report rather than what is to be hidden."""


def config_secrets(text: str) -> frozenset[str]:
    """Give what must not be shown of a secret config value: the text, and what stands in it if it is JSON."""
    if not text:
        return frozenset()
    try:
        inside = json.loads(text) if text.lstrip()[:1] in {"{", "["} else None
    except (ValueError, RecursionError):  # only looks like JSON
        inside = None
    return frozenset({text, *(found for found in secret_texts(inside, inside=True) if len(found) >= _SHORTEST)})


def without_secrets(error: _Error, secrets: Iterable[str]) -> _Error:
    """Give an error as it may be shown: of the same kind, and with `[secret]` wherever a secret stands in its words."""
    mask = Mask(secrets)
    trace = mask("\n".join(error.trace))
    return type(error)(
        mask(error.what), mask(error.where), mask(error.what_to_do), tuple(trace.split("\n")) if trace else ()
    )
