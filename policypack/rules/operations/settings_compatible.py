"""Settings that exclude each other, and that the provider passes on together."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.model.records import dataclass
from policypack.rules.contract import Severity, Undecided, all_of, any_of, rule
from policypack.rules.operations._places import by_type, holders

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Reader, Resource


@dataclass(frozen=True)
class Pair:
    """Two settings that the API does not take together.

    Attributes:
        types: Type tokens.
        one: Tells whether the first setting is there.
        other: Tells whether the second is.
        path: Where the finding is: the one that is likelier to be wrong.
        expected: What belongs there instead.
        found: What is there, and why that does not fit.
        blocks: The list whose elements are judged; "" for the resource.
    """

    types: tuple[str, ...]
    one: Callable[[Reader], bool]
    other: Callable[[Reader], bool]
    path: str
    expected: str
    found: str
    blocks: str = ""


def _is(path: str, *values: str | None) -> Callable[[Reader], bool]:
    return lambda holder: holder.text(path) in values


def _on(path: str) -> Callable[[Reader], bool]:
    return lambda holder: holder.flag(path) is True


def _set(path: str) -> Callable[[Reader], bool]:
    return lambda holder: holder.is_set(path)


_MACHINES: Final = (t.INSTANCE, *t.INSTANCE_TEMPLATES)
_WITH_GPU: Final = ("a2-", "a3-", "a4-", "a4x-", "g2-", "g4-")
"""Families of machine types that have GPUs built in."""
_WITHOUT_MIGRATION: Final = ("SEV_SNP", "TDX")

PROXY_ONLY: Final = ("REGIONAL_MANAGED_PROXY", "GLOBAL_MANAGED_PROXY", "INTERNAL_HTTPS_LOAD_BALANCER")
"""Purposes of subnets that only Google's proxies have addresses in."""


def _has_gpu(machine: Reader) -> bool:
    if machine.is_set("guestAccelerators[0]"):
        # A count of 0 is how a program turns accelerators off.
        return machine.number("guestAccelerators[0].count") != 0
    name = (machine.text("machineType") or "").rsplit("/", 1)[-1]
    return name.startswith(_WITH_GPU)


def _cannot_migrate(machine: Reader) -> bool:
    if machine.is_set("confidentialInstanceConfig.confidentialInstanceType"):
        return machine.text("confidentialInstanceConfig.confidentialInstanceType") in _WITHOUT_MIGRATION
    return False


PAIRS: Final = (
    Pair(
        (t.ROUTER_NAT,),
        _on("enableDynamicPortAllocation"),
        _on("enableEndpointIndependentMapping"),
        "enableEndpointIndependentMapping",
        "false, with dynamic port allocation",
        "true: NAT does one or the other",
    ),
    Pair(
        (t.HEALTH_CHECK,),
        _set("sourceRegions[0]"),
        lambda check: (check.number("checkIntervalSec") or 5) < 30,
        "checkIntervalSec",
        "30 or more, with source regions",
        "less: probes from chosen regions come no oftener",
    ),
    *(
        Pair(
            (t.HEALTH_CHECK,),
            _set("sourceRegions[0]"),
            _set(block),
            block,
            "HTTP, HTTPS or TCP, with source regions",
            "a kind of check that is not made from chosen regions",
        )
        for block in ("sslHealthCheck", "http2HealthCheck", "grpcHealthCheck", "grpcTlsHealthCheck")
    ),
    Pair(
        (t.SUBNETWORK,),
        _is("purpose", *PROXY_ONLY),
        _set("logConfig"),
        "logConfig",
        "no flow logs on a proxy-only subnet",
        "set: the API refuses it for this purpose",
    ),
    Pair(
        (t.SERVICE_ATTACHMENT,),
        _is("connectionPreference", "ACCEPT_AUTOMATIC"),
        lambda attachment: any_of(("consumerAcceptLists[0]", "consumerRejectLists[0]"), attachment.is_set),
        "connectionPreference",
        "ACCEPT_MANUAL, with a list of who may connect, or who may not",
        "ACCEPT_AUTOMATIC, which takes everybody and no list",
    ),
    Pair(
        (t.SERVICE_ATTACHMENT,),
        _set("projectIdOrNum"),
        _set("networkUrl"),
        "networkUrl",
        "a project or a network in one entry",
        "both",
        "consumerAcceptLists",
    ),
    Pair(
        t.BACKEND_SERVICES,
        _set("tlsSettings"),
        _is("protocol", "HTTP", "H2C", "TCP", "UDP", None),
        "tlsSettings",
        "a protocol with TLS: HTTPS, HTTP2 or SSL",
        "set, with a protocol that has no TLS to the backends",
    ),
    *(
        Pair(
            (t.FIREWALL,),
            _is("direction", "EGRESS"),
            _set(f"{sources}[0]"),
            sources,
            "targets or destination ranges, in a rule for what goes out",
            "set, with direction EGRESS: only what comes in has senders to choose by tag or account",
        )
        for sources in ("sourceTags", "sourceServiceAccounts")
    ),
    Pair(
        (t.MANAGED_ZONE,),
        _is("visibility", "private"),
        _is("dnssecConfig.state", "on", "transfer"),
        "dnssecConfig.state",
        "off, or left out, in a private zone",
        "on: only public zones are signed",
    ),
    Pair(
        _MACHINES,
        _has_gpu,
        _is("scheduling.onHostMaintenance", "MIGRATE"),
        "scheduling.onHostMaintenance",
        "TERMINATE",
        "MIGRATE: a machine with GPUs cannot be moved while it runs",
    ),
    Pair(
        _MACHINES,
        _cannot_migrate,
        _is("scheduling.onHostMaintenance", "MIGRATE"),
        "scheduling.onHostMaintenance",
        "TERMINATE",
        "MIGRATE: a confidential machine of this kind cannot be moved while it runs",
    ),
)
"""What the API's reference excludes, where the provider does not."""

_OF_TYPE: Final = by_type(PAIRS)


@rule(
    severity=Severity.HIGH,
    subjects=tuple(_OF_TYPE),
    fix="Keep one of the two settings: preview takes both, and the deployment stops where they meet.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def settings_compatible(resource: Resource) -> Findings:
    """Settings that Google Cloud's API does not take together do not stand together."""
    for pair in _OF_TYPE[resource.type]:
        try:
            for holder in holders(resource, pair.blocks):
                yield from _judged(holder, pair)
        except Undecided as unknown:
            yield unknown


def _judged(holder: Reader, pair: Pair) -> Findings:
    try:
        # The one that is certainly not there decides, whatever is known of the other.
        if all_of((pair.one, pair.other), lambda there: there(holder)):
            yield holder.finding(pair.path, expected=pair.expected, found=pair.found)
    except Undecided as unknown:
        yield unknown
