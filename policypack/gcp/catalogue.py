"""What the graph must be told about Google Cloud to resolve references."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.gcp.addresses import (
    EMAIL_COLLECTION,
    IP_ADDRESSES,
    addresses_of,
    email_of,
    is_ip_address,
    project_of,
    read_name,
    read_url,
)
from policypack.gcp.locations import GLOBAL, is_region, region_of_zone
from policypack.gcp.references import REFERENCES, Reference
from policypack.gcp.schemes import SCHEMES, TYPES_BY_COLLECTION, Scope
from policypack.model.graph import Address, Catalogue, External
from policypack.model.records import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policypack.model.resource import Resource

GOOGLE_API_BUNDLES: Final = frozenset({"all-apis", "vpc-sc"})
"""Targets of a forwarding rule that stand for Google's own APIs."""

CERTIFICATE_MAP_HOST: Final = "//certificatemanager.googleapis.com/"
"""What has to stand before the id of a certificate map in a proxy; the API takes no id without it."""

_GROUPS: Final = "instanceGroups"
_MANAGERS: Final = "instanceGroupManagers"


def is_google_api(text: str) -> bool:
    """Tell whether a reference means an API of Google's own: a bundle, or a host name of one API."""
    return text in GOOGLE_API_BUNDLES or ("/" not in text and text.endswith(".googleapis.com"))


@functools.cache
def _table(type_token: str) -> dict[str, Reference]:
    return {reference.path: reference for reference in REFERENCES.get(type_token, ())}


@functools.cache
def _paths(type_token: str) -> tuple[str, ...]:
    return tuple(_table(type_token))


@functools.cache
def _fitting(type_token: str, path: str) -> frozenset[str]:
    reference = _table(type_token).get(path)
    return frozenset(reference.types) if reference else frozenset()


@functools.cache
def _collections(reference: Reference) -> frozenset[str]:
    collections = frozenset(SCHEMES[token].collection for token in reference.types)
    if t.INSTANCE_GROUP in reference.types:
        # A manager is a backend by the URL of its group; the API refuses the manager's own.
        return collections - {_MANAGERS}
    return collections | {_GROUPS} if _MANAGERS in collections else collections


class GoogleCloud:
    """The catalogue of Google Cloud's types and references."""

    def fitting(self, type_token: str, path: str) -> frozenset[str]:
        """Give the types a reference property can point at; empty if the property is no reference."""
        return _fitting(type_token, path)

    def references(self, type_token: str) -> Sequence[str]:
        """List the reference properties of a type, as patterns: `backends[].group`."""
        return _paths(type_token)

    def repeats(self, type_token: str, path: str) -> bool:
        """Tell whether several places of a reference property may well name the same thing."""
        reference = _table(type_token).get(path)
        return reference is not None and reference.repeats

    def addresses(self, resource: Resource) -> Iterable[Address]:
        """Give every address by which a resource can be referred to, as far as they are known."""
        return addresses_of(resource)

    def parse(self, text: str, type_token: str, path: str, resource: Resource) -> Address | External | None:
        """Read a reference: an address, something that is never of the stack, or None if the API cannot take it."""
        reference = _table(type_token).get(path)
        if reference is None:
            return None
        if t.SERVICE_ACCOUNT in reference.types:
            email = email_of(text)
            # "default" and numeric ids mean accounts, too, that no stack makes.
            return External(text, t.SERVICE_ACCOUNT) if email is None else Address(EMAIL_COLLECTION, email)
        if t.ADDRESS in reference.types and is_ip_address(text):
            return Address(IP_ADDRESSES, text)
        if reference.google and is_google_api(text):
            return External(text)
        if path == "certificateMap" and text.startswith("projects/"):
            return None
        address = read_url(text)
        if address is None:
            return read_name(text, reference.types, resource) if reference.bare else None
        if address.collection not in _collections(reference) and address.collection in TYPES_BY_COLLECTION:
            return None
        if address.project is None and "projects/" not in text:
            address = replace(address, project=project_of(resource))
        return address

    def type_at(self, address: Address) -> str | None:
        """Give the type that things at an address have; None if that cannot be told."""
        scope = _scope(address.location)
        tokens = sorted(TYPES_BY_COLLECTION.get(address.collection, ()))
        found = [token for token in tokens if scope is None or SCHEMES[token].scope in {scope, Scope.LOCATION}]
        if address.collection == "instanceGroups" and scope is Scope.REGION:
            return t.REGION_INSTANCE_GROUP_MANAGER
        if len(found) == 1 or (found and scope is not None):
            return found[0]
        return tokens[0] if len(tokens) == 1 else None


def _scope(location: str | None) -> Scope | None:
    if location is None:
        return None
    if location == GLOBAL:
        return Scope.GLOBAL
    if region_of_zone(location) is not None:
        return Scope.ZONE
    return Scope.REGION if is_region(location) else None


CATALOGUE: Final[Catalogue] = GoogleCloud()
