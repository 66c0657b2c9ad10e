from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from policypack.gcp import types as t
from policypack.model.values import UNKNOWN
from policypack.topology.tree import load_balancer_trees
from tests.support.graphs import blank, preview, read, ref, res, stack, unknown_ref
from tests.support.load_balancers import ASIA, EUROPE, global_direct, global_front, producer, psc_neg, regional_psc

if TYPE_CHECKING:
    from policypack.topology import Deployment
    from policypack.topology.tree import Node


def drawn(deployment: Deployment) -> list[str]:
    def lines(node: Node, depth: int) -> list[str]:
        return ["  " * depth + node.label, *(line for child in node.children for line in lines(child, depth + 1))]

    return [line for tree in load_balancer_trees(deployment) for line in lines(tree, 0)]


DIRECT = [
    "front (global, port 443, EXTERNAL_MANAGED)",
    "  proxy (HTTPS proxy)",
    "    map (URL map)",
    "      api (backend service, HTTPS)",
    f"        group-europe (instance group) → {EUROPE}",
    f"        group-asia (instance group) → {ASIA}",
    "front-80 (global, port 80, EXTERNAL_MANAGED) → redirects to HTTPS",
]


def test_a_load_balancer_is_drawn_from_the_forwarding_rule_to_the_regions() -> None:
    assert drawn(stack(*global_direct())) == DIRECT


def test_it_is_drawn_alike_before_deployment() -> None:
    assert drawn(preview(*global_direct())) == DIRECT


def test_a_producer_is_drawn_in_one_line_of_its_consumers_tree() -> None:
    lines = drawn(preview(*regional_psc()))
    assert lines[4:6] == [
        f"        neg-{ASIA} (PSC) → attachment-{ASIA} → front-{ASIA} → service-{ASIA} → {ASIA}",
        f"        neg-{EUROPE} (PSC) → attachment-{EUROPE} → front-{EUROPE} → service-{EUROPE} → {EUROPE}",
    ]


def test_parts_of_a_chain_that_share_a_name_are_named_once() -> None:
    neg, attachment, *rest = (psc_neg(EUROPE, ref(EUROPE, t.SERVICE_ATTACHMENT)), *producer(EUROPE))
    named = (replace(neg, name=EUROPE), replace(attachment, name=EUROPE))
    front = [draft for draft in global_front() if draft.name in {"front", "proxy", "map"}]
    backends = {"backends": [{"group": ref(EUROPE, t.REGION_NETWORK_ENDPOINT_GROUP)}]}
    service = res(t.BACKEND_SERVICE, "api", backends)
    assert (
        drawn(stack(*front, service, *named, *rest))[-1]
        == f"        {EUROPE} (PSC) → front-{EUROPE} → service-{EUROPE} → {EUROPE}"
    )


def test_a_producer_that_nothing_consumes_has_a_tree_of_its_own() -> None:
    assert drawn(stack(*producer(EUROPE)))[0] == f"front-{EUROPE} ({EUROPE}, port 443, INTERNAL_MANAGED)"


def test_a_psc_group_of_a_producer_outside_names_it() -> None:
    theirs = f"projects/other/regions/{EUROPE}/serviceAttachments/theirs"
    lines = drawn(stack(*global_front(f"neg-{EUROPE}"), psc_neg(EUROPE, theirs)))
    assert lines[-2] == f"        neg-{EUROPE} (PSC) → theirs → {EUROPE}"


def test_a_dangling_target_is_drawn_as_what_it_says() -> None:
    deployment = stack(res(t.GLOBAL_FORWARDING_RULE, "front", {"target": "my-target-proxy", "portRange": "80-8080"}))
    assert drawn(deployment) == [
        "front (global, port 80-8080, EXTERNAL_MANAGED)",
        "  my-target-proxy (names nothing)",
    ]


def test_what_is_not_known_is_marked() -> None:
    deployment = stack(
        res(t.GLOBAL_FORWARDING_RULE, "front", {"target": UNKNOWN, "portRange": UNKNOWN}),
        blank(t.GLOBAL_FORWARDING_RULE, "new"),
    )
    assert drawn(deployment) == ["front (global, unknown port, EXTERNAL_MANAGED)", "  (unknown)", "new (unknown)"]


def test_what_may_be_is_told_from_what_is() -> None:
    group = res(t.INSTANCE_GROUP_MANAGER, "group", {"zone": UNKNOWN})
    service = res(t.BACKEND_SERVICE, "api", {"backends": [{"group": unknown_ref("group", "other")}]})
    other = res(t.INSTANCE_GROUP_MANAGER, "other", {"zone": f"{EUROPE}-b"})
    front = [draft for draft in global_front() if draft.name in {"front", "proxy", "map"}]
    assert drawn(stack(*front, service, group, other))[-2:] == [
        "        perhaps group (instance group) → unknown region",
        f"        perhaps other (instance group) → {EUROPE}",
    ]


def test_a_service_without_backends_says_so() -> None:
    assert drawn(stack(*global_front()))[-2] == "      api (backend service, HTTP) → no backends"


def test_things_outside_the_stack_are_named_as_such() -> None:
    theirs = read(t.TARGET_HTTPS_PROXY, "theirs")
    deployment = stack(theirs, res(t.GLOBAL_FORWARDING_RULE, "front", {"target": unknown_ref("theirs")}))
    assert drawn(deployment)[1:] == ["  theirs (outside this stack)"]


def test_an_endpoint_for_google_apis_is_one_line() -> None:
    apis = res(t.GLOBAL_FORWARDING_RULE, "apis", {"target": "all-apis", "loadBalancingScheme": ""})
    assert drawn(stack(apis)) == ["apis (global) → Google APIs (all-apis)"]


def test_a_front_end_that_passes_packets_through_has_its_service_below() -> None:
    deployment = stack(
        res(t.FORWARDING_RULE, "front", {"backendService": ref("nlb"), "region": EUROPE, "ports": ["80", "443"]}),
        res(t.REGION_BACKEND_SERVICE, "nlb", {"region": EUROPE, "backends": [{"group": ref("vms")}]}),
        res(t.INSTANCE_GROUP, "vms", {"zone": f"{EUROPE}-c"}),
    )
    assert drawn(deployment) == [
        f"front ({EUROPE}, port 80,443, EXTERNAL)",
        "  nlb (backend service, TCP)",
        f"    vms (instance group) → {EUROPE}",
    ]


def test_a_bucket_stands_among_the_services() -> None:
    front = [draft for draft in global_front() if draft.name in {"front", "proxy"}]
    deployment = stack(
        *front, res(t.URL_MAP, "map", {"defaultService": ref("assets")}), res(t.BACKEND_BUCKET, "assets")
    )
    assert drawn(deployment)[-1] == "      assets (backend bucket)"


def test_producers_that_only_reach_each_other_are_still_drawn() -> None:
    looped = res(
        t.REGION_BACKEND_SERVICE,
        f"service-{EUROPE}",
        {"region": EUROPE, "loadBalancingScheme": "INTERNAL_MANAGED", "backends": [{"group": ref(f"neg-{EUROPE}")}]},
    )
    drafts = [draft for draft in producer(EUROPE) if draft.name != f"service-{EUROPE}"]
    assert drawn(stack(psc_neg(EUROPE), *drafts, looped))[0].startswith(f"front-{EUROPE}")


def test_every_line_of_a_resource_has_its_urn() -> None:
    def nodes(node: Node) -> list[Node]:
        return [node, *(below for child in node.children for below in nodes(child))]

    deployment = stack(*regional_psc())
    known = {resource.urn for resource in deployment.graph.resources}
    assert all(node.urn in known for tree in load_balancer_trees(deployment) for node in nodes(tree))
