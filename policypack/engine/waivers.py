"""Waivers: findings that an organisation accepts until a day, and what becomes of them on the day after."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from policypack.model.graph import urn_name
from policypack.model.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

_URN = "urn:pulumi:"


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
        return rule in self.rules and self.matches(urns)

    def matches(self, urns: Iterable[str]) -> bool:
        """Tell whether it is about a resource that has one of these URNs."""
        return any(self._in_stack(urn) and self._is_resource(urn) for urn in urns)

    def _in_stack(self, urn: str) -> bool:
        return not self.stacks or _any_fits(self.stacks, "/".join(reversed(stack_of(urn))))

    def _is_resource(self, urn: str) -> bool:
        if not self.resources:
            return True
        return any(fits(pattern, urn if "::" in pattern else urn_name(urn)) for pattern in self.resources)

    @property
    def scoped(self) -> bool:
        """True if it names its stacks: by `stacks`, or by whole URNs."""
        return bool(self.stacks) or all(pattern.startswith(_URN) for pattern in self.resources)

    def concerns(self, project: str, stack: str) -> bool:
        """Tell whether a stack may have resources that it is about."""
        if self.stacks and not _any_fits(self.stacks, f"{project}/{stack}"):
            return False
        return not self.resources or any(_reaches(pattern, project, stack) for pattern in self.resources)


def stack_of(urn: str) -> tuple[str, str]:
    """Read stack and project out of a URN."""
    stack, _, rest = urn.removeprefix(_URN).partition("::")
    return stack, rest.partition("::")[0]


def fits(pattern: str, text: str) -> bool:
    """Tell whether a glob fits the whole of a text: only `*` (any letters) and `?` (one) are special."""
    return pattern == text or _compiled(pattern).fullmatch(text) is not None


@functools.lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)


def _any_fits(patterns: Sequence[str], text: str) -> bool:
    return any(fits(pattern, text) for pattern in patterns)


def _reaches(pattern: str, project: str, stack: str) -> bool:
    """Tell whether a glob of resources can fit one of a stack; what does not begin like a URN can be anywhere."""
    if not pattern.startswith(_URN):
        return True
    wanted_stack, wanted_project = stack_of(pattern)
    return fits(wanted_stack, stack) and (not wanted_project or fits(wanted_project, project))


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
    resources: Collection[Sequence[str]],
    stack: tuple[str, str],
    *,
    one_of_many: bool,
) -> tuple[StaleWaiver, ...]:
    """Find the waivers that waive nothing in a stack although they are about it.

    Args:
        waivers: Those to ask about.
        used: Places of those that waive something, or did before they expired.
        resources: The URNs of each resource of the stack, former ones included.
        stack: Project and name of the stack.
        one_of_many: True if other stacks use the same waivers, and nobody sees them all: one that names no stack, and
            no resource of this one, is then taken to be about another.
    """
    found = []
    for waiver in waivers:
        if waiver.place in used or not waiver.concerns(*stack):
            continue
        matched = any(waiver.matches(urns) for urns in resources)
        if matched or waiver.scoped or not one_of_many:
            found.append(StaleWaiver(waiver, GONE if matched else NOWHERE))
    return tuple(found)
