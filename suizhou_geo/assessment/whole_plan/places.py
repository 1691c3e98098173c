"""Places that could be built: one place offers every service whose coverage is missed there, parks have places of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.access.coverage import Supply
from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.siting.candidates import HOMES, OWN, candidate_sites, holds, usual_kinds
from suizhou_geo.assessment.siting.ground import covered_by, ground_of
from suizhou_geo.assessment.siting.services import Service, service_of, sitable
from suizhou_geo.assessment.whole_plan.offers import Offers, Part, Piece, offer_of, together
from suizhou_geo.assessment.wording import in_both
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Floats, Ints
from suizhou_geo.geometry.shapes import meets
from suizhou_geo.measures.communities import communities
from suizhou_geo.model import Measure
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea

LIFE_CIRCLE, COMMUNITY = "life_circle_compliance", "complete_community_coverage"
PARKS = "park_coverage"
MOST_OFFERED = 4_000  # sites times services: beyond that one site for each square is looked at, the smallest that do
SQUARE_M = 150.0  # squares are so many metres wide, or a multiple of it
_say = speaker("whole_plan")


@dataclass(frozen=True, eq=False)
class _Lacking:
    """A service that is to be built, for one gap: its coverage now, and what a share of its ground is of the gap's value."""

    gap: str
    part: int
    before: Measure
    service: Service
    of_value: float = 1.0


@dataclass(frozen=True, eq=False)
class Placed:
    """The places that are offered, and why there are none for a gap."""

    offers: Offers
    refused: Mapping[str, Text]


def served(row: Row) -> bool:
    """Whether places can be offered for the gap of a row."""
    params = {} if row.measure is None else row.measure.params
    if row.key == LIFE_CIRCLE:
        return params.get("profile") == "mean"
    if row.key == COMMUNITY:
        return params.get("test") == "inside"
    return row.key in sitable()


def places(result: Assessed, missed: Mapping[str, Row]) -> Placed:
    """The places that could be built for the coverages that are `missed`.

    Candidates are those of `suizhou_geo.assessment.siting.candidates`: the own ones of the study; without them reserve land
    and, but for parks, homes that are not covered. Every candidate may offer every service that some gap lacks, for the mean
    of the living circle all of its services; a community that would be complete with facilities the map does not show has
    these at a candidate in it, else at its inner point. Where sites times services are more than `MOST_OFFERED`, one site
    for each square of a grid is looked at, but of the own ones all.
    """
    area = result.area
    refused: dict[str, Text] = {}
    offered: list[Offers] = []
    some = {key: row for key, row in missed.items() if served(row)}
    others = {key: row for key, row in some.items() if key != PARKS}
    for keys in (some.keys() & {PARKS}, others.keys()):
        try:
            offered += [_parks(area, result) if PARKS in keys else _facilities(area, result, others)] if keys else []
        except InputError as error:
            refused |= dict.fromkeys(keys, error.said)
    return Placed(together(offered), refused)


def _parks(area: StudyArea, result: Assessed) -> Offers:
    before, service = service_of(area, PARKS, result.study.params.get(PARKS, {}))
    covered = covered_by(area, service.existing, before.params["reach"])
    wanted = usual_kinds(area, as_parks=True)
    found = candidate_sites(area, covered.share, wanted=wanted, as_parks=True, least_m2=service.least_m2)
    sites, supply = service.offered(found)
    lacking = _Lacking(PARKS, 0, before, service)
    pieces, persons = _pieces(area, lacking, supply, np.arange(len(sites)))
    parts = [
        Part(service.rows(sites.iloc[[k]]).drop(columns="source_id").assign(layer="parks"), float(n))
        for k, n in enumerate(persons)
    ]
    return offer_of([_park_name(site) for site in _records(sites)], parts, range(len(sites)), pieces)


def _facilities(area: StudyArea, result: Assessed, missed: Mapping[str, Row]) -> Offers:
    lacking, services = _lacking(area, result, missed)
    shares = [covered_by(area, one.service.existing, one.before.params["reach"]).share for one in lacking]
    sites = _sites(area, np.min(shares, axis=0)) if lacking else _sites(area, None)
    sites = _thinned(sites, max(MOST_OFFERED // max(len(services), 1), 1))
    completed = _completed(area, missed.get(COMMUNITY), sites)
    sites = pd.concat([sites, *completed.more], ignore_index=True)
    number, kinds = len(sites), list(services)
    persons = np.full((len(kinds), number), -np.inf)
    pieces: list[Piece] = []
    for one in lacking:
        fit, supply = one.service.offered(sites)
        at = pd.Index(sites["site"]).get_indexer(fit["site"])
        some, gained = _pieces(area, one, supply, one.part * number + at)
        pieces += some
        persons[one.part, at] = np.fmax(persons[one.part, at], gained)
    parts = [
        Part(_rows(services[kind], sites.iloc[[k]], kind), float(persons[i, k]))
        for i, kind in enumerate(kinds)
        for k in range(number)
    ]
    of = [k for _ in kinds for k in range(number)]
    pieces = [_with_community(piece, completed, kinds, number, len(parts)) for piece in pieces]
    pieces += completed.pieces(len(parts))
    for community, site in zip(completed.community, completed.at, strict=True):
        parts.append(Part(_community_rows(community, sites.iloc[[site]]), community.persons))
        of.append(site)
    return offer_of([_place_name(site) for site in _records(sites)], parts, of, pieces)


def _lacking(
    area: StudyArea, result: Assessed, missed: Mapping[str, Row]
) -> tuple[list[_Lacking], dict[tuple[str, str], Service]]:
    """What is to be built: for every missed coverage its service, for the mean of the living circle each of its services."""
    wanted: list[tuple[str, str, Mapping[str, Any], float]] = []
    for key, row in missed.items():
        if key == LIFE_CIRCLE and row.measure is not None:
            reached = {name: row.measure.params[name] for name in ("reach", "of")}
            known = row.measure.params["known"]
            wanted += [(key, f"service_coverage.{one}", reached, 1.0 / len(known)) for one in known]
        elif key != COMMUNITY:
            wanted.append((key, key, result.study.params.get(row.family, {}), 1.0))
    found: list[_Lacking] = []
    services: dict[tuple[str, str], Service] = {}
    for gap, measure, asked, of_value in wanted:
        before, service = service_of(area, measure, asked)
        kind = (service.layer, str(getattr(service, "columns", {}).get("category", "")))
        services.setdefault(kind, service)
        found.append(_Lacking(gap, list(services).index(kind), before, service, of_value))
    return found, services


def _pieces(area: StudyArea, lacking: _Lacking, supply: Supply, parts: Ints) -> tuple[list[Piece], Floats]:
    """The ground that sites would newly cover as pieces of a gap, and the persons each site would newly cover."""
    before, existing = lacking.before, lacking.service.existing
    reach = before.params["reach"]
    ground = ground_of(area, existing, covered_by(area, existing, reach), supply, reach)
    weight = ground.ha if before.params["of"] == "land" else ground.persons
    weight = weight / float(before.denominator.sum()) * lacking.of_value
    by_piece = ground.covers.tocsc()
    rows = [by_piece.indices[first:last] for first, last in pairwise(by_piece.indptr)]
    pieces = [Piece(lacking.gap, float(w), parts[some]) for w, some in zip(weight, rows, strict=True)]
    known = area.population is not None
    return pieces, ground.covers @ ground.persons if known else np.full(len(parts), np.nan)


def _sites(area: StudyArea, covered: Floats | None) -> gpd.GeoDataFrame:
    kinds = usual_kinds(area, as_parks=False)
    share = np.zeros(0) if covered is None else covered
    wanted = kinds if covered is not None else [kind for kind in kinds if kind != HOMES]
    if not wanted:
        return gpd.GeoDataFrame(
            {"site": [], "name": [], "where": [], "use": [], "plot_m2": []}, geometry=[], crs=area.crs
        )
    return candidate_sites(area, share, wanted=wanted, as_parks=False, least_m2=0.0)


def _thinned(sites: gpd.GeoDataFrame, most: int) -> gpd.GeoDataFrame:
    """At most so many sites, the first in each square of a grid: own sites all stay, as somebody chose them."""
    if len(sites) <= most or sites["where"].eq(OWN).any():
        return sites
    at = shapely.get_coordinates(shapely.point_on_surface(sites.geometry.to_numpy()))
    side_m, first = SQUARE_M, np.arange(len(sites))
    while len(first) > most:
        side_m += SQUARE_M
        first = np.unique(np.floor(at / side_m), axis=0, return_index=True)[1]
    return sites.iloc[np.sort(first)].reset_index(drop=True)


@dataclass(frozen=True, eq=False)
class _Community:
    """A community that would be complete with facilities of some `categories` in it, and what it counts."""

    name: str
    categories: tuple[str, ...]
    weight: float
    persons: float


@dataclass(frozen=True, eq=False)
class _Completed:
    """The communities that could be made complete at a site: `at` is its number, `more` the sites that must be added."""

    community: tuple[_Community, ...] = ()
    at: tuple[int, ...] = ()
    more: tuple[gpd.GeoDataFrame, ...] = ()

    def pieces(self, first: int) -> list[Piece]:
        """A piece for each community, closed by its part at any of its sites; parts are numbered from `first`."""
        by_community: dict[_Community, list[int]] = {}
        for k, community in enumerate(self.community):
            by_community.setdefault(community, []).append(first + k)
        return [Piece(COMMUNITY, one.weight, np.array(parts)) for one, parts in by_community.items()]


def _completed(area: StudyArea, row: Row | None, sites: gpd.GeoDataFrame) -> _Completed:
    if row is None:
        return _Completed()
    found = curable(area, row)
    outlines = communities(area).rows.geometry.to_numpy()
    some: list[_Community] = []
    at: list[int] = []
    more: list[gpd.GeoDataFrame] = []
    for number, community in found.items():
        there = meets(sites.geometry.to_numpy(), outlines[[number]]) if len(sites) else np.zeros(0, dtype=bool)
        fits = [holds(sites, category) for category in community.categories]
        inside = np.flatnonzero(np.all([there, *fits], axis=0)).tolist()
        if not inside:
            inside = [len(sites) + len(more)]
            spot = shapely.point_on_surface(outlines[[number]])
            more.append(
                gpd.GeoDataFrame(
                    {
                        "site": [community.name],
                        "name": [community.name],
                        "where": [HOMES],
                        "use": [""],
                        "plot_m2": [np.nan],
                    },
                    geometry=spot,
                    crs=area.crs,
                )
            )
        some += [community] * len(inside)
        at += inside
    return _Completed(tuple(some), tuple(at), tuple(more))


def curable(area: StudyArea, row: Row) -> dict[int, _Community]:
    """Return the communities, by their row, that facilities would make complete: what fails is nothing that was declared."""
    evidence = row.evidence
    if evidence is None or row.measure is None:
        return {}
    rules = table("life_circles")["complete_community"]["items"]
    rows = communities(area).rows
    whole = float(row.measure.denominator.sum())
    by_persons = row.measure.params["of"] == "persons"
    wanted = int(row.measure.params["items_wanted"])
    found = {}
    shown = evidence.reset_index(drop=True)
    for number in np.flatnonzero(shown["part"].eq("community_incomplete")):
        failed = [item for item in str(shown["failed"].iloc[number]).split(", ") if item]
        able = [item for item in failed if "categories" in rules[item] and pd.isna(rows[f"item_{item}"].iloc[number])]
        short = wanted - int(shown["items_met"].iloc[number])
        if 0 < short <= len(able):
            persons = float(rows["persons"].iloc[number])
            found[int(number)] = _Community(
                str(rows["name"].iloc[number]),
                tuple(rules[item]["categories"][0] for item in able[:short]),
                (persons if by_persons else 1.0) / whole,
                persons,
            )
    return found


def _community_rows(community: _Community, site: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    points = np.repeat(shapely.point_on_surface(site.geometry.to_numpy()), len(community.categories))
    return gpd.GeoDataFrame(
        {"layer": "facilities", "name": "", "category": list(community.categories)}, geometry=points, crs=site.crs
    )


def _with_community(
    piece: Piece, completed: _Completed, kinds: Sequence[tuple[str, str]], number: int, first: int
) -> Piece:
    """A piece that a community's facilities at a site close as well as the site's own part does."""
    if not completed.at:
        return piece
    closing = set(piece.parts.tolist())
    more = [
        first + k
        for k, (community, site) in enumerate(zip(completed.community, completed.at, strict=True))
        for category in community.categories
        if ("facilities", category) in kinds and kinds.index(("facilities", category)) * number + site in closing
    ]
    return Piece(piece.gap, piece.weight, np.array([*piece.parts, *dict.fromkeys(more)], dtype=np.int64))


def _rows(service: Service, site: gpd.GeoDataFrame, kind: tuple[str, str]) -> gpd.GeoDataFrame:
    rows = service.rows(site)
    return rows.drop(columns=[c for c in ("source_id",) if c in rows]).assign(layer=kind[0])


def _records(sites: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = sites.drop(columns="geometry").to_dict("records")
    return records


def _place_name(site: Mapping[str, Any]) -> Text:
    return _name("place", site)


def _park_name(site: Mapping[str, Any]) -> Text:
    return _name("park", site)


def _name(kind: str, site: Mapping[str, Any]) -> Text:
    own = str(site["name"] or "")
    return in_both(lambda lang: _say(f"{kind}_named" if own else f"{kind}_numbered", lang, name=own or site["site"]))
