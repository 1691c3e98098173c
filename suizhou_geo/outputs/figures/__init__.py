"""Sheets as planners draw them (图册): an overview of the promises, small maps per chapter, and the maps of what is missing.

The only room that knows matplotlib. Figures are built with its object interface and its own defaults, so that neither the
user's settings nor another figure changes them. A font with Chinese is installed with this package.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from matplotlib.figure import Figure

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.siting.sited import Sited
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.figures.basemap import basemap_of
from suizhou_geo.outputs.figures.chapters import chapter_drawings
from suizhou_geo.outputs.figures.context import Context
from suizhou_geo.outputs.figures.evidence import evidence_layers, frame_of
from suizhou_geo.outputs.figures.files import Drawing, Sheet, file_stem, own_settings, picture, write_sheets
from suizhou_geo.outputs.figures.fonts import find_fonts
from suizhou_geo.outputs.figures.overview import overview
from suizhou_geo.outputs.figures.proposed_sites import site_drawings
from suizhou_geo.outputs.figures.row_map import row_map
from suizhou_geo.outputs.figures.tornado import KEY as SENSITIVITY
from suizhou_geo.outputs.figures.tornado import hanging, tornado
from suizhou_geo.study_area import StudyArea

__all__ = [
    "Drawing",
    "Sheet",
    "drawings",
    "file_stem",
    "overview_figure",
    "picture",
    "plot",
    "sheets",
    "tornado_figure",
    "write_sheets",
]


def sheets(result: Assessed, *, lang: Lang = "zh") -> list[Sheet]:
    """Return the sheets of a study, A4 landscape or A3 (as its [office] says): the overview, then chapter by chapter.

    Each chapter of the plan that has measures gives a sheet of small maps by zone with a table against the promises, and
    one page for every measure whose evidence can be shown on a map. Nothing is measured here.

    >>> import suizhou_geo as sg
    >>> from suizhou_geo.assessment.assessed import assessed
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> [sheet.key for sheet in sheets(assessed(study, [sg.park_coverage(study.area)]), lang="en")]
    ['overview', 'green', 'green.park_coverage']
    """
    return [draw() for _, draw in drawings(result, lang=lang)]


def drawings(result: Assessed, *, sited: Sequence[Sited] = (), lang: Lang = "zh") -> list[Drawing]:
    """Return the same sheets before they are drawn: the key of each, and the function that draws it.

    Behind them stands a sheet for each coverage that sites are proposed for (`sited`), and last what the verdicts hang on,
    where any does.
    """
    context = Context(result, find_fonts(), lang)

    def drawn(draw: Callable[[Context], Sheet], number: int) -> Sheet:
        with own_settings():
            return draw(replace(context, number=number))

    subjects = (frame_of(evidence_layers(row, result.area), result.area) for row in result.measured)
    base = basemap_of(result.area, *subjects)
    every = [("overview", overview), *chapter_drawings(result, base), *site_drawings(result.rows, sited, base)]
    if hanging(result.rows):
        every.append((SENSITIVITY, tornado))
    return [(key, partial(drawn, draw, number)) for number, (key, draw) in enumerate(every, start=1)]


def tornado_figure(result: Assessed, *, lang: Lang = "zh") -> Figure:
    """Return what the verdicts hang on alone: for each promise a bar for every choice that could be made otherwise."""
    with own_settings():
        return tornado(Context(result, find_fonts(), lang)).figure


def overview_figure(result: Assessed, *, lang: Lang = "zh") -> Figure:
    """Return the overview alone: every promise that was measured as a bar against what was promised."""
    with own_settings():
        return overview(Context(result, find_fonts(), lang)).figure


def plot(row: Row, area: StudyArea, *, lang: Lang = "zh") -> Figure:
    """Return one map of a row, 200 x 140 mm: its evidence, or without any its values by zone, with zones and legend.

    Above it stand its name, the value of the whole, the promise and the verdict, and the label of invented data. A
    notebook shows the figure as it is; `savefig` writes it.

    Errors: LayerError where the evidence is in another coordinate system than the area.

    >>> import suizhou_geo as sg
    >>> from suizhou_geo.assessment.assessed import assessed
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> result = assessed(study, [sg.park_coverage(study.area)])
    >>> plot(result.row("park_coverage"), study.area).get_size_inches().round(2).tolist()
    [7.87, 5.51]
    """
    with own_settings():
        return row_map(row, area, find_fonts(), lang)
