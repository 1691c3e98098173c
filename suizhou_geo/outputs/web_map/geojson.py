"""What the web map draws on top of the zones: shapes as GeoJSON text in degrees, with their style and legend.

Shapes are simplified for display only, moved from the working CRS to WGS 84 degrees and rounded to six decimals (a
tenth of a metre): none lies more than DRIFT_M from its true line. Crowds are joined into one shape per class; only parks
and facilities keep a name each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Transformer

from suizhou_geo.assessment.wording import name_of, road_name
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import Lang
from suizhou_geo.geometry.arrays import Bools, Floats, Ints, Shapes
from suizhou_geo.geometry.crs import moving
from suizhou_geo.standards import symbology, table
from suizhou_geo.standards.symbology import Symbol, symbols
from suizhou_geo.study_area import StudyArea

Json = dict[str, Any]

DRIFT_M = 2.0  # of what is drawn from what is there, all told
TOLERANCE_M = 1.5  # of simplification
STRAIGHT_M = 2000.0  # longer lines get points between: straight in metres, they bend in degrees, by 0.2 m over as much
DECIMALS = 6
LEAST_MARGIN_M = 500.0
MARGIN_SHARE = 0.25
VEIL_DEGREES = 20.0

_ORDERS = table("symbology")["map"]
EVIDENCE_ORDER: Mapping[str, int] = _ORDERS["evidence"]
HIDDEN_AT_FIRST: Sequence[str] = _ORDERS["hidden_at_first"]
BARRIER_ORDER: Mapping[str, int] = _ORDERS["barriers"]
ONLY_HERE = symbols(_ORDERS["symbols"])
Z = {
    "fill": 24,
    "line": 45,
    "dot": 45,
}  # of evidence without a place in the order: areas below the streets, the rest above
NOT_DRAWN = "zone"  # the zones themselves
OTHER = "other"  # the overlay of parts that have no symbol
ZONE_BORDER = {"color": "#3a3a3a", "weight": 1.8, "dashArray": "9 4 2 4"}
FACILITY = {"radius": 4.5, "color": "#ffffff", "weight": 1, "fillOpacity": 1}
STUBS = ("dead_end", "explained_end")  # lines of a metre, from where a street ends: drawn as a dot there

_say = speaker("map")


@dataclass(frozen=True)
class Drawing:
    """How shapes become GeoJSON text: from which CRS, and within which frame (lines are cut there)."""

    to_degrees: Transformer
    frame: tuple[float, float, float, float]

    def degrees(self, shapes: Shapes) -> Shapes:
        """Return shapes in WGS 84 degrees, rounded, without heights."""

        def moved(xy: Floats) -> Floats:
            return np.column_stack(self.to_degrees.transform(xy[:, 0], xy[:, 1])).round(DECIMALS)

        return np.asarray(shapely.transform(shapes, moved), dtype=object)

    def joined(self, shapes: Shapes) -> list[str]:
        """Return shapes near the zones as at most three geometries: all points, all lines, all areas."""
        parts = shapely.get_parts(shapes[~shapely.is_missing(shapes)])
        parts = parts[self.near(parts)]
        dimension = shapely.get_dimensions(parts)
        areas = shapely.get_parts(shapely.clip_by_rect(parts[dimension == 2], *self.frame))
        areas = shapely.get_parts(simplified(areas[shapely.get_dimensions(areas) == 2]))
        kinds = (
            (shapely.multipoints, parts[dimension == 0]),
            (shapely.multilinestrings, self.lines(parts[dimension == 1])[0]),
            (shapely.multipolygons, areas),
        )
        return self.single(np.array([join(some) for join, some in kinds if len(some)], dtype=object))

    def lines(self, shapes: Shapes) -> tuple[Shapes, Ints]:
        """Return the simplified parts of lines inside the frame, in order, and the line each is part of."""
        parts, line = shapely.get_parts(shapely.clip_by_rect(shapes, *self.frame), return_index=True)
        long = shapely.get_dimensions(parts) == 1
        return simplified(parts[long]), line[long]

    def single(self, shapes: Shapes) -> list[str]:
        """Return each shape as a geometry of its own, as it is."""
        return [str(text) for text in shapely.to_geojson(self.degrees(shapes))]

    def near(self, shapes: Shapes) -> Bools:
        """Say which shapes reach into the frame; empty ones do not."""
        west, south, east, north = shapely.bounds(shapes).T
        there = (west <= self.frame[2]) & (east >= self.frame[0]) & (south <= self.frame[3]) & (north >= self.frame[1])
        return np.asarray(there)


def simplified(shapes: Shapes) -> Shapes:
    """Return shapes with as few points as display needs, where the parts of one do not touch."""
    return np.asarray(shapely.segmentize(shapely.simplify(shapes, TOLERANCE_M), STRAIGHT_M), dtype=object)


def drawing_of(area: StudyArea) -> Drawing:
    """Return how to draw a study area: its frame is the zones and a margin round them."""
    west, south, east, north = area.zones.total_bounds.tolist()
    margin_m = max(LEAST_MARGIN_M, MARGIN_SHARE * max(east - west, north - south))
    return Drawing(
        to_degrees=moving(area.crs, CRS.from_epsg(4326)),
        frame=(west - margin_m, south - margin_m, east + margin_m, north + margin_m),
    )


def style_of(symbol: Symbol) -> Json:
    """Return a symbol as Leaflet's path options."""
    style: Json = {"color": symbol.stroke, "weight": symbol.width_px}
    if symbol.fill:
        style |= {"fillColor": symbol.fill, "fillOpacity": symbol.opacity}
    if symbol.dash_px:
        style["dashArray"] = " ".join(f"{d:g}" for d in symbol.dash_px)
    return style


def dot_of(symbol: Symbol) -> Json:
    """Return a symbol as the path options of a dot with a white rim."""
    rim = {"radius": symbol.width_px / 2 + 1, "color": "#ffffff", "weight": 1.5}
    return {**rim, "fillColor": symbol.stroke, "fillOpacity": 1.0}


def look_of(symbol: Symbol, shapes: Shapes) -> tuple[Json, str]:
    """Return how shapes are drawn in a symbol, and how the legend shows it: points as dots, then lines, then areas."""
    dimension = int(shapely.get_dimensions(shapes).max(initial=-1))
    return (dot_of(symbol), "dot") if dimension == 0 else (style_of(symbol), "fill" if dimension == 2 else "line")


def piece(z: float, style: Json, shapes: Sequence[str], *, legend: str = "", swatch: str = "fill") -> Json:
    """Return what is drawn in one style: `z` is its place in the drawing order, `swatch` how the legend shows it."""
    return {"z": z, "style": style, "g": list(shapes), "legend": legend, "swatch": swatch}


def base_pieces(area: StudyArea, drawing: Drawing, lang: Lang) -> dict[str, list[Json]]:
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
    for z, key, chosen in ((11, "open_park", is_open), (10, "closed_park", ~is_open)):
        symbol, chosen = ONLY_HERE[key], chosen & drawing.near(shapes)
        if not chosen.any():
            continue
        texts = drawing.single(simplified(shapes[chosen]))
        names = [name_of(name) for name in parks["name"][chosen]]
        items = [[shape, name or _say("parks", lang), name] for shape, name in zip(texts, names, strict=True)]
        result.append({**piece(z, style_of(symbol), [], legend=symbol.name.speak(lang)), "items": items})
    return result


def _barriers(barriers: gpd.GeoDataFrame | None, drawing: Drawing, lang: Lang) -> list[Json]:
    if barriers is None:
        return []
    result = []
    for kind in barriers["kind"].unique():
        symbol = symbology.BARRIERS.get(kind, symbology.BARRIERS["wall"])
        texts = drawing.joined(barriers.geometry.to_numpy()[(barriers["kind"] == kind).to_numpy()])
        if texts:
            legend = symbol.name.speak(lang) if kind in symbology.BARRIERS else str(kind)
            z = BARRIER_ORDER.get(kind, BARRIER_ORDER["wall"])
            result.append(piece(z, style_of(symbol), texts, legend=legend, swatch="fill" if symbol.fill else "line"))
    return result


def _roads(roads: gpd.GeoDataFrame | None, drawing: Drawing, lang: Lang) -> list[Json]:
    """Return the roads by class; `streets` of a piece says which of its lines bear which name: (name, first, number)."""
    if roads is None:
        return []
    result = []
    classes, names = roads["road_class"].to_numpy(), np.array([name_of(name) for name in roads["name"]], dtype=object)
    for k, (road_class, (colour, weight, _)) in enumerate(road_styles(classes).items()):
        rows = np.flatnonzero(classes == road_class)
        rows = rows[np.argsort(names[rows].astype(str), kind="stable")]
        lines, line = drawing.lines(roads.geometry.to_numpy()[rows])
        if not len(lines):
            continue
        style = {"color": colour, "weight": weight, "opacity": 0.95}
        shape = drawing.single(np.array([shapely.multilinestrings(lines)], dtype=object))
        named, first, number = np.unique(names[rows][line].astype(str), return_index=True, return_counts=True)
        streets = [list(s) for s in zip(named.tolist(), first.tolist(), number.tolist(), strict=True) if s[0]]
        drawn = piece(30 + k, style, shape, legend=road_name(road_class, lang), swatch="line")
        result.append({**drawn, "streets": streets})
    return result[::-1]


def _facilities(facilities: gpd.GeoDataFrame | None, drawing: Drawing, lang: Lang) -> list[Json]:
    """Return the facilities near the zones, one piece per category (`kind` is its name) in the colour of its circle."""
    if facilities is None:
        return []
    places = shapely.point_on_surface(facilities.geometry.to_numpy())
    near, category = drawing.near(places), facilities["category"].to_numpy()
    there = set(category[near])
    known = {key: row for key, row in table("life_circles")["categories"].items() if key in there}
    circles = {key: row.get("circle_min", 0) for key, row in known.items()}
    circles |= dict.fromkeys(sorted(there - set(known), key=str), 0)
    result = []
    for key in sorted(circles, key=lambda key: list(symbology.CIRCLES).index(circles[key])):
        kind, chosen = known.get(key, {}).get(f"name_{lang}", str(key)), near & (category == key)
        names = [name_of(name) for name in facilities["name"][chosen]]
        labels = [f"{kind}{_say('colon', lang)}{name}" if name else kind for name in names]
        items = [list(item) for item in zip(drawing.single(places[chosen]), labels, names, strict=True)]
        legend = _say("legend_circle" if circles[key] else "legend_facility", lang).format(minutes=circles[key])
        style = {**FACILITY, "fillColor": symbology.CIRCLES[circles[key]]}
        result.append({**piece(70, style, [], legend=legend, swatch="dot"), "items": items, "kind": kind})
    return result


def evidence_pieces(evidence: gpd.GeoDataFrame, drawing: Drawing, lang: Lang) -> list[Json]:
    """Return the pieces behind a measure, by the column `part` of its evidence; each names the overlay it is for."""
    parts, shapes = _kinds(evidence), evidence.geometry.to_numpy()
    result = []
    for part in dict.fromkeys(parts.tolist()):
        if part == NOT_DRAWN:
            continue
        chosen = parts == part
        overlay = part if part in symbology.PARTS else OTHER
        if part == "centreline" and "road_class" in evidence.columns:
            pieces = _centrelines(evidence["road_class"].to_numpy()[chosen], shapes[chosen], drawing, lang)
        elif part == "isochrone" and "to_min" in evidence.columns:
            pieces = _by_minutes(evidence[chosen], drawing, lang)
        else:
            symbol, mine = symbology.PARTS.get(part, symbology.OTHER_PART), shapes[chosen]
            if part in STUBS:
                mine = shapely.get_point(mine, 0)
            texts = drawing.joined(mine)
            unknown = part.replace("_", " ") if part not in symbology.PARTS else ""
            style, swatch = look_of(symbol, mine)
            z, legend = EVIDENCE_ORDER.get(part, Z[swatch]), unknown or symbol.name.speak(lang)
            pieces = [piece(z, style, texts, legend=legend, swatch=swatch)] if texts else []
        result += [{**drawn, "overlay": overlay} for drawn in pieces]
    return result


def _kinds(evidence: gpd.GeoDataFrame) -> Shapes:
    """Return the part of each row, told apart where only some rows of a part are a gap."""
    if "part" not in evidence.columns:
        return np.full(len(evidence), "", dtype=object)
    parts = evidence["part"].map(name_of)
    if "through" in evidence.columns:
        parts = parts.mask(parts.eq("stroke") & evidence["through"].eq(False), "short_stroke")
    if "broken" in evidence.columns:
        parts = parts.mask(parts.eq("break") & evidence["broken"].eq(False), "taken_over")
    if "result" in evidence.columns:
        told = parts.eq("sidewalk") & evidence["result"].isin(["passes", "fails"])
        parts = parts.mask(told, "sidewalk_" + evidence["result"].map(name_of))
    return np.asarray(parts, dtype=object)


def overlay_name(overlay: str, lang: Lang) -> str:
    """Return what the layer control calls a part of an evidence."""
    return (
        _say("cell", lang) if overlay == "cell" else symbology.PARTS.get(overlay, symbology.OTHER_PART).name.speak(lang)
    )


def _centrelines(classes: Shapes, shapes: Shapes, drawing: Drawing, lang: Lang) -> list[Json]:
    result = []
    for k, (road_class, (_, weight, colour)) in enumerate(road_styles(classes).items()):
        texts = drawing.joined(shapes[classes == road_class])
        if texts:
            legend = f"{symbology.PARTS['centreline'].name.speak(lang)} {road_name(road_class, lang)}"
            style = {"color": colour, "weight": weight + 0.8}
            result.append(piece(EVIDENCE_ORDER["centreline"] + k / 10, style, texts, legend=legend, swatch="line"))
    return result[::-1]


def _by_minutes(streets: gpd.GeoDataFrame, drawing: Drawing, lang: Lang) -> list[Json]:
    symbols = symbology.isochrone_symbols(zip(streets["from_min"], streets["to_min"], strict=True))
    return [
        piece(
            Z["line"],
            style_of(symbol),
            drawing.joined(streets.geometry.to_numpy()[streets["to_min"].eq(end).to_numpy()]),
            legend=symbol.name.speak(lang),
            swatch="line",
        )
        for end, symbol in symbols.items()
    ]


def surroundings(area: StudyArea, drawing: Drawing, lang: Lang) -> list[Json]:
    """Return the veil over everything outside the zones, and the borders of the zones."""
    shapes = simplified(area.zones.geometry.to_numpy())
    rings = shapely.get_rings(shapely.get_parts(shapely.union_all(area.zones.geometry.to_numpy())))
    rings = drawing.degrees(simplified(rings))
    west, south, east, north = shapely.total_bounds(rings)
    wide = VEIL_DEGREES
    outer = shapely.box(west - wide, max(south - wide, -85.0), east + wide, min(north + wide, 85.0)).exterior
    veil = shapely.to_geojson(shapely.Polygon(outer, rings))
    border = drawing.single(
        np.array([shapely.multilinestrings(shapely.get_parts(shapely.boundary(shapes)))], dtype=object)
    )
    return [
        piece(50, {"stroke": False, "fillColor": symbology.GROUND, "fillOpacity": 0.72}, [str(veil)]),
        piece(55, {"color": "#ffffff", "weight": 4.5, "opacity": 0.8}, border),
        piece(56, ZONE_BORDER, border, legend=_say("zone_border", lang), swatch="line"),
    ]


def road_styles(classes: Shapes) -> dict[str, tuple[str, float, str]]:
    """Return the styles of the classes there are, minor first; a class a planner added is drawn like a local street."""
    there = set(classes.tolist())
    added = sorted(str(road_class) for road_class in there - set(symbology.ROADS))
    return {
        **dict.fromkeys(added, symbology.OTHER_ROAD),
        **{c: style for c, style in symbology.ROADS.items() if c in there},
    }
