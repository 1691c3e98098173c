"""How Excel shows a number: as the words beside it do, while the cell holds the whole number."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from suizhou_geo.assessment.wording import GREAT
from suizhou_geo.outputs.report.blocks import Cell

BY_UNIT: Mapping[str, str] = {
    **dict.fromkeys(("share", "share/year"), "0.0%"),
    **dict.fromkeys(("count", "persons", "m", "person/km2"), "#,##0"),
    "": "General",
}
OTHER = "#,##0.00"
_NUMBER = re.compile(r"\d[\d,]*(?:\.(\d+))?")
# Excel divides by thousands alone: for 亿 and 万 a point is set into the millions and the thousands
_SCALED = {1e8: r"0\.00,,", 1e4: r"0\.0,", 1e6: "#,##0.00,,", 1e9: "#,##0.00,,,"}
_SLACK = 0.51  # of the last digit that is shown


def number_format(cell: Cell) -> str:
    r"""Return the number format of a cell: with sign, unit and decimals as its text has them, else that of its unit.

    >>> number_format(Cell("≥ 8 km/km²", 8.0, "km/km2")), number_format(Cell("余 84.96%", -0.84961, "share"))
    ('"≥ "#,##0" km/km²"', '"余 "0.00%;"余 "0.00%')
    >>> number_format(Cell("5.30亿美元", 5.3e8, "USD")), number_format(Cell("", 0.5, "share"))
    ('0\\.00,,"亿美元"', '0.0%')
    """
    found = _NUMBER.search(cell.text)
    value = cell.value if cell.value is not None else np.nan
    if found is None:
        return BY_UNIT.get(cell.unit, OTHER) if not cell.text else _quoted(cell.text)
    decimals, after = len(found[1] or ""), cell.text[found.end() :]
    percent = after.startswith("%")
    size = 0.01 if percent else next((s for s, word in _words() if after.startswith(word)), 1.0)
    shown = float(found[0].replace(",", ""))
    if abs(abs(value) / size - shown) > _SLACK * 10.0**-decimals:
        return BY_UNIT.get(cell.unit, OTHER)
    digits = "0" if percent else "#,##0"
    whole = _SCALED.get(size, digits + ("." + "0" * decimals if decimals else ""))
    told = _quoted(cell.text[: found.start()]) + whole + "%" * percent + _quoted(after.removeprefix("%"))
    return f"{told};{told}" if value < 0 else told


def _words() -> list[tuple[float, str]]:
    return [(size, word) for rows in GREAT.values() for _, size, word in rows]


def _quoted(text: str) -> str:
    return '"{}"'.format(text.replace('"', "”")) if text else ""
