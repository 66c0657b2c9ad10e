"""Machines behind zonal endpoint groups, target pools and target instances, and the ports that are probed there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policypack.gcp import types as t
from policypack.model.logic import Undecided
from policypack.model.values import UNKNOWN
from policypack.topology.compute import Members, members_of
from policypack.topology.probing import probed_ports
from tests.support.graphs import get, preview, ref, res, stack, unknown_ref

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.topology import Deployment
    from tests.support.graphs import Draft

    Build = Callable[..., Deployment]

both = pytest.mark.parametrize("build", [stack, preview], ids=["after deployment", "before deployment"])
ZONE = "europe-west1-b"


def machine(name: str, **props: object) -> Draft:
    return res(t.INSTANCE, name, {"zone": ZONE, "networkInterfaces": [{"network": ref("net")}], **props})


def group(**props: object) -> Draft:
    return res(t.NETWORK_ENDPOINT_GROUP, "group", {"zone": ZONE, "network": ref("net"), **props})


def endpoint(name: str, on: str, **props: object) -> Draft:
    place = {"zone": ZONE, "networkEndpointGroup": ref("group"), "instance": ref(on)}
    return res(t.NETWORK_ENDPOINT, name, {**place, **props})


def endpoints(*on: Any, **props: object) -> Draft:
    listed = [{"instance": ref(name), "port": port} for name, port in on]
    place = {"zone": ZONE, "networkEndpointGroup": ref("group"), "networkEndpoints": listed}
    return res(t.NETWORK_ENDPOINT_LIST, "list", {**place, **props})


NET = res(t.NETWORK, "net")


def members(deployment: Deployment, name: str = "group") -> Members:
    return members_of(deployment.graph, get(deployment, name))


def names(found: Members) -> set[str]:
    return {one.resource.name for one in found.machines}


def ports(deployment: Deployment) -> tuple[int | Undecided, ...]:
    api = deployment.load_balancing.service(get(deployment, "api"))
    return probed_ports(get(deployment, "check"), get(deployment, "group"), api.resource, api)


SERVICE = (
    res(t.HEALTH_CHECK, "check", {"tcpHealthCheck": {"portSpecification": "USE_SERVING_PORT"}}),
    res(t.BACKEND_SERVICE, "api", {"healthChecks": ref("check"), "backends": [{"group": ref("group")}]}),
)


@both
def test_the_machines_of_a_group_are_those_of_its_endpoints(build: Build) -> None:
    deployment = build(NET, group(), machine("a", tags=["api"]), machine("b"), endpoint("1", "a"), endpoint("2", "b"))
    found = members(deployment)
    assert names(found) == {"a", "b"}
    assert found.unknown == ()
    assert {tag for one in found.machines for tag in one.tags.known} == {"api"}


@both
def test_the_machines_of_a_list_of_endpoints_count_once_each(build: Build) -> None:
    found = members(build(NET, group(), machine("a"), endpoints(("a", 80), ("a", 81))))
    assert [one.resource.name for one in found.machines] == ["a"]
    assert found.unknown == ()


@both
def test_endpoints_lie_in_the_network_of_their_group(build: Build) -> None:
    other = machine("a", networkInterfaces=[{"network": ref("other")}, {"network": ref("net")}])
    deployment = build(NET, res(t.NETWORK, "other"), group(), other, endpoint("1", "a"))
    assert members(deployment).machines[0].network.certain == {get(deployment, "net")}


def test_a_group_that_something_else_fills_has_machines_of_which_nothing_is_known() -> None:
    found = members(stack(NET, group()))
    assert [one.resource.name for one in found.machines] == ["group"]
    assert found.machines[0].tags.unknown is not None


def test_endpoints_of_another_group_are_not_counted() -> None:
    elsewhere = endpoint(
        "1", "a", networkEndpointGroup="projects/test-project/zones/us-east1-b/networkEndpointGroups/x"
    )
    assert names(members(stack(NET, group(), machine("a"), elsewhere))) == {"group"}


def test_of_namesakes_in_two_zones_an_endpoint_belongs_to_the_one_of_its_own() -> None:
    deployment = stack(
        NET,
        group(name="web"),
        res(t.NETWORK_ENDPOINT_GROUP, "twin", {"zone": "europe-west1-c", "name": "web", "network": ref("net")}),
        machine("a"),
        endpoint("1", "a", networkEndpointGroup="web"),
    )
    assert names(members(deployment)) == {"a"}
    assert names(members(deployment, "twin")) == {"twin"}


def test_a_list_of_endpoints_that_is_unknown_leaves_the_machines_open() -> None:
    found = members(stack(NET, group(), endpoints(networkEndpoints=UNKNOWN)))
    assert [why.path for why in found.unknown] == ["networkEndpoints"]


def test_an_endpoint_that_may_belong_to_another_group_leaves_the_machines_open() -> None:
    twin = res(t.NETWORK_ENDPOINT_GROUP, "twin", {"zone": ZONE, "network": ref("net")})
    one = endpoint("1", "a", networkEndpointGroup=unknown_ref("group", "twin"))
    found = members(stack(NET, group(), twin, machine("a"), one))
    assert [why.path for why in found.unknown] == ["networkEndpointGroup"]


@both
def test_the_port_of_each_endpoint_is_probed(build: Build) -> None:
    drafts = (NET, *SERVICE, group(defaultPort=443), machine("a"), endpoints(("a", 8443), ("a", 9443)))
    assert ports(build(*drafts)) == (8443, 9443)


@both
def test_an_endpoint_without_a_port_has_that_of_its_group(build: Build) -> None:
    assert ports(build(NET, *SERVICE, group(defaultPort=443), machine("a"), endpoint("1", "a"))) == (443,)


@pytest.mark.parametrize(
    "drafts", [(group(),), (group(), machine("a"), endpoint("1", "a"))], ids=["no endpoint", "an endpoint"]
)
def test_without_any_port_which_one_is_probed_is_undecided(drafts: tuple[Draft, ...]) -> None:
    (port,) = ports(stack(NET, *SERVICE, *drafts))
    assert isinstance(port, Undecided)
    assert port.path == "defaultPort"


def test_a_port_that_is_unknown_is_undecided() -> None:
    (port,) = ports(stack(NET, *SERVICE, group(), machine("a"), endpoint("1", "a", port=UNKNOWN)))
    assert isinstance(port, Undecided)
    assert port.path == "port"


# What came before


@both
def test_the_machines_of_a_target_pool_are_its_instances_and_those_of_its_groups(build: Build) -> None:
    deployment = build(
        NET,
        res(t.TARGET_POOL, "pool", {"region": "europe-west1", "instances": [ref("a")]}),
        machine("a"),
        res(t.INSTANCE_TEMPLATE, "template", {"networkInterfaces": [{"network": ref("net")}]}),
        res(
            t.INSTANCE_GROUP_MANAGER,
            "group",
            {"zone": ZONE, "versions": [{"instanceTemplate": ref("template")}], "targetPools": [ref("pool")]},
        ),
    )
    found = members(deployment, "pool")
    assert names(found) == {"a", "template"}
    assert found.unknown == ()


def test_a_machine_outside_the_stack_leaves_a_target_pool_open() -> None:
    pool = res(t.TARGET_POOL, "pool", {"region": "europe-west1", "instances": [f"{ZONE}/elsewhere"]})
    assert [why.path for why in members(stack(pool), "pool").unknown] == ["instances[]"]


@both
def test_the_machine_of_a_target_instance_is_the_one_it_names(build: Build) -> None:
    deployment = build(NET, res(t.TARGET_INSTANCE, "target", {"zone": ZONE, "instance": ref("a")}), machine("a"))
    assert names(members(deployment, "target")) == {"a"}
