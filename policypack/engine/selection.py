"""Chooses rules by name, area, severity and framework."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from policypack.engine.problems import Problem, near, shown
from policypack.engine.waivers import fits
from policypack.rules.areas import AREAS
from policypack.rules.contract import Level, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from policypack.rules.contract import Rule

CRITERIA: Final[Mapping[str, str]] = {
    "rules": "Names of rules; * and ? stand for letters.",
    "areas": "Areas of rules.",
    "severities": "Severities of rules.",
    "frameworks": "Frameworks of which rules give evidence for a control; the version may be left out.",
}
"""What rules are chosen by. Several criteria must all fit; of the values of one, any."""

LEVEL: Final = "level"
DEFAULT: Final = "default"
"""The level that a rule has by itself, as a choice of a selection."""


class Selector:
    """Reads selections, and gathers what is wrong in them."""

    def __init__(self, by_name: Mapping[str, Rule], problems: list[Problem]) -> None:
        """Take the rules by name and alias, and the list that problems go to."""
        self._by_name = by_name
        self._rules = sorted(set(by_name.values()), key=lambda rule: rule.name)
        self._problems = problems

    def level(self, entry: Mapping[str, object], place: str) -> Level | str | None:
        """Read the level of a selection: a level, `default`, or None where there is a mistake."""
        written = entry.get(LEVEL)
        allowed = [*(level.value for level in Level), DEFAULT]
        if written is None:
            self._says(place, f"has no {LEVEL}; it must be one of {', '.join(allowed)}")
        elif written == DEFAULT:
            return DEFAULT
        elif isinstance(written, str) and written in allowed:
            return Level(written)
        else:
            hint = near(str(written), allowed) or f"; it must be one of {', '.join(allowed)}"
            self._says(f"{place}.{LEVEL}", f"there is no level {shown(written)}{hint}")
        return None

    def chosen(self, entry: object, place: str, *, also: Iterable[str] = ()) -> list[Rule] | None:
        """Give the rules that a selection chooses, sorted by name.

        An opt-in rule is chosen by its own name only.

        Args:
            entry: The selection.
            place: Where it stands.
            also: Keys that it may have besides the criteria.

        Returns:
            None where something is wrong: a selection that is half understood would choose too much.
        """
        if not isinstance(entry, Mapping):
            self._says(place, f"is {shown(entry)}, and must be an object of {', '.join(CRITERIA)}")
            return None
        known = [*CRITERIA, *also]
        strange = sorted(set(map(str, entry)) - set(known))
        for key in strange:
            self._says(f"{place}.{key}", f"there is no such criterion{near(key, known)}")
        given = {key: self.texts(entry[key], f"{place}.{key}") for key in CRITERIA if key in entry}
        if not given and not strange:
            self._says(place, f"chooses no rule: it needs one of {', '.join(CRITERIA)}")
        sets = [self._fitting(key, values, f"{place}.{key}") for key, values in given.items() if values is not None]
        fitting = [one for one in sets if one is not None]
        if strange or not fitting or len(fitting) < len(given):
            return None
        named = set(given.get("rules") or ())
        found = [
            rule
            for rule in self._rules
            if all(rule in one for one in fitting)
            and (not rule.opt_in or named.intersection((rule.name, *rule.aliases)))
        ]
        if not found:
            self._says(place, "chooses no rule: its criteria do not meet")
        return found or None

    def texts(self, value: object, place: str) -> list[str] | None:
        """Read a text or a list of texts; None where it is neither, or empty."""
        values = [value] if isinstance(value, str) else value
        if isinstance(values, (list, tuple)) and values and all(isinstance(one, str) and one for one in values):
            return list(values)
        self._says(place, f"is {shown(value)}, and must be a text or a list of texts")
        return None

    def named(self, patterns: Sequence[str], place: str) -> set[Rule] | None:
        """Give the rules that names and globs fit; None where one fits none."""
        return self._fitting("rules", patterns, place)

    def _fitting(self, key: str, values: Sequence[str], place: str) -> set[Rule] | None:
        found: set[Rule] = set()
        complete = True
        for value in values:
            some = self._of(key, value)
            found |= some
            if not some and value not in known_values(key, self._by_name):
                complete = False
                self._says(place, f"{_UNKNOWN[key]} {value!r}{self._hint(key, value)}")
        return found if complete else None

    def _of(self, key: str, value: str) -> set[Rule]:
        if key == "rules":
            return {rule for name, rule in self._by_name.items() if fits(value, name)}
        fitting: Callable[[Rule], bool] = {
            "areas": lambda rule: rule.area == value.replace("-", "_"),
            "severities": lambda rule: rule.severity.value == value,
            "frameworks": lambda rule: any(_is_framework(value, name) for name in rule.controls),
        }[key]
        return {rule for rule in self._rules if fitting(rule)}

    def _hint(self, key: str, value: str) -> str:
        known = known_values(key, self._by_name)
        return near(value, known) or ("" if key == "rules" else f"; there are {', '.join(known)}")

    def _says(self, place: str, message: str) -> None:
        self._problems.append(Problem(place, message))


_UNKNOWN: Final = {
    "rules": "there is no rule",
    "areas": "there is no area",
    "severities": "there is no severity",
    "frameworks": "no rule gives evidence for a framework",
}


def known_values(key: str, by_name: Mapping[str, Rule]) -> list[str]:
    """Give the values that a criterion can have."""
    rules = by_name.values()
    if key == "rules":
        return list(by_name)
    if key == "areas":
        return sorted({*AREAS, *(rule.area for rule in rules)})
    if key == "severities":
        return [severity.value for severity in Severity]
    return sorted({name for rule in rules for name in rule.controls})


def _is_framework(wanted: str, name: str) -> bool:
    """Tell whether a name is that of a framework, in any case and with or without its version."""
    wanted, name = wanted.casefold(), name.casefold()
    return name == wanted or (name.startswith(wanted) and name[len(wanted)] in " :")
