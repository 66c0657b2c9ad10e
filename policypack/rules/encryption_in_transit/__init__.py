"""Encryption on every hop of a request."""
