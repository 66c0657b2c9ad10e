"""Draws load balancers: front ends on the left, what requests reach from there to the right, coloured by verdict."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

import svg
from markupsafe import escape

from policypack.model.records import dataclass, field
from policypack.topology.tree import ARROW

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policypack.topology.tree import Node

_WIDTH: Final = 190
_LINE: Final = 16
_PADDING: Final = 10
_GAP_ACROSS: Final = 38
_GAP_DOWN: Final = 12
_LETTERS: Final = 25
"""Letters in one line of a box."""


@dataclass
class _Box:
    """A node with its place, in pixels.

    Attributes:
        node: What is drawn.
        lines: Its text.
        column: How many nodes are before it.
        top: Upper edge.
        children: Boxes that requests reach from here.
    """

    node: Node
    lines: list[str]
    column: int
    top: float = 0.0
    children: list[_Box] = field(default_factory=list)

    @property
    def height(self) -> float:
        return 2 * _PADDING + _LINE * (len(self.lines) + 1)

    @property
    def left(self) -> float:
        return self.column * (_WIDTH + _GAP_ACROSS)

    @property
    def middle(self) -> float:
        return self.top + self.height / 2

    def all(self) -> Iterator[_Box]:
        yield self
        for child in self.children:
            yield from child.all()


def draw(root: Node, colour: Mapping[str, str], clean: Callable[[str], str]) -> str:
    """Draw one load balancer as SVG.

    Args:
        root: Its front end.
        colour: URN of a resource, to the class of its box: `fail`, `advisory`, `undecided`, `accepted` or `pass`.
        clean: Makes text safe to show.

    Returns:
        An `svg` element. The drawing library writes text as it is given, so all of it is escaped here. Each box with a
        URN is a button that carries it as `data-urn`.
    """
    box = _boxes(root, 0, clean)
    bottom = _place(box, 0.0)
    right = max(one.left for one in box.all()) + _WIDTH
    elements: list[svg.Element] = [line for one in box.all() for line in _lines(one)]
    elements += [_group(one, colour, clean) for one in box.all()]
    drawing = svg.SVG(
        viewBox=svg.ViewBoxSpec(-2, -2, int(right) + 4, int(bottom) + 4),
        width=int(right) + 4,
        height=int(bottom) + 4,
        class_=["topology"],
        extra={"role": "group", "aria-label": str(escape(f"Load balancer {clean(root.label)}"))},
        elements=elements,
    )
    return drawing.as_str()


def _boxes(node: Node, column: int, clean: Callable[[str], str]) -> _Box:
    """Make the boxes; what a label leads to by an arrow (a region, a redirect) gets a box of its own."""
    label, arrow, rest = clean(node.label).partition(ARROW)
    children = [_boxes(child, column + 1, clean) for child in node.children]
    if arrow:
        end = type(node)(rest, "region" if node.kind == "backend" else "answer")
        children.append(_Box(end, _wrapped(rest), column + 1))
    return _Box(node, _wrapped(label), column, children=children)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _LETTERS, break_on_hyphens=False) or [""]


def _place(box: _Box, top: float) -> float:
    """Put a box beside the middle of its children; give the lower edge of all of them."""
    if not box.children:
        box.top = top
        return top + box.height
    bottom = top
    for child in box.children:
        bottom = _place(child, bottom if child is box.children[0] else bottom + _GAP_DOWN)
    box.top = (box.children[0].middle + box.children[-1].middle) / 2 - box.height / 2
    if box.top < top:
        # A box that is higher than all its children together: they move down, not it up.
        _move(box, top - box.top)
    return max(bottom, *(one.top + one.height for one in box.all()))


def _move(box: _Box, down: float) -> None:
    for one in box.all():
        one.top += down


def _lines(box: _Box) -> Iterator[svg.Element]:
    start = box.left + _WIDTH
    for child in box.children:
        half = start + _GAP_ACROSS / 2
        way: list[svg.PathData] = [
            svg.M(start, box.middle),
            svg.C(half, box.middle, half, child.middle, child.left, child.middle),
        ]
        yield svg.Path(d=way, class_=["way"])


def _group(box: _Box, colour: Mapping[str, str], clean: Callable[[str], str]) -> svg.Element:
    kind = colour.get(box.node.urn, "plain") if box.node.urn else "plain"
    texts: list[svg.Element] = [
        svg.Rect(x=box.left, y=box.top, width=_WIDTH, height=box.height, rx=6),
        svg.Text(x=box.left + _PADDING, y=box.top + _PADDING + 9, class_=["kind"], text=str(escape(box.node.kind))),
    ]
    for number, line in enumerate(box.lines, 1):
        texts.append(
            svg.Text(
                x=box.left + _PADDING,
                y=box.top + _PADDING + 11 + number * _LINE,
                text=str(escape(line)),
            )
        )
    if not box.node.urn:
        return svg.G(class_=["box", kind], elements=texts)
    return svg.G(
        class_=["box", kind],
        elements=texts,
        tabindex=0,
        extra={"role": "button", "aria-label": str(escape(f"{' '.join(box.lines)}: {_SAID[kind]}"))},
        data={"urn": str(escape(clean(box.node.urn)))},
    )


_SAID: Final = {
    "fail": "mandatory finding",
    "advisory": "advisory finding",
    "accepted": "waived or known finding",
    "undecided": "undecided",
    "pass": "no finding",
    "plain": "not judged",
}
