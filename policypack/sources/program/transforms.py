"""Transforms: functions of the program that may change every resource before it is registered.

The program serves them itself; the engine calls them, first those of the resource, then those of its parents from
the nearest on, last those of the stack.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

import grpc
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2

from policypack.sources.program.errors import ProgramError
from policypack.sources.program.output_values import with_outputs, without_outputs

if TYPE_CHECKING:
    from collections.abc import Sequence

MESSAGE_SIZE: Final = 400 * 1024 * 1024  # bytes; what the SDKs allow
GRPC_OPTIONS: Final = (
    ("grpc.max_receive_message_length", MESSAGE_SIZE),
    ("grpc.max_send_message_length", MESSAGE_SIZE),
    ("grpc.enable_http_proxy", 0),  # the program is on this machine, whatever the environment says of proxies
)

# Options that a transform may change and that a graph shows.
_TEXTS: Final = {"provider": "provider", "version": "version"}
_FLAGS: Final = {"protect": "protect", "retain_on_delete": "retainOnDelete"}


class Transforms:
    """The transforms of a program."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of_stack: list[Any] = []
        self._of_calls: list[Any] = []
        self._of_resource: dict[str, tuple[list[Any], str]] = {}

    def add_for_stack(self, callback: Any) -> None:
        """Remember a transform of every resource."""
        with self._lock:
            self._of_stack.append(callback)

    def add_for_calls(self, callback: Any) -> None:
        """Remember a transform of every function call."""
        with self._lock:
            self._of_calls.append(callback)

    def remember(self, urn: str, request: Any) -> None:
        """Remember the transforms of a resource for its children."""
        with self._lock:
            self._of_resource[urn] = (list(request.transforms), request.parent)

    def apply(self, request: Any) -> Any:
        """Give the registration as the transforms leave it.

        Raises:
            ProgramError: A transform raised an exception.
        """
        callbacks = self._for(request)
        if not callbacks:
            return request
        changed = resource_pb2.RegisterResourceRequest()
        changed.CopyFrom(request)
        # Only where a resource has transforms of its own, the engine makes whole properties into outputs.
        made_from = {key: made.urns for key, made in request.propertyDependencies.items() if request.transforms}
        for callback in callbacks:
            question = resource_pb2.TransformRequest(
                type=changed.type,
                name=changed.name,
                custom=changed.custom,
                parent=changed.parent,
                properties=with_outputs(changed.object, made_from),
                options=_options(changed),
            )
            answer = resource_pb2.TransformResponse.FromString(_call(callback, question, changed.name))
            if answer.HasField("properties"):
                changed.object.CopyFrom(without_outputs(answer.properties))
            if answer.HasField("options"):
                _take(changed, answer.options)
        return changed

    def apply_to_call(self, request: Any) -> Any:
        """Give the function call as the transforms leave it.

        Raises:
            ProgramError: A transform raised an exception.
        """
        with self._lock:
            callbacks = list(self._of_calls)
        if not callbacks:
            return request
        changed = resource_pb2.ResourceInvokeRequest()
        changed.CopyFrom(request)
        for callback in callbacks:
            question = resource_pb2.TransformInvokeRequest(token=changed.tok, args=changed.args)
            answer = resource_pb2.TransformInvokeResponse.FromString(_call(callback, question, changed.tok))
            if answer.HasField("args"):
                changed.args.CopyFrom(answer.args)
            if answer.HasField("options") and answer.options.provider:
                changed.provider = answer.options.provider
        return changed

    def _for(self, request: Any) -> Sequence[Any]:
        with self._lock:
            found = list(request.transforms)
            parent = request.parent
            while parent in self._of_resource:
                transforms, parent = self._of_resource[parent]
                found += transforms
            return found + self._of_stack


def _call(callback: Any, question: Any, subject: str) -> bytes:
    """Call a function that the program serves.

    The connection is closed each time: one that is open while the program ends makes gRPC write to stderr.
    """
    message = callback_pb2.CallbackInvokeRequest(token=callback.token, request=question.SerializeToString())
    with grpc.insecure_channel(callback.target, options=GRPC_OPTIONS) as channel:
        try:
            answer: bytes = callback_pb2_grpc.CallbacksStub(channel).Invoke(message).response
        except grpc.RpcError as error:
            details = getattr(error, "details", None)
            text = details() if details else f"{error}"
            raise ProgramError(
                f"a transform of the program failed on {subject!r}",
                "",
                "Mend the transform, or look at what it is given.",
                tuple((text or "").splitlines()),
            ) from error
    return answer


def _options(request: Any) -> Any:
    options = resource_pb2.TransformResourceOptions(
        depends_on=request.dependencies,
        protect=request.protect,
        ignore_changes=request.ignoreChanges,
        replace_on_changes=request.replaceOnChanges,
        version=request.version,
        aliases=request.aliases,
        provider=request.provider,
        plugin_download_url=request.pluginDownloadURL,
        retain_on_delete=request.retainOnDelete,
        deleted_with=request.deletedWith,
        additional_secret_outputs=request.additionalSecretOutputs,
        providers=request.providers,
    )
    if request.deleteBeforeReplaceDefined:
        options.delete_before_replace = request.deleteBeforeReplace
    return options


def _take(request: Any, options: Any) -> None:
    for name, field in _TEXTS.items():
        setattr(request, field, getattr(options, name) or getattr(request, field))
    for name, field in _FLAGS.items():
        if options.HasField(name):
            setattr(request, field, getattr(options, name))
    if options.HasField("delete_before_replace"):
        request.deleteBeforeReplace = options.delete_before_replace
    request.ignoreChanges[:] = options.ignore_changes
    request.dependencies[:] = sorted({*request.dependencies, *options.depends_on})
    for package, reference in options.providers.items():
        request.providers[package] = reference
