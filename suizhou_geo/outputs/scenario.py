"""What if, in the hand: a study with projects built or removed, measured again, and held beside what is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any, get_args

import geopandas as gpd
import pandas as pd

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.comparison import Change, Compared, what_if
from suizhou_geo.assessment.scenario import applied
from suizhou_geo.assessment.scenario_tables import (
    Persons,
    persons_changed,
    scenario_reading_table,
    scenario_table,
    scenario_zones_table,
    turned,
)
from suizhou_geo.assessment.snapshot import Snapshot, snapshot
from suizhou_geo.assessment.wording import in_both
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors import speaking
from suizhou_geo.errors.text import Lang, Text, language
from suizhou_geo.measures.completeness import one_of
from suizhou_geo.model import Study
from suizhou_geo.outputs.folder import SCENARIO, results_folder
from suizhou_geo.outputs.gis.layers import write_rows
from suizhou_geo.outputs.in_hand import Assessment, assess
from suizhou_geo.outputs.scorecard_files import scorecard_content, write_json
from suizhou_geo.sources.projects import read_projects
from suizhou_geo.sources.study import read_study
from suizhou_geo.sources.workbooks import shown_as_text

_say = speaker("scenario")


@dataclass(frozen=True, eq=False, repr=False)
class Scenario(Compared):
    """What projects change: `before` and `after` are Assessments, so all that these can do, a scenario can.

    `changes` has one `Change` for each promise or measure, `scenario["park_coverage"]` is one of them; `persons` says per
    measure how many persons more (fewer: negative) it counts in each zone; `projects` are those that were applied, as they
    were built; `notes` say what was done to the layers.
    """

    before: Assessment = None  # type: ignore[assignment]  # always given: fields behind those with defaults
    after: Assessment = None  # type: ignore[assignment]
    projects: gpd.GeoDataFrame = None
    persons: Persons = None  # type: ignore[assignment]
    lang: Lang = "zh"

    def table(self, *, lang: Lang | None = None) -> pd.DataFrame:
        """Return what changes in words, the promises first: now and with the projects, persons gained and lost, verdicts."""
        some = sorted(self.changed, key=lambda change: not change.latest.op)
        return scenario_reading_table(self, some, self.persons, lang=lang or self.lang)

    @property
    def numbers(self) -> pd.DataFrame:
        """The table of scenario.csv: every promise and measure, to calculate with."""
        return scenario_table(self, self.persons, lang=self.lang)

    @property
    def by_zone(self) -> pd.DataFrame:
        """The table of scenario_zones.csv: every measure in every zone."""
        return scenario_zones_table(self, self.persons)

    @property
    def turned(self) -> tuple[Change, ...]:
        """The promises whose verdict is another one with the projects."""
        return tuple(change for change in self.changes if turned(change))

    def title(self, *, lang: Lang | None = None) -> str:
        """Return whose scenario it is, in one line, with the label of invented data or of another city's plan before it."""
        told = lang or self.lang
        return self.last.label.speak(told) + _say("title", told, name=self.before.study.title(told))

    def summary(self, *, lang: Lang | None = None) -> tuple[str, ...]:
        """Return how much changes, and what was done to the layers, a sentence each."""
        told = lang or self.lang
        counts = {"projects": len(self.projects), "changed": len(self.changed), "turned": len(self.turned)}
        return (_say("tally", told, **counts), *(note.speak(told) for note in self.notes))

    def map(self, *, lang: Lang | None = None) -> Any:
        """Return a folium.Map of what changes on the ground, zone by zone, a layer for each measure, with the projects."""
        from suizhou_geo.outputs.web_map.scenario_map import scenario_map  # folium loads only when a map is wanted

        return scenario_map(self, self.projects, title=self.title(lang=lang), lang=lang or self.lang)

    def write(self, folder: Path | str, *, lang: Lang | None = None) -> None:
        """Write tables, projects and map into a folder, all of them or nothing; an earlier scenario there is replaced.

        scenario.csv and scenario_zones.csv (UTF-8 with BOM), projects.gpkg, which can be given again, map.html, and
        scenario.json with what was done to the layers.

        Raises: OutputError where something cannot be written, or the folder holds anything else.
        """
        told = lang or self.lang
        tables = {"scenario": scenario_table(self, self.persons, lang=told), "scenario_zones": self.by_zone}
        with results_folder(Path(folder), SCENARIO) as fresh:
            for name, frame in tables.items():
                shown_as_text(frame).to_csv(fresh / f"{name}.csv", index=False, encoding="utf-8-sig")
            write_rows(self.projects, fresh / "projects.gpkg", empty_as="Point", layer="projects", driver="GPKG")
            self.map(lang=told).save(fresh / "map.html")
            write_json(self._record(told), fresh / "scenario.json")

    def _record(self, lang: Lang) -> Mapping[str, Any]:
        return {
            "title": self.title(lang=lang),
            "study": self.before.study.title(lang),
            "plan": self.last.plan,
            "version": self.last.version,
            "invented": self.last.invented,
            "told": list(self.summary(lang=lang)),
            "projects": self.projects.drop(columns="geometry").to_dict("records"),
            "changed": [change.key for change in self.changed],
            "verdicts": {change.key: [change.before.status, change.after.status] for change in self.turned},  # type: ignore[union-attr]
            "inputs": [vars(source) for source in self.last.sources],
        }

    def __repr__(self) -> str:
        """Say whose scenario it is and how much changes, on one line."""
        return f"Scenario({self.title()}: {self.summary()[0]})"

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{escape(line)}</p>" for line in (self.title(), *self.summary()))
        return f"{said}{self.table().to_html()}"


def scenario(
    study: Study | Path | str,
    projects: gpd.GeoDataFrame | Path | str,
    *,
    chapter: str | None = None,
    lang: Lang | None = None,
) -> Scenario:
    """Measure a study as it is and with projects built or removed, all of it or one `chapter`, and hold the two side by side.

    `projects` has a row each: `name`; `layer`, which layer it changes, or "homes" (with `persons`); `action`, "build" (also
    where nothing is said) or "remove"; and the columns of that layer (`category` and `capacity`, `road_class`, `kind` …). The
    rules stand in `suizhou_geo.assessment.scenario.applied`. What does not follow from them is not measured again; the
    result is the same to the last digit as if all of it were.

    `lang` is the language in which it shows itself: without it that of the study, else as `assess`.

    Raises: the errors of `assess`; InputError for a file that cannot be read; LayerError for a project that cannot be
    applied, by its name.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> found = sg.scenario(study, "data/raw/invented_city/projects.geojson", chapter="green", lang="en")
    >>> found["park_coverage"].amount > 0, len(found.projects)
    (True, 5)
    """
    if lang is not None:
        one_of("scenario: lang", lang, get_args(Lang))
    with speaking(lang):
        given = study if isinstance(study, Study) else read_study(study)
    with speaking(lang or given.lang):
        rows = projects if isinstance(projects, gpd.GeoDataFrame) else read_projects(projects, working=given.area.crs)
        name = in_both(
            lambda lang: _say("name", lang, name=given.name if lang == "zh" else given.name_en or given.name)
        )
        done = applied(given.area, rows, name=name.zh)
        before = assess(given, chapter=chapter, lang=lang)
        told = replace(given, name=name.zh, name_en=name.en, findings=(*given.findings, *done.notes))
        after = assess(replace(told, area=done.area), chapter=chapter, lang=lang)
    held = what_if(_taken(before, given, "now"), _taken(after, given, "with_projects"), done.notes)
    return Scenario(
        held.taken,
        held.changes,
        held.notes,
        held.anyway,
        before=before,
        after=after,
        projects=done.projects,
        persons=persons_changed(before, after),
        lang=language(lang, given.lang),
    )


def _taken(result: Assessed, study: Study, called: str) -> Snapshot:
    """How a study stands, under its own name, and called what is or with what was built."""
    rows = tuple(replace(row, other_definitions=()) for row in result.rows)  # only these are held side by side
    taken = snapshot(scorecard_content(Assessed(result.study, rows, result.measures)), result.area.zones)
    own = Text(study.name, study.name_en or study.name)
    return replace(taken, study=own, called=in_both(lambda lang: _say(called, lang)))
