"""Settings that mean nothing, or are refused, without another one, and that the provider passes on alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.gcp.ports import PROBE_BLOCKS
from policypack.model.records import dataclass
from policypack.rules.contract import Element, Severity, Undecided, any_of, rule
from policypack.rules.operations._places import by_type, holders

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Reader, Resource


@dataclass(frozen=True)
class Companion:
    """A setting that needs another.

    Attributes:
        types: Type tokens.
        when: Tells of the resource, or of an element of `blocks`, whether it needs the companion.
        needs: Properties of which one must be set; the finding is at the first.
        expected: What belongs there.
        found: What is there, and what comes of it.
        blocks: The list whose elements are judged; "" for the resource.
    """

    types: tuple[str, ...]
    when: Callable[[Reader], bool]
    needs: tuple[str, ...]
    expected: str
    found: str
    blocks: str = ""


def _is(path: str, *values: str | None) -> Callable[[Reader], bool]:
    return lambda holder: holder.text(path) in values


def _always(_: Reader) -> bool:
    return True


def _counts_connections(backend: Reader) -> bool:
    """Tell whether a proxy spreads connections over a backend; where no proxy stands between, nothing is counted."""
    if not isinstance(backend, Element) or backend.text("balancingMode") != "CONNECTION":
        return False
    service = backend.resource
    scheme = service.text("loadBalancingScheme")
    if service.type == t.REGION_BACKEND_SERVICE:
        return scheme in ("EXTERNAL_MANAGED", "INTERNAL_MANAGED")
    return scheme != "INTERNAL_SELF_MANAGED"


def _boots_blank(disk: Reader) -> bool:
    if disk.is_set("type") and disk.text("type") == "SCRATCH":
        return False
    # The first disk of a template is the one it boots from, where none says so.
    if disk.is_set("boot"):
        return disk.flag("boot") is True
    return disk.full("").endswith("[0]")


COMPANIONS: Final = (
    Companion(
        (t.REGION_NETWORK_ENDPOINT_GROUP,),
        _is("networkEndpointType", "PRIVATE_SERVICE_CONNECT"),
        ("pscTargetService",),
        "the service attachment that it connects to",
        "unset: the group leads nowhere",
    ),
    Companion(
        (t.REGION_NETWORK_ENDPOINT_GROUP,),
        _is("networkEndpointType", "SERVERLESS", None),
        ("cloudRun", "cloudFunction", "appEngine", "serverlessDeployment"),
        "a Cloud Run service, a function, or an application",
        "unset: the group leads nowhere",
    ),
    Companion(
        (t.REGION_HEALTH_SOURCE,),
        _always,
        ("sources",),
        "the backend service whose health it tells",
        "unset: it watches nothing",
    ),
    Companion(
        (t.REGION_COMPOSITE_HEALTH_CHECK,),
        _always,
        ("healthSources[0]",),
        "one to ten health sources",
        "none: it watches nothing",
    ),
    *(
        Companion(
            t.HEALTH_CHECKS,
            _is(f"{block}.portSpecification", "USE_FIXED_PORT"),
            (f"{block}.port",),
            "the port to probe",
            "unset, with `USE_FIXED_PORT`",
        )
        for block in PROBE_BLOCKS
    ),
    Companion(
        (t.INSTANCE,),
        lambda instance: instance.is_set("bootDisk"),
        ("bootDisk.initializeParams.image", "bootDisk.initializeParams.snapshot", "bootDisk.source"),
        "an image, a snapshot, or a disk",
        "unset: the machine has nothing to boot from",
    ),
    Companion(
        t.INSTANCE_TEMPLATES,
        _boots_blank,
        ("sourceImage", "sourceSnapshot", "source"),
        "an image, a snapshot, or a disk",
        "unset: the machine has nothing to boot from",
        "disks",
    ),
    Companion(
        t.BACKEND_SERVICES,
        _is("balancingMode", "RATE"),
        ("maxRate", "maxRatePerInstance", "maxRatePerEndpoint"),
        "a rate for the group, or for each instance or endpoint",
        "unset, with balancing mode `RATE`",
        "backends",
    ),
    Companion(
        t.BACKEND_SERVICES,
        _counts_connections,
        ("maxConnections", "maxConnectionsPerInstance", "maxConnectionsPerEndpoint"),
        "a number of connections for the group, or for each instance or endpoint",
        "unset, with balancing mode `CONNECTION` behind a proxy",
        "backends",
    ),
    Companion(
        (t.GLOBAL_FORWARDING_RULE,),
        _always,
        ("target",),
        "a target proxy, or a bundle of Google's APIs",
        "unset: the address leads nowhere",
    ),
    Companion(
        (t.FORWARDING_RULE,),
        _always,
        ("target", "backendService"),
        "a target, or a backend service for a passthrough load balancer",
        "unset: the address leads nowhere",
    ),
    Companion(
        (t.BACKEND_AUTHENTICATION_CONFIG,),
        lambda config: config.text("wellKnownRoots") in (None, "NONE"),
        ("trustConfig",),
        "a trust config, or well_known_roots=PUBLIC_ROOTS",
        "unset: nothing tells which certificates of backends to trust",
    ),
)
"""What the API's reference asks for, where the provider does not."""

_OF_TYPE: Final = by_type(COMPANIONS)


@rule(
    severity=Severity.HIGH,
    subjects=tuple(_OF_TYPE),
    fix="Give the missing setting: preview does not ask for it, and the deployment stops where it is missing.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
    aliases=("backend-balancing-mode-caps", "lb-forwarding-rule-has-target"),
)
def settings_complete(resource: Resource) -> Findings:
    """Settings that need another one have it: a Private Service Connect group its target, a fixed port its number."""
    for companion in _OF_TYPE[resource.type]:
        try:
            for holder in holders(resource, companion.blocks):
                yield from _judged(holder, companion)
        except Undecided as unknown:
            yield unknown


def _judged(holder: Reader, companion: Companion) -> Findings:
    try:
        if any_of(companion.needs, holder.is_set):
            return
        if companion.when(holder):
            path = companion.needs[0].removesuffix("[0]")
            yield holder.finding(path, expected=companion.expected, found=companion.found)
    except Undecided as unknown:
        yield unknown
