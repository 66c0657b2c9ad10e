"""What rules read, over every stack: properties that exist, of types that the rule says it looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policypack.engine.evaluator import evaluate
from policypack.engine.settings import Settings
from policypack.gcp.properties import has_property
from policypack.gcp.types import FIREWALL
from policypack.model.graph import Address
from policypack.model.resource import Reader
from policypack.rules.contract import Level
from policypack.rules.registry import all_rules
from tests.whole.stacks import stack_names

if TYPE_CHECKING:
    from policypack.model.values import Value
    from policypack.rules.contract import Rule
    from policypack.topology import Deployment
    from tests.whole.conftest import Stacks

Read = tuple[str, str]
"""A type token and a path."""

PLACES = {"project", "region", "zone", "location"}
"""What is asked of every resource, to know where it is."""
ALIKE = {(FIREWALL, "targetType")}
"""What a view asks of all its kinds alike, though not each has it."""


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> set[Read]:
    """Collects everything that is read of a resource of the provider."""
    found: set[Read] = set()
    value, is_set = Reader._value, Reader.is_set

    def note(reader: Reader, path: str) -> None:
        resource = reader._place()[0]
        if resource.type.startswith("gcp:") and reader.full(path):
            found.add((resource.type, reader.full(path)))

    def noting_value(reader: Reader, path: str) -> Value:
        note(reader, path)
        return value(reader, path)

    def noting_is_set(reader: Reader, path: str) -> bool:
        note(reader, path)
        return is_set(reader, path)

    monkeypatch.setattr(Reader, "_value", noting_value)
    monkeypatch.setattr(Reader, "is_set", noting_is_set)
    return found


def judge_alone(rule: Rule, deployment: Deployment, reads: set[Read]) -> None:
    """Let one rule judge a deployment of which nothing is worked out yet but the names."""
    deployment.graph.find(Address("nothing", "nobody"))
    for owner in deployment.graph.resources:
        deployment.graph.references_of(owner)
    reads.clear()  # what the graph reads of everything, to know its names, is not read by rules
    evaluate(deployment, [rule], Settings(levels={rule.name: Level.ADVISORY}))


@pytest.mark.parametrize("name", stack_names())
def test_rules_read_what_exists_of_the_types_they_say_they_look_at(name: str, stacks: Stacks, reads: set[Read]) -> None:
    stack = stacks(name)
    wrong: set[Read] = set()
    unsaid: set[tuple[str, str]] = set()
    for rule in all_rules():
        judge_alone(rule, stack.deployment, reads)
        wrong |= {read for read in reads - ALIKE if read[1] not in PLACES and not has_property(*read)}
        unsaid |= {(rule.name, token) for token, _ in reads if token not in rule.judges | rule.follows}
    assert wrong == set(), "the provider has no such property"
    assert unsaid == set(), "name the types in `follows` of the rule, or of its view"
