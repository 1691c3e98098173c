"""The invented city: a generator whose true answers are known.

A city of about 63 km2 and 600,000 people stands where Suizhou stands, with one main city and three districts and the
real difficulties in it: dual carriageways and ramps, gated compounds, streets on zone borders, parks in pieces, a
riverside ribbon, dead ends at the railway, bridges few and far between. It is written in real formats, so the whole
pipeline reads it as it reads a planner's data; and because it is generated, the right answers are known and stand
beside it in truth.json. Everything about it is invented and says so.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path

import shapely

from suizhou_geo.errors import InputError, OutputError, reason
from suizhou_geo.invented_city import land, people
from suizhou_geo.invented_city.city import City
from suizhou_geo.invented_city.counties import county_roads
from suizhou_geo.invented_city.files import write_files
from suizhou_geo.invented_city.registers import registers
from suizhou_geo.invented_city.streets import lay
from suizhou_geo.invented_city.truth import Truth, truth

__all__ = ["City", "Truth", "city", "truth", "write_city"]


def city(seed: int = 0) -> City:
    """The invented city of one seed, as centrelines, polygons and points in EPSG:4547."""
    ground = lay(seed)
    areas = land.zones(ground)
    whole = shapely.union_all([zone.outline for zone in areas])
    settled = land.settle(ground, areas, seed=seed)
    streets = (*ground.streets, *county_roads(ground.streets, seed=seed))
    made = City(
        **{**vars(ground), "streets": streets},
        seed=seed,
        zones=areas,
        land=settled,
        facilities=people.facilities(settled, whole, ground.best_link, seed=seed),
        population=people.population(settled, whole, ground.best_link, seed=seed),
    )
    return replace(made, registers=registers(made))


def write_city(folder: Path, *, seed: int = 0) -> Truth:
    """Write the invented city of one seed as a complete study into `folder`, and return what is true of it.

    The study is written aside first and then put in place, so that a half-written one never remains. The same seed
    always gives the same study.

    Raises:
        OutputError: `folder` holds something else than an earlier sample, or cannot be written.
    """
    if seed < 0:
        raise InputError(
            f"随机种子为 {seed}；请给出零或正整数", f"the seed is {seed}; give zero or a whole number above it"
        )
    folder = Path(folder).resolve()
    try:
        _refuse_foreign(folder)
        made = city(seed)
        true = truth(made)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as aside:
            fresh = Path(aside, "fresh")
            fresh.mkdir()
            write_files(fresh, made, true)
            _put(fresh, folder, Path(aside, "earlier"))
    except OutputError:
        raise
    except OSError as error:
        why = reason(error)
        raise OutputError(
            f"{folder} 无法写入（{why.zh}）；请换一个文件夹",
            f"{folder} cannot be written ({why.en}); choose another folder",
        ) from error
    return true


def _put(fresh: Path, folder: Path, earlier: Path) -> None:
    """Move the new folder into place; what stood there goes aside, and comes back if that fails."""
    if folder.exists():
        folder.rename(earlier)
    try:
        fresh.rename(folder)
    except BaseException:
        if earlier.exists():
            earlier.rename(folder)
        raise


def _refuse_foreign(folder: Path) -> None:
    """Refuse a folder that someone else's files are in."""
    if folder.exists() and not folder.is_dir():
        raise OutputError(
            f"{folder} 是文件；请给出一个新的或空的文件夹来存放示例",
            f"{folder} is a file; name a new or empty folder for the sample",
        )
    if folder.exists() and any(folder.iterdir()) and not _is_sample(folder):
        raise OutputError(
            f"{folder} 里有不属于以往示例的文件；请给出一个新的或空的文件夹",
            f"{folder} holds files that are not an earlier sample; name a new or empty folder",
        )


def _is_sample(folder: Path) -> bool:
    try:
        return json.loads((folder / "truth.json").read_text(encoding="utf-8")).get("invented") is True
    except (OSError, ValueError, AttributeError):
        return False
