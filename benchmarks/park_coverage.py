"""Straight-line park coverage of 8,000 blocks by 500 parks against `geopandas.overlay` with the union of the buffers.

Usage: python benchmarks/park_coverage.py [ROUNDS]
Blocks and parks are drawn first (not timed). Cold: nothing is known of the area yet; warm: its homes are cut into cells
already, as for any measure but the first. CPU seconds as ratios, and how far the shares are apart.
"""

import statistics
import sys
import time
from collections.abc import Callable

import geopandas as gpd
import numpy as np
import shapely

from suizhou_geo.access.coverage import Supply, coverage_by_zone, covered_straight, service_areas
from suizhou_geo.access.demand import demand
from suizhou_geo.study_area import StudyArea

CRS, SIDE_M, ACROSS, PARKS, RADIUS_M = "EPSG:4547", 200.0, 90, 500, 500.0


def drawn() -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, np.ndarray]:
    """Zones of a square city, its rounded blocks, and its parks."""
    random = np.random.default_rng(0)
    west, south = np.meshgrid(np.arange(ACROSS) * SIDE_M, np.arange(ACROSS) * SIDE_M)
    blocks = shapely.box(west.ravel(), south.ravel(), west.ravel() + 180.0, south.ravel() + 180.0)
    blocks = shapely.buffer(shapely.buffer(blocks, -20.0), 20.0, quad_segs=8)[:8000]
    end = ACROSS * SIDE_M
    zones = gpd.GeoDataFrame(
        {"name": ["a"], "role": ["main_city"]}, geometry=[shapely.box(0, 0, end, end)], index=["a"], crs=CRS
    )
    places = shapely.points(random.uniform(0, end, (PARKS, 2)))
    parks = shapely.buffer(places, random.uniform(20, 120, PARKS), quad_segs=16)
    return zones, gpd.GeoDataFrame(geometry=blocks, crs=CRS), parks


def timed(work: Callable[[], float]) -> tuple[float, float]:
    """The CPU seconds of a piece of work, and its result."""
    start = time.process_time()
    share = work()
    return time.process_time() - start, share


def main(rounds: int) -> None:
    zones, blocks, parks = drawn()
    supply = Supply(parks, np.full(len(parks), RADIUS_M))

    def ours(area: StudyArea) -> float:
        return coverage_by_zone(area, covered_straight(demand(area), supply).share, of="land")[0]

    def theirs() -> float:
        reach = gpd.GeoDataFrame(geometry=[shapely.union_all(service_areas(parks, RADIUS_M))], crs=CRS)
        return float(gpd.overlay(blocks, reach, how="intersection").area.sum() / blocks.area.sum())

    cold, warm, apart = [], [], []
    for _ in range(rounds):
        overlay_s, overlay_share = timed(theirs)
        area = StudyArea(name="a", zones=zones, residential=blocks)
        cold_s, share = timed(lambda area=area: ours(area))
        warm_s, _ = timed(lambda area=area: ours(area))
        cold.append(overlay_s / cold_s)
        warm.append(overlay_s / warm_s)
        apart.append(abs(share - overlay_share))
        print(f"overlay {overlay_s:.2f} s, cold {cold_s:.2f} s, warm {warm_s:.2f} s")
    for name, ratios in (("cold", cold), ("warm", warm)):
        print(f"{name}, times faster: min {min(ratios):.1f}, median {statistics.median(ratios):.1f}")
    print(f"shares apart by at most {max(apart):.1e}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
