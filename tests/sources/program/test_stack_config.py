"""Where a program's configuration comes from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policypack.model.values import UNKNOWN, Secret
from policypack.sources.program import run_program
from policypack.sources.program.project import find_project
from policypack.sources.program.stack_config import StackConfig, read_config
from policypack.sources.wire import UNKNOWN_TEXT
from tests.sources.program.dry_run import Record, Write, named

# Sealed with the passphrase "correct horse", by Go's own cipher package as the Pulumi CLI uses it.
SALT = "v1:IF59RtnMgcQ=:v1:LLp/33isyl93Dt/U:/fRfyCF5DMT6hyAygUm2KpuoOFC/wQ=="
SEALED = "v1:nedkVQT0FpH0+E1f:QHeLogXPOkTLgr1yqUp0niArZeLyFzfc9hV5TiHzpg=="
OPENED = "hunter2-grüße"
SECRETS = f"encryptionsalt: {SALT}\nconfig:\n  shop:key:\n    secure: {SEALED}\n"


def config_of(folder: Path, stack: str | None = None, **given: str) -> StackConfig:
    return read_config(find_project(folder), stack, given)


def test_without_any_config_file_the_stack_is_dev_and_empty(write: Write) -> None:
    config = config_of(write())
    assert (config.stack, config.values, config.notes) == ("dev", {}, ())


def test_the_only_config_file_is_taken(write: Write) -> None:
    config = config_of(write("", {"Pulumi.prod.yaml": "config:\n  shop:a: x\n"}))
    assert (config.stack, config.values) == ("prod", {"shop:a": "x"})


def test_several_config_files_and_no_choice_give_an_empty_config_and_a_note(write: Write) -> None:
    files = {"Pulumi.prod.yaml": "config: {shop:a: x}\n", "Pulumi.test.yaml": "config: {shop:a: y}\n"}
    config = config_of(write("", files))
    assert (config.stack, config.values) == ("dev", {})
    assert config.notes == (
        "several stacks have a config file (prod, test); judged with an empty config, name one with --stack",
    )


def test_of_several_config_files_that_of_dev_is_taken_with_a_note(write: Write) -> None:
    files = {"Pulumi.dev.yaml": "config: {shop:a: x}\n", "Pulumi.prod.yaml": "config: {shop:a: y}\n"}
    config = config_of(write("", files))
    assert (config.stack, config.values) == ("dev", {"shop:a": "x"})
    assert config.notes == ("several stacks have a config file (dev, prod); judged dev, name another with --stack",)


@pytest.mark.parametrize("name", ["test", "acme/shop/test"])
def test_the_stack_can_be_named(write: Write, name: str) -> None:
    files = {"Pulumi.prod.yaml": "config: {shop:a: x}\n", "Pulumi.test.yaml": "config: {shop:a: y}\n"}
    config = config_of(write("", files), name)
    assert (config.stack, config.values) == ("test", {"shop:a": "y"})


def test_a_named_stack_needs_no_config_file_where_no_stack_has_one(write: Write) -> None:
    assert config_of(write(), "prod").stack == "prod"


def test_a_key_without_a_colon_is_the_projects(write: Write) -> None:
    assert config_of(write(), a="x").values == {"shop:a": "x"}


def test_values_given_by_hand_win(write: Write) -> None:
    folder = write("", {"Pulumi.prod.yaml": "config: {shop:a: x, gcp:project: p}\n"})
    assert config_of(folder, **{"a": "y", "gcp:project": "q"}).values == {"shop:a": "y", "gcp:project": "q"}


@pytest.mark.parametrize(
    ("written", "text"),
    [("true", "true"), ("1.10", "1.10"), ("007", "007"), ("yes", "yes"), ("2026-01-01", "2026-01-01"), ("''", "")],
)
def test_a_single_value_stays_as_it_is_written(write: Write, written: str, text: str) -> None:
    assert config_of(write("", {"Pulumi.prod.yaml": f"config:\n  shop:a: {written}\n"})).values["shop:a"] == text


def test_objects_and_lists_are_json(write: Write) -> None:
    folder = write("", {"Pulumi.prod.yaml": "config:\n  shop:a:\n    - name: x\n      size: 2\n      on: yes\n"})
    assert config_of(folder).values["shop:a"] == '[{"name":"x","size":2,"on":"yes"}]'


@pytest.mark.parametrize("key", ["1", "true", "1.0"])
def test_a_key_stays_as_it_is_written(write: Write, key: str) -> None:
    folder = write("", {"Pulumi.prod.yaml": f"config:\n  {key}: [a]\n"})
    assert config_of(folder).values == {f"shop:{key}": '["a"]'}


def test_the_project_can_set_defaults(write: Write) -> None:
    project = (
        "name: shop\nruntime: python\nconfig:\n  plain: x\n  typed: {type: integer, default: 2}\n"
        "  gcp:project: {value: p}\n  needed: {type: string}\n  zones: {default: [a, b]}\n"
    )
    assert config_of(write("", {"Pulumi.yaml": project})).values == {
        "shop:plain": "x",
        "shop:typed": "2",
        "gcp:project": "p",
        "shop:zones": '["a","b"]',
    }


def test_the_stack_wins_over_the_project(write: Write) -> None:
    project = "name: shop\nruntime: python\nconfig:\n  a: {default: x}\n"
    folder = write("", {"Pulumi.yaml": project, "Pulumi.prod.yaml": "config: {shop:a: y}\n"})
    assert config_of(folder).values == {"shop:a": "y"}


@pytest.mark.parametrize("key", ["stackConfigDir", "config"])
def test_config_files_may_lie_in_a_folder_of_their_own(write: Write, key: str) -> None:
    project = f"name: shop\nruntime: python\n{key}: stacks\n"
    folder = write("", {"Pulumi.yaml": project, "stacks/Pulumi.prod.yaml": "config: {shop:a: x}\n"})
    assert config_of(folder).values == {"shop:a": "x"}


def test_environments_are_told_not_to_have_been_read(write: Write) -> None:
    folder = write("", {"Pulumi.prod.yaml": "environment: [base]\n"})
    assert config_of(folder).notes == ("the environments that Pulumi.prod.yaml imports were not read",)


def test_a_secret_is_opened_with_the_passphrase(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    config = config_of(write("", {"Pulumi.prod.yaml": SECRETS}))
    assert config.values == {"shop:key": OPENED}
    assert (config.secret_keys, config.notes) == (("shop:key",), ())


def test_the_passphrase_may_stand_in_a_file(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "passphrase"
    file.write_text("correct horse\n")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(file))
    assert config_of(write("", {"Pulumi.prod.yaml": SECRETS})).values == {"shop:key": OPENED}


def test_a_passphrase_file_that_is_missing_leaves_secrets_closed(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE_FILE", str(tmp_path / "none"))
    assert config_of(write("", {"Pulumi.prod.yaml": SECRETS})).values == {"shop:key": UNKNOWN_TEXT}


def test_without_the_passphrase_a_secret_is_unknown_and_counted(write: Write) -> None:
    config = config_of(write("", {"Pulumi.prod.yaml": SECRETS}))
    assert config.values == {"shop:key": UNKNOWN_TEXT}
    assert config.notes == ("1 secret config value is unknown: PULUMI_CONFIG_PASSPHRASE is not set",)


def test_a_wrong_passphrase_is_told(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "wrong")
    config = config_of(write("", {"Pulumi.prod.yaml": SECRETS}))
    assert config.notes == (
        "1 secret config value is unknown: PULUMI_CONFIG_PASSPHRASE is not the passphrase of this stack",
    )


def test_secrets_of_another_kind_are_told(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    file = "secretsprovider: gcpkms://key\nconfig:\n  shop:a: {secure: AAAA}\n  shop:b: {secure: BBBB}\n"
    config = config_of(write("", {"Pulumi.prod.yaml": file}))
    assert config.notes == ("2 secret config values are unknown: they are not encrypted with a passphrase",)


def test_a_damaged_secret_is_unknown(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    config = config_of(write("", {"Pulumi.prod.yaml": SECRETS.replace("QHeL", "QHeM")}))
    assert config.notes == ("1 secret config value is unknown: it cannot be opened",)


def test_a_secret_inside_an_object_is_opened(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    file = f"encryptionsalt: {SALT}\nconfig:\n  shop:a:\n    - user: web\n      key: {{secure: {SEALED}}}\n"
    config = config_of(write("", {"Pulumi.prod.yaml": file}))
    assert json.loads(config.values["shop:a"]) == [{"user": "web", "key": OPENED}]
    assert config.secret_keys == ("shop:a",)


def test_a_value_given_by_hand_is_no_secret(write: Write) -> None:
    config = config_of(write("", {"Pulumi.prod.yaml": SECRETS}), key="x")
    assert (config.values, config.secret_keys) == ({"shop:key": "x"}, ())


def test_an_unknown_secret_is_unknown_wherever_it_flows(record: Record) -> None:
    run = record(
        """
        key = pulumi.Config().require_secret("key")
        Made("a", {"description": key, "labels": {"k": pulumi.Output.concat("k-", key)}})
        """,
        {"Pulumi.prod.yaml": SECRETS},
    )
    inputs = named(run, "a").inputs or {}
    assert (inputs["description"], inputs["labels"]) == (Secret(UNKNOWN), {"k": Secret(UNKNOWN)})


@pytest.mark.parametrize("method", ["get_secret", "require_secret_int", "get_secret_object", "require_secret_bool"])
def test_no_function_of_the_program_sees_an_unknown_secret(record: Record, method: str) -> None:
    run = record(
        f"""
        import hashlib
        key = pulumi.Config().{method}("key")
        Made("a", {{"description": key.apply(lambda text: hashlib.sha256(str(text).encode()).hexdigest())}})
        """,
        {"Pulumi.prod.yaml": SECRETS},
    )
    assert (named(run, "a").inputs or {})["description"] == Secret(UNKNOWN)


def test_the_other_secrets_are_read_as_ever(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    run = record("pulumi.export('a', pulumi.Config().get_secret('other', 'x'))", {"Pulumi.prod.yaml": SECRETS})
    assert (named(run, "shop-prod").outputs or {})["a"] == Secret("x")


def test_a_program_that_fails_on_an_unknown_secret_is_told_about_it(record: Record) -> None:
    with pytest.raises(Exception, match="give it the secrets it works with") as caught:
        record("pulumi.Config().require_int('key')", {"Pulumi.prod.yaml": SECRETS})
    assert "PULUMI_CONFIG_PASSPHRASE is not set" in str(caught.value)


def test_an_opened_secret_is_a_secret_of_the_program(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "correct horse")
    run = record("Made('a', {'description': pulumi.Config().require_secret('key')})", {"Pulumi.prod.yaml": SECRETS})
    assert (named(run, "a").inputs or {})["description"] == Secret(OPENED)


def test_the_config_of_a_stack_reaches_the_program(record: Record) -> None:
    files = {"Pulumi.prod.yaml": "config: {shop:a: x}\n", "Pulumi.test.yaml": "config: {shop:a: y}\n"}
    run = record("pulumi.export('a', pulumi.Config().require('a'))", files, stack="test")
    assert named(run, "shop-test").outputs == {"a": "y"}


def test_a_secret_project_of_the_default_provider_is_unknown(write: Write) -> None:
    file = SECRETS.replace("shop:key", "gcp:project")
    source = "import pulumi\npulumi.CustomResource('gcp:compute/network:Network', 'n', {})\n"
    run = run_program(write(source, {"Pulumi.prod.yaml": file}))
    assert named(run, "n").provider.inputs == {"project": UNKNOWN}
