"""Dead ends (断头路): how many streets stop short, what would link them, and whether the promised ones are open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.access.detours import DRIVE_LEG_M, default_destinations, destination_keys, shortened
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Shapes
from suizhou_geo.geometry.zonal import by_zone
from suizhou_geo.measures.asked import Asked, public, stacked, summed
from suizhou_geo.measures.completeness import incomplete_layers, missing_layers, one_of, said_if
from suizhou_geo.model import Measure
from suizhou_geo.streets.dead_ends import BEYOND_SHARE, REASONS, THRESHOLDS, beyond_the_roads, street_ends
from suizhou_geo.streets.entrances import LEG_PARAMS
from suizhou_geo.streets.missing_links import barriers_ahead, missing_links
from suizhou_geo.streets.network import STREET_PARAMS, WALKING_PARAMS
from suizhou_geo.study_area import StudyArea, per_area

Profile = Literal["branch_and_above", "with_local"]
RankBy = Literal["drive", "walk", "saved_m"]
STUB_M = 1.0
NEAR_MISS_M = 30.0
_LEGS: dict[str, dict[str, float]] = {
    "drive": {"leg_m": DRIVE_LEG_M, **LEG_PARAMS, **STREET_PARAMS},
    "walk": LEG_PARAMS | WALKING_PARAMS,
    "saved_m": {},
}
_BASIS = Text(
    "GB/T 51328-2018（支路及以上）；断头路无国家统一定义，本工具口径见文档",
    "GB/T 51328-2018 (branch roads and above); no national definition of a dead end, ours stands in the documentation",
)


@public
def dead_ends(
    area: StudyArea,
    *,
    profile: Profile = "branch_and_above",
    rank_by: RankBy = "drive",
    destinations: Sequence[str] | None = None,
) -> Measure:
    """断头路数量: ends of streets of class 支路 and above inside the zones that stop although streets continue ahead.

    There is no national definition. An end of the counted street network, on the uncut network, counts where no reason
    of `street_ends` tells it apart: compound, turning circle, edge of the map, a gap of the drawing
    (joined and reported), short cul-de-sac, and so on. Profile "branch_and_above" counts 快速路 to 支路; local streets
    (街坊道路) that end 150 m or more from their last junction are listed with `counts` false. "with_local" counts them
    too. An end that is only continued by a path is a dead end. The range holds what the drawing leaves open: `low` counts
    ends of one street side by side once and leaves out those along a straight cut of the data (no barrier ahead), `high`
    counts the lines that turn back on each other.

    For each counted end the missing link, the best connection ahead (`missing_links`), with what
    building it alone would change (`shortened`) for the ways from homes to the nearest of each of
    `destinations`: indicators of TD/T 1063-2021 (the default: all eight) or facility categories. Ranked by

    * "drive" (the default): person-metres saved by vehicle along the counted streets;
    * "walk": person-metres saved on foot along all streets and paths;
    * "saved_m": the metres saved between the two ends of the link, summed over the dead ends (one or two) it opens.

    Person-metres are persons x metres saved on one way to each kind of destination, the mean over the kinds. Without
    population or facilities the ranking is by "saved_m", and `notes` says so. Links whose ends no street joins at all have
    no `saved_m` to tell and come last there.

    `breakdown`: the ends by reason, whole and per zone (`outside` the zones). `evidence`: lines only, because a layer holds
    one kind of geometry. `part` "dead_end": each end that counts, and "explained_end": each other end in the zones or
    with another reason than "data_edge", as a stub of 1 m ahead that begins at the end, with street, road_class, reason,
    counts, barrier, barrier_name, carriageways, stub_m, goes_on_as, path_goes_on. `part` "missing_link": the link, with
    rank, street, to_street, link_m, network_m, saved_m, opens, crossing, crosses, crosses_names, crossing_from, at_least,
    near_miss (under 30 m with nothing to cross: look whether the drawing is right), `benefit` (what it is ranked by),
    `benefit_per_m` (for each metre to be built) and, for the mode of the ranking, `persons` whose way shortens,
    `before_m`, `after_m` (their mean way), `persons_newly` (who could not get there at all). `part` "gap_repaired": the
    line that joined.

    Errors: InputError for an unknown profile, ranking or destination, or a road_class that is none.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> measure = dead_ends(study.area)
    >>> links = measure.evidence[measure.evidence["part"] == "missing_link"]
    >>> measure.value, links.iloc[0]["street"], links.iloc[0]["crossing"]
    (16.0, '神农大道', 'railway')
    """
    wanted = default_destinations() if destinations is None else tuple(destinations)
    for key in wanted:
        one_of("dead_ends: destinations", key, destination_keys())
    params = {"profile": profile, "rank_by": rank_by, "destinations": list(wanted), **THRESHOLDS, **_LEGS[rank_by]}
    asked = Asked(area, "dead_ends", profile, params, _BASIS)
    if needs := missing_layers(area, "roads"):
        return asked.no_data(needs)
    ends, links = _ends_and_links(area, profile)
    links = _ranked(area, links, rank_by, wanted)
    stopping = ends[ends["counts"]]
    unsure = "roads" in area.incomplete
    least, most = _range(ends)
    fewer = unsure or "compounds" in area.incomplete  # ends in a compound nobody drew do not count
    return asked.measure(
        summed(by_zone(np.ones(len(stopping)), stopping["zone"].to_numpy(), area.zones)),
        evidence=_evidence(area, ends, links),
        low=0.0 if fewer else least,
        high=np.inf if unsure else most,
        needs=incomplete_layers(area, "roads", "compounds"),
        notes=_notes(area, ends, links, profile=profile),
        breakdown=_by_reason(area, ends),
    )


@per_area
def _ends_and_links(area: StudyArea, profile: Profile) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """The ends, with `counts` and the barrier ahead, and the missing links of those that count."""
    ends = street_ends(area)
    wanted = ends["road_class"].ne("local") | (profile == "with_local")
    counts = (ends["reason"].eq("dead_end") & wanted).to_numpy()
    ends = ends.join(barriers_ahead(area, ends)).assign(counts=counts)
    ends["may_count"] = ends["reason"].eq("turns_back") & wanted & (ends["zone"] >= 0)
    ends["cut"] &= ends["barrier"].eq("none") & counts
    stopping = ends[counts].reset_index(drop=True)
    links = missing_links(area, stopping)
    links["street"] = stopping["street"].to_numpy()[links["end"]]
    links["road_class"] = stopping["road_class"].to_numpy()[links["end"]]
    links["zone_id"] = stopping["zone_id"].to_numpy()[links["end"]]
    return ends, links


def _range(ends: gpd.GeoDataFrame) -> tuple[float, float]:
    """The least and the most dead ends: some may be one, or cut off by the edge of the data; some bends may be ends."""
    sure = ends[ends["counts"] & ~ends["cut"]]
    return float(sure["abreast"].nunique()), float(ends["counts"].sum() + ends["may_count"].sum())


def _ranked(
    area: StudyArea, links: gpd.GeoDataFrame, rank_by: RankBy, destinations: tuple[str, ...]
) -> gpd.GeoDataFrame:
    """The links with the best first: `benefit` is what they are ranked by, `rank` counts from 1."""
    if rank_by == "saved_m" or not _told_by_persons(area):
        change = pd.DataFrame(np.nan, index=links.index, columns=["persons", "before_m", "after_m", "persons_newly"])
        benefit = links["opens"] * links["saved_m"]
    else:
        change = shortened(area, links.geometry.to_numpy(), mode=rank_by, destinations=destinations)
        benefit = change.pop("person_m")
    links = links.join(change).assign(
        benefit=benefit,
        benefit_per_m=benefit / links["link_m"],
        near_miss=(links["link_m"] < NEAR_MISS_M) & links["crossing"].eq("none"),
    )
    order = np.lexsort((links["end"], links["link_m"], -links["saved_m"].fillna(-1.0), -links["benefit"].fillna(-1.0)))
    return links.iloc[order].assign(rank=np.arange(1, len(links) + 1))


def _told_by_persons(area: StudyArea) -> bool:
    return area.population is not None and area.facilities is not None


def _evidence(area: StudyArea, ends: gpd.GeoDataFrame, links: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shown = ends[ends["reason"].ne("data_edge") | (ends["zone"] >= 0)]
    repairs = shown[shown["repair"].notna()].set_geometry("repair", crs=area.crs)
    repairs = repairs[repairs.length > 0]
    plain = ["street", "road_class", "zone_id", "reason"]
    known = ["counts", "barrier", "barrier_name", "carriageways", "stub_m", "goes_on_as", "path_goes_on", "confirmed"]
    linked = ["street", "road_class", "zone_id", "rank", "benefit", "to_street", "to_class", "link_m", "network_m"]
    linked += ["at_least", "saved_m", "opens", "persons", "before_m", "after_m", "persons_newly", "benefit_per_m"]
    linked += ["crossing", "crosses", "crosses_names", "crossing_from", "near_miss"]
    parts = {
        "dead_end": shown[[*plain, "source_id", *known]].set_geometry(stubs(shown), crs=area.crs),
        "missing_link": links[[*linked, "geometry"]],
        "gap_repaired": repairs[[*plain, "repair"]].rename_geometry("geometry"),
    }
    columns = list(dict.fromkeys(c for part in parts.values() for c in part.columns if c != "geometry"))
    rows = [part.assign(part=name) for name, part in parts.items()]
    whole = stacked(rows, ["part", *columns]).infer_objects()
    whole = whole.astype(dict.fromkeys(("counts", "path_goes_on", "confirmed", "at_least", "near_miss"), bool))
    explained = whole["part"].eq("dead_end") & ~whole["counts"]
    return whole.assign(part=whole["part"].mask(explained, "explained_end"))


def stubs(ends: gpd.GeoDataFrame) -> Shapes:
    """A line of 1 m ahead of each street end (rows of `street_ends`), which begins at it."""
    start = shapely.get_coordinates(ends.geometry.to_numpy())
    ahead = start + STUB_M * ends[["heading_x", "heading_y"]].to_numpy(dtype=float)
    return np.asarray(shapely.linestrings(np.stack([start, ahead], axis=1)), dtype=object)


def _by_reason(area: StudyArea, ends: gpd.GeoDataFrame) -> pd.DataFrame:
    """Ends by reason: all, per zone, and outside the zones; of the dead ends, those that count."""
    rows = {reason: ends["reason"].eq(reason) for reason in REASONS} | {"counted": ends["counts"]}
    zone = ends["zone"].to_numpy()
    table = {}
    for name, of in rows.items():
        mine = of.to_numpy()
        inside = by_zone(np.ones(int((mine & (zone >= 0)).sum())), zone[mine & (zone >= 0)], area.zones)
        table[name] = {"whole": float(mine.sum()), **inside.to_dict(), "outside": float((mine & (zone < 0)).sum())}
    return pd.DataFrame.from_dict(table, orient="index").rename_axis("reason")


def _notes(area: StudyArea, ends: gpd.GeoDataFrame, links: gpd.GeoDataFrame, *, profile: Profile) -> tuple[Text, ...]:
    local = int((ends["reason"].eq("dead_end") & ends["road_class"].eq("local")).sum())
    repaired = int(ends["reason"].eq("gap_repaired").sum())
    near = int(links["near_miss"].sum())
    cut, turns = int(ends["cut"].sum()), int(ends["may_count"].sum())
    doubled = int(ends["counts"].sum()) - ends.loc[ends["counts"], "abreast"].nunique()
    beyond = beyond_the_roads(area)
    return (
        *said_if(local and profile == "branch_and_above", "local_dead_ends", local=local),
        *said_if(repaired, "gaps_joined", repaired=repaired),
        *said_if(near, "near_misses", near=near),
        *said_if(cut, "ends_in_line", cut=cut),
        *said_if(doubled, "ends_abreast", doubled=doubled),
        *said_if(turns, "ends_turning_back", turns=turns),
        *said_if(beyond > BEYOND_SHARE, "roads_end_before_zones", share=beyond),
        *said_if(area.compounds is None, "ends_in_compounds"),
        *said_if(area.barriers is None, "ends_without_barriers"),
        *said_if(links["crossing_from"].isin(["compounds", "land_use"]).any(), "walls_inferred"),
        *said_if(len(links) and not _told_by_persons(area), "links_by_metres"),
    )
