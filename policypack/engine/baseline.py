"""The baseline: findings that were there when the pack came, so that only new ones stop anybody."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from policypack.engine.verdict import Status
from policypack.engine.waivers import stack_of
from policypack.model.finding import Finding
from policypack.model.records import cached_property, dataclass, field

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from policypack.engine.verdict import Verdict
    from policypack.model.resource import Resource

VERSION: Final = 1
"""The newest version of a baseline that this pack reads, and the one it writes."""

SCHEMA_ID: Final = f"urn:multiregion-guard:baseline:{VERSION}"


@dataclass(frozen=True)
class Baseline:
    """Known findings.

    Attributes:
        findings: Rule, to URN, to the property of each finding there, sorted. A property can stand twice.
    """

    findings: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    def recorded(self, rule: str, urns: Iterable[str]) -> tuple[str, ...]:
        """Give the properties of the findings that are known of a rule and a resource, former URNs included."""
        of_rule = self.findings.get(rule, {})
        return tuple(path for urn in dict.fromkeys(urns) for path in of_rule.get(urn, ()))

    def known(self, rule: str, urns: Iterable[str], findings: Collection[Finding]) -> set[Finding]:
        """Tell which findings of one rule on one resource are known.

        As many as were recorded: those of the same property first, then others, since an element that was taken out
        of a list gives every later one another index.

        Args:
            rule: Name of the rule.
            urns: The URN of the resource, and those it had before.
            findings: All findings of the rule there, each once.
        """
        left = Counter(self.recorded(rule, urns))
        if not left:
            return set()
        same: set[Finding] = set()
        for finding in sorted(findings):
            if left[finding.path] > 0:
                left[finding.path] -= 1
                same.add(finding)
        others = sorted(set(findings) - same)
        return same.union(others[: left.total()])

    def of_stack(self, stack: tuple[str, str]) -> Sequence[tuple[str, str, int]]:
        """Give rule, URN and number of findings of each entry about a stack (name and project)."""
        return self._by_stack.get(stack, ())

    @cached_property
    def _by_stack(self) -> Mapping[tuple[str, str], Sequence[tuple[str, str, int]]]:
        found: dict[tuple[str, str], list[tuple[str, str, int]]] = defaultdict(list)
        for rule, of_rule in sorted(self.findings.items()):
            for urn, paths in sorted(of_rule.items()):
                found[stack_of(urn)].append((rule, urn, len(paths)))
        return found

    def count(self) -> int:
        """Count the findings in it."""
        return sum(len(paths) for of_rule in self.findings.values() for paths in of_rule.values())

    @property
    def stacks(self) -> frozenset[tuple[str, str]]:
        """Name and project of every stack that it is about."""
        return frozenset(self._by_stack)

    def without(self, stacks: Collection[tuple[str, str]]) -> Baseline:
        """Give the baseline of all other stacks."""
        kept = {
            rule: {urn: paths for urn, paths in of_rule.items() if stack_of(urn) not in stacks}
            for rule, of_rule in self.findings.items()
        }
        return Baseline({rule: of_rule for rule, of_rule in kept.items() if of_rule})

    def document(self) -> dict[str, object]:
        """Give it as plain data, sorted: the same findings always give the same file."""
        return {
            "$schema": SCHEMA_ID,
            "version": VERSION,
            "findings": {
                rule: {urn: list(paths) for urn, paths in sorted(of_rule.items())}
                for rule, of_rule in sorted(self.findings.items())
            },
        }


@dataclass(frozen=True, order=True)
class Fixed:
    """An entry of the baseline that could go, or shrink.

    Attributes:
        rule: Name of the rule.
        urn: The resource, as the baseline names it.
        recorded: How many findings the baseline has of them.
        found: How many there are now.
    """

    rule: str
    urn: str
    recorded: int
    found: int


def fixed(
    baseline: Baseline,
    stack: tuple[str, str],
    resources: Iterable[Resource],
    verdicts: Iterable[Verdict],
    silent: Collection[str] = (),
) -> tuple[Fixed, ...]:
    """Find the entries about a stack that could go: what they record is no longer found, and that is sure.

    Args:
        baseline: The known findings.
        stack: Name of the stack, and project.
        resources: The resources of the stack; their aliases tell what the baseline calls them.
        verdicts: All that was said of them.
        silent: Names of rules that exist and did not run: what they would say is not known.
    """
    fewer = _fewer(baseline, stack, resources, verdicts, silent)
    return tuple(Fixed(one.rule, one.urn, len(one.recorded), len(one.found)) for one in fewer if one.sure)


def waiting(
    baseline: Baseline,
    stack: tuple[str, str],
    resources: Iterable[Resource],
    verdicts: Iterable[Verdict],
    silent: Collection[str] = (),
) -> tuple[tuple[str, Finding], ...]:
    """Find what a baseline records of a stack that was not found, and may be again: its rule is off, broke, or waits.

    Args:
        baseline: The known findings.
        stack: Name of the stack, and project.
        resources: The resources of the stack.
        verdicts: All that was said of them.
        silent: Names of rules that exist and did not run.

    Returns:
        Name of the rule, and a finding that has nothing but its place; no two of them are equal.
    """
    kept = []
    for one in _fewer(baseline, stack, resources, verdicts, silent):
        if not one.sure:
            left = Counter(one.recorded) - Counter(finding.path for finding in one.found)
            paths = sorted(left.elements())[: len(one.recorded) - len(one.found)]
            kept += [(one.rule, Finding(one.urn, path, "", f"{number}")) for number, path in enumerate(paths)]
    return tuple(kept)


@dataclass(frozen=True)
class _Fewer:
    """An entry of which less was found than is recorded, and whether that is the last word."""

    rule: str
    urn: str
    recorded: tuple[str, ...]
    found: Collection[Finding]
    sure: bool


def _fewer(
    baseline: Baseline,
    stack: tuple[str, str],
    resources: Iterable[Resource],
    verdicts: Iterable[Verdict],
    silent: Collection[str],
) -> Iterator[_Fewer]:
    entries = baseline.of_stack(stack)
    if not entries:
        return
    now = _now_called(resources)
    recorded: dict[tuple[str, str], tuple[str, ...]] = defaultdict(tuple)
    for rule, urn, _ in entries:
        recorded[rule, now.get(urn, urn)] += baseline.findings[rule][urn]
    heard = _Heard(verdicts)
    for (rule, urn), paths in sorted(recorded.items()):
        found = heard.found.get((rule, urn), ())
        if len(found) < len(paths):
            yield _Fewer(rule, urn, paths, found, rule not in silent and not heard.may_say_more(rule, urn))


def _now_called(resources: Iterable[Resource]) -> dict[str, str]:
    kept = list(resources)
    there = {resource.urn for resource in kept}
    return {alias: one.urn for one in kept for alias in one.options.aliases if alias not in there}


class _Heard:
    """What was found, and where a rule has not said its last word."""

    def __init__(self, verdicts: Iterable[Verdict]) -> None:
        self.found: dict[tuple[str, str], set[Finding]] = defaultdict(set)
        self._broken: set[str] = set()
        self._waiting: dict[str, set[str]] = defaultdict(set)
        self._asked: dict[str, set[str]] = defaultdict(set)
        for verdict in verdicts:
            rule = verdict.rule.name
            self._asked[rule].add(verdict.urn)
            for finding in verdict.findings:
                self.found[rule, finding.urn].add(finding)
            if verdict.status is Status.ERROR:
                self._broken.add(rule)
            elif verdict.undecided:
                self._waiting[rule].add(verdict.urn)

    def may_say_more(self, rule: str, urn: str) -> bool:
        """Tell whether a rule broke, or waits for a value that may lead to a finding on a resource."""
        waiting = self._waiting.get(rule, set())
        # A finding can be about another resource than the one that the rule was asked about.
        return rule in self._broken or urn in waiting or (bool(waiting) and urn not in self._asked[rule])


def baseline_of(findings: Iterable[tuple[str, Finding]], base: Baseline | None = None) -> Baseline:
    """Make a baseline of findings.

    Args:
        findings: Name of the rule, and finding; each finding counts once.
        base: Entries to keep beside them.
    """
    gathered: dict[str, dict[str, Sequence[str]]] = {
        rule: dict(of_rule) for rule, of_rule in (base.findings if base else {}).items()
    }
    for rule, finding in sorted(set(findings)):
        of_rule = gathered.setdefault(rule, {})
        of_rule[finding.urn] = [*of_rule.get(finding.urn, ()), finding.path]
    return Baseline({rule: {urn: tuple(sorted(paths)) for urn, paths in of.items()} for rule, of in gathered.items()})
