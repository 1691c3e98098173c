"""The layer behind a number makes it again: by its rows alone, in every zone, to the last digit that is shown."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from shapely import box
from shapely.geometry import Point

import suizhou_geo as sg
from suizhou_geo.geometry.zonal import cut_areas

COVERAGES = ("park_coverage", "service_coverage", "walk_time_coverage", "greenway_coverage", "charger_coverage")
# what has no rows to add up: a 95th percentile over pairs, whose evidence shows how far the centre reaches
OTHERWISE = ("commute_30min_city",)


def _sum(rows, column, zones):
    column = rows[column] if isinstance(column, str) else pd.Series(column, index=rows.index)
    return column.astype(float).groupby(rows["zone_id"].astype(str)).sum().reindex(zones.index, fill_value=0.0)


def _ones(rows, zones):
    return _sum(rows, np.ones(len(rows)), zones)


def _covered(rows, of, zones):
    rows = rows[rows["zone_id"].notna() & (rows["zone_id"] != "") & ~rows["part"].isin(["service_area", "park"])]
    size = rows["persons" if of == "persons" else "area_ha"]
    share = rows["part"].isin(["covered", "elsewhere_covered"]).astype(float)
    if "covered_share" in rows:
        share = rows["covered_share"]
    return _sum(rows, size * share, zones), _sum(rows, size, zones)


def _homes(measure, zones):
    return _covered(measure.evidence, measure.params["of"], zones)


def _complied(measure, zones):
    rows = measure.evidence
    size = rows["persons"] if measure.params["of"] == "persons" else rows["area_m2"]
    return _sum(rows, size * rows["complied_share"], zones), _sum(rows, size, zones)


def _short(measure, zones):
    rows = measure.evidence
    return _sum(rows, rows["persons"] * rows["part"].ne("places_enough"), zones), _sum(rows, "persons", zones)


def _over(column, scale):
    return lambda measure, zones: (_sum(measure.evidence, column, zones) * scale, measure.denominator)


def _added(column, scale=1.0):
    return lambda measure, zones: (_sum(measure.evidence, measure.evidence[column].fillna(0.0), zones) * scale, None)


def _counted(*parts):
    def count(measure, zones):
        rows = measure.evidence
        return _ones(rows[rows["part"].isin(parts)] if parts else rows, zones), None

    return count


def _share_of_parts(part, column):
    def share(measure, zones):
        rows = measure.evidence
        size = rows[column] if column else pd.Series(1.0, index=rows.index)
        return _sum(rows, size * rows["part"].eq(part), zones), _sum(rows, size, zones)

    return share


def _density(measure, zones):
    rows = measure.evidence.assign(zone_id=measure.evidence.index)
    return _sum(rows, "persons", zones), _sum(rows, "area_km2", zones)


def _blocks(measure, zones):
    parts = cut_areas(measure.evidence, zones)
    over = measure.evidence["over_limit"].to_numpy()[parts["row"]]
    return _sum(parts, parts.area * over, zones), _sum(parts, parts.area, zones)


def _communities(measure, zones):
    return _share_of_parts("community_complete", "persons" if measure.params["of"] == "persons" else "")(measure, zones)


def _sidewalks(measure, zones):
    judged = measure.evidence[measure.evidence["result"].ne("not_judged")]
    passes = judged["length_m"] * judged["result"].eq("passes")
    return _sum(judged, passes, zones), _sum(judged, "length_m", zones)


def _inside(measure, zones):
    return zones.intersection(measure.evidence.geometry.iloc[0]).area / 1e6


def _strokes(measure, _):
    rows = measure.evidence
    mine = rows["direction"].eq(measure.key.removeprefix("arterial_grid_")) & rows["through"].eq(True)
    return rows.loc[mine & rows["part"].eq("stroke"), "stroke"].nunique()


# per family: what is summed by zone and what it is divided by (None: nothing); or, where no zone has a number, the whole
RECIPES = {
    **dict.fromkeys((*COVERAGES, "emergency_reach"), _homes),
    "life_circle_compliance": _complied,
    "places_short": _short,
    "road_density": _over("counted_m", 1e-3),
    "population_density": _density,
    **dict.fromkeys(("construction_land_per_capita", "land_per_capita"), _over("area_ha", 1.0)),
    **dict.fromkeys(("park_area_per_capita", "industrial_land_in_development_zones"), _over("area_ha", 1.0)),
    "places_per_thousand": _over("places", 1.0),
    "industrial_land": _added("area_ha", 15.0),  # mu
    "built_up_area": _added("area_ha", 0.01),  # km2
    **dict.fromkeys(("charging_points", "parking_spaces"), _added("count")),
    "core_area": lambda measure, zones: (_inside(measure, zones), None),
    "bus_stop_coverage": lambda measure, zones: (_inside(measure, zones), zones.area / 1e6),
    "block_size": _blocks,
    "dead_ends": _counted("dead_end"),
    "community_gaps": _counted("community_gap"),
    **dict.fromkeys(("complete_communities_advanced", "pocket_parks"), _counted()),
    "complete_community_coverage": _communities,
    "historic_plaque_share": _share_of_parts("plaque", ""),
    "river_green": _share_of_parts("bank_green", "counted_m"),
    "sidewalk_compliance": _sidewalks,
}
OF_THE_WHOLE = {
    "dead_ends_opened": lambda measure, _: measure.evidence.query("state == 'open'")["name"].nunique(),
    "commute_1h_region": lambda measure, _: measure.evidence["minutes"].max(),
    "arterial_grid_north_south": _strokes,
    "arterial_grid_east_west": _strokes,
}


def remade(measure, zones):
    """The number by zone (None: no zone has one) and of the whole, from the evidence."""
    if measure.family in OF_THE_WHOLE:
        return None, float(OF_THE_WHOLE[measure.family](measure, zones))
    part, whole = RECIPES[measure.family](measure, zones)
    if whole is None:
        return part, float(part.sum())
    return part / whole.where(whole > 0), float(part.sum() / whole.sum()) if whole.sum() > 0 else np.nan


@pytest.mark.slow
def test_every_evidence_makes_its_number_again(measured):
    study, measures = measured("invented_city")
    zones, wrong = study.area.zones, []
    told = [m for m in measures if m.evidence is not None and m.has_data and m.family not in OTHERWISE]
    for measure in told:
        by_zone, value = remade(measure, zones)
        same = np.isclose(value, measure.value, rtol=1e-9, atol=1e-9)
        if by_zone is not None:
            same &= np.allclose(by_zone.fillna(-1.0), measure.by_zone.fillna(-1.0), rtol=1e-9, atol=1e-9)
        if not same:
            wrong.append((measure.key, measure.profile, measure.value, value))
    assert not wrong
    assert len({measure.family for measure in told}) >= 30


@pytest.fixture
def town(drawn):
    """Of 1,000 persons 500 live on the two homes of the west, 100 there beside them, 400 in the east, which has none."""
    zones = drawn([box(0, 0, 1000, 1000), box(1000, 0, 2000, 1000)], name=["西", "东"])
    return sg.StudyArea(
        "t",
        zones.set_index(np.array(["1", "2"])),
        residential=drawn([box(0, 0, 100, 100), box(900, 0, 1000, 100)]),
        population=drawn(
            [box(0, 0, 1000, 500), box(200, 600, 300, 700), box(1200, 0, 1400, 100)], persons=[500.0, 100.0, 400.0]
        ),
        parks=drawn([box(0, 200, 100, 300), box(1200, 200, 1300, 250)], name=["甲", "乙"]),
        facilities=drawn([Point(1300, 50)], category=["kindergarten"]),
    )


@pytest.mark.parametrize("of", ["land", "persons"])
def test_persons_outside_residential_land_stay_in_the_evidence(town, of):
    for measure in (sg.park_coverage(town, of=of), sg.service_coverage(town, "kindergarten", of=of)):
        rows = measure.evidence
        assert rows["persons"].sum() == pytest.approx(1000.0)
        elsewhere = rows[rows["part"].isin(["elsewhere_covered", "elsewhere_uncovered"])]
        assert (elsewhere["area_ha"].sum(), elsewhere["persons"].sum()) == (0.0, pytest.approx(500.0))
        by_zone, value = remade(measure, town.zones)
        assert value == pytest.approx(measure.value)
        assert by_zone.fillna(-1).to_list() == pytest.approx(measure.by_zone.fillna(-1).to_list())
    assert sg.life_circle_compliance(town, of=of).evidence["persons"].sum() == pytest.approx(1000.0)


def test_without_population_nobody_is_elsewhere(town):
    measure = sg.park_coverage(dataclasses.replace(town, population=None))
    assert not measure.evidence["part"].str.startswith("elsewhere").any()
