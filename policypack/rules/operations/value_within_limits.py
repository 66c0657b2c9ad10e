"""Numbers and durations that Google Cloud takes in a range only, and the provider passes on unseen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.gcp.ports import PROBE_BLOCKS
from policypack.model.records import dataclass
from policypack.rules.contract import Severity, Undecided, rule
from policypack.rules.operations._places import by_type, holders

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Reader, Resource

_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)s")


@dataclass(frozen=True)
class Limit:
    """A range that the API takes.

    Attributes:
        types: Type tokens.
        path: The property, below `blocks`.
        least: Smallest value.
        most: Largest value; None for no limit.
        blocks: The list in whose elements the property stands; "" if it stands in the resource.
        zero: True if 0 is taken besides, with a meaning of its own.
        unit: What the number counts: "s" for seconds; durations such as "60s" are read in seconds.
        above_least: True if the smallest value is itself too small.
        no_more_than: Another property whose value this one must not exceed.
        unless: A property that lifts the range where it is true.
    """

    types: tuple[str, ...]
    path: str
    least: float
    most: float | None
    blocks: str = ""
    zero: bool = False
    unit: str = ""
    above_least: bool = False
    no_more_than: str = ""
    unless: str = ""

    @property
    def words(self) -> str:
        """The range as a phrase."""
        least = f"above {self.least:g}" if self.above_least else f"{self.least:g}"
        if self.most is None:
            words = least if self.above_least else f"at least {least}"
        elif self.above_least:
            words = f"{least}, at most {self.most:.10g}"
        else:
            words = f"{least} to {self.most:.10g}"
        return f"{'0, or ' if self.zero else ''}{words}{' seconds' if self.unit == 's' else ''}"

    def takes(self, value: float) -> bool:
        """Tell whether a value is in the range."""
        if self.zero and value == 0:
            return True
        if self.most is not None and value > self.most:
            return False
        return value > self.least if self.above_least else value >= self.least


_OUTLIERS: Final = (
    "maxEjectionPercent",
    "enforcingConsecutiveErrors",
    "enforcingConsecutiveGatewayFailure",
    "enforcingSuccessRate",
)
_DAY: Final = 86_400

LIMITS: Final = (
    # Backend services.
    Limit(t.BACKEND_SERVICES, "logConfig.sampleRate", 0, 1),
    *(Limit(t.BACKEND_SERVICES, f"outlierDetection.{name}", 0, 100) for name in _OUTLIERS),
    Limit(t.BACKEND_SERVICES, "maxUtilization", 0, 1, "backends"),
    Limit(t.BACKEND_SERVICES, "capacityScaler", 0.1, 1, "backends", zero=True),
    Limit(t.BACKEND_SERVICES, "connectionDrainingTimeoutSec", 0, 3600, unit="s"),
    Limit(t.BACKEND_SERVICES, "affinityCookieTtlSec", 0, 14 * _DAY, unit="s"),
    Limit((t.SERVICE_LB_POLICY,), "failoverConfig.failoverHealthThreshold", 1, 99),
    # Front ends.
    Limit((t.TARGET_HTTPS_PROXY, t.TARGET_HTTP_PROXY), "httpKeepAliveTimeoutSec", 5, 1200, zero=True, unit="s"),
    Limit(
        (t.REGION_TARGET_HTTPS_PROXY, t.REGION_TARGET_HTTP_PROXY),
        "httpKeepAliveTimeoutSec",
        5,
        600,
        zero=True,
        unit="s",
    ),
    # Health.
    Limit(t.HEALTH_CHECKS, "checkIntervalSec", 1, 300, unit="s"),
    Limit(t.HEALTH_CHECKS, "timeoutSec", 1, 300, unit="s"),
    Limit(t.HEALTH_CHECKS, "healthyThreshold", 1, 10),
    Limit(t.HEALTH_CHECKS, "unhealthyThreshold", 1, 10),
    *(Limit(t.HEALTH_CHECKS, f"{block}.port", 1, 65_535) for block in PROBE_BLOCKS),
    Limit((t.REGION_HEALTH_AGGREGATION_POLICY,), "healthyPercentThreshold", 0, 100),
    # Private Service Connect.
    Limit((t.REGION_NETWORK_ENDPOINT_GROUP,), "pscData.producerPort", 1, 65_535),
    # Networks.
    Limit((t.SUBNETWORK,), "logConfig.flowSampling", 0, 1),
    Limit((t.ROUTER_NAT,), "minPortsPerVm", 2, 65_536, zero=True, no_more_than="maxPortsPerVm"),
    # Machines.
    Limit(t.AUTOSCALERS, "autoscalingPolicy.minReplicas", 0, None, no_more_than="autoscalingPolicy.maxReplicas"),
    Limit(t.AUTOSCALERS, "autoscalingPolicy.cpuUtilization.target", 0, 1, above_least=True),
    Limit(t.AUTOSCALERS, "autoscalingPolicy.loadBalancingUtilization.target", 0, None, above_least=True),
    # Stores that the path of a request rests on.
    Limit((t.SUBSCRIPTION,), "ackDeadlineSeconds", 10, 600, zero=True, unit="s"),
    Limit((t.SUBSCRIPTION,), "deadLetterPolicy.maxDeliveryAttempts", 5, 100, zero=True),
    Limit((t.SUBSCRIPTION, t.TOPIC), "messageRetentionDuration", 600, 31 * _DAY, unit="s"),
    Limit((t.CRYPTO_KEY,), "destroyScheduledDuration", _DAY, 120 * _DAY, unit="s", unless="importOnly"),
    Limit((t.SECRET, t.REGIONAL_SECRET), "versionDestroyTtl", _DAY, None, unit="s"),
)
"""What the API's reference says of the values it takes, where the provider does not check it at preview."""

_OF_TYPE: Final = by_type(LIMITS)


@rule(
    severity=Severity.HIGH,
    subjects=tuple(_OF_TYPE),
    fix="Choose a value that the API takes: preview does not check it, and the deployment stops where it is refused.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def value_within_limits(resource: Resource) -> Findings:
    """Numbers and durations are within the limits that Google Cloud's API takes."""
    for limit in _OF_TYPE[resource.type]:
        try:
            for holder in holders(resource, limit.blocks):
                yield from _judged(holder, limit)
        except Undecided as unknown:
            yield unknown


def _judged(holder: Reader, limit: Limit) -> Findings:
    try:
        if not holder.is_set(limit.path):
            return
        value = _number(holder, limit.path)
        if value is None:
            yield holder.finding(limit.path, expected=limit.words, found=f"`{holder.text(limit.path)}`, no number")
        elif not limit.takes(value):
            if limit.unless and holder.is_set(limit.unless) and holder.flag(limit.unless) is True:
                return
            yield holder.finding(limit.path, expected=limit.words, found=f"{holder[limit.path]}")
        elif limit.no_more_than and holder.is_set(limit.no_more_than):
            most = holder.number(limit.no_more_than)
            if most is not None and value > most:
                yield holder.finding(
                    limit.path, expected=f"{limit.no_more_than}, {most:g}, or less", found=f"{value:g}"
                )
    except Undecided as unknown:
        yield unknown


def _number(holder: Reader, path: str) -> float | None:
    """Read a number, or a duration in seconds; None for a text that is neither."""
    text = holder.text(path) or ""
    duration = _DURATION.fullmatch(text)
    try:
        return float(duration[1] if duration else text)
    except ValueError:
        return None
