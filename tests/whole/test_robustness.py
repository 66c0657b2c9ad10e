"""Whatever a stack looks like: no rule breaks, no answer depends on the order, and every report can be written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policypack.engine.deployment import deployment_of
from policypack.engine.verdict import Status
from policypack.gcp import types as t
from policypack.model.resource import Resource
from policypack.model.values import UNKNOWN
from policypack.reports.as_json import json_report
from policypack.reports.report import Origin, Report
from policypack.reports.text import text_report
from policypack.rules.registry import all_rules
from policypack.topology.tree import load_balancer_trees
from tests.support.graphs import preview, ref, res, stack, urn
from tests.support.load_balancers import global_front
from tests.whole.random_graphs import long_list, random_stack
from tests.whole.stacks import judge_all

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from random import Random

    from policypack.engine.judgement import Judgement
    from policypack.topology import Deployment

LONG = 10_000
chance = st.randoms(use_true_random=True)
OPT_IN = tuple(rule.name for rule in all_rules() if rule.opt_in)


def judged(resources: Iterable[Resource]) -> Judgement:
    return judge_all(deployment_of(resources, project="shop", stack="dev"), *OPT_IN)


def said(judgement: Judgement) -> list[tuple[object, ...]]:
    return [
        (
            verdict.rule.name,
            verdict.urn,
            verdict.place,
            verdict.status,
            verdict.findings,
            sorted(why.key for why in verdict.undecided),
            verdict.reason,
        )
        for verdict in judgement.verdicts
    ]


def crashes(judgement: Judgement) -> list[str]:
    return [f"{verdict.rule.name}: {verdict.crash}" for verdict in judgement.with_status(Status.ERROR)]


def written(judgement: Judgement) -> tuple[str, str]:
    """Write both reports, as `check` does."""
    origin = Origin("program", ".", Path.cwd())
    report = Report(judgement, origin, tuple(load_balancer_trees(judgement.deployment)))
    return text_report(report).plain(), json_report(report)


@settings(max_examples=60)
@given(random=chance, size=st.integers(1, 40))
def test_no_random_stack_breaks_a_rule(random: Random, size: int) -> None:
    assert crashes(judged(random_stack(random, size))) == []


@settings(max_examples=25)
@given(random=chance, size=st.integers(2, 40))
def test_answers_do_not_depend_on_order_or_on_having_been_given_before(random: Random, size: int) -> None:
    resources = random_stack(random, size)
    first = judged(resources)
    again = judge_all(first.deployment, *OPT_IN)
    shuffled = list(resources)
    random.shuffle(shuffled)
    assert said(again) == said(first)
    assert said(judged(shuffled)) == said(first)


@settings(max_examples=25)
@given(random=chance, size=st.integers(1, 40))
def test_reports_of_random_stacks_can_be_written(random: Random, size: int) -> None:
    text, document = written(judged(random_stack(random, size)))
    assert "\x1b" not in text
    assert json.loads(document)["version"] == 1


@pytest.mark.parametrize(
    ("token", "path", "count"),
    [
        (t.BACKEND_SERVICE, "backends", LONG),
        (t.URL_MAP, "pathMatchers", LONG),
        (t.FIREWALL, "sourceRanges", LONG),
        (t.TARGET_HTTPS_PROXY, "sslCertificates", LONG),
        (t.INSTANCE_TEMPLATE, "disks", LONG),
        (t.NETWORK_FIREWALL_POLICY_WITH_RULES, "rules", LONG // 10),
    ],
)
def test_long_lists_are_read_to_the_end(token: str, path: str, count: int) -> None:
    long = Resource(urn(token, "long"), token, "long", inputs=long_list(token, path, count), id=UNKNOWN)
    assert crashes(judged([long])) == []


def test_ten_thousand_unknown_backends_are_counted() -> None:
    backends = [{"group": UNKNOWN} for _ in range(LONG)]
    service = Resource(urn(t.BACKEND_SERVICE, "api"), t.BACKEND_SERVICE, "api", inputs={"backends": backends})
    assert crashes(judged([service])) == []


def circle() -> tuple[object, ...]:
    """A load balancer that publishes itself: its endpoint group leads back to its own front end."""
    return (
        *global_front("neg"),
        res(
            t.REGION_NETWORK_ENDPOINT_GROUP,
            "neg",
            {
                "region": "europe-west1",
                "networkEndpointType": "PRIVATE_SERVICE_CONNECT",
                "pscTargetService": ref("attachment"),
            },
        ),
        res(t.SERVICE_ATTACHMENT, "attachment", {"region": "europe-west1", "targetService": ref("inner")}),
        res(t.FORWARDING_RULE, "inner", {"region": "europe-west1", "backendService": ref("loop")}),
        res(t.REGION_BACKEND_SERVICE, "loop", {"region": "europe-west1", "backends": [{"group": ref("neg")}]}),
    )


@pytest.mark.parametrize("build", [stack, preview])
def test_a_load_balancer_that_leads_back_to_itself_is_judged(build: object) -> None:
    assert callable(build)
    deployment: Deployment = build(*circle())
    judgement = judge_all(deployment, *OPT_IN)
    assert crashes(judgement) == []
    assert written(judgement)


def test_a_resource_that_depends_on_itself_is_judged() -> None:
    own = urn(t.URL_MAP, "self")
    resource = Resource(
        own,
        t.URL_MAP,
        "self",
        inputs={"defaultService": UNKNOWN},
        dependencies=(own,),
        property_dependencies={"defaultService": (own,)},
        parent=own,
    )
    judgement = judged([resource])
    assert crashes(judgement) == []
    assert written(judgement)


def test_two_resources_of_one_urn_are_judged() -> None:
    twins: Sequence[Resource] = [
        Resource(urn(t.SSL_POLICY, "one"), t.SSL_POLICY, "one", inputs={"profile": profile}) for profile in ("A", "B")
    ]
    assert crashes(judged(twins)) == []
