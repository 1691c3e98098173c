"""What the evidence of a measure looks like on a map: its rows sorted into layers, each with its symbol and its name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes

from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.wording import limit, road_name
from suizhou_geo.assessment.words import words
from suizhou_geo.errors import LayerError
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Bools, Floats, Shapes
from suizhou_geo.outputs.figures.basemap import KINDS, Basemap, Sample, draw_points, draw_shapes
from suizhou_geo.standards import table
from suizhou_geo.standards.symbology import FIFTHS, OTHER_PART, OTHER_ROAD, PARTS, ROADS, Symbol
from suizhou_geo.study_area import StudyArea

_DRAWN = table("symbology")["sheets"]
GAPS, DOTS, ORDER = _DRAWN["gaps"], _DRAWN["dots"], _DRAWN["order"]
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


def _sorted(evidence: gpd.GeoDataFrame) -> Iterator[Layer]:
    shapes = evidence.geometry.to_numpy()
    parts = evidence["part"].astype(str).to_numpy() if "part" in evidence.columns else np.full(len(evidence), "")
    for part in dict.fromkeys(parts.tolist()):
        chosen = parts == part
        if part in NOT_DRAWN:
            continue
        if part == "cell" and "complied_share" in evidence.columns:
            yield from _fifths(evidence["complied_share"].to_numpy(dtype=float)[chosen], shapes[chosen])
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


def _filled(key: str, *parts: Text) -> Text:
    """Words of the sheets in both languages, their places filled."""
    told = words("sheet")[key]
    return Text(told.zh.format(*(part.zh for part in parts)), told.en.format(*(part.en for part in parts)))
