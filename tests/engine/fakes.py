"""Rules and graphs of no real meaning, to test the engine itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated

from policypack.model.graph import Address, External, Graph
from policypack.model.resource import Resource
from policypack.model.values import UNKNOWN, Value
from policypack.rules.contract import Findings, NotApplicable, Param, Rule, Severity, each, rule
from policypack.topology import Deployment

THING = "fake:index:Thing"


class NoCatalogue:
    """A cloud without references."""

    def fitting(self, type_token: str, path: str) -> frozenset[str]:
        return frozenset()

    def references(self, type_token: str) -> Sequence[str]:
        return ()

    def repeats(self, type_token: str, path: str) -> bool:
        return False

    def type_at(self, address: Address) -> str | None:
        return None

    def addresses(self, resource: Resource) -> Iterable[Address]:
        return ()

    def parse(self, text: str, type_token: str, path: str, resource: Resource) -> Address | External | None:
        return None


def thing(name: str, **inputs: Value) -> Resource:
    return Resource(urn=f"urn:pulumi:dev::test::{THING}::{name}", type=THING, name=name, inputs=inputs or {"x": 1})


def deployment(*resources: Resource) -> Deployment:
    return Deployment(Graph(tuple(resources), NoCatalogue(), "test", "dev"))


@rule(severity=Severity.HIGH, subjects=[THING], fix="Set the colour to blue.", aliases=["old-blue"])
def thing_is_blue(one: Resource) -> Findings:
    """Things are blue."""
    colour = one.text("colour")
    if colour is None:
        raise NotApplicable("it has no colour")
    if colour != "blue":
        yield one.finding("colour", expected="blue", found=colour)


@rule(severity=Severity.LOW, subjects=[THING], fix="Paint it.", yields_to=["thing-is-blue"])
def thing_is_painted(
    one: Resource,
    *,
    coats: Annotated[int, Param("How many coats at least.", minimum=1, maximum=9)] = 2,
    colours: Annotated[list[str], Param("Allowed colours.", choices=("blue", "red"))] = ["blue"],  # noqa: B006
) -> Findings:
    """Things have enough paint."""
    if (one.number("coats") or 0) < coats or one.text("colour") not in colours:
        yield one.finding("coats", expected=f"{coats} coats", found="fewer")


@rule(severity=Severity.MEDIUM, subjects=[each("parts[]", "lid", of=[THING])], fix="Tighten it.")
def part_is_tight(part: Resource) -> Findings:
    """Parts are tight."""
    if part.flag("tight") is not True:
        yield part.finding("tight", expected="tight", found="loose")


@rule(
    severity=Severity.LOW,
    subjects=[each("parts[]", "lid", of=[THING])],
    fix="Oil it.",
    yields_to=["part-is-tight"],
)
def part_is_oiled(part: Resource) -> Findings:
    """Parts are tight and oiled."""
    if part.flag("tight") is not True or part.flag("oiled") is not True:
        yield part.finding("oiled", expected="oiled", found="dry")


@dataclass(frozen=True)
class Seen:
    """A thing, seen from the stack."""

    resource: Resource

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Seen]:
        return [Seen(resource) for resource in deployment.graph.of_type(THING)]


@rule(severity=Severity.LOW, subjects=[Seen], fix="Paint them all.", yields_to=["thing-is-blue"])
def stack_is_blue(seen: Seen) -> Findings:
    """Stacks are blue."""
    if seen.resource.text("colour") != "blue":
        yield seen.resource.finding("colour", expected="blue", found="something else")


@rule(severity=Severity.LOW, subjects=[THING], fix="Report it.")
def breaks(one: Resource) -> Findings:
    """This rule has a defect."""
    if one.is_set("bomb"):
        raise KeyError("bomb")
    yield from ()


@rule(severity=Severity.LOW, subjects=[THING], fix="Choose.", opt_in=True)
def opinion(one: Resource) -> Findings:
    """Things are to our taste."""
    yield one.finding("", expected="taste", found="none")


RULES: tuple[Rule, ...] = (breaks, opinion, part_is_tight, thing_is_blue, thing_is_painted)
UNKNOWN_COLOUR: Value = UNKNOWN
