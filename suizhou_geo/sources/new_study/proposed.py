"""What a folder's files make of a study: which feeds what, each tried as a run would read it, and what is to be asked."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from suizhou_geo.errors import LayerError, SuizhouGeoError
from suizhou_geo.errors.text import NOTHING, Text, alike, listed_text
from suizhou_geo.geometry.crs import in_china, metric_crs
from suizhou_geo.model import Study
from suizhou_geo.sources.joined import same_place
from suizhou_geo.sources.new_study.fits import Fit, columns_like, fits, likely, word_in
from suizhou_geo.sources.new_study.seen import Box, Seen
from suizhou_geo.sources.new_study.toml_text import toml_of
from suizhou_geo.sources.opened import VectorSource, likely_crs
from suizhou_geo.sources.plan import built_in_plans, read_plan
from suizhou_geo.sources.point_tables import located
from suizhou_geo.sources.presets import filled
from suizhou_geo.sources.statistics import HEADINGS
from suizhou_geo.sources.study import read_study
from suizhou_geo.standards import table
from suizhou_geo.study_area import COUNTED, LAYERS, REQUIRED

Keys = dict[str, Any]
_STATISTICS_NEED = ("key", "year", "value", "unit", "source")
_FIRST_ZONE, _FIRST_MERIDIAN_DEG, _ZONE_DEG = 4534, 75, 3  # CGCS2000, Gauss-Kruger in zones of three degrees
_LEAST_JOINED = 0.5
_FULL_TURN_DEG, _POLE_DEG = 180.0, 90.0
_OFFICIAL_DEGREES = 4490  # CGCS2000: of surveyors, never shifted
_NO_DENSITY = "administrative"  # outlines over which no density is judged
_SHOWN = 5


@dataclass(frozen=True)
class Table:
    """A table of the study file as it is proposed: `name` is "" for the top.

    `asks` are questions, each above its key; those whose key stands in `open` are answered by taking the comment sign
    away. With a `doubt` the whole table is a comment below that question.
    """

    name: str
    keys: Keys
    why: tuple[Text, ...] = ()
    asks: Mapping[str, Text] = field(default_factory=dict)
    open: Mapping[str, Any] = field(default_factory=dict)
    doubt: Text = NOTHING
    seen: Seen | None = None
    unsure_datum: bool = False

    @property
    def layer(self) -> str:
        """The layer of ours it is about."""
        return self.name.removeprefix("layers.")

    def asking(self, key: str, question: Text) -> Table:
        """The same with a question more."""
        return replace(self, asks={**self.asks, key: question})


def proposed(seen: Sequence[Seen], folder: Path, out: Path, said: Mapping[str, Any]) -> list[Table]:
    """Return the tables of a study of what was seen; what `said`, an earlier study file, answers stands as it is.

    Every layer is tried by reading a study of the zones and it alone, and all together with OpenStreetMap, whose streets
    tell of China's map shift. What cannot be read, or not be told, is left out: a table with a doubt.
    """
    given = {name: keys for name, keys in _tables_of(said).items() if name}
    zones = _zones(seen, out, given)
    others = [
        *_osm(seen, out, given),
        *_layers([each for each in seen if zones is None or each is not zones.seen], seen, out, given),
        *_statistics(seen, out, given),
        *_kept(given, seen, out),
    ]
    others += _rasters(seen, out, given, besides=[each for each in others if each.name == "population"])
    if zones is None:
        return [_top(seen, folder, out, said, None), _no_zones(seen), *others]
    top = _top(seen, folder, out, said, zones.seen)
    base = [top, replace(zones, doubt=NOTHING)]
    study = _tried([*base, *_sure(others)], out)
    if isinstance(study, SuizhouGeoError):
        alone = _tried(base, out)
        if isinstance(alone, SuizhouGeoError):
            return [top, replace(zones, doubt=_cannot(alone)), *others]
        others = [_settled(base, each, out, given.get(each.name)) for each in others]
        study = _tried([*base, *_sure(others)], out)
    others = [_like_zones(base, each, out) for each in others]
    if isinstance(study, SuizhouGeoError):
        return [top, zones, *(replace(each, doubt=_cannot(study)) if each.name == "osm" else each for each in others)]
    return [top, zones, *_unshifted(base, others, study, out, given)]


def written_path(path: Path, out: Path) -> str:
    """A path as a study file at `out` writes it."""
    try:
        return Path(os.path.relpath(path, out.parent)).as_posix()
    except ValueError:  # another drive
        return path.resolve().as_posix()


def _tables_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of a study file by their names, the keys of the top under ""."""
    top = {key: value for key, value in said.items() if not isinstance(value, dict)}
    layers = {f"layers.{name}": keys for name, keys in said.get("layers", {}).items()}
    return {"": top, **{k: v for k, v in said.items() if isinstance(v, dict) and k != "layers"}, **layers}


# ------------------------------------------------------------------------------------------------------------ one by one
def _top(seen: Sequence[Seen], folder: Path, out: Path, said: Mapping[str, Any], zones: Seen | None) -> Table:
    name = folder.resolve().name
    keys: Keys = {"name": name}
    asks = {
        "name": Text("城市叫什么？这里先写了文件夹的名称", "what is the city called? this is the name of the folder")
    }
    why: list[Text] = []
    if said.get("name", name) != name:
        asks = {}
    if "虚构" in name or "invented" in name.lower():
        keys["invented"] = True
    keys |= {key: value for key, value in said.items() if not isinstance(value, dict)}
    files = " ".join([keys["name"], str(keys.get("city", "")), *(each.path.stem for each in seen)])
    box = None if zones is None else zones.box
    plan, plan_why, plan_ask = _plan(seen, out, files, box)
    if said.get("plan", plan) == plan:
        keys["plan"] = plan
        why.append(plan_why)
        asks |= {"plan": plan_ask} if plan_ask != NOTHING else {}
    if "crs" not in said and zones is not None:
        keys["crs"], crs_why = _working_crs(zones)
        why.append(crs_why)
    return Table("", keys, tuple(why), asks)


def _plan(seen: Sequence[Seen], out: Path, words: str, box: Box | None) -> tuple[str, Text, Text]:
    """The plan to hold the city against, why, and what to ask."""
    own = [each for each in seen if each.kind == "toml" and "targets" in _toml(each.path)]
    if own:
        path = written_path(own[0].path, out)
        return path, Text(f"{path} 是方案文件", f"{path} is a plan"), NOTHING
    documents = [each.path.name for each in seen if _is_plan_document(each)]
    ask = (
        Text(
            f"{'、'.join(documents[:_SHOWN])} 像是规划文件：把其中的承诺写成方案文件（操作指南“用自己的方案”），再写在这里",
            f"{', '.join(documents[:_SHOWN])} may be the plan: write its promises as a plan file (howto/own_plan) and name it here",
        )
        if documents
        else NOTHING
    )
    for name in reversed(built_in_plans()):
        plan = read_plan(name)
        if not plan.city or box is None or not _lies_in(box, plan.extent):
            continue
        if plan.city in words or plan.city_en.lower() in words.lower():
            why = Text(
                f"分区在{plan.city}范围内，文件名也写着{plan.city}",
                f"the zones lie in {plan.city_en}, and a name says so",
            )
            return name, why, ask
        other = Text(
            f'分区在{plan.city}范围内：如果就是{plan.city}，写 "{name}"，并写 city = "{plan.city}"',
            f'the zones lie in {plan.city_en}: if it is {plan.city_en}, write "{name}" and city = "{plan.city}"',
        )
        ask = other if ask == NOTHING else ask + Text("；", "; ") + other
        break
    why = Text("没有认得的本市方案，只对照国家标准", "no plan of this city is known: national standards alone")
    return "china_standards", why, ask


def _working_crs(zones: Seen) -> tuple[str, Text]:
    """The zones' own system where it is in metres, else that of their meridian."""
    crs = zones.crs
    if crs is not None and zones.says_crs and crs.is_projected and crs.to_epsg():
        try:
            metric_crs(crs, what=NOTHING)
        except LayerError:
            crs = None
        else:
            return f"EPSG:{crs.to_epsg()}", Text("坐标系取分区文件的", "the coordinate system is that of the zones")
    west, south, east, north = zones.box or (0.0, 0.0, 0.0, 0.0)
    lon, lat = (west + east) / 2, (south + north) / 2
    if in_china(np.array([lon]), np.array([lat]))[0]:
        code = _FIRST_ZONE + round((lon - _FIRST_MERIDIAN_DEG) / _ZONE_DEG)
        return f"EPSG:{code}", Text(
            "坐标系按分区所在经度取 3 度带", "the coordinate system is that of the zones' meridian"
        )
    utm = gpd.GeoSeries.from_xy([lon], [lat], crs="EPSG:4326").estimate_utm_crs()
    return f"EPSG:{utm.to_epsg()}", Text(
        "坐标系按分区位置取 UTM 带", "the coordinate system is the UTM zone of the zones"
    )


def _zones(seen: Sequence[Seen], out: Path, given: Mapping[str, Any]) -> Table | None:
    if "zones" in given:
        if "bbox" in given["zones"]:
            return Table("zones", dict(given["zones"]))
        chosen = _found(seen, given["zones"], out)
        if chosen is None:
            return Table("zones", dict(given["zones"]), asks=_gone(given["zones"]))
        fit = _fit_as(chosen, "zones")
    else:
        candidates = [_fit_as(each, "zones") for each in seen if each.kind == "shapes"]
        candidates = [fit for fit in candidates if fit is not None and fit.score > 0]
        best = [fit for fit in candidates if fits(fit.seen)[0].score <= fit.score] or candidates
        if not best:
            return None
        best.sort(key=lambda fit: (-fit.score, len(fit.lacks), len(fit.seen.rows)))
        fit = best[0]
        if len(best) > 1 and best[1].score == fit.score:
            names = listed_text(each.seen.called for each in best if each.score == fit.score)
            doubt = Text(f"哪一个是分区？{names.zh}", f"which of them are the zones: {names.en}?")
            return replace(_asking_of_zones(_drafted(fit, seen, out, given)), doubt=doubt)
    return None if fit is None else _asking_of_zones(_drafted(fit, seen, out, given))


def _asking_of_zones(zones: Table) -> Table:
    """The zones with their boundary, and asked which are the main city where nothing says so."""
    several = zones.seen is not None and zones.seen.rows is not None and len(zones.seen.rows) > 1
    said = "role" in zones.keys.get("fields", {}) or (several and "role" in zones.seen.rows.columns)
    if several and not said:
        ask = Text(
            "哪些分区是主城（main_city）、哪些是片区（district）？要有一列，写成 fields 的 role；没有就都当作主城",
            "which zones are the main city (main_city), which are districts? name the column as role under fields; without one "
            "all are the main city",
        )
        zones = zones.asking("role", ask)
    return _with_boundary(zones)


def _with_boundary(zones: Table) -> Table:
    """The zones with what their outlines stand for, as far as a name says it; else the meaning that decides no density."""
    if zones.seen is None or zones.keys.get("boundary", _NO_DENSITY) != _NO_DENSITY:
        return zones
    names = [zones.seen.layer or "", zones.seen.path.stem, *map(str, zones.seen.rows.columns)]
    for name in names:
        for meaning, words in table("file_kinds")["boundary"].items():
            if (word := word_in(name, words)) and zones.keys.get("boundary", meaning) == meaning:
                why = Text(f"“{word}” → boundary", f"{word!r} → boundary")
                return replace(zones, keys={**zones.keys, "boundary": meaning}, why=(*zones.why, why))
    ask = Text(
        "范围线是什么？建成区 built_up、城市建设用地 construction_land、城区范围 urban_range、城镇开发边界 development_boundary；"
        "先按行政界线 administrative，密度不作结论",
        "what do the outlines stand for? built_up, construction_land, urban_range, development_boundary; until then "
        "administrative, over which no density is judged",
    )
    return replace(zones.asking("boundary", ask), keys={**zones.keys, "boundary": _NO_DENSITY})


def _no_zones(seen: Sequence[Seen]) -> Table:
    boxes = [each.box for each in seen if each.box is not None]
    doubt = Text(
        "没有认出分区：哪个文件是分区（面，有名称列）？写 path 和 fields；或先用 bbox（西、南、东、北）看一眼",
        "no zones were recognised: which file holds them (areas with a name)? give path and fields; or a box [west, south, "
        "east, north] for a first look",
    )
    if not boxes:
        return Table("zones", {"path": "", "boundary": "administrative"}, doubt=doubt)
    smallest = min(boxes, key=lambda box: (box[2] - box[0]) * (box[3] - box[1]))
    return Table("zones", {"bbox": [round(edge, 5) for edge in smallest], "boundary": "administrative"}, doubt=doubt)


def _osm(seen: Sequence[Seen], out: Path, given: Mapping[str, Any]) -> list[Table]:
    extracts = [each for each in seen if each.kind == "osm"]
    if "osm" in given:
        return [Table("osm", dict(given["osm"]), asks={} if _found(seen, given["osm"], out) else _gone(given["osm"]))]
    if not extracts:
        return []
    why = Text(
        f"{extracts[0].path.name} 是 OpenStreetMap 提取文件", f"{extracts[0].path.name} is an OpenStreetMap extract"
    )
    found = Table("osm", {"path": written_path(extracts[0].path, out)}, (why,), seen=extracts[0])
    if len(extracts) > 1:
        found = replace(found, doubt=_one_of(extracts))
    return [found]


def _layers(free: Sequence[Seen], seen: Sequence[Seen], out: Path, given: Mapping[str, Any]) -> list[Table]:
    """A table for each layer that a file feeds: of several the likeliest, the others with a doubt."""
    made: list[Table] = []
    used = [
        _found(seen, keys, out) for name, keys in given.items() if name.startswith("layers.") or name == "population"
    ]
    for name, keys in given.items():
        layer = name.removeprefix("layers.")
        chosen = _found(seen, keys, out)
        fit = None if chosen is None or chosen.rows is None else _fit_as(chosen, layer)
        if layer in LAYERS and layer != "zones" and fit is not None:
            made.append(_drafted(fit, seen, out, given))
    wanted: dict[str, list[tuple[Fit, Text]]] = {}
    for each in free:
        if any(each is one for one in used) or each.rows is None or _is_statistics(each):
            continue
        found = [fit for fit in fits(each) if likely(fit) and fit.layer != "zones"]
        if not found:
            continue
        equal = [fit for fit in found if fit.score == found[0].score and len(fit.lacks) == len(found[0].lacks)]
        presets = {fit.keys.get("preset") for fit in equal}
        doubt = NOTHING
        if len(equal) > 1 and (None in presets or len(presets) > 1):
            names = listed_text(fit.layer for fit in equal)
            doubt = Text(f"这是哪一种图层？像 {names.zh}", f"which layer is it? it may be {names.en}")
            equal = equal[:1]
        for fit in equal:
            wanted.setdefault(fit.layer, []).append((fit, doubt))
    for layer, found_for in wanted.items():
        found_for.sort(key=lambda pair: (pair[1] != NOTHING, len(pair[0].lacks), -pair[0].score))
        taken = f"layers.{layer}" in given or (layer == "population" and "population" in given)
        for number, (fit, doubt) in enumerate(found_for):
            drafted = _drafted(fit, seen, out, given)
            if number or taken:
                doubt = Text(
                    f"{fit.seen.called} 也像{LAYERS[layer].name_zh}；一种图层只能用一个文件，可先合并",
                    f"{fit.seen.called} may be {layer}, too; a layer comes from one file: merge them first",
                )
            made.append(replace(drafted, doubt=doubt) if doubt != NOTHING else drafted)
    return sorted(made, key=lambda each: (each.name == "population", list(LAYERS).index(each.layer)))


def _rasters(seen: Sequence[Seen], out: Path, given: Mapping[str, Any], *, besides: Sequence[Table]) -> list[Table]:
    words = table("file_kinds")
    rasters = [e for e in seen if e.kind == "raster" and word_in(e.path.stem, words["layers"]["population"]["words"])]
    if "population" in given or not rasters:
        return []
    chosen = rasters[0]
    keys: Keys = {"path": written_path(chosen.path, out)}
    why = Text("栅格，名称像人口", "a raster named like one of population")
    named = [
        (kind, word) for kind in ("density", "count") if (word := word_in(chosen.path.stem, words["raster"][kind]))
    ]
    found = Table("population", keys, (why,), seen=chosen)
    if len(rasters) > 1:
        found = replace(found, doubt=_one_of(rasters))
    if besides:
        other = besides[0].keys["path"]
        found = replace(
            found,
            doubt=Text(
                f"人口用 {other} 还是它？只能用一个", f"population from {other}, or from this? only one can be used"
            ),
        )
    if len(named) == 1:
        kind, word = named[0]
        because = Text(f"名称含“{word}” → kind", f"its name says {word!r} → kind")
        return [replace(found, keys={**keys, "kind": kind}, why=(why, because))]
    ask = Text(
        "栅格的值是每格人数（count）还是每平方公里人数（density）？",
        "are its values persons in a cell (count) or per km² (density)?",
    )
    both = found.doubt + (Text("；", "; ") if found.doubt != NOTHING else NOTHING) + ask
    return [replace(found, keys={**keys, "kind": ""}, doubt=both)]


def _one_of(several: Sequence[Seen]) -> Text:
    names = listed_text(each.path.name for each in several)
    return Text(f"用哪一个？{names.zh}；只能用一个", f"which of them: {names.en}? only one can be used")


def _statistics(seen: Sequence[Seen], out: Path, given: Mapping[str, Any]) -> list[Table]:
    forms = [each for each in seen if _is_statistics(each)]
    if "statistics" in given or not forms:
        return []
    why = Text("列与统计表相同", "it has the columns of the form for statistics")
    found = Table("statistics", {"path": written_path(forms[0].path, out)}, (why,), seen=forms[0])
    if len(forms) > 1:
        found = replace(found, doubt=_one_of(forms))
    return [found]


def _is_statistics(seen: Seen) -> bool:
    if seen.kind != "table" or seen.rows is None:
        return False
    there = set(map(str, seen.rows.columns))
    return all(there & {HEADINGS[key], *HEADINGS[key].split(" ")} for key in _STATISTICS_NEED)


def _is_plan_document(seen: Seen) -> bool:
    return (
        seen.kind == "document" and word_in(seen.path.stem, table("file_kinds")["plan_document"]["words"]) is not None
    )


def _kept(given: Mapping[str, Any], seen: Sequence[Seen], out: Path) -> list[Table]:
    """Tables that an earlier study file has and whose file is not there, or is none we know: kept, and told."""
    kept = []
    for name, keys in given.items():
        layer = name.removeprefix("layers.")
        if name in ("zones", "osm") or "path" not in keys:
            continue
        chosen = _found(seen, keys, out)
        if chosen is None:
            kept.append(Table(name, dict(keys), asks=_gone(keys)))
        elif chosen.rows is None or (layer not in LAYERS and name != "statistics"):
            kept.append(Table(name, dict(keys), seen=chosen))
        elif name == "statistics":
            kept.append(Table(name, dict(keys), seen=chosen))
    return kept


def _gone(keys: Mapping[str, Any]) -> dict[str, Text]:
    path = keys.get("path", "")
    return {
        "path": Text(
            f"文件 {path} 不在了；请更正路径，或去掉这一节",
            f"{path} is not there any more; correct the path, or take this out",
        )
    }


def _found(seen: Sequence[Seen], keys: Mapping[str, Any], out: Path) -> Seen | None:
    """What was seen of the file a table names: the layer or sheet it means, or the one there is."""
    if "path" not in keys:
        return None
    here = [each for each in seen if each.path.resolve() == (out.parent / keys["path"]).resolve()]
    named = [each for each in here if (each.layer or each.sheet) == keys.get("layer", keys.get("sheet"))]
    return next(iter([*named, *here]), None)


def _fit_as(seen: Seen, layer: str) -> Fit | None:
    return next((fit for fit in fits(seen) if fit.layer == layer), None) or (
        Fit(seen, layer, 0, ()) if seen.rows is not None else None
    )


# ---------------------------------------------------------------------------------------------------------- one table
def _drafted(fit: Fit, seen: Sequence[Seen], out: Path, given: Mapping[str, Any]) -> Table:
    """The table of a layer as its file suggests it, under what an earlier study file says of it."""
    one, layer = fit.seen, fit.layer
    name = layer if layer in ("zones", "population") else f"layers.{layer}"
    keys: Keys = {"path": written_path(one.path, out)}
    keys |= {key: part for key, part in (("layer", one.layer), ("sheet", one.sheet)) if part is not None}
    if isinstance(one.rows, gpd.GeoDataFrame) and not one.says_crs:
        keys |= {"crs": likely_crs(one.rows) or ""}
    why, lacks, asks = list(fit.why), list(fit.lacks), dict[str, Text]()
    if one.kind == "table":
        more, because, lack = _placed(fit, seen, out)
        keys |= more
        why += because
        lacks += lack
    elif "preset" not in fit.keys and (datum := _published(one)):
        keys["datum"] = datum[0]
        why.append(datum[1])
    keys |= fit.keys
    if fit.left_out:
        shown = Text("、".join(fit.left_out[:_SHOWN]), ", ".join(fit.left_out[:_SHOWN]))
        asks["values"] = Text(
            f'这些值不认识，先略去（""）：{shown.zh}；是哪一类就写哪一类',
            f'these values are not known and left out (""): {shown.en}; write what they are',
        )
    said = dict(given.get(name, {}))
    if layer not in ("zones", "population") and (not said or "complete" in said):
        keys["complete"] = False
        asks["complete"] = Text("齐全吗？齐全就改为 true", "does it hold everything there is? then say true")
    asks = {key: ask for key, ask in asks.items() if key not in said or said[key] == keys.get(key)}
    answered = {"fields", "preset"} & said.keys()
    doubt = lacks[0] if lacks and not answered else NOTHING
    if not one.says_crs and "crs" not in said:
        doubt = Text(
            f"文件没有写明坐标系；坐标看来是 {keys['crs']}，对吗？"
            if keys["crs"]
            else "文件没有写明坐标系；是哪一个？",
            f"it does not say its coordinate system, which looks like {keys['crs']}; is it?"
            if keys["crs"]
            else "it does not say its coordinate system; which is it?",
        )
    degrees = one.kind == "table" or one.path.suffix.lower() in (".kml", ".kmz")
    unsure = degrees and not {"datum", "preset", "join", "crs"} & {*keys, *said}
    if answered:  # a mapping that a planner wrote is not mixed with ours
        keys = {key: value for key, value in keys.items() if key not in ("fields", "values", "preset")}
    return Table(name, keys | said, tuple(why), asks, doubt=doubt, seen=one, unsure_datum=unsure)


def _published(seen: Seen) -> tuple[str, Text] | None:
    """The map shift of a publisher, known by the columns of a file in degrees."""
    if seen.crs is None or not seen.crs.is_geographic or seen.rows is None:
        return None
    there = set(map(str, seen.rows.columns))
    for entry in table("map_shift")["publishers"]:
        if there.issuperset(entry["columns"]):
            return entry["datum"], alike(f"{entry['name']} → datum")
    return None


def _placed(fit: Fit, seen: Sequence[Seen], out: Path) -> tuple[Keys, list[Text], list[Text]]:
    """Where the rows of a table lie: columns of coordinates, or shapes of another file that they name."""
    one, words = fit.seen, table("file_kinds")["coordinates"]
    rows = one.rows
    if rows is None:
        return {}, [], []
    given = filled(VectorSource(one.path, preset=fit.keys.get("preset")), rows.columns)
    columns = {axis: columns_like(rows.columns, words[axis]) for axis in ("x", "y")}
    x, y = (given.x, given.y) if given.x else (columns["x"], columns["y"])
    try:
        shapes, _, _ = located(rows, x=x, y=y, what=alike(one.path.name))
    except LayerError as error:
        if x is not None and y is not None:
            return {"x": x, "y": y}, [], [error.said]
        if "Polygon" in LAYERS[fit.layer].kinds and (join := _join(fit, seen, out)):
            return join[0], [join[1]], []
        return (
            {},
            [],
            [Text("没有坐标列，也没有名称对得上的图形", "it has neither coordinates nor shapes of the same names")],
        )
    keys: Keys = {} if given.x or x is None or y is None else {"x": x, "y": y}
    because = [Text(f"列“{x}”“{y}” → 坐标", f"columns {x!r}, {y!r} → coordinates")] if keys else []
    bounds = gpd.GeoSeries(shapes).total_bounds
    if np.abs(bounds).max() > _FULL_TURN_DEG:
        likely_system = likely_crs(gpd.GeoDataFrame(geometry=shapes)) or ""
        return (
            keys | {"crs": likely_system},
            because,
            [Text("坐标是米：是哪个坐标系？写在 crs", "the coordinates are metres: of which system? say it as crs")],
        )
    if "preset" not in fit.keys and (datum := _named_datum([*filter(None, (x, y))], one)):
        return keys | {"datum": datum[0]}, [*because, datum[1]], []
    return keys, because, []


def _named_datum(columns: list[str], seen: Seen) -> tuple[str, Text] | None:
    """The map shift that the columns of coordinates, or the columns of a publisher, tell."""
    named = table("map_shift")["named"]
    for column in columns:
        for datum, words in named.items():
            if any(word in column.lower() for word in words):
                return datum, Text(f"列名“{column}” → datum", f"column {column!r} → datum")
    there = set() if seen.rows is None else set(map(str, seen.rows.columns))
    entries = (entry for entry in table("map_shift")["publishers"] if there.issuperset(entry["columns"]))
    return next(((entry["datum"], alike(f"{entry['name']} → datum")) for entry in entries), None)


def _join(fit: Fit, seen: Sequence[Seen], out: Path) -> tuple[Keys, Text] | None:
    """The shapes whose names are those of a table's rows: the file and column that most of them stand in."""
    rows = fit.seen.rows
    on = (
        None
        if rows is None
        else columns_like(rows.columns, table("file_kinds")["layers"]["communities"]["fields"]["name"])
    )
    if rows is None or on is None:
        return None
    wanted = {same_place(str(name))[0] for name in rows[on] if str(name).strip()}
    best: tuple[float, Seen, str] | None = None
    for each in seen:
        if each.kind != "shapes" or "area" not in each.geometry or each.rows is None:
            continue
        for column in each.rows.columns.drop("geometry", errors="ignore"):
            texts = each.rows[column].dropna()
            if pd.api.types.is_numeric_dtype(texts) or texts.astype(str).duplicated().any():
                continue
            share = len(wanted & {same_place(str(text))[0] for text in texts}) / max(len(wanted), 1)
            if share >= _LEAST_JOINED and (best is None or share > best[0]):
                best = (share, each, str(column))
    if best is None:
        return None
    share, to, column = best
    join = {"to": written_path(to.path, out), "on": on} | ({"column": column} if column != on else {})
    join |= {"layer": to.layer} if to.layer else {}
    return {"join": join}, Text(
        f"列“{on}”与 {to.called} 的“{column}”有 {share:.0%} 对得上 → join",
        f"column {on!r} and {column!r} of {to.called} agree in {share:.0%} → join",
    )


# ------------------------------------------------------------------------------------------------------------ trying
def _tried(tables: Iterable[Table], out: Path) -> Study | SuizhouGeoError:
    """The study that some tables make, read; or what is said of it."""
    raw: Keys = {}
    for each in tables:
        keys = {**each.keys}
        for at in ("path", "plan"):
            if at in keys and (at == "path" or str(keys[at]).endswith(".toml")):
                keys[at] = (out.parent / keys[at]).resolve().as_posix()
        if "join" in keys:
            keys["join"] = {**keys["join"], "to": (out.parent / keys["join"]["to"]).resolve().as_posix()}
        if each.name:
            target = raw.setdefault("layers", {}) if each.name.startswith("layers.") else raw
            target[each.layer] = keys
        else:
            raw |= keys
    with TemporaryDirectory() as folder:
        file = Path(folder) / out.name
        file.write_text(toml_of(raw), encoding="utf-8")
        try:
            return read_study(file)
        except SuizhouGeoError as error:
            return error


def _cannot(error: SuizhouGeoError) -> Text:
    return Text(f"读不通：{error.said.zh}", f"it cannot be read so: {error.said.en}")


def _sure(tables: Iterable[Table]) -> list[Table]:
    """Those that a run would read: no doubt, and their file is there."""
    return [each for each in tables if each.doubt == NOTHING and "path" not in each.asks]


def _settled(base: list[Table], each: Table, out: Path, said: Mapping[str, Any] | None) -> Table:
    """A table that a run can read: as a planner said it, or without the columns that stand in the way but are not needed;
    else with a doubt."""
    if not _sure([each]) or each.name == "osm":
        return each
    found = _tried([*base, each], out)
    if not isinstance(found, SuizhouGeoError):
        return each
    if said is not None:
        alone = replace(each, keys=dict(said))
        found = _tried([*base, alone], out)
        return replace(alone, doubt=_cannot(found)) if isinstance(found, SuizhouGeoError) else alone
    needed = (
        {ours for ours, default in LAYERS[each.layer].columns.items() if default is REQUIRED}
        if each.layer in LAYERS
        else set()
    )
    fewer = {**each.keys}
    for key in ("fields", "values"):
        if isinstance(fewer.get(key), Mapping):
            fewer[key] = {ours: theirs for ours, theirs in fewer[key].items() if ours in needed}
    fewer = {key: value for key, value in fewer.items() if value != {}}
    if fewer != each.keys and not isinstance(_tried([*base, replace(each, keys=fewer)], out), SuizhouGeoError):
        left = {key: each.keys[key] for key in ("fields", "values") if each.keys.get(key) != fewer.get(key)}
        asks = {**each.asks, **{key: _cannot(found) for key in list(left)[:1]}}
        return replace(each, keys=fewer, open=left, asks=asks)
    return replace(each, doubt=_cannot(found))


def _like_zones(base: list[Table], each: Table, out: Path) -> Table:
    """A table in doubt for its coordinate system alone, with the study's own as the answer where the layer then lies right."""
    if each.keys.get("crs") != "" or each.seen is None:
        return each
    keys = {**each.keys, "crs": base[0].keys["crs"]}
    if isinstance(_tried([*base, replace(each, keys=keys)], out), SuizhouGeoError):
        return each
    doubt = Text(
        f"文件没有写明坐标系；按 {keys['crs']} 落在分区附近，对吗？（1954 北京、1980 西安坐标系也会落在附近，差几十米）",
        f"it does not say its coordinate system; in {keys['crs']} it lies near the zones: is it? (in Beijing 1954 or Xian 1980 "
        "it would, too, some ten metres off)",
    )
    return replace(each, keys=keys, doubt=doubt)


def _unshifted(
    base: list[Table], others: list[Table], study: Study, out: Path, given: Mapping[str, Any]
) -> list[Table]:
    """The tables with the map shift that OpenStreetMap's streets tell; who may be shifted and cannot be told is in doubt."""
    sure = _sure(others)
    told = {said.amounts["layer"]: said for said in study.findings if said.kind == "seems_shifted"}
    made = []
    for each in others:
        if each.layer in told and each in sure and "datum" not in each.keys:
            said = told[each.layer]
            keys = {**each.keys, "datum": said.amounts["datum"]}
            if each.name in given:
                made.append(replace(each, open={"datum": keys["datum"]}).asking("datum", Text(said.zh, said.en)))
                continue
            if not isinstance(_tried([*base, replace(each, keys=keys)], out), SuizhouGeoError):
                made.append(replace(each, keys=keys).asking("datum", Text(said.zh, said.en)))
                continue
        if each.unsure_datum and each in sure and each.name not in given:
            ask = Text(
                '经纬度来自哪里？高德、腾讯写 datum = "gcj02"，百度写 "bd09"，GPS、天地图写 "wgs84"；偏移有几百米',
                'where do the degrees come from? Amap and Tencent: datum = "gcj02", Baidu: "bd09", GPS: "wgs84"; the shift is '
                "some hundred metres",
            )
            made.append(replace(each, keys={**each.keys, "datum": ""}, doubt=ask))
            continue
        made.append(each)
    return made


def _lies_in(box: Box, extent: tuple[float, ...]) -> bool:
    if not extent:
        return True
    west, south, east, north = extent
    return west <= (box[0] + box[2]) / 2 <= east and south <= (box[1] + box[3]) / 2 <= north


def _toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError):
        return {}
