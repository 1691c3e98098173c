"""What is true of the registers of the invented city, by plain counting and unions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import shapely

from suizhou_geo.geometry.arrays import Shapes
from suizhou_geo.invented_city.city import City, Spot, SurveyRow
from suizhou_geo.invented_city.communities import ITEMS
from suizhou_geo.invented_city.links import homes
from suizhou_geo.invented_city.parks import WholePark
from suizhou_geo.invented_city.points import Point, sums
from suizhou_geo.invented_city.registers import WIDE_ENOUGH_M
from suizhou_geo.invented_city.tables import table, words

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


def tallies(city: City, parks: Sequence[WholePark]) -> dict[str, Any]:
    """All that is known of the registers, and of the public parks, each of them whole."""
    return {
        "communities": _communities(city),
        "development_zones": _industry(city),
        "heritage": _heritage(city),
        "jobs_by_zone": _by_zone(city, [(w.point, w.number) for w in city.registers.workplaces]),
        "chargers": _chargers(city),
        "parking_spaces": _by_public(city.registers.car_parks),
        "residential_share_within": _within(city),
        "capacity": _capacity(city),
        "facilities_per_1000_persons": _per_thousand(city),
        "park_m2_per_person": _park_types(city, parks),
        "pocket_parks": _pockets(city, parks),
        "river_banks": _banks(city, parks),
        "sidewalks": _sidewalks(city),
        "statistics": {
            form: {key: {"value": given["value"], "met": given["met"]} for key, given in promises.items()}
            for form, promises in table("statistics").items()
        },
    }


def _communities(city: City) -> dict[str, Any]:
    middles, living = homes(city)
    tree = shapely.STRtree(middles)
    known = city.registers.communities
    persons = {c.name: float(living[tree.query(c.shape, predicate="contains")].sum()) for c in known}
    complete = sum(c.items == (True,) * ITEMS for c in known)
    return {
        "number": len(known),
        "complete": complete,
        "complete_or_not_said": sum(False not in c.items for c in known),
        "complete_share": complete / len(known),
        "advanced": sum(c.advanced for c in known),
        "communities_with_item": {f"item_{n + 1:02d}": sum(c.items[n] is True for c in known) for n in range(ITEMS)},
        "households": sum(c.households for c in known),
        "persons": persons,
    }


def _industry(city: City) -> dict[str, Any]:
    works = city.land.of("工业用地")
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


def _by_zone(city: City, numbers: Iterable[tuple[Point, float]]) -> dict[str, float]:
    at = ((z, number) for point, number in numbers for z in city.zones if z.outline.contains(shapely.Point(point)))
    return sums(((zone.name, number) for zone, number in at), [z.name for z in city.zones])


def _by_public(spots: Sequence[Spot]) -> dict[str, int]:
    return {
        "total": sum(s.number for s in spots),
        "public": sum(s.number for s in spots if s.public),
        "not_public": sum(s.number for s in spots if not s.public),
    }


def _chargers(city: City) -> dict[str, Any]:
    spots = city.registers.chargers
    units = words("chargers", "counts")
    return {
        "sites": len(spots),
        "by_unit": {ours: _by_public([s for s in spots if s.unit == theirs]) for ours, theirs in units.items()},
        "total_of_both_units": sum(s.number for s in spots),
    }


def _within(city: City) -> dict[str, float]:
    sites, stops = city.registers.chargers, city.sites("bus_stop")
    greenways = np.array([line for _, line in city.registers.greenways])
    of = {
        "greenways_1000_m": (greenways, 1000.0),
        "chargers_1000_m": (shapely.points([s.point for s in sites]), 1000.0),
        "public_chargers_1000_m": (shapely.points([s.point for s in sites if s.public]), 1000.0),
        "bus_stops_300_m": (stops, 300.0),
        "bus_stops_500_m": (stops, 500.0),
    }
    return {name: share_within(city, near, radius_m) for name, (near, radius_m) in of.items()}


def share_within(city: City, near: Shapes, radius_m: float, *, quad_segs: int = QUAD_SEGS) -> float:
    """The share of the residential land inside the zones at most so many metres from some points or lines."""
    reach = shapely.union_all(shapely.buffer(near, radius_m, quad_segs=quad_segs))
    share: float = city.residential_land.intersection(reach).area / city.residential_land.area
    return share


def _capacity(city: City) -> dict[str, dict[str, int]]:
    result = {}
    for category in (c for c, given in table("facilities").items() if "places" in given):
        places = [f.capacity for f in city.facilities if f.category == category]
        result[category] = {
            "places": sum(n or 0 for n in places),
            "facilities": len(places),
            "of_no_places": places.count(0),
            "not_said": places.count(None),
        }
    return result


def _per_thousand(city: City) -> dict[str, float]:
    shapely.prepare(whole := city.whole)
    persons = float(homes(city)[1].sum())
    return {c: 1000.0 * int(shapely.contains(whole, city.sites(c)).sum()) / persons for c in _PER_THOUSAND}


def _park_types(city: City, parks: Sequence[WholePark]) -> dict[str, float]:
    persons = float(homes(city)[1].sum())
    kinds = (next(kind for kind, least in PARK_TYPES.items() if park.area_m2 >= least) for park in parks)
    shares = (park.shape.intersection(city.whole).area / persons for park in parks)
    result = sums(zip(kinds, shares, strict=True), PARK_TYPES)
    return {**result, "total": sum(result.values())}


def _pockets(city: City, parks: Sequence[WholePark]) -> dict[str, int]:
    """Public parks that reach into the zones, by size: from so many square metres to under the next."""
    sizes = [park.area_m2 for park in parks if park.shape.intersects(city.whole)]
    counts = {f"{low:.0f}-{high:.0f}_m2": sum(low <= a < high for a in sizes) for low, high in pairwise(_POCKETS)}
    return {**counts, f"{_POCKETS[-1]:.0f}_m2_and_up": sum(a >= _POCKETS[-1] for a in sizes)}


def _banks(city: City, parks: Sequence[WholePark]) -> dict[str, Any]:
    """Points every 5 m along both banks of the three rivers inside the zones, and how many have a park near."""
    green = shapely.union_all([park.shape for park in parks])
    result: dict[str, Any] = {}
    total = near = 0
    for water in city.rivers:
        others = shapely.union_all([w.line.buffer(w.width_m / 2) for w in city.rivers if w is not water])
        lines = [water.line.offset_curve(side * water.width_m / 2) for side in (1, -1)]
        spots = [np.array([x.interpolate(m) for m in np.arange(0.0, x.length, _BANK_STEP_M)]) for x in lines]
        points = np.concatenate(spots)
        points = points[shapely.contains(city.whole, points) & ~shapely.intersects(others, points)]
        green_points = int((shapely.distance(green, points) <= GREEN_BANK_M).sum())
        result[water.name] = {"bank_km": len(points) * _BANK_STEP_M / 1000, "share_green": green_points / len(points)}
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
    judged, passing = [r for r in rows if _passes(r) is not None], [r for r in rows if _passes(r)]
    judged_km, passing_km = (sum(r.length_m for r in of) / 1000 for of in (judged, passing))
    return {
        "rows": len(rows),
        "rows_not_judged": len(rows) - len(judged),
        "judged_km": judged_km,
        "passing_km": passing_km,
        "share": passing_km / judged_km,
        "judged_km_by_zone": _by_zone(city, [(r.point, r.length_m / 1000) for r in judged]),
        "passing_km_by_zone": _by_zone(city, [(r.point, r.length_m / 1000) for r in passing]),
    }
