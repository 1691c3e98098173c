"""The whole plan in words: its projects, its gaps, and what is to be said of both."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.assessment.gap_lists import located
from suizhou_geo.assessment.phrases import asked_text, value_text
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.whole_plan.closed import Planned, Whole
from suizhou_geo.assessment.wording import number, role_name
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import Lang
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea

_say = speaker("whole_plan")
_NOTHING = "—"


def tally(found: Whole, lang: Lang) -> tuple[str, ...]:
    """Return how many promises the list turns, how short it is, and which single project closes the most."""
    outcomes = [gap.outcome for gap in found.gaps]
    counts = {
        "missed": len(outcomes) - outcomes.count("unknown"),
        "n": len(found.projects),
        "closed": outcomes.count("closed"),
        "unsure": outcomes.count("unsure"),
        "left": outcomes.count("still_missed") + outcomes.count("no_project"),
        "unknown": outcomes.count("unknown"),
    }
    said = [_say("tally", lang, **counts)]
    if not found.offered:
        return (*said, _say("nothing_offered", lang))
    if found.projects:
        how = "shortest" if len(found.projects) == found.bound else "within"
        said.append(_say(how, lang, offered=found.offered, bound=found.bound))
    first = found.best or next(iter(found.projects), None)
    if first is not None and first.closes:
        which = "best_single" if found.best is None else "not_listed"
        said.append(_say(which, lang, name=first.name.speak(lang), moves=moves(found, first, lang)))
    return tuple(said)


def moves(found: Whole, project: Planned, lang: Lang) -> str:
    """Return which promises a project moves by itself, and how much of their gaps it closes."""
    before = {gap.row.key: gap.row for gap in found.gaps}
    said = [
        _say(
            "move",
            lang,
            name=before[key].name.speak(lang),
            before=value_text(before[key], lang),
            after=value_text(project.alone[key], lang),
            share=number(share, "share", lang),
        )
        for key, share in sorted(project.closes.items(), key=lambda item: -item[1])
    ]
    return _say("semicolon", lang).join(said) or _NOTHING


def adds(project: Planned, lang: Lang) -> str:
    """Return what a project adds: facilities by their names, streets by their length, land by its size."""
    return _say("and", lang).join(dict.fromkeys(_added(row, lang) for _, row in project.rows.iterrows()))


def _added(row: pd.Series, lang: Lang) -> str:
    shape, layer = row.geometry, str(row["layer"])
    if layer == "facilities":
        return str(table("life_circles")["categories"][row["category"]][f"name_{lang}"])
    dimension = int(shapely.get_dimensions(shape))
    size = ("", number(shape.length / 1e3, "km", lang), number(shape.area / 1e4, "ha", lang))[dimension]
    return _say("amount", lang, what=role_name(layer, lang), size=size).strip()


def projects_table(found: Whole, area: StudyArea, lang: Lang) -> pd.DataFrame:
    """Return the projects of the list, the one that closes the most by itself first."""
    told = {
        _say("project", lang): [project.name.speak(lang) for project in found.projects],
        _say("where", lang): where(found, area, lang),
        _say("adds", lang): [adds(project, lang) for project in found.projects],
        _say("moves", lang): [moves(found, project, lang) for project in found.projects],
        _say("persons", lang): pd.array(
            np.round([project.persons for project in found.projects]).astype(float), dtype="Int64"
        ),
    }
    index = pd.Index([project.rank for project in found.projects], name=_say("rank", lang), dtype=int)
    return pd.DataFrame(told, index=index)


def where(found: Whole, area: StudyArea, lang: Lang) -> list[str]:
    """Return the zone of each project, and the nearest named street."""
    if not found.projects:
        return []
    shapes = [shapely.union_all(project.rows.geometry.to_numpy()) for project in found.projects]
    places = located(area, gpd.GeoDataFrame(geometry=shapes, crs=area.crs))
    return [
        _say("near", lang, zone=zone, street=street) if street else str(zone)
        for zone, street in zip(places["zone"], places["near"], strict=True)
    ]


def gaps_table(found: Whole, lang: Lang) -> pd.DataFrame:
    """Return the promises that are missed or cannot be told: what becomes of each, by which projects, or what binds."""
    told = {
        _say("promise", lang): [gap.row.name.speak(lang) for gap in found.gaps],
        _say("now", lang): [value_text(gap.row, lang) for gap in found.gaps],
        _say("asked", lang): [asked_text(gap.row, lang) for gap in found.gaps],
        _say("outcome", lang): [_say(gap.outcome, lang) for gap in found.gaps],
        _say("with_all", lang): [_NOTHING if gap.after is None else value_text(gap.after, lang) for gap in found.gaps],
        _say("by", lang): [closing(found, gap.row) for gap in found.gaps],
        _say("why", lang): [gap.why.speak(lang) for gap in found.gaps],
    }
    return pd.DataFrame(told)


def closing(found: Whole, row: Row) -> str:
    """Return the ranks of the projects that move a promise by themselves, runs of them as 3–7; "—" where none does."""
    ranks = [project.rank for project in found.projects if project.closes.get(row.key, 0.0) > 0.0]
    runs: list[list[int]] = []
    for rank in ranks:
        if runs and rank == runs[-1][-1] + 1:
            runs[-1].append(rank)
        else:
            runs.append([rank])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs) or _NOTHING
