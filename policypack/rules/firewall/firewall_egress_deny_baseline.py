"""What machines may connect to."""

from __future__ import annotations

from typing import Final

from policypack.gcp.netranges import PUBLIC_IPV4
from policypack.rules.contract import Findings, NotApplicable, Severity, rule
from policypack.topology.populated import PopulatedNetwork

_UNLIKELY: Final = 47321
"""A port that nobody allows by itself."""


@rule(
    severity=Severity.MEDIUM,
    subjects=(PopulatedNetwork,),
    fix="Deny 0.0.0.0/0 on the way out in the last rule of the network, and allow before it what machines connect to.",
    controls={
        "NIST 800-53 r5": ["SC-7"],
        "ISO 27001:2022": ["A.8.20"],
        "PCI DSS 4.0": ["1.3.2"],
    },
    aliases=("firewall-no-unrestricted-egress",),
    opt_in=True,
)
def firewall_egress_deny_baseline(network: PopulatedNetwork) -> Findings:
    """Machines connect to what is allowed, and to nothing else on the internet."""
    if not network.machines:
        raise NotApplicable("no machine of this stack runs in it")
    free: dict[str, None] = {}
    for machine in network.machines:
        found = network.plane.reached(machine, PUBLIC_IPV4, _UNLIKELY)
        if not found.missing and found.why is not None:
            yield found.why
        elif not found.missing:
            free[machine.group.name] = None
    if free:
        yield network.resource.finding(
            "",
            expected="a rule that denies 0.0.0.0/0 on the way out, behind those that allow what is needed",
            found=f"machines of {', '.join(sorted(free))} reach every public address on every port",
        )
