"""What people read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from policypack import __version__
from policypack.model.resource import Resource
from policypack.model.values import UNKNOWN
from policypack.reports.layout import LINES
from policypack.reports.text import text_report
from policypack.topology.tree import Node
from tests.reports.scripted import made, report, secret


def text(*resources: Resource, **chosen: Any) -> str:
    return text_report(report(*resources, **chosen)).plain()


def test_a_small_report_reads_from_what_was_judged_to_the_verdict() -> None:
    shown = text(
        made("one", line=7, colour="red", size="good"),
        made("two", line=3, colour="red", label="dull"),
        load_balancers=[Node("front door", "frontend", "", (Node("europe-west1", "region", "", ()),))],
        notes=["one secret could not be read"],
    )
    assert (
        shown
        == f"""\
multiregion-guard {__version__}

  test, stack dev  shop
  2 resources, judged by a dry run of the program: no cloud, no account

Load balancers
  front door
  `- europe-west1

Rules
  2 failed, 0 undecided, 1 passed, 0 not applicable, 1 switched off

Mandatory findings (2)

  critical  colour-is-good
    Things have a good colour.
    __main__.py:3  two (Thing)
      colour: red is not good
    __main__.py:7  one (Thing)
      colour: red is not good
    expected: a good colour
    fix:      Paint it.
    more:     multiregion-guard explain colour-is-good

Advisory findings (1)

  low  label-is-good
    Things have a good label.
    __main__.py:3  two (Thing)
      label: dull is not good
    expected: a good label
    fix:      Relabel it.
    more:     multiregion-guard explain label-is-good

About this run
  one secret could not be read

Failed: 2 mandatory findings, 1 advisory finding.  1.2 s
"""
    )


def test_two_runs_over_resources_in_another_order_give_the_same_text() -> None:
    things = [made("a", colour="red"), made("b", size="odd"), made("c", label="dull", colour="red")]
    assert text(*things) == text(*reversed(things))


def test_a_clean_stack_passes_in_one_word() -> None:
    assert "\nPassed.  1.2 s\n" in text(made("one", colour="good", size="good", label="good"))


def test_advisory_findings_do_not_fail() -> None:
    assert "\nPassed, with 1 advisory finding.  1.2 s\n" in text(made("one", colour="good", label="dull"))


def test_an_empty_stack_is_nothing_to_judge() -> None:
    assert "\nNothing to judge: the stack manages no resource.  1.2 s\n" in text()


def test_a_stack_that_no_rule_looks_at_says_so() -> None:
    assert "\nPassed: no rule applies to what is there.  1.2 s\n" in text(made("one", weight="odd"))


def test_graver_rules_come_first() -> None:
    shown = text(made("one", colour="red", size="odd"))
    assert shown.index("colour-is-good") < shown.index("size-is-good")


def test_an_undecided_rule_is_said_once_with_what_would_decide_it() -> None:
    shown = text(made("one", size=UNKNOWN), made("two", size=UNKNOWN))
    assert shown.count("size-is-good") == 1
    assert "Undecided (1 rule, advisory)" in shown
    assert "one.size: its value is known only after deployment" in shown
    assert "two.size: its value is known only after deployment" in shown


def test_many_unknown_values_are_counted_after_the_first_few() -> None:
    shown = text(*(made(f"t{number}", size=UNKNOWN) for number in range(9)))
    assert shown.count("its value is known") == 3
    assert "and 6 more" in shown


def test_open_questions_of_a_rule_that_failed_stand_with_its_findings() -> None:
    shown = text(made("one", size="odd"), made("two", size=UNKNOWN))
    assert "1 more question of this rule cannot be answered yet:" in shown
    assert "Undecided (" not in shown


def test_ignored_undecided_rules_are_counted_only() -> None:
    shown = text(made("one", size=UNKNOWN), config={"guard": {"onUndecided": "ignore"}})
    assert "1 undecided" in shown
    assert "its value is known" not in shown


def test_undecided_rules_fail_if_the_configuration_says_so() -> None:
    shown = text(made("one", size=UNKNOWN), config={"guard": {"onUndecided": "fail"}})
    assert "Undecided (1 rule, mandatory)" in shown
    assert "\nFailed: 1 rule undecided." in shown


def test_a_broken_rule_is_shown_with_its_place_in_the_pack() -> None:
    shown = text(made("one", size="crash"))
    assert "Rules that broke (advisory)" in shown
    assert "size-is-good: the rule broke on one: KeyError: 'size' at tests/reports/scripted.py:" in " ".join(
        shown.split()
    )


def test_mistakes_in_the_configuration_name_the_key_and_the_near_match() -> None:
    shown = text(made("one", size="good"), config={"size-is-god": "advisory"})
    assert "Mistakes in the policy configuration (mandatory)" in shown
    assert "size-is-god: there is no such rule; did you mean size-is-good?" in shown
    assert "\nFailed: 1 mistake in the policy configuration." in shown


def test_positions_inside_the_current_folder_are_relative_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_there = report(made("one", line=7, colour="red"))
    monkeypatch.chdir(tmp_path)
    here = replace(made_there, origin=replace(made_there.origin, directory=tmp_path / "stacks" / "shop"))
    assert f"{Path('stacks/shop/__main__.py')}:7  one" in text_report(here).plain()


def test_secrets_are_masked_wherever_they_turn_up() -> None:
    shown = text(
        made("one", colour=secret("hunter2")),
        made("named-hunter2", size="odd"),
        notes=["the program said hunter2"],
        load_balancers=[Node("front door of hunter2", "frontend", "", ())],
    )
    assert "hunter2" not in shown
    assert "colour: [secret] is not good" in shown


def test_control_characters_cannot_reach_the_terminal() -> None:
    shown = text(made("one\x1b[2J", colour="\x1b]0;owned\x07"), made("two\u202e", size="odd\r\nPassed."))
    assert not any(sign in shown for sign in "\x1b\x07\r\u202e")
    assert "one\\x1b[2J" in shown
    assert "size: odd\\r\\nPassed. is not good" in shown


def test_long_names_are_never_broken() -> None:
    name = "a-very-long-name-" * 12
    assert f"{name} (Thing)" in text(made(name, colour="red"))


def test_long_prose_is_wrapped_at_the_width() -> None:
    shown = text_report(report(notes=["word " * 60]), width=60).plain()
    assert max(len(line) for line in shown.splitlines() if "word" in line) <= 60


def test_trees_are_drawn_with_lines_where_the_terminal_has_them() -> None:
    children = (Node("first", "x", "", (Node("below", "x", "", ()),)), Node("last", "x", "", ()))
    tree = report(load_balancers=[Node("front", "x", "", children)])
    assert "  front\n  ├─ first\n  │  └─ below\n  └─ last\n" in text_report(tree, branches=LINES).plain()


def test_a_finding_without_a_position_still_names_its_resource() -> None:
    assert "\n    one (Thing)\n      colour: red is not good\n" in text(made("one", colour="red"))


def test_a_pipe_gets_trees_in_ascii() -> None:
    assert "  front -> redirects to HTTPS\n" in text(load_balancers=[Node("front → redirects to HTTPS", "x", "", ())])


def test_a_long_line_of_a_tree_goes_on_beside_its_branches() -> None:
    long = Node("a → " * 20 + "end", "x", "", ())
    shown = text_report(report(load_balancers=[Node("front", "x", "", (long, long))]), width=60).plain()
    assert "  |- a -> a" in shown
    assert "\n  |    -> a -> a" in shown
    assert max(len(line) for line in shown.splitlines() if "->" in line) <= 60
