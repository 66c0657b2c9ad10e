"""What comes in at the front end of the reference stack, what is turned away, and under which name it is found."""

from __future__ import annotations

from typing import Any

from tests.stacks.capture import Captured, Registered
from tests.stacks.conftest import Run

LAST = 2147483647
REGIONS = ("asia-northeast1", "europe-west1")
# Few runs for many facts: a run of the program costs seconds.
STRICT: dict[str, Any] = {
    "backendTlsValidation": True,
    "clientRequestsPerMinute": 42,
    "egressHosts": ["downloads.example.com"],
    "iapMembers": ["group:testers@example.com", "user:ada@example.com"],
    "wafMode": "enforce",
}
ZONE = {"dnsZone": "example-zone", "nat": False}
OWN = {"certificatePem": "-----BEGIN CERTIFICATE-----\nMIIB", "privateKeyPem": "a key"}
ELSEWHERE = {"manageDns": False}
DIRECT_IPV6 = {"topology": "global-direct", "ipv6": True}


def rules(built: Captured) -> dict[int, dict[str, Any]]:
    return {int(rule["priority"]): rule for rule in built.one("SecurityPolicy", "frontend").inputs["rules"]}


def rule_sets(built: Captured) -> dict[str, bool]:
    """Every preconfigured rule set, and whether it only logs."""
    return {
        rule["match"]["expr"]["expression"].split("'")[1]: bool(rule.get("preview"))
        for rule in rules(built).values()
        if "evaluatePreconfiguredWaf" in str(rule["match"])
    }


def test_every_global_service_has_the_policy(built: Captured) -> None:
    for service in built.of("BackendService"):
        assert built.targets(service, "securityPolicy") == ["SecurityPolicy frontend"]


def test_the_rate_limit_comes_after_every_denial_and_before_the_rest(built: Captured) -> None:
    ordered = [rule["action"] for _, rule in sorted(rules(built).items())]
    assert ordered[-2:] == ["throttle", "allow"]
    assert {action.split("(")[0] for action in ordered[:-2]} == {"deny"}
    assert max(rules(built)) == LAST


def test_one_client_may_send_what_the_settings_say(run: Run) -> None:
    limit = rules(run(**STRICT))[2000]["rateLimitOptions"]
    assert limit["rateLimitThreshold"] == {"count": 42, "intervalSec": 60}
    assert (limit["enforceOnKey"], limit["exceedAction"]) == ("IP", "deny(429)")


def test_rule_sets_begin_in_preview_but_for_the_one_against_log4shell(built: Captured) -> None:
    found = rule_sets(built)
    assert [name for name, preview in found.items() if not preview] == ["cve-canary"]
    assert {"sqli-v33-stable", "xss-v33-stable", "rce-v33-stable"} <= set(found)


def test_rule_sets_deny_when_told_to(run: Run) -> None:
    assert set(rule_sets(run(**STRICT)).values()) == {False}


def test_requests_for_other_hosts_are_turned_away(built: Captured) -> None:
    first = rules(built)[min(rules(built))]
    assert first["action"] == "deny(404)"
    assert first["match"]["expr"]["expression"] == (
        "!request.headers['host'].lower().matches('^inference[.]example[.]com(:443)?$')"
    )


def test_descriptions_are_as_short_as_the_api_wants_them(built: Captured) -> None:
    assert max(len(rule["description"]) for rule in rules(built).values()) <= 64


def test_unusual_traffic_is_watched_for(built: Captured) -> None:
    policy = built.one("SecurityPolicy", "frontend").inputs
    assert policy["adaptiveProtectionConfig"]["layer7DdosDefenseConfig"]["enable"] is True


def matcher(built: Captured) -> dict[str, Any]:
    (found,) = built.one("URLMap", "frontend").inputs["pathMatchers"]
    return dict(found)


def test_the_domain_has_a_host_rule(built: Captured) -> None:
    url_map = built.one("URLMap", "frontend").inputs
    assert url_map["hostRules"] == [{"hosts": ["inference.example.com"], "pathMatcher": matcher(built)["name"]}]


def test_what_may_have_been_worked_on_is_never_sent_again_unless_it_is_a_get(built: Captured) -> None:
    everything = matcher(built)["defaultRouteAction"]["retryPolicy"]["retryConditions"]
    assert set(everything) == {"connect-failure", "refused-stream"}
    (gets,) = matcher(built)["routeRules"]
    assert "gateway-error" in gets["routeAction"]["retryPolicy"]["retryConditions"]
    assert gets["matchRules"] == [
        {"prefixMatch": "/", "headerMatches": [{"headerName": ":method", "exactMatch": "GET"}]}
    ]


def test_browsers_are_told_to_use_https_alone(built: Captured) -> None:
    (header,) = built.one("URLMap", "frontend").inputs["headerAction"]["responseHeadersToAdds"]
    assert header["headerName"] == "Strict-Transport-Security"


def test_the_public_zone_is_signed_and_logged(built: Captured) -> None:
    zone = built.one("ManagedZone", "public").inputs
    assert (zone["dnssecConfig"]["state"], zone["dnssecConfig"]["nonExistence"]) == ("on", "nsec3")
    assert zone["cloudLoggingConfig"] == {"enableLogging": True}


def test_the_zone_holds_the_address_and_every_proof(built: Captured) -> None:
    names = {
        record.name
        for record in built.of("RecordSet")
        if built.targets(record, "managedZone") == ["ManagedZone public"]
    }
    assert names == {
        "public-authority",
        "frontend-address",
        "frontend-certificate-authorization",
        "backend-asia-northeast1-certificate-authorization",
        "backend-europe-west1-certificate-authorization",
    }


def test_a_zone_that_exists_is_used_instead(run: Run) -> None:
    built = run(**ZONE)
    assert [zone.name for zone in built.of("ManagedZone") if zone.inputs["visibility"] == "public"] == []
    assert built.one("RecordSet", "frontend-address").inputs["managedZone"] == "example-zone"


def test_with_dns_elsewhere_the_records_are_outputs(run: Run) -> None:
    built = run(**ELSEWHERE)
    assert [record.name for record in built.of("RecordSet") if record.name.startswith("frontend")] == []
    assert len(built.outputs["certificate_dns_records"]) == 1 + len(REGIONS)


def test_identity_aware_proxy_is_off_unless_somebody_may_come_in(built: Captured) -> None:
    assert "iap" not in built.one("BackendService", "regions").inputs


def test_identity_aware_proxy_lets_in_whom_the_settings_list(run: Run) -> None:
    built = run(**STRICT)
    assert built.one("BackendService", "regions").inputs["iap"] == {"enabled": True}
    grants = built.of("WebBackendServiceIamMember")
    assert sorted(grant.inputs["member"] for grant in grants) == sorted(STRICT["iapMembers"])
    assert {grant.inputs["role"] for grant in grants} == {"roles/iap.httpsResourceAccessor"}


def test_a_certificate_of_ones_own_takes_the_place_of_googles(run: Run) -> None:
    built = run(**OWN)
    certificate = built.one("Certificate", "frontend-certificate").inputs
    assert "managed" not in certificate
    assert certificate["selfManaged"].keys() == {"pemCertificate", "pemPrivateKeyWo", "pemPrivateKeyWoVersion"}


def test_who_issues_certificates_is_said_only_where_google_does(run: Run, psc: Captured) -> None:
    assert psc.one("RecordSet", "public-authority").inputs["type"] == "CAA"
    assert [record.name for record in run(**OWN).of("RecordSet") if record.inputs["type"] == "CAA"] == []


def test_ipv6_has_an_address_rules_and_a_record_of_its_own(run: Run) -> None:
    built = run(**DIRECT_IPV6)
    by_address: dict[str, list[Registered]] = {}
    for rule in built.of("GlobalForwardingRule"):
        by_address.setdefault(built.targets(rule, "ipAddress")[0], []).append(rule)
    assert {address: sorted(r.inputs["portRange"] for r in found) for address, found in by_address.items()} == {
        "GlobalAddress frontend": ["443", "80"],
        "GlobalAddress frontend-ipv6": ["443", "80"],
    }
    assert built.one("RecordSet", "frontend-address-ipv6").inputs["type"] == "AAAA"


def test_backend_tls_validation_checks_the_names_of_all_regions(run: Run) -> None:
    service = run(**STRICT).one("BackendService", "regions").inputs
    assert [name["dnsName"] for name in service["tlsSettings"]["subjectAltNames"]] == [
        "europe-west1.internal.inference.example.com",
        "asia-northeast1.internal.inference.example.com",
    ]


def test_machines_have_a_way_out_only_where_it_is_wanted(run: Run, psc: Captured) -> None:
    assert len(psc.of("RouterNat")) == len(REGIONS)
    assert run(**ZONE).of("RouterNat") == []


def test_nothing_but_the_hosts_that_are_listed_is_reached_in_the_internet(run: Run) -> None:
    built = run(**STRICT)
    allowed = {
        rule.name: rule.inputs["match"]
        for rule in built.of("NetworkFirewallPolicyRule")
        if (rule.inputs["direction"], rule.inputs["action"]) == ("EGRESS", "allow")
    }
    assert allowed["allow-google-apis"]["destIpRanges"] == ["199.36.153.4/30"]
    assert allowed["allow-hosts"]["destFqdns"] == ["downloads.example.com"]
    assert len(allowed) == 2
