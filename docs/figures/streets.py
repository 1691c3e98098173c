"""Figures of streets: density, blocks, dead ends, the arterial grid, sidewalks."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from canvas import Key, Panel
from shapely import LineString, Point, box
from towns import Figure, home, layer, roads, street, town

import suizhou_geo as sg
from suizhou_geo.standards.symbology import PARTS

PALE, STREET, RAIL = "#f4f2ee", "#8d867c", "#262626"
COUNTED, LEFT_OUT = "#d94801", "#9e9ac8"
KM = 1000


def road_density() -> Figure:
    """One km²: an avenue in two carriageways, a ramp, a branch road, a gated compound, and the same counted."""
    zone, compound = box(0, 0, KM, KM), box(120, 620, 420, 900)
    rows = [
        street((0, 485), (500, 485), (1000, 485), name="大道", road_class="arterial", oneway=True),
        street((1000, 515), (500, 515), (0, 515), name="大道", road_class="arterial", oneway=True),
        street((750, 515), (850, 640), road_class="arterial", oneway=True, ramp=True),
        street((500, 0), (500, 485), (500, 515), (500, 1000), name="支路"),
        street((120, 760), (420, 760), road_class="local"),
        street((500, 240), (1000, 240), name="小街", road_class="local"),
    ]
    area = town([zone], roads=roads(rows), compounds=layer([compound], name=["小区"], gated=[True]))
    raw, once = sg.road_density(area, profile="raw"), sg.road_density(area)
    panels, facts = {}, []
    for file, title, measure in (
        ("road_density_raw", "raw: every line as drawn", raw),
        ("road_density_caupd", "caupd: one street, one centreline", once),
    ):
        answer = f"{measure.value:.2f} km/km²"
        drawing = Panel(title, (-20, -20, 1020, 1020), answer=answer, note="on 1 km²", scale_m=200)
        drawing.keys = (
            Key("counts 计入", stroke=COUNTED),
            Key("weighs one half 双幅路各计一半", stroke="#fdae6b"),
            Key("left out 不计", stroke=LEFT_OUT, dash="5 3"),
            Key("gated compound 封闭小区", "#fff2ae", "#999999"),
        )
        drawing.area(zone, PALE, stroke="#3a3a3a")
        drawing.area(compound, "#fff2ae", stroke="#999999", dash="4 3")
        for row in rows:
            drawing.line(row["geometry"], LEFT_OUT, 2.5, dash="5 3")
        pieces = measure.evidence
        for line, weight in zip(pieces.geometry, pieces["weight"], strict=True):
            drawing.line(home(line), COUNTED if weight == 1 else "#fdae6b", 3)
        for at, words in (
            ((245, 550), "大道 (two carriageways)"),
            ((860, 670), "ramp 匝道"),
            ((620, 930), "支路"),
            ((760, 270), "小街 (has a name)"),
            ((270, 850), "小区 street"),
        ):
            drawing.label(at, words)
        panels[file] = drawing.svg()
        facts.append(answer)
    left = once.breakdown["whole_km"]
    facts += [f"{left[step]:.2f} km" for step in ("raw", "ramps_out", "compounds_out", "one_centreline")]
    return Figure(panels, tuple(facts))


def blocks() -> Figure:
    """Eight fields of 250 m, one street between two of them missing."""
    zone = box(0, 0, 1000, 500)
    rows = [street(*((x, y) for x in range(0, 1250, 250)), name=f"横{y}") for y in (0, 250, 500)]
    rows += [street((x, 0), (x, 250), name=f"纵{x}") for x in range(0, 1250, 250) if x != 500]
    rows += [street((x, 250), (x, 500), name=f"纵{x}") for x in range(0, 1250, 250)]
    area = town(
        [zone],
        roads=roads(rows),
        residential=layer([zone]),
        compounds=layer([box(10, 10, 20, 20)], name=["x"]),
        population=layer([zone], persons=[8_000]),
    )
    measure = sg.block_size(area)
    answer = f"{measure.value:.0%}"
    drawing = Panel(
        "Blocks of 250 m, one street missing", (-20, -30, 1020, 530), answer=f"{answer} over 300 m", scale_m=250
    )
    drawing.keys = (
        Key("longest side at most 300 m", "#e5f0e3", STREET),
        Key("longer than 300 m 超过300米", "#fdae6b", STREET),
        Key("the street that would divide it 建议增设支路", stroke="#cb181d", dash="6 4"),
    )
    for shape, over in zip(measure.evidence.geometry, measure.evidence["over_limit"], strict=True):
        drawing.area(home(shape), "#fdae6b" if over else "#e5f0e3")
    for row in rows:
        drawing.line(row["geometry"], STREET, 3)
    over = measure.evidence[measure.evidence["over_limit"]].iloc[0]
    drawing.line(LineString([(500, 6), (500, 244)]), "#cb181d", 3, dash="6 4")
    drawing.label((250, 125), f"{over['longest_side_m']:.0f} m")
    drawing.label((515, 125), f"{over['new_road_m']:.0f} m to build", anchor="start", colour="#cb181d")
    facts = (answer, f"{over['longest_side_m']:.0f} m", f"{over['new_road_m']:.0f} m")
    return Figure({"blocks": drawing.svg()}, facts)


def dead_ends() -> Figure:
    """A ring road with a railway through it: ends that are explained, and two that are not."""
    zone = box(-160, -120, 2160, 1520)
    west, south, east, north = 0, 0, 2000, 1400
    ring = [
        (west, south),
        (600, south),
        (1400, south),
        (east, south),
        (east, north),
        (600, north),
        (west, north),
        (west, south),
    ]
    rail = LineString([(-160, 700), (2160, 700)])
    compound = box(1250, 250, 1700, 560)
    rows = [
        street(*ring, name="环路", road_class="secondary"),
        street((600, south), (600, 300), (600, 640), name="甲路"),
        street((600, north), (600, 760), name="甲路"),
        street((600, 300), (480, 300), road_class="local", name="短巷"),
        street((1400, south), (1400, 330), name="乙路"),
    ]
    area = town(
        [zone],
        roads=roads(rows),
        barriers=layer([rail], kind=["railway"], name=["铁路"]),
        compounds=layer([compound], name=["小区"]),
    )
    measure = sg.dead_ends(area)
    ends = measure.evidence
    link = ends[ends["part"].eq("missing_link")].iloc[0]
    answer = f"{measure.value:.0f} dead ends"
    build, saves = f"{link['link_m']:.0f} m", f"{link['saved_m']:,.0f} m"
    drawing = Panel("Where streets stop, and why", zone.bounds, answer=answer, scale_m=500)
    drawing.note = f"{build} of street would save {saves} of way round"
    drawing.keys = (
        Key("dead end 断头处", PARTS["dead_end"].stroke),
        Key("explained, does not count 不计入", PARTS["explained_end"].stroke),
        Key("missing link 缺失路段", stroke=PARTS["missing_link"].stroke, dash="6 4"),
        Key("railway 铁路", stroke=RAIL, dash="10 3"),
    )
    drawing.area(zone, PALE)
    drawing.area(compound, "#fff2ae", stroke="#999999", dash="4 3")
    drawing.line(rail, RAIL, 2.6, dash="10 3")
    for row in rows:
        drawing.line(row["geometry"], STREET, 4 if row["road_class"] == "secondary" else 3)
    drawing.line(home(link.geometry), PARTS["missing_link"].stroke, 3, dash="6 4")
    ends = ends[ends["part"].isin(["dead_end", "explained_end"])]
    for part, reason, line in zip(ends["part"], ends["reason"], ends.geometry, strict=True):
        end = Point(home(line).coords[0])
        drawing.dot(end, PARTS[part].stroke)
        drawing.label(
            (end.x + 50, end.y) if end.x > 500 else (end.x, end.y + 100),
            reason,
            anchor="start" if end.x > 500 else "middle",
        )
    for at, words in (((1000, 70), "环路"), ((1560, 480), "小区"), ((700, 1100), "甲路"), ((1340, 120), "乙路")):
        drawing.label(at, words)
    return Figure({"dead_ends": drawing.svg()}, (answer, build, saves))


def arterial_grid() -> Figure:
    """A city of 4 km x 4 km: two avenues through, one cut by a railway, one short, one on the diagonal."""
    size = 4 * KM
    zone = box(0, 0, size, size)
    y_rail = 2500
    rows = [
        street((600, 0), (600, 2000), (600, size), name="一路", road_class="arterial"),
        street((1500, 0), (1500, 2000), (1500, size), name="二路", road_class="arterial"),
        street((2400, 0), (2400, 2000), (2400, y_rail - 150), name="三路", road_class="arterial"),
        street((2400, y_rail + 150), (2400, size), name="三路", road_class="arterial"),
        street((3400, 0), (3400, 1800), name="四路", road_class="arterial"),
        street((0, 1000), (size, 1000), name="东西大道", road_class="arterial"),
        street((0, 3300), (3000, 3300), name="北大道", road_class="arterial"),
        street((200, 200), (3900, 3700), name="沿河大道", road_class="arterial"),
    ]
    rail = LineString([(0, y_rail), (size, y_rail)])
    area = town([zone], roads=roads(_noded(rows)), barriers=layer([rail], kind=["railway"], name=["铁路"]))
    down, across = (sg.arterial_grid(area, direction=d) for d in ("north_south", "east_west"))
    answer = f"{down.value:.0f} north–south, {across.value:.0f} east–west"
    drawing = Panel("Arterials that run right through", (-60, -60, size + 60, size + 60), answer=answer, scale_m=1000)
    drawing.keys = (
        Key("through 贯通", stroke="#54278f"),
        Key("not through 未贯通", stroke="#fd8d3c"),
        Key("on a diagonal, counted in neither 斜向", stroke="#9e9ac8"),
        Key("railway 铁路", stroke=RAIL, dash="10 3"),
    )
    drawing.area(zone, PALE, stroke="#3a3a3a")
    drawing.line(rail, RAIL, 2.6, dash="10 3")
    strokes = down.evidence[down.evidence["part"].eq("stroke")]
    for line, through, direction in zip(strokes.geometry, strokes["through"], strokes["direction"], strict=True):
        colour = "#9e9ac8" if direction == "diagonal" else ("#54278f" if through else "#fd8d3c")
        drawing.line(home(line), colour, 4)
    for at, words in (
        ((600, 3700), "一路"),
        ((1500, 3700), "二路"),
        ((2400, 3700), "三路"),
        ((3400, 1900), "四路"),
        ((3000, 1000), "东西大道"),
        ((1000, 3300), "北大道"),
        ((3000, 2850), "沿河大道"),
    ):
        drawing.label(at, words)
    return Figure({"arterial_grid": drawing.svg()}, (answer,))


def sidewalks() -> Figure:
    """One street of 1 km, four surveyed sides of 500 m: passes, fails, passes, not tested."""
    zone = box(0, 0, 1000, 300)
    rows = [street((0, 150), (1000, 150), name="中路", road_class="secondary")]
    sides = [LineString([(0, 170), (500, 170)]), LineString([(500, 170), (1000, 170)])]
    sides += [LineString([(0, 130), (500, 130)]), LineString([(500, 130), (1000, 130)])]
    survey = layer(
        sides,
        street=["中路"] * 4,
        side=["north", "north", "south", "south"],
        width_m=[2.5, 1.4, 2.0, np.nan],
        continuous=[True, True, True, True],
        obstructed=[False, False, False, None],
        kerb_ramps=[True, True, True, True],
    )
    measure = sg.sidewalk_compliance(town([zone], roads=roads(rows), sidewalks=survey))
    value, low, high = (f"{x:.1%}" for x in (measure.value, measure.low, measure.high))
    drawing = Panel("Four sides of a street, surveyed", (-10, 0, 1010, 300), answer=value, scale_m=200)
    drawing.note = f"between {low} and {high}, whatever the untested side is"
    colour = {"passes": "#238b45", "fails": "#cb181d", "not_judged": "#969696"}
    drawing.keys = (
        Key("passes all four tests 达标", stroke=colour["passes"]),
        Key("fails one 不达标", stroke=colour["fails"]),
        Key("not tested 未测", stroke=colour["not_judged"]),
    )
    drawing.area(zone, PALE)
    drawing.area(box(0, 138, 1000, 162), "#d9d4cc")
    for line, result in zip(measure.evidence.geometry, measure.evidence["result"], strict=True):
        drawing.line(home(line), colour[result], 6)
    for at, words in (((250, 220), "2.5 m"), ((750, 220), "1.4 m"), ((250, 80), "2.0 m"), ((750, 80), "?")):
        drawing.label(at, words)
    return Figure({"sidewalks": drawing.svg()}, (value, low, high))


def _noded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give every street a vertex where another crosses it, so that they are joined there."""
    whole = shapely.union_all([row["geometry"] for row in rows])
    return [row | {"geometry": shapely.line_merge(shapely.intersection(whole, row["geometry"]))} for row in rows]
