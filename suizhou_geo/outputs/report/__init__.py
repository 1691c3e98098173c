"""Measures and scorecard to reports: HTML, Word, Excel (the only package that writes office files).

Two documents hold every word and number, the report (`content.report_of`) and its technical annex (`annex.annex_of`); the
writers only lay them out.
"""

from suizhou_geo.outputs.report.annex import annex_of
from suizhou_geo.outputs.report.content import report_of
from suizhou_geo.outputs.report.excel import write_workbook
from suizhou_geo.outputs.report.html import html_page
from suizhou_geo.outputs.report.word import write_word

__all__ = ["annex_of", "html_page", "report_of", "write_word", "write_workbook"]
