"""Health checks, backends that can take traffic, and repair."""
