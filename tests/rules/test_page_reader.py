"""Pages are read as they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policypack.engine.verdict import Status
from policypack.rules.registry import rules_by_name
from tests.rules.pages import Page, promise, read_page

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """# some-rule

What good looks like,
on two lines.

## Why it matters

Because.

### A deeper heading

More.

## Violates: property left out

```python
print("one")
```

## Not applicable

```python
print("two")
```
"""


@pytest.fixture
def page(tmp_path: Path) -> Page:
    path = tmp_path / "some_rule.md"
    path.write_text(TEXT, encoding="utf-8")
    return read_page(path, [rules_by_name()["disk-cmek"]])


def test_description_is_the_first_paragraph_on_one_line(page: Page) -> None:
    assert page.description == "What good looks like, on two lines."


def test_deeper_headings_belong_to_their_section(page: Page) -> None:
    assert [section.heading for section in page.sections] == [
        "Why it matters",
        "Violates: property left out",
        "Not applicable",
    ]


def test_programs_come_with_the_verdict_of_their_heading(page: Page) -> None:
    assert [(program.verdict, program.source) for program in page.programs] == [
        (Status.FAIL, 'print("one")\n'),
        (Status.NOT_APPLICABLE, 'print("two")\n'),
    ]


def test_lines_are_those_of_the_headings(page: Page) -> None:
    assert [program.line for program in page.programs] == [14, 20]


def test_two_programs_below_one_heading_are_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "some_rule.md"
    path.write_text("# r\n\n## Complies\n\n```python\na\n```\n\n```python\nb\n```\n", encoding="utf-8")
    with pytest.raises(ValueError, match="one program"):
        _ = read_page(path, [rules_by_name()["disk-cmek"]]).programs


def test_headings_of_a_family_name_the_rule(tmp_path: Path) -> None:
    path = tmp_path / "family.md"
    path.write_text("# r\n\n## Complies: disk-cmek, the other case\n\n```python\na\n```\n", encoding="utf-8")
    family = [rules_by_name()["disk-cmek"], rules_by_name()["kms-key-rotation-90-days"]]
    assert read_page(path, family).programs[0].rule.name == "disk-cmek"


def test_other_headings_promise_nothing() -> None:
    assert promise("What it checks") is None
