"""Who gets into buckets: grants of every kind, and load balancers of which not all is known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from policypack.engine.verdict import Status
from policypack.gcp import types as t
from policypack.model.values import UNKNOWN
from policypack.rules.registry import rules_by_name
from tests.rules.judging import judge
from tests.support.graphs import preview, ref, res, stack_reference, unknown_ref

if TYPE_CHECKING:
    from tests.support.graphs import Draft

GRANT, PREVENTION = "bucket-no-public-access", "bucket-public-access-prevention"
PASS, FAIL, UNDECIDED, NOT_APPLICABLE = Status.PASS, Status.FAIL, Status.UNDECIDED, Status.NOT_APPLICABLE
BUCKET = res(t.BUCKET, "files", {"location": "EU", "name": "files"})


def status(rule: str, *drafts: Draft) -> Status:
    return judge(preview(*drafts)).status(rules_by_name()[rule])


def found(*drafts: Draft) -> list[str]:
    verdicts = judge(preview(*drafts)).of_rule[GRANT]
    return [finding.path for verdict in verdicts for finding in verdict.findings]


def acl(**props: Any) -> Draft:
    return res(t.BUCKET_ACL, "list", {"bucket": "files", **props})


def policy(role: str, member: str) -> str:
    return json.dumps({"bindings": [{"role": role, "members": ["group:team@example.com", member]}]})


def whole(text: Any) -> Draft:
    return res(t.BUCKET_POLICY, "policy", {"bucket": "files", "policyData": text})


def test_an_unknown_entry_of_a_list_hides_no_open_one() -> None:
    assert found(BUCKET, acl(roleEntities=[UNKNOWN, "OWNER:allAuthenticatedUsers"])) == ["roleEntities[1]"]


def test_a_predefined_list_for_objects_is_looked_at_beside_that_for_the_bucket() -> None:
    assert found(BUCKET, acl(predefinedAcl="private", defaultAcl="publicRead")) == ["defaultAcl"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (policy("roles/storage.objectViewer", "allUsers"), FAIL),
        (policy("roles/storage.objectViewer", "domain:example.com"), PASS),
        ("{}", PASS),
        ("[]", UNDECIDED),
        ("no policy", UNDECIDED),
        ('{"bindings": [{"members": null}]}', UNDECIDED),
        (UNKNOWN, UNDECIDED),
    ],
)
def test_policies_that_are_written_as_a_whole_are_read(text: Any, expected: Status) -> None:
    assert status(GRANT, BUCKET, whole(text)) is expected


@pytest.mark.parametrize(("role", "expected"), [("objectViewer", NOT_APPLICABLE), ("objectAdmin", FAIL)])
def test_what_a_load_balancer_serves_may_be_read_and_not_written(role: str, expected: Status) -> None:
    served = res(t.BACKEND_BUCKET, "served", {"bucketName": ref("files")})
    assert status(GRANT, BUCKET, served, whole(policy(f"roles/storage.{role}", "allUsers"))) is expected


def test_a_grant_on_an_unknown_bucket_may_be_on_one_that_is_served() -> None:
    served = res(t.BACKEND_BUCKET, "served", {"bucketName": "elsewhere"})
    grant = {"bucket": unknown_ref("other"), "role": "roles/storage.objectViewer", "member": "allUsers"}
    assert status(GRANT, served, stack_reference("other"), res(t.BUCKET_MEMBER, "all", grant)) is UNDECIDED


@pytest.mark.parametrize(("name", "served"), [("files", UNKNOWN), (UNKNOWN, "files")])
def test_a_bucket_that_may_be_served_is_not_told_to_close(name: Any, served: Any) -> None:
    bucket = res(t.BUCKET, "files", {"location": "EU", "name": name})
    backend = res(t.BACKEND_BUCKET, "served", {"bucketName": served})
    assert status(PREVENTION, bucket, backend) is UNDECIDED
