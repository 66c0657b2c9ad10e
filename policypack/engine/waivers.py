"""Waivers: findings that an organisation accepts until a day, and what becomes of them on the day after."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from policypack.model.graph import urn_name
from policypack.model.records import cached_property, dataclass

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

Test: TypeAlias = Callable[[str], bool]

_URN = "urn:pulumi:"


class Place(NamedTuple):
    """Where a waiver looks: a URN, and what it consists of.

    Attributes:
        urn: The URN.
        name: Name of the resource.
        stack: `PROJECT/STACK`.
    """

    urn: str
    name: str
    stack: str


def place_of(urn: str) -> Place:
    """Take a URN apart."""
    stack, project = stack_of(urn)
    return Place(urn, urn_name(urn), f"{project}/{stack}")


@dataclass(frozen=True)
class Waiver:
    """One waiver of the policy configuration.

    Attributes:
        place: Where it stands: `guard.waivers[0]`.
        rules: Names of the rules it waives, sorted.
        resources: Globs; one with `::` is of a URN, another one of a name. Empty: every resource of its stacks.
        stacks: Globs of `PROJECT/STACK`. Empty: every stack that has such a resource.
        reason: Why the findings are accepted.
        owner: Who answers for that.
        ticket: Where the work is tracked; "" where nobody asked for it.
        expires: The last day on which it holds (UTC).
        today: The day it is held against.
    """

    place: str
    rules: tuple[str, ...]
    resources: tuple[str, ...]
    stacks: tuple[str, ...]
    reason: str
    owner: str
    ticket: str
    expires: date
    today: date

    @property
    def days_left(self) -> int:
        """Whole days until it ends: 0 on its last day, negative when it is over."""
        return (self.expires - self.today).days

    @property
    def expired(self) -> bool:
        """True from the day after its last."""
        return self.days_left < 0

    def waives(self, rule: str, urns: Iterable[str]) -> bool:
        """Tell whether it is about a rule and a resource, expired or not.

        Args:
            rule: Name of the rule.
            urns: The URN of the resource, and those it had before (its aliases).
        """
        return rule in self.rules and self.matches([place_of(urn) for urn in urns])

    def matches(self, places: Iterable[Place]) -> bool:
        """Tell whether it is about a resource that has, or had, one of these places."""
        return any(self._is_resource(place) and self._in_stack(place.stack) for place in places)

    def _in_stack(self, stack: str) -> bool:
        if not self.stacks:
            return True
        known = self._stacks_seen.get(stack)
        if known is None:
            known = self._stacks_seen[stack] = any(fits(pattern, stack) for pattern in self.stacks)
        return known

    def _is_resource(self, place: Place) -> bool:
        exact, of_names, of_urns = self._tests
        return (
            not self.resources
            or place.name in exact
            or place.urn in exact
            or any(test(place.name) for test in of_names)
            or any(test(place.urn) for test in of_urns)
        )

    @cached_property
    def _tests(self) -> tuple[frozenset[str], tuple[Test, ...], tuple[Test, ...]]:
        """Its resources: whole names and URNs, globs of names, and globs of URNs."""
        globs = [pattern for pattern in self.resources if _is_glob(pattern)]
        return (
            frozenset(self.resources).difference(globs),
            tuple(_test(pattern) for pattern in globs if "::" not in pattern),
            tuple(_test(pattern) for pattern in globs if "::" in pattern),
        )

    @cached_property
    def _stacks_seen(self) -> dict[str, bool]:
        return {}

    @property
    def scoped(self) -> bool:
        """True if it names its stacks: by `stacks`, or by whole URNs."""
        return bool(self.stacks) or all(pattern.startswith(_URN) for pattern in self.resources)

    def concerns(self, project: str, stack: str) -> bool:
        """Tell whether a stack may have resources that it is about."""
        if not self._in_stack(f"{project}/{stack}"):
            return False
        return not self.resources or any(_reaches(pattern, project, stack) for pattern in self.resources)


def stack_of(urn: str) -> tuple[str, str]:
    """Read stack and project out of a URN."""
    stack, _, rest = urn.removeprefix(_URN).partition("::")
    return stack, rest.partition("::")[0]


def fits(pattern: str, text: str) -> bool:
    """Tell whether a glob fits the whole of a text: only `*` (any letters) and `?` (one) are special.

    In time proportional to the lengths, whatever the pattern: a regular expression could take for ever.
    """
    if "?" not in pattern:
        first, *others = pattern.split("*")
        if not others:
            return pattern == text
        return _follow(first, others, text)
    place = star = 0
    here, retry = 0, -1
    while here < len(text):
        if place < len(pattern) and pattern[place] == "*":
            star, retry, place = place, here, place + 1
        elif place < len(pattern) and pattern[place] in {"?", text[here]}:
            place, here = place + 1, here + 1
        elif retry >= 0:
            retry += 1
            place, here = star + 1, retry
        else:
            return False
    return not pattern[place:].strip("*")


def _follow(first: str, others: list[str], text: str) -> bool:
    """Tell whether the parts of a glob between its stars follow each other in a text, from end to end."""
    *middle, last = others
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    here, end = len(first), len(text) - len(last)
    for part in middle:
        found = text.find(part, here, end)
        if found < 0:
            return False
        here = found + len(part)
    return True


def _test(pattern: str) -> Test:
    """Make a quick test of a glob: most have one star, or two around a word."""
    word = pattern.strip("*")
    if not _is_glob(word):
        if pattern == f"{word}*":
            return functools.partial(_begins, word)
        if pattern == f"*{word}":
            return functools.partial(_ends, word)
        if pattern == f"*{word}*":
            return functools.partial(_holds, word)
    return functools.partial(fits, pattern)


# Named functions, since a waiver can be sent to another process with what it has worked out.
def _begins(word: str, text: str) -> bool:
    return text.startswith(word)


def _ends(word: str, text: str) -> bool:
    return text.endswith(word)


def _holds(word: str, text: str) -> bool:
    return word in text


def _reaches(pattern: str, project: str, stack: str) -> bool:
    """Tell whether a glob of resources can fit one of a stack; what does not begin like a URN can be anywhere."""
    if not pattern.startswith(_URN):
        return True
    wanted_stack, wanted_project = stack_of(pattern)
    return fits(wanted_stack, stack) and (not wanted_project or fits(wanted_project, project))


def _is_glob(pattern: str) -> bool:
    return "*" in pattern or "?" in pattern


@dataclass(frozen=True)
class StaleWaiver:
    """A waiver that waives nothing in what was judged.

    Attributes:
        waiver: The waiver.
        why: What became of its findings, as a clause.
    """

    waiver: Waiver
    why: str


GONE = "what it waives is no longer found"
NOWHERE = "no resource matches it"


def stale(
    waivers: Iterable[Waiver],
    used: Collection[str],
    resources: Collection[Sequence[Place]],
    stack: tuple[str, str],
    *,
    one_of_many: bool,
) -> tuple[StaleWaiver, ...]:
    """Find the waivers that waive nothing in a stack although they are about it.

    Args:
        waivers: Those to ask about.
        used: Places of those that waive something, or did before they expired.
        resources: The places of each resource of the stack, former ones included.
        stack: Project and name of the stack.
        one_of_many: True if other stacks use the same waivers, and nobody sees them all: one that names no stack, and
            no resource of this one, is then taken to be about another.
    """
    found = []
    names = {name for places in resources for place in places for name in (place.urn, place.name)}
    for waiver in waivers:
        if waiver.place in used or not waiver.concerns(*stack):
            continue
        likely = not waiver.resources or any(_is_glob(one) or one in names for one in waiver.resources)
        matched = likely and any(map(waiver.matches, resources))
        if matched or waiver.scoped or not one_of_many:
            found.append(StaleWaiver(waiver, GONE if matched else NOWHERE))
    return tuple(found)
