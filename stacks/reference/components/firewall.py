"""What may talk to what: one global network firewall policy, attached to every network of the stack."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from settings import Settings

from components.base import Component
from components.identity import Identities
from components.network import Networks
from components.private_dns import RESTRICTED_VIP_RANGE

GOOGLE_FRONT_END_RANGES = ["35.191.0.0/16", "130.211.0.0/22"]
"""Where Google's health checks come from, and the requests of a global load balancer to machines."""

IAP_RANGE = "35.235.240.0/20"
"""Where Identity-Aware Proxy forwards administrators' TCP connections from."""

_ANYWHERE = "0.0.0.0/0"
_EVERYTHING: list[gcp.compute.NetworkFirewallPolicyRuleMatchLayer4ConfigArgsDict] = [{"ip_protocol": "all"}]
_Match = gcp.compute.NetworkFirewallPolicyRuleMatchArgsDict
_Accounts = Sequence[pulumi.Input[str]]


class Firewall(Component):
    """Opens what a request and its health checks need; denies and logs everything else, in and out.

    The allow rules are aimed at the machines' service accounts, the two deny rules at every machine. Ranges
    of Private Service Connect stay closed: consumers reach the regional load balancer, never a machine.
    Nothing connects to a worker, except health checks and administrators.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        networks: Networks,
        identities: Identities,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("Firewall", name, needs, opts)
        self._policy = gcp.compute.NetworkFirewallPolicy(
            name, description="Multi-region inference: default deny", opts=self.child()
        )
        servers = [identities.inference.email]
        machines = [account.email for account in identities.all.values()]
        port = str(settings.machines.serving_port)
        proxies = [region.proxy_only_range for region in settings.regions]
        self._allow_in("probes", 1000, "Google health checks and front ends", GOOGLE_FRONT_END_RANGES, port, machines)
        self._allow_in("proxies", 1010, "Proxies of the regional load balancers", proxies, port, servers)
        self._allow_in("iap-ssh", 1020, "Administrators through Identity-Aware Proxy", [IAP_RANGE], "22", machines)
        self._allow_out(
            "google-apis",
            2000,
            "Google APIs on the restricted addresses",
            {"dest_ip_ranges": [RESTRICTED_VIP_RANGE], "layer4_configs": [_tcp("443")]},
            machines,
        )
        if settings.operations.egress_hosts:
            self._allow_out(
                "hosts",
                2010,
                "The hosts that the settings list",
                {"dest_fqdns": list(settings.operations.egress_hosts), "layer4_configs": [_tcp("443")]},
                machines,
            )
        self._deny_rest("ingress", 65000, {"src_ip_ranges": [_ANYWHERE], "layer4_configs": _EVERYTHING})
        self._deny_rest("egress", 65010, {"dest_ip_ranges": [_ANYWHERE], "layer4_configs": _EVERYTHING})
        for label, network in networks.all.items():
            gcp.compute.NetworkFirewallPolicyAssociation(
                f"{name}-{label}",
                firewall_policy=self._policy.id,
                attachment_target=network.id,
                opts=self.child(),
            )
        self.register_outputs({})

    def _allow_in(
        self, label: str, priority: int, description: str, sources: list[str], port: str, targets: _Accounts
    ) -> None:
        match: _Match = {"src_ip_ranges": sources, "layer4_configs": [_tcp(port)]}
        self._rule(f"allow-{label}", priority, description, "INGRESS", "allow", match, targets)

    def _allow_out(self, label: str, priority: int, description: str, match: _Match, targets: _Accounts) -> None:
        self._rule(f"allow-{label}", priority, description, "EGRESS", "allow", match, targets)

    def _deny_rest(self, direction: str, priority: int, match: _Match) -> None:
        self._rule(
            f"deny-{direction}", priority, f"Everything else, {direction}", direction.upper(), "deny", match, None
        )

    def _rule(
        self,
        name: str,
        priority: int,
        description: str,
        direction: str,
        action: str,
        match: _Match,
        targets: _Accounts | None,
    ) -> None:
        gcp.compute.NetworkFirewallPolicyRule(
            name,
            firewall_policy=self._policy.name,
            priority=priority,
            description=description,
            direction=direction,
            action=action,
            match=match,
            target_service_accounts=targets,
            enable_logging=True,
            opts=self.child(),
        )


def _tcp(port: str) -> gcp.compute.NetworkFirewallPolicyRuleMatchLayer4ConfigArgsDict:
    return {"ip_protocol": "tcp", "ports": [port]}
