"""The run on a city out of a province's extract against the run on the city's own: CPU seconds as ratios, peak memory.

Usage: python benchmarks/province_run.py [MEGABYTES]
The province is drawn first (not timed): an extract of that size (300) that holds the bundled city whole.
"""

import resource
import runpy
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CITY = ROOT / "data/raw/invented_city"
PROVINCE = runpy.run_path(str(ROOT / "tests/province.py"))
PEAK = "\nimport resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
RUN = "from suizhou_geo.cli import app; app(['run', {study!r}, '--out', {out!r}, '--quiet'], standalone_mode=False)"


def timed(study: Path, folder: Path) -> tuple[float, float]:
    """Run a study in a new process; return its CPU seconds and its peak memory in MB."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code = RUN.format(study=str(study), out=str(folder / "results")) + PEAK
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, int(done.stdout.split()[-1]) / 1024


def main(megabytes: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(CITY, folder / "province")
        extract = folder / "province/city.osm.pbf"
        nodes = PROVINCE["write_province"](extract, CITY / "city.osm.pbf", least_bytes=megabytes * 1_000_000)
        print(f"extract: {extract.stat().st_size / 1e6:,.0f} MB, {nodes:,} nodes")
        alone, _ = timed(CITY / "study.toml", folder)
        for what in ("first run", "second run, from the cache"):
            seconds, peak_mb = timed(folder / "province/study.toml", folder)
            print(f"{what}: {seconds / alone:.2f} of the run on the city's own extract, {peak_mb:,.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
