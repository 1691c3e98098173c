"""The whole run on a city against OSMnx loading the same streets: wall time as a ratio, peak memory of each.

Usage: python benchmarks/newport_run.py CITY.osm.pbf [ROUNDS]
The extract is rewritten as XML first (not timed), since OSMnx reads no PBF.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import osmium

STUDY = Path(__file__).resolve().parents[1] / "tests" / "real" / "newport" / "study.toml"
# each side runs in its own process and prints the peak memory of that process, in kilobytes
PEAK = "\nimport resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
OURS = "from suizhou_geo.cli import app; app(['run', {study!r}, '--out', {out!r}], standalone_mode=False)"
THEIRS = "import osmnx; osmnx.graph_from_xml({xml!r})"


def timed(code: str) -> tuple[float, float]:
    """Run Python code in a new process; return its wall seconds and its peak memory in MB."""
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code + PEAK], capture_output=True, text=True, check=True)
    return time.perf_counter() - start, int(done.stdout.split()[-1]) / 1024


def main(extract: Path, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        xml = Path(folder) / "city.osm"
        with osmium.SimpleWriter(str(xml)) as writer:
            for thing in osmium.FileProcessor(str(extract)):
                writer.add(thing)
        ours = OURS.format(study=str(STUDY), out=str(Path(folder) / "results"))
        theirs = THEIRS.format(xml=str(xml))
        pairs = [(timed(ours), timed(theirs)) for _ in range(rounds)]
    ratios = [a[0] / b[0] for a, b in pairs]
    print(
        f"whole run:          {statistics.median(a[0] for a, _ in pairs):6.1f} s  {max(a[1] for a, _ in pairs):6.0f} MB"
    )
    print(
        f"graph_from_xml:     {statistics.median(b[0] for _, b in pairs):6.1f} s  {max(b[1] for _, b in pairs):6.0f} MB"
    )
    print(f"ratio, pair by pair: min {min(ratios):.2f}, median {statistics.median(ratios):.2f}, max {max(ratios):.2f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3)
