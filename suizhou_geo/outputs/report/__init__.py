"""Measures and scorecard to reports: HTML, Word, Excel (the only package that writes office files).

One content model (`content.report_of`) holds every word and number; the three writers only lay it out.
"""

from suizhou_geo.outputs.report.excel import write_workbook
from suizhou_geo.outputs.report.html import html_report
from suizhou_geo.outputs.report.word import write_word

__all__ = ["html_report", "write_word", "write_workbook"]
