"""The document of a plan, whatever it was saved as: its paragraphs and tables in order, each with number and clause."""

from __future__ import annotations

import importlib
import io
import logging
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from lxml.etree import LxmlError

from suizhou_geo.errors import InputError, reason
from suizhou_geo.errors.text import Text
from suizhou_geo.sources.files import decoded, refuse_endless

KINDS = (".txt", ".md", ".docx", ".html", ".htm", ".pdf")
MOST_BYTES = {".docx": 100_000_000, ".pdf": 100_000_000}
MOST_TEXT_BYTES, MOST_UNPACKED, MOST_CHARACTERS = 20_000_000, 400_000_000, 3_000_000
Rows = tuple[tuple[str, ...], ...]
_Piece = tuple[str, int, Rows]  # text, level of a heading (0: none), rows of a table

_ILLEGAL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060\ufeff\ufff0-\uffff\ud800-\udfff]")
_BLANK = re.compile(r"[ \t\u00a0\u3000]+")
_ENDS = tuple("。；：！？;:!?）)”》")
_MARKDOWN_HEAD = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_MARKDOWN_RULE = re.compile(r"^\|?\s*:?-{2,}.*$")
_BULLET = re.compile(r"[●■◆★•·○▪►➢※□◇]|——")
_LEVELS = (
    (re.compile(r"^第[一二三四五六七八九十百]+[编篇]"), 1),
    (re.compile(r"^第[一二三四五六七八九十百]+章"), 2),
    (re.compile(r"^第[一二三四五六七八九十百]+节"), 3),
    (re.compile(r"^第[一二三四五六七八九十百]+条"), 8),
    (re.compile(r"^[一二三四五六七八九十]+、"), 4),
    (re.compile(r"^[(（][一二三四五六七八九十]+[)）]"), 5),
    (re.compile(r"^[0-9]{1,2}(?:[.．、](?![0-9])|(?:[.．][0-9]{1,2})+(?![0-9%万亿千百个公平亩米倍元]))"), 6),
    (re.compile(r"^[(（][0-9]{1,2}[)）]"), 7),
)
_LONGEST_HEADING, _WRAPPED_FROM = 45, 20
_HEADS = frozenset(f"h{level}" for level in range(1, 7))
_BLOCKS = _HEADS | {
    *("p", "div", "li", "tr", "br", "section", "article", "header", "footer", "main", "blockquote", "pre"),
    *("ul", "ol", "dl", "dt", "dd", "title"),
}
_UNSEEN = frozenset(["script", "style", "noscript", "template", "svg", "head", "nav"])


@dataclass(frozen=True)
class Passage:
    """A paragraph, a heading (`level` above 0, 1 the highest) or a table (`rows`) of a document; `number` counts from 1.

    `clause` is the numbering it stands under (一、（一）4), or the heading where the document does not number.
    """

    number: int
    text: str
    level: int
    clause: str
    rows: Rows = ()


@dataclass(frozen=True)
class Document:
    """A document as it was read: the name of its file, its title and its passages."""

    file: str
    title: str
    passages: tuple[Passage, ...]


def read_document(path: Path) -> Document:
    """Return the passages of a .txt, .md, .docx, .html or .pdf (that holds text), in their order.

    Text is UTF-8 or GBK. PDF needs pypdf (`pip install "suizhou-geo[pdf]"`).

    Raises:
        InputError: no such file, another kind of file, an empty or broken one, one without text, or one too large.
    """
    kind = path.suffix.lower()
    what = Text(f"规划文件 {path.name}", f"plan document {path.name}")
    if kind not in KINDS:
        raise InputError(
            f"{what.zh}：不能读 {kind or '没有扩展名的文件'}；请另存为 {'、'.join(KINDS)} 之一",
            f"{what.en}: {kind or 'a file without an ending'} cannot be read; save it as one of {', '.join(KINDS)}",
        )
    data = _bytes(path, kind, what)
    pieces = list(_READERS[kind](data, what))
    if sum(len(text) for text, *_ in pieces) > MOST_CHARACTERS:
        raise InputError(
            f"{what.zh}：文字超过 {MOST_CHARACTERS // 10_000} 万字，不像一份规划；请只保留要读的部分",
            f"{what.en}: holds more than {MOST_CHARACTERS:,} characters, which no plan does; keep the part to be read",
        )
    passages = tuple(_numbered(pieces))
    if not any(re.search(r"[\u4e00-\u9fff]", passage.text) for passage in passages):
        raise InputError(
            f"{what.zh}：里面没有中文文字（扫描件要先做文字识别）；请换一份带文字的文件",
            f"{what.en}: holds no Chinese text (a scan must be recognised first); give a document with text in it",
        )
    return Document(path.name, _title(passages, path), passages)


def _bytes(path: Path, kind: str, what: Text) -> bytes:
    try:
        refuse_endless(path)
        size = path.stat().st_size
        most = MOST_BYTES.get(kind, MOST_TEXT_BYTES)
        if size > most:
            raise InputError(
                f"{what.zh}：有 {size / 1e6:.0f} MB，超过 {most / 1e6:.0f} MB；请只保留规划文本",
                f"{what.en}: has {size / 1e6:.0f} MB, more than {most / 1e6:.0f} MB; keep the text of the plan alone",
            )
        data = path.read_bytes()
    except OSError as error:
        why = reason(error)
        raise InputError(
            f"{what.zh}：无法读取 {path}（{why.zh}）；请检查路径",
            f"{what.en}: {path} cannot be read ({why.en}); check the path",
        ) from None
    if not data.strip():
        raise InputError(f"{what.zh}：是空文件；请重新复制或导出", f"{what.en} is empty; copy or export it again")
    return data


def _decoded(data: bytes, what: Text) -> str:
    try:
        text, _ = decoded(data, what=what)
    except InputError:
        text = "\x00"
    if "\x00" in text:
        raise InputError(
            f"{what.zh}：不是 UTF-8 或 GBK 文本；请另存为 UTF-8，或改正扩展名",
            f"{what.en} is not text in UTF-8 or GBK; save it as UTF-8, or give it its true ending",
        )
    return text


def _text_pieces(data: bytes, what: Text) -> Iterator[_Piece]:
    text = _decoded(data, what)
    if re.search(r"(?m)^#{1,6}\s+\S", text):
        yield from _markdown_pieces(data, what)
        return
    for line in _unwrapped(text.splitlines(), only_if_wrapped=True):
        yield line, 0, ()


def _markdown_pieces(data: bytes, what: Text) -> Iterator[_Piece]:
    rows: list[tuple[str, ...]] = []
    for line in [*_decoded(data, what).splitlines(), ""]:
        stripped = line.strip()
        if stripped.startswith("|"):
            if not _MARKDOWN_RULE.match(stripped):
                rows.append(tuple(_tidy(cell) for cell in stripped.strip("|").split("|")))
            continue
        if rows:
            yield "", 0, tuple(rows)
            rows = []
        head = _MARKDOWN_HEAD.match(stripped)
        text = re.sub(r"\*\*|__|`", "", head[2] if head else re.sub(r"^(?:[-*+>]\s+)+", "", stripped))
        yield text, len(head[1]) if head else 0, ()


def _docx_pieces(data: bytes, what: Text) -> Iterator[_Piece]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
        if unpacked > MOST_UNPACKED:
            raise InputError(
                f"{what.zh}：展开后超过 {MOST_UNPACKED / 1e6:.0f} MB；请另存为只含文字的 .docx",
                f"{what.en}: unpacks to more than {MOST_UNPACKED / 1e6:.0f} MB; save it as a .docx of text alone",
            )
        body = list(docx.Document(io.BytesIO(data)).iter_inner_content())
        yield from [_docx_piece(block) for block in body]
    except InputError:
        raise
    except (zipfile.BadZipFile, zipfile.LargeZipFile, PackageNotFoundError, LxmlError, KeyError, ValueError,
            AttributeError, IndexError, EOFError, OSError, NotImplementedError, RuntimeError) as error:  # fmt: skip
        raise InputError(
            f"{what.zh}：不是完好的 .docx；请在 Word 或 WPS 中打开并另存为 .docx",
            f"{what.en} is not a whole .docx; open it in Word and save it as .docx",
        ) from error


def _docx_piece(block: Any) -> _Piece:
    if not hasattr(block, "rows"):
        style = (block.style.name if block.style is not None else "") or ""
        level = re.fullmatch(r"(?:heading|标题)\s*([1-9])", style.strip(), flags=re.I)
        return block.text, int(level[1]) if level else 0, ()
    rows = []
    for row in block.rows:
        cells: list[str] = []
        before = None
        for cell in row.cells:  # a merged cell comes once for each column it spans
            cells.append("" if cell._tc is before else _tidy(cell.text))
            before = cell._tc
        rows.append(tuple(cells))
    return "", 0, tuple(rows)


class _Page(HTMLParser):
    """The visible text of a page, block by block, with its headings and its innermost tables. Depth costs nothing."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[_Piece] = []
        self._words: list[str] = []
        self._level, self._unseen = 0, 0
        self._tables: list[list[list[str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "table":
            self._end_block()
            self._tables.append([])
        elif tag == "tr" and self._tables:
            self._tables[-1].append([])
        elif tag in ("td", "th") and self._tables:
            self._words.clear()
        elif tag in _BLOCKS and not self._tables:
            self._end_block()
            self._level = int(tag[1]) if tag in _HEADS else 0

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(self._unseen - 1, 0)
        elif tag in ("td", "th") and self._tables and self._tables[-1]:
            self._tables[-1][-1].append(_tidy("".join(self._words)))
            self._words.clear()
        elif tag == "table" and self._tables:
            rows = tuple(tuple(row) for row in self._tables.pop() if any(row))
            if rows:
                self.pieces.append(("", 0, rows))
        elif tag in _BLOCKS and not self._tables:
            self._end_block()

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._words.append(data)

    def _end_block(self) -> None:
        text = re.sub(r"\s*\n\s*", "", "".join(self._words))
        if text.strip():
            self.pieces.append((text, self._level, ()))
        self._words.clear()
        self._level = 0

    def close(self) -> None:
        super().close()
        self._tables.clear()
        self._end_block()


def _html_pieces(data: bytes, what: Text) -> Iterator[_Piece]:
    page = _Page()
    page.feed(_decoded(data, what))
    page.close()
    yield from page.pieces


def _pdf_pieces(data: bytes, what: Text) -> Iterator[_Piece]:
    try:
        pypdf = importlib.import_module("pypdf")
    except ModuleNotFoundError:
        raise InputError(
            f'{what.zh}：读 PDF 需要 pypdf；请运行 pip install "suizhou-geo[pdf]"，或把文件另存为 .docx 或 .txt',
            f'{what.en}: PDF needs pypdf; run pip install "suizhou-geo[pdf]", or save the document as .docx or .txt',
        ) from None
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it mends it would tell on the screen
    try:
        pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages]
    except (pypdf.errors.PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError,
            RecursionError, NotImplementedError, AssertionError) as error:  # fmt: skip
        raise InputError(
            f"{what.zh}：不是完好的、未加密的 PDF；请重新导出，或另存为 .docx 或 .txt",
            f"{what.en} is not a whole PDF without a password; export it again, or save it as .docx or .txt",
        ) from error
    lines = [line for page in pages for line in page.splitlines() if not re.fullmatch(r"[\s—\-–第页0-9]*", line)]
    for line in _unwrapped(lines, only_if_wrapped=False):
        yield (
            re.sub(r"(?<=[\u4e00-\u9fff，。；、]) +(?=[\u4e00-\u9fff0-9])|(?<=[0-9]) +(?=[\u4e00-\u9fff%])", "", line),
            0,
            (),
        )


_READERS = {
    ".txt": _text_pieces,
    ".md": _markdown_pieces,
    ".docx": _docx_pieces,
    ".html": _html_pieces,
    ".htm": _html_pieces,
    ".pdf": _pdf_pieces,
}


def _unwrapped(lines: Sequence[str], *, only_if_wrapped: bool) -> Iterator[str]:
    """Join the lines of a paragraph again, where lines break at the width of the page and not at the paragraph's end."""
    long = [line for line in lines if len(line.strip()) >= _WRAPPED_FROM]
    broken = sum(not line.rstrip().endswith(_ENDS) for line in long)
    if only_if_wrapped and broken * 2 <= len(long):
        yield from lines
        return
    width = sorted(len(line.strip()) for line in long)[len(long) // 2] if long else 0
    paragraph = ""
    for raw in lines:
        line = raw.strip()
        if paragraph and (not line or level_of(line) or _BULLET.match(line)):
            yield paragraph
            paragraph = ""
        paragraph += line
        if len(line) < 0.8 * width or (line.endswith(_ENDS) and len(line) < 0.95 * width):
            yield paragraph
            paragraph = ""
    yield paragraph


def _tidy(text: str) -> str:
    return _BLANK.sub(" ", _ILLEGAL.sub("", text.replace("\n", " "))).strip()


def level_of(text: str) -> int:
    """Return the level of the number a paragraph begins with, 0 where it begins with none.

    >>> level_of("（一）优化布局"), level_of("2035年")
    (5, 0)
    """
    return _mark(text)[0]


def _mark(text: str) -> tuple[int, str]:
    """The level of the number a paragraph begins with, and that number."""
    return next(((level, found[0]) for pattern, level in _LEVELS if (found := pattern.match(text))), (0, ""))


def _numbered(pieces: Iterable[_Piece]) -> Iterator[Passage]:
    """Number what holds anything, and say under which clause it stands: a number of a level ends those below it."""
    markers: dict[int, str] = {}
    titled, number = "", 0
    for raw, styled, rows in pieces:
        text = _tidy(raw)
        if not text and not rows:
            continue
        number += 1
        level, mark = _mark(text)
        heading = styled or (level if len(text) <= _LONGEST_HEADING and not re.search("。|[；;]$", text) else 0)
        if level:
            markers = {k: v for k, v in markers.items() if k < level} | {level: mark.rstrip(".．")}
            titled = ""
        elif styled:
            markers, titled = {}, text
        clause = titled or "".join(markers[k] for k in sorted(markers))
        yield Passage(number, text or " ".join(cell for row in rows for cell in row), heading, clause, rows)


def _title(passages: Sequence[Passage], path: Path) -> str:
    """The title among the first lines: what stands in 《》 at the head of one, else the first line that names a plan."""
    first = [passage.text for passage in passages[:15] if not passage.rows]
    quoted = [found[1] for text in first if (found := re.match(r"《([^》]{4,60})》", text))]
    named = [
        text
        for text in first
        if len(text) <= 60 and re.search(r"(?:规划|计划|方案|报告|意见|要点|纲要)(?:[（(].*)?$", text)
    ]
    return next(iter([*quoted, *named]), path.stem).strip("—- 《》")
