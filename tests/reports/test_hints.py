"""What a report says to write into the program."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from policypack.gcp import types as t
from policypack.model.values import UNKNOWN
from policypack.reports.hints import class_of, hints, show_hints, snake
from policypack.reports.layout import Page
from policypack.reports.report import Report
from tests.reports.judged import HOSTILE, WAIVER, judged, policy
from tests.support.graphs import res

BUCKET = res(t.BUCKET, "files", {"location": "EU"}, line=3)


def told(report: Report) -> str:
    page = Page()
    show_hints(page, report)
    return page.plain()


def texts(report: Report) -> list[tuple[str, str]]:
    return [(one.within, one.text) for one in hints(report)]


def test_it_names_the_line_the_class_the_argument_and_the_rule() -> None:
    assert told(judged(policy("old", line=7))) == (
        "What to write\n"
        "\n"
        '  shop/__main__.py:7  gcp.compute.SSLPolicy("old", …)\n'
        '    min_tls_version="TLS_1_2",  # tls-policy-min-version\n'
    )


def test_what_one_resource_needs_stands_together() -> None:
    text = told(judged(BUCKET))
    assert text.count("gcp.storage.Bucket") == 1
    assert 'public_access_prevention="enforced",' in text
    assert "uniform_bucket_level_access=True," in text


def test_a_block_that_is_not_there_is_written_whole() -> None:
    zone = res(t.MANAGED_ZONE, "zone", {"dnsName": "example.org."})
    assert texts(judged(zone)) == [("", 'dnssec_config={"state": "on"}')]


def test_what_belongs_into_a_block_that_is_there_says_so() -> None:
    zone = res(t.MANAGED_ZONE, "zone", {"dnsName": "example.org.", "dnssecConfig": {"kind": "x"}})
    assert texts(judged(zone)) == [("dnssec_config", '"state": "on"')]
    assert 'in dnssec_config: "state": "on",' in told(judged(zone))


def test_a_program_in_typescript_gets_typescript() -> None:
    report = judged(policy("old"))
    script = replace(report, origin=replace(report.origin, main="index.ts"))
    assert texts(script) == [("", 'minTlsVersion: "TLS_1_2"')]
    zone = judged(res(t.MANAGED_ZONE, "zone", {"dnsName": "example.org."}))
    assert texts(replace(zone, origin=replace(zone.origin, main="index.ts"))) == [("", 'dnssecConfig: {state: "on"}')]


def test_parameters_of_the_configuration_are_followed() -> None:
    config: Any = {"tls-policy-min-version": {"minimum": "TLS_1_3"}}
    assert texts(judged(policy("old"), config=config)) == [("", 'min_tls_version="TLS_1_3"')]


def test_an_answer_that_a_stricter_parameter_would_not_take_is_not_given() -> None:
    key = res(t.CRYPTO_KEY, "key", {"keyRing": "r"})
    assert texts(judged(key)) == [("", 'rotation_period="7776000s"')]
    assert texts(judged(key, config={"kms-key-rotation-90-days": {"days": 30}})) == []


def test_what_is_waived_needs_no_hint() -> None:
    assert texts(judged(policy("old"), config={"guard": {"waivers": [WAIVER]}})) == []


def test_what_is_not_known_yet_needs_no_hint() -> None:
    assert texts(judged(policy("old", version=UNKNOWN))) == []


def test_without_an_answer_that_is_said() -> None:
    assert "no finding here has a single right answer" in told(judged(policy("good", version="TLS_1_2")))


def test_hostile_names_stay_harmless() -> None:
    text = told(judged(policy(HOSTILE)))
    assert "\x1b" not in text
    assert "\x00" not in text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("minTlsVersion", "min_tls_version"),
        ("layer7DdosDefenseConfig", "layer7_ddos_defense_config"),
        ("privateIpv6GoogleAccess", "private_ipv6_google_access"),
        ("rpo", "rpo"),
    ],
)
def test_arguments_are_spelled_as_python_does(name: str, expected: str) -> None:
    assert snake(name) == expected


def test_classes_are_named_as_programs_do() -> None:
    assert class_of("gcp:compute/sSLPolicy:SSLPolicy") == "gcp.compute.SSLPolicy"
