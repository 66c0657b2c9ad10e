"""The options of `check` and `audit` that tell of known findings: `--baseline`, `--write-baseline`, `--ratchet`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from policypack.cli.output import require_not_read, require_writable, write_report
from policypack.cli.policy_config import baseline_text, read_baseline_file, read_settings
from policypack.engine.baseline import baseline_of
from policypack.engine.standing import Standing
from policypack.model.finding import Finding
from policypack.model.records import replace
from policypack.reports.audit import Audit
from policypack.reports.text_standing import number
from policypack.rules.registry import all_rules
from policypack.sources.errors import InputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from policypack.engine.baseline import Baseline
    from policypack.engine.settings import Settings
    from policypack.reports.report import Report


def settings_for(chosen: argparse.Namespace) -> Settings:
    """Read the configuration and the baseline that the user named.

    Raises:
        InputError: One of them cannot be read, or the options do not go together.
    """
    settings = read_settings(chosen.policy_pack_config, all_rules(), today=chosen.as_of)
    baseline = read_baseline_file(chosen.baseline, all_rules()) if chosen.baseline else settings.baseline
    if chosen.ratchet and baseline is None:
        raise InputError("--ratchet has no baseline to look at", what_to_do="Name it with --baseline FILE.")
    if chosen.write_baseline is not None:
        require_writable(chosen.write_baseline)
    reports = [*(one.file for one in chosen.report), chosen.output]
    require_not_read(reports, [chosen.policy_pack_config, chosen.baseline])
    require_not_read([chosen.write_baseline], [chosen.policy_pack_config])
    # What is fixed leaves a baseline that is written anew; that nothing new comes in is seen to where it is written.
    return replace(settings, baseline=baseline, ratchet=chosen.ratchet and chosen.write_baseline is None)


def written(chosen: argparse.Namespace, done: Audit) -> Audit:
    """Write the baseline, if the user wants one, and give what was judged with every finding known.

    Entries about stacks that were not judged stay as they are.

    Raises:
        InputError: It cannot be written, or a file could not be judged: its findings would be lost from the baseline.
    """
    if chosen.write_baseline is None:
        return done
    require_all_judged(chosen.write_baseline, all_judged=bool(done.reports) and not done.unread)
    before = done.reports[0].judgement.settings.baseline
    found = (each for report in done.reports for each in to_know(report, grows=not chosen.ratchet))
    baseline = write_baseline(chosen.write_baseline, found, done.stacks, before)
    return Audit(
        tuple(
            replace(report, judgement=replace(judgement, settings=replace(judgement.settings, baseline=baseline)))
            for report in done.reports
            for judgement in (report.judgement,)
        ),
        done.seconds,
    )


def require_all_judged(file: Path, *, all_judged: bool) -> None:
    """Refuse to write a baseline from which the findings of a stack would be lost.

    Raises:
        InputError: Not every stack could be judged.
    """
    if not all_judged:
        raise InputError(
            "the baseline was not written: not every file could be judged",
            where=str(file),
            what_to_do="Mend or leave out what could not be judged, and run it again.",
        )


def write_baseline(
    file: Path, found: Iterable[tuple[str, Finding]], stacks: Collection[tuple[str, str]], before: Baseline | None
) -> Baseline:
    """Write a baseline, and give it.

    Args:
        file: Where to.
        found: What was found: name of the rule, and finding.
        stacks: Name and project of each stack that was judged.
        before: The baseline until now: what it has of other stacks stays.

    Raises:
        InputError: The file cannot be written.
    """
    baseline = baseline_of(found, before.without(stacks) if before is not None else None)
    write_report(file, baseline_text(baseline))
    told = f"{number(baseline.count(), 'finding')} of {number(len(baseline.stacks), 'stack')}"
    print(f"wrote {told} to {file}", file=sys.stderr)
    return baseline


def to_know(report: Report, *, grows: bool) -> Iterator[tuple[str, Finding]]:
    """Give what goes into the baseline: all but what a waiver accepts, which is to be found again when that ends.

    What is in it stays as long as nobody can say that it is fixed.

    Args:
        report: What was found.
        grows: False to give what is known already and nothing else.
    """
    clean = report.cleaner.data
    for one in report.faults:
        if one.stand.standing is Standing.KNOWN or (grows and one.open):
            # Two findings at one property are two only by what they say.
            yield one.verdict.rule.name, Finding(*map(clean, (one.urn, one.path, one.expected, one.found)))
    for rule, waiting in report.judgement.waiting:
        yield rule, replace(waiting, urn=clean(waiting.urn), path=clean(waiting.path))
