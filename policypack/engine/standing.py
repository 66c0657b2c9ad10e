"""How a finding stands: whether it counts, is waived, or was known before."""

from __future__ import annotations

import enum
from collections import defaultdict
from typing import TYPE_CHECKING

from policypack.engine.verdict import Status
from policypack.model.records import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from policypack.engine.baseline import Baseline
    from policypack.engine.verdict import Verdict
    from policypack.engine.waivers import Waiver
    from policypack.model.finding import Finding


class Standing(str, enum.Enum):
    """Whether a finding counts."""

    OPEN = "open"  # it counts
    WAIVED = "waived"  # the organisation accepts it until a day
    KNOWN = "known"  # it is in the baseline


@dataclass(frozen=True)
class Stand:
    """How one finding stands.

    Attributes:
        standing: Whether it counts.
        waiver: The waiver in force, if it is waived; the one that has expired, if it counts again because of that.
    """

    standing: Standing = Standing.OPEN
    waiver: Waiver | None = None

    @property
    def accepted(self) -> bool:
        """True if it is shown, and does not count."""
        return self.standing is not Standing.OPEN

    @property
    def expired(self) -> Waiver | None:
        """The waiver that covered it until it expired, if there is one."""
        return None if self.accepted else self.waiver


OPEN = Stand()


class Standings:
    """How the findings of one run stand. Without waivers and baseline all of them count, and nothing is worked out."""

    def __init__(
        self,
        waivers: Sequence[Waiver],
        baseline: Baseline | None,
        verdicts: Iterable[Verdict],
        former: Callable[[str], Sequence[str]],
    ) -> None:
        """Work out how findings stand.

        Args:
            waivers: The waivers of the configuration, expired ones included.
            baseline: The known findings, if there is a baseline.
            verdicts: All that was said of the resources at hand: a rule's findings on one resource must not be split.
            former: Gives the URNs that a resource had before (its aliases), by its URN.
        """
        self._waivers: dict[str, list[Waiver]] = defaultdict(list)
        for waiver in waivers:
            for rule in waiver.rules:
                self._waivers[rule].append(waiver)
        self._former = former
        self._stands: dict[tuple[str, Finding], Stand] = {}
        self._used: set[str] = set()
        if waivers or baseline is not None:
            self._work_out(baseline, verdicts)

    def _work_out(self, baseline: Baseline | None, verdicts: Iterable[Verdict]) -> None:
        by_place: dict[tuple[str, str], dict[Finding, None]] = defaultdict(dict)
        for verdict in verdicts:
            for finding in verdict.findings:
                by_place[verdict.rule.name, finding.urn][finding] = None
            if verdict.status in {Status.UNDECIDED, Status.ERROR} or verdict.undecided:
                self.waiver_of(verdict)  # what it waives may well be there: it is in use
        for (rule, urn), findings in by_place.items():
            urns = self._urns(urn)
            waiver = self._waiver(rule, urns)
            known = baseline.known(rule, urns, findings) if baseline else set()
            for finding in findings:
                standing = Standing.KNOWN if finding in known else Standing.OPEN
                if waiver is not None and not waiver.expired:
                    standing = Standing.WAIVED
                self._stands[rule, finding] = Stand(standing, waiver)

    def of(self, rule: str, finding: Finding) -> Stand:
        """Tell how a finding of a rule stands."""
        return self._stands.get((rule, finding), OPEN)

    def waiver_of(self, verdict: Verdict) -> Waiver | None:
        """Give the waiver in force for what a rule could not decide about a resource, or broke on."""
        if not self._waivers:
            return None
        waiver = self._waiver(verdict.rule.name, self._urns(verdict.urn))
        return None if waiver is None or waiver.expired else waiver

    def accepts(self, verdict: Verdict) -> bool:
        """Tell whether nothing in a verdict counts: it is waived, or all of its findings are waived or known."""
        if verdict.status is Status.FAIL:
            return all(self.of(verdict.rule.name, finding).accepted for finding in verdict.findings)
        return verdict.status in {Status.UNDECIDED, Status.ERROR} and self.waiver_of(verdict) is not None

    @property
    def used(self) -> frozenset[str]:
        """Places of the waivers that waive something, or did before they expired."""
        return frozenset(self._used)

    def _urns(self, urn: str) -> tuple[str, ...]:
        return (urn, *self._former(urn))

    def _waiver(self, rule: str, urns: Sequence[str]) -> Waiver | None:
        """Give the waiver that is about a rule and a resource: of several the one that lasts longest."""
        of_rule = self._waivers.get(rule)
        if not of_rule:
            return None
        from policypack.engine.waivers import place_of

        places = [place_of(urn) for urn in urns]
        about = [waiver for waiver in of_rule if waiver.matches(places)]
        self._used.update(waiver.place for waiver in about)
        return max(about, key=lambda waiver: waiver.expires, default=None)


ALL_OPEN = Standings((), None, (), lambda _: ())
"""How everything stands without waivers and baseline."""
