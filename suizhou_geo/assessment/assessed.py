"""What a run knows: a study, its measures held against its plan, and where the gaps are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from suizhou_geo.assessment.rows import Row, rows_of
from suizhou_geo.model import Measure, Study
from suizhou_geo.study_area import StudyArea


@dataclass(frozen=True, eq=False)
class Assessed:
    """A study and its rows: the promises in the plan's order, then the measures that the plan does not name."""

    study: Study
    rows: tuple[Row, ...]

    @property
    def area(self) -> StudyArea:
        """The place that was measured."""
        return self.study.area

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures of all rows under the definition asked for."""
        return tuple(row.measure for row in self.rows if row.measure is not None)

    def row(self, key: str) -> Row | None:
        """The row of a measure or a promise; None where there is none."""
        return next((row for row in self.rows if row.key == key), None)


def assessed(study: Study, measures: Sequence[Measure]) -> Assessed:
    """Hold measures of a study up to its plan."""
    return Assessed(study, rows_of(measures, study.plan, baselines=study.baseline_values, invented=study.area.invented))
