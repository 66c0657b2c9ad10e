"""Synthetic stacks of a realistic mix, as the engine sends them to a policy pack.

A stack is made of cells: one load-balanced service each, over two regions, with its networks, firewalls, groups and
stores. About a third of the resources are of types that no rule looks at, as in real stacks. References are unknown,
as at a first preview, and come as property dependencies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from policypack.gcp.schemes import SCHEMES, Scope
from policypack.gcp.types import SERVICE_ACCOUNT

BENCH_PROJECT = "bench-project"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
PROJECT, STACK = "bench", "dev"
REGIONS = ("europe-west1", "asia-northeast1")
LABELS = {"team": "inference", "cost-center": "4711", "environment": "production", "managed-by": "pulumi"}


def urn(token: str, name: str) -> str:
    """Give the URN of a resource of the benchmark."""
    return f"urn:pulumi:{STACK}::{PROJECT}::{token}::{name}"


@dataclass
class Made:
    """One resource: what Analyze and AnalyzeStack are told of it."""

    type: str
    name: str
    inputs: dict[str, object]
    depends: dict[str, list[str]] = field(default_factory=dict)

    @property
    def urn(self) -> str:
        """URN of the resource."""
        return urn(self.type, self.name)


def compute(module: str, cls: str | None = None) -> str:
    """Give a type token of the compute service."""
    return f"gcp:compute/{module}:{cls or module[0].upper() + module[1:]}"


def cell(number: int) -> Iterator[Made]:
    """Make the resources of one service: about fifty."""
    n = f"svc{number}"

    def made(token: str, name: str, depends: dict[str, list[Made]] | None = None, **inputs: object) -> Made:
        full = {
            "name": f"{name}-0a1b2c3",
            "project": BENCH_PROJECT,
            "description": f"part {name} of service {n}",
            **inputs,
        }
        return Made(token, name, full, {key: [one.urn for one in ones] for key, ones in (depends or {}).items()})

    network = made(compute("network"), f"{n}-net", autoCreateSubnetworks=False, routingMode="GLOBAL")
    account = made("gcp:serviceaccount/account:Account", f"{n}-sa", accountId=f"{n}-runtime", displayName=n)
    firewall = made(
        compute("firewall"),
        f"{n}-probes",
        {"network": [network]},
        network=UNKNOWN,
        direction="INGRESS",
        priority=1000,
        sourceRanges=["35.191.0.0/16", "130.211.0.0/22"],
        allows=[{"protocol": "tcp", "ports": ["8443"]}],
        targetTags=[n],
    )
    deny = made(
        compute("firewall"),
        f"{n}-deny",
        {"network": [network]},
        network=UNKNOWN,
        direction="INGRESS",
        priority=65000,
        sourceRanges=["0.0.0.0/0"],
        denies=[{"protocol": "all"}],
        logConfig={"metadata": "INCLUDE_ALL_METADATA"},
    )
    yield from (network, account, firewall, deny)
    groups: list[Made] = []
    check = made(
        compute("healthCheck"), f"{n}-hc", httpsHealthCheck={"port": 8443, "requestPath": "/readyz"}, checkIntervalSec=5
    )
    yield check
    for region in REGIONS:
        r = f"{n}-{region}"
        ring = made("gcp:kms/keyRing:KeyRing", f"{r}-ring", location=region)
        key = made(
            "gcp:kms/cryptoKey:CryptoKey", f"{r}-key", {"keyRing": [ring]}, keyRing=UNKNOWN, rotationPeriod="7776000s"
        )
        subnet = made(
            compute("subnetwork"),
            f"{r}-subnet",
            {"network": [network]},
            network=UNKNOWN,
            region=region,
            ipCidrRange="10.0.0.0/20",
            privateIpGoogleAccess=True,
            logConfig={
                "aggregationInterval": "INTERVAL_5_SEC",
                "flowSampling": 0.5,
                "metadata": "INCLUDE_ALL_METADATA",
            },
        )
        template = made(
            compute("regionInstanceTemplate"),
            f"{r}-template",
            {
                "networkInterfaces": [network, subnet],
                "disks": [key],
                "serviceAccount": [account],
            },
            region=region,
            machineType="n2-standard-8",
            tags=[n],
            disks=[
                {"boot": True, "sourceImage": "cos-cloud/cos-stable", "diskEncryptionKey": {"kmsKeySelfLink": UNKNOWN}}
            ],
            networkInterfaces=[{"network": UNKNOWN, "subnetwork": UNKNOWN}],
            serviceAccount={"email": UNKNOWN, "scopes": ["cloud-platform"]},
            shieldedInstanceConfig={"enableSecureBoot": True, "enableVtpm": True, "enableIntegrityMonitoring": True},
            metadata={
                "enable-oslogin": "TRUE",
                "startup-script": "#!/bin/sh\n" + "echo starting the model server\n" * 8,
            },
            labels=LABELS,
        )
        healing = made(compute("regionHealthCheck"), f"{r}-healing", region=region, httpsHealthCheck={"port": 8443})
        group = made(
            compute("regionInstanceGroupManager"),
            f"{r}-group",
            {"versions": [template], "autoHealingPolicies": [healing]},
            region=region,
            baseInstanceName=r,
            versions=[{"instanceTemplate": UNKNOWN}],
            namedPorts=[{"name": "https", "port": 8443}],
            autoHealingPolicies={"healthCheck": UNKNOWN, "initialDelaySec": 300},
            distributionPolicyZones=[f"{region}-{zone}" for zone in "bcd"],
        )
        scaler = made(
            compute("regionAutoscaler"),
            f"{r}-scaler",
            {"target": [group]},
            region=region,
            target=UNKNOWN,
            autoscalingPolicy={"minReplicas": 3, "maxReplicas": 12, "cpuUtilization": {"target": 0.6}},
        )
        groups.append(group)
        yield from (ring, key, subnet, template, healing, group, scaler)
        for kind in ("data", "logs", "models"):
            yield made(
                "gcp:storage/bucket:Bucket",
                f"{r}-{kind}",
                {"encryption": [key]},
                location=region,
                uniformBucketLevelAccess=True,
                publicAccessPrevention="enforced",
                encryption={"defaultKmsKeyName": UNKNOWN},
                labels=LABELS,
                lifecycleRules=[{"action": {"type": "Delete"}, "condition": {"age": 30, "withState": "ARCHIVED"}}],
            )
        for role in ("objectViewer", "objectUser", "admin"):
            yield made(
                "gcp:storage/bucketIAMMember:BucketIAMMember",
                f"{r}-{role}",
                {"member": [account]},
                bucket=f"{r}-data",
                role=f"roles/storage.{role}",
                member=UNKNOWN,
            )
    service = made(
        compute("backendService"),
        f"{n}-backend",
        {"backends": groups, "healthChecks": [check]},
        loadBalancingScheme="EXTERNAL_MANAGED",
        protocol="HTTPS",
        portName="https",
        healthChecks=UNKNOWN,
        backends=[
            {"group": UNKNOWN, "balancingMode": "RATE", "maxRatePerInstance": 20, "capacityScaler": 1} for _ in groups
        ],
        logConfig={"enable": True, "sampleRate": 1},
    )
    policy = made(compute("sSLPolicy", "SSLPolicy"), f"{n}-tls", profile="RESTRICTED", minTlsVersion="TLS_1_2")
    url_map = made(compute("uRLMap", "URLMap"), f"{n}-map", {"defaultService": [service]}, defaultService=UNKNOWN)
    redirect = made(
        compute("uRLMap", "URLMap"), f"{n}-redirect", defaultUrlRedirect={"httpsRedirect": True, "stripQuery": False}
    )
    certificate = made(compute("managedSslCertificate"), f"{n}-cert", managed={"domains": [f"{n}.example.com"]})
    https = made(
        compute("targetHttpsProxy"),
        f"{n}-https",
        {"urlMap": [url_map], "sslPolicy": [policy], "sslCertificates": [certificate]},
        urlMap=UNKNOWN,
        sslPolicy=UNKNOWN,
        sslCertificates=[UNKNOWN],
    )
    http = made(compute("targetHttpProxy"), f"{n}-http", {"urlMap": [redirect]}, urlMap=UNKNOWN)
    address = made(compute("globalAddress"), f"{n}-ip", addressType="EXTERNAL")
    yield from (service, policy, url_map, redirect, certificate, https, http, address)
    for port, proxy in (("443", https), ("80", http)):
        yield made(
            compute("globalForwardingRule"),
            f"{n}-{port}",
            {"target": [proxy], "ipAddress": [address]},
            target=UNKNOWN,
            ipAddress=UNKNOWN,
            portRange=port,
            loadBalancingScheme="EXTERNAL_MANAGED",
        )


def stack(size: int) -> list[Made]:
    """Make a stack of exactly `size` resources."""
    found: list[Made] = []
    number = 0
    while len(found) < size:
        found += cell(number)
        number += 1
    return found[:size]


def struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    """Write an object for the wire."""
    message = struct_pb2.Struct()
    message.update(values)
    return message


PROVIDER = {"version": "10.2.0", "project": BENCH_PROJECT, "region": "europe-west1"}


def _provider() -> analyzer_pb2.AnalyzerProviderResource:
    token = "pulumi:providers:gcp"
    name = "default_10_2_0"
    return analyzer_pb2.AnalyzerProviderResource(
        type=token, name=name, urn=urn(token, name), properties=struct(PROVIDER)
    )


def analyze_requests(resources: list[Made]) -> list[analyzer_pb2.AnalyzeRequest]:
    """Make the request of each resource: its inputs."""
    return [
        analyzer_pb2.AnalyzeRequest(
            type=one.type,
            urn=one.urn,
            name=one.name,
            properties=struct(one.inputs),
            provider=_provider(),
            options=analyzer_pb2.AnalyzerResourceOptions(),
        )
        for one in resources
    ]


def stack_request(resources: list[Made]) -> analyzer_pb2.AnalyzeStackRequest:
    """Make the request of the stack: planned outputs, and what each property was made from."""
    request = analyzer_pb2.AnalyzeStackRequest()
    root = urn("pulumi:pulumi:Stack", f"{PROJECT}-{STACK}")
    for one in resources:
        planned = {**one.inputs, "id": UNKNOWN, "selfLink": UNKNOWN, "creationTimestamp": UNKNOWN}
        message = request.resources.add(
            type=one.type,
            urn=one.urn,
            name=one.name,
            parent=root,
            properties=struct(planned),
            provider=_provider(),
            options=analyzer_pb2.AnalyzerResourceOptions(),
        )
        for key, urns in one.depends.items():
            message.propertyDependencies[key].urns.extend(urns)
            message.dependencies.extend(urns)
    return request


def identities(resources: list[Made]) -> dict[str, str]:
    """Give each resource the id that it has once it is deployed."""
    return {one.urn: _identity(one) for one in resources}


def _identity(one: Made) -> str:
    scheme = SCHEMES.get(one.type)
    name = f"{one.name}-0a1b2c3"
    if one.type == SERVICE_ACCOUNT:
        return f"projects/{BENCH_PROJECT}/serviceAccounts/{name}@{BENCH_PROJECT}.iam.gserviceaccount.com"
    if scheme is None:
        return name
    location = one.inputs.get("region") or one.inputs.get("location") or REGIONS[0]
    place = {Scope.GLOBAL: "global", Scope.REGION: f"regions/{location}"}.get(scheme.scope, f"locations/{location}")
    return f"projects/{BENCH_PROJECT}/{place}/{scheme.collection}/{name}"


def stack_export(resources: list[Made]) -> dict[str, object]:
    """Write the stack as `pulumi stack export` does after it was deployed: every value is known."""
    ids = identities(resources)
    root = urn("pulumi:pulumi:Stack", f"{PROJECT}-{STACK}")
    records: list[dict[str, object]] = [{"urn": root, "type": "pulumi:pulumi:Stack", "custom": False}]
    for one in resources:
        known = {name: _known(value, _ids_of(one, name, ids)) for name, value in one.inputs.items()}
        records.append(
            {
                "urn": one.urn,
                "type": one.type,
                "custom": True,
                "parent": root,
                "id": ids[one.urn],
                "inputs": {"__defaults": [], **known},
                "outputs": {**known, "id": ids[one.urn], "selfLink": ids[one.urn]},
                "propertyDependencies": one.depends,
            }
        )
    return {"version": 3, "deployment": {"resources": records}}


def _ids_of(one: Made, name: str, ids: dict[str, str]) -> Iterator[str]:
    # A backend names the group that the manager makes, not the manager.
    return (ids[source].replace("instanceGroupManagers", "instanceGroups") for source in one.depends.get(name, ()))


def _known(value: object, made_from: Iterator[str]) -> object:
    """Fill in what was unknown: each place in its turn names what the property was made from."""
    if value == UNKNOWN:
        return next(made_from, "known")
    if isinstance(value, dict):
        return {key: _known(item, made_from) for key, item in value.items()}
    if isinstance(value, list):
        return [_known(item, made_from) for item in value]
    return value
