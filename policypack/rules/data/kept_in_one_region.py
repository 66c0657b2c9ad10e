"""A family of rules: what a service of several regions needs to answer, kept in one region. A row is a rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from policypack.gcp import types as t
from policypack.gcp.locations import is_region, last_part
from policypack.model.records import dataclass
from policypack.rules.contract import NotApplicable, Rule, Severity, Undecided, rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policypack.rules.contract import Bounds, Findings, Resource
    from policypack.topology import Deployment

_REPLICAS: Final = "replication.userManaged.replicas"
_STORAGE: Final = "messageStoragePolicy.allowedPersistenceRegions"
_CONTROLS: Final[Mapping[str, Sequence[str]]] = {"NIST 800-53 r5": ["CP-7", "CP-10"], "ISO 27001:2022": ["A.8.14"]}


@dataclass(frozen=True, eq=False)
class Store:
    """Something that machines of every region need.

    Attributes:
        rule: Name of the rule.
        what: What it is, in the plural.
        places: Type token, to where a resource of it says in which locations it lies.
        lost: What comes of it when its region is lost, as a clause.
        fix: What to do.
        aliases: Other names of the rule.
    """

    rule: str
    what: str
    places: Mapping[str, str]
    lost: str
    fix: str
    aliases: tuple[str, ...] = ()


STORES: Final = (
    Store(
        "secret-replicas-cover-regions",
        "Secrets",
        {t.SECRET: f"{_REPLICAS}[].location", t.REGIONAL_SECRET: "location"},
        "no machine anywhere can read it while that region is lost",
        "Replicate automatically, name a replica in every serving region, or make a regional secret in each.",
    ),
    Store(
        "pubsub-two-storage-regions",
        "Topics of Pub/Sub",
        {t.TOPIC: f"{_STORAGE}[]"},
        "nobody can publish to it while that region is lost",
        "Name two regions or more in message_storage_policy.allowed_persistence_regions, or make a topic per region.",
    ),
    Store(
        "artifact-registry-multi-region",
        "Container repositories",
        {t.REPOSITORY: "location"},
        "no new machine anywhere can get its image while that region is lost",
        "Make the repository in a multi-region (us, europe, asia), or one in each serving region.",
    ),
    Store(
        "image-available-in-serving-regions",
        "Images of disks",
        {t.IMAGE: "storageLocations[]"},
        "no new machine anywhere can be made from it while that region is lost",
        "Leave storage_locations out, or name a multi-region.",
    ),
    Store(
        "vertex-endpoint-per-region",
        "Endpoints of Vertex AI",
        {t.AI_ENDPOINT: "location"},
        "no machine anywhere gets an answer from it while that region is lost",
        "Make an endpoint in every serving region, and let machines ask that of their own.",
    ),
)
"""One row, one rule."""


@dataclass(eq=False)
class Kept:
    """Something that is kept, with what is to be known of everything of its kind.

    Attributes:
        resource: The resource.
        places: Where it lies, or why a place is not known.
        regions: The regions in which anything of its kind lies.
        doubt: Why there may be more of them.
        serving: The regions in which the load balancers of the stack serve.
    """

    row: ClassVar[Store]
    types: ClassVar[tuple[str, ...]] = ()
    follows: ClassVar[tuple[str, ...]] = t.LOAD_BALANCING

    resource: Resource
    places: Sequence[str | Undecided]
    regions: frozenset[str]
    doubt: Undecided | None
    serving: Bounds[str]

    @classmethod
    def subjects(cls, deployment: Deployment) -> Sequence[Kept]:
        """Give every resource of the kind, sorted by URN."""
        kept = [(one, _places(one, cls.row)) for one in deployment.graph.of_type(*cls.types)]
        if not kept:
            return []
        serving = deployment.load_balancing.serving
        everywhere = [place for one, places in kept for place in _sure(one, places)]
        regions = frozenset(place for place in everywhere if isinstance(place, str) and is_region(place))
        doubt = next((place for place in everywhere if isinstance(place, Undecided)), None)
        return [cls(one, places, regions, doubt, serving) for one, places in kept]


def _kind_of(row: Store) -> type[Kept]:
    class One(Kept):
        types = tuple(row.places)

    One.row = row
    return One


def _rule_of(row: Store) -> Rule:
    @rule(
        name=row.rule,
        description=f"{row.what} that a service of several regions needs lie in more than one.",
        severity=Severity.MEDIUM,
        subjects=(_kind_of(row),),
        controls=_CONTROLS,
        fix=row.fix,
        aliases=row.aliases,
    )
    def judge(kept: Kept) -> Findings:
        if kept.serving.at_most is not None and kept.serving.at_most < 2:
            raise NotApplicable("this stack does not serve from two regions")
        region = _only_region(kept)
        if region is None or kept.regions - {region}:
            return
        if kept.doubt is not None:
            raise kept.doubt
        if kept.serving.at_least(2):
            where = row.places[kept.resource.type].removesuffix("[]").removesuffix("[].location")
            yield kept.resource.finding(where, expected="more than one region", found=f"{region} alone: {row.lost}")

    return judge


def _only_region(kept: Kept) -> str | None:
    """Give the one region in which something lies; None if it lies in several, or where Google chooses.

    Raises:
        NotApplicable: It is none of what the row is about.
        Undecided: That is not known.
    """
    if kept.places and not _sure(kept.resource, kept.places):
        raise NotApplicable("it holds no container images")
    known = {place for place in kept.places if isinstance(place, str)}
    if len(known) > 1 or not all(map(is_region, known)):
        return None
    for place in _sure(kept.resource, kept.places):
        if isinstance(place, Undecided):
            raise place
    return known.pop() if known else None


def _sure(resource: Resource, places: Sequence[str | Undecided]) -> Sequence[str | Undecided]:
    """Give the places of something if it is what its row is about; why that is not known; or nothing if it is not."""
    try:
        is_one = resource.type != t.REPOSITORY or resource.text("format") in {None, "DOCKER"}
    except Undecided as why:
        return (why,)
    return places if is_one else ()


def _places(resource: Resource, row: Store) -> Sequence[str | Undecided]:
    """Give the locations of something, in small letters, or why one is not known."""
    path = row.places[resource.type]
    before, many, after = path.partition("[]")
    if resource.type == t.REPOSITORY and not resource.blank and resource.peek(path) is None:
        return (Undecided(resource.urn, path, "it is left out, and what the provider makes of that is not known here"),)
    try:
        # What the program leaves out of a list, Google chooses, and tells afterwards.
        holders = (resource,) if not many else resource.elements(before) if resource.is_set(before) else ()
    except Undecided as why:
        return (why,)
    found: list[str | Undecided] = []
    for one in holders:
        try:
            text = one.text(after.removeprefix(".") if many else path)
        except Undecided as why:
            found.append(why)
            continue
        if text:
            found.append(last_part(text).lower())
    return found


RULES: Final = tuple(map(_rule_of, STORES))
