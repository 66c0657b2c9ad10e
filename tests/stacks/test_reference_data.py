"""What the reference stack keeps and moves: buckets, images, models, jobs, and who may reach them."""

from __future__ import annotations

import pytest

from tests.stacks.capture import Captured
from tests.stacks.conftest import Run

REGIONS = ("asia-northeast1", "europe-west1")
INTAKE = "serviceAccount:intake@example-project.iam.gserviceaccount.com"
VERTEX = {"modelBackend": "vertex", "jobPublishers": [INTAKE]}


def roles(built: Captured, kind: str) -> dict[str, tuple[str, str]]:
    """Role and member of each grant of a kind, by its name."""
    found = {}
    for grant in built.of(kind):
        member = "Pub/Sub" if "gcp-sa-pubsub" in str(grant.inputs["member"]) else built.targets(grant, "member")[0]
        found[grant.name] = (grant.inputs["role"], member)
    return found


def test_buckets_can_never_be_public(psc: Captured) -> None:
    for bucket in psc.of("Bucket"):
        assert bucket.inputs["publicAccessPrevention"] == "enforced"
        assert bucket.inputs["uniformBucketLevelAccess"] is True


def test_what_is_replaced_or_deleted_can_be_brought_back(psc: Captured) -> None:
    for bucket in psc.of("Bucket"):
        assert bucket.inputs["versioning"] == {"enabled": True}
        assert bucket.inputs["softDeletePolicy"] == {"retentionDurationSeconds": 604800}


def test_what_cannot_be_made_again_is_protected_twice(psc: Captured) -> None:
    kinds = ("Bucket", "CryptoKey", "GlobalAddress", "ProjectBucketConfig", "Repository")
    for kind in kinds:
        for resource in psc.of(kind):
            assert (resource.protect, resource.inputs["deletionPolicy"]) == (True, "PREVENT"), resource.name


def test_nothing_is_protected_where_that_is_asked_for(run: Run) -> None:
    built = run(protect=False)
    assert [item.name for item in built.resources if item.protect] == []
    assert "PREVENT" not in {str(item.inputs.get("deletionPolicy")) for item in built.resources}


def test_nothing_is_ever_abandoned(psc: Captured) -> None:
    assert [item.name for item in psc.resources if item.inputs.get("deletionPolicy") == "ABANDON"] == []


@pytest.mark.parametrize("region", REGIONS)
def test_data_lies_in_its_region_and_is_encrypted_with_its_key(psc: Captured, region: str) -> None:
    bucket = psc.one("Bucket", f"data-{region}")
    assert bucket.inputs["location"] == region.upper()
    assert psc.targets(bucket, "encryption") == [f"CryptoKey data-{region}"]


def test_models_lie_in_two_regions_near_those_that_serve(psc: Captured) -> None:
    buckets = {bucket.name: bucket.inputs for bucket in psc.of("Bucket") if bucket.name.startswith("models-")}
    assert {name: bucket["location"] for name, bucket in buckets.items()} == {
        "models-eu": "EU",
        "models-asia1": "ASIA1",
    }
    assert buckets["models-eu"]["customPlacementConfig"] == {"dataLocations": ["EUROPE-WEST1", "EUROPE-WEST4"]}
    assert {bucket["rpo"] for bucket in buckets.values()} == {"ASYNC_TURBO"}


@pytest.mark.parametrize(("bucket", "location"), [("models-eu", "europe"), ("models-asia1", "asia1")])
def test_models_are_encrypted_with_a_key_of_a_location_that_fits(psc: Captured, bucket: str, location: str) -> None:
    assert psc.targets(psc.one("Bucket", bucket), "encryption") == [f"CryptoKey models-{location}"]
    assert psc.one("KeyRing", f"keys-{location}").inputs["location"] == location


def test_regions_of_one_part_of_the_world_share_a_bucket_of_models(run: Run) -> None:
    built = run(regions=["europe-west1", "europe-west4", "me-west1"])
    assert [bucket.name for bucket in built.of("Bucket") if bucket.name.startswith("models-")] == ["models-eu"]


def test_machines_read_models_and_only_workers_write_data(psc: Captured) -> None:
    reads, writes = "roles/storage.objectViewer", "roles/storage.objectUser"
    found = roles(psc, "BucketIAMMember")
    expected = {
        **{f"models-{place}-{role}": (reads, f"Account {role}") for place in ("eu", "asia1") for role in ROLES},
        **{f"data-{region}-worker": (writes, "Account worker") for region in REGIONS},
    }
    assert found == expected


ROLES = ("inference", "worker")


def test_workers_take_jobs(psc: Captured) -> None:
    subscriptions = roles(psc, "SubscriptionIAMMember")
    for region in REGIONS:
        assert subscriptions[f"jobs-{region}-worker"] == ("roles/pubsub.subscriber", "Account worker")


def test_whom_the_settings_list_may_publish_jobs_with_their_inputs(run: Run) -> None:
    built = run(**VERTEX)
    for kind, role in (("TopicIAMMember", "roles/pubsub.publisher"), ("BucketIAMMember", "roles/storage.objectUser")):
        found = {one.name: one.inputs["role"] for one in built.of(kind) if one.inputs["member"] == INTAKE}
        place = "jobs" if kind == "TopicIAMMember" else "data"
        assert found == {f"{place}-{region}-publisher-0": role for region in REGIONS}


def test_pubsub_itself_may_move_dead_letters(psc: Captured) -> None:
    topics, subscriptions = roles(psc, "TopicIAMMember"), roles(psc, "SubscriptionIAMMember")
    for region in REGIONS:
        assert topics[f"jobs-{region}-dead-pubsub"] == ("roles/pubsub.publisher", "Pub/Sub")
        assert psc.targets(psc.one("TopicIAMMember", f"jobs-{region}-dead-pubsub"), "topic") == [
            f"Topic jobs-{region}-dead"
        ]
        assert subscriptions[f"jobs-{region}-pubsub"] == ("roles/pubsub.subscriber", "Pub/Sub")


@pytest.mark.parametrize("region", REGIONS)
def test_jobs_that_fail_are_set_aside_where_somebody_can_find_them(psc: Captured, region: str) -> None:
    subscription = psc.one("Subscription", f"jobs-{region}")
    assert subscription.inputs["deadLetterPolicy"]["maxDeliveryAttempts"] == 5
    assert psc.targets(subscription, "deadLetterPolicy") == [f"Topic jobs-{region}-dead"]
    assert psc.targets(psc.one("Subscription", f"jobs-{region}-dead"), "topic") == [f"Topic jobs-{region}-dead"]


@pytest.mark.parametrize("region", REGIONS)
def test_jobs_stay_in_their_region_also_on_their_way(psc: Captured, region: str) -> None:
    for name in (f"jobs-{region}", f"jobs-{region}-dead"):
        assert psc.one("Topic", name).inputs["messageStoragePolicy"] == {
            "allowedPersistenceRegions": [region],
            "enforceInTransit": True,
        }


def test_queues_never_expire_and_keep_jobs_for_a_week(psc: Captured) -> None:
    for subscription in psc.of("Subscription"):
        assert subscription.inputs["expirationPolicy"] == {"ttl": ""}
        assert subscription.inputs["messageRetentionDuration"] == "604800s"


@pytest.mark.parametrize("region", REGIONS)
def test_workers_grow_with_the_queue_of_their_region(psc: Captured, region: str) -> None:
    scaler = psc.one("RegionAutoscaler", f"worker-{region}")
    (metric,) = scaler.inputs["autoscalingPolicy"]["metrics"]
    assert metric["name"] == "pubsub.googleapis.com/subscription/num_undelivered_messages"
    assert metric["singleInstanceAssignment"] == 20
    assert psc.targets(scaler, "autoscalingPolicy") == [f"Subscription jobs-{region}"]


@pytest.mark.parametrize("region", REGIONS)
def test_workers_start_when_queue_data_and_images_are_there(psc: Captured, region: str) -> None:
    before = psc.waits_for(psc.one("RegionInstanceTemplate", f"worker-{region}"))
    assert {
        f"Bucket data-{region}",
        f"BucketIAMMember data-{region}-worker",
        f"SubscriptionIAMMember jobs-{region}-worker",
        f"Repository images-{region}",
        f"RepositoryIamMember images-{region}-worker",
        "NetworkFirewallPolicyRule allow-google-apis",
    } <= before


def test_a_tag_means_one_image_for_ever(psc: Captured) -> None:
    assert [one.inputs["dockerConfig"] for one in psc.of("Repository")] == [{"immutableTags": True}] * 2


def test_with_vertex_each_region_has_an_endpoint_with_its_own_key_and_a_numeric_name(run: Run) -> None:
    built = run(**VERTEX)
    endpoints = {one.name: one for one in built.of("AiEndpoint")}
    assert sorted(endpoints) == [f"model-{region}" for region in REGIONS]
    for region in REGIONS:
        endpoint = endpoints[f"model-{region}"]
        assert endpoint.inputs["name"].isdigit()
        assert len(endpoint.inputs["name"]) <= 10
        assert built.targets(endpoint, "encryptionSpec") == [f"CryptoKey models-{region}"]
    assert "Service aiplatform" in built.waits_for(endpoints["model-europe-west1"])


def test_with_vertex_machines_may_ask_it(run: Run) -> None:
    granted = {one.name: one.inputs["role"] for one in run(**VERTEX).of("IAMMember")}
    assert granted["inference-vertex"] == granted["worker-vertex"] == "roles/aiplatform.user"


def test_without_vertex_nothing_of_it_is_there(psc: Captured) -> None:
    assert psc.of("AiEndpoint") == []
    assert [one.name for one in psc.of("Service") if one.name == "aiplatform"] == []
