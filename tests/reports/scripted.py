"""Judgements of no real meaning: every rule says what its resource tells it to say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from policypack.engine.judgement import judge_deployment
from policypack.engine.settings import Settings, from_document
from policypack.model.logic import note_inference
from policypack.model.resource import Resource, SourcePosition
from policypack.model.values import Secret, Value
from policypack.reports.report import Origin, Report
from policypack.rules.contract import Findings, Level, NotApplicable, Param, Rule, Severity, rule
from tests.engine.fakes import THING, deployment, thing

if TYPE_CHECKING:
    from policypack.topology.tree import Node


def made(name: str, *, line: int | None = None, **inputs: Value) -> Resource:
    """Make a resource that the program made in a line of `__main__.py`."""
    source = SourcePosition("__main__.py", line) if line else None
    return replace(thing(name, **inputs), source=source)


def _says(key: str, one: Resource) -> Findings:
    said = one.text(key)
    if said is None:
        raise NotApplicable(f"it has no {key}")
    if said == "crash":
        raise KeyError(key)
    if said == "inferred":
        note_inference("a guess that cannot miss")
    elif said != "good":
        yield one.finding(key, expected=f"a good {key}", found=f"{said} is not good")


@rule(severity=Severity.CRITICAL, subjects=[THING], fix="Paint it.", controls={"CIS": ["1.2", "1.3"]})
def colour_is_good(one: Resource, *, shade: Annotated[int, Param("Shade to look for.", minimum=1)] = 3) -> Findings:
    """Things have a good colour."""
    yield from _says("colour", one)


@rule(severity=Severity.HIGH, subjects=[THING], fix="Resize it.")
def size_is_good(one: Resource) -> Findings:
    """Things have a good size."""
    yield from _says("size", one)


@rule(severity=Severity.LOW, subjects=[THING], fix="Relabel it.", aliases=["title-is-good"])
def label_is_good(one: Resource) -> Findings:
    """Things have a good label."""
    yield from _says("label", one)


@rule(severity=Severity.LOW, subjects=[THING], fix="Weigh it.", opt_in=True)
def weight_is_good(one: Resource) -> Findings:
    """Things have a good weight."""
    yield from _says("weight", one)


RULES: tuple[Rule, ...] = (colour_is_good, label_is_good, size_is_good, weight_is_good)


def report(
    *resources: Resource,
    config: Mapping[str, Any] | None = None,
    settings: Settings | None = None,
    load_balancers: Iterable[Node] = (),
    notes: Iterable[str] = (),
    path: str = "shop",
) -> Report:
    """Judge resources by the scripted rules."""
    chosen = settings or from_document(config or {}, RULES)
    return Report(
        judge_deployment(deployment(*resources), RULES, chosen),
        Origin("program", path, Path("/nowhere/shop"), "__main__.py"),
        tuple(load_balancers),
        tuple(notes),
        1.25,
    )


def secret(text: str) -> Secret:
    """Make a secret value."""
    return Secret(text)


__all__ = ["RULES", "THING", "Level", "made", "report", "secret"]
