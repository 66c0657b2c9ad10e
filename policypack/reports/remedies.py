"""What a finding asks to be written, as reports tell it: for rules that leave no choice, and where that settles it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from policypack.engine.remedies import Change, change_for, settles
from policypack.model.values import is_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.model.values import Value
    from policypack.reports.report import Fault, Report


def remedy_of(fault: Fault, report: Report) -> Change | None:
    """Give the property to write and its value; None where there is a choice, or nothing that can be shown.

    Nothing of it comes from the stack: the value is that of the rule, or of a parameter of the configuration. What is
    not known yet is not written over, so it has no remedy; neither has a value that is a secret of the stack as well.
    """
    resource = report.judgement.deployment.graph.by_urn.get(fault.urn)
    if resource is None or not fault.verdict.rule.remedy:
        return None
    settings = report.judgement.settings
    change = change_for(fault.verdict.rule, fault.path, settings)
    if change is None or plain(change.value, report.cleaner.data) is None:
        return None
    return change if settles(fault.verdict.rule, resource, change, settings) else None


def remedy_document(fault: Fault, report: Report) -> dict[str, object] | None:
    """Give the remedy of a finding as plain data: `path` and `value`."""
    change = remedy_of(fault, report)
    if change is None:
        return None
    clean = report.cleaner.data
    return {"path": clean(change.path), "value": plain(change.value, clean)}


def plain(value: Value, clean: Callable[[str], str]) -> object:
    """Give a value as plain data; None if there is anything in it that may not be shown, or is not known.

    Args:
        value: The value.
        clean: What takes secrets out of a text: one that it would change is not shown at all.
    """
    if isinstance(value, Mapping):
        items = {name: plain(item, clean) for name, item in value.items()}
        return None if None in items.values() else items
    if is_list(value):
        several = [plain(item, clean) for item in value]
        return None if None in several else several
    if isinstance(value, str):
        return value if clean(value) == value else None
    return value if isinstance(value, (int, float)) else None
