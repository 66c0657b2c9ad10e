"""No secret of a stack is in anything that the pack writes, whichever way the stack came in.

The stack in `programs/planted` has a secret wherever it can have one, and all begin with "kanarie": one search in each
output tells. That there would be something to find is told by the same stack with nothing marked as a secret.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from policypack.cli import main
from policypack.cli.output import FORMATS
from policypack.model.resource import Resource
from policypack.rules.registry import all_rules
from policypack.sources.wire import SECRET, SIGNATURE, decode_properties
from tests.rules.farm import Farm
from tests.sources import ways
from tests.sources.crossguard.process import REPOSITORY, Pack, pack

PLANTED = Path(__file__).parent / "programs" / "planted"
PASSPHRASE = "only for tests"
CONFIG_SECRET = "kanarie-config"

Outputs: TypeAlias = Mapping[str, str]
"""What was written, by the name of the output."""

Recorded: TypeAlias = Callable[[bool], tuple[Resource, ...]]


def leaked(text: str) -> list[str]:
    """Give the lines in which something of a secret stands."""
    return [line for line in text.splitlines() if "kanarie" in line.lower() or "4815162342" in line]


def sealed(text: str) -> tuple[str, str]:
    """Encrypt a config value as the Pulumi CLI does; give the salt of the file, and the value."""
    salt = b"8 bytes."
    key = hashlib.pbkdf2_hmac("sha256", PASSPHRASE.encode(), salt, 1_000_000, 32)

    def sealing(plain: str, nonce: bytes) -> str:
        parts = (nonce, AESGCM(key).encrypt(nonce, plain.encode(), None))
        return ":".join(["v1", *(base64.b64encode(part).decode() for part in parts)])

    return f"v1:{base64.b64encode(salt).decode()}:{sealing('pulumi', b'twelve bytes')}", sealing(text, b"another one.")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The planted program, with a secret in its config, and the passphrase in the environment."""
    folder = tmp_path_factory.mktemp("planted") / "program"
    shutil.copytree(PLANTED, folder)
    salt, token = sealed(CONFIG_SECRET)
    (folder / "Pulumi.prod.yaml").write_text(
        f"encryptionsalt: {salt}\nconfig:\n  gcp:project: shop\n  planted:token:\n    secure: {token}\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PULUMI_CONFIG_PASSPHRASE", PASSPHRASE)
        yield folder


@pytest.fixture(scope="module")
def recorded(program: Path) -> Iterator[Recorded]:
    """Gives the resources of the stack, deployed or in a first preview."""
    farm = Farm()
    yield functools.cache(lambda deployed: ways.record(program, {}, farm, deployed=deployed))
    farm.close()


def rewritten(value: Any, secret: Callable[[Any], Any]) -> Any:
    """Write every secret of a state in another way."""
    if isinstance(value, dict):
        if value.get(SIGNATURE) == SECRET:
            return secret(value["value"])
        return {key: rewritten(item, secret) for key, item in value.items()}
    return [rewritten(item, secret) for item in value] if isinstance(value, list) else value


def with_plaintext(value: Any) -> Any:
    return {SIGNATURE: SECRET, "plaintext": json.dumps(value)}


def with_ciphertext(value: Any) -> Any:
    return {SIGNATURE: SECRET, "ciphertext": f"v1:kanarie:{base64.b64encode(json.dumps(value).encode()).decode()}"}


def unmarked(document: Any) -> Any:
    """Take the marks off what the provider itself calls secret, as states have it that were written by hand."""
    names = {"privateKey", "certificate", "sharedSecret", "secretData"}
    for record in document["deployment"]["resources"]:
        for values in (record["inputs"], record.get("outputs", {})):
            values |= {name: rewritten(values[name], lambda plain: plain) for name in names & values.keys()}
    return document


FILES: Mapping[str, Callable[[Recorded], Any]] = {
    "export with values": lambda found: rewritten(ways.export_document(found(True)), with_plaintext),
    "export with ciphertexts": lambda found: rewritten(ways.export_document(found(True)), with_ciphertext),
    "export without the marks of the provider": lambda found: unmarked(ways.export_document(found(True))),
    "preview": lambda found: rewritten(ways.preview_document(found(False)), lambda _: "[secret]"),
    "preview with values": lambda found: ways.preview_document(found(False)),
}
"""Every form in which Pulumi writes a stack down."""

WAYS = ("program", *FILES)
PLACES = (*FORMATS, "colour", "screen json", "baseline", "standard error")


def run(*words: str, ends_with: tuple[int, ...] = (0, 1)) -> tuple[str, str]:
    """Run a command; give what it wrote to standard output and to standard error."""
    said, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(errors):
        code = main(list(words))
    assert code in ends_with, errors.getvalue()
    return said.getvalue(), errors.getvalue()


def outputs(folder: Path, *words: str) -> Outputs:
    """Run a command often enough that it writes everything that it can write."""
    baseline = folder / "baseline.json"
    screen, first = run(*words, *(f"--report={form}={folder / form}" for form in FORMATS))
    hints = ("--fix-hints",) if words[0] == "check" else ()
    known, second = run(*words, "--write-baseline", str(baseline), *hints)
    document, third = run(*words, "--format", "json")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORCE_COLOR", "1")
        patch.setenv("TERM", "xterm-256color")
        colour, fourth = run(*words)
    written = {form: (folder / form).read_text(encoding="utf-8") for form in FORMATS}
    return {
        **written,
        "text": written["text"] + screen + known,
        "colour": colour,
        "screen json": document,
        "baseline": baseline.read_text(encoding="utf-8"),
        "standard error": "\n".join([first, second, third, fourth]),
    }


@pytest.fixture(scope="module")
def written(program: Path, recorded: Recorded, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Outputs]:
    """Gives everything that is written about the stack when it comes in one way."""

    @functools.cache
    def of(way: str) -> Outputs:
        folder = tmp_path_factory.mktemp("outputs")
        if way == "program":
            return outputs(folder, "check", str(program))
        file = folder / "state.json"
        file.write_text(json.dumps(FILES[way](recorded)), encoding="utf-8")
        return outputs(folder, "audit", str(file))

    return of


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("way", WAYS)
def test_no_output_holds_a_secret(way: str, place: str, written: Callable[[str], Outputs]) -> None:
    assert leaked(written(way)[place]) == []


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("way", ["program", "export with values", "preview with values"])
def test_secrets_that_rules_quote_are_masked(way: str, form: str, written: Callable[[str], Outputs]) -> None:
    assert "[secret]" in written(way)[form]


@pytest.mark.parametrize("way", FILES)
def test_no_report_of_many_stacks_holds_a_secret(way: str, recorded: Recorded, tmp_path: Path) -> None:
    (tmp_path / "states").mkdir()
    (tmp_path / "reports").mkdir()
    (tmp_path / "states" / "state.json").write_text(json.dumps(FILES[way](recorded)), encoding="utf-8")
    reports = [f"--report={form}={tmp_path / 'reports' / form}" for form in FORMATS]
    each = [f"--each={form}={tmp_path / 'reports'}" for form in FORMATS]
    said, errors = run("audit", str(tmp_path / "states"), *reports, *each)
    files = [file for file in (tmp_path / "reports").rglob("*") if file.is_file()]
    assert len(files) == 2 * len(FORMATS)
    assert leaked(said + errors) == []
    assert [line for file in files for line in leaked(file.read_text(encoding="utf-8"))] == []


def test_without_the_marks_rules_quote_what_they_found(program: Path) -> None:
    shown, _ = run("check", str(program), "--config", "open=true")
    assert len(set(re.findall(r"kanarie-[a-z-]+", shown))) >= 8


def test_a_warning_of_the_program_is_shown_without_the_secret_in_it(written: Callable[[str], Outputs]) -> None:
    assert "the program logged: connecting with [secret]" in written("program")["text"]


def test_a_private_key_is_masked_though_nobody_marked_it(written: Callable[[str], Outputs]) -> None:
    assert "the program logged: [secret]" in written("program")["text"]


ENDINGS = {
    "raises": "raise ValueError(f'cannot log in with {token}')",
    "raises in a function of an output": "pulumi.Output.secret(token).apply(lambda it: int(it))",
    "exits with a message": "import sys; sys.exit(f'cannot log in with {token}')",
    "exits after it printed": "import os; print('connecting with', token, flush=True); os._exit(7)",
    "calls a function that nobody answers": "pulumi.runtime.invoke('gcp:a:getB', {'key': pulumi.Output.secret(token)})",
    "calls one with the plain value": "pulumi.runtime.invoke('gcp:a:getB', {'key': token})",
    "makes two resources of one name": "[pulumi.CustomResource('gcp:a:A', token) for _ in 'ab']",
}


@pytest.mark.parametrize("trace", [(), ("--trace",)], ids=["", "with a traceback"])
@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
def test_no_error_of_a_program_holds_a_secret_of_its_config(
    ending: str, trace: tuple[str, ...], program: Path, tmp_path: Path
) -> None:
    for name in ("Pulumi.yaml", "Pulumi.prod.yaml"):
        shutil.copy(program / name, tmp_path / name)
    source = f"import pulumi\n\ntoken = pulumi.Config().require('token')\n{ending}\n"
    (tmp_path / "__main__.py").write_text(source, encoding="utf-8")
    _, said = run("check", str(tmp_path), *trace, ends_with=(2,))
    assert "[secret]" in said
    assert leaked(said) == []


BROKEN = {
    "state.json": '{"version": 3, "deployment": {"resources": [{"inputs": {"key": "kanarie-one" "kanarie-two"}}]}}',
    "preview.json": '{"steps": [{"newState": {"inputs": {"key": kanarie}}}]}',
}


@pytest.mark.parametrize("name", BROKEN)
def test_no_error_about_a_broken_file_quotes_it(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(BROKEN[name], encoding="utf-8")
    _, said = run("audit", str(tmp_path / name), "--trace", ends_with=(2,))
    assert leaked(said) == []


BROKEN_YAML = (
    "config:\n  planted:token: *kanarie\n",
    "config:\n  planted:token: !kanarie value\n",
    "config:\n  planted:token: !!kanarie value\n",
    "config:\n  planted:token: kanarie: more\n",
    "config:\n  planted:token: 'kanarie\n",
    "config:\n  planted:token: [kanarie\n",
    "%kanarie\nconfig: {}\n",
    "config:\n  ? [kanarie, list]\n  : value\n",
)


@pytest.mark.parametrize("text", BROKEN_YAML)
def test_no_error_about_the_config_of_a_stack_quotes_it(text: str, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: planted\nruntime: python\n", encoding="utf-8")
    (tmp_path / "__main__.py").write_text("", encoding="utf-8")
    (tmp_path / "Pulumi.prod.yaml").write_text(text, encoding="utf-8")
    _, said = run("check", str(tmp_path), "--trace", ends_with=(2,))
    assert "Pulumi.prod.yaml" in said
    assert leaked(said) == []


@pytest.fixture(scope="module")
def engine() -> Iterator[Pack]:
    """The pack as the Pulumi engine starts it, with the config of the stack."""
    with pack(REPOSITORY) as running:
        keys = ("planted:token", "planted:login")
        login = json.dumps({"user": "web", "password": "kanarie-in-an-object"})
        running.configure_stack(config=dict(zip(keys, (CONFIG_SECRET, login), strict=True)), secret_keys=keys)
        yield running


@pytest.mark.parametrize("deployed", [False, True], ids=["preview", "update"])
def test_no_answer_to_the_engine_holds_a_secret(deployed: bool, engine: Pack, recorded: Recorded) -> None:
    engine.configure({rule.name: "advisory" for rule in all_rules()})
    made = [ways.sent(resource, deployed=deployed) for resource in recorded(deployed)]
    answers = [str(engine.analyze(one)) for one in made]
    answers.append(str(engine.analyze_stack(*made)))
    assert "[secret]" in "".join(answers)
    assert [line for answer in answers for line in leaked(answer)] == []


def test_a_remediation_sends_secrets_back_as_secrets(engine: Pack, recorded: Recorded) -> None:
    engine.configure({rule.name: "remediate" for rule in all_rules() if rule.remedy})
    mended = []
    for resource in recorded(False):
        answer = engine.stub.Remediate(ways.sent(resource, deployed=False).alone())
        mended += [repr(decode_properties(one.properties)) for one in answer.remediations]
    assert any("[secret]" in one for one in mended)
    # A pair of key and value that was never marked as a secret comes back as it was sent.
    assert [line for one in mended for line in leaked(one)] == []
