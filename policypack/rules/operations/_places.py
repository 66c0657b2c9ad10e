"""Reading the places that a pattern such as `backends[].maxUtilization` names, for rules that are tables."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from policypack.rules.contract import Reader, Resource


class _Row(Protocol):
    @property
    def types(self) -> tuple[str, ...]:
        """Type tokens that the row is about."""


R = TypeVar("R", bound=_Row)


def by_type(rows: Iterable[R]) -> Mapping[str, tuple[R, ...]]:
    """Order the rows of a table by the types of resources they are about."""
    found: dict[str, list[R]] = defaultdict(list)
    for row in rows:
        for token in row.types:
            found[token].append(row)
    return {token: tuple(rows) for token, rows in found.items()}


def holders(resource: Resource, blocks: str) -> Sequence[Reader]:
    """Give the elements of a list of a resource, or the resource itself.

    Args:
        resource: The resource.
        blocks: Path of the list, or "" for the resource.

    Raises:
        Undecided: The whole list is unknown.
    """
    return resource.elements(blocks) if blocks else (resource,)
