"""The whole plan, in the hand: the shortest list of projects for all its gaps, as tables, map and files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from html import escape
from pathlib import Path
from typing import Any, get_args

import geopandas as gpd
import pandas as pd

from suizhou_geo.assessment.tables import labelled
from suizhou_geo.assessment.whole_plan.closed import Whole, whole
from suizhou_geo.assessment.whole_plan.wording import gaps_table, projects_table, tally
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors import speaking
from suizhou_geo.errors.text import Lang, Text, language
from suizhou_geo.measures.completeness import one_of
from suizhou_geo.model import Progress, Step, Study
from suizhou_geo.outputs.folder import WHOLE_PLAN, results_folder
from suizhou_geo.outputs.gis.layers import write_rows
from suizhou_geo.outputs.in_hand import Assessment, assess
from suizhou_geo.outputs.scorecard_files import write_json
from suizhou_geo.sources.workbooks import shown_as_text

_say = speaker("whole_plan")
_BINDS = Text(" · {name}：{why}", " · {name}: {why}")
_MEASURING = Text("逐个项目重新测算", "measuring again, project by project")


@dataclass(frozen=True, eq=False, repr=False)
class WholePlan(Whole):
    """The fewest projects that close every gap of a plan that can be closed: what a planner holds in the hand.

    `projects` and `gaps` hold the numbers (see `suizhou_geo.assessment.whole_plan.closed.Whole`), `table()` and
    `gaps_table()` say them in words, `to_build` can be given to `scenario`, `built` is the area with all of them built.
    """

    result: Assessment = None  # type: ignore[assignment]  # always given: a field behind those of Whole
    lang: Lang = "zh"

    def __len__(self) -> int:
        """How many projects the list has."""
        return len(self.projects)

    @property
    def to_build(self) -> gpd.GeoDataFrame:
        """What is to be built, a row each: rank and project, and the columns that `scenario` takes."""
        rows = [one.rows.assign(rank=one.rank, project=one.name.speak(self.lang)) for one in self.projects]
        if not rows:
            return gpd.GeoDataFrame(columns=["rank", "project", "layer", "name"], geometry=[], crs=self.built.crs)
        found = gpd.GeoDataFrame(pd.concat(rows, ignore_index=True), crs=self.built.crs)
        return found[["rank", "project", *(c for c in found.columns if c not in ("rank", "project"))]]

    def table(self, *, lang: Lang | None = None) -> pd.DataFrame:
        """Return the projects in words, the one that closes the most by itself first."""
        told = lang or self.lang
        area = self.result.area.named_in(told)
        return labelled(projects_table(self, area, told), area, told)

    def gaps_table(self, *, lang: Lang | None = None) -> pd.DataFrame:
        """Return the promises that are missed or cannot be told: what becomes of each, by which projects, or what binds."""
        told = lang or self.lang
        return labelled(gaps_table(self, told), self.result.area, told)

    def binding(self) -> tuple[Text, ...]:
        """Return what binds, a line for each promise that the list does not turn for sure."""
        told = [gap for gap in self.gaps if gap.why.zh]
        return tuple(_BINDS.filled(name=gap.row.name, why=gap.why) for gap in told)

    def summary(self, *, lang: Lang | None = None) -> tuple[str, ...]:
        """Return how many promises the list turns, whether it is the shortest, and which project closes the most."""
        told = lang or self.lang
        first, *rest = tally(self, told)
        return (self.result.study.label.speak(told) + first, *rest)

    def map(self, *, lang: Lang | None = None) -> Any:
        """Return a folium.Map of the projects, numbered by their rank, with what each does."""
        from suizhou_geo.outputs.web_map.whole_plan_map import whole_plan_map  # folium loads only when a map is wanted

        return whole_plan_map(self, self.result, lang=lang or self.lang)

    def write(self, folder: Path | str, *, lang: Lang | None = None) -> None:
        """Write tables, layer and map into a folder, all of them or nothing; an earlier list there is replaced.

        projects.csv and gaps.csv (UTF-8 with BOM), projects.geojson, which `scenario` takes, map.html, and whole_plan.json.

        Raises: OutputError where something cannot be written, or the folder holds anything else.
        """
        told = lang or self.lang
        tables = {"projects": self.table(lang=told).reset_index(), "gaps": self.gaps_table(lang=told)}
        with results_folder(Path(folder), WHOLE_PLAN) as fresh:
            for name, frame in tables.items():
                shown_as_text(frame).to_csv(fresh / f"{name}.csv", index=False, encoding="utf-8-sig")
            rows = self.to_build.to_crs("EPSG:4326")
            write_rows(rows, fresh / "projects.geojson", empty_as="Point", driver="GeoJSON")
            self.map(lang=told).save(fresh / "map.html")
            write_json(self._record(told), fresh / "whole_plan.json")

    def _record(self, lang: Lang) -> Mapping[str, Any]:
        return {
            "study": self.result.study.title(lang),
            "invented": self.result.area.invented,
            "offered": self.offered,
            "bound": self.bound,
            "told": list(self.summary(lang=lang)),
            "projects": [
                {"rank": one.rank, "name": one.name.speak(lang), "closes": dict(one.closes), "persons": one.persons}
                for one in self.projects
            ],
            "gaps": [
                {
                    "key": gap.row.key,
                    "outcome": gap.outcome,
                    "before": gap.row.value,
                    "after": None if gap.after is None else gap.after.value,
                    "asked": gap.row.asked,
                    "why": gap.why.speak(lang),
                }
                for gap in self.gaps
            ],
            "notes": [note.speak(lang) for note in self.notes],
        }

    def __repr__(self) -> str:
        """Say how many projects close how many gaps, on one line."""
        return f"WholePlan({self.summary()[0]})"

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{escape(line)}</p>" for line in self.summary())
        return f"{said}{self.gaps_table().to_html(index=False)}{self.table().to_html()}"


def whole_plan(
    study: Assessment | Study | Path | str, *, lang: Lang | None = None, progress: Progress | None = None
) -> WholePlan:
    """Find the shortest list of projects that turns every missed promise of a plan to met, and say what binds where none can.

    For each promise that is missed the candidates are those that are known: sites of parks, facilities and chargers (as
    `site` has them; one site may hold several facilities), services of the living circle where their mean is promised,
    facilities that complete a community, the links that open the roads a plan names, other missing links, and streets through
    large blocks for the density of roads. One integer programme, given a minute, chooses the fewest for all promises at once;
    those that all candidates together do not close get none. Every project is then measured by itself, and all together, by
    the measures that are reported: whether a promise is met is said by these alone.

    Raises: the errors of `assess`.

    >>> import suizhou_geo as sg
    >>> result = sg.assess("data/raw/invented_city/study.toml", chapter="green", lang="en")
    >>> sg.whole_plan(result).summary()[0]
    '[invented data, not Suizhou] 0 promises missed: with 0 projects built 0 are met, 0 as promised by their value though not \
for sure, and 0 are still missed; 0 more have no data or cannot be told'
    """
    if lang is not None:
        one_of("whole_plan: lang", lang, get_args(Lang))
    result = study if isinstance(study, Assessment) else assess(study, lang=lang, progress=progress)
    told = language(lang, result.lang)

    def tell(number: int, of: int) -> None:
        if progress is not None:
            progress(Step("projects", stage="siting", number=number + 1, of=of, told=_MEASURING))

    with speaking(told):
        found = whole(result, tell=tell)
    return WholePlan(**{field.name: getattr(found, field.name) for field in fields(Whole)}, result=result, lang=told)
