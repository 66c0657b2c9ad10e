"""The page of a rule, with its generated parts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from policypack.reports.rule_pages import rule_page
from policypack.rules.contract import FromParameter, Rule
from policypack.rules.remedy import Remedy
from tests.reports.scripted import colour_is_good, label_is_good, size_is_good, weight_is_good

WRITTEN = "# Colours\n\n## Why it matters\n\nIt does.\n\n## What it does not see\n\nThe night.\n"


def page(rule: Rule, tmp_path: Path, written: str = WRITTEN) -> str:
    (tmp_path / "page.md").write_text(written, encoding="utf-8")
    return rule_page(replace(rule, file=str(tmp_path / "page.py")))


def test_parameters_and_controls_stand_before_what_the_rule_does_not_see(tmp_path: Path) -> None:
    assert (
        page(colour_is_good, tmp_path)
        == """\
# Colours

*Severity critical; mandatory by default; judges each resource by itself; area reports.*

## Why it matters

It does.

## Parameters

| parameter | type | default | what it is |
|---|---|---|---|
| `shade` | whole number | `3` | Shade to look for; at least 1. |

## Controls

- CIS: 1.2, 1.3

## What it does not see

The night.
"""
    )


def test_a_page_without_closing_sections_gets_the_generated_ones_at_its_end(tmp_path: Path) -> None:
    assert page(size_is_good, tmp_path, "# Size\n\nText.\n").endswith("Text.\n\n## Parameters\n\nNone.\n")


def test_other_names_of_a_rule_are_told(tmp_path: Path) -> None:
    assert "also called title-is-good" in page(label_is_good, tmp_path)


def test_an_opt_in_rule_says_that_it_is_off(tmp_path: Path) -> None:
    assert "off unless a configuration names it" in page(weight_is_good, tmp_path)


def test_a_rule_with_one_right_answer_says_what_to_write(tmp_path: Path) -> None:
    remedy: Remedy = {"colour": "red", "shade": FromParameter("shade", 2)}
    assert (
        "## What to write\n\n"
        '- `colour`: `"red"`\n'
        "- `shade`: `3` (parameter `shade`)\n\n"
        "Level `remediate` writes it before the deployment.\n"
    ) in page(replace(colour_is_good, remedy=remedy), tmp_path)


def test_a_rule_that_leaves_a_choice_says_nothing_of_it(tmp_path: Path) -> None:
    assert "What to write" not in page(colour_is_good, tmp_path)
