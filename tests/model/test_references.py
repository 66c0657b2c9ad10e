"""What a property refers to, on backends of a backend service: the table of cases, and the rest of the algebra."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policypack.gcp.types import (
    BACKEND_SERVICE,
    HEALTH_CHECK,
    INSTANCE_GROUP_MANAGER,
    NETWORK,
    REGION_HEALTH_CHECK,
    REGION_INSTANCE_GROUP_MANAGER,
    SUBNETWORK,
    TARGET_HTTPS_PROXY,
    URL_MAP,
)
from policypack.model.graph import External
from policypack.model.logic import Bounds, Undecided, recording_inferences
from policypack.model.resource import Resource
from policypack.model.values import UNKNOWN
from tests.support.graphs import blank, get, read, ref, res, stack, stack_reference, unknown_ref, urn

if TYPE_CHECKING:
    from policypack.model.graph import References, Target
    from tests.support.graphs import Draft

EUROPE = res(REGION_INSTANCE_GROUP_MANAGER, "europe", {"region": "europe-west1"})
EUROPE_TOO = res(REGION_INSTANCE_GROUP_MANAGER, "europe-too", {"region": "europe-west1"})
ASIA = res(REGION_INSTANCE_GROUP_MANAGER, "asia", {"region": "asia-northeast1"})
AMERICA = res(REGION_INSTANCE_GROUP_MANAGER, "america", {"region": "us-east1"})
SOMEWHERE = res(REGION_INSTANCE_GROUP_MANAGER, "somewhere", {"region": UNKNOWN})
GROUPS = (EUROPE, EUROPE_TOO, ASIA, AMERICA, SOMEWHERE)


def groups(*backends: Any, made_from: tuple[str, ...] = (), others: tuple[Draft, ...] = ()) -> References:
    """Give the groups of a service; `made_from` names what its backends were made from besides."""
    dependencies = tuple(urn(REGION_INSTANCE_GROUP_MANAGER, name) for name in made_from)
    known = [backend for backend in backends if backend is not UNKNOWN]
    own = [urn(REGION_INSTANCE_GROUP_MANAGER, backend.name) for backend in known]
    service = res(
        BACKEND_SERVICE,
        "api",
        {"backends": [{"group": backend} for backend in backends]},
        property_dependencies={"backends": (*own, *dependencies, *(urn(other.type, other.name) for other in others))},
    )
    graph = stack(service, *GROUPS, *others).graph
    return graph.references(next(each for each in graph.resources if each.name == "api"), "backends[].group")


def region(target: Target) -> Bounds[str]:
    if isinstance(target, External):
        return Bounds.anything(Undecided("", "", "outside"))
    where = target.peek("region")
    return Bounds.exactly(where) if isinstance(where, str) else Bounds.anything(Undecided(target.urn, "region", "?"))


def two_regions(references: References) -> str:
    """Say what a rule that asks for two regions would."""
    with recording_inferences() as notes:
        try:
            answer = references.bounds(region).at_least(2)
        except Undecided:
            return "undecided"
    return ("pass" if answer else "fail") + (", inferred" if notes else "")


@pytest.mark.parametrize(
    ("references", "verdict"),
    [
        pytest.param(groups(ref("europe"), ref("asia")), "pass", id="two known"),
        pytest.param(groups(ref("europe"), ref("europe-too")), "fail", id="two known in one region"),
        pytest.param(groups(), "fail", id="none"),
        pytest.param(groups(ref("europe"), ref("asia"), UNKNOWN), "pass", id="two known and one unknown"),
        pytest.param(
            groups(UNKNOWN, UNKNOWN, made_from=("europe", "asia")),
            "pass, inferred",
            id="two unknown, two candidates",
        ),
        pytest.param(
            groups(UNKNOWN, UNKNOWN, made_from=("europe", "europe-too")),
            "fail",
            id="two unknown, two candidates in one region",
        ),
        pytest.param(
            groups(UNKNOWN, made_from=("europe", "europe-too")), "fail", id="one unknown, two candidates in one region"
        ),
        pytest.param(
            groups(ref("asia"), UNKNOWN, made_from=("europe", "europe-too")),
            "pass, inferred",
            id="one known, one unknown, two candidates in another region",
        ),
        pytest.param(groups(UNKNOWN, made_from=("europe", "asia")), "fail", id="one unknown, two candidates"),
        pytest.param(
            groups(ref("america"), UNKNOWN, made_from=("europe", "asia")),
            "undecided",
            id="one known, one unknown, two candidates in two other regions",
        ),
        pytest.param(
            groups(ref("europe"), UNKNOWN, made_from=("asia", "europe-too")),
            "undecided",
            id="one known, one unknown that may be in its region",
        ),
        pytest.param(
            groups(UNKNOWN, UNKNOWN, UNKNOWN, made_from=("europe", "asia")),
            "pass, inferred",
            id="more unknown than candidates, which suffice",
        ),
        pytest.param(
            groups(UNKNOWN, UNKNOWN, made_from=("europe",)), "undecided", id="more unknown than candidates, too few"
        ),
        pytest.param(groups(ref("europe"), UNKNOWN), "undecided", id="one known, one unknown made from nothing known"),
        pytest.param(
            groups(ref("europe"), UNKNOWN, others=(stack_reference("shared"),)),
            "undecided",
            id="one known, one from another stack",
        ),
        pytest.param(
            groups(UNKNOWN, UNKNOWN, made_from=("europe", "somewhere")),
            "undecided",
            id="two candidates, the region of one unknown",
        ),
        pytest.param(
            groups(ref("europe"), ref("asia"), ref("somewhere")), "pass", id="two known, a third in an unknown region"
        ),
    ],
)
def test_two_regions_are_counted_as_far_as_they_are_known(references: References, verdict: str) -> None:
    assert two_regions(references) == verdict


def test_one_unknown_with_two_candidates_in_one_region_is_that_region() -> None:
    regions = groups(UNKNOWN, made_from=("europe", "europe-too")).bounds(region)
    assert regions.exact
    assert regions.certain == {"europe-west1"}


def test_of_one_unknown_and_two_candidates_only_one_counts() -> None:
    regions = groups(UNKNOWN, made_from=("europe", "asia")).bounds(region)
    assert (len(regions.possible), regions.at_most, regions.certain) == (2, 1, frozenset())


def test_an_unknown_list_is_undecided() -> None:
    graph = stack(res(BACKEND_SERVICE, "api", {"backends": unknown_ref("europe", "asia")}), EUROPE, ASIA).graph
    references = graph.references(graph.of_type(BACKEND_SERVICE)[0], "backends[].group")
    assert (references.targets().certain, two_regions(references)) == (frozenset(), "undecided")


def test_a_resource_without_properties_is_undecided() -> None:
    graph = stack(blank(BACKEND_SERVICE, "api")).graph
    references = graph.references(graph.of_type(BACKEND_SERVICE)[0], "backends[].group")
    assert two_regions(references) == "undecided"
    assert "--target" in references.targets().why().reason


def test_a_list_of_a_wrong_type_is_undecided_with_its_path() -> None:
    graph = stack(res(BACKEND_SERVICE, "api", {"backends": "all of them"})).graph
    why = graph.references(graph.of_type(BACKEND_SERVICE)[0], "backends[].group").targets().why()
    assert (why.path, why.reason) == ("backends", "there is a string where a list belongs")


def test_a_reference_of_a_wrong_type_is_undecided_with_its_path() -> None:
    why = groups(UNKNOWN).owner
    graph = stack(res(BACKEND_SERVICE, "api", {"backends": [{"group": 7}]})).graph
    reason = graph.references(graph.of_type(BACKEND_SERVICE)[0], "backends[].group").targets().why()
    assert (reason.path, reason.reason) == ("backends[0].group", "it is a number where a reference belongs")
    assert why.name == "api"


def test_known_places_beside_an_unknown_list_stay_known() -> None:
    deployment = stack(
        res(
            URL_MAP,
            "map",
            {
                "pathMatchers": [
                    {"pathRules": [{"service": ref("api")}]},
                    {"pathRules": UNKNOWN},
                ]
            },
        ),
        res(BACKEND_SERVICE, "api"),
    )
    targets = deployment.graph.references(get(deployment, "map"), "pathMatchers[].pathRules[].service").targets()
    assert targets.open
    assert targets.certain == {get(deployment, "api")}


def test_a_candidate_of_another_type_is_none() -> None:
    graph = stack(
        res(BACKEND_SERVICE, "api", {"backends": [{"group": unknown_ref("network")}]}), res(NETWORK, "network")
    ).graph
    references = graph.references(graph.of_type(BACKEND_SERVICE)[0], "backends[].group")
    assert (references.candidates, references.open) == ((), True)


def test_a_reference_that_is_made_from_what_does_not_belong_there_says_so() -> None:
    check = res(HEALTH_CHECK, "check", {})
    proxy = res(
        TARGET_HTTPS_PROXY,
        "front",
        {"urlMap": UNKNOWN},
        property_dependencies={"urlMap": (urn(HEALTH_CHECK, "check"),)},
    )
    graph = stack(proxy, check).graph
    references = graph.references(next(one for one in graph.resources if one.name == "front"), "urlMap")
    assert references.open
    assert [why.reason for why in references.unresolved] == [
        "it is made from check (HealthCheck), which is not what belongs here"
    ]


def test_a_candidate_that_is_only_read_leaves_the_set_open() -> None:
    group = read(REGION_INSTANCE_GROUP_MANAGER, "theirs", name="theirs", region="us-east1")
    references = groups(UNKNOWN, made_from=(), others=(group,))
    assert ([external.type for external in references.externals], references.open) == (
        [REGION_INSTANCE_GROUP_MANAGER],
        True,
    )


def test_each_of_several_unknown_places_alone_may_be_any_candidate() -> None:
    references = groups(UNKNOWN, UNKNOWN, made_from=("europe", "asia"))
    alone = references.of(references.slots[0]).targets()
    assert (len(alone.possible), alone.certain, alone.open, alone.at_most) == (2, frozenset(), False, 1)


def test_a_place_beyond_the_candidates_may_be_anything() -> None:
    references = groups(UNKNOWN, UNKNOWN, made_from=("europe",))
    assert references.of(references.slots[0]).targets().open


def test_a_question_that_all_candidates_answer_alike_is_answered() -> None:
    references = groups(UNKNOWN, made_from=("europe", "asia"))
    with recording_inferences() as notes:
        assert references.agree(lambda target: target.type == REGION_INSTANCE_GROUP_MANAGER)
    assert notes


def test_a_question_that_candidates_answer_differently_is_undecided() -> None:
    references = groups(UNKNOWN, made_from=("europe", "asia"))
    with pytest.raises(Undecided, match=r"backends\[0\].group"):
        references.agree(lambda target: isinstance(target, Resource) and target.name == "asia")


def routes(*services: Any) -> Bounds[Target]:
    deployment = stack(
        res(URL_MAP, "map", {"pathMatchers": [{"name": "all", "defaultService": service} for service in services]}),
        res(BACKEND_SERVICE, "api"),
        res(BACKEND_SERVICE, "other"),
        res(NETWORK, "network"),
    )
    return deployment.graph.references(get(deployment, "map"), "pathMatchers[].defaultService").targets()


def test_unknown_routes_that_were_made_from_one_service_all_lead_there() -> None:
    targets = routes(unknown_ref("api"), unknown_ref("api"))
    assert ([target.name for target in targets.certain if isinstance(target, Resource)], targets.exact) == (
        ["api"],
        True,
    )


def test_an_unknown_route_beside_a_known_one_leads_to_what_only_it_was_made_from() -> None:
    targets = routes(ref("api"), unknown_ref("other"))
    assert (len(targets.certain), targets.exact) == (2, True)


def test_an_unknown_route_that_was_made_from_the_known_one_leads_there_too() -> None:
    targets = routes(ref("api"), unknown_ref("api"))
    assert (len(targets.certain), targets.exact) == (1, True)


def test_unknown_routes_that_were_made_from_something_else_besides_may_lead_anywhere() -> None:
    assert routes(unknown_ref("api"), unknown_ref("api", "network")).open


def test_places_below_one_property_are_counted_together() -> None:
    deployment = stack(
        res(
            URL_MAP,
            "map",
            {
                "pathMatchers": [
                    {"defaultService": unknown_ref("api"), "pathRules": [{"service": unknown_ref("other")}]}
                ]
            },
        ),
        res(BACKEND_SERVICE, "api"),
        res(BACKEND_SERVICE, "other"),
    )
    owner = get(deployment, "map")
    (together,) = [each for each in deployment.graph.references_of(owner) if not each.empty]
    assert (len(together.targets().certain), together.targets().exact) == (2, True)
    assert not deployment.graph.references(owner, "pathMatchers[].defaultService").targets().certain


def test_kinds_of_things_below_one_property_are_counted_apart() -> None:
    deployment = stack(
        res(
            "gcp:compute/instanceTemplate:InstanceTemplate",
            "template",
            {"networkInterfaces": [{"network": unknown_ref("net"), "subnetwork": unknown_ref("sub")}]},
        ),
        res(NETWORK, "net"),
        res(SUBNETWORK, "sub", {"region": "europe-west1"}),
    )
    found = [each for each in deployment.graph.references_of(get(deployment, "template")) if not each.empty]
    assert [each.targets().exact and len(each.targets().certain) for each in found] == [1, 1]


def test_namesakes_in_two_regions_are_told_apart() -> None:
    named = [
        res(REGION_HEALTH_CHECK, "probe-1", {"name": "probe", "region": "europe-west1"}),
        res(REGION_HEALTH_CHECK, "probe-2", {"name": "probe", "region": "asia-northeast1"}),
        res(HEALTH_CHECK, "probe-3", {"name": "probe"}),
    ]
    places = ("regions/europe-west1", "regions/asia-northeast1", "global")
    found: list[Target] = []
    for place in places:
        service = res(BACKEND_SERVICE, "api", {"healthChecks": f"projects/test-project/{place}/healthChecks/probe"})
        graph = stack(service, *named).graph
        found += graph.references(graph.of_type(BACKEND_SERVICE)[0], "healthChecks").known
    assert [target.name for target in found if isinstance(target, Resource)] == ["probe-1", "probe-2", "probe-3"]


def test_a_text_that_fits_two_resources_is_no_answer() -> None:
    graph = stack(
        res(BACKEND_SERVICE, "api", {"healthChecks": "regions/europe-west1/healthChecks/probe"}),
        res(REGION_HEALTH_CHECK, "probe-1", {"name": "probe", "region": UNKNOWN}),
        res(REGION_HEALTH_CHECK, "probe-2", {"name": "probe", "region": UNKNOWN}),
    ).graph
    targets = graph.references(graph.of_type(BACKEND_SERVICE)[0], "healthChecks").targets()
    assert (targets.open, targets.why().reason) == (True, "its text fits several resources of this stack")


def test_a_dangling_text_contributes_nothing_and_leaves_the_set_closed() -> None:
    graph = stack(res(TARGET_HTTPS_PROXY, "proxy", {"urlMap": "projects/p/global/networks/n"})).graph
    references = graph.references(graph.of_type(TARGET_HTTPS_PROXY)[0], "urlMap")
    assert (references.targets().exact, len(references.dangling)) == (True, 1)
    assert not references.targets().possible


def test_something_outside_the_stack_is_known_but_no_resource() -> None:
    url = "projects/other/zones/us-east1-b/instanceGroups/theirs"
    graph = stack(res(BACKEND_SERVICE, "api", {"backends": [{"group": url}]})).graph
    references = graph.references(graph.of_type(BACKEND_SERVICE)[0], "backends[].group")
    (outside,) = references.known
    assert isinstance(outside, External)
    assert (outside.type, references.targets().exact, references.resources().open) == (
        "gcp:compute/instanceGroup:InstanceGroup",
        True,
        True,
    )


def test_who_refers_to_a_resource_is_known_from_the_resource() -> None:
    deployment = stack(
        res(BACKEND_SERVICE, "api", {"backends": [{"group": ref("group")}]}),
        res(INSTANCE_GROUP_MANAGER, "group", {"zone": "europe-west1-b"}),
    )
    group, service = get(deployment, "group"), get(deployment, "api")
    assert deployment.graph.referrers(group) == ((service, "backends[].group"),)


def test_no_answer_depends_on_the_order_of_arrival() -> None:
    drafts = (*GROUPS, res(BACKEND_SERVICE, "api", {"backends": [{"group": unknown_ref("europe", "asia")}]}))
    forward, backward = stack(*drafts).graph, stack(*reversed(drafts)).graph
    assert [each.urn for each in forward.resources] == [each.urn for each in backward.resources]


def test_a_reference_that_the_provider_computes_was_left_out() -> None:
    service = res(
        "gcp:compute/forwardingRule:ForwardingRule",
        "front",
        {"region": "europe-west1"},
        outputs={"network": UNKNOWN, "subnetwork": UNKNOWN, "region": "europe-west1"},
    )
    deployment = stack(service)
    assert deployment.graph.references(get(deployment, "front"), "network").empty


def test_a_nested_reference_that_the_provider_computes_was_left_out() -> None:
    template = res(
        "gcp:compute/instanceTemplate:InstanceTemplate",
        "template",
        {"networkInterfaces": [{"subnetwork": ref("sub")}]},
        outputs={"networkInterfaces": [{"network": UNKNOWN, "subnetwork": UNKNOWN}]},
    )
    deployment = stack(template, res(SUBNETWORK, "sub", {"region": "europe-west1"}))
    owner = get(deployment, "template")
    assert deployment.graph.references(owner, "networkInterfaces[].network").empty
    assert deployment.graph.references(owner, "networkInterfaces[].subnetwork").targets().certain


def test_an_unknown_output_of_what_the_program_gave_as_unknown_stays_unknown() -> None:
    service = res(BACKEND_SERVICE, "api", {"healthChecks": UNKNOWN}, outputs={"healthChecks": UNKNOWN})
    deployment = stack(service)
    assert deployment.graph.references(get(deployment, "api"), "healthChecks").unknown == 1
