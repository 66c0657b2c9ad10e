"""The reference stack through its life under the pack: preview, up, preview, change, refresh, audit, destroy."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.pulumi_cli import PulumiCli
from tests.e2e.workspace import REPOSITORY, Outcome, Workspace, violations

TOPOLOGIES = ("regional-psc", "global-direct")
EXPORTS = {
    "europe_backend_service_url",
    "asia_backend_service_url",
    "backend_service_urls",
    "global_forwarding_rule_ip",
}


@dataclass(frozen=True)
class Life:
    """What happened to one deployment, in this order."""

    preview: Outcome
    up: Outcome
    again: Outcome
    outputs: dict[str, object]
    audit: Outcome
    change: Outcome
    refresh: Outcome
    settled: Outcome
    destroy: Outcome
    operations: list[dict[str, str]]
    changed_from: int
    destroyed_from: int

    def order(self, operation: str, kind: str, *, of: slice = slice(None)) -> list[int]:
        """When something happened to resources of a kind, as places in the record."""
        places = range(len(self.operations))[of]
        found = [self.operations[place] for place in places]
        return [
            place
            for place, one in zip(places, found, strict=True)
            if one["operation"] == operation and one["type"].endswith(f":{kind}")
        ]


@pytest.fixture(scope="module", params=TOPOLOGIES)
def life(request: pytest.FixtureRequest, cli: PulumiCli, pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Life:
    workspace = Workspace(cli, tmp_path_factory.mktemp("pulumi"))
    config = {"topology": request.param, "protect": "false"}
    project = workspace.project(REPOSITORY / "stacks" / "reference", config=config)
    preview, up = project.preview(pack=pack), project.up("--skip-preview", pack=pack)
    again, outputs, audit = project.preview("--diff", pack=pack), project.outputs(), project.analyze(pack)
    changed_from = len(workspace.operations())
    # Another boot disk: instance templates cannot be changed, so new ones take their place.
    project.configure(bootDiskGb="80")
    change, refresh = project.up("--skip-preview", pack=pack), project.refresh()
    settled = project.preview("--diff", pack=pack)
    destroyed_from = len(workspace.operations())
    destroy = project.destroy()
    return Life(
        preview, up, again, outputs, audit, change, refresh, settled, destroy,
        workspace.operations(), changed_from, destroyed_from,
    )  # fmt: skip


def test_a_first_preview_is_clean(life: Life) -> None:
    assert life.preview.code == 0, str(life.preview)
    assert violations(life.preview) == [], str(life.preview)


def test_up_is_clean(life: Life) -> None:
    assert life.up.code == 0, str(life.up)
    assert violations(life.up) == [], str(life.up)


def test_a_preview_after_up_is_clean_and_changes_nothing(life: Life) -> None:
    assert_nothing_to_do(life.again)


def test_the_outputs_of_the_starting_program_are_there_and_known(life: Life) -> None:
    assert life.outputs.keys() >= EXPORTS
    assert all(life.outputs[name] for name in EXPORTS)


def test_the_audit_of_the_deployed_stack_is_clean(life: Life) -> None:
    assert life.audit.code == 0, str(life.audit)
    assert violations(life.audit) == [], str(life.audit)


def test_destroy_deletes_everything_that_up_created(life: Life) -> None:
    assert life.destroy.code == 0, str(life.destroy)
    created = [each["urn"] for each in life.operations if each["operation"] == "create"]
    deleted = [each["urn"] for each in life.operations if each["operation"] == "delete"]
    assert created
    assert sorted(deleted) == sorted(created)


def test_apis_are_enabled_before_anything_else_is_made(life: Life) -> None:
    # The number of the project is needed to name service agents, and is read before.
    created = [place for place, one in enumerate(life.operations) if one["operation"] == "create"]
    services = set(life.order("create", "Service"))
    first_other = min(place for place in created if place not in services)
    assert max(services) < first_other


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("CryptoKeyIAMMember", "RegionInstanceTemplate"),
        ("Subnetwork", "ForwardingRule"),
        ("CertificateMapEntry", "TargetHttpsProxy"),
        ("NetworkFirewallPolicyRule", "RegionInstanceGroupManager"),
        ("DnsAuthorization", "Certificate"),
    ],
)
def test_what_something_needs_is_made_before_it_and_goes_after_it(life: Life, earlier: str, later: str) -> None:
    """The engine goes by references and `depends_on`; these pairs have no reference, or one that is easily lost."""
    first = slice(0, life.changed_from)
    for made in life.order("create", later, of=first):
        assert any(place < made for place in life.order("create", earlier, of=first))
    assert min(life.order("create", earlier, of=first)) < min(life.order("create", later, of=first))
    last = slice(life.destroyed_from, None)
    assert max(life.order("delete", earlier, of=last)) > max(life.order("delete", later, of=last))


def test_every_forwarding_rule_of_a_region_is_made_after_its_proxy_only_subnet(life: Life) -> None:
    made = {(one["type"].rsplit(":", 1)[-1], one["name"]): place for place, one in enumerate(life.operations)}
    for (kind, name), place in made.items():
        if kind == "ForwardingRule":
            region = name.removeprefix("backend-")
            created = [
                where
                for where, one in enumerate(life.operations)
                if one["operation"] == "create" and one["name"].startswith("proxy") and region in one["name"]
            ]
            assert created, f"no proxy-only subnet of {region}"
            assert min(created) < place


def test_a_change_replaces_templates_without_a_gap(life: Life) -> None:
    assert life.change.code == 0, str(life.change)
    during = slice(life.changed_from, life.destroyed_from)
    made, gone = (
        life.order("create", "RegionInstanceTemplate", of=during),
        life.order("delete", "RegionInstanceTemplate", of=during),
    )
    moved = life.order("update", "RegionInstanceGroupManager", of=during)
    assert made
    assert moved
    assert max(made) < min(gone)
    assert max(moved) < min(gone)


def test_a_change_touches_nothing_else_on_the_path_of_requests(life: Life) -> None:
    during = life.operations[life.changed_from : life.destroyed_from]
    kinds = {one["type"].rsplit(":", 1)[-1] for one in during if one["operation"] in {"delete", "create"}}
    assert kinds == {"RegionInstanceTemplate"}


def test_after_the_change_a_refresh_finds_nothing_and_a_preview_has_nothing_to_do(life: Life) -> None:
    assert life.refresh.code == 0, str(life.refresh)
    assert " updated" not in life.refresh.text
    assert_nothing_to_do(life.settled)


def assert_nothing_to_do(preview: Outcome) -> None:
    assert preview.code == 0, str(preview)
    assert violations(preview) == [], str(preview)
    assert "unchanged" in preview.text
    for what in (" to create", " to update", " to replace", " to delete"):
        assert what not in preview.text
