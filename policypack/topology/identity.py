"""Whether two references mean the same thing, as far as it is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.model.graph import External
from policypack.model.logic import Bounds, Undecided, any_of, note_inference

if TYPE_CHECKING:
    from policypack.model.graph import Target


def same(left: Target, right: Target) -> bool:
    """Tell whether two targets of references are the same thing.

    A resource of the stack is never the same as something outside.

    Raises:
        Undecided: Both are outside the stack, and their names are not known.
    """
    if left is right:
        return True
    if not isinstance(left, External) or not isinstance(right, External):
        return False
    if left.address is not None and right.address is not None:
        return left.address.fits(right.address)
    if left.text == right.text and left.type is not None:
        return True
    raise Undecided("", "", f"whether {left.text} and {right.text} are the same is not known")


def names(one: Bounds[Target], target: Target) -> bool:
    """Tell whether a reference names a target.

    Args:
        one: What the reference may name.
        target: The thing.

    Raises:
        Undecided: It may name it.
    """
    if any_of(_sorted(one.certain), lambda found: same(found, target)):
        if target not in one.known and not isinstance(target, External):
            note_inference("unknown references were matched with the resources they were made from")
        return True
    if one.open or any_of(_sorted(one.possible), lambda found: same(found, target)):
        raise one.why()
    return False


def overlap(left: Bounds[Target], right: Bounds[Target]) -> bool:
    """Tell whether two references name some thing in common.

    Raises:
        Undecided: They may.
    """
    if any_of(_sorted(left.certain), lambda target: any(_surely(found, target) for found in right.certain)):
        return True
    for one, other in ((left, right), (right, left)):
        if one.open and (other.open or other.possible):
            raise one.why()
    if any_of(_sorted(left.possible), lambda target: any_of(_sorted(right.possible), lambda one: same(one, target))):
        raise (left if not left.exact else right).why()
    return False


def _surely(left: Target, right: Target) -> bool:
    try:
        return same(left, right)
    except Undecided:
        return False


def _sorted(targets: frozenset[Target]) -> list[Target]:
    return sorted(targets, key=lambda target: target.text if isinstance(target, External) else target.urn)
