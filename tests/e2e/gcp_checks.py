"""What the stand-in provider's Check does: static defaults and names."""

from __future__ import annotations

import copy
from typing import Any

Properties = dict[str, Any]

_DEFAULTS: dict[str, Properties] = {
    "gcp:compute/backendService:BackendService": {
        "loadBalancingScheme": "EXTERNAL_MANAGED",
        "connectionDrainingTimeoutSec": 300,
    },
    "gcp:compute/regionBackendService:RegionBackendService": {
        "loadBalancingScheme": "INTERNAL",
        "connectionDrainingTimeoutSec": 300,
    },
    "gcp:compute/globalForwardingRule:GlobalForwardingRule": {"loadBalancingScheme": "EXTERNAL_MANAGED"},
    "gcp:compute/forwardingRule:ForwardingRule": {"loadBalancingScheme": "EXTERNAL"},
}


def check(token: str, news: Properties, olds: Properties, unique_name: str) -> Properties:
    """The checked inputs of a resource.

    Args:
        token: The type.
        news: What the program wrote.
        olds: The checked inputs of the last operation, empty for a new resource.
        unique_name: The name to give where the program left it out and there is none yet.
    """
    checked = copy.deepcopy(news)
    for key, value in _DEFAULTS.get(token, {}).items():
        checked.setdefault(key, value)
    checked.setdefault("name", olds.get("name", unique_name))
    return checked
