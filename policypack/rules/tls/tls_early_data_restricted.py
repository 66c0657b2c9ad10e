"""Requests that clients send before the TLS handshake is over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from policypack.gcp.types import TARGET_HTTPS_PROXY
from policypack.rules.contract import FromParameter, Param, Severity, rule

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Resource

SAFE: Final = ["DISABLED", "STRICT"]


@rule(
    severity=Severity.MEDIUM,
    subjects=(TARGET_HTTPS_PROXY,),
    fix="Leave tls_early_data out, or set it to STRICT, which takes early only what can be repeated without harm.",
    remedy={"tlsEarlyData": FromParameter("modes", "DISABLED")},
    controls={"NIST 800-53 r5": ["SC-8", "SC-23"], "ISO 27001:2022": ["A.8.24"], "PCI DSS 4.0": ["4.2.1"]},
)
def tls_early_data_restricted(
    proxy: Resource,
    *,
    modes: Annotated[
        list[str],
        Param("Modes that are allowed.", choices=("DISABLED", "STRICT", "PERMISSIVE", "UNRESTRICTED")),
    ] = SAFE,
) -> Findings:
    """HTTPS proxies take no early data that an attacker could send again with effect."""
    mode = proxy.text("tlsEarlyData")
    if mode is not None and mode not in modes:
        yield proxy.finding(
            "tlsEarlyData", expected=" or ".join(modes), found=f"{mode}: whoever records a request can send it again"
        )
