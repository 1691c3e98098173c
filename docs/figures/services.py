"""Figures of coverage: parks, one service, all the required services."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import shapely
from canvas import INK, Key, Panel
from shapely import LineString, Point, box
from towns import Figure, home, layer, roads, street, town

import suizhou_geo as sg
from suizhou_geo.assessment.scenario import applied
from suizhou_geo.measures.life_circle import required_categories
from suizhou_geo.measures.parks import served_parks

HOMES, COVERED, PARK = "#f3d9b1", "#8ec6a0", "#238b45"
PALE, RIVER = "#f4f2ee", "#8ec1e6"


def parks() -> Figure:
    """Three greens of 1 ha, 1,200 m² and two halves of one park, under two size profiles and along the streets."""
    zone = box(0, 0, 2000, 1400)
    homes = [box(100, 100, 1900, 660), box(100, 740, 1900, 1300)]
    greens = [box(300, 900, 400, 1000), box(1000, 300, 1030, 340), box(1600, 900, 1640, 980), box(1641, 900, 1681, 980)]
    grid = [street((x, 0), (x, 1400), name=f"纵{x}") for x in range(100, 2000, 200)]
    grid += [street((0, y), (2000, y), name=f"横{y}") for y in range(100, 1400, 200)]
    area = town(
        [zone],
        residential=layer(homes),
        parks=layer(greens, kind=["park"] * 4),
        roads=roads(_crossed(grid)),
    )
    panels, facts = {}, []
    for file, title, choice in (
        ("parks_2010", "2010/2021: parks from 2,000 m²", {"size_profile": "2010/2021"}),
        ("parks_2022", "2022+: parks from 400 m²", {"size_profile": "2022+"}),
        ("parks_street", "2022+, along the streets 沿路", {"size_profile": "2022+", "reach": "street"}),
    ):
        measure = sg.park_coverage(area, **choice)
        answer = f"{measure.value:.1%}"
        drawing = Panel(title, (0, 0, 2000, 1400), answer=f"{answer} covered", scale_m=500)
        drawing.keys = (
            Key("residential land 居住用地, not covered", HOMES),
            Key("covered 已覆盖", COVERED),
            Key("park that counts 计入的公园", PARK),
            Key("too small to count 面积不足", "#c7e0c0", "#238b45"),
        )
        drawing.area(zone, PALE)
        for green in homes:
            drawing.area(green, HOMES)
        evidence = measure.evidence
        drawing.area(joined(evidence[evidence["part"].eq("covered")]), COVERED)
        if choice.get("reach") == "street":
            drawing.line(shapely.union_all([row["geometry"] for row in grid]), "#a19b92", 0.8)
        for green in greens:
            drawing.area(green, "#c7e0c0", stroke="#238b45", width=0.8)
        for green in served_parks(area, choice["size_profile"]).geometry:
            drawing.area(home(green), PARK)
        for place, words in (((350, 1050), "1 ha"), ((1015, 390), "1,200 m²"), ((1640, 1030), "2 × 3,200 m²")):
            drawing.label(place, words)
        panels[file] = drawing.svg()
        facts.append(answer)
    return Figure(panels, tuple(facts))


def services() -> Figure:
    """A primary school beside a river: 500 m through the air, and 500 m along the streets and over the bridge."""
    zone = box(0, 0, 1400, 1200)
    rows = [street((x, y), (x, y + 100), name=f"纵{x}") for x in range(100, 1400, 100) for y in range(100, 700, 100)]
    rows += [street((x, y), (x, y + 100), name=f"纵{x}") for x in range(100, 1400, 100) for y in range(800, 1100, 100)]
    rows += [
        street((x, y), (x + 100, y), name=f"横{y}")
        for y in (*range(100, 800, 100), *range(800, 1200, 100))
        for x in range(100, 1300, 100)
    ]
    rows += [street((1100, 700), (1100, 800), name="纵1100", bridge=True)]
    river = box(0, 720, 1400, 780)
    school = Point(600, 600)
    land = box(50, 50, 1350, 1150).difference(river)
    area = town(
        [zone],
        residential=layer([land]),
        facilities=layer([school], category=["primary_school"]),
        roads=roads(rows),
        barriers=layer([river], kind=["river"]),
    )
    panels, facts = {}, []
    for file, title, reach in (
        ("service_straight", "500 m in a straight line 直线", "straight_line"),
        ("service_street", "500 m along the streets 沿路", "street"),
    ):
        measure = sg.service_coverage(area, "primary_school", reach=reach)
        answer = f"{measure.value:.1%}"
        drawing = Panel(title, (0, 0, 1400, 1200), answer=f"{answer} covered", scale_m=300)
        drawing.keys = (
            Key("residential land 居住用地, not covered", HOMES),
            Key("covered 已覆盖 (partly covered cells lighter)", COVERED),
            Key("river 河流, one bridge", RIVER),
        )
        drawing.area(zone, PALE)
        drawing.area(land, HOMES)
        cells = measure.evidence
        drawing.area(joined(cells[cells["covered_share"] > 0]), "#c4dcb6")
        drawing.area(joined(cells[cells["covered_share"] == 1]), COVERED)
        drawing.area(river, RIVER)
        drawing.line(shapely.line_merge(shapely.union_all([row["geometry"] for row in rows])), "#a19b92", 0.8)
        drawing.line(LineString([(1100, 700), (1100, 800)]), "#3a3a3a", 3)
        if reach == "straight_line":
            drawing.line(
                home(cells.geometry[cells["part"].eq("service_area")].iloc[0]).exterior, "#005a32", 1.4, dash="5 4"
            )
        drawing.dot(school, "#e69f00", radius=6)
        drawing.label((600, 540), "primary school 小学")
        drawing.label((1180, 750), "bridge", anchor="start")
        panels[file] = drawing.svg()
        facts.append(answer)
    return Figure(panels, tuple(facts))


def life_circle() -> Figure:
    """Four quarters of one size: 28, 24, 14 and 14 of the 28 required categories are within reach."""
    corners = [(0, 2100), (2100, 2100), (0, 0), (2100, 0)]
    quarters = [box(x, y, x + 1000, y + 1000) for x, y in corners]
    required = required_categories()
    served = (len(required), 24, 14, 14)
    sites = [(shape, c) for shape, n in zip(quarters, served, strict=True) for c in required[:n]]
    area = town(
        [box(-100, -100, 3200, 3200)],
        residential=layer(quarters),
        facilities=layer([shape for shape, _ in sites], category=[c for _, c in sites]),
    )
    panels, facts = {}, []
    for file, title, profile in (
        ("life_circle_mean", "mean 均值", "mean"),
        ("life_circle_k_of_n", "k_of_n: at least 80 % 八成以上", "k_of_n"),
        ("life_circle_all_of", "all_of: every one 全部达到", "all_of"),
    ):
        measure = sg.life_circle_compliance(area, profile=profile)
        answer = f"{measure.value:.1%}"
        drawing = Panel(title, (-100, -100, 3200, 3200), answer=answer, scale_m=1000)
        drawing.keys = (
            Key("counts in full", "#238b45"),
            Key("counts in part", "#a1d99b"),
            Key("does not count", HOMES),
        )
        drawing.area(box(-100, -100, 3200, 3200), PALE)
        cells = measure.evidence
        for quarter in quarters:
            inside = cells[shapely.within([home(cell).centroid for cell in cells.geometry], quarter)]
            share, reached = float(inside["complied_share"].mean()), int(inside["categories_reached"].median())
            fill, ink = ("#238b45", "#ffffff") if share == 1 else ("#a1d99b" if share > 0 else HOMES, INK)
            drawing.area(quarter, fill, stroke="#6b4f2a")
            for up, words in ((100, f"{reached} of {len(required)}"), (-100, f"counts {share:.0%}")):
                drawing.label((quarter.centroid.x, quarter.centroid.y + up), words, colour=ink)
        panels[file] = drawing.svg()
        facts.append(answer)
    return Figure(panels, tuple(facts))


def siting() -> Figure:
    """Four blocks in a row and three sites between them: two sites chosen one after the other, and both together."""
    zone = box(-150, -230, 1090, 930)
    homes = [box(0, 0, 150, 200), box(190, 0, 390, 200), box(550, 0, 750, 200), box(790, 0, 940, 200)]
    homes += [box(0, 500, 300, 700)]
    sites = [Point(180, 100), Point(470, 100), Point(760, 100)]
    school = Point(150, 600)
    area = town(
        [zone],
        residential=layer(homes),
        facilities=layer([school], category=["kindergarten"]),
        candidates=layer(sites),
    )
    measure = "service_coverage.kindergarten"
    one = sg.site(area, measure, p=1)
    after = sg.site(one.built, measure, p=1)
    both = sg.site(area, measure, p=2)
    panels, facts = {}, [f"{both.before.value:.0%}"]
    for file, title, chosen, value in (
        ("siting_greedy", "one site after the other 逐个选", [*one.geometry, *after.geometry], after.value),
        ("siting_best", "both sites together 一起选", list(both.geometry), both.value),
    ):
        answer = f"{value:.0%}"
        drawing = Panel(title, (-150, -230, 1090, 930), answer=f"{answer} covered", scale_m=300)
        drawing.keys = (
            Key("residential land 居住用地, not covered", HOMES),
            Key("covered 已覆盖", COVERED),
            Key("kindergarten there is 现有幼儿园", INK),
            Key("chosen site 选中", "#c2185b"),
            Key("candidate not chosen 未选中", "#6d6d6d"),
        )
        drawing.area(zone, PALE)
        there = [school, *(home(site) for site in chosen)]
        for block, words in zip(homes, ("3 ha", "4 ha", "4 ha", "3 ha", "6 ha"), strict=True):
            near = any(point.hausdorff_distance(block) <= 300.0 for point in there)
            drawing.area(block, COVERED if near else HOMES)
            drawing.label((block.centroid.x, block.bounds[3] + 30), words)
        for site in sites:
            drawing.dot(site, "#c2185b" if any(site.distance(point) < 1.0 for point in there) else "#6d6d6d")
        for point in there:
            drawing.line(point.buffer(300.0).exterior.intersection(zone), "#a19b92", 0.8)
        drawing.dot(school, INK)
        panels[file] = drawing.svg()
        facts.append(answer)
    return Figure(panels, tuple(facts))


def scenario() -> Figure:
    """Three blocks of homes in a row, a park beside the first, and one beside the second as a project."""
    zone = box(-100, -150, 2400, 450)
    homes = [box(x, 100, x + 200, 300) for x in (0, 1000, 2000)]
    park, project = box(300, 150, 400, 250), box(1300, 150, 1400, 250)
    area = town([zone], residential=layer(homes), parks=layer([park], kind=["park"]))
    built = applied(area, layer([project], layer=["parks"], name=["新园"])).area
    panels, facts = {}, []
    for file, title, there in (
        ("scenario_now", "now 现状", area),
        ("scenario_built", "with the project 建成后", built),
    ):
        measure = sg.park_coverage(there)
        answer = f"{measure.value:.0%}"
        drawing = Panel(title, (-100, -150, 2400, 450), answer=f"{answer} covered", scale_m=500)
        drawing.keys = (
            Key("residential land 居住用地, not covered", HOMES),
            Key("covered 已覆盖", COVERED),
            Key("park that counts 计入的公园", PARK),
            Key("project 项目", "#c2185b"),
        )
        drawing.area(zone, PALE)
        evidence = measure.evidence
        for block in homes:
            drawing.area(block, HOMES)
            drawing.label((block.centroid.x, 320), "4 ha")
        drawing.area(joined(evidence[evidence["part"].eq("covered")]), COVERED)
        drawing.area(park, PARK)
        if there is built:
            drawing.area(project, "#c2185b")
        panels[file] = drawing.svg()
        facts.append(answer)
    return Figure(panels, tuple(facts))


def joined(parts: gpd.GeoDataFrame) -> shapely.Geometry:
    """Return the parts of an evidence layer as one shape, in the metres they were drawn in."""
    return home(shapely.union_all(parts.geometry.to_numpy()))


def _crossed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Cut streets where they cross, so that they are joined there."""
    lines = shapely.get_parts(shapely.union_all([row["geometry"] for row in rows]))
    return [street(*shapely.get_coordinates(line), name=f"街{i}") for i, line in enumerate(lines)]
