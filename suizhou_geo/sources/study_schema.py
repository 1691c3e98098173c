"""What a study file may say: every key, its type, and what is required. Anything else fails by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from suizhou_geo.errors import StudyError, did_you_mean, reason
from suizhou_geo.errors.text import NOTHING, Lang, Text, alike, listed_text, part_of
from suizhou_geo.geometry.crs import DATUMS
from suizhou_geo.sources.columns import CODE_TABLES, LEFT_OUT, MOST, columns_of, vocabulary
from suizhou_geo.sources.database import without_passwords
from suizhou_geo.sources.files import shown, toml_content
from suizhou_geo.sources.land_codes import SYSTEMS
from suizhou_geo.sources.presets import presets
from suizhou_geo.study_area.layers import LAYERS, Boundary

Kind = Literal["text", "yes_no", "integer", "number", "texts", "box", "fields", "values", "complete", "join"]
OWN_LAYERS = tuple(name for name in LAYERS if name not in ("zones", "population"))
_WANTED: Mapping[Kind, Text] = {
    "text": Text('加引号的文字，如 "..."', 'text in quotes, e.g. "..."'),
    "yes_no": Text("true 或 false", "true or false"),
    "integer": Text("整数", "a whole number"),
    "number": Text("数字", "a number"),
    "texts": Text('文字列表，如 ["...", "..."]', 'a list of texts, e.g. ["...", "..."]'),
    "box": Text("四个数 [西, 南, 东, 北]，WGS 84 经纬度", "four numbers [west, south, east, north] in WGS 84 degrees"),
    "fields": Text(
        '“本工具列名 = 文件列名”的对照，如 { name = "名称" }',
        'a table of our name = their column, e.g. { name = "名称" }',
    ),
    "values": Text(
        '按列给出“文件中的值 = 本工具的值”，如 { role = { "主城" = "main_city" } }',
        'per column of ours a table of theirs = ours, e.g. { role = { "主城" = "main_city" } }',
    ),
    "complete": Text("true、false 或图层名列表", "true, false or a list of layer names"),
    "join": Text('如 { to = "社区.gpkg", on = "社区名称" }', 'e.g. { to = "communities.gpkg", on = "name" }'),
}
_KEY, _COLUMN = Text("可用的项", "key"), Text("本工具的列", "column of ours")
_PRESET = Text("这一图层的预设", "preset of this layer")
_LAYER_NAME, _CATEGORY = Text("图层", "layer"), Text("设施类别", "category")


@dataclass(frozen=True)
class Key:
    """One key of the study file: the kind of its value, whether it must be there, and the words it may hold."""

    kind: Kind
    required: bool = False
    words: tuple[str, ...] = ()


_TEXT, _NEEDED_TEXT, _YES_NO = Key("text"), Key("text", required=True), Key("yes_no")
_SOURCE = {
    "path": _NEEDED_TEXT,
    "layer": _TEXT,
    "sql": _TEXT,
    "sheet": _TEXT,
    "datum": Key("text", words=DATUMS),
    "crs": _TEXT,
    "encoding": _TEXT,
    "x": _TEXT,
    "y": _TEXT,
    "swap_xy": _YES_NO,
    "preset": _TEXT,
    "join": Key("join"),
    "fields": Key("fields"),
    "values": Key("values"),
}
_JOIN = {"to": _NEEDED_TEXT, "on": _NEEDED_TEXT, "column": _TEXT, "layer": _TEXT, "encoding": _TEXT}
_LAYER = _SOURCE | {"complete": _YES_NO}
_OWN = {
    "facilities": _LAYER | {"surveyed": Key("texts")},
    "land_use": _LAYER | {"codes": Key("text", words=SYSTEMS)},
}
_TOP = {
    "name": _NEEDED_TEXT,
    "name_en": _TEXT,
    "city": _TEXT,
    "lang": Key("text", words=get_args(Lang)),
    "crs": _TEXT,
    "plan": _TEXT,
    "invented": _YES_NO,
}
_ZONES = {key: spec for key, spec in _SOURCE.items() if key not in ("path", "x", "y")} | {
    "path": _TEXT,
    "bbox": Key("box"),
    "boundary": Key("text", words=get_args(Boundary)),
}
_OSM = {"path": _NEEDED_TEXT, "complete": Key("complete"), "halo_m": Key("number"), "corrections": _TEXT}
_POPULATION = {key: spec for key, spec in _SOURCE.items() if key not in ("x", "y")} | {
    "kind": Key("text", words=("count", "density")),
    "official_total": Key("number"),
    "official_source": _TEXT,
    "year": Key("integer"),
    "complete": _YES_NO,
}
_BASELINE = {"value": Key("number", required=True), "year": Key("integer", required=True), "source": _NEEDED_TEXT}
_STATISTICS = {"path": _NEEDED_TEXT}
_OFFICE = {
    "compiled_by": _TEXT,
    "compiled_by_en": _TEXT,
    "date": _TEXT,
    "figure_number": _TEXT,
    "review_number": _TEXT,
    "paper": Key("text", words=("A4", "A3")),
}
_TABLES = ("zones", "osm", "layers", "population", "params", "baselines", "statistics", "office")
FARTHEST_M = 500_000  # of the surroundings that a study looks at
EARLIEST, LATEST = 1949, 2100  # years that data of a city can be of
_LISTED = 12  # more words than these are not listed beside the one that was meant
_BBOX_ALONE = ("bbox", "boundary")


def every_key() -> Iterator[str]:
    """Yield every key a study file may hold, as it is written with its tables: `zones.path`, `layers.<layer>.datum`.

    >>> "osm.halo_m" in set(every_key())
    True
    """
    yield from _TOP
    tables = {
        "zones": _ZONES,
        "osm": _OSM,
        "layers.<layer>": _OWN["facilities"] | _OWN["land_use"],
        "layers.<layer>.join": _JOIN,
        "population": _POPULATION,
        "statistics": _STATISTICS,
        "office": _OFFICE,
        "baselines.<target>": _BASELINE,
    }
    yield from (f"{name}.{key}" for name, keys in tables.items() for key in keys)
    yield "params.<measure>.<parameter>"


def load_study_file(path: Path) -> dict[str, Any]:
    """Read a study file and hold it to the schema; return its tables as they stand, none of its files opened.

    Raises:
        StudyError: no such file, not UTF-8, not TOML (with the line), an unknown or missing key, a value of the wrong
            type or not among the words allowed; the sentence names the key and, for a misspelt one, the nearest.
    """
    try:
        data = path.read_bytes() if path.is_file() else None
    except OSError as error:
        why = reason(error)
        raise StudyError(
            f"研究文件 {shown(path)} 无法读取（{why.zh}）；请检查路径和读取权限",
            f"the study file {shown(path)} cannot be read ({why.en}); check the path, and that you may read it",
        ) from None
    if data is None:
        hint = (
            Text(
                f"请写明其中的研究文件，如 {path / 'study.toml'}",
                f"name the study file in it, e.g. {path / 'study.toml'}",
            )
            if path.is_dir()
            else Text("请检查路径", "check the path")
        )
        raise StudyError(f"没有研究文件 {path}；{hint.zh}", f"there is no study file {path}; {hint.en}")
    raw: dict[str, Any] = without_passwords(toml_content(data, what=alike(path.name), refusal=StudyError))
    _check_study(raw, alike(path.name))
    return raw


def _check_study(raw: dict[str, Any], file: Text) -> None:
    _check_names(raw, (*_TOP, *_TABLES), file)
    _check_keys({key: value for key, value in raw.items() if key in _TOP}, _TOP, file)
    for name in _TABLES:
        if name in raw:
            _as_table(raw[name], part_of(file, f"[{name}]"))
    if "zones" not in raw:
        raise StudyError(
            f"{file.zh}：没有 [zones]；请写明分区文件，或用 bbox 给出范围",
            f"{file.en} has no [zones]; name the file with the zones, or a box as bbox",
        )
    _check_zones(raw["zones"], part_of(file, "[zones]"))
    if "osm" in raw:
        _check_osm(raw["osm"], part_of(file, "[osm]"))
    _check_names(raw.get("layers", {}), OWN_LAYERS, part_of(file, "[layers]"))
    for name, keys in raw.get("layers", {}).items():
        where = part_of(file, f"[layers.{name}]")
        _check_keys(_as_table(keys, where), _OWN.get(name, _LAYER), where)
        _check_columns(keys, name, where)
        surveyed = keys.get("surveyed", ())
        _check_names(surveyed, vocabulary(name, "category"), part_of(where, "surveyed"), noun=_CATEGORY)
    if "population" in raw:
        _check_population(raw["population"], part_of(file, "[population]"))
    if "statistics" in raw:
        _check_keys(raw["statistics"], _STATISTICS, part_of(file, "[statistics]"))
    if "office" in raw:
        _check_keys(raw["office"], _OFFICE, part_of(file, "[office]"))
    for name, keys in raw.get("params", {}).items():
        _as_table(keys, part_of(file, f"[params.{name}]"))
    for name, keys in raw.get("baselines", {}).items():
        where = part_of(file, f"[baselines.{name}]")
        _check_keys(_as_table(keys, where), _BASELINE, where)


def _check_zones(keys: dict[str, Any], where: Text) -> None:
    _check_keys(keys, _ZONES, where)
    if ("path" in keys) == ("bbox" in keys):
        both = (
            Text("同时写了 path 和 bbox", "needs either path or bbox, not both")
            if "path" in keys
            else Text("没有 path", "needs either path or bbox")
        )
        raise StudyError(
            f"{where.zh}：{both.zh}；请写明分区文件 path，或用 bbox 给出范围",
            f"{where.en} {both.en}; give one of them",
        )
    if "bbox" in keys:
        beside = [key for key in keys if key not in _BBOX_ALONE]
        if beside:
            raise StudyError(
                f"{where.zh}：有了 bbox 就用不到 {beside[0]}；请去掉",
                f"{where.en}: {beside[0]} says nothing beside bbox; take it out",
            )
        _check_box(keys["bbox"], part_of(where, "bbox"))
    _check_columns(keys, "zones", where)


def _check_box(box: list[float], where: Text) -> None:
    west, south, east, north = box
    if max(abs(south), abs(north)) > 90 >= max(abs(west), abs(east)):
        raise StudyError(
            f"{where.zh}：{box} 把纬度写在了经度前面；请按 [西, 南, 东, 北] 写",
            f"{where.en}: {box} has latitude before longitude; write [west, south, east, north]",
        )
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise StudyError(
            f"{where.zh}：{box} 不是经纬度范围；请按 [西, 南, 东, 北] 写，西小于东，南小于北",
            f"{where.en}: {box} is no box in degrees; write [west, south, east, north] with west < east, south < north",
        )


def _check_osm(keys: dict[str, Any], where: Text) -> None:
    _check_keys(keys, _OSM, where)
    if isinstance(keys.get("complete"), list):
        _check_names(keys["complete"], OWN_LAYERS, part_of(where, "complete"), noun=_LAYER_NAME)
    if not 0 <= keys.get("halo_m", 0) <= FARTHEST_M:
        raise StudyError(
            f"{where.zh}：halo_m 为 {keys['halo_m']}；它是距离（米），应在 0 与 {FARTHEST_M:,} 之间；请更正",
            f"{where.en}: halo_m is {keys['halo_m']}; it is a distance of zero or more metres, {FARTHEST_M:,} at the most",
        )


def _check_population(keys: dict[str, Any], where: Text) -> None:
    _check_keys(keys, _POPULATION, where)
    _check_columns(keys, "population", where)
    if "official_total" in keys and "official_source" not in keys:
        raise StudyError(
            f"{where.zh}：有 official_total 就要有 official_source；请写明数字的出处",
            f"{where.en}: official_total needs official_source; say where the number comes from",
        )
    if "official_source" in keys and "official_total" not in keys:
        raise StudyError(
            f"{where.zh}：有 official_source，却没有 official_total；请把数字也写上",
            f"{where.en}: official_source has no official_total; give the number too",
        )
    if not EARLIEST <= keys.get("year", LATEST) <= LATEST:
        raise StudyError(
            f"{where.zh}：year 为 {keys['year']}；请写 {EARLIEST} 到 {LATEST} 之间的公历年份",
            f"{where.en}: year is {keys['year']}; give a year between {EARLIEST} and {LATEST}",
        )
    if keys.get("official_total", 1) <= 0:
        raise StudyError(
            f"{where.zh}：official_total 为 {keys['official_total']}；它是人数，须大于零；请更正",
            f"{where.en}: official_total is {keys['official_total']}; it is a number of persons above zero",
        )


def _check_columns(keys: dict[str, Any], name: str, where: Text) -> None:
    """Hold `fields` and `values` to the columns of the layer, what values are translated to, to their words, and `preset`
    and `join` to what they can be."""
    if "preset" in keys:
        _check_names([keys["preset"]], presets(name), part_of(where, "preset"), noun=_PRESET)
    if "join" in keys:
        _check_keys(keys["join"], _JOIN, part_of(where, "join"))
    for table in ("fields", "values"):
        _check_names(keys.get(table, {}), columns_of(name), part_of(where, f"{table}"), noun=_COLUMN)
    for column, codes in keys.get("values", {}).items():
        if isinstance(codes, str):
            if CODE_TABLES.get(codes) != column:
                there = Text(
                    "可用的有：road_class 用 osm_highway 或 osm_highway_cn_urban，public 用 osm_access",
                    "there is, for road_class, osm_highway, osm_highway_cn_urban, and for public, osm_access",
                )
                raise StudyError(
                    f"{where.zh}：values.{column} 不能用对照表“{codes}”；{there.zh}",
                    f"{where.en}: values.{column} names the table {codes!r}; {there.en}",
                )
            continue
        words = vocabulary(name, column)
        for theirs, ours in codes.items():
            if words and ours != LEFT_OUT and ours not in words:
                raise StudyError(
                    (
                        f"{where.zh}：values.{column} 把“{theirs}”译为“{ours}”，"
                        f"不是 {column} 的可用值{_nearest(str(ours), words).zh}"
                    ),
                    (
                        f"{where.en}: values.{column} makes {theirs!r} into {ours!r}, which is no {column}"
                        f"{_nearest(str(ours), words).en}"
                    ),
                )


def _check_keys(keys: dict[str, Any], schema: Mapping[str, Key], where: Text) -> None:
    _check_names(keys, tuple(schema), where)
    for key, spec in schema.items():
        if key not in keys:
            if spec.required:
                raise StudyError(
                    f"{where.zh}：缺少 {key}；请补上 {key} = {_WANTED[spec.kind].zh}",
                    f"{where.en} has no {key}; add {key} = {_WANTED[spec.kind].en}",
                )
            continue
        value = keys[key]
        if not _is_kind(value, spec.kind):
            raise StudyError(
                f"{where.zh}：{key} 为“{value}”（应为：{_WANTED[spec.kind].zh}）；请更正",
                f"{where.en}: {key} is {value!r}, wanted {_WANTED[spec.kind].en}; correct it",
            )
        if spec.kind == "text" and not value.strip():
            raise StudyError(
                f"{where.zh}：{key} 为空；请填写或去掉", f"{where.en}: {key} is empty; fill it in or take it out"
            )
        if spec.words and value not in spec.words:
            raise StudyError(
                f"{where.zh}：{key} 为“{value}”，不是可用值{_nearest(value, spec.words).zh}",
                f"{where.en}: {key} is {value!r}, which it cannot be{_nearest(value, spec.words).en}",
            )


def _check_names(found: Iterable[str], allowed: tuple[str, ...], where: Text, *, noun: Text = _KEY) -> None:
    for name in found:
        if name not in allowed:
            raise StudyError(
                f"{where.zh}：“{name}”不是{noun.zh}{_nearest(name, allowed).zh}",
                f"{where.en}: {name!r} is not a {noun.en}{_nearest(name, allowed).en}",
            )


def _nearest(word: str, words: tuple[str, ...]) -> Text:
    hint = did_you_mean(word, words)
    if hint != NOTHING and len(words) > _LISTED:
        return hint + Text("；请更正", "")
    return hint + Text("；请写下列之一：", "; write one of: ") + listed_text(words)


def _as_table(value: Any, where: Text) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise StudyError(
            f"{where.zh}：应是一节，却写成了“{value}”；请单独写成一节",
            f"{where.en} is {value!r}, wanted a table of keys; write it as its own section",
        )
    return value


def _is_kind(value: Any, kind: Kind) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MOST
    items = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    texts = isinstance(value, list) and all(isinstance(item, str) for item in items)
    return {
        "text": isinstance(value, str),
        "yes_no": isinstance(value, bool),
        "integer": number and isinstance(value, int),
        "number": number,
        "texts": texts,
        "complete": isinstance(value, bool) or texts,
        "box": isinstance(value, list) and len(value) == 4 and all(_is_kind(item, "number") for item in items),
        "join": isinstance(value, dict),
        "fields": isinstance(value, dict) and all(isinstance(item, str) for item in items),
        "values": isinstance(value, dict) and all(isinstance(item, str | dict) for item in items),
    }[kind]
