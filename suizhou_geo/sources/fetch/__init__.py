"""Data from the network: OpenStreetMap of a place, its outline, population rasters. The only room that asks servers.

What is fetched lies in one folder with `fetched.json`, which says what was asked for, of whom, when, and of what date the data
are. It is written anew after every step, and everything that arrives is kept until the file made of it stands: who starts
the same again goes on where it stopped, and asks for nothing twice.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import shapely
from pyproj import Geod

from suizhou_geo.errors import FetchError, InputError, speaking
from suizhou_geo.errors.text import Lang, Text, alike, language
from suizhou_geo.geometry.crs import moving
from suizhou_geo.model import Progress, Step
from suizhou_geo.sources.fetch.extract import write_extract
from suizhou_geo.sources.fetch.folder import (
    OSM,
    OUTLINE,
    PARTS,
    RASTERS,
    RECORD,
    STUDY,
    begun,
    local_crs,
    name_population,
    read_record,
    save_record,
    write_study,
    written,
)
from suizhou_geo.sources.fetch.http import AnswerError, host_of, persevering
from suizhou_geo.sources.fetch.overpass import Part, Tell, boxes_of, fetched_parts, query_of
from suizhou_geo.sources.fetch.place import Asked, Box, asked_for, geocoded, outline_of_file
from suizhou_geo.sources.fetch.rasters import fetched_file, tile_urls, write_raster
from suizhou_geo.sources.files import fingerprint
from suizhou_geo.standards import table

Population = Literal["worldpop", "ghsl"]

RAW = Path("data/raw")
HALO_M = 3000.0  # a run reads this far beyond its zones
CENSUS_YEAR = 2020
_BESIDE_DEG = 0.05  # rasters are wanted this much farther than the outline
_MOST_KM2 = 100_000.0  # more than any prefecture of the east has


@dataclass(frozen=True)
class Fetched:
    """What lies in the folder of a fetch: an extract, the outline as zones, a study file that names both, the record.

    `record` is the content of fetched.json. `population` is the raster fetched last, if any.
    """

    folder: Path
    record: dict[str, Any]

    @property
    def osm(self) -> Path:
        """The extract of OpenStreetMap."""
        return self.folder / OSM

    @property
    def outline(self) -> Path:
        """The outline, one zone with its name."""
        return self.folder / OUTLINE

    @property
    def study(self) -> Path:
        """The study file."""
        return self.folder / STUDY

    @property
    def osm_base(self) -> str:
        """The date of the data of OpenStreetMap (ISO, UTC); where the parts differ, the oldest."""
        return str(self.record["osm"]["osm_base"])

    @property
    def population(self) -> Path | None:
        """The population raster, where one was fetched."""
        files = list(self.record.get("population", ()))
        return self.folder / files[-1] if files else None


def fetch(
    where: str | Path | tuple[float, float, float, float],
    *,
    out: Path | None = None,
    server: str | None = None,
    geocoder: str | None = None,
    progress: Progress | None = None,
    lang: Lang | None = None,
) -> Fetched:
    """Fetch what a run reads of OpenStreetMap, for a place and 3 km round it, with the outline of the place as a zone.

    `where` is the name of a place ("随州市", looked up with OSMnx at Nominatim), a box (west, south, east, north in WGS 84
    degrees), or a Path of a file of polygons. `out` is the folder, without it data/raw/<name>; `server` an Overpass server
    ("https://overpass-api.de/api"), `geocoder` a Nominatim server. The folder then holds openstreetmap.osm.pbf, outline.gpkg,
    study.toml (unless there is one) and fetched.json: query, server, time of asking, date of the data, SHA-256.

    Who is stopped and starts again with the same folder goes on where it stopped, at another server too. What is there
    already is not fetched again: for newer data give another folder.

    Errors: InputError for a place, box or file that cannot be meant, or an area too large for a public server; FetchError
    where a server cannot be reached or gives no whole answer (what had arrived is kept); OutputError for a folder that
    holds something else or cannot be written.

    >>> import suizhou_geo as sg
    >>> sg.fetch((113.5, 31.6, 113.3, 31.8), lang="en")
    Traceback (most recent call last):
    suizhou_geo.errors.InputError: 113.5,31.6,113.3,31.8 is no box; give west,south,east,north in degrees (WGS 84), e.g. \
113.3,31.6,113.5,31.8
    """
    servers = table("downloads")
    tell = _teller(progress, lang)
    with speaking(lang):
        asked = asked_for(where)
        folder = out or RAW / re.sub(r'[\\/:*?"<>|\s]+', "_", asked.name)
        with written(folder):
            record = begun(folder, asked)
            outline = _outline(folder, record, asked, where, geocoder or servers["nominatim"]["url"], tell)
            if "osm" not in record or not (folder / OSM).exists():
                record["osm"] = _openstreetmap(folder, outline, server or servers["overpass"]["url"], tell)
                save_record(folder, record)
            shutil.rmtree(folder / PARTS, ignore_errors=True)
            write_study(folder, record, name=asked.name, outline=outline, lang=language(lang))
            return Fetched(folder, record)


def fetch_population(
    source: Population,
    *,
    folder: Path,
    year: int | None = None,
    urls: Sequence[str] = (),
    progress: Progress | None = None,
    lang: Lang | None = None,
) -> Fetched:
    """Fetch a population raster (persons per cell) for a folder that `fetch` has filled.

    `source` is "worldpop" (the whole of China in one file) or "ghsl" (the tiles of 1,000 km that the place touches, put side
    by side); `year` one of theirs, without it 2020, that of the census. `urls` are addresses to take instead of those in
    standards/downloads.toml. fetched.json says address, size and SHA-256 of what was fetched. A study file that is still as
    `fetch` wrote it gets its [population].

    Errors: InputError for a folder without a fetch, a year there is not, or a place the source does not cover; FetchError
    and OutputError as in `fetch`.

    >>> import suizhou_geo as sg
    >>> sg.fetch_population("ghsl", folder=Path("nowhere"), lang="en")
    Traceback (most recent call last):
    suizhou_geo.errors.InputError: nowhere holds no fetched.json; fetch OpenStreetMap of the place into it first
    """
    known = table("downloads")["population"]
    tell = _teller(progress, lang)
    with speaking(lang):
        if source not in known:
            raise InputError(
                f"没有人口数据“{source}”，可选的有 {'、'.join(known)}",
                f"there is no population {source!r}; give one of {', '.join(known)}",
            )
        record = read_record(folder)
        if "outline" not in record:
            raise InputError(
                f"{folder} 里没有 {RECORD}；请先把当地的 OpenStreetMap 数据下载到这个文件夹",
                f"{folder} holds no {RECORD}; fetch OpenStreetMap of the place into it first",
            )
        if urls and year is not None:
            raise InputError(
                "给了 --url，--year 就不起作用；请去掉 --year", "with --url nothing depends on --year; leave --year out"
            )
        west, south, east, north = record["outline"]["box"]
        box = (west - _BESIDE_DEG, south - _BESIDE_DEG, east + _BESIDE_DEG, north + _BESIDE_DEG)
        wanted = list(urls) or _addresses(source, known[source], year or CENSUS_YEAR, box)
        name = f"population_{source}.tif" if urls else f"population_{source}_{year or CENSUS_YEAR}.tif"
        with written(folder):
            fetched = record.setdefault("population", {})
            if [file["url"] for file in fetched.get(name, {}).get("files", ())] != wanted or not (
                folder / name
            ).exists():
                fetched.pop(name, None)
                entry = _population(folder / name, wanted, known[source], box, tell)
                record["population"] = fetched | {name: entry}
                save_record(folder, record)
            shutil.rmtree(folder / RASTERS, ignore_errors=True)
            name_population(folder, record, name, known[source]["kind"])
        return Fetched(folder, record)


def _teller(progress: Progress | None, lang: Lang | None) -> Tell:
    def tell(said: Text, number: int, of: int) -> None:
        if progress is not None:
            progress(Step(said.speak(language(lang)), stage="fetching", number=number, of=of, told=said))

    return tell


@contextmanager
def _answered(url: str, what_next: Text, by_hand: Text) -> Iterator[None]:
    """Tell what a server did not answer, and what to do: go on later, or, where it cannot be reached, by hand."""
    try:
        yield
    except AnswerError as error:
        advice = by_hand if error.unreachable else what_next
        host = host_of(url)
        raise FetchError(f"{host} {error.said.zh}；{advice.zh}", f"{host}: {error.said.en}; {advice.en}") from error


def _outline(
    folder: Path,
    record: dict[str, Any],
    asked: Asked,
    where: Any,
    geocoder: str,
    tell: Tell,
) -> shapely.Geometry:
    """The outline of what was asked for, looked up once and kept."""
    path = folder / OUTLINE
    if "outline" in record and path.exists():
        return gpd.read_file(path).geometry.iloc[0]
    found: dict[str, str] = {}
    if asked.how == "bbox":
        outline = shapely.box(*asked.value)
    elif asked.how == "polygon":
        outline = outline_of_file(where)
    else:
        page, name = table("downloads")["overpass"]["page"], asked.name
        advice = Text(
            "请换一种写法（如加上省名），或用 --bbox、--polygon 给出范围",
            "write it otherwise (with the province), or give the area with --bbox or --polygon",
        )
        with _answered(geocoder, advice, _osm_by_hand(page, folder)):
            told = Text(f"查找“{name}”", f"looking up {name}")
            tell(told, 1, 1)
            outline, found = persevering(
                lambda: geocoded(name, geocoder), lambda said: tell(told + alike("  ") + said, 1, 1)
            )
        found["server"] = geocoder
    km2 = abs(Geod(ellps="WGS84").geometry_area_perimeter(outline)[0]) / 1e6
    if km2 > _MOST_KM2:
        page = table("downloads")["overpass"]["page"]
        raise InputError(
            f"范围有 {km2:,.0f} km²，对公共服务器太大（最多 {_MOST_KM2:,.0f} km²）；请从 {page} 下载全省数据",
            f"the area has {km2:,.0f} km2, too much for a public server (at most {_MOST_KM2:,.0f} km2); fetch the province "
            f"from {page}",
        )
    (folder / PARTS).mkdir(parents=True, exist_ok=True)
    zone = gpd.GeoDataFrame({"name": [asked.name]}, geometry=[outline], crs="EPSG:4326")
    record["outline"] = {"file": OUTLINE, "box": list(outline.bounds), "km2": round(km2, 3), **found}
    save_record(folder, record)
    zone.to_file(folder / PARTS / OUTLINE, layer="outline", driver="GPKG")
    (folder / PARTS / OUTLINE).replace(path)
    return outline


def _osm_by_hand(page: str, folder: Path) -> Text:
    return Text(
        f"请检查网络，再运行同一条命令即可接着下载；不能联网时，在能上网的电脑上从 {page} 下载所在省的 .osm.pbf，"
        f"放到 {folder}，并写进研究文件的 [osm] path",
        f"check the network and run the same command again, which goes on where it stopped; without a network, fetch the "
        f".osm.pbf of the province from {page} on another computer, put it into {folder}, and name it in the study file, "
        "[osm] path",
    )


def _openstreetmap(folder: Path, outline: shapely.Geometry, server: str, tell: Tell) -> dict[str, Any]:
    """Fetch the parts that are missing, write the extract; return what the record says of it."""
    about = table("downloads")["overpass"]
    there, back = moving("EPSG:4326", local_crs(outline)), moving(local_crs(outline), "EPSG:4326")
    metric = shapely.transform(outline, lambda xy: np.column_stack(there.transform(*xy.T)))
    wanted = shapely.transform(metric.buffer(HALO_M), lambda xy: np.column_stack(back.transform(*xy.T)))
    boxes = boxes_of(wanted)
    (folder / PARTS).mkdir(exist_ok=True)
    parts: list[Part] = []
    advice = Text(
        "已收到的部分都已保存，过一会儿再运行同一条命令即可接着下载，也可以用 --server 换一个服务器",
        "what had arrived is kept: run the same command again later, or with another server (--server)",
    )
    with _answered(server, advice, _osm_by_hand(about["page"], folder)):
        for part in fetched_parts(boxes, folder / PARTS, server=server, tell=tell):
            parts.append(part)  # noqa: PERF402 -- what had arrived stays in the folder
    dates = sorted(part.osm_base for part in parts)
    objects = write_extract(folder / OSM, parts, box=wanted.bounds, osm_base=dates[0])
    if not objects:
        raise FetchError(
            f"{host_of(server)} 在这个范围内没有任何对象；请核对范围，或用 --server 换一个有当地数据的服务器",
            f"{host_of(server)} has no object in this area; check the area, or name a server that has the data of the place "
            "(--server)",
        )
    sha256, when, size = fingerprint(folder / OSM)
    return {
        "file": OSM,
        "bytes": size,
        "sha256": sha256,
        "objects": objects,
        "osm_base": dates[0],
        "osm_base_newest": dates[-1],
        "fetched": when,
        "servers": sorted({part.server for part in parts}),
        "query": query_of("{{bbox}}"),
        "licence": about["licence"],
        "parts": [
            {"box": list(part.box), "server": part.server, "fetched": part.fetched, "osm_base": part.osm_base}
            for part in parts
        ],
    }


def _addresses(name: str, source: dict[str, Any], year: int, box: Box) -> list[str]:
    """The addresses of a source for a year and a box; refuse what it has not."""
    years = source["years"]
    if year not in range(years["first"], years["last"] + 1, years["step"]):
        raise InputError(
            f"{name} 没有 {year} 年的数据，有 {years['first']} 至 {years['last']} 年、每 {years['step']} 年一期；请换一个年份",
            f"{name} has nothing for {year}: there is {years['first']} to {years['last']}, every {years['step']} years; "
            "give another --year",
        )
    west, south, east, north = source.get("bounds", box)
    if not (west <= box[0] and south <= box[1] and box[2] <= east and box[3] <= north):
        raise InputError(
            f"{name} 的默认地址只有中国的数据；请从 {source['page']} 查到当地数据的地址，用 --url 给出",
            f"the address of {name} known here is of China; look it up at {source['page']} and give it with --url",
        )
    return tile_urls(source, year=year, box=box)


def _tell_of(tell: Tell, number: int, of: int, told: Text) -> None:
    tell(told, number, of)


def _population(path: Path, urls: list[str], source: dict[str, Any], box: Box, tell: Tell) -> dict[str, Any]:
    """Fetch the files of a raster and write it; return what the record says of it."""
    kept = path.parent / RASTERS
    kept.mkdir(exist_ok=True)
    advice = Text(
        "已收到的部分都已保存，再运行同一条命令即可接着下载；地址有变的，用 --url 给出新地址",
        "what had arrived is kept: run the same command again; an address that has changed is given with --url",
    )
    by_hand = Text(
        f"请检查网络，再运行同一条命令；不能联网时，在能上网的电脑上从 {source['page']} 下载（{'、'.join(urls)}），"
        f'放到 {path.parent}，并写进研究文件的 [population]，kind = "{source["kind"]}"',
        f"check the network and run the same command again; without a network, fetch {', '.join(urls)} (see "
        f"{source['page']}) on another computer, put it into {path.parent}, and name it in the study file, [population], "
        f'kind = "{source["kind"]}"',
    )
    files, about = [], []
    for number, url in enumerate(urls, 1):
        with _answered(url, advice, by_hand):
            file, said = fetched_file(url, kept, partial(_tell_of, tell, number, len(urls)))
        files.append(file)
        about.append(said)
    with _answered(urls[0], advice, by_hand):
        write_raster(path, files, box=box, folder=kept)
    sha256, _, size = fingerprint(path)
    now = datetime.now(tz=UTC).isoformat(timespec="seconds")
    told = {"bytes": size, "sha256": sha256, "fetched": now, "kind": source["kind"], "licence": source["licence"]}
    return told | {"files": about}
