"""What a rule says of a fault."""

from __future__ import annotations

from policypack.model.records import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """One fault in one place.

    Attributes:
        urn: The resource at fault.
        path: The property at fault, from the root of the resource; "" for the resource as a whole.
        expected: What good looks like.
        found: What is there.
    """

    urn: str
    path: str
    expected: str
    found: str
