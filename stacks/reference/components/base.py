"""What every component of this stack shares."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi


class Component(pulumi.ComponentResource):
    """A group of resources that belong together and appear as one node in Pulumi's tree.

    Args:
        kind: The component's type, shown by Pulumi as `multiregion:index:KIND`.
        name: The component's name; its children are named after it.
        needs: What must exist before any child is created. Google's APIs have to be enabled first, and
            no reference between resources says so; Pulumi does not pass a component's own `depends_on` on
            to its children, so each child names these itself.
    """

    def __init__(
        self,
        kind: str,
        name: str,
        needs: Sequence[pulumi.Resource] = (),
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(f"multiregion:index:{kind}", name, None, opts)
        self.needs = tuple(needs)

    def child(self, *depends_on: pulumi.Resource, protect: bool | None = None) -> pulumi.ResourceOptions:
        """Options for a child: its parent, what this component needs, and what only this child waits for."""
        return pulumi.ResourceOptions(parent=self, depends_on=[*self.needs, *depends_on], protect=protect)


def deletion_policy(protect: bool) -> str:
    """What the provider does when asked to delete what cannot be made again.

    It refuses while the stack is protected, as Pulumi itself does; never does it forget a resource and leave
    it behind.
    """
    return "PREVENT" if protect else "DELETE"
