"""Settings of the machines: what they are, what they run, and which model."""

from __future__ import annotations

from dataclasses import dataclass

from config_reader import ConfigReader

from settings import patterns
from settings.choices import ConfidentialCompute, ModelBackend

_COS = "projects/cos-cloud/global/images/family/cos-stable"


@dataclass(frozen=True)
class Machines:
    """The machines of every region.

    Attributes:
        model_backend: Whether the model runs on the machines or in Vertex AI.
        repository: Name of the Artifact Registry repository that the stack makes in each region.
        image: The image of server and worker in that repository, with a tag or digest.
        model_object: Name of the weights in the models buckets.
        model_sha256: Checksum of the weights, which machines check; None for any.
        machine_type: Machine type, one that every region offers.
        gpu_type: Accelerator to attach; None for none, or where the machine type brings its own.
        gpu_count: How many of them a machine has.
        confidential: Encryption of memory.
        boot_image: A Container-Optimized OS image.
        boot_disk_gb: Size of the boot disk.
        boot_disk_type: Type of the boot disk; newer machine series take Hyperdisk only.
        serving_port: Port on which the container serves HTTPS.
        model_load_seconds: Time from boot to ready.
    """

    model_backend: ModelBackend
    repository: str
    image: str
    model_object: str
    model_sha256: str | None
    machine_type: str
    gpu_type: str | None
    gpu_count: int
    confidential: ConfidentialCompute
    boot_image: str
    boot_disk_gb: int
    boot_disk_type: str
    serving_port: int
    model_load_seconds: int

    @property
    def has_gpu(self) -> bool:
        """Whether machines have an accelerator, by setting or by machine type."""
        return self.gpu_type is not None or self.series in _GPU_SERIES

    @property
    def series(self) -> str:
        """The series of the machine type, such as `n2`."""
        return self.machine_type.split("-", 1)[0]

    @property
    def min_cpu_platform(self) -> str | None:
        """The oldest processor that will do; None for any. With SEV, Google moves N2D machines from this one on."""
        return "AMD Milan" if self.series == "n2d" and self.confidential is not ConfidentialCompute.NONE else None

    @property
    def can_migrate(self) -> bool:
        """Whether Google can move a running machine: not one with a GPU, and of those with SEV only N2D."""
        if self.confidential is ConfidentialCompute.NONE:
            return not self.has_gpu
        return self.confidential is ConfidentialCompute.SEV and self.series == "n2d"

    @classmethod
    def read(cls, reader: ConfigReader) -> Machines:
        """Reads the keys of this part."""
        return cls(
            model_backend=reader.choice("modelBackend", ModelBackend.VM),
            repository=reader.text("repository", "inference", patterns.RESOURCE_NAME, "a repository name"),
            image=reader.text(
                "image", "server:1.0.0", patterns.IMAGE, "an image with a tag or digest, such as server:1.0.0"
            ),
            model_object=reader.text(
                "modelObject", "model.json", patterns.OBJECT_NAME, "an object such as classifier/7/model.json"
            ),
            model_sha256=reader.text("modelSha256", "", r"[0-9a-f]{64}", "64 hexadecimal digits") or None,
            machine_type=reader.text(
                "machineType", "n2-standard-8", patterns.MACHINE_TYPE, "a machine type such as n2-standard-8"
            ),
            gpu_type=reader.text("gpuType", "", r"nvidia-[a-z0-9-]+", "an accelerator such as nvidia-tesla-t4") or None,
            gpu_count=reader.integer("gpuCount", 1, 1, 8, "accelerators a machine"),
            confidential=reader.choice("confidentialCompute", ConfidentialCompute.NONE),
            boot_image=reader.text("bootImage", _COS, patterns.BOOT_IMAGE, f"an image such as {_COS}"),
            boot_disk_gb=reader.integer("bootDiskGb", 50, 10, 65536, "GB"),
            boot_disk_type=reader.text(
                "bootDiskType", "pd-balanced", r"pd-balanced|pd-ssd|hyperdisk-balanced", _DISK_TYPES
            ),
            serving_port=reader.integer("servingPort", 8443, 1024, 65535, "(a TCP port)"),
            model_load_seconds=reader.integer("modelLoadSeconds", 600, 30, 3600, "seconds"),
        )


_DISK_TYPES = "one of pd-balanced, pd-ssd, hyperdisk-balanced"
_GPU_SERIES = frozenset({"a2", "a3", "a4", "g2", "g4"})
