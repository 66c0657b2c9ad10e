"""Cloud Armor that learns what usual traffic is."""

from __future__ import annotations

from policypack.gcp import types as t
from policypack.rules.contract import Findings, NotApplicable, Severity, rule
from policypack.rules.edge._policies import before_the_internet
from policypack.topology.armor import ArmorPolicy
from policypack.topology.given import flag_given

_ENABLE = "adaptiveProtectionConfig.layer7DdosDefenseConfig.enable"


@rule(
    severity=Severity.MEDIUM,
    subjects=(ArmorPolicy,),
    fix='Set adaptive_protection_config={"layer7_ddos_defense_config": {"enable": True}}.',
    remedy={_ENABLE: True},
    controls={"NIST 800-53 r5": ["SC-5"], "ISO 27001:2022": ["A.8.6"]},
    opt_in=True,
)
def armor_adaptive_protection(policy: ArmorPolicy) -> Findings:
    """Global Cloud Armor policies before the internet have Adaptive Protection switched on."""
    if policy.resource.type != t.SECURITY_POLICY:
        raise NotApplicable("regional policies have no Adaptive Protection")
    if flag_given(policy.resource, _ENABLE) is True:
        return
    before_the_internet(policy)
    found = "false" if policy.resource.is_set(_ENABLE) else "unset: it is off"
    yield policy.resource.finding(_ENABLE, expected="true", found=found)
