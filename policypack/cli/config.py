"""`multiregion-guard config`: what a policy configuration says, what is wrong in it, and what comes of it."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from policypack.cli.output import require_writable, write_report
from policypack.cli.policy_config import read_baseline_file, read_settings
from policypack.cli.screen import Screen
from policypack.engine.settings import CHOICES, GUARD, LEVEL_KEY
from policypack.model.records import replace
from policypack.reports.cleaning import escape
from policypack.reports.layout import Span, Style
from policypack.rules.registry import all_rules, rules_by_name
from policypack.sources.errors import InputError

if TYPE_CHECKING:
    import argparse

    from policypack.engine.settings import Settings
    from policypack.reports.layout import Page
    from policypack.rules.contract import Level, Rule

_OWN = "the rule itself"
_RESOLVED = frozenset({"extends", "select"})
"""Settings that are no more once every rule has an entry of its own."""


def validate(chosen: argparse.Namespace) -> int:
    """Tell every mistake of each file; 1 if there is one.

    Raises:
        InputError: A file cannot be read at all.
    """
    screen = Screen(no_color=chosen.no_color)
    read = [(file, read_settings(file, all_rules(), today=chosen.as_of)) for file in chosen.files]
    if chosen.format == "json":
        written = {
            "version": 1,
            "files": [
                {
                    "path": str(file),
                    "problems": [{"place": one.place, "message": one.message} for one in settings.problems],
                }
                for file, settings in read
            ],
        }
        screen.write(json.dumps(written, indent=2) + "\n")
    else:
        page = screen.page()
        for file, settings in read:
            _mistakes(page, settings, f"{file}: ")
        screen.show(page)
    return 1 if any(settings.problems for _, settings in read) else 0


def _mistakes(page: Page, settings: Settings, before: str = "") -> None:
    problems = settings.problems
    if not problems:
        page.line(f"{escape(before)}", Span("no mistake", Style.GOOD))
        return
    count = f"{len(problems)} mistake" + ("" if len(problems) == 1 else "s")
    page.line(escape(before), Span(count, Style.BAD))
    for problem in problems:
        page.prose(escape(problem.message), indent=2, label=f"{escape(problem.place)}: ")


def show(chosen: argparse.Namespace) -> int:
    """Show what holds: the level and the parameters of each rule, the settings, and where each came from.

    Raises:
        InputError: The file cannot be read at all, or there is no such rule.
    """
    settings = read_settings(chosen.file, all_rules(), today=chosen.as_of)
    rules = _wanted(chosen.rule)
    screen = Screen(no_color=chosen.no_color)
    if chosen.format == "json":
        screen.write(json.dumps(_document(settings, rules), indent=2) + "\n")
        return 0
    page = screen.page()
    if chosen.rule is None:
        _show_settings(page, settings)
        page.blank()
    _show_rules(page, settings, rules, wrap=screen.terminal)
    if settings.problems:
        page.blank()
        _mistakes(page, settings)
    screen.show(page)
    return 0


def _wanted(name: str | None) -> list[Rule]:
    if name is None:
        return list(all_rules())
    rule = rules_by_name().get(name)
    if rule is None:
        raise InputError(f"there is no rule {name!r}", what_to_do="See them all: multiregion-guard rules")
    return [rule]


def origin(settings: Settings, policy: str, key: str) -> str:
    """Say where the value of a key came from."""
    found = settings.origins.get(policy, {}).get(key)
    if found is None:
        return _OWN if policy != GUARD else "default"
    return "its entry" if found == policy and policy != GUARD else found


def _show_settings(page: Page, settings: Settings) -> None:
    page.line(Span("Settings", Style.STRONG))
    rows = []
    for key, value in _guard_values(settings).items():
        told = (
            f"{len(value)} of them"
            if key in {"waivers", "notWaivable", "owners"} and isinstance(value, list)
            else value
        )
        said = told if isinstance(told, str) else json.dumps(told)
        rows.append([Span(key), Span(escape(said)), Span(origin(settings, GUARD, key), Style.QUIET)])
    page.table(rows, indent=2)


def _guard_values(settings: Settings) -> dict[str, Any]:
    """Give every setting: as it is set, or its default. The baseline is told by its size."""
    given = {key: value for key, value in settings.guard.items() if key not in {"version", "baseline"}}
    values: dict[str, Any] = {**{key: words[0] for key, words in CHOICES.items()}, **given}
    if settings.baseline is not None:
        values["baseline"] = f"{settings.baseline.count()} known findings"
    return values


def _show_rules(page: Page, settings: Settings, rules: list[Rule], *, wrap: bool) -> None:
    rows = [[Span(name, Style.QUIET) for name in ("rule", "level", "from", "parameters")]]
    for rule in rules:
        level = settings.level(rule)
        rows.append(
            [
                Span(rule.name, Style.STRONG),
                Span(level.value, _style(level)),
                Span(origin(settings, rule.name, LEVEL_KEY), Style.QUIET),
                Span(_parameters(settings, rule)),
            ]
        )
    page.table(rows, wrap_last=wrap)


def _style(level: Level) -> Style:
    return {"mandatory": Style.BAD, "disabled": Style.QUIET}.get(level.value, Style.PLAIN)


def _parameters(settings: Settings, rule: Rule) -> str:
    said = []
    for key, value in settings.parameters_of(rule).items():
        where = origin(settings, rule.name, key)
        said.append(f"{key}={json.dumps(value)}" + (f" ({where})" if where != _OWN else ""))
    return escape(", ".join(said))


def _document(settings: Settings, rules: list[Rule]) -> dict[str, object]:
    return {
        "version": 1,
        "guard": {
            key: {"value": value, "from": origin(settings, GUARD, key)}
            for key, value in _guard_values(settings).items()
        },
        "rules": [
            {
                "name": rule.name,
                "level": {"value": settings.level(rule).value, "from": origin(settings, rule.name, LEVEL_KEY)},
                "parameters": {
                    key: {"value": value, "from": origin(settings, rule.name, key)}
                    for key, value in settings.parameters_of(rule).items()
                },
            }
            for rule in rules
        ],
        "problems": [{"place": one.place, "message": one.message} for one in settings.problems],
    }


def schema(chosen: argparse.Namespace) -> int:
    """Print the JSON schema of the document."""
    from policypack.reports.config_schema import schema_text

    Screen(no_color=chosen.no_color).write(schema_text(all_rules()))
    return 0


def bundle(chosen: argparse.Namespace) -> int:
    """Write one JSON document in which everything stands on its own: for Pulumi, and for a policy group.

    Raises:
        InputError: A file cannot be read or written.
    """
    if chosen.output is not None:
        require_writable(chosen.output)
    settings = read_settings(chosen.file, all_rules(), today=chosen.as_of)
    if settings.problems:
        page = Screen(no_color=True).page()
        _mistakes(page, settings, f"{chosen.file}: ")
        sys.stderr.write(page.plain())
        return 1
    if chosen.baseline is not None:
        settings = replace(settings, baseline=read_baseline_file(chosen.baseline, all_rules()))
    text = json.dumps(bundled(settings), indent=2) + "\n"
    if chosen.output is None:
        Screen(no_color=True).write(text)
    else:
        write_report(chosen.output, text)
    return 0


def bundled(settings: Settings) -> dict[str, object]:
    """Give the document that says the same without profile and selections: an entry for every rule."""
    guard = {key: value for key, value in settings.guard.items() if key not in _RESOLVED}
    if settings.baseline is not None:
        document = settings.baseline.document()
        guard["baseline"] = {key: document[key] for key in ("version", "findings")}
    policies: dict[str, object] = {GUARD: guard} if guard else {}
    for rule in all_rules():
        set_ones = settings.parameters.get(rule.name, {})
        changed = {key: value for key, value in set_ones.items() if value != rule.defaults[key]}
        policies[rule.name] = {LEVEL_KEY: settings.level(rule).value, **changed}
    return policies
