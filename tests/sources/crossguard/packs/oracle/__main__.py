"""The same sample rules, served by the server of Pulumi's own SDK: the oracle for everything but the verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    PolicyPack,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    Severity,
    StackValidationArgs,
    StackValidationPolicy,
)

from policypack.engine.deployment import deployment_of, normal_resource
from policypack.engine.evaluator import evaluate_resource, evaluate_stack
from policypack.engine.messages import finding_lines
from policypack.engine.parameters import check
from policypack.engine.settings import Settings
from policypack.model.resource import Provider, Resource
from policypack.rules.contract import Level, Phase, Rule
from tests.sources.crossguard.sample_rules import RULES


def plain(value: Any) -> Any:
    """Copy the SDK's proxies into plain values."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value


def settings(rule: Rule, config: Mapping[str, Any] | None) -> Settings:
    given = config or {}
    chosen = {one.name: check(one, given[one.name])[1] for one in rule.parameters if one.name in given}
    return Settings(levels={rule.name: Level.MANDATORY}, parameters={rule.name: chosen})


def configured(args: Any) -> Mapping[str, Any]:
    """Read the configuration; the SDK declares a parameter of this method that it does not need."""
    found: Mapping[str, Any] = args.get_config()
    return found


def provider(shown: Any) -> Provider:
    return Provider(urn=shown.urn, inputs=plain(shown.props)) if shown else Provider()


def policy(rule: Rule) -> Policy:
    common: dict[str, Any] = {
        "name": rule.name,
        "description": rule.description,
        "enforcement_level": EnforcementLevel(rule.level.value),
        "severity": Severity(rule.severity.value),
        "config_schema": PolicyConfigSchema({parameter.name: {} for parameter in rule.parameters}),
    }

    def resource(args: ResourceValidationArgs, report: ReportViolation) -> None:
        one = Resource(
            args.urn, args.resource_type, args.name, inputs=plain(args.props), provider=provider(args.provider)
        )
        for verdict in evaluate_resource(normal_resource(one), [rule], settings(rule, configured(args))):
            for finding in verdict.findings:
                report("\n".join(finding_lines(rule, finding)), None)

    def stack(args: StackValidationArgs, report: ReportViolation) -> None:
        resources = [
            Resource(one.urn, one.resource_type, one.name, outputs=plain(one.props), provider=provider(one.provider))
            for one in args.resources
            if one.resource_type.startswith("gcp:")
        ]
        for verdict in evaluate_stack(deployment_of(resources), [rule], settings(rule, configured(args))):
            for finding in verdict.findings:
                report("\n".join(finding_lines(rule, finding)), finding.urn)

    if rule.phase is Phase.RESOURCE:
        return ResourceValidationPolicy(validate=resource, **common)
    return StackValidationPolicy(validate=stack, **common)


PolicyPack("multiregion-guard", [policy(rule) for rule in RULES])
