"""The report as one HTML page: it loads nothing, runs nothing, and prints on A4."""

from __future__ import annotations

import base64

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from suizhou_geo.outputs.figures import Sheet
from suizhou_geo.outputs.report.blocks import Report, alternative_text
from suizhou_geo.outputs.report.words import say
from suizhou_geo.sources.workbooks import clean
from suizhou_geo.standards.symbology import VERDICTS

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def html_page(report: Report) -> str:
    """Return a report or its annex as one web page, complete in itself.

    The page fetches nothing and runs no script, which a content policy in it holds the browser to; its pictures stand in it
    as PNG with their captions as alternative text. Names from data appear as text whatever they hold. Printed, every
    attachment begins on a new A4 page. The same input gives the same page, byte for byte.

    >>> import suizhou_geo as sg
    >>> from suizhou_geo.assessment.assessed import assessed
    >>> from suizhou_geo.outputs.report import html_page, report_of
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> page = html_page(report_of(assessed(study, [sg.population_density(study.area)])))
    >>> page.count("虚构数据，不是随州") > 1, "http://" in page
    (True, False)
    """
    room, lang = PackageLoader("suizhou_geo.outputs.report", ""), report.lang

    def cleaned(value: object) -> object:
        return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    environment = Environment(loader=room, autoescape=True, undefined=StrictUndefined, finalize=cleaned)
    return environment.get_template("templates/report.html.jinja").render(
        report=report,
        policy=POLICY,
        colours={status: colour for status, (_, colour) in VERDICTS.items() if status},
        say=lambda key: say(key, lang),
        kind=lambda block: type(block).__name__,
        image=_image,
        alternative_text=lambda sheet: alternative_text(sheet, lang),
    )


def _image(sheet: Sheet) -> str:
    return f"data:image/png;base64,{base64.b64encode(sheet.png).decode()}"
