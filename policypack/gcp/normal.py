"""What the provider treats as unset or as equal, brought into one form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from policypack.model.values import Value, clean

KEEP_EMPTY: Final[Mapping[str, frozenset[str]]] = {
    # An empty time to live is a value here: the subscription never expires.
    "gcp:pubsub/subscription:Subscription": frozenset({"expirationPolicy.ttl"}),
}
"""Type token, to the paths where an empty string is a value of its own."""

PORT_RANGES: Final[Mapping[str, tuple[str, ...]]] = {
    "gcp:compute/globalForwardingRule:GlobalForwardingRule": ("portRange",),
    "gcp:compute/forwardingRule:ForwardingRule": ("portRange",),
}
"""Type token, to the properties where the API writes the single port 443 as the range 443-443."""


def normalise(type_token: str, values: Mapping[str, Value]) -> dict[str, Value]:
    """Bring the inputs or outputs of a resource into the form that rules read.

    Args:
        type_token: Type of the resource.
        values: Its properties, as they came over the wire.
    """
    cleaned = clean(values, KEEP_EMPTY.get(type_token, frozenset()))
    return with_one_port_form(type_token, dict(cleaned) if isinstance(cleaned, Mapping) else {})


def with_one_port_form(type_token: str, properties: dict[str, Value]) -> dict[str, Value]:
    """Write ranges of a single port as that port, in place."""
    for name in PORT_RANGES.get(type_token, ()):
        value = properties.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            properties[name] = str(value)
        elif isinstance(value, str):
            low, _, high = value.partition("-")
            if low.strip() == high.strip():
                properties[name] = low.strip()
    return properties
