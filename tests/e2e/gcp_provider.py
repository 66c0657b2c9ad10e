"""A stand-in for `pulumi-resource-gcp`: the engine's provider protocol, with no cloud behind it.

It is served on the raw protocol because the SDK's higher-level provider classes cannot answer with unknown
values, and a provider that only echoes its inputs would hide what a preview is about. With
`STAND_IN_GCP_RECORD` naming a file, each create, update and delete (none of a preview) appends one JSON line
to it, in the order they happen.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from concurrent import futures
from pathlib import Path
from types import FrameType
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
from typing_extensions import override

from tests.e2e import gcp_checks, gcp_functions, gcp_plan
from tests.e2e.gcp_cloud import SECRET

VERSION = "10.2.0"
MESSAGE_SIZE = 400 * 1024 * 1024  # bytes; the engine's own limit

Properties = dict[str, Any]


def to_dict(properties: struct_pb2.Struct) -> Properties:
    """Properties of a request as plain Python values; numbers are floats."""
    plain: Properties = json_format.MessageToDict(properties)
    return plain


def to_struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """Plain Python values as properties of an answer."""
    message = struct_pb2.Struct()
    message.update(properties)
    return message


class GcpProvider(provider_pb2_grpc.ResourceProviderServicer):
    """Checks, plans and "creates" Google Cloud resources; what is not here answers "unimplemented"."""

    def __init__(self) -> None:
        self._config: Properties = {}
        self._version = VERSION
        self._record = os.environ.get("STAND_IN_GCP_RECORD")
        self._record_lock = threading.Lock()

    @override
    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Names the version whose behaviour this stands for."""
        return plugin_pb2.PluginInfo(version=VERSION)

    @override
    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Accepts every configuration as it is; the version in it is that of the program's SDK."""
        self._version = str(to_dict(request.news).get("version", VERSION))
        return provider_pb2.CheckResponse(inputs=request.news)

    @override
    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Compares two configurations; none replaces the provider's resources."""
        same = to_dict(request.old_inputs) == to_dict(request.news)
        changes = provider_pb2.DiffResponse.DIFF_NONE if same else provider_pb2.DiffResponse.DIFF_SOME
        return provider_pb2.DiffResponse(changes=changes)

    @override
    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Keeps the configuration, from which resources take project, region and zone."""
        self._config = {key: _open(value) for key, value in to_dict(request.args).items()}
        return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    @override
    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """Fills static defaults and the name, as the real provider does before policies see the inputs."""
        inputs = gcp_checks.check(
            _token(request.urn),
            to_dict(request.news),
            to_dict(request.olds),
            name=_name(request.urn),
            version=self._version,
            seed=f"{request.urn}{request.randomSeed.hex()}",
        )
        return provider_pb2.CheckResponse(inputs=to_struct(inputs))

    @override
    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Compares the inputs, old and new."""
        differing, replacing = gcp_plan.changed(_token(request.urn), to_dict(request.old_inputs), to_dict(request.news))
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME if differing else provider_pb2.DiffResponse.DIFF_NONE,
            diffs=differing,
            replaces=replacing,
        )

    @override
    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Plans at a preview, else "creates"."""
        token = _token(request.urn)
        planned = gcp_plan.plan(token, to_dict(request.properties), self._known_config(), None)
        if request.preview:
            return provider_pb2.CreateResponse(id="", properties=to_struct(planned))
        resource_id, state = gcp_plan.apply(token, _name(request.urn), planned)
        self._write("create", request.urn)
        return provider_pb2.CreateResponse(id=resource_id, properties=to_struct(state))

    @override
    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        """Plans at a preview, else "updates"; what was decided at creation stays."""
        token = _token(request.urn)
        planned = gcp_plan.plan(token, to_dict(request.news), self._known_config(), to_dict(request.olds))
        if request.preview:
            return provider_pb2.UpdateResponse(properties=to_struct(planned))
        _, state = gcp_plan.apply(token, _name(request.urn), planned)
        self._write("update", request.urn)
        return provider_pb2.UpdateResponse(properties=to_struct(state))

    @override
    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """ "Deletes": there is only the record to write."""
        self._write("delete", request.urn)
        return empty_pb2.Empty()

    @override
    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        """Answers with the state the engine has; for a `.get()`, what the id says."""
        state = {**_from_id(request.id), **to_dict(request.properties)}
        return provider_pb2.ReadResponse(id=request.id, properties=to_struct(state), inputs=request.inputs)

    @override
    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        """Answers the functions that programs use most; another is a failure that names it."""
        answer = gcp_functions.call(request.tok, to_dict(request.args), self._known_config())
        if answer is None:
            reason = f"the stand-in gcp provider does not answer the function {request.tok}"
            return provider_pb2.InvokeResponse(failures=[provider_pb2.CheckFailure(reason=reason)])
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(to_struct(answer))  # the field's name is a Python keyword
        return response

    @override
    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Has nothing to interrupt: every operation here ends at once."""
        return empty_pb2.Empty()

    def _known_config(self) -> Properties:
        return {key: value for key, value in self._config.items() if value != gcp_plan.UNKNOWN}

    def _write(self, operation: str, urn: str) -> None:
        if not self._record:
            return
        line = json.dumps({"operation": operation, "type": _token(urn), "name": _name(urn), "urn": urn})
        with self._record_lock, Path(self._record).open("a", encoding="utf-8") as record:
            record.write(line + "\n")


def _token(urn: str) -> str:
    """The type in a URN, without the types of its parents."""
    return urn.split("::")[2].rpartition("$")[2]


def _name(urn: str) -> str:
    return urn.split("::", 3)[3]


def _open(value: Any) -> Any:
    return value.get("value") if isinstance(value, dict) and SECRET in value else value


def _from_id(resource_id: str) -> Properties:
    """What an id such as `projects/p/regions/r/subnetworks/s` says about the resource it names."""
    parts = resource_id.split("/")
    pairs = dict(zip(parts[::2], parts[1::2], strict=False))
    found = {"name": parts[-1], "selfLink": f"https://www.googleapis.com/compute/v1/{resource_id}"}
    for collection, name in (("projects", "project"), ("regions", "region"), ("zones", "zone")):
        if collection in pairs:
            found[name] = pairs[collection]
    return dict(found)


def _end_at_once(signum: int, frame: FrameType | None) -> None:
    os._exit(0)


def main() -> None:
    """Serves until the engine ends this process."""
    signal.signal(signal.SIGINT, _end_at_once)
    signal.signal(signal.SIGTERM, _end_at_once)
    options: list[tuple[str, Any]] = [
        ("grpc.max_receive_message_length", MESSAGE_SIZE),
        ("grpc.max_send_message_length", MESSAGE_SIZE),
    ]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=8), options=options)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(GcpProvider(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    # A signal that another thread takes wakes no wait without a limit, and the handler would never run.
    while True:
        time.sleep(0.2)


if __name__ == "__main__":
    main()
