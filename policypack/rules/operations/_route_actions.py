"""The route actions of a URL map: what is done with requests on the way to a backend service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.references import ROUTE_ACTIONS
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT, PROPERTIES_MISSING
from policypack.model.values import WrongType, expand
from policypack.rules.contract import Element, Undecided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.rules.contract import Resource


def blocks_of_actions(url_map: Resource, name: str) -> Iterator[Element | Undecided]:
    """Give a block of every route action that has it, and what would have to be known where there may be more.

    Args:
        url_map: The URL map.
        name: The block: `retryPolicy`, say.
    """
    if url_map.blank:
        yield Undecided(url_map.urn, "", PROPERTIES_MISSING)
        return
    for action in ROUTE_ACTIONS:
        around = action.split("[")[0]
        try:
            places, complete = expand(url_map.properties, f"{action}.{name}")
        except WrongType as wrong:
            yield Undecided(url_map.urn, around, f"there is {wrong}")
            continue
        yield from (Element(url_map, path) for path, _ in places)
        if not complete:
            yield Undecided(url_map.urn, around, KNOWN_AFTER_DEPLOYMENT)
