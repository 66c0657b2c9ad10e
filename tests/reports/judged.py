"""Judgements by rules of the pack over TLS policies: little to set up, and a verdict of each kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from policypack.engine.judgement import judge_deployment
from policypack.engine.settings import from_document
from policypack.gcp.types import SSL_POLICY
from policypack.reports.audit import Audit, Unread
from policypack.reports.report import Origin, Report
from policypack.rules.registry import all_rules
from tests.support.graphs import Draft, res, stack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policypack.topology.tree import Node

RULE = "tls-policy-min-version"
LEFT_OUT = frozenset({"lb-no-orphan-components", "name-valid"})
"""Rules that would speak of every policy that nothing uses, or of every hostile name."""

UNREAD = Unread("broken.json", "it is not JSON", "broken.json:3", "Export the stack again.")
WAIVER = {
    "rules": [RULE],
    "resources": ["old"],
    "reason": "clients of 2012",
    "owner": "shop",
    "expires": "2026-12-01",
}
HOSTILE = "<script>`|@all ::error::[x](https://evil.example)\x1b[31m\x00\u202e"
"""A name that would do something in HTML, Markdown, a terminal, XML or a workflow's log."""


def policy(name: str, *, line: int | None = None, version: object = "TLS_1_0") -> Draft:
    """Draft a TLS policy; an old version is one critical finding, and nothing else is found."""
    return res(SSL_POLICY, name, {"minTlsVersion": version, "profile": "MODERN"}, line=line)


def judged(
    *drafts: Draft,
    config: Mapping[str, Any] | None = None,
    directory: Path | None = None,
    notes: tuple[str, ...] = (),
) -> Report:
    """Judge drafts by all rules of the pack that judge a single TLS policy, whatever it is called."""
    rules = tuple(rule for rule in all_rules() if rule.name not in LEFT_OUT)
    settings = from_document(config or {}, rules, today=date(2026, 11, 24))
    origin = Origin("program", "shop", directory or Path.cwd() / "shop", "__main__.py")
    return Report(judge_deployment(stack(*drafts), rules, settings), origin, (), notes, 1.25)


def with_tree(report: Report, *trees: Node) -> Report:
    """Give a report with load balancers to draw."""
    return replace(report, load_balancers=trees)


def audit_of(*outcomes: Report | Unread) -> Audit:
    """Put several together."""
    return Audit(outcomes, 2.5)
