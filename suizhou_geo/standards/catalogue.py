"""The chapters results are told in: which measure and which promise stands where, by its key."""

from __future__ import annotations

from dataclasses import dataclass

from suizhou_geo.model import Text
from suizhou_geo.standards.definitions import ENTRIES, Entry


@dataclass(frozen=True)
class Chapter:
    """A chapter of the plan: its `key`, its name, and how the keys of its measures and promises begin."""

    key: str
    name: Text
    begins: tuple[str, ...]


CHAPTERS = (
    Chapter(
        "land",
        Text("空间格局、人口与用地", "Layout, people and land"),
        (
            "population_",
            "construction_land",
            "main_city_",
            "district_zones",
            "core_",
            "industrial_land",
            "land_",
            "built_up_",
        ),
    ),
    Chapter(
        "life_circle",
        Text("15分钟生活圈与公共服务", "15-minute living circles and services"),
        (
            "life_circle_",
            "service_coverage",
            "complete_communit",
            "community_",
            "places_",
            "walk_time_",
            "emergency_",
            "historic_",
        ),
    ),
    Chapter(
        "green",
        Text("公园绿地与河岸", "Parks, green and river banks"),
        ("park_coverage", "park_area", "green", "river", "pocket_"),
    ),
    Chapter(
        "roads",
        Text("道路与通行", "Roads and getting about"),
        ("road_", "block_", "dead_ends", "arterial_", "sidewalk_", "commute_", "jobs_", "charg", "parking_", "bus_"),
    ),
)
OTHER_CHAPTER = Chapter("declared", Text("产业、民生与其他申报指标", "Economy, welfare and other declared figures"), ())


def chapter_of(key: str) -> Chapter:
    """Return the chapter a measure or a promise belongs to, by its key.

    >>> chapter_of("road_density.arterial").key, chapter_of("gdp_growth").key
    ('roads', 'declared')
    """
    return next((c for c in CHAPTERS if key.startswith(c.begins)), OTHER_CHAPTER)


def entry_for(key: str) -> Entry | None:
    """Return the entry that fits a measure's key best, or None.

    >>> entry_for("road_density.branch").definition.zh[:6], entry_for("gdp_growth")
    ('该等级道路中', None)
    """
    begins = begins_of(key)
    return ENTRIES[begins] if begins else None


def begins_of(key: str) -> str:
    """Return the beginning under which a measure's entry stands; "" where there is none.

    >>> begins_of("road_density.branch"), begins_of("road_density")
    ('road_density.', 'road_density')
    """
    return max((begins for begins in ENTRIES if key.startswith(begins)), key=len, default="")
