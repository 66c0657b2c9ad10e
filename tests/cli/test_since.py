"""`--since`: a former report that is none is said to be none, before any work."""

from __future__ import annotations

from pathlib import Path

import pytest

from policypack.cli.output import read_former
from policypack.sources.errors import InputError


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"audits": 3}', '{"deployment": {}, "verdicts": 3}', "[" * 100_000])
def test_what_is_no_report_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "former.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="no JSON report"):
        read_former(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_former(tmp_path / "none.json")
