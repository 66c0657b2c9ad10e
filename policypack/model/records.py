"""Data classes and properties that cost little: `from policypack.model.records import cached_property, dataclass`.

The standard decorator writes the methods of every class anew, as text, and compiles them: half a millisecond each,
which every preview of every user would pay for every class of the pack. Here the methods are shared, so a class costs
a tenth of that; to type checkers it is the standard one. That nobody writes to a frozen class is checked by them alone.
"""

from __future__ import annotations

import dataclasses
import functools
import operator
import sys
from dataclasses import MISSING, field, replace
from types import CodeType, FunctionType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from dataclasses import dataclass
    from functools import cached_property
    from typing import Any

__all__ = ["cached_property", "dataclass", "field", "replace"]

_AFTER = "__post_init__"


def _record(
    cls: type | None = None, /, *, eq: bool = True, order: bool = False, frozen: bool = False
) -> type | Callable[[type], type]:
    """Make a data class, as `dataclasses.dataclass` does: bare, or with these of its options."""

    def decorate(each: type) -> type:
        # Where a class says nothing of itself, the standard decorator works out a text for it, which takes its time.
        each.__doc__ = each.__doc__ or each.__name__
        made: type = dataclasses.dataclass(init=False, repr=False, eq=False)(each)
        fields = dataclasses.fields(made)
        _own(made, "__init__", _initialiser(made, tuple(one for one in fields if one.init)))
        _own(made, "__repr__", _representation(tuple(one.name for one in fields if one.repr)))
        compared = tuple(one.name for one in fields if one.compare)
        if eq and compared:
            _add_comparison(made, operator.attrgetter(*compared), order=order, hashed=frozen)
        return made

    return decorate if cls is None else decorate(cls)


class _Kept:
    """A property that is worked out once. Up to Python 3.11, the standard one takes a lock for each, and its time."""

    def __init__(self, work: Callable[[Any], object]) -> None:
        self._work = work
        self.__doc__ = work.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, holder: object, owner: type | None = None) -> object:
        if holder is None:
            return self
        value = holder.__dict__[self._name] = self._work(holder)
        return value


if not TYPE_CHECKING:
    dataclass = _record
    cached_property = _Kept if sys.version_info < (3, 12) else functools.cached_property


def _own(cls: type, name: str, method: object) -> None:
    """Set a method, unless the class has written it itself."""
    if name not in vars(cls):
        setattr(cls, name, method)


def _initialiser(cls: type, fields: tuple[dataclasses.Field[Any], ...]) -> FunctionType:
    factories = {one.name: one.default_factory for one in fields if one.default_factory is not MISSING}
    if factories:
        setattr(cls, _AFTER, _filling(factories, getattr(cls, _AFTER, None)))
    names = tuple(one.name for one in fields)
    code = _setter(len(names), after=hasattr(cls, _AFTER))
    code = code.replace(co_varnames=("self", *names), co_names=(*names, *code.co_names[len(names) :]))
    defaults = tuple(one.default for one in fields if one.default is not MISSING or one.name in factories)
    return FunctionType(code, {}, "__init__", defaults)


def _filling(
    factories: Mapping[str, Callable[[], object]], after: Callable[[object], None] | None
) -> Callable[[object], None]:
    """Make what is done to a new object: values of their own where none were given, then what the class itself does."""

    def after_init(self: object) -> None:
        for name, factory in factories.items():
            if getattr(self, name) is MISSING:
                setattr(self, name, factory())
        if after is not None:
            after(self)

    return after_init


@functools.cache
def _setter(count: int, *, after: bool) -> CodeType:
    """Compile a function that takes so many values and keeps each: only the names are missing in it."""
    names = [f"value{number}" for number in range(count)]
    body = [f"self.{name} = {name}" for name in names] + [f"self.{_AFTER}()"] * after
    compiled = compile(f"def __init__({', '.join(['self', *names])}):\n " + "\n ".join(body or ["pass"]), "", "exec")
    return next(constant for constant in compiled.co_consts if isinstance(constant, CodeType))


def _representation(names: tuple[str, ...]) -> Callable[[object], str]:
    def representation(self: object) -> str:
        shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({shown})"

    return representation


def _add_comparison(cls: type, values: Callable[[object], object], *, order: bool, hashed: bool) -> None:
    def equal(self: object, other: object) -> bool:
        return values(self) == values(other) if type(other) is type(self) else NotImplemented

    def hash_of(self: object) -> int:
        return hash(values(self))

    _own(cls, "__eq__", equal)
    _own(cls, "__hash__", hash_of if hashed else None)
    if order:
        for name in ("lt", "le", "gt", "ge"):
            _own(cls, f"__{name}__", _comparison(getattr(operator, name), values))


def _comparison(
    compare: Callable[[object, object], bool], values: Callable[[object], object]
) -> Callable[[object, object], bool]:
    def method(self: object, other: object) -> bool:
        return compare(values(self), values(other)) if type(other) is type(self) else NotImplemented

    return method
