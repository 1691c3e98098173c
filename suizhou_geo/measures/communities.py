"""Communities (社区, 居委会辖区): which of them count, who lives there, and which facilities stand there or are reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.access.coverage import Of
from suizhou_geo.access.demand import demand
from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.geometry.repair import OVERLAP_TOLERANCE_M
from suizhou_geo.geometry.zonal import cut_areas
from suizhou_geo.measures.completeness import missing_layers, said_if, sentence
from suizhou_geo.study_area import StudyArea, per_area

Test = Literal["inside", "within_reach"]
TESTS: tuple[str, ...] = get_args(Test)
INSIDE_SHARE = 0.5  # a community counts where at least so much of its area lies inside the zones
HOMES_SHARE = 0.5  # a community is within reach of what at least so much of its homes is within reach of
_TINY = 1e-9
_NAMED = 3


@dataclass(frozen=True, eq=False)
class Communities:
    """The communities that count, and the homes in them.

    `rows`: their rows of the layer, numbered from 0, with `zone` (position in the zones) and `zone_id` of the zone that
    holds most of each, `persons` (NaN where the study has no population) and `homes_ha`, those inside the zones.
    `cell`, `community`, `share`: which demand cells lie in which community, and with what share of each cell.
    `outside`: names of the communities that do not count; `persons_in_none`: persons who live in no community that counts.
    """

    rows: gpd.GeoDataFrame
    cell: Ints
    community: Ints
    share: Floats
    outside: tuple[str, ...]
    persons_in_none: float


@per_area
def communities(area: StudyArea) -> Communities:
    """The communities at least half of whose area lies inside the zones; each belongs to the zone that holds most of it.

    Persons and homes come from the demand cells, a cell on a border being shared out by area.

    Errors: InputError where the study has no communities layer.
    """
    if area.communities is None:
        raise InputError("研究中没有图层 communities；请给出", "the study has no communities layer; give one")
    layer = area.communities.reset_index(drop=True)
    parts = cut_areas(layer, area.zones)
    inside = pd.Series(parts["fraction"].to_numpy()).groupby(parts["row"].to_numpy())
    counts = inside.sum()
    counts = counts.index[counts.to_numpy() >= INSIDE_SHARE - _TINY].to_numpy(dtype=np.int64)
    zone = parts["zone"].to_numpy()[inside.idxmax().loc[counts].to_numpy(dtype=np.int64)]
    rows = layer.loc[counts].assign(zone=zone, zone_id=area.zones.index.to_numpy()[zone]).reset_index(drop=True)
    cells = demand(area).cells
    pieces = cut_areas(cells, rows)
    cell, community = pieces["row"].to_numpy(dtype=np.int64), pieces["zone"].to_numpy(dtype=np.int64)
    share = pieces["fraction"].to_numpy(dtype=float)
    persons = np.bincount(community, weights=share * cells["persons"].to_numpy()[cell], minlength=len(rows))
    homes_ha = np.bincount(community, weights=share * cells["area_m2"].to_numpy()[cell] / 1e4, minlength=len(rows))
    known = area.population is not None
    names = layer["name"].astype(str)
    return Communities(
        rows=rows.assign(persons=persons if known else np.nan, homes_ha=homes_ha),
        cell=cell,
        community=community,
        share=share,
        outside=tuple(names.drop(index=counts)),
        persons_in_none=max(float(cells["persons"].sum() - persons.sum()), 0.0) if known else np.nan,
    )


@per_area
def unusable(area: StudyArea) -> tuple[Text, ...]:
    """Say why nothing can be counted by communities: no layer, none inside the zones, or some that overlap."""
    if area.communities is None:
        return missing_layers(area, "communities")
    rows = communities(area).rows
    if rows.empty:
        return (sentence("no_community"),)
    return _overlaps(rows)


def told(area: StudyArea) -> tuple[Text, ...]:
    """What a reader must know of the communities: which do not count, and who lives in none."""
    found = communities(area)
    everyone, others = float(demand(area).cells["persons"].sum()), found.persons_in_none
    part = others / everyone if everyone else 0.0
    return (
        *said_if(found.outside, "communities_outside", count=len(found.outside), names=_some(found.outside)),
        *said_if(part > _TINY and round(others) > 0, "persons_in_none", others=others, part=part),
    )


def homes_sure(area: StudyArea, *, of: Of) -> bool:
    """Whether where people live is known for certain: without that nothing said of their reach is."""
    return demand(area).sure and not (of == "persons" and "population" in area.incomplete)


def holds(found: Communities, shapes: Shapes) -> Bools:
    """In which communities at least one of some shapes stands: a point in it or on its border, a site's inner point."""
    there = np.zeros(len(found.rows), dtype=bool)
    inner = shapely.point_on_surface(shapes)
    there[shapely.STRtree(inner).query(found.rows.geometry.to_numpy(), predicate="intersects")[0]] = True
    return there


def homes_share(area: StudyArea, cell_share: Floats, *, of: Of) -> Floats:
    """The share of each community's residential land, or persons, that is covered; NaN where there are none.

    `cell_share` is what is covered of each demand cell; of a cell on a border, every community has that same share.
    """
    found = communities(area)
    cells = demand(area).cells
    weight = cells["area_m2" if of == "land" else "persons"].to_numpy()[found.cell] * found.share
    whole = np.bincount(found.community, weights=weight, minlength=len(found.rows))
    covered = np.bincount(found.community, weights=weight * cell_share[found.cell], minlength=len(found.rows))
    return covered / np.where(whole > 0, whole, np.nan)


def reached(area: StudyArea, cell_share: Floats, *, of: Of) -> Floats:
    """1 for a community of whose homes at least half are covered, 0 for another, NaN for one without homes."""
    share = homes_share(area, cell_share, of=of)
    return np.where(np.isnan(share), np.nan, (share >= HOMES_SHARE - _TINY).astype(float))


def _overlaps(rows: gpd.GeoDataFrame) -> tuple[Text, ...]:
    shapes, names = rows.geometry.to_numpy(), rows["name"].astype(str).to_numpy()
    one, other = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared = shapely.intersection(shapes[one], shapes[other])
    shared_m2 = shapely.area(shared)
    bad = np.flatnonzero(shared_m2 > OVERLAP_TOLERANCE_M * np.maximum(1.0, shapely.length(shared)))
    if not len(bad):
        return ()
    worst = bad[np.argmax(shared_m2[bad])]
    pair = (names[one[worst]], names[other[worst]], shared_m2[worst] / 1e4)
    return (sentence("communities_overlap", places=len(bad), one=pair[0], other=pair[1], shared_ha=pair[2]),)


def _some(names: tuple[str, ...]) -> Text:
    shown, more = names[:_NAMED], len(names) > _NAMED
    return Text("、".join(shown) + ("等" if more else ""), ", ".join(shown) + (", …" if more else ""))
