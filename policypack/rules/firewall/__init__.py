"""Who can reach what, and whether the load balancer can."""
