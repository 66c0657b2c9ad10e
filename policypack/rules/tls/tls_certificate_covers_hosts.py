"""Host names that a load balancer serves, and the certificates that it shows for them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from policypack.gcp import types as t
from policypack.gcp.addresses import is_ip_address
from policypack.model.resource import PROPERTIES_MISSING, Resource
from policypack.rules.contract import Bounds, Findings, NotApplicable, Severity, Undecided, any_of, rule
from policypack.topology.certificates import CERTIFICATES, CertificateMap, listed_certificates
from policypack.topology.load_balancing import FrontendKind, Proxy
from policypack.topology.serving import outside

if TYPE_CHECKING:
    from policypack.model.graph import References, Target

MAP: Final = "certificateMap"
PRIMARY: Final = "PRIMARY"
OPAQUE: Final = frozenset({t.SSL_CERTIFICATE, t.REGION_SSL_CERTIFICATE})


@rule(
    severity=Severity.HIGH,
    subjects=(Proxy,),
    fix="Issue a certificate for the host names (or their wildcard), and put it into the proxy's list or, with an "
    "entry for each host name, into its certificate map.",
    controls={"NIST 800-53 r5": ["SC-8"], "ISO 27001:2022": ["A.8.24"], "PCI DSS 4.0": ["4.2.1"]},
    follows=(*CERTIFICATES, t.CERTIFICATE_MAP, t.CERTIFICATE_MAP_ENTRY),
)
def tls_certificate_covers_hosts(proxy: Proxy) -> Findings:
    """Public HTTPS proxies have a certificate for every host name that their URL map knows."""
    if proxy.kind is not FrontendKind.HTTPS:
        raise NotApplicable("it does not speak HTTPS with its clients")
    _must_be_public(proxy)
    unknown: list[Undecided] = []
    hosts = _hosts(proxy, unknown)
    bare: list[str] = []
    unread: NotApplicable | None = None
    for host in hosts:
        try:
            if not _covered(proxy, host):
                bare.append(host)
        except Undecided as why:
            unknown.append(why)
        except NotApplicable as why:
            unread = unread or why
    if bare:
        path = MAP if _has_map(proxy) else _lists(proxy)[0].path.removesuffix("[]")
        yield proxy.resource.finding(
            path, expected="a certificate for each host name of the URL map", found=f"none for {', '.join(bare)}"
        )
    yield from unknown
    if bare or unknown:
        return
    if unread is not None:
        raise unread
    if not hosts:
        raise NotApplicable("its URL map serves any host name alike")


def _must_be_public(proxy: Proxy) -> None:
    """Leave out what is not public: behind a published service, clients go by names that are not those of the hosts."""
    frontends = proxy.frontends
    if any_of(frontends.certain, lambda frontend: frontend.external()):
        return
    if frontends.open or frontends.possible != frontends.certain:
        raise frontends.why()
    raise NotApplicable("no public front end of this stack leads to it")


def _hosts(proxy: Proxy, unknown: list[Undecided]) -> list[str]:
    """List the host names that the URL maps tell apart; what is not known goes into `unknown`."""
    maps = proxy.url_maps
    if maps.open or maps.possible != maps.certain:
        unknown.append(maps.why())
    found: set[str] = set()
    for url_map in maps.certain:
        for element in _elements(url_map.resource, "hostRules", unknown):
            for host in _elements(url_map.resource, f"{element}.hosts", unknown):
                try:
                    found.add(_name(url_map.resource.text(host) or ""))
                except Undecided as why:
                    unknown.append(why)
    # Google certifies no IP address; a rule for one is for clients that ask for no name.
    return sorted(
        name for name in found if "." in name and "*" not in name.removeprefix("*.") and not is_ip_address(name)
    )


def _elements(resource: Resource, path: str, unknown: list[Undecided]) -> list[str]:
    try:
        return [element.prefix for element in resource.elements(path)]
    except Undecided as why:
        unknown.append(why)
        return []


def _name(host: str) -> str:
    """Give the host name of a pattern, without the port that may follow it."""
    name, _, port = host.rpartition(":")
    return (name if port.isdigit() else host).lower()


def _lists(proxy: Proxy) -> list[References]:
    return [one for one in listed_certificates(proxy.plane.graph, proxy.resource) if not one.empty]


def _has_map(proxy: Proxy) -> bool:
    able = MAP in proxy.plane.graph.catalogue.references(proxy.resource.type)
    return able and proxy.resource.is_set(MAP)


def _covered(proxy: Proxy, host: str) -> bool:
    if _has_map(proxy):
        named = proxy.plane.graph.references(proxy.resource, MAP)
        if named.dangling:
            raise NotApplicable("its certificate map is named by a text that is no reference")
        maps = named.resources()
        if len(maps.certain) != 1 or maps.possible != maps.certain:
            raise maps.why()
        return _covered_by_map(CertificateMap(next(iter(maps.certain)), proxy.plane.graph), host)
    lists = _lists(proxy)
    if not lists:
        raise NotApplicable("it has no certificate at all")
    return _any_covers(lists, host)


def _covered_by_map(certificates: CertificateMap, host: str) -> bool:
    """Tell whether the entry that is chosen for a host name has a certificate for it."""
    entries = certificates.entries
    if not entries and certificates.open is None:
        raise NotApplicable("its certificate map has no entry at all")
    unknown = certificates.open
    below: list[Resource] = []
    chosen: dict[str, list[Resource]] = {host: [], _wildcard(host): [], PRIMARY: []}
    for entry in entries:
        try:
            key = PRIMARY if entry.text("matcher") == PRIMARY else (entry.text("hostname") or "").lower()
        except Undecided as why:
            unknown = unknown or why
            continue
        if key in chosen:
            chosen[key].append(entry)
        elif _is_below(key, host):
            below.append(entry)
    best = [*below, *next((found for found in chosen.values() if found), [])]
    graph = certificates.graph
    if best and _any_covers([graph.references(entry, "certificates[]") for entry in best], host):
        return True
    if unknown is not None:
        raise unknown
    return False


def _any_covers(lists: list[References], host: str) -> bool:
    names = [certificates.bounds(partial(_names, certificates)) for certificates in lists]
    if any(_serves(name, host) for part in names for name in part.certain):
        return True
    for part in names:
        if part.open or any(_serves(name, host) for name in part.possible):
            raise part.why()
    return False


def _serves(name: str, host: str) -> bool:
    """Tell whether a certificate's name is of use for a host name, or for one of those that a wildcard stands for."""
    return name in {host, _wildcard(host)} or _is_below(name, host)


def _is_below(name: str, host: str) -> bool:
    """Tell whether a name is one of those that a host with a wildcard stands for: which of them exist is not known."""
    return host.startswith("*.") and name.endswith(host[1:])


def _wildcard(host: str) -> str:
    """Give the name with which a certificate covers a host name and all its neighbours."""
    return f"*.{host.partition('.')[2]}"


def _names(owner: References, target: Target) -> Bounds[str]:
    """Give the host names that a certificate is for, in small letters.

    Raises:
        NotApplicable: It was issued elsewhere, and what it holds is not read here.
    """
    if not isinstance(target, Resource):
        return Bounds.anything(outside(owner.owner, owner.path, target))
    if target.blank:
        return Bounds.anything(Undecided(target.urn, "", PROPERTIES_MISSING))
    if target.type in OPAQUE or (target.type == t.CERTIFICATE and target.is_set("selfManaged")):
        raise NotApplicable("it has certificates that were issued elsewhere, whose names are not read here")
    try:
        domains = target.elements("managed.domains")
    except Undecided as why:
        return Bounds.anything(why)
    found: Bounds[str] = Bounds()
    for domain in domains:
        try:
            # The provider takes a domain with the dot of the root at its end, too.
            found = found.union(Bounds.exactly((domain.text("") or "").lower().removesuffix(".")))
        except Undecided as why:
            found = found.union(Bounds.anything(why))
    return found
