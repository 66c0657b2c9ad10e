"""The settings of the deployment: what can be configured, its defaults, and what must fit together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Network

import pulumi
import pulumi_gcp as gcp
from config_reader import ConfigReader
from regions import KNOWN_REGIONS, Region

_DNS_NAME = r"(?=.{4,200}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
_IMAGE = (
    r"(\{region\}|[a-z]+(-[a-z0-9]+)*)-docker\.pkg\.dev/[a-z0-9:.-]+/[a-z0-9-]+/[a-z0-9._/-]+([:@][A-Za-z0-9._:-]+)?"
)
_ZONES_PER_REGION = 3


class Topology(Enum):
    """How the global front end reaches the regions."""

    REGIONAL_PSC = "regional-psc"
    GLOBAL_DIRECT = "global-direct"


class FailoverSignal(Enum):
    """What tells the global load balancer of `regional-psc` that a region is unwell."""

    COMPOSITE = "composite"
    OUTLIER = "outlier"
    BOTH = "both"


class ProtectionLevel(Enum):
    """Where the disk keys live: in software, or in a hardware security module."""

    SOFTWARE = "SOFTWARE"
    HSM = "HSM"


@dataclass(frozen=True)
class Settings:
    """Validated settings; README.md documents each key with default, unit and range.

    Attributes mirror the configuration keys. Times are in seconds, rates in requests per second.
    """

    project: str
    topology: Topology
    regions: tuple[Region, ...]
    domain: str
    internal_domain: str
    dns_zone: str | None
    container_image: str
    machine_type: str
    boot_image: str
    boot_disk_gb: int
    serving_port: int
    min_replicas: int
    max_replicas: int
    max_rate_per_instance: int
    target_utilization_percent: int
    peak_requests_per_second: int
    model_load_seconds: int
    request_timeout_seconds: int
    failover_signal: FailoverSignal
    log_sample_percent: int
    kms_protection_level: ProtectionLevel
    protect_keys: bool

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
    def log_sample_rate(self) -> float:
        """The share of requests that load balancers log, from 0.01 to 1.0."""
        return self.log_sample_percent / 100

    def region_domain(self, region: Region) -> str:
        """The host name under which one region's internal load balancer serves."""
        return f"{region.name}.{self.internal_domain}"

    @classmethod
    def load(cls) -> Settings:
        """Reads and validates the configuration of the current stack.

        Raises:
            SettingsError: Some values are wrong or do not fit together; all of them are named.
        """
        reader = ConfigReader(pulumi.Config())
        google = ConfigReader(pulumi.Config("gcp"))
        settings = _read(reader, google)
        for problem in google.problems:
            reader.problems.append(problem)
        _check_together(settings, reader)
        reader.raise_problems()
        return settings


def _read(reader: ConfigReader, google: ConfigReader) -> Settings:
    names = reader.names("regions", ("europe-west1", "asia-northeast1"), KNOWN_REGIONS)
    space = _address_space(reader)
    domain = reader.text("domain", None, _DNS_NAME, "the public host name, such as inference.example.com")
    zone = reader.text("dnsZone", "", r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?", "the name of a Cloud DNS managed zone")
    return Settings(
        project=google.text("project", None, r"[a-z0-9.:-]{4,60}", "the id of a Google Cloud project"),
        topology=reader.choice("topology", Topology.REGIONAL_PSC),
        regions=tuple(Region.of(name, space) for name in names),
        domain=domain,
        internal_domain=reader.text(
            "internalDomain", f"internal.{domain}", _DNS_NAME, "a DNS name such as internal.example.com"
        ),
        dns_zone=zone or None,
        container_image=reader.text(
            "containerImage",
            None,
            _IMAGE,
            "an Artifact Registry image such as {region}-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE:TAG",
        ),
        machine_type=reader.text(
            "machineType", "n2-standard-8", r"[a-z0-9]+(-[a-z0-9]+)+", "a machine type such as n2-standard-8"
        ),
        boot_image=reader.text(
            "bootImage",
            "projects/cos-cloud/global/images/family/cos-stable",
            r"projects/[^/]+/global/images/(family/)?[^/]+",
            "an image such as projects/cos-cloud/global/images/family/cos-stable",
        ),
        boot_disk_gb=reader.integer("bootDiskGb", 50, 10, 65536, "GB"),
        serving_port=reader.integer("servingPort", 8443, 1024, 65535, "(a TCP port)"),
        min_replicas=reader.integer("minReplicas", 3, _ZONES_PER_REGION, 1000, "virtual machines a region"),
        max_replicas=reader.integer("maxReplicas", 12, _ZONES_PER_REGION, 1000, "virtual machines a region"),
        max_rate_per_instance=reader.integer("maxRatePerInstance", 20, 1, 100_000, "requests per second"),
        target_utilization_percent=reader.integer("targetUtilizationPercent", 60, 10, 90, "percent"),
        peak_requests_per_second=reader.integer("peakRequestsPerSecond", 120, 1, 10_000_000, "requests per second"),
        model_load_seconds=reader.integer("modelLoadSeconds", 600, 30, 3600, "seconds"),
        request_timeout_seconds=reader.integer("requestTimeoutSeconds", 60, 1, 3600, "seconds"),
        failover_signal=reader.choice("failoverSignal", FailoverSignal.BOTH),
        log_sample_percent=reader.integer("logSamplePercent", 100, 1, 100, "percent"),
        kms_protection_level=reader.choice("kmsProtectionLevel", ProtectionLevel.SOFTWARE),
        protect_keys=reader.boolean("protectKeys", True),
    )


def _address_space(reader: ConfigReader) -> IPv4Network:
    default = "10.64.0.0/12"
    meaning = f"a private IPv4 range of prefix length 12, such as {default}"
    value = reader.text("addressSpace", default, r"[0-9./]+", meaning)
    try:
        space = IPv4Network(value)
    except ValueError as error:
        reader.problem("addressSpace", f"{value!r} is not {meaning} ({error})")
        return IPv4Network(default)
    if space.prefixlen != 12 or not space.is_private:
        reader.problem("addressSpace", f"{value!r} is not {meaning}")
        return IPv4Network(default)
    return space


def _check_together(settings: Settings, reader: ConfigReader) -> None:
    """Notes what no single key shows: values that are valid alone and wrong together."""
    names = [region.name for region in settings.regions]
    if len(set(names)) < len(names):
        reader.problem("regions", f"{', '.join(names)}: a region is listed twice")
    if len(set(names)) < 2:
        reader.problem("regions", "name at least two regions: one alone cannot fail over")
    if settings.max_replicas < settings.min_replicas:
        reader.problem("maxReplicas", f"{settings.max_replicas} is less than minReplicas ({settings.min_replicas})")
    if f".{settings.domain}".endswith(f".{settings.internal_domain}"):
        reader.problem(
            "internalDomain",
            f"{settings.internal_domain!r} would hide {settings.domain!r} inside the network; "
            "choose a name that does not contain it",
        )
    _check_capacity(settings, reader)
    if settings.uses_composite_health and not composite_health_available():
        reader.problem(
            "failoverSignal",
            f"{settings.failover_signal.value!r} needs composite health checks, which the installed "
            "pulumi-gcp does not have; set it to outlier, or upgrade pulumi-gcp (9.35 and newer have them)",
        )


def _check_capacity(settings: Settings, reader: ConfigReader) -> None:
    """With any one region lost, the others at full size must still carry the peak."""
    survivors = len(settings.regions) - 1
    per_machine = settings.max_rate_per_instance * settings.target_utilization_percent / 100
    capacity = survivors * settings.max_replicas * per_machine
    if survivors >= 1 and capacity < settings.peak_requests_per_second:
        needed = -(-settings.peak_requests_per_second // (survivors * per_machine))
        reader.problem(
            "maxReplicas",
            f"with one region lost, {survivors} x {settings.max_replicas} machines serve {capacity:g} "
            f"requests per second, less than peakRequestsPerSecond "
            f"({settings.peak_requests_per_second}); it takes at least {needed:g}",
        )


def composite_health_available() -> bool:
    """Whether the installed pulumi-gcp has the resources of composite health checks."""
    wanted = ("RegionHealthAggregationPolicy", "RegionHealthSource", "RegionCompositeHealthCheck")
    return all(hasattr(gcp.compute, name) for name in wanted)
