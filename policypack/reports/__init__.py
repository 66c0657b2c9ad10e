"""Ways out: text and JSON."""
