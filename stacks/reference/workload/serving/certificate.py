"""The certificate of the last hop.

The load balancer encrypts the way to the machine and does not verify who answers, so a certificate that the process
makes for itself is enough; it lives as long as the process.
"""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path

from serving.environment import ConfigurationError, Environment

_DAYS = 365


def server_context(environment: Environment, folder: Path) -> ssl.SSLContext:
    """Give what the server needs to speak TLS 1.2 or newer.

    Args:
        environment: Names the certificate, or none.
        folder: Where one is made if none is named.

    Raises:
        ConfigurationError: The certificate cannot be used, or none can be made.
    """
    certificate, key = environment.certificate, environment.private_key
    if certificate is None or key is None:
        certificate, key = _make(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(f"the certificate {certificate} and the key {key} cannot be used: {error}") from error
    return context


def _make(folder: Path) -> tuple[str, str]:
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", str(_DAYS), "-subj", "/CN=inference", "-keyout", str(key), "-out", str(certificate)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise ConfigurationError(
            "openssl is not installed: install it, or set TLS_CERTIFICATE and TLS_PRIVATE_KEY"
        ) from error
    except subprocess.CalledProcessError as error:
        raise ConfigurationError(f"openssl could not make a certificate: {error.stderr}") from error
    return str(certificate), str(key)
