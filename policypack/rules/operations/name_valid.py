"""Names that Google Cloud refuses, and the provider passes on unseen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.gcp.catalogue import is_google_api
from policypack.model.records import dataclass
from policypack.rules.contract import NotApplicable, Severity, rule
from policypack.rules.operations._places import by_type

if TYPE_CHECKING:
    from policypack.rules.contract import Finding, Findings, Resource


@dataclass(frozen=True)
class Form:
    """What the names of some resources look like.

    Attributes:
        types: Type tokens.
        pattern: What the whole name matches.
        words: The same in words.
    """

    types: tuple[str, ...]
    pattern: re.Pattern[str]
    words: str


_OF_ENDPOINTS: Final = Form(
    (t.GLOBAL_FORWARDING_RULE,),
    re.compile(r"[a-z][a-z0-9]{0,19}"),
    "1 to 20 small letters and digits, the first a letter: so it is for endpoints of Google's APIs",
)
"""A made-up name has a hyphen, and is none of these."""

FORMS: Final = (
    Form(
        (
            *t.FORWARDING_RULES,
            *t.PROXIES,
            *t.URL_MAPS,
            *t.BACKEND_SERVICES,
            *t.BACKEND_BUCKETS,
            *t.HEALTH_CHECKS,
            *t.INSTANCE_GROUPS,
            *t.INSTANCE_TEMPLATES,
            t.NETWORK_ENDPOINT_GROUP,
            t.REGION_NETWORK_ENDPOINT_GROUP,
            *t.AUTOSCALERS,
            *t.SSL_POLICIES,
            *t.SSL_CERTIFICATES,
            *t.SECURITY_POLICIES,
            t.SERVICE_ATTACHMENT,
            t.ADDRESS,
            t.GLOBAL_ADDRESS,
            t.NETWORK,
            t.SUBNETWORK,
            t.FIREWALL,
            t.ROUTER,
            t.ROUTER_NAT,
            t.DISK,
            t.INSTANCE,
        ),
        re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?"),
        "1 to 63 small letters, digits and hyphens, the first a letter, the last no hyphen",
    ),
    Form(
        (t.CERTIFICATE, t.DNS_AUTHORIZATION),
        re.compile(r"[a-zA-Z][-a-zA-Z0-9_]{0,63}"),
        "1 to 64 letters, digits, hyphens and underscores, the first a letter",
    ),
    Form((t.AI_ENDPOINT,), re.compile(r"[1-9][0-9]{0,9}"), "a number of at most 10 digits, which no made-up name is"),
)
"""What the API's reference says of names."""

_OF_TYPE: Final = by_type(FORMS)
_COUNTED: Final = 20
"""From how many letters on a finding says how many there are."""


@rule(
    severity=Severity.HIGH,
    subjects=tuple(_OF_TYPE),
    fix="Choose a name that the API takes. Where the name is left out, Pulumi makes one of the resource's name in the "
    "program, a hyphen and seven letters or digits: shorten or respell that name, or give a name.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def name_valid(resource: Resource) -> Findings:
    """Names are spelled as Google Cloud's API takes them."""
    name = resource.text("name")
    if name is None:
        raise NotApplicable("it has no name yet")
    form = _OF_TYPE[resource.type][0]
    if not form.pattern.fullmatch(name):
        yield _finding(resource, form, name)
    elif not _OF_ENDPOINTS.pattern.fullmatch(name) and _reaches_google(resource):
        yield _finding(resource, _OF_ENDPOINTS, name)


def _reaches_google(resource: Resource) -> bool:
    """Tell whether something is an endpoint for Google's own APIs; front ends of load balancers have a scheme.

    Raises:
        Undecided: It may be, and that is not known yet.
    """
    if resource.type not in _OF_ENDPOINTS.types or resource.text("loadBalancingScheme"):
        return False
    target = resource.text("target")
    return target is not None and is_google_api(target)


def _finding(resource: Resource, form: Form, name: str) -> Finding:
    long = f", of {len(name)}" if len(name) > _COUNTED else ""
    return resource.finding("name", expected=form.words, found=f"`{name}`{long}")
