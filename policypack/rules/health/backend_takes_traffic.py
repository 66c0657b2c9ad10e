"""Backends that are drained without anybody meaning it."""

from __future__ import annotations

from typing import Final

from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, rule
from policypack.topology.load_balancing import Backend, BackendKind, BackendService

SCALED: Final = (BackendKind.INSTANCE_GROUP, BackendKind.ZONAL_NEG, BackendKind.HYBRID_NEG)
"""Kinds of backends that have a capacity which can be scaled."""


@rule(
    severity=Severity.CRITICAL,
    subjects=(Backend, BackendService),
    fix="Set capacity_scaler=1.0 on every backend of a regional service; it has no default there, and is sent as 0.",
    remedy={"backends[].capacityScaler": 1.0},
    controls={"NIST 800-53 r5": ["CP-10", "SC-5"], "ISO 27001:2022": ["A.8.6", "A.8.14"]},
    aliases=("backend-not-drained-to-one-region",),
)
def backend_takes_traffic(subject: Backend | BackendService) -> Findings:
    """Backends of proxy load balancers take traffic: their capacity scaler is above 0."""
    service = subject if isinstance(subject, BackendService) else subject.service
    if service.passthrough():
        raise NotApplicable("pass-through load balancers do not scale the capacity of backends")
    if isinstance(subject, Backend):
        yield from _drained(subject)
    elif service.backends_unknown is not None:
        raise service.backends_unknown
    else:
        raise NotApplicable("its backends are judged one by one")


def _drained(backend: Backend) -> Findings:
    written = backend.element.number("capacityScaler")
    scaler = written if written is not None else int(backend.service.is_global)
    if scaler > 0:
        _must_be_scaled(_kind_if_known(backend))
        return
    _must_be_scaled(backend.kind())
    yield backend.element.finding(
        "capacityScaler",
        expected="above 0, normally 1.0",
        found="0: the backend is drained and gets no request"
        if written is not None
        else "unset: the provider then sends 0, and the backend is drained and gets no request",
    )


def _kind_if_known(backend: Backend) -> BackendKind | None:
    try:
        return backend.kind()
    except Undecided:
        return None


def _must_be_scaled(kind: BackendKind | None) -> None:
    if kind is not None and kind not in SCALED:
        raise NotApplicable("backends of this kind have no capacity to scale")
