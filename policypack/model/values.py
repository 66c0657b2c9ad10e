"""Plain values of a deployment: what a property may hold, with the unknown and the secret as cases of their own."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias, TypeGuard, final

from policypack.model.records import dataclass


@final
class Unknown:
    """The type of `UNKNOWN`, the one marker for a value that cannot be known yet.

    It has no truth value: code that forgets the third answer fails loudly instead of taking a side.
    """

    _instance: Unknown | None = None

    def __new__(cls) -> Unknown:
        """Give the one instance."""
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __bool__(self) -> bool:
        raise TypeError("an unknown value is neither true nor false")

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __copy__(self) -> Unknown:
        return self

    def __deepcopy__(self, memo: object) -> Unknown:
        return self

    def __reduce__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that no report may show. Reading unwraps it; `repr` never does."""

    value: Value

    def __repr__(self) -> str:
        return "[secret]"


Scalar: TypeAlias = "str | int | float | bool"
Value: TypeAlias = "Scalar | Unknown | Secret | None | Sequence[Value] | Mapping[str, Value]"
"""Anything a property can hold. `None` is an absent value: Pulumi does not tell the two apart."""

Step: TypeAlias = "str | int"

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


class WrongType(Exception):
    """A path leads through a value of another type than the path expects (a string where a list belongs)."""

    def __init__(self, found: str, wanted: str) -> None:
        super().__init__(f"{found} where {wanted} belongs")


@functools.lru_cache(maxsize=4096)
def steps(path: str) -> tuple[Step, ...]:
    """Split `backends[0].group` into its steps: `("backends", 0, "group")`."""
    return tuple(int(index) if index else key for key, index in _STEP.findall(path))


def written(path: Sequence[Step]) -> str:
    """Put steps together again: the reverse of `steps`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return text.removeprefix(".")


def kind(value: Value) -> str:
    """Name the type of a value, for messages to people."""
    if isinstance(value, Secret):
        return kind(value.value)
    if isinstance(value, Unknown):
        return "an unknown value"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "a string"
    if isinstance(value, (int, float)):
        return "a number"
    return "an object" if isinstance(value, (dict, Mapping)) else "a list"


def reveal(value: Value) -> Value:
    """Take the secret mark off the value itself (not off what it contains)."""
    while isinstance(value, Secret):
        value = value.value
    return value


def lookup(value: Value, path: Sequence[Step]) -> Value:
    """Follow a path into a value.

    Returns `UNKNOWN` as soon as an unknown is met, `None` where something is absent.

    Raises:
        WrongType: The path needs an object or a list, and something else is there.
    """
    for step in path:
        # Concrete types nearly always, and these are the most walked steps of all: no call for them.
        if type(value) is dict and isinstance(step, str):
            value = value.get(step)
            continue
        if type(value) is list and isinstance(step, int):
            value = value[step] if step < len(value) else None
            continue
        value = reveal(value)
        if value is None or isinstance(value, Unknown):
            return value
        if isinstance(step, int):
            if not is_list(value):
                raise WrongType(kind(value), "a list")
            value = value[step] if step < len(value) else None
        elif isinstance(value, (dict, Mapping)):
            value = value.get(step)
        else:
            raise WrongType(kind(value), "an object")
    return reveal(value) if isinstance(value, Secret) else value


def first_unknown(value: Value, path: Sequence[Step]) -> Sequence[Step]:
    """Give the part of a path up to the first unknown on it: the path itself where only its end is unknown.

    Raises:
        WrongType: See `lookup`.
    """
    for depth, step in enumerate(path):
        if isinstance(value, Unknown):
            return path[:depth]
        value = lookup(value, (step,))
    return path


def is_secret_at(value: Value, path: Sequence[Step]) -> bool:
    """Tell whether what stands at a path, or something around it, is marked as a secret."""
    for step in path:
        if isinstance(value, Secret):
            return True
        if isinstance(value, (dict, Mapping)):  # the concrete type first: the other is slow to ask for
            value = value.get(str(step))
        elif is_list(value) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return False
    return isinstance(value, Secret)


def expand(properties: Mapping[str, Value], pattern: str) -> tuple[list[tuple[str, Value]], bool]:
    """Give every value at a pattern such as `backends[].group`, with its exact path.

    A list of unknown elements gives an unknown for each. Absent values are left out. A list where the pattern has a
    single value gives its elements: bridges flatten lists that hold one element at most, some versions do not.

    Returns:
        The values, and whether they are all: False if a list on the way is unknown.
    """
    places: list[tuple[str, Value]] = [("", properties)]
    complete = True
    for key, listed in _parts(pattern):
        following: list[tuple[str, Value]] = []
        for where, value in places:
            here = UNKNOWN if isinstance(value, Unknown) else lookup(value, (key,))
            path = f"{where}.{key}" if where else key
            if is_list(here):
                following += [(f"{path}[{index}]", item) for index, item in enumerate(here)]
            elif listed and isinstance(here, Unknown):
                complete = False
            elif listed and here is not None:
                raise WrongType(kind(here), "a list")
            else:
                following.append((path, here))
        places = [(where, shown) for where, value in following if (shown := reveal(value)) is not None]
    return places, complete


@functools.cache
def _parts(pattern: str) -> tuple[tuple[str, bool], ...]:
    """Split a pattern into its keys, and tell of each whether it is a list."""
    return tuple((part.removesuffix("[]"), part.endswith("[]")) for part in pattern.split("."))


def is_list(value: Value) -> TypeGuard[Sequence[Value]]:
    """Tell whether a value is a list (a string is not)."""
    if isinstance(value, list):
        return True
    # Concrete types before the abstract one, which is slow to ask for.
    return not isinstance(value, (str, dict, int, Unknown, type(None))) and isinstance(value, Sequence)


def contains_unknown(value: Value) -> bool:
    """Tell whether a value is unknown or has an unknown anywhere inside it."""
    value = reveal(value)
    if isinstance(value, Unknown):
        return True
    if isinstance(value, (dict, Mapping)):
        return any(contains_unknown(item) for item in value.values())
    if is_list(value):
        return any(contains_unknown(item) for item in value)
    return False


def secret_texts(*values: Value, inside: bool = False) -> set[str]:
    """Collect every text and number inside secrets, so that reports can mask them wherever they turn up."""
    found: set[str] = set()
    for value in values:
        _collect(value, inside, found)
    return found


def _collect(value: Value, inside: bool, found: set[str]) -> None:
    if isinstance(value, str):
        if inside and value:
            found.add(value)
    elif isinstance(value, (dict, Mapping)):
        for item in value.values():
            # Nearly all values are texts outside secrets: no call for those.
            if inside or not isinstance(item, str):
                _collect(item, inside, found)
    elif isinstance(value, Secret):
        _collect(value.value, True, found)
    elif is_list(value):
        for item in value:
            _collect(item, inside, found)
    elif inside and isinstance(value, (int, float)) and not isinstance(value, bool):
        found.add(str(value))


def merge(output: Value, given: Value) -> Value:
    """Lay what the provider answered over what the program gave.

    The output counts where it is known; where it is unknown or absent, the input speaks. Lists are merged
    element by element only if they agree in what both know, since providers may reorder sets.
    """
    if output == given:
        return output
    if isinstance(output, Secret) or isinstance(given, Secret):
        merged = merge(reveal(output), reveal(given))
        return merged if isinstance(merged, Unknown) or merged is None else Secret(merged)
    if isinstance(output, Unknown):
        return given if given is not None else output
    if output is None:
        return given
    if isinstance(output, Mapping) and isinstance(given, Mapping):
        return _merge_objects(output, given)
    if is_list(output) and is_list(given) and contains_unknown(output):
        if len(output) == len(given) and all(map(_agree, output, given)):
            return [merge(out, inp) for out, inp in zip(output, given, strict=True)]
        return output
    return output


def _merge_objects(output: Mapping[str, Value], given: Mapping[str, Value]) -> Mapping[str, Value]:
    # Mostly, the answer holds all that the program gave: then it is the result, and no copy of it is made.
    merged = None if given.keys() <= output.keys() else {**given, **output}
    for key, value in given.items():
        out = output.get(key)
        # The answer counts, and no call is needed, where it is the very same, or both are texts.
        if value is out or value is None or (type(out) is str and type(value) is str) or key not in output:
            continue
        settled = merge(out, value)
        if settled is not out:
            merged = dict(output) if merged is None else merged
            merged[key] = settled
    return output if merged is None else merged


def _agree(output: Value, given: Value) -> bool:
    """Tell whether two values can be the same element: no known scalar of both differs."""
    output, given = reveal(output), reveal(given)
    if isinstance(output, Unknown) or isinstance(given, Unknown) or output is None or given is None:
        return True
    if isinstance(output, Mapping) and isinstance(given, Mapping):
        return all(_agree(output[key], given[key]) for key in output.keys() & given.keys())
    if isinstance(output, (str, int, float)) and isinstance(given, (str, int, float)):
        return output == given or str(output) == str(given) or output == ""
    return True


def clean(value: Value, keep_empty: frozenset[str] = frozenset(), path: str = "") -> Value:
    """Bring a value from the wire into the one form that rules read.

    Whole floats become integers, since every number travels as a float. Empty strings and empty lists become absent,
    since the provider treats them so. The bookkeeping keys (`__defaults`, …) of the bridge go.

    Args:
        value: Any value.
        keep_empty: Paths (without list indexes: `expirationPolicy.ttl`) where the empty string says something.
        path: Where `value` stands, for the recursion.
    """
    # The commonest types come first, and concrete types before abstract ones, which are slow to ask for.
    if isinstance(value, str):
        return value if value or path in keep_empty else None
    if value is None or isinstance(value, (int, Unknown)):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, (dict, Mapping)):
        return _clean_object(value, keep_empty, path)
    if isinstance(value, Secret):
        inner = clean(value.value, keep_empty, path)
        return None if inner is None else Secret(inner)
    return [clean(item, keep_empty, path) for item in value] or None


def _clean_object(value: Mapping[str, Value], keep_empty: frozenset[str], path: str) -> dict[str, Value]:
    dot = f"{path}." if path else ""
    result: dict[str, Value] = {}
    for key, item in value.items():
        if key.startswith("__"):
            continue
        # Nearly all values are texts that say something: no call for those.
        cleaned = item if type(item) is str and item else clean(item, keep_empty, dot + key if keep_empty else "")
        if cleaned is not None:
            result[key] = cleaned
    return result
