"""Every program on the page of a rule gives exactly the verdict that its heading promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policypack.engine.verdict import Status
from policypack.model.graph import Address
from policypack.model.resource import Reader
from policypack.rules.registry import all_rules
from tests.rules.judging import judge, record_program
from tests.rules.pages import PROSE, Page, Program, all_pages
from tests.rules.schema import has_property

if TYPE_CHECKING:
    from pathlib import Path

    from policypack.model.values import Value
    from tests.rules.farm import Farm

PLACES = {"project", "region", "zone", "location"}
"""What is asked of every resource, to know where it is."""
ALIKE = {("gcp:compute/firewall:Firewall", "targetType")}
"""What a view asks of all its kinds alike, though not each has it."""

PAGES = all_pages()
PROGRAMS = [program for page in PAGES for program in page.programs]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """Collects type and path of everything that is read of a resource of the provider."""
    found: set[tuple[str, str]] = set()
    value, is_set = Reader._value, Reader.is_set

    def note(reader: Reader, path: str) -> None:
        resource = reader._place()[0]
        if resource.type.startswith("gcp:") and reader.full(path):
            found.add((resource.type, reader.full(path)))

    def noting_value(reader: Reader, path: str) -> Value:
        note(reader, path)
        return value(reader, path)

    def noting_is_set(reader: Reader, path: str) -> bool:
        note(reader, path)
        return is_set(reader, path)

    monkeypatch.setattr(Reader, "_value", noting_value)
    monkeypatch.setattr(Reader, "is_set", noting_is_set)
    return found


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.name)
def test_program_gives_the_promised_verdict_and_breaks_no_rule(
    program: Program, farm: Farm, tmp_path: Path, reads: set[tuple[str, str]]
) -> None:
    where = f"{program.rule.page}:{program.line}"
    deployment = record_program(program.source, farm, tmp_path)
    deployment.graph.find(Address("nothing", "nobody"))
    reads.clear()  # what the graph reads of everything, to know its names, is not read by rules
    judgement = judge(deployment)
    said = [
        (verdict.urn, verdict.status.value, verdict.findings, verdict.undecided, verdict.reason)
        for verdict in judgement.of_rule.get(program.rule.name, ())
    ]
    assert judgement.status(program.rule) is program.verdict, f"{where}: {said}"
    assert [(verdict.rule.name, verdict.crash) for verdict in judgement.with_status(Status.ERROR)] == [], where
    wrong = {read for read in reads - ALIKE if read[1] not in PLACES and not has_property(*read)}
    assert wrong == set(), "rules read what the provider does not have"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path.stem)
class TestPage:
    def test_title_is_the_name_of_the_module(self, page: Page) -> None:
        assert page.title == page.path.stem.replace("_", "-")

    def test_first_paragraph_is_the_description(self, page: Page) -> None:
        if len(page.rules) == 1:
            assert page.description == page.rules[0].description
        else:
            assert page.description

    def test_it_has_every_section_of_prose_once_and_in_order(self, page: Page) -> None:
        assert [section.heading for section in page.sections if not section.code] == [*PROSE]

    def test_no_section_is_empty(self, page: Page) -> None:
        assert [section.heading for section in page.sections if not section.text and not section.code] == []

    def test_code_stands_only_below_headings_that_promise_a_verdict(self, page: Page) -> None:
        with_code = [section.heading for section in page.sections if section.code]
        assert with_code == [program.heading for program in page.programs]

    def test_every_rule_on_it_has_a_program_that_violates_and_one_that_complies(self, page: Page) -> None:
        promised = {(program.rule.name, program.verdict) for program in page.programs}
        wanted = {(rule.name, verdict) for rule in page.rules for verdict in (Status.FAIL, Status.PASS)}
        assert wanted - promised == set()

    def test_headings_differ(self, page: Page) -> None:
        headings = [section.heading for section in page.sections]
        assert sorted(headings) == sorted(set(headings))

    def test_sources_are_titles_and_no_addresses(self, page: Page) -> None:
        assert "http" not in page.sections[-1].text

    def test_rules_it_mentions_exist(self, page: Page) -> None:
        known = {name for rule in all_rules() for name in (rule.name, *rule.aliases)}
        assert {word for word in page.quoted if word.islower() and word.count("-") >= 2} - known == set()
