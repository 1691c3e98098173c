"""No number of the two documents is left out: each belongs to a target, to a not_targets quote, or to a named pattern.

A target accounts for a number inside its quote when the number is its value, or when it stands in its Chinese name
("15分钟生活圈", "产值过50亿元龙头企业"). Being near a target is not enough. Each number that is a value belongs to
exactly one target (TOGETHER lists the one that two share), so no target can be taken out without a number being left
over, even where two targets quote the same words ("九纵十二横").
"""

import math
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from suizhou_geo.sources.plan import not_targets, read_plan

pytestmark = pytest.mark.real

DOCUMENTS = {"suizhou_2025": "action-plan-2024.txt", "suizhou_2024_report": "work-report-2024.txt"}
PROMISES_FROM = {"suizhou_2025": "紧扣城乡融合发展示范区目标定位", "suizhou_2024_report": "### 展望 2024"}

# 同步 (in step with) bounds a difference by zero without a figure.
NUMBER = re.compile(
    r"(?:[0-9０-９]+(?:[.．][0-9０-９]+)?[百千万亿]*|[〇零一二三四五六七八九十百千万亿两双半]+)(?:%|％|小时)?|居民收入与经济增长同步"
)

# Numbers that count nothing, by the reason why. Whatever is no language or layout stands in not_targets.
STRUCTURE = {
    "a date: when, not how much (targets carry it as year)": r"20[0-9]{2}年(?:[0-9]{1,2}月[0-9]{1,2}日)?",
    "a year in a heading of the work report": r"(?m)^### (?:回眸|展望) 20[0-9]{2}$",
    "the number of a clause": r"(?m)^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十]+）|[0-9]{1,2}\.(?![0-9]))",
    "统一 (uniform), 一体化 (integrated), 唯一 (only)": r"统一|一体化|唯一",
    "第一责任人 (the person in charge)": r"第一责任人",
    "零部件 (parts), 零售 (retail)": r"零部件|零售",
    "平方千米 (the unit)": r"平方千米",
    "一般 (general), 老百姓 (the people)": r"一般公共预算|老百姓",
}
# Two promises in one number: 基本养老、医保参保率均 (both) 95 %.
TOGETHER = {"95%": 2}
# A value that is the number of things named, not a figure: the three roads before 等.
COUNTED = {("suizhou_2025", "dead_ends_opened"): "裕民大道、文化二路、汉东东路延伸段"}
DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "双": 2}
SCALES = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
SUFFIXES = {"%": 0.01, "％": 0.01, "小时": 60}


def numeral(text: str) -> float:
    """Read one match of NUMBER: 3.5万 -> 35000, 85% -> 0.85, 十二 -> 12, 1小时 -> 60 (minutes)."""
    if text.endswith("同步"):
        return 0.0
    factor = 1.0
    for suffix, value in SUFFIXES.items():
        if text.endswith(suffix):
            text, factor = text.removesuffix(suffix), value
    total, section, digit = 0.0, 0.0, None
    arabic = re.match(r"[0-9０-９.．]+", text)
    if arabic:
        digit, text = float(arabic[0].replace("．", ".")), text[arabic.end() :]
    for c in text:
        if c in DIGITS:
            digit = DIGITS[c]
        elif c in SCALES and SCALES[c] < 10**4:
            section, digit = section + (1 if digit is None else digit) * SCALES[c], None
        elif c in SCALES:
            whole = section + (digit or 0)
            total, section, digit = total + (whole or 1) * SCALES[c], 0.0, None
        else:
            return math.nan
    return (total + section + (digit or 0)) * factor


@dataclass(frozen=True)
class Token:
    start: int
    end: int
    text: str


def tokens(text: str) -> list[Token]:
    return [Token(m.start(), m.end(), m[0]) for m in NUMBER.finditer(text)]


def occurrences(text: str, quote: str) -> list[tuple[int, int]]:
    return [(m.start(), m.end()) for m in re.finditer(re.escape(quote), text)]


def inside(token: Token, spans: list[tuple[int, int]]) -> bool:
    return any(start <= token.start and token.end <= end for start, end in spans)


def values_of(text: str, target) -> list[Token]:
    """The numbers in the quote that are the target's value."""
    (span,) = occurrences(text, target.quote)
    return [t for t in tokens(text) if inside(t, [span]) and math.isclose(numeral(t.text), target.value, abs_tol=1e-12)]


def names_of(text: str, target) -> list[Token]:
    """The numbers in the quote that belong to the target's name, with the letter that follows them."""
    (span,) = occurrences(text, target.quote)
    return [t for t in tokens(text) if inside(t, [span]) and text[t.start : t.end + 1] in target.name_zh]


def left_over(text: str, targets, others) -> list[str]:
    """The numbers nobody accounts for, each with the words around it."""
    spans = [span for quote, _ in others for span in occurrences(text, quote)]
    spans += [m.span() for pattern in STRUCTURE.values() for m in re.finditer(pattern, text)]
    claims = Counter(t for target in targets for t in values_of(text, target))
    named = {t for target in targets for t in names_of(text, target)}
    return [
        text[max(0, t.start - 12) : t.end + 8]
        for t in tokens(text)
        if not (inside(t, spans) or t in named or claims[t] == TOGETHER.get(t.text, 1))
    ]


@pytest.fixture(params=DOCUMENTS)
def name(request) -> str:
    return request.param


def document(real_data: Path, name: str) -> str:
    path = real_data.parent / "plan" / DOCUMENTS[name]
    if not path.is_file():
        pytest.skip(f"no document at {path}")
    return path.read_text(encoding="utf-8")


@pytest.fixture
def text(name, real_data) -> str:
    return document(real_data, name)


def test_numerals_are_read():
    read = {
        "3.5万": 35000,
        "85%": 0.85,
        "６％": 0.06,
        "十二": 12,
        "九": 9,
        "百亿": 1e10,
        "1小时": 60,
        "二十": 20,
        "5亿": 5e8,
    }
    assert {k: numeral(k) for k in read} == pytest.approx(read)
    assert [t.text for t in tokens("1-3个、16.5万亩、一主城+三片区、20%")] == ["1", "3", "16.5万", "一", "三", "20%"]


def test_every_number_is_accounted_for(name, text):
    assert left_over(text, read_plan(name).targets, not_targets(name)) == []


def test_no_target_can_be_taken_out(name, text):
    targets, others = read_plan(name).targets, not_targets(name)
    missed = [t.key for t in targets if not left_over(text, [u for u in targets if u is not t], others)]
    assert missed == []


def test_no_not_target_can_be_taken_out(name, text):
    targets, others = read_plan(name).targets, not_targets(name)
    idle = [quote for quote, _ in others if not left_over(text, targets, [o for o in others if o[0] != quote])]
    assert idle == []


def test_every_value_is_read_from_its_quote(name, text):
    for target in read_plan(name).targets:
        listed = COUNTED.get((name, target.key))
        if listed is not None:
            assert listed in target.quote
            assert target.value == len(listed.split("、"))
        else:
            assert len(values_of(text, target)) == 1, target.key


def test_quotes_are_the_exact_words_in_the_part_that_promises(name, text):
    begin = text.index(PROMISES_FROM[name])
    for target in read_plan(name).targets:
        spans = occurrences(text, target.quote)
        assert len(spans) == 1, target.key
        assert spans[0][0] >= begin, target.key


def test_quotes_that_promise_nothing_are_exact_words(name, text):
    """Names and slogans may recur; a quote that counts something in digits stands once."""
    targets = [span for t in read_plan(name).targets for span in occurrences(text, t.quote)]
    for quote, _ in not_targets(name):
        spans = occurrences(text, quote)
        assert len(spans) == 1 or (spans and not re.search(r"[0-9０-９]", quote)), quote
        assert not any(a < end and start < b for start, end in spans for a, b in targets), quote


def test_results_of_2023_are_no_promises(real_data):
    text = document(real_data, "suizhou_2024_report")
    past = tokens(text[: text.index(PROMISES_FROM["suizhou_2024_report"])])
    spans = [span for quote, _ in not_targets("suizhou_2024_report") for span in occurrences(text, quote)]
    assert sum(inside(t, spans) for t in past) > 100


def clause_of_plan(text: str, position: int) -> str:
    """一、（一）4 from the numbered lines before a position; a heading of a higher level ends those below it."""
    parts: dict[int, str] = {}
    for m in re.finditer(r"(?m)^(?:([一二三四五]+、)|(（[一二三四五]+）)|([0-9]+)\.(?![0-9]))", text[:position]):
        level = m.lastindex or 0
        parts = {k: v for k, v in parts.items() if k < level} | {level: m[0].rstrip(".")}
    return "".join(parts.values()) or "导言"


def clause_of_report(text: str, position: int) -> str:
    return re.findall(r"(?m)^#+ (.+)$", text[:position])[-1]


def test_clauses_are_where_the_words_stand(name, text):
    clause_of = clause_of_plan if name == "suizhou_2025" else clause_of_report
    for target in read_plan(name).targets:
        assert target.clause == clause_of(text, text.index(target.quote)), target.key


def test_responsible_offices_are_those_of_the_clause(name, text):
    """A clause ends with its 责任单位; the introduction and the work report name none."""
    for target in read_plan(name).targets:
        clause = text[text.index(target.quote) :].partition("\n")[0]
        named = re.search("（责任单位：(.+?)）", clause)
        assert target.responsible == (named[1] if named else ""), target.key
        offices = re.split("[、，]", target.responsible) if named else []
        assert len(offices) == len(target.responsible_en.split(", ") if target.responsible_en else []), target.key


def test_years_are_those_of_the_words(name):
    for target in read_plan(name).targets:
        assert target.year == {"suizhou_2025": 2025, "suizhou_2024_report": 2024}[name]
        by = re.search(r"到(20[0-9]{2})年", target.quote)
        assert by is None or int(by[1]) == target.year, target.key
        over = re.search(r"较(20[0-9]{2})年", target.quote)
        assert target.baseline_year == (int(over[1]) if over else None), target.key


def test_operators_are_those_of_the_words(name):
    for target in read_plan(name).targets:
        words = target.quote.replace(target.name_zh, "")
        if re.search("不超过|通勤圈|冲刺", target.quote) or target.key.endswith("_max"):
            op = "<="
        elif "产值过" not in words and re.search("超过|突破", words):
            op = ">"
        else:
            op = "==" if re.search("规划|空间结构", words) else ">="
        assert target.op == op, target.key
