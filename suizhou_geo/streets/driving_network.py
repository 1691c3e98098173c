"""The network that vehicles drive on."""

from __future__ import annotations

import numpy as np

from suizhou_geo.geometry.arrays import Ints
from suizhou_geo.geometry.shapes import shapes_of
from suizhou_geo.streets.counted_roads import judged_roads
from suizhou_geo.streets.dead_ends import street_ends
from suizhou_geo.streets.network import StreetNetwork, levels_apart, levels_of, street_network
from suizhou_geo.study_area import StudyArea, per_area


@per_area
def driving_network(area: StudyArea) -> StreetNetwork:
    """The streets as vehicles use them: the counted streets and their ramps, gaps of the drawing joined.

    Motorways, service roads and the inside of compounds are no part of it. One-way streets are taken in both
    directions: a detour is told for the street, not for one carriageway. A street drawn through a river is taken as the
    bridge that vehicles need there, whether or not it is said to be one.

    Errors: InputError for a study without roads.
    """
    roads = judged_roads(area)
    used = roads["counts"] | (roads["ramp"].astype(bool) & roads["road_class"].ne("motorway"))
    return drawn_together(area, np.flatnonzero(used))[0]


def drawn_together(area: StudyArea, rows: Ints) -> tuple[StreetNetwork, Ints]:
    """The network of some rows of the roads and of the gaps of the drawing, joined; and the row each segment is of."""
    roads, repaired = judged_roads(area), street_ends(area).dropna(subset=["repair"])
    row = np.r_[rows, repaired["row"].to_numpy(dtype=np.int64)]
    lines = np.concatenate([roads.geometry.to_numpy()[rows], repaired["repair"].to_numpy()])
    network = street_network(
        lines, shapes_of(area.barriers), level=levels_of(roads)[row], apart=levels_apart(roads)[row]
    )
    return network, row[network.line]
