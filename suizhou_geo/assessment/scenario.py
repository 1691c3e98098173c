"""What if (改了会怎样): projects applied to a study area, so that everything can be measured again with them.

A project is a row with a shape: `name`, `layer`, `action`, and the columns of that layer. What is removed goes first, what
is built comes after, in whichever order they stand.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from suizhou_geo.errors import LayerError, did_you_mean
from suizhou_geo.errors.text import Text, listed_text
from suizhou_geo.geometry.arrays import Bools, Shapes
from suizhou_geo.geometry.grid import Grid
from suizhou_geo.geometry.lines import places
from suizhou_geo.geometry.repair import mended
from suizhou_geo.geometry.shapes import shapes_of
from suizhou_geo.sources.columns import our_columns, vocabulary
from suizhou_geo.standards import table
from suizhou_geo.streets.joined_ends import JOIN_M, Joined, joined_ends
from suizhou_geo.study_area import StudyArea
from suizhou_geo.study_area.layers import AREAS, ELSEWHERE_M, LAYERS, REQUIRED, conform, kinds_text

Action = Literal["build", "remove"]
HOMES = "homes"  # land for `residential`, and its persons for `population`
BUILD: Action = "build"
REMOVE: Action = "remove"
REMOVE_M = 5.0  # what is to be removed lies so near to the shape that is drawn
MOST = 0.5  # and more than this share of its length or area does
OWN = ("name", "layer", "action")
_ACTIONS: Mapping[str, Action] = {BUILD: BUILD, REMOVE: REMOVE, "新建": BUILD, "拆除": REMOVE}
_OF_HOMES = ("residential", "population")
_UNTOLD = ("id", "fid")  # what formats number their rows by


@dataclass(frozen=True)
class Project:
    """One row: its number, what it is called, the layer it changes and how, its shape in the area's system, its columns."""

    row: Hashable
    name: str
    layer: str
    action: Action
    shape: shapely.Geometry
    given: Mapping[str, Any]

    @property
    def called(self) -> Text:
        """How messages name it."""
        if not self.name:
            return Text(f"项目第 {self.row} 行", f"project in row {self.row}")
        return Text(f"项目“{self.name}”（第 {self.row} 行）", f"project {self.name} (row {self.row})")

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers of the area that it changes."""
        return _OF_HOMES if self.layer == HOMES else (self.layer,)

    @property
    def size(self) -> Text:
        """How large it is: hectares, kilometres, nothing for points."""
        dimension = shapely.get_dimensions(self.shape)
        figure = self.shape.area / 1e4 if dimension == 2 else self.shape.length / 1e3
        units = (("", ""), (" 公里", " km"), (" 公顷", " ha"))[dimension]
        return Text("", "") if dimension == 0 else Text(*(f" {figure:,.2f}{unit}" for unit in units))


@dataclass(frozen=True, eq=False)
class Applied:
    """The area with the projects in it, the projects as they were built (ends of streets joined), and what was done."""

    area: StudyArea
    projects: gpd.GeoDataFrame
    notes: tuple[Text, ...]


def applied(area: StudyArea, projects: gpd.GeoDataFrame, *, name: str | None = None) -> Applied:
    """Return an area with projects built and removed, under another `name` where one is given; what does not follow from
    them stays known (`StudyArea.replace`).

    `projects` has a row each, in any coordinate system: `layer`, a key or the Chinese name of LAYERS but zones, or "homes"
    (residential land with its `persons`); `action`, "build" (also where nothing is said) or "remove", or 新建 and 拆除;
    `name`; and for what is built the columns of the layer, of which those must be filled that LAYERS wants. Values are the
    keys of the tables or their Chinese names (幼儿园, 主干路).

    "build" adds the row to the layer; a layer that was not given is then made of it alone, counts as incomplete, and that is
    told. The ends of a new road or path join the nearest street within 20 m (`joined_ends`). "remove" takes out the rows
    of the layer of which more than half (of length or area; of points all) lies within 5 m of the shape.

    Raises: LayerError for a missing column, an unknown layer, action or value, a shape of the wrong kind or far from the
    zones, no coordinate system, and for a project that removes nothing; each names the project.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> spot = study.area.zones.representative_point().iloc[[0]]
    >>> park = gpd.GeoDataFrame({"layer": ["parks"]}, geometry=spot.buffer(50).to_numpy(), crs=study.area.crs)
    >>> len(applied(study.area, park).area.parks) - len(study.area.parks)
    1
    """
    known = _projects(area, projects)
    if isinstance(area.population, Grid) and any("population" in project.layers for project in known):
        area = area.replace(population=area.population.table())
    layers: dict[str, gpd.GeoDataFrame] = {}
    notes = [_removed(project, area, layers) for project in known if project.action == REMOVE]
    built = [project for project in known if project.action == BUILD]
    changed = dict.fromkeys(layer for project in built for layer in project.layers)
    new = {layer: _rows(layer, [p for p in built if layer in p.layers], area.crs, notes) for layer in changed}
    ends = _join(area, layers, new)
    notes += [said for project in built for said in (_built(project, ends), *_outside(project, area))]
    absent = [layer for layer in new if getattr(area, layer) is None]
    for layer, rows in new.items():
        before = layers.get(layer, getattr(area, layer))
        layers[layer] = rows if before is None or before.empty else pd.concat([before, rows], ignore_index=True)
    other: dict[str, Any] = {} if name is None else {"name": name}
    other |= {"incomplete": area.incomplete | set(absent)} if absent else {}
    notes += [_made_alone(name) for name in absent] + _unused(known)
    as_built = [_shape_as_built(project, new) for project in known]
    return Applied(area.replace(**layers, **other), _told(known, as_built, area.crs), tuple(notes))


def _projects(area: StudyArea, given: gpd.GeoDataFrame) -> list[Project]:
    """The rows as projects: each looked at by itself."""
    if "layer" not in given.columns:
        had = listed_text((str(c) for c in given.columns if c != given.geometry.name), Text("无", "none"))
        raise LayerError(
            f"项目：没有列“layer”（现有：{had.zh}）；请加上这一列，写明每个项目改哪个图层",
            f"projects: there is no column layer (there is: {had.en}); add it, to say which layer each project changes",
        )
    if given.crs is None:
        raise LayerError(
            "项目：没有坐标系；请写明，如 EPSG:4490",
            "projects: no coordinate system; say which one they are in, such as EPSG:4490",
        )
    placed = given.to_crs(area.crs)
    if not placed.index.is_unique:
        placed = placed.set_index(pd.RangeIndex(1, len(placed) + 1))
    columns = [str(column) for column in placed.columns if column != placed.geometry.name]
    rows = placed[columns].astype(object).where(placed[columns].notna(), None).to_dict("records")
    found = zip(placed.index, rows, placed.geometry.to_numpy(), strict=True)
    return [_project(area, row, cells, shape) for row, cells, shape in found]


def _project(area: StudyArea, row: Hashable, cells: Mapping[Hashable, Any], shape: shapely.Geometry | None) -> Project:
    said = {str(name): value for name, value in cells.items() if value is not None and str(value).strip()}
    name, layer, action = (str(said.get(column, "")).strip() for column in OWN)
    project = Project(row, name, layer, BUILD, shape, {k: v for k, v in said.items() if k not in OWN})
    layers = _layer_words()
    if layer not in layers:
        hint = did_you_mean(layer, layers)
        listed = listed_text(dict.fromkeys(layers.values()))
        raise LayerError(
            f"{project.called.zh}：没有图层“{layer}”{hint.zh}；请写 {listed.zh} 之一",
            f"{project.called.en}: there is no layer {layer!r}{hint.en}; give one of {listed.en}",
        )
    if (action or BUILD) not in _ACTIONS:
        raise LayerError(
            f"{project.called.zh}：action 是“{action}”；请写 build（新建）或 remove（拆除），新建的可以留空",
            f"{project.called.en}: its action is {action!r}; write build or remove, or leave it empty for build",
        )
    drawn = replace(project, layer=layers[layer], action=_ACTIONS[action or BUILD])
    return replace(drawn, shape=_placed(drawn, area))


@cache
def _layer_words() -> dict[str, str]:
    """What a layer may be called -> its key."""
    keys = [name for name in LAYERS if name != "zones"]
    return {HOMES: HOMES, "住宅": HOMES} | {name: name for name in keys} | {LAYERS[name].name_zh: name for name in keys}


def _placed(project: Project, area: StudyArea) -> shapely.Geometry:
    """The shape of a project, flat and valid; refused where it is none, of the wrong kind, or far away."""
    shape = None if project.shape is None else shapely.force_2d(project.shape)
    kinds = AREAS if project.layer == HOMES else LAYERS[project.layer].kinds
    if shape is None or _is_nothing(shape) or (project.action == BUILD and shape.geom_type not in kinds):
        drawn = Text("空的", "nothing") if shape is None or _is_nothing(shape) else kinds_text((shape.geom_type,))
        wanted = kinds_text(kinds)
        raise LayerError(
            f"{project.called.zh}：图形是{drawn.zh}，{project.layer} 应为{wanted.zh}；请重画",
            f"{project.called.en}: its shape is {drawn.en}, wanted for {project.layer} {wanted.en}; draw it anew",
        )
    away_m = float(shapely.distance(shape, shapely.box(*area.zones.total_bounds)))
    if not away_m <= ELSEWHERE_M:
        raise LayerError(
            f"{project.called.zh}：不在研究范围内（离分区 {away_m / 1000:,.0f} 公里）；请核对坐标和坐标系",
            f"{project.called.en}: lies outside the study ({away_m / 1000:,.0f} km from the zones); check its coordinates "
            "and their system",
        )
    return shape if shape.is_valid or shapely.get_dimensions(shape) < 2 else mended(np.array([shape])).shapes[0]


def _is_nothing(shape: shapely.Geometry) -> bool:
    """Whether a shape is empty, or a line or polygon drawn on one spot."""
    return bool(shape.is_empty or (shapely.get_dimensions(shape) > 0 and not shape.length > 0.0))


def _rows(name: str, built: list[Project], crs: CRS, notes: list[Text]) -> gpd.GeoDataFrame:
    """The projects that are built as rows of a layer, indexed by the rows they come from."""
    return pd.concat([conform(_row(name, project, crs, notes), name, crs=crs) for project in built])


def _row(name: str, project: Project, crs: CRS, notes: list[Text]) -> gpd.GeoDataFrame:
    """One project as a row of a layer, its values looked up and of the right type."""
    columns = LAYERS[name].columns
    given = {column: value for column, value in project.given.items() if column in columns}
    if "name" in columns and project.name:
        given["name"] = project.name
    for column, default in columns.items():
        if default is REQUIRED and column not in given:
            raise LayerError(
                f"{project.called.zh}：缺少“{column}”，图层 {name} 必须有；请在这一列填写",
                f"{project.called.en}: {column} is missing, which layer {name} must have; fill in that column",
            )
    values = {column: _words(name, column) for column in given if vocabulary(name, column)}
    for column, words in values.items():
        if (said := str(given[column]).strip()) not in words:
            hint, listed = did_you_mean(said, words), listed_text(vocabulary(name, column))
            raise LayerError(
                f"{project.called.zh}：{column} “{said}”不在可选之列{hint.zh}；请写 {listed.zh} 之一",
                f"{project.called.en}: {column} {said!r} is not one of those there are{hint.en}; give one of {listed.en}",
            )
    rows = gpd.GeoDataFrame(
        {column: pd.Series([value], dtype=object) for column, value in given.items()}, geometry=[project.shape], crs=crs
    )
    read = our_columns(rows.set_index(pd.Index([project.row])), name, fields={}, values=values, what=project.called)
    told = (*read.notes, *read.findings)
    notes += [Text(f"{project.called.zh}：{said.zh}", f"{project.called.en}: {said.en}") for said in told]
    return read.layer


def _words(name: str, column: str) -> dict[str, str]:
    """What a value of a column may be called -> the value: itself, or its Chinese name in our tables."""
    named = {
        ("facilities", "category"): (table("life_circles")["categories"], table("emergency")["categories"]),
        ("roads", "road_class"): (table("road_classes")["classes"],),
    }.get((name, column), ())
    own = {value: value for value in vocabulary(name, column)}
    return {entry["name_zh"]: key for entries in named for key, entry in entries.items() if "name_zh" in entry} | own


def _removed(project: Project, area: StudyArea, layers: dict[str, gpd.GeoDataFrame]) -> Text:
    """Take what a project removes out of `layers`; return what that was."""
    taken: dict[str, int] = {}
    for name in project.layers:
        layer = layers.get(name, getattr(area, name))
        if layer is not None and (there := _mostly_within(layer, project.shape)).any():
            layers[name] = layer[~there].reset_index(drop=True)
            taken[name] = int(there.sum())
    if not taken:
        raise LayerError(
            f"{project.called.zh}：没有可拆除的，图层 {project.layer} 里没有一个对象大部分在图形 {REMOVE_M:g} 米以内；"
            "请沿要拆除的对象重画",
            f"{project.called.en}: removes nothing, as of no object of layer {project.layer} the most lies within "
            f"{REMOVE_M:g} m of its shape; draw it along what is to go",
        )
    zh, en = (
        "、".join(f"{LAYERS[k].name_zh} {n}" for k, n in taken.items()),
        ", ".join(f"{n} of {k}" for k, n in taken.items()),
    )
    return Text(f"{project.called.zh}：去掉{zh} 个", f"{project.called.en}: took out {en}")


def _mostly_within(layer: gpd.GeoDataFrame, shape: shapely.Geometry) -> Bools:
    """Which rows of a layer lie within REMOVE_M of a shape for the most part."""
    shapes, ground = shapes_of(layer), shapely.buffer(shape, REMOVE_M)
    found = np.zeros(len(shapes), dtype=bool)
    near = shapely.STRtree(shapes).query(shape, predicate="dwithin", distance=REMOVE_M)
    some, dimension = shapes[near], shapely.get_dimensions(shapes[near])
    inside = shapely.intersection(some, ground)
    share = np.ones(len(near))  # of points all: they are near
    for size, of in ((shapely.length, 1), (shapely.area, 2)):
        share[dimension == of] = size(inside[dimension == of]) / np.maximum(size(some[dimension == of]), 1e-9)
    found[near] = share > MOST
    return found


class _Ends(NamedTuple):
    """Of a new road or path: how many ends join nothing, and how many streets it crosses without joining them."""

    loose: int
    crossed: int


def _join(
    area: StudyArea, layers: dict[str, gpd.GeoDataFrame], new: dict[str, gpd.GeoDataFrame]
) -> dict[Hashable, _Ends]:
    """Join new roads to roads, then new paths to roads and paths; return how that went, by the rows they come from."""
    ends: dict[Hashable, _Ends] = {}
    for name, joins in (("roads", ("roads",)), ("walkways", ("roads", "walkways"))):
        if name not in new:
            continue
        there = {one: layers.get(one, getattr(area, one)) for one in joins}
        if name == "walkways" and "roads" in new:  # a path may lead to a road that is new, too
            there |= {"new": new["roads"]}
        there = {one: layer for one, layer in there.items() if layer is not None}
        streets = [shapes_of(layer) for layer in there.values()]
        may_join = [~(rows["bridge"] | rows["tunnel"]).to_numpy(dtype=bool) for rows in (*there.values(), new[name])]
        found = joined_ends(
            np.concatenate([np.empty(0, dtype=object), *streets]),
            shapes_of(new[name]),
            may_join=np.concatenate(may_join),
        )
        met = np.split(found.streets, np.cumsum([len(shapes) for shapes in streets])[:-1]) if streets else []
        for one, before, after in zip(there, streets, met, strict=True):
            if any(a is not b for a, b in zip(before, after, strict=True)):
                (new if one == "new" else layers)["roads" if one == "new" else one] = there[one].set_geometry(
                    gpd.GeoSeries(after, index=there[one].index, crs=area.crs)
                )
        new[name] = new[name].set_geometry(gpd.GeoSeries(found.new, index=new[name].index, crs=area.crs))
        crossed = _crossed(found, may_join[-1])
        ends |= {row: _Ends(*both) for row, *both in zip(new[name].index, found.loose.tolist(), crossed, strict=True)}
    return ends


def _crossed(found: Joined, on_the_ground: Bools) -> list[int]:
    """How many streets each new one on the ground crosses without a vertex in common."""
    tree = shapely.STRtree(found.streets)
    met = [found.streets[tree.query(line, predicate="crosses")] for line in found.new]
    counts = [int((~_share_vertices(line, streets)).sum()) for line, streets in zip(found.new, met, strict=True)]
    return [count if lies else 0 for count, lies in zip(counts, on_the_ground, strict=True)]


def _share_vertices(line: shapely.Geometry, streets: Shapes) -> Bools:
    own = places(shapely.get_coordinates(line))
    return np.array([np.isin(places(shapely.get_coordinates(one)), own).any() for one in streets], dtype=bool)


def _built(project: Project, ends: Mapping[Hashable, _Ends]) -> Text:
    """Say what was built, and where a street joins no other."""
    zh, en = "、".join(LAYERS[name].name_zh for name in project.layers), ", ".join(project.layers)
    said = Text(
        f"{project.called.zh}：新增到{zh}{project.size.zh}", f"{project.called.en}: added to {en}{project.size.en}"
    )
    loose, crossed = ends.get(project.row, _Ends(0, 0))
    if loose:
        said += Text(
            f"；有 {loose} 端在 {JOIN_M:g} 米内没有街道，未接入路网",
            f"; {loose} of its ends {'has' if loose == 1 else 'have'} no street within {JOIN_M:g} m and joins nothing",
        )
    if crossed:
        said += Text(
            f"；与 {crossed} 条街道交叉而不相接，要相接请在路口断开来画",
            f"; it crosses {crossed} street{'s' * (crossed > 1)} without joining: draw it in pieces that end where it should",
        )
    return said


def _outside(project: Project, area: StudyArea) -> list[Text]:
    if shapely.intersects(shapes_of(area.zones), project.shape).any():
        return []
    return [Text(f"{project.called.zh}：在各分区之外", f"{project.called.en}: lies outside all zones")]


def _made_alone(name: str) -> Text:
    return Text(
        f"图层 {name} 原来没有给出，现在只有新建的项目，按可能不完整处理",
        f"layer {name} was not given: it holds the projects alone, and counts as incomplete",
    )


def _unused(known: list[Project]) -> list[Text]:
    """Say which columns with something in them none of the projects could use."""
    used = {column for project in known for name in project.layers for column in LAYERS[name].columns}
    idle = {
        column: None for project in known for column in project.given if column not in used and column not in _UNTOLD
    }
    listed = listed_text(idle)
    return (
        [Text(f"项目的这些列没有用到：{listed.zh}", f"columns of the projects that were not used: {listed.en}")]
        if idle
        else []
    )


def _shape_as_built(project: Project, new: Mapping[str, gpd.GeoDataFrame]) -> shapely.Geometry:
    built = project.action == BUILD and project.layer in ("roads", "walkways")
    return new[project.layer].geometry.loc[project.row] if built else project.shape


def _told(known: list[Project], shapes: list[shapely.Geometry], crs: CRS) -> gpd.GeoDataFrame:
    """The projects as a layer that can be given back: name, layer, action, and the columns that are filled."""
    columns = dict.fromkeys(column for project in known for column in project.given if column not in _UNTOLD)
    told = {
        "name": [project.name for project in known],
        "layer": [project.layer for project in known],
        "action": [project.action for project in known],
        **{column: [project.given.get(column) for project in known] for column in columns},
    }
    return gpd.GeoDataFrame(told, geometry=gpd.GeoSeries(shapes, crs=crs), crs=crs)
