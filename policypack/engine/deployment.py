"""Makes a deployment of what a source has read: the one place where values from the wire become values for rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from policypack.gcp.catalogue import CATALOGUE
from policypack.gcp.normal import normalise
from policypack.model.graph import Graph
from policypack.topology import Deployment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policypack.model.resource import Resource
    from policypack.model.values import Value


def deployment_of(resources: Iterable[Resource], *, project: str = "", stack: str = "") -> Deployment:
    """Normalise resources and lay them into a graph.

    Args:
        resources: Resources as a source gave them.
        project: Name of the Pulumi project.
        stack: Name of the stack.
    """
    return Deployment(Graph(tuple(map(normal_resource, resources)), CATALOGUE, project, stack))


def normal_resource(resource: Resource) -> Resource:
    """Give a resource whose values have the one form that rules read."""
    return replace(
        resource,
        inputs=_normal(resource.type, resource.inputs),
        outputs=_normal(resource.type, resource.outputs),
        provider=replace(resource.provider, inputs=normalise("", resource.provider.inputs)),
    )


def _normal(type_token: str, values: Mapping[str, Value] | None) -> Mapping[str, Value] | None:
    return None if values is None else normalise(type_token, values)
