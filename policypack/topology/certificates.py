"""The certificates of proxies: those in their lists, and those behind certificate maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp import types as t
from policypack.model.graph import External
from policypack.model.logic import Undecided
from policypack.model.records import cached_property, dataclass, field
from policypack.model.resource import KNOWN_AFTER_DEPLOYMENT
from policypack.model.values import reveal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policypack.model.graph import Graph, References
    from policypack.model.resource import Resource
    from policypack.topology.deployment import Deployment

_MAP: Final = "map"

CERTIFICATES: Final = frozenset({*t.SSL_CERTIFICATES, t.CERTIFICATE})


def listed_certificates(graph: Graph, proxy: Resource) -> tuple[References, ...]:
    """Resolve the properties in which a proxy lists certificates itself."""
    return graph.references_of(proxy, CERTIFICATES)


@dataclass(eq=False)
class CertificateMap:
    """A certificate map of Certificate Manager: which certificate clients are shown, by the name they ask for.

    Attributes:
        resource: The resource.
        graph: All resources of the stack.
    """

    types: ClassVar[tuple[str, ...]] = (t.CERTIFICATE_MAP,)
    follows: ClassVar[tuple[str, ...]] = (t.CERTIFICATE_MAP_ENTRY, t.CERTIFICATE, *t.TLS_PROXIES)

    resource: Resource
    graph: Graph = field(repr=False)

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[CertificateMap]:
        """List every certificate map of a deployment, sorted by URN."""
        return [cls(resource, deployment.graph) for resource in deployment.graph.of_type(t.CERTIFICATE_MAP)]

    @property
    def entries(self) -> tuple[Resource, ...]:
        """The entries that are in it for sure."""
        return self._entries[0]

    @property
    def open(self) -> Undecided | None:
        """Why there may be more entries than those; None if they are all that this stack makes."""
        return self._entries[1]

    @cached_property
    def _entries(self) -> tuple[tuple[Resource, ...], Undecided | None]:
        certain, why = self._who_names_it(self.graph.of_type(t.CERTIFICATE_MAP_ENTRY), _MAP)
        read = [one for one in self.graph.resources if one.external and one.type == t.CERTIFICATE_MAP_ENTRY]
        return certain, why or (
            Undecided(read[0].urn, _MAP, "it is only read, and may be in any map") if read else None
        )

    @cached_property
    def proxies(self) -> tuple[tuple[Resource, ...], Undecided | None]:
        """The proxies that use it for sure, and why there may be more."""
        able = self.graph.of_type(t.TARGET_HTTPS_PROXY, t.TARGET_SSL_PROXY)
        return self._who_names_it(able, "certificateMap")

    def _who_names_it(self, resources: Sequence[Resource], path: str) -> tuple[tuple[Resource, ...], Undecided | None]:
        certain: list[Resource] = []
        why: Undecided | None = None
        for one in resources:
            references = self.graph.references(one, path)
            named = references.targets()
            texts = {slot.text for slot in references.dangling} if path == _MAP else set()
            if self.resource in named.certain or self.name in texts or self._holds(one):
                certain.append(one)
            elif named.open or self.resource in named.possible:
                why = why or named.why()
            elif self.name is None and (texts or any(isinstance(target, External) for target in named.certain)):
                why = why or Undecided(self.resource.urn, "name", KNOWN_AFTER_DEPLOYMENT)
        return tuple(certain), why

    @property
    def name(self) -> str | None:
        """Its name; None if that is not known.

        Names of Certificate Manager may have capitals and underscores, with which Compute Engine takes no name.
        """
        name = None if self.resource.blank else self.resource.peek("name")
        return name if isinstance(name, str) else None

    def _holds(self, entry: Resource) -> bool:
        """Tell whether the id of an entry that is deployed lies below its own, whatever the project is called."""
        own, its = _id_of(self.resource), _id_of(entry)
        return own is not None and its is not None and its.startswith(f"{own}/")

    def __repr__(self) -> str:
        return f"<CertificateMap {self.resource.name}>"


def _id_of(resource: Resource) -> str | None:
    """Give the id of what is deployed; in a policy pack it stands among what the provider answered."""
    for value in (resource.id, (resource.outputs or {}).get("id")):
        text = reveal(value)
        if isinstance(text, str) and "/" in text:
            return text
    return None
