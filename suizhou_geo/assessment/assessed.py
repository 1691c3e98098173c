"""What a run knows: a study, its measures held against its plan, and where the gaps are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from suizhou_geo.assessment.gap_lists import GapList, gap_list, gap_lists
from suizhou_geo.assessment.rows import Row, headlines, rows_of
from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Lang, Text
from suizhou_geo.model import Measure, Study
from suizhou_geo.study_area import StudyArea
from suizhou_geo.study_area.layers import LAYERS
from suizhou_geo.study_area.names import named_in_english, sentence_in_english


@dataclass(frozen=True, eq=False)
class Assessed:
    """A study and its rows: the promises in the plan's order, then the measures that the plan does not name.

    `measures` are those of the definition asked for, in the order of `measure_all`.
    """

    study: Study
    rows: tuple[Row, ...]
    measures: tuple[Measure, ...]

    @property
    def area(self) -> StudyArea:
        """The place that was measured."""
        return self.study.area

    @property
    def shown(self) -> tuple[Row, ...]:
        """The rows that people are told of first: the promises, or all where there is no plan."""
        return tuple(row for row in self.rows if row.status or self.study.plan is None)

    @property
    def measured(self) -> tuple[Row, ...]:
        """The rows that have a measure, in the order of `measures`."""
        by_key = {row.key: row for row in self.rows}
        return tuple(by_key[measure.key] for measure in self.measures)

    @property
    def every_measure(self) -> tuple[Measure, ...]:
        """The measures under all their definitions, in the order of `measures`."""
        return tuple(row.measure for first in self.measured for row in first.definitions if row.measure is not None)

    @property
    def findings(self) -> tuple[Text, ...]:
        """What a reader of the results must know of the inputs: what is odd about them, and how persons were scaled."""
        scaled = [note for source in self.study.inputs for note in source.notes if note.kind == "scaled"]
        people = LAYERS["population"].name_zh
        return (*self.study.findings, *(Text(f"{people}图层：{n.zh}", f"Layer population: {n.en}") for n in scaled))

    @cached_property
    def gap_lists(self) -> tuple[GapList, ...]:
        """Every list of places where something is missing."""
        return gap_lists(self.area, self.rows)

    def gaps(self, key: str) -> GapList:
        """Return where it is missing: the ranked places behind a row, by its key, or a list by its own.

        Raises:
            InputError: neither a row nor a list, a row without data, or one that lists no places.
        """
        found = next((some for some in self.gap_lists if key in (some.key, *some.rows)), None)
        if found is not None:
            return found
        row = self.row(key)
        if row is None:
            lists = ", ".join(some.key for some in self.gap_lists)
            raise InputError(
                f"gaps：没有名为“{key}”的行或清单；请用行的代码查询，或选用下列清单之一：{lists}",
                f"gaps: there is no row or list {key!r}; ask by the key of a row, or for one of {lists}",
            )
        return gap_list(self.area, row)

    def named_in(self, lang: Lang) -> Self:
        """Return the same with places and streets named as a reader of `lang` is shown them (`StudyArea.named_in`)."""
        area = self.area.named_in(lang)
        if area is self.area:
            return self
        told = {id(measure): _named(measure, area.english) for measure in self.every_measure}
        named = sentence_in_english(area.english)
        return replace(
            self,
            study=replace(self.study, area=area),
            rows=tuple(_row_of(row, told, named) for row in self.rows),
            measures=tuple(told[id(measure)] for measure in self.measures),
        )

    def row(self, key: str) -> Row | None:
        """The row of a measure or a promise; None where there is none."""
        return next((row for row in self.rows if row.key == key), None)


def _named(measure: Measure, english: Mapping[str, str]) -> Measure:
    """A measure whose evidence and table have their names in English."""
    layer, table = measure.evidence, measure.breakdown
    return replace(
        measure,
        evidence=None if layer is None else named_in_english(layer, english),
        breakdown=None if table is None else named_in_english(table, english).rename(index=english),
    )


def _row_of(row: Row, told: Mapping[int, Measure], named: Callable[[str], str]) -> Row:
    """A row with what it was measured by exchanged, its other definitions too, and the names in what is said of it."""
    others = tuple(_row_of(other, told, named) for other in row.other_definitions)
    needs = tuple(Text(need.zh, named(need.en)) for need in row.needs)
    measure = None if row.measure is None else told[id(row.measure)]
    if measure is not None:
        measure = replace(measure, needs=tuple(Text(need.zh, named(need.en)) for need in measure.needs))
    return replace(row, needs=needs, measure=measure, other_definitions=others)


def assessed(study: Study, measures: Sequence[Measure]) -> Assessed:
    """Hold measures of a study up to its plan."""
    rows = rows_of(measures, study.held_to, baselines=study.baseline_values, label=study.label)
    return Assessed(study, rows, tuple(headlines(measures)))
