"""What every workbook of ours has alike: how a sheet is printed."""

from __future__ import annotations

from typing import Any, Literal


def print_across(sheet: Any, *, head_row: int, footer: str, paper: Literal["A4", "A3"] = "A4") -> None:
    """Set up a sheet of openpyxl for print: across, as wide as the page, its rows to `head_row` on every page."""
    sheet.print_title_rows = f"1:{head_row}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4 if paper == "A4" else sheet.PAPERSIZE_A3
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.gridLines = True
    sheet.oddFooter.center.text = footer
