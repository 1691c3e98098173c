"""Sheets as planners draw them (图册): an overview of the promises, small maps per chapter, and the maps of what is missing.

The only room that knows matplotlib. Figures are built with its object interface and its own defaults, so that neither the
user's settings nor another figure changes them. A font with Chinese is installed with this package.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from suizhou_geo.assessment.wording import Lang
from suizhou_geo.model import Measure, Study
from suizhou_geo.outputs.figures.basemap import base_of
from suizhou_geo.outputs.figures.chapters import chapter_sheets
from suizhou_geo.outputs.figures.context import material
from suizhou_geo.outputs.figures.files import Sheet, own_settings, picture, pixels, write_sheets
from suizhou_geo.outputs.figures.fonts import find_letters
from suizhou_geo.outputs.figures.overview import overview

__all__ = ["Sheet", "picture", "pixels", "sheets", "write_sheets"]


def sheets(study: Study, measures: Sequence[Measure], card: pd.DataFrame, *, lang: Lang = "zh") -> list[Sheet]:
    """Return the sheets of a study, A4 landscape: the overview, then chapter by chapter.

    `measures` are those of `measure_all`, `card` their scorecard in the same `lang`. Each chapter of the plan that has
    measures gives a sheet of small maps by zone with a table against the promises, and one page for every measure whose
    evidence can be shown on a map. Nothing is measured here.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> measures = [sg.park_coverage(study.area)]
    >>> [sheet.key for sheet in sheets(study, measures, sg.scorecard(measures, study.plan, lang="en"), lang="en")]
    ['overview', 'green', 'green.park_coverage']
    """
    told = material(study, measures, card, letters=find_letters(), lang=lang)
    with own_settings():
        return [overview(told), *chapter_sheets(told, base_of(study.area))]
