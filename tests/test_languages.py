"""The documentation and the README say the same in Chinese and in English: page by page, section by section, part by part."""

import re
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
TREES = CHINESE, ENGLISH = DOCS / "zh", DOCS / "en"
NAMES = sorted(page.relative_to(ENGLISH).as_posix() for page in ENGLISH.rglob("*.md"))
PAIRS = [(CHINESE / name, ENGLISH / name) for name in NAMES] + [(ROOT / "README.md", ROOT / "README.en.md")]
each_pair = pytest.mark.parametrize(("chinese", "english"), PAIRS, ids=[*NAMES, "README.md"])

FENCE = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^(#{1,6}) (.*?)(?: \{ #([\w-]+) \})?$")
ITEM = re.compile(r"^ *(?:[-*]|\d+\.) ")
SUMMARY = re.compile(r"^!!!.*\n(?:    .*\n)+", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
SPAN = re.compile(r"``?([^`]+)``?")
PLACE = re.compile(r" \{ #[\w-]+ \}$", re.MULTILINE)
NUMBER = re.compile(r"(\d+(?:,\d{3})*(?:\.\d+)?) ?(万)?")
SIX_ENGLISH_WORDS = re.compile(r"(?:[A-Za-z][A-Za-z'’-]*[,;:]? ){5}[A-Za-z'’-]+")
CHINESE_SENTENCE = re.compile(r"[\u4e00-\u9fff][^\n“”‘’《》()（）|]*[，。；][^\n“”|]*[\u4e00-\u9fff]")


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """The parts of a page in their order, each with its kind: heading, code, row, item, quote, figure, text."""
    kept = FENCE.sub(lambda found: found[0].replace("\n", "\x00"), text)
    running = ""
    for line in re.sub(r"\A---\n.*?\n---\n", "", kept, flags=re.DOTALL).splitlines():
        kind = _kind(line)
        if running == kind == "quote" or (kind == "text" and running in ("text", "item", "quote")):
            continue  # a line that only carries on what began above it
        running = kind
        if kind:
            yield kind, line.replace("\x00", "\n")


def _kind(line: str) -> str:
    starts = {"```": "code", "#": "heading", "|": "row", ">": "quote", "![": "figure", "!!!": "note", ":::": "name"}
    if not line.strip() or line.startswith(("<", "    options:")):
        return ""
    if ITEM.match(line):
        return "item"
    return next((starts[start] for start in sorted(starts, key=len, reverse=True) if line.startswith(start)), "text")


def _sections(page: Path) -> list[tuple[str, list[tuple[str, str]]]]:
    """Per section its heading and its parts, as far as they are the same in every language."""
    sections = [("", [])]
    for kind, line in _parts(page.read_text(encoding="utf-8")):
        if kind == "heading":
            level, words, _ = HEADING.match(line).groups()
            sections.append((f"{level} {words}", [(level, "")]))
        else:
            sections[-1][1].append((kind, _the_same(kind, line)))
    return sections


def _the_same(kind: str, line: str) -> str:
    """What of a part no language changes: code but for its comments, the number of cells, where figures and rows lead."""
    if kind == "code":
        return re.sub(r"(?<=\S) +# .*$|, lang=\"en\"| --lang en", "", line, flags=re.MULTILINE)
    if kind == "row":
        return f"{line.count('|') - line.count(chr(92) + '|')} cells, {sorted(map(_place, LINK.findall(line)))}"
    return LINK.search(line)[1] if kind == "figure" else line if kind == "name" else ""


def _said(page: Path) -> str:
    """The running words of a page: no code, no addresses, no quotations of the plan."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return re.sub(r"^>.*(?:\n.+)*", "", SPAN.sub("…", LINK.sub("]", text)), flags=re.MULTILINE)


def test_every_page_is_there_in_both_languages():
    assert NAMES
    chinese = {page.relative_to(CHINESE).as_posix() for page in CHINESE.rglob("*.md")}
    alone = sorted(chinese ^ set(NAMES))
    assert not alone, "these pages are there in one language only"
    assert not [page.name for page in DOCS.glob("*.md")], "pages stand in docs/zh and docs/en"


@each_pair
def test_a_page_has_the_same_parts_in_both_languages(chinese, english):
    sections = zip_longest(_sections(chinese), _sections(english), fillvalue=("(none)", []))
    wrong = [
        f"{title} / {heading}: {differing[0]}"
        for (title, ours), (heading, theirs) in sections
        if (differing := [pair for pair in zip_longest(ours, theirs) if pair[0] != pair[1]])
    ]
    assert not wrong, f"{chinese.name}: in these sections a part is in one language only, or another there"


@pytest.mark.parametrize("name", NAMES)
def test_a_link_to_a_heading_holds_in_both_languages(name):
    chinese, english = (
        [line for kind, line in _parts((tree / name).read_text("utf-8")) if kind == "heading"] for tree in TREES
    )
    for ours, theirs in zip(chinese[1:], english[1:], strict=True):
        _, words, place = HEADING.match(theirs).groups()
        assert HEADING.match(ours)[3] == (place or _place_of(words)), f"{ours} needs the place of {theirs}"


def _place_of(words: str) -> str:
    """The name of a heading's place, as Python-Markdown makes it of English words."""
    plain = re.sub(r"[`*\[]|\]\([^)]*\)|\]", "", words).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


@each_pair
def test_a_section_names_the_same_keys_and_leads_to_the_same_places(chinese, english):
    sections = zip(_by_section(chinese), _by_section(english), strict=True)
    wrong = {
        title: sorted(differing)
        for (title, ours), (_, theirs) in sections
        for name in (SPAN, LINK)
        if (differing := {*map(_place, name.findall(ours))} ^ {*map(_place, name.findall(theirs))})
    }
    assert not wrong, f"{chinese.name}: these keys and links are in one language only"


@each_pair
def test_a_section_names_the_same_numbers(chinese, english):
    sections = zip(_by_section(chinese), _by_section(english), strict=True)
    wrong = {
        title: sorted(differing)
        for (title, ours), (_, theirs) in sections
        if (differing := _numbers(ours) ^ _numbers(theirs))
    }
    assert not wrong, f"{chinese.name}: these numbers are in one language only"


def _numbers(text: str) -> set[float]:
    """The numbers of the running words: 1万 is 10,000."""
    words = PLACE.sub("", SPAN.sub("…", LINK.sub("]", text)))
    return {float(number.replace(",", "")) * (1e4 if many else 1) for number, many in NUMBER.findall(words)}


def _by_section(page: Path) -> list[tuple[str, str]]:
    text = SUMMARY.sub("", FENCE.sub("", page.read_text(encoding="utf-8")))
    return [(section.partition("\n")[0], section) for section in re.split(r"^#+ ", text, flags=re.MULTILINE)]


def _place(found: str) -> str:
    """A key, or where a link leads: the README's English links lead into docs/en."""
    return re.sub(r"\s+", " ", found).replace("docs/en/", "docs/zh/").replace("README.en.md", "README.md")


@each_pair
def test_no_page_falls_into_the_other_language(chinese, english):
    assert not SIX_ENGLISH_WORDS.findall(_said(chinese)), f"English in the Chinese {chinese.name}"
    assert not CHINESE_SENTENCE.findall(_said(english)), f"Chinese in the English {english.name}"
