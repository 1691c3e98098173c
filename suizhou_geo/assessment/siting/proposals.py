"""What a full report proposes: sites of the layer `candidates` for the coverages that miss what was promised."""

from __future__ import annotations

from dataclasses import dataclass, replace

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.siting.candidates import OWN
from suizhou_geo.assessment.siting.services import sitable
from suizhou_geo.assessment.siting.sited import Sited, Wanted, sited
from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Text


@dataclass(frozen=True, eq=False)
class Proposals:
    """The fewest sites for each coverage that misses its promise, and why there are none for another."""

    sited: tuple[Sited, ...] = ()
    refused: tuple[Text, ...] = ()


NOTHING_PROPOSED = Proposals()


def lacking(result: Assessed) -> tuple[Row, ...]:
    """Return the coverages that sites are proposed for: those missed, where the study has a layer `candidates`."""
    if result.area.candidates is None:
        return ()
    return tuple(row for row in result.rows if row.status == "missed" and row.key in sitable())


def proposals(result: Assessed) -> Proposals:
    """Choose, of the layer `candidates`, the fewest sites by which each coverage that is missed would be as promised.

    A candidate may serve for every coverage unless its column `use` says what for.

    >>> import suizhou_geo as sg
    >>> from suizhou_geo.assessment.assessed import assessed
    >>> study = sg.read_study("data/raw/invented_city/study.toml")  # its parks are as promised, and it has no candidates
    >>> proposals(assessed(study, [sg.park_coverage(study.area)])).sited
    ()
    """
    found, refused = [], []
    for row in lacking(result):
        asked = result.study.params.get(row.family, {})
        try:
            one = sited(result.area, row.key, Wanted(target=row.asked), asked=asked, candidates=(OWN,))
            found.append(replace(one, before=replace(one.before, name_zh=row.name.zh, name_en=row.name.en)))
        except InputError as error:
            refused.append(Text(f"{row.name.zh}：{error.said.zh}", f"{row.name.en}: {error.said.en}"))
    return Proposals(tuple(found), tuple(refused))
