"""Study folders that are broken in one way each, and what must be said about each: for the reader and the command line.

`write_study(folder)` writes a small sound study; `write_case(name, folder)` the same with one thing broken.
`CASES[name]` is (the break, a pattern the sentence must hold).
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from rasterio.transform import Affine

CRS = "EPSG:4547"
EAST, NORTH = 441_000.0, 3_507_000.0
STUDY = """\
name = "虚构市"
name_en = "Invented City"
crs = "EPSG:4547"
plan = "suizhou_2025"
invented = true

[zones]
path = "zones.gpkg"
fields = { name = "片区名称", role = "类型" }
values = { role = { "主城" = "main_city", "片区" = "district" } }
boundary = "built_up"

[osm]
path = "city.osm"
complete = ["parks"]

[layers.facilities]
path = "facilities.csv"
x = "lng"
y = "lat"
fields = { category = "类别" }
values = { category = { "小学" = "primary_school" } }
surveyed = ["market"]

[layers.residential]
path = "residential.gpkg"

[population]
path = "population.tif"
kind = "count"
official_total = 500
official_source = "统计公报"
year = 2020

[params.park_coverage]
size_profile = "2022+"

[baselines.life_circle_compliance]
value = 0.55
year = 2020
source = "an earlier survey"
"""
OSM = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="drawn">
{nodes}
<way id="1" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/><tag k="name" v="编钟大道"/></way>
<way id="2" version="1"><nd ref="3"/><nd ref="4"/><nd ref="5"/><nd ref="6"/><nd ref="3"/>
<tag k="leisure" v="park"/></way>
</osm>
"""


def box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    """A rectangle in metres from the origin."""
    return shapely.box(EAST + x, NORTH + y, EAST + x + width, NORTH + y + height)


def write_zones(folder: Path, shapes: list[shapely.Geometry], *, crs: str = CRS) -> None:
    """Write zones.gpkg with these outlines."""
    columns = {"片区名称": ["主城", "东片", "西片"][: len(shapes)], "类型": ["主城", "片区", "片区"][: len(shapes)]}
    (folder / "zones.gpkg").unlink(missing_ok=True)
    gpd.GeoDataFrame(columns, geometry=shapes, crs=crs).to_file(folder / "zones.gpkg", layer="zones")


def write_facilities(folder: Path, rows: list[tuple[str, object, object]]) -> None:
    """Write facilities.csv: category, longitude, latitude."""
    pd.DataFrame(rows, columns=["类别", "lng", "lat"]).to_csv(folder / "facilities.csv", index=False, encoding="gbk")


def write_residential(folder: Path, shapes: list[shapely.Geometry], *, crs: str = CRS) -> None:
    """Write residential.gpkg with these polygons."""
    (folder / "residential.gpkg").unlink(missing_ok=True)
    gpd.GeoDataFrame({"name": ["小区"] * len(shapes)}, geometry=shapes, crs=crs).to_file(folder / "residential.gpkg")


def write_population(folder: Path, cells: object, **profile: object) -> None:
    """Write population.tif: cells of 500 m, north first, from the zones' south-western corner."""
    values = np.asarray(cells, dtype="float64")
    height, width = values.shape
    place = {"crs": CRS, "transform": Affine(500, 0, EAST, 0, -500, NORTH + 500 * height), "count": 1} | profile
    with rasterio.open(
        folder / "population.tif", "w", driver="GTiff", height=height, width=width, dtype="float64", **place
    ) as raster:
        for band in range(1, place["count"] + 1):
            raster.write(values, band)


def write_osm(folder: Path) -> None:
    """Write city.osm: a street of 2 km through both zones, and a park of 200 m by 200 m."""
    xy = [(0, 500), (2000, 500), (100, 100), (300, 100), (300, 300), (100, 300)]
    points = gpd.GeoSeries([shapely.Point(EAST + x, NORTH + y) for x, y in xy], crs=CRS).to_crs("EPSG:4326")
    nodes = [f'<node id="{k}" version="1" lat="{p.y:.7f}" lon="{p.x:.7f}"/>' for k, p in enumerate(points, start=1)]
    (folder / "city.osm").write_text(OSM.format(nodes="\n".join(nodes)), encoding="utf-8")


def write_study(folder: Path) -> Path:
    """Write a sound study: two zones of 1 km by 1 km side by side, 400 persons in cells of 500 m, one school."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in _sound().items():
        (folder / name).write_bytes(content)
    return folder / "study.toml"


@cache
def _sound() -> dict[str, bytes]:
    """The files of the sound study by name, written once."""
    with TemporaryDirectory() as name:
        _write_sound(Path(name))
        return {path.name: path.read_bytes() for path in Path(name).iterdir()}


def _write_sound(folder: Path) -> None:
    write_zones(folder, [box(0, 0, 1000, 1000), box(1000, 0, 1000, 1000)])
    write_facilities(folder, [("小学", 113.384, 31.687)])
    write_residential(folder, [box(200, 400, 300, 300)])
    write_population(folder, [[50] * 4] * 2)
    write_osm(folder)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")


def write_case(name: str, folder: Path) -> Path:
    """Write the study that `name` breaks; return its study.toml."""
    path = write_study(folder)
    CASES[name][0](folder)
    return path


def _edit(old: str, new: str) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        path = folder / "study.toml"
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the study"
        path.write_text(text.replace(old, new), encoding="utf-8")

    return apply


def _remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _write(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(content) and None


def _zones(shapes: list[shapely.Geometry], **keys: str) -> Callable[[Path], None]:
    return lambda folder: write_zones(folder, shapes, **keys)


def _residential(shapes: list[shapely.Geometry], **keys: str) -> Callable[[Path], None]:
    return lambda folder: write_residential(folder, shapes, **keys)


def _facilities(*rows: tuple[str, object, object]) -> Callable[[Path], None]:
    return lambda folder: write_facilities(folder, list(rows))


def _population(cells: object, **profile: object) -> Callable[[Path], None]:
    return lambda folder: write_population(folder, cells, **profile)


def _all(*breaks: Callable[[Path], None]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        for each in breaks:
            each(folder)

    return apply


def _as_polygons(persons: list[object]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        shapes = [box(1000 * k, 0, 1000, 1000) for k in range(len(persons))]
        gpd.GeoDataFrame({"人口": persons}, geometry=shapes, crs=CRS).to_file(folder / "people.gpkg")
        edit = _edit('path = "population.tif"\nkind = "count"', 'path = "people.gpkg"\nfields = { persons = "人口" }')
        edit(folder)

    return apply


def _without_crs(folder: Path) -> None:
    for part in ("shp", "shx", "dbf", "prj", "cpg"):
        (folder / f"zones.{part}").unlink(missing_ok=True)
    gpd.read_file(folder / "zones.gpkg").to_file(folder / "zones.shp", encoding="GBK")
    (folder / "zones.prj").unlink()
    _edit("zones.gpkg", "zones.shp")(folder)


def _truncated_pbf(folder: Path) -> None:
    import osmium

    with osmium.SimpleWriter(str(folder / "city.osm.pbf")) as writer:
        for entity in osmium.FileProcessor(str(folder / "city.osm")):
            writer.add(entity)
    data = (folder / "city.osm.pbf").read_bytes()
    (folder / "city.osm.pbf").write_bytes(data[: len(data) * 2 // 3])
    _edit('path = "city.osm"', 'path = "city.osm.pbf"')(folder)


_CRS_LINE = 'crs = "EPSG:4547"'
_EMPTY_OSM = b"<?xml version='1.0' encoding='UTF-8'?>\n<osm version='0.6' generator='drawn'/>\n"
_BOWTIE = shapely.Polygon([(EAST, NORTH), (EAST + 9, NORTH + 9), (EAST + 9, NORTH), (EAST, NORTH + 9)])
_TURNED = [shapely.box(NORTH, EAST, NORTH + 1000, EAST + 1000)]

CASES: dict[str, tuple[Callable[[Path], None], str]] = {
    # the study file itself
    "no study file": (_remove("study.toml"), r"no study file .*study\.toml"),
    "not toml": (_edit("invented = true", "invented = yes"), r"study\.toml is not TOML: .*line 5"),
    "backslash in a path": (_edit('"zones.gpkg"', '"C:\\zones.gpkg"'), r"not TOML: .*line 8.*write / for"),
    "study in gbk": (_write("study.toml", 'name = "随州"\n'.encode("gbk")), r"study\.toml, line 1: not UTF-8"),
    "unknown key": (_edit("invented = true", "invnted = true"), r"'invnted' is not a key \(did you mean invented\?\)"),
    "unknown table": (_edit("[osm]", "[ohsome]"), r"'ohsome' is not a key"),
    "unknown zones key": (_edit("boundary = ", "bounadry = "), r"\[zones\]: 'bounadry' .*did you mean boundary"),
    "unknown layer": (_edit("[layers.residential]", "[layers.residental]"), r"'residental'.*did you mean residential"),
    "unknown layer key": (_edit('x = "lng"', 'x_column = "lng"'), r"\[layers\.facilities\]: 'x_column' is not a key"),
    "unknown osm key": (_edit("complete = [", "compelte = ["), r"\[osm\]: 'compelte' .*did you mean complete"),
    "unknown population key": (_edit("year = 2020\n\n[params", "yaer = 2020\n\n[params"), r"\[population\]: 'yaer'"),
    "unknown baseline key": (_edit("value = 0.55", "valeu = 0.55"), r"\[baselines\.life_circle_compliance\]: 'valeu'"),
    "surveyed where it says nothing": (
        _edit('path = "residential.gpkg"', 'path = "residential.gpkg"\nsurveyed = []'),
        r"\[layers\.residential\]: 'surveyed' is not a key",
    ),
    "no name": (_edit('name = "虚构市"\n', ""), "has no name; add name"),
    "no zones": (_edit(STUDY[STUDY.index("[zones]") : STUDY.index("[osm]")], ""), r"has no \[zones\]"),
    "zones without file or box": (_edit('path = "zones.gpkg"\n', ""), r"\[zones\] needs either path or bbox"),
    "box with latitude first": (
        _edit(STUDY[STUDY.index("path = ") : STUDY.index("boundary")], "bbox = [31.6, 113.3, 31.7, 113.4]\n"),
        "latitude before longitude",
    ),
    "wrong type": (_edit("invented = true", 'invented = "yes"'), "invented is 'yes', wanted true or false"),
    "wrong type of a table": (
        _edit("[params.park_coverage]\nsize_profile", "[params]\npark_coverage"),
        "wanted a table",
    ),
    "halo without end": (_edit('complete = ["parks"]', "halo_m = inf"), "halo_m is inf, wanted a number"),
    "halo that is none": (_edit('complete = ["parks"]', "halo_m = nan"), "halo_m is nan, wanted a number"),
    "halo round the world": (
        _edit('complete = ["parks"]', "halo_m = 4e7"),
        "halo_m is 40000000.0; .*500,000 at the most",
    ),
    "total that is none": (
        _edit("official_total = 500", "official_total = nan"),
        "official_total is nan, wanted a number",
    ),
    "year of nobody": (
        _edit("year = 2020\n\n[params", "year = -5\n\n[params"),
        "year is -5; give a year between 1949 and 2100",
    ),
    "baseline without end": (_edit("value = 0.55", "value = inf"), "value is inf, wanted a number"),
    "halo of text": (_edit('complete = ["parks"]', 'halo_m = "3 km"'), "halo_m is '3 km', wanted a number"),
    "halo below zero": (_edit('complete = ["parks"]', "halo_m = -5"), "halo_m is -5"),
    "unknown boundary": (
        _edit('"built_up"', '"builtup"'),
        r"boundary is 'builtup', which it cannot be \(did you mean built_up\?\)",
    ),
    "unknown kind": (_edit('kind = "count"', 'kind = "counts"'), r"kind is 'counts', .* \(did you mean count\?\)"),
    "unknown datum": (
        _edit('x = "lng"', 'datum = "gcj-02"\nx = "lng"'),
        r"datum is 'gcj-02', .* \(did you mean gcj02\?\)",
    ),
    "unknown surveyed category": (_edit('["market"]', '["markt"]'), r"'markt' is not a category \(did you mean market"),
    "unknown category in values": (_edit('"primary_school"', '"primaryschool"'), r"did you mean primary_school"),
    "unknown code table": (
        _edit('{ category = { "小学" = "primary_school" } }', '{ category = "osm_highway" }'),
        "names the table 'osm_highway'; there is, for road_class",
    ),
    "unknown column of ours": (
        _edit('fields = { category = "类别" }', 'fields = { kind = "类别" }'),
        "'kind' is not a column",
    ),
    "unknown layer vouched for": (_edit('["parks"]', '["park"]'), r"complete: 'park' is not a layer"),
    "total without source": (_edit('official_source = "统计公报"\n', ""), "official_total needs official_source"),
    "total of nobody": (_edit("official_total = 500", "official_total = 0"), "official_total is 0"),
    "unknown plan": (_edit('"suizhou_2025"', '"suizhou_2035"'), "suizhou_2035"),
    "missing plan file": (_edit('"suizhou_2025"', '"plans/ours.toml"'), r"plan: there is no file .*ours\.toml"),
    "baseline of no target": (
        _edit("[baselines.life_circle_compliance]", "[baselines.life_circle]"),
        "no target of that key",
    ),
    # the working coordinate system
    "working crs in degrees": (_edit(_CRS_LINE, 'crs = "EPSG:4490"'), "in degrees; name a projected CRS in metres"),
    "working crs web mercator": (_edit(_CRS_LINE, 'crs = "EPSG:3857"'), "EPSG:3857"),
    "working crs in feet": (_edit(_CRS_LINE, 'crs = "EPSG:2263"'), "not in metres"),
    "working crs unknown": (_edit(_CRS_LINE, 'crs = "EPSG:454700"'), "not a coordinate system PROJ knows"),
    "working crs of another place": (_edit(_CRS_LINE, 'crs = "EPSG:27700"'), "stretches lengths by"),
    # zones
    "missing zones file": (_remove("zones.gpkg"), r"layer zones: there is no file .*zones\.gpkg"),
    "zones file is a folder": (_edit('"zones.gpkg"', '"."'), "is a folder"),
    "zones file is empty": (_write("zones.gpkg", b""), r"empty \(0 bytes\)"),
    "zones file is text": (_write("zones.gpkg", b"name,role\n"), "named like a GeoPackage but does not begin like one"),
    "zones file is damaged": (
        _write("zones.gpkg", b"SQLite format 3\x00" + b"\x00" * 200),
        r"zones\.gpkg\) cannot be read",
    ),
    "zones without crs": (_without_crs, r"zones\.shp\) does not say its coordinate system; add crs"),
    "zones in metres declared degrees": (
        _zones([box(0, 0, 9, 9)], crs="EPSG:4326"),
        "declared as degrees .* reaches x =",
    ),
    "zones without rows": (_zones([]), "zones.* is empty; give at least one zone"),
    "zones overlap": (_zones([box(0, 0, 500, 500), box(400, 0, 500, 500)]), "主城 and 东片 overlap by 5.00 ha"),
    "zones cross themselves": (_zones([_BOWTIE]), "repair the outline"),
    "zones are points": (_zones([shapely.Point(EAST, NORTH)]), "1 of 1 shapes are of another kind than Polygon"),
    "zones swapped in degrees": (_zones([shapely.box(31.6, 113.3, 31.7, 113.4)], crs="EPSG:4326"), "are swapped"),
    "zones swapped in metres": (_zones(_TURNED), "axes are swapped"),
    "zones column missing": (_edit('name = "片区名称"', 'name = "名称"'), r"no column 名称 \(it has: 片区名称, 类型\)"),
    "zones role untranslated": (
        _edit('"片区" = "district"', '"分区" = "district"'),
        r"'片区' \(1 row\) is not translated",
    ),
    "zones layer missing": (_edit('path = "zones.gpkg"', 'path = "zones.gpkg"\nlayer = "片区"'), r"there is: zones"),
    # OpenStreetMap
    "missing osm": (_remove("city.osm"), r"there is no file .*city\.osm"),
    "empty osm": (_write("city.osm", _EMPTY_OSM), r"city\.osm"),
    "osm is text": (_write("city.osm", b"no extract at all"), r"city\.osm"),
    "truncated pbf": (_truncated_pbf, r"city\.osm\.pbf"),
    # own layers
    "missing layer file": (_remove("facilities.csv"), r"layer facilities: there is no file .*facilities\.csv"),
    "layer of unknown format": (
        _edit('"residential.gpkg"', '"study.toml"'),
        r"layer residential \(study\.toml\) cannot be read",
    ),
    "layer elsewhere on Earth": (
        _residential([shapely.box(-3.0, 51.5, -2.9, 51.6)], crs="EPSG:4326"),
        r"layer residential \(residential\.gpkg\) lies [\d,]+ km beyond",
    ),
    "layer with swapped axes": (_residential(_TURNED), "axes are swapped"),
    "layer of points": (_residential([box(0, 0, 9, 9), shapely.Point(EAST, NORTH)]), "the first, row 2, is a Point"),
    "csv swapped": (_facilities(("小学", 31.687, 113.384)), "longitude and latitude are swapped"),
    "csv without a coordinate": (
        _facilities(("小学", 113.384, 31.687), ("小学", "", 31.7)),
        "row 3 has '' for a coordinate",
    ),
    "csv without its column": (_edit('x = "lng"', 'x = "经度"'), r"no column 经度 \(it has: 类别, lng, lat\)"),
    "csv in utf-16": (_write("facilities.csv", "类别,lng,lat\n".encode("utf-16")), "zero bytes"),
    "csv value untranslated": (_facilities(("中学", 113.384, 31.687)), r"'中学' \(1 row\) is not translated"),
    "csv in metres": (_facilities(("小学", EAST, NORTH)), "not degrees; say which system"),
    "datum of metres": (
        _edit('path = "residential.gpkg"', 'path = "residential.gpkg"\ndatum = "gcj02"'),
        "datum gcj02 is a shift of degrees",
    ),
    # population
    "missing raster": (_remove("population.tif"), r"layer population: there is no file"),
    "raster is not one": (_write("population.tif", b"PK\x03\x04 zipped"), "named like a GeoTIFF"),
    "raster is damaged": (_write("population.tif", b"II*\x00" + b"\x00" * 100), "cannot be read"),
    "raster without kind": (_edit('kind = "count"\n', ""), 'say what its values are, kind = "count"'),
    "raster without crs": (_population([[50] * 4] * 2, crs=None), "does not say its coordinate system"),
    "raster with undeclared nodata": (_population([[50, -9999, 50, 50]] * 2), "2 cells .* most often -9999; declare"),
    "raster of nodata": (_population([[-1] * 4] * 2, nodata=-1), "only nodata on the zones"),
    "raster of two bands": (_population([[50] * 4] * 2, count=2), "has 2 bands"),
    "raster elsewhere": (
        _population([[50] * 4] * 2, transform=Affine(500, 0, EAST + 1e5, 0, -500, NORTH)),
        "covers none of the zones",
    ),
    "raster of nobody scaled": (_population([[0] * 4] * 2), "nobody inside the zones"),
    "negative persons": (_as_polygons([5, -3]), "1 row below zero, the first -3"),
    "persons in words": (_as_polygons(["5", "many"]), r"column 人口: row 2 holds 'many', wanted a number"),
    "persons missing": (_as_polygons([5, None]), "column 人口: 1 row empty, the first is row 2"),
    "kind of a polygon layer": (
        _all(_as_polygons([5, 3]), _edit('path = "people.gpkg"', 'path = "people.gpkg"\nkind = "count"')),
        "kind is for rasters",
    ),
}
