"""Figures of commuting: pairs of homes and jobs along one street, and the way to the county seats."""

from __future__ import annotations

import numpy as np
from canvas import Key, Panel
from services import PALE
from shapely import Point, box
from towns import Figure, home, layer, roads, street, town

import suizhou_geo as sg

BANDS = {10.0: "#1a9850", 20.0: "#fdae61", 30.0: "#d73027"}


def commute() -> Figure:
    """Three places of homes and two of jobs on one street; a main centre and two county seats."""
    city, facts = _city()
    region, more = _region()
    return Figure({"commute_city": city, "commute_region": region}, (*facts, *more))


def _city() -> tuple[str, tuple[str, ...]]:
    zone = box(-500, -2000, 11_500, 2000)
    middle_m = 25.0  # of a cell of homes, so that nobody walks to the street
    homes = {1000: 5_000, 3000: 4_000, 10_000: 1_000}
    jobs = {2000: 600, 5000: 400}
    rows = [
        street((x + middle_m, middle_m), (x + 1000 + middle_m, middle_m), name="主街") for x in range(0, 11_000, 1000)
    ]
    rows += [
        street((x + middle_m, y), (x + middle_m, y + 1000), name=f"横街{x}")
        for x in (2000, 5000, 8000)
        for y in (middle_m - 1000, middle_m)
    ]
    cells = [box(x, 0, x + 50, 50) for x in homes]
    centre = Point(2000 + middle_m, middle_m)
    area = town(
        [zone],
        roads=roads(rows),
        residential=layer(cells),
        population=layer(cells, persons=[*homes.values()]),
        jobs=layer([Point(x + middle_m, middle_m) for x in jobs], jobs=[*jobs.values()]),
        centres=layer([centre], name=["中心"], kind=["main"]),
    )
    bus, ebike = (sg.commute_30min_city(area, mode=mode) for mode in ("bus", "ebike"))
    share = f"{sg.jobs_within_reach(area).value:.0%}"
    minutes = f"{bus.value:.1f} min", f"{ebike.value:.1f} min"
    drawing = Panel(
        "95 % of all pairs of a home and a job",
        (-500, -2000, 11_500, 2000),
        answer=f"by bus {minutes[0]}",
        note=f"by e-bike {minutes[1]}; by bus {share} of the jobs in 30 minutes",
        scale_m=2000,
        keys=(
            Key("10 minutes by bus from the centre", stroke=BANDS[10.0]),
            Key("20 minutes", stroke=BANDS[20.0]),
            Key("30 minutes", stroke=BANDS[30.0]),
            Key("persons 居民", "#225ea8"),
            Key("jobs 岗位", "#e69f00"),
        ),
    )
    drawing.area(zone, PALE, stroke="#3a3a3a")
    for row in rows:
        drawing.line(row["geometry"], "#b9b2a8", 2)
    for _, band in bus.evidence.iterrows():
        drawing.line(home(band.geometry), BANDS[band["to_min"]], 4)
    for places, colour, up in ((homes, "#225ea8", 420), (jobs, "#e69f00", -420)):
        for x, number in places.items():
            drawing.dot(Point(x + middle_m, middle_m), colour, radius=6)
            drawing.label((x + middle_m + (330 if up < 0 else 0), up), f"{number:,}")
    return drawing.svg(), (*minutes, share)


def _region() -> tuple[str, tuple[str, ...]]:
    km = 1000.0
    zone = box(-4 * km, -4 * km, 4 * km, 4 * km)
    seats = {"甲县": Point(-15 * km, 0), "乙县": Point(45 * km, -5 * km)}
    centre = Point(0, 0)
    rows = [
        street((0, 0), (-15 * km, 0), name="省道", road_class="arterial"),
        street((0, 0), (45 * km, 0), name="高速", road_class="motorway"),
        street((45 * km, 0), (45 * km, -5 * km), name="连接线", road_class="arterial"),
    ]
    area = town(
        [zone],
        roads=roads(rows),
        centres=layer([centre, *seats.values()], name=["主城", *seats], kind=["main", "county", "county"]),
    )
    measure = sg.commute_1h_region(area)
    answer = f"{measure.value:.0f} min"
    each = {name: f"{minutes:.0f} min" for name, minutes in measure.breakdown["minutes"].items()}
    drawing = Panel(
        "By car to the farthest county seat",
        (-20 * km, -13 * km, 50 * km, 10 * km),
        answer=answer,
        note="arterial 60 × 0.5, motorway 100 × 0.9 km/h",
        scale_m=10_000,
        keys=(
            Key("motorway 高速公路", stroke="#d95f02"),
            Key("arterial 主干路", stroke="#6f685f"),
            Key("zones 分区", "#f2bd83"),
        ),
    )
    drawing.area(zone, "#f2bd83", stroke="#3a3a3a")
    for row in rows:
        drawing.line(row["geometry"], "#d95f02" if row["road_class"] == "motorway" else "#6f685f", 3)
    drawing.dot(centre, "#262626", radius=6)
    drawing.label((0, 5.2 * km), "main centre 主城")
    for name, seat in seats.items():
        drawing.dot(seat, "#225ea8", radius=6)
        away = np.sign(seat.y) * 1.9 * km if seat.y else -3 * km
        drawing.label((seat.x, seat.y + away - (1.1 * km if seat.y else 0)), f"{name} {each[name]}")
    return drawing.svg(), (answer, *each.values())
