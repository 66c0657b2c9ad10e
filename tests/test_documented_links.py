"""Links of documents lead somewhere, and every guide can be found by who starts at the README."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PLACES = ("*.md", "docs/**/*.md", "pipelines/**/*.md", "stacks/**/*.md", "examples/**/*.md", "policypack/**/*.md")
DOCUMENTS = sorted({file for place in PLACES for file in ROOT.glob(place) if "node_modules" not in file.parts})

_LINK = re.compile(r"\]\((?P<file>[^)#:\s]*)(?:#(?P<heading>[^)\s]*))?\)")
_CODE = re.compile(r"^(```+)\w*\n.*?^\1$|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def links(document: Path) -> list[tuple[Path, str]]:
    """Give file and heading of each link that stays within the house."""
    text = _CODE.sub("`", document.read_text(encoding="utf-8"))
    found = _LINK.finditer(text)
    return [
        ((document.parent / one["file"]).resolve() if one["file"] else document, one["heading"] or "") for one in found
    ]


@cache
def headings(document: Path) -> frozenset[str]:
    """Give what a link can name in a document, spelled as GitHub spells it."""
    text = re.sub(r"^(```+).*?^\1$", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).strip().lower() for title in titles]
    return frozenset(re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in plain)


def test_every_link_leads_to_a_file_and_its_heading() -> None:
    lost = []
    for document in DOCUMENTS:
        for target, heading in links(document):
            known = not heading or target.suffix != ".md" or heading in headings(target)
            if not target.exists() or not known:
                lost.append(f"{document.relative_to(ROOT)}: {target.name}#{heading}")
    assert lost == []


def reached() -> set[Path]:
    """What a reader gets to from the README, link by link; a folder leads to what is in it."""
    seen: set[Path] = set()
    todo = [ROOT / "README.md"]
    while todo:
        here = todo.pop()
        if here in seen:
            continue
        seen.add(here)
        if here.is_dir():
            todo += here.glob("*.md")
        elif here.suffix == ".md":
            todo += [target for target, _ in links(here)]
    return seen


def test_every_guide_is_reached_from_the_readme() -> None:
    found = reached()
    assert [str(file.relative_to(ROOT)) for file in (ROOT / "docs").rglob("*.md") if file not in found] == []
