"""Whether the ranges hold: cities thinned on purpose, what is then told of them beside what is true of the full city."""

from __future__ import annotations

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
TRIALS = 100
WORKERS = 2
AWAY = 0.2  # how far beside the true value the two promises lie whose verdicts a range may decide
SECOND_SHARE = 0.7
_HAIR = 1e-9
_BEGIN, _END = "<!-- calibration -->", "<!-- end of calibration -->"
_CHINESE = {
    "thinned": "拿掉的",
    "measure": "指标",
    "way": "方式",
    "gone": "拿掉",
    "trials": "次数",
    "held": "落在范围内",
    "from below": "判出低两成",
    "from above": "判出高两成",
    "width": "范围宽",
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
    """The calibration, line by line: of each layer, measure, way and share how often the range held, and what it decided.

    When it is done it stands in the page "how sure" of the documentation as well, in both languages.
    """
    head = "| thinned | measure | way | gone | trials | held | from below | from above | width |"
    rows, asked = [head, "|---|" + 8 * "---|"], list(product(LAYERS, WAYS, SHARES))
    yield from rows
    with ProcessPoolExecutor(WORKERS) as pool:
        waiting = [pool.submit(_tried, *one, trials) for one in asked]
        for (title, way, share), found in zip(asked, waiting, strict=True):
            for measure, tried in found.result().items():
                rows.append(_row(title, measure, way, share, tried))
                yield rows[-1]
    _put_into_docs(rows)


def _row(title: str, measure: str, way: Way, share: float, tried: npt.NDArray[np.float64]) -> str:
    told = tried[np.isfinite(tried[:, 1])]
    start = f"| {title} | `{measure}` | {way} | {share:.0%} | {len(told)} |"
    if not len(told):
        return f"{start} | | | |"
    true, _, low, high = told.T
    held = np.mean((low <= true + _HAIR) & (true <= high + _HAIR))
    below, above = np.mean(low > (1.0 - AWAY) * true), np.mean(high < (1.0 + AWAY) * true)
    return f"{start} {held:.0%} | {below:.0%} | {above:.0%} | {np.mean((high - low) / true):.2f} |"


def _put_into_docs(rows: list[str]) -> None:
    for lang in ("zh", "en"):
        page = ROOT / f"docs/{lang}/how_sure.md"
        told = "\n".join(rows)
        for english, chinese in _CHINESE.items() if lang == "zh" else ():
            told = told.replace(f"| {english} |", f"| {chinese} |")
        before, _, rest = page.read_text("utf-8").partition(_BEGIN)
        page.write_text(f"{before}{_BEGIN}\n\n{told}\n\n{_END}{rest.partition(_END)[2]}", encoding="utf-8")


def _tried(title: str, way: Way, share: float, trials: int) -> dict[str, npt.NDArray[np.float64]]:
    """Per measure a row of (true value, value, low, high) for each trial."""
    layer, area = LAYERS[title], _unsure(LAYERS[title].name)
    mine, kinds = layer.mine(area), layer.kinds(area)
    rows: dict[str, list[tuple[float, ...]]] = {name: [] for name in layer.measures}
    for seed in range(trials):
        thin = thinned(area, layer.name, way, share, seed=seed, mine=mine, kinds=kinds)
        if layer.second:
            thin = thin.replace(facilities_check=sample(area.layers["facilities"], layer.second, seed=seed))
        for name, measured in layer.measures.items():
            told = measured(thin)
            rows[name].append((_true(title, name), told.value, *_reckoned(told)))
    return {name: np.array(tried) for name, tried in rows.items()}


def _reckoned(told: Measure) -> tuple[float, float]:
    """The likely range, also where it rests on a guess and no verdict is drawn from it; without one all that is open."""
    likely = told.likely
    return (told.low, told.high) if likely is None else (max(told.low, likely.low), min(told.high, likely.high))


@cache
def city() -> sg.StudyArea:
    return sg.read_study(ROOT / "data/raw/invented_city/study.toml").area


@cache
def _unsure(layer: str) -> sg.StudyArea:
    """The full city, with a layer not said to be complete: what it is made of is then remembered for all that is thinned."""
    return city().replace(incomplete=frozenset({layer}))


@cache
def _true(title: str, name: str) -> float:
    return LAYERS[title].measures[name](city()).value


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
