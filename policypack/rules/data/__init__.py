"""Stores that last, and who can read them."""
