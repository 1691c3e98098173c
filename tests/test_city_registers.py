"""The registers of the invented city: written as offices write them, and the truth about them by other means."""

import json
import operator
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import Transformer

import suizhou_geo as sg
from suizhou_geo.access.demand import demand
from suizhou_geo.geometry.crs import gcj02_to_wgs84
from suizhou_geo.invented_city.journeys import along_streets
from suizhou_geo.invented_city.links import Stands, barriers, from_stands, network, stands, to_places
from suizhou_geo.invented_city.links import homes as homes_of
from suizhou_geo.measures.declared import declared
from suizhou_geo.sources.plan import read_plan
from suizhou_geo.sources.statistics import read_statistics
from suizhou_geo.sources.statistics_form import statistics_form
from suizhou_geo.standards.catalogue import settled_by

BUNDLED = Path(__file__).resolve().parents[1] / "data" / "raw" / "invented_city"
OPS = {">=": operator.ge, ">": operator.gt, "<=": operator.le, "<": operator.lt, "==": operator.eq}
# Promises that maps or registers measure; all others stand in the forms.
MEASURED = {
    "suizhou_2025": {
        *("construction_land_per_capita", "population_density", "life_circle_compliance", "main_city_zones"),
        *("district_zones", "main_city_construction_land", "main_city_population", "historic_plaque_share"),
        *("park_coverage", "complete_communities_advanced", "complete_community_coverage", "industrial_land"),
        *("commute_1h_region", "commute_30min_city", "arterial_grid_north_south", "arterial_grid_east_west"),
        *("dead_ends_opened", "road_density", "sidewalk_compliance", "charging_points"),
    },
    "suizhou_2024_report": {"complete_community_coverage", "dead_ends_opened"},
}
FORMS = {"suizhou_2025": "statistics.csv", "suizhou_2024_report": "statistics_2024.csv"}


@pytest.fixture(scope="module")
def truth():
    return json.loads((BUNDLED / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def study(invented_city):
    return invented_city


@pytest.fixture(scope="module")
def city(drawn_city):
    return drawn_city


@pytest.fixture(scope="module")
def zones():
    return gpd.read_file(BUNDLED / "zones.gpkg")


@pytest.fixture(scope="module")
def homes(zones):
    land = gpd.read_file(BUNDLED / "land.gpkg", layer="residential")
    return land.union_all().intersection(zones.union_all())


def _register(layer):
    return gpd.read_file(BUNDLED / "registers.gpkg", layer=layer)


def test_the_study_reads_every_register_and_finds_nothing_odd(study):
    layers = {"communities", "heritage", "greenways", "development_zones", "jobs", "centres", "chargers", "parking"}
    assert layers | {"sidewalks", "land_use", "railways"} <= set(study.area.layers)
    assert len(study.findings) == 1
    assert "population" in study.findings[0].en  # rivers and the cells that the outline cuts hold nobody


# --- communities --------------------------------------------------------------------------------------------------


def test_communities_tile_the_residential_land(homes):
    shapes = _register("communities").geometry
    assert shapes.area.sum() == pytest.approx(shapes.union_all().area, abs=1.0)
    assert homes.difference(shapes.union_all()).area < 1.0
    assert shapes.geom_type.eq("Polygon").all()


@pytest.mark.slow
def test_persons_of_communities(truth, study):
    persons = pd.Series(truth["communities"]["persons"])
    assert persons.sum() == pytest.approx(600_000)
    assert persons.max() < 15_000
    assert persons.between(5_000, 12_500).sum() > 0.75 * len(persons)
    cells = demand(study.area)
    layer = _register("communities")
    community, cell = shapely.STRtree(cells.centre).query(layer.geometry.to_numpy(), predicate="contains")
    ours = cells.cells["persons"].iloc[cell].groupby(layer["社区名称"].to_numpy()[community]).sum()
    assert ours.to_dict() == pytest.approx(persons.to_dict(), rel=0.01, abs=30)


def test_complete_and_advanced_communities(truth):
    layer, true = _register("communities"), truth["communities"]
    items = layer.drop(columns=["社区名称", "户数", "人口", "新推进", "geometry"])
    assert items.shape == (true["number"], 20)
    said_no, said_yes = items.eq("否").any(axis=1), items.eq("是").all(axis=1)
    assert said_yes.sum() == true["complete"]
    assert (~said_no).sum() == true["complete_or_not_said"] > true["complete"]
    assert 0.20 <= true["complete_share"] < true["complete_or_not_said"] / true["number"] < 0.30
    assert layer["新推进"].eq("是").sum() == true["advanced"] >= 20
    assert [int(items[c].eq("是").sum()) for c in items] == list(true["communities_with_item"].values())
    assert layer["户数"].sum() == true["households"]


# --- land, heritage, jobs, inventories ----------------------------------------------------------------------------


def test_land_in_three_codings(truth):
    plan = gpd.read_file(BUNDLED / "land.gpkg", layer="land_use")
    survey = gpd.read_parquet(BUNDLED / "land_survey.parquet")
    for codes, shapes, key in (
        (plan["规划用地代码"], plan, "land_ha_by_plan_code"),
        (survey["DLBM"], survey, "land_ha_by_survey_code"),
        (survey["CZCSXM"], survey, "land_ha_by_czcsxm"),
    ):
        assert (shapes.area / 1e4).groupby(codes.to_numpy()).sum().to_dict() == pytest.approx(truth[key])
    assert truth["land_ha_by_plan_code"]["0702"] > 0  # community services
    homesteads = survey[survey["DLBM"] == "0702"]
    assert set(homesteads["DLMC"]) == {"农村宅基地"}
    assert set(homesteads["CZCSXM"]) == {"203"}
    assert survey["TBMJ"].to_numpy() == pytest.approx(survey.area.to_numpy(), abs=0.006)


def test_industrial_land_and_its_share_in_development_zones(truth):
    land = gpd.read_file(BUNDLED / "land.gpkg", layer="land_use")
    works = land[land["用地分类"] == "工业用地"]
    inside = gpd.overlay(works, _register("development_zones"))
    true = truth["development_zones"]
    assert true["industrial_land_mu"] == pytest.approx(works.area.sum() * 15 / 10_000)
    assert true["industrial_share_inside"] == pytest.approx(inside.area.sum() / works.area.sum())
    by_name = inside.dissolve("园区名称").area * 15 / 10_000
    assert true["industrial_land_mu_inside"] == pytest.approx(by_name.to_dict())


def test_heritage_and_plaques(truth):
    layer, true = _register("heritage"), truth["heritage"]
    announced = layer[layer["已公布"] == "是"]
    assert (len(layer), len(announced)) == (true["announced"] + true["not_announced"], true["announced"])
    assert announced["类型"].value_counts().to_dict() == {
        "历史建筑": true["announced_by_kind"]["building"],
        "历史文化街区": true["announced_by_kind"]["district"],
    }
    assert announced["已挂牌"].eq("是").mean() == true["plaque_share"] < 1


def test_jobs_by_zone(truth, zones):
    jobs = _register("jobs").sjoin(zones, predicate="within")
    assert jobs.groupby("片区名称")["岗位数"].sum().to_dict() == truth["jobs_by_zone"]
    assert sum(truth["jobs_by_zone"].values()) == _register("jobs")["岗位数"].sum()


@pytest.mark.slow
def test_chargers_by_unit(truth, study):
    table = pd.read_csv(BUNDLED / "chargers.csv", encoding="gbk")
    true = truth["chargers"]
    by_unit = table.groupby("计量单位")["数量"].sum()
    assert (by_unit["桩"], by_unit["枪"]) == (true["by_unit"]["pile"]["total"], true["by_unit"]["gun"]["total"])
    assert table[table["是否公用"] == "是"]["数量"].sum() == sum(u["public"] for u in true["by_unit"].values())
    assert by_unit["桩"] < 35_000 < by_unit.sum() == true["total_of_both_units"]  # kept only by adding up two units
    lon, lat = gcj02_to_wgs84(table["经度"].to_numpy(), table["纬度"].to_numpy())
    x, y = Transformer.from_crs("EPSG:4326", "EPSG:4547", always_xy=True).transform(lon, lat)
    read = study.area.chargers
    assert np.hypot(read.geometry.x - x, read.geometry.y - y).max() < 0.05
    assert set(read["counts"]) == {"pile", "gun"}


def test_parking_spaces(truth):
    layer = gpd.read_file(BUNDLED / "parking.shp")
    spaces = layer.groupby("公用")["泊位数"].sum()
    assert {"是": truth["parking_spaces"]["public"], "否": truth["parking_spaces"]["not_public"]} == spaces.to_dict()


@pytest.mark.slow
def test_shares_of_residential_land_within_reach_by_a_fine_grid(truth, homes, study):
    shapely.prepare(homes)
    west, south, east, north = homes.bounds
    x, y = np.meshgrid(np.arange(west, east, 29.0), np.arange(south, north, 29.0))
    points = shapely.points(x.ravel(), y.ravel())
    points = points[shapely.contains(homes, points)]
    area = study.area
    stops = area.facilities[area.facilities["category"] == "bus_stop"]
    public = area.chargers[area.chargers["public"].eq(True)]
    near = {
        "greenways_1000_m": (area.greenways, 1000),
        "chargers_1000_m": (area.chargers, 1000),
        "public_chargers_1000_m": (public, 1000),
        "bus_stops_300_m": (stops, 300),
        "bus_stops_500_m": (stops, 500),
    }
    tree = shapely.STRtree(points)
    for name, (layer, radius_m) in near.items():
        served = np.unique(tree.query(layer.geometry.to_numpy(), predicate="dwithin", distance=radius_m)[1])
        assert truth["residential_share_within"][name] == pytest.approx(len(served) / len(points), abs=0.006), name
    assert 0.4 < truth["residential_share_within"]["greenways_1000_m"] < 0.9


def test_capacity_and_facilities_per_thousand(truth, zones):
    table = pd.read_csv(BUNDLED / "facilities.csv")
    names = {"小学": "primary_school", "初级中学": "junior_school", "幼儿园": "kindergarten", "市区级医院": "hospital"}
    for label, category in names.items():
        places, true = table[table["类别"] == label]["学位床位"], truth["capacity"][category]
        assert (places.sum(), places.isna().sum()) == (true["places"], true["not_said"])
        assert ((places == 0).sum(), len(places)) == (true["of_no_places"], true["facilities"])
    assert (truth["capacity"]["kindergarten"]["not_said"], truth["capacity"]["kindergarten"]["of_no_places"]) == (1, 1)
    lon, lat = gcj02_to_wgs84(table["经度"].to_numpy(), table["纬度"].to_numpy())
    at = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs="EPSG:4326").to_crs("EPSG:4547")
    inside = table[at.within(zones.union_all()).to_numpy()]
    for label, category in names.items():
        assert truth["facilities_per_1000_persons"][category] == pytest.approx((inside["类别"] == label).sum() / 600)


# --- green ---------------------------------------------------------------------------------------------------------


def test_parks_per_person_and_pocket_parks(truth, study):
    parks = study.area.parks
    parks = parks[parks["open_public"].astype(bool)]
    whole = study.area.zones.union_all()
    joined = shapely.get_parts(shapely.union_all(parks.buffer(1.01).to_numpy()))
    of = shapely.STRtree(joined).query(parks.geometry.to_numpy(), predicate="within")[1]
    area_m2 = parks.area.groupby(of).sum()
    inside_m2 = parks.intersection(whole).area.groupby(of).sum()[lambda a: a > 0]
    size = area_m2[inside_m2.index]
    counts = {
        "0-400_m2": (size < 400).sum(),
        "400-2000_m2": size.between(400, 2000).sum(),
        "2000-5000_m2": size.between(2000, 5000).sum(),
        "5000-10000_m2": size.between(5000, 10_000).sum(),
        "10000_m2_and_up": (size > 10_000).sum(),
    }
    assert counts == truth["pocket_parks"]
    per_person = {
        "comprehensive": inside_m2[size >= 1e5].sum() / 6e5,
        "community": inside_m2[(size >= 1e4) & (size < 1e5)].sum() / 6e5,
        "pocket": inside_m2[(size >= 400) & (size < 1e4)].sum() / 6e5,
        "below_400_m2": inside_m2[size < 400].sum() / 6e5,
        "total": inside_m2.sum() / 6e5,
    }
    assert truth["park_m2_per_person"] == pytest.approx(per_person, rel=1e-3)


def test_river_banks_with_green_by_cutting_lines(truth, city):
    whole = shapely.union_all([z.outline for z in city.zones])
    near = shapely.union_all([p.shape for p in city.land.parks if p.public]).buffer(100.0)
    water = shapely.union_all([w.line.buffer(w.width_m / 2, quad_segs=32) for w in city.waters[:3]])
    bank = water.boundary.intersection(whole)
    true = truth["river_banks"]
    assert true["bank_km"] == pytest.approx(bank.length / 1000, rel=0.01)
    assert true["share_green"] == pytest.approx(bank.intersection(near).length / bank.length, abs=0.01)


# --- sidewalks, reach ----------------------------------------------------------------------------------------------


def test_the_survey_of_sidewalks(truth, zones):
    rows = pd.read_csv(BUNDLED / "sidewalk_survey.csv")
    template = (BUNDLED.parents[2] / "docs" / "templates" / "sidewalk_survey.csv").read_text(encoding="utf-8-sig")
    assert list(rows.columns) == template.strip().split(",")
    good = (rows["连续"] == "是") & (rows["被占用"] == "否") & (rows["缘石坡道"] == "是") & (rows["净宽_米"] >= 2)
    bad = (rows["连续"] == "否") | (rows["被占用"] == "是") | (rows["缘石坡道"] == "否") | (rows["净宽_米"] < 2)
    true, km = truth["sidewalks"], rows["长度_米"] / 1000
    assert len(rows) == true["rows"]
    assert (~good & ~bad).sum() == true["rows_not_judged"] > 0
    assert (km[good].sum(), km[good | bad].sum()) == pytest.approx((true["passing_km"], true["judged_km"]))
    assert 0.5 < true["share"] < 0.7
    at = gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(rows["经度"], rows["纬度"]), crs="EPSG:4326")
    in_zone = at.to_crs(zones.crs).sjoin(zones, predicate="within")
    assert len(in_zone) == len(rows)
    by_zone = (in_zone["长度_米"] / 1000).where(good).groupby(in_zone["片区名称"]).sum()
    assert by_zone.to_dict() == pytest.approx(true["passing_km_by_zone"])


@pytest.mark.slow
def test_the_survey_measured(truth, study):
    measure = sg.sidewalk_compliance(study.area)
    assert measure.profile == "survey"
    assert measure.value == pytest.approx(truth["sidewalks"]["share"])
    assert measure.params["judged_km"] == pytest.approx(truth["sidewalks"]["judged_km"])
    assert measure.params["surveyed_share"] > 0.8


def _graph(city, kmh):
    """The public streets that `kmh` names, in metres and minutes; where two cross on two levels, each has its own node."""
    graph = nx.Graph()
    crossing = {}
    for n, street in enumerate(s for s in (*city.streets, *city.land.inner_streets) if s.public):
        if street.road_class in kmh:
            for a, b in zip(street.points, street.points[1:], strict=False):
                keys = [(p, n if p in city.separated else None) for p in (a, b)]
                metres = float(np.hypot(b[0] - a[0], b[1] - a[1]))
                graph.add_edge(*keys, metres=metres, minutes=metres * 0.06 / kmh[street.road_class])
                for key in keys:
                    crossing.setdefault(key[0], {})[street.road_class] = key
    for p in city.separated & crossing.keys():
        if set(crossing[p]) in ({"expressway", "motorway"}, {"expressway", "arterial"}):  # ramps, without their length
            graph.add_edge(*crossing[p].values(), metres=0.0, minutes=0.0)
    return graph


@pytest.fixture(scope="module")
def cells(city):
    """Middles and persons of the cells of 100 m inside the zones."""
    grid = city.population
    row, column = np.nonzero(grid.persons > 0)
    middle = shapely.points(grid.west + (column + 0.5) * 100, grid.north - (row + 0.5) * 100)
    inside = shapely.contains(shapely.union_all([z.outline for z in city.zones]), middle)
    return middle[inside], grid.persons[row, column][inside]


def _nearest(graph, places):
    """The nodes next to some places."""
    nodes = list(graph)
    return [nodes[k] for k in shapely.STRtree(shapely.points([p for p, _ in nodes])).nearest(places)]


def _main_centre(city):
    return next(c.point for c in city.registers.centres if c.kind == "main")


@pytest.mark.slow
def test_persons_within_minutes_of_the_main_centre_against_networkx(truth, city, cells):
    middles, persons = cells
    speeds, within = truth["speeds"], truth["reach_of_main_centre"]["persons_within"]
    graph = _graph(city, {c: kmh for c, kmh in speeds["car_kmh"].items() if c != "motorway"})
    homes = _nearest(graph, middles)
    for weight, modes in (
        ("minutes", {"car": 1.0}),
        ("metres", {m: 0.06 / speeds["kmh"][m] for m in ("bicycle", "ebike", "bus")}),
    ):
        cost = nx.single_source_dijkstra_path_length(graph, (_main_centre(city), None), weight=weight)
        at = np.array([cost.get(home, np.inf) for home in homes])
        for mode, factor in modes.items():
            for limit, said in within[mode].items():
                # whole cells at their nearest corner instead of homes on their street, no leg
                ours = persons[at * factor <= float(limit.removesuffix("_min"))].sum()
                assert said == pytest.approx(ours, abs=0.07 * 600_000), (mode, limit)
    assert within["walk"]["30_min"] < within["ebike"]["30_min"] <= 600_000


@pytest.mark.slow
def test_persons_reached_in_an_emergency_against_networkx(truth, city, cells):
    middles, persons = cells
    graph = _graph(city, {c: kmh for c, kmh in truth["speeds"]["car_kmh"].items() if c != "motorway"})
    homes = _nearest(graph, middles)
    for service, limit_m in (("fire", 2000.0), ("emergency", 2500.0)):
        true = truth["emergency_reach"][service]
        driven_min = true["minutes"] - true["turnout_min"]
        assert limit_m == pytest.approx(true["limit_m"]) == pytest.approx(driven_min * true["speed_kmh"] * 1000 / 60)
        spots = shapely.points([f.point for f in city.facilities if f.category == true["category"]])
        cost = nx.multi_source_dijkstra_path_length(graph, set(_nearest(graph, spots)), weight="metres")
        reached = persons[np.array([cost.get(home, np.inf) for home in homes]) <= limit_m].sum() / 600_000
        # from corner to corner, no legs: 100 m nearer at most, of 2000
        assert reached - 0.08 < true["share"] < reached
        assert 0.2 < true["share"] < 0.5


@pytest.mark.slow
def test_minutes_to_the_county_seats_against_networkx(truth, city, cells):
    middles, persons = cells
    graph = _graph(city, truth["speeds"]["car_kmh"])
    with_doors = _graph(city, {c: kmh for c, kmh in truth["speeds"]["car_kmh"].items() if c != "motorway"})
    homes = _nearest(with_doors, middles)
    for seat in (c for c in city.registers.centres if c.kind == "county"):
        cost = nx.single_source_dijkstra_path_length(graph, (seat.point, None), weight="minutes")
        true = truth["county_seats"][seat.name]
        assert true["minutes_from_main_centre"] == pytest.approx(cost[_main_centre(city), None])
        near = persons[np.array([cost.get(home, np.inf) for home in homes]) <= 60].sum()
        assert true["persons_within_60_min"] == pytest.approx(near, abs=0.05 * 600_000)
    minutes = sorted(c["minutes_from_main_centre"] for c in truth["county_seats"].values())
    assert minutes[1] < 45 < 62 < minutes[2]
    assert 10_000 < min(c["persons_within_60_min"] for c in truth["county_seats"].values()) < 300_000


@pytest.mark.slow
def test_ways_to_work_are_the_same_without_the_nodes_between_junctions(city):
    streets, barrier = network(city, "drive"), barriers(city)
    home = stands(streets, homes_of(city)[0][::7], barrier, leg_m=500.0, leg_pace=0.0)
    spots = shapely.points([w.point for w in city.registers.workplaces[::60]])
    work = stands(streets, spots, barrier, leg_m=500.0, leg_pace=0.0)
    ways = along_streets(streets, home, work)
    for n in range(len(work.of)):
        one = Stands(*(part[n : n + 1] for part in (work.of, work.segment, work.first, work.last, work.leg)))
        plain = from_stands(streets, home, to_places(streets, one))
        beside = np.array(home.segment) == work.segment[n]
        assert ways[~beside, n] == pytest.approx(plain[~beside])
        assert (ways[beside, n] <= plain[beside]).all()


def test_jobs_within_reach_grow_with_the_speed(truth):
    kmh, jobs = truth["speeds"]["kmh"], truth["jobs"]
    by_speed = [*sorted(kmh, key=kmh.get), "car"]
    assert by_speed == ["walk", "bicycle", "bus", "ebike", "car"]
    shares = [jobs["share_within_30_min"][mode] for mode in by_speed]
    assert shares == sorted(shares)
    minutes = [jobs["minutes_of_95_percent_of_pairs"][mode] for mode in by_speed]
    assert minutes == sorted(minutes, reverse=True)
    # the same ways at another speed, the legs walked all the same
    assert minutes[1] / minutes[2] == pytest.approx(13 / 12, rel=0.01)


# --- declared figures ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORMS)
def test_declared_figures_come_to_what_is_true(truth, study, name):
    plan, path = read_plan(name), BUNDLED / FORMS[name]
    read = read_statistics(path, plan)
    assert read.findings == ()
    assert all(s.source == "虚构数据" for s in read.statistics)
    true = truth["statistics"][FORMS[name]]
    promises = {t.key: t for t in plan.targets}
    assert set(promises) == MEASURED[name] | set(true)
    asked = set(statistics_form(plan, measured=MEASURED[name], baselines=study.baselines)["代码 key"])
    surveys = {key for key in MEASURED[name] if settled_by(key) is not None}
    assert asked - surveys == set(true)
    found = {m.key: m.value for m in declared(study.area, plan, read.statistics)}
    assert found == pytest.approx({key: row["value"] for key, row in true.items()})
    for key, row in true.items():
        assert OPS[promises[key].op](row["value"], promises[key].value) == row["met"], key
    assert {row["met"] for row in true.values()} == {True, False}
