"""Figures of inventories: chargers, bus stops, and how far a fire engine comes in time."""

from __future__ import annotations

import shapely
from canvas import Key, Panel
from services import COVERED, HOMES, PALE, RIVER, joined
from shapely import Point, box
from towns import Figure, home, layer, roads, street, town

import suizhou_geo as sg

NEAR, FAR = "#74add1", "#c6dbef"


def inventories() -> Figure:
    """Chargers and who lives near them; two bus stops; a fire station beside a river with one bridge."""
    drawings = {"chargers": _chargers(), "bus_stops": _bus_stops(), "fire": _fire()}
    return Figure(
        {name: drawing for name, (drawing, _) in drawings.items()},
        tuple(fact for _, facts in drawings.values() for fact in facts),
    )


def _chargers() -> tuple[str, tuple[str, ...]]:
    zone = box(0, 0, 4000, 2000)
    blocks = {
        box(x, 800, x + 400, 1200): persons for x, persons in ((300, 3000), (1300, 2000), (2400, 4000), (3400, 1000))
    }
    sites = {Point(1000, 1000): (40, "pile"), Point(3900, 1900): (12, None), Point(4300, 600): (24, "gun")}
    counts, said = zip(*sites.values(), strict=True)
    area = town(
        [zone],
        residential=layer([*blocks]),
        population=layer([*blocks], persons=[*blocks.values()]),
        chargers=layer([*sites], count=counts, counts=said),
    )
    points, near = sg.charging_points(area), sg.charger_coverage(area)
    piles = sg.charging_points(area, counts="pile")
    answer, share, pile = f"{points.value:.0f} charging points", f"{near.value:.0%}", f"{piles.value:.0f} piles"
    drawing = Panel(
        "Charging points 充电设施",
        (-100, -100, 4400, 2100),
        answer=answer,
        note=f"{pile} among them; {share} of 10,000 persons within 1 km",
        scale_m=1000,
        keys=(
            Key("residential land 居住用地, not covered", HOMES),
            Key("covered 已覆盖", COVERED),
            Key("1 km round a charging point", "#ffffff", "#005a32"),
        ),
    )
    drawing.area(zone, PALE, stroke="#3a3a3a")
    for block, persons in blocks.items():
        drawing.area(block, HOMES)
        drawing.label((block.centroid.x, 730), f"{persons:,}")
    evidence = near.evidence
    drawing.area(joined(evidence[evidence["part"].eq("covered")]), COVERED)
    circles = home(evidence.geometry[evidence["part"].eq("service_area")].iloc[0])
    drawing.line(circles.boundary.intersection(box(-100, -100, 4400, 2100)), "#005a32", 1.2, dash="5 4")
    for site, words in zip(sites, ("40 piles 桩", "12, not said", "24 guns 枪"), strict=True):
        drawing.dot(site, "#e69f00", radius=5)
        drawing.label((min(site.x, 3950), site.y + (360 if site.x < 2000 else -140)), words)
    return drawing.svg(), (answer, pile, share)


def _bus_stops() -> tuple[str, tuple[str, ...]]:
    zone = box(0, 0, 2000, 1000)
    stops = [Point(500, 500), Point(1500, 500)]
    area = town([zone], facilities=layer(stops, category=["bus_stop"] * 2))
    near, wide = (sg.bus_stop_coverage(area, radius_m=radius_m) for radius_m in (300, 500))
    within = f"{near.value:.1%}", f"{wide.value:.1%}"
    drawing = Panel(
        "Land near a bus stop 公交站点",
        (0, 0, 2000, 1000),
        answer=f"{within[1]} within 500 m",
        note=f"{within[0]} within 300 m",
        scale_m=500,
        keys=(Key("within 300 m", NEAR), Key("within 500 m", FAR), Key("bus stop 公交站", "#e69f00")),
    )
    drawing.area(zone, PALE)
    for measure, colour in ((wide, FAR), (near, NEAR)):
        drawing.area(home(measure.evidence.geometry.iloc[0]), colour)
    for stop in stops:
        drawing.dot(stop, "#e69f00")
    return drawing.svg(), within


def _fire() -> tuple[str, tuple[str, ...]]:
    zone = box(0, 0, 4200, 1800)
    river = box(0, 800, 4200, 1000)
    rows = [street((x, y), (x + 300, y), name=f"横{y}") for y in (300, 1500) for x in range(0, 4200, 300)]
    rows.append(street((1500, 300), (1500, 1500), name="桥"))
    station = Point(1800, 300)
    blocks = [box(x, y, x + 300, y + 100) for x in (1600, 3200) for y in (350, 1400)]
    area = town(
        [zone],
        residential=layer(blocks),
        population=layer(blocks, persons=[1_000] * 4),
        facilities=layer([station], category=["fire_station"]),
        roads=roads(rows),
        barriers=layer([river], kind=["river"]),
    )
    measure = sg.emergency_reach(area, "fire")
    answer, limit = f"{measure.value:.0%}", f"{measure.params['limit_m']:,.0f} m"
    drawing = Panel(
        "Reached by a fire engine in 5 minutes",
        (0, 0, 4200, 1800),
        answer=f"{answer} of the persons",
        note=f"1 minute to turn out, 4 at 30 km/h: {limit} of street",
        scale_m=1000,
        keys=(
            Key("residential land 居住用地, not reached", HOMES),
            Key("reached 可达", COVERED),
            Key("fire station 消防站", "#d62728"),
            Key("river 河流, one bridge", RIVER),
        ),
    )
    drawing.area(zone, PALE)
    drawing.area(river, RIVER)
    drawing.line(shapely.line_merge(shapely.union_all([row["geometry"] for row in rows])), "#6f685f", 2)
    for block in blocks:
        drawing.area(block, HOMES)
        drawing.label((block.centroid.x, block.bounds[1] + (220 if block.bounds[1] < 800 else -120)), "1,000")
    cells = measure.evidence
    drawing.area(joined(cells[cells["covered_share"] == 1]), COVERED)
    drawing.dot(station, "#d62728", radius=6)
    return drawing.svg(), (answer, limit)
