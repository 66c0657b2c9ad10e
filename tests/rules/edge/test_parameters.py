"""What the parameters of the rules of the edge change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policypack.engine.verdict import Status
from policypack.gcp import types as t
from policypack.rules.registry import rules_by_name
from tests.rules.judging import judge
from tests.support.firewalls import web
from tests.support.graphs import ref, res, stack
from tests.support.load_balancers import EUROPE, global_front

if TYPE_CHECKING:
    from tests.support.graphs import Draft

EVERYBODY = {"versionedExpr": "SRC_IPS_V1", "config": {"srcIpRanges": ["*"]}}


def status(rule: str, *drafts: Draft, **parameters: object) -> Status:
    return judge(stack(*drafts), {rule: parameters}).status(rules_by_name()[rule])


def fronted(service: dict[str, Any], *more: Draft) -> tuple[Draft, ...]:
    """Draft a global external load balancer whose one service has some properties."""
    front = [one for one in global_front() if one.name != "api"]
    return (*front, res(t.BACKEND_SERVICE, "api", {"protocol": "HTTPS", **service}), *more)


def limit(count: int, seconds: int) -> Draft:
    threshold = {"count": count, "intervalSec": seconds}
    rule = {
        "priority": 1,
        "action": "throttle",
        "match": EVERYBODY,
        "rateLimitOptions": {"rateLimitThreshold": threshold},
    }
    return res(t.SECURITY_POLICY, "waf", {"rules": [rule]})


@pytest.mark.parametrize(("exempt", "answer"), [([], Status.FAIL), (["api"], Status.NOT_APPLICABLE)])
def test_a_service_can_be_exempt_from_having_a_policy(exempt: list[str], answer: Status) -> None:
    assert status("armor-policy-attached", *fronted({}), exempt=exempt) is answer


@pytest.mark.parametrize(
    ("most", "count", "seconds", "answer"),
    [
        (0, 100000, 10, Status.PASS),
        (600, 600, 60, Status.PASS),
        (600, 100, 10, Status.PASS),
        (600, 101, 10, Status.FAIL),
        (599, 600, 60, Status.FAIL),
    ],
)
def test_a_limit_is_reckoned_by_the_minute(most: int, count: int, seconds: int, answer: Status) -> None:
    drafts = fronted({"securityPolicy": ref("waf")}, limit(count, seconds))
    assert status("armor-rate-limiting-present", *drafts, most_per_minute=most) is answer


@pytest.mark.parametrize(("always", "answer"), [(False, Status.NOT_APPLICABLE), (True, Status.FAIL)])
def test_everything_that_is_cached_can_be_asked_for_an_edge_policy(always: bool, answer: Status) -> None:
    assert status("armor-edge-policy-on-cdn", *fronted({"enableCdn": True}), always=always) is answer


@pytest.mark.parametrize(("private", "answer"), [([], Status.PASS), (["api"], Status.FAIL), (["web"], Status.PASS)])
def test_what_is_private_must_not_be_cached_whatever_the_origin_says(private: list[str], answer: Status) -> None:
    service = {"enableCdn": True, "cdnPolicy": {"cacheMode": "FORCE_CACHE_ALL"}}
    assert status("cdn-no-private-content", *fronted(service), private=private) is answer


@pytest.mark.parametrize(
    ("rule", "parameter"),
    [
        ("iap-enabled-on-backend", "internal"),
        ("cdn-enabled-for-cacheable-backends", "cacheable"),
    ],
)
@pytest.mark.parametrize(
    ("patterns", "answer"),
    [(["*"], Status.FAIL), (["a*"], Status.FAIL), (["console"], Status.NOT_APPLICABLE), ([], Status.NOT_APPLICABLE)],
)
def test_only_backends_that_are_named_are_judged(
    rule: str, parameter: str, patterns: list[str], answer: Status
) -> None:
    assert status(rule, *fronted({}), **{parameter: patterns}) is answer


@pytest.mark.parametrize(
    ("allowed", "answer"), [([], Status.FAIL), (["front*"], Status.PASS), (["other"], Status.FAIL)]
)
def test_front_ends_on_the_list_may_be_external(allowed: list[str], answer: Status) -> None:
    assert status("lb-external-ip-allowlist", *fronted({}), allowed=allowed) is answer


@pytest.mark.parametrize(
    ("target", "allowed", "answer"),
    [
        ("projects/partner/regions/europe-west1/serviceAttachments/api", ["projects/partner/*"], Status.PASS),
        ("projects/partner/regions/europe-west1/serviceAttachments/api", ["projects/other/*"], Status.FAIL),
        (
            "https://www.googleapis.com/compute/v1/projects/partner/regions/europe-west1/serviceAttachments/api",
            ["projects/partner/*"],
            Status.PASS,
        ),
        ("all-apis", ["all-apis"], Status.PASS),
        ("all-apis", ["projects/*"], Status.FAIL),
    ],
)
def test_producers_on_the_list_may_be_used(target: str, allowed: list[str], answer: Status) -> None:
    endpoint = res(t.FORWARDING_RULE, "partner", {"region": EUROPE, "loadBalancingScheme": "", "target": target})
    assert status("psc-consumer-endpoint-allowlist", endpoint, allowed=allowed) is answer


@pytest.mark.parametrize(("allowed", "answer"), [([], Status.FAIL), (["w*"], Status.PASS)])
def test_global_policies_on_the_list_may_be_made(allowed: list[str], answer: Status) -> None:
    assert status("armor-policy-scope-allowed", res(t.SECURITY_POLICY, "waf"), allowed=allowed) is answer


@pytest.mark.parametrize(("cidr", "ipv4", "answer"), [("10.0.0.0/8", 8, Status.PASS), ("10.0.0.0/8", 16, Status.FAIL)])
def test_how_narrow_a_destination_group_is_can_be_set(cidr: str, ipv4: int, answer: Status) -> None:
    group = res(t.IAP_TUNNEL_GROUP, "machines", {"groupName": "machines", "cidrs": [cidr]})
    assert status("iap-tunnel-dest-group-scoped", group, ipv4_prefix=ipv4) is answer


@pytest.mark.parametrize(
    ("required", "answer"), [(["sqli"], Status.PASS), (["sqli", "xss"], Status.FAIL), ([], Status.PASS)]
)
def test_the_required_rule_sets_can_be_chosen(required: list[str], answer: Status) -> None:
    expression = {"expr": {"expression": "evaluatePreconfiguredWaf('sqli-v33-stable')"}}
    waf = res(t.SECURITY_POLICY, "waf", {"rules": [{"priority": 1, "action": "deny(403)", "match": expression}]})
    drafts = fronted({"securityPolicy": ref("waf")}, waf)
    assert status("armor-owasp-rules-present", *drafts, required=required) is answer


@pytest.mark.parametrize(
    ("callers", "answer"),
    [([], Status.FAIL), (["81.2.69.0/24"], Status.NOT_APPLICABLE), (["81.2.69.0/25"], Status.FAIL)],
)
def test_callers_may_go_round_the_load_balancer(callers: list[str], answer: Status) -> None:
    interface = {"subnetwork": ref("subnet"), "accessConfigs": [{"networkTier": "PREMIUM"}]}
    front = [one for one in global_front() if one.name != "api"]
    partners = res(
        t.FIREWALL,
        "partners",
        {
            "network": ref("vpc"),
            "sourceRanges": ["81.2.69.0/24"],
            "allows": [{"protocol": "tcp", "ports": ["8443"]}],
        },
    )
    template = res(t.INSTANCE_TEMPLATE, "template", {"machineType": "e2-small", "networkInterfaces": [interface]})
    drafts = (*web(partners, template=template), *front)
    assert status("backend-not-reachable-around-lb", *drafts, callers=callers) is answer
