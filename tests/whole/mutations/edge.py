"""Mistakes that the rules of the edge find."""

from __future__ import annotations

from typing import Final

from policypack.gcp.types import SECURITY_POLICY
from policypack.model.records import replace
from policypack.model.values import UNKNOWN, Value
from tests.support.graphs import urn
from tests.whole.changes import Change, Resources, add, both, find, point, put
from tests.whole.mutations.mutation import REGIONS, URL_MAP, Mutation

EVERYBODY: Final[Value] = {"versionedExpr": "SRC_IPS_V1", "config": {"srcIpRanges": ["*"]}}
LIMIT: Final[Value] = {
    "priority": 2000,
    "action": "throttle",
    "match": EVERYBODY,
    "rateLimitOptions": {
        "conformAction": "allow",
        "exceedAction": "deny(429)",
        "enforceOnKey": "IP",
        "rateLimitThreshold": {"count": 600, "intervalSec": 60},
    },
}
INJECTIONS: Final[Value] = {
    "priority": 1000,
    "action": "deny(403)",
    "match": {"expr": {"expression": "evaluatePreconfiguredWaf('sqli-v33-stable')"}},
}
PARSED: Final[dict[str, Value]] = {"advancedOptionsConfig": {"jsonParsing": "STANDARD"}}
LAST: Final[Value] = {"priority": 2147483647, "action": "allow", "match": EVERYBODY}
POLICY: Final = ("SecurityPolicy", "planted")
TWIN: Final = ("BackendService", "twin")


def _policy(*rules: Value, **more: Value) -> Change:
    """Give the global backend service another policy, with these rules."""
    return both(
        add(SECURITY_POLICY, POLICY[1], {"rules": [*rules, LAST], **more}),
        point(REGIONS, "securityPolicy", POLICY),
    )


def _less(rule: Value, **changes: Value) -> Value:
    assert isinstance(rule, dict)
    return {**rule, **changes}


def _twin(resources: Resources) -> Resources:
    """Put in the same backend service once more, without a policy."""
    one = find(resources, REGIONS)
    inputs = {key: value for key, value in (one.inputs or {}).items() if key not in {"name", "securityPolicy"}}
    return (*resources, replace(one, urn=urn(one.type, TWIN[1]), name=TWIN[1], inputs=inputs, outputs=None))


MUTATIONS: Final = (
    Mutation(
        "armor-parity-across-routes",
        both(
            _policy(LIMIT),
            _twin,
            put(URL_MAP, "hostRules", [{"hosts": ["*"], "pathMatcher": "all"}]),
            put(URL_MAP, "pathMatchers", [{"name": "all", "pathRules": [{"paths": ["/twin"], "service": UNKNOWN}]}]),
            point(URL_MAP, "pathMatchers[0].defaultService", REGIONS, TWIN),
        ),
        TWIN[1],
        "securityPolicy",
    ),
    Mutation(
        "armor-type-and-scope-match",
        _policy(LIMIT, type="CLOUD_ARMOR_EDGE"),
        REGIONS[1],
        "securityPolicy",
    ),
    Mutation("armor-has-custom-rules", _policy(), POLICY[1], "rules"),
    Mutation("armor-rules-not-preview-only", _policy(_less(LIMIT, preview=True)), POLICY[1], "rules"),
    Mutation(
        "armor-rate-limiting-present",
        _policy(_less(LIMIT, action="deny(403)", match={"expr": {"expression": "origin.region_code == 'AQ'"}})),
        POLICY[1],
        "rules",
    ),
    Mutation(
        "armor-no-shadowed-deny",
        _policy(_less(LIMIT, priority=500), INJECTIONS, **PARSED),
        POLICY[1],
        "rules[1].priority",
    ),
    Mutation("armor-owasp-rules-present", _policy(LIMIT), POLICY[1], "rules"),
    Mutation("armor-blocks-log4j", _policy(LIMIT), POLICY[1], "rules"),
    Mutation(
        "armor-adaptive-protection",
        _policy(LIMIT),
        POLICY[1],
        "adaptiveProtectionConfig.layer7DdosDefenseConfig.enable",
    ),
    Mutation("armor-default-rule-not-allow", _policy(LIMIT), POLICY[1], "rules"),
    Mutation(
        "armor-request-body-inspection", _policy(INJECTIONS, LIMIT), POLICY[1], "advancedOptionsConfig.jsonParsing"
    ),
)
