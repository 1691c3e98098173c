"""The report of many cities as one HTML page: it loads nothing and runs nothing."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import Lang

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_say = speaker("batch")


def report_page(*, title: str, tally: pd.DataFrame, rankings: Mapping[str, pd.DataFrame], lang: Lang) -> str:
    """Return the page: the tally of each city, why others failed, and a ranking for each promise and measure."""
    environment = Environment(
        loader=PackageLoader("suizhou_geo.outputs.batch", ""), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("templates/report.html.jinja").render(
        title=title, tally=tally, rankings=rankings, policy=_POLICY, say=lambda key, **parts: _say(key, lang, **parts)
    )
