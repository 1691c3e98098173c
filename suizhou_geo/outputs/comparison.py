"""Runs held side by side, in the hand: from results in the hand or from results folders, and into a folder of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pandas as pd

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.comparison import Change, Compared, compared
from suizhou_geo.assessment.comparison_tables import (
    changes_table,
    comparison_rule,
    moment_name,
    reading_table,
    zone_changes_table,
)
from suizhou_geo.assessment.snapshot import Snapshot, snapshot
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors import InputError, speaking
from suizhou_geo.errors.text import Lang, language
from suizhou_geo.outputs.folder import COMPARISON, results_folder
from suizhou_geo.outputs.scorecard_files import scorecard_content, write_json
from suizhou_geo.sources.results import read_results
from suizhou_geo.sources.workbooks import shown_as_text

_say = speaker("comparison")
EARLIEST, LATEST = 1949, 2100  # years that data of a plan can be of


@dataclass(frozen=True, eq=False)
class Comparison(Compared):
    """Runs of one study side by side: what changed from the first to the last, by how much and where, and the pace.

    `changes` has one `Change` for each promise or measure, `comparison["road_density"]` is one of them; `notes` say which
    zones, files and versions are others.
    """

    lang: Lang = "zh"

    @property
    def promises(self) -> tuple[Change, ...]:
        """What a plan asks for; all there is where no plan is given."""
        return tuple(change for change in self.changes if change.latest.op or not self.last.plan)

    def table(self, *, lang: Lang | None = None) -> pd.DataFrame:
        """Return the promises in words: before, after, the change and what that is, the target and the pace."""
        return reading_table(self, self.promises, lang=lang or self.lang)

    @property
    def numbers(self) -> pd.DataFrame:
        """The table of comparison.csv: every promise and measure, to calculate with."""
        return changes_table(self, lang=self.lang)

    @property
    def by_zone(self) -> pd.DataFrame:
        """The table of comparison_zones.csv: every measure in every zone whose outline is the same in both runs."""
        return zone_changes_table(self)

    def title(self, *, lang: Lang | None = None) -> str:
        """Return what is compared, in one line, with the label of invented data or of another city's plan before it."""
        told = lang or self.lang
        first, last = (moment_name(self, one, told) for one in (self.first, self.last))
        return self.last.label.speak(told) + _say(
            "title", told, name=self.last.study.speak(told), first=first, last=last
        )

    def plot(self, *, lang: Lang | None = None) -> Any:
        """Return a matplotlib Figure: each promise over the runs, with its range, its target and the pace."""
        from suizhou_geo.outputs.figures.over_years import over_years  # matplotlib loads only when a figure is wanted

        return over_years(self, self.promises, title=self.title(lang=lang), lang=lang or self.lang)

    def map(self, *, lang: Lang | None = None) -> Any:
        """Return a folium.Map of what changed on the ground, zone by zone: a layer for each measure."""
        from suizhou_geo.outputs.web_map.difference_map import difference_map  # folium loads only when a map is wanted

        return difference_map(self, title=self.title(lang=lang), lang=lang or self.lang)

    def write(self, folder: Path | str, *, lang: Lang | None = None) -> None:
        """Write tables, chart and map into a folder, all of them or nothing; an earlier comparison there is replaced.

        comparison.csv and comparison_zones.csv (UTF-8 with BOM), comparison.png, map.html, and comparison.json with what
        was compared, the rule of the pace and the notes.

        Raises: OutputError where something cannot be written, or the folder holds anything else.
        """
        told = lang or self.lang
        with results_folder(Path(folder), COMPARISON) as fresh:
            shown_as_text(changes_table(self, lang=told)).to_csv(
                fresh / "comparison.csv", index=False, encoding="utf-8-sig"
            )
            shown_as_text(self.by_zone).to_csv(fresh / "comparison_zones.csv", index=False, encoding="utf-8-sig")
            self.plot(lang=told).savefig(fresh / "comparison.png", dpi=200, metadata={"Software": None})
            self.map(lang=told).save(fresh / "map.html")
            write_json(self._record(told), fresh / "comparison.json")

    def _record(self, lang: Lang) -> Mapping[str, Any]:
        return {
            "title": self.title(lang=lang),
            "invented": self.last.invented,
            "rule": comparison_rule(lang),
            "anyway": self.anyway,
            "notes": [note.speak(lang) for note in self.notes],
            "runs": [
                {
                    "name": moment_name(self, one, lang),
                    "study": one.study.speak(lang),
                    "plan": one.plan,
                    "version": one.version,
                    "inputs": [vars(source) for source in one.sources],
                }
                for one in self.taken
            ],
        }

    def __repr__(self) -> str:
        """Say what is compared and how many numbers are others, on one line."""
        return f"Comparison({self.title()}: {len(self.changed)}/{len(self.changes)})"

    def _repr_html_(self) -> str:
        return str(self.table().to_html())


def compare(
    *results: Assessed | Path | str,
    years: Sequence[int] | None = None,
    anyway: bool = False,
    lang: Lang | None = None,
) -> Comparison:
    """Hold runs of one study side by side: results in the hand, or the folders they were written into, the earliest first.

    `years` says of when the data of each are, where their files do not say it or not right; the end of the year is meant.
    What is defined otherwise in two runs is not held against each other unless `anyway`, and then that is said. The rule of
    the pace stands in `suizhou_geo.assessment.comparison`.

    `lang` is the language in which it shows itself: without it that of the last study, else as `assess`.

    Raises: InputError for a folder without results, fewer than two results, years that do not go with them, and runs that
    cannot be compared: of different plans, of outlines that stand for something else, or without a zone in common.

    >>> import suizhou_geo as sg
    >>> result = sg.assess("data/raw/invented_city/study.toml", chapter="green")
    >>> sg.compare(result, result, years=[2023, 2024]).changed
    ()
    """
    if years is not None and (len(years) != len(results) or list(years) != sorted(set(years))):
        raise InputError(
            f"compare：年份为 {list(years)}；{len(results)} 个结果请各给一个年份，按时间先后",
            f"compare: years are {list(years)}; give one for each of the {len(results)} results, in order of time",
        )
    if years is not None and not all(EARLIEST <= year <= LATEST for year in years):
        raise InputError(
            f"compare：年份为 {list(years)}；请写 {EARLIEST} 到 {LATEST} 之间的公历年份",
            f"compare: years are {list(years)}; give years between {EARLIEST} and {LATEST}",
        )
    at = [None] * len(results) if years is None else [float(year) + 1 for year in years]
    taken = [_taken(one, year) for one, year in zip(results, at, strict=True)]
    told = lang or (taken[-1].lang if taken else None)
    with speaking(told):
        found = compared(taken, anyway=anyway)
    return Comparison(**{field.name: getattr(found, field.name) for field in fields(Compared)}, lang=language(told))


def _taken(result: Assessed | Path | str, year: float | None) -> Snapshot:
    if isinstance(result, Assessed):
        return snapshot(scorecard_content(result), result.area.zones, year=year)
    content, zones = read_results(Path(result))
    try:
        return snapshot(content, zones, year=year)
    except InputError as error:
        raise InputError(f"{result}：{error.said.zh}", f"{result}: {error.said.en}") from None
