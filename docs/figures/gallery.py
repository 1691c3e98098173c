"""Which figure stands on which page of the definitions."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import circles
import commute
import green
import inventories
import land
import services
import streets
from chinese import in_chinese
from towns import Figure

FIGURES: Mapping[str, Callable[[], Figure]] = {
    "layout": land.layout,
    "population_density": land.population_density,
    "construction_land": land.construction_land,
    "built_up": land.built_up,
    "land": land.land_classes,
    "road_density": streets.road_density,
    "blocks": streets.blocks,
    "dead_ends": streets.dead_ends,
    "arterial_grid": streets.arterial_grid,
    "sidewalks": streets.sidewalks,
    "parks": services.parks,
    "green": green.green,
    "services": services.services,
    "life_circle": services.life_circle,
    "communities": circles.communities,
    "capacity": circles.capacity,
    "inventories": inventories.inventories,
    "commute": commute.commute,
    "siting": services.siting,
    "scenario": services.scenario,
}


def in_both_languages(figure: Figure) -> dict[str, str]:
    """The drawings of a page, each in Chinese and in English, by their place under docs."""
    return {
        f"{language}/figures/{name}.svg": in_chinese(drawing) if language == "zh" else drawing
        for name, drawing in figure.drawings.items()
        for language in ("zh", "en")
    }
