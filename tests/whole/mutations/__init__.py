"""One mistake for every rule, made in the reference stack: the rule must find it there, and no other may.

A new rule needs a line here, in the module of its area. Where a mistake cannot help being several, the other rules that
find it are named, each with the reason.
"""

from __future__ import annotations

import importlib
from typing import Final

from policypack.rules.areas import AREAS
from tests.whole.mutations.mutation import Mutation

MUTATIONS: Final[tuple[Mutation, ...]] = tuple(
    mutation for area in AREAS for mutation in importlib.import_module(f"{__name__}.{area}").MUTATIONS
)
