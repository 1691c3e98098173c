"""The words about a number: what is written before and behind it, and which verb governs it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from suizhou_geo.model import Op
from suizhou_geo.sources.plan_text.clauses import Clause, any_of, words
from suizhou_geo.sources.plan_text.numbers import Quantity

MONEY, TIMES = ("CNY", "USD"), ("min", "h", "days")


@dataclass(frozen=True)
class At:
    """A quantity in its clause: the words before it (back to the last quantity), those behind it (up to the next)."""

    clause: Clause
    quantity: Quantity
    before: str
    behind: str
    next_quantity: Quantity | None


def last_verb(text: str, kind: str) -> re.Match[str] | None:
    """Return the last verb of a kind in a text, names that hold such a word (建设用地) left out."""
    nouns = any_of("verbs", "kept").pattern + "|" + any_of("verbs", "nouns").pattern
    kept = words("verbs", "kept")
    bare = re.sub(nouns, lambda noun: noun[0] if noun[0] in kept else "□" * len(noun[0]), text)
    found = list(any_of("verbs", kind).finditer(bare))
    return found[-1] if found else None


def governed_by_preposition(text: str) -> bool:
    """Whether the last preposition (围绕, 按照) stands behind the last verb."""
    found = list(any_of("verbs", "prepositions").finditer(text))
    verb = last_verb(text, "doing")
    return bool(found) and (verb is None or verb.start() < found[-1].start())


def in_quotes(text: str, quantity: Quantity) -> bool:
    """Whether a quantity stands within “ ”."""
    return text.count("“", 0, quantity.start) > text.count("”", 0, quantity.start) and "”" in text[quantity.end :]


def compared(at: At) -> Op | None:
    """The operator that is written before or behind the quantity."""
    return op_before(at.before) or op_behind(at.behind)


def op_before(text: str) -> Op | None:
    """Return the operator that is written at the end of a text (不低于)."""
    return _ends_with(re.sub(r"(?:[为在到至了\s]|每[百千万]?[人户])+$", "", text), "before")


def _ends_with(text: str, kind: str) -> Op | None:
    matches = [(len(word), op) for op, listed in words(kind).items() for word in listed if text.endswith(word)]
    if not matches:
        return None
    length, op = max(matches)
    return None if length == 1 and re.search(r"[通经不难度渡越赶反]$", text[:-1]) else op


def op_behind(text: str) -> Op | None:
    """Return the operator that is written at the beginning of a text (以上)."""
    matches = [
        (len(word), op) for op, listed in words("behind").items() for word in listed if text.lstrip().startswith(word)
    ]
    return max(matches)[1] if matches else None


def without_comparison(text: str) -> str:
    """A text without the words of comparison at its end."""
    text = text.rstrip()
    found = [word for listed in words("before").values() for word in listed if text.endswith(word)]
    return text.removesuffix(max(found, key=len)) if found else text


def level_before(text: str) -> Op | None:
    """The operator of a verb of reaching a level right before the quantity."""
    text = re.sub(
        r"(?:20\d\d年(?:底|末)?的?|了|每年|全市|全部|分别|均|都|平均|基本|总体)+$",
        "",
        without_comparison(text).rstrip(),
    )
    text = re.sub(r"(?:分别|均|都)$", "", text)
    return _ends_with(text, "levels") or _moved_to(text)


def _moved_to(text: str) -> Op | None:
    """The operator of a verb of change before its object (提高自来水普及率至95%)."""
    moved = re.search(r"(?:(?P<up>提高|提升|增加|扩大)|降低|压减|减少|缩短)[^，；]{2,}[至到]$", text)
    return None if moved is None else ">=" if moved["up"] else "<="


def change_before(text: str) -> str:
    """The word of change (增长, 下降) right before the quantity; "" where there is none."""
    text = re.sub(
        r"(?:了|达到?|率|不低于|幅度|力争|左右|分别|均|保持在|稳定在|控制在)+$", "", without_comparison(text).rstrip()
    ).rstrip()
    for kind in ("growth", "decline"):
        if any(text.endswith(word) for word in words("change", kind)):
            return kind
    return ""


def behind_words() -> list[str]:
    """Return the words of comparison that stand behind a number, the longest first."""
    return sorted((word for listed in words("behind").values() for word in listed), key=len, reverse=True)


def verb_is_near(text: str) -> bool:
    """Whether a verb of doing stands right before the quantity, but for a few letters (新增约5万平方米公共空间)."""
    found = last_verb(without_comparison(text), "doing")
    size = last_verb(text, "sizes")
    ends = [m.end() for m in (found, size) if m]
    return bool(ends) and len(without_comparison(text)) - max(ends) <= 3


def fraction_is_put(rest: str) -> bool:
    """Whether what is behind a share says what becomes of it (70%以上的学校纳入)."""
    return (
        re.search(
            r"纳入|用于|实现|达到|建成|完成|覆盖|拥有|配备|配建|设置|设有|建有|开展|具备|满足|通过|接入|普及|享有|转化|进入|执行|达标|落实|安装|采用",
            rest,
        )
        is not None
    )


def is_finished(at: At) -> bool:
    """Whether what is counted shall be there (100个社区全面建成), by a year or as an aim."""
    aimed = at.clause.year is not None or at.clause.tense == "ahead"
    return aimed and any(at.behind.endswith(word) for word in words("verbs", "finished"))


def benefits(text: str) -> bool:
    """Whether the last verb says who is better off (解决南部乡镇2万人的饮水问题)."""
    verb = last_verb(text, "doing")
    return verb is not None and verb[0] in ("解决", "改善", "惠及", "保障")


def is_worked_on(at: At) -> bool:
    """Whether a length or an area is that of what is worked on (完成滨河路3公里道路改造)."""
    verb = last_verb(at.before, "doing")
    work = re.match(r"[^，；、的]{2,10}(?:建设|改造|拓宽|整治|修复|治理|贯通|提升)", at.behind)
    return verb is not None and verb[0] in ("完成", "实施", "推进", "启动", "开工") and work is not None


def is_served(at: At) -> bool:
    """Whether something is done for so many (为2000名老人提供…, 对甲、乙等55部电梯进行改造)."""
    return re.search(
        r"(?:[为对给向将把](?:[^，；、]{0,6}[市县区镇乡村道])?|[为对将把][^，；]{2,}等)(?:不少于)?$", at.before
    ) is not None and ("进行" in at.behind or last_verb(at.behind, "doing") is not None)


def is_fraction(at: At) -> bool:
    """Whether a share is put somewhere, or is a rate that a verb of doing governs."""
    return at.quantity.unit == "share" and (
        fraction_is_put(at.behind)
        or (
            re.search(r"率|比例|占比|比重|(?:覆盖面|总量|工程量|任务量?|进度)的?$", at.before) is not None
            and bool(last_verb(at.before, "doing"))
        )
    )


def less_is_better(at: At) -> bool:
    """Whether a quantity is of something of which less is better (失业率)."""
    return any_of("less_is_better", "words").search(at.before) is not None


def is_spent(at: At) -> bool:
    """Whether a verb of spending (投入, 完成) stands shortly before an amount of money."""
    found = list(any_of("verbs", "funds").finditer(at.before))
    return bool(found) and len(at.before) - found[-1].end() <= 12
