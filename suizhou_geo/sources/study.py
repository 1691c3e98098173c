"""A study file and the files it names, as one study area: read, placed, checked, and every input on record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from suizhou_geo.errors import LayerError, StudyError, did_you_mean, speaking
from suizhou_geo.errors.text import Lang, Text, alike, column_of, layer_text, part_of
from suizhou_geo.geometry.crs import SUIZHOU_CRS, Datum, largest_stretch, metric_crs, moving, numbered_zone
from suizhou_geo.geometry.grid import Grid
from suizhou_geo.geometry.repair import STRIP_M, apart, strips
from suizhou_geo.model import Baseline, Guess, Input, Note, Office, Plan, Progress, Stage, Statistic, Study, Target
from suizhou_geo.sources.cache import WORTH_BYTES, Cache
from suizhou_geo.sources.check import oddities, overlaps, unlikely_density
from suizhou_geo.sources.columns import Read
from suizhou_geo.sources.corrections import read_corrections
from suizhou_geo.sources.database import DatabaseAddress
from suizhou_geo.sources.files import existing, fingerprint, fingerprint_of_rows
from suizhou_geo.sources.land_codes import classified
from suizhou_geo.sources.notes import note, of_layer
from suizhou_geo.sources.opened import Join, VectorSource
from suizhou_geo.sources.osm import read_osm
from suizhou_geo.sources.osm_blocks import Bounds
from suizhou_geo.sources.osm_file import OsmFile
from suizhou_geo.sources.osm_kept import objects_of
from suizhou_geo.sources.osm_read import Found, Keys, read_objects
from suizhou_geo.sources.plan import read_plan
from suizhou_geo.sources.population import RASTERS, polygon_gaps, raster_population, to_official_total
from suizhou_geo.sources.presets import codes_of
from suizhou_geo.sources.statistics import read_statistics
from suizhou_geo.sources.study_schema import OWN_LAYERS, load_study_file
from suizhou_geo.sources.vector import read_vector, unknown_shift
from suizhou_geo.standards import table
from suizhou_geo.study_area import StudyArea

HALO_M = 3000.0
BOX_STEP_DEG = 0.01
CACHE = Path("data/processed/.cache")
_LOOKED_AT = Text("已查看 {count} 个对象", "looked at {count} objects")
_WORST_STRETCH = 0.01
_TOLD_STRETCH = 0.001
_SOURCE_KEYS = (
    *("layer", "sql", "sheet", "datum", "crs", "encoding", "x", "y", "swap_xy", "preset", "fields", "values", "join"),
)


@dataclass
class _Reading:
    """What a study gathers while its files are read."""

    folder: Path
    file: str
    say: Stage
    fingerprints: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    layers: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    own: dict[str, Datum] = field(default_factory=dict)
    inputs: list[Input] = field(default_factory=list)
    findings: list[Note] = field(default_factory=list)
    guesses: tuple[Guess, ...] = ()
    english: dict[str, str] = field(default_factory=dict)

    def path(self, written: str) -> Path:
        return self.folder / written

    def fingerprint(self, written: str) -> tuple[str, str, int]:
        """What identifies a file, found once: a large one takes its time."""
        if written not in self.fingerprints:
            self.fingerprints[written] = fingerprint(self.path(written))
        return self.fingerprints[written]

    def open(self, written: str, layer: str = "") -> None:
        self.say(f"reading {written}", alike(f"{written} · {layer}" if layer else written))

    def record(
        self, role: str, written: str, rows: int | None, notes: tuple[Note, ...] = (), *, data_date: str = ""
    ) -> None:
        scaled_by = next((note.amounts["factor"] for note in notes if note.kind == "scaled"), None)
        self.inputs.append(Input(role, written, *self.fingerprint(written), rows, data_date, scaled_by, notes))

    def take(self, name: str, keys: Mapping[str, Any], read: Read) -> None:
        if name != "zones":
            self.layers[name] = read.layer
        self.findings += [of_layer(said, name) for said in read.findings]
        if not isinstance(read.layer, Grid) and "name_en" in read.layer:
            pairs = read.layer[["name", "name_en"]].replace("", None).dropna()
            self.english |= dict(zip(pairs["name"], pairs["name_en"], strict=True))
        if "join" in keys:
            self.record(name, keys["join"]["to"], None)
        if isinstance(keys["path"], DatabaseAddress):
            self.fingerprints[keys["path"]] = fingerprint_of_rows(read.layer)
        self.record(name, keys["path"], len(read.layer), read.notes, data_date=str(keys.get("year", "")))


def read_study(path: Path | str, *, progress: Progress | None = None) -> Study:
    """Read a study file and everything it names.

    Zones come first; OpenStreetMap and the planners' own layers are read as far as `osm.halo_m` (3 km) beyond their
    bounding box, whole features only. An own layer replaces OpenStreetMap's of the same name; a layer neither gives is
    None. OpenStreetMap's layers count as incomplete unless the study vouches for them, own layers the other way round.
    `progress` is told, in a few words, what is being read.

    Raises:
        StudyError: the study file is wrong, or its working coordinate system does not fit the place.
        PlanError: the plan is wrong.
        InputError: a file is missing or not what its name says.
        LayerError: a layer is wrong.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> study.area.invented, study.plan.name, len(study.area.zones)
    (True, 'suizhou_2025', 4)
    """
    path = Path(path)
    raw = load_study_file(path)
    own = {name: raw["layers"][name] for name in OWN_LAYERS if name in raw.get("layers", {})}
    files = sum(("path" in raw["zones"], "osm" in raw, "population" in raw, "statistics" in raw, len(own)))
    with speaking(raw.get("lang")):
        return _study(path, raw, own, Stage("reading", files + 1, progress))


def _study(path: Path, raw: Mapping[str, Any], own: Mapping[str, Any], say: Stage) -> Study:
    reading = _Reading(path.parent, path.name, say)
    reading.record("study", path.name, None)
    crs = metric_crs(raw.get("crs", SUIZHOU_CRS), what=part_of(alike(path.name), "crs"))
    plan = _plan(raw, reading)
    empty = StudyArea(
        name=raw["name"],
        zones=_zones(raw, crs, reading),
        boundary=raw["zones"].get("boundary", "built_up"),
        invented=raw.get("invented", False),
    )
    zones = empty.zones
    _check_fit(zones, reading)
    halo = _halo(zones, raw.get("osm", {}).get("halo_m", HALO_M))
    osm_roads, incomplete = _osm(raw.get("osm"), halo, own, reading)
    for name, keys in own.items():
        whole = _own_layer(name, keys, halo, reading)
        if not (whole and keys.get("complete", True)):
            incomplete.add(name)
    if "population" in raw and not _population(raw["population"], empty, halo, reading):
        incomplete.add("population")
    statistics = _statistics(raw["statistics"]["path"], plan, reading) if "statistics" in raw else ()
    reading.say("checking the layers", Text("检查各图层", "checking the layers"))
    unlikely = unlikely_density(replace(empty, population=reading.layers.get("population")))
    incomplete |= {"population"} if any(said.kind.startswith("too_empty") for said in unlikely) else set()
    area = replace(
        empty,
        **reading.layers,
        incomplete=frozenset(incomplete),
        surveyed=frozenset(own.get("facilities", {}).get("surveyed", ())),
        english=reading.english,
    )
    odd, lying = oddities(area, own=reading.own, osm_roads=osm_roads)
    study = Study(
        name=raw["name"],
        name_en=raw.get("name_en", ""),
        area=area,
        plan=plan,
        params=_params(plan, raw.get("params", {})),
        baselines=_baselines(_declared_baselines(statistics, plan) | raw.get("baselines", {}), plan, path.name),
        inputs=tuple(_with_note(source, lying.get(source.role)) for source in reading.inputs),
        findings=(*reading.findings, *unlikely, *odd),
        statistics=statistics,
        guesses=reading.guesses,
        office=Office(**raw.get("office", {})),
        lang=raw.get("lang"),
        city=raw.get("city", ""),
    )
    borrowed = study.borrowed_plan
    return study if borrowed is None else replace(study, findings=(borrowed, *study.findings))


def _with_note(source: Input, more: Note | None) -> Input:
    return source if more is None or source.rows is None else replace(source, notes=(*source.notes, more))


def study_lang(path: Path | str) -> Lang | None:
    """Return the language a study file asks for, None where it does not; none of its files is opened.

    Raises: StudyError where the study file is wrong.
    """
    lang: Lang | None = load_study_file(Path(path)).get("lang")
    return lang


def study_plan(path: Path | str) -> tuple[Plan, Lang | None, tuple[str, ...]]:
    """Return the plan a study file names, the language it asks for and the promises it gives a baseline of.

    None of its other files is opened.

    Raises:
        StudyError: the study file is wrong or names no plan.
        PlanError: the plan is wrong.
    """
    path = Path(path)
    raw = load_study_file(path)
    with speaking(raw.get("lang")):
        plan = _plan(raw, _Reading(path.parent, path.name, Stage("reading", 1, None)))
    if plan is None:
        raise StudyError(
            f'{path.name}：没有写明方案；请补上 plan = "suizhou_2025"、"china_standards"，或自己方案的路径',
            f'{path.name} names no plan; add plan = "suizhou_2025", "china_standards" or the path of your own',
        )
    return plan, raw.get("lang"), tuple(raw.get("baselines", {}))


def _plan(raw: Mapping[str, Any], reading: _Reading) -> Plan | None:
    if "plan" not in raw:
        return None
    written = raw["plan"]
    if not written.lower().endswith(".toml"):
        return read_plan(written)
    existing(reading.path(written), what=part_of(alike(reading.file), "plan"))
    plan = read_plan(reading.path(written))
    reading.record("plan", written, len(plan.targets))
    return plan


def _params(plan: Plan | None, own: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    given = {} if plan is None else plan.params
    return {key: {**given.get(key, {}), **own.get(key, {})} for key in {**given, **own}}


def _baselines(raw: Mapping[str, Mapping[str, Any]], plan: Plan | None, file: str) -> dict[str, Baseline]:
    targets = {target.key: target for target in plan.targets} if plan else {}
    for key in raw:
        if key not in targets:
            hint = did_you_mean(key, targets)
            named = (
                Text(
                    f"方案 {plan.name} 里没有这个代码的承诺{hint.zh}",
                    f"the plan {plan.name} has no target of that key{hint.en}",
                )
                if plan
                else Text("研究没有写明方案", "the study names no plan")
            )
            raise StudyError(
                f"{file}：[baselines.{key}] 没有对应的承诺：{named.zh}；请更正代码，或去掉这一节",
                f"{file}: [baselines.{key}] grows into nothing: {named.en}; correct the key or take it out",
            )
    for key in sorted(raw, key=list(targets).index):
        _check_baseline(raw[key], targets[key], part_of(alike(file), f"[baselines.{key}]"))
    return {key: Baseline(float(keys["value"]), keys["year"], keys["source"]) for key, keys in raw.items()}


def _statistics(written: str, plan: Plan | None, reading: _Reading) -> tuple[Statistic, ...]:
    reading.open(written)
    read = read_statistics(existing(reading.path(written), what=part_of(alike(reading.file), "[statistics]")), plan)
    reading.findings += [note("statistics", said=said) for said in read.findings]
    reading.record("statistics", written, len(read.statistics))
    return read.statistics


def _declared_baselines(statistics: Iterable[Statistic], plan: Plan | None) -> dict[str, dict[str, Any]]:
    """The declared baselines as the study file writes them, in the unit of their promise."""
    units = {target.key: table("units")["units"].get(target.unit, {}) for target in (plan.targets if plan else ())}
    return {
        s.key: {"value": s.value * units[s.key].get(s.unit, 1.0), "year": s.year, "source": s.source}
        for s in statistics
        if s.item == "baseline"
    }


def _check_baseline(keys: Mapping[str, Any], target: Target, where: Text) -> None:
    if target.baseline_year is None:
        raise StudyError(
            f"{where.zh}：这项承诺不与基期比较，目标是 {target.value:g} {target.unit}；请去掉这一节",
            f"{where.en}: that promise grows from nothing, it is {target.value:g} {target.unit}; take it out",
        )
    if keys["year"] != target.baseline_year:
        raise StudyError(
            f"{where.zh}：year 为 {keys['year']}，而承诺的基期是 {target.baseline_year} 年；请给出那一年的值",
            (
                f"{where.en}: year is {keys['year']}, but the promise grows from {target.baseline_year}; "
                "give the value of that year"
            ),
        )
    low, high = table("units")["bounds"].get(target.unit, (-np.inf, np.inf))
    if target.unit != "share" and not low <= keys["value"] <= high:
        raise StudyError(
            f"{where.zh}：value 为 {keys['value']:g}，而以 {target.unit} 计的数不小于 {low:g}；请更正",
            f"{where.en}: value is {keys['value']:g}, but figures in {target.unit} are {low:g} at the least; correct it",
        )
    if target.unit == "share" and not 0 <= keys["value"] <= 1:
        raise StudyError(
            f"{where.zh}：value 为 {keys['value']:g}，而占比应在 0 到 1 之间；45% 请写作 0.45",
            f"{where.en}: value is {keys['value']:g}, but shares are 0 to 1; write 45 % as 0.45",
        )


def _zones(raw: Mapping[str, Any], crs: CRS, reading: _Reading) -> gpd.GeoDataFrame:
    keys = raw["zones"]
    if "boundary" not in keys:
        reading.findings.append(of_layer(note("boundary_not_given"), "zones"))
    if "bbox" in keys:
        reading.findings.append(of_layer(note("box_outline"), "zones"))
        reading.english |= {raw["name"]: raw["name_en"]} if "name_en" in raw else {}
        outline = shapely.segmentize(shapely.box(*keys["bbox"]), BOX_STEP_DEG)
        zone = gpd.GeoDataFrame({"name": [raw["name"]], "role": ["main_city"]}, geometry=[outline], crs="EPSG:4326")
        return zone.set_index(_ids(["1"])).to_crs(crs)
    reading.open(keys["path"])
    read = _without_strips(read_vector(_source(keys, reading), "zones", to_crs=crs))
    zones = read.layer
    if zones.empty:
        raise LayerError(
            f"图层 zones（{keys['path']}）：是空的；请至少给出一个分区多边形",
            f"layer zones ({keys['path']}) is empty; give at least one zone polygon",
        )
    if "zone_id" in zones and zones["zone_id"].isna().any():
        row = int(np.flatnonzero(zones["zone_id"].isna())[0]) + 1
        raise LayerError(
            f"图层 zones（{keys['path']}），列“zone_id”：第 {row} 行为空；请给每个分区编号",
            f"layer zones ({keys['path']}), column zone_id: row {row} is empty; number every zone",
        )
    ids = zones["zone_id"].to_list() if "zone_id" in zones else [str(n) for n in range(1, len(zones) + 1)]
    doubled = zones["name"].value_counts(sort=False)
    doubled = doubled[doubled > 1]
    named_alike = [note("same_names", n=int(n), name=name) for name, n in doubled.items()]
    reading.take("zones", keys, replace(read, findings=(*read.findings, *named_alike)))
    reading.own["zones"] = read.datum
    return zones.drop(columns=["zone_id", "name_en"], errors="ignore").set_index(_ids(ids))


def _without_strips(read: Read) -> Read:
    """Zones whose common border was drawn twice: the strip in which they overlap goes to the smaller, and is told."""
    zones, overlaps = read.layer, strips(read.layer.geometry.to_numpy())
    if not overlaps or not all(strip.narrow for strip in overlaps):
        return read
    names = zones["name"].to_list()
    told = [
        note("zones_overlap", one=names[strip.one], other=names[strip.other], ha=strip.area_m2 / 1e4, width_m=STRIP_M)
        for strip in overlaps
    ]
    layer = zones.set_geometry(gpd.GeoSeries(apart(zones.geometry.to_numpy()), index=zones.index, crs=zones.crs))
    return replace(read, layer=layer, findings=(*read.findings, *told))


def _ids(ids: list[str]) -> pd.Index:
    return pd.Index(ids, name="zone_id", dtype=object)


def _osm(
    keys: Mapping[str, Any] | None, halo: gpd.GeoSeries, own: Mapping[str, Any], reading: _Reading
) -> tuple[gpd.GeoDataFrame | None, set[str]]:
    """Read the extract into `reading.layers`; return its roads and the names of its layers that may miss things."""
    if keys is None:
        return None, set()
    reading.open(keys["path"])
    path = existing(reading.path(keys["path"]), what=part_of(alike(reading.file), "[osm]"))
    move = moving(halo.crs, "EPSG:4326")
    corrections = _corrections(keys, reading)
    bounds = move.transform_bounds(*halo.total_bounds)
    find = _finder(keys["path"], reading)
    extract = read_osm(path, crs=halo.crs, bounds=bounds, corrections=corrections, find=find)
    used = {name: layer for name, layer in extract.layers.items() if name not in own}
    reading.english = {**extract.english, **reading.english}
    reading.layers.update(used)
    date = extract.timestamp or ""
    notes = (*extract.notes, *([note("as_of", date=date[:10])] if date else []))
    reading.record("osm", keys["path"], sum(map(len, used.values())), notes, data_date=date)
    shift = unknown_shift(CRS("EPSG:4326"), halo.crs, *move.transform(*halo.total_bounds[:2]))
    reading.findings += [
        replace(said, zh=f"OpenStreetMap：{said.zh}", en=f"OpenStreetMap: {said.en}") for said in shift
    ]
    if "facilities" in used:
        reading.guesses = extract.guesses
    if not any(len(layer) for layer in extract.layers.values()):
        reading.findings.append(note("osm_elsewhere", file=keys["path"]))
    complete = keys.get("complete", False)
    vouched = set(used) if complete is True else set(complete or ())
    unmeasured = {said.amounts["layer"] for said in extract.notes if said.kind == "park_points"}
    return extract.layers.get("roads"), set(used) - (vouched - unmeasured)


def _finder(written: str, reading: _Reading) -> Callable[[OsmFile, Keys, Bounds | None], Found]:
    """How an extract is gone through: what is found in a large one is kept, and how far it is is told."""

    def tell(looked_at: int) -> None:
        reading.say.within(_LOOKED_AT.filled(count=f"{looked_at:,}"))

    if reading.path(written).stat().st_size < WORTH_BYTES:
        return partial(read_objects, tell=tell)
    sha256, _, _ = reading.fingerprint(written)
    return partial(objects_of, sha256=sha256, cache=Cache(CACHE, reading.say.within), tell=tell)


def _corrections(keys: Mapping[str, Any], reading: _Reading) -> dict[str, tuple[str, ...]]:
    if "corrections" not in keys:
        return {}
    path = existing(reading.path(keys["corrections"]), what=part_of(alike(reading.file), "[osm] corrections"))
    corrections = read_corrections(path)
    reading.record("corrections", keys["corrections"], len(corrections))
    return corrections


def _own_layer(name: str, keys: Mapping[str, Any], halo: gpd.GeoSeries, reading: _Reading) -> bool:
    """Read one of the planners' layers; return whether all of it is there."""
    reading.open(keys["path"], keys.get("layer", ""))
    read = read_vector(_source(keys, reading), name, to_crs=halo.crs, near=tuple(halo.total_bounds))
    if name in ("land_use", "land_survey"):
        codes = (keys.get("codes") or codes_of(keys.get("preset"))) if name == "land_use" else "sd2019"
        read = classified(read, codes=codes, what=column_of(layer_text(name, keys["path"]), "land_class"))
    read = _near(read, name, keys["path"], halo)
    if name in ("land_use", "land_survey"):
        read = replace(read, findings=(*read.findings, *overlaps(read.layer)))
    reading.take(name, keys, read)
    reading.own[name] = read.datum
    return not read.partial


def _population(keys: Mapping[str, Any], area: StudyArea, halo: gpd.GeoSeries, reading: _Reading) -> bool:
    """Read the population; return whether it counts everybody, as far as the layer and the study can say."""
    zones = area.zones
    reading.open(keys["path"])
    path = reading.path(keys["path"])
    if path.suffix.lower() in RASTERS and not isinstance(keys["path"], DatabaseAddress):
        beside = [key for key in _SOURCE_KEYS if key in keys]
        if beside:
            raise StudyError(
                f"{reading.file}：[population]：栅格用不到 {beside[0]}；请去掉",
                f"{reading.file}: [population]: {beside[0]} says nothing beside a raster; take it out",
            )
        read, lost = raster_population(path, kind=keys.get("kind"), zones=zones, built=area.is_built), False
    else:
        if "kind" in keys:
            raise StudyError(
                f"{reading.file}：[population]：kind 只用于栅格，多边形图层的人口就是人数；请去掉 kind",
                f"{reading.file}: [population]: kind is for rasters; persons of a polygon layer are counts",
            )
        read = read_vector(_source(keys, reading), "population", to_crs=zones.crs, near=tuple(halo.total_bounds))
        read = _near(read, "population", keys["path"], halo)
        gaps, lost = polygon_gaps(read.layer, zones=zones), read.partial
        read = replace(read, findings=(*read.findings, *gaps), partial=lost or bool(gaps))
        reading.own["population"] = read.datum
    everybody = not lost and bool(keys.get("complete", "official_total" in keys or not read.partial))
    if "year" in keys:
        read = replace(read, notes=(*read.notes, note("population_of", year=keys["year"])))
    if "official_total" in keys:
        total, said_by = float(keys["official_total"]), keys["official_source"]
        scaled = to_official_total(read.layer, zones=zones, official_total=total, official_source=said_by)
        notes, findings = (*read.notes, *scaled.notes), (*read.findings, *scaled.findings)
        read = replace(read, layer=scaled.layer, notes=notes, findings=findings)
    reading.take("population", keys, read)
    return everybody


def _source(keys: Mapping[str, Any], reading: _Reading) -> VectorSource:
    said = {key: keys[key] for key in _SOURCE_KEYS if key in keys}
    if "join" in said:
        join = {"column": said["join"]["on"]} | said["join"]
        said["join"] = Join(**(join | {"to": reading.path(join["to"])}))
    if isinstance(keys["path"], DatabaseAddress):
        said["database"] = keys["path"]
    return VectorSource(reading.path(keys["path"]), **said)


def _halo(zones: gpd.GeoDataFrame, halo_m: float) -> gpd.GeoSeries:
    """The zones' bounding box, widened on every side."""
    west, south, east, north = zones.total_bounds
    box = shapely.box(west - halo_m, south - halo_m, east + halo_m, north + halo_m)
    return gpd.GeoSeries([box], crs=zones.crs)


def _near(read: Read, name: str, written: str, halo: gpd.GeoSeries) -> Read:
    """Keep the features that reach the halo, whole; refuse a layer that lies somewhere else."""
    layer, place = read.layer, halo.iloc[0]
    if layer.empty:
        return read
    distance_m = shapely.distance(shapely.box(*layer.total_bounds), place)
    if distance_m > 0:
        wrong = Text(
            "坐标系不对、坐标轴颠倒，或是别处的数据；请更正",
            "its coordinate system is wrong, its axes are swapped, or it is another place",
        )
        advice = _advice_on(layer.total_bounds[0], wrong)
        raise LayerError(
            f"图层 {name}（{written}）：在分区周边以外 {distance_m / 1000:,.0f} 公里；{advice.zh}",
            f"layer {name} ({written}) lies {distance_m / 1000:,.0f} km beyond the surroundings of the zones; {advice.en}",
        )
    reaches = shapely.intersects(place, layer.geometry.to_numpy())
    if reaches.all():
        return read
    cut = note("beyond", left_out=int((~reaches).sum()), features=len(layer))
    found = () if reaches.any() else (note("none_near", features=len(layer)),)
    kept = layer[reaches].reset_index(drop=True)
    return replace(read, layer=kept, notes=(*read.notes, cut), findings=(*read.findings, *found))


def _advice_on(easting: float, advice: Text) -> Text:
    """What to do about a layer that lies elsewhere: its eastings may begin with the number of their zone."""
    system = numbered_zone(easting)
    if system is None:
        return advice
    number = f"{easting // 1e6:.0f}"
    return Text(
        f"x 坐标前有带号（{number}），坐标系应是 {system} 一类；请更正坐标系",
        f"its x begins with the number of a zone ({number}): its coordinate system is {system} or like it",
    )


def _check_fit(zones: gpd.GeoDataFrame, reading: _Reading) -> None:
    """Refuse a working CRS that stretches lengths at the zones by more than 1 % in any direction, and exchanged axes."""
    west, south, east, north = zones.total_bounds
    x, y = (grid.ravel() for grid in np.meshgrid([west, (west + east) / 2, east], [south, (south + north) / 2, north]))
    here = largest_stretch(zones.crs, x, y)
    if here > _WORST_STRETCH:
        if largest_stretch(zones.crs, y, x) <= _TOLD_STRETCH:
            raise LayerError(
                "图层 zones：x、y 互换后才落在应在的位置，说明坐标轴颠倒；请互换 x、y",
                "layer zones lies where it should only with x and y exchanged: its axes are swapped; exchange them",
            )
        if np.isinf(here):
            advice = _advice_on(west, Text("请更正其坐标系", "correct its coordinate system"))
            raise LayerError(
                (
                    f"图层 zones：位于 x = {west:,.0f}、y = {south:,.0f}，超出坐标系 {zones.crs.name} "
                    f"的适用范围；{advice.zh}"
                ),
                f"layer zones lies at x = {west:,.0f}, y = {south:,.0f}, where {zones.crs.name} has no place; {advice.en}",
            )
        raise StudyError(
            (
                f"{reading.file}：crs {zones.crs.name} 在分区所在处使长度变形 {here:.1%}；请改用当地的投影坐标系，"
                "或更正分区的坐标系"
            ),
            (
                f"{reading.file}: crs {zones.crs.name} stretches lengths by {here:.1%} where the zones lie; "
                "name the projected system of that place, or correct the zones' coordinate system"
            ),
        )
    if here > _TOLD_STRETCH:
        reading.findings.append(note("stretch", crs=zones.crs.name, share=here))
