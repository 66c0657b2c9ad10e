"""A family of rules on how groups grow and shrink. Sound designs differ here, so all of them are off by default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from policypack.gcp.types import AUTOSCALERS
from policypack.rules.contract import NotApplicable, Param, Resource, Severity, Undecided, rule
from policypack.rules.operations._scaling import ScaledGroup, Scaler

if TYPE_CHECKING:
    from policypack.rules.contract import Findings
    from policypack.topology.load_balancing import Backend

POLICY: Final = "autoscalingPolicy"
GROWS: Final = ("ON", "ONLY_UP", "ONLY_SCALE_OUT")
ONLY_GROWS: Final = ("ONLY_UP", "ONLY_SCALE_OUT")
SIGNALS: Final = ("loadBalancingUtilization", "metrics")
"""What tells of the load besides the processor."""
_CONTROLS: Final = {"NIST 800-53 r5": ["SC-5"], "ISO 27001:2022": ["A.8.6"]}


@rule(
    name="mig-autoscaler-present",
    description="Managed instance groups behind a load balancer grow with the load.",
    severity=Severity.MEDIUM,
    subjects=(ScaledGroup,),
    fix="Add an Autoscaler, or for a regional group a RegionAutoscaler, with mode ON.",
    controls=_CONTROLS,
    opt_in=True,
)
def present(scaled: ScaledGroup) -> Findings:
    """Ask whether a group that serves has an autoscaler that may make it larger."""
    if not scaled.serves:
        raise NotApplicable("no backend service sends requests to it")
    doubts: list[Undecided] = []
    for scaler, doubt in scaled.scalers:
        if doubt is not None:
            doubts.append(doubt)
        elif (scaler.text(f"{POLICY}.mode") or "ON") in GROWS:
            return
        else:
            yield scaler.finding(f"{POLICY}.mode", expected="ON", found=f"OFF: {scaled.resource.name} stays as it is")
            return
    if doubts:
        raise doubts[0]
    yield scaled.resource.finding(
        "", expected="an autoscaler for it", found="none in this stack: a region cannot take over the load of another"
    )


@rule(
    name="autoscaler-cpu-target-bounded",
    description="Autoscalers by processor load leave room, and waste little.",
    severity=Severity.LOW,
    subjects=AUTOSCALERS,
    fix="Set the target of cpu_utilization between the two bounds.",
    controls=_CONTROLS,
    opt_in=True,
)
def bounded(
    scaler: Resource,
    *,
    minimum: Annotated[float, Param("Smallest share of the processors in use.", minimum=0, maximum=1)] = 0.4,
    maximum: Annotated[float, Param("Largest share of the processors in use.", minimum=0, maximum=1)] = 0.8,
) -> Findings:
    """Ask for the target that a program gives."""
    path = f"{POLICY}.cpuUtilization.target"
    target = scaler.number(path) if scaler.is_set(f"{POLICY}.cpuUtilization") else None
    if target is None:
        raise NotApplicable("it does not go by processor load")
    if not minimum <= target <= maximum:
        yield scaler.finding(path, expected=f"{minimum:g} to {maximum:g}", found=f"{target:g}")


@rule(
    name="autoscaler-scale-in-controlled",
    description="Groups shrink step by step.",
    severity=Severity.LOW,
    subjects=AUTOSCALERS,
    fix="Set scale_in_control: at most so many machines less within a time window.",
    controls=_CONTROLS,
    opt_in=True,
)
def controlled(scaler: Resource) -> Findings:
    """Ask for the brake, unless the group never shrinks."""
    if (scaler.text(f"{POLICY}.mode") or "ON") in ONLY_GROWS:
        raise NotApplicable("it takes no machine away")
    if not scaler.is_set(f"{POLICY}.scaleInControl"):
        yield scaler.finding(
            f"{POLICY}.scaleInControl",
            expected="a number of machines within a time window",
            found="unset: after a quiet quarter of an hour most of the group is gone",
        )


@rule(
    name="autoscaler-uses-serving-signal",
    description="Groups that are filled by the rate of requests grow by it.",
    severity=Severity.LOW,
    subjects=(Scaler,),
    fix="Set load_balancing_utilization, beside cpu_utilization or in its place.",
    controls=_CONTROLS,
    opt_in=True,
)
def by_requests(scaler: Scaler) -> Findings:
    """Ask what an autoscaler goes by, if the load balancer counts requests."""
    resource = scaler.resource
    rated = [backend for backend in _backends(scaler) if (backend.element.text("balancingMode") or "") == "RATE"]
    if not rated:
        raise NotApplicable("no load balancer fills its group by the rate of requests")
    if any(resource.is_set(f"{POLICY}.{signal}") for signal in SIGNALS):
        return
    if not any(scaler.targets.certain & backend.groups.certain for backend in rated):
        raise rated[0].groups.why() if not rated[0].groups.exact else scaler.targets.why()
    yield resource.finding(
        f"{POLICY}.loadBalancingUtilization",
        expected="a share of the rate that a machine takes",
        found="unset: it goes by processor load alone, and the load balancer by requests",
    )


def _backends(scaler: Scaler) -> list[Backend]:
    groups = {target for target in scaler.targets.possible if isinstance(target, Resource)}
    services = scaler.deployment.load_balancing.services
    return [backend for service in services for backend in service.backends if groups & backend.groups.possible]


RULES: Final = (present, bounded, controlled, by_requests)
