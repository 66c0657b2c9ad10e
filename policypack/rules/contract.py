"""The contract of a rule: how one is written, and what it says.

A rule is a generator function over one subject. It yields a `Finding` for each fault, raises `Undecided` (reading an
unknown value does so by itself) when it cannot tell, raises `NotApplicable` when it has nothing to say, and passes
when it ends without a word.
"""

from __future__ import annotations

import enum
import sys
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from policypack.model.finding import Finding
from policypack.model.logic import Bounds, NotApplicable, Undecided, all_of, any_of, at_least
from policypack.model.records import cached_property, dataclass, field
from policypack.model.resource import Element, Reader, Resource
from policypack.rules.remedy import FromParameter

if typing.TYPE_CHECKING:
    from typing_extensions import Self

    from policypack.rules.remedy import Remedy
    from policypack.topology import Deployment

__all__ = [
    "Bounds",
    "Element",
    "Elements",
    "Finding",
    "Findings",
    "FromParameter",
    "Level",
    "NotApplicable",
    "Param",
    "Parameter",
    "Phase",
    "Reader",
    "Resource",
    "Rule",
    "Severity",
    "Subject",
    "Undecided",
    "View",
    "all_of",
    "any_of",
    "at_least",
    "each",
    "rule",
]

Findings: TypeAlias = "Iterator[Finding | Undecided]"
"""What a rule yields. Yielding an `Undecided` notes it and goes on; raising it ends the rule for this subject."""


class Severity(str, enum.Enum):
    """How bad the consequence of a fault is."""

    CRITICAL = "critical"  # an outage, or an open door
    HIGH = "high"  # a likely one
    MEDIUM = "medium"
    LOW = "low"

    @cached_property
    def rank(self) -> int:
        """Order: 0 is the worst."""
        return list(Severity).index(self)


class Level(str, enum.Enum):
    """What a finding does to the user's operation."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"
    REMEDIATE = "remediate"
    DISABLED = "disabled"


class Phase(str, enum.Enum):
    """When CrossGuard can run a rule: before each resource is made, or once over the whole stack."""

    RESOURCE = "resource"
    STACK = "stack"


class View(Protocol):
    """A typed view over the graph that rules can take as their subject.

    Its class names the types it stands for (`types`), and those on which its answers rest besides (`follows`), so that
    users can be told what no rule looks at.
    """

    @property
    def resource(self) -> Resource:
        """The resource that findings are about."""

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Self]:
        """List every such view of a deployment, in a stable order."""


@dataclass(frozen=True)
class Elements:
    """A kind of subject: each element of a list (or each of several single blocks) of resources of some types.

    Attributes:
        types: Type tokens.
        paths: The properties: a list (`disks[]`) or a single block (`bootDisk`).
    """

    types: tuple[str, ...]
    paths: tuple[str, ...]


def each(*paths: str, of: Sequence[str]) -> Elements:
    """Name elements as the subject of a rule: `each("disks[]", of=(INSTANCE_TEMPLATE,))`."""
    return Elements(tuple(of), paths)


Subject: TypeAlias = "str | Elements | type[View]"


@dataclass(frozen=True)
class Param:
    """Describes a parameter of a rule; stands in its annotation: `Annotated[int, Param("…", minimum=1)]`.

    Attributes:
        description: One sentence for users.
        minimum: Smallest number allowed.
        maximum: Largest number allowed.
        choices: Allowed values of a string, or of the elements of a list.
    """

    description: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parameter:
    """One parameter of a rule that users can set.

    Attributes:
        name: The key in the policy configuration.
        type: `int`, `float`, `bool`, `str` or `list[str]`.
        default: Value where the user sets none.
        about: Description and limits.
    """

    name: str
    type: Any
    default: object
    about: Param

    @property
    def type_name(self) -> str:
        """The type in words."""
        names = {int: "whole number", float: "number", bool: "true or false", str: "text"}
        return names.get(self.type, "list of texts")


@dataclass(frozen=True, eq=False)
class Rule:
    """One rule, with everything that is known of it. Made by the decorator `rule`, never by hand.

    Attributes:
        name: Its name; it never changes.
        area: The folder it lives in.
        description: A statement of what good looks like.
        severity: How bad a fault is.
        level: Enforcement level where the user sets none.
        subjects: What it judges, one at a time.
        function: The judgement itself.
        fix: What to do, in one or two sentences.
        controls: Framework, to ids of controls that the rule gives evidence for.
        aliases: Former and other names, which configuration still accepts.
        yields_to: More specific rules: where one of them finds a fault in the same resource, this one is silent.
        opt_in: True if the rule is off unless a user names it.
        file: Path of its module; the page stands beside it.
        also_follows: Types of resources that can change its verdict, besides those that its views follow.
        remedy: The one right answer, where there is one: property that a finding names, to the value to write.
    """

    name: str
    area: str
    description: str
    severity: Severity
    level: Level
    subjects: tuple[Subject, ...]
    function: Callable[..., Findings]
    fix: str
    controls: Mapping[str, Sequence[str]] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    yields_to: tuple[str, ...] = ()
    opt_in: bool = False
    file: str = ""
    also_follows: tuple[str, ...] = ()
    remedy: Remedy = field(default_factory=dict)

    @property
    def module(self) -> Path:
        """Path of its module."""
        return Path(self.file)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """What users can set. Worked out for whoever asks: no verdict needs more than the values."""
        return _parameters(self.function)

    @cached_property
    def phase(self) -> Phase:
        """A rule over views sees other resources, so it can only run when the whole stack is known."""
        return Phase.STACK if any(map(_is_view, self.subjects)) else Phase.RESOURCE

    @cached_property
    def types(self) -> frozenset[str]:
        """Type tokens that a resource rule looks at; empty for rules over views."""
        tokens: set[str] = set()
        for subject in self.subjects:
            if isinstance(subject, str):
                tokens.add(subject)
            elif isinstance(subject, Elements):
                tokens.update(subject.types)
        return frozenset(tokens)

    @cached_property
    def judges(self) -> frozenset[str]:
        """Type tokens of the resources it gives verdicts on."""
        views = (token for subject in self.subjects for token in getattr(subject, "types", ()))
        return self.types.union(views)

    @cached_property
    def follows(self) -> frozenset[str]:
        """Type tokens of other resources that can change a verdict."""
        views = (token for subject in self.subjects for token in getattr(subject, "follows", ()))
        return frozenset(self.also_follows).union(views) - self.judges

    @property
    def page(self) -> Path:
        """Path of the rule's page."""
        return self.module.with_suffix(".md")

    @cached_property
    def defaults(self) -> dict[str, object]:
        """Every parameter with its default."""
        return dict(self.function.__kwdefaults__ or {})

    def __repr__(self) -> str:
        return f"<rule {self.name}>"


def _is_view(subject: Subject) -> bool:
    return not isinstance(subject, (str, Elements))


def rule(
    *,
    severity: Severity,
    subjects: Sequence[Subject],
    fix: str,
    controls: Mapping[str, Sequence[str]] | None = None,
    level: Level | None = None,
    aliases: Sequence[str] = (),
    yields_to: Sequence[str] = (),
    opt_in: bool = False,
    follows: Sequence[str] = (),
    remedy: Remedy | None = None,
    name: str | None = None,
    description: str | None = None,
) -> Callable[[Callable[..., Findings]], Rule]:
    """Make a rule of a function.

    Args:
        severity: Severity by consequence.
        subjects: Type tokens, elements of them (`each`), or views.
        fix: What the user should do.
        controls: Framework, to control ids.
        level: Enforcement level; critical and high are mandatory, medium and low advisory, unless given.
        aliases: Other names that configuration accepts.
        yields_to: Names of more specific rules; a resource rule can only yield to resource rules, which speak with it.
        opt_in: True for checks on which sound designs may differ.
        follows: Types of resources that can change a verdict, besides those that its views name.
        remedy: Property that a finding names (`backends[].capacityScaler`), to the value to write, where only one is
            right.
        name: Only for families of rules in one module; else the function's name, with hyphens.
        description: Only for families; else the first line of the function's docstring.
    """

    def decorate(function: Callable[..., Findings]) -> Rule:
        _require_defaults(function)
        said = description or (function.__doc__ or "").strip().partition("\n")[0]
        usual = Level.MANDATORY if severity.rank <= Severity.HIGH.rank else Level.ADVISORY
        return Rule(
            name=name or function.__name__.replace("_", "-"),
            area=function.__module__.rpartition(".")[0].rpartition(".")[2],
            description=said,
            severity=severity,
            level=level or (Level.DISABLED if opt_in else usual),
            subjects=tuple(subjects),
            function=function,
            fix=fix,
            controls=dict(controls or {}),
            aliases=tuple(aliases),
            yields_to=tuple(yields_to),
            opt_in=opt_in,
            file=sys.modules[function.__module__].__file__ or "",
            also_follows=tuple(follows),
            remedy=remedy or {},
        )

    return decorate


def _require_defaults(function: Callable[..., Findings]) -> None:
    if function.__code__.co_kwonlyargcount > len(function.__kwdefaults__ or {}):
        raise TypeError(f"{function.__name__}: every parameter of a rule has a default")


def _parameters(function: Callable[..., Findings]) -> tuple[Parameter, ...]:
    """Read the parameters off the keyword-only arguments of a rule's function."""
    # What `inspect.signature` tells, at a tenth of its cost, which is paid at every start for every rule.
    code, defaults = function.__code__, function.__kwdefaults__ or {}
    names = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    if not names:
        return ()
    # Only these annotations are resolved: the others may name what only type checkers import.
    annotations = {name: function.__annotations__[name] for name in names}
    holder = type("Annotations", (), {"__annotations__": annotations})
    hints = typing.get_type_hints(holder, vars(sys.modules[function.__module__]), include_extras=True)
    found = []
    for name in names:
        annotated, about = typing.get_args(hints[name])
        found.append(Parameter(name, annotated, defaults[name], about))
    return tuple(found)
