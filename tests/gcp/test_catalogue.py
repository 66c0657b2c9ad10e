from __future__ import annotations

import importlib
import inspect
import re

import pytest

from policypack.gcp import types as t
from policypack.gcp.catalogue import CATALOGUE, is_google_api
from policypack.gcp.references import ERROR_SERVICES, MIRROR_SERVICES, REDIRECTS, REFERENCES, ROUTE_SERVICES
from policypack.gcp.schemes import SCHEMES
from policypack.model.graph import Address, External
from tests.support.graphs import get, res, stack

# The SDK warns of names of its own that are going.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


def snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def sdk_class(token: str) -> type:
    module, name = token.split(":")[1].split("/", maxsplit=1)[0], token.rsplit(":", 1)[-1]
    found = getattr(importlib.import_module(f"pulumi_gcp.{module}"), name)
    assert inspect.isclass(found)
    return found


def sdk_property(token: str, path: str) -> object:
    """Follow a path through the types of the provider's SDK; gives the type annotation at its end."""
    inputs = importlib.import_module(f"pulumi_gcp.{token.split(':')[1].split('/', maxsplit=1)[0]}._inputs")
    owner = importlib.import_module(sdk_class(token).__module__)
    # Where the usual name is that of a block, the SDK takes another.
    name = token.rsplit(":", 1)[-1]
    members = getattr(owner, f"{name}InitArgs", None) or getattr(owner, f"{name}Args")
    annotation: object = None
    for part in path.split("."):
        getter = inspect.getattr_static(members, snake(part.removesuffix("[]")))
        annotation = getter.fget.__annotations__["return"]
        listed = "Sequence[" in str(annotation)
        assert listed == part.endswith("[]"), f"{path}: {part} is {annotation}"
        nested = re.search(r"'(\w+Args)'", str(annotation))
        if nested:
            members = getattr(inputs, nested[1])
    return annotation


PATHS = [(token, reference.path) for token, references in REFERENCES.items() for reference in references]


@pytest.mark.parametrize(("token", "path"), PATHS, ids=[f"{token.rsplit(':')[-1]}.{path}" for token, path in PATHS])
def test_every_path_of_the_table_is_a_text_property_of_the_provider(token: str, path: str) -> None:
    assert "str" in str(sdk_property(token, path))


@pytest.mark.parametrize("token", sorted({*SCHEMES, *REFERENCES}))
def test_every_type_of_the_tables_is_one_of_the_provider(token: str) -> None:
    assert token in inspect.getsource(sdk_class(token)).split("super(")[1]


@pytest.mark.parametrize("path", REDIRECTS)
@pytest.mark.parametrize("token", t.URL_MAPS)
def test_every_place_of_a_redirect_is_one_of_the_provider(token: str, path: str) -> None:
    assert sdk_property(token, f"{path}.httpsRedirect")


def test_every_place_of_a_url_map_where_a_backend_stands_is_in_the_table() -> None:
    assert {*ROUTE_SERVICES, *MIRROR_SERVICES, *ERROR_SERVICES, "tests[].service"} == set(
        CATALOGUE.references(t.URL_MAP)
    )
    assert set(CATALOGUE.references(t.URL_MAP)) - set(CATALOGUE.references(t.REGION_URL_MAP)) == set(ERROR_SERVICES)


@pytest.mark.parametrize("token", sorted(REFERENCES))
def test_everything_that_can_be_referred_to_has_a_scheme(token: str) -> None:
    for path in CATALOGUE.references(token):
        assert CATALOGUE.fitting(token, path) <= set(SCHEMES)


def parse(token: str, path: str, text: str, **props: object) -> Address | External | None:
    owner = get(stack(res(token, "owner", {**props})), "owner")
    return CATALOGUE.parse(text, token, path, owner)


BARE = [
    (t.TARGET_HTTPS_PROXY, "urlMap", {}, Address("urlMaps", "x", "global", "test-project")),
    (
        t.REGION_TARGET_HTTPS_PROXY,
        "urlMap",
        {"region": "europe-west1"},
        Address("urlMaps", "x", "europe-west1", "test-project"),
    ),
    (t.TARGET_SSL_PROXY, "backendService", {}, Address("backendServices", "x", "global", "test-project")),
    (t.URL_MAP, "defaultService", {}, Address("backendServices", "x", "global", "test-project")),
    (
        t.REGION_URL_MAP,
        "defaultService",
        {"region": "europe-west1"},
        Address("backendServices", "x", "europe-west1", "test-project"),
    ),
    (
        t.URL_MAP,
        "defaultCustomErrorResponsePolicy.errorService",
        {},
        Address("backendBuckets", "x", "global", "test-project"),
    ),
    (t.FORWARDING_RULE, "network", {"region": "europe-west1"}, Address("networks", "x", "global", "test-project")),
    (
        t.FORWARDING_RULE,
        "subnetwork",
        {"region": "europe-west1"},
        Address("subnetworks", "x", "europe-west1", "test-project"),
    ),
    (
        t.INSTANCE,
        "networkInterfaces[].subnetwork",
        {"zone": "europe-west1-b"},
        Address("subnetworks", "x", "europe-west1", "test-project"),
    ),
    (
        t.AUTOSCALER,
        "target",
        {"zone": "europe-west1-b"},
        Address("instanceGroupManagers", "x", "europe-west1-b", "test-project"),
    ),
]


@pytest.mark.parametrize(("token", "path", "props", "expected"), BARE, ids=[f"{b[0][-12:]}.{b[1]}" for b in BARE])
def test_a_bare_name_that_the_provider_takes_is_one_of_the_propertys_own_kind_and_scope(
    token: str, path: str, props: dict[str, object], expected: Address
) -> None:
    assert parse(token, path, "x", **props) == expected


@pytest.mark.parametrize(
    ("token", "path"),
    [
        (t.GLOBAL_FORWARDING_RULE, "target"),
        (t.FORWARDING_RULE, "target"),
        (t.FORWARDING_RULE, "backendService"),
        (t.TARGET_GRPC_PROXY, "urlMap"),
        (t.BACKEND_SERVICE, "backends[].group"),
        (t.REGION_BACKEND_SERVICE, "backends[].group"),
        (t.BACKEND_SERVICE, "healthChecks"),
        (t.INSTANCE_GROUP_MANAGER, "autoHealingPolicies.healthCheck"),
        (t.INSTANCE_GROUP_MANAGER, "versions[].instanceTemplate"),
        (t.SERVICE_ATTACHMENT, "targetService"),
        (t.REGION_NETWORK_ENDPOINT_GROUP, "pscTargetService"),
        (t.TARGET_HTTPS_PROXY, "certificateMap"),
    ],
)
def test_a_bare_name_that_nothing_takes_is_dangling(token: str, path: str) -> None:
    assert parse(token, path, "my-target-proxy") is None


def test_a_bare_name_stays_dangling_where_a_resource_happens_to_have_it() -> None:
    deployment = stack(
        res(t.TARGET_HTTPS_PROXY, "proxy", {"name": "my-target-proxy"}),
        res(t.GLOBAL_FORWARDING_RULE, "front", {"target": "my-target-proxy"}),
    )
    assert deployment.graph.references(get(deployment, "front"), "target").dangling


@pytest.mark.parametrize(
    ("token", "path", "text"),
    [
        (t.TARGET_HTTPS_PROXY, "urlMap", "global/backendServices/api"),
        (t.BACKEND_SERVICE, "backends[].group", "projects/p/zones/europe-west1-b/instances/vm"),
        (t.BACKEND_SERVICE, "backends[].group", "projects/p/regions/europe-west1/instanceGroupManagers/web"),
        (t.GLOBAL_FORWARDING_RULE, "target", "projects/p/global/urlMaps/web"),
        (t.TARGET_HTTPS_PROXY, "urlMap", "Not A Name"),
    ],
)
def test_a_url_of_the_wrong_kind_of_thing_is_dangling(token: str, path: str, text: str) -> None:
    assert parse(token, path, text) is None


def test_a_url_of_a_collection_that_the_table_does_not_know_is_taken() -> None:
    assert parse(t.GLOBAL_FORWARDING_RULE, "target", "projects/p/global/targetNovelties/x") is not None


def test_a_partial_url_means_the_owners_own_project() -> None:
    address = parse(t.TARGET_HTTPS_PROXY, "urlMap", "global/urlMaps/web")
    assert address == Address("urlMaps", "web", "global", "test-project")


def test_a_url_of_another_project_is_no_resource_of_this_one() -> None:
    deployment = stack(
        res(t.URL_MAP, "map", {"name": "web"}),
        res(t.TARGET_HTTPS_PROXY, "proxy", {"urlMap": "projects/other/global/urlMaps/web"}),
    )
    (target,) = deployment.graph.references(get(deployment, "proxy"), "urlMap").known
    assert isinstance(target, External)
    assert target.type == t.URL_MAP


@pytest.mark.parametrize("text", ["all-apis", "vpc-sc"])
def test_bundles_of_google_apis_are_googles_own(text: str) -> None:
    assert parse(t.GLOBAL_FORWARDING_RULE, "target", text) == External(text)


def test_a_host_name_of_a_google_api_is_googles_own() -> None:
    text = "europe-west1-cloudkms.googleapis.com"
    assert parse(t.REGION_NETWORK_ENDPOINT_GROUP, "pscTargetService", text, region="europe-west1") == External(text)
    assert is_google_api(text)


def test_a_global_url_map_may_point_at_a_regional_service_for_rules_to_judge() -> None:
    address = parse(t.URL_MAP, "defaultService", "projects/test-project/regions/europe-west1/backendServices/api")
    assert address == Address("backendServices", "api", "europe-west1", "test-project")


def test_the_default_service_account_is_of_no_stack() -> None:
    assert parse(t.INSTANCE, "serviceAccount.email", "default") == External("default", t.SERVICE_ACCOUNT)


@pytest.mark.parametrize(
    ("address", "token"),
    [
        (Address("backendServices", "x", "global"), t.BACKEND_SERVICE),
        (Address("backendServices", "x", "europe-west1"), t.REGION_BACKEND_SERVICE),
        (Address("backendServices", "x"), None),
        (Address("instanceGroups", "x", "europe-west1"), t.REGION_INSTANCE_GROUP_MANAGER),
        (Address("instanceGroups", "x", "europe-west1-b"), t.INSTANCE_GROUP),
        (Address("networkEndpointGroups", "x", "europe-west1-b"), t.NETWORK_ENDPOINT_GROUP),
        (Address("networkEndpointGroups", "x", "europe-west1"), t.REGION_NETWORK_ENDPOINT_GROUP),
        (Address("serviceAttachments", "x", "europe-west1"), t.SERVICE_ATTACHMENT),
        (Address("certificates", "x", "europe-west1"), t.CERTIFICATE),
        (Address("novelties", "x", "global"), None),
    ],
)
def test_a_url_tells_the_type_of_what_it_names(address: Address, token: str | None) -> None:
    assert CATALOGUE.type_at(address) == token


def test_a_proxy_takes_certificates_of_both_kinds() -> None:
    text = "//certificatemanager.googleapis.com/projects/p/locations/europe-west1/certificates/web"
    assert parse(t.REGION_TARGET_HTTPS_PROXY, "sslCertificates[]", text, region="europe-west1") == Address(
        "certificates", "web", "europe-west1", "p"
    )
