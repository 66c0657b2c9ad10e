"""What is known does not count, what is new does, and what is fixed must go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from policypack.engine.baseline import Baseline, Fixed, baseline_of
from policypack.engine.judgement import Judgement, judge_deployment
from policypack.engine.settings import Settings, from_document
from policypack.engine.standing import Standing
from policypack.engine.verdict import Status
from policypack.model.finding import Finding
from policypack.model.resource import Options, Resource
from policypack.model.values import UNKNOWN, Value
from tests.engine.fakes import RULES, THING, deployment, part_is_tight, thing, thing_is_blue

RULE = thing_is_blue.name


def urn(name: str, *, project: str = "test", stack: str = "dev") -> str:
    return f"urn:pulumi:{stack}::{project}::{THING}::{name}"


def known(**of_rule: Mapping[str, tuple[str, ...]]) -> Baseline:
    return Baseline({name.replace("_", "-"): entries for name, entries in of_rule.items()})


def judged(*resources: Resource, baseline: Baseline, ratchet: bool = False, only: str = "") -> Judgement:
    levels = from_document({rule.name: "disabled" for rule in RULES if only and rule.name != only}, RULES).levels
    return judge_deployment(deployment(*resources), RULES, Settings(levels=levels, baseline=baseline, ratchet=ratchet))


def standings(judgement: Judgement) -> dict[str, Standing]:
    return {
        f"{finding.urn.rsplit('::', 1)[1]}.{finding.path}": judgement.stand(verdict, finding).standing
        for verdict in judgement.with_status(Status.FAIL)
        for finding in verdict.findings
    }


def loose(name: str, *tight: Value) -> Resource:
    return thing(name, parts=[{"tight": value} for value in tight])


def test_a_known_finding_is_there_and_does_not_block() -> None:
    judgement = judged(thing("a", colour="red"), baseline=known(thing_is_blue={urn("a"): ("colour",)}), only=RULE)
    assert standings(judgement) == {"a.colour": Standing.KNOWN}
    assert not judgement.blocking
    assert judgement.accepted == {thing_is_blue}


def test_a_new_finding_blocks_beside_known_ones() -> None:
    baseline = known(thing_is_blue={urn("a"): ("colour",)})
    judgement = judged(thing("a", colour="red"), thing("b", colour="red"), baseline=baseline, only=RULE)
    assert standings(judgement) == {"a.colour": Standing.KNOWN, "b.colour": Standing.OPEN}
    assert judgement.blocking


def test_an_empty_baseline_knows_nothing() -> None:
    assert judged(thing("a", colour="red"), baseline=Baseline(), only=RULE).blocking


def test_one_finding_more_than_were_known_of_a_resource_is_new() -> None:
    baseline = known(part_is_tight={urn("a"): ("parts[0].tight",)})
    judgement = judged(loose("a", False, False), baseline=baseline, only="part-is-tight")
    assert standings(judgement) == {"a.parts[0].tight": Standing.KNOWN, "a.parts[1].tight": Standing.OPEN}


def test_a_finding_that_moved_within_its_list_stays_known() -> None:
    baseline = known(part_is_tight={urn("a"): ("parts[2].tight",)})
    judgement = judged(loose("a", True, False), baseline=baseline, only="part-is-tight")
    assert standings(judgement) == {"a.parts[1].tight": Standing.KNOWN}


def test_a_renamed_resource_keeps_its_key_through_its_alias() -> None:
    renamed = replace(thing("b", colour="red"), options=Options(aliases=(urn("a"),)))
    judgement = judged(renamed, baseline=known(thing_is_blue={urn("a"): ("colour",)}), only=RULE)
    assert standings(judgement) == {"b.colour": Standing.KNOWN}
    assert judgement.fixed == ()


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (thing("a", colour="red"), ()),
        (thing("a", colour="blue"), (Fixed(RULE, urn("a"), 1, 0),)),
        (thing("b", colour="blue"), (Fixed(RULE, urn("a"), 1, 0),)),
        (thing("a", colour=UNKNOWN), ()),
    ],
)
def test_an_entry_is_fixed_once_its_finding_is_gone_for_sure(resource: Resource, expected: tuple[Fixed, ...]) -> None:
    baseline = known(thing_is_blue={urn("a"): ("colour",)})
    assert judged(resource, baseline=baseline, only=RULE).fixed == expected


def test_an_entry_shrinks_with_its_findings() -> None:
    baseline = known(part_is_tight={urn("a"): ("parts[0].tight", "parts[1].tight")})
    judgement = judged(loose("a", False, True), baseline=baseline, only="part-is-tight")
    assert judgement.fixed == (Fixed("part-is-tight", urn("a"), 2, 1),)


def test_a_rule_that_is_off_has_fixed_nothing() -> None:
    baseline = known(thing_is_blue={urn("a"): ("colour",)})
    assert judged(thing("a", colour="blue"), baseline=baseline, only=part_is_tight.name).fixed == ()


def test_a_rule_that_broke_has_fixed_nothing() -> None:
    baseline = known(breaks={urn("a"): ("",)})
    assert judged(thing("a", bomb=True), baseline=baseline, only="breaks").fixed == ()


@pytest.mark.parametrize(
    ("resource", "rule", "only"),
    [
        (thing("a", colour=UNKNOWN), RULE, RULE),
        (thing("a", bomb=True), "breaks", "breaks"),
        (thing("a", colour="blue"), RULE, part_is_tight.name),
    ],
    ids=["the rule waits", "the rule broke", "the rule is off"],
)
def test_what_is_not_found_and_may_be_again_is_waiting(resource: Resource, rule: str, only: str) -> None:
    baseline = Baseline({rule: {urn("a"): ("colour", "colour")}})
    judgement = judged(resource, baseline=baseline, only=only)
    assert judgement.fixed == ()
    assert baseline_of(judgement.waiting).findings == baseline.findings


def test_of_a_list_as_many_are_waiting_as_were_not_found() -> None:
    baseline = known(part_is_tight={urn("a"): ("parts[0].tight", "parts[1].tight", "parts[3].tight")})
    judgement = judged(loose("a", False, UNKNOWN, False), baseline=baseline, only="part-is-tight")
    assert [finding.path for _, finding in judgement.waiting] == ["parts[1].tight"]


def test_what_is_fixed_is_not_waiting() -> None:
    baseline = known(thing_is_blue={urn("a"): ("colour",)})
    assert judged(thing("a", colour="blue"), baseline=baseline, only=RULE).waiting == ()


def test_the_entries_of_another_stack_are_not_fixed_here() -> None:
    entries = {urn("a", stack="prod"): ("colour",), urn("a", project="other"): ("colour",)}
    assert judged(thing("a", colour="blue"), baseline=known(thing_is_blue=entries), only=RULE).fixed == ()


def test_an_entry_of_a_rule_that_is_no_more_is_fixed() -> None:
    baseline = known(no_such_rule={urn("a"): ("colour",)})
    assert judged(thing("a", colour="blue"), baseline=baseline, only=RULE).fixed == (
        Fixed("no-such-rule", urn("a"), 1, 0),
    )


@pytest.mark.parametrize(("ratchet", "blocks"), [(False, False), (True, True)])
def test_a_baseline_that_could_shrink_blocks_only_with_the_ratchet(ratchet: bool, blocks: bool) -> None:
    baseline = known(thing_is_blue={urn("a"): ("colour",)})
    assert judged(thing("a", colour="blue"), baseline=baseline, ratchet=ratchet, only=RULE).blocking is blocks


def test_a_baseline_is_written_sorted_and_each_finding_once() -> None:
    found = [
        ("z", Finding("urn:b", "y", "", "")),
        ("z", Finding("urn:b", "x", "", "")),
        ("a", Finding("urn:b", "x", "", "")),
        ("z", Finding("urn:b", "y", "", "")),
    ]
    written = baseline_of(found).document()
    assert written["findings"] == {"a": {"urn:b": ["x"]}, "z": {"urn:b": ["x", "y"]}}
    assert baseline_of(reversed(found)).document() == written


def test_the_entries_of_other_stacks_can_be_kept() -> None:
    old = known(thing_is_blue={urn("a"): ("colour",), urn("a", stack="prod"): ("colour",)})
    new = baseline_of([(RULE, Finding(urn("b"), "colour", "", ""))], old.without({("dev", "test")}))
    assert new.findings == {RULE: {urn("a", stack="prod"): ("colour",), urn("b"): ("colour",)}}
    assert new.count() == 2
