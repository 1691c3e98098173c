"""Figures of green: parks by size, a greenway, the banks of a river."""

from __future__ import annotations

from canvas import Key, Panel
from services import COVERED, HOMES, PALE, PARK, RIVER, joined
from shapely import LineString, box
from towns import Figure, home, layer, town

import suizhou_geo as sg

BARE, GREEN = "#6b6b6b", "#1b9e3f"


def green() -> Figure:
    """Parks of four sizes for 20,000 persons; a greenway beside homes; a river with parks on both banks."""
    drawings = {"park_sizes": _sizes(), "greenway": _greenway(), "river_green": _banks()}
    return Figure(
        {name: drawing for name, (drawing, _) in drawings.items()},
        tuple(fact for _, facts in drawings.values() for fact in facts),
    )


def _sizes() -> tuple[str, tuple[str, ...]]:
    zone = box(0, 0, 1000, 600)
    parks = {
        "12 ha": box(60, 200, 460, 500),
        "2 ha": box(560, 350, 760, 450),
        "2,800 m²": box(560, 120, 630, 160),
        "500 + 500 m²": box(800, 130, 820, 155).union(box(821, 130, 841, 155)),
        "200 m²": box(200, 60, 220, 70),
    }
    area = town([zone], population=layer([zone], persons=[20_000]), parks=layer([*parks.values()], kind=["park"] * 5))
    a_head = [f"{sg.park_area_per_capita(area, size=s).value:.2f}" for s in ("all", "comprehensive", "community")]
    pocket = sg.pocket_parks(area)
    drawing = Panel(
        "Parks by size, for 20,000 persons",
        (-10, -10, 1010, 610),
        answer=f"{a_head[0]} m²/person",
        note=f"comprehensive {a_head[1]}, community {a_head[2]}; {pocket.value:.0f} pocket parks",
        keys=(
            Key("comprehensive 综合公园, from 10 ha", "#1b7837"),
            Key("community 社区公园, from 1 ha", "#5aae61"),
            Key("pocket 口袋公园, from 400 m²", "#a6dba0", "#1b7837"),
            Key("smaller: counts as park land only", "#e8f5e4", "#1b7837"),
        ),
        scale_m=200,
    )
    drawing.area(zone, PALE, stroke="#3a3a3a")
    colours = ("#1b7837", "#5aae61", "#a6dba0", "#a6dba0", "#e8f5e4")
    for (words, park), colour in zip(parks.items(), colours, strict=True):
        drawing.area(park, colour, stroke="#1b7837", width=0.8)
        drawing.label((park.centroid.x, park.bounds[1] - 28), words)
    return drawing.svg(), (*a_head, f"{pocket.value:.0f} pocket parks")


def _greenway() -> tuple[str, tuple[str, ...]]:
    zone = box(0, 0, 4000, 2200)
    way = LineString([(1200, -400), (1200, 2600)])
    homes = [box(x, y, x + 800, y + 900) for x in (200, 1200, 2200, 3200) for y in (150, 1150)]
    area = town([zone], residential=layer(homes), greenways=layer([way], name=["绿道"]))
    measure = sg.greenway_coverage(area)
    answer = f"{measure.value:.0%}"
    drawing = Panel(
        "Homes within 1 km of a greenway",
        (0, 0, 4000, 2200),
        answer=f"{answer} covered",
        scale_m=1000,
        keys=(
            Key("residential land 居住用地, not covered", HOMES),
            Key("covered 已覆盖", COVERED),
            Key("greenway 绿道", stroke=PARK),
        ),
    )
    drawing.area(zone, PALE)
    for shape in homes:
        drawing.area(shape, HOMES)
    evidence = measure.evidence
    drawing.area(joined(evidence[evidence["part"].eq("covered")]), COVERED)
    drawing.line(way.intersection(zone), PARK, 3)
    return drawing.svg(), (answer,)


def _banks() -> tuple[str, tuple[str, ...]]:
    zone = box(0, 0, 2000, 900)
    river = box(-300, 400, 2300, 520)
    parks = [box(300, 520, 800, 640), box(1000, 260, 1640, 340)]
    area = town(
        [zone],
        parks=layer(parks, kind=["park"] * 2),
        barriers=layer([river], kind=["river"], name=["涢水"]),
    )
    measure = sg.river_green(area)
    answer = f"{measure.value:.1%}"
    whole, green_km = (f"{measure.breakdown[column].sum():.1f} km" for column in ("bank_km", "green_km"))
    drawing = Panel(
        "Banks within 100 m of a park 一河两岸",
        (0, 0, 2000, 900),
        answer=answer,
        note=f"{green_km} of {whole} of bank",
        scale_m=500,
        keys=(
            Key("bank beside public green", stroke=GREEN),
            Key("other bank", stroke=BARE),
            Key("park 公园", "#a6dba0", "#1b7837"),
            Key("river 河流", RIVER),
        ),
    )
    drawing.area(zone, PALE)
    drawing.area(river.intersection(zone), RIVER)
    for park in parks:
        drawing.area(park, "#a6dba0", stroke="#1b7837", width=0.8)
    for part, colour in (("bank_bare", BARE), ("bank_green", GREEN)):
        lines = measure.evidence[measure.evidence["part"].eq(part)]
        drawing.line(home(lines.geometry.union_all()), colour, 5)
    for x, y, words in ((550, 580, "at the water"), (1320, 300, "60 m away")):
        drawing.label((x, y), words)
    return drawing.svg(), (answer, green_km, whole)
