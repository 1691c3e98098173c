"""The ranked places beside a map of gaps: missing links, blocks over the limit, arterials that do not run through."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.model import Measure
from suizhou_geo.outputs.figures.canvas import FAINT, Box, Paper, line_mm
from suizhou_geo.outputs.figures.context import Material
from suizhou_geo.outputs.figures.map_elements import Cell, row_mm, table
from suizhou_geo.outputs.figures.words import say
from suizhou_geo.standards import table as definitions
from suizhou_geo.standards.symbology import BARRIERS

HEAD_MM = 13.0


@dataclass(frozen=True, eq=False)
class Listing:
    """A table of places, the most urgent first, its first `left` columns being words; `ranked` are numbered on the map."""

    title: str
    heads: tuple[str, ...]
    widths: tuple[float, ...]
    left: int
    rows: tuple[tuple[str, ...], ...]
    ranked: tuple[tuple[int, shapely.Geometry], ...]

    def draw(self, paper: Paper, box: Box) -> None:
        """Draw as many rows as have room, and say how many have none."""
        most = int((box.height - HEAD_MM) / row_mm())
        if most < 1:
            return
        shown = self.rows if len(self.rows) <= most else self.rows[: most - 1]
        title = paper.letters.clipped(self.title, box.width, 7, bold=True)
        paper.write(box.x, box.top - line_mm(7) + 1.2, title, size=7, bold=True)
        rows = [[Cell(text) for text in row] for row in shown]
        place = Box(box.x, box.y, box.width, box.height - line_mm(7) - 0.6)
        y = table(paper, place, self.heads, rows, widths=self.widths, left=self.left)
        if len(shown) < len(self.rows):
            text = say("more_rows", paper.lang).format(len(self.rows) - len(shown))
            paper.write(box.x, y - 0.7 * line_mm(6), text, size=6, colour=FAINT)


def list_of(material: Material, measure: Measure) -> Listing | None:
    """Return the places behind a measure's gap; None where its evidence ranks none."""
    evidence = measure.evidence
    if evidence is None or "part" not in evidence.columns:
        return None
    links = evidence[evidence["part"].eq("missing_link")]
    if len(links) and "rank" in links.columns:
        return _links(material, links.sort_values("rank"))
    if "gain_rank" in evidence.columns and evidence["gain_rank"].notna().any():
        return _blocks(material, evidence[evidence["gain_rank"].notna()].sort_values("gain_rank"))
    strokes = evidence[evidence["part"].eq("stroke")]
    if len(strokes) and "through" in strokes.columns:
        return _strokes(material, strokes.drop_duplicates("stroke"))
    return None


def _links(material: Material, links: gpd.GeoDataFrame) -> Listing:
    lang = material.lang
    rows = [
        (
            f"{int(row['rank'])}",
            _street(material, row["street"], row["road_class"]),
            _street(material, row["to_street"], row["to_class"]),
            _barrier(material, row.get("crosses"), row.get("crosses_names")),
            _whole(row["link_m"]),
            _whole(row["persons"]),
        )
        for row in links.to_dict("records")
    ]
    heads = tuple(say(key, lang) for key in ("rank", "street", "leads_to", "across", "length_m", "persons"))
    ranked = _ranked(links["rank"], links)
    return Listing(say("links", lang), heads, (0.6, 2.4, 2.4, 2.0, 1.1, 1.3), 4, tuple(rows), ranked)


def _blocks(material: Material, blocks: gpd.GeoDataFrame) -> Listing:
    lang, zones = material.lang, material.study.area.zones
    names = dict(zip(zones.index, material.zone_names, strict=True))
    rows = [
        (
            f"{int(row['gain_rank'])}",
            names.get(row["zone_id"], ""),
            f"{row['area_ha']:.1f}",
            _whole(row["longest_side_m"]),
            _whole(row["persons"]),
        )
        for row in blocks.to_dict("records")
    ]
    heads = tuple(say(key, lang) for key in ("rank", "zone", "area_ha", "side_m", "people"))
    return Listing(
        say("blocks", lang), heads, (0.7, 2.4, 1.2, 1.2, 1.2), 2, tuple(rows), _ranked(blocks["gain_rank"], blocks)
    )


def _strokes(material: Material, strokes: gpd.GeoDataFrame) -> Listing:
    lang = material.lang
    ordered = strokes.sort_values(["through", "share_of_extent"], ascending=False, kind="stable")
    rows = [
        (
            _street(material, row["name"], "arterial"),
            say(row["direction"], lang) if row["direction"] in _DIRECTIONS else "",
            f"{row['length_m'] / 1000:.1f}",
            f"{row['share_of_extent']:.0%}",
            say("yes" if row["through"] else "no", lang),
        )
        for row in ordered.to_dict("records")
    ]
    heads = tuple(say(key, lang) for key in ("street", "direction", "length_km", "share", "through"))
    return Listing(say("strokes", lang), heads, (2.6, 1.1, 1.1, 1.2, 1.0), 2, tuple(rows), ())


_DIRECTIONS = ("north_south", "east_west", "diagonal")


def _ranked(ranks: pd.Series, rows: gpd.GeoDataFrame) -> tuple[tuple[int, shapely.Geometry], ...]:
    return tuple((int(rank), shape) for rank, shape in zip(ranks, rows.geometry, strict=True))


def _street(material: Material, name: object, road_class: object) -> str:
    """A street by its name; by its class where it has none, or none that can be drawn."""
    if isinstance(name, str) and name.strip() and material.letters.drawable(" ".join(name.split())):
        return material.own(name)
    words = definitions("road_classes")["classes"].get(road_class, {})
    return str(words.get(f"name_{material.lang}", say("unnamed", material.lang)))


def _barrier(material: Material, kinds: object, names: object) -> str:
    """What a link has to cross: by its name, or by its kind."""
    if isinstance(names, str) and names.strip() and material.letters.drawable(" ".join(names.split())):
        return material.own(names)
    found = [kind.strip() for kind in kinds.split(",")] if isinstance(kinds, str) else []
    told = [BARRIERS[kind].name.speak(material.lang) for kind in found if kind in BARRIERS]
    return ", ".join(told) or say("none", material.lang)


def _whole(value: object) -> str:
    return f"{value:,.0f}" if isinstance(value, int | float) and np.isfinite(value) else "—"
