"""Reads JSON and YAML files of users, and notices what these formats let pass in silence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from policypack.engine.problems import Problem
from policypack.sources.bounded import TooLarge, content_of
from policypack.sources.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from yaml import Node

_YAML = frozenset({".yaml", ".yml"})


def read_document(file: Path, what: str) -> tuple[object, list[Problem]]:
    """Read a document: YAML if the file is named so, else JSON.

    Args:
        file: The file.
        what: What it is, in the words of an error: `the policy configuration`.

    Returns:
        The document, and the keys in it that are written twice.

    Raises:
        InputError: It cannot be read, or is of neither format.
    """
    text = read_text(file, what)
    try:
        return _yaml(file, text, what) if file.suffix.lower() in _YAML else _json(file, text, what)
    except RecursionError:
        raise InputError(f"{what} is nested too deeply", where=str(file), what_to_do="Mend the file.") from None


def read_text(file: Path, what: str) -> str:
    """Read a text file that the user named.

    Raises:
        InputError: It is not there, is no file, is no text, or has no end.
    """
    try:
        return content_of(file).decode("utf-8-sig")
    except TooLarge:
        raise InputError(f"{what} is larger than 1 GiB", where=str(file), what_to_do="Check the path.") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{what} is no UTF-8 text", where=str(file), what_to_do="Save it as UTF-8.") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            f"{what} cannot be read: {reason}", where=str(file), what_to_do="Check the path, and who may read it."
        ) from error


class _Object(dict[str, Any]):
    """An object of a JSON document that remembers which of its keys were written more than once."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        keys = [key for key, _ in pairs]
        self.twice = sorted({key for key in keys if keys.count(key) > 1}) if len(keys) > len(self) else []


def _json(file: Path, text: str, what: str) -> tuple[object, list[Problem]]:
    try:
        document = json.loads(text, object_pairs_hook=_Object)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{what} is no JSON: {error.msg}",
            where=f"{file}:{error.lineno}:{error.colno}",
            what_to_do="Mend the file there (a file named .yaml is read as YAML).",
        ) from error
    except ValueError:  # the only other thing that JSON cannot be read for: Python bounds the digits of a number
        raise InputError(
            f"{what} has a number with too many digits", where=str(file), what_to_do="Mend the file."
        ) from None
    return document, [_twice(place) for place in _repeated(document, "")]


def _repeated(value: object, before: str) -> Iterator[str]:
    if isinstance(value, _Object):
        yield from (f"{before}{key}" for key in value.twice)
        for key, inner in value.items():
            yield from _repeated(inner, f"{before}{key}.")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _repeated(inner, f"{before.rstrip('.')}[{index}].")


def _yaml(file: Path, text: str, what: str) -> tuple[object, list[Problem]]:
    from policypack.sources.yaml_text import BadYaml, compose, construct

    try:
        node = compose(text)
        # Looked for first: to give the values puts into the nodes what is merged into them.
        twice = [_twice(place) for place in _repeated_nodes(node, "", set())]
        document = construct(node)
    except BadYaml as bad:
        raise InputError(
            f"{what} is no YAML: {bad.problem}", where=f"{file}{bad.place}", what_to_do="Mend the file there."
        ) from None
    # An empty file, or one with comments only, says nothing.
    return ({} if document is None else document), twice


def _repeated_nodes(node: Node | None, before: str, visited: set[int]) -> Iterator[str]:
    import yaml

    if id(node) in visited:  # an anchor that is used again, perhaps a great many times
        return
    visited.add(id(node))
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                yield f"{before}{name}"
            seen.add(name)
            yield from _repeated_nodes(value, f"{before}{name}.", visited)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _repeated_nodes(value, f"{before.rstrip('.')}[{index}].", visited)


def _twice(place: str) -> Problem:
    return Problem(place, "is written twice; the later one holds")
