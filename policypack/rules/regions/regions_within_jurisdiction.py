"""Regions and copies of data in jurisdictions where they must not be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Final

from policypack.gcp.locations import region_of
from policypack.gcp.places import ANYWHERE, OWN_REGION, PLACES, in_group, jurisdictions_of, names_of, place_name
from policypack.gcp.types import LOAD_BALANCING
from policypack.model.records import dataclass
from policypack.rules.contract import Findings, NotApplicable, Param, Severity, Undecided, rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policypack.rules.contract import Bounds, Resource
    from policypack.topology import Deployment

_NONE: Final[list[str]] = []


@dataclass(eq=False)
class Placed:
    """Something that lies in a place, or in several.

    Attributes:
        resource: The resource.
        serving: The regions in which the load balancers of the stack serve.
    """

    types: ClassVar[tuple[str, ...]] = tuple(PLACES)
    follows: ClassVar[tuple[str, ...]] = LOAD_BALANCING

    resource: Resource
    serving: Bounds[str]

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Placed]:
        """Give everything that lies somewhere, sorted by URN."""
        serving = deployment.load_balancing.serving
        return [cls(one, serving) for one in deployment.graph.of_type(*PLACES)]

    def places(self) -> Iterator[tuple[str, str | Undecided]]:
        """Give each place with the property that names it, or why it is not known."""
        for path in PLACES[self.resource.type]:
            yield from _own_region(self.resource) if path == OWN_REGION else _named(self.resource, path)


@rule(
    severity=Severity.HIGH,
    subjects=(Placed,),
    fix="Move it, or give the rule the places that are allowed, in its parameter allowed.",
    controls={"NIST 800-53 r5": ["AC-4"], "ISO 27001:2022": ["A.5.34"]},
    aliases=(
        "resource-location-allowlist",
        "data-residency-all-copies",
        "bucket-location-single-jurisdiction",
        "pubsub-storage-regions-restricted",
        "sql-backup-locations-allowed",
    ),
    opt_in=True,
)
def regions_within_jurisdiction(
    placed: Placed,
    *,
    allowed: Annotated[
        list[str],
        Param("Jurisdictions (EU, US, JP), countries, regions and multi-regions; empty for those that serve."),
    ] = _NONE,
) -> Findings:
    """Regions and all copies of data lie in the jurisdictions that are allowed, or in those that serve."""
    known, doubt = _allowed(placed, allowed)
    found = list(placed.places())
    if not found and placed.resource.type in ANYWHERE:
        yield placed.resource.finding(
            PLACES[placed.resource.type][0].partition("[]")[0],
            expected=f"places within {_in_words(known)}",
            found=f"unset: {ANYWHERE[placed.resource.type]}",
        )
    for path, place in found:
        if isinstance(place, Undecided):
            yield place
        elif not names_of(place) & known:
            yield from _judge(placed, path, place, known, doubt)


def _judge(placed: Placed, path: str, place: str, known: frozenset[str], doubt: Undecided | None) -> Findings:
    where = jurisdictions_of(place)
    if where is None:
        yield Undecided(placed.resource.urn, path, f"in which jurisdictions {place} lies is not known here")
        return
    outside = sorted(one for one in where if one.lower() not in known)
    if where and not outside:
        return
    if doubt is not None:
        yield doubt
        return
    yield placed.resource.finding(
        path,
        expected=f"places within {_in_words(known)}",
        found=f"{place}, which is in {' and '.join(outside)}" if outside else f"{place}: regions of Google's choice",
    )


def _allowed(placed: Placed, given: list[str]) -> tuple[frozenset[str], Undecided | None]:
    """Give the names that are allowed, in small letters, and why there may be more."""
    if given:
        return frozenset[str]().union(*map(_meant, given)), None
    serving = placed.serving
    if not serving.possible and not serving.open:
        raise NotApplicable("no jurisdiction is given, and no front end of this stack reaches a serving region")
    known = frozenset(
        name.lower() for region in serving.certain for name in jurisdictions_of(region) or frozenset({region})
    )
    return known, None if serving.exact else serving.why()


def _meant(given: str) -> frozenset[str]:
    """Give the names that one of the list stands for, in small letters."""
    name = given.lower()
    group = name.removeprefix("in:").removesuffix("-locations")
    return in_group(group) if name.startswith("in:") else frozenset({group})


def _own_region(resource: Resource) -> Iterator[tuple[str, str | Undecided]]:
    region = region_of(resource)
    path = "zone" if resource.properties.get("zone") is not None else "region"
    if isinstance(region, str):
        yield path, region
    elif region is not None:
        yield path, Undecided(resource.urn, path, "its region is not given here, nor by its provider")


def _named(resource: Resource, path: str) -> Iterator[tuple[str, str | Undecided]]:
    before, many, after = path.partition("[]")
    try:
        holders = () if not resource.is_set(before) else resource.elements(before) if many else (resource,)
    except Undecided as why:
        yield before, why
        return
    for holder in holders:
        inside = after.removeprefix(".") if many else path
        try:
            text = holder.text(inside)
        except Undecided as why:
            yield holder.full(inside), why
            continue
        if text:
            yield holder.full(inside), place_name(text)


def _in_words(known: frozenset[str]) -> str:
    return ", ".join(sorted(name.upper() if len(name) == 2 else name for name in known))
