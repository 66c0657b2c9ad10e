from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from policypack.model.values import UNKNOWN, Secret
from policypack.sources.errors import InputError
from policypack.sources.state import read_state

STACK = "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev"
PROVIDER = "urn:pulumi:dev::shop::pulumi:providers:gcp::default_10_2_0"
POLICY = "urn:pulumi:dev::shop::gcp:compute/sSLPolicy:SSLPolicy::policy"
SIGNATURE = "4dabf18193072939515e22adb298388d"


def write(path: Path, document: object) -> Path:
    path.write_text(json.dumps(document))
    return path


def export(tmp_path: Path, *resources: object, version: object = 3) -> Path:
    document = {"version": version, "deployment": {"manifest": {}, "resources": list(resources)}}
    return write(tmp_path / "state.json", document)


def policy(**more: object) -> dict[str, object]:
    record = {
        "urn": POLICY,
        "custom": True,
        "id": "projects/p/global/sslPolicies/policy",
        "type": "gcp:compute/sSLPolicy:SSLPolicy",
        "inputs": {"__defaults": [], "minTlsVersion": "TLS_1_2"},
        "outputs": {"minTlsVersion": "TLS_1_2", "selfLink": "https://…/policy"},
        "parent": STACK,
        "provider": f"{PROVIDER}::0000",
        "sourcePosition": "project:///__main__.py#12,4",
        "propertyDependencies": {"minTlsVersion": [STACK]},
    }
    return {**record, **more}


def test_an_export_gives_resources_with_inputs_outputs_and_source(tmp_path: Path) -> None:
    provider = {"urn": PROVIDER, "custom": True, "type": "pulumi:providers:gcp", "inputs": {"version": "10.2.0"}}
    read = read_state(export(tmp_path, provider, policy()))
    assert (read.project, read.stack, read.kind) == ("shop", "dev", "stack export")
    found = {resource.urn: resource for resource in read.resources}[POLICY]
    assert found.text("minTlsVersion") == "TLS_1_2"
    assert str(found.source) == "__main__.py:12"
    assert found.provider.version == "10.2.0"
    assert found.property_dependencies == {"minTlsVersion": (STACK,)}


def test_a_resource_that_waits_for_its_deletion_is_not_there(tmp_path: Path) -> None:
    read = read_state(export(tmp_path, policy(), policy(delete=True)))
    assert len(read.resources) == 1


def test_what_a_program_only_reads_is_external(tmp_path: Path) -> None:
    assert read_state(export(tmp_path, policy(external=True))).resources[0].external


def test_encrypted_and_plain_secrets_are_secrets(tmp_path: Path) -> None:
    mark = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270"}
    inputs = {"a": {**mark, "ciphertext": "v1:x"}, "b": {**mark, "plaintext": '"hidden"'}}
    found = read_state(export(tmp_path, policy(inputs=inputs))).resources[0]
    assert found.inputs == {"a": Secret(UNKNOWN), "b": Secret("hidden")}


def preview(tmp_path: Path, *steps: object) -> Path:
    return write(tmp_path / "preview.json", {"config": {}, "steps": list(steps)})


def test_a_preview_gives_inputs_with_unknowns_and_no_outputs(tmp_path: Path) -> None:
    state = policy(inputs={"minTlsVersion": "04da6b54-80e4-46f7-96ec-b56ff0331ba9"}, outputs=None, id="")
    read = read_state(preview(tmp_path, {"op": "create", "urn": POLICY, "newState": state}))
    assert read.kind == "preview"
    (found,) = read.resources
    assert found.inputs == {"minTlsVersion": UNKNOWN}
    assert found.outputs is None
    assert found.id is UNKNOWN


def test_a_replaced_resource_counts_once_and_a_deleted_one_not_at_all(tmp_path: Path) -> None:
    steps = [
        {"op": "create-replacement", "urn": POLICY, "newState": policy()},
        {"op": "replace", "urn": POLICY, "newState": policy()},
        {"op": "delete-replaced", "urn": POLICY, "oldState": policy()},
        {"op": "delete", "urn": POLICY + "-old", "oldState": policy(urn=POLICY + "-old")},
    ]
    assert [resource.urn for resource in read_state(preview(tmp_path, *steps)).resources] == [POLICY]


def test_a_read_step_of_a_preview_is_external(tmp_path: Path) -> None:
    assert read_state(preview(tmp_path, {"op": "read", "urn": POLICY, "newState": policy()})).resources[0].external


def test_a_preview_that_failed_is_said_to_be_incomplete(tmp_path: Path) -> None:
    steps = [{"op": "create", "urn": POLICY, "newState": policy()}]
    document = {"steps": steps, "diagnostics": [{"severity": "error", "message": "boom"}]}
    assert "ended with an error" in read_state(write(tmp_path / "p.json", document)).notes[0]


STACK_ALONE = {"op": "create", "urn": STACK, "newState": {"urn": STACK, "type": "pulumi:pulumi:Stack", "custom": False}}


@pytest.mark.parametrize("steps", [{}, {"steps": [STACK_ALONE]}])
def test_a_preview_that_failed_before_its_first_resource_is_refused(tmp_path: Path, steps: dict[str, object]) -> None:
    document = {**steps, "duration": 1, "diagnostics": [{"severity": "error", "message": "boom"}]}
    with pytest.raises(InputError, match="before its first resource") as caught:
        read_state(write(tmp_path / "p.json", document))
    assert "diagnostics" in caught.value.what_to_do


def test_a_preview_without_any_step_is_a_preview(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="leaves out 7 unchanged resources"):
        read_state(write(tmp_path / "p.json", {"duration": 1, "changeSummary": {"same": 7}}))


@pytest.mark.parametrize(
    "odd",
    [
        {"id": ["a"]},
        {"id": {"a": "b"}},
        {"parent": 7},
        {"propertyDependencies": ["a"]},
        {"propertyDependencies": "a"},
        {"dependencies": "a"},
        {"provider": 7},
        {"sourcePosition": "project:///__main__.py#\u00b2"},
        {"inputs": "a"},
    ],
)
def test_a_field_of_a_wrong_type_is_taken_for_absent(tmp_path: Path, odd: dict[str, object]) -> None:
    assert [one.urn for one in read_state(export(tmp_path, policy(**odd))).resources] == [POLICY]


def test_properties_nested_too_deeply_are_told_as_such(tmp_path: Path) -> None:
    deep = '{"version": 3, "deployment": {"resources": [{"urn": "%s", "inputs": %s1%s}]}}'
    path = tmp_path / "state.json"
    path.write_text(deep % (POLICY, '{"a": ' * 900, "}" * 900))
    with pytest.raises(InputError, match="nested too deeply"):
        read_state(path)


def test_an_empty_stack_can_be_read(tmp_path: Path) -> None:
    assert read_state(export(tmp_path)).resources == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "no JSON"),
        ("[]", "no object"),
        ('{"a": 1}', "neither a stack export nor a preview"),
        ('{"deployment": {}}', "no version"),
        ('{"sequence": 0}\n{"sequence": 1}\n', "more than one JSON document"),
        ('{"version": 2, "deployment": {}}', "has version 2; version 3 or newer is needed"),
        ('{"version": "3", "deployment": {}}', 'the version of the export is "3", which is no whole number'),
        ('{"version": 3.5, "deployment": {}}', "is 3.5, which is no whole number"),
        ('{"version": true, "deployment": {}}', "is true, which is no whole number"),
        ('{"version": 3, "deployment": []}', "no object"),
        ('{"version": 3, "deployment": {"resources": {}}}', "no list"),
        ('{"version": 3, "deployment": {"resources": [{}]}}', "has no URN"),
        ('{"version": 3, "deployment": {"resources": [{"urn": "a::b::c::d"}]}}', "has no URN"),
        ('{"steps": 1}', "no list"),
        ('{"steps": [], "duration": ' + "9" * 5000 + "}", "too many digits"),
    ],
)
def test_what_cannot_be_read_is_one_error_that_says_what_to_do(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_state(path)
    assert says in caught.value.what
    assert str(path) in caught.value.where
    assert caught.value.what_to_do


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_state(tmp_path / "nothing.json")
    with pytest.raises(InputError, match="a folder"):
        read_state(tmp_path)


def test_a_preview_that_leaves_out_unchanged_resources_is_refused(tmp_path: Path) -> None:
    document = {
        "steps": [{"op": "create", "urn": POLICY, "newState": policy()}],
        "changeSummary": {"create": 1, "same": 7},
    }
    with pytest.raises(InputError, match="leaves out 7 unchanged resources") as caught:
        read_state(write(tmp_path / "p.json", document))
    assert "--show-sames" in caught.value.what_to_do


def test_what_a_preview_leaves_as_it_is_keeps_its_id_and_outputs(tmp_path: Path) -> None:
    new = {key: value for key, value in policy().items() if key not in {"id", "outputs"}}
    (found,) = read_state(preview(tmp_path, {"op": "same", "oldState": policy(), "newState": new})).resources
    assert found.id == "projects/p/global/sslPolicies/policy"
    assert found.text("selfLink") == "https://…/policy"


def test_what_a_preview_updates_keeps_its_id_and_takes_the_new_inputs(tmp_path: Path) -> None:
    new = {key: value for key, value in policy(inputs={"minTlsVersion": "TLS_1_0"}).items() if key != "outputs"}
    del new["id"]
    (found,) = read_state(preview(tmp_path, {"op": "update", "oldState": policy(), "newState": new})).resources
    assert found.id == "projects/p/global/sslPolicies/policy"
    assert found.text("minTlsVersion") == "TLS_1_0"


def test_the_address_of_a_service_account_is_known_in_a_preview(tmp_path: Path) -> None:
    token = "gcp:serviceaccount/account:Account"
    provider = {"urn": PROVIDER, "custom": True, "type": "pulumi:providers:gcp", "inputs": {"project": "p"}}
    account = {
        "urn": f"urn:pulumi:dev::shop::{token}::robot",
        "custom": True,
        "type": token,
        "inputs": {"accountId": "robot"},
        "provider": f"{PROVIDER}::0000",
    }
    read = read_state(preview(tmp_path, *({"op": "create", "newState": one} for one in (provider, account))))
    found = {resource.type: resource for resource in read.resources}[token]
    assert found.text("email") == "robot@p.iam.gserviceaccount.com"


def test_the_file_of_a_self_managed_backend_is_read_like_an_export(tmp_path: Path) -> None:
    document = {"version": 3, "checkpoint": {"stack": "dev", "latest": {"resources": [policy()]}}}
    assert len(read_state(write(tmp_path / "dev.json", document)).resources) == 1


def test_an_operation_that_was_cut_off_is_noted(tmp_path: Path) -> None:
    document = {"version": 3, "deployment": {"resources": [policy()], "pending_operations": [{"type": "creating"}]}}
    assert "cut off" in read_state(write(tmp_path / "state.json", document)).notes[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_what_other_shells_write_can_be_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(json.dumps({"version": 3, "deployment": {"resources": [policy()]}}), encoding=encoding)
    assert len(read_state(path).resources) == 1


def test_a_stack_that_was_never_deployed_is_empty(tmp_path: Path) -> None:
    assert read_state(write(tmp_path / "state.json", {"version": 3, "deployment": None})).resources == ()


def test_a_hyphen_is_the_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with export(tmp_path, policy()).open() as given:
        monkeypatch.setattr(sys, "stdin", given)
        read = read_state(Path("-"))
    assert [one.name for one in read.resources] == ["policy"]


def test_a_newer_version_is_read_with_a_note(tmp_path: Path) -> None:
    read = read_state(export(tmp_path, policy(), version=7))
    assert len(read.resources) == 1
    assert read.notes == ("the export has version 7; it was read as version 4, the newest known here",)


def test_an_export_packed_with_gzip_is_read_whatever_its_name(tmp_path: Path) -> None:
    plain = export(tmp_path, policy())
    packed = tmp_path / "state.json.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    unnamed = packed.rename(tmp_path / "state")
    assert [one.urn for one in read_state(unnamed).resources] == [one.urn for one in read_state(plain).resources]


@pytest.mark.parametrize(
    "spoil", [lambda text: text[:-9], lambda text: text[:12] + b"???" + text[15:], lambda text: text[:2]]
)
def test_a_broken_gzip_file_is_told_as_such(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    packed = tmp_path / "state.json.gz"
    packed.write_bytes(spoil(gzip.compress(export(tmp_path, policy()).read_bytes())))
    with pytest.raises(InputError, match="the gzip file is broken or cut off: ") as caught:
        read_state(packed)
    assert caught.value.what_to_do


def test_a_file_that_unpacks_without_end_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    packed = tmp_path / "bomb.gz"
    packed.write_bytes(gzip.compress(b" " * 50_000_000))
    with pytest.raises(InputError, match="unpacks to more than any state"):
        read_state(packed)


def test_a_file_that_may_not_be_read_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(InputError, match="cannot be read: Permission denied"):
        read_state(export(tmp_path, policy()))
