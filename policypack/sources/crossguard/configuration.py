"""The configuration as the engine sends it: every policy with a level and all defaults, misspelt names included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pulumi.runtime.proto import analyzer_pb2

from policypack.engine.problems import Problem
from policypack.engine.settings import ALL, GUARD, Entry, Settings, UnreadableSettings, from_entries
from policypack.sources.wire import decode

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from policypack.engine.verdict import Crash
    from policypack.rules.contract import Rule


def settings_or_refusal(
    request: analyzer_pb2.ConfigureAnalyzerRequest, rules: Sequence[Rule], today: date | None = None
) -> Settings | UnreadableSettings:
    """Read what the engine sent; or give the reason why this pack cannot read it at all."""
    try:
        return settings_of(request, rules, today)
    except UnreadableSettings as unreadable:
        return unreadable


def unread(crash: Crash) -> Settings:
    """Give the defaults, with word of a defect of the pack: not even that may stop everybody's operations."""
    # Not the exception's own text: it may hold a value that is secret.
    what = f"the pack broke while it read this: {crash.error.split(':')[0]} at {crash.place}"
    return Settings(problems=(Problem(GUARD, f"{what}; the defaults apply. Please report it as a defect of the pack"),))


def settings_of(
    request: analyzer_pb2.ConfigureAnalyzerRequest, rules: Sequence[Rule], today: date | None = None
) -> Settings:
    """Read what the engine sent.

    Args:
        request: Every policy, with its level and its properties.
        rules: Every rule of the pack.
        today: The day that waivers are held against; the real one (UTC) unless given.

    Raises:
        UnreadableSettings: The `guard` document is of a version that this pack does not read.
    """
    entries = {name: _entry(said) for name, said in request.policyConfig.items()}
    blanket = entries[ALL].level if ALL in entries else None
    for rule in rules:
        if rule.name in entries:
            given = _without_defaults(entries[rule.name], rule)
            if any(alias in entries for alias in rule.aliases) and given.level in {rule.level.value, blanket}:
                # The user wrote the alias; this level is only what the engine adds for every policy it knows.
                given = Entry(None, given.properties)
            entries[rule.name] = given
    return from_entries(entries, rules, today=today, complete=True)


def _entry(said: analyzer_pb2.PolicyConfig) -> Entry:
    level = analyzer_pb2.EnforcementLevel.Name(said.enforcementLevel).lower()
    return Entry(level, {name: decode(value) for name, value in said.properties.fields.items()})


def _without_defaults(entry: Entry, rule: Rule) -> Entry:
    """Take out what the engine filled in, so that only what the user chose counts as chosen."""
    defaults = rule.defaults
    chosen = {
        name: value
        for name, value in entry.properties.items()
        if name not in defaults or not _same(value, defaults[name])
    }
    return Entry(entry.level, chosen)


def _same(value: object, default: object) -> bool:
    if isinstance(default, (tuple, set, frozenset)):
        default = list(default)
    return isinstance(value, bool) == isinstance(default, bool) and value == default
