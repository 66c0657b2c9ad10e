"""Keys that the service which encrypts with them may not use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.gcp.types import INSTANCE
from policypack.model.logic import all_of, any_holds, any_of
from policypack.rules.contract import Findings, NotApplicable, Severity, Undecided, rule
from policypack.topology.key_grants import (
    AGENTS,
    GRANTS,
    HALVES,
    KEY_GRANTS,
    RING_GRANTS,
    USERS,
    WHOLE_POLICIES,
    grants_on,
    lets_use,
)
from policypack.topology.keys import KeyUse

if TYPE_CHECKING:
    from policypack.model.graph import Graph
    from policypack.model.values import Value
    from policypack.rules.contract import Resource


@rule(
    severity=Severity.MEDIUM,
    subjects=(KeyUse,),
    fix="Make a CryptoKeyIAMMember with role roles/cloudkms.cryptoKeyEncrypterDecrypter for the service agent of the "
    "service that stores the data, and let what is encrypted depend on it.",
    controls={"NIST 800-53 r5": ["CM-6"], "ISO 27001:2022": ["A.8.9"]},
    yields_to=("kms-key-location-matches-resource",),
    follows=(*GRANTS, *WHOLE_POLICIES),
)
def kms_service_agent_granted(use: KeyUse) -> Findings:
    """Service agents may use the keys of the stack that their services encrypt with."""
    agent = AGENTS.get(use.resource.type)
    if agent is None:
        raise NotApplicable("the account of its service is not known here")
    keys = use.key.resources()
    if not keys.possible and (use.key.externals or (use.key.known and not use.key.unknown)):
        raise NotApplicable("its key is not of this stack")
    if len(keys.certain) != 1 or keys.possible != keys.certain:
        raise keys.why()
    if _another_account(use):
        raise NotApplicable("it is encrypted by an account of its own choice, not by the service agent")
    key = next(iter(keys.certain))
    if any_holds(
        lambda: _granted(use, key, agent, USERS), lambda: all_of(HALVES, lambda half: _granted(use, key, agent, half))
    ):
        return
    _must_be_granted_here(use, key, agent)
    yield use.resource.finding(
        use.path,
        expected=f"a key that the service agent (of {agent}.iam.gserviceaccount.com) may use",
        found=f"`{key.name}`, which this stack lets it use nowhere",
    )


def _granted(use: KeyUse, key: Resource, agent: str, roles: frozenset[str]) -> bool:
    """Tell whether the stack gives the service agent one of some roles on a key."""
    answer = use.graph.once(_grant_of, key, agent, roles)
    if isinstance(answer, Undecided):
        raise answer
    return answer


def _grant_of(graph: Graph, key: Resource, agent: str, roles: frozenset[str]) -> bool | Undecided:
    try:
        return any_of(grants_on(graph, key), lambda found: _lets_use(graph, key, found, agent, roles))
    except Undecided as why:
        return why.with_traceback(None)


def _lets_use(graph: Graph, key: Resource, found: tuple[Resource, bool], agent: str, roles: frozenset[str]) -> bool:
    grant, sure = found
    if not lets_use(graph, grant, agent, roles):
        return False
    if not sure:
        raise Undecided(grant.urn, "cryptoKeyId", f"it may be about `{key.name}`")
    return True


def _another_account(use: KeyUse) -> bool:
    """Tell whether the program names an account that uses the key instead of the service agent."""
    block, _, last = use.path.rpartition(".")
    if last != "kmsKeySelfLink":
        return False
    beside = "diskEncryptionServiceAccount" if use.resource.type == INSTANCE else "kmsKeyServiceAccount"
    return use.resource.is_set(f"{block}.{beside}")


def _must_be_granted_here(use: KeyUse, key: Resource, agent: str) -> None:
    """Leave out stacks that leave the use of keys to others.

    Raises:
        NotApplicable: The stack lets no service agent use any key: that is done elsewhere.
        Undecided: A grant to the agent names a key, or a ring, by a text that may mean this one.
    """
    ring = use.graph.references(key, "keyRing")
    of_ring = {_last(key.peek("keyRing")), *(_last(one.peek("name")) for one in ring.resources().possible)}
    for grants, path, names in (
        (KEY_GRANTS, "cryptoKeyId", {_last(key.peek("name"))}),
        (RING_GRANTS, "keyRingId", of_ring),
    ):
        for grant in use.graph.of_type(*grants):
            text = grant.peek(path)
            if isinstance(text, str):
                may_mean = _last(text) in names
            else:
                # Nothing is known of either ring: it may well be one and the same.
                may_mean = path == "keyRingId" and ring.open and use.graph.references(grant, path).open
            if may_mean and lets_use(use.graph, grant, agent):
                what = text if isinstance(text, str) else "what it names"
                raise Undecided(grant.urn, path, f"{what} may be that of `{key.name}`")
    if not use.graph.once(_grants_any_agent):
        raise NotApplicable("this stack lets no service agent use a key: that is done elsewhere")


def _last(name: Value) -> str | None:
    """Give the last part of a name, which all ways to write it share."""
    return name.rpartition("/")[2] if isinstance(name, str) else None


def _grants_any_agent(graph: Graph) -> bool:
    return any(_grants_an_agent(graph, grant) for grant in graph.of_type(*GRANTS))


def _grants_an_agent(graph: Graph, grant: Resource) -> bool:
    try:
        return any_of(sorted(set(AGENTS.values())), lambda agent: lets_use(graph, grant, agent))
    except Undecided:
        return False
