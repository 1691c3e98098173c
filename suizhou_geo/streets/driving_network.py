"""The network that vehicles drive on."""

from __future__ import annotations

import numpy as np

from suizhou_geo.geometry.shapes import shapes_of
from suizhou_geo.streets.counted_roads import judged_roads
from suizhou_geo.streets.dead_ends import street_ends
from suizhou_geo.streets.network import StreetNetwork, street_network
from suizhou_geo.study_area import StudyArea, per_area


@per_area
def driving_network(area: StudyArea) -> StreetNetwork:
    """The streets as vehicles use them: the counted streets and their ramps, gaps of the drawing joined.

    Motorways, service roads and the inside of compounds are no part of it. One-way streets are taken in both
    directions: a detour is told for the street, not for one carriageway.

    Errors: InputError for a study without roads.
    """
    roads = judged_roads(area)
    used = roads["counts"] | (roads["ramp"].astype(bool) & roads["road_class"].ne("motorway"))
    repairs = street_ends(area)["repair"].dropna().to_numpy()
    return street_network(np.concatenate([roads.geometry.to_numpy()[used], repairs]), shapes_of(area.barriers))
