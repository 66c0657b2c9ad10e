"""Reads the policy configuration: the document that `pulumi preview --policy-pack-config` takes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from policypack.cli.documents import read_document
from policypack.engine.profiles import FOLDER, PROFILES
from policypack.engine.settings import Settings, UnreadableSettings, entries_of, from_entries
from policypack.sources.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    from policypack.engine.baseline import Baseline
    from policypack.engine.problems import Problem
    from policypack.rules.contract import Rule

_EXAMPLE = '{"backend-service-two-regions": "advisory"}'


def read_settings(file: Path | None, rules: Sequence[Rule], *, today: date | None = None) -> Settings:
    """Read the configuration; the defaults if there is none.

    Args:
        file: The file, or the name of a profile of the pack.
        rules: Every rule of the pack.
        today: The day that waivers are held against; the real one (UTC) unless given.

    Raises:
        InputError: The file cannot be read at all. Mistakes inside it are problems of the settings.
    """
    if file is None:
        return Settings()
    document, problems = read_document(_located(file), "the policy configuration")
    try:
        return from_entries(entries_of(document, problems), rules, problems, today=today)
    except UnreadableSettings as unreadable:
        raise InputError(
            str(unreadable), where=str(file), what_to_do=f"Write levels by rule, such as {_EXAMPLE}."
        ) from unreadable


def _located(file: Path) -> Path:
    """Give the file that a name stands for: `production` is the profile, unless there is a file of that name."""
    return FOLDER / f"{file}.json" if str(file) in PROFILES and not file.exists() else file


def read_baseline_file(file: Path, rules: Sequence[Rule]) -> Baseline:
    """Read a baseline that `audit --write-baseline` wrote.

    Raises:
        InputError: It cannot be read, or is no baseline: judging without it would stop everybody.
    """
    from policypack.engine.guard import read_baseline

    document, problems = read_document(file, "the baseline")
    by_name = {name: rule for rule in rules for name in (rule.name, *rule.aliases)}
    read = read_baseline(document, "baseline", by_name, problems)
    if read is None or problems:
        first: Problem = problems[0]
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise InputError(
            f"the baseline has a mistake: {first.place} {first.message}{more}",
            where=str(file),
            what_to_do="Write it anew with audit --write-baseline.",
        )
    return read


def baseline_text(baseline: Baseline) -> str:
    """Give a baseline as the text of its file: sorted, and a line for each entry, so that changes are read easily."""
    return json.dumps(baseline.document(), indent=2, ensure_ascii=True) + "\n"
