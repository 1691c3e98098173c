"""Blocks on drawn grids whose sizes are mental arithmetic."""

import dataclasses

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import LineString, box

import suizhou_geo as sg
from suizhou_geo.errors import InputError
from suizhou_geo.measures.blocks import block_size
from suizhou_geo.streets.counted_roads import counted_streets

ORIGIN = (441_000.0, 3_507_000.0)
SQUARE = box(0, 0, 1000, 1000)


def grid(spacing_m=250.0, far_m=1000.0, without=()):
    """The bits of a square grid, but those whose middle is one of `without`."""
    at = np.arange(0, far_m + 1, spacing_m)
    bits = []
    for u in at:
        for v in at[:-1]:
            bits += [LineString([(u, v), (u, v + spacing_m)]), LineString([(v, u), (v + spacing_m, u)])]
    return [bit for bit in bits if bit.interpolate(0.5, normalized=True).coords[0] not in without]


@pytest.fixture
def town(drawn):
    """Return a function: streets, and layers as lists of shapes or (shapes, columns), to a study area."""

    def draw(streets, *, zones=(SQUARE,), **layers):
        outlines = drawn(list(zones), name=[f"z{i}" for i in range(len(zones))])
        given = {"residential": [SQUARE], "compounds": [], **layers}
        made = {}
        for name, layer in given.items():
            shapes, columns = layer if isinstance(layer, tuple) else (layer, {})
            made[name] = None if layer is None else drawn(shapes, **columns)
        return sg.StudyArea(
            "t",
            outlines.set_index(np.array([str(i) for i in range(len(zones))])),
            roads=drawn(streets, road_class=["branch"] * len(streets)),
            **made,
        )

    return draw


def whole_is_the_ratio_of_sums(measure):
    parts = (measure.by_zone * measure.denominator).sum()
    assert measure.value == pytest.approx(parts / measure.denominator.sum(), rel=1e-9)


@pytest.mark.slow
def test_no_block_of_a_grid_of_250_m_is_too_long(town):
    blocks = block_size(town(grid()))
    assert blocks.value == 0.0
    assert blocks.denominator.tolist() == pytest.approx([100.0])
    evidence = blocks.evidence
    assert len(evidence) == 16
    assert evidence["area_ha"].to_numpy() == pytest.approx(6.25)
    assert evidence["longest_side_m"].to_numpy() == pytest.approx(250.0)
    assert evidence["gain_rank"].isna().all()
    assert set(evidence["part"]) == {"block"}
    assert (blocks.low, blocks.high) == (0.0, 0.0)
    assert blocks.needs == ()


def test_one_street_removed_makes_one_block_of_500_by_250(town):
    blocks = block_size(town(grid(without=[(250.0, 125.0)])))
    assert blocks.value == pytest.approx(12.5 / 100)
    longest = blocks.evidence.sort_values("longest_side_m").iloc[-1]
    assert longest["over_limit"]
    assert longest["longest_side_m"] == pytest.approx(500.0)
    assert longest["area_ha"] == pytest.approx(12.5)
    assert longest["new_road_m"] == pytest.approx(250.0)
    assert longest["gain_rank"] == 1.0
    assert blocks.breakdown.loc["blocks", "whole"] == 15
    assert blocks.breakdown.loc["blocks_over_limit"].tolist() == [1, 1]
    assert blocks.breakdown.loc["blocks_over_limit_ha", "0"] == pytest.approx(12.5)


def test_a_dead_end_does_not_divide_a_block(town):
    stub = LineString([(250, 0), (250, 240)])
    assert block_size(town([*grid(without=[(250.0, 125.0)]), stub])).value == pytest.approx(0.125)


@pytest.mark.slow
@pytest.mark.parametrize(("side_m", "share"), [(300.0, 0.0), (300.4, 0.0), (301.0, 1.0)])
def test_300_m_is_within_the_limit(town, side_m, share):
    square = box(0, 0, 2 * side_m, 2 * side_m)
    area = town(grid(side_m, 2 * side_m), zones=[square], residential=[square])
    assert block_size(area).value == pytest.approx(share)


@pytest.mark.slow
@pytest.mark.parametrize("land_class", ["1001", "100102", "M", "M2", "industrial", "工业用地", "一类工业用地"])
def test_industrial_blocks_may_be_600_m_long(town, land_class):
    halves = [box(0, 0, 500, 1000), box(500, 0, 1000, 1000)]
    streets = [LineString([(500, 0), (500, 1000)]), LineString([(500, 500), (1000, 500)])]
    area = town(streets, land_use=([*halves], {"land_class": [land_class, land_class]}))
    blocks = block_size(area, use="industrial")
    assert sorted(blocks.evidence["longest_side_m"]) == pytest.approx([500.0, 500.0, 1000.0])
    assert blocks.value == pytest.approx(0.5)
    assert set(blocks.evidence["use"]) == {"industrial"}


@pytest.mark.slow
@pytest.mark.parametrize("land_class", ["07", "0901", "R2", "物流仓储用地", "MX"])
def test_other_land_is_not_industrial(town, land_class):
    blocks = block_size(town(grid(), land_use=([SQUARE], {"land_class": [land_class]})), use="industrial")
    assert np.isnan(blocks.value)
    assert blocks.by_zone.isna().all()
    assert "no block" in blocks.needs[0].en


@pytest.mark.slow
def test_the_median_of_a_divided_street_is_no_block(town):
    """Two rows of four blocks; the street between them has a median of 24 m, which the mean lines share out."""
    at = [0, 250, 500, 750, 1000]
    across = [LineString([(x, 0), (x, 238), (x, 262), (x, 500)]) for x in at]
    ways = [LineString([(x, 238) for x in at]), LineString([(x, 262) for x in reversed(at)])]
    outer = [LineString([(x, y) for x in at]) for y in (0, 500)]
    area = town([*across, *ways, *outer], zones=[box(0, 0, 1000, 500)])
    roads = area.roads.assign(
        oneway=[False] * 5 + [True] * 2 + [False] * 2, name=[None] * 5 + ["迎宾大道"] * 2 + [None] * 2
    )
    blocks = block_size(dataclasses.replace(area, roads=roads))
    assert blocks.evidence["area_ha"].to_numpy() == pytest.approx([6.25] * 8)
    assert blocks.value == 0.0


@pytest.mark.slow
def test_a_strip_between_the_last_street_and_the_outline_is_no_block(town):
    wider = box(-15, -15, 1015, 1015)
    blocks = block_size(town(grid(), zones=[wider], residential=[wider]))
    assert len(blocks.evidence) == 16
    assert blocks.value == 0.0


@pytest.mark.slow
@pytest.mark.parametrize(("side_m", "blocks", "islands"), [(31.0, 16, 1), (32.0, 17, 0)])
def test_a_face_of_less_than_a_tenth_of_a_hectare_is_a_traffic_island(town, side_m, blocks, islands):
    """A little square of streets in a corner of a block: 961 m2 or 1024 m2."""
    square = [
        LineString([(250, side_m), (250 + side_m, side_m)]),
        LineString([(250 + side_m, side_m), (250 + side_m, 0)]),
    ]
    measure = block_size(town([*grid(), *square]))
    assert len(measure.evidence) == blocks
    assert len(measure.notes) == islands
    assert measure.evidence["area_ha"].sum() == pytest.approx(100.0 - islands * side_m**2 / 1e4)
    if islands:
        assert measure.notes[0].en.startswith("1 strips and traffic islands")
        assert "together 0.10 ha" in measure.notes[0].en
        assert "另有 1 处" in measure.notes[0].zh


@pytest.mark.slow
def test_strips_and_islands_elsewhere_are_not_told(town):
    square = [LineString([(250, 30), (280, 30)]), LineString([(280, 30), (280, 0)])]
    homes = box(0, 500, 1000, 1000)
    assert block_size(town([*grid(), *square], residential=[homes])).notes == ()
    wider = town(grid(), zones=[box(-15, -15, 1015, 1015)], residential=[box(-15, -15, 1015, 1015)])
    assert block_size(wider).notes[0].en.startswith("1 strips")


@pytest.mark.slow
def test_the_island_before_a_roundabout_is_no_block(town):
    """A street across the middle of a square of 600 m, with a roundabout of 40 m in its middle and splayed legs."""
    turn = np.radians(np.arange(0, 361, 15))
    circle = np.column_stack([300 + 20 * np.cos(turn), 300 + 20 * np.sin(turn)]).round(3)
    legs = [LineString([circle[19], (330, 300)]), LineString([(330, 300), circle[5]])]
    arms = [LineString([(330, 300), (600, 300)]), LineString([(0, 300), circle[12]])]
    square = box(0, 0, 600, 600)
    area = town([LineString(circle), *legs, *arms], zones=[square], residential=[square])
    roads = area.roads.assign(
        oneway=[True] * 3 + [False] * 2, roundabout=[True] + [False] * 4, name=[None] + ["甲路"] * 4
    )
    measure = block_size(dataclasses.replace(area, roads=roads))
    assert measure.evidence["area_ha"].tolist() == pytest.approx([18.0, 18.0], rel=1e-3)
    assert measure.notes == ()


@pytest.mark.slow
def test_what_lies_beyond_the_last_street_is_a_block_up_to_the_outline(town):
    wider = box(0, 0, 1200, 1000)
    blocks = block_size(town(grid(), zones=[wider], residential=[wider]))
    assert len(blocks.evidence) == 17
    assert blocks.value == pytest.approx(20 / 120)


@pytest.mark.slow
def test_a_block_belongs_to_the_use_of_more_than_half_of_it(town):
    homes = [box(0, 0, 130, 250), box(100, 0, 130, 250), box(250, 0, 370, 250)]  # 52 % (drawn over itself) and 48 %
    blocks = block_size(town(grid(), residential=homes))
    assert len(blocks.evidence) == 1
    assert blocks.evidence.total_bounds[2] - ORIGIN[0] == pytest.approx(250.0)


@pytest.mark.slow
def test_streets_in_compounds_divide_no_block(town):
    streets = grid()
    area = town(streets, compounds=[box(200, 10, 300, 240)])
    inside = area.roads.geometry.interpolate(0.5, normalized=True).geom_equals_exact(
        shapely.Point(ORIGIN[0] + 250, ORIGIN[1] + 125), 0.1
    )
    assert inside.sum() == 1
    local = area.roads.assign(road_class=np.where(inside, "local", "branch"))
    assert block_size(dataclasses.replace(area, roads=local)).value == pytest.approx(0.125)


def test_a_block_in_two_zones_counts_in_each_with_its_part(town):
    halves = [box(0, 0, 400, 1000), box(400, 0, 1000, 1000)]
    blocks = block_size(town(grid(without=[(250.0, 125.0)]), zones=halves))
    assert blocks.denominator.tolist() == pytest.approx([40.0, 60.0])
    assert (blocks.by_zone * blocks.denominator).tolist() == pytest.approx([400 * 250 / 1e4, 100 * 250 / 1e4])
    whole_is_the_ratio_of_sums(blocks)
    assert blocks.breakdown.loc["blocks"].tolist() == [15, 7, 8]  # the columns 250-500 have 150 m in the first zone
    assert blocks.evidence.set_index("longest_side_m").sort_index()["zone_id"].iloc[-1] == "0"


@pytest.mark.slow
def test_a_new_street_is_worth_its_length_times_the_persons(town):
    """Two superblocks: 500 x 250 with 100 persons, 750 x 500 with 10: one more street of 250 m or of 500 m."""
    without = [
        (250.0, 125.0),
        *[(x, y) for x in (500.0, 750.0) for y in (625.0, 875.0)],
        (375.0, 750.0),
        (625.0, 750.0),
    ]
    streets = grid(without=[*without, (875.0, 750.0)])
    people = ([box(0, 0, 500, 250), box(250, 500, 1000, 1000)], {"persons": [100, 10]})
    ranked = block_size(town(streets, population=people)).evidence.dropna(subset="gain_rank").set_index("gain_rank")
    assert ranked["persons"].sort_index().tolist() == pytest.approx([100.0, 10.0])
    assert ranked["new_road_m"].sort_index().tolist() == pytest.approx([250.0, 500.0])
    alone = block_size(town(streets)).evidence.dropna(subset="gain_rank").set_index("gain_rank")
    assert alone["new_road_m"].sort_index().tolist() == pytest.approx([500.0, 250.0])
    assert alone["persons"].isna().all()


@pytest.mark.slow
@pytest.mark.parametrize("turned", [False, True])
def test_where_nobody_lives_the_longer_new_street_ranks_first(town, turned):
    without = [(250.0, 125.0), *[(x, y) for x in (500.0, 750.0) for y in (625.0, 875.0)]]
    without += [(375.0, 750.0), (625.0, 750.0), (875.0, 750.0)]
    if turned:
        without = [(1000.0 - x, 1000.0 - y) for x, y in without]
    measure = block_size(town(grid(without=without), population=([box(0, 500, 250, 750)], {"persons": [100]})))
    ranked = measure.evidence.dropna(subset="gain_rank").sort_values("gain_rank")
    assert ranked["persons"].tolist() == [0.0, 0.0]
    assert ranked["gain_rank"].tolist() == [1.0, 2.0]
    assert ranked["new_road_m"].tolist() == pytest.approx([500.0, 250.0])


@pytest.mark.slow
def test_a_block_is_called_by_the_two_streets_that_bound_it_furthest(town):
    """One block of 500 m x 250 m between 横0 and 横250, one of 250 m x 250 m, one whose streets have no names."""
    streets = [LineString([(0, 0), (1000, 0)]), LineString([(0, 250), (1000, 250)])]
    streets += [LineString([(x, 0), (x, 250)]) for x in (0, 500, 750)]
    streets += [LineString([(250, 250), (250, 1000)]), LineString([(250, 400), (1000, 400)])]
    area = town(streets)
    names = ["横0", "横250", "纵0", "纵500", None, None, None]
    told = block_size(dataclasses.replace(area, roads=area.roads.assign(name=names))).evidence
    by_area = told.assign(m2=(told["area_ha"] * 1e4).round()).sort_values("m2")
    assert by_area[["m2", "name"]].fillna("").to_numpy().tolist() == [
        [62500, "横0—横250"],
        [62500, "横0—横250"],
        [112500, "横250"],
        [125000, "横0—横250"],
        [187500, "横250"],
        [450000, ""],
    ]


@pytest.mark.slow
def test_persons_are_those_of_the_part_in_the_block(town):
    blocks = block_size(
        town(grid(), population=([box(0, 0, 500, 250), box(900, 900, 1100, 1000)], {"persons": [80, 60]}))
    )
    assert sorted(blocks.evidence["persons"])[-3:] == pytest.approx([30.0, 40.0, 40.0])
    assert blocks.evidence["persons"].sum() == pytest.approx(110.0)


@pytest.mark.parametrize(("use", "layer"), [("residential", "residential"), ("industrial", "land_use")])
def test_a_layer_not_given_is_no_data(town, use, layer):
    area = dataclasses.replace(town(grid()), **{layer: None})
    blocks = block_size(area, use=use)
    assert not blocks.has_data
    assert f"needs the layer {layer}" in blocks.needs[0].en
    assert "needs the layer roads" in block_size(dataclasses.replace(area, roads=None), use=use).needs[0].en


@pytest.mark.slow
def test_what_may_be_missing_opens_the_range(town):
    area = town(grid(without=[(250.0, 125.0)]))
    share = pytest.approx(0.125)
    for change, low, high in (
        ({"incomplete": frozenset({"roads"})}, 0.0, share),
        ({"incomplete": frozenset({"residential"})}, 0.0, 1.0),
        ({"compounds": None}, 0.0, share),
        ({"incomplete": frozenset({"parks"})}, share, share),
    ):
        blocks = block_size(dataclasses.replace(area, **change))
        assert (blocks.value, blocks.low, blocks.high) == (share, low, high)
        assert bool(blocks.needs) == ("parks" not in change.get("incomplete", ()))


@pytest.mark.slow
def test_moving_and_turning_change_nothing(town):
    area = town(grid(without=[(250.0, 125.0)]), population=([SQUARE], {"persons": [1600]}))
    told = block_size(area)

    def changed(change):
        layers = {
            name: layer.set_geometry(change(layer.geometry), crs=layer.crs)
            for name, layer in area.layers.items()
            if len(layer)
        }
        return block_size(dataclasses.replace(area, **layers))

    for other in (
        changed(lambda shapes: shapes.translate(1234.5, -987.6)),
        changed(lambda shapes: shapes.rotate(30, origin=ORIGIN)),
    ):
        assert other.value == pytest.approx(told.value, rel=1e-6)
        for column in ("area_ha", "longest_side_m", "persons", "new_road_m"):
            assert sorted(other.evidence[column]) == pytest.approx(sorted(told.evidence[column]), rel=1e-6)


def test_an_unknown_use_is_refused(town):
    with pytest.raises(InputError, match="commercial"):
        block_size(town(grid()), use="commercial")


@pytest.mark.slow
def test_counted_streets_are_those_of_the_density(town):
    area = town(grid())
    streets = counted_streets(area)
    counted_km = (streets.length * streets["weight"]).sum() / 1000
    assert counted_km == pytest.approx(10.0)
    assert counted_km == pytest.approx(sg.road_density(area).params["length_km"])
    assert isinstance(streets, gpd.GeoDataFrame)
    assert set(streets["street_class"]) == {"branch"}


@pytest.mark.slow
def test_a_city_has_as_much_in_blocks_of_either_use_as_land(invented_city):
    homes, works = (block_size(invented_city.area, use=use) for use in ("residential", "industrial"))
    for measure in (homes, works):
        whole_is_the_ratio_of_sums(measure)
        assert measure.evidence["area_ha"].sum() == pytest.approx(measure.denominator.sum(), rel=0.02)
        assert measure.breakdown.loc["blocks", "whole"] == len(measure.evidence)
        ranked = measure.evidence["gain_rank"].notna()
        assert (ranked == measure.evidence["over_limit"]).all()
    overlap = shapely.area(
        shapely.intersection(
            shapely.union_all(homes.evidence.geometry.to_numpy()), shapely.union_all(works.evidence.geometry.to_numpy())
        )
    )
    assert overlap == pytest.approx(0.0, abs=1.0)
    assert homes.evidence["persons"].sum() == pytest.approx(600_000, rel=0.2)
