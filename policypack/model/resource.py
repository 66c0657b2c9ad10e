"""One resource of a deployment, and how rules read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from policypack.model.finding import Finding
from policypack.model.logic import Undecided
from policypack.model.records import cached_property, dataclass, field
from policypack.model.values import (
    UNKNOWN,
    Scalar,
    Secret,
    Unknown,
    Value,
    WrongType,
    first_unknown,
    is_list,
    is_secret_at,
    kind,
    lookup,
    merge,
    reveal,
    steps,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policypack.model.values import Step

PROPERTIES_MISSING = "its properties are not here (a --target run leaves resources out)"
KNOWN_AFTER_DEPLOYMENT = "its value is known only after deployment"
NOT_SHOWN = "it is a secret, whose value is not known here"


@dataclass(frozen=True)
class SourcePosition:
    """Where in the user's program a resource was made.

    Attributes:
        file: Path of the file, relative to the project where it lies inside it.
        line: Line, counted from 1.
    """

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Provider:
    """The provider a resource is made by: explicit or default.

    Attributes:
        urn: URN of the provider, or "" where there is none.
        version: Version of the plugin that the program asks for, such as "10.2.0", or None.
        inputs: Configuration of the provider: `project`, `region`, `zone`, …
    """

    urn: str = ""
    version: str | None = None
    inputs: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Options:
    """Resource options that change what a deployment does to the resource."""

    protect: bool = False
    ignore_changes: tuple[str, ...] = ()
    retain_on_delete: bool = False
    delete_before_replace: bool = False
    aliases: tuple[str, ...] = ()  # URNs that the resource had before


def why_unknown(properties: Mapping[str, Value], path: Sequence[Step]) -> str:
    """Say why a value is unknown, as a clause: secrets are blinded in states and previews, whatever is deployed."""
    return NOT_SHOWN if is_secret_at(properties, path) else KNOWN_AFTER_DEPLOYMENT


class Reader:
    """Typed, three-valued reading of properties below one place of a resource.

    Paths are relative to that place, in the provider's own names: `sslPolicy`, `backends[0].group`. Every read of
    a single value gives None where it is absent and raises `Undecided` where it cannot be known.
    """

    def _place(self) -> tuple[Resource, str]:
        """Give the resource that is read, and the path below which."""
        raise NotImplementedError

    def full(self, path: str) -> str:
        """Give the path from the root of the resource."""
        prefix = self._place()[1]
        if not prefix:
            return path
        return f"{prefix}.{path}" if path and not path.startswith("[") else f"{prefix}{path}"

    def peek(self, path: str = "") -> Value:
        """Give the value without raising: `UNKNOWN` also stands for what cannot be read (a wrong type on the way)."""
        try:
            return self._value(path)
        except Undecided:
            return UNKNOWN

    def __getitem__(self, path: str) -> Scalar | None:
        value = self._value(path)
        if type(value) is str:  # by far the commonest
            return value
        if isinstance(value, Unknown):
            value = self._known(path)
        if value is None or isinstance(value, (str, int, float, bool)):
            return value
        raise self._undecided(path, f"it is {kind(value)} where a single value belongs")

    def text(self, path: str) -> str | None:
        """Read a string. A number is given as its text, as providers do."""
        value = self[path]
        if type(value) is str:
            return value
        if isinstance(value, bool):
            raise self._undecided(path, "it is a boolean where a string belongs")
        return None if value is None else str(value)

    def number(self, path: str) -> int | float | None:
        """Read a number. A string of digits counts as one, as providers convert it."""
        value = self[path]
        if isinstance(value, str):
            try:
                number = float(value)
            except ValueError:
                raise self._undecided(path, "it is a string where a number belongs") from None
            return int(number) if number.is_integer() else number
        if isinstance(value, bool):
            raise self._undecided(path, "it is a boolean where a number belongs")
        return value

    def flag(self, path: str) -> bool | None:
        """Read a boolean. The strings `true` and `false` count, as providers convert them."""
        value = self[path]
        if isinstance(value, str) and value.lower() in {"true", "false"}:
            return value.lower() == "true"
        if value is not None and not isinstance(value, bool):
            raise self._undecided(path, f"it is {kind(value)} where a boolean belongs")
        return value

    def texts(self, path: str) -> list[str]:
        """Read a list of strings; raises `Undecided` if any element is unknown."""
        return [text for element in self.elements(path) if (text := element.text("")) is not None]

    def elements(self, path: str) -> list[Element]:
        """Give the elements of a list of this place, unknown ones included; an absent list has none.

        Raises:
            Undecided: The whole list is unknown, or no list.
        """
        value = self._known(path)
        if value is None:
            return []
        if not is_list(value):
            raise self._undecided(path, f"it is {kind(value)} where a list belongs")
        resource, where = self._place()[0], self.full(path)
        return [Element.holding(resource, f"{where}[{index}]", item) for index, item in enumerate(value)]

    def is_set(self, path: str) -> bool:
        """Tell whether the program gave the property a value; an unknown value is one.

        Raises:
            Undecided: The object or the list that the property stands in is unknown, and may well not hold it.
                Nothing at all is known of the resource, or something of a wrong type is on the way.
        """
        resource = self._place()[0]
        if resource.blank:
            raise self._undecided(path, PROPERTIES_MISSING)
        where = resource.inputs if resource.inputs is not None else resource.properties
        way = steps(self.full(path))
        try:
            value = lookup(where, way)
            around = first_unknown(where, way) if isinstance(value, Unknown) else way
        except WrongType as wrong:
            raise self._undecided(path, f"there is {wrong}") from None
        if around != way:
            raise Undecided(resource.urn, written(around), why_unknown(where, around))
        return value is not None

    def finding(self, path: str, *, expected: str, found: str) -> Finding:
        """Make a finding about a property of this place.

        Args:
            path: Where, relative to this place.
            expected: What good looks like, as a phrase: "an SSL policy".
            found: What is there, as a phrase: "unset: Google then serves TLS 1.0".
        """
        return Finding(urn=self._place()[0].urn, path=self.full(path), expected=expected, found=found)

    def _root(self) -> Value:
        """Give the value of this place. Raises `WrongType` where the way to it leads through something else."""
        raise NotImplementedError

    def _value(self, path: str) -> Value:
        if self._place()[0].blank:
            raise self._undecided(path, PROPERTIES_MISSING)
        try:
            return lookup(self._root(), steps(path))
        except WrongType as wrong:
            raise self._undecided(path, f"there is {wrong}") from None

    def _known(self, path: str) -> Value:
        value = self._value(path)
        if isinstance(value, Unknown):
            # What has to become known may be a block or a list around the value: that one is named.
            resource = self._place()[0]
            around = first_unknown(resource.properties, steps(self.full(path)))
            raise Undecided(resource.urn, written(around), why_unknown(resource.properties, around))
        return value

    def _undecided(self, path: str, reason: str) -> Undecided:
        return Undecided(self._place()[0].urn, self.full(path), reason)


@dataclass(frozen=True, eq=False)
class Resource(Reader):
    """A resource of a deployment, whichever way it came in. Immutable; equal only to itself.

    Attributes:
        urn: Pulumi's name of the resource, unique in the stack.
        type: Type token, such as `gcp:compute/backendService:BackendService`.
        name: The name in the program (the last part of the URN).
        inputs: What the program gave, provider defaults and auto-names included; None where the source has none.
        outputs: What the provider answered; None where the source has none.
        id: The provider's id of the resource: known, `UNKNOWN`, or None where the source does not carry it.
        provider: The provider that makes it.
        options: Resource options.
        parent: URN of the parent, or None.
        dependencies: URNs of everything it depends on.
        property_dependencies: For each top-level property, the URNs of what its value was made from.
        source: Where the program made it, where the source of the graph knows.
        custom: False for components.
        external: True for what is only read (`.get()`), not managed by the stack.
    """

    urn: str
    type: str
    name: str
    inputs: Mapping[str, Value] | None = None
    outputs: Mapping[str, Value] | None = None
    id: Value = None
    provider: Provider = field(default_factory=Provider)
    options: Options = field(default_factory=Options)
    parent: str | None = None
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: SourcePosition | None = None
    custom: bool = True
    external: bool = False

    @property
    def resource(self) -> Resource:
        """The resource itself, so that every subject of a rule has a `resource`."""
        return self

    def _place(self) -> tuple[Resource, str]:
        return self, ""

    def full(self, path: str) -> str:
        """Give the path from the root of the resource: itself."""
        return path

    def _root(self) -> Value:
        return self.properties

    # Most properties stand at the top, where nothing around them can be unknown or of a wrong type.

    def is_set(self, path: str) -> bool:
        """See `Reader.is_set`."""
        value = self.inputs.get(path) if self.inputs else None
        if value is None and (not self.inputs or steps(path) != (path,)):
            return super().is_set(path)
        return (reveal(value) if isinstance(value, Secret) else value) is not None

    def _value(self, path: str) -> Value:
        value = self.properties.get(path)
        if value is None and (self.blank or steps(path) != (path,)):
            return super()._value(path)
        return reveal(value) if isinstance(value, Secret) else value

    @cached_property
    def properties(self) -> Mapping[str, Value]:
        """Inputs and outputs laid over each other: the output where it is known, else the input."""
        if self.outputs is None:
            return self.inputs or {}
        if self.inputs is None:
            return self.outputs
        merged = merge(self.outputs, self.inputs)
        return merged if isinstance(merged, Mapping) else {}

    @cached_property
    def blank(self) -> bool:
        """True if nothing is known of the resource: it came without any property."""
        return self.custom and not self.inputs and not self.outputs

    @cached_property
    def worked_out(self) -> dict[str, Any]:
        """What has been worked out about it once, for whoever asks again: kept as long as the resource itself."""
        return {}

    def __repr__(self) -> str:
        return f"<{self.type} {self.name}>"


@dataclass(frozen=True)
class Element(Reader):
    """One element of a list (or one nested object) of a resource: read like the resource itself."""

    resource: Resource
    prefix: str

    @classmethod
    def holding(cls, resource: Resource, prefix: str, value: Value) -> Element:
        """Make an element whose value is at hand: long lists are not walked again for each of their elements."""
        element = cls(resource, prefix)
        vars(element)["_given"] = value
        return element

    def _place(self) -> tuple[Resource, str]:
        return self.resource, self.prefix

    @cached_property
    def _given(self) -> Value:
        return lookup(self.resource.properties, steps(self.prefix))

    def _root(self) -> Value:
        return self._given

    def __iter__(self) -> Iterator[Element]:
        return iter(self.elements(""))
