"""Land-use codes (用地分类代码): which of the code systems a layer speaks, and what each code means."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

import geopandas as gpd
import pandas as pd

from suizhou_geo.errors import LayerError
from suizhou_geo.errors.text import NOTHING, Text
from suizhou_geo.model import Note
from suizhou_geo.sources.columns import Read
from suizhou_geo.sources.notes import note
from suizhou_geo.standards import table

SYSTEMS = ("yd2023", "sd2019", "gb50137")
_EDITION_2020 = "1313"  # 其他公用设施用地 of the edition of 2020, 1312 in that of 2023
_WATERWORKS_2020 = "1312"
_SCOPE_NOT_SAID = ""  # in czcsxm: of a city, a town or a village, but not said of which
_SHOWN = 6


@cache
def group_of(code: str, system: str) -> str | None:
    """Return the group of a code in one system, by the longest entry it begins with; None where there is none.

    >>> group_of("0702", "sd2019"), group_of("0702", "yd2023"), group_of("070101", "yd2023"), group_of("R21", "gb50137")
    ('rural_homes', 'community', 'residential', 'residential')
    """
    entry = table("land_codes")["systems"][system]
    if not re.match(entry["written"], code) or ("unused" in entry and re.match(entry["unused"], code)):
        return None
    codes: Mapping[str, str] = table("land_codes")["codes"][system]
    fitting = [known for known in codes if (code == known if system == "osm" else code.startswith(known))]
    return codes[max(fitting, key=len)] if fitting else None


def code_system(codes: Iterable[str], *, what: Text) -> str:
    """Tell which system some codes are of, by those that only one system has.

    >>> code_system(["0701", "070102", "1401"], what=Text("图层 land_use", "layer land_use"))
    'yd2023'

    "" where none of them tells: 用地用海 and 三调 use the same digits for different land.

    Errors: LayerError where codes that only one system has stand beside codes that only another has.
    """
    seen: dict[str, list[str]] = {}
    for code in sorted({str(code) for code in codes}):
        having = [system for system in SYSTEMS if group_of(code, system) is not None]
        if len(having) == 1:
            seen.setdefault(having[0], []).append(code)
    if len(seen) > 1:
        told = [f"{', '.join(found[:3])}: {_named(system)}" for system, found in seen.items()]
        raise LayerError(
            f"{what.zh}：混用了几套用地代码（{'；'.join(told)}）；请按代码体系分成几个图层",
            f"{what.en} mixes code systems ({'; '.join(told)}); split it into one layer per system",
        )
    return next(iter(seen), "")


def classified(read: Read, *, codes: str | None, what: Text) -> Read:
    """Return a land_use layer with `land_group` and, where the layer does not say, `construction`.

    `codes` declares the system; without it the codes tell (see `code_system`), and the telling is a note. Where they do
    not tell, land has no group, which is a finding. With a column `czcsxm` (城镇村属性码) urban construction land is what
    lies in a city or town (201, 201A, 202, 202A), the homesteads of villages inside it too; other words than its codes
    are a finding. In a survey without it the homesteads get an empty word there: they may or may not be urban. Codes
    that the system has not are a finding with their hectares: such land has no group and is no construction land unless
    the layer says so.

    Errors: LayerError as `code_system`, where neither the codes nor a column says what is construction land (no code is of
    the system declared), where `land_group` holds a word that is no group, or where nothing in `czcsxm` is one of its
    codes.
    """
    layer = read.layer
    if layer.empty:
        return read
    if "land_group" in layer.columns:
        _check_groups(layer["land_group"], what=what)
        if layer["land_group"].notna().all():
            return _with_construction(read, layer["land_group"], codes, what=what)
    said = layer["land_class"].astype(str).str.strip()
    system = codes or code_system(said, what=what)
    if not system:
        return _untold(read, what=what)
    found, edition = _grouped(said, system)
    if found.isna().all() and not {"land_group", "construction"} & set(layer.columns):
        raise LayerError(
            (
                f"{what.zh}：没有一个值是{_named(system)}的代码（{_listed(Counter(said)).zh}），"
                "也没有列说明哪些是建设用地；请在 fields.land_class 里写明代码所在的列，或把这些值翻译过来"
            ),
            (
                f"{what.en}: none of its values is a code of {_named(system)} ({_listed(Counter(said)).en}), and no column "
                "says what is construction land; name the column with the codes under fields.land_class, or translate its "
                "values"
            ),
        )
    groups = layer["land_group"].where(layer["land_group"].notna(), found) if "land_group" in layer.columns else found
    system_told = note("codes_declared" if codes else "codes_told", system=_named(system))
    findings = (*read.findings, *_unknown(layer, said, groups, system))
    told = replace(read, notes=(*read.notes, system_told, *edition), findings=findings)
    return _with_construction(told, groups, system, what=what)


def _grouped(said: pd.Series, system: str) -> tuple[pd.Series, list[Note]]:
    """The group of each code, and what to say of the one that the editions of 用地用海 use for different land."""
    groups = {code: group_of(code, system) for code in said.unique()}
    if system != "yd2023" or _WATERWORKS_2020 not in groups:
        return said.map(groups), []
    if _EDITION_2020 in groups:
        groups[_WATERWORKS_2020] = "regional"
        return said.map(groups), [note("edition_2020")]
    return said.map(groups), [note("edition_2023")]


def _with_construction(read: Read, groups: pd.Series, system: str | None, *, what: Text) -> Read:
    """The layer with its groups and, where it does not say, which of them are urban construction land."""
    layer = read.layer.assign(land_group=groups)
    if "construction" in layer.columns:
        return replace(read, layer=layer)
    rules = table("land_codes")
    villages = groups.isin(rules["source"]["urban_by_czcsxm"])
    urban = groups.map({key: row["construction"] for key, row in rules["groups"].items()}).eq(True)
    notes, findings = list(read.notes), list(read.findings)
    if "czcsxm" in layer.columns and layer["czcsxm"].notna().any():
        scope = layer["czcsxm"].str.strip().str.upper()
        findings += _unknown_scopes(layer, scope, what=what)
        urban |= villages
        urban &= scope.isin(rules["source"]["urban_czcsxm"])
        notes.append(note("urban_by_czcsxm"))
    elif system == "sd2019":
        layer = layer.assign(czcsxm=pd.Series(_SCOPE_NOT_SAID, index=groups.index).where(villages))
        findings.append(note("survey_without_czcsxm"))
    elif system == "yd2023" and villages.any() and urban.any():
        findings.append(note("villages_in_layer"))
    return replace(read, layer=layer.assign(construction=urban), notes=tuple(notes), findings=tuple(findings))


def _check_groups(given: pd.Series, *, what: Text) -> None:
    known = table("land_codes")["groups"]
    wrong = Counter(str(word) for word in given.dropna() if word not in known)
    if wrong:
        raise LayerError(
            (
                f"{what.zh}：land_group 的值 {_listed(wrong).zh} 不是用地大类；请在 values.land_group "
                f"里翻译为下列之一：{'、'.join(known)}"
            ),
            (
                f"{what.en}: land_group holds {_listed(wrong).en}, no group of land; "
                f"translate under values.land_group into one of: {', '.join(known)}"
            ),
        )


def _unknown_scopes(layer: gpd.GeoDataFrame, scope: pd.Series, *, what: Text) -> list[Note]:
    """Say what in the column czcsxm is none of its codes, or refuse the column where nothing in it is one."""
    known = table("land_codes")["source"]["czcsxm"]
    strange = scope.notna() & ~scope.isin(known)
    if not strange.any():
        return []
    listed = _listed(Counter(scope[strange]))
    if not scope.isin(known).any():
        raise LayerError(
            f"{what.zh}：czcsxm 的值 {listed.zh} 不在 {'、'.join(known)} 之列；请在 values.czcsxm 里翻译",
            f"{what.en}: czcsxm holds {listed.en}, none of {', '.join(known)}; translate under values.czcsxm",
        )
    hectares = layer.geometry[strange].area.sum() / 1e4
    return [note("unknown_czcsxm", codes=listed, known=", ".join(known), ha=float(hectares))]


def _untold(read: Read, *, what: Text) -> Read:
    systems = ", ".join(SYSTEMS)
    if "construction" not in read.layer.columns:
        raise LayerError(
            (
                f"{what.zh}：从代码看不出是哪一套体系（用地用海与三调用同样的数字表示不同的地类），"
                f"也没有列说明哪些是建设用地；请写明代码体系：codes = {systems} 之一"
            ),
            (
                f"{what.en}: the codes do not tell of which system they are (用地用海 and 三调 use the same digits "
                "differently), and no column says what is construction land; "
                f"declare the system of the codes: codes = one of {systems}"
            ),
        )
    return replace(read, findings=(*read.findings, note("codes_not_told", systems=systems)))


def _unknown(layer: gpd.GeoDataFrame, said: pd.Series, groups: pd.Series, system: str) -> list[Note]:
    missing = groups.isna()
    if not missing.any():
        return []
    hectares = layer.geometry[missing].area.sum() / 1e4
    codes = _listed(Counter(said[missing]))
    return [note("unknown_codes", system=_named(system), codes=codes, ha=float(hectares))]


def _listed(counts: Counter[str]) -> Text:
    most, more = counts.most_common(_SHOWN), len(counts) - _SHOWN
    zh = "、".join(f"“{code}”（{n:,} 处）" for code, n in most)
    en = ", ".join(f"{code!r} ({n})" for code, n in most)
    rest = Text(f"等 {len(counts)} 种代码", f" and {more} other codes") if more > 0 else NOTHING
    return Text(zh, en) + rest


def _named(system: str) -> str:
    return str(table("land_codes")["systems"][system]["name_zh"])
