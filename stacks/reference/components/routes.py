"""Which request goes where, and which one may be tried again."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp

from components.base import Component

_MATCHER = "all"
_NOT_BEGUN = ["connect-failure", "refused-stream"]
"""The region never saw the request, so that sending it again can do no harm."""

_NOT_ANSWERED = [*_NOT_BEGUN, "gateway-error"]
"""The region may have seen it; only what changes nothing may be sent again."""

_TWO_YEARS_SECONDS = 63_072_000


class Routes(Component):
    """The URL map of the front end: every path of the domain leads to the regions.

    A request that no region took up is tried once more, and the second attempt may go to another region; one
    that may have been worked on is tried again only if it is a GET. Browsers are told to use HTTPS alone.

    Attributes:
        url_map: The URL map.
    """

    def __init__(
        self,
        name: str,
        domain: str,
        service: gcp.compute.BackendService,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("Routes", name, needs, opts)
        self.url_map = gcp.compute.URLMap(
            name,
            description="Every request",
            default_service=service.id,
            header_action={
                "response_headers_to_adds": [
                    {
                        "header_name": "Strict-Transport-Security",
                        "header_value": f"max-age={_TWO_YEARS_SECONDS}; includeSubDomains",
                        "replace": True,
                    }
                ]
            },
            host_rules=[{"hosts": [domain], "path_matcher": _MATCHER}],
            path_matchers=[
                {
                    "name": _MATCHER,
                    "default_service": service.id,
                    "default_route_action": {"retry_policy": {"num_retries": 1, "retry_conditions": _NOT_BEGUN}},
                    "route_rules": [
                        {
                            "priority": 1,
                            "match_rules": [
                                {
                                    "prefix_match": "/",
                                    "header_matches": [{"header_name": ":method", "exact_match": "GET"}],
                                }
                            ],
                            "service": service.id,
                            "route_action": {"retry_policy": {"num_retries": 1, "retry_conditions": _NOT_ANSWERED}},
                        }
                    ],
                }
            ],
            tests=[{"description": "Inference", "host": domain, "path": "/v1/predict", "service": service.id}],
            opts=self.child(),
        )
        self.register_outputs({})
