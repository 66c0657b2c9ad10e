"""Preconfigured rule sets of Cloud Armor, as expressions name them.

Source, by title: "Cloud Armor preconfigured WAF rules overview" of Google Cloud's documentation.
"""

from __future__ import annotations

import re
from typing import Final

SETS: Final = (
    "sqli",
    "xss",
    "lfi",
    "rfi",
    "rce",
    "methodenforcement",
    "scannerdetection",
    "protocolattack",
    "sessionfixation",
    "php",
    "java",
    "nodejs",
    "generic",
    "cve",
    "json-sqli",
)
"""Kinds of attacks that there are rule sets for, without versions."""

_CALL: Final = re.compile(
    r"(!?)\s*evaluatePreconfigured(?:Waf|Expr)\(\s*['\"]([\w.-]+)['\"](?:\s*,\s*\{([^}]*)\})?", re.ASCII
)
_NOTHING: Final = re.compile(r"['\"]sensitivity['\"]\s*:\s*0\b")
_VERSION: Final = re.compile(r"-(?:v\d+-)?(?:stable|canary)$")


def rule_sets(expression: str) -> frozenset[str]:
    """Give the kinds of attacks that an expression matches: `sqli` for `evaluatePreconfiguredWaf('sqli-v33-stable')`.

    Both functions count, the newer and the older. A rule set that is negated does not, nor one of sensitivity 0, at
    which no signature is looked for but those that are listed.
    """
    return frozenset(
        _VERSION.sub("", name)
        for negated, name, settings in _CALL.findall(expression)
        if not negated and ("opt_in" in settings or not _NOTHING.search(settings))
    )
