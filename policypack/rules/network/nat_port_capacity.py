"""Cloud NAT with ports enough for what machines connect to."""

from __future__ import annotations

from typing import Annotated

from policypack.gcp.types import ROUTER_NAT
from policypack.model.logic import any_holds
from policypack.rules.contract import Findings, NotApplicable, Param, Resource, Severity, Undecided, rule

_DEFAULT_PORTS = 64
"""What a machine gets where the program does not say, and ports are not given out as needed."""


@rule(
    severity=Severity.LOW,
    subjects=(ROUTER_NAT,),
    fix="Set enable_dynamic_port_allocation=True (and enable_endpoint_independent_mapping=False), or min_ports_per_vm; "
    "and log_config with enable=True and filter ERRORS_ONLY.",
    controls={"NIST 800-53 r5": ["SC-5"], "ISO 27001:2022": ["A.8.6"]},
)
def nat_port_capacity(
    nat: Resource,
    *,
    least_ports: Annotated[int, Param("Ports per machine, where they are not given out as needed.", minimum=2)] = 256,
) -> Findings:
    """Cloud NAT gives machines ports as they need them, and logs what it cannot translate."""
    if nat.text("type") == "PRIVATE":
        raise NotApplicable("it translates between private networks")
    for judge in (_ports, _log):
        try:
            yield from judge(nat, least_ports)
        except Undecided as unknown:
            yield unknown


def _ports(nat: Resource, least: int) -> Findings:
    given = nat.is_set("minPortsPerVm")

    def as_needed() -> bool:
        return nat.is_set("enableDynamicPortAllocation") and nat.flag("enableDynamicPortAllocation") is True

    def ports() -> int | float:
        return (nat.number("minPortsPerVm") if given else None) or _DEFAULT_PORTS

    if not any_holds(as_needed, lambda: ports() >= least):
        yield nat.finding(
            "minPortsPerVm",
            expected=f"{least} or more, or dynamic port allocation",
            found=f"{ports() if given else f'unset, which means {_DEFAULT_PORTS}'}: that many connections to one "
            "destination, and no more, for each machine",
        )


def _log(nat: Resource, _: int) -> Findings:
    if nat.flag("logConfig.enable") is not True:
        yield nat.finding(
            "logConfig.enable", expected="true", found="off: connections that find no port leave no trace"
        )
    elif nat.text("logConfig.filter") == "TRANSLATIONS_ONLY":
        yield nat.finding(
            "logConfig.filter",
            expected="ERRORS_ONLY or ALL",
            found="TRANSLATIONS_ONLY: what finds no port leaves no trace",
        )
