"""Finds every rule of the pack."""

from __future__ import annotations

import functools
import importlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import policypack.rules
from policypack.rules.contract import Phase, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType


@functools.cache
def all_rules() -> tuple[Rule, ...]:
    """Import every module under `policypack/rules` and give its rules, sorted by name.

    Raises:
        ValueError: Two rules claim one name, or a rule yields to one that does not exist.
    """
    found: dict[str, Rule] = {}
    for module in _modules():
        for rule in _rules_of(module):
            for name in (rule.name, *rule.aliases):
                if name in found:
                    raise ValueError(f"{name} is the name of two rules: {found[name].module} and {rule.module}")
                found[name] = rule
    rules = tuple(sorted(set(found.values()), key=lambda rule: rule.name))
    for rule in rules:
        for other in rule.yields_to:
            if other not in found:
                raise ValueError(f"{rule.name} yields to {other}, which is no rule")
            if rule.phase is Phase.RESOURCE and found[other].phase is Phase.STACK:
                # The engine has heard the resource rule before it asks the stack rule.
                raise ValueError(f"{rule.name} judges single resources and cannot yield to the stack rule {other}")
    return rules


@functools.cache
def rules_by_name() -> Mapping[str, Rule]:
    """Give every rule by its name and by each of its aliases."""
    return {name: rule for rule in all_rules() for name in (rule.name, *rule.aliases)}


def _modules() -> Iterator[ModuleType]:
    # The folders are read here, which takes a third of the time that `pkgutil` takes.
    here = Path(policypack.rules.__file__).parent
    for area in _names(here):
        folder = here / area
        if (folder / "__init__.py").is_file():
            for file in _names(folder):
                if file.endswith(".py") and not file.startswith("_"):
                    yield importlib.import_module(f"policypack.rules.{area}.{file[:-3]}")


def _names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in os.scandir(folder))


def _rules_of(module: ModuleType) -> Iterator[Rule]:
    """Give the rules of a module: the table of a family (`RULES`), or its one rule."""
    family = getattr(module, "RULES", None)
    yield from family if family is not None else (one for one in vars(module).values() if type(one) is Rule)
