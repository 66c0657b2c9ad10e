"""Answers to functions that look up one thing by its name."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from policypack.model.resource import Provider
from policypack.model.values import UNKNOWN, Value
from policypack.sources.program import ProgramError, run_program
from policypack.sources.program.functions import Call, Functions
from policypack.sources.wire import decode_plain
from tests.sources.program.dry_run import Record, Write, named

COMPUTE = "https://www.googleapis.com/compute/v1"
CONFIGURED = Provider(inputs={"project": "shop-prod", "region": "europe-west1", "zone": "europe-west1-b"})


def answer(token: str, provider: Provider = CONFIGURED, **args: Value) -> Mapping[str, Value]:
    """Give an answer as rules would read it."""
    return {key: decode_plain(value) for key, value in Functions().answer(Call(token, args, provider)).items()}


def test_a_network_has_the_id_and_the_url_that_follow_from_its_name() -> None:
    found = answer("gcp:compute/getNetwork:getNetwork", name="hub")
    assert (found["id"], found["selfLink"], found["project"]) == (
        "projects/shop-prod/global/networks/hub",
        f"{COMPUTE}/projects/shop-prod/global/networks/hub",
        "shop-prod",
    )


def test_arguments_win_over_the_configuration() -> None:
    found = answer("gcp:compute/getSubnetwork:getSubnetwork", name="s", region="asia-east1", project="other")
    assert found["id"] == "projects/other/regions/asia-east1/subnetworks/s"
    assert found["region"] == "asia-east1"


def test_a_thing_may_be_named_by_its_url() -> None:
    link = f"{COMPUTE}/projects/other/regions/us-east1/subnetworks/s"
    found = answer("gcp:compute/getSubnetwork:getSubnetwork", selfLink=link)
    assert (found["name"], found["region"], found["project"], found["selfLink"]) == ("s", "us-east1", "other", link)


def test_what_only_the_cloud_knows_is_unknown() -> None:
    found = answer("gcp:compute/getSubnetwork:getSubnetwork", name="s")
    assert (found["ipCidrRange"], found["network"]) == (UNKNOWN, UNKNOWN)


def test_the_text_of_a_secret_is_unknown() -> None:
    found = answer("gcp:secretmanager/getSecretVersion:getSecretVersion", secret="password")
    assert (found["name"], found["secretData"]) == ("projects/shop-prod/secrets/password/versions/latest", UNKNOWN)


def test_a_key_is_found_by_its_key_ring() -> None:
    ring = "projects/keys/locations/europe/keyRings/r"
    assert answer("gcp:kms/getKMSCryptoKey:getKMSCryptoKey", keyRing=ring, name="k")["id"] == f"{ring}/cryptoKeys/k"


def test_a_thing_that_is_named_by_something_unknown_is_unknown() -> None:
    found = answer("gcp:compute/getNetwork:getNetwork", name=UNKNOWN)
    assert (found["id"], found["name"], found["project"]) == (UNKNOWN, UNKNOWN, "shop-prod")


def test_without_a_place_nothing_is_answered() -> None:
    with pytest.raises(ProgramError, match="neither the call nor the stack's config says the region"):
        answer("gcp:compute/getSubnetwork:getSubnetwork", Provider(inputs={"project": "p"}), name="s")


def test_the_report_says_what_was_answered_from_the_arguments_alone() -> None:
    functions = Functions()
    for token in ("gcp:compute/getSubnetwork:getSubnetwork", "gcp:compute/getNetwork:getNetwork"):
        functions.answer(Call(token, {"name": "a"}, CONFIGURED))
    (note,) = functions.notes()
    assert note.startswith("answered from the arguments alone: getNetwork, getSubnetwork; ")


def test_an_account_has_the_address_that_follows_from_its_name() -> None:
    found = answer("gcp:serviceaccount/getAccount:getAccount", accountId="web")
    assert found["member"] == "serviceAccount:web@shop-prod.iam.gserviceaccount.com"


def test_whatever_a_program_makes_of_what_it_was_not_told_is_unknown(record: Record) -> None:
    run = record(
        """
        zone = pulumi.runtime.invoke("gcp:dns/getManagedZone:getManagedZone", {"name": "shop"}).value
        Made("a", {"domain": "www." + zone["dnsName"].rstrip("."), "zone": zone["name"]})
        """,
        config={"gcp:project": "shop-prod"},
    )
    made = named(run, "a").inputs or {}
    assert (made["domain"], made["zone"]) == (UNKNOWN, "shop")


def test_a_program_that_breaks_on_what_it_was_not_told_hears_of_the_file_of_answers(record: Record) -> None:
    with pytest.raises(ProgramError) as caught:
        record(
            """
            subnet = pulumi.runtime.invoke("gcp:compute/getSubnetwork:getSubnetwork", {"name": "s"}).value
            int(subnet["ipCidrRange"])
            """,
            config={"gcp:project": "shop-prod", "gcp:region": "europe-west1"},
        )
    assert "'[known to the cloud only]'" in caught.value.what
    assert "--answers FILE" in caught.value.what_to_do


def test_every_answer_fits_the_type_that_the_providers_package_has_for_it(write: Write) -> None:
    run = run_program(
        write(
            """
            import pulumi
            import pulumi_gcp as gcp

            region, zone = "europe-west1", "europe-west1-b"
            found = [
                gcp.certificatemanager.get_certificate_map(name="n"),
                gcp.compute.get_address(name="n"),
                gcp.compute.get_backend_bucket(name="n"),
                gcp.compute.get_backend_service(name="n"),
                gcp.compute.get_certificate(name="n"),
                gcp.compute.get_global_address(name="n"),
                gcp.compute.get_health_check(name="n"),
                gcp.compute.get_instance_group(name="n", zone=zone),
                gcp.compute.get_network(name="n"),
                gcp.compute.get_network_endpoint_group(name="n", zone=zone),
                gcp.compute.get_region_backend_service(name="n", region=region),
                gcp.compute.get_region_network_endpoint_group(name="n", region=region),
                gcp.compute.get_router(name="n", network="n"),
                gcp.compute.get_ssl_policy(name="n"),
                gcp.compute.get_security_policy(name="n"),
                gcp.compute.get_subnetwork(name="n"),
                gcp.dns.get_managed_zone(name="n"),
                gcp.kms.get_kms_crypto_key(name="n", key_ring="r"),
                gcp.kms.get_kms_key_ring(name="n", location=region),
                gcp.secretmanager.get_secret(secret_id="n"),
                gcp.secretmanager.get_secret_version(secret="n"),
                gcp.secretmanager.get_secret_version_access(secret="n"),
                gcp.serviceaccount.get_account(account_id="n"),
                gcp.storage.get_bucket(name="n"),
            ]
            pulumi.export("ids", [one.id for one in found])
            """
        ),
        config={"gcp:project": "shop-prod", "gcp:region": "europe-west1"},
    )
    ids = (named(run, "shop-dev").outputs or {})["ids"]
    assert isinstance(ids, list)
    assert len(ids) == 24
    assert all(isinstance(one, str) for one in ids)
