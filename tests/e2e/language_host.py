"""A stand-in for the `pulumi-language-python` of a Pulumi installation.

The command line starts one process of this for each runtime it needs, reads the port from the first line of
its output, and asks it to run programs and policy packs. The real host is a Go program that its module's
registry does not offer; this one does what the tests need of it: it runs what it is asked to run with the
interpreter of the `virtualenv` option, replays the steps of `pulumi install`, refuses at once when the
virtualenv is missing, and ends at once, with everything it has started, when it is told to.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path
from types import FrameType
from typing import IO, Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2
from typing_extensions import override

RUNNER = Path(__file__).parent / "run_program.py"
# The runner reports an exception of the program itself; the engine must not report it again.
ALREADY_REPORTED = 32
VERSION = "3.259.0"
MESSAGE_SIZE = 400 * 1024 * 1024  # bytes; the engine's own limit

_children: set[subprocess.Popen[bytes]] = set()


class MissingVirtualenvError(Exception):
    """The `virtualenv` option names a folder that is not there, or has no interpreter in it."""


def interpreter(info: language_pb2.ProgramInfo) -> str:
    """The Python that runs a program or plugin: that of its `virtualenv` option, else the ambient one.

    Raises:
        MissingVirtualenvError: The option is set and there is no interpreter in the folder.
    """
    options = dict(info.options)
    name = options.get("virtualenv")
    if not isinstance(name, str) or not name:
        return os.environ.get("PULUMI_PYTHON_CMD") or shutil.which("python3") or sys.executable
    folder = Path(info.root_directory) / name
    python = folder / "bin" / "python"
    if not python.exists():
        raise MissingVirtualenvError(
            f"The 'virtualenv' option in {info.root_directory} is set to {name!r}, but {folder} "
            "has no Python interpreter. Make it with `pulumi install`."
        )
    return str(python)


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Serves the language runtime protocol for Python programs and policy packs.

    What is not here (code generation, prompts of `pulumi new`, …) answers "unimplemented", as gRPC does.
    """

    def __init__(self, engine_address: str) -> None:
        self._engine_address = engine_address

    @override
    def Handshake(
        self, request: language_pb2.LanguageHandshakeRequest, context: grpc.ServicerContext
    ) -> language_pb2.LanguageHandshakeResponse:
        """Takes the engine's address where the command line did not carry it."""
        self._engine_address = request.engine_address or self._engine_address
        return language_pb2.LanguageHandshakeResponse()

    @override
    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """Names a version for the command line to show."""
        return plugin_pb2.PluginInfo(version=VERSION)

    @override
    def GetRequiredPackages(
        self, request: language_pb2.GetRequiredPackagesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPackagesResponse:
        """Names none: the tests name their provider in Pulumi.yaml, and nothing may be downloaded."""
        return language_pb2.GetRequiredPackagesResponse()

    @override
    def GetRequiredPlugins(
        self, request: language_pb2.GetRequiredPluginsRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetRequiredPluginsResponse:
        """Names none, as `GetRequiredPackages` does."""
        return language_pb2.GetRequiredPluginsResponse()

    @override
    def About(self, request: language_pb2.AboutRequest, context: grpc.ServicerContext) -> language_pb2.AboutResponse:
        """Tells `pulumi about` which interpreter runs this host."""
        return language_pb2.AboutResponse(executable=sys.executable, version=sys.version.split()[0])

    @override
    def GetProgramDependencies(
        self, request: language_pb2.GetProgramDependenciesRequest, context: grpc.ServicerContext
    ) -> language_pb2.GetProgramDependenciesResponse:
        """Names none; the command line only displays them."""
        return language_pb2.GetProgramDependenciesResponse()

    @override
    def Cancel(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Ends what runs; the command line then ends this process."""
        end_children()
        return empty_pb2.Empty()

    @override
    def Run(self, request: language_pb2.RunRequest, context: grpc.ServicerContext) -> language_pb2.RunResponse:
        """Runs a Pulumi program to its end, in the interpreter and the folder that the request names."""
        try:
            python = interpreter(request.info)
        except MissingVirtualenvError as error:
            return language_pb2.RunResponse(error=str(error))
        child = start([python, "-u", str(RUNNER)], cwd=request.info.program_directory, env=self._run_env(request))
        code = child.wait()
        _children.discard(child)
        if code == 0:
            return language_pb2.RunResponse()
        if code == ALREADY_REPORTED:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error=f"Program exited with non-zero exit code: {code}")

    def _run_env(self, request: language_pb2.RunRequest) -> dict[str, str]:
        """The environment of a program: its config as the SDK reads it, and the rest for the runner."""
        settings = {
            "monitor": request.monitor_address,
            "engine": self._engine_address,
            "project": request.project,
            "stack": request.stack,
            "organization": request.organization,
            "parallel": request.parallel,
            "dry_run": request.dryRun,
            "root_directory": request.info.root_directory,
            "program": str(Path(request.info.program_directory) / request.info.entry_point),
        }
        return {
            **os.environ,
            "PULUMI_CONFIG": json.dumps(dict(request.config)),
            "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
            "STAND_IN_HOST_SETTINGS": json.dumps(settings),
        }

    @override
    def RunPlugin(
        self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.RunPluginResponse]:
        """Runs a policy pack and streams its output, then its exit code."""
        try:
            python = interpreter(request.info)
        except MissingVirtualenvError as error:
            yield language_pb2.RunPluginResponse(stderr=f"{error}\n".encode())
            yield language_pb2.RunPluginResponse(exitcode=1)
            return
        module = "pulumi.policy" if request.kind == "analyzer" else "pulumi.run.plugin"
        command = [python, "-u", "-m", module, *request.args, request.info.program_directory]
        env = dict(entry.split("=", 1) for entry in request.env) if request.env else dict(os.environ)
        child = start(command, cwd=request.pwd, env=env, pipes=True)
        for is_error, chunk in stream(child):
            yield (
                language_pb2.RunPluginResponse(stderr=chunk)
                if is_error
                else language_pb2.RunPluginResponse(stdout=chunk)
            )
        yield language_pb2.RunPluginResponse(exitcode=child.wait())
        _children.discard(child)

    @override
    def InstallDependencies(
        self, request: language_pb2.InstallDependenciesRequest, context: grpc.ServicerContext
    ) -> Iterator[language_pb2.InstallDependenciesResponse]:
        """Replays what `pulumi install` does for the toolchain pip, streaming pip's output."""
        for command in install_commands(request):
            child = start(command, cwd=request.directory, env=dict(os.environ), pipes=True)
            for is_error, chunk in stream(child):
                yield (
                    language_pb2.InstallDependenciesResponse(stderr=chunk)
                    if is_error
                    else language_pb2.InstallDependenciesResponse(stdout=chunk)
                )
            _children.discard(child)
            if child.wait() != 0:
                context.abort(grpc.StatusCode.UNKNOWN, f"{' '.join(command)} failed with {child.returncode}")


def install_commands(request: language_pb2.InstallDependenciesRequest) -> list[list[str]]:
    """The commands of `pulumi install` in a Python project or plugin, in order.

    A plugin (a policy pack is one) whose pyproject.toml names a build system is installed as a package too;
    without a `virtualenv` option a plugin still gets its packages into a folder named `venv`.
    """
    directory = Path(request.directory)
    option = dict(request.info.options).get("virtualenv") or ("venv" if request.is_plugin else "")
    commands: list[list[str]] = []
    python = sys.executable
    if option:
        folder = Path(request.info.root_directory or directory) / str(option)
        commands.append([python, "-m", "venv", str(folder)])
        python = str(folder / "bin" / "python")
    pip = [python, "-m", "pip", "install"]
    commands.append([*pip, "--upgrade", "pip", "setuptools", "wheel"])
    if (directory / "requirements.txt").exists():
        commands.append([*pip, "-r", "requirements.txt"])
    project = directory / "pyproject.toml"
    if request.is_plugin and project.exists() and "[build-system]" in project.read_text(encoding="utf-8"):
        commands.append([*pip, str(directory)])
    return commands


def start(command: list[str], *, cwd: str, env: dict[str, str], pipes: bool = False) -> subprocess.Popen[bytes]:
    """Starts a child that ends with this process; with `pipes`, its output is for `stream`."""
    output = subprocess.PIPE if pipes else None
    child = subprocess.Popen(command, cwd=cwd or None, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    _children.add(child)
    return child


def stream(child: subprocess.Popen[bytes]) -> Iterator[tuple[bool, bytes]]:
    """Yields what a child writes as it does, as (whether to stderr, bytes), until both ends are closed."""
    chunks: queue.Queue[tuple[bool, bytes]] = queue.Queue()

    def pump(source: IO[bytes], is_error: bool) -> None:
        for chunk in iter(lambda: os.read(source.fileno(), 65536), b""):
            chunks.put((is_error, chunk))
        chunks.put((is_error, b""))

    sources = [source for source in (child.stdout, child.stderr) if source is not None]
    for source in sources:
        threading.Thread(target=pump, args=(source, source is child.stderr), daemon=True).start()
    still_open = len(sources)
    while still_open:
        is_error, chunk = chunks.get()
        if chunk:
            yield is_error, chunk
        else:
            still_open -= 1


def end_children() -> None:
    """Ends every process this host has started and does not wait for any of them."""
    for child in list(_children):
        if child.poll() is None:
            child.kill()


def _end_at_once(signum: int, frame: FrameType | None) -> None:
    # Anything slower (joining gRPC's threads, say) makes every run of the command line seconds longer.
    end_children()
    os._exit(0)


def main() -> None:
    """Serves until the command line ends this process; the first positional argument is its address."""
    positional = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    signal.signal(signal.SIGINT, _end_at_once)
    signal.signal(signal.SIGTERM, _end_at_once)
    options: list[tuple[str, Any]] = [
        ("grpc.max_receive_message_length", MESSAGE_SIZE),
        ("grpc.max_send_message_length", MESSAGE_SIZE),
    ]
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=16), options=options)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(positional[0] if positional else ""), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    # A signal that another thread takes wakes no wait without a limit, and the handler would never run.
    while True:
        time.sleep(0.2)


if __name__ == "__main__":
    main()
