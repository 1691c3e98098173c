"""Workbooks that we are given, .xlsx and .xls alike, as openpyxl holds them: known by what they hold, not by their name."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl

from suizhou_geo.errors import InputError, SuizhouGeoError
from suizhou_geo.errors.text import Text
from suizhou_geo.model import Note
from suizhou_geo.sources.archives import BROKEN_ZIP
from suizhou_geo.sources.old_workbooks import BROKEN_XLS, XLS, from_page, from_xls
from suizhou_geo.sources.workbooks import check_workbook

_PAGE_MARKS = (b"<html", b"<table", b"<!doctype html")
_START = 4096
_BROKEN = (*BROKEN_ZIP, *BROKEN_XLS, LookupError, ValueError, SyntaxError, TypeError, AttributeError, AssertionError)


@contextmanager
def opened_workbook(
    path: Path, *, what: Text, formulas: bool = False
) -> Iterator[tuple[openpyxl.Workbook, list[Note]]]:
    """Give a workbook, open till the block is left, and what is to be said of it.

    Its cells hold values; with `formulas` those of formulas the formula (in .xls only where the result is missing). What
    the block ends in because of what the file holds is told as a file that cannot be opened.

    Raises: InputError where it is damaged, has a password, or is no workbook; `what` opens the sentence.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of styles and extensions that no cell depends on
            with path.open("rb") as file:
                book, notes = _book(file, what, formulas=formulas)
                with closing(book):
                    yield book, notes
    except SuizhouGeoError:
        raise
    except _BROKEN as error:
        said = str(error).strip().split("\n")[0]
        raise InputError(
            f"{what.zh}：无法作为 Excel 文件打开（原文：“{said}”）；请另存为 .xlsx 或 CSV",
            f"{what.en} cannot be opened as Excel ({said}); save it as .xlsx or CSV",
        ) from error


def visible(book: openpyxl.Workbook) -> list[Any]:
    """The sheets of a workbook that a program shows; all where it shows none with cells."""
    return [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets


def _book(file: BinaryIO, what: Text, *, formulas: bool) -> tuple[openpyxl.Workbook, list[Note]]:
    start = file.read(_START)
    file.seek(0)
    if start.startswith(b"PK"):
        check_workbook(file, what=what)
        return openpyxl.load_workbook(file, read_only=True, data_only=not formulas), []
    if start.startswith(XLS):
        return from_xls(file.read(), what=what, formulas=formulas)
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(b"<") and any(mark in start for mark in _PAGE_MARKS):
        return from_page(file.read(), what=what), []
    raise InputError(
        f"{what.zh}：内容不是 Excel 工作簿，而是文本或别的格式；请用 Excel 打开并另存为 .xlsx",
        f"{what.en} is named like an Excel workbook but holds text or something else; open it in Excel and save it as .xlsx",
    )
