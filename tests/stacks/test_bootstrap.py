"""What stands before a pipeline: who may be whom, who may do what, and what happens to the state."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from policypack.engine.deployment import deployment_of
from policypack.engine.judgement import judge_deployment
from policypack.engine.settings import from_document
from policypack.engine.verdict import Status
from policypack.rules.registry import all_rules
from policypack.sources.program import ProgramError, run_program

if TYPE_CHECKING:
    from policypack.model.resource import Resource
    from policypack.sources.program import ProgramRun

BOOTSTRAP = Path(__file__).parents[2] / "stacks" / "bootstrap"
CONFIG = {"gcp:project": "example-project", "repository": "acme/shop"}


def run(**config: str) -> ProgramRun:
    return run_program(BOOTSTRAP, config={**CONFIG, **config})


@pytest.fixture(scope="module")
def resources() -> tuple[Resource, ...]:
    return tuple(run().resources)


def of(resources: tuple[Resource, ...], kind: str) -> list[Resource]:
    return [one for one in resources if one.type.endswith(f":{kind}")]


def named(resources: tuple[Resource, ...], name: str, kind: str) -> Any:
    (found,) = [one for one in of(resources, kind) if one.name == name]
    return found.inputs


def roles(resources: tuple[Resource, ...], name: str) -> set[str]:
    granted = of(resources, "IAMMember")
    given = [one.inputs or {} for one in granted if one.name.startswith(f"{name}-")]
    return {str(inputs["role"]) for inputs in given if "project" in inputs}


def test_only_the_owner_of_the_repository_is_listened_to(resources: tuple[Resource, ...]) -> None:
    provider = named(resources, "github", "WorkloadIdentityPoolProvider")
    assert provider["attributeCondition"] == "assertion.repository_owner == 'acme'"


def test_deploying_hangs_on_repository_and_branch() -> None:
    (pool,) = of(tuple(run(branch="release/1").resources), "WorkloadIdentityPoolProvider")
    inputs: Any = pool.inputs
    assert inputs["attributeMapping"]["attribute.branch_of"] == "assertion.repository + '@' + assertion.ref"
    source = (BOOTSTRAP / "identity.py").read_text(encoding="utf-8")
    assert "attribute.branch_of/{repository}@refs/heads/{settings.branch}" in source


def test_a_preview_may_change_nothing(resources: tuple[Resource, ...]) -> None:
    assert roles(resources, "preview") == {"roles/viewer", "roles/iam.securityReviewer"}


def test_a_preview_reads_state_and_decrypts_and_no_more(resources: tuple[Resource, ...]) -> None:
    assert named(resources, "preview-state", "BucketIAMMember")["role"] == "roles/storage.objectViewer"
    assert named(resources, "preview-secrets", "CryptoKeyIAMMember")["role"] == "roles/cloudkms.cryptoKeyDecrypter"


def test_nobody_is_owner_or_editor(resources: tuple[Resource, ...]) -> None:
    assert roles(resources, "deploy") & {"roles/owner", "roles/editor"} == set()


def test_nobody_has_a_key(resources: tuple[Resource, ...]) -> None:
    assert of(resources, "Key") == []


def test_the_state_can_be_restored_and_is_not_public(resources: tuple[Resource, ...]) -> None:
    bucket = named(resources, "state", "Bucket")
    assert bucket["versioning"] == {"enabled": True}
    assert (bucket["publicAccessPrevention"], bucket["uniformBucketLevelAccess"]) == ("enforced", True)


def test_state_and_keys_are_protected_unless_told_otherwise(resources: tuple[Resource, ...]) -> None:
    assert {one.options.protect for one in (*of(resources, "Bucket"), *of(resources, "CryptoKey"))} == {True}
    loose = tuple(run(protectState="false").resources)
    assert {bool(one.options.protect) for one in (*of(loose, "Bucket"), *of(loose, "CryptoKey"))} == {False}


def test_the_bucket_waits_for_the_right_to_use_its_key(resources: tuple[Resource, ...]) -> None:
    (bucket,) = of(resources, "Bucket")
    assert any(urn.endswith("CryptoKeyIAMMember::state-bucket") for urn in bucket.dependencies)


def test_it_passes_the_pack() -> None:
    made = run()
    rules = all_rules()
    deployment = deployment_of(made.resources, project=made.project, stack=made.stack)
    judgement = judge_deployment(deployment, rules, from_document({}, rules))
    assert judgement.with_status(Status.FAIL, Status.ERROR, Status.UNDECIDED) == ()


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(ProgramError) as told:
        run(repository="shop", location="mars", protectState="perhaps")
    for key in ("repository", "location", "protectState"):
        assert f"multiregion-bootstrap:{key}" in str(told.value)


def test_the_workflow_previews_with_the_identity_that_reads_and_deploys_with_the_one_that_writes() -> None:
    workflow = yaml.safe_load((BOOTSTRAP / "workflow.yaml").read_text(encoding="utf-8"))
    used = {job: re.findall(r"vars\.(\w+_SERVICE_ACCOUNT)", str(steps)) for job, steps in workflow["jobs"].items()}
    assert used == {"preview": ["PREVIEW_SERVICE_ACCOUNT"], "deploy": ["DEPLOY_SERVICE_ACCOUNT"]}


def test_every_job_of_the_workflow_has_an_end() -> None:
    workflow = yaml.safe_load((BOOTSTRAP / "workflow.yaml").read_text(encoding="utf-8"))
    assert all(job["timeout-minutes"] > 0 for job in workflow["jobs"].values())
