"""Reads what stands under `guard`: what holds for the whole pack, waivers and baseline included."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from policypack.engine.baseline import SCHEMA_ID, VERSION, Baseline
from policypack.engine.owners import OWNER_KEYS, OwnerBook, OwnerEntry
from policypack.engine.problems import Problem, near, shown
from policypack.engine.waivers import Waiver

if TYPE_CHECKING:
    from policypack.engine.selection import Selector
    from policypack.rules.contract import Rule

WAIVER_KEYS: Final[Mapping[str, str]] = {
    "rules": "Names of the rules that it waives; * and ? stand for letters.",
    "resources": "Names of resources, or URNs (with ::); * and ? stand for letters.",
    "stacks": "Stacks, as PROJECT/STACK; * and ? stand for letters. Left out: every stack.",
    "reason": "Why the findings are accepted.",
    "owner": "Who answers for that.",
    "ticket": "Where the work is tracked.",
    "expires": "The last day on which it holds, as YYYY-MM-DD (UTC).",
}
OWNER_ENTRY_KEYS: Final[Mapping[str, str]] = {
    "projects": "Names of projects; * and ? stand for letters. Left out: every project.",
    "stacks": "Names of stacks; * and ? stand for letters. Left out: every stack.",
    "owner": "Who owns them.",
}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_GLOB = re.compile(r"[*?]")
_LONGEST: Final = 3650
"""Days that an organisation can let a waiver last: ten years."""

_VOID: Final = "; the waiver does not hold until this is mended"


class WaiverReader:
    """Reads waivers by the rules of the organisation. One with a mistake waives nothing: half of it may be too much."""

    def __init__(self, guard: Mapping[str, object], selector: Selector, problems: list[Problem], today: date) -> None:
        """Take what is set under `guard`, what finds rules, the list that problems go to, and the day."""
        self._selector = selector
        self._problems = problems
        self._today = today
        self._longest = self._longest_of(guard.get("waiverMaximumDays"))
        self._ticket_required = guard.get("waiverTicket") == "required"
        self._not_waivable = self._protected(guard.get("notWaivable"))

    def read(self, value: object) -> tuple[Waiver, ...]:
        """Read the list of waivers."""
        place = "guard.waivers"
        if not isinstance(value, (list, tuple)):
            self._problems.append(Problem(place, f"is {shown(value)}, and must be a list of waivers"))
            return ()
        read = (self._one(entry, f"{place}[{index}]") for index, entry in enumerate(value))
        return tuple(waiver for waiver in read if waiver is not None)

    def _one(self, entry: object, place: str) -> Waiver | None:
        before = len(self._problems)
        if not isinstance(entry, Mapping):
            self._says(place, f"is {shown(entry)}, and must be an object of {', '.join(WAIVER_KEYS)}")
            return None
        for key in sorted(set(map(str, entry)) - set(WAIVER_KEYS)):
            self._says(f"{place}.{key}", f"there is no such key{near(key, WAIVER_KEYS)}")
        rules = self._rules(entry.get("rules"), f"{place}.rules")
        resources = self._patterns(entry, "resources", place)
        stacks = self._stacks(entry, place)
        if not {"resources", "stacks"}.intersection(entry):
            self._says(place, 'names neither resources nor stacks; write "resources": "*" if it is about all of them')
        required = ("reason", "owner", *(("ticket",) if self._ticket_required else ()))
        words = {key: self._words(entry, key, place, needed=key in required) for key in ("reason", "owner", "ticket")}
        expires = self._expires(entry.get("expires"), f"{place}.expires")
        self._problems[before:] = [Problem(one.place, one.message + _VOID) for one in self._problems[before:]]
        if expires is None or len(self._problems) > before:
            return None
        return Waiver(place, rules, resources, stacks, **words, expires=expires, today=self._today)

    def _rules(self, value: object, place: str) -> tuple[str, ...]:
        patterns = self._selector.texts(value, place)
        found = None if patterns is None else self._selector.named(patterns, place)
        if patterns is None or found is None:
            return ()
        spelt_out = {name for name in patterns if not _GLOB.search(name)}
        for rule in sorted(found & self._not_waivable, key=lambda rule: rule.name):
            if spelt_out.intersection((rule.name, *rule.aliases)):
                self._says(place, f"{rule.name} may not be waived: guard.notWaivable has it")
        kept = tuple(sorted(rule.name for rule in found - self._not_waivable))
        if not kept and not spelt_out:
            self._says(place, "what it fits may not be waived: guard.notWaivable has it")
        return kept

    def _patterns(self, entry: Mapping[str, object], key: str, place: str) -> tuple[str, ...]:
        return tuple(self._selector.texts(entry[key], f"{place}.{key}") or ()) if key in entry else ()

    def _stacks(self, entry: Mapping[str, object], place: str) -> tuple[str, ...]:
        stacks = self._patterns(entry, "stacks", place)
        for stack in stacks:
            if stack.count("/") != 1 or stack.startswith("/") or stack.endswith("/"):
                self._says(
                    f"{place}.stacks", f"is {shown(stack)}, and must be PROJECT/STACK, such as shop/prod or */prod"
                )
        return stacks

    def _words(self, entry: Mapping[str, object], key: str, place: str, *, needed: bool) -> str:
        value = entry.get(key, "")
        if isinstance(value, str) and (value.strip() or not needed):
            return value.strip()
        said = f"is {shown(value)}, and must be a text" if key in entry and value != "" else f"has no {key}"
        self._says(f"{place}.{key}" if said.startswith("is") else place, said)
        return ""

    def _expires(self, value: object, place: str) -> date | None:
        if value is None:
            self._says(place, "is missing: a waiver has a last day, as YYYY-MM-DD")
            return None
        try:
            expires = date.fromisoformat(value) if isinstance(value, str) and _DAY.fullmatch(value) else None
        except ValueError:  # the thirtieth of February
            expires = None
        if expires is None:
            self._says(place, f"is {shown(value)}, and must be a day, as YYYY-MM-DD")
        elif self._longest is not None and (expires - self._today).days > self._longest:
            ahead = (expires - self._today).days
            self._says(
                place,
                f"is {ahead} days ahead, and waivers last {self._longest} days at the most (guard.waiverMaximumDays)",
            )
        return expires

    def _longest_of(self, value: object) -> int | None:
        if value is None:
            return None
        number = value if isinstance(value, (int, float)) and not isinstance(value, bool) else 0
        if 1 <= number <= _LONGEST and number == int(number):
            return int(number)
        said = f"is {shown(value)}, and must be a whole number of days, 1 to {_LONGEST}; until then there is no limit"
        self._problems.append(Problem("guard.waiverMaximumDays", said))
        return None

    def _protected(self, value: object) -> set[Rule]:
        """Read which rules may not be waived: names, or selections."""
        found: set[Rule] = set()
        place = "guard.notWaivable"
        if value is None:
            return found
        if not isinstance(value, (list, tuple)):
            self._problems.append(Problem(place, f"is {shown(value)}, and must be a list of rules or selections"))
            return found
        for index, entry in enumerate(value):
            here = f"{place}[{index}]"
            rules = (
                self._selector.named([entry], here) if isinstance(entry, str) else self._selector.chosen(entry, here)
            )
            found.update(rules or ())
        return found

    def _says(self, place: str, message: str) -> None:
        self._problems.append(Problem(place, message))


def read_baseline(value: object, place: str, by_name: Mapping[str, Rule], problems: list[Problem]) -> Baseline | None:
    """Read a baseline; None where it is none. An entry with a mistake is left out.

    Args:
        value: The document, as `audit --write-baseline` writes it.
        place: Where it stands.
        by_name: Rules by name and alias: a baseline may use a former name.
        problems: What problems are added to.
    """
    if not isinstance(value, Mapping):
        problems.append(Problem(place, f"is {shown(value)}, and must be what audit --write-baseline writes"))
        return None
    known = ("$schema", "version", "findings")
    problems += [
        Problem(f"{place}.{key}", f"there is no such key{near(key, known)}")
        for key in sorted(set(map(str, value)) - set(known))
    ]
    if value.get("version") != VERSION:
        said = f"is {shown(value.get('version'))}, and this pack reads {VERSION} ({SCHEMA_ID})"
        problems.append(Problem(f"{place}.version", said))
        return None
    findings: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, of_rule in _items(value.get("findings"), f"{place}.findings", problems):
        rule = by_name.get(name)
        for urn, paths in _items(of_rule, f"{place}.findings.{name}", problems):
            if isinstance(paths, (list, tuple)) and paths and all(isinstance(path, str) for path in paths):
                of_urn = findings.setdefault(rule.name if rule else name, {})
                of_urn[urn] = tuple(sorted((*of_urn.get(urn, ()), *paths)))
            else:
                said = f"is {shown(paths)}, and must be a list of properties"
                problems.append(Problem(f"{place}.findings.{name}.{urn}", said))
    return Baseline(findings)


def read_owners(guard: Mapping[str, object], problems: list[Problem]) -> OwnerBook:
    """Read who owns which stacks. An entry with a mistake names no owner: half of it may be about too much.

    Args:
        guard: What is set under `guard`.
        problems: What problems are added to.
    """
    keys = _texts(guard["ownerKeys"], "guard.ownerKeys", problems) if "ownerKeys" in guard else None
    value, place = guard.get("owners", ()), "guard.owners"
    if not isinstance(value, (list, tuple)):
        problems.append(Problem(place, f"is {shown(value)}, and must be a list of objects with an owner"))
        value = ()
    read = (_owner(entry, f"{place}[{index}]", problems) for index, entry in enumerate(value))
    return OwnerBook(tuple(entry for entry in read if entry is not None), keys or OWNER_KEYS)


def _owner(entry: object, place: str, problems: list[Problem]) -> OwnerEntry | None:
    if not isinstance(entry, Mapping):
        problems.append(Problem(place, f"is {shown(entry)}, and must be an object of {', '.join(OWNER_ENTRY_KEYS)}"))
        return None
    before = len(problems)
    problems += [
        Problem(f"{place}.{key}", f"there is no such key{near(key, OWNER_ENTRY_KEYS)}")
        for key in sorted(set(map(str, entry)) - set(OWNER_ENTRY_KEYS))
    ]
    owner = entry.get("owner")
    if not isinstance(owner, str) or not owner.strip():
        said = f"is {shown(owner)}, and must name one" if "owner" in entry else "is missing"
        problems.append(Problem(f"{place}.owner", said))
    if not {"projects", "stacks"}.intersection(entry):
        said = 'names neither projects nor stacks; write "projects": "*" if it is about all of them'
        problems.append(Problem(place, said))
    projects, stacks = (
        _texts(entry[key], f"{place}.{key}", problems) if key in entry else () for key in ("projects", "stacks")
    )
    return None if len(problems) > before else OwnerEntry(projects, stacks, str(owner).strip())


def _texts(value: object, place: str, problems: list[Problem]) -> tuple[str, ...]:
    """Read a text or a list of texts; none where it is neither, or empty."""
    values = [value] if isinstance(value, str) else value
    if isinstance(values, (list, tuple)) and values and all(isinstance(one, str) and one for one in values):
        return tuple(values)
    problems.append(Problem(place, f"is {shown(value)}, and must be a text or a list of texts"))
    return ()


def _items(value: object, place: str, problems: list[Problem]) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [(str(key), item) for key, item in value.items()]
    problems.append(Problem(place, f"is {shown(value)}, and must be an object"))
    return []
