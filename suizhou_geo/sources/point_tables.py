"""Tables of places: CSV and TSV, Excel workbooks, and the JSON that map services answer with. Every cell is read as text.

Places stand in two columns, in one as "lng,lat", in degrees, minutes and seconds, or as WKT.
"""

from __future__ import annotations

import io
import json
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from suizhou_geo.errors import InputError, LayerError
from suizhou_geo.errors.text import NOTHING, Text, listed_text
from suizhou_geo.geometry.arrays import Shapes
from suizhou_geo.model import Note
from suizhou_geo.sources.files import decoded
from suizhou_geo.sources.notes import note
from suizhou_geo.sources.workbooks import WORKBOOKS

TEXTS = (".csv", ".tsv", ".txt")
_SEPARATORS = ("\t", ",", ";")
_PAIRS = ("location", "lnglat", "坐标", "经纬度")  # what map services and their users call a column of "lng,lat"
_WKTS = ("wkt", "geom", "the_geom", "geometry", "shape")  # what databases call a column of WKT, in small letters
_WKT = r"(?i)^\s*(?:SRID=(\d+);)?\s*((?:MULTI)?(?:POINT|LINESTRING|POLYGON)|GEOMETRYCOLLECTION)\s*(?:Z|M|ZM)?\s*[(E]"
_SIGNS = {
    **dict.fromkeys("度º˚", "°"),
    **dict.fromkeys("′‘’＇`分", "'"),
    **dict.fromkeys("″“”＂秒", '"'),
    "，": ",",
    "；": ";",
    "东经": "E",
    "西经": "W",
    "北纬": "N",
    "南纬": "S",
}
_NUMBER = r"\d+(?:\.\d+)?"
_DEGREES = rf"[EWNS]?\s*-?{_NUMBER}\s*(?:°\s*(?:{_NUMBER}\s*'(?!')\s*)?(?:{_NUMBER}\s*(?:\"|'')\s*)?)?[EWNS]?"
_PAIR = rf"^\s*({_DEGREES})\s*[,;\s]\s*({_DEGREES})\s*$"
_SIXTY = 60.0
_POLE_DEG = 90.0
_HEADING = 1  # line of a table
_START = 4096


def is_table(path: Path) -> bool:
    """Whether a file is a table of rows, not of shapes: by its name, or JSON that holds records and is no GeoJSON."""
    suffix = path.suffix.lower()
    return suffix in (*TEXTS, *WORKBOOKS) or (suffix == ".json" and bool(_records(path)))


def table_rows(
    path: Path, *, sheet: str | None, name: str, encoding: str | None, what: Text
) -> tuple[pd.DataFrame, list[Note]]:
    """Return the rows of a table as text, numbered as a spreadsheet numbers them, without those that are all blank.

    Of several sheets with rows `sheet` names one, else the one called `name` is taken. Hidden ones are taken only by name.

    Raises:
        InputError: the file is no table of its kind, or not in its encoding.
        LayerError: no such sheet, or none chosen among several.
    """
    suffix, notes = path.suffix.lower(), list[Note]()
    if suffix in WORKBOOKS:
        rows, told = _workbook(path, sheet, name, what)
        notes += told
    elif suffix in TEXTS:
        text, read_as = decoded(path.read_bytes(), what=what, encoding=encoding)
        rows = _separated(text, suffix, what)
        notes += [] if read_as == "utf-8-sig" else [note("read_as", encoding=read_as)]
    else:
        rows = pd.DataFrame([{key: _cell(value) for key, value in record.items()} for record in _records(path)])
    rows = rows.fillna("").astype(str)
    rows.columns = [str(column).strip() for column in rows.columns]
    rows.index = pd.RangeIndex(1 + _HEADING, len(rows) + 1 + _HEADING)
    blank = (rows.apply(lambda column: column.str.strip()) == "").all(axis=1).to_numpy(dtype=bool)
    if blank.any():
        notes.append(note("blank", rows=int(blank.sum())))
    return rows[~blank], notes


def located(rows: pd.DataFrame, *, x: str | None, y: str | None, what: Text) -> tuple[Shapes, int | None, list[Note]]:
    """Return the shape of each row, the EPSG code that its WKT names, and what is to be said.

    Two columns hold the coordinates, or one both as "lng,lat", or one the shapes as WKT. One column holds all where x and
    y name the same, where x alone names it, or where none is named and a column of a usual name (location, WKT) holds
    nothing else. Degrees may be written with minutes and seconds. Where the second of a pair can be no latitude, or is said
    to be the longitude, the latitude comes first.

    Raises:
        LayerError: no column named, none of that name, or a cell that is no coordinate.
    """
    had = listed_text(rows.columns)
    for key, column in (("x", x), ("y", y)):
        if column is not None and column not in rows.columns:
            titled = any(name.startswith("Unnamed: ") for name in rows.columns)
            advice = (
                Text("去掉表头以上的行", "take out the lines above the headings")
                if titled
                else Text(f"更正 {key}", f"correct {key}")
            )
            raise LayerError(
                f"{what.zh}：没有列“{column}”（现有：{had.zh}）；请{advice.zh}",
                f"{what.en} has no column {column} (it has: {had.en}); {advice.en}",
            )
    alone = [x] if x is not None and y in (None, x) else [*rows.columns] if x is None and y is None else []
    for name in alone:
        if (x or name.lower() in _WKTS) and _most(rows[name], _WKT):
            return _drawn(rows[name], what)
        if (x or name in _PAIRS) and _most(_plain(rows[name]), _PAIR):
            return _split(rows[name], what)
    missing = [
        text
        for column, text in (
            (x, Text("x = 经度所在的列", "x = the column of longitude")),
            (y, Text("y = 纬度所在的列", "y = the column of latitude")),
        )
        if column is None
    ]
    if x is None or y is None:
        raise LayerError(
            (
                f"{what.zh}：不知道坐标在哪一列；请写明 {'、'.join(text.zh for text in missing)}（现有列：{had.zh}）；"
                '如果一列同时含经纬度（"lng,lat"）或是 WKT，写作 x；没有坐标、只有名称的表用 join 连接到图形'
            ),
            (
                f"{what.en} needs {' and '.join(text.en for text in missing)}, beside path; it has: {had.en}; "
                'where one column holds both as "lng,lat", or WKT, name it as x; a table of names alone is joined to shapes '
                "with join"
            ),
        )
    notes = [
        note("degrees_minutes", column=column) for column in (x, y) if _plain(rows[column]).str.contains("°").any()
    ]
    return _points(_numbers(rows[x], "EW", what), _numbers(rows[y], "NS", what)), None, notes


def _drawn(cells: pd.Series, what: Text) -> tuple[Shapes, int | None, list[Note]]:
    """The shapes of cells that hold WKT, and the system that all of them name (SRID=4547;POINT …), if they do."""
    srids = cells.str.extract(_WKT)[0]
    shapes = shapely.from_wkt(cells.str.replace(r"(?i)^\s*SRID=\d+;", "", regex=True).to_numpy(), on_invalid="ignore")
    _refuse(cells.str.slice(0, 40), pd.Series(shapely.is_missing(shapes), index=cells.index), what)
    if len(set(srids.fillna(""))) > 1:
        raise LayerError(
            f"{what.zh}，列“{cells.name}”：各行写明的坐标系（SRID）不一致；请统一坐标系",
            f"{what.en}, column {cells.name}: its rows name different systems (SRID); bring them into one",
        )
    srid = int(srids.fillna("0").iloc[0])
    return shapes, srid or None, [note("wkt", column=cells.name)]


def _split(cells: pd.Series, what: Text) -> tuple[Shapes, None, list[Note]]:
    """The points of cells that hold both coordinates."""
    both = _plain(cells).str.extract(_PAIR)
    _refuse(cells, both[0].isna(), what)
    turned = both[0].str.contains("[NS]").all() and both[1].str.contains("[EW]").all()
    signs = ("NS", "EW") if turned else ("EW", "NS")
    first, second = (_numbers(both[at].rename(cells.name), letters, what) for at, letters in enumerate(signs))
    turned = turned or ((first.abs() <= _POLE_DEG).all() and (second.abs() > _POLE_DEG).all())
    if turned:
        return _points(second, first), None, [note("pairs_turned", column=cells.name)]
    return _points(first, second), None, [note("pairs", column=cells.name)]


def _points(x: pd.Series, y: pd.Series) -> Shapes:
    return np.asarray(shapely.points(x.to_numpy(), y.to_numpy()), dtype=object)


def _numbers(cells: pd.Series, letters: str, what: Text) -> pd.Series:
    """Coordinates as numbers; `letters` are those of their direction, the second of which counts below zero."""
    plain = _plain(cells).str.strip()
    other = plain.index[plain.str.contains("[EWNS]") & ~plain.str.contains(f"[{letters}]")]
    if len(other):
        raise LayerError(
            f"{what.zh}，列“{cells.name}”：第 {other[0]} 行是“{cells[other[0]]}”，方向与该列不符，经纬度颠倒；请互换 x、y",
            f"{what.en}, column {cells.name}: row {other[0]} has {cells[other[0]]!r}, which is the other direction, so "
            "longitude and latitude are swapped; exchange x and y",
        )
    numbers = pd.to_numeric(plain, errors="coerce").astype(float)
    parts = plain[numbers.isna()].str.extract(
        rf"^[EWNS]?\s*(-?)({_NUMBER})\s*°?\s*(?:({_NUMBER})\s*'(?!'))?\s*(?:({_NUMBER})\s*(?:\"|''))?\s*[EWNS]?$"
    )
    whole, minutes, seconds = (parts[at].astype(float) for at in (1, 2, 3))
    minutes, seconds = minutes.fillna(0.0), seconds.fillna(0.0)
    degrees = (whole + minutes / 60 + seconds / 3600).where((minutes < _SIXTY) & (seconds < _SIXTY))
    below = parts[0].eq("-") | plain[parts.index].str.contains(letters[1])
    numbers = numbers.fillna(degrees.where(~below, -degrees))
    _refuse(cells, ~np.isfinite(numbers), what)
    return numbers


def _plain(cells: pd.Series) -> pd.Series:
    """Cells with the signs of degrees, minutes, seconds and directions written in one way."""
    text = cells.str.upper()
    for sign, plain in _SIGNS.items():
        text = text.str.replace(sign, plain, regex=False)
    return text


def _refuse(cells: pd.Series, bad: pd.Series, what: Text) -> None:
    wrong = cells.index[bad]
    if len(wrong):
        others = len(wrong) - 1
        more = Text(f"，另有 {others} 行也是", f", and so have {others} more") if others else NOTHING
        raise LayerError(
            (
                f"{what.zh}，列“{cells.name}”：第 {wrong[0]} 行的坐标是“{cells[wrong[0]]}”"
                f"{more.zh}；请填写，或去掉这一行"
            ),
            (
                f"{what.en}, column {cells.name}: row {wrong[0]} has {cells[wrong[0]]!r} for a coordinate{more.en}; "
                "fill it in or take the row out"
            ),
        )


def _most(cells: pd.Series, pattern: str) -> bool:
    """Whether most of a column is written in a way: a row that is not is for the planner to mend."""
    written = sum(re.search(pattern, cell) is not None for cell in cells)
    return 0 < len(cells) <= 2 * written


def _separated(text: str, suffix: str, what: Text) -> pd.DataFrame:
    heading = text.partition("\n")[0]
    separator = max(_SEPARATORS if suffix == ".csv" else ("\t",), key=heading.count)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # it tells of cells that were lost
            return pd.read_csv(
                io.StringIO(text),
                sep=separator if separator in heading or suffix != ".csv" else ",",
                dtype=str,
                keep_default_na=False,
                skip_blank_lines=False,
                index_col=False,
            )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, pd.errors.ParserWarning) as error:
        said = str(error).strip().split("\n")[0]
        raise InputError(
            f"{what.zh}：不是完整的表格（原文：“{said}”）；请重新保存为 CSV",
            f"{what.en} is not a table: {said}; save it again as CSV",
        ) from error


def _workbook(path: Path, sheet: str | None, name: str, what: Text) -> tuple[pd.DataFrame, list[Note]]:
    from suizhou_geo.sources.read_workbook import opened_workbook, visible  # most studies have no workbook to wait for

    with opened_workbook(path, what=what) as (book, notes):
        shown, every = ([each.title for each in sheets] for sheets in (visible(book), book.worksheets))
        if sheet is not None and sheet not in every:
            there = listed_text(every)
            raise LayerError(
                f"{what.zh}：没有工作表“{sheet}”（现有：{there.zh}）；请更正 sheet",
                f"{what.en}: there is no sheet {sheet!r} (there is: {there.en}); correct sheet",
            )
        names = shown if sheet is None else [sheet]
        sheets = pd.read_excel(pd.ExcelFile(book), names, dtype=str, keep_default_na=False)
    hidden = [each for each in every if each not in shown]
    if sheet is None and hidden:
        notes.append(note("hidden_sheets", sheets=", ".join(hidden)))
    held = [each for each, rows in sheets.items() if len(rows)]
    if len(held) > 1 and name not in held:
        there = listed_text(held)
        raise LayerError(
            f"{what.zh}：有 {len(held)} 张工作表有内容（{there.zh}）；请用 sheet 写明是哪一张",
            f"{what.en}: {len(held)} sheets hold rows ({there.en}); say which with sheet",
        )
    return sheets[name if name in held else held[0] if held else names[0]], notes


def _records(path: Path) -> list[Mapping[str, Any]]:
    """The rows of JSON that is a list of records, or holds exactly one; none of GeoJSON."""
    data = path.read_bytes()
    if b"FeatureCollection" in data[:_START]:  # not read whole to be told that it is GeoJSON
        return []
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError):
        return []
    if isinstance(content, dict) and ("features" in content or "coordinates" in content or "geometry" in content):
        return []
    lists = [content] if isinstance(content, list) else [v for v in content.values() if isinstance(v, list) and v]
    rows = lists[0] if len(lists) == 1 and all(isinstance(row, dict) for row in lists[0]) else []
    return [] if rows and all("geometry" in row or "coordinates" in row for row in rows) else rows


def _cell(value: Any) -> str:
    """A value of JSON as a cell: nothing for nothing, a place {lng, lat} as "lng,lat"."""
    if value is None or value == []:
        return ""
    if isinstance(value, dict) and {"lng", "lat"} <= value.keys():
        return f"{value['lng']},{value['lat']}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
