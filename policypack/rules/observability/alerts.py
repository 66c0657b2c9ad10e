"""A family of rules, one for each thing that somebody has to be told of. A new one is a new row of `WATCHES`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.model.logic import any_of
from policypack.model.records import dataclass
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT
from policypack.model.values import Unknown, WrongType, expand, reveal
from policypack.rules.contract import NotApplicable, Resource, Rule, Severity, Undecided, rule
from policypack.rules.observability._watched import Watched
from policypack.topology.load_balancing import FrontendKind

if TYPE_CHECKING:
    from policypack.rules.contract import Findings

_CONDITIONS: Final = (
    *(f"conditionThreshold.{name}" for name in ("filter", "denominatorFilter", "aggregations[].groupByFields[]")),
    *(f"conditionAbsent.{name}" for name in ("filter", "aggregations[].groupByFields[]")),
    "conditionMatchedLog.filter",
    "conditionMonitoringQueryLanguage.query",
    "conditionPrometheusQueryLanguage.query",
    "conditionSql.query",
)
"""Where a condition says what it looks at."""

OWN_METRIC: Final = re.compile(r"(logging|custom|external|prometheus)[._]googleapis[._]com", re.IGNORECASE)
"""Metrics that a project defines itself: their names tell nothing, but for the kind of resource that they are about."""

_TLS: Final = frozenset({FrontendKind.HTTPS, FrontendKind.SSL, FrontendKind.GRPC})
_HTTP: Final = frozenset({FrontendKind.HTTPS, FrontendKind.HTTP, FrontendKind.GRPC})
_LOAD_BALANCER: Final = r"loadbalancing|http_load_balancer|_lb_rule|l4_proxy_rule"


@dataclass(frozen=True, eq=False)
class Watch:
    """One thing to be told of.

    Attributes:
        rule: Name of the rule.
        description: What good looks like.
        needed: Tells whether there is anything to watch.
        patterns: An alert is one of these if what its conditions name matches each of the patterns.
        expected: What belongs there.
        fix: What to do.
        severity: How bad it is not to know.
        controls: Framework, to control ids.
        opt_in: True if sound designs do without.
        aliases: Other names of the rule.
    """

    rule: str
    description: str
    needed: Callable[[Watched], bool]
    patterns: tuple[str, ...]
    expected: str
    fix: str
    severity: Severity
    controls: Mapping[str, Sequence[str]]
    opt_in: bool = False
    aliases: tuple[str, ...] = ()


def _kinds(wanted: frozenset[FrontendKind]) -> Callable[[Watched], bool]:
    return lambda watched: any(frontend.kinds.certain & wanted for frontend in watched.frontends)


def _several_regions(watched: Watched) -> bool:
    return any(len(frontend.regions.certain) > 1 for frontend in watched.frontends)


def _nat(watched: Watched) -> bool:
    return bool(watched.deployment.graph.of_type(t.ROUTER_NAT))


_MONITORING: Final = {"NIST 800-53 r5": ["SI-4"], "ISO 27001:2022": ["A.8.16"]}

WATCHES: Final = (
    Watch(
        "alert-on-lb-errors",
        "An alert watches the errors that load balancers answer with.",
        _kinds(_HTTP),
        (rf"{_LOAD_BALANCER}|select_slo", r"response_code|5xx|\b5\d\d\b|status|error|avail|select_slo"),
        "an alert on loadbalancing.googleapis.com/https/request_count, by response_code_class, or on an SLO",
        "Add an alert policy on the share of responses with response_code_class 500.",
        Severity.MEDIUM,
        _MONITORING,
    ),
    Watch(
        "alert-on-region-backend-health",
        "An alert tells the regions or backends of a load balancer apart.",
        _several_regions,
        (
            rf"{_LOAD_BALANCER}|instance_group|healthcheck|health_check|uptime|cloud_run_revision|run[._]googleapis[._]com",
            r"region|zone|location|backend_(scope|target|name|type)|instance_group|healthchecks",
        ),
        "an alert on a metric of load balancers or groups, grouped by region, zone or backend",
        "Group an alert by resource.label.region, or by the label backend_scope of backend_request_count.",
        Severity.MEDIUM,
        _MONITORING,
    ),
    Watch(
        "alert-on-certificate-expiry",
        "An alert tells in time that a certificate is about to expire.",
        _kinds(_TLS),
        (r"ssl_cert|certificate",),
        "an alert on monitoring.googleapis.com/uptime_check/time_until_ssl_cert_expires, or on a log of certificates",
        "Add an alert policy on the days until the certificate that the uptime check sees expires.",
        Severity.MEDIUM,
        {"NIST 800-53 r5": ["SC-12"], "ISO 27001:2022": ["A.8.24"]},
    ),
    Watch(
        "alert-on-quota",
        "An alert tells before a quota of the project is used up.",
        lambda _: True,
        (r"quota",),
        "an alert on serviceruntime.googleapis.com/quota or compute.googleapis.com/quota",
        "Add an alert policy on the use of quotas: the region that takes over the load of another needs twice as much.",
        Severity.LOW,
        _MONITORING,
        opt_in=True,
        aliases=("quota-and-nat-alerts",),
    ),
    Watch(
        "alert-on-nat-ports",
        "An alert tells before NAT runs out of ports.",
        _nat,
        (r"router[._]googleapis[._]com|nat_gateway|nat_allocation|port_usage",),
        "an alert on router.googleapis.com/nat",
        "Add an alert policy on router.googleapis.com/nat/dropped_sent_packets_count, by reason OUT_OF_RESOURCES.",
        Severity.LOW,
        _MONITORING,
        opt_in=True,
    ),
)
"""One row, one rule."""


def _rule_of(row: Watch) -> Rule:
    @rule(
        name=row.rule,
        description=row.description,
        severity=row.severity,
        subjects=(Watched,),
        controls=row.controls,
        fix=row.fix,
        opt_in=row.opt_in,
        aliases=row.aliases,
    )
    def judge(watched: Watched) -> Findings:
        if not watched.alerts:
            raise NotApplicable("this stack has no alerts at all: they are kept elsewhere")
        if not row.needed(watched):
            raise NotApplicable("there is nothing of the kind to watch")
        if not any_of(watched.alerts, lambda alert: _is_one(alert, row.patterns)):
            yield watched.resource.finding(
                "", expected=row.expected, found=f"none among the alert policies of this stack ({len(watched.alerts)})"
            )

    return judge


def _is_one(alert: Resource, patterns: tuple[str, ...]) -> bool:
    """Tell whether an alert that is switched on looks at something.

    Raises:
        Undecided: What it looks at is not known, or is a metric of the project's own.
    """
    if alert.is_set("enabled") and alert.flag("enabled") is False:
        return False
    texts, unknown = _texts(alert)
    together = " ".join(texts)
    if all(re.search(pattern, together, re.IGNORECASE) for pattern in patterns):
        return True
    if unknown is not None:
        raise unknown
    of_another_kind = "resource.type" in together and not re.search(patterns[0], together, re.IGNORECASE)
    if OWN_METRIC.search(together) and not of_another_kind:
        raise Undecided(alert.urn, "conditions", "it watches a metric of your own, of which nothing is known here")
    return False


def _texts(alert: Resource) -> tuple[list[str], Undecided | None]:
    """Give everything that the conditions of an alert name, and what would have to be known of the rest."""
    texts: list[str] = []
    unknown: Undecided | None = None
    for path in _CONDITIONS:
        try:
            places, complete = expand(alert.properties, f"conditions[].{path}")
        except WrongType as wrong:
            unknown = Undecided(alert.urn, "conditions", f"there is {wrong}")
            continue
        values = [reveal(value) for _, value in places]
        texts += [value for value in values if isinstance(value, str)]
        if alert.blank or not complete or any(isinstance(value, Unknown) for value in values):
            unknown = Undecided(alert.urn, "conditions", KNOWN_AFTER_DEPLOYMENT)
    return texts, unknown


RULES: Final = tuple(map(_rule_of, WATCHES))
