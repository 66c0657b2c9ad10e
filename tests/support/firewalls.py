"""Stacks with one load balancer, one network and the firewall rules that a test is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policypack.gcp import types as t
from tests.support.graphs import ref, res

if TYPE_CHECKING:
    from tests.support.graphs import Draft

PROBES = ["35.191.0.0/16", "130.211.0.0/22"]
PORT = 8443
TCP = [{"protocol": "tcp", "ports": [str(PORT)]}]
LAYER4 = [{"ipProtocol": "tcp", "ports": [str(PORT)]}]
EVERYTHING = [{"ipProtocol": "all"}]


def web(*firewalls: Draft, **changed: Draft | None) -> tuple[Draft, ...]:
    """Draft a global load balancer with one managed group in one network.

    Args:
        firewalls: What else is in the stack.
        changed: Drafts that replace one of `vpc`, `subnet`, `account`, `template`, `group`, `probe`, `api`; None takes
            it out.
    """
    drafts: dict[str, Draft | None] = {
        "vpc": res(t.NETWORK, "vpc", {"autoCreateSubnetworks": False}),
        "subnet": res(
            t.SUBNETWORK, "subnet", {"network": ref("vpc"), "ipCidrRange": "10.0.0.0/24", "region": "europe-west1"}
        ),
        "account": res(t.SERVICE_ACCOUNT, "account", {"accountId": "web"}),
        "template": template(),
        "group": group(),
        "probe": res(t.HEALTH_CHECK, "probe", {"httpsHealthCheck": {"port": PORT}}),
        "api": service(),
    }
    return (*(draft for draft in {**drafts, **changed}.values() if draft is not None), *firewalls)


def template(name: str = "template", **props: Any) -> Draft:
    given = {
        "machineType": "e2-small",
        "disks": [{"sourceImage": "debian-cloud/debian-12"}],
        "networkInterfaces": [{"subnetwork": ref("subnet")}],
        "serviceAccount": {"email": ref("account"), "scopes": ["cloud-platform"]},
        "tags": ["web"],
        **props,
    }
    return res(t.INSTANCE_TEMPLATE, name, {key: value for key, value in given.items() if value is not None})


def group(name: str = "group", **props: Any) -> Draft:
    given = {
        "region": "europe-west1",
        "baseInstanceName": "web",
        "versions": [{"instanceTemplate": ref("template")}],
        "namedPorts": [{"name": "https", "port": PORT}],
        **props,
    }
    return res(t.REGION_INSTANCE_GROUP_MANAGER, name, given)


def service(**props: Any) -> Draft:
    given = {
        "protocol": "HTTPS",
        "loadBalancingScheme": "EXTERNAL_MANAGED",
        "portName": "https",
        "healthChecks": ref("probe"),
        "backends": [{"group": ref("group")}],
        **props,
    }
    return res(t.BACKEND_SERVICE, "api", {key: value for key, value in given.items() if value is not None})


def firewall(name: str = "allow", **props: Any) -> Draft:
    """Draft a VPC firewall rule; it lets the probes in where `props` does not say otherwise."""
    given = {"network": ref("vpc"), "sourceRanges": PROBES, "allows": TCP, **props}
    return res(t.FIREWALL, name, {key: value for key, value in given.items() if value is not None})


def denial(name: str = "deny", **props: Any) -> Draft:
    """Draft a VPC firewall rule that denies."""
    return firewall(name, **{"allows": None, "denies": [{"protocol": "all"}], **props})


def policy(name: str = "policy", network: Any = None) -> tuple[Draft, Draft]:
    """Draft a global network firewall policy and its association with a network."""
    return (
        res(t.NETWORK_FIREWALL_POLICY, name, {}),
        res(
            t.NETWORK_FIREWALL_POLICY_ASSOCIATION,
            f"{name}-association",
            {"firewallPolicy": ref(name), "attachmentTarget": network or ref("vpc")},
        ),
    )


def policy_rule(
    name: str = "rule",
    action: str = "allow",
    priority: Any = 1000,
    sources: Any = PROBES,
    layer4: Any = LAYER4,
    match: dict[str, Any] | None = None,
    **props: Any,
) -> Draft:
    """Draft a rule of the global network firewall policy `policy`."""
    given = {
        "firewallPolicy": ref("policy"),
        "action": action,
        "priority": priority,
        "direction": "INGRESS",
        "match": {"srcIpRanges": sources, "layer4Configs": layer4, **(match or {})},
        **props,
    }
    return res(t.NETWORK_FIREWALL_POLICY_RULE, name, given)
