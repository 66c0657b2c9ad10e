"""Load balancers as short trees, from the forwarding rule to the regions that serve: what a person would draw."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from policypack.gcp import types as t
from policypack.gcp.catalogue import is_google_api
from policypack.model.graph import External, urn_name
from policypack.model.logic import NotApplicable, Undecided
from policypack.model.records import dataclass, field
from policypack.model.resource import Resource
from policypack.model.values import UNKNOWN, Unknown, contains_unknown, is_list
from policypack.topology.kinds import PROXY_KINDS, BackendKind, FrontendKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from policypack.model.graph import References, Target
    from policypack.model.logic import Bounds
    from policypack.topology.deployment import Deployment
    from policypack.topology.load_balancing import BackendService, Frontend, LoadBalancing, UrlMap

UNKNOWN_PART = "(unknown)"
ARROW = " → "


@dataclass(frozen=True)
class Node:
    """One line of a tree.

    Attributes:
        label: What stands in the line.
        kind: What it is: `forwarding rule`, `target proxy`, `URL map`, `backend service`, `backend`, `unknown`, …
        urn: URN of the resource; "" where there is none.
        children: What requests reach from there.
    """

    label: str
    kind: str
    urn: str = ""
    children: tuple[Node, ...] = ()


def load_balancer_trees(deployment: Deployment) -> tuple[Node, ...]:
    """Draw every load balancer of a deployment, one tree for each forwarding rule, sorted by URN.

    Producers of Private Service Connect that another tree of this deployment reaches stand in that tree only.
    """
    artist = _Artist(deployment.load_balancing)
    trees = [(frontend, artist.frontend(frontend)) for frontend in deployment.load_balancing.frontends]
    outer = tuple(tree for frontend, tree in trees if frontend.resource.urn not in artist.inner)
    return outer or tuple(tree for _, tree in trees)


@dataclass
class _Artist:
    plane: LoadBalancing
    inner: set[str] = field(default_factory=set)

    def frontend(self, frontend: Frontend) -> Node:
        resource = frontend.resource
        label = f"{resource.name} ({_frontend_facts(frontend)})"
        ending = _ending(frontend)
        if ending is not None:
            return Node(label + ARROW + ending, "forwarding rule", resource.urn)
        if resource.blank:
            return Node(f"{resource.name} {UNKNOWN_PART}", "forwarding rule", resource.urn)
        children = _branches(frontend.target, self._behind)
        return Node(label, "forwarding rule", resource.urn, children)

    def _behind(self, target: Resource) -> Node:
        if target.type in t.PROXIES:
            return self._proxy(target)
        if target.type in t.BACKEND_SERVICES:
            return self._service(self.plane.service(target))
        return Node(f"{target.name} ({_words(target.type)})", _words(target.type), target.urn)

    def _proxy(self, resource: Resource) -> Node:
        proxy = self.plane.proxy(resource)
        references = proxy.backend_service if resource.type in t.SERVICE_PROXIES else proxy.url_map
        label = f"{resource.name} ({PROXY_KINDS[resource.type].value} proxy)"
        return Node(label, "target proxy", resource.urn, _branches(references, self._behind_proxy))

    def _behind_proxy(self, target: Resource) -> Node:
        if target.type in t.URL_MAPS:
            url_map = self.plane.url_map(target)
            label = f"{target.name} (URL map{_redirects(url_map)})"
            return Node(label, "URL map", target.urn, self._answers(url_map))
        return self._service(self.plane.service(target))

    def _answers(self, url_map: UrlMap) -> tuple[Node, ...]:
        services = [
            _perhaps(self._service(view), view in url_map.services.certain)
            for view in sorted(url_map.services.possible, key=lambda view: view.resource.urn)
        ]
        buckets = [
            _perhaps(Node(f"{bucket.name} (backend bucket)", "backend bucket", bucket.urn), bucket in certain)
            for certain in (url_map.buckets.certain,)
            for bucket in sorted(url_map.buckets.possible, key=lambda bucket: bucket.urn)
        ]
        unknown = [Node(UNKNOWN_PART, "unknown")] if url_map.services.open or url_map.open else []
        texts = {slot.text for route in url_map.routes if route.target for slot in route.target.dangling}
        return (*services, *buckets, *map(_dangling, sorted(filter(None, texts))), *unknown)

    def _service(self, service: BackendService) -> Node:
        resource = service.resource
        label = f"{resource.name} (backend service{_protocol(service)})"
        if service.groups.empty:
            return Node(f"{label}{ARROW}no backends", "backend service", resource.urn)
        return Node(label, "backend service", resource.urn, self._backends(service))

    def _backends(self, service: BackendService) -> tuple[Node, ...]:
        def of_group(group: Resource) -> Node:
            kinds, regions = service.facts_of(group)
            names = [f"{group.name} ({_kind_word(kinds)})"]
            if BackendKind.PSC_NEG in kinds.possible:
                chain = [group.name, *self._chain(group)]
                # Programs like to give one name to all parts of a chain: once is enough.
                names += [name for before, name in itertools.pairwise(chain) if name != before]
            if not regions.exact or regions.certain or kinds.certain != {BackendKind.INTERNET_NEG}:
                names.append(_regions(regions))
            return Node(ARROW.join(names), "backend", group.urn)

        return _branches(service.groups, of_group)

    def _chain(self, group: Resource) -> list[str]:
        """Name what a Private Service Connect group leads to: attachment, producer's front end, its services."""
        attachments = self.plane.graph.references(group, "pscTargetService")
        names = [_only(attachments)]
        for attachment in attachments.resources().possible:
            producers = self.plane.graph.references(attachment, "targetService")
            names.append(_only(producers))
            for producer in producers.resources().possible:
                if producer.type in t.FORWARDING_RULES:
                    self.inner.add(producer.urn)
                    names += sorted(view.resource.name for view in self.plane.frontend(producer).services.possible)
        return names


def _branches(references: References, draw: Callable[[Resource], Node]) -> tuple[Node, ...]:
    """Draw everything that references may lead to, whatever is not sure marked as such."""
    targets = references.targets()
    resources = sorted((one for one in targets.possible if isinstance(one, Resource)), key=lambda one: one.urn)
    externals = sorted((one for one in targets.possible if isinstance(one, External)), key=lambda one: one.text)
    nodes = [_perhaps(draw(one), one in targets.certain) for one in resources]
    nodes += [Node(f"{_short(one)} (outside this stack)", "external") for one in externals]
    nodes += [_dangling(slot.text or "") for slot in references.dangling]
    # Where another stack's output stands, it is better named than called unknown.
    elsewhere = references.externals if references.unknown else ()
    sure = references.unknown >= len(elsewhere) + len(references.candidates)
    nodes += [_perhaps(Node(f"{_short(one)} (outside this stack)", "external"), sure) for one in elsewhere]
    if targets.open and not elsewhere:
        nodes.append(Node(UNKNOWN_PART, "unknown"))
    return tuple(nodes)


def _perhaps(node: Node, certain: bool) -> Node:
    return node if certain else Node(f"perhaps {node.label}", node.kind, node.urn, node.children)


def _dangling(text: str) -> Node:
    return Node(f"{text} (names nothing)", "dangling")


def _ending(frontend: Frontend) -> str | None:
    """Say in a word where a front end ends that has no load balancer behind it, or only redirects."""
    if frontend.targets_google_apis:
        texts = [one.text for one in frontend.target.known if isinstance(one, External) and is_google_api(one.text)]
        return f"Google APIs ({', '.join(texts)})"
    try:
        if frontend.kind() is FrontendKind.PSC_ENDPOINT:
            return f"service attachment {_only(frontend.target)}"
        maps = frontend.url_maps
        if maps.exact and maps.certain and all(url_map.redirects_only() for url_map in maps.certain):
            return "redirects to HTTPS"
    except (Undecided, NotApplicable):
        return None
    return None


def _frontend_facts(frontend: Frontend) -> str:
    where = "global" if frontend.is_global else frontend.region
    parts = [where if isinstance(where, str) else "unknown region", *_ports(frontend.resource)]
    try:
        scheme = frontend.scheme()
    except Undecided:
        scheme = "unknown scheme"
    return ", ".join([*parts, scheme] if scheme else parts)


def _ports(resource: Resource) -> list[str]:
    if resource.blank:
        return []
    if resource.peek("allPorts") is True:
        return ["all ports"]
    value = resource.peek("portRange")
    if value is None:
        value = resource.peek("ports")
    if is_list(value):
        value = UNKNOWN if contains_unknown(value) else ",".join(map(str, value))
    if value is None:
        return []
    return ["unknown port" if isinstance(value, Unknown) else f"port {value}"]


def _protocol(service: BackendService) -> str:
    try:
        return f", {service.protocol()}"
    except Undecided:
        return ", unknown protocol"


def _redirects(url_map: UrlMap) -> str:
    try:
        return ", redirects to HTTPS" if url_map.redirects_only() else ""
    except Undecided:
        return ""


def _kind_word(kinds: Bounds[BackendKind]) -> str:
    words = {BackendKind.PSC_NEG: "PSC"}
    names = sorted(words.get(kind, kind.value) for kind in kinds.possible)
    return " or ".join(names) if names and not kinds.open else "unknown kind"


def _regions(regions: Bounds[str]) -> str:
    names = sorted(regions.certain) + [f"perhaps {name}" for name in sorted(regions.possible - regions.certain)]
    if regions.open:
        names.append("unknown region")
    return ", ".join(names) or "no region"


def _only(references: References) -> str:
    """Name the one thing that references lead to."""
    targets = references.targets()
    if targets.open or len(targets.possible) != 1:
        return references.dangling[0].text or UNKNOWN_PART if references.dangling else UNKNOWN_PART
    return _short(next(iter(targets.possible)))


def _short(target: Target) -> str:
    if isinstance(target, Resource):
        return target.name
    text = urn_name(target.text) if target.text.startswith("urn:") else target.text
    return text.rstrip("/").rsplit("/", 1)[-1]


def _words(type_token: str) -> str:
    """Write a type as a person would: `target pool`."""
    name = type_token.rsplit(":", 1)[-1]
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
