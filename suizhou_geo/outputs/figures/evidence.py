"""What the evidence of a measure looks like on a map: its rows sorted into layers, each with its symbol and its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes

from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.wording import in_both, limit, name_of, parameter_words, road_name
from suizhou_geo.assessment.words import words
from suizhou_geo.errors import LayerError
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Bools, Floats, Shapes
from suizhou_geo.outputs.figures.basemap import (
    KINDS,
    Basemap,
    Bounds,
    Sample,
    around,
    city_bounds,
    draw_points,
    draw_shapes,
)
from suizhou_geo.standards import table
from suizhou_geo.standards.symbology import (
    FIFTHS,
    OTHER_PART,
    OTHER_ROAD,
    PARTS,
    ROADS,
    Symbol,
    isochrone_symbols,
    symbols,
)
from suizhou_geo.study_area import StudyArea

_DRAWN = table("symbology")["sheets"]
GAPS, DOTS, ORDER = _DRAWN["gaps"], _DRAWN["dots"], _DRAWN["order"]
AROUND, IN_CITY = _DRAWN["around"], _DRAWN["in_city"]
REACHED = symbols(_DRAWN["reached"])
FEW_DOTS, LARGER = 40, 1.7  # so few points are drawn so much larger
MOST_NAMED = 25  # with more, names would hide the map
SMALL_SUBJECT = 0.6  # of the city's extent both ways: what takes less is shown closer
LEAST_FRAME_M = 1500.0
FREE_SHARE = 0.08  # of a frame, round what it shows
NAMED = ("county_centre", "main_centre", "named_road", "plaque_missing")
NOT_DRAWN = ("zone", "elsewhere_covered", "elsewhere_uncovered")


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer of a map: what it is a part of, how it is drawn, and its shapes."""

    part: str
    symbol: Symbol
    shapes: Shapes

    @property
    def sample(self) -> Sample:
        """How a legend shows it: its symbol, as an area, a line or a dot."""
        dimension = 0 if self.part in DOTS else int(shapely.get_dimensions(self.shapes).max(initial=0))
        return self.symbol, KINDS[dimension]


def evidence_layers(row: Row, area: StudyArea, *, gaps_only: bool = False) -> list[Layer]:
    """Return the layers of a row's evidence from the ground up; `gaps_only`: those that show what is missing.

    Raises:
        LayerError: the evidence is in another coordinate system than the study.
    """
    evidence = row.evidence
    if evidence is None or evidence.empty:
        return []
    if evidence.crs is not None and evidence.crs != area.crs:
        raise LayerError(
            (
                f"指标 {row.key}：依据图层的坐标系是 {evidence.crs.name}，研究的坐标系是 {area.crs.name}；"
                "请转换到研究的坐标系"
            ),
            (
                f"measure {row.key}: its evidence is in {evidence.crs.name}, the study in {area.crs.name}; "
                "bring it into the system of the study"
            ),
        )
    layers = [m for m in _sorted(evidence) if len(m.shapes) and not (gaps_only and m.part not in GAPS)]
    if not gaps_only and len(found := facilities_of(row, area)):
        category = in_both(lambda lang: parameter_words(row.key, "category", found["category"].iloc[0], lang)[1])
        places = shapely.centroid(found.geometry.to_numpy())
        layers = [replace(layer, symbol=REACHED.get(layer.part, layer.symbol)) for layer in layers]
        layers.append(Layer("facility", replace(PARTS["facility"], name=category), places))
    layers = [_seen(layer) for layer in layers]
    return sorted(layers, key=lambda m: ORDER.index(m.part) if m.part in ORDER else ORDER.index(""))


def draw_evidence(axes: Axes, base: Basemap, layers: Sequence[Layer]) -> None:
    """Draw layers, the first lowest; ends of streets as dots."""
    for k, layer in enumerate(layers):
        zorder = 5 + 2 * k / max(len(layers), 1)
        if layer.part in DOTS:
            points = shapely.get_coordinates(shapely.centroid(layer.shapes))
            draw_points(axes, points, layer.symbol, zorder=9.5)
        else:
            draw_shapes(axes, base, layer.shapes, layer.symbol, zorder=zorder)


def _seen(layer: Layer) -> Layer:
    """A layer with its dots large enough to be found, where they are few."""
    if layer.sample[1] != "dot" or len(layer.shapes) > FEW_DOTS:
        return layer
    return replace(layer, symbol=replace(layer.symbol, width_px=layer.symbol.width_px * LARGER))


def facilities_of(row: Row, area: StudyArea) -> gpd.GeoDataFrame:
    """Return the facilities whose reach a row measures: fire stations, kindergartens; none where it is no such measure."""
    facilities = area.facilities
    category = None if row.measure is None else row.measure.params.get("category")
    if facilities is None or not isinstance(category, str):
        return gpd.GeoDataFrame(geometry=[], crs=area.crs)
    return facilities[facilities["category"].eq(category).to_numpy()]


def frame_of(layers: Sequence[Layer], area: StudyArea) -> Bounds:
    """Return what a map of the evidence has to show: its subject.

    The whole city, wider where the subject lies beyond it, and closer where it takes but a small part. What only surrounds
    the subject, as the circles of what is served, does not count; parks do as far as they lie in the city.
    """
    city = city_bounds(area)
    found = [
        shapely.clip_by_rect(layer.shapes, *city) if layer.part in IN_CITY else layer.shapes
        for layer in layers
        if layer.part not in AROUND
    ]
    if not found:
        return city
    west, south, east, north = shapely.total_bounds(np.concatenate(found)).tolist()
    if not np.isfinite([west, south, east, north]).all():
        return city
    across = max(east - west, north - south, LEAST_FRAME_M) * (1 + FREE_SHARE)
    middle_x, middle_y = (west + east) / 2, (south + north) / 2
    close = (middle_x - across / 2, middle_y - across / 2, middle_x + across / 2, middle_y + across / 2)
    small = across < SMALL_SUBJECT * min(city[2] - city[0], city[3] - city[1])
    return close if small else around(city, (west, south, east, north))


def named_places(row: Row, area: StudyArea) -> list[tuple[str, shapely.Geometry]]:
    """Return the places that a map names: county seats, roads of the plan, stations; none where they are too many."""
    evidence, found = row.evidence, facilities_of(row, area)
    if evidence is not None and {"part", "name"} <= set(evidence.columns):
        chosen = evidence[evidence["part"].isin(NAMED).to_numpy()]
        longest = np.argsort(-shapely.length(chosen.geometry.to_numpy()), kind="stable")
        found = chosen.iloc[longest].drop_duplicates("name") if len(chosen) else found
    if len(found) > MOST_NAMED or "name" not in found.columns:
        return []
    return [(name_of(name), shape) for name, shape in zip(found["name"], found.geometry, strict=True) if name_of(name)]


def _sorted(evidence: gpd.GeoDataFrame) -> Iterator[Layer]:
    shapes = evidence.geometry.to_numpy()
    parts = evidence["part"].astype(str).to_numpy() if "part" in evidence.columns else np.full(len(evidence), "")
    for part in dict.fromkeys(parts.tolist()):
        chosen = parts == part
        if part in NOT_DRAWN:
            continue
        if part == "cell" and "complied_share" in evidence.columns:
            yield from _fifths(evidence["complied_share"].to_numpy(dtype=float)[chosen], shapes[chosen])
        elif part == "isochrone" and "to_min" in evidence.columns:
            yield from _by_minutes(evidence[chosen])
        elif part == "centreline" and "road_class" in evidence.columns:
            yield from _centrelines(evidence["road_class"].to_numpy()[chosen], shapes[chosen])
        else:
            for name, mine in _kinds(part, evidence[chosen]):
                symbol = PARTS.get(
                    name, replace(OTHER_PART, name=Text(name, name.replace("_", " "))) if name else OTHER_PART
                )
                yield Layer(name, symbol, shapes[chosen][mine])


def _kinds(part: str, rows: gpd.GeoDataFrame) -> Iterator[tuple[str, Bools]]:
    """Tell rows of a part apart where only some of them are a gap."""
    split = {"block": ("over_limit", "superblock"), "stroke": ("through", "stroke")}.get(part)
    if part == "sidewalk" and "result" in rows.columns:
        for result in ("passes", "fails"):
            yield f"sidewalk_{result}", (rows["result"] == result).to_numpy()
        yield part, (~rows["result"].isin(["passes", "fails"])).to_numpy()
    elif split is not None and split[0] in rows.columns:
        yes = rows[split[0]].fillna(False).to_numpy(dtype=bool)
        yield ("short_stroke" if part == "stroke" else part), ~yes
        yield split[1], yes
    else:
        yield part, np.full(len(rows), fill_value=True)


def _fifths(share: Floats, shapes: Shapes) -> Iterator[Layer]:
    count = len(FIFTHS)
    classes = np.clip(np.floor(share * count + 1e-9), 0, count - 1)
    for k, colour in enumerate(FIFTHS):
        low, high = limit(k / count, "share", "zh"), limit((k + 1) / count, "share", "zh")
        name = _filled("cells", Text(low, low), Text(high, high))
        yield Layer(f"cell_{k}", Symbol(name, colour, 0.5, colour, 1.0), shapes[classes == k])


def _centrelines(classes: Shapes, shapes: Shapes) -> Iterator[Layer]:
    for road_class in sorted(set(classes.tolist()), key=lambda c: list(ROADS).index(c) if c in ROADS else -1):
        _, width, colour = ROADS.get(road_class, OTHER_ROAD)
        name = _filled("centreline", Text(road_name(road_class, "zh"), road_name(road_class, "en")))
        yield Layer("centreline", Symbol(name, colour, width + 0.6), shapes[classes == road_class])


def _by_minutes(streets: gpd.GeoDataFrame) -> Iterator[Layer]:
    symbols = isochrone_symbols(zip(streets["from_min"], streets["to_min"], strict=True))
    for end, symbol in symbols.items():
        yield Layer("isochrone", symbol, streets.geometry.to_numpy()[streets["to_min"].eq(end).to_numpy()])


def _filled(key: str, *parts: Text) -> Text:
    """Words of the sheets in both languages, their places filled."""
    told = words("sheet")[key]
    return Text(told.zh.format(*(part.zh for part in parts)), told.en.format(*(part.en for part in parts)))
