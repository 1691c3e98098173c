"""Where to build, in words: sites, how good the choice is, and the table for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.assessment.siting.sited import Sited
from suizhou_geo.assessment.wording import number, unit_name
from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import Lang

_say = speaker("siting")
PROVEN = 1e-6  # a gap so small is none: the tolerance of the solver
_HEADS: Mapping[str, str] = {
    "area_ha": "ha",
    "newly_ha": "ha",
    "newly_persons": "persons",
    "east_m": "m",
    "north_m": "m",
}


def site_name(site: Mapping[str, Any], lang: Lang) -> str:
    """Return what a site is called: its own name, or its number among the candidates."""
    return str(site["name"]) or _say("site_number", lang, number=site["site"])


def where_words(site: Mapping[str, Any], lang: Lang) -> str:
    """Return of what kind a site is, with the code of its land."""
    kind = _say(str(site["where"]), lang)
    return _say("with_code", lang, kind=kind, code=site["land_class"]) if site["land_class"] else kind


def site_words(site: Mapping[str, Any], lang: Lang) -> list[str]:
    """Return what is to be said of a chosen site, line by line."""
    newly = [number(site["newly_ha"], "ha", lang)]
    newly += [number(round(site["newly_persons"]), "persons", lang)] if np.isfinite(site["newly_persons"]) else []
    return [
        _say("ranked", lang, rank=site["rank"], where=where_words(site, lang)),
        _say("newly", lang, what=_say("and", lang).join(newly)),
        _say("then", lang, coverage=number(site["coverage"], "share", lang)),
    ]


def headline(found: Sited, lang: Lang) -> str:
    """Return in one sentence what the chosen sites bring."""
    return _say(
        "headline" if len(found.sites) else "unbuilt",
        lang,
        name=found.before.name.speak(lang),
        before=number(found.before.value, "share", lang),
        value=number(found.value, "share", lang),
        n=len(found.sites),
    )


def quality(found: Sited, lang: Lang) -> str:
    """Return how good the choice is: proven to be the best, or how far from it at the most."""
    how = _say(found.chosen.method, lang)
    if found.gap <= PROVEN:
        return _say("proven", lang, n=len(found.candidates), how=how)
    return _say("within", lang, n=len(found.candidates), how=how, gap=number(max(found.gap, 1e-3), "share", lang))


def proposed_heads(lang: Lang) -> list[str]:
    """Return the heads of `proposed_cells`."""
    return [_head(key, lang) for key in ("rank", "name", "zone", "newly_persons", "newly_ha", "coverage")]


def proposed_cells(found: Sited, zones: gpd.GeoDataFrame, lang: Lang) -> list[list[str]]:
    """Return of each chosen site its rank, its name, its zone, the persons and hectares newly covered, the coverage then.

    `zones` are those of the study, named as they are to be shown.
    """
    return [
        [
            str(site["rank"]),
            site_name(site, lang),
            str(zones["name"].get(site["zone_id"], "")),
            number(round(site["newly_persons"]), "", lang) if np.isfinite(site["newly_persons"]) else "—",
            number(site["newly_ha"], "", lang),
            number(site["coverage"], "share", lang),
        ]
        for site in found.sites.to_dict("records")
    ]


def sites_table(found: Sited, lang: Lang) -> pd.DataFrame:
    """Return the chosen sites as a table for people, in the order of what each adds."""
    sites, records = found.sites, found.sites.to_dict("records")
    zones = found.area.named_in(lang).zones["name"].astype(str)
    at = shapely.get_coordinates(shapely.point_on_surface(sites.geometry.to_numpy())).reshape(-1, 2).round()
    columns: dict[str, Any] = {
        "name": [site_name(site, lang) for site in records],
        "where": [where_words(site, lang) for site in records],
        "zone": sites["zone_id"].map(zones).fillna("").to_numpy(),
        "area_ha": sites["area_ha"].round(2).to_numpy(),
        "cost": sites["cost"].to_numpy(),
        "newly_ha": sites["newly_ha"].round(1).to_numpy(),
        "newly_persons": pd.array(sites["newly_persons"].round(), dtype="Int64"),
        "coverage": [number(share, "share", lang) for share in sites["coverage"]],
        "east_m": at[:, 0].astype(int),
        "north_m": at[:, 1].astype(int),
    }
    left_out = {
        "area_ha": not (sites["area_ha"] > 0).any(),
        "cost": sites["cost"].isna().all(),
        "newly_persons": sites["newly_persons"].isna().all(),
    }
    told = {_head(key, lang): values for key, values in columns.items() if not left_out.get(key, False)}
    return pd.DataFrame(told, index=pd.Index(sites["rank"].to_numpy(), name=_say("rank", lang)))


def curve_table(found: Sited, lang: Lang) -> pd.DataFrame:
    """Return the curve under heads for people."""
    return found.curve.rename(columns={column: _say(f"curve_{column}", lang) for column in found.curve})


def _head(key: str, lang: Lang) -> str:
    name = _say(key, lang)
    if key not in _HEADS or (lang == "en" and _HEADS[key] == "persons"):
        return name
    unit = unit_name(_HEADS[key], lang)
    return f"{name}（{unit}）" if lang == "zh" else f"{name} ({unit})"
