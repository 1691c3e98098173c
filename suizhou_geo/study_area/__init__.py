"""A study area and its layers.

A layer that was not given is None and every measure that needs it answers "no data"; a layer that was given and is empty is
an answer: zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, fields, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from suizhou_geo.errors import LayerError
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.crs import metric_crs
from suizhou_geo.geometry.grid import Grid
from suizhou_geo.geometry.repair import strips
from suizhou_geo.geometry.zonal import by_zone, cut_people, persons_by_zone
from suizhou_geo.study_area.layers import (
    BUILT,
    ELSEWHERE_M,
    LAYERS,
    ROLES,
    Boundary,
    conform,
)
from suizhou_geo.study_area.names import named_in_english
from suizhou_geo.study_area.remembered import note_read, remember_from
from suizhou_geo.study_area.remembered import per_area as per_area


@dataclass(frozen=True, eq=False)
class StudyArea:
    """A place, the zones it is reported by, and what is in it, in one metric CRS.

    `zones` is indexed by `zone_id` (text). `boundary` says what the outline of the zones stands for, since every density
    depends on it: the built-up area (建成区), the urban range (城区范围: whole units of 街道, 镇 or 居委), the urban
    construction land (城市建设用地), the urban development boundary (城镇开发边界), or an administrative limit.
    `incomplete` names the layers that may miss things that exist on the ground (OpenStreetMap, unless the study says
    otherwise): what more of them could change goes into `Measure.low` and `Measure.high`. `surveyed` names facility
    categories of which there are declared to be no others, so that none means zero and not "no data". `english` gives
    the names that have another one in English (name as read -> English): `named_in` shows them.
    """

    name: str
    zones: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame | None = None
    walkways: gpd.GeoDataFrame | None = None
    plazas: gpd.GeoDataFrame | None = None
    sidewalks: gpd.GeoDataFrame | None = None
    facilities: gpd.GeoDataFrame | None = None
    facilities_check: gpd.GeoDataFrame | None = None
    parks: gpd.GeoDataFrame | None = None
    gates: gpd.GeoDataFrame | None = None
    historic: gpd.GeoDataFrame | None = None
    heritage: gpd.GeoDataFrame | None = None
    greenways: gpd.GeoDataFrame | None = None
    residential: gpd.GeoDataFrame | None = None
    compounds: gpd.GeoDataFrame | None = None
    institutions: gpd.GeoDataFrame | None = None
    termini: gpd.GeoDataFrame | None = None
    land_use: gpd.GeoDataFrame | None = None
    land_survey: gpd.GeoDataFrame | None = None
    development_zones: gpd.GeoDataFrame | None = None
    communities: gpd.GeoDataFrame | None = None
    buildings: gpd.GeoDataFrame | None = None
    barriers: gpd.GeoDataFrame | None = None
    railways: gpd.GeoDataFrame | None = None
    population: gpd.GeoDataFrame | Grid | None = None
    jobs: gpd.GeoDataFrame | None = None
    centres: gpd.GeoDataFrame | None = None
    chargers: gpd.GeoDataFrame | None = None
    parking: gpd.GeoDataFrame | None = None
    candidates: gpd.GeoDataFrame | None = None
    outlines: gpd.GeoDataFrame | None = None
    boundary: Boundary = "built_up"
    incomplete: frozenset[str] = frozenset()
    surveyed: frozenset[str] = frozenset()
    invented: bool = False
    english: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Hold every layer to LAYERS, and the zones to being apart from each other."""
        crs = metric_crs(self.zones.crs, what=Text("图层 zones", "layer zones: its coordinate system"))
        self._hold("zones", crs)
        _check_zones(self.zones)
        for name in (name for name in LAYERS if name != "zones"):
            self._hold(name, crs)

    def _hold(self, name: str, crs: CRS) -> None:
        """Hold a layer to LAYERS, and to lying where the zones do."""
        layer = getattr(self, name)
        if layer is not None:
            object.__setattr__(self, name, conform(layer, name, crs=crs))
            _check_place(getattr(self, name), name, self.zones)

    @property
    def crs(self) -> CRS:
        """The one CRS of every layer: projected, in metres."""
        return self.zones.crs

    @property
    def is_built(self) -> bool:
        """Whether the outline of the zones is one of what is built, as promises of densities mean it."""
        return self.boundary in BUILT

    def replace(self, **changes: Any) -> StudyArea:
        """Return the area with other layers or another meaning of its outline; what does not follow from these is kept."""
        if "zones" in changes or not changes.keys() <= _FIELDS:
            return replace(self, **changes)
        note_read(self, *_FIELDS)
        other = copy(self)  # its other layers have been looked at
        remember_from(self, other, changed=frozenset(changes))
        for name, changed in changes.items():
            object.__setattr__(other, name, changed)
            if name in LAYERS:
                other._hold(name, self.crs)
        return other

    def named_in(self, lang: str) -> StudyArea:
        """Return the area with the names of its objects as a reader of `lang` is shown them; nothing else differs."""
        if lang == "zh" or not self.english:
            return self
        note_read(self, *_FIELDS)
        told = copy(self)  # its layers were held to LAYERS already: names change nothing of that
        for name, layer in self.layers.items():
            if not isinstance(layer, Grid):
                object.__setattr__(told, name, named_in_english(layer, self.english))
        return told

    @property
    def layers(self) -> Mapping[str, Any]:
        """The layers that were given, by name, in the order of LAYERS: tables, and of many people perhaps a grid."""
        return _Given(self)


class _Given(Mapping[str, Any]):
    """The layers of an area that were given; one that is asked for by name is all that is read."""

    def __init__(self, area: StudyArea) -> None:
        self._area = area

    def __getitem__(self, name: str) -> Any:
        layer = getattr(self._area, name) if name in LAYERS else None
        if layer is None:
            raise KeyError(name)
        return layer

    def __iter__(self) -> Iterator[str]:
        return (name for name in LAYERS if getattr(self._area, name) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


_FIELDS = frozenset(field.name for field in fields(StudyArea))


def _noting(area: StudyArea, name: str) -> Any:
    """Return an attribute of an area, noting the fields that are read."""
    if name in _FIELDS:
        note_read(area, name)
    return object.__getattribute__(area, name)


StudyArea.__getattribute__ = _noting  # type: ignore[method-assign, assignment]


@per_area
def population_parts(area: StudyArea) -> gpd.GeoDataFrame:
    """The population of an area cut at the outlines of its zones, as `cut_people` returns it: many cells, cut once.

    Raises: KeyError where the study has no population.
    """
    return cut_people(area.layers["population"], area.zones)


@per_area
def persons_in_zones(area: StudyArea) -> pd.Series:
    """Persons per zone of an area, indexed like its zones; each population polygon is split by area.

    Raises: KeyError where the study has no population.
    """
    population = area.layers["population"]
    if isinstance(population, Grid):
        return persons_by_zone(population, area.zones)
    parts = population_parts(area)
    return by_zone(parts["persons"].to_numpy(), parts["zone"].to_numpy(), area.zones)


def _check_zones(zones: gpd.GeoDataFrame) -> None:
    if zones.empty:
        raise LayerError(
            "图层 zones：是空的；请至少给出一个分区多边形", "layer zones is empty; give at least one zone polygon"
        )
    if not zones.index.is_unique:
        raise LayerError(
            f"图层 zones：编号 {zones.index[zones.index.duplicated()][0]} 出现两次；请给每个分区各用一个编号",
            f"layer zones: the id {zones.index[zones.index.duplicated()][0]} stands twice; number the zones apart",
        )
    unknown = zones.index[~zones["role"].isin(ROLES)]
    if len(unknown):
        raise LayerError(
            (
                f"图层 zones，分区 {unknown[0]}：role “{zones['role'].loc[unknown[0]]}”不在可选之列；"
                f"可选的有 {'、'.join(ROLES)}"
            ),
            f"layer zones, zone {unknown[0]}: role {zones['role'].loc[unknown[0]]!r} is not one of {', '.join(ROLES)}",
        )
    shapes = zones.geometry.to_numpy()
    invalid = np.flatnonzero(~shapely.is_valid(shapes))
    if len(invalid):
        raise LayerError(
            (
                f"图层 zones，分区 {zones.index[invalid[0]]}：边界无效（原文：“{shapely.is_valid_reason(shapes[invalid[0]])}”）"
                "；请修正边界"
            ),
            (
                f"layer zones, zone {zones.index[invalid[0]]}: {shapely.is_valid_reason(shapes[invalid[0]])}; "
                "repair the outline"
            ),
        )
    for strip in strips(shapes):
        raise LayerError(
            (
                f"图层 zones：{zones['name'].iloc[strip.one]}与{zones['name'].iloc[strip.other]}重叠 "
                f"{strip.area_m2 / 1e4:.2f} 公顷；每处只能属于一个分区，请修正边界"
            ),
            (
                f"layer zones: {zones['name'].iloc[strip.one]} and {zones['name'].iloc[strip.other]} overlap by "
                f"{strip.area_m2 / 1e4:.2f} ha; each place may lie in one zone only"
            ),
        )


def _check_place(layer: gpd.GeoDataFrame | None, name: str, zones: gpd.GeoDataFrame) -> None:
    if layer is None or not len(layer) or name == "zones":
        return
    distance_m = shapely.distance(shapely.box(*layer.total_bounds), shapely.box(*zones.total_bounds))
    if distance_m > ELSEWHERE_M:
        raise LayerError(
            f"图层 {name}：离分区 {distance_m / 1000:,.0f} 公里；坐标系不对、坐标轴颠倒，或是别处的数据；请更正",
            (
                f"layer {name} lies {distance_m / 1000:,.0f} km from the zones; "
                "its coordinate system is wrong, its axes are swapped, or it is another place"
            ),
        )
