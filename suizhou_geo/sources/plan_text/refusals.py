"""Why a number promises nothing: it is past, explains, qualifies a noun, or nothing says that it shall be reached."""

from __future__ import annotations

import re

from suizhou_geo.sources.plan_text.clauses import any_of, masked, words
from suizhou_geo.sources.plan_text.documents import Passage
from suizhou_geo.sources.plan_text.syntax import (
    MONEY,
    TIMES,
    At,
    behind_words,
    benefits,
    change_before,
    compared,
    fraction_is_put,
    governed_by_preposition,
    in_quotes,
    is_served,
    is_spent,
    is_worked_on,
    last_verb,
    level_before,
    op_before,
    verb_is_near,
)

_HEADINGS = 5  # numbered 1. and （1） short lines are items of a list as often as headings
_NOUN = re.compile(r"[\u4e00-\u9fff“(（]")


def few_are_meant(at: At) -> bool:
    """Whether a number in characters (五大, 三个) counts what shall be made: nothing else is said of it otherwise."""
    verb = last_verb(at.before, "making")
    abstract = any_of("counting", "abstract").search(at.behind)
    if at.quantity.unit == "count":
        return verb is not None and abstract is None and not governed_by_preposition(at.before)
    return at.quantity.unit not in TIMES


def why_not(passage: Passage, at: At, *, parallel: bool) -> str:
    """Return why a quantity is no promise, an entry of `not_promised`; "" where nothing speaks against it.

    `parallel` says that it goes on an enumeration (A、B) whose last number is promised.
    """
    patterns = words("not_promised", "patterns")
    said = compared(at) is not None
    sentence = masked(passage.text[slice(*at.clause.sentence)])
    money = at.quantity.unit.startswith(MONEY)
    return next(
        why
        for why, holds in (
            ("past", at.clause.tense == "past"),
            ("title", in_quotes(at.clause.text, at.quantity)),
            ("heading", 0 < passage.level <= _HEADINGS and not said),
            ("definition", re.search(patterns["definition"], sentence)),
            ("subsidy", (money or at.quantity.unit == "share") and re.search(patterns["subsidy"], at.clause.text)),
            (
                "baseline",
                re.search(patterns["baseline"], at.before) and re.search(patterns["baseline_behind"], at.behind),
            ),
            ("radius", re.search(patterns["radius"], at.before)),
            ("attribute", not parallel and is_attribute(at)),
            ("standing", _only_told(at) and not said),
            ("standing", at.next_quantity is None and re.search(r"(?:基础上|前提下)$", at.behind)),
            ("money", money and not (said or level_before(at.before) or change_before(at.before) or is_spent(at))),
            ("", True),
        )
        if holds
    )


def _only_told(at: At) -> bool:
    """Whether a quantity belongs to what is told around the verb: 围绕…, 包括…, 规划范围."""
    if is_served(at):
        return False
    told = list(any_of("verbs", "definers").finditer(at.before))
    verb = last_verb(at.before, "doing")
    done = verb is not None and bool(told) and verb.start() > told[-1].start() and verb_is_near(at.before)
    explained = bool(told) and not done
    return explained or at.before.rstrip(":： ").endswith("范围") or governed_by_preposition(at.before)


def is_attribute(at: At) -> bool:
    """Whether a quantity only qualifies the noun behind it (产值过50亿元龙头企业2家, 5000平方米以上的公园)."""
    behind, unit = at.behind, at.quantity.unit
    rest = behind.removeprefix(next((w for w in behind_words() if behind.startswith(w)), ""))
    counts = unit in ("count", "persons", "households", "vehicles", "beds", "person-times")
    if counts and is_served(at):
        return False
    if re.match(r"的[\u4e00-\u9fff]", rest):
        return not (unit == "share" and fraction_is_put(rest)) and not (
            counts and (verb_is_near(at.before) or benefits(at.before))
        )
    if not _NOUN.match(rest) or rest.startswith(("建设", "左右", "和", "及", "与", "并", "且", "（", "(")):
        return False
    if at.next_quantity is not None and not re.search(r"[、和及]", rest) and unit != "share" and not counts:
        return True
    if counts:
        return not at.before.strip() and not any_of("verbs", "finished").search(rest) and "纳入" not in rest
    if unit == "share":
        return not (fraction_is_put(rest) or level_before(at.before) or change_before(at.before))
    said = verb_is_near(at.before) or is_worked_on(at) or level_before(at.before) or op_before(at.before)
    return not said or unit in TIMES
