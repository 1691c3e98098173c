"""A province's extract of 300 MB and a raster of 20,000 x 20,000 cells round a city: little memory, the same layers."""

import json
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio import Affine
from rasterio.windows import Window

ROOT = Path(__file__).resolve().parents[1]
CITY = ROOT / "data/raw/invented_city"
PROVINCE = runpy.run_path(str(Path(__file__).with_name("province.py")))
SIDE, ROW, COLUMN = 20_000, 9_000, 7_000  # cells; where the city's own raster lies in the large one
MOST_MB = 1_000
# in a process of its own: the peak of its memory in MB, each layer as a hash, how often an extract was gone through
READ = """
import hashlib, json, sys
import suizhou_geo as sg
from suizhou_geo.sources import osm_kept
passes, read = [], osm_kept.read_objects
osm_kept.read_objects = lambda *file, **how: (passes.append(1), read(*file, **how))[1]
area = sg.read_study(sys.argv[1]).area
layers = {n: hashlib.sha256(repr(v.to_wkb().to_dict("list")).encode()).hexdigest() for n, v in area.layers.items()}
status = dict(line.split(":", 1) for line in open("/proc/self/status"))  # ru_maxrss may be that of who started it
peak_mb = int(status["VmHWM"].split()[0]) / 1024
print(json.dumps([peak_mb, layers, len(passes)]))
"""


def write_raster(path: Path) -> None:
    """Write the city's raster into a large one of persons everywhere, row by row as many programs do: 1.6 GB."""
    with rasterio.open(CITY / "population.tif") as city:
        cells, profile = city.read(1), city.profile
        (width, height), corner = city.res, city.bounds
        moved = Affine(width, 0, corner.left - COLUMN * width, 0, -height, corner.top + ROW * height)
    profile = {k: profile[k] for k in ("driver", "dtype", "nodata", "count", "crs")}
    with rasterio.open(path, "w", **profile, width=SIDE, height=SIDE, transform=moved) as raster:
        for row in range(0, SIDE, 1_000):
            raster.write(np.full((1_000, SIDE), 3, dtype=cells.dtype), 1, window=Window(0, row, SIDE, 1_000))
        raster.write(cells, 1, window=Window(COLUMN, ROW, cells.shape[1], cells.shape[0]))


def _read(folder: Path):
    study = str(folder / "study.toml")
    done = subprocess.run([sys.executable, "-c", READ, study], cwd=folder, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_a_province_is_read_in_little_memory_and_is_the_city(tmp_path):
    shutil.copytree(CITY, tmp_path / "city")
    shutil.copytree(CITY, tmp_path / "province")
    extract, raster = tmp_path / "province/city.osm.pbf", tmp_path / "province/population.tif"
    PROVINCE["write_province"](extract, CITY / "city.osm.pbf", least_bytes=300_000_000)
    write_raster(raster)
    assert extract.stat().st_size > 300_000_000
    assert raster.stat().st_size > 4 * SIDE**2

    peak_mb, layers, passes = _read(tmp_path / "province")
    again_mb, kept, passes_again = _read(tmp_path / "province")
    _, city, _ = _read(tmp_path / "city")

    assert (passes, passes_again) == (1, 0)
    assert layers == kept == city
    assert max(peak_mb, again_mb) < MOST_MB
