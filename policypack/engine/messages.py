"""The words in which verdicts reach people: the same through every way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.model.graph import urn_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policypack.engine.verdict import Verdict
    from policypack.model.finding import Finding
    from policypack.model.graph import Graph
    from policypack.model.logic import Undecided
    from policypack.rules.contract import Rule

MASK = "[secret]"
SHORTEST_MASKED = 3
"""Shorter secrets are words and digits of every sentence: masking them would garble the report and hide nothing."""


def mask(text: str, secrets: Iterable[str]) -> str:
    """Put `[secret]` wherever a secret of the stack stands in a text, as it is or with its line ends escaped."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST_MASKED:
            text = text.replace(secret, MASK).replace(repr(secret)[1:-1], MASK)
    return text


def fault(finding: Finding) -> str:
    """Say what is wrong: `portRange: 80-8080 is not one port`."""
    return f"{finding.path}: {finding.found}" if finding.path else finding.found


def more(rule: Rule) -> str:
    """Say where to read more."""
    return f"multiregion-guard explain {rule.name}"


def finding_lines(rule: Rule, finding: Finding) -> list[str]:
    """Give the whole text of a finding for a way out without layout: fault, expectation, fix, how to read more."""
    return [fault(finding), f"expected: {finding.expected}", f"fix: {rule.fix}", f"more: {more(rule)}"]


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
