"""What a machine does when it starts: the cloud-init configuration that runs the container."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Final

from settings.machines import Machines

_TEMPLATE: Final = Template(Path(__file__).with_name("cloud_init.yaml").read_text(encoding="utf-8"))
_INDENT: Final = "\n      "

SERVE: Final = "serve"
WORK: Final = "work"
"""What the container can be told to do."""

DRAIN_SECONDS: Final = 25
"""How long a server that is told to stop goes on serving: until load balancers have noticed that it is not ready."""

GRACE_SECONDS: Final = 60
"""How long what is still under way may take after that; Google takes a machine away after 90 seconds."""

_STOP_SECONDS: Final = DRAIN_SECONDS + GRACE_SECONDS + 2
"""Docker kills what has not ended by itself after this, and systemd a little later."""
_OPEN_PORT: Final = (
    'ExecStartPre=/bin/sh -c "iptables -C INPUT -p tcp --dport {port} -j ACCEPT'
    ' || iptables -A INPUT -p tcp --dport {port} -j ACCEPT"'
)
"""The firewall of the machine itself, which lets nothing in but SSH."""

_GPU_PREPARE: Final = (
    "ExecStartPre=/usr/bin/cos-extensions install gpu",
    # What is installed lies where nothing may be executed.
    'ExecStartPre=/bin/sh -c "mountpoint -q /var/lib/nvidia || mount --bind /var/lib/nvidia /var/lib/nvidia"',
    "ExecStartPre=/bin/mount -o remount,exec /var/lib/nvidia",
)
_GPU_DEVICES: Final = (
    "--volume=/var/lib/nvidia/lib64:/usr/local/nvidia/lib64",
    "--volume=/var/lib/nvidia/bin:/usr/local/nvidia/bin",
    "--device=/dev/nvidia0:/dev/nvidia0",
    "--device=/dev/nvidia-uvm:/dev/nvidia-uvm",
    "--device=/dev/nvidiactl:/dev/nvidiactl",
)


def user_data(machines: Machines, image: str, command: str, environment: Mapping[str, str]) -> str:
    """Writes the configuration.

    Args:
        machines: The settings of the machines.
        image: Full name of the container's image.
        command: What the container is to do, `SERVE` or `WORK`.
        environment: Variables of the container, beside those that are the same for all.

    Raises:
        ValueError: A variable has a line break in it, which a file of variables cannot hold.
    """
    variables = {
        **environment,
        "PORT": str(machines.serving_port),
        "DRAIN_SECONDS": str(DRAIN_SECONDS),
        "GRACE_SECONDS": str(GRACE_SECONDS),
    }
    wrong = [name for name, value in variables.items() if "\n" in value]
    if wrong:
        raise ValueError(f"{', '.join(wrong)}: a line break in a variable")
    prepare = [_OPEN_PORT.format(port=machines.serving_port)]
    if machines.has_gpu:
        prepare += _GPU_PREPARE
    return _TEMPLATE.substitute(
        command=command,
        devices=" ".join(_GPU_DEVICES) if machines.has_gpu else "",
        environment=_INDENT.join(f"{name}={value}" for name, value in sorted(variables.items())),
        image=image,
        prepare=_INDENT.join(prepare),
        registry=image.split("/", 1)[0],
        start_seconds=machines.model_load_seconds,
        kill_seconds=_STOP_SECONDS + 1,
        stop_seconds=_STOP_SECONDS,
    )
