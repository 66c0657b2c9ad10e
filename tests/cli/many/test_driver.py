"""The way to the driver of a cloud, from the command line into every process: with one that reads a folder instead."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.exports import export

DRIVER = """
import os
from fsspec.implementations.dirfs import DirFileSystem
from fsspec.implementations.local import LocalFileSystem

class GCSFileSystem(DirFileSystem):
    protocol = ("gs", "gcs")

    def __init__(self, **options):
        super().__init__(path=os.environ["STAND_IN_BUCKETS"], fs=LocalFileSystem())
        with open(os.environ["STAND_IN_LOG"], "a") as log:
            log.write(f"{os.getpid()}\\n")

    @classmethod
    def _strip_protocol(cls, path):
        return path
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Processes of this environment find the stand-in where the driver would be, and a bucket with six stacks."""
    (tmp_path / "driver").mkdir()
    (tmp_path / "driver" / "gcsfs.py").write_text(DRIVER, encoding="utf-8")
    for number in range(6):
        file = tmp_path / "buckets" / "states" / ".pulumi" / "stacks" / f"shop-{number}" / "prod.json"
        file.parent.mkdir(parents=True)
        file.write_text(export(f"shop-{number}", "disk"), encoding="utf-8")
        (file.parent / "prod.pulumi-tags").write_text('{"version": 1, "tags": {"team": "edge"}}', encoding="utf-8")
    return {
        **os.environ,
        "PYTHONPATH": f"{tmp_path / 'driver'}{os.pathsep}{Path(__file__).parents[3]}",
        "STAND_IN_BUCKETS": str(tmp_path / "buckets"),
        "STAND_IN_LOG": str(tmp_path / "log"),
    }


def test_every_process_opens_the_store_for_itself_and_all_stacks_are_judged(
    environment: dict[str, str], tmp_path: Path
) -> None:
    words = ["audit", "gs://states", "--jobs", "2", "--format", "json"]
    done = subprocess.run(
        [sys.executable, "-m", "policypack.cli", *words],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    stacks = json.loads(done.stdout)["stacks"]
    assert sorted(one["place"] for one in stacks) == [
        f"gs://states/.pulumi/stacks/shop-{number}/prod.json" for number in range(6)
    ]
    assert {one["owner"]["name"] for one in stacks} == {"edge"}
    processes = (tmp_path / "log").read_text(encoding="utf-8").split()
    # The command, which lists, and those that judge: the first may be done before the second one has come up.
    assert len(processes) == len(set(processes))
    assert len(processes) in {2, 3}
