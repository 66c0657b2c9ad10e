"""What a program has registered so far, as resources of the model."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from policypack.gcp.provider_defaults import CURRENT_MAJOR, fill, known_version, planned_outputs
from policypack.model.resource import Options, Provider, Resource, SourcePosition
from policypack.model.values import UNKNOWN, Value, contains_unknown, secret_texts
from policypack.sources.program.aliases import former_urns
from policypack.sources.program.errors import ProgramError
from policypack.sources.wire import UNKNOWN_TEXT, decode_properties

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STACK: Final = "pulumi:pulumi:Stack"
STACK_REFERENCE: Final = "pulumi:pulumi:StackReference"
_PROVIDERS: Final = "pulumi:providers:"
_GCP: Final = "gcp"
_INSTALLED: Final = frozenset({"site-packages", "dist-packages", "node_modules"})


@dataclasses.dataclass(frozen=True)
class Place:
    """Where the program is, and what it is called.

    Attributes:
        project: Name of the Pulumi project.
        stack: Name of the stack.
        directory: The folder of the project.
        packages: Name of the folder inside it that holds installed packages, or "".
        defaults: What the default provider of Google Cloud is configured with: `project`, `region`, `zone`.
        naming: How the stack wants names to be made up (`pulumi:autonaming`): "" for the usual way, `verbatim`, or
            anything else where that is not known.
    """

    project: str
    stack: str
    directory: Path
    packages: str = ""
    defaults: Mapping[str, Value] = dataclasses.field(default_factory=dict)
    naming: str = ""

    def made_up(self, name: str) -> Value:
        """Give the name that the stack makes of a resource's name in the program; None for the provider's own way."""
        return {"": None, "verbatim": name}.get(self.naming, UNKNOWN)


class Recording:
    """Collects what the program registers. Safe to use from several threads."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._lock = threading.Lock()
        self._resources: dict[str, Resource] = {}
        self._packages: dict[str, tuple[str, str]] = {}
        self._unlisted: set[str] = set()

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Everything recorded, sorted by URN."""
        with self._lock:
            return tuple(self._resources[urn] for urn in sorted(self._resources))

    @property
    def secrets(self) -> frozenset[str]:
        """Every text inside secrets of what was recorded."""
        of_resources = (values for one in self.resources for values in (one.inputs, one.outputs))
        return frozenset(secret_texts(*of_resources))

    def find(self, urn: str) -> Resource | None:
        """Give a recorded resource."""
        with self._lock:
            return self._resources.get(urn)

    def notes(self) -> Iterator[str]:
        """Say which provider versions were judged as another one."""
        for version in sorted(self._unlisted):
            asked = f"version {version} of the gcp provider" if version else "a gcp provider without a version"
            yield f"the program asks for {asked}; its defaults were taken to be those of version {CURRENT_MAJOR}"

    def add_package(self, name: str, version: str) -> str:
        """Remember a package that is registered by itself, and give the reference by which requests name it."""
        with self._lock:
            reference = f"package-{len(self._packages)}"
            self._packages[reference] = (name, version)
            return reference

    def register(self, request: Any, asked: Any) -> Resource:
        """Record a resource that the program makes.

        Args:
            request: The registration, as transforms left it.
            asked: The registration as the program sent it.

        Raises:
            ProgramError: The stack has a resource of this name already.
        """
        urn = self.urn(request.type, request.name, request.parent)
        given = decode_properties(request.object)
        provider = self.provider(request.provider, request.type, request.version, request.packageRef)
        inputs = given
        if request.custom and _package(request.type) == _GCP:
            if not known_version(provider.version):
                self._unlisted.add(provider.version or "")
            made_up = self.place.made_up(request.name)
            inputs = fill(request.type, given, request.name, provider.version, urn=urn, made_up=made_up)
        planned = planned_outputs(request.type, inputs, provider.inputs.get("project"))
        parent = self.find(request.parent)
        resource = Resource(
            urn=urn,
            type=request.type,
            name=request.name,
            inputs=inputs,
            outputs=planned or None,
            id=(request.importId or UNKNOWN) if request.custom else None,
            provider=provider,
            options=Options(
                protect=request.protect,
                ignore_changes=tuple(request.ignoreChanges),
                retain_on_delete=request.retainOnDelete,
                delete_before_replace=request.deleteBeforeReplace,
                aliases=former_urns(request, urn, parent.options.aliases if parent else ()),
            ),
            parent=request.parent or None,
            dependencies=tuple(sorted(request.dependencies)),
            property_dependencies=_dependencies(
                request, given, given if asked is request else decode_properties(asked.object)
            ),
            source=self.source(request),
            custom=request.custom,
        )
        self._add(resource)
        return resource

    def read(self, request: Any) -> Resource:
        """Record a resource that the program only reads.

        Raises:
            ProgramError: The stack has a resource of this name already.
        """
        resource = Resource(
            urn=self.urn(request.type, request.name, request.parent),
            type=request.type,
            name=request.name,
            inputs=decode_properties(request.properties),
            id=UNKNOWN if not request.id or UNKNOWN_TEXT in request.id else request.id,
            provider=self.provider(request.provider, request.type, request.version, request.packageRef),
            parent=request.parent or None,
            dependencies=tuple(sorted(request.dependencies)),
            source=self.source(request),
            external=True,
        )
        self._add(resource)
        return resource

    def set_outputs(self, urn: str, outputs: Mapping[str, Value]) -> None:
        """Record the outputs that a component, or the stack itself, declares."""
        with self._lock:
            if urn in self._resources:
                self._resources[urn] = dataclasses.replace(self._resources[urn], outputs=outputs)

    def urn(self, type_token: str, name: str, parent: str) -> str:
        """Make the URN of a resource; the root stack adds nothing to the type of its children."""
        above = parent.split("::")[2] if parent.count("::") > 2 else ""
        qualified = f"{above}${type_token}" if above and above != STACK else type_token
        return f"urn:pulumi:{self.place.stack}::{self.place.project}::{qualified}::{name}"

    def provider(self, reference: str, type_token: str, version: str, package: str = "") -> Provider:
        """Give the provider of a resource or of a call.

        Args:
            reference: `URN::ID` of an explicit provider, or "" for the default one.
            type_token: Type of the resource, or token of the function.
            version: The version that the request asks for.
            package: Reference of a package that was registered by itself.
        """
        with self._lock:
            version = version or self._packages.get(package, ("", ""))[1]
            explicit = self._resources.get(reference.rpartition("::")[0]) if reference else None
        if explicit is not None:
            return Provider(explicit.urn, explicit.provider.version or version or None, explicit.inputs or {})
        configured = self.place.defaults if _package(type_token) == _GCP else {}
        return Provider("", version or None, configured)

    def source(self, request: Any) -> SourcePosition | None:
        """Give the innermost line of the program's own code that led to a request."""
        frames = [frame.pc for frame in request.stackTrace.frames] or [request.sourcePosition]
        root = self.place.directory
        for frame in frames:
            if not frame.uri.startswith("file:"):
                continue
            path = Path(unquote(urlsplit(frame.uri).path))
            inside = path.relative_to(root) if path.is_relative_to(root) else None
            if inside is not None and not {*_INSTALLED, self.place.packages}.intersection(inside.parts):
                return SourcePosition(inside.as_posix(), frame.line)
        return None

    def _add(self, resource: Resource) -> None:
        with self._lock:
            other = self._resources.get(resource.urn)
            if other is None:
                self._resources[resource.urn] = resource
                return
        raise ProgramError(
            f"two resources of type {resource.type} are named {resource.name!r}",
            f"{resource.source or ''}",
            f"Give one of them another name{f' (the other is made at {other.source})' if other.source else ''}.",
        )


def _package(token: str) -> str:
    """Give the package that serves a type or a function; a provider's own type belongs to none."""
    return "" if token.startswith(_PROVIDERS) else token.partition(":")[0]


def _dependencies(
    request: Any, given: Mapping[str, Value], asked: Mapping[str, Value]
) -> Mapping[str, tuple[str, ...]]:
    """Say what each property was made from.

    A value that a transform put in place of another no longer comes from what the program had there, unless a part
    of it is still unknown.
    """
    found = {key: tuple(sorted(made.urns)) for key, made in request.propertyDependencies.items()}
    return {
        key: urns
        for key, urns in found.items()
        if urns and key in given and (given[key] == asked.get(key) or contains_unknown(given[key]))
    }
