"""Words that Google Cloud does not know, where the provider passes on any text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.gcp.ports import PROBE_BLOCKS
from policypack.model.records import dataclass
from policypack.rules.contract import Level, Severity, Undecided, rule
from policypack.rules.operations._places import by_type, holders

if TYPE_CHECKING:
    from policypack.rules.contract import Findings, Reader, Resource


@dataclass(frozen=True)
class Words:
    """The words that a property takes.

    Attributes:
        types: Type tokens.
        path: The property, below `blocks`.
        known: Every word of the API's reference.
        blocks: The list in whose elements the property stands; "" if it stands in the resource.
    """

    types: tuple[str, ...]
    path: str
    known: tuple[str, ...]
    blocks: str = ""


_ACTIONS: Final = ("allow", "deny", "goto_next", "apply_security_profile_group")
_RULES: Final = (t.FIREWALL_POLICY_RULE, t.NETWORK_FIREWALL_POLICY_RULE, t.REGION_NETWORK_FIREWALL_POLICY_RULE)
_LISTS_OF_RULES: Final = (
    t.FIREWALL_POLICY_WITH_RULES,
    t.NETWORK_FIREWALL_POLICY_WITH_RULES,
    t.REGION_NETWORK_FIREWALL_POLICY_WITH_RULES,
)

WORDS: Final = (
    Words(
        (t.SUBNETWORK,),
        "purpose",
        (
            "PRIVATE",
            "REGIONAL_MANAGED_PROXY",
            "GLOBAL_MANAGED_PROXY",
            "PRIVATE_SERVICE_CONNECT",
            "PEER_MIGRATION",
            "PRIVATE_NAT",
            "INTERNAL_HTTPS_LOAD_BALANCER",
            "PRIVATE_RFC_1918",
            "CUSTOM_HARDWARE_LINK",
            "CLOUD_EXTENSION",
            "AGGREGATE",
        ),
    ),
    Words(_RULES, "action", _ACTIONS),
    Words(_LISTS_OF_RULES, "action", _ACTIONS, "rules"),
    Words(
        (t.REGION_INSTANCE_GROUP_MANAGER,),
        "distributionPolicyTargetShape",
        ("EVEN", "BALANCED", "ANY", "ANY_SINGLE_ZONE"),
    ),
    *(
        # The provider's own list has a third word, for named ports, that no load balancer can do.
        Words(t.HEALTH_CHECKS, f"{block}.portSpecification", ("USE_FIXED_PORT", "USE_SERVING_PORT"))
        for block in PROBE_BLOCKS
    ),
    Words((t.BUCKET,), "rpo", ("DEFAULT", "ASYNC_TURBO")),
    Words((t.BUCKET,), "publicAccessPrevention", ("inherited", "enforced", "unspecified")),
)
"""What the API's reference lists, where neither the provider's schema nor its plan does."""

_OF_TYPE: Final = by_type(WORDS)


@rule(
    severity=Severity.HIGH,
    # Advisory: Google Cloud adds words, and a new one must not stop anybody before this pack has learnt it.
    level=Level.ADVISORY,
    subjects=tuple(_OF_TYPE),
    fix="Write one of the words that the property takes, as they are written there: preview takes any text, the API "
    "does not.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
)
def value_known(resource: Resource) -> Findings:
    """Words that name a purpose, an action or a mode are ones that Google Cloud knows."""
    for words in _OF_TYPE[resource.type]:
        try:
            for holder in holders(resource, words.blocks):
                yield from _judged(holder, words)
        except Undecided as unknown:
            yield unknown


def _judged(holder: Reader, words: Words) -> Findings:
    try:
        # What is left out has its default; what the provider works out is known to Google Cloud.
        text = holder.text(words.path) if holder.is_set(words.path) else None
        if text and text not in words.known:
            yield holder.finding(words.path, expected=_expected(text, words.known), found=f"`{text}`")
    except Undecided as unknown:
        yield unknown


def _expected(text: str, known: tuple[str, ...]) -> str:
    by_lower = {word.lower(): word for word in known}
    from difflib import get_close_matches  # only for mistakes: every start would pay for it

    close = get_close_matches(text.lower(), by_lower, n=1)
    return f"{by_lower[close[0]]}, presumably" if close else " or ".join(known)
