"""Complete communities (完整居住社区): which meet the 20 items of the standard, and how many are being advanced."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from suizhou_geo.access.coverage import Reach
from suizhou_geo.access.demand import demand
from suizhou_geo.errors import InputError, LayerError
from suizhou_geo.errors.text import Text, alike
from suizhou_geo.geometry.arrays import Bools, Floats, Shapes
from suizhou_geo.geometry.zonal import by_zone, dissolved
from suizhou_geo.measures.asked import Asked, Number, public, summed
from suizhou_geo.measures.bases import basis_needs
from suizhou_geo.measures.communities import (
    HOMES_SHARE,
    INSIDE_SHARE,
    Test,
    communities,
    holds,
    homes_sure,
    reached,
    told,
    unusable,
)
from suizhou_geo.measures.completeness import incomplete_layers, missing_layers, said_if, sentence
from suizhou_geo.measures.coverage import covered_within
from suizhou_geo.measures.life_circle import absent, all_covered, facility_shapes, guessed, surely_covered
from suizhou_geo.measures.parks import open_parks
from suizhou_geo.model import Measure
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea, per_area
from suizhou_geo.study_area.layers import COMMUNITY_ITEMS

Compliance = Literal["all_20", "k_of_20"]
CountedBy = Literal["communities", "persons"]
ITEMS = tuple(f"{n:02d}" for n in range(1, COMMUNITY_ITEMS + 1))


@dataclass(frozen=True, eq=False)
class _Items:
    """Per community (rows) and item (columns) 1 met, 0 failed, NaN not known: by the map, as declared, and together."""

    by_map: Floats
    declared: Floats
    state: Floats


@public
def complete_community_coverage(
    area: StudyArea,
    *,
    profile: Compliance = "all_20",
    k: int | None = None,
    test: Test = "inside",
    reach: Reach = "straight_line",
    of: CountedBy = "communities",
) -> Measure:
    """完整居住社区覆盖率: the share of communities, or of their persons, that are complete communities.

    A community is complete when all 20 items of the standard are met (profile "all_20") or at least `k` of them
    ("k_of_20"; without `k`, 16). What `item_01` to `item_20` of the communities layer declare, holds; an item that is not
    declared is tested on the map where a map can test it (items 1-8, 14, 15 by standards/life_circles.toml): it must stand
    in the community (test = "inside") or lie within 300 m of at least half of its residential land ("within_reach"; with
    reach = "street" along the streets). The map shows that a thing is there, not its floor area. Everything else is not known,
    what hangs on facilities whose category is a guess, too.

    The value counts the communities of which completeness is shown, as an office certifying them would; `high` adds those
    whose unknown items may yet be met. Where no community can be judged at all there is no value. Of communities, those
    with at least half of their area inside the zones count.

    `breakdown`: per item how many communities meet it, fail it and are not known, and how many of these were declared.
    `evidence`: the communities, part = "community_complete", "community_open" or "community_incomplete", with items_met,
    items_failed, items_unknown, failed and unknown (numbers of the items).

    Errors: InputError for an unknown profile, test, reach or denominator, or a `k` outside 1 to 20.
    Source: 完整居住社区建设标准(试行), 建科规〔2020〕7号.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> complete_community_coverage(area).unit
    'share'
    """
    rules = table("life_circles")["complete_community"]
    wanted = _wanted(profile, rules["k"] if k is None else k)
    by_homes = test == "within_reach"
    words = " / ".join([profile, test, *([reach] if by_homes else []), of])
    params = {
        "profile": profile,
        "items_wanted": wanted,
        "test": test,
        "reach": reach,
        "of": of,
        "circle_m": rules["circle_m"],
        "homes_share": HOMES_SHARE,
        "inside_share": INSIDE_SHARE,
        "map_items": [n for n, item in rules["items"].items() if _on_map(item)],
    }
    basis = alike(rules["standard"]) + Text(
        f"：完整居住社区数 ÷ 社区总数（{COMMUNITY_ITEMS}项中达到{wanted}项）",
        f": complete communities over all communities ({wanted} of {COMMUNITY_ITEMS} items)",
    )
    asked = Asked(area, "complete_community_coverage", words, params, basis)
    if needs := unusable(area) or missing_layers(area, *(("population",) if of == "persons" else ())):
        return asked.no_data(needs)
    for_map = missing_layers(area, "facilities", "parks", *(("roads",) if by_homes and reach == "street" else ()))
    rows, items = communities(area).rows, _items(area, test, reach)
    met, unknown = (items.state == 1.0).sum(axis=1), np.isnan(items.state).sum(axis=1)
    complete, possible = met >= wanted, met + unknown >= wanted
    if (possible & ~complete).all():
        return asked.no_data(_unknown(items, for_map))
    weight = np.ones(len(rows)) if of == "communities" else rows["persons"].to_numpy()
    zone = rows["zone"].to_numpy()
    whole, there = by_zone(weight, zone, area.zones), by_zone(weight * complete, zone, area.zones)
    total = float(whole.sum())
    value, high = (float((weight * c).sum() / total) if total > 0 else np.nan for c in (complete, possible))
    sure = "communities" not in area.incomplete and not (of == "persons" and "population" in area.incomplete)
    asked = asked.found(communities=len(rows), complete=int(complete.sum()), possible=int(possible.sum()))
    asked = replace(asked, profile=words + (f" / {demand(area).basis}" if by_homes else ""))
    return asked.measure(
        Number(value, there / whole.where(whole > 0), whole),
        evidence=_evidence(rows, items.state, complete, possible),
        low=None if sure else 0.0,
        high=high if sure else 1.0,
        needs=_unknown(items, for_map)
        + (basis_needs(area) if by_homes else ())
        + incomplete_layers(area, "communities", "facilities", "parks"),
        notes=(*_notes(items), *told(area)),
        breakdown=_by_item(items),
    )


@public
def complete_communities_advanced(area: StudyArea) -> Measure:
    """新推进完整社区: how many communities are declared as being advanced to complete communities.

    Counted is `advanced` = yes in the communities layer, for communities with at least half of their area inside the
    zones. Communities of which nothing is said could be more (`high`). Where it is said of none there is no number.

    `evidence`: those communities, part = "community_advanced".

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> complete_communities_advanced(area).value
    21.0
    """
    asked = Asked(
        area,
        "complete_communities_advanced",
        "declared",
        {"inside_share": INSIDE_SHARE},
        Text("社区图层 advanced 列（申报）", "column advanced of the communities (declared)"),
    )
    if needs := unusable(area):
        return asked.no_data(needs)
    rows = communities(area).rows
    said = _yes_no(rows, "advanced")
    unsaid = int(np.isnan(said).sum())
    if unsaid == len(rows):
        need = sentence("advanced_unsaid")
        return asked.no_data((need,))
    number = summed(by_zone((said == 1.0).astype(float), rows["zone"].to_numpy(), area.zones))
    chosen = rows[said == 1.0][["name", "zone_id", "persons", "households", "geometry"]]
    return asked.found(communities=len(rows), not_said=unsaid).measure(
        number,
        evidence=chosen.assign(part="community_advanced"),
        high=np.inf if "communities" in area.incomplete else number.value + unsaid,
        needs=said_if(unsaid, "some_advanced_unsaid", unsaid=unsaid) + incomplete_layers(area, "communities"),
        notes=told(area),
    )


def _wanted(profile: Compliance, k: int) -> int:
    if not isinstance(k, int) or isinstance(k, bool) or not 1 <= k <= COMMUNITY_ITEMS:
        raise InputError(
            f"complete_community_coverage：k 为“{k}”；须是 1 到 {COMMUNITY_ITEMS} 的整数",
            f"complete_community_coverage: k is {k!r}; it must be a whole number from 1 to {COMMUNITY_ITEMS}",
        )
    return COMMUNITY_ITEMS if profile == "all_20" else k


def _on_map(item: dict[str, Any]) -> bool:
    return "categories" in item or "park_m2" in item


@per_area
def _items(area: StudyArea, test: Test, reach: Reach) -> _Items:
    rows = communities(area).rows
    rules = table("life_circles")["complete_community"]["items"]
    declared = np.column_stack([_yes_no(rows, f"item_{n}") for n in ITEMS])
    by_map = np.column_stack([_tested(area, rules[n], test, reach) for n in ITEMS])
    return _Items(by_map=by_map, declared=declared, state=np.where(np.isnan(declared), by_map, declared))


def _yes_no(rows: gpd.GeoDataFrame, column: str) -> Floats:
    """1 for yes, 0 for no, NaN for not said."""
    result = np.full(len(rows), np.nan)
    for n, (name, value) in enumerate(zip(rows["name"], rows[column], strict=True)):
        if pd.isna(value):
            continue
        if value not in (True, False):
            raise LayerError(
                f"图层 communities，列“{column}”：{name} 的值是“{value}”；请填 True、False 或留空",
                f"layer communities, column {column}: {name} holds {value!r}; give True, False or nothing",
            )
        result[n] = float(value)
    return result


def _tested(area: StudyArea, item: dict[str, Any], test: Test, reach: Reach) -> Floats:
    """What the map says of an item: met where any of what serves is there, failed where none is and none can be."""
    tests = []
    if "categories" in item:
        tests.append(_facilities(area, tuple(item["categories"]), test, reach))
    if "park_m2" in item:
        least_m2, enough_m2 = item["park_m2"]
        tests.append(_greens(area, least_m2, enough_m2, test, reach))
    result = np.full(len(communities(area).rows), np.nan)
    if not tests or (test == "within_reach" and not homes_sure(area, of="land")):
        return result
    states = np.array(tests)
    return np.where((states == 1.0).any(axis=0), 1.0, np.where(np.isnan(states).any(axis=0), np.nan, 0.0))


def _facilities(area: StudyArea, categories: tuple[str, ...], test: Test, reach: Reach) -> Floats:
    found = communities(area)
    if area.facilities is None or absent(area, categories) or _no_streets(area, test, reach):
        return np.full(len(found.rows), np.nan)
    circle_m = table("life_circles")["complete_community"]["circle_m"]

    def has(*, sure: bool) -> Floats:
        if test == "inside":
            return holds(found, facility_shapes(area, categories, sure=sure)).astype(float)
        of_them = surely_covered if sure else all_covered
        return reached(area, of_them(area, categories, circle_m, reach).share, of="land")

    there = has(sure=False)
    if guessed(area, categories):
        there = np.where((there == 1.0) & (has(sure=True) != 1.0), np.nan, there)
    return np.where(there == 0.0, np.nan, there) if "facilities" in area.incomplete else there


def _greens(area: StudyArea, least_m2: float, enough_m2: float, test: Test, reach: Reach) -> Floats:
    """Open public green: enough is met, less than the least is failed, and between them nobody can tell."""
    rows = communities(area).rows
    if area.parks is None or _no_streets(area, test, reach):
        return np.full(len(rows), np.nan)
    greens = dissolved(open_parks(area), gap_m=table("park_tiers")["source"]["gap_m"])
    shapes = greens.geometry.to_numpy()
    large, some = (
        _green_there(area, shapes[shapely.area(shapes) >= m2], least_m2, test, reach) for m2 in (enough_m2, least_m2)
    )
    failed = np.nan if "parks" in area.incomplete else 0.0
    return np.select([large == 1.0, np.isnan(large) | (some == 1.0)], [1.0, np.nan], default=failed)


def _green_there(area: StudyArea, shapes: Shapes, least_m2: float, test: Test, reach: Reach) -> Floats:
    """Where one of some greens is: with at least `least_m2` of it inside the community, or in reach of its homes."""
    rows = communities(area).rows
    if test == "within_reach":
        circle_m = table("life_circles")["complete_community"]["circle_m"]
        return reached(area, covered_within(area, shapes, circle_m, reach)[0].share, of="land")
    outlines = rows.geometry.to_numpy()
    community, green = shapely.STRtree(shapes).query(outlines, predicate="intersects")
    common_m2 = shapely.area(shapely.intersection(outlines[community], shapes[green]))
    there = np.zeros(len(rows))
    there[community[common_m2 >= least_m2 - 1e-6]] = 1.0
    return there


def _no_streets(area: StudyArea, test: Test, reach: Reach) -> bool:
    return test == "within_reach" and reach == "street" and (area.roads is None or "roads" in area.incomplete)


def _unknown(items: _Items, layers: tuple[Text, ...]) -> tuple[Text, ...]:
    """Which items of how many communities nobody has declared and no map can test."""
    unknown = np.isnan(items.state)
    numbers = [int(n) for n, column in zip(ITEMS, unknown.T, strict=True) if column.any()]
    here = int(unknown.any(axis=1).sum())
    return (sentence("items_unknown", here=here, items=numbers), *layers) if numbers else ()


def _notes(items: _Items) -> tuple[Text, ...]:
    by_map = np.isnan(items.declared) & ~np.isnan(items.by_map)
    tested, found = int(by_map.sum()), int((by_map & (items.by_map == 1.0)).sum())
    refused = int(((items.declared == 0.0) & (items.by_map == 1.0)).sum())
    unseen = int(((items.declared == 1.0) & (items.by_map == 0.0)).sum())
    return (
        *said_if(tested, "items_by_map", tested=tested, found=found),
        *said_if(refused or unseen, "items_differ", refused=refused, unseen=unseen),
    )


def _by_item(items: _Items) -> pd.DataFrame:
    rules = table("life_circles")["complete_community"]["items"]
    return pd.DataFrame(
        {
            "name_zh": [rules[n]["name_zh"] for n in ITEMS],
            "name_en": [rules[n]["name_en"] for n in ITEMS],
            "met": (items.state == 1.0).sum(axis=0),
            "failed": (items.state == 0.0).sum(axis=0),
            "not_known": np.isnan(items.state).sum(axis=0),
            "declared": (~np.isnan(items.declared)).sum(axis=0),
        },
        index=pd.Index(ITEMS, name="item"),
    )


def _evidence(rows: gpd.GeoDataFrame, state: Floats, complete: Bools, possible: Bools) -> gpd.GeoDataFrame:
    numbers = np.array(ITEMS)
    failed, unknown = state == 0.0, np.isnan(state)
    return rows[["name", "zone_id", "persons", "households", "geometry"]].assign(
        part=np.select([complete, possible], ["community_complete", "community_open"], default="community_incomplete"),
        items_met=(state == 1.0).sum(axis=1),
        items_failed=failed.sum(axis=1),
        items_unknown=unknown.sum(axis=1),
        failed=[", ".join(numbers[row]) for row in failed],
        unknown=[", ".join(numbers[row]) for row in unknown],
    )
