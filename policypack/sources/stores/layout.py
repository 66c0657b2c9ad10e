"""Which files of a folder are states: by the layout of Pulumi's self-managed backends, or by their names.

A backend has its files below `.pulumi`: states in `stacks/PROJECT/STACK.json`, or `stacks/STACK.json` in the layout of
old, each perhaps packed (`.json.gz`, `.json.zst`); beside them the tags of the stack, a copy of the state before, and
what the bucket knows of each file; and in other folders the history, backups and locks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from policypack.sources.stores.records import Entry

SUFFIXES: Final = (".json", ".json.gz", ".json.zst")
"""How the file of a state can end. Of two that differ in nothing else Pulumi takes the one that was written last."""

BOOKKEEPING: Final = ".pulumi"
STACKS: Final = "stacks"

TAGS: Final = ".pulumi-tags"
"""What a backend writes the tags of a stack to, beside its state."""

EXPORTED_TAGS: Final = ".tags.json"
"""What the tags of an exported stack can be written to: `pulumi stack tag ls --json > NAME.tags.json`."""

OLDER: Final = "older copies of a state, packed another way"

_FOREIGN: Final = frozenset({"node_modules", "venv", "__pycache__"})
"""Folders in which nobody keeps states, and that hold a great many other files."""


class Chosen(NamedTuple):
    """A file that may be a state, and the file with its tags, if there is one."""

    entry: Entry
    tags: Entry | None


def stem(name: str) -> str | None:
    """Give the name of a state's file without its ending; None if no state ends so."""
    if name.endswith(EXPORTED_TAGS):
        return None
    ending = next((suffix for suffix in SUFFIXES if name.endswith(suffix)), None)
    return name.removesuffix(ending) if ending and name != ending else None


def around(place: Sequence[str]) -> tuple[str, ...]:
    """Give the part of a place's own path that lies in a backend: `.pulumi` and what follows; else nothing."""
    if BOOKKEEPING not in place:
        return ()
    last = len(place) - 1 - list(reversed(place)).index(BOOKKEEPING)
    return tuple(place[last:])


def enters(parts: Sequence[str]) -> bool:
    """Tell whether there may be states below a folder, `parts` being its path from the place on."""
    above, inside = _apart(parts)
    if any(part.startswith(".") or part in _FOREIGN for part in above):
        return False
    return not inside or (inside[0] == STACKS and len(inside) <= 2)


def may_be_state(parts: Sequence[str]) -> bool:
    """Tell whether a file may be a state, `parts` being its path from the place on."""
    if stem(parts[-1]) is None or not enters(parts[:-1]):
        return False
    return BOOKKEEPING not in parts or len(_apart(parts)[1]) in {2, 3}


def _apart(parts: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """Give what is above the files of a backend, and what is in them."""
    if BOOKKEEPING not in parts:
        return parts, ()
    at = parts.index(BOOKKEEPING)
    return parts[:at], parts[at + 1 :]


def choose(entries: Iterable[Entry], inside: tuple[str, ...] = ()) -> tuple[list[Chosen], int]:
    """Choose the states among the files of a place.

    Args:
        entries: All files.
        inside: The part of the place's own path that lies in a backend.

    Returns:
        The states with their tags, by path, and how many older copies of them were left out.
    """
    entries = list(entries)
    by_path = {entry.parts: entry for entry in entries}
    states = [entry for entry in entries if may_be_state((*inside, *entry.parts))]
    if not inside and any(entry.parts[0] == BOOKKEEPING for entry in states):
        # The place is a backend. What else lies in the folder, such as the program, is no stack of it.
        states = [entry for entry in states if entry.parts[0] == BOOKKEEPING]
    newest: dict[tuple[str, ...], Entry] = {}
    for entry in sorted(states, key=lambda one: (one.changed, one.parts)):
        newest[_identity((*inside, *entry.parts))] = entry
    kept = sorted(newest.values(), key=lambda one: one.parts)
    return [Chosen(entry, tags_beside(entry, by_path)) for entry in kept], len(states) - len(kept)


def _identity(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Give what files must share to be the state of one stack: in a backend the ending does not count."""
    return (*parts[:-1], stem(parts[-1]) or "") if BOOKKEEPING in parts else parts


def tags_beside(entry: Entry, by_path: Mapping[tuple[str, ...], Entry]) -> Entry | None:
    """Find the file with the tags of a stack among all files of a place."""
    *folder, name = entry.parts
    beside = (by_path.get((*folder, f"{stem(name)}{ending}")) for ending in (TAGS, EXPORTED_TAGS))
    return next((found for found in beside if found is not None), None)
