"""The ranked places beside a map of gaps: missing links, blocks over the limit, arterials that do not run through."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.wording import road_name
from suizhou_geo.outputs.figures.canvas import FAINT, Box, Canvas, line_mm
from suizhou_geo.outputs.figures.map_elements import Cell, row_mm, table
from suizhou_geo.outputs.figures.small_maps import zone_names
from suizhou_geo.outputs.figures.words import say
from suizhou_geo.standards.symbology import BARRIERS
from suizhou_geo.study_area import StudyArea

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

    def draw(self, canvas: Canvas, box: Box) -> None:
        """Draw as many rows as have room, and say how many have none."""
        most = int((box.height - HEAD_MM) / row_mm())
        if most < 1:
            return
        shown = self.rows if len(self.rows) <= most else self.rows[: most - 1]
        place = canvas.heading(box, self.title)
        place = place.below(place.top - 0.6)
        y = table(
            canvas,
            place,
            self.heads,
            [[Cell(text) for text in row] for row in shown],
            widths=self.widths,
            left=self.left,
        )
        if len(shown) < len(self.rows):
            text = say("more_rows", canvas.lang).format(len(self.rows) - len(shown))
            canvas.write(box.x, y - 0.7 * line_mm(6), text, size=6, colour=FAINT)


def list_of(row: Row, area: StudyArea, canvas: Canvas) -> Listing | None:
    """Return the places behind a row's gap; None where its evidence ranks none."""
    evidence = row.evidence
    if evidence is None or "part" not in evidence.columns:
        return None
    links = evidence[evidence["part"].eq("missing_link")]
    if len(links) and "rank" in links.columns:
        return _links(canvas, links.sort_values("rank"))
    if "gain_rank" in evidence.columns and evidence["gain_rank"].notna().any():
        return _blocks(canvas, area, evidence[evidence["gain_rank"].notna()].sort_values("gain_rank"))
    strokes = evidence[evidence["part"].eq("stroke")]
    if len(strokes) and "through" in strokes.columns:
        return _strokes(canvas, strokes.drop_duplicates("stroke"))
    return None


def _links(canvas: Canvas, links: gpd.GeoDataFrame) -> Listing:
    lang = canvas.lang
    rows = [
        (
            f"{int(row['rank'])}",
            _street(canvas, row["street"], row["road_class"]),
            _street(canvas, row["to_street"], row["to_class"]),
            _barrier(canvas, row.get("crosses"), row.get("crosses_names")),
            _whole(row["link_m"]),
            _whole(row["persons"]),
        )
        for row in links.to_dict("records")
    ]
    heads = tuple(say(key, lang) for key in ("rank", "street", "leads_to", "across", "length_m", "persons"))
    ranked = _ranked(links["rank"], links)
    return Listing(say("links", lang), heads, (0.6, 2.4, 2.4, 2.0, 1.1, 1.3), 4, tuple(rows), ranked)


def _blocks(canvas: Canvas, area: StudyArea, blocks: gpd.GeoDataFrame) -> Listing:
    lang = canvas.lang
    names = dict(zip(area.zones.index, zone_names(area, canvas), strict=True))
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


def _strokes(canvas: Canvas, strokes: gpd.GeoDataFrame) -> Listing:
    lang = canvas.lang
    ordered = strokes.sort_values(["through", "share_of_extent"], ascending=False, kind="stable")
    rows = [
        (
            _street(canvas, row["name"], "arterial"),
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


def _street(canvas: Canvas, name: object, road_class: object) -> str:
    """A street by its name; by its class where it has none, or none that can be drawn."""
    if isinstance(name, str) and name.strip() and canvas.fonts.drawable(" ".join(name.split())):
        return name
    return road_name(road_class, canvas.lang) if isinstance(road_class, str) else say("unnamed", canvas.lang)


def _barrier(canvas: Canvas, kinds: object, names: object) -> str:
    """What a link has to cross: by its name, or by its kind."""
    if isinstance(names, str) and names.strip() and canvas.fonts.drawable(" ".join(names.split())):
        return names
    found = [kind.strip() for kind in kinds.split(",")] if isinstance(kinds, str) else []
    told = [BARRIERS[kind].name.speak(canvas.lang) for kind in found if kind in BARRIERS]
    return ", ".join(told) or say("none", canvas.lang)


def _whole(value: object) -> str:
    return f"{value:,.0f}" if isinstance(value, int | float) and np.isfinite(value) else "—"
