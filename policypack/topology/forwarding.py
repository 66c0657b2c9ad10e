"""Backend services that go to addresses which are chosen request by request, and so have no backends of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.model.logic import any_of

if TYPE_CHECKING:
    from policypack.model.resource import Resource

_BLOCK = "dynamicForwarding"
_WAYS = (f"{_BLOCK}.ipPortSelection.enabled", f"{_BLOCK}.forwardProxy.enabled")

WHY = "where a request goes is chosen for each (dynamicForwarding): there are no backends to list or to probe"


def forwards_dynamically(service: Resource) -> bool:
    """Tell whether a backend service takes the address of each request from an extension, or from the request.

    Raises:
        Undecided: It is not known.
    """
    return service.is_set(_BLOCK) and any_of(_WAYS, lambda way: service.flag(way) is True)
