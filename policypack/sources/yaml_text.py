"""YAML of strangers, read with care: plain values only, and no more of them than the text can really hold.

YAML can name any type, can repeat a part of a document by its anchor until the whole fills every memory, and a part
can hold itself. None of that is in a file that Pulumi or this pack would write.
"""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

LARGEST: Final = 2 << 20
"""Characters of a YAML text, at the most: tens of thousands of lines, which take some ten seconds to read."""

_MOST_REPEATED: Final = 10_000_000
"""Characters that anchors may repeat, all together."""

_LONGEST_NUMBER: Final = 400
"""Characters of a whole number, at the most: more than any float can hold."""

_QUOTED: Final = re.compile(r"'(?!<)[^']{2,}'")
_PLAIN: Final = frozenset({"null", "bool", "int", "float", "str", "seq", "map"})


class BadYaml(Exception):
    """A text cannot be read.

    Attributes:
        problem: What is wrong with it. The text itself is not quoted, since it may hold a secret.
        line: Line, counted from 1; 0 where none is to blame.
        column: Column, counted from 1; 0 where none is to blame.
    """

    def __init__(self, problem: str, mark: yaml.Mark | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = mark.line + 1 if mark else 0
        self.column = mark.column + 1 if mark else 0

    @property
    def place(self) -> str:
        """Line and column, as they follow the name of a file: `:3:7`, or ""."""
        return f":{self.line}:{self.column}" if self.line else ""


class TextLoader(yaml.SafeLoader):
    """YAML of today: `yes`, `on` and dates are texts, as Pulumi's own reader has it, and all values are plain."""


TextLoader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag != "tag:yaml.org,2002:timestamp" and not (tag == "tag:yaml.org,2002:bool" and first not in "tTfF")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
TextLoader.yaml_constructors = {
    tag: construct
    for tag, construct in yaml.SafeLoader.yaml_constructors.items()
    if tag is None or tag.rpartition(":")[2] in _PLAIN
}


def compose(text: str) -> yaml.Node | None:
    """Read a text into nodes, which know their lines; None if there is nothing in it.

    Raises:
        BadYaml: It is no YAML, holds more than one document, or more than a text of its size should.
    """
    if len(text) > LARGEST:
        raise BadYaml(f"it is larger than {LARGEST >> 20} MiB")
    try:
        root = TextLoader(text).get_single_node()
        if root is not None:
            _require_bounded(root)
    except yaml.YAMLError as error:
        raise _told(error) from None
    except RecursionError:
        raise BadYaml("it is nested too deeply") from None
    return root


def construct(node: yaml.Node | None) -> Any:
    """Give the values of a node that `compose` gave.

    Raises:
        BadYaml: It holds values that are not plain, or numbers without end.
    """
    if node is None:
        return None
    try:
        return TextLoader("").construct_document(node)
    except yaml.YAMLError as error:
        raise _told(error) from None
    except ValueError:  # a number that only looks like one, such as 0b
        raise BadYaml("a value of it cannot be read", node.start_mark) from None
    except RecursionError:
        raise BadYaml("it is nested too deeply") from None


def read(text: str) -> Any:
    """Give the values of a text; None if there is nothing in it.

    Raises:
        BadYaml: See `compose` and `construct`.
    """
    return construct(compose(text))


def _told(error: yaml.YAMLError) -> BadYaml:
    # What stands in quotes is of the text: an anchor, a tag, a key. Only kinds of tokens (`'<scalar>'`) are not.
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
    return BadYaml(_QUOTED.sub("…", problem), getattr(error, "problem_mark", None))


def _require_bounded(root: yaml.Node) -> None:
    """Refuse what becomes far larger than it is written, and what holds itself."""
    written = 0
    sizes: dict[int, int] = {}

    def size(node: yaml.Node) -> int:
        nonlocal written
        known = sizes.get(id(node))
        if known == 0:
            raise BadYaml("an anchor is used inside itself", node.start_mark)
        if known is not None:
            return known
        sizes[id(node)] = 0
        own = 1
        if isinstance(node, yaml.ScalarNode):
            own += len(node.value)
            if node.tag == "tag:yaml.org,2002:int" and own > _LONGEST_NUMBER:
                raise BadYaml("a number in it has too many digits", node.start_mark)
        written += own
        whole = own + sum(map(size, _inside(node)))
        sizes[id(node)] = whole
        return whole

    if size(root) - written > _MOST_REPEATED:
        raise BadYaml("its anchors repeat more than any file needs")


def _inside(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return node.value if isinstance(node, yaml.SequenceNode) else []
