"""Answers to the functions that a program calls."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policypack.model.resource import Provider
from policypack.model.values import Value
from policypack.sources.program import ProgramError, run_program
from policypack.sources.program.functions import Call, Functions, read_answers
from tests.sources.program.dry_run import Record, Write, named

ZONES = "gcp:compute/getZones:getZones"
RANGES = "gcp:compute/getNetblockIPRanges:getNetblockIPRanges"
FOLDER = "gcp:organizations/getFolder:getFolder"
CONFIGURED = Provider(inputs={"project": "shop-prod", "region": "europe-west1", "zone": "europe-west1-b"})


def answer(token: str, provider: Provider = CONFIGURED, **args: Value) -> dict[str, Value]:
    return dict(Functions().answer(Call(token, args, provider)))


def test_get_project_answers_for_the_project_of_the_provider() -> None:
    result = answer("gcp:organizations/getProject:getProject")
    assert (result["projectId"], result["number"]) == ("shop-prod", "123456789012")


def test_get_project_answers_for_the_project_it_is_asked_for() -> None:
    assert answer("gcp:organizations/getProject:getProject", projectId="other")["projectId"] == "other"


def test_get_client_config_answers_what_the_provider_is_configured_with() -> None:
    result = answer("gcp:organizations/getClientConfig:getClientConfig")
    assert (result["project"], result["region"], result["zone"]) == ("shop-prod", "europe-west1", "europe-west1-b")


@pytest.mark.parametrize(
    ("region", "letters"), [("europe-west1", "bcd"), ("us-central1", "abcf"), ("asia-east1", "abc")]
)
def test_get_zones_answers_the_zones_of_the_region(region: str, letters: str) -> None:
    assert answer(ZONES, region=region)["names"] == [f"{region}-{letter}" for letter in letters]


def test_get_zones_without_a_region_takes_the_providers() -> None:
    assert answer(ZONES)["region"] == "europe-west1"


def test_get_zones_without_any_region_is_an_error() -> None:
    with pytest.raises(ProgramError, match="neither the call nor gcp:region"):
        answer(ZONES, Provider())


def test_get_netblock_ip_ranges_answers_the_probe_ranges() -> None:
    assert answer(RANGES, rangeType="health-checkers")["cidrBlocksIpv4s"] == ["35.191.0.0/16", "130.211.0.0/22"]


@pytest.mark.parametrize("kind", ["cloud-netblocks", "google-netblocks"])
def test_ranges_that_google_changes_are_not_made_up(kind: str) -> None:
    with pytest.raises(ProgramError, match="changes these ranges"):
        answer(RANGES, rangeType=kind)


def test_get_image_answers_the_newest_of_a_family() -> None:
    link = answer("gcp:compute/getImage:getImage", family="debian-12", project="debian-cloud")["selfLink"]
    assert str(link).endswith("/projects/debian-cloud/global/images/debian-12-v20260101")


def test_get_iam_policy_answers_its_arguments_as_json() -> None:
    binding: Value = {"role": "roles/run.invoker", "members": ["user:b@x.org", "allUsers"]}
    result = answer("gcp:organizations/getIAMPolicy:getIAMPolicy", bindings=[binding])
    assert json.loads(str(result["policyData"])) == {
        "bindings": [{"role": "roles/run.invoker", "members": ["allUsers", "user:b@x.org"]}]
    }


def test_the_storage_service_account_of_a_project_is_answered() -> None:
    result = answer("gcp:storage/getProjectServiceAccount:getProjectServiceAccount")
    assert result["emailAddress"] == "service-123456789012@gs-project-accounts.iam.gserviceaccount.com"


def test_an_unanswered_function_names_itself_and_how_to_answer() -> None:
    with pytest.raises(ProgramError) as caught:
        answer(FOLDER, name="hub", size=1.0)
    assert caught.value.what == (
        f'the program calls the function {FOLDER} with {{"name": "hub", "size": 1}}, and no answer is known for it'
    )
    assert "--answers FILE" in caught.value.what_to_do
    assert FOLDER in caught.value.what_to_do


def test_without_a_project_functions_answer_for_a_placeholder_and_say_so() -> None:
    functions = Functions()
    result = functions.answer(Call("gcp:organizations/getProject:getProject", {}, Provider()))
    assert result["projectId"] == "project-of-the-dry-run"
    assert list(functions.notes()) == [
        "gcp:project is not set; functions answered for the project 'project-of-the-dry-run'"
    ]


@pytest.mark.parametrize("token", [FOLDER, "gcp:organizations:getFolder", "gcp:organizations/getFolder"])
def test_a_file_may_answer_by_any_form_of_the_token(token: str) -> None:
    functions = Functions({token: {"id": "hub"}})
    assert functions.answer(Call(FOLDER, {}, CONFIGURED)) == {"id": "hub"}


def test_the_file_wins_over_what_is_built_in() -> None:
    assert Functions({ZONES: {"names": ["z"]}}).answer(Call(ZONES, {}, CONFIGURED)) == {"names": ["z"]}


def test_the_first_case_that_fits_answers() -> None:
    cases: list[Value] = [{"args": {"name": "a"}, "result": {"id": "A"}}, {"result": {"id": "other"}}]
    functions = Functions({FOLDER: cases})
    assert functions.answer(Call(FOLDER, {"name": "a", "project": "p"}, CONFIGURED)) == {"id": "A"}
    assert functions.answer(Call(FOLDER, {"name": "b"}, CONFIGURED)) == {"id": "other"}


def test_a_call_that_no_case_fits_is_an_error() -> None:
    functions = Functions({FOLDER: [{"args": {"name": "a"}, "result": {}}]})
    with pytest.raises(ProgramError, match="no case for these arguments"):
        functions.answer(Call(FOLDER, {"name": "b"}, CONFIGURED))


@pytest.mark.parametrize("text", ["- a\n", "a: 1\n", "3\n", "{a: [", ""])
def test_a_file_of_answers_of_another_shape_is_an_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "answers.yaml"
    file.write_text(text)
    with pytest.raises(ProgramError) as caught:
        read_answers(file)
    assert caught.value.where.startswith(str(file))


def test_a_missing_file_of_answers_is_an_error(write: Write, tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match="the file of answers cannot be read"):
        run_program(write(), answers=tmp_path / "none.yaml")


def test_a_program_gets_the_answer_of_the_file(record: Record, tmp_path: Path) -> None:
    file = tmp_path / "answers.json"
    file.write_text(json.dumps({FOLDER: {"id": "hub", "selfLink": "https://hub"}}))
    run = record(
        f"""
        found = pulumi.runtime.invoke("{FOLDER}", {{"name": "hub"}}).value
        Made("a", {{"description": found["selfLink"]}})
        """,
        answers=file,
    )
    assert (named(run, "a").inputs or {})["description"] == "https://hub"


def test_a_program_that_calls_an_unanswered_function_ends_with_its_name(record: Record) -> None:
    with pytest.raises(ProgramError) as caught:
        record(f"pulumi.runtime.invoke('{FOLDER}', {{'name': 'hub'}})")
    assert FOLDER in caught.value.what
    assert caught.value.where == "__main__.py:9"


def test_a_function_that_is_called_with_an_unknown_value_is_unknown(record: Record) -> None:
    run = record(
        f"""
        a = Made("a")
        found = pulumi.runtime.invoke_output("{FOLDER}", {{"name": a.selfLink}})
        pulumi.export("found", found)
        """
    )
    assert "found" in (named(run, "shop-dev").outputs or {})


def test_a_function_of_an_explicit_provider_is_asked_of_that_one(record: Record) -> None:
    run = record(
        f"""
        provider = pulumi.ProviderResource("gcp", "tokyo", {{"region": "asia-northeast1"}})
        options = pulumi.InvokeOptions(provider=provider)
        pulumi.export("zones", pulumi.runtime.invoke("{ZONES}", {{}}, options).value["names"])
        """,
        config={"gcp:region": "europe-west1"},
    )
    assert (named(run, "shop-dev").outputs or {})["zones"] == [f"asia-northeast1-{letter}" for letter in "abc"]


def test_every_built_in_answer_fits_the_type_that_the_providers_package_has_for_it(write: Write) -> None:
    run = run_program(
        write(
            """
            import pulumi
            import pulumi_gcp as gcp

            pulumi.export("got", [
                gcp.bigquery.get_default_service_account().email,
                gcp.compute.get_default_service_account().email,
                gcp.compute.get_image(family="debian-12", project="debian-cloud").self_link,
                gcp.compute.get_netblock_ip_ranges(range_type="iap-forwarders").cidr_blocks_ipv4s[0],
                gcp.compute.get_zones().names[0],
                gcp.organizations.get_client_config().region,
                gcp.organizations.get_iam_policy(bindings=[{"role": "r", "members": ["m"]}]).policy_data,
                gcp.organizations.get_project().number,
                gcp.storage.get_project_service_account().email_address,
            ])
            """
        ),
        config={"gcp:project": "shop-prod", "gcp:region": "europe-west1"},
    )
    assert (named(run, "shop-dev").outputs or {})["got"] == [
        "bq-123456789012@bigquery-encryption.iam.gserviceaccount.com",
        "123456789012-compute@developer.gserviceaccount.com",
        "https://www.googleapis.com/compute/v1/projects/debian-cloud/global/images/debian-12-v20260101",
        "35.235.240.0/20",
        "europe-west1-b",
        "europe-west1",
        '{"bindings":[{"members":["m"],"role":"r"}]}',
        "123456789012",
        "service-123456789012@gs-project-accounts.iam.gserviceaccount.com",
    ]
