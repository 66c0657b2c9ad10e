"""What no single key shows: values that are valid alone and wrong together."""

from __future__ import annotations

from config_reader import ConfigReader
from regions import MACHINES_PER_SUBNET

from settings import Settings
from settings.capacity import ZONES_PER_REGION
from settings.choices import ConfidentialCompute

_MOST_REGIONS_VALIDATED = 5
_GPU_COUNTS = (1, 2, 4, 8)
_HYPERDISK_ALONE = frozenset({"a4", "a4x", "c4", "c4a", "c4d", "g4", "n4", "n4a", "n4d"})
_SEV_SERIES = {
    ConfidentialCompute.SEV: ("n2d", "c2d", "c3d", "c4d"),
    ConfidentialCompute.SEV_SNP: ("n2d",),
    ConfidentialCompute.TDX: ("c3", "a3"),
}


def check_together(settings: Settings, reader: ConfigReader) -> None:
    """Notes every pair of settings that contradict each other."""
    _check_regions(settings, reader)
    _check_sizes(settings, reader)
    _check_capacity(settings, reader)
    _check_names(settings, reader)
    _check_certificate(settings, reader)
    _check_machines(settings, reader)
    _check_operations(settings, reader)


def _check_regions(settings: Settings, reader: ConfigReader) -> None:
    names = [region.name for region in settings.regions]
    if len(set(names)) < len(names):
        reader.problem("regions", f"{', '.join(names)}: a region is listed twice")
    if len(set(names)) < 2:
        reader.problem("regions", "name at least two regions: one alone cannot fail over")


def _check_sizes(settings: Settings, reader: ConfigReader) -> None:
    capacity = settings.capacity
    for key, size in (("minReplicas", capacity.min_replicas), ("maxReplicas", capacity.max_replicas)):
        if size < ZONES_PER_REGION:
            reader.problem(key, f"{size} is out of range; valid are {ZONES_PER_REGION} to 1000, one a zone at least")
    for low, high, most in (
        ("minReplicas", "maxReplicas", (capacity.min_replicas, capacity.max_replicas)),
        ("minWorkers", "maxWorkers", (capacity.min_workers, capacity.max_workers)),
    ):
        if most[1] < most[0]:
            reader.problem(high, f"{most[1]} is less than {low} ({most[0]})")
    machines = capacity.max_replicas + capacity.max_workers + 2 * ZONES_PER_REGION
    if machines > MACHINES_PER_SUBNET:
        reader.problem(
            "maxReplicas",
            f"{machines} machines, with workers and those of an update, do not fit into a region's subnet; "
            f"it has room for {MACHINES_PER_SUBNET}",
        )


def _check_capacity(settings: Settings, reader: ConfigReader) -> None:
    """With any one region lost, the others must still carry the peak at full size, and its share at once."""
    capacity, regions = settings.capacity, len({region.name for region in settings.regions})
    survivors, peak = regions - 1, capacity.peak_requests_per_second
    if survivors < 1:
        return
    surviving = capacity.surviving_rate(regions)
    if surviving < peak:
        per_machine = capacity.max_rate_per_instance * capacity.target_utilization
        needed = -(-peak // (survivors * per_machine))
        reader.problem(
            "maxReplicas",
            f"with one region lost, {survivors} x {capacity.max_replicas} machines serve {surviving:g} "
            f"requests per second, less than peakRequestsPerSecond ({peak}); it takes at least {needed:g}",
        )
    warm = capacity.warm_rate(regions)
    if warm * 100 < peak * capacity.warm_percent:
        reader.problem(
            "minReplicas",
            f"with one region lost, {survivors} x {capacity.min_replicas} machines serve {warm} requests per "
            f"second at once, less than warmPercent ({capacity.warm_percent} %) of peakRequestsPerSecond ({peak})",
        )


def _check_names(settings: Settings, reader: ConfigReader) -> None:
    entrance = settings.entrance
    if f".{entrance.domain}".endswith(f".{entrance.internal_domain}"):
        reader.problem(
            "internalDomain",
            f"{entrance.internal_domain!r} would hide {entrance.domain!r} inside the network; "
            "choose a name that does not contain it",
        )
    if entrance.ipv6 and settings.uses_private_service_connect:
        reader.problem("ipv6", "Private Service Connect serves IPv4 only; set topology to global-direct for IPv6")


def _check_certificate(settings: Settings, reader: ConfigReader) -> None:
    entrance = settings.entrance
    if (entrance.certificate_pem is None) != (entrance.private_key_pem is None):
        missing = "privateKeyPem" if entrance.private_key_pem is None else "certificatePem"
        reader.problem(missing, "missing; certificatePem and privateKeyPem belong together")


def _check_machines(settings: Settings, reader: ConfigReader) -> None:
    machines = settings.machines
    series = machines.series
    if machines.gpu_type and series != "n1":
        reader.problem(
            "gpuType", f"{machines.gpu_type} cannot be attached to {machines.machine_type}; n1 machines take it"
        )
    if machines.gpu_count not in _GPU_COUNTS:
        reader.problem("gpuCount", f"{machines.gpu_count} is not valid; valid are {', '.join(map(str, _GPU_COUNTS))}")
    if series in _HYPERDISK_ALONE and machines.boot_disk_type != "hyperdisk-balanced":
        reader.problem(
            "bootDiskType", f"{machines.machine_type} takes Hyperdisk alone; set bootDiskType to hyperdisk-balanced"
        )
    fitting = _SEV_SERIES.get(machines.confidential)
    if fitting and series not in fitting:
        reader.problem(
            "confidentialCompute",
            f"{machines.confidential.value} does not exist on {machines.machine_type}; "
            f"set machineType to one of the series {', '.join(fitting)}",
        )


def _check_operations(settings: Settings, reader: ConfigReader) -> None:
    operations = settings.operations
    if operations.egress_hosts and not operations.nat:
        reader.problem("egressHosts", "need a way out; set nat to true, or leave the hosts out")
    if operations.backend_tls_validation and len(settings.regions) > _MOST_REGIONS_VALIDATED:
        reader.problem(
            "backendTlsValidation",
            f"a backend service can check the names of {_MOST_REGIONS_VALIDATED} regions at most",
        )
    if operations.backend_tls_validation and not settings.uses_private_service_connect:
        reader.problem(
            "backendTlsValidation", "checks the certificates of published regions; topology is global-direct"
        )
