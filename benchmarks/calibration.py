"""Whether the ranges hold: cities thinned on purpose, what is then told of them beside what is true of the full city."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import suizhou_geo as sg
from benchmarks.thinning import SHARES, WAYS, Way, sample, thinned
from suizhou_geo.model import Measure

ROOT = Path(__file__).resolve().parents[1]
CITIES: Mapping[str, Path] = {
    "invented city": ROOT / "data/raw/invented_city/study.toml",
    "Newport": ROOT / "tests/real/newport/study.toml",
}
TRIALS = 34  # of each share: about a hundred of each measure and way
FIRST_SEED = 1000  # what the rules were made by had seeds below
WORKERS = int(os.environ.get("CALIBRATION_WORKERS", "2"))
AWAY = 0.2  # how far beside the true value the two promises lie whose verdicts a range may decide
SECOND_SHARE = 0.7
_HAIR = 1e-9
_HEAD = (
    "| thinned | measure | way | trials | reckoned | on a guess | held | at 10, 30, 50% | from below | from above "
    "| width at 10, 30, 50% |"
)
_CHINESE = {
    "thinned": "拿掉的",
    "measure": "指标",
    "way": "方式",
    "trials": "次数",
    "reckoned": "有推算",
    "on a guess": "只凭假定",
    "held": "落在范围内",
    "at 10, 30, 50%": "拿掉 10、30、50% 时",
    "from below": "判出低两成",
    "from above": "判出高两成",
    "width at 10, 30, 50%": "拿掉 10、30、50% 时的范围宽",
    "facilities": "设施",
    "facilities, second source": "设施（有第二来源）",
    "parks": "公园",
    "branch roads": "支路",
    "homes": "居住用地",
    "at random": "随机",
    "by place": "成片",
    "by kind": "按类",
}
Measured = Callable[[sg.StudyArea], Measure]


@dataclass(frozen=True)
class Layer:
    """A layer to thin: `name` in the area, which of its rows are `mine`, of which `kinds` they are, what is measured then.

    `second`: the share of all facilities that a second source has, each by chance; 0 is none.
    """

    title: str
    name: str
    mine: Callable[[sg.StudyArea], npt.NDArray[np.bool_]]
    kinds: Callable[[sg.StudyArea], npt.NDArray[np.str_]]
    measures: Mapping[str, Measured]
    second: float = 0.0


def table(trials: int = TRIALS) -> Iterator[str]:
    """The calibration of each city, line by line: of each layer, measure and way how often the range held, what it decided.

    When a city is done it stands in the page "how sure" of the documentation as well, in both languages.
    """
    with ProcessPoolExecutor(WORKERS) as pool:
        for city in CITIES:
            waiting = {
                (title, way): [pool.submit(_tried, city, title, way, share, trials) for share in SHARES]
                for title, way in product(LAYERS, WAYS)
            }
            rows = [_HEAD, "|---|" + 10 * "---|"]
            yield from ("", f"### {city}", "", *rows)
            for (title, way), tried in waiting.items():
                by_share = [one.result() for one in tried]
                for measure in by_share[0]:
                    row = _row(f"{title} | `{measure}` | {way}", [found[measure] for found in by_share])
                    yield from row
                    rows += row
            _put_into_docs(city, rows)


def _row(start: str, by_share: list[npt.NDArray[np.float64]]) -> list[str]:
    """A line of the trials by share that gave a number; none where there are none.

    Held, and how wide, is told of those with a range that was reckoned; what is decided of all.
    """
    by_share = [tried[np.isfinite(tried[:, 1])] for tried in by_share]
    trials = np.concatenate(by_share)
    if not len(trials):
        return []
    reckoned = [tried[tried[:, 4] == 1.0] for tried in by_share]
    whole = np.concatenate(reckoned)
    true, _, low, high = by_share[0].T[:4]
    cells = [
        f"{len(trials)}",
        f"{np.mean(trials[:, 4]):.0%}",
        _mean(whole[:, 5]),
        _mean(_held(whole)),
        ", ".join(_mean(_held(tried)) for tried in reckoned),
        _mean(low > (1.0 - AWAY) * true),
        _mean(high < (1.0 + AWAY) * true),
        ", ".join(f"{np.median((t[:, 3] - t[:, 2]) / t[:, 0]):.2f}" if len(t) else "–" for t in reckoned),
    ]
    return [" | ".join([f"| {start}", *cells]) + " |"]


def _held(tried: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    true, _, low, high = tried.T[:4]
    return np.asarray((low <= true + _HAIR) & (true <= high + _HAIR))


def _mean(shares: npt.NDArray[Any]) -> str:
    return f"{np.mean(shares):.0%}" if len(shares) else "–"


def _put_into_docs(city: str, rows: list[str]) -> None:
    begin, end = f"<!-- begin: {city} -->", f"<!-- end: {city} -->"
    for lang in ("zh", "en"):
        page = ROOT / f"docs/{lang}/how_sure.md"
        told = "\n".join(rows)
        for english, chinese in _CHINESE.items() if lang == "zh" else ():
            told = told.replace(f"| {english} |", f"| {chinese} |").replace(f"| {english} |", f"| {chinese} |")
        before, _, rest = page.read_text("utf-8").partition(begin)
        page.write_text(f"{before}{begin}\n\n{told}\n\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def _tried(city: str, title: str, way: Way, share: float, trials: int) -> dict[str, npt.NDArray[np.float64]]:
    """Per measure a row of (true value, value, low, high, reckoned, on a guess) for each trial."""
    layer, area = LAYERS[title], _unsure(city, LAYERS[title].name)
    mine, kinds = layer.mine(area), layer.kinds(area)
    rows: dict[str, list[tuple[float, ...]]] = {name: [] for name in layer.measures}
    for seed in range(FIRST_SEED, FIRST_SEED + trials):
        thin = thinned(area, layer.name, way, share, seed=seed, mine=mine, kinds=kinds)
        if layer.second:
            thin = thin.replace(facilities_check=sample(area.layers["facilities"], layer.second, seed=seed))
        for name, measured in layer.measures.items():
            told = measured(thin)
            rows[name].append((_true(city, title, name), told.value, *_range(told)))
    return {name: np.array(tried) for name, tried in rows.items()}


def _range(told: Measure) -> tuple[float, float, float, float]:
    """The likely range, whether it was reckoned, whether it rests on a guess; what is open at all where nothing is reckoned."""
    if told.likely is None or told.thin is not None:
        return told.low, told.high, 0.0, 0.0
    low, high = max(told.low, told.likely.low), min(told.high, told.likely.high)
    return low, high, 1.0, float(told.likely.is_assumed)


@cache
def full(city: str) -> sg.StudyArea:
    """The full city, everything in it said to be complete: what is true of it is what is told of it then."""
    return sg.read_study(CITIES[city]).area.replace(incomplete=frozenset())


@cache
def _unsure(city: str, layer: str) -> sg.StudyArea:
    """The full city, with a layer not said to be complete: what it is made of is then remembered for all that is thinned."""
    return full(city).replace(incomplete=frozenset({layer}))


@cache
def _true(city: str, title: str, name: str) -> float:
    return LAYERS[title].measures[name](full(city)).value


def _all(name: str) -> Callable[[sg.StudyArea], npt.NDArray[np.bool_]]:
    return lambda area: np.ones(len(area.layers[name]), dtype=bool)


def _column(name: str, column: str) -> Callable[[sg.StudyArea], npt.NDArray[np.str_]]:
    return lambda area: area.layers[name][column].fillna("").to_numpy(dtype=str)


def _sizes(name: str, *limits_m2: float) -> Callable[[sg.StudyArea], npt.NDArray[np.str_]]:
    return lambda area: np.digitize(area.layers[name].area, limits_m2).astype(str)


def _service(key: str, **how: Any) -> Measured:
    return lambda area: sg.service_coverage(area, key, **how)


SERVICES = {key: _service(key) for key in ("primary_school", "health_centre", "community_shops")}
COMPLIANCE: Mapping[str, Measured] = {"life_circle_compliance": sg.life_circle_compliance}
LAYERS: Mapping[str, Layer] = {
    layer.title: layer
    for layer in (
        Layer(
            "facilities",
            "facilities",
            _all("facilities"),
            _column("facilities", "category"),
            {**SERVICES, **COMPLIANCE},
        ),
        Layer(
            "facilities, second source",
            "facilities",
            _all("facilities"),
            _column("facilities", "category"),
            SERVICES,
            second=SECOND_SHARE,
        ),
        Layer(
            "parks",
            "parks",
            _all("parks"),
            _sizes("parks", 1e3, 4e3, 1e4, 5e4),
            {"park_coverage": sg.park_coverage, "park_area_per_capita": sg.park_area_per_capita},
        ),
        Layer(
            "branch roads",
            "roads",
            lambda area: area.layers["roads"]["road_class"].eq("branch").to_numpy(),
            _column("roads", "name"),
            {"road_density": sg.road_density},
        ),
        Layer(
            "homes",
            "residential",
            _all("residential"),
            _sizes("residential", 1e4, 3e4, 6e4),
            {
                "primary_school": SERVICES["primary_school"],
                "park_coverage": sg.park_coverage,
                "park_coverage, persons": lambda area: sg.park_coverage(area, of="persons"),
            },
        ),
    )
}
