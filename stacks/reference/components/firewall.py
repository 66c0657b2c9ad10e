"""What may talk to what: one global network firewall policy, attached to every network of the stack."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi
import pulumi_gcp as gcp
from settings import Settings

from components.base import Component
from components.identity import InferenceIdentity
from components.network import Networks
from components.private_dns import RESTRICTED_VIP_RANGE

GOOGLE_FRONT_END_RANGES = ["35.191.0.0/16", "130.211.0.0/22"]
"""Where Google's health checks come from, and the requests of a global load balancer to machines."""

IAP_RANGE = "35.235.240.0/20"
"""Where Identity-Aware Proxy forwards administrators' TCP connections from."""

_ANYWHERE = "0.0.0.0/0"


class Firewall(Component):
    """Opens what a request and its health checks need; denies and logs everything else, in and out.

    The allow rules are aimed at the machines' service account, the two deny rules at every machine. Ranges
    of Private Service Connect stay closed: consumers reach the regional load balancer, never a machine.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        networks: Networks,
        identity: InferenceIdentity,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("Firewall", name, needs, opts)
        self._policy = gcp.compute.NetworkFirewallPolicy(
            name, description="Multi-region inference: default deny", opts=self.child()
        )
        self._account = identity.account
        serving_port = str(settings.serving_port)
        proxies = [region.proxy_only_range for region in settings.regions]
        self._allow_in("probes", 1000, "Google health checks and front ends", GOOGLE_FRONT_END_RANGES, serving_port)
        self._allow_in("proxies", 1010, "Proxies of the regional load balancers", proxies, serving_port)
        self._allow_in("iap-ssh", 1020, "Administrators through Identity-Aware Proxy", [IAP_RANGE], "22")
        self._allow_google_apis(2000)
        self._deny_rest(65000)
        for label, network in networks.all.items():
            gcp.compute.NetworkFirewallPolicyAssociation(
                f"{name}-{label}",
                firewall_policy=self._policy.id,
                attachment_target=network.id,
                opts=self.child(),
            )
        self.register_outputs({})

    def _allow_in(self, label: str, priority: int, description: str, sources: list[str], port: str) -> None:
        gcp.compute.NetworkFirewallPolicyRule(
            f"allow-{label}",
            firewall_policy=self._policy.name,
            priority=priority,
            description=description,
            direction="INGRESS",
            action="allow",
            match=gcp.compute.NetworkFirewallPolicyRuleMatchArgs(src_ip_ranges=sources, layer4_configs=[_tcp(port)]),
            target_service_accounts=[self._account.email],
            enable_logging=True,
            opts=self.child(),
        )

    def _allow_google_apis(self, priority: int) -> None:
        gcp.compute.NetworkFirewallPolicyRule(
            "allow-google-apis",
            firewall_policy=self._policy.name,
            priority=priority,
            description="Google APIs on the restricted addresses",
            direction="EGRESS",
            action="allow",
            match=gcp.compute.NetworkFirewallPolicyRuleMatchArgs(
                dest_ip_ranges=[RESTRICTED_VIP_RANGE], layer4_configs=[_tcp("443")]
            ),
            target_service_accounts=[self._account.email],
            enable_logging=True,
            opts=self.child(),
        )

    def _deny_rest(self, priority: int) -> None:
        everything = [gcp.compute.NetworkFirewallPolicyRuleMatchLayer4ConfigArgs(ip_protocol="all")]
        matches = {
            "INGRESS": gcp.compute.NetworkFirewallPolicyRuleMatchArgs(
                src_ip_ranges=[_ANYWHERE], layer4_configs=everything
            ),
            "EGRESS": gcp.compute.NetworkFirewallPolicyRuleMatchArgs(
                dest_ip_ranges=[_ANYWHERE], layer4_configs=everything
            ),
        }
        for offset, (direction, match) in enumerate(matches.items()):
            gcp.compute.NetworkFirewallPolicyRule(
                f"deny-{direction.lower()}",
                firewall_policy=self._policy.name,
                priority=priority + 10 * offset,
                description=f"Everything else, {direction.lower()}",
                direction=direction,
                action="deny",
                match=match,
                enable_logging=True,
                opts=self.child(),
            )


def _tcp(port: str) -> gcp.compute.NetworkFirewallPolicyRuleMatchLayer4ConfigArgs:
    return gcp.compute.NetworkFirewallPolicyRuleMatchLayer4ConfigArgs(ip_protocol="tcp", ports=[port])
