"""Reads a configuration: one layer over the other, with what is wrong in it, and where each value came from."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import TYPE_CHECKING, Any, Final

from policypack.engine.parameters import check
from policypack.engine.problems import Problem, near, shown
from policypack.engine.settings import (
    ALL,
    CHOICES,
    DOCUMENT_VERSION,
    GUARD,
    GUARD_KEYS,
    LEVEL_KEY,
    Entry,
    Settings,
    UnreadableSettings,
    entries_of,
)
from policypack.rules.contract import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from policypack.rules.contract import Rule

_CHOSEN: Final = {
    "onUndecided": "on_undecided",
    "onError": "on_error",
    "onConfigError": "on_config_error",
    "onStaleWaiver": "on_stale_waiver",
}

_NO_SCHEMA: Final = "Pulumi takes this for a policy; name the schema in the settings of your editor instead"


class Reading:
    """One pass over a configuration, gathering problems on the way.

    What comes later wins: the rule's own level, the profile, `guard.select`, `all`, the rule's entry. Pulumi's engine
    sends an entry for every rule, with the rule's own level where the user wrote none. So an entry that says no more
    than that level is none: it must mean the same whichever way the configuration comes in.
    """

    def __init__(
        self, by_name: Mapping[str, Rule], problems: list[Problem], *, today: date | None, complete: bool
    ) -> None:
        """Take the rules by name and alias, problems so far, the day, and whether the engine has filled in entries."""
        self._by_name = by_name
        self._problems = problems
        self._today = today
        self._complete = complete
        self._levels: dict[str, Level] = {}
        self._parameters: dict[str, dict[str, object]] = {}
        self._origins: dict[str, dict[str, str]] = {}
        self._guard: dict[str, object] = {}

    def read(self, entries: Mapping[str, Entry]) -> Settings:
        """Make settings of what is said of each policy.

        Raises:
            UnreadableSettings: The `guard` document is of a later version.
        """
        guard = entries.get(GUARD, Entry()).properties
        self._version(guard)
        for name, document in self._profiles(guard.get("extends")):
            layer = entries_of(document, self._problems)
            self._layer(layer, f"profile {name}")
        self._guard_layer(guard, GUARD)
        blanket = self._level(ALL, entries[ALL].level) if ALL in entries else None
        if blanket is not None:
            for each in self._by_name.values():
                if not each.opt_in or each.name in self._levels:
                    self._set_level(each, blanket, ALL)
        for key in sorted(entries[ALL].properties) if ALL in entries else ():
            self._says(f"{ALL}.{key}", f"there is no such key; {ALL} has {LEVEL_KEY} and nothing else")
        named: dict[Rule, str] = {}
        for name, entry in sorted(entries.items()):
            if name in {GUARD, ALL}:
                continue
            rule = self._by_name.get(name)
            if rule is None:
                self._says(name, _NO_SCHEMA if name == "$schema" else self._no_rule(name))
                continue
            if rule in named and not self._complete:
                self._says(name, f"this is {named[rule]} by another name; write one of the two")
            named.setdefault(rule, name)
            self._entry(rule, name, entry, blanket)
        return self._settings()

    def _no_rule(self, name: str) -> str:
        return f"there is no such rule{near(name, [*self._by_name, GUARD, ALL])}"

    def _layer(self, entries: Mapping[str, Entry], label: str) -> None:
        """Lay a profile over what is there."""
        self._guard_layer(entries.get(GUARD, Entry()).properties, label)
        for name, entry in sorted(entries.items()):
            rule = self._by_name.get(name)
            if rule is not None:
                level = self._level(name, entry.level)
                if level is not None:
                    self._set_level(rule, level, label)
                self._set_parameters(rule, name, entry.properties, label)

    def _entry(self, rule: Rule, name: str, entry: Entry, blanket: Level | None) -> None:
        """Take what is said of one rule by its name."""
        level = self._level(name, entry.level)
        # The engine repeats the level of `all` for every policy; that alone does not choose an opt-in rule.
        repeated = level is blanket and rule.opt_in and not entry.properties
        if level is not None and not repeated:
            now = self._levels.get(rule.name, rule.level)
            if blanket is None and level is rule.level and now is not level:
                self._outvoted(name, LEVEL_KEY, level.value, rule)
            else:
                self._set_level(rule, level, name)
        given = dict(entry.properties)
        for key, default in rule.defaults.items():
            if key in given and key in self._parameters.get(rule.name, {}) and _same(given[key], default):
                self._outvoted(name, key, given.pop(key), rule)
        self._set_parameters(rule, name, given, name)

    def _outvoted(self, name: str, key: str, value: object, rule: Rule) -> None:
        """Say that an entry has no effect, since Pulumi cannot tell it from none."""
        if not self._complete:
            origin = self._origins.get(rule.name, {}).get(key, GUARD)
            way = (
                f'write it in guard.select: {{"rules": "{rule.name}", "level": "{value}"}}'
                if key == LEVEL_KEY
                else "write another value, or leave the profile out"
            )
            self._says(
                f"{name}.{key}",
                f"contradicts {origin}, and has no effect: {value!r} is what the rule has by itself, and Pulumi sends "
                f"that for every rule; {way}",
            )

    def _set_level(self, rule: Rule, level: Level, origin: str) -> None:
        self._levels[rule.name] = level
        self._origins.setdefault(rule.name, {})[LEVEL_KEY] = origin

    def _set_parameters(self, rule: Rule, name: str, given: Mapping[str, object], origin: str) -> None:
        known = {parameter.name: parameter for parameter in rule.parameters}
        for key, value in sorted(given.items()):
            parameter = known.get(key)
            place = f"{name}.{key}"
            if parameter is None:
                hint = near(key, [*known, LEVEL_KEY]) or (f"; it has {', '.join(known)}" if known else "; it has none")
                self._says(place, f"the rule has no such parameter{hint}")
                continue
            mistake, converted = check(parameter, value)
            if mistake:
                self._says(place, f"{mistake}; the default {parameter.default!r} applies")
            else:
                self._parameters.setdefault(rule.name, {})[key] = converted
                self._origins.setdefault(rule.name, {})[key] = origin

    def _version(self, guard: Mapping[str, object]) -> None:
        version = guard.get("version", DOCUMENT_VERSION)
        if version != DOCUMENT_VERSION or isinstance(version, bool):
            raise UnreadableSettings(
                f"guard.version is {version!r}, and this pack reads version {DOCUMENT_VERSION}: "
                "update the pack, or the configuration"
            )

    def _profiles(self, name: object) -> Iterable[tuple[str, Mapping[str, Any]]]:
        if name is None:
            return ()
        from policypack.engine.profiles import PROFILES, chain

        if isinstance(name, str) and name in PROFILES:
            return chain(name)
        hint = near(str(name), PROFILES) or f"; it must be one of {', '.join(PROFILES)}"
        self._says(f"{GUARD}.extends", f"there is no profile {shown(name)}{hint}")
        return ()

    def _guard_layer(self, properties: Mapping[str, object], origin: str) -> None:
        for key, value in sorted(properties.items()):
            place = f"{GUARD}.{key}"
            if key not in GUARD_KEYS:
                self._says(place, f"there is no such setting{near(key, GUARD_KEYS)}")
            elif key in CHOICES and value not in CHOICES[key]:
                hint = near(str(value), CHOICES[key])
                self._says(place, f"is {shown(value)}, and must be {' or '.join(CHOICES[key])}{hint}")
            elif key == "select":
                self._select(value, f"{origin}.select" if origin == GUARD else f"{origin}: guard.select")
            else:
                self._guard[key] = value
                self._origins.setdefault(GUARD, {})[key] = origin

    def _select(self, value: object, place: str) -> None:
        """Give levels to the rules that selections choose, one selection after the other."""
        if not isinstance(value, (list, tuple)):
            self._says(place, f"is {shown(value)}, and must be a list of selections")
            return
        from policypack.engine.selection import LEVEL, Selector

        selector = Selector(self._by_name, self._problems)
        seen: dict[str, tuple[int, object]] = {}
        for index, entry in enumerate(value):
            here = f"{place}[{index}]"
            rules = selector.chosen(entry, here, also=(LEVEL,))
            level = selector.level(entry, here) if hasattr(entry, "get") else None
            if rules is None or level is None:
                continue
            criteria = repr(sorted((key, item) for key, item in entry.items() if key != LEVEL))
            if criteria in seen and seen[criteria][1] != level:
                first, _ = seen[criteria]
                self._says(here, f"contradicts {place}[{first}], which chooses the same; the later one holds")
            seen[criteria] = (index, level)
            for rule in rules:
                self._set_level(rule, level if isinstance(level, Level) else rule.level, here)

    def _settings(self) -> Settings:
        guard = self._guard
        more: dict[str, Any] = {_CHOSEN[key]: str(guard[key]) for key in CHOICES if key in guard and key in _CHOSEN}
        if guard.keys() & {"waivers", "notWaivable", "waiverMaximumDays"}:
            from policypack.engine.guard import WaiverReader
            from policypack.engine.selection import Selector

            today = self._today or datetime.now(timezone.utc).date()
            reader = WaiverReader(guard, Selector(self._by_name, self._problems), self._problems, today)
            more["waivers"] = reader.read(guard["waivers"]) if "waivers" in guard else ()
        if "baseline" in guard:
            from policypack.engine.guard import read_baseline

            more["baseline"] = read_baseline(guard["baseline"], f"{GUARD}.baseline", self._by_name, self._problems)
        if guard.keys() & {"owners", "ownerKeys"}:
            from policypack.engine.guard import read_owners

            more["owners"] = read_owners(guard, self._problems)
        return Settings(
            levels=self._levels,
            parameters=self._parameters,
            problems=tuple(self._problems),
            origins=self._origins,
            guard=guard,
            **more,
        )

    def _level(self, name: str, written: str | None) -> Level | None:
        if written is None:
            return None
        try:
            return Level(written)
        except ValueError:
            allowed = [level.value for level in Level]
            hint = near(written, allowed) or f"; it must be one of {', '.join(allowed)}"
            self._says(f"{name}.{LEVEL_KEY}", f"there is no level {shown(written)}{hint}")
            return None

    def _says(self, place: str, message: str) -> None:
        self._problems.append(Problem(place, message))


def _same(value: object, default: object) -> bool:
    if isinstance(default, (tuple, set, frozenset)):
        default = list(default)
    return isinstance(value, bool) == isinstance(default, bool) and value == default
