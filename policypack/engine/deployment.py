"""Makes a deployment of what a source has read: the one place where values from the wire become values for rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from policypack.gcp.catalogue import CATALOGUE
from policypack.gcp.normal import normalise
from policypack.model.graph import Graph
from policypack.model.records import replace
from policypack.topology import Deployment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policypack.model.resource import Provider, Resource
    from policypack.model.values import Value


def deployment_of(resources: Iterable[Resource], *, project: str = "", stack: str = "") -> Deployment:
    """Normalise resources and lay them into a graph.

    Args:
        resources: Resources as a source gave them.
        project: Name of the Pulumi project.
        stack: Name of the stack.
    """
    return laid_out(normal_resources(resources), project=project, stack=stack)


def laid_out(resources: Iterable[Resource], *, project: str = "", stack: str = "") -> Deployment:
    """Lay resources into a graph whose values have the form that rules read already."""
    return Deployment(Graph(tuple(resources), CATALOGUE, project, stack))


def normal_resources(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """Give resources whose values have the one form that rules read."""
    providers: dict[int, Provider] = {}
    kept = list(resources)  # ids of objects that are gone are used again
    return tuple(_normal_resource(resource, providers) for resource in kept)


def normal_resource(resource: Resource) -> Resource:
    """Give a resource whose values have the one form that rules read."""
    return _normal_resource(resource, {})


def _normal_resource(resource: Resource, providers: dict[int, Provider]) -> Resource:
    """Normalise a resource. A provider that makes many of them is normalised once: `providers` holds it, by its id."""
    provider = providers.get(id(resource.provider))
    if provider is None:
        normal = replace(resource.provider, inputs=normalise("", resource.provider.inputs))
        provider = providers[id(resource.provider)] = normal
    return replace(
        resource,
        inputs=_normal(resource.type, resource.inputs),
        outputs=_normal(resource.type, resource.outputs),
        provider=provider,
    )


def _normal(type_token: str, values: Mapping[str, Value] | None) -> Mapping[str, Value] | None:
    return None if values is None else normalise(type_token, values)
