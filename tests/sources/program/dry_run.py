"""What the tests of the dry run share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from policypack.model.resource import Resource
from policypack.sources.program import ProgramRun

WHOLE = Path(__file__).parent / "programs" / "whole"

Write: TypeAlias = Callable[..., Path]
Record: TypeAlias = Callable[..., ProgramRun]

# The SDK alone, without the large package of the provider: quick to import.
SDK = """\
import pulumi


class Made(pulumi.CustomResource):
    def __init__(self, name, props=None, opts=None, token="gcp:compute/address:Address"):
        super().__init__(token, name, {"selfLink": None, "name": None, **(props or {})}, opts)


"""


def named(run: ProgramRun, name: str) -> Resource:
    """Give the one resource of a name."""
    (found,) = [resource for resource in run.resources if resource.name == name]
    return found
