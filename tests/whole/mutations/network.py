"""Mistakes that the rules of the network find."""

from __future__ import annotations

from typing import Final

from tests.whole.changes import point, put
from tests.whole.mutations.mutation import GROUP, TEMPLATE, Mutation

PROXY_ONLY: Final = ("Subnetwork", "proxy-only-europe-west1")

MUTATIONS: Final[tuple[Mutation, ...]] = (
    Mutation(
        "backend-subnet-in-every-region",
        point(TEMPLATE, "networkInterfaces[0].subnetwork", ("Subnetwork", "vm-asia-northeast1")),
        GROUP[1],
        "versions",
    ),
    Mutation("proxy-only-subnet-present", put(PROXY_ONLY, "role", "BACKUP"), "backend-europe-west1", "network"),
    Mutation("proxy-only-subnet-size", put(PROXY_ONLY, "ipCidrRange", "10.68.18.0/27"), PROXY_ONLY[1], "ipCidrRange"),
)
