"""The engine's side of the talk with a running program.

A program registers resources with a resource monitor and logs to an engine. Both are served here, in preview mode,
at one address: what is registered is recorded, and the answer is what a first preview would answer, with the inputs
known and everything that a cloud would add unknown.

The protocol knows no password. So the address is a socket in a folder that nobody else may enter, rather than a port
that every user of the machine can reach.
"""

from __future__ import annotations

import re
import tempfile
import threading
from concurrent import futures
from typing import TYPE_CHECKING, Any, Final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import callback_pb2, engine_pb2, provider_pb2, resource_pb2

from policypack.model.values import Value
from policypack.sources.program.errors import ProgramError
from policypack.sources.program.functions import Call
from policypack.sources.program.recording import STACK, STACK_REFERENCE
from policypack.sources.program.transforms import GRPC_OPTIONS, Transforms
from policypack.sources.wire import UNKNOWN_TEXT, decode_properties, encode, encode_properties

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType

    from google.protobuf import struct_pb2
    from google.protobuf.message import Message

    from policypack.model.resource import Resource
    from policypack.sources.program.functions import Functions
    from policypack.sources.program.recording import Recording

_SOCKET: Final = "unix:"
_LONGEST_PATH: Final = 100
"""Characters; the systems that programs run on take 103 or more."""

_PLAIN_PATH: Final = re.compile(r"/[A-Za-z0-9/._-]+")
"""What needs no quoting in an address."""

_WORKERS: Final = 32
_WARNING: Final = 2
_MOST_MESSAGES: Final = 5

# By the names of the old protocol, and by those of the enumeration in the new one.
_FEATURES: Final = frozenset(
    {
        "secrets", "resourceReferences", "outputValues", "aliasSpecs", "deletedWith", "replaceWith", "transforms",
        "invokeTransforms", "parameterization", "resourceHooks", "errorHooks",
    }
)  # fmt: skip
_FEATURE_NAMES: Final = (
    "SECRETS", "RESOURCE_REFERENCES", "OUTPUT_VALUES", "ALIAS_SPECS", "REPLACEMENT_TRIGGER", "DELETED_WITH",
    "REPLACE_WITH", "TRANSFORMS", "INVOKE_TRANSFORMS", "PARAMETERIZATION", "RESOURCE_HOOKS", "ERROR_HOOKS",
    "STATE_MIGRATIONS",
)  # fmt: skip

_GET_RESOURCE: Final = "pulumi:pulumi:getResource"


class Monitor:
    """Serves one run of one program; a context manager that serves while it is entered.

    Attributes:
        failure: Why the program's graph cannot be recorded, once that is clear.
        address: Where it serves, while it does: a socket of the file system, or host and port.
    """

    def __init__(self, recording: Recording, functions: Functions) -> None:
        self.failure: ProgramError | None = None
        self.crash: BaseException | None = None
        self.address = ""
        self._recording = recording
        self._functions = functions
        self._transforms = Transforms()
        self._lock = threading.Lock()
        self._root = ""
        self._hooks = 0
        self._messages: list[str] = []

    def __enter__(self) -> Monitor:
        self._server = grpc.server(
            futures.ThreadPoolExecutor(_WORKERS), options=[*GRPC_OPTIONS, ("grpc.so_reuseport", 0)]
        )
        self._server.add_generic_rpc_handlers((self._resource_monitor(), self._engine()))
        self._folder = tempfile.TemporaryDirectory(prefix="guard-")
        self.address = _address(self._folder.name)
        port = self._server.add_insecure_port(self.address)
        if not self.address.startswith(_SOCKET):
            self.address = f"127.0.0.1:{port}"
        self._server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop(grace=None).wait()
        self._folder.cleanup()

    def missing(self, made: Iterable[Sequence[str]]) -> list[str]:
        """Name what a program has made, given as type and name, and not registered, in the order of its making."""
        known = {(one.type, one.name) for one in self._recording.resources}
        lost = [(kind, name) for kind, name in made if (kind, name) not in known and kind != STACK]
        return [f"{kind.rpartition(':')[2]} {name!r}" for kind, name in lost]

    def notes(self) -> tuple[str, ...]:
        """Say what was left out of the run, and what the program warned of."""
        notes = list(self._messages[:_MOST_MESSAGES])
        if len(self._messages) > _MOST_MESSAGES:
            notes.append(f"the program logged {len(self._messages) - _MOST_MESSAGES} more warnings and errors")
        if self._hooks:
            hooks = "resource hook" if self._hooks == 1 else "resource hooks"
            notes.append(f"{self._hooks} {hooks} of the program not run")
        return tuple(notes)

    def _resource_monitor(self) -> grpc.GenericRpcHandler:
        pb = resource_pb2
        methods: dict[str, tuple[Callable[[Any], Message], Any]] = {
            "SupportsFeature": (self._supports, pb.SupportsFeatureRequest),
            "RegisterResource": (self._register, pb.RegisterResourceRequest),
            "RegisterResourceOutputs": (self._register_outputs, pb.RegisterResourceOutputsRequest),
            "ReadResource": (self._read, pb.ReadResourceRequest),
            "Invoke": (self._invoke, pb.ResourceInvokeRequest),
            "Call": (self._call, pb.ResourceCallRequest),
            "RegisterPackage": (self._register_package, pb.RegisterPackageRequest),
            "SignalAndWaitForShutdown": (_nothing, empty_pb2.Empty),
        }
        methods["RegisterStackTransform"] = (self._register_transform, callback_pb2.Callback)
        methods["RegisterStackInvokeTransform"] = (self._register_call_transform, callback_pb2.Callback)
        # What older SDKs do not have, they do not ask for either.
        for method, handler, request in (
            ("GetDeploymentInfo", self._deployment, empty_pb2.Empty),
            ("RegisterResourceHook", self._register_hook, getattr(pb, "RegisterResourceHookRequest", None)),
            ("RegisterErrorHook", self._register_hook, getattr(pb, "RegisterErrorHookRequest", None)),
        ):
            if request is not None and (method != "GetDeploymentInfo" or hasattr(pb, "DeploymentInfo")):
                methods[method] = (handler, request)
        return self._handler("pulumirpc.ResourceMonitor", methods)

    def _engine(self) -> grpc.GenericRpcHandler:
        pb = engine_pb2
        methods: dict[str, tuple[Callable[[Any], Message], Any]] = {
            "Log": (self._log, pb.LogRequest),
            "GetRootResource": (self._get_root, pb.GetRootResourceRequest),
            "SetRootResource": (self._set_root, pb.SetRootResourceRequest),
        }
        if hasattr(pb, "RequirePulumiVersionRequest"):
            methods["RequirePulumiVersion"] = (_any_version, pb.RequirePulumiVersionRequest)
        return self._handler("pulumirpc.Engine", methods)

    def _handler(
        self, service: str, methods: Mapping[str, tuple[Callable[[Any], Message], Any]]
    ) -> grpc.GenericRpcHandler:
        handlers: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            name: grpc.unary_unary_rpc_method_handler(
                self._guarded(function),
                request_deserializer=request.FromString,
                response_serializer=lambda answer: answer.SerializeToString(),
            )
            for name, (function, request) in methods.items()
        }
        return grpc.method_handlers_generic_handler(service, handlers)

    def _guarded(self, function: Callable[[Any], Message]) -> Callable[[Any, grpc.ServicerContext], Message]:
        """Keep the first failure for the report, and let the program end on it."""

        def serve(request: Any, context: grpc.ServicerContext) -> Message:
            try:
                return function(request)
            except ProgramError as error:
                with self._lock:
                    self.failure = self.failure or error
                context.abort(grpc.StatusCode.UNKNOWN, f"{error}")
                raise
            except Exception as error:
                with self._lock:
                    self.crash = self.crash or error
                raise

        return serve

    def _supports(self, request: Any) -> Message:
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in _FEATURES)

    def _deployment(self, request: Any) -> Message:
        del request
        place = self._recording.place
        known = (getattr(resource_pb2, f"RESOURCE_MONITOR_FEATURE_{name}", None) for name in _FEATURE_NAMES)
        return resource_pb2.DeploymentInfo(
            project=place.project,
            stack=place.stack,
            organization="organization",
            dryRun=True,
            supportedFeatures=[feature for feature in known if feature is not None],
        )

    def _register(self, request: Any) -> Message:
        if request.remote:
            raise ProgramError(
                f"the component {request.name!r} of type {request.type} is built by a plugin",
                f"{self._recording.source(request) or ''}",
                "A dry run has no plugins. Judge this program with `pulumi preview --policy-pack` and this pack.",
            )
        changed = self._transforms.apply(request)
        resource = self._recording.register(changed, request)
        self._transforms.remember(resource.urn, request)
        return resource_pb2.RegisterResourceResponse(
            urn=resource.urn, id=changed.importId, object=_answered(resource, changed.object)
        )

    def _register_outputs(self, request: Any) -> Message:
        self._recording.set_outputs(request.urn, decode_properties(request.outputs))
        return empty_pb2.Empty()

    def _read(self, request: Any) -> Message:
        resource = self._recording.read(request)
        answer = resource_pb2.ReadResourceResponse(urn=resource.urn, properties=request.properties)
        # Newer SDKs take the id from the answer; what older ones do not have, they do not ask for either.
        if isinstance(resource.id, str) and "id" in resource_pb2.ReadResourceResponse.DESCRIPTOR.fields_by_name:
            answer.id = resource.id
        if request.type == STACK_REFERENCE:
            # Whatever another stack exports is known only to its backend.
            for name in ("outputs", "secretOutputNames"):
                answer.properties.fields[name].string_value = UNKNOWN_TEXT
        return answer

    def _invoke(self, request: Any) -> Message:
        changed = self._transforms.apply_to_call(request)
        result = self._get_resource(changed) if changed.tok == _GET_RESOURCE else self._answer(changed)
        answer = provider_pb2.InvokeResponse()
        getattr(answer, "return").CopyFrom(result)
        return answer

    def _call(self, request: Any) -> Message:
        answer = provider_pb2.CallResponse()
        getattr(answer, "return").CopyFrom(self._answer(request))
        return answer

    def _answer(self, request: Any) -> struct_pb2.Struct:
        provider = self._recording.provider(request.provider, request.tok, request.version, request.packageRef)
        args = decode_properties(request.args)
        return encode_properties(self._functions.answer(Call(request.tok, args, provider)))

    def _get_resource(self, request: Any) -> struct_pb2.Struct:
        urn = request.args.fields["urn"].string_value
        found = self._recording.find(urn)
        if found is None:
            raise ProgramError(f"the program refers to {urn}, which it has not made", "", "Check the reference.")
        state = {**(found.inputs or {}), **(found.outputs or {})}
        return encode_properties({"urn": urn, "id": found.id, "state": state})

    def _register_package(self, request: Any) -> Message:
        own = request.parameterization if request.HasField("parameterization") else request
        return resource_pb2.RegisterPackageResponse(ref=self._recording.add_package(own.name, own.version))

    def _register_transform(self, request: Any) -> Message:
        self._transforms.add_for_stack(request)
        return empty_pb2.Empty()

    def _register_call_transform(self, request: Any) -> Message:
        self._transforms.add_for_calls(request)
        return empty_pb2.Empty()

    def _register_hook(self, request: Any) -> Message:
        del request
        with self._lock:
            self._hooks += 1
        return empty_pb2.Empty()

    def _log(self, request: Any) -> Message:
        if request.severity >= _WARNING and request.message.strip():
            first = request.message.strip().splitlines()[0]
            with self._lock:
                self._messages.append(f"the program logged: {first}")
        return empty_pb2.Empty()

    def _get_root(self, request: Any) -> Message:
        del request
        return engine_pb2.GetRootResourceResponse(urn=self._root)

    def _set_root(self, request: Any) -> Message:
        self._root = request.urn
        return engine_pb2.SetRootResourceResponse()


def _answered(resource: Resource, given: struct_pb2.Struct) -> struct_pb2.Struct:
    """Give a resource as its provider would after a first preview: inputs, and what its plan knows already."""
    answer = type(given)()
    answer.CopyFrom(given)
    if not resource.custom:
        return answer
    before = decode_properties(given)
    known: dict[str, Value] = {**(resource.inputs or {}), **(resource.outputs or {})}
    for key, value in known.items():
        # What is as the program sent it goes back as it came: assets and references survive that.
        if before.get(key) != value:
            answer.fields[key].CopyFrom(encode(value))
    return answer


def _address(folder: str) -> str:
    """Give the address to serve at: a socket in the folder, unless its path is one that no socket can have."""
    path = f"{folder}/engine"
    return f"{_SOCKET}{path}" if len(path) <= _LONGEST_PATH and _PLAIN_PATH.fullmatch(path) else "127.0.0.1:0"


def _nothing(request: Any) -> Message:
    del request
    return empty_pb2.Empty()


def _any_version(request: Any) -> Message:
    """Let the program run: what CLI it will be deployed with cannot be known here."""
    del request
    return engine_pb2.RequirePulumiVersionResponse()
