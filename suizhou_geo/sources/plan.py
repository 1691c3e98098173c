"""Plan files (plan TOML -> `Plan`): what a document promises, promise by promise, and the parameters to measure with.

A plan file has the keys `name`, `title_zh`, `title_en` and `document`, and whose plan it is: `city`, `city_en` and the
`extent` the city lies in; one `[[targets]]` table per promise with the fields of `Target`; optionally
`[params.<measure>]` tables; and `[[not_targets]]` tables (`quote`, `reason`) for the
numbers of the document that promise nothing, so that a reader can see that none was overlooked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import Any

from suizhou_geo.errors import PlanError, reason
from suizhou_geo.errors.text import Text, part_of
from suizhou_geo.model import Plan, Target
from suizhou_geo.sources.columns import MOST
from suizhou_geo.sources.files import refuse_endless, shown, toml_content

KINDS: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "number": (int, float),
    "whole number": (int,),
    "yes or no": (bool,),
    "box": (list,),
    "table": (dict,),
    "list of tables": (list,),
}
_KIND_ZH = {
    "text": "文字",
    "number": "数",
    "whole number": "整数",
    "yes or no": "true 或 false",
    "box": "四个数",
    "table": "一节",
    "list of tables": "若干节",
}
PLAN_KEYS = {"name": "text", "title_zh": "text", "title_en": "text", "document": "text", "targets": "list of tables"}
PLAN_OPTIONAL = {"params": "table", "not_targets": "list of tables", "city": "text", "city_en": "text", "extent": "box"}
_KIND_OF = {
    "str": "text",
    "Op": "text",
    "float": "number",
    "int | None": "whole number",
    "bool": "yes or no",
}
_FIELDS = {field.name: _KIND_OF[str(field.type)] for field in fields(Target)}
TARGET_OPTIONAL = {f.name: _FIELDS[f.name] for f in fields(Target) if f.default is not MISSING or f.name == "year"}
TARGET_KEYS = {name: kind for name, kind in _FIELDS.items() if name not in TARGET_OPTIONAL}
NOT_TARGET_KEYS = {"quote": "text", "reason": "text"}


def built_in_plans() -> tuple[str, ...]:
    """Return the names of the plans that come with the package.

    >>> built_in_plans()
    ('china_standards', 'suizhou_2024_report', 'suizhou_2025')
    """
    names = (Path(entry.name) for entry in files("suizhou_geo.plans").iterdir())
    return tuple(sorted(name.stem for name in names if name.suffix == ".toml"))


def read_plan(name_or_path: str | Path) -> Plan:
    """Return a plan: a built-in one by its name, or the one in the `.toml` file at a path.

    Whatever ends in `.toml` is a path, anything else a built-in name. `[[not_targets]]` are checked and left out.

    Raises:
        PlanError: no such plan, a file that cannot be read or is not TOML, an unknown or missing key, a value of the
            wrong type, an unknown operator, a share outside 0-1, a key that stands twice.

    >>> plan = read_plan("suizhou_2025")
    >>> [(t.op, t.value, t.unit, t.clause) for t in plan.targets if t.key == "road_density"]
    [('>=', 8.0, 'km/km2', '一、（三）8')]
    """
    where, content = _content(name_or_path)
    targets = tuple(_target(entry, where=where, number=i) for i, entry in enumerate(content["targets"], start=1))
    if not targets:
        raise PlanError(
            f"{where.zh}：targets 为空；请至少写一个 [[targets]]",
            f"{where.en}: targets is empty; give at least one [[targets]] table",
        )
    params = content.get("params", {})
    for measure, values in params.items():
        _check_kind(values, "table", part_of(where, f"params.{measure}"))
    try:
        return Plan(
            **{key: content[key] for key in (*PLAN_KEYS, "city", "city_en") if key in content and key != "targets"},
            targets=targets,
            params=params,
            extent=_box(content.get("extent", []), part_of(where, "extent")),
        )
    except PlanError as error:
        raise PlanError(f"{where.zh}：{error.said.zh}", f"{where.en}: {error.said.en}") from None


def not_targets(name_or_path: str | Path) -> tuple[tuple[str, str], ...]:
    """Return the numbers of a plan's document that promise nothing, as (quote, reason) pairs.

    Raises:
        PlanError: no such plan, a file that cannot be read or is not TOML, an unknown or missing key, a value of the
            wrong type.

    >>> not_targets("suizhou_2025")[0]
    ('花园城市建设三年行动', '行动名称，三年是行动期限')
    """
    _, content = _content(name_or_path)
    return tuple((entry["quote"], entry["reason"]) for entry in content.get("not_targets", []))


def _content(name_or_path: str | Path) -> tuple[Text, dict[str, Any]]:
    """Return how to call the file in messages, and what it holds, its keys checked down to those of not_targets."""
    where, raw = _raw(str(name_or_path))
    content = toml_content(raw, what=where, refusal=PlanError)
    _check_table(content, PLAN_KEYS, PLAN_OPTIONAL, where)
    for i, entry in enumerate(content.get("not_targets", []), start=1):
        _check_table(entry, NOT_TARGET_KEYS, {}, where + Text(f"，第 {i} 个 not_targets", f", not_targets no. {i}"))
    return where, content


def _raw(name: str) -> tuple[Text, bytes]:
    names = built_in_plans()
    if Path(name).suffix.lower() == ".toml":
        try:
            refuse_endless(Path(name))
            return Text(f"方案文件 {name}", f"plan file {name}"), Path(name).read_bytes()
        except OSError as error:
            why = reason(error)
            raise PlanError(
                f"方案文件 {shown(Path(name))} 无法读取（{why.zh}）；请更正路径，或写一个内置方案的名称：{'、'.join(names)}",
                (
                    f"plan file {shown(Path(name))} cannot be read ({why.en}); correct the path, "
                    f"or name a built-in plan: {', '.join(names)}"
                ),
            ) from error
    if name not in names:
        raise PlanError(
            f"没有名为“{name}”的内置方案；请选用 {'、'.join(names)}，或给出 .toml 文件的路径",
            f"there is no built-in plan {name!r}; take one of {', '.join(names)}, or give the path of a .toml file",
        )
    called = Text(f"内置方案文件 {name}.toml", f"plan file {name}.toml (built in)")
    return called, files("suizhou_geo.plans").joinpath(f"{name}.toml").read_bytes()


def _target(entry: Any, *, where: Text, number: int) -> Target:
    key = entry.get("key") if isinstance(entry, dict) else None
    named = isinstance(key, str) and key.strip()
    label = where + (
        Text(f"，承诺 {key}", f", target {key}") if named else Text(f"，第 {number} 项承诺", f", target no. {number}")
    )
    _check_table(entry, TARGET_KEYS, TARGET_OPTIONAL, label)
    if not abs(entry["value"]) <= MOST:
        raise PlanError(
            f"{label.zh}：value 为 {entry['value']}；目标须是有限的数",
            f"{label.en}: value is {entry['value']}; a target is a finite number",
        )
    value = float(entry["value"])
    if entry["unit"] in ("share", "share/year") and not 0 <= value <= 1:
        raise PlanError(
            f"{label.zh}：value 为 {value:g}，不在 0–1 之间，而单位是 {entry['unit']}（占比）；85% 请写作 0.85",
            f"{label.en}: value {value:g} is not a {entry['unit']} of 0-1; write 85 % as 0.85",
        )
    try:
        target = Target(**{"year": None, **entry, "value": value})
    except PlanError as error:
        raise PlanError(f"{where.zh}，{error.said.zh}", f"{where.en}, {error.said.en}") from None
    if value < 0 and not target.is_added:
        raise PlanError(
            f"{label.zh}：value 为 {value:g}；目标是数量或占比，不能小于零",
            f"{label.en}: value is {value:g}; a target is an amount or a share, zero at the least",
        )
    return target


def _box(extent: list[Any], where: Text) -> tuple[float, ...]:
    if not extent:
        return ()
    wanted = Text("WGS 84 度的四个数 [西, 南, 东, 北]", "four numbers in WGS 84 degrees: [west, south, east, north]")
    numbers = [x for x in extent if isinstance(x, int | float) and not isinstance(x, bool)]
    if len(extent) != 4 or len(numbers) != 4:
        raise PlanError(
            f"{where.zh} 为 {extent}，应为{wanted.zh}；请更正",
            f"{where.en} is {extent!r}, wanted {wanted.en}; correct it",
        )
    west, south, east, north = map(float, extent)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise PlanError(
            f"{where.zh} 为 {extent}，不成范围；请写{wanted.zh}",
            f"{where.en} is {extent!r}, which is no box; give {wanted.en}",
        )
    return west, south, east, north


def _check_table(table: Any, required: Mapping[str, str], optional: Mapping[str, str], where: Text) -> None:
    """Hold a table to its keys and their kinds; required text may not be empty."""
    _check_kind(table, "table", where)
    kinds = {**required, **optional}
    for key in table:
        if key not in kinds:
            near = get_close_matches(key, kinds, n=1)
            hint = (
                Text(f"（是否应为 {near[0]}？）", f"did you mean {near[0]}?")
                if near
                else Text(f"（可用的有 {'、'.join(kinds)}）", f"the keys are {', '.join(kinds)}")
            )
            raise PlanError(
                f"{where.zh}：不认识的项“{key}”{hint.zh}；请更正", f"{where.en}: unknown key {key}; {hint.en}"
            )
    for key in required:
        if key not in table:
            raise PlanError(f"{where.zh}：缺少 {key}；请补上", f"{where.en}: {key} is missing; add it")
    for key, value in table.items():
        _check_kind(value, kinds[key], part_of(where, key))
        if key in required and isinstance(value, str) and not value.strip():
            raise PlanError(f"{where.zh}：{key} 为空；请填写", f"{where.en}: {key} is empty; fill it in")


def _check_kind(value: Any, kind: str, what: Text) -> None:
    if not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "yes or no"):
        raise PlanError(
            f"{what.zh} 为“{value}”（应为：{_KIND_ZH[kind]}）；请更正",
            f"{what.en} is {value!r}, wanted a {kind}; correct it",
        )
