"""Two unknown backends of different kinds: which of them is which is not known, and no verdict depends on a guess."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

from policypack.engine.evaluator import evaluate
from policypack.engine.settings import Settings
from policypack.engine.verdict import Status
from policypack.gcp import types as t
from policypack.rules.contract import Level
from policypack.rules.registry import all_rules
from tests.support.graphs import preview, ref, res, stack

if TYPE_CHECKING:
    from policypack.topology import Deployment
    from tests.support.graphs import Draft

GROUPS = {
    "machines": res(t.INSTANCE_GROUP, "machines", {"zone": "europe-west1-b", "namedPorts": [{"name": "web"}]}),
    "serverless": res(
        t.REGION_NETWORK_ENDPOINT_GROUP,
        "serverless",
        {"region": "europe-west3", "networkEndpointType": "SERVERLESS", "cloudRun": {"service": "shop"}},
    ),
    "psc": res(
        t.REGION_NETWORK_ENDPOINT_GROUP,
        "psc",
        {
            "region": "asia-east1",
            "networkEndpointType": "PRIVATE_SERVICE_CONNECT",
            "pscTargetService": "projects/other/regions/asia-east1/serviceAttachments/shop",
        },
    ),
    "hybrid": res(
        t.NETWORK_ENDPOINT_GROUP,
        "hybrid",
        {"zone": "us-east1-b", "networkEndpointType": "NON_GCP_PRIVATE_IP_PORT"},
    ),
}
SHARES: tuple[dict[str, Any], ...] = (
    {},
    {"balancingMode": "UTILIZATION", "maxUtilization": 0.8, "capacityScaler": 1},
    {"balancingMode": "RATE", "maxRate": 10},
)


@pytest.mark.parametrize("pair", list(itertools.combinations(GROUPS, 2)), ids="-".join)
def test_what_is_said_before_holds_whichever_is_which(pair: tuple[str, str]) -> None:
    said = 0
    for shares in itertools.product(SHARES, repeat=2):
        for checks in ({}, {"healthChecks": ref("probe")}):
            before = answers(preview(*drafts(pair, shares, checks)))
            completions = [answers(stack(*drafts(order, shares, checks))) for order in (pair, pair[::-1])]
            said += sum(status in (Status.PASS, Status.FAIL) for status in before.values())
            for key, status in before.items():
                after = {one.get(key, Status.NOT_APPLICABLE) for one in completions}
                if status is Status.FAIL:
                    assert after == {Status.FAIL}, (key, shares, checks)
                elif status is not Status.UNDECIDED:
                    assert Status.FAIL not in after, (key, status, shares, checks)
    assert said


def drafts(pair: tuple[str, ...], shares: tuple[dict[str, Any], ...], checks: dict[str, Any]) -> tuple[Draft, ...]:
    backends = [{"group": ref(name), **share} for name, share in zip(pair, shares, strict=True)]
    return (
        res(t.GLOBAL_FORWARDING_RULE, "front", {"target": ref("proxy"), "portRange": "443"}),
        res(t.TARGET_HTTPS_PROXY, "proxy", {"urlMap": ref("map")}),
        res(t.URL_MAP, "map", {"defaultService": ref("api")}),
        res(t.BACKEND_SERVICE, "api", {"protocol": "HTTPS", "portName": "web", "backends": backends, **checks}),
        res(t.HEALTH_CHECK, "probe", {"httpsHealthCheck": {"portSpecification": "USE_SERVING_PORT"}}),
        *(GROUPS[name] for name in sorted(pair)),
    )


def answers(deployment: Deployment) -> dict[tuple[str, str], Status]:
    """Give the gravest answer of each rule about each resource."""
    rules = all_rules()
    levels = {rule.name: Level.ADVISORY for rule in rules if rule.opt_in}
    found: dict[tuple[str, str], Status] = {}
    for verdict in evaluate(deployment, rules, Settings(levels=levels)):
        key = (verdict.rule.name, verdict.urn)
        found[key] = min(found.get(key, verdict.status), verdict.status, key=lambda status: status.rank)
    return found
