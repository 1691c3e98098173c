"""Dead-end roads that a plan names (点名的断头路): looked up, and whether they are open."""

from __future__ import annotations

import re
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.shapes import meets, shapes_of
from suizhou_geo.measures.asked import Asked, public, stacked, undivided
from suizhou_geo.measures.completeness import incomplete_layers, missing_layers, said_if, sentence
from suizhou_geo.measures.dead_ends import stubs
from suizhou_geo.model import Measure
from suizhou_geo.standards.street_names import base_name
from suizhou_geo.streets.counted_roads import judged_roads
from suizhou_geo.streets.dead_ends import street_ends
from suizhou_geo.study_area import StudyArea

# why a named road still ends: the reasons that leave it unopened
STOPPED = ("dead_end", "nothing_ahead", "cul_de_sac", "construction")
_EXTENSION = re.compile(r"(延伸段|延长段|延伸线|延长线)$")


@public
def dead_ends_opened(area: StudyArea, *, names: Sequence[str], promised: int | None = None) -> Measure:
    """断头路打通: how many of the named roads are in the network and have no dead end any more.

    Each name is looked up among the counted streets that reach into the zones by its base name (`base_name`); 延伸段 and
    the like are taken off where no road bears the whole name, since maps name the road and not its extension. A road is
    "open" where none of its ends in the zones is a "dead_end", "nothing_ahead" or "cul_de_sac" of
    `street_ends`, "dead_end" where one is, and "not_found" otherwise. The network is as drawn today:
    whether a road was opened or never was closed is not told.

    A road that was not found may be open under another name, so `high` = value + not found. `promised` is how many the
    plan promises in all, where it names only some ("等5条"): the unnamed ones may be open too and go into `high`. Where
    the roads layer is not declared complete, a dead end may have been opened since it was drawn, and counts in `high`.

    `breakdown`: per name, looked_up (the name it was found by), state, dead_ends, length_m (of all lines as drawn).
    `evidence`, lines: `part` "named_road" (the lines of each road that was found) and "dead_end" (1 m stubs at its
    dead ends), with name, street, state, reason, road_class.

    Errors: InputError for no names, or for fewer roads promised than named.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> dead_ends_opened(study.area, **study.params["dead_ends_opened"]).breakdown["state"].to_dict()
    {'裕民大道': 'dead_end', '文化二路': 'dead_end', '汉东东路延伸段': 'dead_end'}
    """
    names = [names] if isinstance(names, str) else list(names)
    if not names or len(set(map(str, names))) < len(names) or not all(base_name(name)[0] for name in names):
        raise InputError(
            "dead_ends_opened：请以文字给出承诺打通的道路名称，每条一次",
            "dead_ends_opened: give the names of the promised roads, each once, as text",
        )
    if isinstance(promised, bool) or not isinstance(promised, int | None):
        raise InputError(
            f"dead_ends_opened：promised 为“{promised}”；请给出道路条数（整数）",
            f"dead_ends_opened: promised is {promised!r}; give a whole number of roads",
        )
    unnamed = 0 if promised is None else promised - len(names)
    if unnamed < 0:
        raise InputError(
            f"dead_ends_opened：点名的道路有 {len(names)} 条，承诺的却只有 {promised} 条；请更正 promised",
            f"dead_ends_opened: {len(names)} roads are named but only {promised} promised; correct `promised`",
        )
    asked = Asked(area, "dead_ends_opened", "named_roads", {"names": names, "promised": promised})
    if needs := missing_layers(area, "roads"):
        return asked.no_data(needs)
    table, evidence = _looked_up(area, names)
    state = table["state"]
    opened, missing, stopped = ((state == s).sum() for s in ("open", "not_found", "dead_end"))
    unsure = int(stopped) if "roads" in area.incomplete else 0
    return asked.measure(
        undivided(float(opened), area),
        evidence=None if evidence.empty else evidence,
        high=float(opened + missing + unnamed + unsure),
        needs=_needs(area, table, unnamed),
        notes=_notes(table),
        breakdown=table,
    )


def _looked_up(area: StudyArea, names: list[str]) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    roads = judged_roads(area)
    streets = roads[roads["counts"] & meets(shapes_of(roads), shapes_of(area.zones))]
    street = np.array([base_name(name)[0] for name in streets["name"]], dtype=object)
    ends = street_ends(area)
    ends = ends[ends["reason"].isin(STOPPED)]
    end_street = np.array([base_name(name)[0] for name in ends["street"]], dtype=object)
    rows, parts = {}, []
    for name in names:
        whole = base_name(name)[0]
        key = whole if (street == whole).any() else _EXTENSION.sub("", whole)
        mine, stopped = streets[street == key], ends[end_street == key]
        state = "not_found" if mine.empty else ("open" if stopped.empty else "dead_end")
        rows[name] = {
            "looked_up": key,
            "state": state,
            "dead_ends": len(stopped),
            "length_m": float(mine.length.sum()),
        }
        lines, line = shapely.get_parts(mine.geometry.to_numpy(), return_index=True)
        for part, shapes, source, reason in (
            ("named_road", lines, mine.iloc[line].assign(street=mine["name"].iloc[line]), None),
            ("dead_end", stubs(stopped), stopped, stopped["reason"].to_numpy()),
        ):
            columns = {"part": part, "name": name, "state": state, "reason": reason}
            found = {c: source[c].to_numpy(dtype=object) for c in ("street", "road_class")}
            parts.append(gpd.GeoDataFrame(columns | found, geometry=shapes, crs=area.crs, index=range(len(shapes))))
    evidence = stacked(parts, ["part", "name", "state", "reason", "street", "road_class"])
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("name"), evidence


def _needs(area: StudyArea, table: pd.DataFrame, unnamed: int) -> tuple[Text, ...]:
    missing = list(table.index[table["state"] == "not_found"])
    return (
        *said_if(missing, "named_roads_missing", missing=missing),
        *said_if(unnamed, "roads_unnamed", unnamed=unnamed),
        *incomplete_layers(area, "roads"),
    )


def _notes(table: pd.DataFrame) -> tuple[Text, ...]:
    notes = []
    for name, row in table.iterrows():
        if row["state"] == "dead_end":
            n = row["dead_ends"]
            notes.append(sentence("still_dead_ends" if n > 1 else "still_a_dead_end", name=name, n=n))
        if row["state"] != "not_found" and _EXTENSION.search(str(name)) and row["looked_up"] != base_name(name)[0]:
            notes.append(sentence("looked_up_as", name=name, street=row["looked_up"]))
    return tuple(notes)
