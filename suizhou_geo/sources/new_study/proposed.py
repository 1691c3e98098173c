"""What a folder's files make of a study: which of them feeds which of its tables, and what is to be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from suizhou_geo.errors.text import NOTHING, Text, listed_text
from suizhou_geo.sources.new_study.drafts import NO_DENSITY, drafted, drafted_zones
from suizhou_geo.sources.new_study.fits import Fit, fit_as, fits, likely, word_in
from suizhou_geo.sources.new_study.seen import Seen
from suizhou_geo.sources.new_study.tables import Folder, Keys, Table
from suizhou_geo.sources.new_study.top import top
from suizhou_geo.sources.new_study.tried import tried
from suizhou_geo.sources.statistics import HEADINGS
from suizhou_geo.standards import table
from suizhou_geo.study_area.layers import LAYERS

_STATISTICS_NEED = ("key", "year", "value", "unit", "source")


def proposed(folder: Folder) -> list[Table]:
    """Return the tables of a study of the files in a folder; what an earlier study file says stands as it is.

    What cannot be read as a run reads it, or not be told, is left out: a table with a doubt.
    """
    zones = _zones(folder)
    others = [*_osm(folder), *_layers(folder, zones), *_population(folder), *_statistics(folder), *_rest(folder)]
    others = [_one_population(each, others) for each in others]
    if zones is None:
        return [top(folder, None), _no_zones(folder), *others]
    return tried(top(folder, zones.seen), zones, others, folder)


def _zones(folder: Folder) -> Table | None:
    if "zones" in folder.given:
        kept = folder.kept("zones")
        seen = kept.seen
        return kept if seen is None or seen.kind != "shapes" else drafted_zones(fit_as(seen, "zones"), folder)
    areas = [fit_as(each, "zones") for each in folder.seen if each.kind == "shapes"]
    candidates = [fit for fit in areas if fit.score > 0]
    best = [fit for fit in candidates if fits(fit.seen)[0].score <= fit.score] or candidates
    if not best:
        return None
    best.sort(key=lambda fit: (-fit.score, len(fit.lacks), len(fit.seen)))
    zones = drafted_zones(best[0], folder)
    equal = [fit for fit in best if fit.score == best[0].score]
    if len(equal) > 1:
        names = listed_text(fit.seen.called for fit in equal)
        return zones.doubted(Text(f"哪一个是分区？{names.zh}", f"which of them are the zones: {names.en}?"))
    return zones


def _no_zones(folder: Folder) -> Table:
    boxes = [each.box for each in folder.seen if each.box is not None]
    doubt = Text(
        "没有认出分区：哪个文件是分区（面，有名称列）？写 path 和 fields；或先用 bbox（西、南、东、北）看一眼",
        "no zones were recognised: which file holds them (areas with a name)? give path and fields; or a box [west, south, "
        "east, north] for a first look",
    )
    smallest = min(boxes, key=lambda box: (box[2] - box[0]) * (box[3] - box[1]), default=None)
    place: Keys = {"path": ""} if smallest is None else {"bbox": [round(edge, 5) for edge in smallest]}
    return Table("zones", place | {"boundary": NO_DENSITY}, doubt=doubt)


def _osm(folder: Folder) -> list[Table]:
    why = Text("OpenStreetMap 提取文件", "an OpenStreetMap extract")
    if "osm" in folder.given:
        return [replace(folder.kept("osm"), why=(why,))]
    extracts = [each for each in folder.seen if each.kind == "osm"]
    return [_only("osm", extracts, folder, why)] if extracts else []


def _statistics(folder: Folder) -> list[Table]:
    why = Text("列与统计表相同", "it has the columns of the form for statistics")
    if "statistics" in folder.given:
        return [replace(folder.kept("statistics"), why=(why,))]
    forms = [each for each in folder.seen if _is_statistics(each)]
    return [_only("statistics", forms, folder, why)] if forms else []


def _only(name: str, several: Sequence[Seen], folder: Folder, why: Text) -> Table:
    """The table of the first of some files, in doubt where there are more: only one can be used."""
    found = Table(name, {"path": folder.written(several[0].path)}, (why,), seen=several[0])
    if len(several) == 1:
        return found
    names = listed_text(each.path.name for each in several)
    return found.doubted(Text(f"用哪一个？{names.zh}；只能用一个", f"which of them: {names.en}? only one can be used"))


def _layers(folder: Folder, zones: Table | None) -> list[Table]:
    """A table for each layer that a file feeds: of several the likeliest, the others in doubt."""
    used = [folder.named(keys) for keys in folder.given.values()] + ([] if zones is None else [zones.seen])
    made: dict[str, list[Table]] = {}
    for name in folder.given:
        kept, layer = folder.kept(name), name.removeprefix("layers.")
        if kept.seen is not None and kept.seen.rows is not None and layer in LAYERS and layer != "zones":
            made[layer] = [drafted(fit_as(kept.seen, layer), folder)]
    wanted: dict[str, list[tuple[Fit, Text]]] = {}
    for each in folder.seen:
        if each.rows is not None and not any(each is one for one in used) and not _is_statistics(each):
            for fit, doubt in _likeliest(each):
                wanted.setdefault(fit.layer, []).append((fit, doubt))
    for layer, found in wanted.items():
        for fit, doubt in sorted(found, key=lambda pair: (pair[1] != NOTHING, len(pair[0].lacks), -pair[0].score)):
            new = drafted(fit, Folder(folder.path, folder.seen, folder.out, {}))
            if layer in made or new.name in folder.given:
                doubt = Text(
                    f"{fit.seen.called} 也像{LAYERS[layer].name_zh}；一种图层只能用一个文件，可先合并",
                    f"{fit.seen.called} may be {layer}, too; a layer comes from one file: merge them first",
                )
            made.setdefault(layer, []).append(new.doubted(doubt) if doubt != NOTHING else new)
    return [each for layer in LAYERS for each in made.get(layer, ())]


def _likeliest(seen: Seen) -> list[tuple[Fit, Text]]:
    """The layer a file feeds, with a doubt where others are as likely; several layers where one preset is for them all."""
    found = [fit for fit in fits(seen) if likely(fit) and fit.layer != "zones"]
    equal = [fit for fit in found if (fit.score, len(fit.lacks)) == (found[0].score, len(found[0].lacks))]
    presets = {fit.keys.get("preset") for fit in equal}
    if len(equal) < 2 or (len(presets) == 1 and None not in presets):
        return [(fit, NOTHING) for fit in equal]
    names = listed_text(fit.layer for fit in equal)
    return [(equal[0], Text(f"这是哪一种图层？像 {names.zh}", f"which layer is it? it may be {names.en}"))]


def _population(folder: Folder) -> list[Table]:
    """The raster of population; in doubt where a layer holds population, too, or its unit is not said."""
    kinds = table("file_kinds")
    rasters = [
        each
        for each in folder.seen
        if each.kind == "raster" and word_in(each.path.stem, kinds["layers"]["population"]["words"])
    ]
    given = folder.named(folder.given.get("population", {}))
    kept = [folder.kept("population")] if given is not None and given.kind == "raster" else []
    rasters = [each for each in rasters if each is not given]
    if not rasters:
        return kept
    why = Text("栅格，名称像人口", "a raster named like one of population")
    found = _only("population", rasters, folder, why)
    said = [
        (kind, word) for kind in ("density", "count") if (word := word_in(rasters[0].path.stem, kinds["raster"][kind]))
    ]
    if len(said) == 1:
        kind, word = said[0]
        because = Text(f"名称含“{word}” → kind", f"its name says {word!r} → kind")
        found = replace(found, keys={**found.keys, "kind": kind}, why=(why, because))
    else:
        ask = Text(
            "栅格的值是每格人数（count）还是每平方公里人数（density）？写在 kind",
            "are its values persons in a cell (count) or per km² (density)? say it as kind",
        )
        found = replace(found, keys={**found.keys, "kind": ""}).doubted(ask)
    return [*kept, found]


def _one_population(each: Table, others: Sequence[Table]) -> Table:
    """A raster of population in doubt where something else holds population, too: only one can be used."""
    first = next((other for other in others if other.name == "population"), each)
    if each.name != "population" or each is first or each.seen is None or each.seen.kind != "raster":
        return each
    path = first.keys["path"]
    return each.doubted(
        Text(f"人口用 {path} 还是它？只能用一个", f"population from {path}, or from this? only one can be used")
    )


def _rest(folder: Folder) -> list[Table]:
    """What an earlier study file has and nothing above takes up: files that are gone, or that cannot be read."""
    kept = [folder.kept(name) for name in folder.given if name not in ("zones", "osm", "statistics")]
    return [each for each in kept if "path" in each.keys and (each.seen is None or each.seen.kind == "unread")]


def _is_statistics(seen: Seen) -> bool:
    there = set(seen.columns)
    return seen.kind == "table" and all(there & {HEADINGS[key], *HEADINGS[key].split(" ")} for key in _STATISTICS_NEED)
