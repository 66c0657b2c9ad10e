"""Who may use keys of Cloud KMS, as far as the stack says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.model.logic import Undecided
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT, Element

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policypack.model.graph import Graph
    from policypack.model.resource import Resource

KEY_GRANTS: Final = (t.CRYPTO_KEY_MEMBER, t.CRYPTO_KEY_BINDING)
RING_GRANTS: Final = (t.KEY_RING_MEMBER, t.KEY_RING_BINDING)
_WIDE_GRANTS: Final = (
    t.PROJECT_MEMBER,
    t.PROJECT_BINDING,
    t.FOLDER_MEMBER,
    t.FOLDER_BINDING,
    t.ORGANIZATION_MEMBER,
    t.ORGANIZATION_BINDING,
)
GRANTS: Final = (*KEY_GRANTS, *RING_GRANTS, *_WIDE_GRANTS)
"""Resources that let somebody do something with a key, with all keys of a ring, or with all of a project and above."""

_WIDE_POLICIES: Final = (t.PROJECT_POLICY, t.FOLDER_POLICY, t.ORGANIZATION_POLICY)
WHOLE_POLICIES: Final = (t.CRYPTO_KEY_POLICY, t.KEY_RING_POLICY, *_WIDE_POLICIES)
"""Resources that say so of everybody at once, in a document that is not read here."""

AGENTS: Final[Mapping[str, str]] = {
    t.DISK: "compute-system",
    t.REGION_DISK: "compute-system",
    t.INSTANCE: "compute-system",
    t.INSTANCE_TEMPLATE: "compute-system",
    t.REGION_INSTANCE_TEMPLATE: "compute-system",
    t.BUCKET: "gs-project-accounts",
    t.SECRET: "gcp-sa-secretmanager",
    t.REGIONAL_SECRET: "gcp-sa-secretmanager",
    t.REPOSITORY: "gcp-sa-artifactregistry",
    t.AI_ENDPOINT: "gcp-sa-aiplatform",
}
"""Type of what is encrypted, to the domain of the service agent that uses the key for it."""

_SERVICES: Final[Mapping[str, str]] = {
    "compute.googleapis.com": "compute-system",
    "storage.googleapis.com": "gs-project-accounts",
    "storage-api.googleapis.com": "gs-project-accounts",
    "storage-component.googleapis.com": "gs-project-accounts",
    "secretmanager.googleapis.com": "gcp-sa-secretmanager",
    "artifactregistry.googleapis.com": "gcp-sa-artifactregistry",
    "aiplatform.googleapis.com": "gcp-sa-aiplatform",
    "pubsub.googleapis.com": "gcp-sa-pubsub",
}
"""Service, to the domain of its agent."""

USERS: Final = frozenset(
    {
        "roles/cloudkms.cryptoKeyEncrypterDecrypter",
        "roles/cloudkms.cryptoKeyEncrypterDecrypterViaDelegation",
        "roles/cloudkms.cryptoOperator",
        "roles/owner",
    }
)
"""Predefined roles that allow to encrypt and to decrypt."""

_HALF: Final = "roles/cloudkms.cryptoKey{}crypter"
HALVES: Final = tuple(frozenset({_HALF.format(half), f"{_HALF.format(half)}ViaDelegation"}) for half in ("En", "De"))
"""Predefined roles that allow one of the two only; an account with one of each kind may do both."""

_PEOPLE: Final = ("serviceAccount:", "user:", "deleted:")
_EVERYBODY: Final = ("allUsers", "allAuthenticatedUsers")


def grants_on(graph: Graph, key: Resource) -> Iterator[tuple[Resource, bool]]:
    """Give what the stack grants on a key, its ring and on projects and above; and whether that is surely about it."""
    rings = graph.references(key, "keyRing").resources()
    for holder, sure in ((key, True), *((ring, ring in rings.certain) for ring in sorted(rings.possible, key=_urn))):
        for owner, path in graph.referrers(holder):
            if owner.type in (*GRANTS, *WHOLE_POLICIES):
                yield owner, sure and holder in graph.references(owner, path).resources().certain
    # An account that may use all keys of a project may use this one; whose project that is is not compared.
    yield from ((owner, True) for owner in graph.of_type(*_WIDE_GRANTS, *_WIDE_POLICIES))


def lets_use(graph: Graph, grant: Resource, agent: str, roles: frozenset[str] = USERS) -> bool:
    """Tell whether a grant lets the service agent of a domain, whatever its project, use a key.

    Args:
        graph: All resources of the stack.
        grant: The grant.
        agent: Domain of the service agent.
        roles: Predefined roles that let it do what is asked for. Roles of the customer's own are taken to do so.

    Raises:
        Undecided: Role or member is not known, or the member may be a group that the agent is in.
    """
    if grant.type in WHOLE_POLICIES:
        raise Undecided(grant.urn, "policyData", "a policy that is written as a whole is not read here")
    role = grant.peek("role")
    if isinstance(role, str) and role.startswith("roles/") and role not in roles:
        return False
    doubt: Undecided | None = None
    for member in _members(grant):
        try:
            if _is_agent(graph, grant, member, agent):
                grant.text("role")
                return True
        except Undecided as why:
            doubt = doubt or why
    if doubt is not None:
        raise doubt
    return False


def _members(grant: Resource) -> list[Element]:
    if "members" in grant.properties:
        return grant.elements("members")
    return [Element(grant, "member")]


def _is_agent(graph: Graph, grant: Resource, member: Element, agent: str) -> bool:
    text = member.peek()
    if isinstance(text, str):
        if f"@{agent}." in text or text in _EVERYBODY:
            return True
        if text.startswith(_PEOPLE):
            return False
        raise Undecided(grant.urn, member.prefix, f"the service agent may be in {text}")
    made_from = [graph.by_urn.get(urn) for urn in grant.property_dependencies.get(member.prefix.split("[")[0], ())]
    domains = {_domain(one) for one in made_from}
    if not domains or None in domains:
        raise Undecided(grant.urn, member.prefix, KNOWN_AFTER_DEPLOYMENT)
    if domains == {agent}:
        return True
    if agent in domains:
        raise Undecided(grant.urn, member.prefix, KNOWN_AFTER_DEPLOYMENT)
    return False


def _domain(account: Resource | None) -> str | None:
    """Give the domain of the account that a member is made from, "" for an account of the stack; None if unknown."""
    if account is None or account.external:
        return None
    if account.type == t.SERVICE_ACCOUNT:
        return ""
    if account.type == t.SERVICE_IDENTITY:
        service = account.peek("service")
        return _SERVICES.get(service, "") if isinstance(service, str) else None
    return None


def _urn(resource: Resource) -> str:
    return resource.urn
