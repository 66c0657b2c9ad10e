"""Finds and reads the states of many stacks: in files, folders, patterns, and object stores by URL."""

from __future__ import annotations

import contextlib
import os
from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from policypack.model.records import replace
from policypack.sources.errors import InputError
from policypack.sources.state.files import STANDARD_INPUT, bytes_of, document_of
from policypack.sources.stores import folder, objects
from policypack.sources.stores.layout import OLDER, TAGS, Chosen, around, choose, enters, stem, tags_beside
from policypack.sources.stores.patterns import split
from policypack.sources.stores.records import Entry, Found, Listing, StateFile
from policypack.sources.stores.urls import FILE, Address, address_of, local_path, scheme_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from policypack.sources.stores.patterns import Pattern

__all__ = ["Found", "StateFile", "content_of", "find", "tags_of"]

_LARGEST_TAGS: Final = 1 << 20
_EMPTY_HINT: Final = (
    "States are files that end in .json, .json.gz or .json.zst: exports (`pulumi stack export > NAME.json`), "
    "or the .pulumi/stacks of a self-managed backend."
)


def find(places: Sequence[str]) -> Found:
    """Find the states in places.

    Args:
        places: Paths of files and folders, patterns, and URLs; `-` is the standard input.

    Raises:
        InputError: A URL cannot be read, or there is nothing in any of the places.
    """
    passed_over: Counter[str] = Counter()
    trouble: list[InputError] = []
    files: dict[tuple[str, str], StateFile] = {}
    many = False
    for place in places:
        found = _in_store(place) if scheme_of(place) not in {"", FILE} else _on_this_machine(place)
        many = many or found.many
        passed_over.update(found.passed_over)
        trouble += found.trouble
        for file in found.files:
            known = files.setdefault(_identity(file), file)
            if file.named and not known.named:
                files[_identity(file)] = file
    if not files:
        raise trouble[0]
    return Found(tuple(files.values()), dict(sorted(passed_over.items())), tuple(trouble), many)


def _identity(file: StateFile) -> tuple[str, str]:
    if file.store is not None:
        return file.store.protocol, file.location
    if file.location != str(STANDARD_INPUT):
        with contextlib.suppress(OSError, ValueError):  # what no path can be is told of when it is read
            return "", os.path.realpath(file.location)
    return "", file.location


def _on_this_machine(place: str) -> Found:
    if not place.strip():
        raise InputError("an empty name is no place", what_to_do="Check the variable that should have had it.")
    path = local_path(place) if scheme_of(place) == FILE else Path(place)
    if path == STANDARD_INPUT:
        return Found((StateFile(str(path), str(path)),))
    if _there(path.is_dir):
        inside = around(Path(os.path.realpath(path)).parts)
        listed = folder.listing(path, lambda parts: enters((*inside, *parts)))
        return _Place(str(path), listed, partial(_local, path)).states(inside)
    above, pattern = split(path.parts)
    if pattern is None or _there(path.exists):
        return Found((StateFile(str(path), str(path)),))
    root = Path(*above)
    listed = folder.listing(root, partial(_on_the_way, pattern)) if _there(root.is_dir) else Listing()
    return _Place(str(path), listed, partial(_local, root)).fitting(pattern, root.parts)


def _there(ask: Callable[[], bool]) -> bool:
    """Ask something of a path. What cannot even be asked, be it for its length, is told when it is read."""
    with contextlib.suppress(OSError):
        return ask()
    return False


def _on_the_way(pattern: Pattern, parts: Sequence[str]) -> bool:
    ends = pattern.ends(parts[:-1])
    return enters(parts[ends[0] :]) if ends else pattern.leads_below(parts)


def _local(root: Path, entry: Entry, tags: Entry | None) -> StateFile:
    path = str(root.joinpath(*entry.parts))
    beside = str(root.joinpath(*tags.parts)) if tags else ""
    return StateFile(path, path, None, entry.size, named=False, tags=beside)


def _in_store(place: str) -> Found:
    address = address_of(place)
    name = address.name(address.path)
    above, pattern = split(address.path.split("/"))
    if pattern is None:
        # A store is asked as little as possible: without a network, every question takes its time to fail.
        alone = Found((StateFile(name, address.path, address.store),))
        if stem(above[-1]) is not None and objects.is_object(address):
            return alone
        listed = objects.listing(address)
        if not listed.entries and objects.is_object(address):
            return alone
        return _Place(name, listed, partial(_remote, address)).states(around(above))
    root = Address(address.store, "/".join(above))
    return _Place(name, objects.listing(root, whole=True), partial(_remote, root)).fitting(pattern, above)


def _remote(root: Address, entry: Entry, tags: Entry | None) -> StateFile:
    path = "/".join((root.path, *entry.parts))
    beside = "/".join((root.path, *tags.parts)) if tags else ""
    return StateFile(root.name(path), path, root.store, entry.size, named=False, tags=beside)


class _Place:
    """A folder, be it on this machine or in a store, and what is in it."""

    def __init__(self, name: str, listed: Listing, file_of: Callable[[Entry, Entry | None], StateFile]) -> None:
        self._name = name
        self._listed = listed
        self._file_of = file_of

    def states(self, inside: tuple[str, ...]) -> Found:
        """Give every state in it."""
        return self._found(*choose(self._listed.entries, inside), "no state of a stack is in this folder")

    def fitting(self, pattern: Pattern, above: Sequence[str]) -> Found:
        """Give every state that fits a pattern, or that is in a folder that does."""
        by_path = {entry.parts: entry for entry in self._listed.entries}
        chosen: list[Chosen] = []
        folders: dict[tuple[str, ...], list[Entry]] = defaultdict(list)
        for entry in self._listed.entries:
            ends = pattern.ends(entry.parts)
            if ends and ends[0] < len(entry.parts):
                folders[entry.parts[: ends[0]]].append(entry)
            elif ends and (pattern.names_endings or stem(entry.parts[-1]) is not None):
                chosen.append(Chosen(entry, tags_beside(entry, by_path)))
        left_out = 0
        for fits, entries in folders.items():
            within = [replace(one, parts=one.parts[len(fits) :]) for one in entries]
            some, older = choose(within, around((*above, *fits)))
            left_out += older
            whole = partial(_below, fits)
            chosen += [Chosen(whole(one.entry), whole(one.tags) if one.tags else None) for one in some]
        return self._found(
            sorted(chosen, key=lambda one: one.entry.parts), left_out, "no state of a stack fits this pattern"
        )

    def _found(self, chosen: Sequence[Chosen], left_out: int, if_empty: str) -> Found:
        files = tuple(self._file_of(one.entry, one.tags) for one in chosen)
        passed_over = {**self._listed.passed_over, **({OLDER: left_out} if left_out else {})}
        trouble = self._listed.trouble
        if not files and not trouble:
            said = f"{if_empty}{_passed_over(passed_over)}"
            trouble = (InputError(said, self._name, _EMPTY_HINT),)
        return Found(files, passed_over, trouble, many=True)


def _below(folder_parts: tuple[str, ...], entry: Entry) -> Entry:
    return replace(entry, parts=(*folder_parts, *entry.parts))


def _passed_over(reasons: Mapping[str, int]) -> str:
    told = ", ".join(f"{reason} ({count})" for reason, count in sorted(reasons.items()))
    return f" (besides {told})" if told else ""


def content_of(file: StateFile) -> bytes:
    """Read a file that was found.

    Raises:
        InputError: It cannot be read.
    """
    if file.store is not None:
        return objects.read(file.store, file.location, file.name, file.size)
    return bytes_of(Path(file.location)) if file.named else folder.read(file.location)


def tags_of(file: StateFile) -> Mapping[str, str]:
    """Read the tags of a stack, as its backend keeps them beside the state; empty where there are none.

    Raises:
        InputError: There is a file of tags, and it cannot be read.
    """
    if not file.tags:
        return {}
    name = file.tags if file.store is None else f"{file.store.scheme}://{file.tags}"
    content = folder.read(file.tags) if file.store is None else objects.read(file.store, file.tags, name)
    if len(content) > _LARGEST_TAGS:
        raise InputError("the tags are larger than any tags", name)
    document = document_of(content, name)
    tags = document.get("tags") if file.tags.endswith(TAGS) else document
    if not isinstance(tags, Mapping):
        raise InputError("there are no tags in it", name)
    return {str(key): value for key, value in tags.items() if isinstance(value, str)}
