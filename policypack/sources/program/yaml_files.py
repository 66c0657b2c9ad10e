"""Reading Pulumi's own YAML files as Pulumi reads them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml

from policypack.sources.bounded import TooLarge, content_of
from policypack.sources.program.errors import ProgramError
from policypack.sources.yaml_text import BadYaml, compose, construct

if TYPE_CHECKING:
    from pathlib import Path


class Document:
    """One YAML file whose root is an object.

    Attributes:
        path: The file.
        content: The whole content as plain values.
    """

    def __init__(self, path: Path) -> None:
        """Read a file.

        Raises:
            ProgramError: It cannot be read, is no YAML, or its root is no object.
        """
        self.path = path
        try:
            text = content_of(path).decode("utf-8")
        except TooLarge:
            raise ProgramError(f"{path.name} has no end", f"{path}", "Check the file.") from None
        except (OSError, UnicodeDecodeError) as error:
            raise ProgramError(f"{path.name} cannot be read: {error}", f"{path}", "Check the file.") from error
        try:
            self._root = compose(text)
            # What is merged into others stands in the nodes from here on, before what they have themselves.
            self.content: Any = construct(self._root) or {}
        except BadYaml as bad:
            where = f"{path}:{bad.line}" if bad.line else f"{path}"
            raise ProgramError(f"{path.name} is no valid YAML: {bad.problem}", where, "Mend the file.") from None
        if not isinstance(self.content, dict):
            raise ProgramError(f"{path.name} is no object", f"{path}", "Write `key: value` lines, as Pulumi does.")

    def section(self, key: str) -> dict[str, Any]:
        """Give an object of the root; an absent one is empty.

        Raises:
            ProgramError: Something else stands there.
        """
        if self.content.get(key) is None:
            return {}
        node = self._node((key,))
        if not isinstance(node, yaml.MappingNode):
            raise ProgramError(f"`{key}` is no object", self.where(key), f"Write `{key}:` and its entries below it.")
        return {name.value: construct(value) for name, value in node.value}

    def text(self, *keys: str) -> str | None:
        """Give a single value as it is written: `1.10` stays `1.10`. None if it is no single value.

        Raises:
            ProgramError: It holds what no name and no path can hold.
        """
        node = self._node(keys)
        if not isinstance(node, yaml.ScalarNode):
            return None
        if "\0" in node.value:
            name = ".".join(keys)
            raise ProgramError(f"`{name}` holds a character that ends texts", self.where(*keys), "Mend the file.")
        return str(node.value)

    def config_text(self, *keys: str) -> str:
        """Give a value in the form in which a program's configuration carries it: a text, or JSON."""
        node = self._node(keys)
        return node.value if isinstance(node, yaml.ScalarNode) else as_json(construct(node))

    def where(self, *keys: str) -> str:
        """Give file and line of an entry."""
        node = self._node(keys)
        return f"{self.path}:{node.start_mark.line + 1}" if node is not None else f"{self.path}"

    def _node(self, keys: tuple[str, ...]) -> yaml.Node | None:
        node = self._root
        for key in keys:
            if not isinstance(node, yaml.MappingNode):
                return None
            # The last of several counts.
            node = next((value for name, value in reversed(node.value) if name.value == key), None)
        return node


def as_json(value: object) -> str:
    """Write a value as JSON, in the compact form that Pulumi uses."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
