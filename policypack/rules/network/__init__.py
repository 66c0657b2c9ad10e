"""Networks, subnets, addresses and what connects them."""
