"""`multiregion-guard new-rule`: writes the module and the page of a new rule that works, for its author to change."""

from __future__ import annotations

import difflib
import re
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Final

import policypack.rules
from policypack.cli.screen import Screen
from policypack.cli.starter_programs import complying, snake, undecidable, violating
from policypack.gcp import types
from policypack.gcp.properties import outputs_of, properties_of, required_of, type_tokens
from policypack.gcp.provider_defaults import fill
from policypack.model.records import dataclass
from policypack.rules.areas import AREAS
from policypack.rules.registry import rules_by_name
from policypack.sources.errors import InputError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable

_TEMPLATES: Final = Path(__file__).parent / "templates"
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")
_LONGEST_NAME: Final = 60
_USUAL_PROPERTIES: Final = ("description", "labels")
"""What the first version of a rule asks for, where its author names nothing."""


@dataclass(frozen=True)
class Starter:
    """A rule to be written.

    Attributes:
        name: Its name.
        area: The folder it goes to.
        type: Type token of its subject.
        asked: The property it asks for.
    """

    name: str
    area: str
    type: str
    asked: str

    @property
    def stem(self) -> str:
        """Name of the module and the page, without their endings."""
        return self.name.replace("-", "_")

    def texts(self) -> dict[str, str]:
        """Give the text of module and page, by the ending of the file."""
        words = {
            "name": self.name,
            "function": self.stem,
            "class_name": self.type.rsplit(":", 1)[1],
            "constant": _constant(self.type),
            "property": self.asked,
            "argument": snake(self.asked),
            "violates": violating(self.type),
            "complies": complying(self.type, self.asked),
            "unknown": undecidable(self.type, self.asked),
        }
        return {
            ending: Template((_TEMPLATES / file).read_text(encoding="utf-8")).substitute(words)
            for ending, file in ((".py", "rule.py.txt"), (".md", "page.md.txt"))
        }


def new_rule(chosen: argparse.Namespace) -> int:
    """Write a rule into the tree this command belongs to.

    Raises:
        InputError: There is no tree to write to, or the rule cannot be written as it was named.
    """
    rules = _tree()
    token = _type(chosen.type)
    starter = Starter(_name(chosen.name), _area(chosen.area), token, _property(token, chosen.property))
    folder = rules / starter.area
    files = {folder / f"{starter.stem}{ending}": text for ending, text in starter.texts().items()}
    for file in files:
        if file.exists():
            raise InputError("there is such a file already", where=str(file), what_to_do="Choose another name.")
    _write(folder, files, AREAS[starter.area].about)
    _say(starter, files, chosen.no_color)
    return 0


def _say(starter: Starter, files: Iterable[Path], no_color: bool) -> None:
    written = "\n".join(f"  {_near(file)}" for file in files)
    Screen(no_color=no_color).write(
        f"A rule that works, to begin with:\n{written}\n\n"
        "Now make it yours:\n"
        "  1. Write the check and the page. CONTRIBUTING.md shows how, with an example from beginning to end.\n"
        f"  2. Try them:  venv/bin/python -m pytest tests/rules -k '{starter.name} or {starter.stem}'\n"
        f"  3. Take the line with opt_in away, and name a mutation in tests/whole/mutations/{starter.area}.py.\n"
        "  4. Finish:    make docs, then make test\n"
    )


def _tree() -> Path:
    """Find the rules of a checkout: those of an installed pack are nobody's to change."""
    rules = Path(policypack.rules.__file__).parent
    if not (rules.parents[1] / "pyproject.toml").is_file() or not (rules.parents[1] / "tests").is_dir():
        raise InputError(
            "this is an installed pack; rules are written in a checkout of its repository",
            where=str(rules),
            what_to_do="Clone the repository, run make test there once, and use its venv/bin/multiregion-guard.",
        )
    return rules


def _area(wanted: str) -> str:
    area = wanted.strip().lower().replace("-", "_")
    if area not in AREAS:
        raise InputError(
            f"there is no area {wanted!r}{_near_to(area, AREAS)}",
            what_to_do=f"Choose one of {', '.join(AREAS)}; a new one begins with a line in policypack/rules/areas.py.",
        )
    return area


def _name(wanted: str) -> str:
    likely = re.sub(r"[^a-z0-9]+", "-", wanted.strip().lower()).strip("-")
    if not _NAME.fullmatch(wanted) or len(wanted) > _LONGEST_NAME:
        good = likely if _NAME.fullmatch(likely) and len(likely) <= _LONGEST_NAME else "disk-has-snapshots"
        raise InputError(
            f"{wanted!r} is no name of a rule",
            what_to_do=f"Use two or more words in small letters, joined by hyphens, {_LONGEST_NAME} letters at most: "
            f"{good}",
        )
    known = rules_by_name().get(wanted)
    if known is not None:
        said = f"{wanted} is there already" if known.name == wanted else f"{wanted} is another name of {known.name}"
        raise InputError(said, where=_near(known.module), what_to_do="Choose another name, or change that rule.")
    return wanted


def _type(wanted: str) -> str:
    by_name = {token.rsplit(":", 1)[1]: token for token in type_tokens()}
    token = by_name.get(wanted, wanted)
    if token not in by_name.values():
        near = _near_to(wanted.rsplit(":", 1)[-1], by_name)
        raise InputError(
            f"the pack knows no type {wanted!r}{near}",
            what_to_do="Give the class alone or the type token. A type that is new to the pack gets a line in "
            "policypack/gcp/types.py; then run make docs.",
        )
    return token


def _property(token: str, wanted: str | None) -> str:
    """Choose what the first version of the rule asks for: something that a program can leave out."""
    given = fill(token, {}, "any", None)
    settable = [
        path
        for path in properties_of(token)
        if path.isalnum() and path not in {*outputs_of(token), *required_of(token)} and path not in given
    ]
    for path in (wanted,) if wanted else _USUAL_PROPERTIES:
        if path in settable:
            return path
    class_name = token.rsplit(":", 1)[1]
    raise InputError(
        f"{class_name} has no property {wanted!r} that a program can leave out{_near_to(wanted, settable)}"
        if wanted
        else f"{class_name} has neither description nor labels to begin with",
        what_to_do=f"Choose with --property: {', '.join(settable)}",
    )


def _constant(token: str) -> str:
    return next(name for name, value in vars(types).items() if value == token)


def _near_to(word: str, known: Iterable[str]) -> str:
    by_small = {name.lower(): name for name in known}
    near = [by_small[match] for match in difflib.get_close_matches(word.lower(), by_small, n=3, cutoff=0.5)]
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _write(folder: Path, files: dict[Path, str], about: str) -> None:
    try:
        folder.mkdir(exist_ok=True)
        package = folder / "__init__.py"
        if not package.exists():
            package.write_text(f'"""{about}"""\n', encoding="utf-8")
        for file, text in files.items():
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            f"the rule cannot be written: {reason}", where=str(folder), what_to_do="Make the folder writable."
        ) from error


def _near(file: Path) -> str:
    here = Path.cwd()
    return str(file.relative_to(here) if file.is_relative_to(here) else file)
