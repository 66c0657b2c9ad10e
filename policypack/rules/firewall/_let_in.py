"""What a firewall rule lets in, for rules that judge where from and to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policypack.rules.contract import NotApplicable
from policypack.topology.firewall import Action, rule_at

if TYPE_CHECKING:
    from policypack.topology.firewall import FirewallRule, Place


def letting_in(place: Place) -> FirewallRule:
    """Give the firewall rule at a place.

    Raises:
        NotApplicable: It lets nothing in to machines.
        Undecided: Whether it does is not known.
    """
    firewall = rule_at(place)
    if not firewall.enabled():
        raise NotApplicable("it is disabled")
    if not firewall.ingress():
        raise NotApplicable("it is about outgoing connections")
    if firewall.action() not in {Action.ALLOW, Action.INSPECT}:
        raise NotApplicable("it lets nothing in")
    if not firewall.guards_machines():
        raise NotApplicable("it is aimed at proxies of internal load balancers, not at machines")
    return firewall
