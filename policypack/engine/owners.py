"""Who owns a stack: what the configuration says, the tags of the stack, and the labels of its resources."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from policypack.engine.waivers import fits
from policypack.model.records import dataclass
from policypack.model.values import is_secret_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policypack.model.resource import Resource
    from policypack.model.values import Value

OWNER_KEYS: Final = ("owner", "team")
"""Tags and labels that name an owner, unless the configuration says which; the first that is there counts."""

_LABELS: Final = ("labels", "userLabels", "effectiveLabels")
"""Properties with labels: what the program wrote, and what the provider made of it. The first that names one counts."""

_DEFAULTS: Final = "defaultLabels"
"""Labels that a provider puts on everything it makes: an object, or an object as JSON."""


@dataclass(frozen=True)
class OwnerEntry:
    """What the configuration says of the owner of some stacks.

    Attributes:
        projects: Globs of projects, of which one must fit. Empty: every project.
        stacks: Globs of names of stacks, of which one must fit. Empty: every stack.
        owner: Who owns them.
    """

    projects: tuple[str, ...]
    stacks: tuple[str, ...]
    owner: str

    def about(self, project: str, stack: str) -> bool:
        """Tell whether it is about a stack."""
        return _any_fits(self.projects, project) and _any_fits(self.stacks, stack)


@dataclass(frozen=True)
class Owner:
    """Who owns a stack.

    Attributes:
        name: The owner; "" where none is known.
        source: What says so: `configuration`, `tag`, `label`, or "" where nothing does.
    """

    name: str = ""
    source: str = ""


NOBODY: Final = Owner()


@dataclass(frozen=True)
class OwnerBook:
    """How an organisation finds the owner of a stack.

    Attributes:
        entries: What the configuration says, in its order: the first that is about a stack counts.
        keys: Tags and labels that name an owner; the first of them that is there counts.
    """

    entries: tuple[OwnerEntry, ...] = ()
    keys: tuple[str, ...] = OWNER_KEYS

    def owner_of(
        self, project: str, stack: str, *, tags: Mapping[str, str], resources: Iterable[Resource] = ()
    ) -> Owner:
        """Tell who owns a stack: by the configuration, else by its tags, else by the labels of its resources.

        The organisation's own word comes first, since it is the one that can be mended in one place.

        Args:
            project: Its project.
            stack: Its name.
            tags: Tags of the stack.
            resources: Its resources. Where they name several owners, the one that most of them name counts.
        """
        for entry in self.entries:
            if entry.about(project, stack):
                return Owner(entry.owner, "configuration")
        tagged = _named(tags, self.keys)
        if tagged:
            return Owner(tagged, "tag")
        labelled = _most_frequent(_labelled(resource, self.keys) for resource in resources)
        return Owner(labelled, "label") if labelled else NOBODY


def _any_fits(globs: Sequence[str], text: str) -> bool:
    return not globs or any(fits(glob, text) for glob in globs)


def _named(said: object, keys: Sequence[str]) -> str:
    """Give the value of the first key that has one, in whatever case the key is written; a secret names nobody."""
    if not isinstance(said, Mapping):
        return ""
    by_key = {str(key).casefold(): value.strip() for key, value in said.items() if isinstance(value, str)}
    return next((found for key in keys if (found := by_key.get(key.casefold(), ""))), "")


def _labelled(resource: Resource, keys: Sequence[str]) -> str:
    shown = (name for name in _LABELS if not _secret(resource, name))
    own = next((found for name in shown if (found := _named(resource.peek(name), keys))), "")
    return own or _named(_object(resource.provider.inputs.get(_DEFAULTS)), keys)


def _secret(resource: Resource, name: str) -> bool:
    return any(is_secret_at(values or {}, [name]) for values in (resource.inputs, resource.outputs))


def _object(value: Value) -> object:
    """Give what a provider was told, which travels as JSON, as plain data."""
    if not isinstance(value, str):
        return value
    try:
        read: object = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return read


def _most_frequent(names: Iterable[str]) -> str:
    count = Counter(name for name in names if name)
    return min(count, key=lambda name: (-count[name], name), default="")
