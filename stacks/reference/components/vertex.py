"""One region's model in Vertex AI, where the machines only receive requests and pass them on."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import pulumi
import pulumi_gcp as gcp
from regions import Region
from settings import Settings

from components.base import Component, deletion_policy
from components.encryption import Key


class ModelEndpoint(Component):
    """A Vertex AI endpoint, encrypted with the region's key; machines reach it on Google's restricted addresses.

    What is deployed to it is the business of the pipeline that releases models: it uploads a model, deploys
    it, and moves the traffic over. The machines ask it, so that firewall, rate limit and service level
    objective stay where they are.

    Attributes:
        address: The endpoint as the container takes it: `vertex:projects/…/locations/…/endpoints/…`.
    """

    def __init__(
        self,
        name: str,
        region: Region,
        settings: Settings,
        key: Key,
        needs: Sequence[pulumi.Resource],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("ModelEndpoint", name, needs, opts)
        protect = settings.operations.protect
        # The API takes a number of ten digits at most for a name, and Pulumi would make up something else.
        number = str(crc32(f"{pulumi.get_project()}/{pulumi.get_stack()}/{region.name}".encode()))
        gcp.vertex.AiEndpoint(
            name,
            name=number,
            display_name=f"Inference in {region.name}",
            location=region.name,
            region=region.name,
            encryption_spec={"kms_key_name": key.id},
            deletion_policy=deletion_policy(protect),
            # What is deployed, and which version gets which share, changes without this program.
            opts=pulumi.ResourceOptions.merge(
                self.child(key.grant, protect=protect), pulumi.ResourceOptions(ignore_changes=["trafficSplit"])
            ),
        )
        self.address = pulumi.Output.from_input(
            f"vertex:projects/{settings.project}/locations/{region.name}/endpoints/{number}"
        )
        self.register_outputs({})
