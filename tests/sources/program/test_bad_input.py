"""Programs that cannot be recorded: each ends with a clear word of what, where and what to do."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from policypack.sources.program import ProgramError, run_program
from tests.sources.program.dry_run import SDK, Record, Write, named
from tests.sources.program.waiting import runs, until

PROJECT = "name: shop\nruntime: python\n"


def failure(path: Path, *, stack: str | None = None, python: str | None = None, timeout: float = 60.0) -> ProgramError:
    """Run a program that must fail."""
    with pytest.raises(ProgramError) as caught:
        run_program(path, stack=stack, python=python, timeout=timeout)
    assert caught.value.what_to_do
    return caught.value


def test_a_missing_path(tmp_path: Path) -> None:
    error = failure(tmp_path / "nowhere")
    assert error.what == f"{tmp_path / 'nowhere'} does not exist"


def test_a_folder_without_a_project_file(tmp_path: Path) -> None:
    error = failure(tmp_path)
    assert error.what == f"{tmp_path.name} has no Pulumi.yaml"
    assert error.where == str(tmp_path)


def test_a_file_that_is_no_python(write: Write) -> None:
    assert (
        failure(write("", {"requirements.txt": ""}) / "requirements.txt").what == "requirements.txt is no Python file"
    )


def test_broken_yaml_with_its_line(write: Write) -> None:
    folder = write("", {"Pulumi.yaml": "name: shop\nruntime: [python\nmain: x\n"})
    error = failure(folder)
    assert error.what.startswith("Pulumi.yaml is no valid YAML: ")
    assert error.where == f"{folder / 'Pulumi.yaml'}:3"


@pytest.mark.parametrize("text", ["- a\n- b\n", "just text\n"])
def test_a_project_file_that_is_no_object(write: Write, text: str) -> None:
    assert failure(write("", {"Pulumi.yaml": text})).what == "Pulumi.yaml is no object"


def test_a_project_file_that_is_no_text(write: Write) -> None:
    folder = write()
    (folder / "Pulumi.yaml").write_bytes(b"name: \xff\xfe\n")
    assert failure(folder).what.startswith("Pulumi.yaml cannot be read")


def test_an_empty_project_file(write: Write) -> None:
    assert failure(write("", {"Pulumi.yaml": ""})).what == "the project names no runtime"


def test_a_project_without_a_name(write: Write) -> None:
    assert failure(write("", {"Pulumi.yaml": "runtime: python\n"})).what == "the project has no name"


@pytest.mark.parametrize("runtime", ["go", "yaml", "{name: dotnet}"])
def test_a_program_in_another_language(write: Write, runtime: str) -> None:
    folder = write("", {"Pulumi.yaml": f"name: shop\nruntime: {runtime}\n"})
    error = failure(folder)
    assert "only Python, JavaScript and TypeScript programs can be run here" in error.what
    assert error.where == f"{folder / 'Pulumi.yaml'}:2"
    assert "pulumi preview --json --show-sames > preview.json && multiregion-guard audit" in error.what_to_do
    assert "pulumi preview --policy-pack" in error.what_to_do


def test_a_project_without_a_main_file(write: Write) -> None:
    folder = write()
    (folder / "__main__.py").unlink()
    assert failure(folder).what == "the program has no __main__.py"


def test_a_declared_main_that_is_missing(write: Write) -> None:
    folder = write("", {"Pulumi.yaml": f"{PROJECT}main: src/app.py\n"})
    error = failure(folder)
    assert (error.what, error.where) == ("the program has no src/app.py", f"{folder / 'Pulumi.yaml'}:3")


def test_a_stack_without_a_config_file_while_others_have_one(write: Write) -> None:
    error = failure(write("", {"Pulumi.prod.yaml": "", "Pulumi.test.yaml": ""}), stack="pord")
    assert error.what == "there is no config for the stack 'pord'"
    assert error.what_to_do == "The stacks with a config file are: prod, test."


def test_a_broken_config_file(write: Write) -> None:
    folder = write("", {"Pulumi.prod.yaml": "config:\n  shop:a: [1\n"})
    error = failure(folder)
    assert error.what.startswith("Pulumi.prod.yaml is no valid YAML")
    assert error.where.startswith(f"{folder / 'Pulumi.prod.yaml'}:")


def test_a_config_that_is_no_object(write: Write) -> None:
    folder = write("", {"Pulumi.prod.yaml": "config:\n  - a\n"})
    error = failure(folder)
    assert (error.what, error.where) == ("`config` is no object", f"{folder / 'Pulumi.prod.yaml'}:2")


def test_an_interpreter_that_is_missing(write: Write) -> None:
    assert failure(write(), python="no-such-python").what == "the interpreter 'no-such-python' is not there"


def test_an_interpreter_that_cannot_be_started(write: Write, tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o755)
    assert failure(write(), python=str(broken)).what.startswith(f"the interpreter {broken} cannot be started")


def test_an_interpreter_that_is_no_python(write: Write) -> None:
    error = failure(write(), python="true")
    assert error.what == "the program's process ended before the program did (exit code 0)"


def test_an_interpreter_without_the_sdk(write: Write, tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    (hidden / "pulumi").mkdir(parents=True)
    (hidden / "pulumi" / "__init__.py").write_text("raise ModuleNotFoundError('no SDK here', name='pulumi')\n")
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\nPYTHONPATH="{hidden}" exec "{sys.executable}" "$@"\n')
    wrapper.chmod(0o755)
    error = failure(write(), python=str(wrapper))
    assert error.what == f"{wrapper} cannot import the Pulumi SDK: no SDK here"
    assert f"{wrapper} -m pip install pulumi" in error.what_to_do


def test_a_missing_dependency_names_the_module_and_how_to_install_it(write: Write) -> None:
    error = failure(write("import pulumi\nimport acme_cloud.net\n"))
    assert (error.what, error.where) == ("the program needs the module 'acme_cloud'", "__main__.py:2")
    assert "-m pip install acme-cloud`" in error.what_to_do


def test_a_missing_dependency_points_at_the_requirements_of_the_program(write: Write) -> None:
    folder = write("import acme_cloud\n", {"requirements.txt": "acme-cloud\n"})
    assert f"-m pip install -r {folder / 'requirements.txt'}`" in failure(folder).what_to_do


def test_a_program_that_raises_shows_its_own_frames_only(write: Write) -> None:
    helper = "def fail(what):\n    raise ValueError(f'bad {what}')\n"
    error = failure(write(SDK + "import helper\nhelper.fail('x')\n", {"helper.py": helper}))
    assert error.what == "the program raised ValueError: bad x"
    assert error.where == "helper.py:2"
    assert error.trace == (
        "__main__.py:10, in <module>: helper.fail('x')",
        "helper.py:2, in fail: raise ValueError(f'bad {what}')",
    )


def test_a_program_that_raises_in_an_apply(record: Record) -> None:
    with pytest.raises(ProgramError) as caught:
        record("Made('a').name.apply(lambda name: 1 / 0)")
    assert caught.value.what == "the program raised ZeroDivisionError: division by zero"
    assert caught.value.where == "__main__.py:9"


def test_a_program_that_raises_in_an_apply_on_an_input(record: Record) -> None:
    with pytest.raises(ProgramError, match="KeyError: 'zone'"):
        record("Made('b', {'description': Made('a').name.apply(lambda name: {}['zone'])})")


def test_a_program_with_a_syntax_error(write: Write) -> None:
    error = failure(write("import pulumi\nif True print()\n"))
    assert error.what.startswith("the program raised SyntaxError")
    assert error.where == "__main__.py:2"


def test_an_interrupt_in_the_program_is_told(write: Write) -> None:
    assert failure(write("raise KeyboardInterrupt")).what == "the program raised KeyboardInterrupt"


def test_a_very_long_message_is_cut(write: Write) -> None:
    assert len(failure(write("raise ValueError('x' * 10_000_000)")).what) < 10_000


def test_a_very_deep_trace_is_cut(write: Write) -> None:
    error = failure(write("def down(n):\n    if n: down(n - 1)\n    raise ValueError\ndown(300)\n"))
    assert len(error.trace) <= 20


def test_sys_exit_with_a_code(write: Write) -> None:
    error = failure(write("import sys\nprint('set the region first')\nsys.exit(3)\n"))
    assert (error.what, error.trace) == (
        "the program ended itself with exit code 3",
        ("set the region first",),
    )


def test_sys_exit_with_a_text(write: Write) -> None:
    error = failure(write("import sys\nsys.exit('no region')\n"))
    assert (error.what, error.trace) == ("the program ended itself with exit code 1", ("no region",))


def test_sys_exit_without_an_error_is_an_end_like_any_other(record: Record) -> None:
    run = record("import sys\nMade('a', opts=pulumi.ResourceOptions(version='10.2.0'))\nsys.exit(0)\nMade('b')")
    assert named(run, "a")
    assert run.notes == ("the program ended itself with sys.exit; what it registered until then was judged",)


def test_sys_exit_in_a_function_that_runs_later_is_told_since_it_loses_resources(write: Write) -> None:
    error = failure(write("import sys\nimport pulumi\npulumi.Output.from_input(1).apply(lambda _: sys.exit(0))\n"))
    assert error.what == "the program ended itself with sys.exit before it had registered what it made"
    assert error.where == "__main__.py:3"
    assert "Leave sys.exit out" in error.what_to_do


@pytest.mark.parametrize("end", ["sys.exit(3)", "raise ValueError('child')"])
def test_the_end_of_a_forked_child_is_not_the_end_of_the_program(record: Record, end: str) -> None:
    run = record(f"import os, sys\nif not (child := os.fork()):\n    {end}\nos.waitpid(child, 0)\nMade('a')\n")
    assert named(run, "a")


def test_a_function_of_an_output_that_raises_has_its_line_also_where_a_resource_waits_for_it(write: Write) -> None:
    error = failure(
        write(
            "import pulumi, pulumi_gcp as gcp\n"
            "half = pulumi.Output.from_input(1).apply(lambda one: one / 0)\n"
            "gcp.compute.Network('n', description=half.apply(str))\n"
        )
    )
    assert (error.what, error.where) == ("the program raised ZeroDivisionError: division by zero", "__main__.py:2")


def test_a_process_that_dies_shows_what_was_printed_last(write: Write) -> None:
    error = failure(write("import os\nprint('last words', flush=True)\nos._exit(0)\n"))
    assert error.what == "the program's process ended before the program did (exit code 0)"
    assert error.trace == ("last words",)


def test_a_process_that_is_ended_by_a_signal_names_it(write: Write) -> None:
    error = failure(write("import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n"))
    assert error.what == "the program's process was ended by SIGTERM"


def test_a_program_that_never_ends_is_stopped_at_the_time_limit(write: Write) -> None:
    started = time.monotonic()
    error = failure(write("print('waiting', flush=True)\nwhile True: pass\n"), timeout=1.5)
    assert error.what == "the program did not end within 1.5 seconds"
    assert error.trace == ("waiting",)
    assert time.monotonic() - started < 10


def test_a_program_that_waits_for_ever_is_stopped_at_the_time_limit(write: Write) -> None:
    source = "import asyncio, pulumi\npulumi.Output.from_input(asyncio.Future()).apply(print)\n"
    assert failure(write(source), timeout=1.5).what == "the program did not end within 1.5 seconds"


def test_processes_that_the_program_started_end_with_it(write: Write, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    start = "import subprocess, pathlib\nchild = subprocess.Popen(['sleep', '60'])\n"
    run_program(write(f"{start}pathlib.Path({str(file)!r}).write_text(str(child.pid))\n"))
    assert _ends(int(file.read_text()))


def test_the_program_ends_if_whoever_runs_it_is_killed(write: Write, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    tell = f"import os, pathlib\npathlib.Path({str(file)!r}).write_text(str(os.getpid()))\n"
    folder = write(f"{tell}while True: pass\n")
    imports = "import pathlib\nfrom policypack.sources.program import run_program\n"
    caller = f"{imports}run_program(pathlib.Path({str(folder)!r}))"
    with subprocess.Popen([sys.executable, "-c", caller], cwd=Path(__file__).parents[3]) as process:
        assert until(lambda: file.exists() and file.read_text() != "")
        process.kill()
    assert _ends(int(file.read_text()))


def _ends(pid: int) -> bool:
    return until(lambda: not runs(pid))


def test_threads_that_the_program_left_do_not_keep_it(record: Record) -> None:
    source = "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()\n"
    assert record(source, timeout=30.0).resources


def test_a_failing_run_leaves_stderr_alone(write: Write, capfd: pytest.CaptureFixture[str]) -> None:
    failure(write(SDK + "Made('a')\nraise ValueError('x')\n"))
    assert capfd.readouterr() == ("", "")


def test_a_missing_config_value_says_how_to_set_it(record: Record) -> None:
    with pytest.raises(ProgramError) as caught:
        record("pulumi.Config().require('region')")
    assert caught.value.what.startswith("the program misses a config value: Missing required configuration variable")
    assert "--config key=value" in caught.value.what_to_do


def test_the_text_of_an_error_says_what_where_and_what_to_do() -> None:
    error = ProgramError("it broke", "a.py:1", "Mend it.", ("a.py:1, in f",))
    assert str(error) == "a.py:1: it broke\na.py:1, in f\nMend it."
