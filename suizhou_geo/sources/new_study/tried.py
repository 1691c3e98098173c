"""Tables of a study file tried as a run would read them: what cannot be read, or may lie shifted, is in doubt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from suizhou_geo.errors import SuizhouGeoError
from suizhou_geo.errors.text import NOTHING, Text
from suizhou_geo.model import Note, Study
from suizhou_geo.sources.new_study.tables import Folder, Keys, Table
from suizhou_geo.sources.new_study.toml_text import toml_of
from suizhou_geo.sources.study import read_study
from suizhou_geo.study_area.layers import LAYERS, REQUIRED

_FILES = ("path", "corrections")


def tried(top: Table, zones: Table, others: Sequence[Table], folder: Folder) -> list[Table]:
    """Return tables as a run can read them: all together, or where that fails each with the zones alone.

    A layer that cannot be read with all its columns is tried without those that are not needed. What cannot be read, and
    degrees that may be shifted and of which OpenStreetMap's streets do not tell, are in doubt.
    """
    base = [top, replace(zones, doubt=NOTHING)]
    study = _read([*base, *(each for each in others if each.is_sure)], folder)
    if isinstance(study, SuizhouGeoError):
        alone = _read(base, folder)
        if isinstance(alone, SuizhouGeoError):
            return [top, zones.doubted(_cannot(alone)), *others]
        others = [_settled(base, each, folder) for each in others]
        study = _read([*base, *(each for each in others if each.is_sure)], folder)
    others = [_like_zones(base, each, folder) for each in others]
    if isinstance(study, SuizhouGeoError):
        return [top, zones, *(each.doubted(_cannot(study)) if each.name == "osm" else each for each in others)]
    return [top, zones, *(_unshifted(base, each, study, folder) if each.is_sure else each for each in others)]


def _read(tables: Iterable[Table], folder: Folder) -> Study | SuizhouGeoError:
    """The study that some tables make, read; or what is said of it."""
    raw: Keys = {}
    for each in tables:
        keys: Keys = dict(each.keys)
        keys |= {key: folder.meant(keys[key]).as_posix() for key in _FILES if key in keys}
        if "join" in keys:
            keys["join"] = {**keys["join"], "to": folder.meant(keys["join"]["to"]).as_posix()}
        if each.name.startswith("layers."):
            raw.setdefault("layers", {})[each.layer] = keys
        elif each.name:
            raw[each.name] = keys
        else:
            plan = str(keys.get("plan", ""))
            raw |= keys | ({"plan": folder.meant(plan).as_posix()} if plan.endswith(".toml") else {})
    with TemporaryDirectory() as place:
        file = Path(place) / folder.out.name
        file.write_text(toml_of(raw), encoding="utf-8")
        try:
            return read_study(file)
        except SuizhouGeoError as error:
            return error


def _cannot(error: SuizhouGeoError) -> Text:
    return Text(f"读不通：{error.said.zh}", f"it cannot be read so: {error.said.en}")


def _settled(base: list[Table], each: Table, folder: Folder) -> Table:
    """A table that a run can read: as a planner said it, or without the columns that stand in the way but are not needed;
    else with a doubt."""
    if not each.is_sure or each.name == "osm":
        return each
    found = _read([*base, each], folder)
    if not isinstance(found, SuizhouGeoError):
        return each
    if each.name in folder.given:
        alone = replace(each, keys=dict(folder.given[each.name]))
        found = _read([*base, alone], folder)
        return alone.doubted(_cannot(found)) if isinstance(found, SuizhouGeoError) else alone
    fewer = _needed(each)
    if fewer != each.keys and not isinstance(_read([*base, replace(each, keys=fewer)], folder), SuizhouGeoError):
        left = {key: each.keys[key] for key in ("fields", "values") if each.keys.get(key) != fewer.get(key)}
        return replace(each, keys=fewer, open=left).asking(next(iter(left)), _cannot(found))
    return each.doubted(_cannot(found))


def _needed(each: Table) -> dict[str, Any]:
    """The keys of a table with the columns alone that its layer cannot be without."""
    columns: Mapping[str, object] = LAYERS[each.layer].columns if each.layer in LAYERS else {}
    needed = {ours for ours, default in columns.items() if default is REQUIRED}
    kept = {
        key: {ours: theirs for ours, theirs in value.items() if ours in needed}
        if key in ("fields", "values")
        else value
        for key, value in each.keys.items()
    }
    return {key: value for key, value in kept.items() if value != {}}


def _like_zones(base: list[Table], each: Table, folder: Folder) -> Table:
    """A table in doubt for its coordinate system, with the study's own as the answer where the layer then lies right."""
    if each.keys.get("crs") != "" or each.seen is None:
        return each
    crs = base[0].keys.get("crs", "EPSG:4547")
    answered = replace(each, keys={**each.keys, "crs": crs})
    if isinstance(_read([*base, answered], folder), SuizhouGeoError):
        return each
    doubt = Text(
        f"文件没有写明坐标系；按 {crs} 落在分区附近，对吗？北京 1954、西安 1980 也会落在附近，但差几十米",
        f"it does not say its coordinate system; in {crs} it lies near the zones: is it? Beijing 1954 and Xian 1980 would, "
        "too, some ten metres off",
    )
    return replace(answered, doubt=doubt)


def _unshifted(base: list[Table], each: Table, study: Study, folder: Folder) -> Table:
    """A table with the map shift that the streets tell; in doubt where it may be shifted and that cannot be told."""
    told = next((note for note in _of(study, each) if note.kind == "seems_shifted"), None)
    if told is not None:
        shifted = replace(each, keys={**each.keys, "datum": told.amounts["datum"]})
        said = Text(told.zh, told.en)
        if each.name in folder.given:
            return (
                each
                if "datum" in each.keys
                else replace(each, open={"datum": told.amounts["datum"]}).asking("datum", said)
            )
        if isinstance(_read([*base, shifted], folder), SuizhouGeoError):
            return each.doubted(said)
        return shifted.asking("datum", said)
    lies_well = any(note.kind == "lies_well" for note in _of(study, each))
    if each.unsure_datum and not lies_well and each.name not in folder.given:
        ask = Text(
            '经纬度来自哪里？高德、腾讯写 datum = "gcj02"，百度写 "bd09"，GPS、天地图写 "wgs84"；偏移有几百米',
            'where do the degrees come from? Amap and Tencent: datum = "gcj02", Baidu: "bd09", GPS: "wgs84"; the shift is some '
            "hundred metres",
        )
        return replace(each, keys={**each.keys, "datum": ""}).doubted(ask)
    return each


def _of(study: Study, each: Table) -> list[Note]:
    """What was said of a layer when it was read."""
    findings = [said for said in study.findings if isinstance(said, Note) and said.amounts.get("layer") == each.layer]
    return [*findings, *(said for source in study.inputs if source.role == each.layer for said in source.notes)]
