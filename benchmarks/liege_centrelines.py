"""Centrelines of Liège (79,907 edges, no names, no one-way) against neatnet: wall time as a ratio, peak memory of each.

Usage: python benchmarks/liege_centrelines.py LIEGE/original.parquet [ROUNDS]
Both sides run as whole processes in turn, reading the file included.
"""

import statistics
import sys
from pathlib import Path

from newport_run import timed

OURS = """
import geopandas as gpd
from suizhou_geo.streets.centrelines import centrelines
from suizhou_geo.standards import table
streets = gpd.read_parquet({path!r}).to_crs(31370)
classes = table("road_classes")["osm_highway"]
road_class = streets["highway"].astype(str).str.removesuffix("_link").map(classes).fillna("local")
pieces = centrelines(streets[["geometry"]].assign(road_class=road_class.to_numpy()))
assert (pieces.length * pieces["weight"]).sum() > 2e6
"""
THEIRS = """
import warnings; warnings.simplefilter("ignore")
import geopandas as gpd, neatnet
streets = gpd.read_parquet({path!r}).to_crs(31370)
assert neatnet.neatify(streets).length.sum() > 2e6
"""


def main(path: str, rounds: int) -> None:
    pairs = [(timed(OURS.format(path=path)), timed(THEIRS.format(path=path))) for _ in range(rounds)]
    ratios = [b[0] / a[0] for a, b in pairs]
    print(f"centrelines: {statistics.median(a[0] for a, _ in pairs):7.1f} s  {max(a[1] for a, _ in pairs):6.0f} MB")
    print(f"neatnet:     {statistics.median(b[0] for _, b in pairs):7.1f} s  {max(b[1] for _, b in pairs):6.0f} MB")
    print(
        f"times faster, pair by pair: min {min(ratios):.1f}, median {statistics.median(ratios):.1f}, max {max(ratios):.1f}"
    )


if __name__ == "__main__":
    main(str(Path(sys.argv[1])), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
