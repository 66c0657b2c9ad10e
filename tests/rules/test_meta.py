"""What is true of every rule."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import policypack.rules
from policypack.rules.contract import Elements, Level, Phase, Rule, Severity
from policypack.rules.registry import all_rules

RULES = all_rules()
AREAS = Path(policypack.rules.__file__).parent

CONTROL_IDS = {
    "CIS GCP 4.0": r"\d+(\.\d+)+",
    "CIS GCP 5.0": r"\d+(\.\d+)+",
    "NIST 800-53 r5": r"[A-Z]{2}-\d+(\(\d+\))?",
    "ISO 27001:2022": r"A\.[5-8]\.\d+",
    "PCI DSS 4.0": r"\d+(\.\d+)+",
}
"""Framework, to the form its control ids have."""

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)


def test_names_and_aliases_are_unique() -> None:
    names = [name for rule in RULES for name in (rule.name, *rule.aliases)]
    assert sorted(names) == sorted(set(names))


def test_every_module_holds_a_rule() -> None:
    modules = {path for path in AREAS.glob("*/*.py") if not path.name.startswith("_")}
    assert modules == {rule.module for rule in RULES}


def test_every_page_belongs_to_a_rule() -> None:
    assert set(AREAS.glob("*/*.md")) == {rule.page for rule in RULES}


def test_every_area_says_what_it_is_about() -> None:
    areas = {path.parent for path in AREAS.glob("*/__init__.py")}
    assert [area.name for area in areas if not (area / "__init__.py").read_text(encoding="utf-8").strip()] == []


MILDER = {
    "capacity-survives-region-loss": "a small second region can be a choice that was made knowingly",
    "value-known": "Google Cloud adds words that a version of the pack does not know yet",
}
"""Grave rules that are advisory all the same, with the reason."""


@every_rule
class TestRule:
    def test_name_is_words_with_hyphens(self, rule: Rule) -> None:
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", rule.name)

    def test_its_module_has_its_name_or_holds_a_family(self, rule: Rule) -> None:
        family = re.search(r"^RULES\b", rule.module.read_text(encoding="utf-8"), re.MULTILINE)
        assert family or rule.module.stem == rule.name.replace("-", "_")

    def test_area_is_the_folder(self, rule: Rule) -> None:
        assert rule.area == rule.module.parent.name

    def test_description_is_one_sentence(self, rule: Rule) -> None:
        assert rule.description[:1].isupper()
        assert rule.description.endswith(".")
        assert "\n" not in rule.description

    def test_description_is_short_enough_for_a_table(self, rule: Rule) -> None:
        assert 10 <= len(rule.description) <= 110

    def test_fix_says_what_to_do(self, rule: Rule) -> None:
        assert rule.fix[:1].isupper()
        assert rule.fix.endswith(".")

    def test_level_follows_from_severity_unless_opt_in(self, rule: Rule) -> None:
        grave = rule.severity in {Severity.CRITICAL, Severity.HIGH}
        usual = Level.MANDATORY if grave and rule.name not in MILDER else Level.ADVISORY
        assert rule.level is (Level.DISABLED if rule.opt_in else usual)

    def test_controls_have_known_frameworks_and_well_formed_ids(self, rule: Rule) -> None:
        wrong = [
            (framework, control)
            for framework, controls in rule.controls.items()
            for control in controls
            if not re.fullmatch(CONTROL_IDS.get(framework, "-"), control)
        ]
        assert wrong == []

    def test_controls_are_sorted_and_single(self, rule: Rule) -> None:
        for controls in rule.controls.values():
            assert list(controls) == sorted(set(controls), key=_in_order)

    def test_it_has_a_page(self, rule: Rule) -> None:
        assert rule.page.is_file()

    def test_parameters_have_a_sentence_and_a_default_of_their_type(self, rule: Rule) -> None:
        for parameter in rule.parameters:
            assert parameter.about.description.endswith(".")
            assert isinstance(parameter.default, list if parameter.type_name == "list of texts" else parameter.type)

    def test_defaults_lie_within_their_limits(self, rule: Rule) -> None:
        for parameter in rule.parameters:
            about = parameter.about
            if isinstance(parameter.default, (int, float)) and not isinstance(parameter.default, bool):
                assert about.minimum is None or parameter.default >= about.minimum
                assert about.maximum is None or parameter.default <= about.maximum
            if about.choices:
                chosen = parameter.default if isinstance(parameter.default, list) else [parameter.default]
                assert set(chosen) <= set(about.choices)

    def test_resource_rules_name_types_of_the_provider(self, rule: Rule) -> None:
        assert rule.phase is Phase.STACK or all(token.startswith("gcp:") for token in rule.types)

    def test_subjects_differ(self, rule: Rule) -> None:
        plain = [subject for subject in rule.subjects if not isinstance(subject, Elements)]
        assert len(plain) == len(set(plain))


def _in_order(control: str) -> list[tuple[int, str]]:
    """Order ids as people do: A.5.14 before A.8.6 before A.8.24."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.findall(r"\d+|[A-Z]+", control)]
