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
from suizhou_geo.sources.columns import Read
from suizhou_geo.standards import table

SYSTEMS = ("yd2023", "sd2019", "gb50137")
# how the codes of each system are written, and what begins like one of its classes but is none of its sub-classes
_WRITTEN = {
    "yd2023": re.compile(r"^\d{2}(\d{2}){0,2}$"),
    "sd2019": re.compile(r"^\d{2}(\d{2}|H\d)?[A-Z]?$"),
    "gb50137": re.compile(r"^[RABMWSUGHE]\d{0,3}[a-z]?$"),
    "osm": re.compile(r"^[a-z_]+$"),
}
_NOT_OF = {"yd2023": re.compile(r"^(0508|08(0[89]|1\d)|10(0[4-9]|1\d)|11(0[3-9]|1\d)|12(1\d))")}
_SHOWN = 6


@cache
def group_of(code: str, system: str) -> str | None:
    """Return the group of a code in one system, by the longest entry it begins with; None where there is none.

    >>> group_of("0702", "sd2019"), group_of("0702", "yd2023"), group_of("070101", "yd2023"), group_of("R21", "gb50137")
    ('rural_homes', 'community', 'residential', 'residential')
    """
    if not _WRITTEN[system].match(code) or (system in _NOT_OF and _NOT_OF[system].match(code)):
        return None
    codes: Mapping[str, str] = table("land_codes")["codes"][system]
    fitting = [entry for entry in codes if (code == entry if system == "osm" else code.startswith(entry))]
    return codes[max(fitting, key=len)] if fitting else None


def code_system(codes: Iterable[str], *, what: str) -> str:
    """Tell which system some codes are of, by those that only one system has.

    >>> code_system(["0701", "070102", "1401"], what="layer land_use")
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
        told = "; ".join(f"{', '.join(found[:3])}: {_named(system)}" for system, found in seen.items())
        raise LayerError(f"{what} mixes code systems ({told}); split it into one layer per system")
    return next(iter(seen), "")


def classified(read: Read, *, codes: str | None, what: str) -> Read:
    """Return a land_use layer with `land_group` and, where the layer does not say, `construction`.

    `codes` declares the system; without it the codes tell (see `code_system`), and the telling is a note. Where they do
    not tell, land has no group, which is a finding. With a column `czcsxm` (城镇村属性码) urban construction land is what
    lies in a city or town (201, 201A, 202, 202A). Codes that the system has not are a finding with their hectares: such
    land has no group and is no construction land unless the layer says so.

    Errors: LayerError as `code_system`, or where neither the codes nor a column says what is construction land.
    """
    layer = read.layer
    if layer.empty or ("land_group" in layer.columns and layer["land_group"].notna().all()):
        return read
    said = layer["land_class"].astype(str).str.strip()
    system = codes or code_system(said, what=what)
    if not system:
        return _untold(read, what=what)
    found = said.map({code: group_of(code, system) for code in said.unique()})
    groups = layer["land_group"].where(layer["land_group"].notna(), found) if "land_group" in layer.columns else found
    notes = [*read.notes, f"codes read as {_named(system)}" + ("" if codes else ", as the codes themselves tell")]
    findings = [*read.findings, *_unknown(layer, said, groups, system)]
    if "construction" in layer.columns:
        return replace(read, layer=layer.assign(land_group=groups), notes=tuple(notes), findings=tuple(findings))
    known = table("land_codes")["groups"]
    urban = groups.map({key: row["construction"] for key, row in known.items()}).eq(True)
    if "czcsxm" in layer.columns and layer["czcsxm"].notna().any():
        urban &= layer["czcsxm"].isin(table("land_codes")["source"]["urban_czcsxm"])
        notes.append("urban construction land by CZCSXM 201, 201A, 202, 202A")
    elif system == "sd2019":
        findings.append(
            "land survey codes without CZCSXM: construction land of villages cannot be told from that of towns and "
            "counts as urban; give the column czcsxm"
        )
    columns = {"land_group": groups, "construction": urban}
    return replace(read, layer=layer.assign(**columns), notes=tuple(notes), findings=tuple(findings))


def _untold(read: Read, *, what: str) -> Read:
    wanted = f"declare the system of the codes: codes = one of {', '.join(SYSTEMS)}"
    if "construction" not in read.layer.columns:
        raise LayerError(
            f"{what}: the codes do not tell of which system they are (用地用海 and 三调 use the same digits differently), "
            f"and no column says what is construction land; {wanted}"
        )
    said = f"its codes do not tell of which system they are, so land is in no land-use group; {wanted}"
    return replace(read, findings=(*read.findings, said))


def _unknown(layer: gpd.GeoDataFrame, said: pd.Series, groups: pd.Series, system: str) -> list[str]:
    missing = groups.isna()
    if not missing.any():
        return []
    counts = Counter(said[missing])
    shown = ", ".join(f"{code!r} ({n})" for code, n in counts.most_common(_SHOWN))
    more = f" and {len(counts) - _SHOWN} other codes" if len(counts) > _SHOWN else ""
    hectares = layer.geometry[missing].area.sum() / 1e4
    return [f"{_named(system)} has no code {shown}{more}: {hectares:,.1f} ha stand in no land-use group; correct them"]


def _named(system: str) -> str:
    return str(table("land_codes")["systems"][system]["name_zh"])
