"""Reads and writes the names of things: URLs, ids, e-mail addresses and bare names."""

from __future__ import annotations

import functools
import ipaddress
import re
from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.gcp.locations import GLOBAL, location_of, region_of
from policypack.gcp.schemes import SCHEMES, TYPES_BY_COLLECTION, Scope
from policypack.model.graph import Address
from policypack.model.values import reveal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policypack.model.resource import Resource

IP_ADDRESSES: Final = "ip"
"""Our own collection for literal IP addresses."""
EMAIL_COLLECTION: Final = "serviceAccounts"

# Expressions are compiled when they are used first: every start would pay for it.
_HOST: Final = (
    r"^(?:https?:)?//[^/]+/"
    r"(?:(?!projects/|organizations/|folders/|locations/)(?:[a-z]+/)?(?:v\d\w*|alpha|beta|staging_\w+)/)?"
)
_VERSIONED: Final = r"^(?:compute/)?(?:v\d\w*|alpha|beta)/(?=projects/)"
_PLACE_WORDS: Final = frozenset({"regions", "zones", "locations"})
_OWNER_WORDS: Final = frozenset({"organizations", "folders"})
_NAME: Final = r"^(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?|\d+)$"
_SEGMENT: Final = r"^[^\s/?#{}$]+$"


def is_bare_name(text: str) -> bool:
    """Tell whether a text has the form of a resource's name, as Compute Engine allows it, or of a generated id."""
    return re.match(_NAME, text) is not None


def is_ip_address(text: str) -> bool:
    """Tell whether a text is a literal IPv4 or IPv6 address, with or without a prefix length."""
    try:
        ipaddress.ip_interface(text)
    except ValueError:
        return False
    return True


def email_of(text: str) -> str | None:
    """Give the e-mail address in a reference to a service account; None if there is none.

    Reads `name@project.iam.gserviceaccount.com`, `serviceAccount:…` and `projects/p/serviceAccounts/…`.
    """
    name = text.rsplit("/", 1)[-1].removeprefix("serviceAccount:")
    return name.lower() if "@" in name else None


@functools.lru_cache(maxsize=4096)
def read_url(text: str) -> Address | None:
    """Read a full or partial URL or an id of a resource; None if the text is none of them.

    All of these name the same thing: `https://www.googleapis.com/compute/v1/projects/p/global/urlMaps/m`,
    `https://compute.googleapis.com/compute/beta/projects/p/global/urlMaps/m`, `projects/p/global/urlMaps/m` and, in
    project p, `global/urlMaps/m`. An address without a location or a project leaves it out. What follows a question
    mark (`?uniqueId=1`, in links to instance templates) says which of several of one name, one after the other.
    """
    path = re.sub(_VERSIONED, "", re.sub(_HOST, "", text.partition("?")[0], count=1), count=1)
    segments = path.split("/")
    if len(segments) < 2 or not all(re.match(_SEGMENT, segment) for segment in segments):
        return None
    project: str | None = None
    location: str | None = None
    pairs: list[tuple[str, str]] = []
    rest = iter(segments)
    for word in rest:
        if word == GLOBAL and not pairs:
            location = GLOBAL
            continue
        value = next(rest, None)
        if value is None:
            return None
        if word == "projects" and not pairs:
            # A project's number and its id mean the same project, and only the latter can be compared.
            project = None if value.isdigit() else value
        elif word in _PLACE_WORDS and not pairs:
            location = value
        elif word not in _OWNER_WORDS:
            pairs.append((word, value))
    return _address(pairs, location, project)


def _address(pairs: list[tuple[str, str]], location: str | None, project: str | None) -> Address | None:
    if pairs and pairs[-1][0] == "cryptoKeyVersions":
        pairs = pairs[:-1]
    if not pairs:
        return None
    collection, name = pairs[-1]
    if collection == "cryptoKeys" and len(pairs) > 1:
        name = f"{pairs[-2][1]}/{name}"
    return Address(collection, name, location, project)


def project_of(resource: Resource) -> str | None:
    """Give the project a resource belongs to: its own or its provider's; None if that cannot be known."""
    value = None if resource.blank else resource.peek("project")
    if value is None:
        value = reveal(resource.provider.inputs.get("project"))
    return value if isinstance(value, str) and value else None


def read_name(text: str, types: tuple[str, ...], owner: Resource) -> Address | None:
    """Read a bare name as the provider does: as one of the property's own kind, in the owner's scope.

    Args:
        text: The text.
        types: What the property can point at; the provider takes the first kind.
        owner: The resource that has the property.
    """
    if not is_bare_name(text):
        return None
    collection = SCHEMES[types[0]].collection
    scopes = {SCHEMES[token].scope for token in types if SCHEMES[token].collection == collection}
    own = location_of(owner)
    owner_scope = SCHEMES[owner.type].scope if owner.type in SCHEMES else Scope.GLOBAL
    location: str | None = GLOBAL
    if owner_scope in scopes:
        location = own
    elif Scope.GLOBAL not in scopes:
        # A subnetwork named by a zonal group lies in the region of the zone; a policy named by its rule in the rule's.
        region = region_of(owner)
        location = region if isinstance(region, str) and scopes & {Scope.REGION, Scope.LOCATION} else None
    return Address(collection, text, location, project_of(owner))


def addresses_of(resource: Resource) -> Iterator[Address]:
    """Give every address by which a resource can be referred to, as far as they are known now."""
    scheme = SCHEMES.get(resource.type)
    if scheme is None or (resource.blank and not isinstance(reveal(resource.id), str)):
        return
    seen: set[Address] = set()
    for address in (*_written(resource), *_named(resource)):
        for each in (address, *_other_names(resource, address)):
            if each not in seen:
                seen.add(each)
                yield each


def _written(resource: Resource) -> Iterator[Address]:
    """Read the addresses that the provider answered."""
    outputs = () if resource.blank else (resource.peek("id"), resource.peek("selfLink"), resource.peek("instanceGroup"))
    for text in (reveal(resource.id), *outputs):
        if isinstance(text, str) and resource.type != t.SERVICE_ACCOUNT:
            address = read_url(text)
            if address is not None and resource.type in TYPES_BY_COLLECTION.get(address.collection, ()):
                yield address
    if resource.blank:
        return
    if resource.type == t.SERVICE_ACCOUNT:
        for text in (reveal(resource.id), resource.peek("email"), resource.peek("member")):
            email = email_of(text) if isinstance(text, str) else None
            if email is not None:
                yield Address(EMAIL_COLLECTION, email)
    if resource.type in {t.ADDRESS, t.GLOBAL_ADDRESS}:
        literal = resource.peek("address")
        if isinstance(literal, str):
            yield Address(IP_ADDRESSES, literal)


def _named(resource: Resource) -> Iterator[Address]:
    """Put the address together from what the program gave."""
    if resource.blank:
        return
    scheme = SCHEMES[resource.type]
    project = project_of(resource)
    if resource.type == t.SERVICE_ACCOUNT:
        account = resource.peek("accountId")
        if isinstance(account, str) and project is not None:
            domain = ".".join(reversed(project.split(":")))
            yield Address(EMAIL_COLLECTION, f"{account}@{domain}.iam.gserviceaccount.com".lower())
        return
    name = resource.peek("name")
    if not isinstance(name, str) or scheme.scope is Scope.ORGANIZATION:
        return
    if resource.type == t.CRYPTO_KEY:
        ring = resource.peek("keyRing")
        address = read_url(ring) if isinstance(ring, str) else None
        if address is not None:
            yield Address(scheme.collection, f"{address.name}/{name}", address.location, address.project or project)
        return
    yield Address(scheme.collection, name, location_of(resource), project)


def _other_names(resource: Resource, address: Address) -> Iterator[Address]:
    """A group manager's group has the manager's name, and what runs a function of the second generation has its."""
    others: frozenset[str] = frozenset()
    if resource.type in t.INSTANCE_GROUP_MANAGERS:
        others = frozenset({"instanceGroups", "instanceGroupManagers"})
    elif resource.type == t.FUNCTION:
        others = frozenset({SCHEMES[t.CLOUD_RUN_SERVICE].collection})
    for collection in others - {address.collection}:
        yield Address(collection, address.name, address.location, address.project)
