"""Layers of a PostGIS database: a server of its own is started for these tests; what is said without one needs none.

`KINDS` holds the rows of the table of databases in docs/*/reference/inputs.md, in their order.
"""

import importlib
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

import suizhou_geo as sg
from suizhou_geo.errors import InputError, LayerError, StudyError, SuizhouGeoError
from suizhou_geo.sources.database import DatabaseAddress
from suizhou_geo.sources.opened import VectorSource
from suizhou_geo.sources.study import read_study
from suizhou_geo.sources.study_schema import load_study_file
from suizhou_geo.sources.vector import read_vector

DOCS = Path(__file__).resolve().parents[1] / "docs"
WORKING = CRS("EPSG:4547")
EAST, NORTH = 441_000.0, 3_507_000.0
NEAR = (EAST - 3000, NORTH - 3000, EAST + 3000, NORTH + 3000)
SECRET = "s3cret/w@rd"  # noqa: S105
WRITTEN = "s3cret%2Fw%40rd"


def square(east, north, side=100):
    return f"st_makeenvelope({east}, {north}, {east + side}, {north + side}, 4547)"


HERE = square(EAST, NORTH)
TABLES = f"""
create table parks (名称 text, 面积 numeric, geom geometry(Polygon, 4490));
insert into parks values ('甲公园', 1.5, st_transform({HERE}, 4490)),
    ('外地公园', 2, st_transform({square(EAST + 90_000, NORTH)}, 4490)), ('无图形', null, null);
create schema 规划; create table 规划."绿地 %" (name text, open_public boolean, shape geometry(Polygon, 4547));
insert into 规划."绿地 %" values ('乙公园', true, {HERE});
create table everywhere (name text, geom geometry);
insert into everywhere values ('a', {HERE}), ('b', st_transform({HERE}, 4326));
create table nowhere (name text, geom geometry);
insert into nowhere values ('a', st_setsrid({HERE}, 0));
create table mixed (name text, geom geometry(Geometry, 4547));
insert into mixed values ('a', {HERE}), ('b', st_startpoint(st_exteriorring({HERE})));
create table curved (name text, geom geometry(CurvePolygon, 4547));
insert into curved values ('a', st_setsrid(
    'CURVEPOLYGON(CIRCULARSTRING(441000 3507000, 441100 3507000, 441000 3507000))'::geometry, 4547));
create table globe (name text, geom geography(Polygon, 4326));
insert into globe values ('a', st_transform({HERE}, 4326)::geography);
create table elsewhere (name text, geom geometry(Polygon, 4547));
insert into elsewhere values ('a', {square(EAST + 400_000, NORTH)});
create table around (name text, geom geometry(Polygon, 4547));
insert into around values ('a', {square(EAST - 90_000, NORTH - 90_000)}), ('b', {square(EAST + 90_000, NORTH + 90_000)});
create table turned (name text, geom geometry(Polygon, 4547));
insert into turned values ('a', st_flipcoordinates({HERE}));
create table two (name text, geom geometry(Polygon, 4547), old geometry(Polygon, 4547));
create table bare (name text); create sequence counter;
create table own_system (name text, geom geometry(Polygon, 990001));
insert into spatial_ref_sys (srid, auth_name, auth_srid, srtext)
    select 990001, '本地', 1, srtext from spatial_ref_sys where srid = 4547;
insert into own_system values ('a', st_setsrid({HERE}, 990001));
"""  # noqa: S608


def binary(name):
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if Path("/usr/lib/postgresql").is_dir() else []
    return shutil.which(name) or next((str(p / name) for p in reversed(places) if (p / name).is_file()), None)


@pytest.fixture(scope="module")
def folder():
    """A folder with a short path that another user may go into."""
    with tempfile.TemporaryDirectory(prefix="postgres-") as place:
        yield Path(place)


@pytest.fixture(scope="module")
def server(folder):
    """The address of a database with the tables above, on a server that lives as long as these tests."""
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
    if binary("pg_ctl") is None or binary("initdb") is None:
        pytest.skip("no PostgreSQL server is installed")
    who = {}
    if os.geteuid() == 0:  # which the server refuses
        user = next((u for u in pwd.getpwall() if u.pw_name in ("postgres", "nobody")), None)
        who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        folder.chmod(0o755)
        os.chown(folder, user.pw_uid, user.pw_gid)
    (folder / "password").write_text(SECRET)
    (folder / "password").chmod(0o644)

    def run(*command):
        environment = os.environ | {"LC_ALL": "C.UTF-8"}
        with (folder / "log").open("a") as log:
            done = subprocess.run(command, cwd=folder, env=environment, stdout=log, stderr=log, check=False, **who)
        assert done.returncode == 0, (folder / "log").read_text()

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    secured = ("-A", "scram-sha-256", "-U", "planner", f"--pwfile={folder / 'password'}", "-E", "UTF8", "--no-sync")
    run(binary("initdb"), "-D", str(folder / "data"), *secured)
    set_up = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -c unix_socket_directories={folder}"
    run(binary("pg_ctl"), "-D", str(folder / "data"), "-l", str(folder / "log.server"), "-o", set_up, "-w", "start")
    address = f"postgresql://planner:{WRITTEN}@127.0.0.1:{port}"
    try:
        with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
            if not connection.execute("select 1 from pg_available_extensions where name = 'postgis'").fetchone():
                pytest.skip("PostGIS is not installed")
            connection.execute("create database bare")
            connection.execute("create extension postgis")
            connection.execute(TABLES)
        yield f"{address}/postgres"
    finally:
        run(binary("pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "stop")


def read(url, layer=None, *, name="parks", near=NEAR, **keys):
    keys = {"fields": {"name": "名称"}} | keys if layer == "parks" else keys
    source = VectorSource(Path("postgres"), layer=layer, database=DatabaseAddress(url), **keys)
    return read_vector(source, name, to_crs=WORKING, near=near)


@dataclass(frozen=True)
class Kind:
    """A row of the table: which layer and keys, what is told (note kinds), or the sentence that is said."""

    zh: tuple[str, str]
    en: tuple[str, str]
    layer: str | None = None
    keys: dict = field(default_factory=dict)
    told: tuple[str, ...] = ("database_window",)
    said: str = ""


KINDS = [
    Kind(
        ("一张表，`layer` 写表名", "只读取研究范围周边的行，说明行数；没有图形的行照常说明"),
        ("a table, named by `layer`", "the rows around the study are read, which is told; so are rows without a shape"),
        "parks",
        told=("database_window", "no_shape"),
    ),
    Kind(
        ("表名带模式、汉字或空格", "读取"),
        ("a table with its schema, in Chinese, with blanks", "read"),
        "规划.绿地 %",
    ),
    Kind(
        ("查询，`sql`", "在只读事务中读取"),
        ("a query, `sql`", "read, in a transaction that can write nothing"),
        keys={"sql": "select 名称 as name, geom from parks where 名称 like '%公园' and geom is not null -- 只要公园"},
    ),
    Kind(
        ("会写入数据库的 `sql`", "拒绝"),
        ("an `sql` that would write", "refused"),
        keys={"sql": "delete from parks returning *"},
        said="the database gives no data (syntax error at or near",
    ),
    Kind(
        ("调用写入函数的 `sql`", "拒绝"),
        ("an `sql` that calls what writes", "refused"),
        keys={"sql": "select nextval('counter')::text as name, geom from parks"},
        said="in a read-only transaction",
    ),
    Kind(
        ("没写 `layer`、`sql`，有几张带图形的表", "列出各表，要求写明"),
        ("neither `layer` nor `sql`, several tables with shapes", "lists them and asks"),
        keys={"name": "roads"},
        said="it is not said which table (there is: public.around, public.curved,",
    ),
    Kind(
        ("没有这张表", "列出各表"),
        ("no such table", "lists what there is"),
        "park",
        said="there is no table 'park' with shapes (there is: public.around,",
    ),
    Kind(
        ("`sql` 里没有这一列", "转述数据库的话"),
        ("an `sql` with a column that is not there", "what the database says of it"),
        keys={"sql": "select nix, geom from parks"},
        said='the database gives no data (column "nix" does not exist); correct sql',
    ),
    Kind(
        ("没有图形列", "列出各列"),
        ("no column of shapes", "lists its columns"),
        keys={"sql": "select name from bare"},
        said="has no column of shapes (it has: name); give one with sql",
    ),
    Kind(
        ("几列图形", "要求用 `sql` 选一列"),
        ("several columns of shapes", "asks to select one with `sql`"),
        keys={"sql": "select * from two"},
        said="has several columns of shapes (geom, old); select one with sql",
    ),
    Kind(
        ("没写坐标系（SRID 为 0）", "要求写明 `crs`"),
        ("no coordinate system (SRID 0)", "asks for `crs`"),
        "nowhere",
        said="does not say its coordinate system; add crs, e.g. crs =",
    ),
    Kind(
        ("没写坐标系，写明了 `crs`", "读取"),
        ("no coordinate system, and `crs`", "read"),
        "nowhere",
        {"crs": "EPSG:4547"},
    ),
    Kind(
        ("各行坐标系不同", "指出"),
        ("rows in several coordinate systems", "names them"),
        "everywhere",
        said="its rows are in several coordinate systems (SRID 4326, 4547); bring them into one",
    ),
    Kind(
        ("数据库自定义的坐标系", "按其定义读取"),
        ("a coordinate system of the database's own", "read by its definition"),
        "own_system",
    ),
    Kind(("地理类型 geography", "读取"), ("type geography", "read"), "globe"),
    Kind(("曲线（CurvePolygon）", "化为折线读取"), ("curves (CurvePolygon)", "read as many short lines"), "curved"),
    Kind(
        ("点、面混在一起", "指出首个不对的行"),
        ("points among areas", "names the first that is wrong"),
        "mixed",
        said="1 of 2 shapes are of another kind than Polygon or MultiPolygon, the first, row 2, is a Point",
    ),
    Kind(
        ("范围内一个也没有，四周都有", "作为空图层，并说明"),
        ("none within, others all around", "an empty layer, which is told"),
        "around",
        told=("database_window", "none_near"),
    ),
    Kind(
        ("x、y 颠倒", "指出颠倒，不改动"),
        ("x and y exchanged", "is told, nothing is changed"),
        "turned",
        said="its axes are swapped; exchange them, or say swap_xy = true",
    ),
    Kind(
        ("x、y 颠倒，写明 `swap_xy = true`", "互换后读取"),
        ("x and y exchanged, and `swap_xy = true`", "exchanged and read"),
        "turned",
        {"swap_xy": True},
        told=("swapped",),
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=[kind.en[0] for kind in KINDS])
def test_what_comes_out_or_what_is_said(kind, server):
    if kind.said:
        with pytest.raises(SuizhouGeoError, match=re.escape(kind.said)) as caught:
            read(server, kind.layer, **kind.keys)
        assert "\n" not in caught.value.said.zh + caught.value.said.en
        assert "请" in caught.value.said.zh
        assert "s3cret" not in repr(caught.value) + caught.value.said.zh
        return
    found = read(server, kind.layer, **kind.keys)
    assert tuple(said.kind for said in (*found.notes, *found.findings)) == kind.told
    if kind.layer == "around":
        return
    (shape,) = found.layer.geometry
    if kind.layer == "curved":
        assert abs(shape.area - np.pi * 50**2) < 20
    else:
        assert shapely.hausdorff_distance(shape, shapely.box(EAST, NORTH, EAST + 100, NORTH + 100)) < 0.01
    assert found.partial == (kind.layer == "parks")


@pytest.mark.slow
def test_only_the_window_is_read_and_the_rows_are_counted(server):
    read_in, whole = read(server, "parks"), read(server, "parks", near=None)
    assert [note.amounts for note in read_in.notes] == [{"rows": 2, "total": 3}]
    assert (len(read_in.layer), len(whole.layer), whole.notes) == (1, 2, ())


@pytest.mark.slow
def test_values_are_numbers_and_texts(server):
    layer = read(server, sql="select 名称 as name, geom, 面积 as persons from parks", name="population").layer
    assert layer["persons"].tolist() == [1.5]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (WRITTEN, "wrong", "does not take this user or password"),
        (f":{WRITTEN}", "", "does not take this user or password"),
        ("/postgres", "/nix", "no connection to the database postgresql://planner@127.0.0.1:"),
        (WRITTEN, SECRET, "the address is not written as one"),
        ("/postgres", "/bare", "there is no table 'parks' with shapes (there is: none with shapes)"),
    ],
)
def test_who_is_not_let_in_is_told_without_the_password(old, new, said, server, monkeypatch):
    monkeypatch.delenv("PGPASSWORD", raising=False)
    with pytest.raises(SuizhouGeoError, match=re.escape(said)) as caught:
        read(server.replace(old, new), "parks")
    assert not re.search("s3cret|wrong|w@rd", "".join(map(str, (caught.value.said, caught.value.__cause__))))
    monkeypatch.setenv("PGPASSWORD", SECRET)
    assert len(read(server.replace(f":{WRITTEN}", ""), "parks").layer) == 1


@pytest.mark.slow
def test_a_table_of_another_place_is_refused_with_how_far_off_it_is(server, tmp_path):
    path = study(tmp_path, server)
    text = path.read_text(encoding="utf-8").replace('"parks"\nfields = { name = "名称" }', '"elsewhere"')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LayerError, match="lies 394 km beyond the surroundings of the zones"):
        read_study(path)
    path.write_text(text.replace("elsewhere", "around"), encoding="utf-8")
    found = read_study(path)
    assert found.area.parks.empty
    assert "none_near" in [said.kind for said in found.findings]


STUDY = """name = "t"
[zones]
path = "z.gpkg"
boundary = "built_up"
[layers.parks]
path = "{url}"
layer = "parks"
fields = {{ name = "名称" }}
"""


def study(folder, url):
    zone = gpd.GeoDataFrame({"name": ["城区"]}, geometry=[shapely.box(*NEAR)], crs=WORKING)
    zone.to_file(folder / "z.gpkg")
    (folder / "study.toml").write_text(STUDY.format(url=url), encoding="utf-8")
    return folder / "study.toml"


@pytest.mark.slow
def test_a_run_shows_the_password_nowhere(server, tmp_path, capsys):
    told = []
    found = read_study(study(tmp_path, server), progress=told.append)
    (source,) = (source for source in found.inputs if source.role == "parks")
    assert source.path == server.replace(f":{WRITTEN}", "")
    again = read_study(tmp_path / "study.toml")
    assert source.sha256 == next(source.sha256 for source in again.inputs if source.role == "parks")
    sg.assess(tmp_path / "study.toml", chapter="green").write(tmp_path / "results", full=True)
    written = b"".join(path.read_bytes() for path in (tmp_path / "results").rglob("*") if path.is_file())
    assert source.path.encode() in written
    assert b"s3cret" not in written
    assert "s3cret" not in repr(found) + "".join(map(str, told)) + "".join(capsys.readouterr())


# ------------------------------------------------------------------------------------------------- without a server
@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("postgresql://u:p@h:1/d", "postgresql://u@h:1/d"),
        ("postgres+psycopg2://u:p@h/d?sslmode=require", "postgresql://u@h/d"),
        ("POSTGRESQL://h/d?password=p", "postgresql://h/d"),
        ("postgresql://u:p:p/p#p@h/d", "postgresql://u@h/d"),
        ("postgresql://u:p?p@h/d", "postgresql://…"),
        ("postgresql://h/d?password=p@p", "postgresql://…"),
        ("postgresql:///d", "postgresql:///d"),
    ],
)
def test_the_password_is_taken_out_at_the_door(written, shown):
    address = DatabaseAddress(written)
    assert address == f"{address}" == shown
    assert address.secret.endswith(written.partition("://")[2])


def test_a_study_file_that_is_wrong_tells_no_password(tmp_path):
    path = study(tmp_path, "postgresql://u:s3cret@h/d")
    for old, new in (('path = "postgresql', 'path = ["postgresql'), ("layer =", "lair =")):
        text = STUDY.format(url="postgresql://u:s3cret@h/d").replace(old, new)
        path.write_text(text.replace('h/d"', 'h/d"]') if "[" in new else text, encoding="utf-8")
        with pytest.raises(StudyError) as caught:
            load_study_file(path)
        assert "s3cret" not in caught.value.said.zh + caught.value.said.en
    osm = STUDY.format(url="x").replace("[layers.parks]", '[osm]\npath = "postgresql://u:s3cret@h/d"\n[layers.parks]')
    path.write_text(osm, encoding="utf-8")
    with pytest.raises(InputError, match="there is no file") as caught:
        read_study(path)
    assert "s3cret" not in caught.value.said.zh + caught.value.said.en


@pytest.mark.parametrize("key", ["sheet", "encoding", "x", "y"])
def test_keys_of_files_say_nothing_about_a_database(key):
    with pytest.raises(InputError, match=f"{key} says nothing about a database; take it out"):
        read("postgresql://h/d", **{key: "utf-8"})


def test_a_table_beside_a_query_and_a_query_beside_a_file_are_refused(tmp_path):
    with pytest.raises(InputError, match="layer says nothing about a database beside sql; take it out"):
        read("postgresql://h/d", "parks", sql="select 1")
    (tmp_path / "a.gpkg").write_bytes(b"SQLite format 3\x00")
    with pytest.raises(InputError, match=r"sql says nothing about a .gpkg file; take it out"):
        read_vector(VectorSource(tmp_path / "a.gpkg", sql="select 1"), "parks", to_crs=WORKING)


def test_without_psycopg_it_is_said_what_to_install(monkeypatch):
    def none(name, *_):
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", none)
    with pytest.raises(InputError, match=r'a database needs psycopg; run pip install "suizhou-geo\[postgis\]"'):
        read("postgresql://h/d", "parks")


@pytest.mark.slow
def test_no_server_is_told():
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}/d"
        with pytest.raises(InputError, match=f"no connection to the database postgresql://u@{address} .*refused"):
            read(f"postgresql://u:s3cret@{address}", "parks")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_list_every_kind(lang):
    text = (DOCS / lang / "reference" / "inputs.md").read_text(encoding="utf-8")
    section = text.partition("{ #a-postgis-database }" if lang == "zh" else "## A PostGIS database")[2].split("\n## ")[
        0
    ]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    assert [tuple(row) for row in rows[1:]] == [getattr(kind, lang) for kind in KINDS]
