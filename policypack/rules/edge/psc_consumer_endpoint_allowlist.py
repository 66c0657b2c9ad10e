"""Producers whose published services may be used."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated, Final

from policypack.gcp.catalogue import is_google_api
from policypack.model.graph import External
from policypack.rules.contract import Findings, NotApplicable, Param, Severity, rule
from policypack.topology.kinds import FrontendKind
from policypack.topology.load_balancing import Frontend

if TYPE_CHECKING:
    from policypack.model.graph import Target

_NONE: Final[list[str]] = []
_ENDPOINTS: Final = frozenset({FrontendKind.PSC_ENDPOINT, FrontendKind.GOOGLE_APIS})


@rule(
    severity=Severity.LOW,
    subjects=(Frontend,),
    fix="Connect to a producer that is on the list, or have this one put there.",
    controls={"NIST 800-53 r5": ["SC-7"], "ISO 27001:2022": ["A.8.20"]},
    opt_in=True,
)
def psc_consumer_endpoint_allowlist(
    frontend: Frontend,
    *,
    allowed: Annotated[
        list[str], Param("Attachments and API bundles that may be used; * stands for anything: projects/partner/*.")
    ] = _NONE,
) -> Findings:
    """Endpoints of Private Service Connect lead to producers that are on the list, or of the same stack."""
    if frontend.kind() not in _ENDPOINTS:
        raise NotApplicable("it is no endpoint of Private Service Connect")
    if not frontend.target.agree(lambda target: _may(target, allowed)):
        text = frontend.target.slots[0].text
        found = f"`{text}`, which is on no list" if text else "a producer that is on no list"
        yield frontend.resource.finding("target", expected="a producer that is on the list", found=found)


def _may(target: Target, allowed: list[str]) -> bool:
    if not isinstance(target, External):
        return True
    path = target.text if is_google_api(target.text) else target.text[max(target.text.find("projects/"), 0) :]
    return any(fnmatchcase(path, pattern) for pattern in allowed)
