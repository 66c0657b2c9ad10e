"""What is said of one rule and one subject."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from policypack.model.records import cached_property, dataclass

if TYPE_CHECKING:
    from policypack.model.finding import Finding
    from policypack.model.logic import Undecided
    from policypack.rules.contract import Rule


class Status(str, enum.Enum):
    """The answers a rule can give, gravest first: a rule counts once, by the gravest of its verdicts."""

    FAIL = "fail"
    ERROR = "error"
    UNDECIDED = "undecided"
    PASS = "pass"
    NOT_APPLICABLE = "not applicable"

    @cached_property
    def rank(self) -> int:
        """Order: 0 is the gravest."""
        return list(Status).index(self)


@dataclass(frozen=True)
class Crash:
    """A rule that broke.

    Attributes:
        error: The exception, as `KeyError: 'x'`.
        place: File and line in the pack where it happened.
    """

    error: str
    place: str


@dataclass(frozen=True)
class Verdict:
    """What one rule says of one subject.

    Attributes:
        rule: The rule.
        urn: URN of the subject's resource.
        place: Property of the resource that is the subject (`disks[0]`); "" for the resource or view itself.
        status: The answer.
        findings: Faults, if it failed.
        undecided: What would have to be known. A failed subject can have some too.
        reason: Why the rule is not applicable, as a clause.
        inferences: What a pass rests on besides known values.
        crash: What happened, if the rule broke.
    """

    rule: Rule
    urn: str
    place: str
    status: Status
    findings: tuple[Finding, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    reason: str = ""
    inferences: tuple[str, ...] = ()
    crash: Crash | None = None

    @property
    def sort_key(self) -> tuple[str, str, str]:
        """Rule, then subject: the order in which verdicts are kept."""
        return (self.rule.name, self.urn, self.place)
