"""Where to build, in the hand: sites for a coverage of a study, as table, map and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from html import escape
from pathlib import Path
from typing import Any, Literal, get_args

import geopandas as gpd
import pandas as pd

from suizhou_geo.assessment.siting.candidates import OWN, usual_kinds
from suizhou_geo.assessment.siting.sited import Sited, Wanted, sited
from suizhou_geo.assessment.siting.wording import curve_table, headline, quality, sites_table
from suizhou_geo.assessment.tables import labelled
from suizhou_geo.assessment.wording import number
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors import InputError, speaking
from suizhou_geo.errors.text import NOTHING, Lang, Text, language
from suizhou_geo.measures.completeness import one_of
from suizhou_geo.model import Study
from suizhou_geo.outputs.folder import SITING, results_folder
from suizhou_geo.outputs.gis.layers import write_rows
from suizhou_geo.outputs.scorecard_files import write_json
from suizhou_geo.sources.workbooks import shown_as_text
from suizhou_geo.study_area import StudyArea

WORST_ZONE, CAPACITY = "worst_zone", "capacity"
_say = speaker("siting")


@dataclass(frozen=True, eq=False, repr=False)
class Siting(Sited):
    """The sites that were chosen for a coverage, the one that adds the most first: what a planner holds in the hand.

    `sites` holds the numbers and shapes (see `suizhou_geo.assessment.siting.sited.Sited`), `table()` says them in words,
    `curve` tells what any number of sites reaches, `built` is the area with all of them built.
    """

    lang: Lang = "zh"
    label: Text = NOTHING

    def __len__(self) -> int:
        """How many sites were chosen."""
        return len(self.sites)

    @property
    def geometry(self) -> gpd.GeoSeries:
        """The shapes of the chosen sites."""
        return self.sites.geometry

    def table(self, *, lang: Lang | None = None) -> pd.DataFrame:
        """Return the chosen sites in words: what each newly covers, and the coverage with it and all before it."""
        told = lang or self.lang
        return labelled(sites_table(self, told), self.area, told)

    def summary(self, *, lang: Lang | None = None) -> tuple[str, ...]:
        """Return what the sites bring, how good the choice is, and what must be known, a sentence each."""
        told = lang or self.lang
        target = self.wanted.target
        reached = (
            ()
            if target is None
            else (_say("reached" if self.reached else "not_reached", told, target=number(target, "share", told)),)
        )
        how_good = (quality(self, told),) if len(self) else ()
        said = (self.label.speak(told) + headline(self, told), *reached, *how_good)
        return (*said, *(note.speak(told) for note in self.notes))

    def explore(self, *, lang: Lang | None = None) -> Any:
        """Return a folium.Map of what is covered now, the candidates, and the chosen sites with what each adds."""
        from suizhou_geo.outputs.web_map.sites_map import sites_map  # folium loads only when a map is wanted

        return sites_map(self, label=self.label, lang=lang or self.lang)

    def write(self, folder: Path | str, *, lang: Lang | None = None) -> None:
        """Write table, curve, layers and map into a folder, all of them or nothing; an earlier siting there is replaced.

        sites.csv and curve.csv (UTF-8 with BOM), sites.gpkg with the layers sites and candidates, map.html, and siting.json
        with what was asked for, under which definition, and what came of it.

        Raises: OutputError where something cannot be written, or the folder holds anything else.
        """
        told = lang or self.lang
        with results_folder(Path(folder), SITING) as fresh:
            for name, frame in (("sites", self.table(lang=told).reset_index()), ("curve", curve_table(self, told))):
                shown_as_text(frame).to_csv(fresh / f"{name}.csv", index=False, encoding="utf-8-sig")
            for layer, rows in (("sites", self.sites), ("candidates", self.candidates)):
                write_rows(rows, fresh / "sites.gpkg", empty_as="Point", layer=layer, driver="GPKG")
            self.explore(lang=told).save(fresh / "map.html")
            write_json(self._record(told), fresh / "siting.json")

    def _record(self, lang: Lang) -> Mapping[str, Any]:
        return {
            "measure": self.before.key,
            "profile": self.before.profile,
            "params": dict(self.before.params),
            "invented": self.area.invented,
            "wanted": vars(self.wanted),
            "candidates": len(self.candidates),
            "before": self.before.value,
            "value": self.value,
            "by_zone": self.by_zone.to_dict(),
            "reached": self.reached,
            "chosen_by": {"value": self.chosen.value, "bound": self.chosen.bound, "method": self.chosen.method},
            "gap": self.gap,
            "told": list(self.summary(lang=lang)),
            "sites": self.sites.drop(columns="geometry").to_dict("records"),
        }

    def __repr__(self) -> str:
        """Say what was sited, what that brings, and how far it may be from the best, on one line."""
        return f"Siting({self.before.key}: {self.before.value:.3f} -> {self.value:.3f}, {len(self)} sites, gap {self.gap:.2%})"

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{escape(line)}</p>" for line in self.summary())
        return f"{said}{self.table().to_html()}"


def site(
    study: Study | StudyArea,
    measure: str,
    *,
    p: int | None = None,
    budget: float | None = None,
    target: float | Literal["worst_zone", "capacity"] | None = None,
    candidates: str | Sequence[str] | gpd.GeoDataFrame | None = None,
    lang: Lang | None = None,
    **definition: Any,
) -> Siting:
    """Choose where to build: the `p` sites that lift a coverage the most, or the fewest that reach a `target` share.

    `measure`: "park_coverage", "charger_coverage", or "service_coverage." and a service ("service_coverage.kindergarten",
    "service_coverage.bus_stop"); `definition` are its parameters (reach, of, size_profile), those of the study where it
    gives any. With a `budget` no more is spent than that, at the costs of the layer `candidates`. Without p, budget and
    target, the target is what the study's plan promises. "worst_zone" as the target: the p sites, or what the budget pays,
    that lift the lowest zone the most. "capacity": those by which the most who need a place get one in reach, where existing
    facilities and candidates say how many they have (`capacity`); what is needed is the standard per 1,000 residents.

    `candidates`: "own" (the layer `candidates` of the study, or a GeoDataFrame given here with columns name and cost);
    "homes" (points among homes that are not covered); a group of land such as "reserve" (vacant and reserve land), or a
    code; several in a list. Left out: the own ones; without such a layer reserve land and, but for parks, the homes.
    See `suizhou_geo.assessment.siting.candidates` for the plots.

    What a site covers is told by the code of the measure itself, so that measuring again with the sites built gives the
    coverage promised here. The choice is an integer programme that is given a minute (a target or a zone needs several);
    how far it may be from the best stands in `gap`.

    Raises: InputError for a measure that has no sites or no data, for candidates there are none of, and where nothing says
    how many; LayerError for candidates that cannot be sites.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> found = sg.site(study, "park_coverage", p=2, candidates="reserve")
    >>> len(found), found.value > found.before.value, found.gap < 0.01
    (2, True, True)
    """
    asked, label, spoken = definition, NOTHING, lang
    if isinstance(study, Study):
        asked = {**study.params.get(measure.partition(".")[0], {}), **definition}
        label, spoken = study.label, lang or study.lang
        if p is None and budget is None and target is None:
            target = _promised(study, measure)
    area = study.area if isinstance(study, Study) else study
    if spoken is not None:
        one_of("site: lang", spoken, get_args(Lang))
    with speaking(spoken):
        if isinstance(target, str):
            one_of("site: target", target, (WORST_ZONE, CAPACITY))
        wanted = Wanted(
            p,
            budget,
            None if isinstance(target, str) else target,
            worst_zone_first=target == WORST_ZONE,
            within_capacity=target == CAPACITY,
        )
        area, kinds = _with_candidates(area, candidates, as_parks=measure == "park_coverage")
        found = sited(area, measure, wanted, asked=asked, candidates=kinds)
    return Siting(
        **{field.name: getattr(found, field.name) for field in fields(Sited)}, lang=language(spoken), label=label
    )


def _promised(study: Study, measure: str) -> float | None:
    """The share that the plan of a study promises of a coverage: None where it promises none."""
    promised = [target for target in (study.plan.targets if study.plan else ()) if target.key == measure]
    shares = [t.value for t in promised if t.op in (">=", ">") and t.unit == "share" and t.baseline_year is None]
    return shares[0] if shares else None


def _with_candidates(
    area: StudyArea, candidates: str | Sequence[str] | gpd.GeoDataFrame | None, *, as_parks: bool
) -> tuple[StudyArea, tuple[str, ...]]:
    """The area with the candidates that were given, and which kinds are to be looked at."""
    if isinstance(candidates, gpd.GeoDataFrame):
        given = candidates if candidates.crs is None else candidates.to_crs(area.crs)
        return area.replace(candidates=given.reset_index(drop=True)), (OWN,)
    if candidates is None:
        return area, usual_kinds(area, as_parks=as_parks)
    kinds = (candidates,) if isinstance(candidates, str) else tuple(candidates)
    if not kinds:
        raise InputError(
            "site：candidates 是空的；请给出 own、homes，或用地大类、代码，如 reserve",
            "site: candidates is empty; give own, homes, or a group or code of land such as reserve",
        )
    return area, kinds
