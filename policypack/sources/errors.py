"""What is said when something that the user gave cannot be used, so that nothing can be judged."""

from __future__ import annotations


class InputError(Exception):
    """What the user gave cannot be used, so no verdict is possible.

    Attributes:
        what: What went wrong, as a sentence without its full stop.
        where: The file, and the line where it is known: `Pulumi.yaml:3`; "" where `what` says it.
        what_to_do: What the user can do about it, as a whole sentence.
        trace: The frames of the program's own code, outermost first, or the last lines it printed.
    """

    def __init__(self, what: str, where: str = "", what_to_do: str = "", trace: tuple[str, ...] = ()) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.what_to_do = what_to_do
        self.trace = trace

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return "\n".join([f"{place}{self.what}", *self.trace, self.what_to_do])


class NoStateError(InputError):
    """A file is sound, and no state of a stack: among many others it is passed over."""
