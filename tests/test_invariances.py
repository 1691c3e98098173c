"""What may not change a number, held over every measure of a whole city, drawn by us and by others.

The city is moved, its rows are shuffled, its lines and rings are drawn the other way round, its zones are split; then it gets
one more path and one more facility of each kind, which may only raise what is in reach.
"""

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import suizhou_geo as sg
from suizhou_geo.access.demand import _gridded
from suizhou_geo.measures import measure_all
from suizhou_geo.sources.plan import read_plan

CITIES = [
    pytest.param("invented_city", marks=pytest.mark.slow),
    pytest.param("newport", marks=pytest.mark.real),
]
EXACT, SAMPLED = 1e-5, 0.005  # buffers start at another vertex of a ring drawn the other way round
CLOSED = 5e-4  # built-up ground from the map is closed and opened by buffers
SHARED_OUT = 5e-4  # persons are shared out over the zones by area before they are over the homes of each
HELD = ("value", "low", "high")


def _all_layers(area, change):
    return area.replace(**{name: change(name, layer) for name, layer in area.layers.items()})


def _moved(area, x_m=12_345.678, y_m=-987.654):
    return _all_layers(area, lambda _, layer: layer.set_geometry(layer.translate(x_m, y_m)))


def _shuffled(area):
    return _all_layers(area, lambda name, layer: layer if name == "zones" else layer.sample(frac=1, random_state=7))


def _reversed(area):
    """Every ring, and every line whose direction says nothing, drawn the other way round."""

    def turned(_, layer):
        two_way = ~layer["oneway"].eq(True).to_numpy() if "oneway" in layer else np.ones(len(layer), dtype=bool)
        if "sidewalk" in layer:
            two_way &= ~layer["sidewalk"].isin(["left", "right"]).to_numpy()
        shapes = layer.geometry.to_numpy().copy()
        shapes[two_way] = shapely.reverse(shapes[two_way])
        return layer.set_geometry(gpd.GeoSeries(shapes, index=layer.index, crs=layer.crs))

    return _all_layers(area, turned)


def _split(area):
    """Every zone cut in two where it is half as wide."""
    parts = []
    for half in ("west", "east"):
        x0, y0, x1, y1 = area.zones.bounds.to_numpy().T
        middle = (x0 + x1) / 2
        side = shapely.box(x0, y0, middle, y1) if half == "west" else shapely.box(middle, y0, x1, y1)
        cut = area.zones.set_geometry(shapely.intersection(area.zones.geometry.to_numpy(), side))
        parts.append(cut.rename(index=lambda zone, half=half: f"{zone} {half}"))
    return area.replace(zones=pd.concat(parts))


def _measured(area):
    return measure_all(area, {"core_area": CORE})


def _differences(before, after, *, but=(), exact=EXACT):
    assert [m.key for m in before] == [m.key for m in after]
    found = []
    for a, b in zip(before, after, strict=True):
        if a.key in but:
            continue
        room = SAMPLED if "street" in f"{a.profile}{a.params.get('reach')}" or a.family in ROUGH else exact
        room = max(room, CLOSED) if "built_up" in f"{a.key}{a.profile}" else room
        for name in HELD:
            x, y = getattr(a, name), getattr(b, name)
            same = (math.isnan(x) and math.isnan(y)) or x == y or math.isclose(x, y, rel_tol=room, abs_tol=1e-9)
            if not same:
                found.append((a.key, a.profile, name, x, y))
    return found


CORE = read_plan("suizhou_2025").params["core_area"]
ROUGH = ("walk_time_coverage", "commute_30min_city", "commute_1h_region", "jobs_within_reach", "emergency_reach")
BY_ZONE = ("main_city_zones", "district_zones", "core_area", "community_gaps")


@pytest.mark.parametrize("city", CITIES)
@pytest.mark.parametrize("change", [_moved, _shuffled, _reversed])
def test_drawing_the_same_city_otherwise_changes_no_number(city, change, measured):
    study, _ = measured(city)
    assert _differences(_measured(study.area), _measured(change(study.area))) == []


@pytest.mark.parametrize("city", CITIES)
def test_splitting_every_zone_changes_no_whole(city, measured):
    study, _ = measured(city)
    assert _differences(_measured(study.area), _measured(_split(study.area)), but=BY_ZONE, exact=SHARED_OUT) == []


@pytest.mark.parametrize("city", CITIES)
def test_one_more_path_and_one_more_facility_never_lower_what_is_in_reach(city, measured):
    area = measured(city)[0].area
    before = _measured(area)
    for richer in (_with_paths(area), _with_facilities(area)):
        lower = [
            (a.key, a.profile, a.value, b.value)
            for a, b in zip(before, _measured(richer), strict=True)
            if "coverage" in a.key and b.value < a.value - 1e-9
        ]
        assert lower == []


@pytest.mark.parametrize("city", CITIES)
def test_street_reach_does_not_hang_on_where_the_cells_begin_or_how_large_they_are(city, measured, monkeypatch):
    area = measured(city)[0].area
    known = _on_the_street(area)
    rng = np.random.default_rng(12)
    others = [_on_the_street(_with_cells_from(area, *rng.uniform(0, 50, 2))) for _ in range(3)]
    monkeypatch.setattr(
        "suizhou_geo.access.demand._gridded",
        lambda shapes, cell_m, *, corner: _gridded(shapes, cell_m / 2, corner=corner),
    )
    for other in (*others, _on_the_street(area.replace(name="halved"))):
        assert other == pytest.approx(known, rel=SAMPLED, abs=1e-12)


def _on_the_street(area):
    measures = [sg.service_coverage(area, service, reach="street") for service in sg.services()]
    return {m.key: m.value for m in (*measures, sg.park_coverage(area, reach="street")) if m.has_data}


def _with_cells_from(area, west_m, south_m):
    """The same with a corner of the zones, and so of the grid of cells, so far off: a further zone where nobody lives."""
    x, y = area.zones.total_bounds[:2] - (west_m, south_m)
    corner = area.zones.iloc[:1].set_geometry([shapely.box(x, y, x + 0.01, y + 0.01)], crs=area.crs)
    return area.replace(zones=pd.concat([area.zones, corner.rename(index=lambda _: "corner")]))


def _with_paths(area):
    """One path beside each park: 60 m long, 20 m off its outline, joined to nothing; and one from it to the next street."""
    parks = area.parks.geometry.to_numpy()
    y = shapely.get_coordinates(shapely.point_on_surface(parks))[:, 1]
    x1 = shapely.bounds(parks)[:, 2] + 20.0
    beside = shapely.linestrings([[(a, b), (a, b + 60.0)] for a, b in zip(x1, y, strict=True)])
    streets = shapely.union_all(area.roads.geometry.to_numpy())
    joined = shapely.shortest_line(shapely.points(x1, y), streets)
    lines = np.r_[beside, joined[shapely.length(joined) > 0]]
    new = gpd.GeoDataFrame({"name": None, "source_id": ""}, index=range(len(lines)), geometry=lines, crs=area.crs)
    had = area.walkways if area.walkways is not None else new.iloc[:0]
    return area.replace(walkways=pd.concat([had, new], ignore_index=True))


def _with_facilities(area):
    """One more of every category, in the middle of a zone."""
    kinds = sorted(set(area.facilities["category"]))
    x, y = shapely.get_coordinates(area.zones.geometry.iloc[:1].representative_point())[0]
    new = gpd.GeoDataFrame(
        {"category": kinds}, geometry=shapely.points(np.full(len(kinds), x), np.full(len(kinds), y)), crs=area.crs
    )
    return area.replace(facilities=pd.concat([area.facilities, new], ignore_index=True))
