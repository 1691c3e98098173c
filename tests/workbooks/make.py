"""Make the .xls of this folder with LibreOffice, as offices save them.

Run by the Python that has LibreOffice's `uno` (Debian: python3-uno): `python3 tests/workbooks/make.py`. The files are
checked in, so that nothing but LibreOffice need write .xls.
"""

import subprocess
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

HERE = Path(__file__).resolve().parent
PIPE = "pipe,name=workbooks;urp;StarOffice.ComponentContext"
SCHOOLS = (
    ("category", "name", "经度", "纬度", "建成", "编码"),
    ("primary_school", "甲小学", 113.37774514, 31.68416815, ("=DATE(2019;9;1)", "YYYY-MM-DD"), "'0421303001"),
    ("primary_school", "乙小学", "'113.37879975", 31.68417329, None, "421303002"),
)
PERSONS = (("社区", "人口"), ("㵐水街道", "=40+60"), ("东城社区", 200), ("", ""))
FORM = (
    ("key", "item", "year", "value", "unit", "source"),
    ("insured", "", 2025, (0.96, "0.00%"), "%", "局"),
    ("exports", "", 2025, "=2.6*2", "亿美元", "海关"),
    ("exports", "", 2024, (52000, '0!.0,"万"'), "亿美元", "海关"),
    ("exports", "", 2023, (5, "YYYY-MM-DD"), "亿美元", "海关"),
    ("exports", "", 2022, "=1/0", "亿美元", "海关"),
)
NOTES = (("说明",), ("底稿",))
BOOKS = {  # name: (sheets, hidden, password); a text that begins with ' is text, a pair a value and how it is shown
    "schools.xls": ({"设施": SCHOOLS, "底稿": NOTES}, "底稿", None),
    "two_sheets.xls": ({"说明": NOTES, "设施": SCHOOLS}, None, None),
    "persons.xls": ({"人口": PERSONS}, None, None),
    "form.xls": ({"申报": FORM, "底稿": NOTES}, "底稿", None),
    "locked.xls": ({"设施": SCHOOLS}, None, "随州"),
}


def property_of(name, value):
    given = PropertyValue()
    given.Name, given.Value = name, value
    return given


def fill(cell, value, formats):
    value, shown = value if isinstance(value, tuple) else (value, None)
    if isinstance(value, str) and not value.startswith("="):
        cell.setString(value.removeprefix("'"))
    elif isinstance(value, str):
        cell.setFormula(value)
    elif value is not None:
        cell.setValue(value)
    if shown:
        locale = uno.createUnoStruct("com.sun.star.lang.Locale", "en", "US", "")
        known = formats.queryKey(shown, locale, False)
        cell.NumberFormat = formats.addNew(shown, locale) if known < 0 else known


def desktop():
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(60):
        try:
            context = resolver.resolve(f"uno:{PIPE}")
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        except NoConnectException:
            time.sleep(0.5)
    raise SystemExit("LibreOffice does not start")


def main():
    office = subprocess.Popen(["soffice", "--headless", "--norestore", f"--accept={PIPE}"])  # noqa: S607
    shell = desktop()
    for name, (sheets, hidden, password) in BOOKS.items():
        book = shell.loadComponentFromURL("private:factory/scalc", "_blank", 0, (property_of("Hidden", True),))
        for at, (title, rows) in enumerate(sheets.items()):
            book.Sheets.insertNewByName(title, at)
            sheet = book.Sheets.getByName(title)
            for row, cells in enumerate(rows):
                for column, value in enumerate(cells):
                    fill(sheet.getCellByPosition(column, row), value, book.NumberFormats)
        book.Sheets.removeByName(book.Sheets.ElementNames[-1])
        if hidden:
            shown = next(title for title in sheets if title != hidden)
            book.CurrentController.setActiveSheet(book.Sheets.getByName(shown))  # the active sheet is never hidden
            book.Sheets.getByName(hidden).IsVisible = False
        how = [property_of("FilterName", "MS Excel 97")]
        if password:
            how.append(property_of("Password", password))
        book.storeToURL((HERE / name).as_uri(), tuple(how))
        book.close(True)
    shell.terminate()
    office.wait()


if __name__ == "__main__":
    main()
