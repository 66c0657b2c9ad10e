"""A family of rules, one per service that the internet must not reach. A new one is a new row of `PORTS`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from policypack.gcp.ports import PortRange, parse_ports
from policypack.model.logic import any_of
from policypack.model.records import cached_property, dataclass, field
from policypack.rules.contract import Element, Findings, Resource, Rule, Severity, rule
from policypack.rules.firewall._public import ALL_PORTS, CONTROLS, SUBJECTS, Entry, entry, surely


@dataclass(frozen=True, eq=False)
class PublicPort:
    """A service that the internet must not reach.

    Attributes:
        key: Last part of the rule's name.
        service: What listens there.
        severity: How bad it is if the internet gets there.
        ports: Where it listens: protocol, to ports and ranges of ports.
        fix: What to do.
        controls: Framework, to control ids.
    """

    key: str
    service: str
    severity: Severity
    ports: Mapping[str, str]
    fix: str
    controls: Mapping[str, Sequence[str]] = field(default_factory=lambda: CONTROLS)

    @property
    def rule(self) -> str:
        """Name of the rule."""
        return f"firewall-no-public-{self.key}"

    @cached_property
    def places(self) -> tuple[tuple[str, PortRange], ...]:
        """Where it listens, as pairs of protocol and range."""
        return tuple(
            (protocol, ports)
            for protocol, written in self.ports.items()
            for text in written.split(",")
            if (ports := parse_ports(text)) is not None
        )


_IAP: Final = "from 35.235.240.0/20 alone, where Identity-Aware Proxy forwards it from, or from ranges of your own."
_CLIENTS: Final = "Let in the service accounts, tags or ranges of its clients alone."
_DATABASE: Final = "Let in the service accounts, tags or ranges of the database's clients alone."
_CLUSTER: Final = "Let in the machines of the cluster and of its operators alone."
_TLS: Final = "Close it: machines are reached with SSH or TLS, from ranges of your own."


def _administration(cis: str) -> Mapping[str, Sequence[str]]:
    return {
        "CIS GCP 4.0": [cis],
        "CIS GCP 5.0": [cis],
        "NIST 800-53 r5": ["AC-17", "SC-7"],
        "ISO 27001:2022": ["A.8.20"],
        "PCI DSS 4.0": ["1.3.1", "1.4.2"],
    }


_CRITICAL, _HIGH, _MEDIUM = Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM

PORTS: Final = (
    PublicPort("ssh", "SSH", _CRITICAL, {"tcp": "22"}, f"Let SSH in {_IAP}", _administration("3.6")),
    PublicPort("rdp", "RDP", _CRITICAL, {"tcp": "3389", "udp": "3389"}, f"Let RDP in {_IAP}", _administration("3.7")),
    PublicPort(
        "management-agents",
        "the Docker, Salt and Puppet services",
        _HIGH,
        {"tcp": "2375-2376,4505-4506,8140"},
        "Let in the machines that manage or are managed alone; nobody else commands them.",
    ),
    PublicPort(
        "kubelet", "the kubelet", _HIGH, {"tcp": "10250,10255"}, "Let in the control plane of the cluster alone."
    ),
    PublicPort("vnc", "VNC", _HIGH, {"tcp": "5500,5900-5901"}, f"Let VNC in {_IAP}"),
    PublicPort("telnet", "Telnet", _HIGH, {"tcp": "23"}, _TLS),
    PublicPort(
        "smb-netbios-rpc",
        "SMB, NetBIOS and Windows RPC",
        _HIGH,
        {"tcp": "135,137-139,445,3020", "udp": "135,137-139,445,3020"},
        "Let in the ranges of the machines that share files and printers alone.",
    ),
    PublicPort("ldap", "LDAP", _HIGH, {"tcp": "389,636,3268-3269", "udp": "389,636"}, _CLIENTS),
    PublicPort("ftp", "FTP", _HIGH, {"tcp": "20-21"}, _TLS),
    PublicPort("mysql", "MySQL", _HIGH, {"tcp": "3306,33060"}, _DATABASE),
    PublicPort("postgresql", "PostgreSQL", _HIGH, {"tcp": "5432", "udp": "5432"}, _DATABASE),
    PublicPort(
        "mssql",
        "SQL Server",
        _HIGH,
        {"tcp": "1433-1434,2382-2383,4022", "udp": "1433-1434,2382-2383,4022"},
        _DATABASE,
    ),
    PublicPort("oracle", "Oracle Database", _HIGH, {"tcp": "1521,2483-2484", "udp": "1521,2483-2484"}, _DATABASE),
    PublicPort("mongodb", "MongoDB", _HIGH, {"tcp": "27017-27019"}, _DATABASE),
    PublicPort("cassandra", "Cassandra", _HIGH, {"tcp": "7000-7001,7199,8888,9042,9142,9160,61620-61621"}, _DATABASE),
    PublicPort(
        "redis-memcached",
        "Redis and Memcached",
        _HIGH,
        {"tcp": "6379,11211,11214-11215", "udp": "6379,11211,11214-11215"},
        _DATABASE,
    ),
    PublicPort("elasticsearch", "Elasticsearch and Kibana", _HIGH, {"tcp": "5601,9200,9300"}, _DATABASE),
    PublicPort("hadoop", "the Hadoop NameNode", _MEDIUM, {"tcp": "8020,9000,9870-9871,50070,50470"}, _CLUSTER),
    PublicPort(
        "snmp", "SNMP", _MEDIUM, {"udp": "161-162"}, "Let in the ranges of the machines that watch the network alone."
    ),
    PublicPort(
        "dns",
        "DNS",
        _MEDIUM,
        {"tcp": "53", "udp": "53"},
        "Answer names of your own with Cloud DNS, and let resolvers' clients in from their ranges alone.",
    ),
    PublicPort(
        "mail",
        "mail servers",
        _MEDIUM,
        {"tcp": "25,110,143,465,587,993,995"},
        "Let in the ranges of the servers and clients that exchange mail with these machines alone.",
    ),
    PublicPort(
        "internal-web",
        "web servers on development and console ports",
        _MEDIUM,
        {"tcp": "3000,8000,8080,9090"},
        "Let in the probes and proxies of the load balancer alone, and people through Identity-Aware Proxy.",
    ),
    PublicPort(
        "http",
        "plain HTTP",
        _MEDIUM,
        {"tcp": "80"},
        "Let in the probes and proxies of the load balancer alone; it redirects to HTTPS.",
    ),
)
"""One row, one rule: the gravest first, which is the one that speaks where a firewall rule opens several."""


def _rule_of(row: PublicPort, index: int) -> Rule:
    @rule(
        name=row.rule,
        description=f"Firewall rules keep {row.service} closed to the internet as a whole.",
        severity=row.severity,
        subjects=SUBJECTS,
        controls=row.controls,
        fix=row.fix,
        yields_to=(ALL_PORTS, *(graver.rule for graver in PORTS[:index])),
    )
    def judge(place: Resource | Element) -> Findings:
        found = entry(place)
        if found.lets_in(lambda: _reaches(found, row)):
            expected = f"sources that are not the whole internet, or no way to {row.service}"
            yield found.finding(expected, _said(found, row, PORTS[index + 1 :]))

    return judge


def _reaches(found: Entry, row: PublicPort) -> bool:
    return any_of(row.places, lambda place: found.reaches(*place))


def _said(found: Entry, row: PublicPort, milder: Sequence[PublicPort]) -> str:
    """Say by which opening a service is reached, and what else the rule reaches: that has no finding of its own."""
    ways = ((*place, opening) for place in row.places for opening in found.openings)
    protocol, ports, opening = next(way for way in ways if surely(partial(way[2].reaches, way[0], way[1])))
    others = [other.service for other in milder if surely(partial(_reaches, found, other))]
    besides = f"; besides, {', '.join(others)}" if others else ""
    return f"the rule allows {opening}, which reaches {row.service} ({protocol.upper()} {ports}){besides}"


RULES: Final = tuple(_rule_of(row, index) for index, row in enumerate(PORTS))
