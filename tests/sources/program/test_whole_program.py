"""What is recorded of a program with components, an explicit provider, reads and another stack's outputs."""

from __future__ import annotations

import pytest

from policypack.model.resource import SourcePosition
from policypack.model.values import UNKNOWN, Secret
from policypack.sources.program import ProgramRun, run_program
from tests.sources.program.dry_run import WHOLE, named

EUROPE = "part-europe-west1-service"
ASIA = "part-asia-northeast1-service"
URN = "urn:pulumi:prod::shop::"
SERVICE_TYPE = "shop:platform:Region$gcp:compute/regionBackendService:RegionBackendService"


@pytest.fixture(scope="module")
def run() -> ProgramRun:
    return run_program(WHOLE)


def test_the_only_config_file_names_the_stack(run: ProgramRun) -> None:
    assert (run.project, run.stack) == ("shop", "prod")


def test_the_main_file_and_its_folder_are_told(run: ProgramRun) -> None:
    assert (run.directory, run.main) == (WHOLE, WHOLE / "__main__.py")


def test_resources_are_sorted_by_urn(run: ProgramRun) -> None:
    urns = [resource.urn for resource in run.resources]
    assert urns == sorted(urns)


def test_the_urn_of_a_child_has_the_types_of_its_parents(run: ProgramRun) -> None:
    assert named(run, EUROPE).urn == f"{URN}{SERVICE_TYPE}::{EUROPE}"


def test_the_root_stack_adds_nothing_to_a_urn(run: ProgramRun) -> None:
    assert named(run, "web").urn == f"{URN}gcp:serviceaccount/account:Account::web"


def test_a_child_names_its_parent(run: ProgramRun) -> None:
    assert named(run, EUROPE).parent == f"{URN}shop:platform:Region::part-europe-west1"


def test_a_component_is_recorded_with_its_declared_outputs(run: ProgramRun) -> None:
    component = named(run, "part-europe-west1")
    assert (component.custom, component.id, component.outputs) == (False, None, {"service": UNKNOWN})


def test_a_resource_in_a_module_has_the_line_of_that_module(run: ProgramRun) -> None:
    assert named(run, EUROPE).source == SourcePosition("platform_parts/region.py", 10)


def test_a_resource_in_the_main_file_has_its_line_there(run: ProgramRun) -> None:
    assert named(run, "web").source == SourcePosition("__main__.py", 14)


def test_the_id_of_a_new_resource_is_unknown(run: ProgramRun) -> None:
    assert named(run, EUROPE).id is UNKNOWN


def test_unknown_elements_of_a_list_stay_elements(run: ProgramRun) -> None:
    backend = {"group": UNKNOWN, "balancingMode": "UTILIZATION", "capacityScaler": 1}
    assert (named(run, "global").inputs or {})["backends"] == [backend, backend]


def test_a_property_names_what_it_was_made_from(run: ProgramRun) -> None:
    assert named(run, "global").property_dependencies["backends"] == (
        f"{URN}{SERVICE_TYPE}::{ASIA}",
        f"{URN}{SERVICE_TYPE}::{EUROPE}",
    )


def test_depends_on_is_recorded(run: ProgramRun) -> None:
    (check,) = named(run, EUROPE).dependencies
    assert check.endswith("::part-europe-west1-check")


def test_a_secret_element_stays_secret(run: ProgramRun) -> None:
    assert (named(run, "global").inputs or {})["customRequestHeaders"] == ["gold", Secret("X-Key: s3cret")]


def test_a_default_of_the_provider_is_filled(run: ProgramRun) -> None:
    assert (named(run, "global").inputs or {})["loadBalancingScheme"] == "EXTERNAL_MANAGED"


def test_an_unnamed_resource_gets_a_name(run: ProgramRun) -> None:
    assert str((named(run, "global").inputs or {})["name"]).startswith("global-")


def test_the_address_of_a_service_account_is_an_output(run: ProgramRun) -> None:
    email = "web@shop-prod.iam.gserviceaccount.com"
    assert named(run, "web").outputs == {"email": email, "member": f"serviceAccount:{email}"}


def test_the_program_reads_the_address_of_a_service_account(run: ProgramRun) -> None:
    email = "web@shop-prod.iam.gserviceaccount.com"
    assert (named(run, "open").inputs or {})["targetServiceAccounts"] == [email]


def test_a_resource_without_explicit_provider_has_the_stack_config_of_the_default_one(run: ProgramRun) -> None:
    provider = named(run, "web").provider
    assert (provider.urn, provider.inputs) == ("", {"project": "shop-prod", "region": "europe-west1"})


def test_an_explicit_provider_has_its_own_region_and_project(run: ProgramRun) -> None:
    provider = named(run, "tokyo-address").provider
    assert provider.urn == f"{URN}pulumi:providers:gcp::tokyo"
    assert provider.inputs == {"project": "shop-asia", "region": "asia-northeast1"}


def test_the_version_of_the_provider_is_that_of_the_programs_package(run: ProgramRun) -> None:
    version = named(run, "web").provider.version
    assert version is not None
    assert named(run, "tokyo-address").provider.version == version


def test_protect_is_recorded(run: ProgramRun) -> None:
    assert named(run, "tokyo-address").options.protect


def test_a_resource_that_is_only_read_is_external_and_has_its_id(run: ProgramRun) -> None:
    network = named(run, "shared")
    assert (network.external, network.id) == (True, "projects/hub/global/networks/shared")


def test_what_comes_from_another_stack_is_unknown_and_names_it(run: ProgramRun) -> None:
    service = named(run, "global")
    assert (service.inputs or {})["securityPolicy"] is UNKNOWN
    assert service.property_dependencies["securityPolicy"] == (f"{URN}pulumi:pulumi:StackReference::acme/base/prod",)


def test_a_stack_reference_is_external(run: ProgramRun) -> None:
    assert named(run, "acme/base/prod").external


def test_the_exports_are_the_outputs_of_the_stack(run: ProgramRun) -> None:
    assert named(run, "shop-prod").outputs == {
        "account": "web@shop-prod.iam.gserviceaccount.com",
        "service": UNKNOWN,
        "zones": ["europe-west1-b", "europe-west1-c", "europe-west1-d"],
    }


def test_a_declared_virtualenv_that_is_missing_is_told(run: ProgramRun) -> None:
    (note,) = run.notes
    assert "'venv-of-the-program'" in note
    assert "`pulumi install`" in note
