"""A family of rules about DNSSEC: zones that are signed, with what, and what they say of names that are not there."""

from __future__ import annotations

from typing import Final

from policypack.gcp.types import MANAGED_ZONE
from policypack.rules.contract import Element, Findings, NotApplicable, Resource, Rule, Severity, each, rule
from policypack.topology.given import left_out, text_given

_STATE: Final = "dnssecConfig.state"
_SIGNED: Final = frozenset({"on", "transfer"})
_SPECS: Final = "dnssecConfig.defaultKeySpecs"


def _must_be_public(zone: Resource) -> None:
    if (zone.text("visibility") or "public") != "public":
        raise NotApplicable("nobody outside the network asks a private zone")


def _must_be_signed(zone: Resource) -> None:
    _must_be_public(zone)
    if text_given(zone, _STATE) not in _SIGNED:
        raise NotApplicable("it is not signed")


@rule(
    name="dns-dnssec-enabled",
    description="Public DNS zones are signed with DNSSEC.",
    severity=Severity.MEDIUM,
    subjects=(MANAGED_ZONE,),
    fix='Set dnssec_config={"state": "on"}, and hand the DS record of the zone to the registrar of the domain.',
    remedy={_STATE: "on"},
    controls={"CIS GCP 4.0": ["3.3"], "CIS GCP 5.0": ["3.3"], "NIST 800-53 r5": ["SC-20"]},
)
def enabled(zone: Resource) -> Findings:
    """Judge whether a zone is signed."""
    _must_be_public(zone)
    state = text_given(zone, _STATE)
    if state not in _SIGNED:
        yield zone.finding(_STATE, expected="on", found="unset: it is off" if state is None else state)


@rule(
    name="dns-dnssec-nsec3",
    description="Signed DNS zones do not list their names to whoever asks.",
    severity=Severity.LOW,
    subjects=(MANAGED_ZONE,),
    fix="Set non_existence to nsec3, or leave it out.",
)
def nsec3(zone: Resource) -> Findings:
    """Judge how a zone proves that a name does not exist."""
    _must_be_signed(zone)
    if text_given(zone, "dnssecConfig.nonExistence") == "nsec":
        found = "nsec: each answer names the next name in the zone, so all of them can be collected"
        yield zone.finding("dnssecConfig.nonExistence", expected="nsec3", found=found)


def _no_sha1(key: str, kind: str, words: str, cis: str) -> Rule:
    @rule(
        name=f"dns-dnssec-no-rsasha1-{key}",
        description=f"Keys that sign {words} of DNS zones do not use SHA-1.",
        severity=Severity.MEDIUM,
        subjects=(each(f"{_SPECS}[]", of=(MANAGED_ZONE,)),),
        fix="Choose the algorithm ecdsap256sha256 or rsasha256, or leave the key specs out.",
        controls={"CIS GCP 4.0": [cis], "CIS GCP 5.0": [cis], "NIST 800-53 r5": ["SC-13"]},
    )
    def judge(spec: Element) -> Findings:
        if left_out(spec.resource, _SPECS):
            raise NotApplicable("its keys are of the kind that Cloud DNS chooses")
        if spec.text("keyType") != kind:
            raise NotApplicable(f"it is about another key than that of {words}")
        _must_be_signed(spec.resource)
        if spec.text("algorithm") == "rsasha1":
            yield spec.finding("algorithm", expected="ecdsap256sha256 or rsasha256", found="rsasha1")

    return judge


RULES: Final = (
    enabled,
    nsec3,
    _no_sha1("ksk", "keySigning", "keys", "3.4"),
    _no_sha1("zsk", "zoneSigning", "records", "3.5"),
)
