"""URL maps with many ways, of which none is tested."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.rules.contract import NotApplicable, Severity, rule
from policypack.topology.load_balancing import UrlMap
from policypack.topology.reach import must_be_reached

if TYPE_CHECKING:
    from policypack.rules.contract import Findings


@rule(
    severity=Severity.LOW,
    subjects=(UrlMap,),
    fix="Add tests: a host, a path, and the service that has to answer. Google refuses a map that fails its own tests.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
    opt_in=True,
)
def url_map_tests_present(url_map: UrlMap) -> Findings:
    """URL maps with path matchers carry tests of their own."""
    must_be_reached(url_map)
    resource = url_map.resource
    if not resource.is_set("pathMatchers"):
        raise NotApplicable("it has one way only")
    if not resource.is_set("tests"):
        yield resource.finding("tests", expected="a test for each host or path", found="none")
