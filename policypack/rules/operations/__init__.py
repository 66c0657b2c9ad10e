"""A load balancer that holds together."""
