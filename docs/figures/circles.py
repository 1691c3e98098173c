"""Figures of communities and of places: one kindergarten at a border, two that share a street."""

from __future__ import annotations

from canvas import Key, Panel
from services import joined
from shapely import Point, box
from towns import Figure, layer, roads, street, town

import suizhou_geo as sg

LACKS, HAS = "#e6a08a", "#8ec6a0"
STEPS = ((0, "#f3d9b1"), (50, "#d9e3c0"), (100, "#a9cfae"), (150, "#5aa77b"))


def communities() -> Figure:
    """Three communities and one kindergarten at a border: in which it stands, and whose homes it reaches."""
    places = [box(0, 0, 500, 500), box(500, 0, 1000, 500), box(1000, 0, 1500, 500)]
    kindergarten = Point(495, 250)
    area = town(
        [box(0, 0, 1500, 500)],
        communities=layer(places, name=["A", "B", "C"]),
        residential=layer(places),
        facilities=layer([kindergarten], category=["kindergarten"]),
    )
    panels, facts = {}, []
    for test, title in (("inside", "inside 在社区内"), ("within_reach", "within reach 多数住房在300 m内")):
        gap = sg.community_gaps(area, "kindergarten", test=test)
        lack = f"{gap.value:.0f}"
        drawing = Panel(title, (-60, -60, 1560, 640), answer=f"{lack} of 3 lack one", scale_m=300)
        drawing.keys = (Key("lacks a kindergarten 缺幼儿园", LACKS), Key("has one 有幼儿园", HAS))
        parts = dict(zip(gap.evidence["name"], gap.evidence["part"], strict=True))
        for name, place in zip("ABC", places, strict=True):
            drawing.area(place, LACKS if parts[name] == "community_gap" else HAS, stroke="#404040", width=1.2)
            drawing.label((place.centroid.x, 60), f"community {name}")
        if test == "within_reach":
            drawing.line(kindergarten.buffer(300).exterior, "#005a32", 1.4, dash="5 4")
        drawing.dot(kindergarten, "#e69f00", radius=6)
        panels[f"communities_{test}"] = drawing.svg()
        facts.append(
            f"{'only ' if test == 'within_reach' else ''}{lack} {'is' if test == 'within_reach' else 'communities'}"
        )
    return Figure(panels, tuple(facts))


def capacity() -> Figure:
    """Two kindergartens on one street: places per 1,000 residents left for each home by the two steps."""
    strip = box(0, 0, 2000, 50)
    line = street((-100, 0), (2100, 0))
    doors = {12: Point(500, 0), 6: Point(800, 0)}
    area = town(
        [box(0, -100, 2000, 100)],
        roads=roads([line]),
        residential=layer([strip]),
        population=layer([strip], persons=[400]),
        facilities=layer(list(doors.values()), category=["kindergarten"] * 2, capacity=list(doors)),
    )
    short = sg.places_short(area, "kindergarten", per_thousand=60)
    answer = f"{short.value:.1%}"
    drawing = Panel(
        "12 and 6 places, 400 residents 学位", (-100, -420, 2100, 420), answer=f"{answer} short of 60", scale_m=300
    )
    drawing.keys = tuple(Key(f"{n} places per 1,000 residents 每千人{n}个", colour) for n, colour in STEPS)
    drawing.line(line["geometry"], "#a19b92", 3)
    cells = short.evidence
    for n, colour in STEPS:
        mine = cells[(cells["places_per_thousand"] - n).abs() < 1]
        if len(mine):
            drawing.area(joined(mine), colour, stroke="#707070", width=0.5)
    for places, door in doors.items():
        drawing.dot(door, "#e69f00", radius=6)
        drawing.label((door.x, -110 if places == 12 else 110), f"{places} places")
    return Figure({"capacity": drawing.svg()}, (answer,))
