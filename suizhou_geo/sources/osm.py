"""An OpenStreetMap extract (.osm.pbf, .osm, .osm.xml, and these packed with gzip or bzip2) -> layers, offline.

Nothing is guessed: what an extract cuts off, leaves open or draws wrongly is repaired or left out, counted, and told in
`OsmExtract.notes`. Which tags become what is said by standards/osm_layers.toml and standards/road_classes.toml.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from suizhou_geo.errors import InputError
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Floats
from suizhou_geo.geometry.crs import moving
from suizhou_geo.model import Guess, Note
from suizhou_geo.sources.notes import note
from suizhou_geo.sources.osm_blocks import Bounds
from suizhou_geo.sources.osm_facilities import Corrections
from suizhou_geo.sources.osm_file import OsmFile, opened
from suizhou_geo.sources.osm_layers import area_keys, layers_of, line_keys, point_keys
from suizhou_geo.sources.osm_lifecycle import status_keys
from suizhou_geo.sources.osm_read import Found, Keys, read_objects, shapes_of
from suizhou_geo.sources.osm_rules import Objects, english_names

_Read = tuple[Objects, Objects, Objects]  # points, lines, areas

_NAMED = 5
_SHORT_DEG = 0.005  # about 500 m: an extract that ends this much before the bounds is said to
_POLYGON = 3
_IN_THE_WHOLE_EXTRACT = Text("，以整个数据计", " in the whole extract")
_SIDES = {"west": "西", "south": "南", "east": "东", "north": "北"}
_PLACELESS = frozenset({"incomplete", "unbuilt", "degenerate", "nowhere", "drafts", "deleted", "no_outline"})


@dataclass(frozen=True)
class OsmExtract:
    """The layers of an extract by name, with the columns of LAYERS; what was repaired or left out; the data's date.

    `guesses` are the facilities whose kind was guessed. `timestamp` is ISO (UTC): when the extract says it was made, else
    when the newest object it gave us was changed. `english` gives the names that have another one in English.
    """

    layers: dict[str, gpd.GeoDataFrame]
    notes: tuple[Note, ...]
    timestamp: str | None
    guesses: tuple[Guess, ...] = ()
    english: Mapping[str, str] = field(default_factory=dict)


def read_osm(
    path: Path,
    *,
    crs: CRS,
    bounds: Bounds | None = None,
    corrections: Corrections | None = None,
    find: Callable[[OsmFile, Keys, Bounds | None], Found] = read_objects,
) -> OsmExtract:
    """Read an OpenStreetMap extract into layers in `crs` (projected, in metres).

    The layers are roads, walkways, plazas, facilities, parks, residential, land_use, buildings and barriers: all of them, some
    perhaps empty. `bounds` are WGS 84 degrees (west, south, east, north): objects that do not touch them are left out,
    the others are kept whole, never cut. `corrections` say what facilities are, by their source id: their categories.
    `find` goes through the file.

    Raises:
        InputError: the file is missing, empty, damaged, not what its name says, holds no objects, or lies elsewhere.
    """
    file = opened(path)
    keys = Keys(points=point_keys(), lines=line_keys(), areas=area_keys(), status=status_keys())
    found = find(file, keys, bounds)
    read = shapes_of(found)
    if not found.far and not any(map(len, read)):
        why = _why_empty(found)
        raise InputError(
            f"{path} 里没有道路、建筑、用地和设施{why.zh}",
            f"{path} holds no streets, buildings, land or facilities{why.en}",
        )
    notes = _spoken(found.spoilt, beyond=bounds is not None)
    if bounds is not None:
        read = _touching(read, bounds, path, found.reach)
        notes += _short(found.reach, bounds)
    points, lines, areas = _projected(read, crs, path)
    areas, spoilt = _valid(areas)
    timestamp = _timestamp(file, found)
    layers, left_out, guesses = layers_of(points, lines, areas, crs=crs, as_of=timestamp or "", corrections=corrections)
    empty = [note("empty", layer=name) for name in layers if layers[name].empty]
    if found.was_sorted:
        notes.insert(0, note("sorted"))
    english = {name: other for objects in (points, areas, lines) for name, other in english_names(objects).items()}
    return OsmExtract(layers, (*notes, *_spoken(spoilt), *left_out, *empty), timestamp, tuple(guesses), english)


def _why_empty(found: Found) -> Text:
    if "cut" in found.spoilt or "holed" in found.spoilt:
        return Text(
            "；其中的路径没有附带节点，请向 Overpass 同时查询两者：(._;>;); out;",
            "; its ways come without their nodes, so ask Overpass for both: (._;>;); out;",
        )
    if "drafts" in found.spoilt:
        drafts = len(found.spoilt["drafts"])
        return Text(
            f"；其中 {drafts} 个是编辑器的草稿（编号为负），不予读取，请作为自有图层给出",
            f"; {drafts} drafts of an editor (negative ids) are not read, so give them as own layers",
        )
    return Text("；请重新下载", "; fetch the extract again")


def _touching(read: _Read, bounds: Bounds, path: Path, reach: Bounds) -> _Read:
    box = shapely.box(*bounds)
    shapely.prepare(box)
    points, lines, areas = (objects.take(np.flatnonzero(shapely.intersects(box, objects.shapes))) for objects in read)
    if not any(map(len, (points, lines, areas))):
        raise InputError(
            (
                f"{path} 在 {_degrees(bounds)} 范围内什么也没有，它覆盖的是 {_degrees(reach)}；"
                "请换用本地的提取文件，或更正分区"
            ),
            (
                f"{path} holds nothing within {_degrees(bounds)}; it covers {_degrees(reach)}, so give the extract of the "
                "place or correct the zones"
            ),
        )
    return points, lines, areas


def _projected(read: _Read, crs: CRS, path: Path) -> _Read:
    transformer = moving("EPSG:4326", crs)

    def to_metres(degrees: Floats) -> Floats:
        return np.column_stack(transformer.transform(degrees[:, 0], degrees[:, 1]))

    points, lines, areas = (
        Objects(objects.ids, objects.tags, shapely.transform(objects.shapes, to_metres)) for objects in read
    )
    if any(not np.isfinite(shapely.get_coordinates(objects.shapes)).all() for objects in (points, lines, areas)):
        raise InputError(
            f"{path} 的范围超出坐标系 {crs.name} 的适用范围；请换用当地的坐标系",
            f"{path} reaches where {crs.name} has no coordinates; choose the coordinate system of the place",
        )
    return points, lines, areas


def _valid(areas: Objects) -> tuple[Objects, dict[str, list[str]]]:
    """Return the areas with self-crossing ones made valid and without those that cover nothing; and which these are."""
    shapes = areas.shapes.copy()
    broken = ~shapely.is_valid(shapes)
    shapes[broken] = [_polygonal(shape) for shape in shapely.make_valid(shapes[broken], method="structure")]
    flat = shapely.area(shapes) == 0.0
    spoilt = {
        what: [areas.ids[row] for row in np.flatnonzero(which).tolist()]
        for what, which in (("repaired", broken & ~flat), ("flat", flat))
        if which.any()
    }
    return Objects(areas.ids, areas.tags, shapes).take(np.flatnonzero(~flat)), spoilt


def _polygonal(shape: shapely.Geometry) -> shapely.Geometry:
    """Return what of a shape covers something, as one polygon or multipolygon."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    return shapely.union_all(parts[shapely.get_type_id(parts) == _POLYGON])


def _spoken(spoilt: Mapping[str, Sequence[str]], *, beyond: bool = False) -> list[Note]:
    """Return what was repaired or left out, naming the first few objects.

    With `beyond` objects whose place is not known are counted in the whole extract, not within the bounds only.
    """
    notes = []
    for kind, ids in spoilt.items():
        where = _IN_THE_WHOLE_EXTRACT if beyond and kind in _PLACELESS else ""
        some = ", ".join(ids[:_NAMED]) + (", ..." if len(ids) > _NAMED else "")
        notes.append(note(kind, objects=len(ids), where=where, ids=some))
    return notes


def _degrees(bounds: Bounds) -> str:
    west, south, east, north = bounds
    return f"{west:.3f} to {east:.3f} degrees east and {south:.3f} to {north:.3f} degrees north"


def _short(reach: Bounds, bounds: Bounds) -> list[Note]:
    """Say it where an extract ends before the bounds it is wanted for: beyond it nothing is known."""
    gaps = (reach[0] - bounds[0], reach[1] - bounds[1], bounds[2] - reach[2], bounds[3] - reach[3])
    sides = [side for side, gap in zip(_SIDES, gaps, strict=True) if gap > _SHORT_DEG]
    if not sides:
        return []
    west, south, east, north = reach
    covered = Text(f"经度{west:.3f}至{east:.3f}、纬度{south:.3f}至{north:.3f}", _degrees(reach))
    return [note("ends_before", reach=covered, sides=Text("、".join(_SIDES[s] for s in sides), ", ".join(sides)))]


def _timestamp(file: OsmFile, found: Found) -> str | None:
    if found.said_date or file.osm_base:
        return found.said_date or file.osm_base
    return found.newest.strftime("%Y-%m-%dT%H:%M:%SZ") if found.newest is not None else None
