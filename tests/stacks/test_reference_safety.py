"""What keeps the reference stack safe: order of creation, encryption, firewall, identity, healing, outputs."""

from __future__ import annotations

from ipaddress import IPv4Network, collapse_addresses
from typing import Any

import pytest

from tests.stacks.capture import Captured, Registered
from tests.stacks.conftest import Run

REGIONS = ("asia-northeast1", "europe-west1")
WITH_ZONE = {"dnsZone": "example-zone", "protect": False}
WITHOUT_ASIA = {"regions": ["us-east1", "europe-west1"]}


def rules(built: Captured) -> dict[str, Registered]:
    return {rule.name: rule for rule in built.of("NetworkFirewallPolicyRule")}


def sources(rule: Registered) -> list[str]:
    return list(rule.inputs["match"].get("srcIpRanges", []))


def ports(rule: Registered) -> list[Any]:
    return [port for config in rule.inputs["match"]["layer4Configs"] for port in config.get("ports", ["all"])]


def test_every_component_says_when_it_is_complete(built: Captured) -> None:
    components = {resource.urn for resource in built.resources if not resource.custom}
    assert components <= set(built.finished)


def test_every_resource_belongs_to_a_component(built: Captured) -> None:
    components = {resource.urn for resource in built.resources if not resource.custom}
    assert [item.name for item in built.resources if item.custom and item.parent not in components] == []


def test_every_resource_waits_for_the_apis(built: Captured) -> None:
    apis = {f"Service {api.name}" for api in built.of("Service")}
    assert "Service compute" in apis
    others = [item for item in built.resources if item.custom and not item.type.endswith(":Service")]
    assert [item.name for item in others if not apis <= built.waits_for(item)] == []


def test_apis_stay_enabled_when_the_stack_is_destroyed(built: Captured) -> None:
    assert {api.inputs["disableOnDestroy"] for api in built.of("Service")} == {False}


@pytest.mark.parametrize("region", REGIONS)
def test_regional_rule_waits_for_the_proxy_only_subnet(built: Captured, region: str) -> None:
    rule = built.one("ForwardingRule", f"backend-{region}")
    assert f"Subnetwork proxy-only-{region}" in built.waits_for(rule)


def test_https_proxy_waits_for_its_certificate_map_entry(built: Captured) -> None:
    assert "CertificateMapEntry frontend" in built.waits_for(built.one("TargetHttpsProxy", "frontend"))


@pytest.mark.parametrize("region", REGIONS)
def test_template_waits_for_the_right_to_use_its_key(built: Captured, region: str) -> None:
    template = built.one("RegionInstanceTemplate", f"inference-{region}")
    assert f"CryptoKeyIAMMember disks-{region}-compute" in built.waits_for(template)


@pytest.mark.parametrize("region", REGIONS)
def test_composite_health_comes_after_group_and_service(psc: Captured, region: str) -> None:
    check = psc.one("RegionCompositeHealthCheck", f"health-{region}")
    before = {f"RegionInstanceGroupManager inference-{region}", f"RegionBackendService backend-{region}"}
    assert before <= psc.waits_for(check)


@pytest.mark.parametrize("region", REGIONS)
def test_disks_are_encrypted_with_the_key_of_their_region(built: Captured, region: str) -> None:
    template = built.one("RegionInstanceTemplate", f"inference-{region}")
    assert [disk["diskEncryptionKey"].keys() for disk in template.inputs["disks"]] == [{"kmsKeySelfLink"}]
    assert built.targets(template, "disks") == [f"CryptoKey disks-{region}"]


def test_keys_rotate_every_ninety_days_and_are_protected(built: Captured) -> None:
    keys = built.of("CryptoKey")
    assert {key.inputs["rotationPeriod"] for key in keys} == {"7776000s"}
    assert {key.inputs["deletionPolicy"] for key in keys} == {"PREVENT"}
    assert all(key.protect for key in keys)


def test_keys_can_be_left_unprotected(run: Run) -> None:
    assert not any(key.protect for key in run(**WITH_ZONE).of("CryptoKey"))


AGENTS = {
    "data": "gs-project-accounts",
    "disks": "compute-system",
    "images": "gcp-sa-artifactregistry",
    "jobs": "gcp-sa-pubsub",
    "models": "gs-project-accounts",
}


def test_only_the_service_that_encrypts_may_use_a_key(built: Captured) -> None:
    grants = {grant.name.split("-", 1)[0]: grant.inputs["member"] for grant in built.of("CryptoKeyIAMMember")}
    assert grants == {
        purpose: f"serviceAccount:service-123456789012@{agent}.iam.gserviceaccount.com"
        for purpose, agent in AGENTS.items()
    }


ENCRYPTED = {
    "Bucket": "encryption",
    "RegionInstanceTemplate": "disks",
    "Repository": "kmsKeyName",
    "Topic": "kmsKeyName",
}


@pytest.mark.parametrize(("kind", "prop"), ENCRYPTED.items())
def test_what_is_encrypted_waits_for_the_right_to_use_the_key(built: Captured, kind: str, prop: str) -> None:
    for resource in built.of(kind):
        (key,) = built.targets(resource, prop)
        grant = f"CryptoKeyIAMMember {key.removeprefix('CryptoKey ')}-"
        assert any(before.startswith(grant) for before in built.waits_for(resource)), resource.name


def test_grants_wait_for_service_agents_that_have_to_be_made(built: Captured) -> None:
    for purpose, agent in (("jobs", "pubsub"), ("images", "artifactregistry")):
        for region in REGIONS:
            grant = built.one("CryptoKeyIAMMember", f"{purpose}-{region}-{agent}")
            assert f"ServiceIdentity {agent}" in built.waits_for(grant)


def test_tls_policies_are_restricted_to_tls_1_2_and_newer(built: Captured) -> None:
    policies = [*built.of("SSLPolicy"), *built.of("RegionSslPolicy")]
    assert len(policies) == 3
    assert {(item.inputs["profile"], item.inputs["minTlsVersion"]) for item in policies} == {("RESTRICTED", "TLS_1_2")}


def test_each_host_name_has_a_certificate_of_its_own(built: Captured) -> None:
    domains = sorted(item.inputs["managed"]["domains"][0] for item in built.of("Certificate"))
    internal = [f"{region}.internal.inference.example.com" for region in REGIONS]
    assert domains == sorted(["inference.example.com", *internal])


def test_dns_zone_creates_the_proving_records_before_the_certificates(run: Run) -> None:
    built = run(**WITH_ZONE)
    for certificate in built.of("Certificate"):
        assert f"RecordSet {certificate.name}-authorization" in built.waits_for(certificate)


def test_a_name_outside_the_stacks_zone_is_proven_elsewhere(run: Run) -> None:
    built = run(internalDomain="internal.example.org")
    proving = [record.name for record in built.of("RecordSet") if record.name.endswith("-authorization")]
    assert proving == ["frontend-certificate-authorization"]
    assert len(built.outputs["certificate_dns_records"]) == 3


def test_dns_zone_points_the_domain_at_the_address(run: Run) -> None:
    record = run(**WITH_ZONE).one("RecordSet", "frontend-address")
    assert (record.inputs["name"], record.inputs["type"]) == ("inference.example.com.", "A")


def test_every_network_has_the_firewall_policy(psc: Captured) -> None:
    attached = [
        psc.targets(association, "attachmentTarget")[0] for association in psc.of("NetworkFirewallPolicyAssociation")
    ]
    assert sorted(attached) == ["Network edge", "Network ml"]


def test_there_is_no_classic_firewall_rule(built: Captured) -> None:
    assert [item for item in built.resources if item.type == "gcp:compute/firewall:Firewall"] == []


def test_health_checks_reach_the_serving_port(built: Captured) -> None:
    rule = rules(built)["allow-probes"]
    assert (sources(rule), ports(rule)) == (["35.191.0.0/16", "130.211.0.0/22"], ["8443"])


def test_proxies_of_every_region_reach_the_serving_port(built: Captured) -> None:
    rule = rules(built)["allow-proxies"]
    subnets = [s for s in built.of("Subnetwork") if s.inputs["purpose"] == "REGIONAL_MANAGED_PROXY"]
    assert sorted(sources(rule)) == sorted(subnet.inputs["ipCidrRange"] for subnet in subnets)
    assert ports(rule) == ["8443"]


def test_ssh_is_open_to_identity_aware_proxy_only(built: Captured) -> None:
    ssh = [rule for rule in rules(built).values() if "22" in ports(rule)]
    assert [(rule.inputs["action"], sources(rule)) for rule in ssh] == [("allow", ["35.235.240.0/20"])]


def test_allow_rules_are_aimed_at_the_machines_service_account(built: Captured) -> None:
    for rule in rules(built).values():
        if rule.inputs["action"] == "allow":
            targets = built.targets(rule, "targetServiceAccounts")
            serves = rule.name == "allow-proxies"
            assert targets == (["Account inference"] if serves else ["Account inference", "Account worker"])


def test_everything_else_is_denied_and_logged_both_ways(built: Captured) -> None:
    denied = [rule for rule in rules(built).values() if rule.inputs["action"] == "deny"]
    assert sorted(rule.inputs["direction"] for rule in denied) == ["EGRESS", "INGRESS"]
    assert all(rule.inputs["enableLogging"] for rule in denied)
    assert not any("targetServiceAccounts" in rule.inputs for rule in denied)
    lowest_allow = max(rule.inputs["priority"] for rule in rules(built).values() if rule not in denied)
    assert all(rule.inputs["priority"] > lowest_allow for rule in denied)


def test_machines_run_as_the_account_of_their_role_without_an_external_address(built: Captured) -> None:
    for template in built.of("RegionInstanceTemplate"):
        role = template.name.split("-", 1)[0]
        assert built.targets(template, "serviceAccount") == [f"Account {role}"]
        assert [nic.get("accessConfigs") for nic in template.inputs["networkInterfaces"]] == [None]


@pytest.mark.parametrize(
    ("machine_type", "kind", "platform", "maintenance"),
    [
        ("n2-standard-8", "none", None, "MIGRATE"),
        ("n2d-standard-8", "SEV", "AMD Milan", "MIGRATE"),
        ("n2d-standard-8", "SEV_SNP", "AMD Milan", "TERMINATE"),
        ("c3d-standard-8", "SEV", None, "TERMINATE"),
        ("c3-standard-8", "TDX", None, "TERMINATE"),
    ],
)
def test_machines_move_only_where_google_can_move_them(
    run: Run, machine_type: str, kind: str, platform: str | None, maintenance: str
) -> None:
    built = run(machineType=machine_type, confidentialCompute=kind)
    template = built.one("RegionInstanceTemplate", f"inference-{REGIONS[0]}").inputs
    assert template.get("minCpuPlatform") == platform
    assert template["scheduling"]["onHostMaintenance"] == maintenance


@pytest.mark.parametrize("region", REGIONS)
def test_healing_has_a_check_of_its_own_more_lenient_than_the_load_balancers(built: Captured, region: str) -> None:
    group = built.one("RegionInstanceGroupManager", f"inference-{region}")
    assert built.targets(group, "autoHealingPolicies") == [f"RegionHealthCheck inference-{region}-liveness"]
    liveness = built.one("RegionHealthCheck", f"inference-{region}-liveness").inputs
    readiness = built.one("RegionHealthCheck", f"backend-{region}-readiness").inputs

    def patience(check: dict[str, Any]) -> float:
        return float(check["checkIntervalSec"] * check["unhealthyThreshold"])

    assert patience(liveness) > patience(readiness)


def test_groups_name_the_port_that_services_ask_for(built: Captured) -> None:
    for region in REGIONS:
        group = built.one("RegionInstanceGroupManager", f"inference-{region}")
        assert group.inputs["namedPorts"] == [{"name": "https", "port": 8443.0}]
    assert {service.inputs["portName"] for service in built.of("RegionBackendService")} == {"https"}


def test_subnets_of_one_network_do_not_overlap(psc: Captured) -> None:
    for network in ("Network ml", "Network edge"):
        ranges = [
            IPv4Network(subnet.inputs["ipCidrRange"])
            for subnet in psc.of("Subnetwork")
            if psc.targets(subnet, "network") == [network]
        ]
        assert sum(block.num_addresses for block in collapse_addresses(ranges)) == sum(
            block.num_addresses for block in ranges
        )


def test_a_regions_addresses_do_not_depend_on_the_other_regions(run: Run, psc: Captured) -> None:
    other = run(**WITHOUT_ASIA).one("Subnetwork", "vm-europe-west1").inputs["ipCidrRange"]
    assert psc.one("Subnetwork", "vm-europe-west1").inputs["ipCidrRange"] == other


def test_outputs_keep_the_three_names_of_the_starting_program(built: Captured) -> None:
    kept = {"europe_backend_service_url", "asia_backend_service_url", "global_forwarding_rule_ip"}
    assert kept <= set(built.outputs)


def test_a_continent_without_a_region_has_no_output(run: Run) -> None:
    outputs = run(**WITHOUT_ASIA).outputs
    assert "asia_backend_service_url" not in outputs
    assert "europe_backend_service_url" in outputs


def test_image_is_pulled_from_the_registry_of_each_region(built: Captured) -> None:
    for role in ("inference", "worker"):
        for region in REGIONS:
            grant = built.one("RepositoryIamMember", f"images-{region}-{role}")
            assert grant.inputs["location"] == region
            assert built.targets(grant, "member") == [f"Account {role}"]
