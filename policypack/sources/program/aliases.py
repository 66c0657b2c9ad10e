"""The URNs that a resource had before, worked out as the engine does: the program names only what has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policypack.model.graph import urn_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_STACK = "pulumi:pulumi:Stack"


def former_urns(request: Any, urn: str, parent_aliases: Sequence[str]) -> tuple[str, ...]:
    """Give the former URNs of a resource, each once.

    Args:
        request: Its registration.
        urn: Its URN now.
        parent_aliases: The former URNs of its parent: children move with it.
    """
    found = dict.fromkeys([*request.aliasURNs, *_named(request, urn), *_moved(request, parent_aliases)])
    found.pop(urn, None)
    return tuple(found)


def _named(request: Any, urn: str) -> Iterator[str]:
    stack, project = urn.removeprefix("urn:pulumi:").split("::")[:2]
    for alias in request.aliases:
        if alias.WhichOneof("alias") == "urn":
            yield alias.urn
            continue
        spec = alias.spec
        parent = "" if spec.noParent else spec.parentUrn or request.parent
        where = f"{spec.stack or stack}::{spec.project or project}"
        yield _urn(where, _types(parent), spec.type or request.type, spec.name or request.name)


def _moved(request: Any, parent_aliases: Sequence[str]) -> Iterator[str]:
    """Give what a resource was called under each former name of its parent; its own name often begins with it."""
    parent = urn_name(request.parent)
    for alias in parent_aliases:
        name = request.name
        if parent and name.startswith(parent):
            name = urn_name(alias) + name[len(parent) :]
        yield _urn("::".join(alias.removeprefix("urn:pulumi:").split("::")[:2]), _types(alias), request.type, name)


def _types(urn: str) -> str:
    """Give the types of a parent and its parents; the stack itself adds none."""
    types = urn.split("::")[2] if urn.count("::") > 2 else ""
    return "" if types == _STACK else types


def _urn(where: str, parents: str, type_token: str, name: str) -> str:
    return f"urn:pulumi:{where}::{parents}{'$' if parents else ''}{type_token}::{name}"
