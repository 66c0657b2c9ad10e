"""What holds for every rule about the open internet, and which of them speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from policypack.engine.evaluator import evaluate
from policypack.engine.settings import Settings
from policypack.engine.verdict import Status
from policypack.gcp import types as t
from policypack.gcp.ports import HIGHEST_PORT
from policypack.model.values import UNKNOWN
from policypack.rules.contract import Level
from policypack.rules.firewall.firewall_no_public_all_ports import firewall_no_public_all_ports
from policypack.rules.firewall.firewall_no_public_ingress import firewall_no_public_ingress
from policypack.rules.firewall.firewall_no_public_port import PORTS, RULES, PublicPort
from policypack.rules.firewall.firewall_no_public_port_range import firewall_no_public_port_range
from tests.support.firewalls import firewall, web
from tests.support.graphs import ref, res, stack

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.rules.contract import Rule
    from tests.support.graphs import Draft

FAMILY = (firewall_no_public_all_ports, *RULES, firewall_no_public_port_range, firewall_no_public_ingress)
OF_ROW = dict(zip(PORTS, RULES, strict=True))
ANYWHERE = ("0.0.0.0/0",)
HALVES = ("0.0.0.0/1", "128.0.0.0/1")
Layer4 = tuple[str, "list[Any] | None"]

every_row = pytest.mark.parametrize("row", PORTS, ids=lambda row: row.key)


def classic(*layer4: Layer4, sources: Any = ANYWHERE) -> Draft:
    allows = [{"protocol": protocol, **({"ports": ports} if ports else {})} for protocol, ports in layer4]
    given = {"network": "default", "sourceRanges": sources, "allows": allows}
    return res(t.FIREWALL, "it", {key: value for key, value in given.items() if value is not None})


def policy_rule(*layer4: Layer4, sources: Any = ANYWHERE) -> dict[str, Any]:
    configs = [{"ipProtocol": protocol, **({"ports": ports} if ports else {})} for protocol, ports in layer4]
    match = {"srcIpRanges": sources, "layer4Configs": configs}
    return {
        "action": "allow",
        "priority": 1,
        "direction": "INGRESS",
        "match": {key: value for key, value in match.items() if value is not None},
    }


def drafts(*layer4: Layer4, sources: Any = ANYWHERE) -> list[Draft]:
    """Draft one firewall rule in each of the ways there are to write it."""
    one = policy_rule(*layer4, sources=sources)
    own = (t.FIREWALL_POLICY_RULE, t.NETWORK_FIREWALL_POLICY_RULE, t.REGION_NETWORK_FIREWALL_POLICY_RULE)
    listed = (
        t.FIREWALL_POLICY_WITH_RULES,
        t.NETWORK_FIREWALL_POLICY_WITH_RULES,
        t.REGION_NETWORK_FIREWALL_POLICY_WITH_RULES,
    )
    return [
        classic(*layer4, sources=sources),
        *(res(token, "it", {"firewallPolicy": "edge", **one}) for token in own),
        *(res(token, "it", {"rules": [one]}) for token in listed),
    ]


def status(rule: Rule, draft: Draft) -> Status:
    (verdict,) = evaluate(stack(draft), [rule], Settings())
    return verdict.status


def speaking(*drafts: Draft, rules: Sequence[Rule] = FAMILY, settings: Settings | None = None) -> list[str]:
    """Give the last part of the names of the rules that find a fault."""
    verdicts = evaluate(stack(*drafts), rules, settings or Settings())
    assert not [verdict for verdict in verdicts if verdict.crash]
    return [verdict.rule.name[len("firewall-no-public-") :] for verdict in verdicts if verdict.status is Status.FAIL]


def layer4_of(row: PublicPort) -> Layer4:
    protocol, ports = row.places[0]
    return protocol, [str(ports)]


@every_row
class TestRow:
    @pytest.mark.parametrize("sources", [ANYWHERE, ("::/0",), HALVES, None, (*ANYWHERE, UNKNOWN)], ids=str)
    def test_it_violates_however_the_rule_is_written(self, row: PublicPort, sources: Any) -> None:
        found = {status(OF_ROW[row], draft) for draft in drafts(layer4_of(row), sources=sources)}
        assert found == {Status.FAIL}

    def test_every_one_of_its_ports_violates_alone(self, row: PublicPort) -> None:
        for protocol, ports in row.places:
            for port in (ports.low, ports.high):
                assert status(OF_ROW[row], classic((protocol, [str(port)]))) is Status.FAIL

    def test_a_range_around_it_violates(self, row: PublicPort) -> None:
        protocol, ports = row.places[-1]
        around = f"{ports.low - 1}-{ports.high + 1}"
        assert status(OF_ROW[row], classic((protocol, ["1", around]))) is Status.FAIL

    @pytest.mark.parametrize("protocol", ["all", "tcp, udp"])
    def test_every_port_violates_for_it_alone(self, row: PublicPort, protocol: str) -> None:
        assert status(OF_ROW[row], classic(*((one, None) for one in protocol.split(", ")))) is Status.FAIL

    def test_other_ports_comply(self, row: PublicPort) -> None:
        used = {port for _, ports in row.places for port in range(ports.low, ports.high + 1)}
        edges = sorted({0, *(port + 1 for port in used)} - used)
        others = [f"{low}-{min((port for port in used if port > low), default=HIGHEST_PORT + 1) - 1}" for low in edges]
        found = {status(OF_ROW[row], draft) for draft in drafts(("tcp", others), ("udp", others), ("icmp", None))}
        assert found == {Status.PASS}

    def test_a_protocol_it_does_not_speak_complies(self, row: PublicPort) -> None:
        others = {"tcp", "udp", "sctp"} - row.ports.keys()
        assert {status(OF_ROW[row], classic((one, None))) for one in others} == {Status.PASS}

    def test_private_sources_comply(self, row: PublicPort) -> None:
        found = {status(OF_ROW[row], draft) for draft in drafts(layer4_of(row), sources=["10.0.0.0/8", "fd20::/20"])}
        assert found == {Status.PASS}

    def test_unknown_sources_are_undecided(self, row: PublicPort) -> None:
        found = {status(OF_ROW[row], draft) for draft in drafts(layer4_of(row), sources=[UNKNOWN])}
        assert found == {Status.UNDECIDED}

    def test_an_unknown_port_is_undecided(self, row: PublicPort) -> None:
        assert status(OF_ROW[row], classic((row.places[0][0], [UNKNOWN]))) is Status.UNDECIDED

    def test_alone_it_is_the_one_finding(self, row: PublicPort) -> None:
        assert {tuple(speaking(draft)) for draft in drafts(layer4_of(row))} == {(row.key,)}


def test_no_port_is_of_two_services() -> None:
    taken = [
        (protocol, port) for row in PORTS for protocol, ports in row.places for port in range(ports.low, ports.high + 1)
    ]
    assert len(taken) == len(set(taken))


def test_every_port_in_the_table_can_be_read() -> None:
    assert all(len(row.places) == sum(len(text.split(",")) for text in row.ports.values()) for row in PORTS)


def test_the_gravest_come_first() -> None:
    ranks = [row.severity.rank for row in PORTS]
    assert ranks == sorted(ranks)


def test_the_table_on_the_page_is_the_table_of_the_rules() -> None:
    text = RULES[0].page.read_text(encoding="utf-8")
    shown = [line for line in text.splitlines() if line.startswith("| firewall-no-public-")]
    assert shown == [f"| {row.rule} | {row.service} | {_ports_of(row)} | {row.severity.value} |" for row in PORTS]


def _ports_of(row: PublicPort) -> str:
    return "; ".join(f"{protocol.upper()} {ports.replace(',', ', ')}" for protocol, ports in row.ports.items())


# One mistake, one finding


@pytest.mark.parametrize(
    ("layer4", "expected"),
    [
        ([("all", None)], ["all-ports"]),
        ([("tcp", None)], ["all-ports"]),
        ([("udp", ["1-65535"]), ("icmp", None)], ["all-ports"]),
        ([("tcp", ["0-1023", "1024-65535"])], ["all-ports"]),
        ([("tcp", ["1024-65535"]), ("17", ["1-30000", "30001-65535"])], ["all-ports"]),
        ([("tcp", ["20-25"])], ["ssh"]),
        ([("tcp", ["1024-65535"])], ["rdp"]),
        ([("tcp", ["3306", "8080"])], ["mysql"]),
        ([("tcp", ["80", "443"])], ["http"]),
        ([("tcp", ["12000-12010"])], ["port-range"]),
        ([("tcp", ["12000-12009"])], ["ingress"]),
        ([("tcp", ["443"])], ["ingress"]),
        ([("sctp", None)], ["ingress"]),
        ([("tcp", [UNKNOWN])], ["ingress"]),
        ([("icmp", None), ("58", None)], []),
    ],
    ids=str,
)
def test_one_rule_has_one_finding(layer4: list[Layer4], expected: list[str]) -> None:
    assert {tuple(speaking(draft)) for draft in drafts(*layer4)} == {tuple(expected)}


def test_where_the_gravest_is_disabled_the_next_one_speaks() -> None:
    disabled = dict.fromkeys(("firewall-no-public-ssh", "firewall-no-public-all-ports"), Level.DISABLED)
    assert speaking(classic(("tcp", ["20-25"])), settings=Settings(levels=disabled)) == ["telnet"]
    assert speaking(classic(("tcp", None)), settings=Settings(levels=disabled)) == ["rdp"]


def test_two_rules_in_one_policy_are_two_mistakes() -> None:
    rules = [policy_rule(("tcp", ["22"])), policy_rule(("tcp", ["3306"])), policy_rule(("tcp", None))]
    policy = res(t.NETWORK_FIREWALL_POLICY_WITH_RULES, "it", {"rules": rules})
    assert speaking(policy) == ["all-ports", "mysql", "ssh"]


def test_one_unknown_value_is_asked_for_by_few_rules() -> None:
    draft = res(t.FIREWALL, "it", {"network": "default", "sourceRanges": list(ANYWHERE), "allows": UNKNOWN})
    waiting = [verdict for verdict in evaluate(stack(draft), FAMILY, Settings()) if verdict.status is Status.UNDECIDED]
    assert len(waiting) <= 4, "one of each page"


# Exceptions


@pytest.mark.parametrize(
    ("allowed", "ports", "expected"),
    [
        (["tcp:443"], ["443"], []),
        (["tcp:443"], ["443", "8443"], ["ingress"]),
        (["tcp:8000-8999"], ["8100-8109"], []),
        (["tcp:8100-8104", "tcp:8105-8109"], ["8100-8109"], []),
        (["tcp:8100-8104"], ["8100-8109"], ["ingress"]),
        (["tcp"], ["443"], []),
        (["6"], [UNKNOWN], []),
        (["udp:443"], ["443"], ["ingress"]),
        (["tcp:8443"], ["443"], ["ingress"]),
        (["tcp:80"], ["443"], ["ingress"]),
        ([], ["443"], ["ingress"]),
    ],
    ids=str,
)
def test_what_is_allowed_is_no_fault(allowed: list[str], ports: list[Any], expected: list[str]) -> None:
    settings = Settings(parameters={firewall_no_public_ingress.name: {"allowed": allowed}})
    assert speaking(classic(("tcp", ports)), rules=[firewall_no_public_ingress], settings=settings) == expected


@pytest.mark.parametrize("wrong", ["443", "tcp:https", ":443", ""])
def test_an_exception_that_cannot_be_read_is_said(wrong: str) -> None:
    settings = Settings(parameters={firewall_no_public_ingress.name: {"allowed": [wrong]}})
    (verdict,) = evaluate(stack(classic(("tcp", ["443"]))), [firewall_no_public_ingress], settings)
    assert (verdict.status, repr(wrong) in verdict.undecided[0].reason) == (Status.UNDECIDED, True)


def test_the_widest_range_can_be_set() -> None:
    settings = Settings(parameters={firewall_no_public_port_range.name: {"widest": 100}})
    assert speaking(classic(("udp", ["12000-12099"])), settings=settings) == ["ingress"]


# Passthrough load balancers


def passthrough(scheme: str = "EXTERNAL") -> Draft:
    given = {"region": "europe-west1", "loadBalancingScheme": scheme, "backends": [{"group": ref("group")}]}
    return res(t.REGION_BACKEND_SERVICE, "api", given)


def clients(**props: Any) -> Draft:
    return firewall(sourceRanges=list(ANYWHERE), **props)


@pytest.mark.parametrize(
    ("service", "rule", "expected"),
    [
        (passthrough(), clients(), []),
        (passthrough(), clients(targetTags=["web"]), []),
        (passthrough(), clients(targetTags=["other"]), ["ingress"]),
        (passthrough(), clients(network="elsewhere"), ["ingress"]),
        (passthrough("INTERNAL"), clients(), ["ingress"]),
        (passthrough("EXTERNAL_MANAGED"), clients(), ["ingress"]),
        (None, clients(), ["ingress"]),
        (passthrough(), clients(allows=[{"protocol": "udp", "ports": ["12000-12999"]}]), []),
        (passthrough(), clients(allows=[{"protocol": "tcp", "ports": ["22"]}]), ["ssh"]),
    ],
    ids=str,
)
def test_clients_of_a_passthrough_load_balancer_come_from_anywhere(
    service: Draft | None, rule: Draft, expected: list[str]
) -> None:
    assert speaking(*web(rule, api=service, probe=None)) == expected


def test_machines_that_are_not_known_may_be_there_for_clients() -> None:
    group = res(t.REGION_INSTANCE_GROUP_MANAGER, "group", {"region": "europe-west1", "versions": UNKNOWN})
    verdicts = evaluate(
        stack(*web(clients(), api=passthrough(), probe=None, group=group)), [firewall_no_public_ingress], Settings()
    )
    assert [verdict.status for verdict in verdicts] == [Status.UNDECIDED]
