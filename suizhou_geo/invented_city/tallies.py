"""What is true of the registers of the invented city, by plain counting and unions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from suizhou_geo.invented_city.city import City, SurveyRow
from suizhou_geo.invented_city.communities import ITEMS
from suizhou_geo.invented_city.declared import FORMS
from suizhou_geo.invented_city.links import homes
from suizhou_geo.invented_city.people import CAPACITY
from suizhou_geo.invented_city.registers import WIDE_ENOUGH_M

M2_PER_MU = 2000.0 / 3.0
GREEN_BANK_M = 100.0
_BANK_STEP_M = 5.0
# Public parks by what they are for: from so many square metres on.
PARK_TYPES = {"comprehensive": 100_000.0, "community": 10_000.0, "pocket": 400.0, "below_400_m2": 0.0}
_POCKETS = (0.0, 400.0, 2000.0, 5000.0, 10_000.0)
_PER_THOUSAND = (
    *("kindergarten", "primary_school", "junior_school"),
    *("hospital", "health_centre", "health_station", "outpatient_clinic"),
    *("elderly_home", "nursing_home", "elderly_day_care"),
)
QUAD_SEGS = 64


def tallies(city: City, parks: Sequence[tuple[shapely.Geometry, float]]) -> dict[str, Any]:
    """All that is known of the registers; `parks` are the public parks, each whole, with its square metres."""
    return {
        "communities": _communities(city),
        "development_zones": _industry(city),
        "heritage": _heritage(city),
        "jobs_by_zone": _by_zone(city, [(w.point, w.number) for w in city.registers.workplaces]),
        "chargers": _chargers(city),
        "parking_spaces": _by_public(city.registers.car_parks),
        "residential_share_within": _within(city),
        "residential_share_within_note": "share of residential land within so many metres, straight line",
        "capacity": _capacity(city),
        "facilities_per_1000_persons": _per_thousand(city),
        "park_m2_per_person": _park_types(city, parks),
        "park_m2_per_person_note": "public parks inside the zones; from 10 ha comprehensive, from 1 ha community",
        "pocket_parks": _pockets(city, parks),
        "river_banks": _banks(city, parks),
        "sidewalks": _sidewalks(city),
        "statistics": {file: {p.key: {"value": p.expected, "met": p.met} for p in f} for file, f in FORMS.items()},
    }


def _communities(city: City) -> dict[str, Any]:
    middles, living = homes(city)
    tree = shapely.STRtree(middles)
    known = city.registers.communities
    persons = {c.name: float(living[tree.query(c.shape, predicate="contains")].sum()) for c in known}
    unsaid = sum(None in c.items and False not in c.items for c in known)
    return {
        "number": len(known),
        "complete": sum(c.items == (True,) * ITEMS for c in known),
        "complete_or_not_said": sum(c.items == (True,) * ITEMS for c in known) + unsaid,
        "complete_share": sum(c.items == (True,) * ITEMS for c in known) / len(known),
        "advanced": sum(c.advanced for c in known),
        "communities_with_item": {f"item_{n + 1:02d}": sum(c.items[n] is True for c in known) for n in range(ITEMS)},
        "households": sum(c.households for c in known),
        "persons": persons,
    }


def _industry(city: City) -> dict[str, Any]:
    works = [t.shape for t in city.land.tiles if t.land_class == "工业用地"]
    parks = city.registers.development_zones
    inside = {name: sum(shape.intersection(work).area for work in works) for name, shape in parks}
    total = sum(work.area for work in works)
    return {
        "industrial_land_mu": total / M2_PER_MU,
        "industrial_land_mu_inside": {name: area / M2_PER_MU for name, area in inside.items()},
        "industrial_share_inside": sum(inside.values()) / total,
        "area_km2": {name: shape.area / 1e6 for name, shape in parks},
    }


def _heritage(city: City) -> dict[str, Any]:
    announced = [m for m in city.registers.monuments if m.announced]
    with_plaque = [m for m in announced if m.plaque]
    return {
        "announced": len(announced),
        "announced_by_kind": {k: sum(m.kind == k for m in announced) for k in ("district", "building")},
        "not_announced": len(city.registers.monuments) - len(announced),
        "with_plaque": len(with_plaque),
        "plaque_share": len(with_plaque) / len(announced),
    }


def _by_zone(city: City, numbers: Iterable[tuple[tuple[float, float], float]]) -> dict[str, float]:
    result = dict.fromkeys((z.name for z in city.zones), 0.0)
    for point, number in numbers:
        for zone in city.zones:
            if shapely.contains(zone.outline, shapely.Point(point)):
                result[zone.name] += number
    return result


def _by_public(spots: Sequence[Any]) -> dict[str, int]:
    return {
        "total": sum(s.number for s in spots),
        "public": sum(s.number for s in spots if s.public),
        "not_public": sum(s.number for s in spots if not s.public),
    }


def _chargers(city: City) -> dict[str, Any]:
    spots = city.registers.chargers
    units = {"pile": "桩", "gun": "枪"}
    return {
        "sites": len(spots),
        "by_unit": {ours: _by_public([s for s in spots if s.unit == theirs]) for ours, theirs in units.items()},
        "total_of_both_units": sum(s.number for s in spots),
    }


def _within(city: City) -> dict[str, float]:
    land = shapely.union_all([shape for _, shape in city.land.residential]).intersection(city.whole)
    sites = city.registers.chargers
    stops = [f.point for f in city.facilities if f.category == "bus_stop"]
    of = {
        "greenways_1000_m": ([line for _, line in city.registers.greenways], 1000.0),
        "chargers_1000_m": (shapely.points([s.point for s in sites]), 1000.0),
        "public_chargers_1000_m": (shapely.points([s.point for s in sites if s.public]), 1000.0),
        "bus_stops_300_m": (shapely.points(stops), 300.0),
        "bus_stops_500_m": (shapely.points(stops), 500.0),
    }
    return {
        name: land.intersection(shapely.union_all(shapely.buffer(near, radius, quad_segs=QUAD_SEGS))).area / land.area
        for name, (near, radius) in of.items()
    }


def _capacity(city: City) -> dict[str, dict[str, int]]:
    return {
        category: {
            "places": sum(f.capacity or 0 for f in city.facilities if f.category == category),
            "facilities": sum(f.category == category for f in city.facilities),
            "of_no_places": sum(f.category == category and f.capacity == 0 for f in city.facilities),
            "not_said": sum(f.category == category and f.capacity is None for f in city.facilities),
        }
        for category in CAPACITY
    }


def _per_thousand(city: City) -> dict[str, float]:
    shapely.prepare(whole := city.whole)
    persons = float(homes(city)[1].sum())
    inside = dict.fromkeys(_PER_THOUSAND, 0)
    for facility in city.facilities:
        if facility.category in inside and shapely.contains(whole, shapely.Point(facility.point)):
            inside[facility.category] += 1
    return {category: 1000.0 * number / persons for category, number in inside.items()}


def _park_types(city: City, parks: Sequence[tuple[shapely.Geometry, float]]) -> dict[str, float]:
    persons = float(homes(city)[1].sum())
    result = dict.fromkeys(PARK_TYPES, 0.0)
    for shape, area_m2 in parks:
        kind = next(name for name, least in PARK_TYPES.items() if area_m2 >= least)
        result[kind] += shape.intersection(city.whole).area / persons
    return {**result, "total": sum(result.values())}


def _pockets(city: City, parks: Sequence[tuple[shapely.Geometry, float]]) -> dict[str, int]:
    """Public parks that reach into the zones, by size: from so many square metres to under the next."""
    sizes = [area for shape, area in parks if shape.intersects(city.whole)]
    steps = list(pairwise(_POCKETS))
    counts = {f"{low:.0f}-{high:.0f}_m2": sum(low <= a < high for a in sizes) for low, high in steps}
    return {**counts, f"{_POCKETS[-1]:.0f}_m2_and_up": sum(a >= _POCKETS[-1] for a in sizes)}


def _banks(city: City, parks: Sequence[tuple[shapely.Geometry, float]]) -> dict[str, Any]:
    """Points every 5 m along both banks of the three rivers inside the zones, and how many have a park near."""
    green = shapely.union_all([shape for shape, _ in parks])
    rivers = {w.name: w for w in city.waters[:3]}
    result: dict[str, Any] = {}
    total = near = 0
    for name, water in rivers.items():
        others = shapely.union_all([w.line.buffer(w.width_m / 2) for w in rivers.values() if w is not water])
        lines = [water.line.offset_curve(side * water.width_m / 2) for side in (1, -1)]
        spots = [np.array([x.interpolate(m) for m in np.arange(0.0, x.length, _BANK_STEP_M)]) for x in lines]
        points = np.concatenate(spots)
        points = points[shapely.contains(city.whole, points) & ~shapely.intersects(others, points)]
        green_points = int((shapely.distance(green, points) <= GREEN_BANK_M).sum())
        result[name] = {"bank_km": len(points) * _BANK_STEP_M / 1000, "share_green": green_points / len(points)}
        total, near = total + len(points), near + green_points
    return {
        "bank_km": total * _BANK_STEP_M / 1000,
        "share_green": near / total,
        "within_m": GREEN_BANK_M,
        "rivers": result,
    }


def _passes(row: SurveyRow) -> bool | None:
    fails = (not row.continuous, row.obstructed is True, not row.kerb_ramps, row.width_m < WIDE_ENOUGH_M)
    if any(fails):
        return False
    return None if row.obstructed is None else True


def _sidewalks(city: City) -> dict[str, Any]:
    rows = city.registers.sidewalks
    by_zone = {
        kind: _by_zone(city, [(r.point, r.length_m / 1000) for r in rows if _passes(r) in told])
        for kind, told in (("judged", (True, False)), ("passing", (True,)))
    }
    judged, passing = (sum(r.length_m for r in rows if _passes(r) in told) / 1000 for told in ((True, False), (True,)))
    return {
        "rows": len(rows),
        "rows_not_judged": sum(_passes(r) is None for r in rows),
        "judged_km": judged,
        "passing_km": passing,
        "share": passing / judged,
        "judged_km_by_zone": by_zone["judged"],
        "passing_km_by_zone": by_zone["passing"],
    }
