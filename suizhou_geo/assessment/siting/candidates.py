"""Where something could be built (备选点位): land by its code, homes that are not covered, and the planners' own sites."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.access.demand import demand
from suizhou_geo.errors import InputError, LayerError, did_you_mean
from suizhou_geo.errors.text import listed_text
from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.geometry.shapes import meets, shapes_of
from suizhou_geo.geometry.zonal import areal, dissolved, groups_within
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea

Where = Literal["own", "land", "homes"]
OWN, HOMES = "own", "homes"
PARKS = "parks"
RESERVE = "reserve"  # 留白、空闲与待建用地: a group of standards/land_codes.toml
LEAST_PLOT_M2 = 400.0  # the smallest park that serves (口袋公园)
WHOLE_M2 = 20_000.0  # land up to this size is one plot; of larger land
PLOT_M, PLOT_STEP_M = 100.0, 150.0  # plots of 1 ha are offered, in rows so far apart
_NO_CLASS = ""
_COLUMNS = ["site", "name", "where", "land_class", "cost", "capacity", "use", "plot_m2", "geometry"]
_SEPARATED = re.compile(r"[,，、;；\s]+")


def candidate_sites(
    area: StudyArea, covered: Floats, *, wanted: Sequence[str], as_parks: bool, least_m2: float
) -> gpd.GeoDataFrame:
    """The sites that could be built, a row each: `site` (its number), `name`, `where`, `land_class`, `cost`, `capacity`, `use`,
    `plot_m2`.

    `wanted` holds "own", the layer `candidates` as drawn; "homes", residential land not all of which is `covered` (the
    share of each demand cell); and groups of land of standards/land_codes.toml, or codes as the layer `land_use` (without
    it `land_survey`) has them, with all that begin with them. Of two in the same place the own one is kept, then land.

    Land of up to 2 ha is one plot; larger land is offered in plots of 1 ha, 150 m from middle to middle. A plot has at
    least `least_m2` and its middle in the zones. Sites of parks are the plots themselves (among homes, a square of
    `least_m2`), others the point inside the plot; sites of parks at most 2 m apart are one, as the parks would be.

    `cost` and `capacity` are NaN where nobody says them; `use` holds the keys of what an own site may serve for ("" for
    all), `plot_m2` the size of the plot of land (NaN of other sites).

    Errors: InputError where a kind of candidates has no layer; LayerError for sites of a shape that cannot serve.
    """
    least_m2 = max(least_m2, LEAST_PLOT_M2)
    land = [word for word in wanted if word not in (OWN, HOMES)]
    kinds = [_own(area, as_parks=as_parks)] if OWN in wanted else []
    kinds += [_land(area, land, as_parks=as_parks, least_m2=least_m2)] if land else []
    kinds += [_homes(area, covered, as_parks=as_parks, least_m2=least_m2)] if HOMES in wanted else []
    sites = kinds[0]
    for more in kinds[1:]:
        near = shapely.STRtree(shapes_of(sites)).query(shapes_of(more), predicate="dwithin", distance=park_gap_m())[0]
        sites = pd.concat([sites, more.drop(index=more.index[np.unique(near)])], ignore_index=True)
    return sites.assign(site=[f"{k + 1}" for k in range(len(sites))])[_COLUMNS]


def usual_kinds(area: StudyArea, *, as_parks: bool) -> tuple[str, ...]:
    """The kinds of candidates where none are asked for: the own ones; without them reserve land and, but for parks, homes."""
    if area.candidates is not None:
        return (OWN,)
    with_land = area.land_use is not None or area.land_survey is not None
    return (RESERVE,) if as_parks else (RESERVE, HOMES) if with_land else (HOMES,)


def park_gap_m() -> float:
    """How near to each other two parks are one (standards/park_tiers.toml)."""
    return float(table("park_tiers")["source"]["gap_m"])


def together(sites: gpd.GeoDataFrame, group: Ints) -> gpd.GeoDataFrame:
    """Make one site of all of a group: their grounds, names and costs together; else as the first of them."""
    first = np.unique(group, return_index=True)[1]
    rows = [np.flatnonzero(group == group[k]) for k in first]
    shapes = sites.geometry.to_numpy()
    ground = [areal(np.array([shapely.union_all(shapes[row])]))[0] if len(row) > 1 else shapes[row[0]] for row in rows]
    return sites.iloc[first].assign(
        name=["、".join(filter(None, sites["name"].iloc[row])) for row in rows],
        cost=[sites["cost"].iloc[row].sum(skipna=False) for row in rows],
        geometry=ground,
    )


def _own(area: StudyArea, *, as_parks: bool) -> gpd.GeoDataFrame:
    if area.candidates is None:
        raise InputError(
            "研究中没有图层 candidates（备选点位）；请给出，或改用 reserve、homes",
            "the study has no layer candidates; give one, or take reserve or homes",
        )
    own, shapes = area.candidates, area.candidates.geometry.to_numpy()
    uses = pd.Series([_uses(row, said) for row, said in own["use"].items()], dtype=object)
    for_parks = as_parks & serves_for(uses, PARKS)
    points = np.flatnonzero(for_parks & (shapely.get_dimensions(shapes) == 0))
    if len(points):
        raise LayerError(
            f"图层 candidates，第 {own.index[points[0]]} 行：是点；公园要有面积才能定服务半径，请给出面",
            f"layer candidates, row {own.index[points[0]]}: a point; the radius of a park goes by its size, give polygons",
        )
    names, cost = own["name"].fillna("").astype(str).to_numpy(), own["cost"].to_numpy(dtype=float)
    free = own.index[cost == 0.0]
    if len(free):
        raise LayerError(
            f"图层 candidates，列“cost”：第 {free[0]} 行为 0；费用应大于零，不清楚就留空",
            f"layer candidates, column cost: row {free[0]} is 0; a cost is above zero, leave it empty if it is not known",
        )
    own_sites = _sites(area, shapes, "own").assign(
        name=names, cost=cost, use=uses.to_numpy(), capacity=own["capacity"].to_numpy(dtype=float)
    )
    if not for_parks.any():
        return own_sites
    group, rows = np.arange(len(shapes)), np.flatnonzero(for_parks)
    _, first, at = np.unique(groups_within(shapes[rows], park_gap_m()), return_index=True, return_inverse=True)
    group[rows] = rows[first][at]
    return together(own_sites, group)


def _uses(row: object, said: object) -> str:
    """The keys of what an own site may serve for, as its column `use` says it by keys or Chinese names."""
    words = [word for word in _SEPARATED.split("" if pd.isna(said) else str(said)) if word]
    known = use_words()
    for word in words:
        if word not in known:
            hint = did_you_mean(word, known)
            raise LayerError(
                f"图层 candidates，列“use”：第 {row} 行的“{word}”不是公园、充电设施或设施类别{hint.zh}",
                f"layer candidates, column use: {word!r} in row {row} is not parks, chargers or a category of facilities"
                f"{hint.en}",
            )
    return ", ".join(dict.fromkeys(known[word] for word in words))


@cache
def use_words() -> Mapping[str, str]:
    """What an own site may be said to serve for -> its key: a layer, or a category of facilities."""
    layers = {PARKS: "公园", "chargers": "充电设施"}
    categories = {key: row["name_zh"] for key, row in table("life_circles")["categories"].items()}
    known = layers | categories
    return {name: key for key, name in known.items()} | {key: key for key in known}


def serves_for(uses: pd.Series, use: str) -> Bools:
    """Which sites may serve for a use, by their column `use`: those that say so, and those that say nothing."""
    return np.array([not said or use in said.split(", ") for said in uses], dtype=bool)


def holds(sites: gpd.GeoDataFrame, use: str) -> Bools:
    """Which sites may serve for chargers or a category of facilities, on no less land than the standard wants for it."""
    least_m2 = float(table("life_circles")["categories"].get(use, {}).get("land_m2", 0.0))
    too_small: Bools = (sites["plot_m2"] < least_m2).to_numpy(dtype=bool)
    return serves_for(sites["use"], use) & ~too_small


def _land(area: StudyArea, land: Sequence[str], *, as_parks: bool, least_m2: float) -> gpd.GeoDataFrame:
    layer = area.land_survey if area.land_use is None else area.land_use
    if layer is None:
        raise InputError(
            "研究中没有图层 land_use 或 land_survey，找不到可建用地；请给出，或改用 own、homes",
            "the study has no layer land_use or land_survey to find land in; give one, or take own or homes",
        )
    known = table("land_codes")["groups"]
    codes = tuple(word for word in land if word not in known)
    classes = layer["land_class"].astype(str)
    chosen = layer[(layer["land_group"].isin(list(land)) | classes.str.startswith(codes)).to_numpy(dtype=bool)]
    for code in codes:
        if not classes.str.startswith(code).any():
            there = listed_text(sorted(set(classes)))
            raise InputError(
                f"candidates：“{code}”不是 own、homes，不是用地大类（{'、'.join(known)}），也不是图层里有的代码（{there.zh}）",
                f"candidates: {code!r} is not own or homes, no group of land ({', '.join(known)}), no code of the layer "
                f"({there.en})",
            )
    plots = _plots(area, chosen, least_m2)
    inner = shapely.point_on_surface(plots)
    at, row = shapely.STRtree(shapes_of(chosen)).query(inner, predicate="intersects")
    land_class = np.full(len(plots), _NO_CLASS, dtype=object)
    land_class[at] = chosen["land_class"].astype(str).to_numpy()[row]
    return _sites(area, plots if as_parks else inner, "land").assign(land_class=land_class, plot_m2=shapely.area(plots))


def _homes(area: StudyArea, covered: Floats, *, as_parks: bool, least_m2: float) -> gpd.GeoDataFrame:
    homes = demand(area)
    plots = _plots(area, homes.land, least_m2)
    plot, cell = homes.tree.query(plots, predicate="intersects")
    plots = plots[np.unique(plot[covered[cell] < 1.0])]
    inner = shapely.point_on_surface(plots)
    side_m = np.sqrt(least_m2) * (1.0 + 1e-9)
    return _sites(area, shapely.buffer(inner, side_m / 2.0, cap_style="square") if as_parks else inner, "homes")


def _plots(area: StudyArea, layer: gpd.GeoDataFrame, least_m2: float) -> Shapes:
    pieces = dissolved(layer, gap_m=park_gap_m()).geometry.to_numpy()
    large = shapely.area(pieces) > WHOLE_M2
    corner = area.zones.total_bounds[:2]
    plots = [pieces[~large]]
    for piece in pieces[large]:
        low, high = np.split((np.array(shapely.bounds(piece)) - np.tile(corner, 2)) / PLOT_STEP_M, 2)
        first, last = np.floor(low).astype(int), np.ceil(high).astype(int)
        x, y = (np.arange(a, b) * PLOT_STEP_M + from_m for a, b, from_m in zip(first, last, corner, strict=True))
        x, y = (of.ravel() for of in np.meshgrid(x, y))
        squares = shapely.box(x, y, x + PLOT_M, y + PLOT_M)
        plots.append(areal(shapely.intersection(squares[shapely.intersects(squares, piece)], piece)))
    found = np.concatenate(plots)
    plots_there: Shapes = found[(shapely.area(found) >= least_m2) & _in_zones(area, found)]
    return plots_there


def _in_zones(area: StudyArea, shapes: Shapes) -> Bools:
    return meets(shapely.point_on_surface(shapes), shapes_of(area.zones))


def _sites(area: StudyArea, shapes: Shapes, where: Where) -> gpd.GeoDataFrame:
    columns = {"site": "", "name": "", "where": where, "land_class": _NO_CLASS, "cost": np.nan, "capacity": np.nan}
    columns |= {"use": "", "plot_m2": np.nan}
    return gpd.GeoDataFrame(
        {column: [value] * len(shapes) for column, value in columns.items()}, geometry=shapes, crs=area.crs
    )
