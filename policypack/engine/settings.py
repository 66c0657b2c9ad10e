"""Policy configuration: levels, parameters, and what holds for the whole pack.

One JSON document serves all ways in: the one that `pulumi preview --policy-pack-config` takes. Mistakes in it are
kept as problems, never raised: a typing error in one project must not stop an organisation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from policypack.engine.problems import Problem
from policypack.model.records import dataclass, field
from policypack.rules.contract import Level

if TYPE_CHECKING:
    from datetime import date

    from policypack.engine.baseline import Baseline
    from policypack.engine.owners import OwnerBook
    from policypack.engine.waivers import Waiver
    from policypack.rules.contract import Rule

GUARD: Final = "guard"
ALL: Final = "all"
LEVEL_KEY: Final = "enforcementLevel"

DOCUMENT_VERSION: Final = 1
"""The newest version of the `guard` document that this pack reads."""

CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "onUndecided": ("advisory", "fail", "ignore"),
    "onError": ("advisory", "fail"),
    "onConfigError": ("mandatory", "advisory"),
    "onStaleWaiver": ("advisory", "fail", "ignore"),
    "waiverTicket": ("optional", "required"),
}
"""Pack-wide settings under `guard` with a choice of words; the first is the default."""

GUARD_KEYS: Final[Mapping[str, str]] = {
    "version": f"Version of these settings; this pack reads {DOCUMENT_VERSION}. May be left out.",
    "extends": "The profile that this configuration builds on: advisory, production or regulated.",
    "select": "Levels by area, severity, framework and rule: a list of selections; the later ones win.",
    "onUndecided": "What a rule does that cannot be decided yet: advisory, fail (as a fault of it would) or ignore.",
    "onError": "What a rule does that breaks: advisory or fail.",
    "onConfigError": "Level of mistakes in this configuration: mandatory or advisory.",
    "onStaleWaiver": "What a waiver does that waives nothing: advisory, fail or ignore.",
    "waivers": "Findings that are accepted until a day: a list of waivers.",
    "waiverMaximumDays": "How many days ahead the last day of a waiver may be.",
    "waiverTicket": "Whether a waiver must name a ticket: optional or required.",
    "notWaivable": "Rules that may not be waived: a list of names and selections.",
    "baseline": "Findings that are known and do not count: what audit --write-baseline writes.",
    "owners": "Who owns which stacks, for reports of many stacks: a list; the first entry that fits counts.",
    "ownerKeys": "Tags of stacks and labels of resources that name an owner; the first that is there counts.",
}
"""Every setting under `guard`, and what it is."""


class UnreadableSettings(ValueError):
    """The document is none that this pack can read at all; the message says why and what to do."""


@dataclass(frozen=True)
class Entry:
    """What the configuration says of one policy.

    Attributes:
        level: Enforcement level, as written; None where only parameters are given.
        properties: Parameters.
    """

    level: str | None = None
    properties: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Settings:
    """Configuration that is ready to use: whatever was wrong in it has its default.

    Attributes:
        levels: Level of each rule that the user set.
        parameters: Parameters of each rule that the user set.
        on_undecided: What undecided rules do: `advisory`, `fail` or `ignore`.
        on_error: What a broken rule does: `advisory` or `fail`.
        on_config_error: Level of the findings about the configuration: `mandatory` or `advisory`.
        on_stale_waiver: What a waiver does that waives nothing: `advisory`, `fail` or `ignore`.
        problems: Mistakes in the configuration.
        waivers: The waivers without a mistake, expired ones included.
        baseline: Findings that are known and do not count; None where there is no baseline.
        owners: How the owner of a stack is found; None where the configuration says nothing of it.
        ratchet: True if an entry of the baseline that could go is mandatory.
        origins: Rule (or `guard`), to key (`enforcementLevel`, a parameter, a setting), to where its value came from.
        guard: What is set under `guard`, profiles included, as written.
    """

    levels: Mapping[str, Level] = field(default_factory=dict)
    parameters: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    on_undecided: str = "advisory"
    on_error: str = "advisory"
    on_config_error: str = "mandatory"
    on_stale_waiver: str = "advisory"
    problems: tuple[Problem, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    baseline: Baseline | None = None
    owners: OwnerBook | None = None
    ratchet: bool = False
    origins: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    guard: Mapping[str, object] = field(default_factory=dict)

    def level(self, rule: Rule) -> Level:
        """Give the level of a rule."""
        return self.levels.get(rule.name, rule.level)

    def enabled(self, rule: Rule) -> bool:
        """Tell whether a rule runs at all."""
        return self.level(rule) is not Level.DISABLED

    def parameters_of(self, rule: Rule) -> Mapping[str, object]:
        """Give every parameter of a rule: the user's value, or the default."""
        own = self.parameters.get(rule.name)
        return {**rule.defaults, **own} if own else rule.defaults


def from_document(document: object, rules: Iterable[Rule], *, today: date | None = None) -> Settings:
    """Read a whole configuration document.

    Args:
        document: The document, as plain data.
        rules: Every rule of the pack.
        today: The day that waivers are held against; the real one (UTC) unless given.

    Raises:
        UnreadableSettings: It is no JSON object, or a `guard` document of a later version.
    """
    problems: list[Problem] = []
    return from_entries(entries_of(document, problems), rules, problems, today=today)


def entries_of(document: object, problems: list[Problem]) -> dict[str, Entry]:
    """Take a document apart into what it says of each policy; what cannot be meant is added to the problems.

    Raises:
        UnreadableSettings: It is no JSON object.
    """
    if not isinstance(document, Mapping):
        raise UnreadableSettings("the policy configuration must be a JSON object of policy names")
    entries: dict[str, Entry] = {}
    for name, value in document.items():
        if name == "environments":
            continue
        if isinstance(value, str):
            entries[str(name)] = Entry(value)
        elif isinstance(value, Mapping):
            level = value.get(LEVEL_KEY)
            properties = {str(key): item for key, item in value.items() if key != LEVEL_KEY}
            entries[str(name)] = Entry(None if level is None else str(level), properties)
        else:
            problems.append(Problem(str(name), "must be a level, or an object with enforcementLevel and parameters"))
    return entries


def from_entries(
    entries: Mapping[str, Entry],
    rules: Iterable[Rule],
    problems: Iterable[Problem] = (),
    *,
    today: date | None = None,
    complete: bool = False,
) -> Settings:
    """Make settings of what is said of each policy, unknown names included.

    Args:
        entries: What is said of each policy.
        rules: Every rule of the pack.
        problems: Mistakes that were found before.
        today: The day that waivers are held against; the real one (UTC) unless given.
        complete: True if Pulumi's engine has filled in an entry for every policy.

    Raises:
        UnreadableSettings: The `guard` document is of a later version.
    """
    from policypack.engine.reading import Reading

    by_name = {name: rule for rule in rules for name in (rule.name, *rule.aliases)}
    return Reading(by_name, list(problems), today=today, complete=complete).read(entries)
