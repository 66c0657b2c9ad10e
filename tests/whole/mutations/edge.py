"""Mistakes that the rules of the edge find."""

from __future__ import annotations

from typing import Final

from tests.whole.mutations.mutation import Mutation

MUTATIONS: Final[tuple[Mutation, ...]] = ()
