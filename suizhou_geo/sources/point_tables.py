"""Tables of points: CSV and TSV, Excel workbooks, and the JSON that map services answer with. Every cell is read as text."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from suizhou_geo.errors import InputError, LayerError
from suizhou_geo.errors.text import NOTHING, Text, listed_text
from suizhou_geo.model import Note
from suizhou_geo.sources.files import decoded
from suizhou_geo.sources.notes import note

TEXTS, WORKBOOKS = (".csv", ".tsv", ".txt"), (".xlsx", ".xlsm")
_SEPARATORS = ("\t", ",", ";")
_PAIRS = ("location", "lnglat", "坐标", "经纬度")  # what map services and their users call a column of "lng,lat"
_PAIR = r"^\s*(-?\d+(?:\.\d+)?)\s*[,，;\s]\s*(-?\d+(?:\.\d+)?)\s*$"
_POLE_DEG = 90.0
_HEADING = 1  # line of a table
_START = 4096


def is_table(path: Path) -> bool:
    """Whether a file is a table of rows, not of shapes: by its name, or JSON that holds records and is no GeoJSON."""
    suffix = path.suffix.lower()
    return suffix in (*TEXTS, *WORKBOOKS) or (suffix == ".json" and bool(_records(path)))


def table_rows(path: Path, *, sheet: str | None, encoding: str | None, what: Text) -> tuple[pd.DataFrame, list[Note]]:
    """Return the rows of a table as text, numbered as a spreadsheet numbers them, without those that are all blank.

    Raises:
        InputError: the file is no table of its kind, or not in its encoding.
    """
    suffix, notes = path.suffix.lower(), list[Note]()
    if suffix in WORKBOOKS:
        rows = _workbook(path, sheet, what)
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


def coordinates(
    rows: pd.DataFrame, *, x: str | None, y: str | None, what: Text
) -> tuple[pd.Series, pd.Series, list[Note]]:
    """Return x and y of each row: of two columns, or of one that holds both as "lng,lat".

    One column holds both where x and y name the same, where x alone names it, or where none is named and a column of a
    usual name (location) holds nothing else. Where the second of the two can be no latitude, the latitude comes first.

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
    pair = x if x is not None and y in (None, x) and _are_pairs(rows[x]) else None
    if x is None and y is None:
        pair = next((name for name in _PAIRS if name in rows.columns and _are_pairs(rows[name])), None)
    if pair is not None:
        return _split(rows[pair], what)
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
                f"{what.zh}：除 path 外还要写明 {'、'.join(text.zh for text in missing)}；现有列：{had.zh}；"
                '如果一列同时含经纬度（"lng,lat"），写作 x'
            ),
            (
                f"{what.en} needs {' and '.join(text.en for text in missing)}, beside path; it has: {had.en}; "
                'where one column holds both as "lng,lat", name it as x'
            ),
        )
    return _numbers(rows[x], what), _numbers(rows[y], what), []


def _split(cells: pd.Series, what: Text) -> tuple[pd.Series, pd.Series, list[Note]]:
    """The x and the y of cells that hold both."""
    both = cells.str.extract(_PAIR)
    _refuse(cells, both[0].isna(), what)
    first, second = both[0].astype(float), both[1].astype(float)
    if (first.abs() <= _POLE_DEG).all() and (second.abs() > _POLE_DEG).all():
        return second, first, [note("pairs_turned", column=cells.name)]
    return first, second, [note("pairs", column=cells.name)]


def _numbers(cells: pd.Series, what: Text) -> pd.Series:
    numbers = pd.to_numeric(cells.str.strip(), errors="coerce")
    _refuse(cells, ~np.isfinite(numbers), what)
    return numbers.astype(float)


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


def _are_pairs(cells: pd.Series) -> bool:
    """Whether a column is one of pairs, most of it: a row that is none is for the planner to mend."""
    return bool(len(cells) and cells.str.match(_PAIR).mean() >= 0.5)


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


def _workbook(path: Path, sheet: str | None, what: Text) -> pd.DataFrame:
    try:
        with warnings.catch_warnings(), pd.ExcelFile(path, engine="openpyxl") as book:
            warnings.simplefilter("ignore", UserWarning)  # of styles and extensions that no cell depends on
            if sheet is not None and sheet not in book.sheet_names:
                there = ", ".join(map(str, book.sheet_names))
                raise LayerError(
                    f"{what.zh}：没有工作表“{sheet}”（现有：{there}）；请更正 layer",
                    f"{what.en}: there is no sheet {sheet!r} (there is: {there}); correct layer",
                )
            return pd.read_excel(book, sheet if sheet is not None else 0, dtype=str, keep_default_na=False)
    except (zipfile.BadZipFile, KeyError, OSError, ValueError, IndexError, SyntaxError) as error:
        if isinstance(error, InputError):
            raise
        said = str(error).strip().split("\n")[0]
        raise InputError(
            f"{what.zh}：无法作为 Excel 文件打开（原文：“{said}”）；请另存为 .xlsx 或 CSV",
            f"{what.en} cannot be opened as Excel ({said}); save it as .xlsx or CSV",
        ) from error


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
    return lists[0] if len(lists) == 1 and all(isinstance(row, dict) for row in lists[0]) else []


def _cell(value: Any) -> str:
    """A value of JSON as a cell: nothing for nothing, a place {lng, lat} as "lng,lat"."""
    if value is None or value == []:
        return ""
    if isinstance(value, dict) and {"lng", "lat"} <= value.keys():
        return f"{value['lng']},{value['lat']}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
