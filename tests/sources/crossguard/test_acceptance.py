"""Waivers and the baseline, as the engine hears of them: shown, advisory, and with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from unittest.mock import create_autospec

import grpc
import pytest
from pulumi.runtime.proto import analyzer_pb2

from policypack.model.values import UNKNOWN
from policypack.sources.crossguard import analyzer
from tests.sources.crossguard.process import PACKS, Made, Pack, Said, pack
from tests.sources.crossguard.sample_rules import RULES

DISK = Made("gcp:compute/disk:Disk", "disk", {"size": 50, "type": "pd-standard"})
BROKEN = Made("gcp:compute/disk:Disk", "broken", {"size": 50, "description": "bomb"})
PROXY = Made("gcp:compute/targetHttpsProxy:TargetHttpsProxy", "front", {"urlMap": "u"})
WAITING = Made("gcp:compute/targetHttpsProxy:TargetHttpsProxy", "front", {"sslPolicy": UNKNOWN})
SERVICE = Made("gcp:compute/backendService:BackendService", "api", {"project": "p", "backends": []})
RULE = "tls-proxy-names-policy"


@pytest.fixture(scope="module")
def process() -> Iterator[Pack]:
    """The sample rules on 24 November 2026."""
    with pack(PACKS / "sample_on_a_day") as running:
        yield running


def waiver(rules: Any = RULE, resources: Any = "front", expires: str = "2026-12-24", **more: Any) -> dict[str, Any]:
    base = {"reason": "moves in December", "owner": "team-edge", "ticket": "EDGE-7"}
    return {"rules": rules, "resources": resources, "expires": expires, **base, **more}


def configured(sample: Pack, **guard: Any) -> Pack:
    sample.configure({"guard": guard})
    return sample


def of(said: list[Said], policy: str) -> list[tuple[str, str]]:
    return [(one.level, one.message.split("\n")[1]) for one in said if one.policy == policy]


WAIVED = "waived until 2026-12-24 (30 days left): moves in December; team-edge; EDGE-7"


def test_a_waived_mandatory_finding_is_advisory_and_says_until_when_why_and_by_whom(sample: Pack) -> None:
    (said,) = configured(sample, waivers=[waiver()]).run(PROXY)
    assert said.level == "advisory"
    assert said.message == (
        f"Proxies name an SSL policy.\n{WAIVED}\nsslPolicy: unset\nexpected: an SSL policy\nfix: Set ssl_policy.\n"
        "more: multiregion-guard explain tls-proxy-names-policy"
    )


def test_a_waived_finding_of_a_stack_rule_is_advisory(sample: Pack) -> None:
    said = configured(sample, waivers=[waiver("service-has-two-backends", "api")]).run(SERVICE)
    assert of(said, "service-has-two-backends") == [("advisory", WAIVED)]


def test_an_expired_waiver_is_a_violation_again_and_says_so(sample: Pack) -> None:
    (said,) = configured(sample, waivers=[waiver(expires="2026-11-22")]).run(PROXY)
    assert said.level == "mandatory"
    assert "\nits waiver expired on 2026-11-22 (2 days ago): moves in December" in said.message


def test_on_its_last_day_a_waiver_holds(sample: Pack) -> None:
    said = configured(sample, waivers=[waiver(expires="2026-11-24")]).run(PROXY)
    ((level, line),) = of(said, RULE)
    assert (level, "(today is its last day)" in line) == ("advisory", True)


def test_the_neighbour_of_a_waived_resource_is_still_a_violation(sample: Pack) -> None:
    said = configured(sample, waivers=[waiver()]).run(PROXY, replace(PROXY, name="other"))
    assert [(one.urn.rsplit("::", 1)[1], one.level) for one in said] == [("front", "advisory"), ("other", "mandatory")]


def test_a_waiver_by_urn_and_one_by_stack_hold(sample: Pack) -> None:
    by_urn = waiver(resources=PROXY.urn)
    by_stack = {key: value for key, value in waiver(stacks="test/dev").items() if key != "resources"}
    for one in (by_urn, by_stack):
        assert [said.level for said in configured(sample, waivers=[one]).run(PROXY)] == ["advisory"]


def test_a_renamed_resource_keeps_its_waiver(sample: Pack) -> None:
    renamed = replace(PROXY, name="gate", aliases=(PROXY.urn,))
    assert [one.level for one in configured(sample, waivers=[waiver()]).run(renamed)] == ["advisory"]


def test_what_is_undecided_can_be_waived_and_the_rest_stays_as_it_is(sample: Pack) -> None:
    rule = "tls-proxy-policy-is-modern"
    configured(sample, waivers=[waiver(rule)], onUndecided="fail", select=[{"rules": rule, "level": "mandatory"}])
    said = sample.run(WAITING, replace(WAITING, name="other"))
    assert of(said, rule) == [
        ("mandatory", "cannot be decided yet for 1 resource; what would decide it:"),
        ("advisory", WAIVED),
    ]


def test_a_rule_that_breaks_can_be_waived(sample: Pack) -> None:
    rule = "disk-description-is-plain"
    said = configured(sample, waivers=[waiver(rule, "broken")], onError="fail").run(BROKEN)
    assert of(said, rule) == [("advisory", WAIVED)]


@pytest.mark.parametrize(("choice", "level"), [("advisory", "advisory"), ("fail", "mandatory"), ("ignore", None)])
def test_a_waiver_whose_finding_is_gone_is_told_of(sample: Pack, choice: str, level: str | None) -> None:
    configured(sample, waivers=[waiver("disk-is-large", "disk")], onStaleWaiver=choice)
    expected = (
        "guard.waivers[0] (disk-is-large on disk; team-edge) waives nothing: what it waives is no longer found."
        " Take it out"
    )
    assert of(sample.run(DISK), "guard") == ([(level, expected)] if level else [])


def test_a_waiver_that_names_no_stack_may_be_about_another_one(sample: Pack) -> None:
    assert configured(sample, waivers=[waiver(resources="elsewhere")]).run(DISK) == []


def test_a_waiver_of_this_stack_that_matches_nothing_is_told_of(sample: Pack) -> None:
    said = configured(sample, waivers=[waiver(resources="elsewhere", stacks="test/*")]).run(DISK)
    ((level, line),) = of(said, "guard")
    assert (level, "no resource matches it" in line) == ("advisory", True)


@pytest.mark.parametrize("rule", ["tls-proxy-policy-is-modern", RULE])
def test_a_waiver_in_use_is_not_stale(sample: Pack, rule: str) -> None:
    resource = WAITING if rule != RULE else PROXY
    assert of(configured(sample, waivers=[waiver(rule)]).run(resource), "guard") == []


def test_a_mistake_in_a_waiver_is_a_finding_and_the_waiver_does_not_hold(sample: Pack) -> None:
    said = configured(sample, waivers=[waiver(expires="soon")]).run(PROXY)
    assert of(said, RULE) == [("mandatory", "sslPolicy: unset")]
    ((level, line),) = of(said, "guard")
    mistake = "is 'soon', and must be a day, as YYYY-MM-DD; the waiver does not hold until this is mended"
    assert (level, line) == ("mandatory", f"guard.waivers[0].expires: {mistake}")


def test_a_rule_that_may_not_be_waived_is_not(sample: Pack) -> None:
    said = configured(sample, waivers=[waiver()], notWaivable=[RULE]).run(PROXY)
    assert of(said, RULE) == [("mandatory", "sslPolicy: unset")]
    ((_, line),) = of(said, "guard")
    assert f"{RULE} may not be waived: guard.notWaivable has it" in line


def baseline(*resources: Made, rule: str = RULE, path: str = "sslPolicy") -> dict[str, Any]:
    return {"version": 1, "findings": {rule: {one.urn: [path] for one in resources}}}


def test_a_known_finding_is_advisory_and_says_so_and_a_new_one_is_a_violation(sample: Pack) -> None:
    said = configured(sample, baseline=baseline(PROXY)).run(PROXY, replace(PROXY, name="other"))
    assert of(said, RULE) == [("advisory", "known: it is in the baseline"), ("mandatory", "sslPolicy: unset")]


def test_a_known_finding_of_a_stack_rule_is_advisory(sample: Pack) -> None:
    rule = "service-has-two-backends"
    said = configured(sample, baseline=baseline(SERVICE, rule=rule, path="backends")).run(SERVICE)
    assert of(said, rule) == [("advisory", "known: it is in the baseline")]


def test_a_renamed_resource_keeps_its_place_in_the_baseline(sample: Pack) -> None:
    renamed = replace(PROXY, name="gate", aliases=(PROXY.urn,))
    said = configured(sample, baseline=baseline(PROXY)).run(renamed)
    assert [(one.policy, one.level) for one in said] == [(RULE, "advisory")]


def test_what_is_fixed_is_told_of_once_and_stops_nobody(sample: Pack) -> None:
    sound = replace(PROXY, inputs={"urlMap": "u", "sslPolicy": "modern"})
    said = configured(sample, baseline=baseline(sound, replace(PROXY, name="gone"))).run(sound)
    (one,) = said
    assert (one.policy, one.level) == ("guard", "advisory")
    assert one.message.split("\n")[1:4] == [
        "the baseline could shrink:",
        f"  {RULE} on front: fixed",
        f"  {RULE} on gone: fixed",
    ]


def test_nothing_is_called_fixed_while_the_rule_waits_for_a_value(sample: Pack) -> None:
    entry = baseline(WAITING, rule="tls-proxy-policy-is-modern")
    assert of(configured(sample, baseline=entry).run(WAITING), "guard") == []


def test_nothing_is_called_fixed_that_was_never_asked_about(sample: Pack) -> None:
    configured(sample, baseline=baseline(replace(PROXY, name="gone")))
    assert list(sample.analyze_stack(replace(DISK, name="never-asked-about")).diagnostics) == []


def test_a_mistake_in_the_baseline_is_a_finding(sample: Pack) -> None:
    said = configured(sample, baseline={"version": 1, "findings": {RULE: {PROXY.urn: "sslPolicy"}}}).run(PROXY)
    ((level, line),) = of(said, "guard")
    assert (level, "must be a list of properties" in line) == ("mandatory", True)


def test_a_profile_and_selections_hold(sample: Pack) -> None:
    select = [{"rules": "disk-*", "level": "disabled"}, {"rules": "disk-type-is-ours", "level": "mandatory"}]
    said = configured(sample, extends="advisory", select=select).run(PROXY, DISK)
    assert [(one.policy, one.level) for one in said] == [(RULE, "advisory"), ("disk-type-is-ours", "mandatory")]


def test_a_rule_that_a_selection_switches_off_is_not_counted_as_passed(sample: Pack) -> None:
    configured(sample, select=[{"rules": "disk-is-large", "level": "disabled"}])
    told = {one.policy_name: one.reason for one in sample.analyze(DISK).not_applicable}
    assert told["disk-is-large"] == "the configuration switches it off"


def test_secrets_are_masked_in_what_waivers_say(sample: Pack) -> None:
    sample.configure_stack(config={"test:word": "hunter2"}, secret_keys=["test:word"])
    said = configured(sample, waivers=[waiver(reason="the key is hunter2"), waiver("disk-is-large", "disk")]).run(
        PROXY, replace(DISK, name="hunter2-disk"), DISK
    )
    assert "hunter2" not in "".join(one.message for one in said)


def test_a_defect_in_reading_the_configuration_is_a_finding_and_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: Any) -> None:
        raise KeyError("hunter2")

    monkeypatch.setattr(analyzer, "settings_or_refusal", breaks)
    server = analyzer.Analyzer(RULES)
    context = create_autospec(grpc.ServicerContext, instance=True)
    server.Configure(analyzer_pb2.ConfigureAnalyzerRequest(), context)
    answer = server.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(), context)
    context.abort.assert_not_called()
    (said,) = [one.message for one in answer.diagnostics]
    assert "guard: the pack broke while it read this: KeyError at" in said
    assert "hunter2" not in said
