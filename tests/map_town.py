"""A drawn town for the map tests: one main city, three districts, two rivers, a railway, streets, parks, housing.

Run by `runpy` from the tests, which cannot import each other. Names may be replaced by hostile ones.
"""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.affinity import rotate

from suizhou_geo.assessment.assessed import assessed
from suizhou_geo.errors.text import NOTHING, Text, alike
from suizhou_geo.model import Measure, Plan, Study, Target
from suizhou_geo.study_area import StudyArea

CRS = "EPSG:4547"
EAST, NORTH = 441_000.0, 3_507_000.0
ZONES = {
    "主城区": (
        "main_city",
        [(-4200, -2600), (-4600, 1400), (-2600, 3300), (900, 3600), (3000, 2500), (3300, -1900), (0, -3100)],
    ),
    "城南片区": (
        "district",
        [(-2900, -2000), (2000, -1500), (2200, -2300), (2900, -5200), (600, -6300), (-2600, -5600)],
    ),
    "城东片区": ("district", [(3000, 2500), (3300, -1900), (6800, -1500), (7300, 1100), (5600, 3000)]),
    "高新片区": ("district", [(-2600, 3300), (900, 3600), (1200, 5600), (-900, 6700), (-3200, 5700)]),
}
RIVER = [
    (-9000, 6500),
    (-5200, 3600),
    (-3300, 600),
    (-1400, -600),
    (600, -400),
    (2500, -1500),
    (4200, -4200),
    (8200, -6800),
]
STREAM = [(6800, 7200), (4800, 4200), (4300, 600), (3700, -1800), (4000, -4000)]
RAILWAY = [(-9500, -900), (-5000, 900), (-1200, 2100), (2600, 1300), (6000, -400), (10500, -700)]
PARKS = {
    "白云公园": (-1700, 1100, 420),
    "文峰公园": (1500, 1500, 330),
    "南郊公园": (-600, -4300, 480),
    "花溪公园": (5200, 900, 360),
}
NAMES = {
    "population_density": "城市人口密度",
    "road_density": "城区道路网密度",
    "park_coverage": "公园绿化活动场地服务半径覆盖率",
    "life_circle_compliance": "15分钟生活圈服务设施配套达标率",
    "service_coverage.market": "菜市场覆盖率",
    "sidewalk_compliance": "人行道达标率",
    "dead_ends": "断头路数量",
    "block_size.residential": "居住街区边长超过300m的面积占比",
    "project_investment": "谋划可实施项目总投资",
}
CATEGORIES = ("primary_school", "kindergarten", "junior_school", "health_centre", "market", "hospital", "bus_stop")


def layer(shapes, **columns):
    moved = gpd.GeoSeries(list(shapes), crs=CRS).translate(EAST, NORTH)
    return gpd.GeoDataFrame(columns, geometry=moved.to_numpy(), crs=CRS)


def smooth(points, steps=4):
    """Round the corners of a line (Chaikin)."""
    xy = np.array(points, dtype=float)
    for _ in range(steps):
        near, far = xy[:-1] * 0.75 + xy[1:] * 0.25, xy[:-1] * 0.25 + xy[1:] * 0.75
        xy = np.vstack([xy[:1], np.stack([near, far], axis=1).reshape(-1, 2), xy[-1:]])
    return shapely.LineString(xy)


def streets(river):
    """A turned grid: an arterial each 1500 m, a secondary each 750 m, a branch each 375 m, bridges for arterials."""
    lines, classes = [], []
    for k, offset in enumerate(np.arange(-9000, 9001, 375.0)):
        road_class = "arterial" if k % 4 == 0 else "secondary" if k % 2 == 0 else "branch"
        half = {"arterial": 9500, "secondary": 7000, "branch": 6500}[road_class]
        for line in ([(offset, -half), (offset, half)], [(-half, offset), (half, offset)]):
            street = rotate(shapely.LineString(line), 9, origin=(0, 0))
            pieces = street if road_class == "arterial" else street.difference(river.buffer(60))
            parts = shapely.get_parts(pieces)
            lines += parts.tolist()
            classes += [road_class] * len(parts)
    lines.append(smooth([(-9500, -7500), (-6200, -5200), (-6000, 4200), (-3500, 7600), (4500, 7300), (9000, 9000)]))
    return lines, [*classes, "motorway"]


def blocks(zones, taken):
    """Blocks of housing between the streets of the grid, in the zones."""
    cells = [
        rotate(shapely.box(x + 60, y + 60, x + 315, y + 315), 9, origin=(0, 0))
        for k, x in enumerate(np.arange(-6000, 7500, 375.0))
        for j, y in enumerate(np.arange(-6750, 7000, 375.0))
        if (k * 7 + j * 5) % 9 not in (0, 4)
    ]
    inside = shapely.union_all(zones).buffer(-120)
    return [cell for cell in cells if inside.covers(cell) and not taken.intersects(cell)]


def town(name=lambda text: text, *, invented=True):
    """Return (area, measures, plan); `name` changes every name a stranger could have written."""
    polygons = [
        shapely.Polygon(points).intersection(shapely.box(-9000, -9000, 9000, 9000)) for _, points in ZONES.values()
    ]
    south = polygons[1].difference(polygons[0])
    polygons[1] = max(shapely.get_parts(south), key=lambda part: part.area)
    ids = ["1", "2", "3", "4"]
    zones = layer(polygons, name=[name(n) for n in ZONES], role=[role for role, _ in ZONES.values()]).set_index(
        pd.Index(ids)
    )
    river, stream = smooth(RIVER), smooth(STREAM)
    water = river.buffer(110)
    lines, classes = streets(river)
    parks = [shapely.Point(x, y).buffer(r, quad_segs=3) for x, y, r in PARKS.values()]
    parks += [river.buffer(260).difference(river.buffer(120)).intersection(shapely.box(-2600, -1500, 2400, 600))]
    housing = blocks(polygons, shapely.union_all([water, *parks, stream.buffer(60)]))
    reach = shapely.union_all(parks).buffer(500)
    land = shapely.union_all(housing)
    spots = [housing[k].centroid for k in range(0, len(housing), 4)]
    kinds = [CATEGORIES[k % len(CATEGORIES)] for k in range(len(spots))]
    area = StudyArea(
        name=name("虚构市"),
        zones=zones,
        roads=layer(lines, road_class=classes, name=[name("解放路")] * len(lines)),
        parks=layer(parks, name=[*(name(n) for n in PARKS), None], open_public=[True, True, True, False, True]),
        residential=layer(housing),
        facilities=layer(spots, category=kinds, name=[name(f"第{k}") if k % 3 else None for k in range(len(spots))]),
        barriers=layer(
            [water, stream, smooth(RAILWAY), lines[-1]],
            kind=["river", "river", "railway", "motorway"],
            name=name("涢水"),
        ),
        invented=invented,
    )
    parts = layer(
        [land.intersection(reach), land.difference(reach), reach], part=["covered", "uncovered", "service_area"]
    )
    counted = [k for k, c in enumerate(classes) if c != "motorway"]
    network = layer(
        [lines[k].intersection(shapely.union_all(polygons)) for k in counted],
        part="centreline",
        road_class=[classes[k] for k in counted],
        weight=1.0,
    )
    network = network[~network.geometry.is_empty]
    cells = layer(housing, part="cell", covered_share=[(k % 3) / 2 for k in range(len(housing))])
    cells["persons"] = [float(k % 7) for k in range(len(housing))]
    gaps = {"dead_ends": dead_ends(name), "block_size.residential": long_blocks(housing)}
    return area, [*measures_of(ids, parts, network, cells, name), *gap_measures(ids, gaps)], plan_of(name)


def dead_ends(name):
    """Two missing links, the dead ends they open, and an end that does not count."""
    shapes = [
        shapely.LineString([(-3000, 1300), (-2700, 1400)]),
        shapely.LineString([(4000, 1500), (4300, 1500)]),
        shapely.LineString([(-3000, 1300), (-2999, 1300)]),
        shapely.LineString([(4000, 1500), (4001, 1500)]),
        shapely.LineString([(1000, -4000), (1001, -4000)]),
    ]
    nan, link, end = np.nan, "missing_link", "dead_end"
    return layer(
        shapes,
        part=[link, link, end, end, "explained_end"],
        rank=[2.0, 1.0, nan, nan, nan],
        street=[name("青年路"), name("滨河路"), name("青年路"), None, None],
        to_street=[name("解放路"), None, None, None, None],
        road_class=["branch", "secondary", "branch", "secondary", "local"],
        to_class=["arterial", "branch", None, None, None],
        link_m=[316.2, 300.0, nan, nan, nan],
        network_m=[2000.0, 6000.0, nan, nan, nan],
        saved_m=[1683.8, 5700.0, nan, nan, nan],
        at_least=[False, True, False, False, False],
        persons=[1234.4, nan, nan, nan, nan],
        crossing=["railway", "river", None, None, None],
        crosses=["railway", "river", None, None, None],
        crosses_names=["汉丹铁路", name("溠水"), None, None, None],
        reason=[None, None, "dead_end", "dead_end", "cul_de_sac"],
        barrier=[None, None, "railway", "none", "none"],
        barrier_name=[None, None, name("汉丹铁路"), "", ""],
        stub_m=[nan, nan, 410.7, 88.2, 40.0],
    )


def long_blocks(housing):
    """Every block of housing, those at even places over the limit and ranked in that order."""
    over = [k % 2 == 0 for k in range(len(housing))]
    return layer(
        housing,
        part="block",
        over_limit=over,
        area_ha=6.5025,
        longest_side_m=[420.0 if long else 255.0 for long in over],
        persons=[100.0 * k for k in range(len(housing))],
        new_road_m=255.0,
        gain_rank=[k // 2 + 1.0 if long else np.nan for k, long in enumerate(over)],
    )


def gap_measures(ids, evidence):
    by_zone = pd.Series([1.0, 0.0, 1.0, 0.0], index=ids)
    return [
        measure("dead_ends", "dead ends", "count", 2.0, by_zone, evidence=evidence["dead_ends"]),
        measure(
            "block_size.residential",
            "blocks over 300 m",
            "share",
            0.5,
            by_zone / 2,
            evidence=evidence["block_size.residential"],
        ),
    ]


def measure(key, name_en, unit, value, by_zone, **more):
    settings = {
        "name_zh": NAMES.get(key, key),
        "profile": "2022+",
        "shortfall_unit": "ha",
        "basis": NOTHING,
        "params": {},
        **more,
    }
    return Measure(
        key=key, name_en=name_en, unit=unit, value=value, by_zone=by_zone, denominator=by_zone * 0 + 1, **settings
    )


def measures_of(ids, parts, network, cells, name):
    def zoned(*values):
        return pd.Series(values, index=ids, dtype=float)

    def needs(text):
        return {"needs": (Text(text, text),)}

    roads = {"evidence": network, "profile": "caupd", "basis": alike("GB/T 51328-2018")}
    parks = {"evidence": parts, "low": 0.412, "high": 1.0, "profile": "2022+ / land", "basis": alike("园林城市")}
    market = {"name_zh": name("菜市场覆盖率"), "evidence": cells}
    return [
        measure("population_density", "population density", "person/km2", 8_740.0, zoned(10_240, 7_300, 6_100, np.nan)),
        measure("road_density", "road density", "km/km2", 7.61, zoned(8.42, 6.9, 7.1, 5.3), **roads),
        measure(
            "park_coverage",
            "park coverage",
            "share",
            0.412,
            zoned(0.9, 0.31, 0.4, 0.0),
            **parks,
            **needs("a list of all parks: OpenStreetMap may miss some"),
        ),
        measure("park_coverage", "park coverage", "share", 0.38, zoned(0.5, 0.3, 0.4, 0), profile="2010/2021"),
        measure("life_circle_compliance", "15-minute circle", "share", 0.63, zoned(0.8, 0.5, 0.6, 0.2)),
        measure("service_coverage.market", name("market"), "share", 0.7, zoned(0.9, 0.6, 0.3, 0.1), **market),
        measure(
            "sidewalk_compliance",
            "sidewalks",
            "share",
            np.nan,
            zoned(*[np.nan] * 4),
            **needs(name("a survey of sidewalks")),
        ),
    ]


def plan_of(name):
    """The plan: one promise is met, one missed, two cannot be told, two are without data."""
    targets = [
        ("population_density", "<=", 1e4, "person/km2", {}),
        ("road_density", ">=", 8.0, "km/km2", {}),
        ("park_coverage", ">", 0.85, "share", {}),
        ("life_circle_compliance", ">=", 0.2, "share", {"baseline_year": 2020}),
        ("sidewalk_compliance", ">=", 0.7, "share", {}),
        ("project_investment", ">=", 1.8e11, "CNY", {}),
    ]
    return Plan(
        name="drawn",
        title_zh="方案",
        title_en="plan",
        document=name("方案"),
        targets=tuple(
            Target(key, name(NAMES[key]), name(key), op, value, unit, 2025, "引言", name(key), **more)
            for key, op, value, unit, more in targets
        ),
    )


def result_of(area, measures, plan, findings=()):
    """Hold measures of the town up to its plan."""
    odd = tuple(Text(said, said) for said in findings)
    study = Study(area.name, "", area, plan, params={}, baselines={}, inputs=(), findings=odd)
    return assessed(study, measures)
