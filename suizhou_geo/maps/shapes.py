"""What the web map draws on top of the zones: shapes as GeoJSON text in degrees, with their style and legend.

Shapes are simplified for display only, moved from the working CRS to WGS 84 degrees and rounded to six decimals (a
tenth of a metre). Crowds are joined into one shape per class; only parks and facilities keep a name each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from suizhou_geo.maps.words import say
from suizhou_geo.model import StudyArea
from suizhou_geo.standards import table
from suizhou_geo.wording import Lang

Shapes = npt.NDArray[np.object_]
Json = dict[str, Any]

DECIMALS = 6
LEAST_MARGIN_M = 500.0
MARGIN_SHARE = 0.25
VEIL_DEGREES = 20.0

# road class -> (colour on the base, width in pixels, colour as a measured centreline), minor roads first
ROADS: Mapping[str, tuple[str, float, str]] = {
    "service": ("#c9c5be", 0.6, "#fee6ce"),
    "pedestrian": ("#c9c5be", 0.8, "#fee6ce"),
    "local": ("#b8b3ab", 0.8, "#fdd0a2"),
    "branch": ("#a19b92", 1.2, "#fdae6b"),
    "secondary": ("#8d867c", 1.8, "#f16913"),
    "arterial": ("#6f685f", 2.6, "#d94801"),
    "expressway": ("#5a4a3f", 3.2, "#8c2d04"),
    "motorway": ("#5a4a3f", 3.6, "#4a1486"),
}
OTHER_ROAD = ("#b8b3ab", 0.8, "#fdd0a2")
# facilities by the minutes of their circle (0: none)
CIRCLES: Mapping[int, str] = {15: "#0072b2", 10: "#e69f00", 5: "#009e73", 0: "#cc79a7"}
EVIDENCE_STYLES: Mapping[str, Json] = {
    "service_area": {"color": "#005a32", "weight": 1.5, "dashArray": "5 4", "fillColor": "#41ab5d", "fillOpacity": 0.1},
    "covered": {"color": "#737373", "weight": 0.7, "fillColor": "#f7f7f7", "fillOpacity": 0.65},
    "uncovered": {"color": "#8c2d04", "weight": 1.0, "fillColor": "#e6550d", "fillOpacity": 0.8},
    "park": {"color": "#00441b", "weight": 2.0, "fillColor": "#238b45", "fillOpacity": 0.85},
    "construction_land": {"color": "#6b4f2a", "weight": 1.0, "fillColor": "#bf9b6f", "fillOpacity": 0.45},
    "centreline": {"color": "#d94801", "weight": 2.0},
    "other": {"color": "#404040", "weight": 1.5, "fillColor": "#808080", "fillOpacity": 0.3},
}
BARRIERS: Mapping[str, tuple[int, Json]] = {
    "river": (12, {"color": "#4a90c2", "weight": 2.2, "fillColor": "#8ec1e6", "fillOpacity": 0.95}),
    "railway": (40, {"color": "#262626", "weight": 2.6, "dashArray": "10 3"}),
    "motorway": (38, {"color": "#4a1486", "weight": 3.0}),
    "wall": (42, {"color": "#7f3b08", "weight": 1.4, "dashArray": "2 3"}),
}
EVIDENCE_LAYERS = (
    *("uncovered", "cell", "centreline", "covered", "park", "service_area", "construction_land", "other"),
)
SHOWN_EVIDENCE = ("uncovered", "cell", "centreline", "other")
OTHER_PARTS: Mapping[str, Json] = {  # evidence of single measures, with its own legend
    "block": {},
    "missing_link": {"color": "#cb181d", "weight": 5.0},
    "dead_end": {"color": "#67000d", "weight": 8.0},
    "explained_end": {"color": "#969696", "weight": 6.0},
    "gap_repaired": {"color": "#238b45", "weight": 4.0},
    "named_road": {"color": "#54278f", "weight": 3.5},
    "stroke": {"color": "#54278f", "weight": 3.0},
    "break": {"color": "#cb181d", "weight": 6.0},
}
NOT_DRAWN = "zone"  # the zones themselves


@dataclass(frozen=True)
class Drawing:
    """How shapes become GeoJSON text: from which CRS, within which frame (lines are cut there), how much simplified."""

    to_degrees: Transformer
    frame: tuple[float, float, float, float]
    tolerance_m: float

    def degrees(self, shapes: Shapes) -> Shapes:
        """Return shapes in WGS 84 degrees, rounded, without heights."""

        def moved(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            return np.column_stack(self.to_degrees.transform(xy[:, 0], xy[:, 1])).round(DECIMALS)

        return np.asarray(shapely.transform(shapes, moved), dtype=object)

    def joined(self, shapes: Shapes) -> list[str]:
        """Return shapes near the zones as at most three geometries: all points, all lines, all areas."""
        parts = shapely.get_parts(shapes[~shapely.is_missing(shapes)])
        parts = parts[self.near(parts)]
        dimension = shapely.get_dimensions(parts)
        lines = shapely.get_parts(shapely.clip_by_rect(parts[dimension == 1], *self.frame))
        lines = shapely.simplify(lines[shapely.get_dimensions(lines) == 1], self.tolerance_m, preserve_topology=False)
        areas = shapely.get_parts(shapely.clip_by_rect(parts[dimension == 2], *self.frame))
        areas = shapely.get_parts(shapely.simplify(areas[shapely.get_dimensions(areas) == 2], self.tolerance_m))
        kinds = (
            (shapely.multipoints, parts[dimension == 0]),
            (shapely.multilinestrings, lines),
            (shapely.multipolygons, areas),
        )
        return self.single(np.array([join(some) for join, some in kinds if len(some)], dtype=object))

    def single(self, shapes: Shapes) -> list[str]:
        """Return each shape as a geometry of its own, as it is."""
        return [str(text) for text in shapely.to_geojson(self.degrees(shapes))]

    def near(self, shapes: Shapes) -> npt.NDArray[np.bool_]:
        """Say which shapes reach into the frame; empty ones do not."""
        west, south, east, north = shapely.bounds(shapes).T
        there = (west <= self.frame[2]) & (east >= self.frame[0]) & (south <= self.frame[3]) & (north >= self.frame[1])
        return np.asarray(there)


def drawing_of(area: StudyArea, tolerance_m: float) -> Drawing:
    """Return how to draw a study area: its frame is the zones and a margin round them."""
    west, south, east, north = area.zones.total_bounds.tolist()
    margin_m = max(LEAST_MARGIN_M, MARGIN_SHARE * max(east - west, north - south))
    return Drawing(
        to_degrees=Transformer.from_crs(area.crs, CRS.from_epsg(4326), always_xy=True),
        frame=(west - margin_m, south - margin_m, east + margin_m, north + margin_m),
        tolerance_m=tolerance_m,
    )


def _piece(z: int, style: Json, shapes: Sequence[str], *, legend: str = "", swatch: str = "fill") -> Json:
    return {"z": z, "style": style, "g": list(shapes), "legend": legend, "swatch": swatch}


def overlay_pieces(area: StudyArea, drawing: Drawing, lang: Lang) -> dict[str, list[Json]]:
    """Return parks, barriers, roads and facilities as pieces, those of them that have any near the zones."""
    drawn = {
        "parks": _parks(area.parks, drawing, lang),
        "barriers": _barriers(area.barriers, drawing, lang),
        "roads": _roads(area.roads, drawing, lang),
        "facilities": _facilities(area.facilities, drawing, lang),
    }
    return {name: pieces for name, pieces in drawn.items() if pieces}


def _parks(parks: gpd.GeoDataFrame | None, drawing: Drawing, lang: Lang) -> list[Json]:
    if parks is None:
        return []
    result = []
    shapes, is_open = parks.geometry.to_numpy(), parks["open_public"].to_numpy(dtype=bool)
    for z, legend, chosen in ((11, "legend_parks", is_open), (10, "legend_closed", ~is_open)):
        chosen = chosen & drawing.near(shapes)
        if not chosen.any():
            continue
        style = {"color": "#2b7a3d", "weight": 0.8, "fillColor": "#67b26f", "fillOpacity": 0.75}
        if legend == "legend_closed":
            style |= {"fillOpacity": 0.25, "dashArray": "3 3"}
        texts = drawing.single(shapely.simplify(shapes[chosen], drawing.tolerance_m))
        names = [_text(name) or say("parks", lang) for name in parks["name"][chosen]]
        items = [list(pair) for pair in zip(texts, names, strict=True)]
        result.append({**_piece(z, style, [], legend=say(legend, lang)), "items": items})
    return result


def _barriers(barriers: gpd.GeoDataFrame | None, drawing: Drawing, lang: Lang) -> list[Json]:
    if barriers is None:
        return []
    result = []
    for kind in barriers["kind"].unique():
        z, style = BARRIERS.get(kind, BARRIERS["wall"])
        texts = drawing.joined(barriers.geometry.to_numpy()[(barriers["kind"] == kind).to_numpy()])
        if texts:
            legend = say(f"legend_{kind}", lang) if kind in BARRIERS else str(kind)
            result.append(_piece(z, style, texts, legend=legend, swatch="fill" if kind == "river" else "line"))
    return result


def _roads(roads: gpd.GeoDataFrame | None, drawing: Drawing, lang: Lang) -> list[Json]:
    if roads is None:
        return []
    result = []
    classes, shapes = roads["road_class"].to_numpy(), roads.geometry.to_numpy()
    for k, (road_class, (colour, weight, _)) in enumerate(_road_styles(classes).items()):
        texts = drawing.joined(shapes[classes == road_class])
        if texts:
            style = {"color": colour, "weight": weight, "opacity": 0.95}
            result.append(_piece(30 + k, style, texts, legend=_road_name(road_class, lang), swatch="line"))
    return result[::-1]


def _facilities(facilities: gpd.GeoDataFrame | None, drawing: Drawing, lang: Lang) -> list[Json]:
    if facilities is None:
        return []
    categories = table("life_circles")["categories"]
    places = shapely.point_on_surface(facilities.geometry.to_numpy())
    near = drawing.near(places)
    minutes = np.array([categories.get(c, {}).get("circle_min", 0) for c in facilities["category"]], dtype=int)
    result = []
    for circle, colour in CIRCLES.items():
        chosen = near & (minutes == circle)
        if not chosen.any():
            continue
        kinds = [categories.get(c, {}).get(f"name_{lang}", str(c)) for c in facilities["category"][chosen]]
        names = [_text(name) for name in facilities["name"][chosen]]
        labels = [
            f"{kind}{say('colon', lang)}{name}" if name else kind for kind, name in zip(kinds, names, strict=True)
        ]
        items = [list(pair) for pair in zip(drawing.single(places[chosen]), labels, strict=True)]
        legend = say("legend_circle" if circle else "legend_facility", lang).format(minutes=circle)
        style = {"radius": 4.5, "color": "#ffffff", "weight": 1, "fillColor": colour, "fillOpacity": 1}
        result.append({**_piece(70, style, [], legend=legend, swatch="dot"), "items": items})
    return result


def evidence_pieces(evidence: gpd.GeoDataFrame, drawing: Drawing, lang: Lang) -> list[Json]:
    """Return the pieces behind a measure, by the column `part` of its evidence; each names the overlay it is for."""
    parts = evidence["part"].map(_text).to_numpy() if "part" in evidence.columns else np.full(len(evidence), "")
    shapes = evidence.geometry.to_numpy()
    result = []
    for part in dict.fromkeys(parts.tolist()):
        chosen = parts == part
        overlay = part if part in EVIDENCE_STYLES else "other"
        if part == NOT_DRAWN:
            continue
        if overlay == "centreline" and "road_class" in evidence.columns:
            pieces = _centrelines(evidence["road_class"].to_numpy()[chosen], shapes[chosen], drawing, lang)
        else:
            texts = drawing.joined(shapes[chosen])
            named = overlay != "other" or part in OTHER_PARTS
            legend = say(f"legend_{part}", lang) if named else part.replace("_", " ") or say("legend_other", lang)
            flat = shapely.get_dimensions(shapes[chosen]) < 2
            swatch = "line" if flat.all() else "fill"
            z = 20 + EVIDENCE_LAYERS[::-1].index(overlay)
            pieces = (
                [_piece(z, EVIDENCE_STYLES[overlay] | OTHER_PARTS.get(part, {}), texts, legend=legend, swatch=swatch)]
                if texts
                else []
            )
        result += [{**piece, "overlay": overlay} for piece in pieces]
    return result


def _centrelines(classes: npt.NDArray[np.object_], shapes: Shapes, drawing: Drawing, lang: Lang) -> list[Json]:
    result = []
    for k, (road_class, (_, weight, colour)) in enumerate(_road_styles(classes).items()):
        texts = drawing.joined(shapes[classes == road_class])
        if texts:
            legend = f"{say('legend_centreline', lang)} {_road_name(road_class, lang)}"
            style = {"color": colour, "weight": weight + 0.8}
            result.append(_piece(60 + k, style, texts, legend=legend, swatch="line"))
    return result[::-1]


def surroundings(area: StudyArea, drawing: Drawing) -> list[Json]:
    """Return the veil over everything outside the zones, and the borders of the zones."""
    shapes = shapely.simplify(area.zones.geometry.to_numpy(), drawing.tolerance_m)
    rings = shapely.get_rings(shapely.get_parts(shapely.union_all(area.zones.geometry.to_numpy())))
    rings = drawing.degrees(shapely.simplify(rings, drawing.tolerance_m))
    west, south, east, north = shapely.total_bounds(rings)
    wide = VEIL_DEGREES
    outer = shapely.box(west - wide, max(south - wide, -85.0), east + wide, min(north + wide, 85.0)).exterior
    veil = shapely.to_geojson(shapely.Polygon(outer, rings))
    border = drawing.single(
        np.array([shapely.multilinestrings(shapely.get_parts(shapely.boundary(shapes)))], dtype=object)
    )
    return [
        _piece(50, {"stroke": False, "fillColor": "#f4f2ee", "fillOpacity": 0.72}, [str(veil)]),
        _piece(55, {"color": "#ffffff", "weight": 4.5, "opacity": 0.8}, border),
        _piece(56, {"color": "#3a3a3a", "weight": 1.8, "dashArray": "9 4 2 4"}, border),
    ]


def _road_styles(classes: npt.NDArray[np.object_]) -> dict[str, tuple[str, float, str]]:
    """Return the styles of the classes there are, minor first; a class a planner added is drawn like a local street."""
    there = set(classes.tolist())
    added = sorted(str(road_class) for road_class in there - set(ROADS))
    return {**dict.fromkeys(added, OTHER_ROAD), **{c: style for c, style in ROADS.items() if c in there}}


def _road_name(road_class: str, lang: Lang) -> str:
    return str(table("road_classes")["classes"].get(road_class, {}).get(f"name_{lang}", road_class))


def _text(value: object) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value).strip()
