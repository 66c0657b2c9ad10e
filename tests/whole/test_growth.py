"""Four times the stack is about four times the work: counted in calls, which no other process disturbs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from policypack.engine.deployment import deployment_of
from policypack.gcp import types as t
from policypack.model.resource import Resource
from policypack.model.values import UNKNOWN, is_list
from policypack.topology.tree import load_balancer_trees
from tests.support.graphs import urn
from tests.whole.stacks import DIRECT, PSC, judge_all

if TYPE_CHECKING:
    from tests.whole.conftest import Stacks

FEW, MANY = 3, 12
MOST = 6
"""Four times is linear, sixteen times is quadratic."""

Build = Callable[[int], list[Resource]]


def calls(resources: list[Resource]) -> int:
    """Count the calls that it takes to judge a stack and to draw it."""
    count = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    previous = sys.getprofile()
    sys.setprofile(note)
    try:
        deployment = deployment_of(resources, project="shop", stack="dev")
        judge_all(deployment)
        list(load_balancer_trees(deployment))
    finally:
        sys.setprofile(previous)
    return count


def growth(build: Build, few: int = FEW) -> float:
    few_calls, many_calls = calls(build(few)), calls(build(few * MANY // FEW))
    return many_calls / few_calls


@pytest.mark.parametrize("shape", [PSC, DIRECT])
def test_many_stacks_of_the_reference_kind_in_one(shape: str, stacks: Stacks) -> None:
    resources = stacks(shape).resources
    calls(list(resources))  # what is worked out once and kept
    assert growth(lambda count: [one for number in range(count) for one in copies(resources, number)]) < MOST


def one_url_map(routes: int) -> list[Resource]:
    services = [
        make(
            t.BACKEND_SERVICE,
            f"service{number}",
            {"backends": [{"group": UNKNOWN}]},
            backends=(f"region-group{number}",),
        )
        for number in range(routes)
    ]
    groups = [
        make(t.REGION_INSTANCE_GROUP_MANAGER, f"region-group{number}", {"region": "europe-west1"})
        for number in range(routes)
    ]
    matchers = [{"name": f"m{number}", "defaultService": f"service{number}"} for number in range(routes)]
    url_map = make(t.URL_MAP, "map", {"defaultService": "service0", "pathMatchers": matchers})
    proxy = make(t.TARGET_HTTPS_PROXY, "proxy", {"urlMap": UNKNOWN}, urlMap=("map",))
    rule = make(t.GLOBAL_FORWARDING_RULE, "front", {"target": UNKNOWN, "portRange": "443"}, target=("proxy",))
    return [rule, proxy, url_map, *services, *groups]


def one_service(backends: int) -> list[Resource]:
    """Each backend is unknown, and may be any of the groups."""
    groups = [
        make(t.REGION_INSTANCE_GROUP_MANAGER, f"region-group{number}", {"region": "europe-west1"})
        for number in range(backends)
    ]
    service = make(
        t.BACKEND_SERVICE,
        "service",
        {"backends": [{"group": UNKNOWN}] * backends},
        backends=tuple(group.name for group in groups),
    )
    url_map = make(t.URL_MAP, "map", {"defaultService": UNKNOWN}, defaultService=("service",))
    proxy = make(t.TARGET_HTTPS_PROXY, "proxy", {"urlMap": UNKNOWN}, urlMap=("map",))
    rule = make(t.GLOBAL_FORWARDING_RULE, "front", {"target": UNKNOWN, "portRange": "443"}, target=("proxy",))
    return [rule, proxy, url_map, service, *groups]


def one_network(firewalls: int) -> list[Resource]:
    rules = [
        make(t.FIREWALL, f"rule{number}", {"network": UNKNOWN, "sourceRanges": ["10.0.0.0/8"]}, network=("net",))
        for number in range(firewalls)
    ]
    return [make(t.NETWORK, "net", {}), *rules]


def one_firewall(ranges: int) -> list[Resource]:
    """A firewall rule with a long list of ranges that do not touch."""
    listed = [f"11.{number // 256}.{number % 256}.0/25" for number in range(ranges)]
    props = {"network": UNKNOWN, "sourceRanges": listed, "allows": [{"protocol": "tcp", "ports": ["22"]}]}
    return [make(t.NETWORK, "net", {}), make(t.FIREWALL, "rule", props, network=("net",))]


def one_policy(rules: int) -> list[Resource]:
    """A policy that holds its rules as a list, each of them a door that is open to everybody."""
    door = {"direction": "INGRESS", "action": "allow", "match": {"srcIpRanges": ["0.0.0.0/0"]}}
    unknown = {**door, "match": {"srcIpRanges": UNKNOWN}}
    listed = [door if number % 2 else unknown for number in range(rules)]
    return [make(t.NETWORK_FIREWALL_POLICY_WITH_RULES, "policy", {"rules": listed})]


def many_networks(count: int) -> list[Resource]:
    """Each network with a firewall rule, a group, and a service whose probes must get in."""
    found = []
    for number in range(count):
        found += [
            make(t.NETWORK, f"net{number}", {}),
            make(
                t.FIREWALL,
                f"rule{number}",
                {"network": UNKNOWN, "sourceRanges": ["35.191.0.0/16"], "allows": [{"protocol": "tcp"}]},
                network=(f"net{number}",),
            ),
            make(
                t.INSTANCE_TEMPLATE,
                f"template{number}",
                {"networkInterfaces": [{"network": UNKNOWN}]},
                networkInterfaces=(f"net{number}",),
            ),
            make(
                t.INSTANCE_GROUP_MANAGER,
                f"group{number}",
                {"zone": "europe-west1-b", "versions": [{"instanceTemplate": UNKNOWN}]},
                versions=(f"template{number}",),
            ),
            make(t.HEALTH_CHECK, f"check{number}", {"tcpHealthCheck": {"port": 443}}),
            make(
                t.BACKEND_SERVICE,
                f"service{number}",
                {"backends": [{"group": UNKNOWN}], "healthChecks": UNKNOWN},
                backends=(f"group{number}",),
                healthChecks=(f"check{number}",),
            ),
        ]
    return found


@pytest.mark.parametrize("build", [one_url_map, one_service, one_network, one_firewall, one_policy, many_networks])
def test_one_kind_of_thing_becomes_many(build: Build) -> None:
    calls(build(1))
    assert growth(build, few=60) < MOST


def make(token: str, name: str, inputs: Mapping[str, Any], **made_from: tuple[str, ...]) -> Resource:
    """Make a resource; what a property was made from is given by names, from which the types follow."""
    return Resource(
        urn(token, name),
        token,
        name,
        inputs={"name": name, **inputs},
        id=UNKNOWN,
        property_dependencies={key: tuple(map(named, names)) for key, names in made_from.items()},
    )


def named(name: str) -> str:
    kind = name.rstrip("0123456789")
    return urn(t.REGION_INSTANCE_GROUP_MANAGER if kind == "region-group" else KINDS[kind], name)


KINDS = {
    "net": t.NETWORK,
    "group": t.INSTANCE_GROUP_MANAGER,
    "template": t.INSTANCE_TEMPLATE,
    "check": t.HEALTH_CHECK,
    "map": t.URL_MAP,
    "service": t.BACKEND_SERVICE,
    "proxy": t.TARGET_HTTPS_PROXY,
}


def copies(resources: tuple[Resource, ...], number: int) -> list[Resource]:
    """Copy a stack under other names, so that many of them can stand side by side."""
    given = {one.name for one in resources} | {
        text
        for one in resources
        for text in map((one.inputs or {}).get, ("name", "accountId", "email"))
        if isinstance(text, str)
    }

    def text(value: str) -> str:
        return f"{value}-{number}" if value in given else value

    def renamed(value: Any) -> Any:
        if isinstance(value, str):
            account, at, domain = value.partition("@")
            return f"{text(account)}{at}{domain}"
        if isinstance(value, Mapping):
            return {key: renamed(item) for key, item in value.items()}
        return [renamed(item) for item in value] if is_list(value) else value

    return [
        replace(
            one,
            urn=f"{one.urn}-{number}",
            name=f"{one.name}-{number}",
            inputs=renamed(one.inputs),
            outputs=renamed(one.outputs),
            parent=f"{one.parent}-{number}" if one.parent else None,
            dependencies=tuple(f"{other}-{number}" for other in one.dependencies),
            property_dependencies={
                key: tuple(f"{other}-{number}" for other in others) for key, others in one.property_dependencies.items()
            },
        )
        for one in resources
    ]
