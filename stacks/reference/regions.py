"""Google Cloud regions: the zones a group spreads over, and the region's fixed place in the address plan.

Zones and numbers are written down instead of looked up: the zones of a managed instance group cannot be
changed after creation, and a number that depended on the order of the `regions` setting would move every
subnet when that list is edited. To use a region that is newer than this table, add a line with the next
free number; never renumber an existing line.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

REGION_BLOCK_PREFIX = 18
"""Prefix length of the address block of one region; an address space of /12 holds 64 of them."""

MACHINES_PER_SUBNET = 2**12 - 4 - 8
"""Machines that a region's /20 has room for: four addresses are Google's, a few are the load balancer's."""

# region -> (number in the address plan, zone suffixes: the three to spread over)
_REGIONS: dict[str, tuple[int, str]] = {
    "africa-south1": (0, "abc"),
    "asia-east1": (1, "abc"),
    "asia-east2": (2, "abc"),
    "asia-northeast1": (3, "abc"),
    "asia-northeast2": (4, "abc"),
    "asia-northeast3": (5, "abc"),
    "asia-south1": (6, "abc"),
    "asia-south2": (7, "abc"),
    "asia-southeast1": (8, "abc"),
    "asia-southeast2": (9, "abc"),
    "australia-southeast1": (10, "abc"),
    "australia-southeast2": (11, "abc"),
    "europe-central2": (12, "abc"),
    "europe-north1": (13, "abc"),
    "europe-north2": (14, "abc"),
    "europe-southwest1": (15, "abc"),
    "europe-west1": (16, "bcd"),
    "europe-west2": (17, "abc"),
    "europe-west3": (18, "abc"),
    "europe-west4": (19, "abc"),
    "europe-west6": (20, "abc"),
    "europe-west8": (21, "abc"),
    "europe-west9": (22, "abc"),
    "europe-west10": (23, "abc"),
    "europe-west12": (24, "abc"),
    "me-central1": (25, "abc"),
    "me-central2": (26, "abc"),
    "me-west1": (27, "abc"),
    "northamerica-northeast1": (28, "abc"),
    "northamerica-northeast2": (29, "abc"),
    "northamerica-south1": (30, "abc"),
    "southamerica-east1": (31, "abc"),
    "southamerica-west1": (32, "abc"),
    "us-central1": (33, "abc"),
    "us-east1": (34, "bcd"),
    "us-east4": (35, "abc"),
    "us-east5": (36, "abc"),
    "us-south1": (37, "abc"),
    "us-west1": (38, "abc"),
    "us-west2": (39, "abc"),
    "us-west3": (40, "abc"),
    "us-west4": (41, "abc"),
}

KNOWN_REGIONS: tuple[str, ...] = tuple(_REGIONS)
"""Every region name that the `regions` setting accepts."""


@dataclass(frozen=True)
class Region:
    """One serving region: its name, its zones and its address ranges.

    Attributes:
        name: Google's name, for example `europe-west1`.
        zones: The three zones that its instance group spreads over.
        vm_range: /20 for the virtual machines and the internal load balancer's address.
        psc_nat_range: /26 that Private Service Connect translates consumers to.
        proxy_only_range: /23 for the Envoy proxies of the regional load balancer.
        edge_range: /28 in the edge network, for the consumer side of Private Service Connect.
    """

    name: str
    zones: tuple[str, ...]
    vm_range: str
    psc_nat_range: str
    proxy_only_range: str
    edge_range: str

    @property
    def continent(self) -> str:
        """The first word of the region's name: `europe`, `asia`, `us` and so on."""
        return self.name.split("-", 1)[0]

    @classmethod
    def of(cls, name: str, address_space: IPv4Network) -> Region:
        """Looks up a region and cuts its block out of the address space.

        Args:
            name: One of `KNOWN_REGIONS`.
            address_space: The /12 that the whole deployment draws from.

        Raises:
            KeyError: The region is not in the table.
        """
        number, suffixes = _REGIONS[name]
        size = 2 ** (32 - REGION_BLOCK_PREFIX)
        base = int(address_space.network_address) + number * size

        def cut(offset: int, prefix: int) -> str:
            return str(IPv4Network((base + offset, prefix)))

        return cls(
            name=name,
            zones=tuple(f"{name}-{suffix}" for suffix in suffixes),
            vm_range=cut(0, 20),
            psc_nat_range=cut(16 * 256, 26),
            proxy_only_range=cut(18 * 256, 23),
            edge_range=cut(20 * 256, 28),
        )
