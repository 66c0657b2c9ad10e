"""Policy configuration: levels, parameters, and what holds for the whole pack.

One JSON document serves all ways in: the one that `pulumi preview --policy-pack-config` takes. Mistakes in it are
kept as problems, never raised: a typing error in one project must not stop an organisation.
"""

from __future__ import annotations

import typing
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from policypack.model.records import dataclass, field
from policypack.rules.contract import Level

if TYPE_CHECKING:
    from policypack.engine.baseline import Baseline
    from policypack.engine.waivers import Waiver
    from policypack.rules.contract import Parameter, Rule

GUARD: Final = "guard"
ALL: Final = "all"
LEVEL_KEY: Final = "enforcementLevel"

DOCUMENT_VERSION: Final = 1
"""The newest version of the `guard` document that this pack reads."""

CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "onUndecided": ("advisory", "fail", "ignore"),
    "onError": ("advisory", "fail"),
    "onConfigError": ("mandatory", "advisory"),
    "onStaleWaiver": ("advisory", "fail", "ignore"),
}
"""Pack-wide settings under `guard`; the first choice is the default."""


class UnreadableSettings(ValueError):
    """The document is none that this pack can read at all; the message says why and what to do."""


@dataclass(frozen=True)
class Problem:
    """A mistake in the configuration.

    Attributes:
        place: Where: `backend-service-two-regions.minimum`.
        message: What is wrong, and what would be right.
    """

    place: str
    message: str


@dataclass(frozen=True)
class Entry:
    """What the configuration says of one policy.

    Attributes:
        level: Enforcement level, as written; None where only parameters are given.
        properties: Parameters.
    """

    level: str | None = None
    properties: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """Configuration that is ready to use: whatever was wrong in it has its default.

    Attributes:
        levels: Level of each rule that the user set.
        parameters: Parameters of each rule that the user set.
        on_undecided: What undecided rules do: `advisory`, `fail` or `ignore`.
        on_error: What a broken rule does: `advisory` or `fail`.
        on_config_error: Level of the findings about the configuration: `mandatory` or `advisory`.
        on_stale_waiver: What a waiver does that waives nothing: `advisory`, `fail` or `ignore`.
        problems: Mistakes in the configuration.
        waivers: The waivers without a mistake, expired ones included.
        baseline: Findings that are known and do not count; None where there is no baseline.
        ratchet: True if an entry of the baseline that could go is mandatory.
    """

    levels: Mapping[str, Level] = field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    on_undecided: str = "advisory"
    on_error: str = "advisory"
    on_config_error: str = "mandatory"
    on_stale_waiver: str = "advisory"
    problems: tuple[Problem, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    baseline: Baseline | None = None
    ratchet: bool = False

    def level(self, rule: Rule) -> Level:
        """Give the level of a rule."""
        return self.levels.get(rule.name, rule.level)

    def enabled(self, rule: Rule) -> bool:
        """Tell whether a rule runs at all."""
        return self.level(rule) is not Level.DISABLED

    def parameters_of(self, rule: Rule) -> Mapping[str, object]:
        """Give every parameter of a rule: the user's value, or the default."""
        return {**rule.defaults, **self.parameters.get(rule.name, {})} if rule.parameters else {}


def from_document(document: object, rules: Iterable[Rule]) -> Settings:
    """Read a whole configuration document.

    Raises:
        UnreadableSettings: It is no JSON object, or a `guard` document of a later version.
    """
    if not isinstance(document, Mapping):
        raise UnreadableSettings("the policy configuration must be a JSON object of policy names")
    entries: dict[str, Entry] = {}
    problems: list[Problem] = []
    for name, value in document.items():
        if name == "environments":
            continue
        if isinstance(value, str):
            entries[str(name)] = Entry(value)
        elif isinstance(value, Mapping):
            level = value.get(LEVEL_KEY)
            properties = {str(key): item for key, item in value.items() if key != LEVEL_KEY}
            entries[str(name)] = Entry(None if level is None else str(level), properties)
        else:
            problems.append(Problem(str(name), "must be a level, or an object with enforcementLevel and parameters"))
    return from_entries(entries, rules, problems)


def from_entries(entries: Mapping[str, Entry], rules: Iterable[Rule], problems: Iterable[Problem] = ()) -> Settings:
    """Make settings of what is said of each policy, unknown names included.

    Raises:
        UnreadableSettings: The `guard` document is of a later version.
    """
    every = list(rules)
    return _Reading({name: rule for rule in every for name in (rule.name, *rule.aliases)}, list(problems)).read(entries)


class _Reading:
    """One pass over a configuration, gathering problems on the way."""

    def __init__(self, by_name: Mapping[str, Rule], problems: list[Problem]) -> None:
        self._by_name = by_name
        self._problems = problems
        self._levels: dict[str, Level] = {}
        self._parameters: dict[str, dict[str, object]] = {}

    def read(self, entries: Mapping[str, Entry]) -> Settings:
        guard = self._guard(entries.get(GUARD, Entry()))
        blanket = self._level(ALL, entries[ALL].level) if ALL in entries else None
        if blanket is not None:
            self._levels.update({rule.name: blanket for rule in self._by_name.values() if not rule.opt_in})
        for name, entry in sorted(entries.items()):
            if name in {GUARD, ALL}:
                continue
            rule = self._by_name.get(name)
            if rule is None:
                self._problems.append(
                    Problem(name, f"there is no such rule{self._near(name, [*self._by_name, GUARD])}")
                )
                continue
            self._rule(rule, name, entry, blanket)
        return Settings(levels=self._levels, parameters=self._parameters, problems=tuple(self._problems), **guard)

    def _rule(self, rule: Rule, name: str, entry: Entry, blanket: Level | None) -> None:
        level = self._level(name, entry.level)
        # The engine repeats the level of `all` for every policy; that alone does not choose an opt-in rule.
        if level is not None and not (rule.opt_in and level is blanket and not entry.properties):
            self._levels[rule.name] = level
        known = {parameter.name: parameter for parameter in rule.parameters}
        for key, value in sorted(entry.properties.items()):
            parameter = known.get(key)
            place = f"{name}.{key}"
            if parameter is None:
                hint = self._near(key, known) or (f"; it has {', '.join(known)}" if known else "; it has none")
                self._problems.append(Problem(place, f"the rule has no such parameter{hint}"))
                continue
            mistake, converted = check(parameter, value)
            if mistake:
                self._problems.append(Problem(place, f"{mistake}; the default {parameter.default!r} applies"))
            else:
                self._parameters.setdefault(rule.name, {})[key] = converted

    def _guard(self, entry: Entry) -> dict[str, Any]:
        chosen: dict[str, Any] = {}
        names = {
            "onUndecided": "on_undecided",
            "onError": "on_error",
            "onConfigError": "on_config_error",
            "onStaleWaiver": "on_stale_waiver",
        }
        for key, value in sorted(entry.properties.items()):
            if key == "version":
                if value != DOCUMENT_VERSION:
                    raise UnreadableSettings(
                        f"guard.version is {value!r}, and this pack reads version {DOCUMENT_VERSION}: "
                        "update the pack, or the configuration"
                    )
            elif key not in CHOICES:
                known = [*CHOICES, "version"]
                self._problems.append(Problem(f"{GUARD}.{key}", f"there is no such setting{self._near(key, known)}"))
            elif value not in CHOICES[key]:
                allowed = " or ".join(CHOICES[key])
                self._problems.append(Problem(f"{GUARD}.{key}", f"is {value!r}, and must be {allowed}"))
            else:
                chosen[names[key]] = str(value)
        return chosen

    def _level(self, name: str, written: str | None) -> Level | None:
        if written is None:
            return None
        try:
            return Level(written)
        except ValueError:
            allowed = [level.value for level in Level]
            hint = self._near(written, allowed) or f"; it must be one of {', '.join(allowed)}"
            self._problems.append(Problem(f"{name}.{LEVEL_KEY}", f"there is no level {written!r}{hint}"))
            return None

    @staticmethod
    def _near(name: str, known: Iterable[str]) -> str:
        import difflib

        near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
        return f"; did you mean {near[0]}?" if near else ""


def check(parameter: Parameter, value: object) -> tuple[str, object]:
    """Check a value that a user gave for a parameter.

    Returns:
        What is wrong with it ("" if nothing), and the value in the parameter's own type.
    """
    if typing.get_origin(parameter.type) is list:
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
            return f"is {value!r}, and must be a list of texts", value
        wrong = [item for item in value if parameter.about.choices and item not in parameter.about.choices]
        allowed = ", ".join(parameter.about.choices)
        return (f"has {wrong[0]!r}, and knows {allowed}" if wrong else ""), list(value)
    if parameter.type is bool:
        return ("" if isinstance(value, bool) else f"is {value!r}, and must be true or false"), value
    if parameter.type is str:
        if not isinstance(value, str):
            return f"is {value!r}, and must be a text", value
        choices = parameter.about.choices
        return (
            f"is {value!r}, and must be one of {', '.join(choices)}" if choices and value not in choices else ""
        ), value
    return _check_number(parameter, value)


def _check_number(parameter: Parameter, value: object) -> tuple[str, object]:
    whole = parameter.type is int
    if isinstance(value, bool) or not isinstance(value, (int, float)) or (whole and not float(value).is_integer()):
        return f"is {value!r}, and must be a {'whole ' if whole else ''}number", value
    low, high = parameter.about.minimum, parameter.about.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        limits = " and ".join(
            text
            for text in (f"at least {low}" if low is not None else "", f"at most {high}" if high is not None else "")
            if text
        )
        return f"is {value!r}, and must be {limits}", value
    return "", int(value) if whole else float(value)
