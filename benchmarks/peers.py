"""Ours beside its peers: the same inputs in the same run, the answers held against each other before any time is told."""

from __future__ import annotations

import math
import runpy
import statistics
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import exactextract
import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import pandas as pd
import rasterio
import shapely
from scipy.sparse.csgraph import dijkstra

import suizhou_geo as sg
from benchmarks.timing import Taken, called, in_process, in_turn, quiet, spread, whole_run
from suizhou_geo.access.coverage import Supply, coverage_by_zone, covered_straight, service_areas
from suizhou_geo.access.demand import demand
from suizhou_geo.geometry.zonal import persons_by_zone
from suizhou_geo.sources.population import raster_population
from suizhou_geo.streets.centrelines import centrelines
from suizhou_geo.streets.network import Positions, StreetNetwork, positions, reached, walking_network

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared/data"
REACH_M = 1000.0
CATEGORIES = 12
BLOCKS, PARKS, BLOCK_M, ACROSS, METRES = 8_000, 500, 200.0, 90, "EPSG:4547"
CELLS, ZONES_ACROSS = 3_000, 32
MOTOR = ("motorway", "expressway", "arterial", "secondary", "branch", "local")
HEAD = (
    "| what | beside | ours, CPU s | theirs, CPU s | times less CPU | times less wall | the answers |",
    "|---|---|---|---|---|---|---|",
)


@dataclass(frozen=True)
class Duel:
    """One question put to both; `agree` takes both answers, says how near they are, and raises where they are not near."""

    what: str
    peer: str
    ours: Callable[[], Taken]
    theirs: Callable[[], Taken]
    agree: Callable[[Any, Any], str]
    rounds: int = 5

    def line(self) -> str:
        """Fight it out: a line of the table."""
        pairs = in_turn(self.ours, self.theirs, self.rounds)
        told = self.agree(pairs[0][0].answer, pairs[0][1].answer)
        cpu, wall = ([getattr(b, of) / getattr(a, of) for a, b in pairs] for of in ("cpu_s", "wall_s"))
        seconds = (statistics.median(side.cpu_s for side in sides) for sides in zip(*pairs, strict=True))
        peaks = [max(side.peak_mb for side in sides) for sides in zip(*pairs, strict=True)]
        if not math.isnan(peaks[0]):
            told += f"; at most {peaks[0]:,.0f} against {peaks[1]:,.0f} MB"
        ours_s, theirs_s = (f"{one:.3g}" for one in seconds)
        return f"| {self.what} | {self.peer} | {ours_s} | {theirs_s} | {spread(cpu)} | {spread(wall)} | {told} |"


def table() -> Iterator[str]:
    """The table, line by line."""
    yield from HEAD
    for duel in (
        *_nearest_facility(),
        _land_covered(),
        *_parks_of_blocks(),
        _persons_by_zone(),
        _persons_of_many_cells(),
        _one_street_one_line(),
        _whole_run(),
    ):
        yield duel.line()


def _area(city: str) -> sg.StudyArea:
    return sg.read_study(ROOT / "tests/real" / city / "study.toml").area


def _commonest(area: sg.StudyArea) -> pd.Series:
    """The kinds of facility there are most of, and how many."""
    return area.facilities["category"].value_counts().head(CATEGORIES)


def near(ours: Any, theirs: Any, within: float, unit: str = "m") -> str:
    """Hold distances against each other, what is beyond reach as if just there."""
    apart = float(np.abs(np.minimum(ours, REACH_M) - np.minimum(theirs, REACH_M)).max())
    if apart > within:
        raise AssertionError(f"the answers differ by {apart} {unit}")
    return f"differ by at most {apart:.1g} {unit}"


def _nearest_facility() -> Iterator[Duel]:
    """Every node of the streets to the nearest facility of each of twelve categories; where none is mapped, as many by lot."""
    newport = _area("newport")
    counts = _commonest(newport)
    for city in ("Newport", "Liège"):
        network = walking_network(newport if city == "Newport" else _area("liege")).without_barriers()
        if city == "Newport":
            points = [newport.facilities[newport.facilities["category"] == key].centroid for key in counts.index]
            near_node = shapely.STRtree(shapely.points(network.xy))
            nodes = [np.unique(near_node.nearest(of.to_numpy())) for of in points]
        else:
            lot = np.random.default_rng(0)
            nodes = [lot.choice(len(network.xy), count, replace=False) for count in counts]
        yield from _searches(f"{city}, {len(network.xy):,} nodes", network, nodes)


def _searches(where: str, network: StreetNetwork, nodes: list[Any]) -> Iterator[Duel]:
    given = [network.at_nodes.some(np.searchsorted(network.at_nodes.owner, some)) for some in nodes]
    points = [shapely.points(network.xy[some]) for some in nodes]
    edges = pd.DataFrame({"from": network.start, "to": network.end, "m": network.length_m})
    x, y = (pd.Series(of) for of in network.xy.T)
    graph = nx.Graph()
    for start, end, length_m in edges.itertuples(index=False):
        if not graph.has_edge(start, end) or graph[start][end]["weight"] > length_m:
            graph.add_edge(start, end, weight=length_m)
    whole = network.matrix(network.length_m)
    exact = np.array([dijkstra(whole, indices=some, min_only=True, limit=REACH_M) for some in nodes])
    prepared = replace(network)
    near(found(prepared, given), exact, 1e-9)

    def pandana() -> Any:
        import pandana as pdna

        with quiet():
            city = pdna.Network(x, y, edges["from"], edges["to"], edges[["m"]])
            for number, some in enumerate(nodes):
                city.set_pois(str(number), REACH_M, 1, x[some], y[some])
            return np.array([city.nearest_pois(REACH_M, str(n), num_pois=1)[1] for n in range(len(nodes))])

    def in_networkx() -> Any:
        ways = [nx.multi_source_dijkstra_path_length(graph, set(some.tolist()), cutoff=REACH_M) for some in nodes]
        return np.array([[way.get(node, np.inf) for node in range(len(network.xy))] for way in ways])

    def placed() -> Any:
        fresh = replace(network)
        return found(fresh, [positions(fresh, some) for some in points])

    def rounded(a: Any, b: Any) -> str:
        return near(a, b, 0.2) + ", which it rounds by; ours and SciPy's on all segments by 1e-9 at most"

    def exactly(a: Any, b: Any) -> str:
        return near(a, b, 1e-6)

    given_to_both = "nearest facility, 12 categories, every node, 1,000 m, positions given"
    theirs = "pandana: network, 12 queries"
    yield Duel(
        f"{given_to_both}, {where}",
        theirs,
        lambda: called(lambda: found(replace(network), given)),
        lambda: called(pandana),
        rounded,
    )
    yield Duel(
        f"the same with placing, {where}",
        "pandana: network, placing, 12 queries",
        lambda: called(placed),
        lambda: called(pandana),
        rounded,
    )
    yield Duel(
        f"the same, network at hand, {where}",
        "networkx, graph at hand",
        lambda: called(lambda: found(prepared, given)),
        lambda: called(in_networkx),
        exactly,
    )


def found(network: StreetNetwork, facilities: list[Positions]) -> Any:
    """How far every node is from the nearest facility of each category."""
    return np.array([reached(network, some, limit_m=REACH_M).node_m for some in facilities])


def _land_covered() -> Duel:
    """Hectares of residential land within 500 m of each of twelve kinds of facility, straight; the homes are cut once."""
    area = _area("newport")
    kinds = [area.facilities.geometry.to_numpy()[area.facilities["category"] == key] for key in _commonest(area).index]

    def ours() -> Any:
        homes = demand(replace(area))
        covered = [covered_straight(homes, Supply(of, np.full(len(of), 500.0))) for of in kinds]
        return np.array([(one.share * homes.cells["area_m2"]).sum() for one in covered]) / 1e4

    def theirs() -> Any:
        whole = gpd.GeoDataFrame(geometry=[area.zones.union_all()], crs=area.crs)
        homes = gpd.GeoDataFrame(geometry=[area.residential.union_all()], crs=area.crs).explode()
        homes = gpd.overlay(homes, whole, how="intersection")
        reach = (gpd.GeoDataFrame(geometry=[shapely.union_all(service_areas(of, 500.0))], crs=area.crs) for of in kinds)
        return np.array([gpd.overlay(homes, one, how="intersection").area.sum() for one in reach]) / 1e4

    def agree(a: Any, b: Any) -> str:
        apart = float(np.abs(a / b - 1).max())
        if apart > 1e-6:
            raise AssertionError(f"{a} against {b} ha")
        return f"{a.min():,.1f} to {a.max():,.1f} ha, which differ by at most {apart:.0e} of it"

    what = f"residential land within 500 m of each of {CATEGORIES} kinds of facility, Newport"
    return Duel(what, "geopandas.overlay", lambda: called(ours), lambda: called(theirs), agree)


def _parks_of_blocks() -> Iterator[Duel]:
    """The share of 8,000 drawn blocks within 500 m of 500 parks, straight: nothing known yet, and homes cut into cells."""
    random, end_m = np.random.default_rng(0), ACROSS * BLOCK_M
    west, south = (at.ravel() for at in np.meshgrid(np.arange(ACROSS) * BLOCK_M, np.arange(ACROSS) * BLOCK_M))
    squares = shapely.box(west, south, west + 0.9 * BLOCK_M, south + 0.9 * BLOCK_M)
    rounded = shapely.buffer(shapely.buffer(squares, -20.0), 20.0, quad_segs=8)[:BLOCKS]
    blocks = gpd.GeoDataFrame(geometry=rounded, crs=METRES)
    zones = gpd.GeoDataFrame(
        {"name": ["a"], "role": ["main_city"]}, geometry=[shapely.box(0, 0, end_m, end_m)], index=["a"], crs=METRES
    )
    places = shapely.points(random.uniform(0, end_m, (PARKS, 2)))
    parks = shapely.buffer(places, random.uniform(20, 120, PARKS), quad_segs=16)
    supply = Supply(parks, np.full(PARKS, 500.0))
    known = sg.StudyArea("a", zones, residential=blocks)
    demand(known)

    def ours(area: sg.StudyArea) -> float:
        return coverage_by_zone(area, covered_straight(demand(area), supply).share, of="land")[0] * 100.0

    def theirs() -> float:
        reach = gpd.GeoDataFrame(geometry=[shapely.union_all(service_areas(parks, 500.0))], crs=METRES)
        return float(gpd.overlay(blocks, reach, how="intersection").area.sum() / blocks.area.sum()) * 100.0

    for how, area in (("nothing known", lambda: replace(known)), ("homes cut already", lambda: known)):
        yield Duel(
            f"share of {BLOCKS:,} blocks within 500 m of {PARKS} parks, {how}",
            "geopandas.overlay",
            lambda area=area: called(partial(ours, area())),
            lambda: called(theirs),
            _share(1e-9, "%"),
        )


def _share(within: float, unit: str) -> Callable[[Any, Any], str]:
    def agree(ours: float, theirs: float) -> str:
        apart = abs(ours / theirs - 1)
        if apart > within:
            raise AssertionError(f"{ours} against {theirs} {unit}")
        return f"{ours:,.1f} and {theirs:,.1f} {unit}"

    return agree


def _persons_by_zone() -> Duel:
    """Persons in squares of 10 km from a raster of cells of 1 km in another coordinate system."""
    raster = DATA / "belgium_ghspop/POP.tif"
    corners = [(x, y) for x in range(60_000, 240_000, 10_000) for y in range(60_000, 220_000, 10_000)]
    squares = gpd.GeoDataFrame(
        {"name": "", "zone_id": [str(n) for n in range(len(corners))]},
        geometry=[shapely.box(x, y, x + 10_000, y + 10_000) for x, y in corners],
        crs=31370,
    ).set_index("zone_id")

    def ours() -> Any:
        return persons_by_zone(raster_population(raster, kind="count", zones=squares).layer, squares).to_numpy()

    def theirs() -> Any:
        import rasterstats

        shapes = squares.segmentize(500.0).to_crs("ESRI:54009").geometry
        return np.array(
            [row["sum"] or 0.0 for row in rasterstats.zonal_stats(shapes, str(raster), stats=["sum"], nodata=np.nan)]
        )

    def agree(a: Any, b: Any) -> str:
        told = _share(0.01, "persons in all")(a.sum(), b.sum())
        some = b > 1000
        return f"{told}; a square's differ by {np.median(np.abs(a[some] / b[some] - 1)):.1%} in the median (ours cut the cells)"

    return Duel(
        f"persons in {len(corners)} squares of 10 km from cells of 1 km",
        "rasterstats",
        lambda: called(ours),
        lambda: called(theirs),
        agree,
    )


def _persons_of_many_cells() -> Duel:
    """Persons in a thousand crooked zones from 9 million drawn cells of 3 seconds of arc, read and summed."""
    random, folder = np.random.default_rng(1), tempfile.TemporaryDirectory()
    raster = Path(folder.name) / "cells.tif"
    place = rasterio.Affine(1 / 1200, 0.0, 113.0, 0.0, -1 / 1200, 32.5)
    profile = {"driver": "GTiff", "height": CELLS, "width": CELLS, "count": 1, "dtype": "float32"}
    with rasterio.open(raster, "w", **profile, crs="EPSG:4326", transform=place) as file:
        file.write(random.gamma(0.3, 20.0, (CELLS, CELLS)).astype("float32"), 1)
    side = 2.4 / ZONES_ACROSS
    corners = np.stack(np.meshgrid(*[np.arange(ZONES_ACROSS + 1) * side] * 2), axis=-1)
    corners[1:-1, 1:-1] += random.uniform(-0.3, 0.3, (ZONES_ACROSS - 1, ZONES_ACROSS - 1, 2)) * side
    corners += (113.05, 30.05)
    rings = np.stack([corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]], axis=2).reshape(-1, 4, 2)
    drawn = gpd.GeoDataFrame(geometry=shapely.polygons(rings), crs=4326).segmentize(0.005)
    zones = gpd.GeoDataFrame(geometry=drawn.to_crs(METRES))

    def ours() -> Any:
        return persons_by_zone(raster_population(raster, kind="count", zones=zones).layer, zones).to_numpy()

    def theirs() -> Any:
        import rasterstats

        return np.array([row["sum"] for row in rasterstats.zonal_stats(drawn, str(raster), stats=["sum"], nodata=-1)])

    def exact() -> Any:
        return exactextract.exact_extract(str(raster), drawn.to_frame("geometry"), "sum", output="pandas")[
            "sum"
        ].to_numpy()

    def agree(a: Any, b: Any) -> str:
        told = _share(0.01, "persons in all")(a.sum(), b.sum())
        apart, wrong = np.abs(a / exact() - 1).max(), np.median(np.abs(b / a - 1))
        folder.cleanup()
        if apart > 1e-5:
            raise AssertionError(f"{apart} from exactextract")
        return f"{told}; a zone's differ by {wrong:.1%} in the median, ours and exactextract's by {apart:.0e} at most"

    return Duel(
        f"persons in {ZONES_ACROSS**2:,} zones from {CELLS**2 / 1e6:.0f} million cells",
        "rasterstats",
        lambda: called(ours),
        lambda: called(theirs),
        agree,
        rounds=3,
    )


def _one_street_one_line() -> Duel:
    """Kilometres of streets when every street is one line.

    Theirs is given the same roads cut where they meet, as it asks for: whole, it takes longer and merges fewer of them.
    """
    roads = _area("newport").roads
    motor = roads[roads["road_class"].isin(MOTOR)]
    cut = runpy.run_path(str(ROOT / "tests/real/test_neatnet_real.py"))["between_junctions"](motor)

    def ours() -> float:
        pieces = centrelines(motor)
        return float((pieces.length * pieces["weight"]).sum() / 1000)

    def theirs() -> float:
        import neatnet

        return float(neatnet.neatify(cut).length.sum() / 1000)

    return Duel(
        "one street, one line, Newport",
        "neatnet",
        lambda: called(ours),
        lambda: called(theirs),
        _share(0.02, "km"),
        rounds=3,
    )


def _whole_run() -> Duel:
    """All of `suizhou-geo run` on a city against only loading its streets: whole processes, libraries loaded, too."""
    folder = tempfile.TemporaryDirectory()
    xml, out = Path(folder.name) / "city.osm", Path(folder.name) / "results"
    with osmium.SimpleWriter(str(xml)) as writer:  # OSMnx reads no PBF
        for thing in osmium.FileProcessor(str(DATA / "newport/newport-2023-06-13.osm.pbf")):
            writer.add(thing)
    run = whole_run(ROOT / "tests/real/newport/study.toml", out)
    load = f"import osmnx; print(len(osmnx.graph_from_xml({str(xml)!r})))"

    def agree(_: Any, theirs: str) -> str:
        numbers = len(pd.read_csv(out / "scorecard.csv"))
        folder.cleanup()
        return f"ours {numbers} rows of a scorecard, map, layers; theirs a graph of {int(theirs):,} nodes"

    return Duel(
        "the whole run, Newport",
        "osmnx.graph_from_xml alone",
        lambda: in_process(run),
        lambda: in_process(load),
        agree,
        rounds=3,
    )
