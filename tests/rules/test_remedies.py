"""Every remedy settles what its rule finds on its own page, with names that the provider and its Python SDK have."""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from policypack.engine.deployment import laid_out
from policypack.engine.remedies import Change, change_for, with_changes
from policypack.engine.verdict import Status
from policypack.model.records import replace
from policypack.model.values import Value
from policypack.reports.hints import class_of, snake
from policypack.rules.contract import Rule
from policypack.rules.registry import all_rules
from policypack.rules.remedy import remedy_at
from tests.rules.judging import judge, record_program
from tests.rules.pages import Program, all_pages
from tests.rules.schema import has_property

if TYPE_CHECKING:
    from policypack.engine.judgement import Judgement
    from tests.rules.farm import Farm

WITH_REMEDY = [rule for rule in all_rules() if rule.remedy]
VIOLATING = [
    program
    for page in all_pages()
    for program in page.programs
    if program.rule.remedy and program.verdict is Status.FAIL
]
every_remedy = pytest.mark.parametrize("rule", WITH_REMEDY, ids=lambda rule: rule.name)


def values(rule: Rule) -> dict[str, Value]:
    return {path: remedy_at(rule.remedy, path, rule.defaults) for path in rule.remedy}


def types(rule: Rule, path: str) -> list[str]:
    return [token for token in sorted(rule.judges) if has_property(token, path.replace("[]", "[0]"))]


def leaves(path: str, value: Value) -> list[str]:
    if isinstance(value, dict):
        return [leaf for key, item in value.items() for leaf in leaves(f"{path}.{key}", item)]
    return [path]


def test_there_are_remedies() -> None:
    assert len(WITH_REMEDY) >= 20


@every_remedy
def test_a_remedy_names_properties_that_a_type_of_its_rule_has(rule: Rule) -> None:
    for path, value in values(rule).items():
        assert value is not None
        for leaf in leaves(path, value):
            assert types(rule, leaf), leaf


@every_remedy
def test_a_page_shows_a_program_that_the_remedy_mends(rule: Rule, farm: Farm, tmp_path: Path) -> None:
    programs = [program for program in VIOLATING if program.rule is rule]
    assert any(_changes(program, judge(record_program(program.source, farm, tmp_path))) for program in programs)


@pytest.mark.parametrize("program", VIOLATING, ids=lambda program: program.name)
def test_what_a_remedy_says_to_write_settles_the_finding(program: Program, farm: Farm, tmp_path: Path) -> None:
    deployment = record_program(program.source, farm, tmp_path)
    changes = _changes(program, judge(deployment))
    graph = deployment.graph
    resources = []
    for resource in graph.resources:
        mine = [change for urn, change in changes if urn == resource.urn]
        after = with_changes(resource, mine) if mine else resource
        resources.append(replace(after, outputs=None) if mine else after)
    left = _changes(program, judge(laid_out(resources, project=graph.project, stack=graph.stack)))
    assert [one for one in left if one in changes] == []


def _changes(program: Program, judgement: Judgement) -> list[tuple[str, Change]]:
    found = []
    for verdict in judgement.of_rule.get(program.rule.name, ()):
        for finding in verdict.findings:
            change = change_for(program.rule, finding.path, judgement.settings)
            if change is not None:
                found.append((finding.urn, change))
    return found


@cache
def _sdk() -> Path:
    spec = importlib.util.find_spec("pulumi_gcp")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


@cache
def _module(class_name: str) -> str:
    """Give the source of the module that has a class, such as `gcp.compute.SSLPolicy`."""
    _, module, name = class_name.split(".")
    folder = _sdk() / module
    return next(
        text
        for file in sorted(folder.glob("*.py"))
        if file.name != "_inputs.py"
        for text in [file.read_text(encoding="utf-8")]
        if f"\nclass {name}(" in text
    )


@every_remedy
def test_arguments_are_spelled_as_in_the_python_sdk(rule: Rule) -> None:
    for path, value in values(rule).items():
        for token in types(rule, path):
            first, *inner = re.findall(r"[^.\[\]]+", path)
            source = _module(class_of(token))
            assert re.search(rf"^\s+{snake(first)}: ", source, re.MULTILINE), f"{class_of(token)} {snake(first)}"
            inputs = (_sdk() / token.split(":")[1].partition("/")[0] / "_inputs.py").read_text(encoding="utf-8")
            nested = [*inner, *(leaf.rsplit(".", 1)[1] for leaf in leaves(path, value) if leaf != path)]
            for name in nested:
                assert f"def {snake(name)}(self)" in inputs, f"{class_of(token)} {path}: {snake(name)}"
