"""A planner's columns and codes made ours: `fields` (ours = theirs) renames, `values` (theirs = ours) translates."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from suizhou_geo.errors import LayerError
from suizhou_geo.errors.text import NOTHING, Text, column_of, listed_text
from suizhou_geo.geometry.arrays import Bools
from suizhou_geo.geometry.crs import Datum
from suizhou_geo.model import Note
from suizhou_geo.sources.notes import counted, note
from suizhou_geo.standards import table
from suizhou_geo.standards.street_names import real_names
from suizhou_geo.study_area.layers import (
    CENTRE_KINDS,
    CHARGER_COUNTS,
    COMMUNITY_ITEMS,
    COUNTED,
    HERITAGE_KINDS,
    LAYERS,
    REQUIRED,
    ROLES,
    SIDEWALK_SIDES,
    SIGNED,
    TERMINUS_KINDS,
    Boundary,
)

ValueMap = str | Mapping[str, Any]
LEFT_OUT = ""
OSM_HIGHWAY = "osm_highway"
OSM_ACCESS = "osm_access"
CODE_TABLES = {OSM_HIGHWAY: "road_class", "osm_highway_cn_urban": "road_class", OSM_ACCESS: "public"}
_YES = ("是", "有", "yes", "true", "y", "t", "1")
_NO = ("否", "无", "no", "false", "n", "f", "0")
_YES_NO = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)
_SENSE = {"along": 1, "against": -1, "both": 0}
_YES_NO_OR_UNKNOWN = (
    *(
        "oneway",
        "walkable",
        "gated",
        "residential",
        "continuous",
        "obstructed",
        "kerb_ramps",
        "plaque",
        "public",
        "advanced",
    ),
    *(f"item_{n:02d}" for n in range(1, COMMUNITY_ITEMS + 1)),
)
_LIST = re.compile(r"\[[^\[\]]*\]")
_ITEMS = re.compile(r"'[^']*'|\"[^\"]*\"|[^,]+")
NAMED = ("roads", "walkways")
_DBF_NAME, _DBF_STEM = (
    10,
    8,
)  # a Shapefile cuts column names at ten bytes; two of them are a number where names are alike
MOST = 1e15  # of anything that is counted or measured: what is beyond it is a slip
_SHOWN = 5


@dataclass(frozen=True)
class Read:
    """A layer as read, what was done to it on the way (`notes`), and what a planner should look at (`findings`).

    Of very many people the layer is a `Grid`.

    `partial` says that something of it was lost on the way, or that it does not cover the zones: there may be more.
    `datum` is the one its coordinates were taken to be in.
    """

    layer: gpd.GeoDataFrame
    notes: tuple[Note, ...] = ()
    findings: tuple[Note, ...] = ()
    partial: bool = False
    datum: Datum = "wgs84"


def vocabulary(name: str, column: str) -> tuple[str, ...]:
    """The only values a column of a layer may hold; empty where any value will do.

    >>> vocabulary("zones", "role")
    ('main_city', 'district')
    """
    return {
        ("zones", "role"): ROLES,
        ("roads", "road_class"): tuple(table("road_classes")["classes"]),
        ("facilities", "category"): (*table("life_circles")["categories"], *table("emergency")["categories"]),
        ("facilities_check", "category"): (*table("life_circles")["categories"], *table("emergency")["categories"]),
        ("parks", "kind"): ("park", "garden", "square", "green_strip"),
        ("barriers", "kind"): ("river", "railway", "motorway", "wall"),
        ("roads", "sidewalk"): SIDEWALK_SIDES,
        ("termini", "kind"): TERMINUS_KINDS,
        ("sidewalks", "side"): ("left", "right", "north", "south", "east", "west"),
        ("centres", "kind"): CENTRE_KINDS,
        ("heritage", "kind"): HERITAGE_KINDS,
        ("outlines", "kind"): get_args(Boundary),
        ("chargers", "counts"): CHARGER_COUNTS,
    }.get((name, column), ())


def columns_of(name: str) -> tuple[str, ...]:
    """The columns a layer may have: those of LAYERS, the names in English beside its names, and the id of the zones.

    >>> columns_of("zones")
    ('name', 'role', 'name_en', 'zone_id')
    """
    named = ("name_en",) if "name" in LAYERS[name].columns else ()
    return (*LAYERS[name].columns, *named, *(("zone_id",) if name == "zones" else ()))


def our_columns(
    layer: gpd.GeoDataFrame,
    name: str,
    *,
    fields: Mapping[str, str],
    values: Mapping[str, ValueMap],
    what: Text,
    advice: Text = NOTHING,
) -> Read:
    """Return a layer with the columns of LAYERS that it has, renamed, translated and of the right type.

    The index of `layer` is how its rows are called in messages, `advice` what else to say where a column is missing.
    Rows whose value is translated to "" are left out and counted. With `values = {road_class = "osm_highway"}` a "_link"
    ending makes a ramp of the base class, what only people on foot use is left out and noted, and what the table does not
    know is left out, with its length, as a finding. With `values = {public = "osm_access"}` a value that the table does
    not know says nothing.

    Raises:
        LayerError: a named column is not there, a required one has gaps, a value has no meaning or the wrong type.
    """
    notes: list[Note] = []
    findings: list[Note] = []
    found = _found_columns(layer, name, fields=fields, what=what, else_=advice)
    findings += _in_capitals(layer, name, found)
    for column in values:
        if column not in found:
            raise LayerError(
                f"{what.zh}：values 翻译的列 {column} 不存在；请在 fields.{column} 里写明是哪一列",
                f"{what.en}: values are given for {column}, but no column holds it; name it under fields.{column}",
            )
    keep = np.ones(len(layer), dtype=bool)
    as_written = _texts(found["oneway"]) if "oneway" in found else None
    for column, codes in sorted(values.items(), key=lambda item: item[1] == OSM_HIGHWAY):  # it needs `ramp` translated
        theirs = fields.get(column, column)
        where = column_of(what, theirs)
        if codes == OSM_HIGHWAY:
            keep &= _osm_classes(found, layer, notes, findings, what=where)
            continue
        if codes == OSM_ACCESS:
            found[column] = _open_to_all(_texts(found[column]), table("road_classes")[codes])
            continue
        ours = table("road_classes")[codes] if isinstance(codes, str) else codes
        found[column] = _translated(found[column], ours, vocabulary(name, column), what=where, column=column)
        left_out = np.array([value == LEFT_OUT for value in found[column]], dtype=bool)
        if left_out.any():
            notes.append(note("left_out_by_value", rows=int(left_out.sum()), column=theirs))
        keep &= ~left_out
    shapes = layer.geometry
    if as_written is not None:
        where = column_of(what, fields.get("oneway", "oneway"))
        way = _directions(_texts(found["oneway"]), as_written, keep, findings, what=where)
        found["oneway"] = way.map({1: True, -1: True, 0: False}).astype(object).where(way.notna(), None)
        shapes = _along_the_traffic(found, shapes, way.eq(-1).to_numpy())
    if name in NAMED and "name" in found:
        found["name"] = _real_names(found["name"], keep, notes, column=fields.get("name", "name"))
    for column, series in found.items():
        where = column_of(what, fields.get(column, column))
        default = LAYERS[name].columns.get(column, "")
        typed = _typed(series[keep], default, column, what=where)
        findings += _other_unit(column, default, theirs=fields.get(column, column), what=what)
        if default is True:
            findings += _blanks(_texts(series[keep]), column, theirs=fields.get(column, column), what=where)
        _check_words(typed, vocabulary(name, column), what=where, column=column)
        if default is REQUIRED and typed.isna().any():
            gaps = typed.index[typed.isna()]
            raise LayerError(
                f"{where.zh}：有 {len(gaps):,} 行为空，首处是第 {gaps[0]} 行；请填写",
                f"{where.en}: {counted(len(gaps), 'row')} empty, the first is row {gaps[0]}; fill it in",
            )
        found[column] = typed
    read = {fields.get(column, column) for column in found}
    findings += _unread(layer[keep], name, read, closed="public" not in found and OSM_HIGHWAY in values.values())
    made = gpd.GeoDataFrame(found, index=layer.index[keep], geometry=shapes[keep], crs=layer.crs)
    unsure = any(said.kind == "unit_in_name" and said.amounts["ours"] in COUNTED.values() for said in findings)
    return Read(made, tuple(notes), tuple(findings), partial=unsure)


def _unread(layer: gpd.GeoDataFrame, name: str, read: set[str], *, closed: bool) -> list[Note]:
    """Say what the columns of a roads layer that are not read tell against its rows: closed to the public, not built yet."""
    if name != "roads":
        return []
    findings, codes = [], table("road_classes")
    for column in layer.columns.difference([layer.geometry.name, *read]):
        if not (pd.api.types.is_object_dtype(layer[column]) or pd.api.types.is_string_dtype(layer[column])):
            continue
        texts = _texts(layer[column]).str.lower()
        if closed and str(column).lower() == "access" and (shut := int(texts.isin(codes[OSM_ACCESS]["no"]).sum())):
            findings.append(note("access_unread", rows=shut, column=str(column)))
        unbuilt = texts[texts.isin(codes["not_built"]["values"])]
        if len(unbuilt):
            words = ", ".join(sorted(unbuilt.unique()))
            findings.append(note("not_built_unread", rows=len(unbuilt), values=words, column=str(column)))
    return findings


def _found_columns(
    layer: gpd.GeoDataFrame, name: str, *, fields: Mapping[str, str], what: Text, else_: Text
) -> dict[str, pd.Series]:
    theirs = {str(column): column for column in layer.columns if column != layer.geometry.name}
    had = listed_text(theirs, Text("无", "none"))
    found, cut = {}, dict[str, str]()
    for ours in columns_of(name):
        wanted = fields.get(ours, ours)
        source = _as_cut(wanted, theirs, cut, what=what)
        if source in theirs:
            found[ours] = layer[theirs[source]]
        elif ours in fields or LAYERS[name].columns.get(ours) is REQUIRED:
            advice = Text("更正", "correct") if ours in fields else Text("写明", "name the one that holds it under")
            raise LayerError(
                f"{what.zh}：没有列“{source}”（现有：{had.zh}）；请{advice.zh} fields.{ours}{else_.zh}",
                f"{what.en} has no column {source} (it has: {had.en}); {advice.en} fields.{ours}{else_.en}",
            )
    return found


def _in_capitals(layer: gpd.GeoDataFrame, name: str, found: Mapping[str, Any]) -> list[Note]:
    """Say which columns would be ours but for capital letters (ONEWAY): they are not read."""
    unread = [ours for ours in columns_of(name) if ours not in found]
    theirs = [str(column) for column in layer.columns if str(column).lower() in unread]
    return (
        [note("capitals", columns=", ".join(theirs), example=f'{theirs[0].lower()} = "{theirs[0]}"')] if theirs else []
    )


def _as_cut(wanted: str, theirs: Iterable[str], cut: dict[str, str], *, what: Text) -> str:
    """Return the column of a name: that name, or what a Shapefile made of it, where only one name can have become that.

    `cut` holds which name was taken for each column that is cut. Names that are alike up to the cut are told apart by
    their numbers alone (populati_1), which do not say which is which: that is refused.
    """
    if wanted in theirs:
        return wanted
    for name, stem in _cut_names(wanted):
        if name in theirs:
            numbered = [other for other in theirs if re.fullmatch(re.escape(stem) + r"(_\d|\d\d)", other)]
            if numbered or cut.setdefault(name, wanted) != wanted:
                alike = ", ".join([name, *numbered])
                raise LayerError(
                    (
                        f"{what.zh}：列名“{wanted}”被截成十个字节，而开头相同的列不止一个（{alike}）；"
                        "请在 fields 里写文件中实际的列名"
                    ),
                    (
                        f"{what.en}: {wanted} was cut at ten bytes and more than one name begins like it ({alike}); "
                        "name the column as it is written there under fields"
                    ),
                )
            return name
    return wanted


def _cut_names(name: str) -> list[tuple[str, str]]:
    """A column's name as a Shapefile cuts it, in whichever encoding: at ten bytes, without half a character; and what is
    left of it where a number follows.

    >>> _cut_names("土地利用类型代码")
    [('土地利', '土地'), ('土地利用类', '土地利用')]
    """
    written = [(name.encode(encoding, "ignore"), encoding) for encoding in ("utf-8", "gb18030")]
    return [
        (data[:_DBF_NAME].decode(encoding, "ignore"), data[:_DBF_STEM].decode(encoding, "ignore"))
        for data, encoding in written
        if len(data) > _DBF_NAME
    ]


def _joined(items: Iterable[Any]) -> str:
    """The different items of a list, as OpenStreetMap writes several values of one tag."""
    texts = (_as_text(item) for item in items)
    return ";".join(dict.fromkeys(text for text in texts if text is not None and text.lower() != "nan"))


def _as_text(value: Any) -> str | None:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    text = str(value).strip()
    if _LIST.fullmatch(text):
        return _joined(item.strip().strip("'\"") for item in _ITEMS.findall(text[1:-1])) or None
    return text or None


def _texts(series: pd.Series) -> pd.Series:
    """The column as text: 3.0 is "3", blanks and NaN are None, a list, or the text of one, is its different items: "a;b"."""
    plain = series.astype(object).map(lambda value: value if isinstance(value, Hashable) else _joined(value))
    codes, uniques = pd.factorize(plain, use_na_sentinel=True)
    words = np.array([_as_text(value) for value in uniques] + [None], dtype=object)
    return pd.Series(words[codes], index=series.index, dtype=object)


def _translated(
    series: pd.Series, codes: Mapping[str, Any], words: tuple[str, ...], *, what: Text, column: str
) -> pd.Series:
    texts = _texts(series)
    unknown = Counter(text for text in texts if text is not None and text not in codes and words and text not in words)
    if unknown:
        raise LayerError(
            f'{what.zh}：{_listed(unknown).zh}没有对应的译值；请补进 values.{column}（译为 "" 则略去这些行）',
            f'{what.en}: {_listed(unknown).en} not translated; add to values.{column} ("" leaves such rows out)',
        )
    ours = {text: codes.get(text, text) for text in texts.unique() if text is not None}
    return pd.Series([ours.get(text) for text in texts], index=series.index, dtype=object)


def _osm_classes(
    found: dict[str, pd.Series], layer: gpd.GeoDataFrame, notes: list[Note], findings: list[Note], *, what: Text
) -> Bools:
    """Put the classes of highway=* into `found`, and the links among them as ramps; return which rows are roads."""
    texts = _texts(found["road_class"]).str.lower()
    highest = {text: _highest(text) for text in texts.unique() if text is not None}
    several = texts.str.contains(";").eq(True) & texts.map(highest).notna()
    if several.any():
        notes.append(note("several_classes", rows=int(several.sum())))
    texts = pd.Series([highest.get(text) or text for text in texts], index=texts.index, dtype=object)
    roads = table("road_classes")["osm_highway"]
    classes = texts.str.removesuffix("_link").map(roads).astype(object)
    classes = classes.where(classes.notna(), None)
    on_foot = texts.isin(table("road_classes")["osm_walkways"]["highway"]).to_numpy()
    unknown = classes.isna().to_numpy() & ~on_foot
    strange = Counter(texts[unknown].fillna("(empty)"))
    words = _listed(strange)
    if unknown.sum() > len(texts) / 2:
        raise LayerError(
            f"{what.zh}：{words.zh}不是 OpenStreetMap 的 highway 值；请在 fields.road_class 里写明道路等级在哪一列",
            f"{what.en}: {words.en} no highway=* of OpenStreetMap; name the column that holds it under fields.road_class",
        )
    ramps = _typed(found["ramp"], False, "ramp", what=what) if "ramp" in found else False
    found["ramp"] = texts.str.endswith("_link").eq(True) | ramps
    found["road_class"] = classes
    if on_foot.any():
        notes.append(note("on_foot", rows=int(on_foot.sum())))
    if unknown.any():
        length_km = layer.geometry[unknown].length.sum() / 1000
        findings.append(note("no_road_class", values=words, km=float(length_km)))
    return np.asarray(~(on_foot | unknown))


def _open_to_all(texts: pd.Series, codes: Mapping[str, Iterable[str]]) -> pd.Series:
    """What access=* says of driving: yes where one of its values does, no where all do, None where that is not said."""
    answers = {value: answer == "yes" for answer, values in codes.items() for value in values}

    def answered(text: str) -> bool | None:
        said = {answers.get(part.strip()) for part in text.lower().split(";")}
        return True in said if True in said or said == {False} else None

    return texts.map({text: answered(text) for text in texts.dropna().unique()}).astype(object)


def _highest(text: str) -> str | None:
    """Of values of highway=* joined by ";" the one of the highest class, a ramp only where all are; None if none is known."""
    roads, order = table("road_classes")["osm_highway"], list(table("road_classes")["classes"])
    known = [part for item in text.split(";") if (part := item.strip()).removesuffix("_link") in roads]
    rank = {part: (part.endswith("_link"), order.index(roads[part.removesuffix("_link")])) for part in known}
    return min(rank, key=lambda part: rank[part], default=None)


def _directions(texts: pd.Series, as_written: pd.Series, keep: Bools, findings: list[Note], *, what: Text) -> pd.Series:
    """Return 1 for traffic along the line, -1 for against it, 0 for both ways and NaN where it is not said.

    `texts` are translated; one-way lines that were not translated into a direction keep that of `as_written`.
    """
    unknown = table("road_classes")["oneway"]["unknown"]
    texts = texts.where(~texts.str.lower().isin(unknown), None)
    theirs, words = as_written.str.lower(), texts.str.lower()
    here = set(theirs[keep].dropna())
    letters = table("road_classes")["oneway"]["from_to"]
    of_letters = {letter: _SENSE[sense] for letter, sense in letters.items()}
    navigation = "b" in here or not here.isdisjoint({"ft", "tf"})
    said = {word: sign for sense, sign in _SENSE.items() for word in table("road_classes")["oneway"][sense]}
    known = said | (of_letters if navigation else {})
    unclear = pd.Series(False, index=texts.index) if navigation else texts.eq(as_written) & words.isin(letters)
    way = words.map({word: _one_sense(word, known) for word in words.dropna().unique()}).astype(float)
    wrong = texts.index[keep & texts.notna() & ~unclear & ~words.map(lambda word: _understood(word, known))]
    if len(wrong):
        raise LayerError(
            (
                f"{what.zh}：第 {wrong[0]} 行的值是“{texts.loc[wrong[0]]}”，应为是或否（-1 "
                "表示单行方向与画线方向相反）；请在 values.oneway 里翻译"
            ),
            (
                f"{what.en}: row {wrong[0]} holds {texts.loc[wrong[0]]!r}, wanted yes or no (-1: one-way against "
                "the line as drawn); translate it under values.oneway"
            ),
        )
    if (unclear & keep).any():
        findings.append(note("unclear_oneway", rows=int((unclear & keep).sum())))
    against = way.eq(1) & theirs.map(known).eq(-1)
    return way.mask(against, -1.0).mask(unclear)


def _understood(word: str | None, known: Mapping[str, int]) -> bool:
    return word is None or all(part in known for part in word.split(";"))


def _one_sense(word: str, known: Mapping[str, int]) -> float:
    """The direction that all parts of a text agree on; NaN where they do not."""
    senses = {known.get(part) for part in word.split(";")}
    sense = senses.pop()
    return np.nan if senses or sense is None else float(sense)


def _along_the_traffic(found: dict[str, pd.Series], shapes: gpd.GeoSeries, turned: Bools) -> gpd.GeoSeries:
    """The lines that are drawn against their traffic turned round, and with them the sides of their sidewalks."""
    if "sidewalk" in found and turned.any():
        swapped = found["sidewalk"].replace({"left": "right", "right": "left"})
        found["sidewalk"] = found["sidewalk"].mask(turned, swapped)
    return shapes.where(~turned, shapes.reverse())


def _real_names(series: pd.Series, keep: Bools, notes: list[Note], *, column: str) -> pd.Series:
    """The names without placeholders (无名路, NULL, ????), which are counted."""
    texts = _texts(series)
    names = real_names(texts)
    lost = int((texts.notna() & names.isna())[keep].sum())
    if lost:
        notes.append(note("placeholder_names", rows=lost, column=column))
    return names


def _typed(series: pd.Series, default: object, column: str, *, what: Text) -> pd.Series:
    texts = _texts(series)
    if column in _YES_NO_OR_UNKNOWN or isinstance(default, bool):
        answers = [default if text is None else _yes_or_no(text, default) for text in texts]
        wrong = np.flatnonzero(
            [text is not None and answer is None for text, answer in zip(texts, answers, strict=True)]
        )
        if len(wrong):
            raise LayerError(
                (
                    f"{what.zh}：第 {series.index[wrong[0]]} 行的值是“{texts.iloc[wrong[0]]}”，"
                    f"应为是或否；请在 values.{column} 里翻译"
                ),
                (
                    f"{what.en}: row {series.index[wrong[0]]} holds {texts.iloc[wrong[0]]!r}, wanted yes or no; "
                    f"translate it under values.{column}"
                ),
            )
        return pd.Series(answers, index=series.index, dtype=object if default is None else bool)
    if column in COUNTED.values() or isinstance(default, int | float):
        numbers = pd.to_numeric(texts, errors="coerce").astype(float)
        wrong = np.flatnonzero(numbers.isna() & texts.notna())
        if len(wrong):
            held = series.iloc[wrong[0]]
            raise LayerError(
                f"{what.zh}：第 {series.index[wrong[0]]} 行的值是“{held}”，应为数字；请更正",
                f"{what.en}: row {series.index[wrong[0]]} holds {held!r}, wanted a number; correct it",
            )
        _check_numbers(numbers, column, whole=isinstance(default, int), what=what)
        return numbers.fillna(default).astype(int) if isinstance(default, int) else numbers
    return texts


def _check_numbers(numbers: pd.Series, column: str, *, whole: bool, what: Text) -> None:
    """Refuse amounts that nothing on the ground can have: none is below zero but a level, none is endless."""
    for wrong, said in (
        (np.isinf(numbers), Text("为无穷大", "endless")),
        (numbers.abs().gt(MOST), Text("大得不可能", "larger than can be")),
        (numbers.lt(0) & (column not in SIGNED), Text("为负数", "below zero")),
        (numbers.notna() & (numbers % 1).ne(0) & whole, Text("不是整数", "no whole number")),
    ):
        if wrong.any():
            rows = numbers.index[wrong]
            raise LayerError(
                (
                    f"{what.zh}：有 {len(rows):,} 行{said.zh}，首处是 {numbers[rows[0]]:g}（第 {rows[0]} "
                    "行）；请更正，不清楚就留空"
                ),
                (
                    f"{what.en}: {counted(len(rows), 'row')} {said.en}, the first {numbers[rows[0]]:g} (row {rows[0]}); "
                    "correct it, or leave it empty if it is not known"
                ),
            )


def _yes_or_no(text: str, default: object) -> object:
    """What a text answers; where its parts answer otherwise than each other the default, where one is no answer None."""
    answers = {_YES_NO.get(part.lower()) for part in text.split(";")}
    return answers.pop() if len(answers) == 1 else None if None in answers else default


def _blanks(texts: pd.Series, column: str, *, theirs: str, what: Text) -> list[Note]:
    """Say that blanks count as yes; of construction land, where they may as well be meant as no, refuse them."""
    gaps = texts.index[texts.isna()]
    if not len(gaps):
        return []
    if column == "construction":
        raise LayerError(
            f"{what.zh}：有 {len(gaps):,} 行为空，首处是第 {gaps[0]} 行；请对每块地都填是或否，或去掉这一列",
            (
                f"{what.en}: {counted(len(gaps), 'row')} empty, the first is row {gaps[0]}; "
                "say yes or no of all land, or take the column out"
            ),
        )
    return [note("blank_yes", column=theirs, rows=len(gaps))]


def _other_unit(column: str, default: object, *, theirs: str, what: Text) -> list[Note]:
    """Say so where the name of a column of amounts speaks of 万; refuse it where it speaks of a density or a share."""
    if column not in COUNTED.values() and (isinstance(default, bool) or not isinstance(default, int | float)):
        return []
    named = table("units")["column_names"]
    if word := next((word for word in named["ratios"] if word in theirs.lower()), None):
        raise LayerError(
            f"{what.zh}，列“{theirs}”：列名含“{word}”，而 {column} 要的是绝对数；请给出绝对数的列",
            f"{what.en}, column {theirs}: its name says {word}, but {column} are plain numbers; give a column of those",
        )
    word = next((word for word in named["multiples"] if word in theirs), None)
    return [] if word is None else [note("unit_in_name", column=theirs, ours=column, word=word)]


def _check_words(series: pd.Series, words: tuple[str, ...], *, what: Text, column: str) -> None:
    if not words:
        return
    unknown = Counter(str(value) for value in series if value is not None and value not in words)
    if unknown:
        near = get_close_matches(next(iter(unknown)), words, n=1)
        into = (
            Text(f"例如 {near[0]}", f"e.g. {near[0]}") if near else Text("下列之一：", "one of: ") + listed_text(words)
        )
        raise LayerError(
            f"{what.zh}：{_listed(unknown).zh}不是 {column} 的可用值；请在 values.{column} 里翻译为 {into.zh}",
            f"{what.en}: {_listed(unknown).en} no {column}; translate under values.{column} into {into.en}",
        )


def _listed(counts: Counter[str]) -> Text:
    """The values that are most often there, each with its rows, as the beginning of a sentence."""
    most = counts.most_common()
    zh = "、".join(f"“{value}”（{n:,} 行）" for value, n in most[:_SHOWN])
    en = ", ".join(f"{value!r} ({counted(n, 'row')})" for value, n in most[:_SHOWN])
    more = len(most) - _SHOWN
    rest = Text(f"等 {len(most)} 种值", f" and {more} other values") if more > 0 else NOTHING
    return Text(zh, en) + rest + Text("", " is" if len(most) == 1 else " are")
