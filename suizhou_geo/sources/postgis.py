"""Layers of a PostGIS database: one table, or one query that only reads; no more of it than lies where the study looks."""

from __future__ import annotations

import datetime
import importlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError, ProjError

from suizhou_geo.errors import InputError, LayerError
from suizhou_geo.errors.text import Text, listed_text
from suizhou_geo.geometry.crs import moving
from suizhou_geo.model import Note
from suizhou_geo.sources.database import DatabaseAddress
from suizhou_geo.sources.notes import note

_WAIT_S = 10
_SHIFTED_M = 2_000.0  # how far datums may move what is looked for, with room
_GLIMPSE = 1_000  # rows of a table of another place, to tell of which
_PLAIN = (str, bool, int, float, datetime.date, type(None))
_TABLES = """
    select f_table_schema, f_table_name from geometry_columns
    union select f_table_schema, f_table_name from geography_columns order by 1, 2
"""
_TYPES = "select oid from pg_type where typname in ('geometry', 'geography')"
_SYSTEM = "select auth_name, auth_srid, srtext from spatial_ref_sys where srid = %s"


@dataclass(frozen=True)
class Window:
    """A box to read, in a coordinate system; without one the whole is read."""

    bounds: tuple[float, float, float, float]
    crs: CRS


def database_rows(
    address: DatabaseAddress,
    *,
    layer: str | None,
    sql: str | None,
    name: str,
    window: Window | None,
    crs: CRS | None,
    what: Text,
) -> tuple[gpd.GeoDataFrame, list[Note], list[Note]]:
    """Return the rows of a table ("table" or "schema.table"), or of a query, with their shapes, what is
    to be said, and what is to be looked at.

    Without `layer` and `sql` the only table with shapes is taken, or the one called `name`. Rows that reach the window, and
    those without a shape, are read; where none does, and the table lies elsewhere, so many of them that it can be told
    where. `crs` is that of shapes that do not say their own. The transaction is opened for reading alone.

    Raises:
        InputError: psycopg is not installed; the server, the database or the query gives no answer.
        LayerError: no such table, none chosen among several, no column of shapes or several, several coordinate systems.
    """
    psycopg = _driver(what)
    try:
        connection = psycopg.connect(address.secret, connect_timeout=_WAIT_S, application_name="suizhou-geo")
    except (psycopg.Error, UnicodeError, ValueError) as error:
        raise _unreachable(error, address, what) from None
    try:
        with connection:
            connection.read_only = True
            source = psycopg.sql.SQL(sql.strip().rstrip(";")) if sql else _table(connection, layer, name, what)
            return _read(connection, source, window=window, crs=crs, what=what)
    except psycopg.Error as error:
        said = str(error.diag.message_primary or error).strip().split("\n")[0]
        key = (
            Text("；请更正 sql", "; correct sql")
            if sql
            else Text("；请检查该表和读取权限", "; check it and your rights")
        )
        raise InputError(
            f"{what.zh}：数据库没有给出数据（原文：“{said}”）{key.zh}",
            f"{what.en}: the database gives no data ({said}){key.en}",
        ) from error


def _driver(what: Text) -> Any:
    try:
        importlib.import_module("psycopg.sql")
        return importlib.import_module("psycopg")
    except ImportError:
        raise InputError(
            f'{what.zh}：读数据库需要 psycopg；请运行 pip install "suizhou-geo[postgis]"，或导出为 GeoPackage',
            f'{what.en}: a database needs psycopg; run pip install "suizhou-geo[postgis]", or export it as GeoPackage',
        ) from None


def _unreachable(error: Exception, address: DatabaseAddress, what: Text) -> InputError:
    lines = str(error).strip().splitlines() or [""]
    said = next((line for line in reversed(lines) if "failed:" in line), lines[0]).rpartition("failed:")[2].strip()
    if not _is_plain(address):
        said = "the address is not written as one"
    elif any(word in said.lower() for word in ("password", "口令", "密码")):
        return InputError(
            f"{what.zh}：数据库 {address} 不接受这个用户或密码；请更正，密码可放在环境变量 PGPASSWORD 里",
            f"{what.en}: the database {address} does not take this user or password; correct it, the password may stand in "
            "the environment variable PGPASSWORD",
        )
    return InputError(
        f"{what.zh}：连不上数据库 {address}（原文：“{said}”）；请检查地址和网络，密码中的特殊字符要写成 %40 这样",
        f"{what.en}: no connection to the database {address} ({said}); check the address and the network, and write special "
        "characters of a password like %40",
    )


def _is_plain(address: DatabaseAddress) -> bool:
    """Whether the server is asked for nothing that is not shown: else what it says may tell the password."""
    psycopg = importlib.import_module("psycopg")
    try:
        asked = psycopg.conninfo.conninfo_to_dict(address.secret)
    except psycopg.Error:
        return False
    return all(str(asked.get(key, "")) in address for key in ("user", "host", "port", "dbname"))


def _table(connection: Any, layer: str | None, name: str, what: Text) -> Any:
    """The query of all rows of a table."""
    sql = importlib.import_module("psycopg.sql")
    has = connection.execute("select to_regclass('geometry_columns') is not null").fetchone()[0]
    there = [tuple(row) for row in connection.execute(_TABLES)] if has else []
    wanted = [pair for pair in there if layer in (pair[1], ".".join(pair))]
    if layer is None:
        wanted = there if len(there) == 1 else [pair for pair in there if pair[1] == name]
    if len(wanted) != 1:
        listed = listed_text([".".join(pair) for pair in there], Text("没有带图形的表", "none with shapes"))
        wrong = Text(f"没有带图形的表“{layer}”", f"there is no table {layer!r} with shapes")
        if layer is None or wanted:
            wrong = Text("不知道是哪张表", "it is not said which table")
        raise LayerError(
            f"{what.zh}：{wrong.zh}（现有：{listed.zh}）；请用 layer 写明",
            f"{what.en}: {wrong.en} (there is: {listed.en}); name it with layer",
        )
    return sql.SQL("select * from {}").format(sql.Identifier(*wanted[0]))


def _read(
    connection: Any, source: Any, *, window: Window | None, crs: CRS | None, what: Text
) -> tuple[gpd.GeoDataFrame, list[Note], list[Note]]:
    sql = importlib.import_module("psycopg.sql")
    columns, shape = _columns(connection, source, what)
    rows_of = sql.SQL("from ({}\n) as q").format(source)
    drawn = sql.SQL("q.{}::geometry").format(sql.Identifier(shape))
    query = sql.SQL("select st_srid({}), count(*) {} group by 1").format(drawn, rows_of)
    counts = dict(connection.execute(query).fetchall())
    own = _system(connection, [srid for srid in counts if srid is not None], what)
    others = sql.SQL(", ").join(sql.SQL("q.{}").format(sql.Identifier(column)) for column in columns)
    fields = sql.SQL("select st_asbinary(st_curvetoline({})){}{} {}").format(
        drawn, sql.SQL(", ") if columns else sql.SQL(""), others, rows_of
    )
    srid = next((srid for srid in counts if srid), 0)
    box = _box(window, own or crs, srid)
    total = sum(counts.values())
    limits = sql.SQL("")
    if box:
        within = sql.SQL(" where {0} && {1} or {0} is null").format(drawn, sql.SQL(box))
        extent = sql.SQL("select coalesce(bool_or({0} && {1}), false), st_setsrid(st_extent({0}), {2}) && {1} {3}")
        reached, meets = connection.execute(extent.format(drawn, sql.SQL(box), sql.Literal(srid), rows_of)).fetchone()
        limits = within if reached or meets or meets is None else sql.SQL(" limit {}").format(sql.Literal(_GLIMPSE))
    found = connection.execute(fields + limits).fetchall()
    frame = pd.DataFrame([[_plain(value) for value in row[1:]] for row in found], columns=columns)
    shapes = shapely.from_wkb([None if row[0] is None else bytes(row[0]) for row in found], on_invalid="fix")
    layer = gpd.GeoDataFrame(frame, geometry=shapes, crs=own)
    layer.index = pd.RangeIndex(1, len(layer) + 1)
    notes = [note("database_window", rows=len(found), total=total)] if box else []
    return layer, notes, [note("none_near", features=total)] if total and not found else []


def _columns(connection: Any, source: Any, what: Text) -> tuple[list[str], str]:
    """The columns of a query but that of shapes, and its name."""
    sql = importlib.import_module("psycopg.sql")
    types = {row[0] for row in connection.execute(_TYPES)}
    described = connection.execute(sql.SQL("select * from ({}\n) as q limit 0").format(source)).description
    names = [column.name for column in described]
    drawn = [column.name for column in described if column.type_code in types]
    twice = sorted({name for name in names if names.count(name) > 1})
    if len(drawn) == 1 and not twice:
        return [name for name in names if name != drawn[0]], drawn[0]
    listed = listed_text(twice or drawn or names)
    wrong = (
        Text(f"有重名的列（{listed.zh}）；请用 as 改名", f"has columns of one name ({listed.en}); rename them with as")
        if twice
        else Text(
            f"有几列图形（{listed.zh}）；请用 sql 选出一列",
            f"has several columns of shapes ({listed.en}); select one with sql",
        )
        if drawn
        else Text(
            f"没有图形列（现有列：{listed.zh}）；请用 sql 给出图形",
            f"has no column of shapes (it has: {listed.en}); give one with sql",
        )
    )
    raise LayerError(f"{what.zh}：{wrong.zh}", f"{what.en} {wrong.en}")


def _system(connection: Any, srids: Sequence[int], what: Text) -> CRS | None:
    """The coordinate system that all shapes say, None where they say none."""
    if len(srids) > 1:
        listed = listed_text([str(srid) for srid in sorted(srids)])
        raise LayerError(
            f"{what.zh}：各行的坐标系（SRID）不一致（{listed.zh}）；请统一坐标系",
            f"{what.en}: its rows are in several coordinate systems (SRID {listed.en}); bring them into one",
        )
    if not srids or srids[0] == 0:
        return None
    said = connection.execute(_SYSTEM, [srids[0]]).fetchone()
    for form in () if said is None else (f"{said[0]}:{said[1]}", said[2]):
        try:
            return CRS.from_user_input(form)
        except CRSError:
            continue
    raise LayerError(
        f"{what.zh}：不认识坐标系 SRID {srids[0]}；请在数据库里更正",
        f"{what.en}: its coordinate system SRID {srids[0]} is not known; correct it in the database",
    )


def _box(window: Window | None, crs: CRS | None, srid: int) -> str:
    """The window as PostGIS writes it, "" where the whole is to be read."""
    if window is None or crs is None:
        return ""
    west, south, east, north = window.bounds
    wide = (west - _SHIFTED_M, south - _SHIFTED_M, east + _SHIFTED_M, north + _SHIFTED_M)
    try:
        there = moving(window.crs, crs).transform_bounds(*wide)
    except ProjError:
        return ""
    if not all(map(math.isfinite, there)):
        return ""
    return f"st_makeenvelope({', '.join(map(repr, map(float, there)))}, {srid:d})"


def _plain(value: Any) -> Any:
    """A value of a column as files hold it: numbers, texts, dates."""
    if type(value).__name__ == "Decimal":
        return float(value)
    return value if isinstance(value, _PLAIN) else str(value)
