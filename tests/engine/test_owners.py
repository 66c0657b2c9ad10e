"""Who owns a stack."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from policypack.engine.owners import Owner, OwnerBook, OwnerEntry
from policypack.engine.settings import from_document
from policypack.model.resource import Provider, Resource
from policypack.model.values import UNKNOWN, Secret
from tests.engine.fakes import thing


def labelled(name: str, **labels: Any) -> Resource:
    return thing(name, labels=labels)


def owner(
    *resources: Resource, tags: Mapping[str, str] | None = None, book: OwnerBook | None = None
) -> tuple[str, str]:
    found = (book or OwnerBook()).owner_of("shop", "prod", tags=tags or {}, resources=resources)
    return found.name, found.source


def test_nobody_owns_a_stack_of_which_nothing_says_so() -> None:
    assert OwnerBook().owner_of("shop", "prod", tags={}) == Owner("", "")


def test_a_tag_names_the_owner() -> None:
    assert owner(tags={"Team": "web"}) == ("web", "tag")


def test_of_two_tags_the_first_key_counts() -> None:
    assert owner(tags={"team": "web", "owner": "sara"}) == ("sara", "tag")


def test_a_tag_is_stronger_than_labels() -> None:
    assert owner(labelled("a", owner="data"), tags={"owner": "web"}) == ("web", "tag")


def test_the_configuration_is_stronger_than_a_tag() -> None:
    book = OwnerBook((OwnerEntry(("sh*",), (), "platform"),))
    assert owner(tags={"owner": "web"}, book=book) == ("platform", "configuration")


def test_the_first_entry_that_fits_counts() -> None:
    entries = [OwnerEntry(("bank",), (), "x"), OwnerEntry((), ("prod",), "first"), OwnerEntry(("*",), (), "second")]
    assert owner(book=OwnerBook(tuple(entries))) == ("first", "configuration")


@pytest.mark.parametrize(("projects", "stacks"), [(("shop",), ("dev",)), (("bank",), ("prod",))])
def test_an_entry_with_projects_and_stacks_needs_both(projects: tuple[str, ...], stacks: tuple[str, ...]) -> None:
    assert owner(book=OwnerBook((OwnerEntry(projects, stacks, "x"),))) == ("", "")


def test_the_owner_that_most_resources_name_counts() -> None:
    resources = [labelled("a", owner="web"), labelled("b", team="data"), labelled("c", owner="data")]
    assert owner(*resources) == ("data", "label")


def test_of_owners_that_are_named_as_often_the_first_by_name_counts() -> None:
    assert owner(labelled("a", owner="web"), labelled("b", owner="data")) == ("data", "label")


def test_labels_that_a_provider_gives_to_everything_count_where_a_resource_has_none() -> None:
    provider = Provider(inputs={"defaultLabels": json.dumps({"team": "web"})})
    assert owner(replace(thing("a"), provider=provider)) == ("web", "label")


@pytest.mark.parametrize(
    "labels",
    [UNKNOWN, Secret({"owner": "web"}), {"owner": Secret("web")}, "owner", ["owner"], {"owner": UNKNOWN}, None],
)
def test_labels_that_are_no_plain_labels_name_nobody(labels: Any) -> None:
    assert owner(thing("a", labels=labels)) == ("", "")


@pytest.mark.parametrize("given", ["no JSON", "[" * 100_000, "7", UNKNOWN])
def test_labels_of_a_provider_that_are_no_labels_name_nobody(given: Any) -> None:
    assert owner(replace(thing("a"), provider=Provider(inputs={"defaultLabels": given}))) == ("", "")


def test_the_configuration_says_which_keys_count() -> None:
    settings = from_document({"guard": {"ownerKeys": ["cost-centre"]}}, ())
    assert owner(tags={"owner": "sara", "Cost-Centre": "4711"}, book=settings.owners) == ("4711", "tag")


def test_the_configuration_names_owners_by_globs() -> None:
    document = {"guard": {"owners": [{"projects": ["bank", "sh?p"], "stacks": "pr*", "owner": " platform "}]}}
    assert owner(book=from_document(document, ()).owners) == ("platform", "configuration")


def test_an_entry_with_a_mistake_names_nobody() -> None:
    document = {"guard": {"owners": [{"projects": "*", "stack": "dev", "owner": "platform"}]}}
    settings = from_document(document, ())
    assert len(settings.problems) == 1
    assert owner(book=settings.owners) == ("", "")
