"""Layers as Shapefiles and as GeoJSON, on request, with what these formats cannot hold told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from pandas.api.types import is_bool_dtype, is_float_dtype

from suizhou_geo.errors import OutputError
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.gis.layers import GisLayer, write_rows
from suizhou_geo.standards.catalogue import Kind

Encoding = Literal["GBK", "UTF-8"]
SHAPEFILES, GEOJSON = "shapefiles", "geojson"
NAME_BYTES = 10
TEXT_BYTES = 254
NO_CLOCK = "2000-01-01"  # the day every table says it was written, so that one run gives the bytes of the next
DECIMALS = 7  # a centimetre
_DBF_TYPES: Mapping[Kind, str] = {"area": "MultiPolygon", "line": "MultiLineString", "point": "Point"}


def short_names(names: Sequence[str], *, encoding: Encoding = "UTF-8") -> dict[str, str]:
    """Return a DBF field name for every name: ten bytes at most, no two alike even without regard to case.

    Long names keep the first letters of their words and as much of the last word as fits.

    >>> short_names(["zone_id", "service_coverage_hospital", "service_coverage_hospitals"])
    {'zone_id': 'zone_id', 'service_coverage_hospital': 'sc_hospita', 'service_coverage_hospitals': 'sc_hospi_2'}
    """
    fitting: dict[str, str] = {}
    for name in names:
        if len(name.encode(encoding)) <= NAME_BYTES:
            fitting.setdefault(name.lower(), name)
    result, taken = {name: name for name in fitting.values()}, set(fitting)
    for name in names:
        if name in result:
            continue
        *words, last = name.split("_")
        short = _cut("".join(word[:1] for word in words) + ("_" if words else "") + last, NAME_BYTES, encoding)
        n = 1
        while short.lower() in taken:
            n += 1
            end = f"_{n}"
            short = _cut(short.removesuffix(f"_{n - 1}"), NAME_BYTES - len(end), encoding) + end
        result[name] = short
        taken.add(short.lower())
    return {name: result[name] for name in names}


def _cut(text: str, most_bytes: int, encoding: Encoding) -> str:
    return text.encode(encoding)[:most_bytes].decode(encoding, errors="ignore")


def write_shapefiles(
    layers: Sequence[GisLayer], folder: Path, *, encoding: Encoding = "GBK", lang: Lang = "zh"
) -> tuple[str, ...]:
    """Write every layer as shapefiles/<table>.shp with a .cpg that tells its encoding, and shapefiles/fields.csv.

    DBF allows ten bytes for a field's name: fields.csv gives, for each, the full name, what it is called, its unit, and
    what was lost. Texts over 254 bytes are cut between characters, characters the encoding lacks become "?", numbers
    without end become empty, yes and no become 1 and 0. Returned is a sentence for each of these.

    Errors: OutputError for an encoding other than GBK and UTF-8.
    """
    if encoding not in ("GBK", "UTF-8"):
        raise OutputError(
            f"Shapefile 的编码只能是 GBK 或 UTF-8，不能是“{encoding}”；请选用其一",
            f"Shapefiles are written in GBK or UTF-8, not {encoding!r}; name one of these",
        )
    place = folder / SHAPEFILES
    place.mkdir()
    rows, told = [], []
    for layer in layers:
        names = short_names([field.name for field in layer.fields], encoding=encoding)
        columns = {}
        for field in layer.fields:
            short = names[field.name]
            columns[short], lost = _dbf_values(layer.data[field.name], encoding)
            told += [f"shapefiles/{layer.table}.dbf, field {short} ({field.name}): {what}" for what in lost]
            rows.append(
                {
                    "file": f"{layer.table}.shp",
                    "field": short,
                    "full_name": field.name,
                    "name": field.title.speak(lang),
                    "unit": field.spoken_unit(lang),
                    "layer": layer.title(lang),
                    "lost": "; ".join(lost),
                }
            )
        data = gpd.GeoDataFrame(columns, geometry=layer.data.geometry.to_numpy(), crs=layer.data.crs)
        path = place / f"{layer.table}.shp"
        how = {"driver": "ESRI Shapefile", "encoding": encoding, "DBF_DATE_LAST_UPDATE": NO_CLOCK}
        write_rows(data, path, empty_as=_DBF_TYPES[layer.kind], **how)
        path.with_suffix(".cpg").write_text(encoding, encoding="ascii")
    pd.DataFrame(rows).to_csv(place / "fields.csv", index=False, encoding="utf-8-sig")
    return tuple(told)


def _dbf_values(values: pd.Series, encoding: Encoding) -> tuple[Any, list[str]]:
    """A column as DBF can hold it, and what that loses, in words."""
    if is_bool_dtype(values):
        return values.to_numpy(dtype=np.int16), []
    if is_float_dtype(values):
        return _finite(values)
    return (values.to_numpy(), []) if values.dtype.kind in "iu" else _texts(values, encoding)


def _texts(values: pd.Series, encoding: Encoding) -> tuple[Any, list[str]]:
    texts: list[str | None] = []
    cut, unknown = 0, 0
    for value in values:
        if pd.isna(value):
            texts.append(None)
            continue
        whole = str(int(value)) if isinstance(value, bool | np.bool_) else str(value)
        bytes_ = whole.encode(encoding, errors="replace")
        unknown += bytes_.decode(encoding) != whole
        cut += len(bytes_) > TEXT_BYTES
        texts.append(_cut(bytes_.decode(encoding), TEXT_BYTES, encoding))
    lost = [f"{cut} texts cut to {TEXT_BYTES} bytes"] if cut else []
    lost += [f"{unknown} texts with characters that {encoding} lacks"] if unknown else []
    return np.array(texts, dtype=object), lost


def _finite(values: pd.Series) -> tuple[Any, list[str]]:
    numbers = values.to_numpy(dtype=float)
    endless = int(np.isinf(numbers).sum())
    lost = [f"{endless} numbers without end (infinity) left empty"] if endless else []
    return np.where(np.isinf(numbers), np.nan, numbers), lost


def write_geojson(layers: Sequence[GisLayer], folder: Path, *, lang: Lang = "zh") -> tuple[str, ...]:
    """Write every layer as geojson/<table>.geojson after RFC 7946: degrees of WGS 84, seven decimals.

    Coordinates are degrees, not the metres of the other results; each file says so in its `description`. Numbers without
    end become null; returned is a sentence for each column of these.
    """
    place = folder / GEOJSON
    place.mkdir()
    told = []
    for layer in layers:
        data = layer.data.to_crs("EPSG:4326")
        for field in layer.fields:
            if is_float_dtype(data[field.name]):
                data[field.name], lost = _finite(data[field.name])
                told += [f"geojson/{layer.table}.geojson, {field.name}: {what}" for what in lost]
        data.to_file(
            place / f"{layer.table}.geojson",
            driver="GeoJSON",
            engine="pyogrio",
            RFC7946="YES",
            COORDINATE_PRECISION=str(DECIMALS),
            WRITE_NAME="NO",
            DESCRIPTION=f"{layer.title(lang)}; WGS 84 (RFC 7946), degrees",
        )
    return tuple(told)
