"""The former names of resources, as the engine would work them out."""

from __future__ import annotations

import pytest

from tests.sources.program.dry_run import Record, named

HERE = "urn:pulumi:dev::shop"
COMPONENT = """\
class C(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("a:b:C", name, None, opts)
"""


@pytest.mark.parametrize(
    ("alias", "expected"),
    [
        ('pulumi.Alias(name="old")', "{here}::{type}::old"),
        ('pulumi.Alias(stack="prod")', "urn:pulumi:prod::shop::{type}::a"),
        ('pulumi.Alias(project="store")', "urn:pulumi:dev::store::{type}::a"),
        ('pulumi.Alias(type_="gcp:x:Old")', "{here}::gcp:x:Old::a"),
        ('"urn:pulumi:dev::shop::gcp:x:Old::whole"', "{here}::gcp:x:Old::whole"),
    ],
)
def test_an_alias_of_a_resource_is_a_former_urn(record: Record, alias: str, expected: str) -> None:
    made = named(record(f"Made('a', opts=pulumi.ResourceOptions(aliases=[{alias}]))"), "a")
    assert made.options.aliases == (expected.format(here=HERE, type=made.type),)


def test_a_resource_without_aliases_has_no_former_urn(record: Record) -> None:
    assert named(record("Made('a')"), "a").options.aliases == ()


def test_a_resource_that_was_moved_into_a_component_has_the_urn_without_it(record: Record) -> None:
    options = "pulumi.ResourceOptions(parent=c, aliases=[pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)])"
    made = named(record(f"{COMPONENT}c = C('c')\nMade('a', opts={options})"), "a")
    assert made.options.aliases == (f"{HERE}::{made.type}::a",)


def test_children_of_a_renamed_component_move_with_it(record: Record) -> None:
    component = "c = C('new', pulumi.ResourceOptions(aliases=[pulumi.Alias(name='old')]))"
    run = record(f"{COMPONENT}{component}\nMade('new-disk', opts=pulumi.ResourceOptions(parent=c))")
    made = named(run, "new-disk")
    assert made.options.aliases == (f"{HERE}::a:b:C${made.type}::old-disk",)
