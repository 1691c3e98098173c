"""Everything a run writes, in its order: what every run has, and what a full one adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from suizhou_geo.assessment.wording import Lang
from suizhou_geo.model import Measure, Study
from suizhou_geo.outputs.gis.formats import write_geojson, write_shapefiles
from suizhou_geo.outputs.gis.geopackage import write_geopackage
from suizhou_geo.outputs.gis.layers import gis_layers
from suizhou_geo.outputs.gis.metadata import osm_credit, write_metadata
from suizhou_geo.outputs.gis.project import write_project
from suizhou_geo.outputs.scorecard_files import write_scorecard
from suizhou_geo.outputs.web_map import city_map


@dataclass(frozen=True)
class Wanted:
    """What a run writes beside scorecard, layers, map and record.

    `full`: the figures, the reports (HTML, Word, Excel), a QGIS project and metadata; `template`: the office's own Word
    file for the report; `shapefiles`: in this encoding; `geojson`; `tiles`: what lies below the web map, which then needs
    the network when it is looked at.
    """

    full: bool = False
    template: Path | None = None
    shapefiles: Literal["GBK", "UTF-8"] | None = None
    geojson: bool = False
    tiles: Literal["osm", "amap", "tianditu"] | None = None
    tianditu_key: str | None = None


def write_results(
    study: Study,
    measures: Sequence[Measure],
    card: pd.DataFrame,
    folder: Path,
    *,
    lang: Lang = "zh",
    wanted: Wanted | None = None,
    progress: Callable[[str], None] | None = None,
) -> tuple[str, ...]:
    """Write the results of a study into an empty folder, all but run.json, and return what was lost on the way.

    Losses are sentences: names cut to what a Shapefile holds.

    Errors: OutputError where something cannot be written; InputError for a template that is no Word file.

    >>> import tempfile
    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> measures = [sg.population_density(study.area)]
    >>> card = sg.scorecard(measures, study.plan)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     lost = write_results(study, measures, card, Path(folder))
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['layers.gpkg', 'map.html', 'scorecard.csv', 'scorecard.json']
    """
    wanted, tell = wanted or Wanted(), progress or (lambda _: None)
    told = findings_told(study)
    lost: tuple[str, ...] = ()
    tell("scorecard.csv, scorecard.json")
    write_scorecard(card, measures, study.area, folder, findings=told)
    tell("layers.gpkg")
    layers = gis_layers(study.area, measures, card)
    write_geopackage(layers, folder, lang=lang)
    tell("map.html")
    title = title_of(study, lang)
    page = city_map(
        study.area,
        measures,
        card,
        title=title,
        lang=lang,
        findings=told,
        tiles=wanted.tiles,
        tianditu_key=wanted.tianditu_key,
    )
    (folder / "map.html").write_text(page, encoding="utf-8")
    if wanted.shapefiles:
        tell("shapefiles")
        lost += write_shapefiles(layers, folder, encoding=wanted.shapefiles, lang=lang)
    if wanted.geojson:
        tell("geojson")
        lost += write_geojson(layers, folder, lang=lang)
    if wanted.full:
        tell("project.qgz, metadata.json")
        write_project(layers, folder, title=title, credit=osm_credit(study), lang=lang)
        written = max((source.modified for source in study.inputs), default="")
        write_metadata(study, layers, folder, written=written, lang=lang)
        _write_reports(study, measures, card, folder, lang=lang, template=wanted.template, tell=tell)
    return lost


def _write_reports(
    study: Study,
    measures: Sequence[Measure],
    card: pd.DataFrame,
    folder: Path,
    *,
    lang: Lang,
    template: Path | None,
    tell: Callable[[str], None],
) -> None:
    from suizhou_geo.outputs.figures import (  # loading these takes a second that other runs need not wait
        sheets,
        write_sheets,
    )
    from suizhou_geo.outputs.report import html_report, write_word, write_workbook

    tell("figures")
    figures = sheets(study, measures, card, lang=lang)
    (folder / "figures").mkdir()
    write_sheets(figures, folder / "figures")
    tell("report.html, report.docx, report.xlsx")
    page = html_report(study, measures, card, figures=figures, lang=lang)
    (folder / "report.html").write_text(page, encoding="utf-8")
    write_word(study, measures, card, folder / "report.docx", figures=figures, lang=lang, template=template)
    write_workbook(study, measures, card, folder / "report.xlsx", lang=lang)


def title_of(study: Study, lang: Lang) -> str:
    """Return the name of a study in a language, where it has one."""
    return study.name if lang == "zh" else study.name_en or study.name


def findings_told(study: Study) -> list[str]:
    """Return what a reader of the results must know of the inputs: what is odd about them, and how persons were scaled."""
    scaled = [note for source in study.inputs for note in source.notes if note.startswith("scaled by ")]
    return [*study.findings, *(f"layer population: {note}" for note in scaled)]
