"""Stacks that no one would write: anything may be missing, unknown, of a wrong type, far too long, or in a circle."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from policypack.gcp.properties import properties_of, type_tokens
from policypack.gcp.references import REFERENCES
from policypack.model.resource import Options, Provider, Resource, SourcePosition
from policypack.model.values import UNKNOWN, Secret, steps
from tests.support.graphs import urn

if TYPE_CHECKING:
    from random import Random

NAMES: Final = (
    "web",
    "Ünïcode-東京",
    "tab\there",
    "\x1b[31mred",
    "a" * 300,
    "new\nline",
    "[bold]",
    "",
    "☃",
    "../up",
    "::",
)
WORDS: Final = (
    *(
        "TCP",
        "HTTPS",
        "EXTERNAL_MANAGED",
        "INTERNAL_MANAGED",
        "TLS_1_0",
        "443",
        "80-8080",
        "0.0.0.0/0",
        "::/0",
        "allow",
    ),
    *("INGRESS", "europe-west1", "asia-northeast1-b", "global", "true", "-1", "1e400", "7776000s", "", "\x00", "٣"),
    *("projects/p/global/networks/web", "//compute.googleapis.com/projects/p/zones/z/instances/i", "all", "default"),
)
NUMBERS: Final = (0, 1, -1, 443, 8443, 65536, 1e308, float("inf"), 0.5)
DEEP: Final = 90
"""Levels of nesting; what comes over the wire cannot have more than a hundred."""


def random_stack(random: Random, size: int) -> list[Resource]:
    """Make resources of random types that refer to each other at random, circles included.

    Args:
        random: Where chance comes from.
        size: How many.
    """
    tokens = [random.choice(type_tokens()) for _ in range(size)]
    names = [f"{random.choice(NAMES)}{index}" for index in range(size)]
    urns = [urn(token, name) for token, name in zip(tokens, names, strict=True)]
    return [_resource(random, token, name, urns) for token, name in zip(tokens, names, strict=True)]


def _resource(random: Random, token: str, name: str, urns: list[str]) -> Resource:
    made_from: dict[str, tuple[str, ...]] = {}
    inputs = _inputs(random, token)
    for reference in REFERENCES.get(token, ()):
        if random.random() < 0.7:
            targets = tuple(random.choice(urns) for _ in range(random.randrange(1, 4)))
            _refer(random, inputs, reference.path, targets, made_from)
    blank = random.random() < 0.03
    return Resource(
        urn=urn(token, name),
        type=token,
        name=name,
        inputs={} if blank else inputs,
        outputs=random.choice([None, {}, _inputs(random, token)]),
        id=random.choice([UNKNOWN, None, f"projects/p/global/things/{name}", name]),
        provider=Provider("", random.choice([None, "10.2.0", "9.0.0", "x"]), random.choice([{}, {"region": UNKNOWN}])),
        options=Options(protect=random.random() < 0.5),
        dependencies=tuple(urn for several in made_from.values() for urn in several),
        property_dependencies=made_from,
        source=random.choice([None, SourcePosition("__main__.py", 3), SourcePosition("\x1b[2J", -1)]),
        external=random.random() < 0.1,
    )


def _inputs(random: Random, token: str) -> dict[str, Any]:
    top = [path for path in properties_of(token) if path.isalnum()]
    chosen = random.sample(top, random.randrange(0, len(top) + 1))
    return {path: _value(random, token, path) for path in chosen}


def _value(random: Random, token: str, path: str) -> Any:
    chance = random.random()
    if chance < 0.08:
        return UNKNOWN
    if chance < 0.12:
        return _wrong(random)
    if chance < 0.14:
        return Secret(_fitting(random, token, path))
    return _fitting(random, token, path)


def _fitting(random: Random, token: str, path: str) -> Any:
    known = properties_of(token)
    kind = known.get(path, "string")
    if kind == "list":
        count = random.choice([0, 1, 1, 2, 3])
        return [_value(random, token, f"{path}[]") for _ in range(count)]
    if kind == "object":
        inner = [key for key in known if key.startswith(f"{path}.") and "." not in key[len(path) + 1 :]]
        inner = [key for key in inner if not key.endswith("[]") and random.random() < 0.6]
        return {key[len(path) + 1 :]: _value(random, token, key) for key in inner}
    if kind == "map":
        return {random.choice(NAMES): random.choice(WORDS) for _ in range(2)}
    return {"number": random.choice(NUMBERS), "bool": random.random() < 0.5}.get(kind, random.choice((*WORDS, *NAMES)))


def _wrong(random: Random) -> Any:
    deep: Any = "bottom"
    for level in range(DEEP):
        deep = [deep] if level % 2 else {"deep": deep}
    return random.choice([None, {}, [], [[]], [None], {"": None}, "", 7, True, [UNKNOWN], {"a": UNKNOWN}, deep])


def _refer(
    random: Random,
    inputs: dict[str, Any],
    pattern: str,
    targets: tuple[str, ...],
    made_from: dict[str, tuple[str, ...]],
) -> None:
    """Write references where the pattern says, each unknown, known or nonsense, and say what they were made from."""
    path = pattern.replace("[]", "[0]")
    value = random.choice([UNKNOWN, UNKNOWN, targets[0].rsplit("::", 1)[-1], random.choice(WORDS)])
    place: Any = {}
    _lay(place, path, value)
    key = str(steps(path)[0])
    inputs[key] = place[key]
    if random.random() < 0.8:
        made_from[key] = (*made_from.get(key, ()), *targets)


def _lay(place: Any, path: str, value: Any) -> None:
    """Write a value at a path, with lists of one element on the way."""
    way = steps(path)
    here = place
    for step, following in itertools.pairwise(way):
        here[step] = [None] if isinstance(following, int) else {}
        here = here[step]
    here[way[-1]] = value


def long_list(token: str, path: str, count: int) -> dict[str, Any]:
    """Give inputs with a list of many elements."""
    objects = properties_of(token)[f"{path}[]"] == "object"
    return {path: [{"name": f"n{index}"} if objects else f"10.0.{index % 256}.0/24" for index in range(count)]}
