"""The nouns: a measure, a target, a plan, a statistic, and a study with its inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Literal, get_args

import geopandas as gpd
import numpy as np
import pandas as pd

from suizhou_geo.errors import PlanError
from suizhou_geo.errors.text import NOTHING, Lang, Text, alike
from suizhou_geo.study_area import StudyArea

Op = Literal["<=", "<", ">=", ">", "=="]
OPS: tuple[str, ...] = get_args(Op)
STATISTIC_ITEMS = ("value", "level", "part", "whole", "baseline")


_INVENTED = Text("【虚构数据，不是随州】", "[invented data, not Suizhou] ")
_BORROWED_TITLE = Text("{name}（对照的是{city}的方案）", "{name} (held against a plan of {city_en})")
_BORROWED_LABEL = Text("【{city}的方案，不是本地的】", "[a plan of {city_en}, not of this place] ")
_OFFICES_HERE = Text("由本市明确", "for this city to name")
_BORROWED = Text(
    "所用方案是{city}的，研究的名称“{name}”里没有{city}：其中的数值、路名和片区不是对本地的承诺，结论不能当作本地的；"
    '没有方案的城市用 plan = "china_standards"，确属{city}的写 city = "{city}"',
    "the plan is that of {city_en}, which the name of the study, {name}, does not hold: its values, roads and districts are no "
    'promises to this place, and no verdict is one on it; without a plan take plan = "china_standards", and for a part of '
    '{city_en} write city = "{city}"',
)
_BORROWED_ELSEWHERE = Text(
    "所用方案是{city}的，研究也称为“{name}”，但分区不在{city}范围内：其中的数值、路名和片区不是对本地的承诺；请核对分区坐标或更换方案",
    "the plan is that of {city_en}, and so is the study by its name, {name}, but its zones do not lie there: its values, roads "
    "and districts are no promises to this place; check where the zones lie, or take another plan",
)


class Step(str):
    """A step of a run, told as it begins: its name, what a reader is told, and the how-manieth of how many it is.

    A long one is told again and again, with how far it is.

    >>> step = Step("road_density", stage="measuring", number=8, of=41, told=Text("路网密度", "road density"))
    >>> f"{step} {step.number}/{step.of}", step.told.zh
    ('road_density 8/41', '路网密度')
    """

    stage: str
    number: int
    of: int
    told: Text

    def __new__(cls, name: str, *, stage: str, number: int, of: int, told: Text | None = None) -> Step:
        """Return step `number` of the `of` in a `stage` (a word of [screen], as "reading" or "writing"), `told` in words."""
        step = super().__new__(cls, name)
        step.stage, step.number, step.of, step.told = stage, number, of, told or alike(name)
        return step


Progress = Callable[[Step], None]


class Stage:
    """A part of a run, the number of its steps known beforehand: tells each step as it begins."""

    def __init__(self, name: str, of: int, tell: Progress | None) -> None:
        """`of` is how many steps there are; `tell` is called with each."""
        self._name, self._of, self._number = name, of, 0
        self._step, self._told = "", NOTHING
        self._tell = tell or (lambda _: None)

    def __call__(self, step: str, told: Text | None = None) -> None:
        """Begin a step by its name, `told` in these words: without them it is the name of a file."""
        self._number += 1
        self._step, self._told = step, told or alike(step)
        self.within(NOTHING)

    def within(self, detail: Text) -> None:
        """Say how far the step is that was begun last."""
        told = self._told if detail == NOTHING else self._told + alike(" · ") + detail
        self._tell(Step(self._step, stage=self._name, number=self._number, of=self._of, told=told))


@dataclass(frozen=True)
class Driver:
    """What a likely range is open by: a layer that may miss things, the width it accounts for, and how much of it is mapped.

    `assumed`: how much is mapped is a guess that nothing at hand bears out.
    """

    layer: str
    name: Text
    width: float
    because: Text
    assumed: bool = False


@dataclass(frozen=True)
class Likely:
    """The range a number lies in with a `confidence` (0-1), given how much of what it counts is taken as mapped.

    `drivers`: the layers that leave it open, the widest first, and on what each part rests.
    """

    low: float
    high: float
    confidence: float
    drivers: tuple[Driver, ...]

    @property
    def is_assumed(self) -> bool:
        """Whether it rests on a guess: then it is told, and no verdict is drawn from it."""
        return any(driver.assumed for driver in self.drivers)


@dataclass(frozen=True, eq=False, repr=False)
class Measure:
    """One number for the whole area, the same per zone, and the layer behind it.

    `by_zone` is indexed like the zones. `denominator` gives, per zone, what the number is a ratio of, in the unit that
    makes value x denominator come out in `shortfall_unit`: the whole is the ratio of sums, and
    (value - target) x denominator is what is missing in km, ha or persons. `low` and `high` are what incomplete data
    leaves open. `profile` says which definition was used; `basis` is its source (standard and clause); `needs` says what
    is missing for a number or for a sure one, `notes` what a reader must know. `breakdown` is the table behind the number.
    `thin` says in words what a share stands on ("0.05 ha of homes") where that is too little to tell it, `thin_by_zone`
    (by zone_id) where it is in a zone alone: then it is "cannot tell" wherever it is shown.
    `likely` is the narrower range that what is at hand makes likely, None where that tells nothing; `low` and `high` hold
    whatever is missing.
    NaN is "nobody there" or "no data", never zero.
    """

    key: str
    name_zh: str
    name_en: str
    value: float
    unit: str
    by_zone: pd.Series
    denominator: pd.Series
    shortfall_unit: str
    profile: str
    basis: Text
    params: Mapping[str, Any]
    evidence: gpd.GeoDataFrame | None = None
    low: float = np.nan
    high: float = np.nan
    needs: tuple[Text, ...] = ()
    notes: tuple[Text, ...] = ()
    breakdown: pd.DataFrame | None = None
    thin: Text | None = None
    thin_by_zone: Mapping[str, Text] = field(default_factory=dict)
    likely: Likely | None = None

    @property
    def told_range(self) -> tuple[float, float]:
        """The range a verdict is drawn from: the likely one, within what is open at all, where one rests on no guess."""
        if self.likely is None or self.thin is not None or self.likely.is_assumed:
            return self.low, self.high
        return max(self.low, self.likely.low), min(self.high, self.likely.high)

    @property
    def name(self) -> Text:
        """What it is called."""
        return Text(self.name_zh, self.name_en)

    @property
    def family(self) -> str:
        """What is measured: the key before its dot."""
        return self.key.partition(".")[0]

    @property
    def subject(self) -> str:
        """Of what: the key behind its dot, "" where the family has one measure alone."""
        return self.key.partition(".")[2]

    def __repr__(self) -> str:
        """Say key, value, unit and definition on one line."""
        return f"Measure({self.key}: {self.value:g} {self.unit}, {self.profile})"

    @property
    def has_data(self) -> bool:
        """Whether there is a number at all."""
        return bool(np.isfinite(self.value))


@dataclass(frozen=True)
class Target:
    """What a plan asks of one measure.

    `value` is in `unit`; shares are 0-1. `year` is that by which it is promised, None for what is asked always. With
    `baseline_year` the target is relative: `value` is the growth asked for over that year (0.20 for "较2020年增长20%"), and
    the baseline must be given before anything can be said. `needs_zh` and `needs_en` say what is missing while no measure
    serves the promise. `document` is that of the target alone, where it is not the plan's. A value that is not `sure`, not
    checked against the text of its document, gives no verdict: what it would be is said beside it. `responsible` and
    `responsible_en` are its 责任单位, the offices the document itself makes responsible ("" where it names none).
    """

    key: str
    name_zh: str
    name_en: str
    op: Op
    value: float
    unit: str
    year: int | None
    clause: str
    quote: str
    baseline_year: int | None = None
    needs_zh: str = ""
    needs_en: str = ""
    document: str = ""
    sure: bool = True
    responsible: str = ""
    responsible_en: str = ""

    def __post_init__(self) -> None:
        """Refuse an operator that is not one, and empty words."""
        if self.op not in OPS:
            raise PlanError(
                f"承诺 {self.key}：op “{self.op}”不在可选之列；请改为 {'、'.join(OPS)} 之一",
                f"target {self.key}: op {self.op!r} is not one of {', '.join(OPS)}; correct it",
            )
        for name in ("name_zh", "name_en", "unit", "clause", "quote"):
            if not getattr(self, name).strip():
                raise PlanError(
                    f"承诺 {self.key}：{name} 为空；每项承诺都须写明名称、单位和原文",
                    f"target {self.key}: {name} is empty; every promise carries its name, unit and words",
                )

    @property
    def name(self) -> Text:
        """What it is called."""
        return Text(self.name_zh, self.name_en)

    @property
    def is_added(self) -> bool:
        """Whether what is added is promised (新增), and not an amount: that can be less than nothing."""
        return self.unit != "share" and ("新增" in self.name_zh or self.key.endswith("_added"))

    @property
    def cited(self) -> str:
        """Its clause, behind the code of its own document where that is not the plan's: GB 55014-2021 2.1.3."""
        return f"{self.document.partition('《')[0] or self.document} {self.clause}".strip()

    @property
    def offices(self) -> Text:
        """The offices the document makes responsible, as it writes them where they have no English name."""
        return Text(self.responsible, self.responsible_en or self.responsible)


@dataclass(frozen=True)
class Statistic:
    """One declared figure for a promise: of which year, in which unit, and who says so.

    `item` says what the figure is: "value", the promised thing itself; "level", the amount whose growth is promised (in
    any one unit); "part" and "whole" of a share; "baseline", the earlier value a promise grows from.
    """

    key: str
    item: str
    year: int
    value: float
    unit: str
    source: str
    note: str = ""


@dataclass(frozen=True)
class Plan:
    """A named set of targets and the parameters to measure with (measure key -> parameter -> value).

    `city` is the city that promises them ("" for what is asked of any city), `city_en` its name in English, `extent` the
    box it lies in: [west, south, east, north] in WGS 84 degrees (none: anywhere).
    """

    name: str
    title_zh: str
    title_en: str
    document: str
    targets: tuple[Target, ...]
    params: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    city: str = ""
    city_en: str = ""
    extent: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a key that stands twice."""
        keys = sorted(target.key for target in self.targets)
        doubled = [a for a, b in pairwise(keys) if a == b]
        if doubled:
            raise PlanError(
                f"方案 {self.name}：代码 {doubled[0]} 出现两次；请给每项承诺各用一个代码",
                f"plan {self.name}: the key {doubled[0]} stands twice; give each promise its own key",
            )

    @property
    def is_of_standards(self) -> bool:
        """Whether no city promises it: every target is of a document of its own."""
        return not self.city and all(target.document for target in self.targets)

    @property
    def titled(self) -> Text:
        """The document as it is named to a reader: in English behind its English title."""
        return Text(self.document, f"{self.title_en} — {self.document}")


@dataclass(frozen=True)
class Baseline:
    """The earlier value a relative target grows from, its year, and where it comes from."""

    value: float
    year: int
    source: str


@dataclass(frozen=True)
class Note(Text):
    """One thing that was done to a file as it was read, or is to be known of it: the sentence, and what stands in it.

    `kind` is an entry of standards/input_notes.toml; `amounts` are the counts, names and dates of the sentence.
    """

    kind: str
    amounts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Guess:
    """What OpenStreetMap's facility was taken for without its tags or name being sure of it, for a planner to correct.

    `categories` are those it counts as, none where it is left out; `why` says by what the guess was made.
    """

    source_id: str
    name: str
    categories: tuple[str, ...]
    why: Text


@dataclass(frozen=True)
class Input:
    """One file that was read.

    `role` is study, plan, osm, corrections (of its facilities) or the name of a layer; `path` is as the study file writes
    it, that of a database without its password; `sha256` is over the whole file (a Shapefile's parts together, the rows read of
    a database), `modified` its last change (ISO 8601, UTC; of a database the time it was read); `rows`
    are the features kept (None where it has none). `data_date` says of when the data are, as the file or the study says it
    ("" where neither does); `scaled_by` is the factor by which persons were brought to an official total (None: not
    scaled); `notes` tell what was done to the file.
    """

    role: str
    path: str
    sha256: str
    modified: str
    bytes: int
    rows: int | None
    data_date: str = ""
    scaled_by: float | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Office:
    """Who files the results, as [office] of the study file says: "" where it does not.

    `compiled_by` is the 编制单位, `date` its 编制日期 as it is to be printed, `figure_number` what stands before the number
    of a figure (图号), `review_number` the 审图号, `paper` the size of the sheets: "A4" or "A3".
    """

    compiled_by: str = ""
    compiled_by_en: str = ""
    date: str = ""
    figure_number: str = ""
    review_number: str = ""
    paper: Literal["A4", "A3"] = "A4"

    def compiler(self, lang: Lang) -> str:
        """Return who compiled them in a language, where it is given."""
        return self.compiled_by if lang == "zh" else self.compiled_by_en or self.compiled_by


@dataclass(frozen=True)
class Study:
    """What a study file says, read: the area, the plan, the parameters (the study's over the plan's), the inputs.

    `lang` is the language its results are told in where none is asked for; None where the file does not say.
    """

    name: str
    name_en: str
    area: StudyArea
    plan: Plan | None
    params: Mapping[str, Mapping[str, Any]]
    baselines: Mapping[str, Baseline]
    inputs: tuple[Input, ...]
    findings: tuple[Text, ...]
    statistics: tuple[Statistic, ...] = ()
    guesses: tuple[Guess, ...] = ()
    office: Office = field(default_factory=Office)
    lang: Lang | None = None
    city: str = ""

    def title(self, lang: Lang) -> str:
        """Return the name in a language, where it has one; behind it whose plan it is, where that is another city's."""
        name = self.name if lang == "zh" else self.name_en or self.name
        return name if self.borrowed_plan is None else _BORROWED_TITLE.filled(name=name, **self._whose).speak(lang)

    @property
    def label(self) -> Text:
        """What stands before everything that is told: that the data are invented, or the plan another city's."""
        if self.area.invented:
            return _INVENTED
        return Text("", "") if self.borrowed_plan is None else _BORROWED_LABEL.filled(**self._whose)

    @cached_property
    def borrowed_plan(self) -> Text | None:
        """What must be said where the plan is another city's; None where it is the study's own, or that of any city.

        It is the study's own where the city of the plan is named by `city` (without it, the name) of the study, and the
        zones lie in the extent of the plan: either alone may be chance. Invented data are told as such instead.
        """
        plan = self.plan
        if plan is None or not plan.city or self.area.invented:
            return None
        said = " ".join([self.city] if self.city else [self.name, self.name_en]).casefold()
        named = any(word.casefold() in said for word in (plan.city, plan.city_en) if word)
        if named and self._lies_in(plan.extent):
            return None
        name = Text(self.city or self.name, self.city or self.name_en or self.name)
        return (_BORROWED_ELSEWHERE if named else _BORROWED).filled(name=name, **self._whose)

    @cached_property
    def held_to(self) -> Plan | None:
        """The plan it is held up to: of another city's, without that city's offices, which answer for nothing here."""
        if self.plan is None or self.borrowed_plan is None:
            return self.plan
        zh, en = _OFFICES_HERE.zh, _OFFICES_HERE.en
        targets = tuple(replace(one, responsible=zh, responsible_en=en) for one in self.plan.targets)
        return replace(self.plan, targets=targets)

    @property
    def _whose(self) -> dict[str, str]:
        return {} if self.plan is None else {"city": self.plan.city, "city_en": self.plan.city_en or self.plan.city}

    def _lies_in(self, extent: tuple[float, ...]) -> bool:
        if not extent:
            return True
        points = self.area.zones.representative_point().to_crs("EPSG:4326")
        west, south, east, north = extent
        return bool((points.x.between(west, east) & points.y.between(south, north)).all())

    @property
    def owes_osm(self) -> bool:
        """Whether real data of OpenStreetMap are in it, whose contributors every output must then name."""
        return not self.area.invented and any(source.role == "osm" for source in self.inputs)

    def found(self, lang: Lang) -> tuple[str, ...]:
        """What was found odd about the inputs, in a language."""
        return tuple(finding.speak(lang) for finding in self.findings)

    @property
    def baseline_values(self) -> dict[str, float]:
        """The baselines as `rows_of` takes them: the value of each."""
        return {key: baseline.value for key, baseline in self.baselines.items()}
