"""Settings that are one of a few words."""

from __future__ import annotations

from enum import Enum


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
    """Where keys live: in software, or in a hardware security module."""

    SOFTWARE = "SOFTWARE"
    HSM = "HSM"


class WafMode(Enum):
    """What the web application firewall does with a request that its rule sets suspect."""

    PREVIEW = "preview"
    ENFORCE = "enforce"


class ModelBackend(Enum):
    """Where the model runs: on the machines themselves, or in Vertex AI with the machines in front of it."""

    VM = "vm"
    VERTEX = "vertex"


class ConfidentialCompute(Enum):
    """How the memory of the machines is encrypted with a key that Google does not have."""

    NONE = "none"
    SEV = "SEV"
    SEV_SNP = "SEV_SNP"
    TDX = "TDX"
