"""Programs in JavaScript and TypeScript, run dry with their own SDK."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from policypack.model.values import UNKNOWN, Secret
from policypack.sources.program import ProgramError, ProgramRun, run_program
from tests.sources.program.dry_run import Write, named
from tests.sources.program.waiting import runs, until

# The SDK alone, without the large package of the provider: quick to load.
SDK = """\
const pulumi = require("@pulumi/pulumi");

class Made extends pulumi.CustomResource {
    constructor(name, props, opts, token = "gcp:compute/address:Address") {
        super(token, name, { selfLink: undefined, name: undefined, ...props }, opts);
    }
}
"""
LINES = SDK.count("\n")  # lines before the test's own
SALT = "v1:IF59RtnMgcQ=:v1:LLp/33isyl93Dt/U:/fRfyCF5DMT6hyAygUm2KpuoOFC/wQ=="
SEALED = "v1:nedkVQT0FpH0+E1f:QHeLogXPOkTLgr1yqUp0niArZeLyFzfc9hV5TiHzpg=="

TYPESCRIPT = """\
import * as pulumi from "@pulumi/pulumi";
import * as gcp from "@pulumi/gcp";

interface Region {
    name: string;
}

function service(region: Region): gcp.compute.RegionBackendService {
    return new gcp.compute.RegionBackendService(`service-${region.name}`, { region: region.name });
}

const network = new gcp.compute.Network("net", { autoCreateSubnetworks: false });
export const link: pulumi.Output<string> = service({ name: "europe-west1" }).selfLink;
new gcp.compute.Subnetwork("subnet", { network: network.id, ipCidrRange: "10.0.0.0/24", region: "europe-west1" });
"""


@pytest.fixture(scope="module")
def typescript(node_packages: Path, tmp_path_factory: pytest.TempPathFactory) -> ProgramRun:
    """A program in TypeScript that uses the real package of the provider."""
    folder = tmp_path_factory.mktemp("typescript")
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: nodejs\n")
    (folder / "package.json").write_text('{"name": "shop"}')
    (folder / "index.ts").write_text(TYPESCRIPT)
    (folder / "node_modules").symlink_to(node_packages, target_is_directory=True)
    return run_program(folder)


def test_a_typescript_program_is_recorded_whole(typescript: ProgramRun) -> None:
    assert [resource.name for resource in typescript.resources if resource.type.startswith("gcp:")] == [
        "net",
        "service-europe-west1",
        "subnet",
    ]


def test_places_are_those_of_the_typescript_source(typescript: ProgramRun) -> None:
    places = {resource.name: str(resource.source) for resource in typescript.resources if resource.source}
    assert places == {"net": "index.ts:12", "service-europe-west1": "index.ts:9", "subnet": "index.ts:14"}


def test_the_entry_of_a_typescript_program_is_found(typescript: ProgramRun) -> None:
    assert typescript.main == typescript.directory / "index.ts"


def test_what_a_property_was_made_from_is_recorded(typescript: ProgramRun) -> None:
    subnet, network = named(typescript, "subnet"), named(typescript, "net")
    assert subnet.property_dependencies["network"] == (network.urn,)
    assert (subnet.inputs or {})["network"] is UNKNOWN


def test_defaults_are_those_of_the_version_that_the_program_has(typescript: ProgramRun) -> None:
    service = named(typescript, "service-europe-west1")
    assert service.provider.version == "9.37.0"
    assert service.text("loadBalancingScheme") == "INTERNAL"
    assert str(service.text("name")).startswith("service-europe-west1-")


Check = Callable[..., ProgramRun]


@pytest.fixture
def run(write_node: Write) -> Check:
    """Runs a JavaScript program that follows the one import of the SDK."""

    def check(
        source: str,
        files: Mapping[str, str] | None = None,
        *,
        stack: str | None = None,
        config: Mapping[str, str] | None = None,
        timeout: float = 60.0,
    ) -> ProgramRun:
        return run_program(
            write_node({"index.js": SDK + source, **(files or {})}), stack=stack, config=config, timeout=timeout
        )

    return check


def test_a_javascript_program_has_places_too(run: Check) -> None:
    found = named(run('new Made("a", {});\n'), "a")
    assert str(found.source) == f"index.js:{LINES + 1}"


def test_config_and_the_names_of_the_stack_reach_the_program(run: Check) -> None:
    source = """\
new Made("a", {
    name: new pulumi.Config().require("name"),
    description: `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`,
});
"""
    found = named(run(source, stack="prod", config={"name": "x"}), "a")
    assert (found.text("name"), found.text("description")) == ("x", "organization/shop/prod")


def test_a_secret_that_cannot_be_opened_is_an_unknown_secret(run: Check) -> None:
    config = f"encryptionsalt: {SALT}\nconfig:\n  shop:key:\n    secure: {SEALED}\n"
    source = """\
const key = new pulumi.Config().requireSecret("key");
new Made("a", { description: key.apply((text) => text.trim()) });
"""
    result = run(source, {"Pulumi.prod.yaml": config}, stack="prod")
    assert (named(result, "a").inputs or {})["description"] == Secret(UNKNOWN)
    assert any("secret config value" in note for note in result.notes)


def test_functions_of_unknown_values_do_not_run(run: Check) -> None:
    run('new Made("a", {}).selfLink.apply(() => { throw new Error("must not run"); });\n')


def test_components_providers_and_parents_are_recorded(run: Check) -> None:
    source = """\
class Region extends pulumi.ComponentResource {
    constructor(name, opts) {
        super("shop:index:Region", name, {}, opts);
        new Made(`${name}-address`, {}, { parent: this });
        this.registerOutputs({});
    }
}
class Provider extends pulumi.ProviderResource {
    constructor(name, props) {
        super("gcp", name, props);
    }
}
new Region("eu", { provider: new Provider("mine", { project: "other", region: "europe-west1" }) });
"""
    address = named(run(source), "eu-address")
    assert address.urn == "urn:pulumi:dev::shop::shop:index:Region$gcp:compute/address:Address::eu-address"
    assert address.provider.inputs["project"] == "other"


def test_what_is_only_read_is_external(run: Check) -> None:
    assert named(run('new Made("a", {}, { id: "projects/p/global/addresses/a" });\n'), "a").external


def test_outputs_of_the_stack_may_come_from_an_async_function(run: Check) -> None:
    source = 'module.exports = async () => { await null; new Made("late", {}); return { answer: 42 }; };\n'
    result = run(source)
    assert named(result, "late")
    assert {one.type: one.outputs for one in result.resources}["pulumi:pulumi:Stack"] == {"answer": 42}


def test_a_function_of_the_provider_is_answered(run: Check) -> None:
    source = """\
pulumi.runtime.invoke("gcp:organizations/getProject:getProject", {}).then((project) => {
    new Made("a", { description: project.projectId });
});
"""
    assert named(run(source, config={"gcp:project": "p"}), "a").text("description") == "p"


def test_the_entry_may_be_named_in_package_json(write_node: Write) -> None:
    folder = write_node({"package.json": '{"main": "lib/start.js"}', "lib/start.js": SDK + 'new Made("a", {});\n'})
    result = run_program(folder)
    assert result.main == result.directory / "lib" / "start.js"
    assert str(named(result, "a").source) == f"lib/start.js:{LINES + 1}"


@pytest.mark.parametrize("main", ["infra", "infra/index.js"])
def test_the_entry_may_be_named_in_pulumi_yaml(write_node: Write, main: str) -> None:
    folder = write_node(
        {
            "Pulumi.yaml": f"name: shop\nruntime: nodejs\nmain: {main}\n",
            "infra/index.js": SDK + 'new Made(process.cwd().split("/").pop(), {});\n',
        }
    )
    assert named(run_program(folder), "infra")


def test_an_es_module_is_run(write_node: Write) -> None:
    source = """\
import * as pulumi from "@pulumi/pulumi";
await Promise.resolve();
new pulumi.CustomResource("gcp:compute/address:Address", "a", {});
"""
    folder = write_node({"package.json": '{"type": "module", "main": "index.mjs"}', "index.mjs": source})
    assert named(run_program(folder), "a")


def test_a_program_that_ends_itself_well_is_judged_with_a_note(run: Check) -> None:
    notes = run("process.exit();\n").notes
    assert notes == ("the program ended itself with process.exit; what it registered until then was judged",)


def test_a_program_that_ends_itself_when_all_is_registered_is_judged_with_a_note(run: Check) -> None:
    done = run('const made = new Made("a", {});\nmade.urn.apply(() => setTimeout(() => process.exit(0), 200));\n')
    assert named(done, "a")
    assert done.notes[-1] == "the program ended itself with process.exit; what it registered until then was judged"


def test_a_program_that_ends_itself_before_all_is_registered_names_what_it_loses(run: Check) -> None:
    error = failure(lambda: run('new Made("a", {});\nprocess.exit(0);\n'))
    assert "before it had registered what it made: " in error.what
    assert error.what.endswith("'a'")
    assert error.where == f"index.js:{LINES + 2}"
    assert "Leave process.exit out" in error.what_to_do


def failure(check: Callable[[], object]) -> ProgramError:
    """Do what must fail."""
    with pytest.raises(ProgramError) as caught:
        check()
    assert caught.value.what_to_do
    return caught.value


def test_a_program_that_throws_shows_its_own_frames_only(run: Check) -> None:
    helper = "module.exports = (what) => {\n    throw new TypeError(`bad ${what}`);\n};\n"
    error = failure(lambda: run('require("./helper")("x");\n', {"helper.js": helper}))
    assert (error.what, error.where) == ("the program raised TypeError: bad x", "helper.js:2")
    assert error.trace == (
        f'index.js:{LINES + 1}, in <module>: require("./helper")("x");',
        "helper.js:2, in module.exports: throw new TypeError(`bad ${what}`);",
    )


def test_a_function_of_an_output_that_throws_has_its_line(run: Check) -> None:
    error = failure(lambda: run('pulumi.output(1).apply(() => { throw new Error("late"); });\n'))
    assert (error.what, error.where) == ("the program raised Error: late", f"index.js:{LINES + 1}")


def test_whatever_is_thrown_is_told(run: Check) -> None:
    assert failure(lambda: run('throw "just text";\n')).what == "the program raised just text"


def test_a_program_that_does_not_parse_has_its_line(run: Check) -> None:
    error = failure(lambda: run("const x = ;\n"))
    assert (error.what, error.where) == (
        "the program raised SyntaxError: Unexpected token ';'",
        f"index.js:{LINES + 1}",
    )


def test_a_typescript_program_that_does_not_compile_has_its_line(write_node: Write) -> None:
    error = failure(lambda: run_program(write_node({"index.ts": '\nconst x: number = "a";\n'})))
    assert "error TS2322" in error.what
    assert error.where == "index.ts:2"


def test_a_missing_package_names_it_and_how_to_install(run: Check) -> None:
    error = failure(lambda: run('require("left-pad");\n'))
    assert (error.what, error.where) == ("the program needs the module 'left-pad'", f"index.js:{LINES + 1}")
    assert "`npm install`" in error.what_to_do


def test_a_missing_config_value_says_how_to_set_it(run: Check) -> None:
    error = failure(lambda: run('new pulumi.Config().require("name");\n'))
    assert "the program misses a config value" in error.what
    assert "--config key=value" in error.what_to_do
    assert error.where == f"index.js:{LINES + 1}"


def test_a_program_that_ends_itself_badly_shows_what_it_printed_last(run: Check) -> None:
    error = failure(lambda: run('console.log("set REGION");\nprocess.exit(3);\n'))
    assert (error.what, error.where) == ("the program ended itself with exit code 3", f"index.js:{LINES + 2}")
    assert error.trace == ("set REGION",)


def test_a_program_that_sets_an_exit_code_has_failed(run: Check) -> None:
    assert failure(lambda: run("process.exitCode = 3;\n")).what == "the program ended with exit code 3"


def test_two_resources_of_one_name_are_told_with_both_places(run: Check) -> None:
    error = failure(lambda: run('new Made("a", {});\nnew Made("a", {});\n'))
    # The SDK registers both at the same time: either may be the one that comes second.
    places = {f"index.js:{LINES + 1}", f"index.js:{LINES + 2}"}
    assert error.where in places
    assert all(place in f"{error.where} {error.what_to_do}" for place in places)


def test_a_program_that_never_ends_is_ended(run: Check) -> None:
    error = failure(lambda: run("setInterval(() => undefined, 1000);\n", timeout=5))
    assert error.what == "the program did not end within 5 seconds"


def test_an_unanswered_function_is_named(run: Check) -> None:
    error = failure(lambda: run('pulumi.runtime.invoke("gcp:organizations/getFolder:getFolder", { folder: "f" });\n'))
    assert "gcp:organizations/getFolder:getFolder" in error.what


NO_PACKAGES = {"Pulumi.yaml": "name: shop\nruntime: nodejs\n", "index.js": "require('@pulumi/pulumi');\n"}


@pytest.mark.parametrize(("options", "command"), [("", "npm"), ("packagemanager: pnpm", "pnpm")])
def test_packages_that_are_not_installed_say_how_to_install_them(
    write: Write, node_packages: Path, options: str, command: str
) -> None:
    settings = f"name: shop\nruntime: {{name: nodejs, options: {{{options}}}}}\n"
    folder = write("", {**NO_PACKAGES, "Pulumi.yaml": settings})
    error = failure(lambda: run_program(folder))
    assert "cannot import the Pulumi SDK" in error.what
    assert error.what_to_do == f"Install what the program needs: `{command} install` in {folder}."


def test_a_machine_without_node_is_told(write: Write, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = write("", NO_PACKAGES)
    monkeypatch.setenv("PATH", str(tmp_path))
    error = failure(lambda: run_program(folder))
    assert error.what == "the program needs Node.js, and there is no `node` on PATH"


def test_a_folder_without_an_entry_is_told(write: Write) -> None:
    folder = write("", {"Pulumi.yaml": "name: shop\nruntime: nodejs\n"})
    assert "neither index.ts nor index.js" in failure(lambda: run_program(folder)).what


def test_a_main_that_is_not_there_is_told(write: Write) -> None:
    folder = write("", {"Pulumi.yaml": "name: shop\nruntime: nodejs\nmain: lost.js\n"})
    error = failure(lambda: run_program(folder))
    assert (error.what, error.where) == ("the program has no lost.js", f"{folder / 'Pulumi.yaml'}:3")


def test_the_program_ends_with_whoever_runs_it(write_node: Write, tmp_path: Path) -> None:
    marker = tmp_path / "pid"
    source = f"require('fs').writeFileSync({str(marker)!r}, `${{process.pid}}`);\nsetInterval(() => undefined, 1000);\n"
    folder = write_node({"index.js": source})
    caller = (
        "from pathlib import Path\nfrom policypack.sources.program import run_program\n"
        f"run_program(Path({str(folder)!r}))\n"
    )
    with subprocess.Popen([sys.executable, "-c", caller], cwd=Path(__file__).parents[3]) as process:
        assert until(lambda: marker.exists() and marker.read_text() != "")
        process.kill()
    assert until(lambda: not runs(int(marker.read_text())))
