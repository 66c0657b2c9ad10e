"""Draws how the debt of an organisation grows and shrinks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import svg
from markupsafe import escape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from policypack.reports.organisation.trend import Point

_WIDTH: Final = 720
_HEIGHT: Final = 220
_LEFT: Final = 44
_RIGHT: Final = 176
_TOP: Final = 14
_BOTTOM: Final = 26
_LINE: Final = 17
"""Pixels that two labels must be apart."""

_LAYERS: Final[tuple[tuple[str, str, Callable[[Point], int]], ...]] = (
    ("accepted", "waived or known", lambda point: point.waived + point.known),
    ("advisory", "advisory", lambda point: point.advisory),
    ("fail", "mandatory", lambda point: point.mandatory),
)
"""Class and name of each layer, from below, and how high it is."""

_SPARK: Final = (110, 30)


def debt_chart(points: Sequence[Point]) -> str:
    """Draw all findings over time, one layer on the other: what is accepted, advisory, mandatory.

    Args:
        points: Two or more, oldest first.

    Returns:
        An `svg` element. Names of layers stand beside them, so that nothing hangs on their colours.
    """
    highest = _round_up(max(point.debt for point in points))
    elements: list[svg.Element] = [*_grid(highest), *_dates(points)]
    below = [0] * len(points)
    labels = []
    for kind, name, height in _LAYERS:
        above = [low + height(point) for low, point in zip(below, points, strict=True)]
        elements.append(_layer(kind, below, above, highest))
        labels.append(((_y(below[-1], highest) + _y(above[-1], highest)) / 2, f"{height(points[-1])} {name}", kind))
        below = above
    elements += _beside(labels)
    said = f"Findings: {points[0].debt} on {points[0].date}, {points[-1].debt} on {points[-1].date}"
    return _drawing(_WIDTH, _HEIGHT, elements, said, "debt")


def sparkline(values: Sequence[int], name: str) -> str:
    """Draw a few numbers as a small line; the last one has a dot.

    Args:
        values: Two or more, oldest first.
        name: What they are of.
    """
    width, height = _SPARK
    highest = max(*values, 1)
    step = (width - 8) / (len(values) - 1)
    places = [
        (round(4 + number * step, 1), round(height - 4 - value / highest * (height - 8), 1))
        for number, value in enumerate(values)
    ]
    elements: list[svg.Element] = [
        svg.Path(d=_path(places), class_=["line"]),
        svg.Circle(cx=places[-1][0], cy=places[-1][1], r=3, class_=["dot"]),
    ]
    return _drawing(width, height, elements, f"{name}: from {values[0]} to {values[-1]} findings", "spark")


def bar(share: float) -> str:
    """Draw a share, 0 to 1, as a bar."""
    elements: list[svg.Element] = [
        svg.Rect(x=0, y=0, width=100, height=8, rx=4, class_=["whole"]),
        svg.Rect(x=0, y=0, width=round(100 * share, 1), height=8, rx=4, class_=["part"]),
    ]
    return svg.SVG(
        viewBox=svg.ViewBoxSpec(0, 0, 100, 8), width=100, height=8, class_=["bar"], elements=elements
    ).as_str()


def _drawing(width: int, height: int, elements: list[svg.Element], said: str, kind: str) -> str:
    return svg.SVG(
        viewBox=svg.ViewBoxSpec(0, 0, width, height),
        width=width,
        height=height,
        class_=[kind],
        extra={"role": "img", "aria-label": str(escape(said))},
        elements=elements,
    ).as_str()


def _round_up(number: int) -> int:
    """Give the next number that four lines of a grid share: 4, 8, 12, 20, 40, 80, 120."""
    size = 1
    while True:
        for step in (4, 8, 12, 20):
            if number <= step * size:
                return step * size
        size *= 10


def _y(value: float, highest: int) -> float:
    return round(_TOP + (1 - value / highest) * (_HEIGHT - _TOP - _BOTTOM), 1)


def _xs(count: int) -> list[float]:
    step = (_WIDTH - _LEFT - _RIGHT) / (count - 1)
    return [round(_LEFT + number * step, 1) for number in range(count)]


def _grid(highest: int) -> Iterator[svg.Element]:
    for quarter in range(5):
        value = highest * quarter // 4
        y = _y(value, highest)
        yield svg.Line(x1=_LEFT, y1=y, x2=_WIDTH - _RIGHT, y2=y, class_=["grid"])
        yield svg.Text(x=_LEFT - 6, y=y + 4, text_anchor="end", text=f"{value}", class_=["tick"])


def _dates(points: Sequence[Point]) -> Iterator[svg.Element]:
    """Write the first and the last day, and one between them where there is room."""
    xs = _xs(len(points))
    middle = len(points) // 2
    places: list[tuple[int, Literal["start", "middle", "end"]]] = [(0, "start"), (len(points) - 1, "end")]
    if len(points) > 4:
        places.append((middle, "middle"))
    for place, anchor in places:
        # The drawing library writes text as it is given.
        day = str(escape(points[place].date))
        yield svg.Text(x=xs[place], y=_HEIGHT - 8, text_anchor=anchor, text=day, class_=["tick"])


def _layer(kind: str, below: Sequence[int], above: Sequence[int], highest: int) -> svg.Element:
    xs = _xs(len(above))
    upper = [(x, _y(value, highest)) for x, value in zip(xs, above, strict=True)]
    lower = [(x, _y(value, highest)) for x, value in zip(xs, below, strict=True)]
    return svg.Path(d=[*_path([*upper, *reversed(lower)]), svg.Z()], class_=["layer", kind])


def _path(places: Sequence[tuple[float, float]]) -> list[svg.PathData]:
    first, *more = places
    return [svg.M(*first), *(svg.L(*place) for place in more)]


def _beside(labels: Sequence[tuple[float, str, str]]) -> Iterator[svg.Element]:
    """Write the names beside the ends of their layers, from below, and so far apart that each can be read."""
    last = float(_HEIGHT)
    for middle, text, kind in labels:
        last = min(middle, last - _LINE)
        yield svg.Text(x=_WIDTH - _RIGHT + 10, y=round(last + 4, 1), text=text, class_=["name", kind])
