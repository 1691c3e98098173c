"""Everything a run writes, in its order: what every run has, and what a full one adds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.wording import Lang
from suizhou_geo.outputs.gis.formats import write_geojson, write_shapefiles
from suizhou_geo.outputs.gis.geopackage import write_geopackage
from suizhou_geo.outputs.gis.layers import gis_layers
from suizhou_geo.outputs.gis.metadata import osm_credit, write_metadata
from suizhou_geo.outputs.gis.project import write_project
from suizhou_geo.outputs.scorecard_files import write_guesses, write_scorecard


@dataclass(frozen=True)
class Wanted:
    """What a run writes beside scorecard, layers, map and record.

    `full`: the figures, the reports (HTML, Word, Excel), a QGIS project and metadata; `template`: the office's own Word
    file for the report; `shapefiles`: in this encoding; `geojson`; `tiles`: what lies below the web map, which then needs
    the network when it is looked at.
    """

    full: bool = False
    template: Path | str | None = None
    shapefiles: Literal["GBK", "UTF-8"] | None = None
    geojson: bool = False
    tiles: Literal["osm", "amap", "tianditu"] | None = None
    tianditu_key: str | None = None


def write_results(
    result: Assessed,
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
    >>> from suizhou_geo.assessment.assessed import assessed
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> result = assessed(study, [sg.population_density(study.area)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     lost = write_results(result, Path(folder))
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['layers.gpkg', 'map.html', 'scorecard.csv', 'scorecard.json']
    """
    from suizhou_geo.outputs.web_map import city_map  # loading folium takes time that reading a study need not wait

    wanted, tell = wanted or Wanted(), progress or (lambda _: None)
    study = result.study
    lost: tuple[str, ...] = ()
    tell("scorecard.csv, scorecard.json")
    write_scorecard(result, folder, lang=lang)
    write_guesses(result, folder, lang=lang)
    tell("layers.gpkg")
    layers = gis_layers(result)
    write_geopackage(layers, folder, lang=lang)
    tell("map.html")
    city_map(result, lang=lang, tiles=wanted.tiles, tianditu_key=wanted.tianditu_key).save(folder / "map.html")
    if wanted.shapefiles:
        tell("shapefiles")
        lost += write_shapefiles(layers, folder, encoding=wanted.shapefiles, lang=lang)
    if wanted.geojson:
        tell("geojson")
        lost += write_geojson(layers, folder, lang=lang)
    if wanted.full:
        tell("project.qgz, metadata.json")
        write_project(layers, folder, title=study.title(lang), credit=osm_credit(study), lang=lang)
        written = max((source.modified for source in study.inputs), default="")
        write_metadata(study, layers, folder, written=written, lang=lang)
        template = None if wanted.template is None else Path(wanted.template)
        _write_reports(result, folder, lang=lang, template=template, tell=tell)
    return lost


def _write_reports(
    result: Assessed, folder: Path, *, lang: Lang, template: Path | None, tell: Callable[[str], None]
) -> None:
    from suizhou_geo.outputs.figures import (  # loading these takes a second that others need not wait
        sheets,
        write_sheets,
    )
    from suizhou_geo.outputs.report import annex_of, html_page, report_of, write_word, write_workbook

    tell("figures")
    figures = sheets(result, lang=lang)
    (folder / "figures").mkdir()
    write_sheets(figures, folder / "figures")
    tell("report.html, report.docx, report_annex.html, report_annex.docx, report.xlsx")
    documents = {"report": report_of(result, figures=figures, lang=lang), "report_annex": annex_of(result, lang=lang)}
    for name, document in documents.items():
        (folder / f"{name}.html").write_text(html_page(document), encoding="utf-8")
        write_word(document, folder / f"{name}.docx", template=template)
    write_workbook(result, folder / "report.xlsx", lang=lang)
