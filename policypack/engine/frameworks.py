"""Frameworks of controls: which rules speak to a control, what came out of them, and what no rule can speak to.

A rule gives evidence for a control; it never proves one. A control asks for people, papers and habits besides, so that
"no finding" is all that the best result means.
"""

from __future__ import annotations

import enum
import functools
import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from policypack.engine.verdict import Status
from policypack.engine.waivers import fits
from policypack.model.records import cached_property, dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from policypack.engine.judgement import Judgement
    from policypack.rules.contract import Rule

FOLDER: Final = Path(__file__).resolve().parents[1] / "frameworks"

ORDER: Final = (
    "cis-gcp-4.0",
    "cis-gcp-5.0",
    "nist-800-53-r5",
    "iso-27001-2022",
    "pci-dss-4.0",
    "google-waf-reliability",
    "google-waf-security",
)
"""The files of the frameworks that the pack knows, in the order in which they are shown."""


class Result(str, enum.Enum):
    """What the rules that speak to a control say of it; gravest first."""

    FAIL = "fail"  # one of its rules has a finding that counts
    ERROR = "error"  # one of its rules broke
    UNDECIDED = "undecided"
    ACCEPTED = "accepted"  # every finding is waived or known
    PASS = "pass"
    NOT_APPLICABLE = "notApplicable"  # there was nothing to judge
    DISABLED = "disabled"  # the configuration has switched off all of its rules
    NOT_COVERED = "notCovered"  # no rule speaks to it

    @property
    def words(self) -> str:
        """The result in words of people."""
        return _WORDS[self]


_RANKS: Final = {one: rank for rank, one in enumerate(Result)}

_WORDS: Final = {
    Result.FAIL: "failed",
    Result.ERROR: "broken",
    Result.UNDECIDED: "undecided",
    Result.ACCEPTED: "accepted",
    Result.PASS: "no finding",
    Result.NOT_APPLICABLE: "nothing to judge",
    Result.DISABLED: "switched off",
    Result.NOT_COVERED: "not covered",
}

_OF_STATUS: Final = {
    Status.FAIL: Result.FAIL,
    Status.ERROR: Result.ERROR,
    Status.UNDECIDED: Result.UNDECIDED,
    Status.PASS: Result.PASS,
    Status.NOT_APPLICABLE: Result.NOT_APPLICABLE,
}


@dataclass(frozen=True)
class Control:
    """One control of a framework.

    Attributes:
        id: Its id.
        about: What it is about, in a few words; "" where the pack has none.
        rules: The rules that speak to it, by name; none where it is not covered.
    """

    id: str
    about: str
    rules: tuple[Rule, ...]

    @property
    def covered(self) -> bool:
        """True if a rule speaks to it."""
        return bool(self.rules)


@dataclass(frozen=True)
class Group:
    """A part of a framework: a section, a family, a requirement.

    Attributes:
        id: Its id.
        about: What it is about.
        size: How many controls it has, counted as the framework is; None where the pack does not know.
        covered: To how many of those rules speak.
        controls: Those that are described: all of them, or those that rules speak to.
    """

    id: str
    about: str
    size: int | None
    covered: int
    controls: tuple[Control, ...]


@dataclass(frozen=True)
class Framework:
    """A framework, and how far the pack goes in it.

    Attributes:
        name: Its name, as rules and configurations write it.
        title: Its name in full.
        about: What is known of it here, and whose it is.
        counted: What `size` and `covered` of its groups count: controls, sections, principles.
        complete: True if every control is listed; else groups tell how many there are.
        groups: Its parts.
    """

    name: str
    title: str
    about: str
    counted: str
    complete: bool
    groups: tuple[Group, ...]

    @cached_property
    def controls(self) -> tuple[Control, ...]:
        """Every control that is described."""
        return tuple(control for group in self.groups for control in group.controls)

    @property
    def size(self) -> int | None:
        """How many controls it has, counted as it is counted; None where the pack does not know."""
        sizes = [group.size for group in self.groups if group.size is not None]
        return sum(sizes) if len(sizes) == len(self.groups) else None

    @property
    def covered(self) -> int:
        """To how many of those rules speak."""
        return sum(group.covered for group in self.groups)


def frameworks(rules: Sequence[Rule]) -> tuple[Framework, ...]:
    """Give every framework: those that the pack knows, and then what else rules name.

    Args:
        rules: The rules of the pack, those that are off included.
    """
    return _frameworks(tuple(rules))


@functools.lru_cache(maxsize=4)
def _frameworks(rules: tuple[Rule, ...]) -> tuple[Framework, ...]:
    # An audit asks for every stack, with the same rules.
    known = [_framework(_document(file), rules) for file in ORDER]
    names = {framework.name for framework in known}
    others = sorted({name for rule in rules for name in rule.controls} - names)
    return (*known, *(_framework(_unknown(name), rules) for name in others))


def named(wanted: str, known: Iterable[Framework]) -> tuple[Framework, ...]:
    """Give the frameworks that a name fits, in any case, with or without the version."""
    asked = wanted.strip().casefold()
    return tuple(
        one
        for one in known
        if (name := one.name.casefold()) == asked or (asked and name.startswith(asked) and name[len(asked)] in " :")
    )


def outcomes(judgement: Judgement) -> Mapping[str, Result]:
    """Tell what came out of each rule, by its name."""
    return {rule.name: _outcome(rule, judgement) for rule in judgement.rules}


def _outcome(rule: Rule, judgement: Judgement) -> Result:
    if not judgement.settings.enabled(rule):
        return Result.DISABLED
    if rule not in judgement.accepted:
        return _OF_STATUS[judgement.status(rule)]
    open_questions = {one.status for one in judgement.of_rule[rule.name]} & {Status.ERROR, Status.UNDECIDED}
    return min((Result.ACCEPTED, *(_OF_STATUS[status] for status in open_questions)), key=_RANKS.__getitem__)


def result(control: Control, found: Mapping[str, Result]) -> Result:
    """Tell what came out of the rules that speak to a control: the gravest of it.

    Args:
        control: The control.
        found: What came out of each rule; see `outcomes`.
    """
    return min((found[rule.name] for rule in control.rules), key=_RANKS.__getitem__, default=Result.NOT_COVERED)


def failing(control: Control, found: Mapping[str, Result]) -> tuple[Rule, ...]:
    """Give the rules that make a control fail."""
    return tuple(rule for rule in control.rules if found[rule.name] is Result.FAIL)


def counted(results: Iterable[Result]) -> Mapping[Result, int]:
    """Count results, gravest first; those that nothing came out as are left out."""
    count = Counter(results)
    return {one: count[one] for one in Result if count[one]}


def _document(file: str) -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads((FOLDER / f"{file}.json").read_text(encoding="utf-8"))
    return document


def _unknown(name: str) -> Mapping[str, Any]:
    """Stand in for a framework that rules name and the pack has no data of."""
    about = "The pack knows of it what its rules say, and not which controls it has besides."
    group: Mapping[str, Any] = {"id": "", "about": "", "size": None, "controls": {}}
    return {"name": name, "title": name, "about": about, "counted": "controls", "complete": False, "groups": [group]}


def _framework(document: Mapping[str, Any], rules: Sequence[Rule]) -> Framework:
    speaking = _speaking(document, rules)
    described = {control: group["id"] for group in document["groups"] for control in group["controls"]}
    last = document["groups"][-1]["id"]
    # What the data has no line for is in the group that its id begins with, or else in the last one.
    for control in sorted(set(speaking) - set(described), key=_in_order):
        fitting = [group["id"] for group in document["groups"] if re.match(rf"{re.escape(group['id'])}(\W|$)", control)]
        described[control] = fitting[0] if fitting else last
    part = re.compile(document.get("part", ".+"))
    groups = []
    for group in document["groups"]:
        ids = [one for one, of in described.items() if of == group["id"]]
        controls = tuple(Control(one, group["controls"].get(one, ""), speaking.get(one, ())) for one in ids)
        parts = {found[0] for one in controls if one.covered and (found := part.match(one.id))}
        groups.append(Group(group["id"], group["about"], group["size"], len(parts), controls))
    return Framework(
        document["name"],
        document["title"],
        document["about"],
        document["counted"],
        document["complete"],
        tuple(groups),
    )


def _speaking(document: Mapping[str, Any], rules: Sequence[Rule]) -> dict[str, tuple[Rule, ...]]:
    """Give the rules of each control: those that name it, and those that the framework's own table chooses."""
    found: dict[str, list[Rule]] = {}
    for rule in sorted(rules, key=lambda rule: rule.name):
        for control in rule.controls.get(document["name"], ()):
            found.setdefault(control, []).append(rule)
        for control, chosen in document.get("rules", {}).items():
            if _chooses(chosen, rule):
                found.setdefault(control, []).append(rule)
    return {control: tuple(some) for control, some in found.items()}


def _chooses(chosen: Mapping[str, Sequence[str]], rule: Rule) -> bool:
    named_so = any(fits(pattern, rule.name) for pattern in chosen.get("rules", ()))
    return (rule.area in chosen.get("areas", ()) or named_so) and rule.name not in chosen.get("except", ())


def _in_order(control: str) -> list[tuple[int, str]]:
    """Order ids as people do: A.5.14 before A.8.6 before A.8.24; names by their letters."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.findall(r"\d+|[^\d\W]+", control)]
