"""What a run leaves behind that another run can be held against: written into scorecard.json, read back from there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.wording import counted
from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Lang, Text
from suizhou_geo.standards.catalogue import entry_for

OUTLINE_M = 0.1  # outlines that differ by less are the same


@dataclass(frozen=True)
class ZoneStanding:
    """A measure in one zone: its value (NaN where it cannot be told) and what that is a ratio of."""

    value: float
    denominator: float

    @property
    def part(self) -> float:
        """What there is on the ground, in the unit of the shortfall: persons reached, km of streets, hectares."""
        return self.value * self.denominator


@dataclass(frozen=True)
class Standing:
    """How one promise or measure stood: its number with the range left open, what was asked of it, how it was defined.

    A number that stands on too little is none here, as it is shown nowhere. `told` says whether the number can be held
    against the target: it stands on enough, and the target is sure. `year` is that of the target. `zones` are by `zone_id`.
    """

    key: str
    name: Text
    unit: str
    ground_unit: str
    value: float
    low: float
    high: float
    op: str
    asked: float
    year: int | None
    status: str
    told: bool
    profile: str
    params: Mapping[str, Any]
    zones: Mapping[str, ZoneStanding]

    @property
    def told_unit(self) -> str:
        """The unit that people are told: of a count what is counted."""
        return counted(self.unit, self.key.partition(".")[0])

    @property
    def has_data(self) -> bool:
        """Whether there is a number at all."""
        return bool(np.isfinite(self.value))

    @property
    def is_open(self) -> bool:
        """Whether its data leave open that it is another number."""
        return bool(self.low < self.value or self.high > self.value)

    @property
    def part(self) -> float:
        """What there is on the ground in all zones together; the number itself where it is a sum."""
        if self.unit == self.ground_unit:
            return self.value
        parts = [zone.part for zone in self.zones.values() if np.isfinite(zone.part)]
        return float(np.sum(parts)) if parts and self.ground_unit else np.nan


@dataclass(frozen=True)
class Source:
    """A file a run has read: its role, the sum over its bytes, and of when its data are ("" where nobody says)."""

    role: str
    path: str
    sha256: str
    data_date: str


@dataclass(frozen=True)
class Outline:
    """The outline of a zone: its name, its size and the sum over its shape."""

    name: str
    area_ha: float
    shape: str


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One run as another one is held against it.

    `lang` is the language its study asks for, None where it does not; `year` is of when all its data are, where the
    caller says so; `called` what to call it where no time tells it apart; `zones` has the shapes, in the CRS of the run.
    """

    study: Text
    city: str
    label: Text
    invented: bool
    plan: str
    crs: str
    boundary: str
    version: str
    incomplete: tuple[str, ...]
    sources: tuple[Source, ...]
    outlines: Mapping[str, Outline]
    standings: Mapping[str, Standing]
    zones: gpd.GeoDataFrame
    lang: Lang | None = None
    year: float | None = None
    called: Text | None = None


def study_record(result: Assessed) -> dict[str, Any]:
    """Return what is told of a study beside its rows: plan, outline, inputs, and the software that measured."""
    study, area = result.study, result.area
    return {
        "study_en": study.name_en or study.name,
        "city": study.city,
        "lang": study.lang,
        "label": {"zh": study.label.zh, "en": study.label.en},
        "plan": "" if study.plan is None else study.plan.name,
        "crs": area.crs.to_string(),
        "boundary": area.boundary,
        "version": version("suizhou-geo"),
        "may_be_incomplete": sorted(area.incomplete),
        "inputs": [
            {"role": s.role, "path": s.path, "sha256": s.sha256, "data_date": s.data_date} for s in study.inputs
        ],
        "zones": {
            str(zone_id): {"name": str(name), "area_ha": shape.area / 1e4, "shape": _sum_of(shape)}
            for zone_id, name, shape in zip(area.zones.index, area.zones["name"], area.zones.geometry, strict=True)
        },
    }


def row_record(row: Row) -> dict[str, Any]:
    """Return what is told of a row beside the columns of the scorecard, for another run to be held against."""
    return {
        "headline": row.is_headline,
        "year": None if row.target is None else row.target.year,
        "told": row.tells and (row.target is None or row.target.sure),
        "thin": None if row.thin is None else row.thin.zh,
    }


def snapshot(content: Mapping[str, Any], zones: gpd.GeoDataFrame, *, year: float | None = None) -> Snapshot:
    """Return the snapshot that the content of a scorecard.json holds.

    Raises: InputError where it was written by another version, or changed by hand.
    """
    try:
        return _snapshot(content, zones, year)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise InputError(
            f"scorecard.json 不是本版本写出的样子（{type(error).__name__}：{error}）；请重新测算该研究",
            f"scorecard.json is not as this version writes it ({type(error).__name__}: {error}); run the study again",
        ) from None


def _snapshot(content: Mapping[str, Any], zones: gpd.GeoDataFrame, year: float | None) -> Snapshot:
    rows = [_standing(row) for row in content["rows"] if row["headline"]]
    return Snapshot(
        study=Text(content["study"], content["study_en"]),
        city=content.get("city", ""),
        label=Text(**content["label"]),
        invented=content["invented"],
        plan=content["plan"],
        crs=content["crs"],
        boundary=content["boundary"],
        version=content["version"],
        incomplete=tuple(content["may_be_incomplete"]),
        sources=tuple(Source(**source) for source in content["inputs"]),
        outlines={zone_id: Outline(**outline) for zone_id, outline in content["zones"].items()},
        standings={row.key: row for row in rows},
        zones=zones,
        lang=content.get("lang"),
        year=year,
    )


def sources_of(key: str, taken: Snapshot) -> tuple[Source, ...]:
    """Return the files a measure was made from: those of its layers, OpenStreetMap for the layers nobody else gave.

    Zones are left out: whether the outline is another one is told by itself. What is declared comes from the statistics.
    """
    entry = entry_for(key)
    if entry is None:
        return tuple(source for source in taken.sources if source.role == "statistics")
    layers = set(entry.layers) - {"zones"}
    own = {source.role for source in taken.sources} & layers
    wanted = own | ({"osm", "corrections"} if layers - own else set())
    return tuple(source for source in taken.sources if source.role in wanted)


def _standing(row: Mapping[str, Any]) -> Standing:
    return Standing(
        key=row["key"],
        name=Text(row["name_zh"], row["name_en"]),
        unit=row["unit"],
        ground_unit=row.get("shortfall_unit", ""),
        value=np.nan if row["thin"] else _number(row["value"]),
        low=_number(row["low"]),
        high=_number(row["high"]),
        op=row["op"],
        asked=_number(row["target"]),
        year=row["year"],
        status=row["status"],
        told=row["told"],
        profile=row["profile"],
        params=row.get("params", {}),
        zones={
            zone_id: ZoneStanding(np.nan if zone["thin"] else _number(zone["value"]), _number(zone["denominator"]))
            for zone_id, zone in row.get("by_zone", {}).items()
        },
    )


def _number(written: Any) -> float:
    return np.nan if written is None else float(written)


def _sum_of(shape: shapely.Geometry) -> str:
    rounded = shapely.normalize(shapely.set_precision(shape, OUTLINE_M))
    return hashlib.sha256(shapely.to_wkb(rounded, output_dimension=2)).hexdigest()[:16]
