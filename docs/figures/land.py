"""Figures of people and land: population density, construction land per person."""

from __future__ import annotations

import shapely
from canvas import Key, Panel
from shapely import LineString, box
from towns import Figure, home, layer, roads, street, town

import suizhou_geo as sg
from suizhou_geo.measures.built_up import built_up_extent

MAIN, DISTRICT, BUILT = "#f2bd83", "#fae8bb", "#e9d8a6"


def layout() -> Figure:
    """One main city, three districts, and a core between two streets and two railways that miss each other at a corner."""
    zones = [box(0, 0, 3000, 2000), box(3000, 0, 4000, 1000), box(3000, 1000, 4000, 2000), box(0, 2000, 4000, 2600)]
    streets = [street((400, 300), (400, 1900), name="迎宾大道"), street((200, 500), (2600, 500), name="编钟大道")]
    rails = {"汉丹铁路": LineString([(0, 1700), (2400, 1700)]), "汉十高铁": LineString([(2500, 200), (2500, 2600)])}
    drawn = layer(zones, name=["主城", "东片", "南片", "北片"], role=["main_city", *["district"] * 3])
    railways = layer(list(rails.values()), name=list(rails))
    area = sg.StudyArea(
        "drawn town", drawn.set_index(drawn["name"].to_numpy()), roads=roads(streets), railways=railways
    )
    cities, districts = sg.zone_count(area, "main_city"), sg.zone_count(area, "district")
    core = sg.core_area(area, lines=["迎宾大道", "编钟大道", *rails])
    answer, added = f"{core.value:.2f} km²", f"{core.params['extended_m']:.0f} m"
    drawing = Panel(
        f"{cities.value:.0f} main city, {districts.value:.0f} districts, the core",
        (-40, -40, 4040, 2640),
        answer=f"core: {answer}",
        note=f"{added} were added where two lines miss each other",
        keys=(
            Key("main city 主城", MAIN, "#3a3a3a"),
            Key("district 片区", DISTRICT, "#3a3a3a"),
            Key("core between the four lines 核心区", "#b39ddb", "#54278f"),
            Key("street 道路", stroke="#6f685f"),
            Key("railway 铁路", stroke="#262626", dash="10 3"),
        ),
        scale_m=1000,
    )
    for zone, name in zip(zones, drawn["name"], strict=True):
        drawing.area(zone, MAIN if name == "主城" else DISTRICT, stroke="#3a3a3a")
    drawing.area(home(core.evidence.geometry.iloc[0]), "#b39ddb", stroke="#54278f", width=2)
    for row in streets:
        drawing.line(row["geometry"], "#6f685f", 3)
    for rail in rails.values():
        drawing.line(rail, "#262626", 2.6, dash="10 3")
    for at, words in (
        ((400, 1250), "迎宾大道"),
        ((1500, 500), "编钟大道"),
        ((1300, 1700), "汉丹铁路"),
        ((2500, 900), "汉十高铁"),
    ):
        drawing.label(at, words)
    return Figure({"layout": drawing.svg()}, (answer, added))


def population_density() -> Figure:
    """Two zones and three blocks of people, one of them across the border."""
    zones = [box(0, 0, 2000, 1000), box(2000, 0, 3000, 1000)]
    blocks = [box(100, 100, 1100, 900), box(1600, 200, 2400, 800), box(2500, 200, 2900, 800)]
    people = (14_000, 6_000, 1_000)
    density = sg.population_density(town(zones, population=layer(blocks, persons=list(people))))
    each = [f"{value:,.0f} persons/km²" for value in density.by_zone]
    whole, mean = f"{density.value:,.0f} persons/km²", f"{density.by_zone.mean():,.0f}"
    drawing = Panel(
        "Persons over the area of the zones",
        (-40, -40, 3040, 1040),
        answer=whole,
        note=f"21,000 persons ÷ 3 km² (mean of the two zones: {mean})",
        keys=(
            Key("zones 分区", MAIN),
            Key("persons of the population layer 人口", "#9ebcda", "#225ea8"),
        ),
        scale_m=500,
    )
    for zone, colour in zip(zones, (MAIN, DISTRICT), strict=True):
        drawing.area(zone, colour, stroke="#3a3a3a")
    for block, persons in zip(blocks, people, strict=True):
        drawing.area(block, "#9ebcda", stroke="#225ea8")
        drawing.label((block.centroid.x, 560), f"{persons:,}")
    for x, words in zip((1000, 2500), each, strict=True):
        drawing.label((x, 60), words)
    return Figure({"population_density": drawing.svg()}, (whole, *each, mean))


def construction_land() -> Figure:
    """One km² with homes, industry, a park and a river: what is construction land, and the reciprocal pair."""
    zone = box(0, 0, 1000, 1000)
    uses = {
        "homes 居住 07": (box(0, 0, 500, 600), True),
        "industry 工业 1001": (box(500, 0, 800, 600), True),
        "park 公园 1401": (box(0, 600, 800, 700), True),
        "river 河流 1701": (box(0, 700, 1000, 800), False),
        "fields 耕地 01": (box(0, 800, 1000, 1000), False),
    }
    shapes, built = zip(*uses.values(), strict=True)
    land_use = layer(shapes, land_class=[name.split()[-1] for name in uses], construction=list(built))
    area = town([zone], population=layer([zone], persons=[5_000]), land_use=land_use)
    land, density = sg.construction_land_per_capita(area), sg.population_density(area)
    answer = f"{land.value:.1f} m²/person"
    reciprocal = f"{land.params['reciprocal_density_person_per_km2']:,.0f}"
    over_zones = f"{density.value:,.0f}"
    drawing = Panel(
        "Construction land over persons",
        (-20, -20, 1020, 1020),
        answer=answer,
        note=f"{land.params['construction_land_ha']:.0f} ha ÷ 5,000 persons",
        keys=(
            Key("construction land 建设用地", BUILT, "#6b4f2a"),
            Key("not construction land 非建设用地", "#eef3e2", "#999999"),
        ),
        scale_m=200,
    )
    drawing.area(zone, "#ffffff", stroke="#3a3a3a", width=2)
    for name, (shape, is_built) in uses.items():
        drawing.area(shape, BUILT if is_built else "#eef3e2", stroke="#6b4f2a" if is_built else "#999999")
        drawing.label((shape.centroid.x, shape.centroid.y), name)
    return Figure({"construction_land": drawing.svg()}, (answer, reciprocal, over_zones))


def land_classes() -> Figure:
    """One km² of eight land uses and 8,000 persons: land per person by class, and industry inside a development zone."""
    zone = box(0, 0, 1000, 1000)
    uses = {  # what it is called here -> (group, code, is it construction land, shape, colour)
        "homes 0701": ("residential", "0701", True, box(0, 400, 600, 800), "#ffe08a"),
        "schools 0804": ("public_services", "0804", True, box(600, 400, 700, 800), "#e88fb4"),
        "shops 09": ("commercial", "09", True, box(700, 400, 1000, 800), "#e8665d"),
        "industry 1001": ("industrial", "1001", True, box(0, 0, 600, 300), "#b98a5a"),
        "fields 01": ("nature", "01", False, box(600, 0, 1000, 300), "#eef3e2"),
        "streets 1207": ("roads", "1207", True, box(0, 300, 1000, 400), "#cfcfcf"),
        "park 1401": ("park", "1401", True, box(0, 800, 600, 900), "#7cc576"),
        "belt 1402": ("protective_green", "1402", True, box(600, 800, 1000, 900), "#bfe0a8"),
        "river 1701": ("water", "1701", False, box(0, 900, 1000, 1000), "#b9dcf2"),
    }
    groups, codes, built, shapes, _ = zip(*uses.values(), strict=True)
    land_use = layer(shapes, land_group=groups, land_class=codes, construction=built)
    park_zone = box(300, 0, 900, 300)
    area = town(
        [zone],
        population=layer([zone], persons=[8_000]),
        land_use=land_use,
        development_zones=layer([park_zone], name=["园区"]),
    )
    a_head = {c: f"{sg.land_per_capita(area, c).value:.1f}" for c in ("R", "A", "S", "G", "G1")}
    industry, inside = sg.industrial_land(area), sg.industrial_land_in_development_zones(area)
    mu, share = f"{industry.value:,.0f} mu", f"{inside.value:.0%}"
    inside_mu = f"{industry.breakdown.loc['mu_in_development_zones', 'whole']:,.0f} mu"
    classes = Panel(
        "Land per person, by class",
        (-20, -20, 1020, 1020),
        answer=f"homes (R): {a_head['R']} m²/person",
        note=", ".join(f"{c} {a_head[c]}" for c in ("A", "S", "G")) + f", of it parks (G1) {a_head['G1']}",
        scale_m=200,
    )
    mills = Panel(
        "Industrial land 工业用地",
        (-20, -20, 1020, 1020),
        answer=mu,
        note=f"{inside_mu} of it in the development zone: {share}",
        keys=(
            Key("industrial land 工业用地", "#b98a5a", "#5d4037"),
            Key("development zone 开发区", stroke="#6a51a3", dash="7 4"),
        ),
        scale_m=200,
    )
    for panel, coloured in ((classes, tuple(uses)), (mills, ("industry 1001",))):
        panel.area(zone, "#ffffff", stroke="#3a3a3a", width=2)
        for words, (*_, shape, colour) in uses.items():
            panel.area(shape, colour if words in coloured else "#f4f2ee", stroke="#8a8178", width=0.8)
    for words, (*_, shape, _) in uses.items():
        narrow = shape.bounds[2] - shape.bounds[0] < 200
        for k, line in enumerate(words.split() if narrow else [words]):
            classes.label((shape.centroid.x, shape.centroid.y + (20 - 50 * k if narrow else 0)), line)
    mills.area(home(inside.evidence.geometry.iloc[0]), "#8c6239", stroke="#5d4037")
    mills.line(park_zone.exterior, "#6a51a3", 2, dash="7 4")
    mills.label((150, 150), "9 ha")
    mills.label((450, 150), "9 ha")
    return Figure(
        {"land_classes": classes.svg(), "industrial_land": mills.svg()}, (*a_head.values(), mu, inside_mu, share)
    )


def built_up() -> Figure:
    """What joins the city and what does not, from a land survey; and what houses and a street make by themselves."""
    zone = box(0, 0, 2000, 1000)
    patches = {
        "city 201": (box(100, 100, 700, 600), "0701", "residential", "201"),
        "village 203": (box(790, 100, 990, 600), "0702", "rural_homes", "203"),
        "works 203": (box(1080, 100, 1240, 600), "0601", "industrial", "203"),
        "village across the river": (box(100, 700, 700, 900), "0702", "rural_homes", "203"),
        "town 202, 160 m off": (box(1400, 100, 1800, 600), "0701", "residential", "202"),
    }
    shapes, codes, groups, scopes = zip(*patches.values(), strict=True)
    river = LineString([(0, 650), (1300, 650), (1300, 1000)])
    area = town(
        [zone],
        land_survey=layer(shapes, land_class=list(codes), land_group=list(groups), czcsxm=list(scopes)),
        barriers=layer([river], kind=["river"]),
        population=layer(shapes[:2], persons=[3_000, 600]),
    )
    extent, density = sg.built_up_area(area), sg.population_density(area, denominator="survey")
    size, dense = f"{extent.value:.2f} km²", f"{density.value:,.0f} persons/km²"
    start, over_zone = f"{extent.low:.2f} km²", f"{sg.population_density(area).value:,.0f}"
    drawing = Panel(
        "From the land survey",
        (-40, -40, 2040, 1040),
        answer=size,
        note=f"the start: {start}; with 3,600 persons {dense}",
        keys=(
            Key("start 城区初始范围", "#bf9b6f", "#6b4f2a"),
            Key("joined within 100 m 连接纳入", "#e6550d", "#8c510a"),
            Key("does not join 未纳入", "#eeeeee", "#999999"),
            Key("river 河流", stroke="#4a90c2"),
        ),
        scale_m=400,
    )
    drawing.area(zone, "#ffffff", stroke="#3a3a3a", width=2)
    found = shapely.union_all(built_up_extent(area, "survey").geometry.to_numpy())
    heights = (350, 500, 200, 780, 350)
    for number, (name, (shape, *_)) in enumerate(patches.items()):
        inside = home(found).contains(shape.centroid)
        fill, edge = ("#bf9b6f", "#6b4f2a") if number == 0 else ("#e6550d", "#8c510a")
        drawing.area(shape, fill if inside else "#eeeeee", stroke=edge if inside else "#999999")
        drawing.label((shape.centroid.x, heights[number]), name)
    drawing.line(river, "#4a90c2", 4)
    mapped, share = _mapped()
    return Figure({"built_up": drawing.svg(), "built_up_map": mapped}, (size, start, dense, over_zone, share))


def _mapped() -> tuple[str, str]:
    """Houses 50 m apart, a road that leads out of them, and a hamlet; the drawing and its answer."""
    zone = box(0, 0, 2000, 1000)
    town_houses = [box(x, y, x + 10, y + 10) for x in range(200, 901, 50) for y in range(150, 851, 50)]
    hamlet = [box(x, y, x + 10, y + 10) for x in (1600, 1640, 1680) for y in (600, 640)]
    road = LineString([(900, 500), (2000, 500)])
    area = town(
        [zone], buildings=layer([*town_houses, *hamlet]), roads=roads([street((900, 500), (2000, 500), name="公路")])
    )
    measured = sg.built_up_area(area, extent="map")
    answer = f"{measured.value:.1f} km²"
    drawing = Panel(
        "From buildings and streets",
        (-40, -40, 2040, 1040),
        answer=answer,
        note="a proxy for orientation: it carries no verdict",
        keys=(
            Key("built-up 建成范围", "#d8b365", "#6b4f2a"),
            Key("building 建筑", "#404040", "#404040"),
            Key("street 道路", stroke="#6f685f"),
        ),
        scale_m=400,
    )
    drawing.area(zone, "#ffffff", stroke="#3a3a3a", width=2)
    for piece in measured.evidence.geometry:
        drawing.area(home(piece), "#d8b365", stroke="#6b4f2a")
    drawing.line(road, "#6f685f", 3)
    for house in (*town_houses, *hamlet):
        drawing.area(house, "#404040", stroke="#404040")
    drawing.label((1640, 720), "hamlet: too small")
    return drawing.svg(), answer
