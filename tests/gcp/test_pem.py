"""Reading until when a certificate is valid."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from policypack.gcp.pem import expiry_of
from tests.whole.mutations.tls import EXPIRED

ENDLESS = """-----BEGIN CERTIFICATE-----
MIIBIzCBy6ADAgECAgEHMAoGCCqGSM49BAMCMBsxGTAXBgNVBAMMEHNob3AuZXhh
bXBsZS5jb20wIBcNMjAwMTAxMDAwMDAwWhgPOTk5OTEyMzEyMzU5NTlaMBsxGTAX
BgNVBAMMEHNob3AuZXhhbXBsZS5jb20wWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AAQUHsKeT4WS/yQHfMz/m/j0eIS9iG51+Bu5HZmn6HI6NajAbs1cgAsCYYLmc2dG
UB3mAdGtE7gqyWqBpiEqTXHVMAoGCCqGSM49BAMCA0cAMEQCIAfJvcbydV85iZGO
8CrlQ0zXVW6N7ie+B4hAk0ZH+fLQAiAopDsdoV5xQb5UYL4SkVKFkKrtjclv/+Tz
7MUPFwgmKw==
-----END CERTIFICATE-----
"""


def test_years_of_two_digits_are_read() -> None:
    assert expiry_of(EXPIRED) == datetime(2001, 1, 1, tzinfo=timezone.utc)


def test_years_of_four_digits_are_read() -> None:
    assert expiry_of(ENDLESS) == datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)


def test_the_first_certificate_of_a_chain_counts() -> None:
    assert expiry_of(ENDLESS + EXPIRED) == expiry_of(ENDLESS)


def test_what_stands_before_the_first_block_is_passed_over() -> None:
    assert expiry_of("subject=CN = shop\n" + EXPIRED) == expiry_of(EXPIRED)


@pytest.mark.parametrize("text", ["", "PEM", EXPIRED.replace("MII", "AII"), EXPIRED[:200]])
def test_what_is_no_certificate_has_no_expiry(text: str) -> None:
    assert expiry_of(text) is None


@pytest.mark.parametrize("kept", range(4, 240, 4))
def test_a_certificate_that_is_cut_off_has_no_expiry(kept: int) -> None:
    head, body, tail = "-----BEGIN CERTIFICATE-----", "".join(EXPIRED.split("\n")[1:-2]), "-----END CERTIFICATE-----"
    assert expiry_of(f"{head}\n{body[:kept]}\n{tail}") is None
