"""Redirects to another host or path that the same URL map redirects again, in the same way."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from policypack.rules.contract import Element, Undecided

if TYPE_CHECKING:
    from policypack.topology.load_balancing import Route

_MATCHER: Final = re.compile(r"(pathMatchers\[\d+\])\.(?:(pathRules\[\d+\])\.urlRedirect|defaultUrlRedirect)")
_DEFAULT: Final = "defaultUrlRedirect"


def comes_back(route: Route) -> bool:
    """Tell whether a request that was redirected takes the same route again, for sure.

    A host that no host rule names may be served by another load balancer, whatever this one would do with it.

    Raises:
        Undecided: Where the redirect leads is not known yet.
    """
    redirect = Element(route.resource, route.path)
    place = _MATCHER.fullmatch(route.path)
    if place is None:
        # Whatever has no host rule of its own comes here, on every path; route rules are not followed.
        return route.path == _DEFAULT and not redirect.is_set("hostRedirect")
    matcher = Element(route.resource, place[1])
    host = redirect.text("hostRedirect") if redirect.is_set("hostRedirect") else None
    if (host is not None and not _serves(matcher, host.lower())) or matcher.elements("routeRules"):
        return False
    patterns = _patterns(matcher)
    own = set(Element(route.resource, f"{place[1]}.{place[2]}").texts("paths")) if place[2] else set()
    return _comes_back(redirect, patterns, own)


def _comes_back(redirect: Element, patterns: set[str], own: set[str]) -> bool:
    """Tell whether the new path is one of the route's own.

    Args:
        redirect: The redirect.
        patterns: The paths of every path rule of its matcher.
        own: Those of its own path rule; none for the default of the matcher.
    """
    if redirect.is_set("pathRedirect"):
        path = (redirect.text("pathRedirect") or "").partition("?")[0]
        chosen = _chosen(path, patterns)
        return chosen in own if own else chosen is None
    if redirect.is_set("prefixRedirect"):
        prefix = redirect.text("prefixRedirect") or ""
        # What stood behind the old prefix stands behind the new one; a rule for one path alone is none for all of them.
        return any(_chosen(f"{prefix}\0", patterns) == pattern for pattern in own if pattern.endswith("/*"))
    # The path stays: the host alone is another one.
    return True


def _serves(matcher: Element, host: str) -> bool:
    """Tell whether a host rule names a host, and leads to a path matcher."""
    name = matcher.text("name")
    unknown: Undecided | None = None
    for rule in matcher.resource.elements("hostRules"):
        try:
            if host in (one.lower() for one in rule.texts("hosts")):
                return rule.text("pathMatcher") == name
        except Undecided as why:
            unknown = unknown or why
    if unknown is not None:
        raise unknown
    return False


def _patterns(matcher: Element) -> set[str]:
    return {path for rule in matcher.elements("pathRules") for path in rule.texts("paths")}


def _chosen(path: str, patterns: set[str]) -> str | None:
    """Give the pattern that is chosen for a path: the longest that fits; None if none does."""
    if path in patterns:
        return path
    fitting = [one for one in patterns if one.endswith("/*") and path.startswith(one.removesuffix("*"))]
    return max(fitting, key=len, default=None)
