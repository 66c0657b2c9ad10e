"""Who and how much is let in: the Cloud Armor policy in front of every region."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from settings.choices import WafMode
from settings.entrance import Entrance

from components.base import Component

_SENSITIVITY = 1
_RULE_SETS = {
    "sqli": "SQL injection",
    "xss": "Cross-site scripting",
    "lfi": "Local file inclusion",
    "rfi": "Remote file inclusion",
    "rce": "Remote code execution",
    "methodenforcement": "Methods that nobody needs",
    "scannerdetection": "Scanners",
    "protocolattack": "Protocol attacks",
    "sessionfixation": "Session fixation",
}
"""Google's rule sets that may take an honest request for an attack: encoded model input looks like one."""

_LAST_PRIORITY = 2147483647
_Rule = gcp.compute.SecurityPolicyRuleArgsDict


class EdgeSecurity(Component):
    """A web application firewall, a rate limit and adaptive protection, at Google's edge.

    In order: requests for hosts that are none of ours are turned away; Log4Shell and its like are denied;
    suspicious requests are logged, or denied with `wafMode: enforce`; a client that sends too much is told to
    wait; everything else comes in. The rule sets start in preview: read the log of what they would have denied
    before you enforce them.

    Attributes:
        policy: The policy, for the backend services that clients can reach.
    """

    def __init__(
        self,
        name: str,
        entrance: Entrance,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("EdgeSecurity", name, needs, opts)
        self.policy = gcp.compute.SecurityPolicy(
            name,
            description="What may come in from the internet",
            type="CLOUD_ARMOR",
            rules=[
                _deny(900, "Hosts that are none of ours", _not_our_host(entrance.domain), 404),
                _deny(950, "Log4Shell and its like", _rule_set("cve-canary"), 403),
                *_suspicions(entrance.waf_mode),
                _rate_limit(entrance.client_requests_per_minute),
                _allow_rest(),
            ],
            adaptive_protection_config={
                "layer7_ddos_defense_config": {"enable": True, "rule_visibility": "STANDARD"},
            },
            advanced_options_config={
                "json_parsing": "STANDARD",
                "log_level": "NORMAL",
                "request_body_inspection_size": "64KB",
            },
            opts=self.child(),
        )
        self.register_outputs({})


def _rule_set(name: str) -> str:
    version = "" if name == "cve-canary" else "-v33-stable"
    return f"evaluatePreconfiguredWaf('{name}{version}', {{'sensitivity': {_SENSITIVITY}}})"


def _not_our_host(domain: str) -> str:
    pattern = domain.replace(".", "[.]")
    return f"!request.headers['host'].lower().matches('^{pattern}(:443)?$')"


def _deny(priority: int, description: str, expression: str, status: int, *, preview: bool = False) -> _Rule:
    return {
        "action": f"deny({status})",
        "priority": priority,
        "description": description,
        "preview": preview,
        "match": {"expr": {"expression": expression}},
    }


def _suspicions(mode: WafMode) -> list[_Rule]:
    return [
        _deny(1000 + 10 * place, description, _rule_set(name), 403, preview=mode is WafMode.PREVIEW)
        for place, (name, description) in enumerate(_RULE_SETS.items())
    ]


def _rate_limit(requests_per_minute: int) -> _Rule:
    """For each client address by itself; one that sends too much hears so, and is let in again a minute later."""
    return {
        "action": "throttle",
        "priority": 2000,
        "description": "Requests that one client may send",
        "match": {"versioned_expr": "SRC_IPS_V1", "config": {"src_ip_ranges": ["*"]}},
        "rate_limit_options": {
            "conform_action": "allow",
            "exceed_action": "deny(429)",
            "enforce_on_key": "IP",
            "rate_limit_threshold": {"count": requests_per_minute, "interval_sec": 60},
        },
    }


def _allow_rest() -> _Rule:
    return {
        "action": "allow",
        "priority": _LAST_PRIORITY,
        "description": "Everything else",
        "match": {"versioned_expr": "SRC_IPS_V1", "config": {"src_ip_ranges": ["*"]}},
    }
