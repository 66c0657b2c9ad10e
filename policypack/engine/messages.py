"""The words in which verdicts reach people: the same through every way out."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from policypack.model.graph import urn_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policypack.engine.baseline import Fixed
    from policypack.engine.standing import Stand
    from policypack.engine.verdict import Verdict
    from policypack.engine.waivers import StaleWaiver, Waiver
    from policypack.model.finding import Finding
    from policypack.model.graph import Graph
    from policypack.model.logic import Undecided
    from policypack.rules.contract import Rule

MASK = "[secret]"
SHORTEST_MASKED = 3
"""Shorter secrets are words and digits of every sentence: masking them would garble the report and hide nothing."""


SHORTEST_LINE_MASKED: Final = 8
"""A shorter line of a secret of several lines says nothing by itself."""

_PRIVATE_KEY: Final = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----.*?(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY-----|\Z)", re.DOTALL
)


class Mask:
    """Puts `[secret]` wherever a secret of a stack stands in a text: as it is, escaped, or a line of it.

    Private keys are secret whether or not anybody has marked them.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        """Lay out the secrets by how they begin: a text is walked once, however many there are."""
        self._forms: dict[str, set[str]] = defaultdict(set)
        for secret in secrets:
            for form in _forms(secret):
                if len(form) >= SHORTEST_MASKED:
                    self._forms[form[:SHORTEST_MASKED]].add(form)

    def __call__(self, text: str) -> str:
        """Give the text without secrets."""
        if "PRIVATE KEY-----" in text:
            text = _PRIVATE_KEY.sub(MASK, text)
        if not self._forms:
            return text
        shown: list[str] = []
        at = 0
        for low, high in self._places(text):
            shown += (text[at:low], MASK)
            at = high
        return "".join([*shown, text[at:]]) if shown else text

    def _places(self, text: str) -> list[tuple[int, int]]:
        """Give where secrets stand; those that overlap as one place."""
        found: list[tuple[int, int]] = []
        for low in range(len(text) - SHORTEST_MASKED + 1):
            forms = self._forms.get(text[low : low + SHORTEST_MASKED])
            length = max((len(form) for form in forms if text.startswith(form, low)), default=0) if forms else 0
            if length and found and low < found[-1][1]:
                found[-1] = (found[-1][0], max(found[-1][1], low + length))
            elif length:
                found.append((low, low + length))
        return found


def _forms(secret: str) -> Iterator[str]:
    """Give what a secret looks like in texts: as Python and JSON quote it, without the space around it, by lines."""
    for form in {secret, secret.strip()}:
        yield from (form, repr(form)[1:-1], json.dumps(form)[1:-1], json.dumps(form, ensure_ascii=False)[1:-1])
    lines = secret.splitlines()
    if len(lines) > 1:
        yield from (line for each in lines if len(line := each.strip()) >= SHORTEST_LINE_MASKED)


def mask(text: str, secrets: Iterable[str]) -> str:
    """Put `[secret]` wherever one of the secrets stands in a text; see `Mask`."""
    return Mask(secrets)(text)


_COMMANDS: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of what a terminal acts upon, or cannot show: escapes, direction overrides, lone surrogates."""

_NAMED: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


_WORKFLOW: Final = re.compile(r"(?<!\S):(?=:[A-Za-z-]+(?:\s[^:]*)?::)|#(?=#\[)")
"""Where a command of a workflow begins: GitHub obeys what stands in a log, also after blanks. `::/0` is none."""


def escape(text: str) -> str:
    r"""Write control characters visibly: `\x1b` instead of what moves the cursor of the reader's terminal.

    The same with what a build server would take for a command in its log.
    """
    if "::" in text or "##[" in text:
        text = _WORKFLOW.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(character) for character in text)


def _escaped(character: str) -> str:
    import unicodedata  # for the few texts that need it

    if unicodedata.category(character) not in _COMMANDS:
        return character
    code = ord(character)
    return _NAMED.get(character) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def fault(finding: Finding) -> str:
    """Say what is wrong: `portRange: 80-8080 is not one port`."""
    return f"{finding.path}: {finding.found}" if finding.path else finding.found


def more(rule: Rule) -> str:
    """Say where to read more."""
    return f"multiregion-guard explain {rule.name}"


def finding_lines(rule: Rule, finding: Finding, stand: Stand | None = None) -> list[str]:
    """Give the whole text of a finding for a way out without layout: fault, expectation, fix, how to read more.

    Why it does not count, or counts again, stands first.
    """
    accepted = standing_line(stand) if stand is not None else ""
    return [
        *([accepted] if accepted else []),
        fault(finding),
        f"expected: {finding.expected}",
        f"fix: {rule.fix}",
        f"more: {more(rule)}",
    ]


def standing_line(stand: Stand) -> str:
    """Say why a finding does not count, or why it counts again; "" where there is nothing to say."""
    if stand.waiver is not None and (stand.waiver.expired or stand.standing.value == "waived"):
        said = waiver_line(stand.waiver)
        return f"known: it is in the baseline; {said}" if stand.standing.value == "known" else said
    return "known: it is in the baseline" if stand.accepted else ""


def waiver_line(waiver: Waiver) -> str:
    """Say how long a waiver holds, and by whom: `waived until 2026-12-24 (30 days left): it is …; team-x; X-1`."""
    left = waiver.days_left
    why = "; ".join(part for part in (waiver.reason, waiver.owner, waiver.ticket) if part)
    if waiver.expired:
        return f"its waiver expired on {waiver.expires.isoformat()} ({days(-left)} ago): {why}"
    ends = "today is its last day" if left == 0 else f"{days(left)} left"
    return f"waived until {waiver.expires.isoformat()} ({ends}): {why}"


def days(count: int) -> str:
    """Say how many days: `1 day`, `30 days`."""
    return f"{count} day" if count == 1 else f"{count} days"


def stale_line(stale: StaleWaiver) -> str:
    """Say that a waiver waives nothing: `guard.waivers[0] (disk-cmek on scratch-*) waives nothing: …`."""
    waiver = stale.waiver
    where = " ".join((*waiver.resources, *waiver.stacks))
    over = f", and expired on {waiver.expires.isoformat()}" if waiver.expired else ""
    about = f"{', '.join(waiver.rules)} on {where}"
    return f"{waiver.place} ({about}; {waiver.owner}) waives nothing: {stale.why}{over}. Take it out"


def fixed_line(fixed: Fixed) -> str:
    """Say that an entry of the baseline could go: `disk-cmek on data: fixed`."""
    left = f"{fixed.found} of {fixed.recorded} are left" if fixed.found else "fixed"
    return f"{fixed.rule} on {urn_name(fixed.urn)}: {left}"


def undecided_line(graph: Graph, unknown: Undecided) -> str:
    """Say what would decide a question: `mig-eu (…InstanceGroupManager) region: its value is known only after …`."""
    if not unknown.urn:
        return unknown.reason
    resource = graph.by_urn.get(unknown.urn)
    name = resource.name if resource else urn_name(unknown.urn)
    return f"{name}.{unknown.path}: {unknown.reason}" if unknown.path else f"{name}: {unknown.reason}"


def crash_line(verdict: Verdict) -> str:
    """Say that a rule broke, and where."""
    crash = verdict.crash
    if crash is None:
        raise ValueError("the rule did not break")
    where = f"{crash.error} at {crash.place}"
    return f"the rule broke on {urn_name(verdict.urn)}: {where}. Please report it as a defect of the pack"
