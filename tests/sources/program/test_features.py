"""Features of the SDK that reach further than making a resource."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from policypack.model.resource import SourcePosition
from policypack.model.values import UNKNOWN, Secret, Value
from policypack.sources.program import ProgramError, run_program
from policypack.sources.program.recording import Recording
from tests.sources.program.dry_run import Record, Write, named

COMPONENT = """\
import pulumi
class C(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("a:b:C", name)
"""


def test_an_empty_program_gives_the_bare_stack(record: Record) -> None:
    (stack,) = record("").resources
    assert stack.type == "pulumi:pulumi:Stack"


def test_what_a_program_prints_goes_nowhere(record: Record, capfd: pytest.CaptureFixture[str]) -> None:
    record("print('hello')\nimport sys; print('oh', file=sys.stderr)")
    assert capfd.readouterr() == ("", "")


def test_a_program_sees_that_it_is_previewed(record: Record) -> None:
    run = record("Made('a', {'description': str(pulumi.runtime.is_dry_run())})")
    assert (named(run, "a").inputs or {})["description"] == "True"


def test_a_program_knows_its_project_and_stack(record: Record) -> None:
    run = record("Made('a', {'description': pulumi.get_project() + '/' + pulumi.get_stack()})")
    assert (named(run, "a").inputs or {})["description"] == "shop/dev"


def test_a_text_built_around_an_unknown_value_is_unknown(record: Record) -> None:
    run = record("a = Made('a')\nMade('b', {'description': pulumi.Output.concat('to ', a.selfLink)})")
    assert (named(run, "b").inputs or {})["description"] is UNKNOWN


def test_a_secret_unknown_value_stays_secret(record: Record) -> None:
    run = record("a = Made('a')\nMade('b', {'description': pulumi.Output.secret(a.selfLink)})")
    assert (named(run, "b").inputs or {})["description"] == Secret(UNKNOWN)


@pytest.mark.parametrize(
    ("setting", "name"),
    [("{mode: verbatim}", "web"), ("{pattern: '${stack}-${name}'}", UNKNOWN), ("{mode: disabled}", UNKNOWN)],
)
def test_names_are_made_up_as_the_project_says(record: Record, setting: str, name: Value) -> None:
    project = f"name: shop\nruntime: python\nconfig:\n  pulumi:autonaming:\n    value: {setting}\n"
    run = record("Made('web')", {"Pulumi.yaml": project})
    assert named(run, "web").peek("name") == name


def test_names_are_made_up_as_the_stack_says(record: Record) -> None:
    config = "config:\n  pulumi:autonaming: {mode: verbatim}\n"
    run = record("Made('web')", {"Pulumi.dev.yaml": config})
    assert named(run, "web").peek("name") == "web"


def test_a_made_up_name_can_be_read_by_the_program(record: Record) -> None:
    run = record("a = Made('a')\nMade('b', {'description': a.name})")
    assert (named(run, "b").inputs or {})["description"] == (named(run, "a").inputs or {})["name"]


def test_a_resource_as_a_value_is_its_unknown_id(record: Record) -> None:
    run = record("a = Made('a')\nMade('b', {'description': a})")
    assert (named(run, "b").inputs or {})["description"] is UNKNOWN


def test_an_imported_resource_has_the_id_it_is_imported_by(record: Record) -> None:
    run = record("Made('a', opts=pulumi.ResourceOptions(import_='projects/p/global/addresses/a'))")
    assert named(run, "a").id == "projects/p/global/addresses/a"


def test_options_are_recorded(record: Record) -> None:
    run = record(
        "Made('a', opts=pulumi.ResourceOptions("
        "retain_on_delete=True, ignore_changes=['labels'], delete_before_replace=True))"
    )
    options = named(run, "a").options
    assert (options.retain_on_delete, options.ignore_changes, options.delete_before_replace) == (
        True,
        ("labels",),
        True,
    )


def test_assets_are_recorded_as_what_they_hold(record: Record) -> None:
    run = record("Made('a', {'source': pulumi.StringAsset('echo'), 'file': pulumi.FileArchive('./code')})")
    inputs = named(run, "a").inputs or {}
    assert (inputs["source"], inputs["file"]) == ({"text": "echo"}, {"path": "./code"})


def test_children_inherit_the_provider_of_their_component(record: Record) -> None:
    run = record(
        """
        provider = pulumi.ProviderResource("gcp", "tokyo", {"region": "asia-northeast1"})
        group = pulumi.ComponentResource("a:b:C", "group", None, pulumi.ResourceOptions(providers=[provider]))
        Made("a", opts=pulumi.ResourceOptions(parent=group))
        """
    )
    assert named(run, "a").provider.inputs == {"region": "asia-northeast1"}


def test_the_version_of_the_resource_counts(record: Record) -> None:
    run = record(
        "Made('a', opts=pulumi.ResourceOptions(version='9.1.0'), token='gcp:compute/backendService:BackendService')"
    )
    assert (named(run, "a").inputs or {})["loadBalancingScheme"] == "EXTERNAL"
    assert run.notes == ()


def test_an_unlisted_provider_version_is_told(record: Record) -> None:
    run = record("Made('a', opts=pulumi.ResourceOptions(version='12.0.0'))")
    assert run.notes == (
        "the program asks for version 12.0.0 of the gcp provider; its defaults were taken to be those of version 10",
    )


def test_another_clouds_resource_is_recorded_as_it_is(record: Record) -> None:
    run = record("Made('a', {'acl': 'private'}, token='aws:s3/bucket:Bucket')")
    assert named(run, "a").inputs == {"acl": "private"}
    assert run.notes == ()


def test_an_alias_changes_nothing(record: Record) -> None:
    run = record("Made('a', opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name='old')], version='10.2.0'))")
    assert named(run, "a").urn == "urn:pulumi:dev::shop::gcp:compute/address:Address::a"


def test_a_stack_transform_changes_every_resource(record: Record) -> None:
    run = record(
        """
        def label(args):
            if args.type_.startswith("gcp:"):
                args.props["description"] = "labelled"
                args.opts.protect = True
                return pulumi.ResourceTransformResult(args.props, args.opts)

        pulumi.runtime.register_resource_transform(label)
        a = Made("a", {"description": "plain"})
        Made("b", {"description": a.selfLink})
        """
    )
    for name in ("a", "b"):
        assert (named(run, name).inputs or {})["description"] == "labelled"
        assert named(run, name).options.protect


def test_a_property_that_a_transform_replaced_no_longer_comes_from_anything(record: Record) -> None:
    run = record(
        """
        a = Made("a")
        def replace(args):
            return pulumi.ResourceTransformResult({**args.props, "description": "known"}, args.opts)
        Made("b", {"description": a.selfLink, "address": a.selfLink}, pulumi.ResourceOptions(transforms=[replace]))
        """
    )
    assert list(named(run, "b").property_dependencies) == ["address"]


@pytest.mark.parametrize("options", ["", "pulumi.ResourceOptions(transforms=[shout])"])
def test_a_transform_sees_what_is_unknown_as_an_output(record: Record, options: str) -> None:
    run = record(
        f"""
        def shout(args):
            if args.name == "b":
                labels = {{key: pulumi.Output.concat(value, "!") for key, value in args.props["labels"].items()}}
                return pulumi.ResourceTransformResult({{**args.props, "labels": labels}}, args.opts)

        a = Made("a")
        {"" if options else "pulumi.runtime.register_resource_transform(shout)"}
        labels = {{"known": "x", "secret": pulumi.Output.secret("y")}}
        if {not options}:
            labels["unknown"] = a.selfLink
        Made("b", {{"labels": labels, "address": a.selfLink}}, {options})
        """
    )
    labels = (named(run, "b").inputs or {})["labels"]
    unknown = {} if options else {"unknown": UNKNOWN}
    assert labels == {"known": "x!", "secret": Secret("y!"), **unknown}
    assert (named(run, "b").inputs or {})["address"] is UNKNOWN
    assert "address" in named(run, "b").property_dependencies


def test_transforms_run_from_the_resource_outwards(record: Record) -> None:
    run = record(
        """
        def add(word):
            def transform(args):
                if args.custom:
                    said = f"{args.props.get('description') or ''}{word}"
                    return pulumi.ResourceTransformResult({**args.props, "description": said}, args.opts)
            return transform

        pulumi.runtime.register_resource_transform(add("stack"))
        group = pulumi.ComponentResource("a:b:C", "group", None, pulumi.ResourceOptions(transforms=[add("parent,")]))
        Made("a", opts=pulumi.ResourceOptions(parent=group, transforms=[add("own,")]))
        """
    )
    assert (named(run, "a").inputs or {})["description"] == "own,parent,stack"


def test_the_program_reads_what_a_transform_made(record: Record) -> None:
    run = record(
        """
        def change(args):
            if args.name == "a":
                return pulumi.ResourceTransformResult({**args.props, "name": "changed"}, args.opts)
        pulumi.runtime.register_resource_transform(change)
        Made("b", {"description": Made("a").name})
        """
    )
    assert (named(run, "b").inputs or {})["description"] == "changed"


def test_a_failing_transform_is_an_error_with_its_text(record: Record) -> None:
    with pytest.raises(ProgramError) as caught:
        record(
            """
            def fail(args):
                if args.custom:
                    raise ValueError("no such zone")
            pulumi.runtime.register_resource_transform(fail)
            Made("a")
            """
        )
    assert caught.value.what == "a transform of the program failed on 'a'"
    assert "no such zone" in "\n".join(caught.value.trace)


def test_transforms_leave_stderr_alone(record: Record, capfd: pytest.CaptureFixture[str]) -> None:
    record("pulumi.runtime.register_resource_transform(lambda args: None)\nMade('a')")
    assert capfd.readouterr() == ("", "")


def test_a_transform_of_calls_changes_their_arguments(record: Record) -> None:
    run = record(
        """
        def move(args):
            return pulumi.InvokeTransformResult({**args.args, "region": "us-east1"}, args.opts)
        pulumi.runtime.register_invoke_transform(move)
        zones = pulumi.runtime.invoke_output("gcp:compute/getZones:getZones", {"region": "europe-west1"})
        pulumi.export("zones", zones.apply(lambda found: found["names"]))
        """
    )
    assert (named(run, "shop-dev").outputs or {})["zones"] == ["us-east1-b", "us-east1-c", "us-east1-d"]


def test_resource_hooks_are_told_not_to_have_run(record: Record) -> None:
    run = record(
        """
        hook = pulumi.ResourceHook("h", lambda args: 1 / 0, pulumi.ResourceHookOptions(on_dry_run=True))
        binding = pulumi.ResourceHookBinding(before_create=[hook])
        Made("a", opts=pulumi.ResourceOptions(hooks=binding, version="10.2.0"))
        """
    )
    assert run.notes == ("1 resource hook of the program not run",)
    assert named(run, "a")


def test_a_dynamic_resource_is_recorded_and_its_outputs_are_unknown(record: Record) -> None:
    run = record(
        """
        import pulumi.dynamic

        class Provider(pulumi.dynamic.ResourceProvider):
            def create(self, props):
                raise RuntimeError("a preview creates nothing")

        class Lookup(pulumi.dynamic.Resource):
            found: pulumi.Output[str]

        lookup = Lookup(Provider(), "lookup", {"key": "x", "found": None})
        Made("a", {"description": lookup.found})
        """
    )
    assert (named(run, "a").inputs or {})["description"] is UNKNOWN
    assert (named(run, "lookup").inputs or {})["key"] == "x"


def test_a_remote_component_is_an_error_that_says_what_to_do(record: Record) -> None:
    with pytest.raises(ProgramError) as caught:
        record(
            """
            class Site(pulumi.ComponentResource):
                def __init__(self, name):
                    super().__init__("acme:index:Site", name, {}, None, remote=True)
            Site("site")
            """
        )
    assert caught.value.what == "the component 'site' of type acme:index:Site is built by a plugin"
    assert "pulumi preview --policy-pack" in caught.value.what_to_do
    assert caught.value.where == "__main__.py:13"


def test_two_resources_of_one_name_are_an_error_with_both_places(record: Record) -> None:
    with pytest.raises(ProgramError) as caught:
        record("Made('a')\nMade('a')")
    assert caught.value.what == "two resources of type gcp:compute/address:Address are named 'a'"
    assert {caught.value.where, caught.value.what_to_do.split()[-1].rstrip(").")} == {"__main__.py:9", "__main__.py:10"}


def test_warnings_that_the_program_logs_are_told(record: Record) -> None:
    assert record("pulumi.log.warn('old image\\nand more')\npulumi.log.info('fine')").notes == (
        "the program logged: old image",
    )


def test_many_warnings_are_counted(record: Record) -> None:
    notes = record("for n in range(9): pulumi.log.warn(str(n))").notes
    assert len(notes) == 6
    assert notes[-1] == "the program logged 4 more warnings and errors"


def test_a_program_may_require_a_version_of_pulumi(record: Record) -> None:
    assert record("pulumi.runtime.require_pulumi_version('>=3.0.0')").notes == ()


def test_an_async_program_is_awaited(record: Record) -> None:
    run = record(
        """
        async def later():
            return "made later"
        Made("a", {"description": pulumi.Output.from_input(later())})
        """
    )
    assert (named(run, "a").inputs or {})["description"] == "made later"


def test_a_single_file_is_a_project_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "front_door.py"
    file.write_text(f"{COMPONENT}C('c')\n")
    run = run_program(file)
    assert (run.project, run.stack, run.directory, run.main) == ("front_door", "dev", tmp_path, file)
    assert named(run, "c").source == SourcePosition("front_door.py", 5)


def test_a_single_file_beside_a_project_file_belongs_to_that_project(write: Write) -> None:
    folder = write("", {"other.py": f"{COMPONENT}C('c')\n"})
    run = run_program(folder / "other.py")
    assert (run.project, run.main.name, named(run, "c").name) == ("shop", "other.py", "c")


def test_main_may_be_a_folder(write: Write) -> None:
    folder = write(
        "raise SystemExit(1)",
        {
            "Pulumi.yaml": "name: shop\nruntime: python\nmain: src\n",
            "src/__main__.py": "import helper, pathlib\nassert pathlib.Path('helper.py').exists()\n",
            "src/helper.py": f"{COMPONENT}C('c')\n",
        },
    )
    run = run_program(folder)
    assert named(run, "c").source == SourcePosition("src/helper.py", 5)


def test_an_installed_package_inside_the_project_is_not_the_programs_code(write: Write) -> None:
    library = f"{COMPONENT}def make(): C('c')\n"
    source = "import sys; sys.path.append('lib/site-packages')\nimport library\nlibrary.make()\n"
    run = run_program(write(source, {"lib/site-packages/library.py": library}))
    assert named(run, "c").source == SourcePosition("__main__.py", 3)


def test_a_program_does_not_see_the_runners_own_modules(write: Write) -> None:
    with pytest.raises(ProgramError, match="needs the module 'recording'"):
        run_program(write("import recording"))


def test_the_interpreter_can_be_chosen(write: Write) -> None:
    assert run_program(write(""), python=sys.executable).notes == ()


def test_the_file_of_a_project_stands_for_its_folder(write: Write) -> None:
    folder = write(f"{COMPONENT}C('c')\n", {"Pulumi.yaml": "name: shop\nruntime: python\n"})
    assert named(run_program(folder / "Pulumi.yaml"), "c")


def test_a_virtualenv_of_poetry_has_to_be_named(write: Write) -> None:
    options = "name: shop\nruntime: {name: python, options: {toolchain: poetry}}\n"
    (note,) = run_program(write("", {"Pulumi.yaml": options})).notes
    assert "poetry env info --executable" in note


def test_the_virtualenv_of_the_project_is_used(write: Write, tmp_path: Path) -> None:
    options = "name: shop\nruntime: {name: python, options: {virtualenv: env}}\n"
    folder = write("import sys, pulumi\npulumi.export('python', sys.executable)\n", {"Pulumi.yaml": options})
    python = folder / "env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    assert run_program(folder).notes == ()
    assert tmp_path in python.parents


def test_a_package_that_is_registered_by_itself_gives_its_version(record: Record) -> None:
    run = record(
        """
        import base64
        from pulumi.runtime.settings import register_package

        parameter = base64.b64encode(b"{}").decode()
        package = register_package("terraform-provider", "1.0.0", "", "acme", "2.1.0", parameter)
        pulumi.CustomResource("acme:index:Thing", "thing", {}, package_ref=package)
        """
    )
    assert named(run, "thing").provider.version == "2.1.0"


def test_a_program_can_look_up_what_it_made(record: Record) -> None:
    run = record(
        """
        a = Made("a", {"description": "here"})
        def look_up(urn):
            return pulumi.runtime.invoke("pulumi:pulumi:getResource", {"urn": urn}).value["state"]["description"]
        pulumi.export("found", a.urn.apply(look_up))
        """
    )
    assert (named(run, "shop-dev").outputs or {})["found"] == "here"


def test_a_program_cannot_look_up_what_it_has_not_made(record: Record) -> None:
    with pytest.raises(ProgramError, match="the program refers to urn:x, which it has not made"):
        record("pulumi.runtime.invoke('pulumi:pulumi:getResource', {'urn': 'urn:x'})")


def test_a_method_of_a_resource_is_answered_by_the_file(record: Record, tmp_path: Path) -> None:
    answers = tmp_path / "answers.yaml"
    answers.write_text("acme:index:Site/address: {address: https://site}\n")
    run = record(
        "pulumi.export('address', pulumi.runtime.call('acme:index:Site/address', {}, Made('a')))", answers=answers
    )
    assert (named(run, "shop-dev").outputs or {})["address"] == {"address": "https://site"}


def test_a_method_that_nothing_answers_is_an_error(record: Record) -> None:
    with pytest.raises(ProgramError, match="the program calls the function acme:index:Site/address"):
        record("pulumi.runtime.call('acme:index:Site/address', {}, Made('a'))")


def test_a_defect_of_the_dry_run_is_not_taken_for_one_of_the_program(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object) -> None:
        raise RuntimeError("our own defect")

    monkeypatch.setattr(Recording, "register", broken)
    with pytest.raises(RuntimeError, match="our own defect"):
        record("Made('a')")


def test_a_program_reads_from_an_empty_input(record: Record) -> None:
    run = record("import sys\npulumi.export('read', sys.stdin.read() + '.')")
    assert (named(run, "shop-dev").outputs or {})["read"] == "."


def test_a_transform_may_move_a_resource_to_another_provider_and_add_dependencies(record: Record) -> None:
    run = record(
        """
        tokyo = pulumi.ProviderResource("gcp", "tokyo", {"region": "asia-northeast1"})
        a = Made("a")

        def move(args):
            options = pulumi.ResourceOptions(
                provider=tokyo, depends_on=[a], ignore_changes=["labels"], delete_before_replace=True
            )
            return pulumi.ResourceTransformResult(args.props, options)

        Made("b", opts=pulumi.ResourceOptions(transforms=[move]))
        """
    )
    moved = named(run, "b")
    assert moved.provider.inputs == {"region": "asia-northeast1"}
    assert moved.dependencies == (named(run, "a").urn,)
    assert (moved.options.ignore_changes, moved.options.delete_before_replace) == (("labels",), True)


def test_the_id_of_what_is_only_read_is_known(record: Record) -> None:
    source = """
    read = Made("read", opts=pulumi.ResourceOptions(id="projects/p/global/addresses/read"))
    Made("user", {"address": read.id})
    """
    run = record(source)
    assert (named(run, "user").inputs or {})["address"] == "projects/p/global/addresses/read"
