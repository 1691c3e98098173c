"""The data dictionary: which definition holds for a measure, and what the columns of the scorecard mean."""

from __future__ import annotations

from collections.abc import Mapping

from suizhou_geo.model import Text

COLUMN_MEANINGS: Mapping[str, Text] = {
    "key": Text(
        "指标代码；“代码@口径”是同一指标的其他口径",
        "the key of a measure; “key@profile” is the same under another definition",
    ),
    "name_zh": Text("中文名称", "its Chinese name"),
    "name_en": Text("英文名称", "its English name"),
    "value": Text("现状值，单位见 unit 列；占比为 0–1", "what was measured, in the unit of its row; shares are 0-1"),
    "unit": Text("单位；share 为占比（0–1）", "the unit; share is 0-1"),
    "op": Text("承诺的比较方式", "how the promise compares"),
    "target": Text("承诺值", "what was promised"),
    "gap": Text(
        "距承诺的差，单位同左；负值为余量", "what is missing to the promise, in the same unit; negative: the margin"
    ),
    "status": Text(
        "结论：met 达到，missed 未达到，cannot_tell 无法判定，no_data 缺数据，空为没有承诺",
        "the verdict: met, missed, cannot_tell, no_data; empty without a promise",
    ),
    "low": Text("数据不全时可能的最低值", "the lowest value that incomplete data leaves open"),
    "high": Text(
        "数据不全时可能的最高值（∞ 为不限）", "the highest value that incomplete data leaves open (∞: no limit)"
    ),
    "profile": Text("采用口径", "the definition it was computed by"),
    "basis": Text("承诺出处、原文与计算依据", "document, clause and words of the promise; standard of the measure"),
    "needs": Text(
        "缺什么、须知什么，按何种口径数值在目标另一侧",
        "what is missing, what must be known, under which definitions the number is on the other side of the target",
    ),
    "shortfall": Text("差距折合的公里、公顷或人数；负值为余量", "the gap in km, ha or persons; negative: the margin"),
    "shortfall_unit": Text("折合单位", "the unit of the shortfall"),
}
