"""One table of a study file as its file suggests it: columns, codes, coordinates, what is to be asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd

from suizhou_geo.errors import LayerError
from suizhou_geo.errors.text import NOTHING, Text, alike
from suizhou_geo.sources.joined import same_place
from suizhou_geo.sources.new_study.fits import Fit, columns_like, word_in
from suizhou_geo.sources.new_study.seen import Seen
from suizhou_geo.sources.new_study.tables import Folder, Keys, Table
from suizhou_geo.sources.opened import VectorSource, likely_crs
from suizhou_geo.sources.point_tables import located
from suizhou_geo.sources.presets import filled
from suizhou_geo.standards import table
from suizhou_geo.study_area.layers import LAYERS

NO_DENSITY = "administrative"  # outlines over which no density is judged
_MAPPING = ("fields", "values", "preset")
_LEAST_JOINED = 0.5
_FULL_TURN_DEG = 180.0
_SHOWN = 5


def drafted(fit: Fit, folder: Folder) -> Table:
    """Return the table of a layer as its file suggests it, under what an earlier study file says of it."""
    one, layer = fit.seen, fit.layer
    name = layer if layer in ("zones", "population") else f"layers.{layer}"
    said = folder.given.get(name, {})
    keys: Keys = {"path": folder.written(one.path)}
    keys |= {key: part for key, part in (("layer", one.layer), ("sheet", one.sheet)) if part is not None}
    why, lacks, asks = list(fit.why), list(fit.lacks), dict[str, Text]()
    if one.kind == "table":
        more, because, lack = _placed(fit, folder)
        keys, why, lacks = keys | more, [*why, *because], [*lacks, *lack]
    elif "preset" not in fit.keys and one.crs is not None and one.crs.is_geographic and (datum := _published(one)):
        keys["datum"] = datum[0]
        why.append(datum[1])
    if not one.says_crs and "crs" not in said:
        keys["crs"] = likely_crs(one.rows) or "" if isinstance(one.rows, gpd.GeoDataFrame) else ""
        lacks.insert(0, _asks_for_crs(keys["crs"]))
    keys |= fit.keys
    if fit.left_out:
        shown = Text("、".join(fit.left_out[:_SHOWN]), ", ".join(fit.left_out[:_SHOWN]))
        asks["values"] = Text(
            f'这些值不认识，先略去（""）：{shown.zh}；是哪一类就写哪一类',
            f'these values are not known and left out (""): {shown.en}; write what they are',
        )
    if layer not in ("zones", "population") and (not said or "complete" in said):
        keys["complete"] = False
        asks["complete"] = Text("齐全吗？齐全就改为 true", "does it hold everything there is? then say true")
    asks = {key: ask for key, ask in asks.items() if key not in said or said[key] == keys.get(key)}
    if set(_MAPPING) & said.keys():  # a mapping that a planner wrote is not mixed with ours
        keys = {key: value for key, value in keys.items() if key not in _MAPPING}
        lacks = []
    degrees = one.kind == "table" or one.path.suffix.lower() in (".kml", ".kmz")
    unsure = degrees and not {"datum", "preset", "join", "crs"} & {*keys, *said}
    doubt = lacks[0] if lacks else NOTHING
    return Table(name, keys | dict(said), tuple(why), asks, doubt=doubt, seen=one, unsure_datum=unsure)


def drafted_zones(fit: Fit, folder: Folder) -> Table:
    """Return the table of the zones: what their outlines stand for as far as a name says it, else what decides no density."""
    zones, columns = drafted(fit, folder), fit.seen.columns
    if "role" not in {*zones.keys.get("fields", {}), *columns} and len(fit.seen) > 1:
        ask = Text(
            "哪些分区是主城（main_city）、哪些是片区（district）？把写明的列写进 fields 的 role；没有就都当作主城",
            "which zones are the main city (main_city), which are districts? name the column as role under fields; without one "
            "all are the main city",
        )
        zones = zones.asking("role", ask)
    said = zones.keys.get("boundary")
    for name in (fit.seen.inner, fit.seen.path.stem, *columns):
        for meaning, words in table("file_kinds")["boundary"].items():
            if (word := word_in(name, words)) and said in (None, meaning):
                why = Text(f"“{word}” → boundary", f"{word!r} → boundary")
                return replace(zones, keys={**zones.keys, "boundary": meaning}, why=(*zones.why, why))
    if said not in (None, NO_DENSITY):
        return zones
    ask = Text(
        "范围线是什么？建成区 built_up、城市建设用地 construction_land、城区范围 urban_range、"
        "城镇开发边界 development_boundary；先按行政界线 administrative，密度不作结论",
        "what do the outlines stand for? built_up, construction_land, urban_range, development_boundary; until then "
        "administrative, over which no density is judged",
    )
    return replace(zones.asking("boundary", ask), keys={**zones.keys, "boundary": NO_DENSITY})


def _asks_for_crs(likely: str) -> Text:
    if not likely:
        return Text("文件没有写明坐标系；是哪一个？", "it does not say its coordinate system; which is it?")
    return Text(
        f"文件没有写明坐标系；坐标看来是 {likely}，对吗？",
        f"it does not say its coordinate system, which looks like {likely}; is it?",
    )


def _placed(fit: Fit, folder: Folder) -> tuple[Keys, list[Text], list[Text]]:
    """Where the rows of a table lie: columns of coordinates, or shapes of another file that they name; why; what lacks."""
    one, rows = fit.seen, fit.seen.rows
    if rows is None:
        return {}, [], []
    preset = filled(VectorSource(one.path, preset=fit.keys.get("preset")), rows.columns)
    words = table("file_kinds")["coordinates"]
    x, y = (preset.x, preset.y) if preset.x else (columns_like(rows.columns, words[axis]) for axis in ("x", "y"))
    try:
        shapes, _, _ = located(rows, x=x, y=y, what=alike(one.path.name))
    except LayerError as error:
        if x is not None and y is not None:
            return {"x": x, "y": y}, [], [error.said]
        if "Polygon" in LAYERS[fit.layer].kinds and (join := _join(one, folder)):
            return join[0], [join[1]], []
        lack = Text("没有坐标列，也没有名称对得上的图形", "it has neither coordinates nor shapes of the same names")
        return {}, [], [lack]
    keys: Keys = {} if preset.x or x is None or y is None else {"x": x, "y": y}
    because = [Text(f"列“{x}”“{y}” → 坐标", f"columns {x!r}, {y!r} → coordinates")] if keys else []
    if np.abs(gpd.GeoSeries(shapes).total_bounds).max() > _FULL_TURN_DEG:
        keys["crs"] = likely_crs(gpd.GeoDataFrame(geometry=shapes)) or ""
        lack = Text("坐标是米：是哪个坐标系？写在 crs", "the coordinates are metres: of which system? say it as crs")
        return keys, because, [lack]
    if "preset" not in fit.keys and (datum := _named_datum(filter(None, (x, y))) or _published(one)):
        return keys | {"datum": datum[0]}, [*because, datum[1]], []
    return keys, because, []


def _named_datum(columns: Iterable[str]) -> tuple[str, Text] | None:
    """The map shift that the names of the columns of coordinates tell (gcj02_lng)."""
    for column in columns:
        for datum, words in table("map_shift")["named"].items():
            if any(word in column.lower() for word in words):
                return datum, Text(f"列名“{column}” → datum", f"column {column!r} → datum")
    return None


def _published(seen: Seen) -> tuple[str, Text] | None:
    """The map shift of a publisher, known by the columns of its files."""
    there = set(seen.columns)
    entries = (entry for entry in table("map_shift")["publishers"] if there.issuperset(entry["columns"]))
    return next(((entry["datum"], alike(f"{entry['name']} → datum")) for entry in entries), None)


def _join(one: Seen, folder: Folder) -> tuple[Keys, Text] | None:
    """The shapes whose names are those of a table's rows: the file and column that most of them stand in."""
    on = columns_like(one.columns, table("file_kinds")["coordinates"]["names"])
    if on is None or one.rows is None:
        return None
    wanted = {same_place(str(name))[0] for name in one.rows[on] if str(name).strip()}
    best: tuple[float, Seen, str] | None = None
    for each in folder.seen:
        if "area" not in each.geometry or each.rows is None:
            continue
        for column in each.columns:
            texts = each.rows[column].dropna()
            if pd.api.types.is_numeric_dtype(texts) or texts.astype(str).duplicated().any():
                continue
            share = len(wanted & {same_place(str(text))[0] for text in texts}) / max(len(wanted), 1)
            if share >= _LEAST_JOINED and (best is None or share > best[0]):
                best = (share, each, column)
    if best is None:
        return None
    share, to, column = best
    join = {"to": folder.written(to.path), "on": on}
    join |= {"column": column} if column != on else {}
    join |= {"layer": to.layer} if to.layer else {}
    why = Text(
        f"列“{on}”与 {to.called} 的“{column}”有 {share:.0%} 对得上 → join",
        f"column {on!r} and {column!r} of {to.called} agree in {share:.0%} → join",
    )
    return {"join": join}, why
