"""Everything a run writes, in its order: what every run has, and what a full one adds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Literal

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.siting.proposals import Proposals, lacking, proposals
from suizhou_geo.errors.text import Lang, Text, alike
from suizhou_geo.model import Progress, Stage
from suizhou_geo.outputs.gis.formats import write_geojson, write_shapefiles
from suizhou_geo.outputs.gis.geopackage import write_geopackage
from suizhou_geo.outputs.gis.layers import gis_layers
from suizhou_geo.outputs.gis.metadata import osm_credit, write_metadata
from suizhou_geo.outputs.gis.project import write_project
from suizhou_geo.outputs.notes_file import write_notes
from suizhou_geo.outputs.scorecard_files import write_guesses, write_scorecard
from suizhou_geo.standards.catalogue import CHAPTERS

Task = tuple[str, Text | None, Callable[[], object]]  # its name, what a reader is told beside a name of files


_WHOLE_SHEETS = {
    "overview": Text("总览", "overview"),
    "sensitivity": Text("结论取决于什么", "what the verdicts hang on"),
}


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
    progress: Progress | None = None,
) -> tuple[str, ...]:
    """Write the results of a study into an empty folder, all but run.json, and return what was lost on the way.

    Losses are sentences: names cut to what a Shapefile holds. `progress` is told each file, sheet and report as it begins.

    Errors: OutputError where something cannot be written; InputError for a template that is no Word file.

    >>> import tempfile
    >>> import suizhou_geo as sg
    >>> from suizhou_geo.assessment.assessed import assessed
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> result = assessed(study, [sg.population_density(study.area)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     lost = write_results(result, Path(folder))
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['layers.gpkg', 'map.html', 'notes.txt', 'scorecard.csv', 'scorecard.json']
    """
    from suizhou_geo.outputs.web_map import city_map  # loading folium takes time that reading a study need not wait

    wanted, study = wanted or Wanted(), result.study
    lost: list[str] = []
    told = result.named_in(lang)  # the scorecard names places as the data do: runs in two languages can be compared
    layers = cache(partial(gis_layers, told))

    def write_map() -> None:
        city_map(told, lang=lang, tiles=wanted.tiles, tianditu_key=wanted.tianditu_key).save(folder / "map.html")

    def write_texts() -> None:
        write_scorecard(result, folder, lang=lang)
        write_guesses(result, folder, lang=lang)
        write_notes(told, folder, lang=lang)

    def write_desktop() -> None:
        write_project(layers(), folder, title=study.title(lang), credit=osm_credit(study), lang=lang)
        written = max((source.modified for source in study.inputs), default="")
        write_metadata(study, layers(), folder, written=written, lang=lang)

    tasks: list[Task] = [
        ("scorecard.csv, scorecard.json, notes.txt", None, write_texts),
        ("layers.gpkg", None, lambda: write_geopackage(layers(), folder, lang=lang)),
        ("map.html", None, write_map),
    ]
    if encoding := wanted.shapefiles:
        tasks.append(
            (
                "shapefiles",
                alike("Shapefile"),
                lambda: lost.extend(write_shapefiles(layers(), folder, encoding=encoding, lang=lang)),
            )
        )
    if wanted.geojson:
        tasks.append(("geojson", alike("GeoJSON"), lambda: lost.extend(write_geojson(layers(), folder, lang=lang))))
    if wanted.full:
        tasks.append(("project.qgz, metadata.json", None, write_desktop))
        template = None if wanted.template is None else Path(wanted.template)
        if lacking(result):
            Stage("siting", 1, progress)("sites", Text("备选点位", "candidate sites"))
        tasks += _reports(told, folder, proposed=proposals(result), lang=lang, template=template)
    stage = Stage("writing", len(tasks), progress)
    for name, beside, write in tasks:
        stage(name, beside)
        write()
    return tuple(lost)


def _drawing(key: str, result: Assessed) -> Text:
    """Which sheet is drawn, by its key: one of the whole, that of a chapter, or that of a measure."""
    chapter, _, measure = key.partition(".")
    row = result.row(measure.removesuffix(".sites")) if measure else None
    name = _WHOLE_SHEETS.get(key) or next(one.name for one in CHAPTERS if one.key == chapter)
    return Text("附图：", "figure: ") + (name if row is None else row.name)


def _reports(result: Assessed, folder: Path, *, proposed: Proposals, lang: Lang, template: Path | None) -> list[Task]:
    """The sheets one by one, which are then in the three reports."""
    from suizhou_geo.outputs.figures import (  # loading these takes a second that others need not wait
        Sheet,
        drawings,
        write_sheets,
    )
    from suizhou_geo.outputs.report import annex_of, html_page, report_of, write_word, write_workbook
    from suizhou_geo.outputs.report.blocks import Report

    figures: list[Sheet] = []
    (folder / "figures").mkdir()

    def write_sheet(draw: Callable[[], Sheet]) -> None:
        figures.append(draw())
        write_sheets(figures[-1:], folder / "figures")
        figures[-1].figure.clear()  # the reports take its picture: what it was drawn of need not be held

    def write_document(name: str, make: Callable[[], Report]) -> None:
        document = make()
        (folder / f"{name}.html").write_text(html_page(document), encoding="utf-8")
        write_word(document, folder / f"{name}.docx", template=template)

    documents: dict[str, Callable[[], Report]] = {
        "report": lambda: report_of(result, figures=figures, proposed=proposed, lang=lang),
        "report_annex": lambda: annex_of(result, lang=lang),
    }
    return [
        *(
            (f"figures/{key}", _drawing(key, result), partial(write_sheet, draw))
            for key, draw in drawings(result, sited=proposed.sited, lang=lang)
        ),
        *((f"{name}.html, {name}.docx", None, partial(write_document, name, make)) for name, make in documents.items()),
        ("report.xlsx", None, lambda: write_workbook(result, folder / "report.xlsx", proposed=proposed, lang=lang)),
    ]
