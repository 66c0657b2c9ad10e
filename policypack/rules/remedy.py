"""The one right answer to a finding: which value to write where, for rules that leave no choice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from policypack.model.records import dataclass
from policypack.model.values import Value

if TYPE_CHECKING:
    from collections.abc import Mapping

_INDEX: Final = re.compile(r"\[\d+\]")


@dataclass(frozen=True)
class FromParameter:
    """A value that follows a parameter of the rule, which a configuration can set.

    Of a list of allowed values it is the preferred one, or the first if that is not among them. Of a smallest number
    it is the preferred one, or the parameter if that is larger. Of a text it is the text.

    Attributes:
        name: The parameter.
        preferred: What to write where the parameter allows it.
    """

    name: str
    preferred: Value = None

    def value(self, parameters: Mapping[str, object]) -> Value:
        """Give the value; None where the parameter allows none."""
        set_to = parameters[self.name]
        if isinstance(set_to, (list, tuple)):
            return self.preferred if self.preferred in set_to else next(iter(set_to), None)
        if isinstance(set_to, (int, float)) and isinstance(self.preferred, (int, float)):
            return max(set_to, self.preferred)
        return set_to if isinstance(set_to, (str, int, float)) else self.preferred


Remedy: TypeAlias = "Mapping[str, Value | FromParameter]"
"""Property that a finding names (`backends[].capacityScaler`), to the value that it should have."""


def remedy_at(remedy: Remedy, path: str, parameters: Mapping[str, object]) -> Value:
    """Give the value that a property at fault should have; None where the rule leaves a choice.

    Args:
        remedy: The remedy of the rule.
        path: The property that the finding names, such as `backends[0].capacityScaler`.
        parameters: The parameters that the rule ran with.
    """
    value = remedy.get(_INDEX.sub("[]", path))
    return value.value(parameters) if isinstance(value, FromParameter) else value
