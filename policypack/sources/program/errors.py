"""What a dry run says when it cannot record a program."""

from __future__ import annotations

from policypack.sources.errors import InputError


class ProgramError(InputError):
    """The program could not be run to its end, so there is nothing that could be judged."""
