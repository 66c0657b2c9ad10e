"""What the pack tells the engine about itself: each rule as a policy, and `guard` for the pack as a whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from pulumi.runtime.proto import analyzer_pb2

from policypack import __version__
from policypack.engine.settings import GUARD, GUARD_KEYS
from policypack.rules.contract import Level, Phase, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from policypack.rules.contract import Parameter, Rule

PACK_NAME: Final = "multiregion-guard"
PACK_DESCRIPTION: Final = "Judges multi-region, load-balanced deployments on Google Cloud along the path of a request."

GUARD_DESCRIPTION: Final = "The configuration of the policy pack is sound."
GUARD_FIX: Final = "Correct the named place in the file that --policy-pack-config names, or in the policy group."

_ACRONYMS: Final = frozenset(
    {
        "api",
        "cdn",
        "cmek",
        "dns",
        "http",
        "https",
        "iam",
        "iap",
        "id",
        "ip",
        "kms",
        "lb",
        "mig",
        "neg",
        "nat",
        "psc",
        "sql",
        "ssh",
        "ssl",
        "tcp",
        "tls",
        "ttl",
        "udp",
        "uri",
        "url",
        "vm",
        "vpc",
    }
)

_FRAMEWORK: Final = r"(?P<name>.*\S)\s+v?(?P<version>\d[\w.]*)"


def analyzer_info(rules: Iterable[Rule]) -> analyzer_pb2.AnalyzerInfo:
    """Describe the pack and every policy in it."""
    return analyzer_pb2.AnalyzerInfo(
        name=PACK_NAME,
        displayName="Multi-region guard",
        version=__version__,
        description=PACK_DESCRIPTION,
        supportsConfig=True,
        provider="gcp",
        tags=["google-cloud", "load-balancing", "multi-region"],
        policies=[_guard_info(), *map(policy_info, sorted(rules, key=lambda rule: rule.name))],
    )


def policy_info(rule: Rule) -> analyzer_pb2.PolicyInfo:
    """Describe one rule as a policy."""
    by_phase = {
        Phase.RESOURCE: analyzer_pb2.POLICY_TYPE_RESOURCE,
        Phase.STACK: analyzer_pb2.POLICY_TYPE_STACK,
    }
    info = analyzer_pb2.PolicyInfo(
        name=rule.name,
        displayName=display_name(rule.name),
        description=rule.description,
        enforcementLevel=level_on_wire(rule.level),
        policy_type=by_phase[rule.phase],
        severity=severity_on_wire(rule.severity),
        tags=[rule.area.replace("_", "-")],
        remediation_steps=rule.fix,
        configSchema=_schema(_described(rule.parameters)) if rule.parameters else None,
    )
    framework = next(iter(rule.controls.items()), None)
    if framework is not None:
        info.framework.CopyFrom(_framework(*framework))
    return info


def _guard_info() -> analyzer_pb2.PolicyInfo:
    # Without defaults: the engine would send them as if the user had chosen them, over those of a profile.
    properties: dict[str, dict[str, object]] = {name: {"description": text} for name, text in GUARD_KEYS.items()}
    return analyzer_pb2.PolicyInfo(
        name=GUARD,
        displayName="Settings of the whole pack",
        description=GUARD_DESCRIPTION,
        enforcementLevel=level_on_wire(Level.MANDATORY),
        policy_type=analyzer_pb2.POLICY_TYPE_STACK,
        severity=severity_on_wire(Severity.HIGH),
        tags=["configuration"],
        remediation_steps=GUARD_FIX,
        configSchema=_schema(properties),
    )


def _described(parameters: Sequence[Parameter]) -> dict[str, dict[str, object]]:
    """Describe parameters without types or limits: what the engine rejects would end the run for everybody."""
    return {
        parameter.name: {"description": parameter.about.description, "default": _plain(parameter.default)}
        for parameter in parameters
    }


def _plain(default: object) -> object:
    return list(default) if isinstance(default, (tuple, set, frozenset)) else default


def _schema(properties: Mapping[str, Any]) -> analyzer_pb2.PolicyConfigSchema:
    message = analyzer_pb2.PolicyConfigSchema()
    message.properties.update(properties)
    return message


def _framework(name: str, controls: Sequence[str]) -> analyzer_pb2.PolicyComplianceFramework:
    """Split `CIS GCP 4.0` into name and version, as the registry shows them."""
    parts = re.fullmatch(_FRAMEWORK, name)
    return analyzer_pb2.PolicyComplianceFramework(
        name=parts["name"] if parts else name,
        version=parts["version"] if parts else "",
        reference=", ".join(controls),
    )


def display_name(name: str) -> str:
    """Make a title of a rule's name: `tls-policy-min-version` is `TLS policy min version`."""
    words = [word.upper() if word in _ACRONYMS else word for word in name.split("-")]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def level_on_wire(level: Level) -> analyzer_pb2.EnforcementLevel.ValueType:
    """Give the protocol's value of an enforcement level."""
    return analyzer_pb2.EnforcementLevel.Value(level.name)


def severity_on_wire(severity: Severity) -> analyzer_pb2.PolicySeverity.ValueType:
    """Give the protocol's value of a severity."""
    return analyzer_pb2.PolicySeverity.Value(f"POLICY_SEVERITY_{severity.name}")
