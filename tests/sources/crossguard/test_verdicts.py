"""What the engine is told: faults, what is undecided, what does not apply, what broke."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from pulumi.runtime.proto import analyzer_pb2

from policypack.model.values import UNKNOWN, Secret
from tests.sources.crossguard.process import Made, Pack, Said, spoken

DISK = "gcp:compute/disk:Disk"
PROXY = "gcp:compute/targetHttpsProxy:TargetHttpsProxy"
SERVICE = "gcp:compute/backendService:BackendService"
POLICY = "gcp:compute/sSLPolicy:SSLPolicy"


def named(said: list[Said], policy: str) -> list[Said]:
    return [one for one in said if one.policy == policy]


def reasons(answer: analyzer_pb2.AnalyzeResponse) -> dict[str, str]:
    return {one.policy_name: one.reason for one in answer.not_applicable}


def test_a_fault_says_what_is_wrong_what_is_right_what_to_do_and_where_to_read_more(sample: Pack) -> None:
    proxy = Made(PROXY, "front", {"urlMap": "u"})
    (fault,) = named(sample.run(proxy), "tls-proxy-names-policy")
    assert fault == Said(
        policy="tls-proxy-names-policy",
        urn=proxy.urn,
        level="mandatory",
        severity="high",
        message="Proxies name an SSL policy.\n"
        "sslPolicy: unset\n"
        "expected: an SSL policy\n"
        "fix: Set ssl_policy.\n"
        "more: multiregion-guard explain tls-proxy-names-policy",
    )


def test_the_description_is_said_once(sample: Pack) -> None:
    for one in sample.run(Made(PROXY, "front", {"urlMap": "u"}), Made(DISK, "disk", {"size": 1, "description": "x"})):
        description = one.message.split("\n")[0]
        assert one.message.count(description) == 1


def test_a_sound_resource_is_not_mentioned(sample: Pack) -> None:
    assert sample.run(Made(PROXY, "front", {"sslPolicy": "modern"}), Made(DISK, "disk", {"size": 100})) == []


def test_a_resource_is_judged_by_its_outputs_and_by_the_inputs_that_the_outputs_lack(sample: Pack) -> None:
    service = Made(
        SERVICE,
        "api",
        inputs={"project": "p", "backends": [{"group": "a"}, {"group": "b"}]},
        outputs={"project": "p", "backends": UNKNOWN, "selfLink": UNKNOWN},
    )
    assert named(sample.run(service), "service-has-two-backends") == []


def test_without_the_inputs_an_unknown_output_is_undecided(sample: Pack) -> None:
    service = Made(SERVICE, "never-asked-about", outputs={"project": "p", "backends": UNKNOWN})
    (said,) = [spoken(one) for one in sample.analyze_stack(service).diagnostics]
    assert (said.policy, said.level) == ("service-has-two-backends", "advisory")
    assert said.urn == service.urn


def test_a_rule_sees_the_inputs_of_the_provider(sample: Pack) -> None:
    service = Made(SERVICE, "api", {"project": "other", "backends": [{}, {}]}, provider={"project": "p"})
    (said,) = named(sample.run(service), "service-names-region")
    assert "project: other\nexpected: p\n" in said.message


def test_an_unknown_value_is_undecided_and_said_once_for_all_resources_of_the_rule(sample: Pack) -> None:
    proxies = [Made(PROXY, f"front-{number}", {"sslPolicy": UNKNOWN}) for number in range(3)]
    said = sample.run(*proxies)
    assert [(one.policy, one.level, one.urn) for one in said] == [("tls-proxy-policy-is-modern", "advisory", "")]
    assert said[0].message == (
        "Proxies use the modern policy.\n"
        "cannot be decided yet for 3 resources; what would decide it:\n"
        "  front-0.sslPolicy: its value is known only after deployment\n"
        "  front-1.sslPolicy: its value is known only after deployment\n"
        "  front-2.sslPolicy: its value is known only after deployment"
    )


def test_nothing_undecided_is_said_while_resources_are_still_coming(sample: Pack) -> None:
    assert not sample.analyze(Made(PROXY, "front", {"sslPolicy": UNKNOWN})).diagnostics


def test_of_many_values_that_would_decide_only_some_are_named(sample: Pack) -> None:
    proxies = [Made(PROXY, f"front-{number}", {"sslPolicy": UNKNOWN}) for number in range(9)]
    (said,) = sample.run(*proxies)
    assert said.message.endswith("\n  … and 4 more")


def test_what_is_undecided_for_one_resource_is_said_of_that_resource(sample: Pack) -> None:
    proxy = Made(PROXY, "front", {"sslPolicy": UNKNOWN})
    (said,) = sample.run(proxy)
    assert said.urn == proxy.urn
    assert "cannot be decided yet for 1 resource;" in said.message


def test_asking_again_with_the_value_known_ends_the_doubt(sample: Pack) -> None:
    sample.run(Made(PROXY, "front", {"sslPolicy": UNKNOWN}))
    assert sample.run(Made(PROXY, "front", {"sslPolicy": "modern"})) == []


def test_a_resource_without_any_property_is_undecided_never_missing_something(sample: Pack) -> None:
    said = sample.run(Made(PROXY, "left-out"), Made(SERVICE, "left-out"))
    assert {one.level for one in said} == {"advisory"}
    assert all("a --target run leaves resources out" in one.message for one in said)


def test_a_resource_that_is_only_read_is_not_judged(sample: Pack) -> None:
    """`pulumi policy analyze` sends it like the others; it has properties that nobody gave it."""
    read = Made(SERVICE, "read", inputs={}, outputs={"name": "read", "backends": []})
    assert sample.run(read) == []


def test_a_known_fault_is_not_hidden_by_an_unknown_neighbour(sample: Pack) -> None:
    disk = Made(DISK, "disk", {"size": 100, "guestOsFeatures": [UNKNOWN, {"x": 1}, {"type": "GVNIC"}]})
    said = named(sample.run(disk), "disk-feature-is-named")
    assert [one.message.split("\n")[1] for one in said] == [
        "guestOsFeatures[1].type: none",
        "cannot be decided yet for 1 resource; what would decide it:",
    ]


def test_a_rule_that_breaks_is_reported_with_its_line_and_the_others_go_on(sample: Pack) -> None:
    disk = Made(DISK, "disk", {"size": 5, "description": "bomb"})
    said = sample.run(disk)
    assert [one.policy for one in said] == ["disk-description-is-plain", "disk-is-large"]
    assert said[0].level == "advisory"
    assert "KeyError: 'bomb' at tests/sources/crossguard/sample_rules.py:" in said[0].message


def test_a_view_that_breaks_is_reported_with_its_line_and_the_others_go_on(sample: Pack) -> None:
    service = Made(SERVICE, "api", {"project": "p"})
    said = sample.run(Made(DISK, "breaks-views", {"size": 50}), service)
    assert [one.policy for one in said] == ["service-has-two-backends", "fragile-views-hold"]
    assert "RuntimeError: no view of this at tests/sources/crossguard/sample_rules.py:" in said[1].message


def test_a_rule_of_another_type_is_reported_as_not_applicable(sample: Pack) -> None:
    told = reasons(sample.analyze(Made(DISK, "disk", {"size": 100})))
    assert told["tls-proxy-names-policy"] == "there is nothing of the kind that it judges"
    assert "disk-is-large" not in told


def test_a_rule_that_has_nothing_to_say_gives_its_reason(sample: Pack) -> None:
    told = reasons(sample.analyze(Made(PROXY, "front", {"urlMap": "u"})))
    assert told["tls-proxy-policy-is-modern"] == "it has no SSL policy"


def test_a_stack_rule_that_has_nothing_to_say_gives_its_reason(sample: Pack) -> None:
    mesh = Made(SERVICE, "mesh", {"project": "p", "loadBalancingScheme": "INTERNAL_SELF_MANAGED"})
    sample.analyze(mesh)
    assert reasons(sample.analyze_stack(mesh)) == {
        "fragile-views-hold": "there is nothing of the kind that it judges",
        "service-has-two-backends": "a mesh has no load balancer",
    }


def test_an_undecided_rule_is_not_counted_as_passed(sample: Pack) -> None:
    told = reasons(sample.analyze(Made(PROXY, "front", {"sslPolicy": UNKNOWN})))
    assert told["tls-proxy-policy-is-modern"] == "it cannot be decided yet"


def test_resources_of_other_packages_are_taken_in_silence(sample: Pack) -> None:
    bucket = Made("aws:s3/bucket:Bucket", "b", {"acl": "public-read"}, provider={"region": "eu-west-1"})
    component = Made("test:index:Component", "c", {}, provider=None)
    root = Made("pulumi:pulumi:Stack", "test-dev", {}, provider=None)
    assert sample.run(root, component, bucket) == []


def test_the_order_of_resources_changes_nothing(sample: Pack) -> None:
    made = [
        Made(SERVICE, "a", {"project": "q"}),
        Made(SERVICE, "b", {"project": "q"}),
        Made(PROXY, "front", {"sslPolicy": UNKNOWN}),
        Made(PROXY, "back", {"sslPolicy": UNKNOWN}),
    ]
    for one in made:
        sample.analyze(one)
    assert sample.analyze_stack(*made) == sample.analyze_stack(*reversed(made))


def test_mandatory_findings_come_first_and_the_rest_is_sorted(sample: Pack) -> None:
    made = [Made(SERVICE, name, {"project": "q"}) for name in ("b", "a")]
    said = [spoken(one) for one in sample.analyze_stack(*made).diagnostics]
    assert [(one.level, one.policy, one.urn[-1]) for one in said] == [
        ("mandatory", "service-has-two-backends", "a"),
        ("mandatory", "service-has-two-backends", "b"),
        ("advisory", "service-names-region", "a"),
        ("advisory", "service-names-region", "b"),
    ]


def test_requests_at_the_same_time_get_the_answers_they_get_alone(sample: Pack) -> None:
    made = [Made(DISK, f"disk-{number}", {"size": number % 20, "description": "x"}) for number in range(200)]
    alone = [sample.analyze(one) for one in made]
    with ThreadPoolExecutor(8) as workers:
        together = list(workers.map(sample.analyze, made))
    assert together == alone


def test_an_answer_stays_below_what_the_engine_can_take(sample: Pack) -> None:
    made = [Made(SERVICE, f"service-{number:05}", {"project": "q"}) for number in range(9_000)]
    answer = sample.analyze_stack(*made)
    assert answer.ByteSize() < 4 * 1024 * 1024
    said = [spoken(one) for one in answer.diagnostics]
    assert sum(one.policy == "service-has-two-backends" for one in said) > 5_000
    assert "more like this: too many for one answer" in said[-1].message


def test_without_a_configured_stack_the_urns_tell_which_it_is(process: Pack) -> None:
    process.configure({})
    assert named(process.run(Made(SERVICE, "api", {"project": "p"})), "service-has-two-backends") != []


def test_secrets_are_never_shown(sample: Pack) -> None:
    disk = Made(DISK, "disk", {"size": 50, "description": Secret("hunter2 and more")})
    said = sample.run(disk)
    assert said != []
    assert "hunter2" not in "".join(one.message for one in said)
    assert "description: [secret]\n" in said[0].message


def test_secrets_are_not_shown_by_a_rule_that_breaks(sample: Pack) -> None:
    disk = Made(DISK, "disk", {"size": 50, "description": Secret("hunter2"), "explosive": True})
    (said,) = sample.run(disk)
    assert "KeyError: '[secret]'" in said.message


def test_a_secret_of_several_lines_is_not_shown_with_its_line_ends_escaped(sample: Pack) -> None:
    key = "-----BEGIN KEY-----\nAAAA\nBBBB\n-----END KEY-----\n"
    (said,) = sample.run(Made(DISK, "disk", {"size": 50, "description": Secret(key), "explosive": True}))
    assert "KeyError: '[secret]'" in said.message


def test_secrets_of_the_stack_are_not_shown_by_stack_rules(sample: Pack) -> None:
    service = Made(SERVICE, "api", {"project": Secret("hidden-project"), "backends": [{}, {}]})
    (said,) = sample.run(service)
    assert "project: [secret]\n" in said.message


def test_an_additional_secret_output_is_a_secret(sample: Pack) -> None:
    service = Made(
        SERVICE,
        "api",
        inputs={"backends": [{}, {}]},
        outputs={"project": "hidden-project", "backends": [{}, {}]},
        secret_outputs=("project",),
    )
    (said,) = sample.run(service)
    assert "hidden-project" not in said.message


def test_secret_values_of_the_stack_configuration_are_not_shown(sample: Pack) -> None:
    sample.configure_stack(config={"test:word": "hunter2", "test:plain": "x"}, secret_keys=["test:word"])
    (said,) = sample.run(Made(DISK, "disk", {"size": 50, "description": "it is hunter2"}))
    assert "description: it is [secret]\n" in said.message


def test_a_secret_unknown_value_is_undecided(sample: Pack) -> None:
    (said,) = sample.run(Made(PROXY, "front", {"sslPolicy": Secret(UNKNOWN)}))
    assert "front.sslPolicy: it is a secret, whose value is not known here" in said.message


def test_a_redacted_secret_is_undecided(sample: Pack) -> None:
    (said,) = sample.run(Made(PROXY, "front", {"sslPolicy": Secret("[secret]")}))
    assert "cannot be decided yet" in said.message


def test_a_value_of_a_wrong_type_is_undecided_with_its_path(sample: Pack) -> None:
    (said,) = sample.run(Made(SERVICE, "api", {"project": "p", "backends": "none"}))
    assert "api.backends: it is a string where a list belongs" in said.message
