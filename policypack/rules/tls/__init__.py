"""Certificates, protocol versions and ciphers of the proxies that end TLS."""
