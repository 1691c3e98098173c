"""The draft of a plan in the hand, read from a document: as a plan file, and beside the document on a page to check it by."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from suizhou_geo.errors import InputError, OutputError, reason, speaking
from suizhou_geo.errors.text import Lang
from suizhou_geo.outputs.plan_draft.page import side_by_side
from suizhou_geo.sources.plan_text.documents import read_document
from suizhou_geo.sources.plan_text.drafting import plan_toml
from suizhou_geo.sources.plan_text.matching import Draft, drafts
from suizhou_geo.sources.plan_text.promises import Reading, read_promises


@dataclass(frozen=True, eq=False, repr=False)
class PlanDraft:
    """What a document promises, as a draft nobody has checked yet: every promise with its sentence and paragraph.

    `rows` are the drafts in the order of the text, `reading.refused` the numbers that promise nothing, with why.
    """

    reading: Reading
    rows: tuple[Draft, ...]
    lang: Lang = "zh"

    @property
    def toml(self) -> str:
        """The plan file: `read_plan` takes it as it is, and no row gives a verdict before `sure = false` is taken out."""
        return plan_toml(self.reading, self.rows, lang=self.lang)

    @property
    def page(self) -> str:
        """The document and the draft side by side, as one web page that needs no network."""
        return side_by_side(self.reading, self.rows, lang=self.lang)

    @property
    def table(self) -> pd.DataFrame:
        """One row a promise: paragraph, clause, key ("" without a measure), name, op, value, unit, year, quote, offices."""
        return pd.DataFrame(
            [
                {
                    "paragraph": row.promise.passage,
                    "clause": row.promise.clause,
                    "key": row.key if row.entry is not None else "",
                    "name": row.promise.name,
                    "op": row.promise.op,
                    "value": row.value,
                    "unit": row.unit,
                    "year": row.promise.year,
                    "quote": row.promise.quote,
                    "responsible": row.promise.responsible,
                }
                for row in self.rows
            ]
        )

    def write(self, path: Path | str) -> Path:
        """Write the plan file (.toml) and the page beside it (.html), both or neither; return where the page stands.

        Raises: OutputError for another ending, a file that is there already, or a place that cannot be written.
        """
        path = Path(path)
        page = path.with_suffix(".html")
        if path.suffix.lower() != ".toml":
            raise OutputError(
                f"{path} 不是 .toml；请用 --out 给出一个 .toml 文件名",
                f"{path} is no .toml; give the name of one with --out",
            )
        for file in (path, page):
            if file.exists():
                raise OutputError(
                    f"{file} 已经存在，可能已有人核对过；请用 --out 换一个文件名",
                    f"{file} is there already and may have been checked; give another name with --out",
                )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with _whole(page) as new_page, _whole(path) as new_plan:
                new_page.write_text(self.page, encoding="utf-8")
                new_plan.write_text(self.toml, encoding="utf-8")
        except OSError as error:
            why = reason(error)
            raise OutputError(
                f"{path} 无法写入（{why.zh}）；请用 --out 换一个位置",
                f"{path} cannot be written ({why.en}); give another place with --out",
            ) from None
        return page

    def __repr__(self) -> str:
        """Say of what, how many, and how many of them a measure is of, on one line."""
        measured = sum(row.entry is not None for row in self.rows)
        return f"PlanDraft({self.reading.document.title}: {measured}/{len(self.rows)})"

    def _repr_html_(self) -> str:
        return str(self.table.to_html())


@contextlib.contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """Give a new file that takes the place of `path` when the block ends without an error."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    fresh = Path(name)
    try:
        yield fresh
        fresh.chmod(0o644)
        os.rename(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def targets(document: Path | str, *, lang: Lang = "zh") -> PlanDraft:
    """Read what a plan in Chinese promises (.txt, .md, .docx, .html, .pdf with text) and draft a plan file of it.

    A promise is a number with its unit that the text says shall be reached; `promises` in `sources.plan_text` and the
    grammar in standards/plan_grammar.toml say by which words. Shares are 0-1. Nothing is completed silently: each row
    carries its words, its paragraph and what was taken for granted; other numbers are kept with the reason.

    Raises: InputError for a document that cannot be read, and one that promises nothing in numbers.

    >>> import suizhou_geo as sg
    >>> draft = sg.targets("docs/templates/plan_text.txt")
    >>> draft.table[["key", "op", "value", "unit", "year"]].values.tolist()[0]
    ['road_density', '>=', 8.0, 'km/km2', 2030]
    """
    with speaking(lang):
        reading = read_promises(read_document(Path(document)))
        if not reading.promises:
            raise InputError(
                f"规划文件 {reading.document.file}：没有读出量化的承诺；请确认是方案正文，或自己写方案文件",
                f"plan document {reading.document.file}: no promise in numbers was found; make sure that it is the text of "
                "the plan, or write the plan file yourself",
            )
    return PlanDraft(reading, drafts(reading.promises), lang)
