"""No command speaks to anybody: what each process connects to is written down, in Python's sockets and in gRPC.

A module that Python imports at its start, in every process that a command starts, does the writing.
"""

from __future__ import annotations

import ipaddress
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import grpc
import pytest
from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerStub

from policypack.sources.program.functions import Functions
from policypack.sources.program.monitor import Monitor
from policypack.sources.program.recording import Place, Recording
from tests.cli.exports import export
from tests.sources.crossguard.process import REPOSITORY, Made, Pack

WRITER = """
import json
import os
import sys


def write(kind, where):
    with open(os.environ["CONTACTS"], "a") as file:
        file.write(json.dumps([kind, str(where)]) + "\\n")


def hear(event, arguments):
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"}:
        write(event, arguments[1])
    elif event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}:
        write(event, arguments[0])


sys.addaudithook(hear)

import grpc._channel

original = grpc._channel.Channel.__init__


def made(channel, target, *rest, **more):
    write("grpc", target)
    original(channel, target, *rest, **more)


grpc._channel.Channel.__init__ = made
write("started", os.getpid())
"""
PROGRAM = "stacks/reference"
COMMANDS = {
    "check": ["check", str(REPOSITORY / PROGRAM)],
    "check of a small program": ["check", str(REPOSITORY / "examples" / "starting_program"), "--fix-hints"],
    "audit": ["audit", "state.json", "--report=html=page.html", "--report=sarif=x.sarif", "--write-baseline=b.json"],
    "rules": ["rules"],
    "explain": ["explain", "disk-cmek"],
    "frameworks": ["frameworks", "--framework", "cis"],
    "waivers": ["waivers", "policy.json"],
    "config validate": ["config", "validate", "production"],
    "config show": ["config", "show", "production"],
    "config bundle": ["config", "bundle", "production"],
    "config schema": ["config", "schema"],
    "doctor": ["doctor", "--pack", str(REPOSITORY)],
}


@pytest.fixture
def environment(tmp_path: Path) -> Mapping[str, str]:
    """An environment in which every process of Python writes down whom it speaks to; there is no `pulumi` in it."""
    (tmp_path / "sitecustomize.py").write_text(WRITER, encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), str(REPOSITORY)])
    return {
        "PATH": os.defpath,
        "HOME": str(tmp_path),
        "TMPDIR": os.environ.get("TMPDIR", "/tmp"),
        "PYTHONPATH": path,
        "CONTACTS": str(tmp_path / "contacts"),
    }


def contacts(folder: Path) -> list[tuple[str, str]]:
    """Give what was written down."""
    lines = (folder / "contacts").read_text(encoding="utf-8").splitlines()
    return [(kind, where) for kind, where in map(json.loads, lines)]


def strangers(folder: Path) -> list[tuple[str, str]]:
    """Give everybody who is not on this machine."""
    here = ("unix:", "127.0.0.1:", "('127.0.0.1', ")
    return [(kind, where) for kind, where in contacts(folder) if kind != "started" and not where.startswith(here)]


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_a_command_speaks_to_nobody_but_the_program_that_it_runs(
    words: list[str], environment: Mapping[str, str], tmp_path: Path
) -> None:
    (tmp_path / "state.json").write_text(export("shop", "data"), encoding="utf-8")
    (tmp_path / "policy.json").write_text("{}", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "policypack.cli", *words],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1}, done.stderr
    assert strangers(tmp_path) == []
    if words[0] == "check":
        # The writing works: the program, a process of its own, has spoken to the engine.
        kinds = [kind for kind, _ in contacts(tmp_path)]
        assert kinds.count("started") == 2
        assert "grpc" in kinds


def address(written: str) -> str:
    """Read an address as the kernel writes it: words of four bytes, each the wrong way round."""
    words = [bytes.fromhex(written[at : at + 8])[::-1] for at in range(0, len(written), 8)]
    known = ipaddress.ip_address(b"".join(words))
    return str(getattr(known, "ipv4_mapped", None) or known)


def listening(process: int) -> set[str]:
    """Give the addresses at which a process takes connections of other machines or of this one."""
    if not Path("/proc/net").exists():
        command = ["lsof", "-nP", "-iTCP", "-sTCP:LISTEN", "-a", "-p", str(process), "-Fn"]
        told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return {line[1:].rpartition(":")[0] for line in told.splitlines() if line.startswith("n")}
    own = set()
    for link in Path(f"/proc/{process}/fd").iterdir():
        try:
            own.add(str(link.readlink()))
        except FileNotFoundError:  # closed meanwhile
            continue
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{process}/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == "0A" and f"socket:[{inode}]" in own:
                found.add(address(local.partition(":")[0]))
    return found


@pytest.fixture
def monitor(tmp_path: Path) -> Iterator[Monitor]:
    with Monitor(Recording(Place("shop", "dev", tmp_path)), Functions(None)) as serving:
        yield serving


def test_the_engine_of_a_dry_run_has_no_port_at_all(monitor: Monitor) -> None:
    assert monitor.address.startswith("unix:")
    assert listening(os.getpid()) == set()


def test_nobody_else_may_enter_the_folder_of_the_engine(monitor: Monitor) -> None:
    folder = Path(monitor.address.removeprefix("unix:")).parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert folder.stat().st_uid == os.getuid()


def test_nothing_is_left_of_the_engine(tmp_path: Path) -> None:
    with Monitor(Recording(Place("shop", "dev", tmp_path)), Functions(None)) as serving:
        folder = Path(serving.address.removeprefix("unix:")).parent
        assert folder.is_dir()
    assert not folder.exists()


@pytest.mark.parametrize("name", ["x" * 90, "with a blank", "für"])
def test_where_no_socket_can_be_the_engine_takes_a_port_of_this_machine_alone(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / name).mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / name))
    with Monitor(Recording(Place("shop", "dev", tmp_path)), Functions(None)) as serving:
        assert serving.address.startswith("127.0.0.1:")
        assert listening(os.getpid()) == {"127.0.0.1"}


@pytest.mark.parametrize("variable", ["http_proxy", "https_proxy", "grpc_proxy"])
def test_a_proxy_in_the_environment_changes_nothing(
    variable: str, environment: Mapping[str, str], tmp_path: Path
) -> None:
    words = ["check", str(REPOSITORY / "examples" / "starting_program")]
    done = subprocess.run(
        [sys.executable, "-m", "policypack.cli", *words],
        env={**environment, variable: "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "7 mandatory findings" in done.stdout


def test_the_pack_listens_on_this_machine_alone_and_speaks_to_nobody_else(
    environment: Mapping[str, str], tmp_path: Path
) -> None:
    command = [sys.executable, "-u", "-m", "pulumi.policy", "127.0.0.1:1", str(REPOSITORY)]
    with subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
                Pack(AnalyzerStub(channel), "").run(Made("gcp:compute/disk:Disk", "data", {"name": "data"}))
                found = listening(process.pid)
        finally:
            process.terminate()
    assert found == {"127.0.0.1"}
    assert strangers(tmp_path) == []
