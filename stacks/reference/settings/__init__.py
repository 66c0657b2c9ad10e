"""The settings of the deployment: what can be configured, its defaults, and what must fit together."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
from config_reader import ConfigReader
from regions import KNOWN_REGIONS, Region

from settings import patterns
from settings.capacity import Capacity
from settings.choices import FailoverSignal, ModelBackend, Topology
from settings.data import Data
from settings.entrance import Entrance
from settings.machines import Machines
from settings.operations import Operations

_DEFAULT_SPACE = "10.64.0.0/12"
# Not 172.16.0.0/12: Docker uses a part of it on every machine.
_PRIVATE = IPv4Network("10.0.0.0/8")


@dataclass(frozen=True)
class Settings:
    """Validated settings; README.md documents each key with default, unit and range.

    Attributes mirror the configuration keys. Times are in seconds, rates in requests per second.
    """

    project: str
    topology: Topology
    failover_signal: FailoverSignal
    regions: tuple[Region, ...]
    entrance: Entrance
    machines: Machines
    capacity: Capacity
    data: Data
    operations: Operations

    @property
    def uses_private_service_connect(self) -> bool:
        """Whether the regions are published to the front end through Private Service Connect."""
        return self.topology is Topology.REGIONAL_PSC

    @property
    def uses_composite_health(self) -> bool:
        """Whether producers report their health to the global load balancer."""
        return self.uses_private_service_connect and self.failover_signal is not FailoverSignal.OUTLIER

    @property
    def uses_outlier_detection(self) -> bool:
        """Whether the global load balancer ejects a region that answers with errors."""
        return self.uses_private_service_connect and self.failover_signal is not FailoverSignal.COMPOSITE

    @property
    def uses_vertex(self) -> bool:
        """Whether the model runs in Vertex AI."""
        return self.machines.model_backend is ModelBackend.VERTEX

    def region_domain(self, region: Region) -> str:
        """The host name under which one region's internal load balancer serves."""
        return f"{region.name}.{self.entrance.internal_domain}"

    def image(self, region: Region) -> str:
        """The full name of the image in the repository of a region."""
        return f"{region.name}-docker.pkg.dev/{self.project}/{self.machines.repository}/{self.machines.image}"

    @classmethod
    def load(cls) -> Settings:
        """Reads and validates the configuration of the current stack.

        Raises:
            SettingsError: Some values are wrong or do not fit together; all of them are named.
        """
        # Here, because the checks need this class.
        from settings.checks import check_together

        reader = ConfigReader(pulumi.Config())
        google = ConfigReader(pulumi.Config("gcp"))
        settings = cls._read(reader, google)
        reader.problems.extend(google.problems)
        check_together(settings, reader)
        reader.raise_problems()
        return settings

    @classmethod
    def _read(cls, reader: ConfigReader, google: ConfigReader) -> Settings:
        names = reader.names("regions", ("europe-west1", "asia-northeast1"), KNOWN_REGIONS)
        space = _address_space(reader)
        return cls(
            project=google.text("project", None, patterns.PROJECT, "the id of a Google Cloud project"),
            topology=reader.choice("topology", Topology.REGIONAL_PSC),
            failover_signal=reader.choice("failoverSignal", FailoverSignal.BOTH),
            regions=tuple(Region.of(name, space) for name in names),
            entrance=Entrance.read(reader),
            machines=Machines.read(reader),
            capacity=Capacity.read(reader, len(set(names))),
            data=Data.read(reader),
            operations=Operations.read(reader),
        )


def _address_space(reader: ConfigReader) -> IPv4Network:
    meaning = f"a private IPv4 range of prefix length 12 within {_PRIVATE}, such as {_DEFAULT_SPACE}"
    value = reader.text("addressSpace", _DEFAULT_SPACE, r"[0-9./]+", meaning)
    try:
        space = IPv4Network(value)
    except ValueError as error:
        reader.problem("addressSpace", f"{value!r} is not {meaning} ({error})")
        return IPv4Network(_DEFAULT_SPACE)
    if space.prefixlen != 12 or not space.subnet_of(_PRIVATE):
        reader.problem("addressSpace", f"{value!r} is not {meaning}")
        return IPv4Network(_DEFAULT_SPACE)
    return space
