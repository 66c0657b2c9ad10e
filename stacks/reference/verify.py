"""Asks the deployed front end what a client would, and each region whether it is well.

    pulumi stack output --json | python3 verify.py
    pulumi stack output --json | GOOGLE_OAUTH_ACCESS_TOKEN="$(gcloud auth print-access-token)" python3 verify.py

Run it after a deployment, after a fail-over, and whenever in doubt. It needs Python alone. Without a token the health
of the regions is not asked for, and said not to have been. Exit code: 0 if everything that was tried is well, 1 if
something is not, 2 if it could not be told what to try.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import ssl
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

DAY = 24 * 60 * 60
EXPIRY_DAYS = 14
"""Google renews certificates a month before they end: one with less than this left is not being renewed."""

_QUESTION = {"instances": [{"text": "thank you, everything works"}]}
_PATH = "/v1/predict"
_FROM_IAP = "X-Goog-IAP-Generated-Response"


@dataclass(frozen=True)
class Target:
    """What to ask, and where.

    Attributes:
        host: The host name that clients use.
        address: The address that the host must have; connections go there, whatever the DNS says.
        https_port, http_port: TCP ports; others than 443 and 80 in tests only.
        services: Region, to the URL of its backend service.
        token: Access token of somebody who may see the health of backend services; "" not to ask.
        authorities: File of certificate authorities to trust instead of those of the system; None for the system's.
    """

    host: str
    address: str
    https_port: int = 443
    http_port: int = 80
    services: Mapping[str, str] | None = None
    token: str = ""
    authorities: str | None = None


class Failed(Exception):
    """What was tried is not as it should be; the text says how."""


class NotTried(Exception):
    """It could not be tried; the text says why."""


Check = Callable[[Target], str]


def names_lead_to_the_address(target: Target) -> str:
    """The host name leads to the address of the front end."""
    try:
        found = sorted({str(one[4][0]) for one in socket.getaddrinfo(target.host, None, type=socket.SOCK_STREAM)})
    except socket.gaierror as error:
        raise Failed(f"{target.host} has no address: {error.strerror}. Create its A record") from error
    if target.address not in found:
        raise Failed(f"{target.host} leads to {', '.join(found)} and not to {target.address}")
    return f"{target.host} leads to {target.address}"


def certificate_is_valid(target: Target) -> str:
    """The certificate is valid, for this host, and not about to end."""
    try:
        with _tls(target, _context(target)) as connection:
            certificate = connection.getpeercert() or {}
            version = connection.version()
    except ssl.SSLCertVerificationError as error:
        raise Failed(
            f"{error.verify_message}. A new certificate takes up to an hour after its records are there"
        ) from error
    left = int((ssl.cert_time_to_seconds(str(certificate["notAfter"])) - time.time()) // DAY)
    if left < EXPIRY_DAYS:
        raise Failed(f"it ends in {left} days")
    return f"valid for {left} days more, over {version}"


def old_tls_is_refused(target: Target) -> str:
    """TLS older than 1.2 is refused."""
    context = _context(target)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with warnings.catch_warnings():
            # Python warns of old versions; that they are refused is what is to be seen.
            warnings.simplefilter("ignore", DeprecationWarning)
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            context.maximum_version = ssl.TLSVersion.TLSv1_1
    except (ValueError, ssl.SSLError) as error:
        raise NotTried("this machine's TLS library speaks no old version") from error
    try:
        with _tls(target, context) as connection:
            raise Failed(f"it speaks {connection.version()}")
    except (ssl.SSLError, ConnectionError) as error:
        if "NO_PROTOCOLS_AVAILABLE" in str(error) or "unsupported protocol" in str(error).lower():
            raise NotTried("this machine's TLS library speaks no old version") from error
        return "refused"


def http_is_redirected(target: Target) -> str:
    """Plain HTTP answers with a redirect to HTTPS, and nothing else."""
    connection = http.client.HTTPConnection(target.address, target.http_port, timeout=20)
    try:
        connection.request("GET", "/a?b=c", headers={"Host": target.host})
        answer = connection.getresponse()
    finally:
        connection.close()
    location = urlsplit(answer.getheader("Location", ""))
    if answer.status not in {301, 308} or location.scheme != "https":
        raise Failed(f"it answers {answer.status} and leads to {location.geturl() or 'nothing'}")
    if (location.hostname, location.path, location.query) != (target.host, "/a", "b=c"):
        raise Failed(f"it leads to {location.geturl()}: another host, path or query than was asked for")
    return f"{answer.status} to https"


def requests_are_answered(target: Target) -> str:
    """A request is answered by the model."""
    connection = http.client.HTTPConnection(target.host)
    connection.sock = _tls(target, _context(target))
    started = time.monotonic()
    try:
        connection.request(
            "POST", _PATH, json.dumps(_QUESTION), {"Host": target.host, "Content-Type": "application/json"}
        )
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    if answer.getheader(_FROM_IAP) is not None:
        raise NotTried(f"Identity-Aware Proxy answers {answer.status} to strangers: sign in, and ask yourself")
    if answer.status != 200:
        raise Failed(f"it answers {answer.status}: {content[:200].decode(errors='replace')}")
    try:
        predictions = json.loads(content)["predictions"]
    except (ValueError, KeyError, TypeError) as error:
        raise Failed(f"the answer has no predictions: {content[:200].decode(errors='replace')}") from error
    if len(predictions) != len(_QUESTION["instances"]):
        raise Failed(f"{len(predictions)} predictions for {len(_QUESTION['instances'])} instances")
    return f"in {(time.monotonic() - started) * 1000:.0f} ms"


def regions_are_well(target: Target) -> str:
    """Every region has machines that pass the load balancer's health check."""
    if not target.services or not target.token:
        raise NotTried("set GOOGLE_OAUTH_ACCESS_TOKEN to ask for the health of the regions")
    found = {region: _health(url, target.token) for region, url in sorted(target.services.items())}
    told = ", ".join(f"{region} {well} of {every}" for region, (well, every) in found.items())
    if any(well == 0 for well, _ in found.values()):
        raise Failed(f"healthy machines: {told}")
    return f"healthy machines: {told}"


CHECKS: tuple[Check, ...] = (
    names_lead_to_the_address,
    certificate_is_valid,
    old_tls_is_refused,
    http_is_redirected,
    requests_are_answered,
    regions_are_well,
)


def verify(target: Target) -> Iterator[tuple[str, str, str]]:
    """Try everything; give what was tried, `ok`, `FAILED` or `not tried`, and what was seen."""
    for check in CHECKS:
        what = str(check.__doc__).rstrip(".")
        try:
            yield what, "ok", check(target)
        except NotTried as why:
            yield what, "not tried", str(why)
        except (Failed, OSError, http.client.HTTPException) as error:
            yield what, "FAILED", str(error) or type(error).__name__


def main() -> int:
    """Read the outputs of the stack from standard input, try everything, tell what came of it."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    arguments.add_argument("--authorities", metavar="FILE", help="certificate authorities to trust, PEM")
    chosen = arguments.parse_args()
    try:
        outputs: Mapping[str, Any] = json.load(sys.stdin)
        target = Target(
            host=str(urlsplit(outputs["url"]).hostname),
            address=str(outputs["global_forwarding_rule_ip"]),
            services=dict(outputs.get("backend_service_urls") or {}),
            token=os.environ.get("GOOGLE_OAUTH_ACCESS_TOKEN", ""),
            authorities=chosen.authorities,
        )
    except (ValueError, KeyError, TypeError) as error:
        print(f"error: this is not what `pulumi stack output --json` writes: {error!r}", file=sys.stderr)
        return 2
    failed = False
    for what, outcome, seen in verify(target):
        failed = failed or outcome == "FAILED"
        print(f"{outcome:9}  {what}: {seen}")
    return 1 if failed else 0


def _context(target: Target) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=target.authorities)


def _tls(target: Target, context: ssl.SSLContext) -> ssl.SSLSocket:
    """Connect to the address, whatever the DNS says, and ask for the host."""
    plain = socket.create_connection((target.address, target.https_port), timeout=20)
    try:
        return context.wrap_socket(plain, server_hostname=target.host)
    except BaseException:
        plain.close()
        raise


def _health(service: str, token: str) -> tuple[int, int]:
    """Count the machines of a backend service: healthy ones, and all."""
    described = _api(service, token)
    states = []
    for backend in described.get("backends", ()):
        answer = _api(f"{service}/getHealth", token, {"group": backend["group"]})
        states += [one.get("healthState") for one in answer.get("healthStatus", ())]
    return states.count("HEALTHY"), len(states)


def _api(url: str, token: str, body: Mapping[str, str] | None = None) -> Mapping[str, Any]:
    """Ask Google's API; a token goes over TLS alone, and in clear only to this machine."""
    parts = urlsplit(url)
    host = str(parts.hostname)
    if parts.scheme == "https":
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(host, parts.port, timeout=60)
    elif host == "127.0.0.1":
        connection = http.client.HTTPConnection(host, parts.port, timeout=60)
    else:
        raise Failed(f"{url} is no https address")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with closing(connection):
        connection.request(
            "GET" if body is None else "POST", parts.path, None if body is None else json.dumps(body), headers
        )
        answer = connection.getresponse()
        content = answer.read()
    if answer.status != 200:
        raise Failed(f"{url} answers {answer.status}: {content[:200].decode(errors='replace')}")
    return dict(json.loads(content))


if __name__ == "__main__":
    sys.exit(main())
