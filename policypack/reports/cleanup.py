"""What is to be cleaned up in a configuration and a baseline: each entry, what is wrong with it, and what to do."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from policypack.engine.messages import days
from policypack.model.graph import urn_name
from policypack.model.records import dataclass
from policypack.reports.text_standing import number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from policypack.engine.baseline import Fixed
    from policypack.engine.waivers import StaleWaiver, Waiver
    from policypack.reports.report import Fault, Report


@dataclass(frozen=True)
class Entry:
    """An entry of the configuration or the baseline that somebody should look at.

    Attributes:
        kind: `expired waiver`, `stale waiver` or `baseline`.
        level: `mandatory` if it stops a deployment by itself, else `advisory`.
        entry: Where it stands: `guard.waivers[0]`; the rule, for one of the baseline.
        about: What it is about, and who answers for it.
        wrong: What is wrong with it.
        what_to_do: What to do.
    """

    kind: str
    level: str
    entry: str
    about: str
    wrong: str
    what_to_do: str


def entries_of(report: Report) -> tuple[Entry, ...]:
    """Give what is to be cleaned up about one stack: expired waivers, stale ones, and entries of the baseline."""
    clean, settings = report.cleaner.shown, report.judgement.settings
    found = [
        *_expired(report.expired),
        *_stale(report.stale_waivers, settings.on_stale_waiver),
        *_fixed(report.fixed, ratchet=settings.ratchet),
    ]
    return tuple(_cleaned(one, clean) for one in found)


def stale_entries(stale: Iterable[StaleWaiver], choice: str, clean: Callable[[str], str]) -> tuple[Entry, ...]:
    """Give the waivers that waive nothing in any of several stacks.

    Args:
        stale: The waivers.
        choice: What the configuration does about them: `guard.onStaleWaiver`.
        clean: Makes text safe to show.
    """
    return tuple(_cleaned(one, clean) for one in _stale(stale, choice))


def _cleaned(one: Entry, clean: Callable[[str], str]) -> Entry:
    return Entry(one.kind, one.level, *map(clean, (one.entry, one.about, one.wrong, one.what_to_do)))


def _expired(faults: Iterable[Fault]) -> Iterator[Entry]:
    again: dict[str, list[Fault]] = defaultdict(list)
    waivers: dict[str, Waiver] = {}
    for fault in faults:
        waiver = fault.stand.expired
        if waiver is not None:
            waivers[waiver.place] = waiver
            again[waiver.place].append(fault)
    for place, waiver in waivers.items():
        count = number(len(again[place]), "finding")
        counts = "counts" if len(again[place]) == 1 else "count"
        yield Entry(
            "expired waiver",
            min((fault.level.value for fault in again[place]), key=["mandatory", "advisory"].index),
            place,
            _about(waiver),
            f"It expired on {waiver.expires.isoformat()} ({days(-waiver.days_left)} ago): {count} {counts} again.",
            f"Mend what it waived, or have {waiver.owner} decide on a later day.",
        )


def _stale(waivers: Iterable[StaleWaiver], choice: str) -> Iterator[Entry]:
    for one in waivers:
        over = f" It expired on {one.waiver.expires.isoformat()}." if one.waiver.expired else ""
        yield Entry(
            "stale waiver",
            "mandatory" if choice == "fail" else "advisory",
            one.waiver.place,
            _about(one.waiver),
            f"It waives nothing: {one.why}.{over}",
            "Take it out of the configuration.",
        )


def _fixed(entries: Iterable[Fixed], *, ratchet: bool) -> Iterator[Entry]:
    for one in entries:
        yield Entry(
            "baseline",
            "mandatory" if ratchet else "advisory",
            one.rule,
            urn_name(one.urn),
            f"{one.found} of {one.recorded} findings are left." if one.found else "It is fixed.",
            "Write the baseline anew: audit --write-baseline.",
        )


def _about(waiver: Waiver) -> str:
    where = " ".join((*waiver.resources, *waiver.stacks))
    ticket = f", {waiver.ticket}" if waiver.ticket else ""
    return f"{', '.join(waiver.rules)} on {where}; {waiver.owner}{ticket}: {waiver.reason}"
