"""How the process starts, describes itself and refuses to start."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import yaml
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2

from policypack import __version__
from policypack.rules.registry import all_rules
from tests.sources.crossguard.process import PACKS, REPOSITORY, Made, Pack, pack, schema_of, start


def test_the_first_line_is_the_port_and_nothing_else_is_printed() -> None:
    with pack(PACKS / "sample") as running:
        running.configure_stack()
        running.configure({})
        running.run(Made("gcp:compute/disk:Disk", "disk", {"size": 5, "description": "bomb"}))
    assert running.first_line.strip().isdigit()
    assert running.stdout_after == ""
    assert running.stderr == ""


def test_the_pack_itself_starts_quietly_and_publishes_every_rule() -> None:
    with pack(REPOSITORY) as running:
        published = [policy.name for policy in running.info().policies]
    assert published == ["guard", *(rule.name for rule in all_rules())]
    assert (running.stdout_after, running.stderr) == ("", "")


def test_name_version_and_description_are_those_of_the_pack_file(sample: Pack) -> None:
    described = yaml.safe_load((REPOSITORY / "PulumiPolicy.yaml").read_text())
    info = sample.info()
    assert (info.name, info.version, info.description) == (
        described["name"],
        described["version"],
        described["description"],
    )
    assert sample.stub.GetPluginInfo(empty_pb2.Empty()).version == __version__


def test_the_entry_point_has_no_logic() -> None:
    code = [line for line in (REPOSITORY / "__main__.py").read_text().splitlines() if line.strip()]
    assert code[1:] == ["from policypack.sources.crossguard import main", "main()"]


def test_a_rule_is_published_with_all_that_is_known_of_it(sample: Pack) -> None:
    policy = sample.policies()["tls-proxy-names-policy"]
    assert policy.displayName == "TLS proxy names policy"
    assert policy.description == "Proxies name an SSL policy."
    assert policy.enforcementLevel == analyzer_pb2.MANDATORY
    assert policy.severity == analyzer_pb2.POLICY_SEVERITY_HIGH
    assert policy.policy_type == analyzer_pb2.POLICY_TYPE_RESOURCE
    assert policy.remediation_steps == "Set ssl_policy."
    assert list(policy.tags) == ["crossguard"]
    assert (policy.framework.name, policy.framework.version, policy.framework.reference) == (
        "CIS GCP",
        "4.0",
        "3.9, 3.10",
    )


def test_a_rule_over_views_is_published_as_a_stack_policy(sample: Pack) -> None:
    policy = sample.policies()["service-has-two-backends"]
    assert policy.policy_type == analyzer_pb2.POLICY_TYPE_STACK


def test_an_opt_in_rule_is_published_as_disabled(sample: Pack) -> None:
    policy = sample.policies()["disk-type-is-ours"]
    assert policy.enforcementLevel == analyzer_pb2.DISABLED


def test_schemas_hold_nothing_that_the_engine_could_reject() -> None:
    with pack(REPOSITORY) as running:
        policies = running.info().policies
    for policy in policies:
        assert not policy.configSchema.required
        for schema in schema_of(policy).values():
            assert set(schema) <= {"description", "default"}


def test_the_schema_gives_description_and_default_of_each_parameter(sample: Pack) -> None:
    policy = sample.policies()["disk-is-large"]
    assert schema_of(policy)["minimum"] == {"description": "Smallest size in GB.", "default": 10}


def test_the_handshake_and_cancel_are_answered(sample: Pack) -> None:
    sample.stub.Handshake(analyzer_pb2.AnalyzerHandshakeRequest(engine_address="127.0.0.1:1"))
    sample.stub.Cancel(empty_pb2.Empty())


def test_nothing_is_remediated(sample: Pack) -> None:
    disk = Made("gcp:compute/disk:Disk", "disk", {"size": 5})
    assert sample.stub.Remediate(disk.alone()) == analyzer_pb2.RemediateResponse()


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("two_rules_of_one_name", "is the name of two rules"),
        ("lost_module", "No module named 'lost'"),
    ],
)
def test_a_damaged_pack_does_not_start_and_says_why(damage: str, said: str) -> None:
    process = start(PACKS / damage)
    printed, errors = process.communicate(timeout=30)
    assert process.returncode == 1
    assert printed == ""
    assert errors.startswith("multiregion-guard cannot start: ")
    assert said in errors


def _modules_after(statement: str) -> set[str]:
    """Give the modules that a statement imports besides what the engine's own runner has already imported."""
    code = f"import sys, json, pulumi, pulumi.runtime; old = set(sys.modules); {statement}; "
    code += "print(json.dumps(sorted(set(sys.modules) - old)))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    return set(json.loads(answer.stdout))


def test_serving_imports_the_standard_library_pulumi_and_the_pack_alone() -> None:
    imported = _modules_after(
        "import policypack.sources.crossguard as c, policypack.rules.registry as r; r.all_rules()"
    )
    packages = {name.split(".")[0] for name in imported} - sys.stdlib_module_names
    assert packages <= {"policypack", "pulumi", "google", "grpc"}


def test_serving_imports_no_command_line_no_report_and_no_other_way_in() -> None:
    imported = _modules_after(
        "import policypack.sources.crossguard as c, policypack.rules.registry as r; r.all_rules()"
    )
    unwanted = ("policypack.cli", "policypack.reports", "policypack.sources.program", "policypack.sources.state")
    assert [name for name in imported if name.startswith(unwanted)] == []
