"""Many cities in one go, in the hand: measured side by side, gathered into one table, ranked, drawn on one map."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from suizhou_geo.assessment.phrases import left_open_text, promise
from suizhou_geo.assessment.rows import STATUSES
from suizhou_geo.assessment.snapshot import Snapshot, snapshot
from suizhou_geo.assessment.wording import amount, profile_words, status_words
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors import InputError, SuizhouGeoError, speaking
from suizhou_geo.errors.text import Lang, Text, language
from suizhou_geo.outputs.batch.page import report_page
from suizhou_geo.outputs.batch.ranks import ranks
from suizhou_geo.outputs.batch.working import Done, Task, worked
from suizhou_geo.outputs.folder import BATCH, results_folder
from suizhou_geo.outputs.scorecard_files import write_json
from suizhou_geo.sources.cities import by_name, read_cities
from suizhou_geo.sources.results import read_results
from suizhou_geo.sources.workbooks import shown_as_text

ALL = "all_cities"  # the folder of what is said of all of them, beside the folder of each
_say = speaker("batch")


@dataclass(frozen=True, eq=False)
class City:
    """One city of a batch: how its task ended, where its results lie, and how its promises stood (None where it failed)."""

    done: Done
    study: Path
    folder: Path
    taken: Snapshot | None

    @property
    def name(self) -> Text:
        """What the city is called in tables; that its data are invented always with it."""
        if self.taken is None:
            return Text(self.done.city, self.done.city)
        label, study = self.taken.label, self.taken.study
        return Text(label.zh + study.zh, label.en + study.en)

    @property
    def tally(self) -> Mapping[str, int]:
        """How many promises are met, missed, cannot be told, have no data."""
        standings = () if self.taken is None else self.taken.standings.values()
        return {status: sum(one.status == status for one in standings) for status in STATUSES}


@dataclass(frozen=True, eq=False)
class Batch:
    """Cities measured in one go.

    `cities` in the order of the list; `values` every number of every city, a row each; `table()` the tally of each city;
    `ranking("road_density")` the cities by one number; `map()` all of them on one map; `write(folder)` all of that as files.
    """

    name: Text
    cities: tuple[City, ...]
    lang: Lang = "zh"

    @property
    def failed(self) -> tuple[City, ...]:
        """The cities without results; `city.done.why` says why."""
        return tuple(city for city in self.cities if city.taken is None)

    @cached_property
    def measured(self) -> Mapping[City, Snapshot]:
        """The cities with results, each with how its promises stood."""
        return {city: city.taken for city in self.cities if city.taken is not None}

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The promises and measures of which any city has a number, those promised first, as the cities' plans order them."""
        every = [one for taken in self.measured.values() for one in taken.standings.values() if one.has_data]
        return tuple(dict.fromkeys(one.key for one in sorted(every, key=lambda one: not one.op)))

    @property
    def values(self) -> pd.DataFrame:
        """Every number of every city: `value`, `low`, `high` in `unit` (shares 0-1), what was asked, verdict, definition.

        `rank_low` to `rank_high` is the place (see `ranks.ranks`), 1 the best, among the cities that were measured `alike`.
        """
        return pd.concat([self._ranked(key) for key in self.keys], ignore_index=True) if self.keys else pd.DataFrame()

    def _ranked(self, key: str) -> pd.DataFrame:
        standing = {city: one for city, taken in self.measured.items() if (one := taken.standings.get(key))}
        placed = ranks(list(standing.values()), [self.measured[city].boundary for city in standing])
        return pd.DataFrame(
            {
                "city": city.done.city,
                "name_zh": city.name.zh,
                "name_en": city.name.en,
                "key": key,
                "measure_zh": one.name.zh,
                "measure_en": one.name.en,
                "unit": one.unit,
                "value": one.value,
                "low": one.low,
                "high": one.high,
                "op": one.op,
                "target": one.asked,
                "status": one.status,
                "profile": one.profile,
                "boundary": self.measured[city].boundary,
                "rank_low": place.low,
                "rank_high": place.high,
                "alike": place.alike,
            }
            for (city, one), place in zip(standing.items(), placed, strict=True)
        ).astype({"rank_low": "Int64", "rank_high": "Int64"})

    def table(self, *, lang: Lang | None = None) -> pd.DataFrame:
        """Return a row for each city in words: how many promises are met, missed, cannot be told; or why it failed."""
        told = lang or self.lang
        rows = [
            (city.name.speak(told), *city.tally.values(), "" if city.done.why is None else city.done.why.speak(told))
            for city in self.cities
        ]
        heads = [_say("city", told), *(status_words(status, told) for status in STATUSES), _say("failed", told)]
        table = pd.DataFrame(rows, columns=heads)
        return table if self.failed else table.drop(columns=heads[-1])

    def ranking(self, key: str, *, lang: Lang | None = None) -> pd.DataFrame:
        """Return the cities by one number in words, the best first; a place is a span where the numbers leave it open.

        Raises: InputError for a key no city has a number of.
        """
        told = lang or self.lang
        if key not in self.keys:
            raise InputError(
                f"没有“{key}”这一项；可用的有 {'、'.join(self.keys)}",
                f"there is no {key!r}; there are {', '.join(self.keys)}",
            )
        ranked = self._ranked(key).sort_values(["rank_low", "rank_high", "city"], na_position="last", kind="stable")
        definitions = len(set(ranked["profile"])) > 1
        rows = [
            (
                _place(one, told),
                one[f"name_{told}"],
                amount(one["value"], one["unit"], told, beside=one["target"]),
                left_open_text(one["value"], (one["low"], one["high"]), one["unit"], told, beside=one["target"])
                or _say("nothing", told),
                _target(one, told),
                status_words(one["status"], told) if one["status"] else _say("nothing", told),
                profile_words(one["profile"], told),
            )
            for one in ranked.to_dict("records")
        ]
        heads = [_say(head, told) for head in ("rank", "city", "value", "range", "target", "verdict", "definition")]
        table = pd.DataFrame(rows, columns=heads)
        return table if definitions else table.drop(columns=heads[-1])

    def measure_name(self, key: str, lang: Lang) -> str:
        """What a promise or a measure is called."""
        return next(one.name for taken in self.measured.values() if (one := taken.standings.get(key))).speak(lang)

    def map(self, *, lang: Lang | None = None) -> Any:
        """Return a folium.Map of the cities: a layer for each number, coloured by it, with values, places and verdicts."""
        from suizhou_geo.outputs.web_map.cities_map import cities_map  # folium loads only when a map is wanted

        runs = {city.done.city: taken for city, taken in self.measured.items()}
        return cities_map(runs, self.values, title=self.name, lang=lang or self.lang)

    def write(self, folder: Path | str, *, lang: Lang | None = None) -> None:
        """Write what is said of all cities into a folder, all of it or nothing.

        cities.csv (the tally of each), values.csv (`values`), both UTF-8 with BOM, map.html, report.html with every ranking,
        and batch.json with where the results of each lie and why others failed.

        Raises: OutputError where something cannot be written.
        """
        told = lang or self.lang
        with results_folder(Path(folder), BATCH) as fresh:
            for name, table in (("cities.csv", self.table(lang=told)), ("values.csv", self.values)):
                shown_as_text(table).to_csv(fresh / name, index=False, encoding="utf-8-sig")
            page = report_page(
                title=self.name.speak(told),
                tally=self.table(lang=told),
                rankings={self.measure_name(key, told): self.ranking(key, lang=told) for key in self.keys},
                lang=told,
            )
            (fresh / "report.html").write_text(page, encoding="utf-8")
            if self.measured:
                self.map(lang=told).save(fresh / "map.html")
            write_json(self._record(told), fresh / "batch.json")

    def _record(self, lang: Lang) -> Mapping[str, Any]:
        return {
            "name": self.name.speak(lang),
            "cities": [
                {
                    "city": city.done.city,
                    "study": str(city.study),
                    "results": str(city.folder),
                    "seconds": city.done.seconds,
                    "kept": city.done.kept,
                    "failed": "" if city.done.why is None else city.done.why.speak(lang),
                }
                for city in self.cities
            ],
        }

    def __repr__(self) -> str:
        """Say what was measured, and how many cities failed, on one line."""
        return f"Batch({self.name.speak(self.lang)}: {len(self.measured)}/{len(self.cities)})"

    def _repr_html_(self) -> str:
        return f"<h3>{escape(self.name.speak(self.lang))}</h3>{self.table().to_html()}"


def batch(
    cities: Path | str | Iterable[Path | str],
    *,
    out: Path | str,
    workers: int = 2,
    scheduler: str | None = None,
    full: bool = False,
    again: bool = False,
    lang: Lang | None = None,
    progress: Callable[[Done, int, int], None] | None = None,
) -> Batch:
    """Measure many studies side by side on a Dask cluster, and hold the cities against each other.

    `cities` is a list of cities (TOML, see `sources.cities.read_cities`) or the study files themselves. Each city is one task:
    its results lie in `out/<city>`, as `run` writes them (`full`: as `run --full`). A city whose results are there already,
    of the same files and this version, is not measured again unless `again`: what was broken off goes on where it stood. A
    city that fails is told with its reason and stops no other. Without the address of a `scheduler` the cluster is this
    machine, `workers` processes of it; with one its workers must see the same files under the same paths. `progress` is
    called with each task that ended, its number and how many there are. In a script of your own keep the call behind
    `if __name__ == "__main__":`, since the workers read the script too.

    Raises: InputError for a list that cannot be read, or where Dask or the scheduler is missing.

    >>> import suizhou_geo as sg
    >>> sg.batch("data/raw/no_list.toml", out="results", lang="en")
    Traceback (most recent call last):
    suizhou_geo.errors.InputError: no_list.toml: there is no file data/raw/no_list.toml; check the path...
    """
    name, own, studies = _listed(cities)
    told = lang or own
    with speaking(told):
        if workers < 1:
            raise InputError(
                f"workers 为 {workers}；请写 1 或更大的整数", f"workers is {workers}; give a whole number from 1"
            )
        if ALL in studies:
            raise InputError(
                f"城市不能叫“{ALL}”；请给文件夹换个名字", f"no city can be called {ALL!r}; rename its folder"
            )
        root = Path(out).absolute()
        tasks = [Task(city, study, root / city, lang, full, again) for city, study in studies.items()]
        ended = {}
        for done in worked(tasks, workers=workers, scheduler=scheduler):
            ended[done.city] = done
            if progress is not None:
                progress(done, len(ended), len(tasks))
    return Batch(name, tuple(_city(task, ended[task.city]) for task in tasks), lang=language(told))


def _listed(cities: Path | str | Iterable[Path | str]) -> tuple[Text, Lang | None, Mapping[str, Path]]:
    if isinstance(cities, Path | str):
        read = read_cities(Path(cities))
        return read.name, read.lang, read.studies
    return Text("城市对比", "cities side by side"), None, by_name((Path(one).absolute() for one in cities), "batch")


def _city(task: Task, done: Done) -> City:
    if done.why is not None:
        return City(done, task.study, task.folder, None)
    try:
        return City(done, task.study, task.folder, snapshot(*read_results(task.folder)))
    except SuizhouGeoError as error:
        return City(Done(task.city, error.said, done.seconds), task.study, task.folder, None)


def _place(one: Mapping[str, Any], lang: Lang) -> str:
    if pd.isna(one["rank_low"]):
        return _say("nothing", lang)
    low, high = int(one["rank_low"]), int(one["rank_high"])
    return str(low) if low == high else f"{low}–{high}"


def _target(one: Mapping[str, Any], lang: Lang) -> str:
    return promise(one["op"], one["target"], one["unit"], lang, short=True) if one["op"] else _say("nothing", lang)
