"""Checks what users set for the parameters of rules."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING

from policypack.engine.problems import shown

if TYPE_CHECKING:
    from policypack.rules.contract import Parameter

_LARGEST = 1e15
"""Beyond it a number of JSON is no longer exact; none of the parameters comes near."""


def check(parameter: Parameter, value: object) -> tuple[str, object]:
    """Check a value that a user gave for a parameter.

    Returns:
        What is wrong with it ("" if nothing), and the value in the parameter's own type.
    """
    if typing.get_origin(parameter.type) is list:
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
            return f"is {shown(value)}, and must be a list of texts", value
        wrong = [item for item in value if parameter.about.choices and item not in parameter.about.choices]
        allowed = ", ".join(parameter.about.choices)
        return (f"has {wrong[0]!r}, and knows {allowed}" if wrong else ""), list(value)
    if parameter.type is bool:
        return ("" if isinstance(value, bool) else f"is {shown(value)}, and must be true or false"), value
    if parameter.type is str:
        if not isinstance(value, str):
            return f"is {shown(value)}, and must be a text", value
        choices = parameter.about.choices
        return (
            f"is {shown(value)}, and must be one of {', '.join(choices)}" if choices and value not in choices else ""
        ), value
    return _check_number(parameter, value)


def _check_number(parameter: Parameter, value: object) -> tuple[str, object]:
    whole = parameter.type is int
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not _usable(value, whole=whole):
        return f"is {shown(value)}, and must be a {'whole ' if whole else ''}number", value
    low, high = parameter.about.minimum, parameter.about.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        limits = [f"at least {low}" if low is not None else "", f"at most {high}" if high is not None else ""]
        return f"is {shown(value)}, and must be {' and '.join(filter(None, limits))}", value
    return "", int(value) if whole else float(value)


def _usable(value: float, *, whole: bool) -> bool:
    """Tell whether a number is one to reckon with: finite, and whole if it must be."""
    return abs(value) <= _LARGEST and (not whole or value == int(value))
