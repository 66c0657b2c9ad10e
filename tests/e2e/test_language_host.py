"""The stand-in Python language host: what the end-to-end tests lean on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc

from tests.e2e.language_host import install_commands
from tests.e2e.workspace import STAND_IN_HOST

SOON = 60  # seconds: far more than any of this takes on a busy machine, far less than a hang


@dataclass
class Host:
    """A running host and a client of it."""

    process: subprocess.Popen[str]
    stub: language_pb2_grpc.LanguageRuntimeStub


@pytest.fixture
def host() -> Iterator[Host]:
    command = [sys.executable, str(STAND_IN_HOST), "127.0.0.1:1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Host(process, language_pb2_grpc.LanguageRuntimeStub(channel))
        process.kill()


def info(directory: Path, virtualenv: str | None = None) -> language_pb2.ProgramInfo:
    options = struct_pb2.Struct()
    if virtualenv:
        options.update({"virtualenv": virtualenv})
    return language_pb2.ProgramInfo(
        root_directory=str(directory), program_directory=str(directory), entry_point=".", options=options
    )


def analyzer(directory: Path, virtualenv: str) -> language_pb2.RunPluginRequest:
    return language_pb2.RunPluginRequest(
        pwd=str(directory),
        info=info(directory, virtualenv),
        kind="analyzer",
        args=["127.0.0.1:1"],
        env=[f"{key}={value}" for key, value in os.environ.items()],
    )


def linked_virtualenv(directory: Path) -> str:
    (directory / "venv").symlink_to(sys.prefix)
    return "venv"


def test_a_pack_whose_virtualenv_is_missing_is_refused_at_once_and_the_text_names_it(
    host: Host, tmp_path: Path
) -> None:
    answers = list(host.stub.RunPlugin(analyzer(tmp_path, "no-such-venv"), timeout=SOON))
    assert b"no-such-venv" in b"".join(answer.stderr for answer in answers)
    assert answers[-1].exitcode == 1


def test_a_program_whose_virtualenv_is_missing_is_refused_at_once_and_the_text_names_it(
    host: Host, tmp_path: Path
) -> None:
    answer = host.stub.Run(language_pb2.RunRequest(info=info(tmp_path, "no-such-venv")), timeout=SOON)
    assert "no-such-venv" in answer.error


def test_a_pack_is_run_by_the_interpreter_of_its_virtualenv(host: Host, tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("import sys; print(sys.prefix)")
    answers = host.stub.RunPlugin(analyzer(tmp_path, linked_virtualenv(tmp_path)), timeout=SOON)
    assert b"".join(answer.stdout for answer in answers).decode().strip() == str(tmp_path / "venv")


def test_the_exit_code_of_a_pack_is_passed_on(host: Host, tmp_path: Path) -> None:
    (tmp_path / "__main__.py").write_text("import sys; sys.exit(7)")
    answers = list(host.stub.RunPlugin(analyzer(tmp_path, linked_virtualenv(tmp_path)), timeout=SOON))
    assert answers[-1].exitcode == 7


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_host_and_what_it_started_at_once(host: Host, tmp_path: Path, signum: signal.Signals) -> None:
    (tmp_path / "__main__.py").write_text("import os, time; print(os.getpid(), flush=True); time.sleep(600)")
    answers = host.stub.RunPlugin(analyzer(tmp_path, linked_virtualenv(tmp_path)), timeout=SOON)
    child = int(next(answers).stdout)
    host.process.send_signal(signum)
    host.process.wait(timeout=SOON)
    assert ended(child)


def ended(process_id: int) -> bool:
    """Whether a process is gone within the time limit; the system reaps it a moment after it was killed."""
    limit = time.monotonic() + SOON
    while time.monotonic() < limit:
        try:
            os.kill(process_id, 0)
        except ProcessLookupError:
            return True
        status = Path(f"/proc/{process_id}/stat")
        if status.exists() and status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def install_request(directory: Path, **options: bool) -> language_pb2.InstallDependenciesRequest:
    return language_pb2.InstallDependenciesRequest(
        directory=str(directory), info=info(directory), is_plugin=options.get("is_plugin", False)
    )


def test_installing_a_plugin_without_a_virtualenv_option_makes_one_named_venv(tmp_path: Path) -> None:
    commands = install_commands(install_request(tmp_path, is_plugin=True))
    assert commands[0][1:] == ["-m", "venv", str(tmp_path / "venv")]


def test_installing_a_plugin_with_a_build_system_installs_the_plugin_itself(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[build-system]\n")
    commands = install_commands(install_request(tmp_path, is_plugin=True))
    assert commands[-1][1:] == ["-m", "pip", "install", str(tmp_path)]


def test_installing_a_program_does_not_install_the_program_itself(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[build-system]\n")
    (tmp_path / "requirements.txt").write_text("")
    commands = install_commands(install_request(tmp_path))
    assert commands[-1][1:] == ["-m", "pip", "install", "-r", "requirements.txt"]
