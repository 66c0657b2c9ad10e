"""The same rules behind the SDK's own server: it decodes every request again for every policy.

What the rules need besides is made as cheap as it can be: one resource and one graph per stack are built once and
kept, so that the difference is the server's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pulumi_policy import (
    EnforcementLevel,
    PolicyPack,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from benchmarks.servers.many_rules import many_rules
from policypack.engine.deployment import deployment_of, normal_resource
from policypack.engine.evaluator import evaluate_resource, evaluate_stack
from policypack.engine.settings import Settings
from policypack.engine.verdict import Status
from policypack.model.resource import Resource
from policypack.model.values import UNKNOWN
from policypack.rules.contract import Phase
from policypack.topology import Deployment

SETTINGS = Settings()
_resources: dict[str, Resource] = {}
_deployment: list[Deployment] = []


def plain(value):
    """Turn the SDK's proxies into plain values with a mark for what is unknown."""
    if isinstance(value, Mapping):
        return {key: _item(value, key) for key in value}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_item(value, index) for index in range(len(value))]
    return value


def _item(value, key):
    try:
        return plain(value[key])
    except UnknownValueError:
        return UNKNOWN


def _resource(args: ResourceValidationArgs) -> Resource:
    if args.urn not in _resources:
        made = Resource(urn=args.urn, type=args.resource_type, name=args.name, inputs=plain(args.props))
        _resources[args.urn] = normal_resource(made)
    return _resources[args.urn]


def _stack(args: StackValidationArgs) -> Deployment:
    if not _deployment:
        made = [
            Resource(
                urn=one.urn,
                type=one.resource_type,
                name=one.name,
                outputs=plain(one.props),
                property_dependencies={
                    key: tuple(other.urn for other in others) for key, others in one.property_dependencies.items()
                },
            )
            for one in args.resources
        ]
        _deployment.append(deployment_of(made, project="bench", stack="dev"))
    return _deployment[0]


def _resource_policy(rule):
    def validate(args, report_violation):
        if args.resource_type in rule.types:
            for verdict in evaluate_resource(_resource(args), [rule], SETTINGS):
                if verdict.status is Status.FAIL:
                    report_violation(verdict.findings[0].found)

    return ResourceValidationPolicy(
        name=rule.name, description=rule.description, enforcement_level=EnforcementLevel.ADVISORY, validate=validate
    )


def _stack_policy(rule):
    def validate(args, report_violation):
        for verdict in evaluate_stack(_stack(args), [rule], SETTINGS):
            if verdict.status is Status.FAIL:
                report_violation(verdict.findings[0].found, verdict.urn)

    return StackValidationPolicy(
        name=rule.name, description=rule.description, enforcement_level=EnforcementLevel.ADVISORY, validate=validate
    )


def serve() -> None:
    """Serve every rule as a policy of its own."""
    make = {Phase.RESOURCE: _resource_policy, Phase.STACK: _stack_policy}
    PolicyPack("sdk", [make[rule.phase](rule) for rule in many_rules()])
