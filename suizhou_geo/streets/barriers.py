"""Barriers as a network sees them: rivers, railways and motorways that no leg from a door to a street crosses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely

from suizhou_geo.geometry.arrays import Ints, Shapes
from suizhou_geo.geometry.shapes import in_pieces
from suizhou_geo.streets.graph import SegmentGraph, segment_graph

_FEW_CORNERS = 32


@dataclass(frozen=True, eq=False)
class Barriers:
    """Some shapes, lines and areas, ready to be asked often."""

    shapes: Shapes

    @cached_property
    def edges(self) -> SegmentGraph:
        """Those that are lines, and the outlines of the others, in straight bits."""
        areas = shapely.get_dimensions(self.shapes) == 2
        return segment_graph(np.where(areas, shapely.boundary(self.shapes), self.shapes))

    @cached_property
    def lines(self) -> shapely.Geometry:
        """The same bits as one shape."""
        lines = shapely.multilinestrings(self.edges.segments)
        shapely.prepare(lines)
        return lines

    def met_by(self, shapes: Shapes) -> Ints:
        """Which of some shapes touch a barrier."""
        return np.unique(shapely.STRtree(shapes).query(self._pieces, predicate="intersects")[1])

    @cached_property
    def _pieces(self) -> Shapes:
        """All of them in pieces whose boxes hold little else."""
        pieces = in_pieces(self.shapes, corners=_FEW_CORNERS)
        shapely.prepare(pieces)
        return pieces
