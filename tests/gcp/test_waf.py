from __future__ import annotations

import pytest

from policypack.gcp.waf import rule_sets


@pytest.mark.parametrize(
    ("expression", "sets"),
    [
        ("evaluatePreconfiguredWaf('sqli-v33-stable')", {"sqli"}),
        ('evaluatePreconfiguredWaf("xss-v422-canary", {"sensitivity": 1})', {"xss"}),
        ("evaluatePreconfiguredExpr('cve-canary')", {"cve"}),
        ("evaluatePreconfiguredExpr('json-sqli-canary', ['owasp-crs-id942550-sqli'])", {"json-sqli"}),
        ("evaluatePreconfiguredWaf('lfi-stable') || evaluatePreconfiguredWaf( 'rfi-stable' )", {"lfi", "rfi"}),
        ("evaluatePreconfiguredWaf('rce-v33-stable', {'sensitivity': 0, 'opt_in_rule_ids': ['a']})", {"rce"}),
        ("evaluatePreconfiguredWaf('rce-v33-stable', {'sensitivity': 0})", set()),
        ("!evaluatePreconfiguredWaf('sqli-v33-stable')", set()),
        ("request.path.matches('/admin')", set()),
        ("", set()),
    ],
)
def test_an_expression_names_rule_sets(expression: str, sets: set[str]) -> None:
    assert rule_sets(expression) == sets
