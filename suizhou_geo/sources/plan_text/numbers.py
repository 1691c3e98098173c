"""Numbers with their units as Chinese plans write them: 3.5万个, 85％, 十二条, 8—10平方米/人, 三成, 1,234公顷."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from suizhou_geo.standards import table

_WIDE = str.maketrans("０１２３４５６７８９．％／～〜﹪", "0123456789.%/~~%")
_DIGITS = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_YEAR_IN_CHARACTERS = re.compile("二[〇○零][一二三四五][〇○零一二三四五六七八九](?=年)")
_ARABIC = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
# people are counted in 万 without a unit
_PEOPLE = "(?:中小)?学生|群众|居民|市民|老年?人|职工|农民|游客|(?:农业转移|常住|户籍|城镇|农村|城乡|脱贫)?人口"
# 受教育年限达到11.8年: elsewhere a number before 年 is a date
_IN_YEARS = re.compile(r"年限[^\d，。；、]{0,8}$")
_RATIO = re.compile(r"(?:容积率|指数|系数|满意度|倍数|得分)[^\d，。；、]{0,8}$")  # of what numbers have no unit
_DASH = r"\s*(?:—{1,2}|―|－|–|-{1,2}|~|至|到)\s*"


@dataclass(frozen=True)
class Quantity:
    """A number with its unit, at `start`:`end` of a text: `low` and `high` differ where a range is written.

    `unit` is that of the plan file ("share", "count", "m2/person"), the values are in it. `word` is the unit as written,
    `more` says 余 or 多 behind the number, `in_characters` that it is written in Chinese numerals.
    """

    start: int
    end: int
    low: float
    high: float
    unit: str
    word: str
    more: bool
    in_characters: bool


def plain(text: str) -> str:
    """Return a text of the same length with full-width digits and signs as half-width ones, years in digits.

    >>> plain("６５．５％"), plain("二〇三五年")
    ('65.5%', '2035年')
    """
    return _YEAR_IN_CHARACTERS.sub(lambda year: year[0].translate(_DIGITS), text.translate(_WIDE))


def chinese_number(text: str) -> float:
    """Return the value of a Chinese numeral.

    >>> [chinese_number(text) for text in ("十二", "一百二十", "两千零五", "百")]
    [12.0, 120.0, 2005.0, 100.0]
    """
    words = table("plan_grammar")["numbers"]
    total, digit = 0.0, None
    for character in text:
        if character in words["digits"]:
            digit = words["digits"][character] + (digit or 0) * 10
        else:
            total += (1 if digit is None else digit) * {**words["scales"], **words["places"]}[character]
            digit = None
    return total + (digit or 0)


def quantities(text: str) -> Iterator[Quantity]:
    """Yield the numbers of a text that have a unit, from left to right. `text` is `plain`.

    >>> [(q.low, q.high, q.unit) for q in quantities("公园35个、绿地率8—10%，共3.5万亩")]
    [(35.0, 35.0, 'count'), (0.08, 0.1, 'share'), (35000.0, 35000.0, 'mu')]
    """
    for found in _pattern().finditer(text):
        quantity = _quantity(found)
        if quantity is not None and not _part_of_a_name(text, found):
            yield quantity


def _quantity(found: re.Match[str]) -> Quantity | None:
    scales = table("plan_grammar")["numbers"]["scales"]
    if found["percent_of"]:
        value = round(_value(found["percent_of"]) / chinese_number(found["parts"]), 12)
        return Quantity(found.start(), found.end(), value, value, "share", "%", more=False, in_characters=False)
    if found["few"]:
        value = chinese_number(found["few"]) * scales.get(found["few_scale"] or "", 1.0)
        unit, factor = _units().get(found["few_unit"], ("count", 1.0))
        value = round(value * factor, 12)
        return Quantity(
            found.start(),
            found.end(),
            value,
            value,
            unit,
            found["few_unit"],
            bool(found["few_more"]),
            in_characters=True,
        )
    word, per = found["unit"], found["per"]
    low_scale = found["low_scale"] or found["scale"] or ""
    before, behind = found.string[: found.start()], found.string[found.end() :]
    in_years = behind.startswith("年") and _IN_YEARS.search(before) is not None
    if not (word or found["of_many"] or low_scale or in_years or _RATIO.search(before)):
        return None
    people = re.match(_PEOPLE, behind) is not None
    bare = "per_100000" if found["of_many"] else "years" if in_years else "persons" if people else ""
    unit, factor = _units()[word] if word else (bare or ("count" if low_scale else "ratio"), 1.0)
    if per:
        over, size = _units()[per.removeprefix(found["per_scale"] or "")]
        unit = f"{_one(unit)}/{_over(over, scales.get(found['per_scale'] or '', 1.0))}"
        factor /= size
    low = _value(found["low"]) * scales.get(low_scale, 1.0) * factor
    last = found["high"] or found["high_percent"]
    high = low if last is None else _value(last) * scales.get(found["scale"] or "", 1.0) * factor
    written = (word or "") + (f"/{per}" if per else "")
    more = bool(found["more"] or found["more_too"])
    return Quantity(
        found.start(), found.end(), round(low, 12), round(high, 12), unit, written, more, in_characters=False
    )


def _one(unit: str) -> str:
    return {"persons": "person", "households": "household"}.get(unit, unit)


def _over(unit: str, scale: float) -> str:
    """What a unit is per: "person" of 人, "1000 persons" of 千人."""
    return _one(unit) if scale == 1 else f"{scale:g} {unit}"


@cache
def _units() -> dict[str, tuple[str, float]]:
    words = table("plan_grammar")
    counting = dict.fromkeys(words["counting"]["words"], ("count", 1.0))
    return counting | {word: (unit, float(factor)) for word, (unit, factor) in words["units"].items()}


def _value(text: str) -> float:
    return float(text.replace(",", "")) if re.match(r"\d", text) else chinese_number(text)


def _part_of_a_name(text: str, found: re.Match[str]) -> bool:
    """Whether a number belongs to a word: PM2.5, G107, 第三, 〔2024〕13号, 4A级, 二十大, 三方面."""
    before, behind = text[: found.start()], text[found.end() :]
    if re.search(r"[A-Za-z第〔\[【№#_]$|\d[.\-—]$|〔\d{4}〕$", before):
        return True
    word = found["few_unit"] or found["unit"]
    if found["few"]:
        whole = chinese_number(found["few"]) < 2 or re.search(r"[零〇一二两三四五六七八九十百千几数]$|党的$", before)
        if whole or (word == "大" and (chinese_number(found["few"]) > 10 or re.match(r"[型于量力气家]", behind))):
            return True
    if word == "成" and found["few"]:
        return re.match(r"以上|左右|以内|以下|[，。；、]|的|$", behind) is None
    if word in ("m", "km", "ha", "kW") and re.match(r"[A-Za-z0-9]", behind):
        return True
    if word is None and found["few"] is None and found["percent_of"] is None:
        if behind.startswith("年"):
            return _IN_YEARS.search(before) is None
        return re.match(rf"[，。；、,;）)]|以上|以内|以下|左右|$|{_PEOPLE}", behind) is None
    return any(behind.startswith(tail) for tail in table("plan_grammar")["numbers"]["not_before"].get(word, ()))


@cache
def _pattern() -> re.Pattern[str]:
    words = table("plan_grammar")
    scales = "|".join(sorted(words["numbers"]["scales"], key=len, reverse=True))
    scales = f"(?:{scales})(?<!千(?=[瓦米克]))"  # 5万千瓦, 3千米: the thousand is of the unit
    units = "|".join(re.escape(u) for u in sorted(_units(), key=len, reverse=True))
    characters = "".join([*words["numbers"]["digits"], *words["numbers"]["places"]])
    few = "|".join(sorted(words["counting"]["characters"], key=len, reverse=True))
    more = "|".join(words["numbers"]["more"])
    arabic = (
        rf"(?P<low>{_ARABIC})\s*(?P<low_scale>{scales})?(?:{_DASH}(?P<high>{_ARABIC})|%{_DASH}(?P<high_percent>{_ARABIC}))?"
        rf"\s*(?P<more>{more})?(?P<scale>{scales})?(?P<more_too>{more})?\s*(?P<unit>{units})?"
        rf"(?:\s*[/每]\s*(?P<per>(?P<per_scale>{scales})?(?:{units}))|(?P<of_many>\s*/\s*10\s*万))?"
    )
    percent = rf"(?P<parts>[{characters}]+)分之(?P<percent_of>[{characters}]+|{_ARABIC})"
    # one character alone is a number before the words of `few` only: 三条, but 三农
    counted = (
        rf"(?P<few>[{characters}]{{2,}}(?=(?:万|亿)?(?:{more})?(?:{units}|大))|[{characters}]|(?<![\d.{characters}])万(?=亿))"
        rf"(?P<few_scale>万|亿)?(?P<few_more>{more})?(?P<few_unit>(?:(?<=[{characters}]{{2}})|(?<=[万亿余多]))(?:{units}|大)|{few})"
    )
    return re.compile(f"{percent}|{arabic}|{counted}")
