"""What sites would newly cover, in pieces that each covers whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from suizhou_geo.access.atoms import Atoms, atoms_on_foot, atoms_straight
from suizhou_geo.access.coverage import Covered, Reach, Supply, covered_on_foot, covered_straight
from suizhou_geo.access.demand import demand
from suizhou_geo.geometry.arrays import Floats, Ints
from suizhou_geo.study_area import StudyArea


@dataclass(frozen=True, eq=False)
class Ground:
    """Atoms that the same sites cover in the same zone, together: their zone, hectares and persons."""

    covers: csr_array
    zone: Ints
    ha: Floats
    persons: Floats


def covered_by(area: StudyArea, supply: Supply, reach: Reach) -> Covered:
    """What a supply covers: the code of the measures."""
    return covered_on_foot(area, supply)[0] if reach == "street" else covered_straight(demand(area), supply)


def ground_of(area: StudyArea, existing: Supply, covered: Covered, sites: Supply, reach: Reach) -> Ground:
    """The ground that sites would newly cover beside what is `existing`, which covers `covered`."""
    if reach == "street":
        return _together(area, atoms_on_foot(area, existing, sites))
    return _together(area, atoms_straight(demand(area), covered, sites))


def _together(area: StudyArea, atoms: Atoms) -> Ground:
    cells = demand(area).cells
    by_atom = atoms.covers.tocsc()
    by_atom.sort_indices()
    zone_of_atom = cells["zone"].to_numpy()[atoms.cell]
    numbers: dict[tuple[int, bytes], int] = {}
    same = np.empty(len(atoms.cell), dtype=np.int64)
    for atom, zone in enumerate(zone_of_atom.tolist()):
        first, beyond = by_atom.indptr[atom : atom + 2]
        same[atom] = numbers.setdefault((zone, by_atom.indices[first:beyond].tobytes()), len(numbers))
    _, one = np.unique(same, return_index=True)
    amounts = [atoms.share * cells[column].to_numpy()[atoms.cell] for column in ("area_m2", "persons")]
    ha, persons = (np.bincount(same, weights=amount, minlength=len(one)).astype(float) for amount in amounts)
    return Ground(csr_array(by_atom[:, one]), zone_of_atom[one], ha / 1e4, persons)
