"""Every kind of input a planner may give, as the pages docs/*/reference/inputs.md list them: what comes out or what is said.

`KINDS` holds the rows of that table in their order, each with a file of that kind, drawn in a small world of two schools,
two parks and two communities; the last test holds the pages to it.
"""

import json
import re
import runpy
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS

from suizhou_geo.errors import SuizhouGeoError
from suizhou_geo.geometry.crs import gcj02_to_bd09, wgs84_to_gcj02
from suizhou_geo.sources.joined import same_place
from suizhou_geo.sources.opened import Join, VectorSource
from suizhou_geo.sources.study import read_study
from suizhou_geo.sources.vector import read_vector

BOOKS = Path(__file__).with_name("workbooks")
excel_95 = runpy.run_path(str(Path(__file__).with_name("excel_95.py")))["excel_95"]
DOCS = Path(__file__).resolve().parents[1] / "docs"
WORKING = CRS("EPSG:4547")
EAST, NORTH = 441_000.0, 3_507_000.0
NEAR = (EAST - 3000, NORTH - 3000, EAST + 3000, NORTH + 3000)
POINTS = [shapely.Point(EAST, NORTH), shapely.Point(EAST + 100, NORTH)]
AREAS = [shapely.box(EAST, NORTH, EAST + 100, NORTH + 100), shapely.box(EAST + 200, NORTH, EAST + 300, NORTH + 100)]
SCHOOLS = gpd.GeoDataFrame({"category": "primary_school", "name": ["甲小学", "乙小学"]}, geometry=POINTS, crs=WORKING)
PARKS = gpd.GeoDataFrame({"name": ["甲公园", "乙公园"]}, geometry=AREAS, crs=WORKING)
LON, LAT = shapely.get_coordinates(SCHOOLS.to_crs(4326).geometry.to_numpy()).T
DEGREES = pd.DataFrame({"category": "primary_school", "name": SCHOOLS["name"], "经度": LON, "纬度": LAT})
XY = {"x": "经度", "y": "纬度"}


def features(layer):
    return json.loads(layer.to_crs(4326).to_json())["features"]


def written(text, name, encoding="utf-8"):
    """Return a function that writes a text into a folder."""

    def write(folder):
        (folder / name).write_bytes(text.encode(encoding) if isinstance(text, str) else text)
        return folder / name

    return write


def table(rows, name="a.csv"):
    return written(rows.to_csv(index=False), name)


def book(**sheets):
    def write(folder):
        with pd.ExcelWriter(folder / "a.xlsx") as file:
            for name, rows in sheets.items():
                rows.to_excel(file, sheet_name=name, index=False)
        return folder / "a.xlsx"

    return write


def office(name):
    """A workbook that LibreOffice wrote."""
    return written((BOOKS / name).read_bytes(), "a.xls")


def renamed(write, name):
    return lambda folder: write(folder).rename(folder / name)


def beside_communities(write):
    def both(folder):
        communities(folder)
        return write(folder)

    return both


def file(frame, name, **how):
    def write(folder):
        frame.to_file(folder / name, **how)
        return folder / name

    return write


def without(write, *suffixes):
    def rest(folder):
        path = write(folder)
        for suffix in suffixes:
            path.with_suffix(suffix).unlink()
        return path

    return rest


def zipped(*writes, encoding="gbk"):
    """What others write, in a folder of a zip whose names are in GBK, as Windows packs it."""

    def write(folder):
        inside = folder / "inside"
        inside.mkdir()
        for each in writes:
            each(inside)
        with zipfile.ZipFile(folder / "a.zip", "w") as archive:
            for path in sorted(part for part in inside.rglob("*") if part.is_file()):
                name = f"绿地/{path.relative_to(inside).as_posix()}"
                info = zipfile.ZipInfo(name.encode(encoding).decode("cp437"))
                info.flag_bits = 0
                archive.writestr(info, path.read_bytes())
        return folder / "a.zip"

    return write


def drawing(version="AC1015", encoding="gbk", layers=("绿地",)):
    """A drawing: two closed lines and a text on each layer."""
    groups = []
    for layer in layers:
        for area in AREAS:
            x0, y0, x1, y1 = area.bounds
            corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
            xy = "".join(f"10\n{x}\n20\n{y}\n" for x, y in corners)
            groups.append(f"0\nLWPOLYLINE\n100\nAcDbEntity\n8\n{layer}\n100\nAcDbPolyline\n90\n4\n70\n1\n{xy}")
        groups.append(
            f"0\nTEXT\n100\nAcDbEntity\n8\n{layer}\n100\nAcDbText\n10\n{EAST}\n20\n{NORTH}\n40\n5\n1\n甲公园\n"
        )
    head = f"0\nSECTION\n2\nHEADER\n9\n$ACADVER\n1\n{version}\n9\n$DWGCODEPAGE\n3\nANSI_936\n0\nENDSEC\n"
    text = f"{head}0\nSECTION\n2\nENTITIES\n{''.join(groups)}0\nENDSEC\n0\nEOF\n"
    return written(text, "a.dxf", encoding)


def kml(folder):
    marks = "".join(
        f"<Placemark><name>{name}</name><Point><coordinates>{x},{y},0</coordinates></Point></Placemark>"
        for name, x, y in zip(SCHOOLS["name"], LON, LAT, strict=True)
    )
    text = f'<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{marks}'
    return written(f"{text}</Document></kml>", "a.kml")(folder)


def kmz(folder):
    with zipfile.ZipFile(folder / "a.kmz", "w") as archive:
        archive.write(kml(folder), "doc.kml")
    return folder / "a.kmz"


def minutes(value):
    degrees, rest = divmod(value * 3600, 3600)
    return f"{degrees:.0f}°{rest // 60:.0f}′{rest % 60:.4f}″"


def pois(datum, **columns):
    lon, lat = wgs84_to_gcj02(LON, LAT)
    if datum == "bd09":
        lon, lat = gcj02_to_bd09(lon, lat)
    here = [f"{x:.8f},{y:.8f}" for x, y in zip(lon, lat, strict=True)]
    return pd.DataFrame({"location": [*here, here[0]], "name": ["甲小学", "乙小学", "丙酒店"]} | columns)


def communities(folder):
    PARKS.assign(name=["东城社区", "㵐水街道"], 编码=[421303001, 421303002]).to_file(folder / "c.gpkg")


def persons(**columns):
    """A table of persons, and the communities beside it."""

    def write(folder):
        communities(folder)
        return table(pd.DataFrame({"人口": [100, 200]} | columns))(folder)

    return write


def by(on, column=None):
    return {"join": Join(Path("c.gpkg"), on, column or on), "fields": {"persons": "人口"}}


def prefixed(layer):
    return layer.translate(38_000_000, 0)


def turned(layer):
    return layer.set_geometry(shapely.transform(layer.geometry.to_numpy(), lambda xy: xy[:, ::-1]), crs=layer.crs)


def many(**wrong):
    """Twenty rows of a school, of which one is wrong."""
    rows = pd.concat([DEGREES.iloc[:1]] * 20, ignore_index=True).astype({"经度": object, "纬度": object})
    return table(rows.assign(name=[f"学校{n}" for n in range(20)], **{k: [v, *rows[k][1:]] for k, v in wrong.items()}))


SURVEY = PARKS.assign(DLBM=["0701", "1001"], DLMC="x", CZCSXM=["201", "202"]).drop(columns="name")
OWN = {"fields": {"category": "type"}, "values": {"category": {"学校": "primary_school"}}}


@dataclass(frozen=True)
class Kind:
    """A row of the table, a file of that kind, what is read of it (note kinds, rows), or the sentence that is said."""

    zh: tuple[str, str]
    en: tuple[str, str]
    write: object
    layer: str = "parks"
    keys: dict = field(default_factory=dict)
    told: tuple[str, ...] = ()
    rows: int = 2
    said: str = ""


KINDS = [
    Kind(("GeoPackage", "读取"), ("GeoPackage", "read"), file(PARKS, "a.gpkg")),
    Kind(
        ("有几个图层的 GeoPackage、.gdb", "要求用 `layer` 写明"),
        ("GeoPackage or .gdb with several layers", "asks for `layer`"),
        lambda folder: [file(PARKS, "a.gpkg", layer=name)(folder) for name in ("x", "y")].pop(),
        said="holds 2 layers (x, y); say which with layer",
    ),
    Kind(
        ("Shapefile，GBK 文字，没有 .cpg", "按 GBK 读取并说明"),
        ("Shapefile in GBK without .cpg", "read as GBK, which is told"),
        without(file(PARKS, "a.shp", encoding="GBK"), ".cpg"),
        told=("encoding_guessed",),
    ),
    Kind(
        ("Shapefile，没有 .prj", "要求写明 `crs`"),
        ("Shapefile without .prj", "asks for `crs`"),
        without(file(PARKS, "a.shp"), ".prj"),
        said='add crs, e.g. crs = "EPSG:4547"',
    ),
    Kind(
        ("Shapefile，列名截成 10 个字节", "按完整列名找到"),
        ("Shapefile with column names cut at 10 bytes", "found by the whole name"),
        file(PARKS.rename(columns={"name": "公园绿"}), "a.shp", encoding="UTF-8"),
        keys={"fields": {"name": "公园绿地名称"}},
    ),
    Kind(
        ("zip 里的 Shapefile，GBK 文件名和文字", "读取"),
        ("Shapefile in a zip, names and text in GBK", "read"),
        zipped(without(file(PARKS, "绿地.shp", encoding="GBK"), ".cpg")),
        told=("encoding_guessed",),
    ),
    Kind(
        ("zip 里有几个图层", "要求用 `layer` 写明"),
        ("zip with several layers", "asks for `layer`"),
        zipped(file(PARKS, "x.shp"), file(PARKS, "y.shp")),
        said="holds 2 layers (x, y); say which with layer",
    ),
    Kind(
        ("zip 里有几个图层，写明了 `layer`", "读取这一个"),
        ("zip with several layers and `layer`", "reads that one"),
        zipped(file(PARKS, "x.shp"), file(SCHOOLS, "y.shp")),
        keys={"layer": "x"},
    ),
    Kind(
        ("损坏的 zip", "说明打不开，怎么办"),
        ("a damaged zip", "says that it cannot be unpacked, and what to do"),
        written(b"PK\x03\x04 no zip", "a.zip"),
        said="cannot be unpacked",
    ),
    Kind(
        ("文件地理数据库 .gdb", "读取"), ("file geodatabase .gdb", "read"), file(PARKS, "a.gdb", driver="OpenFileGDB")
    ),
    Kind(
        ("zip 里的 .gdb", "读取"),
        (".gdb in a zip", "read"),
        zipped(file(PARKS, "a.gdb", driver="OpenFileGDB")),
    ),
    Kind(("GeoJSON", "读取"), ("GeoJSON", "read"), file(PARKS.to_crs(4326), "a.geojson")),
    Kind(
        ("GeoJSON，只是要素的列表", "读取"),
        ("GeoJSON, a bare list of features", "read"),
        written(json.dumps(features(PARKS)), "a.geojson"),
    ),
    Kind(
        ("GeoJSON，只是一个图形", "读取"),
        ("GeoJSON, a bare geometry", "read"),
        written(json.dumps(features(PARKS)[0]["geometry"]), "a.geojson"),
        rows=1,
    ),
    Kind(
        ("GeoJSON，GBK 文字", "按 GBK 读取并说明"),
        ("GeoJSON in GBK", "read as GBK, which is told"),
        written(
            json.dumps({"type": "FeatureCollection", "features": features(PARKS)}, ensure_ascii=False), "a.json", "gbk"
        ),
        told=("encoding_guessed",),
    ),
    Kind(
        ("KML", "读取"),
        ("KML", "read"),
        kml,
        "gates",
        keys={"fields": {"name": "Name"}},
    ),
    Kind(("KMZ", "读取"), ("KMZ", "read"), kmz, "gates", keys={"fields": {"name": "Name"}}),
    Kind(
        ("DXF，闭合线，一个 CAD 图层", "闭合线按面读取并说明，文字不采用"),
        ("DXF with closed lines on one CAD layer", "closed lines become areas, which is told; lettering left out"),
        drawing(),
        keys={"crs": "EPSG:4547"},
        told=("lettering", "closed_lines"),
    ),
    Kind(
        ("DXF，UTF-8（AutoCAD 2007 以后）", "读取"),
        ("DXF in UTF-8 (AutoCAD 2007 and later)", "read"),
        drawing("AC1032", "utf-8", ("绿地", "道路")),
        keys={"crs": "EPSG:4547", "layer": "绿地"},
        told=("lettering", "closed_lines"),
    ),
    Kind(
        ("DXF，几个 CAD 图层", "列出图层，要求用 `layer` 写明"),
        ("DXF with several CAD layers", "lists them and asks for `layer`"),
        drawing(layers=("绿地", "道路")),
        keys={"crs": "EPSG:4547"},
        said="2 CAD layers (with what they hold: 绿地 3, 道路 3); say which with layer",
    ),
    Kind(
        ("DXF，没写 `crs`", "要求写明 `crs`"),
        ("DXF without `crs`", "asks for `crs`"),
        drawing(),
        said="does not say its coordinate system; add crs",
    ),
    Kind(
        ("DWG、MapGIS、.mdb", "说明先转成什么"),
        ("DWG, MapGIS, .mdb", "says what to convert it to"),
        written(b"AC1027", "a.dwg"),
        said="a.dwg is a DWG drawing; save it as DXF in CAD",
    ),
    Kind(
        (".rar、.7z", "要求解压或改用 .zip"),
        (".rar, .7z", "asks to unpack it or to zip it"),
        written(b"Rar!", "a.rar"),
        said="a.rar is an archive that cannot be read; unpack it, or zip it",
    ),
    Kind(
        ("CSV，经度、纬度两列", "读取，说明按哪种坐标"),
        ("CSV with two columns of coordinates", "read, and told as which degrees"),
        table(DEGREES),
        "facilities",
        XY,
        ("taken_as_degrees",),
    ),
    Kind(
        ("CSV，经纬度在一列（`lng,lat`）", "拆分后读取"),
        ("CSV with both in one column (`lng,lat`)", "split and read"),
        table(DEGREES.assign(坐标=[f"{x},{y}" for x, y in zip(LON, LAT, strict=True)])),
        "facilities",
        {"x": "坐标"},
        ("pairs", "taken_as_degrees"),
    ),
    Kind(
        ("CSV，度分秒（113°22′40″）", "换算后读取并说明"),
        ("CSV in degrees, minutes and seconds (113°22′40″)", "made degrees, which is told"),
        table(DEGREES.assign(经度=[f"东经{minutes(x)}" for x in LON], 纬度=[minutes(y) for y in LAT])),
        "facilities",
        XY,
        ("degrees_minutes", "degrees_minutes", "taken_as_degrees"),
    ),
    Kind(
        ("CSV，一列 WKT", "读取，点、线、面都可"),
        ("CSV with a column of WKT", "read: points, lines or areas"),
        table(pd.DataFrame({"name": PARKS["name"], "WKT": [f"SRID=4547;{area.wkt}" for area in AREAS]})),
        told=("wkt",),
    ),
    Kind(
        ("CSV，没写坐标列", "列出各列，要求写明 `x`、`y` 或 `join`"),
        ("CSV without named coordinates", "lists its columns and asks for `x`, `y` or `join`"),
        table(DEGREES),
        "facilities",
        said="needs x = the column of longitude and y = the column of latitude, beside path; it has: category, name,",
    ),
    Kind(
        ("XLSX", "读取"),
        ("XLSX", "read"),
        book(设施=DEGREES, 空表=DEGREES.iloc[:0]),
        "facilities",
        XY,
        ("taken_as_degrees",),
    ),
    Kind(
        ("XLSX，几张工作表", "要求用 `sheet` 写明"),
        ("XLSX with several sheets", "asks for `sheet`"),
        book(说明=DEGREES, 设施=DEGREES),
        "facilities",
        XY,
        said="2 sheets hold rows (说明, 设施); say which with sheet",
    ),
    Kind(
        ("XLSX，写明了 `sheet`", "读取这一张"),
        ("XLSX with `sheet`", "reads that one"),
        book(说明=DEGREES.iloc[:0], 设施=DEGREES),
        "facilities",
        XY | {"sheet": "设施"},
        ("taken_as_degrees",),
    ),
    Kind(
        ("隐藏的工作表", "不采用并说明，用 `sheet` 写明才读取"),
        ("a hidden sheet", "not used, which is told; read where `sheet` names it"),
        office("schools.xls"),
        "facilities",
        XY,
        ("hidden_sheets", "taken_as_degrees"),
    ),
    Kind(
        (".xls（Excel 97–2003）", "读取，同 XLSX"),
        (".xls (Excel 97 to 2003)", "read, as XLSX is"),
        office("two_sheets.xls"),
        "facilities",
        XY | {"sheet": "设施"},
        ("taken_as_degrees",),
    ),
    Kind(
        (".xls，几张工作表", "要求用 `sheet` 写明"),
        (".xls with several sheets", "asks for `sheet`"),
        office("two_sheets.xls"),
        "facilities",
        XY,
        said="2 sheets hold rows (说明, 设施); say which with sheet",
    ),
    Kind(
        (".xls，用 `join` 按名称连接，含公式", "取公式的结果，连接到图形"),
        (".xls joined by name with `join`, with formulas", "their results, joined to the shapes"),
        beside_communities(office("persons.xls")),
        "population",
        by("社区", "name"),
        ("joined",),
    ),
    Kind(
        (".xls 里的公式没有存下结果", "按空格处理"),
        (".xls with formulas that hold no result", "taken as empty cells"),
        written(excel_95("经度", "113.38", formulas=[(0, 0, 1.0), (1, 2, 0.0)]), "a.xls"),
        "gates",
        {"x": "经度", "y": "1"},
        said="column 1: row 2 has '' for a coordinate",
    ),
    Kind(
        (".xls（Excel 95 及更早），中文为 GBK", "按 GBK 读取并说明"),
        (".xls (Excel 95 and older) in GBK", "read as GBK, which is told"),
        written(excel_95("点", *(f"{x},{y}" for x, y in zip(LON, LAT, strict=True))), "a.xls"),
        "gates",
        {"x": "点"},
        ("read_as", "pairs", "taken_as_degrees"),
    ),
    Kind(
        ("名为 .xls 的网页表格（许多系统这样导出）", "按显示的文字读取"),
        ("table of a web page named .xls, as many systems export it", "read as the text it shows"),
        written(DEGREES.to_html(index=False), "a.xls", "gbk"),
        "facilities",
        XY,
        ("taken_as_degrees",),
    ),
    Kind(
        ("名为 .xls 的 .xlsx，或反之", "读取"),
        (".xlsx named .xls, or the other way round", "read"),
        renamed(book(设施=DEGREES), "a.xls"),
        "facilities",
        XY,
        ("taken_as_degrees",),
    ),
    Kind(
        ("名为 .xls 的文本、XML 表格", "要求用 Excel 打开并另存为 .xlsx"),
        ("text or XML named .xls", "asks to open it in Excel and to save it as .xlsx"),
        written("名称\t经度\n", "a.xls"),
        "facilities",
        XY,
        said="a.xls) is named like an Excel workbook but holds text or something else",
    ),
    Kind(
        ("有打开密码的 .xls、.xlsx", "要求去掉密码"),
        (".xls or .xlsx with a password", "asks to take the password out"),
        office("locked.xls"),
        "facilities",
        XY,
        said="a.xls) has a password; take it out in Excel and save it again",
    ),
    Kind(
        ("损坏的 .xls、.xlsx", "说明打不开及做法"),
        ("a damaged .xls or .xlsx", "says that it cannot be opened, and what to do"),
        written(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.xls"),
        "facilities",
        XY,
        said="cannot be opened as Excel",
    ),
    Kind(
        (".et（WPS）", "要求另存为 .xlsx 或 CSV"),
        (".et (WPS)", "asks to save it as .xlsx or CSV"),
        written(b"\xd0\xcf\x11\xe0", "a.et"),
        "facilities",
        said="a.et is a workbook of WPS (.et); save it as .xlsx or CSV",
    ),
    Kind(
        ("没有坐标的表，按名称 `join`", "连接到图形"),
        ("table without coordinates, `join` by name", "joined to the shapes"),
        persons(社区=["㵐水街道", "东城社区"]),
        "population",
        by("社区", "name"),
        ("joined",),
    ),
    Kind(
        ("`join`，名称写法不同（全角、异体字、街道办）", "按同一处连接并列出"),
        ("`join`, names written otherwise (full width, 厥 for 㵐, 街道办)", "taken for the same places and listed"),
        persons(社区=["厥水 街道办", "东城"]),
        "population",
        by("社区", "name"),
        ("joined", "joined_otherwise"),
    ),
    Kind(
        ("`join`，按编码", "连接到图形"),
        ("`join` by code", "joined to the shapes"),
        persons(编码=["４２１３０３００１", "421303002"]),
        "population",
        by("编码"),
        ("joined", "joined_otherwise"),
    ),
    Kind(
        ("`join`，有对不上的", "不采用并列出两边，图层按不完整处理"),
        ("`join` with rows or shapes left over", "left out and listed, the layer counts as incomplete"),
        persons(社区=["东城社区", "厥水社区"]),
        "population",
        by("社区", "name"),
        ("joined", "join_no_shape", "join_no_row"),
        rows=1,
    ),
    Kind(
        ("`join`，名称出现两次", "指出是哪两行"),
        ("`join` with a name that stands twice", "names the two rows"),
        persons(社区=["东城社区", "东城社区"]),
        "population",
        by("社区", "name"),
        said="'东城社区' stands twice (rows 2 and 3)",
    ),
    Kind(
        ("x 坐标前有带号（38500000），没写 `crs`", "指出带号和该写的 `crs`"),
        ("easting with its zone before it (38500000), no `crs`", "names the `crs` to write"),
        table(DEGREES.assign(经度=[38_441_000, 38_441_100], 纬度=3_507_000)),
        "facilities",
        XY,
        said='crs = "EPSG:4526", as its x begins with the number of that zone',
    ),
    Kind(
        ("x 坐标前有带号，写明了 `crs`", "读取"),
        ("easting with its zone before it, and `crs`", "read"),
        table(DEGREES.assign(经度=[38_441_000, 38_441_100], 纬度=3_507_000)),
        "facilities",
        XY | {"crs": "EPSG:4526"},
    ),
    Kind(
        ("x 坐标前有带号，.prj 却写无带号的坐标系，另写明了 `crs`", "按 `crs` 读取并说明"),
        ("easting with its zone, a .prj of a system without, and `crs`", "read by `crs`, which is told"),
        file(gpd.GeoDataFrame(PARKS[["name"]], geometry=prefixed(PARKS), crs=WORKING), "a.shp"),
        keys={"crs": "EPSG:4526"},
        told=("crs_corrected",),
    ),
    Kind(
        ("x、y 颠倒", "指出颠倒，不改动"),
        ("x and y exchanged", "is told, nothing is changed"),
        file(turned(PARKS), "a.gpkg"),
        said="its axes are swapped; exchange them, or say swap_xy = true",
    ),
    Kind(
        ("x、y 颠倒，写明 `swap_xy = true`", "互换后读取"),
        ("x and y exchanged, and `swap_xy = true`", "exchanged and read"),
        file(turned(PARKS), "a.gpkg"),
        keys={"swap_xy": True},
        told=("swapped",),
    ),
    Kind(
        ("一行的坐标写错，远在别处", "指出该行，不采用，图层按不完整处理"),
        ("one row with wrong coordinates, far off", "names the row and leaves it out, the layer counts as incomplete"),
        many(经度="103.378"),
        "facilities",
        XY,
        ("taken_as_degrees", "stray", "strays"),
        rows=20,
    ),
    Kind(
        ("一行的经纬度颠倒", "指出该行"),
        ("one row with its degrees exchanged", "names the row"),
        many(经度=LAT[0], 纬度=LON[0]),
        "facilities",
        XY,
        said="row 2 has the latitude 113.37",
    ),
    Kind(
        ("一行没有坐标或不是数", "指出该行"),
        ("one row without coordinates, or in words", "names the row"),
        many(经度="不详"),
        "facilities",
        XY,
        said="column 经度: row 2 has '不详' for a coordinate",
    ),
    Kind(
        ("x = 0、y = 0 的点", "不采用，图层按不完整处理"),
        ("points at x = 0, y = 0", "left out, the layer counts as incomplete"),
        many(经度="0", 纬度="0"),
        "facilities",
        XY,
        ("taken_as_degrees", "no_shape"),
        rows=19,
    ),
    Kind(
        ("北京1954、西安1980 坐标", "说明可能差 10–100 米"),
        ("Beijing 1954 or Xian 1980", "told that it may lie 10 to 100 m off"),
        file(PARKS.to_crs("EPSG:2383"), "a.gpkg"),
        told=("shift_unknown",),
    ),
    Kind(
        ('高德 POI，`preset = "amap"`（`type`）', "还原偏移，按分类和名称取出设施"),
        ('points of Amap, `preset = "amap"` (`type`)', "shift undone, facilities by kind and name"),
        table(pois("gcj02", type=["科教文化服务;学校;小学", "科教文化服务;学校;小学", "住宿服务;宾馆酒店;宾馆酒店"])),
        "facilities",
        {"preset": "amap"},
        ("pairs", "taken_as_degrees", "datum_undone", "pois"),
    ),
    Kind(
        ("高德 POI，`typecode`，丢了开头的 0", "同上"),
        ("points of Amap, `typecode` that lost its first 0", "the same"),
        table(pois("gcj02", typecode=["141203", "141203|141204", "90601"])),
        "facilities",
        {"preset": "amap"},
        ("pairs", "taken_as_degrees", "datum_undone", "pois"),
        rows=4,
    ),
    Kind(
        ('百度 POI，`preset = "baidu"`', "同上"),
        ('points of Baidu, `preset = "baidu"`', "the same"),
        table(pois("bd09", uid=["1", "2", "3"], tag=["教育培训;小学", "教育培训;小学", "酒店;星级酒店"])),
        "facilities",
        {"preset": "baidu"},
        ("pairs", "taken_as_degrees", "datum_undone", "pois"),
    ),
    Kind(
        ("POI 的分类不认识", "列出，不采用"),
        ("points of kinds that are not known", "listed and left out"),
        table(pois("bd09", uid=["1", "2", "3"], tag=["教育培训;小学", "教育培训;小学", "外星基地"])),
        "facilities",
        {"preset": "baidu"},
        ("pairs", "taken_as_degrees", "datum_undone", "pois", "strange_kinds"),
    ),
    Kind(
        ("高德、百度 POI，没写 `datum`、`preset`", "提醒坐标可能偏移"),
        ("points of Amap or Baidu without `datum` or `preset`", "told that their coordinates may be shifted"),
        table(pois("gcj02", type="学校", id="1")),
        "facilities",
        OWN,
        ("pairs", "taken_as_degrees", "published_shifted"),
        rows=3,
    ),
    Kind(
        ('国土调查 DLTB，`preset = "dltb"`', "读取 DLBM、CZCSXM"),
        ('land survey DLTB, `preset = "dltb"`', "reads DLBM and CZCSXM"),
        file(SURVEY, "a.gpkg"),
        "land_survey",
        {"preset": "dltb"},
    ),
    Kind(
        ("国土调查 DLTB，没写 `preset`", "指出可写的 `preset`"),
        ("land survey DLTB without `preset`", "names the `preset` to write"),
        file(SURVEY, "a.gpkg"),
        "land_survey",
        said='it looks like patches of the land survey (DLTB): say preset = "dltb"',
    ),
    Kind(
        ('规划数据库用地用海，`preset = "ydyh"`', "读取 YDYHFLDM"),
        ('land use of a plan\'s database, `preset = "ydyh"`', "reads YDYHFLDM"),
        file(PARKS.assign(YDYHFLDM=["0701", "1401"]), "a.gpkg"),
        "land_use",
        {"preset": "ydyh"},
    ),
    Kind(
        ('城镇开发边界、城区范围，`preset = "czkfbj"`、`"cqfw"`', "作为范围线读取"),
        ('development boundary or urban range, `preset = "czkfbj"`, `"cqfw"`', "read as outlines"),
        file(PARKS.rename(columns={"name": "XZQMC"}), "a.gpkg"),
        "outlines",
        {"preset": "czkfbj"},
    ),
    Kind(
        ("DataV 的行政边界（`adcode`、`acroutes`）", "提醒坐标为 GCJ-02"),
        ("boundaries of DataV (`adcode`, `acroutes`)", "told that they are GCJ-02"),
        file(PARKS.to_crs(4326).assign(adcode=421303, acroutes="x"), "a.geojson"),
        told=("published_shifted",),
    ),
]


def read(kind, folder):
    path = kind.write(folder)
    keys = dict(kind.keys)
    if "join" in keys:
        join = keys["join"]
        keys["join"] = Join(folder / join.to, join.on, join.column)
    return read_vector(VectorSource(path, **keys), kind.layer, to_crs=WORKING, near=NEAR)


def truth(layer):
    return POINTS if layer in ("facilities", "gates") else AREAS


@pytest.mark.parametrize("kind", KINDS, ids=[kind.en[0] for kind in KINDS])
def test_what_comes_out_or_what_is_said(kind, tmp_path):
    if kind.said:
        with pytest.raises(SuizhouGeoError, match=re.escape(kind.said)) as caught:
            read(kind, tmp_path)
        assert "\n" not in caught.value.said.zh + caught.value.said.en
        assert re.search(r"；请|请", caught.value.said.zh)
        return
    found = read(kind, tmp_path)
    assert tuple(said.kind for said in (*found.notes, *found.findings)) == kind.told
    assert len(found.layer) == kind.rows
    if not {"stray", "shift_unknown", "published_shifted"} & set(kind.told):
        drawn = [
            shapely.distance(*shapely.centroid([one, true]))
            for one in found.layer.geometry
            for true in truth(kind.layer)
        ]
        assert np.min(np.reshape(drawn, (kind.rows, -1)), axis=1).max() < 0.1


@pytest.mark.slow
def test_what_is_lost_leaves_the_layer_incomplete(tmp_path):
    for number, kind in enumerate(KINDS):
        if {"strays", "no_shape", "join_no_row"} & set(kind.told):
            (folder := tmp_path / str(number)).mkdir()
            assert read(kind, folder).partial
        elif kind.told == ("joined",):
            (folder := tmp_path / str(number)).mkdir()
            found = read(kind, folder)
            assert not found.partial
            west = found.layer.geometry.bounds["minx"] < EAST + 150
            assert found.layer["persons"].tolist() == [100, 200]
            assert west.tolist() == [False, True]


def test_constants_and_codes_of_presets(tmp_path):
    (kind,) = (kind for kind in KINDS if kind.layer == "outlines")
    assert set(read(kind, tmp_path).layer["kind"]) == {"development_boundary"}


@pytest.mark.parametrize(
    ("name", "tag", "categories"),
    [
        ("实验小学", "141203", {"primary_school": False}),
        ("九年一贯制学校", "141203", {"primary_school": False, "junior_school": False}),
        ("第二中学", "141202", {"junior_school": True}),
        ("高级中学", "141202", {}),
        ("外国语学校", "141202", {"junior_school": True}),
        ("人民医院", "090101", {"hospital": False}),
        ("北郊医院", "090100", {"hospital": True}),
        ("东城社区卫生服务中心", "090100", {"health_centre": False}),
        ("仁爱口腔医院", "090202", {}),
        ("仁爱医院", "090201", {}),
        ("旧小学（已搬迁）", "141203", {}),
        ("公安局", "130501", {}),
        ("东城派出所", "130501", {"police_station": False}),
        ("小商品市场", "060701", {}),
        ("惠民菜市场", "060703", {"market": False}),
    ],
)
def test_kind_and_name_tell_the_category_and_whether_it_is_a_guess(name, tag, categories, tmp_path):
    rows = pois("gcj02", typecode=[tag, "141204", "100100"]).assign(name=[name, "乙幼儿园", "丙酒店"])
    path = table(rows)(tmp_path)
    layer = read_vector(VectorSource(path, preset="amap"), "facilities", to_crs=WORKING).layer
    layer = layer[layer["name"] != "乙幼儿园"]
    assert dict(zip(layer["category"], layer["guessed"], strict=True)) == categories


def test_the_rank_of_a_place_is_part_of_its_name():
    assert same_place("北郊街道办事处") == same_place("北郊街道")
    assert same_place("北郊街道") != same_place("北郊社区")
    assert same_place("随县") == ("随县", "")


def test_a_join_that_two_rows_fit_is_left_open(tmp_path):
    """东城 may be 东城社区 or 东城街道: nobody says."""
    PARKS.assign(name=["东城社区", "东城街道"]).to_file(tmp_path / "c.gpkg")
    path = table(pd.DataFrame({"人口": [1, 2], "社区": ["东城", "东城社区"]}))(tmp_path)
    keys = by("社区", "name") | {"join": Join(tmp_path / "c.gpkg", "社区", "name")}
    found = read_vector(VectorSource(path, **keys), "population", to_crs=WORKING)
    assert found.layer["persons"].tolist() == [1, 2]  # 东城社区 is taken by name, 东城街道 is all that is left for 东城
    assert [said.kind for said in found.findings] == ["joined_otherwise"]
    PARKS.assign(name=["东城社区", "东城街道"]).to_file(tmp_path / "c.gpkg")
    path = table(pd.DataFrame({"人口": [1, 2], "社区": ["东城", "西城"]}))(tmp_path)
    with pytest.raises(SuizhouGeoError, match="none of its rows has a shape of its name"):
        read_vector(VectorSource(path, **keys), "population", to_crs=WORKING)


@pytest.mark.slow
def test_a_join_in_a_study_is_on_record_with_both_files(tmp_path):
    communities(tmp_path)
    zone = gpd.GeoDataFrame({"name": ["城区"]}, geometry=[shapely.box(*NEAR)], crs=WORKING)
    zone.to_file(tmp_path / "z.gpkg")
    table(pd.DataFrame({"人口": [100, 200], "社区": ["东城社区", "㵐水街道"]}))(tmp_path)
    (tmp_path / "study.toml").write_text(
        'name = "t"\n[zones]\npath = "z.gpkg"\nboundary = "built_up"\n[population]\npath = "a.csv"\n'
        'fields = { persons = "人口" }\njoin = { to = "c.gpkg", on = "社区", column = "name" }\n',
        encoding="utf-8",
    )
    study = read_study(tmp_path / "study.toml")
    assert study.area.population["persons"].sum() == 300
    assert [source.path for source in study.inputs if source.role == "population"] == ["c.gpkg", "a.csv"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_list_every_kind(lang):
    text = (DOCS / lang / "reference" / "inputs.md").read_text(encoding="utf-8")
    first = text.split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in first.splitlines() if line.startswith("| ")]
    assert [tuple(row) for row in rows[1:]] == [getattr(kind, lang) for kind in KINDS]
