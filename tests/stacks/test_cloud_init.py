"""What machines do when they start: the configuration is well-formed, and its commands are those that are meant."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from configparser import RawConfigParser
from typing import Any

import pytest
import yaml

from tests.stacks.conftest import REFERENCE
from tests.stacks.workload.processes import WORKLOAD

IMAGE = "europe-west1-docker.pkg.dev/example-project/inference/server:1.0.0"
_RENDER = """
import json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
from components.cloud_init import user_data
from config_reader import ConfigReader
from settings.machines import Machines

class Given:
    def get(self, key):
        return asked["settings"].get(key)

asked = json.load(sys.stdin)
machines = Machines.read(ConfigReader(Given()))
try:
    print(json.dumps(user_data(machines, asked["image"], asked["command"], asked["environment"])))
except ValueError as error:
    print(json.dumps({"error": str(error)}))
"""


def rendered(command: str, environment: dict[str, str], **settings: str) -> Any:
    asked = {"command": command, "environment": environment, "image": IMAGE, "settings": settings}
    run = subprocess.run(
        [sys.executable, "-c", _RENDER, str(REFERENCE)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return json.loads(run.stdout)


@pytest.fixture(scope="module")
def served() -> dict[str, Any]:
    text = rendered("serve", {"MODEL": "gs://models-eu/model.json", "IN_FLIGHT": "80"})
    parsed: dict[str, Any] = yaml.safe_load(text)
    return {"text": text, **parsed}


def file_of(config: dict[str, Any], path: str) -> str:
    (found,) = [entry["content"] for entry in config["write_files"] if entry["path"] == path]
    return str(found)


def unit_of(config: dict[str, Any]) -> dict[str, list[str]]:
    """The service's section, with every value of a key."""
    entries: dict[str, list[str]] = {}
    section = ""
    for line in file_of(config, "/etc/systemd/system/inference.service").splitlines():
        if line.startswith("["):
            section = line
        elif section == "[Service]" and line.strip():
            key, _, value = line.partition("=")
            entries.setdefault(key, []).append(value)
    return entries


def docker_run(config: dict[str, Any]) -> list[str]:
    (command,) = unit_of(config)["ExecStart"]
    return shlex.split(command)


def test_it_is_what_cloud_init_takes(served: dict[str, Any]) -> None:
    assert served["text"].startswith("#cloud-config\n")
    assert {entry["path"] for entry in served["write_files"]} == {
        "/etc/inference/environment",
        "/etc/systemd/system/inference.service",
    }
    assert served["runcmd"][-1] == "systemctl start --no-block inference.service"


def test_nothing_is_left_of_the_template(served: dict[str, Any]) -> None:
    assert "$" not in served["text"].replace("$PORT", "")


def test_the_unit_is_read_as_sections(served: dict[str, Any]) -> None:
    parser = RawConfigParser(strict=False)
    parser.read_string(file_of(served, "/etc/systemd/system/inference.service"))
    assert parser.sections() == ["Unit", "Service"]


def test_the_container_runs_the_image_and_the_command(served: dict[str, Any]) -> None:
    assert docker_run(served)[-2:] == [IMAGE, "serve"]
    assert docker_run(yaml.safe_load(rendered("work", {"MODEL": "m", "SUBSCRIPTION": "s"})))[-2:] == [IMAGE, "work"]


def test_the_container_can_change_nothing_but_its_tmp(served: dict[str, Any]) -> None:
    assert {"--read-only", "--tmpfs=/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges"} <= set(
        docker_run(served)
    )


def test_the_port_of_the_container_is_opened_on_the_machine() -> None:
    config = yaml.safe_load(rendered("serve", {"MODEL": "m"}, servingPort="9443"))
    opened = next(command for command in unit_of(config)["ExecStartPre"] if "iptables" in command)
    shell, _, script = shlex.split(opened)
    checked = subprocess.run([shell, "-n", "-c", script], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert script.count("--dport 9443") == 2
    assert "PORT=9443" in file_of(config, "/etc/inference/environment").splitlines()


def test_stopping_takes_longer_than_draining_and_finishing(served: dict[str, Any]) -> None:
    variables = dict(line.split("=", 1) for line in file_of(served, "/etc/inference/environment").splitlines())
    needed = int(variables["DRAIN_SECONDS"]) + int(variables["GRACE_SECONDS"])
    unit = unit_of(served)
    (stop,) = unit["ExecStop"]
    patience = int(next(part for part in shlex.split(stop) if part.startswith("--time=")).removeprefix("--time="))
    assert needed < patience < int(unit["TimeoutStopSec"][0])


def test_the_container_is_stopped_before_docker_is(served: dict[str, Any]) -> None:
    parser = RawConfigParser(strict=False)
    parser.read_string(file_of(served, "/etc/systemd/system/inference.service"))
    assert "docker.service" in parser["Unit"]["After"].split()


def test_what_ends_is_started_again(served: dict[str, Any]) -> None:
    assert unit_of(served)["Restart"] == ["always"]


@pytest.mark.parametrize(("command", "more"), [("serve", {"IN_FLIGHT": "80"}), ("work", {"SUBSCRIPTION": "p/s"})])
def test_the_workload_understands_every_variable(command: str, more: dict[str, str]) -> None:
    config = yaml.safe_load(rendered(command, {"MODEL": "gs://models-eu/model.json", "ACK_SECONDS": "300", **more}))
    lines = file_of(config, "/etc/inference/environment").splitlines()
    known = (WORKLOAD / "serving" / "environment.py").read_text(encoding="utf-8")
    assert [line for line in lines if f'"{line.split("=", 1)[0]}"' not in known] == []


def test_gpu_drivers_are_installed_before_a_container_that_uses_them() -> None:
    config = yaml.safe_load(rendered("serve", {"MODEL": "m"}, machineType="g2-standard-8"))
    assert "/usr/bin/cos-extensions install gpu" in unit_of(config)["ExecStartPre"]
    assert "--device=/dev/nvidia0:/dev/nvidia0" in docker_run(config)


def test_without_a_gpu_no_driver_is_installed(served: dict[str, Any]) -> None:
    assert "nvidia" not in served["text"]


def test_a_variable_with_a_line_break_is_refused() -> None:
    assert rendered("serve", {"MODEL": "a\nEVIL=1"}) == {"error": "MODEL: a line break in a variable"}
