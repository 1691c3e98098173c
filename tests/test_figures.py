"""Sheets of a drawn town: what stands on them is what was measured, it can be read, and strangers' names do no harm."""

import hashlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import shapely
from matplotlib import font_manager
from matplotlib.colors import to_hex
from matplotlib.font_manager import FontProperties
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.text import Text as Written
from PIL import Image
from pylopdf_fonts_zh_cn import sans_path, serif_path
from pyproj import CRS, Transformer

import suizhou_geo as sg
from suizhou_geo.assessment.assessed import assessed
from suizhou_geo.assessment.rows import rows_of
from suizhou_geo.errors import LayerError, OutputError
from suizhou_geo.errors.text import NOTHING, Text
from suizhou_geo.model import Input, Measure, Office, Plan, Study, Target
from suizhou_geo.outputs.figures import Sheet, drawings, picture, plot, write_sheets
from suizhou_geo.outputs.figures.basemap import basemap_of, city_bounds, scale_bar, window_of
from suizhou_geo.outputs.figures.canvas import PAPERS_MM, Box, blank_canvas
from suizhou_geo.outputs.figures.chapters import important
from suizhou_geo.outputs.figures.evidence import evidence_layers, frame_of
from suizhou_geo.outputs.figures.files import own_settings
from suizhou_geo.outputs.figures.fonts import find_fonts
from suizhou_geo.outputs.figures.map_elements import body_of, grid_angle_deg, north_arrow
from suizhou_geo.outputs.figures.overview import BARS, MOST_OF_TARGET, ROW_MM, _gap
from suizhou_geo.standards.symbology import PALETTE, PARTS, ROADS, class_limits, class_of
from suizhou_geo.study_area import StudyArea

HOSTILE = ("$x_{1}^$ \\frac{a}{b}", "<b>&amp; %s {0} {", "区\n\t一\x00\x07☃ༀ", "很长" * 60)


def target(key, op, value, unit, **more):
    names = {"name_zh": f"承诺{key}", "name_en": f"promise {key}", "clause": "一、（三）8", "quote": "到2025年"}
    return Target(key=key, op=op, value=value, unit=unit, year=2025, **names, **more)


PLAN = Plan(
    name="drawn",
    title_zh="画的规划",
    title_en="A drawn plan",
    document="《画的规划》",
    targets=(
        target("population_density", "<=", 8000.0, "person/km2"),
        target("road_density", ">=", 8.0, "km/km2"),
        target("park_coverage", ">", 0.85, "share"),
        target("gdp_growth", ">=", 0.1, "share", needs_zh="需要统计公报", needs_en="the statistics"),
    ),
)


@pytest.fixture(scope="module")
def town(drawn):
    """Return a function that draws zones of 1 km² in a row: streets of 6 km, 9 km, 3 km; 5,000 and 15,000 people."""

    def draw(names=("甲区", "乙区", "丙区"), *, population=True, invented=True, plan=PLAN, parks=True):
        count = len(names)
        corner = [(1000 * (k % 10), 1000 * (k // 10)) for k in range(count)]
        zones = drawn(
            [shapely.box(x, y, x + 1000, y + 1000) for x, y in corner],
            name=list(names),
            role=["main_city"] + ["district"] * (count - 1),
        ).set_index(pd.Index([f"Z{k + 1}" for k in range(count)], name="zone_id"))
        streets = [
            shapely.LineString([(x, y + 90 * (j + 1)), (x + 1000, y + 90 * (j + 1))])
            for k, (x, y) in enumerate(corner)
            for j in range((6, 9, 3)[k % 3])
        ]
        roads = drawn(streets, road_class=["branch"] * len(streets), name=[f"第{k}街" for k in range(len(streets))])
        homes = [shapely.box(x + 100, y + 100, x + 900, y + 200) for x, y in corner[:2]]
        area = StudyArea(
            name="画的城",
            zones=zones,
            roads=roads,
            parks=drawn([shapely.box(100, 250, 300, 350)] if parks else [], name=["公园"] * parks),
            residential=drawn(homes),
            barriers=drawn([shapely.LineString([(-500, 500), (3500, 480)])], kind=["river"]),
            population=drawn(homes, persons=[5000.0, 15000.0][: len(homes)]) if population else None,
            invented=invented,
        )
        inputs = (
            Input("zones", "zones.gpkg", "0" * 64, "2025-03-04T05:06:07+00:00", 1, count),
            Input("osm", "a_b$c$.osm.pbf", "0" * 64, "", 1, 1, "2024-05-06T00:00:00Z"),
        )
        study = Study("画的城", "Drawn town", area, plan, {}, {}, inputs, ())
        measures = [sg.population_density(area), sg.road_density(area), sg.park_coverage(area)]
        return study, measures

    return draw


class Drawn(Mapping):
    """The sheets of a study by their keys, each drawn when it is first looked at."""

    def __init__(self, result, lang):
        self.drawings = dict(drawings(result, lang=lang))
        self.sheet = cache(lambda key: self.drawings[key]())

    def __getitem__(self, key):
        return self.sheet(key)

    def __iter__(self):
        return iter(self.drawings)

    def __len__(self):
        return len(self.drawings)


def drawn_sheets(study, measures, lang="zh"):
    return Drawn(assessed(study, measures), lang)


@pytest.fixture(scope="module")
def plain(town):
    """Return a function: the sheets of the town as it is, by their keys, in a language; drawn once, and only looked at."""
    return cache(lambda lang: drawn_sheets(*town(), lang))


def row_of(measure, plan=None):
    return next(row for row in rows_of([measure], plan) if row.measure is not None)


@pytest.fixture
def machine(monkeypatch):
    """Return a function that gives this machine the fonts it is told of, and none but these and DejaVu."""
    plain = [font for font in font_manager.fontManager.ttflist if font.name.startswith("DejaVu")]

    def fonts(*named):
        """Each is the file of a face, and the family, weight and style it is taken for."""
        listed = list(plain)
        for path, family, weight, *style in named:
            face = font_manager.ttfFontProperty(font_manager.get_font(path if Path(path).is_file() else sans_path()))
            told = {"fname": str(path), "name": family, "weight": weight, "style": style[0] if style else "normal"}
            listed.append(replace(face, **told))
        monkeypatch.setattr(font_manager.fontManager, "ttflist", listed)

    return fonts


@pytest.fixture
def bare(machine):
    """A machine without a Chinese font."""
    machine()


def file_of(fonts, weight):
    return Path(font_manager.findfont(FontProperties(family=fonts.families[0], weight=weight)))


def writing(sheet):
    return [t for t in sheet.figure.findobj(Written) if t.get_text().strip()]


def words(sheet):
    return " ".join(t.get_text() for t in writing(sheet))


def pixels(sheet, dpi=60):
    return np.asarray(Image.open(io.BytesIO(picture(sheet, dpi=dpi))).convert("RGB"))


def check_readable(sheet, size_mm=(297, 210)):
    """No text leaves the paper or lies on another; every character has a glyph; the page is not blank."""
    image = pixels(sheet)  # draws: a missing glyph would warn, and warnings are errors
    assert image.shape[1::-1] == pytest.approx(tuple(side / 25.4 * 60 for side in size_mm), abs=1)
    assert 0.005 < (image.min(axis=2) < 128).mean() < 0.6, sheet.key
    sheet.figure.set_dpi(100)
    page = sheet.figure.bbox
    boxes, texts = [], writing(sheet)
    renderer = sheet.figure.canvas.get_renderer()
    with own_settings():
        extents = [text.get_window_extent(renderer) for text in texts]
    for text, box in zip(texts, extents, strict=True):
        assert box.x0 >= 0, text.get_text()
        assert box.y0 >= 0, text.get_text()
        assert box.x1 <= page.x1, text.get_text()
        assert box.y1 <= page.y1, text.get_text()
        assert not text.get_parse_math()
        fonts = [font_manager.get_font(font_manager.findfont(name)) for name in text.get_family()]
        assert all(any(font.get_char_index(ord(c)) for font in fonts) for c in text.get_text()), text.get_text()
        boxes.append(shapely.box(box.x0 + 0.6, box.y0 + 0.9, max(box.x1, box.x0 + 1.3) - 0.6, box.y1 - 0.9))
    left, right = shapely.STRtree(boxes).query(boxes, predicate="intersects")
    clash = [(texts[a].get_text(), texts[b].get_text()) for a, b in zip(left, right, strict=True) if a < b]
    assert not clash, (sheet.key, clash)


@pytest.mark.parametrize("lang", ["zh", pytest.param("en", marks=pytest.mark.slow)])
@pytest.mark.parametrize("fonts", ["bare", pytest.param("the machine's", marks=pytest.mark.slow)])
def test_sheets_can_be_read(town, request, fonts, lang, caplog):
    if fonts == "bare":
        request.getfixturevalue("bare")
    made = drawn_sheets(*town(), lang)
    assert list(made) == ["overview", "land", "green", "green.park_coverage", "roads", "roads.road_density"]
    for sheet in made.values():
        check_readable(sheet)
        assert picture(sheet, "svg")
        assert picture(sheet, "pdf")
    assert not [told for told in caplog.records if told.name.startswith("matplotlib")]  # stderr shows these
    assert "甲区" in words(made["roads"])
    assert ("结论" in words(made["overview"])) == (lang == "zh")


@pytest.mark.slow
@pytest.mark.usefixtures("bare")
def test_the_font_installed_with_the_package_has_the_chinese_of_a_bare_machine():
    fonts = find_fonts()
    assert file_of(fonts, "normal") == file_of(fonts, "bold") == sans_path().resolve()
    level_one = b"".join(bytes((row, cell)) for row in range(0xB0, 0xD7) for cell in range(0xA1, 0xFA)).decode("gb2312")
    assert fonts.drawable(level_one + "浉溠㵐涢随")


@pytest.mark.parametrize("bold", [700, 600])
@pytest.mark.parametrize("family", ["Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC"])
def test_a_font_of_the_machine_with_a_regular_and_a_bold_face_is_taken(machine, family, bold, caplog):
    others = [(serif_path(), family, weight) for weight in (100, 300, 500, 900)]
    machine(*others, (serif_path(), family, bold), (sans_path(), family, 400), (serif_path(), family, 400, "italic"))
    fonts = find_fonts()
    assert fonts.families[0].startswith(family)
    assert file_of(fonts, "normal") == sans_path().resolve()
    assert file_of(fonts, "bold") == serif_path().resolve()
    assert not caplog.records


@pytest.mark.parametrize(
    "named",
    [
        [(serif_path(), "Noto Sans SC", 700)],
        [(serif_path(), "SimHei", 400)],
        [(serif_path(), "MiSans", 400), (serif_path(), "MiSans", 700, "italic")],
        [(serif_path(), "DengXian", 300), (serif_path(), "DengXian", 700)],
        [(serif_path(), "Noto Sans CJK JP", weight) for weight in (400, 700)],
        [(serif_path(), "Noto Serif CJK SC", weight) for weight in (400, 700)],
        [("/removed/since.ttc", "Source Han Sans SC", weight) for weight in (400, 700)],
        [(font_manager.findfont("DejaVu Sans"), "HarmonyOS Sans SC", weight) for weight in (400, 700)],
    ],
    ids=["bold alone", "regular alone", "italic", "light", "Japanese", "serif", "removed", "without Chinese"],
)
def test_any_other_font_of_the_machine_is_left(machine, named):
    machine(*named)
    assert file_of(find_fonts(), "normal") == sans_path().resolve()


@pytest.mark.slow
@pytest.mark.parametrize("fonts", ["bare", "the machine's"])
def test_hostile_and_long_names_are_written_as_they_are(town, request, fonts):
    if fonts == "bare":
        request.getfixturevalue("bare")
    study, measures = town(HOSTILE)
    study = replace(study, name="$$_{}\\", name_en="$$_{}\\")
    made = drawn_sheets(study, measures)
    for sheet in made.values():
        check_readable(sheet)
    assert "$x_{1}^$" in words(made["roads.road_density"])
    assert "<b>&amp; %s {0} {" in words(made["roads.road_density"])
    assert "$$_{}\\" in words(made["overview"])
    assert "a_b$c$.osm.pbf" in words(made["overview"])


@pytest.mark.slow
def test_the_table_holds_the_values_by_zone_with_their_verdicts(plain):
    made = plain("en")
    told = [t.get_text() for t in writing(made["roads.road_density"])]
    for text in ("6 ✗", "9 ✓", "3 ✗", "≥ 8"):
        assert text in told
    whole = [t for t in writing(made["roads.road_density"]) if t.get_text() == "6 ✗"]
    assert len(whole) >= 2  # the zone and the whole: 18 km on 3 km²
    assert "all zones 6 km/km² · ≥ 8 · ✗ missed" in told


@pytest.mark.slow
def test_sums_are_promised_for_the_whole_only(town):
    study, measures = town(plan=replace(PLAN, targets=(target("main_city_population", ">=", 30000.0, "persons"),)))
    people = pd.Series([5000.0, 15000.0, np.nan], index=study.area.zones.index)
    total = replace(
        measures[0],
        key="main_city_population",
        unit="persons",
        value=20000.0,
        low=20000.0,
        high=20000.0,
        by_zone=people,
    )
    told = [t.get_text() for t in writing(drawn_sheets(study, [total], "en")["land"])]
    assert "15,000" in told
    assert "no data" in told
    assert "20,000 ✗" in told
    assert not any(text.startswith(("15,000 ", "5,000 ")) for text in told)


@pytest.mark.slow
def test_pages_of_their_own_are_for_promises_and_gaps(town, drawn):
    study, measures = town()
    spots = drawn([shapely.Point(500, 500)], part=["parking_spaces"])
    parking = replace(measures[2], key="parking_spaces", evidence=spots, profile="", basis=NOTHING)
    bare = replace(measures[2], key="river_green", evidence=spots.assign(part="bank_bare"))
    made = drawn_sheets(study, [*measures, parking, bare])
    assert "roads.parking_spaces" not in made
    assert "green.river_green" in made
    assert "green.park_coverage" in made
    assert "依据：。" not in made["roads"].caption


@pytest.mark.slow
def test_two_measures_share_a_page_only_where_both_look_the_same_on_it(town, drawn):
    study, measures = town()
    cells = drawn([shapely.box(100, 100, 200, 200), shapely.box(200, 100, 300, 200)], part=["covered", "uncovered"])
    fire = replace(measures[2], key="emergency_reach.fire", name_zh="消防", evidence=cells)
    same = replace(fire, key="emergency_reach.again", name_zh="再次")
    other = replace(
        fire, key="emergency_reach.care", name_zh="急救", evidence=cells.assign(part=["uncovered", "covered"])
    )
    made = drawn_sheets(study, [*measures, fire, same, other])
    pages = {key: sheet.title.partition("：")[0] for key, sheet in made.items() if "emergency" in key}
    assert pages == {
        "life_circle.emergency_reach.fire": "消防、再次",
        "life_circle.emergency_reach.care": "急救",
    }


@pytest.mark.slow
def test_the_overview_tells_promised_measured_and_gap(plain):
    sheet = plain("en")["overview"]
    told = [t.get_text() for t in writing(sheet)]
    for text in (
        "at least 8 km/km²",
        "6 km/km²",
        "2 km/km² short",
        "= 6 km",
        "✗ missed",
        "at most 8,000 persons/km²",
        "✓ met",
    ):
        assert text in told, text
    assert "41.9 points short" in told  # 43.1 % of a promised 85 %
    assert any("gdp_growth" in text for text in told)
    assert "Promises without data yet (1)" in told
    assert "2 met" not in sheet.caption
    assert "1 met, 2 missed, 0 cannot be told, 1 without data" in sheet.caption


@pytest.mark.slow
def test_the_gap_of_a_growth_is_told_in_points_as_everywhere(town):
    study, measures = town()
    row = next(row for row in rows_of(measures, study.plan) if row.key == "park_coverage")
    grown = replace(row, unit="share/year")  # 43.1 % of a promised 85 %, told as a growth
    assert _gap(grown, "zh")[0] == "差 41.9 个百分点"
    assert _gap(grown, "en")[0] == "41.9 points short"


@pytest.mark.slow
def test_bars_are_as_long_as_the_share_of_the_promise(plain):
    sheet = plain("en")["overview"]
    patches = sheet.figure.findobj(Rectangle)
    missed = [p for p in patches if to_hex(p.get_facecolor()) == BARS["missed"]]
    met = [p for p in patches if to_hex(p.get_facecolor()) == BARS["met"]]
    gaps = [p for p in patches if p.get_hatch() and p.get_width() != 4]
    road = next(p for p in missed for g in gaps if g.get_y() == p.get_y() and p.get_width() / g.get_width() > 2)
    gap = next(g for g in gaps if g.get_y() == road.get_y())
    assert road.get_width() / gap.get_width() == pytest.approx(6 / 2)
    assert gap.get_x() == pytest.approx(road.get_x() + road.get_width())
    one = road.get_width() + gap.get_width()
    assert met[0].get_width() / one == pytest.approx(20000 / 3 / 8000)
    assert one * MOST_OF_TARGET == pytest.approx(70.0)


@pytest.mark.slow
def test_a_bar_beyond_a_limit_shows_what_is_too_much(town):
    study, measures = town(plan=replace(PLAN, targets=(target("population_density", "<=", 5000.0, "person/km2"),)))
    sheet = drawn_sheets(study, measures, "en")["overview"]
    bar = next(p for p in sheet.figure.findobj(Rectangle) if to_hex(p.get_facecolor()) == BARS["missed"])
    gap = next(p for p in sheet.figure.findobj(Rectangle) if p.get_hatch() and p.get_y() == bar.get_y())
    assert gap.get_x() + gap.get_width() == pytest.approx(bar.get_x() + bar.get_width())
    assert gap.get_width() / bar.get_width() == pytest.approx(1 - 5000 / (20000 / 3))


@pytest.mark.slow
def test_a_target_of_zero_draws_no_bar_and_is_not_called_unknown(town):
    study, measures = town(plan=replace(PLAN, targets=(target("road_density", "<=", 0.0, "km/km2"),)))
    text = words(drawn_sheets(study, measures, "en")["overview"])
    assert "the target is 0" in text
    assert "not known" not in text


@pytest.mark.slow
def test_zones_are_filled_by_their_class_and_hatched_without_data(town, plain):
    _, measures = town()
    made = plain("zh")
    values = measures[1].by_zone.to_numpy()
    limits = class_limits(values, "km/km2")
    axes = made["roads"].figure.axes[1]
    fills = [to_hex(p.get_facecolor()) for p in axes.findobj(PathPatch) if p.get_zorder() == 2]
    assert fills == [PALETTE[class_of(value, limits)] for value in values]
    assert len(set(fills)) == 3
    parks = made["green"].figure.axes[1]
    assert [bool(p.get_hatch()) for p in parks.findobj(PathPatch) if p.get_zorder() == 2] == [False, False, True]
    assert "无数据" in words(made["green"])
    assert "无数据" not in words(made["roads"])


@pytest.mark.slow
def test_a_zone_is_drawn_where_it_lies(town, plain):
    study, _ = town()
    figure = plain("zh")["roads"].figure
    first = next(p for p in figure.axes[1].findobj(PathPatch) if p.get_zorder() == 2)
    west, south, width, height = first.get_path().get_extents().bounds
    assert (west, south) == pytest.approx(tuple(study.area.zones.total_bounds[:2]))
    assert (width, height) == pytest.approx((1000, 1000))
    box = first.get_window_extent()
    assert box.width == pytest.approx(box.height)  # a square stays one


@pytest.mark.slow
@pytest.mark.parametrize("invented", [True, False])
def test_invented_data_are_stamped_on_every_sheet_and_every_map(town, invented):
    made = drawn_sheets(*town(invented=invented))
    for sheet in made.values():
        assert ("虚构数据，不是随州" in words(sheet)) == invented
        assert ("虚构数据" in sheet.title) == invented
        assert ("虚构数据" in sheet.caption) == invented
        maps = len(sheet.figure.axes) - 1
        assert words(sheet).replace("虚构数据，不是随州", "").count("虚构数据") == (maps if invented else 0)


@pytest.mark.slow
def test_every_sheet_names_source_date_system_and_approval(plain):
    for sheet in plain("zh").values():
        text = words(sheet)
        assert "审图号" in text
        assert "zones.gpkg 2025-03-04" in text
        assert "OpenStreetMap 2024-05-06" in text
        assert "OpenStreetMap contributors" not in text  # invented data credit nobody
        assert "EPSG:4547" in text


@pytest.mark.slow
def test_real_data_of_openstreetmap_credit_its_contributors(town):
    assert "© OpenStreetMap contributors" in words(drawn_sheets(*town(invented=False))["overview"])


@pytest.mark.slow
def test_captions_tell_definition_thresholds_promise_and_source(plain):
    caption = plain("zh")["green.park_coverage"].caption
    for part in (
        "2022年后口径",
        "0.5 公顷以上公园服务 500 m",
        "高于 85%",
        "《画的规划》 一、（三）8「到2025年」",
        "GB/T 50563",
    ):
        assert part in caption


@pytest.mark.slow
def test_one_zone_no_population_no_plan(town):
    study, measures = town(("独区",), population=False, plan=None, invented=False)
    made = drawn_sheets(study, measures)
    for sheet in made.values():
        check_readable(sheet)
    assert "缺数据" in words(made["land"])
    assert "本研究没有给出方案" in words(made["overview"])
    assert made["overview"].stem == "附图01_测算结果总览"
    for number, sheet in enumerate(made.values(), start=1):
        assert "承诺" not in words(sheet) + sheet.title + sheet.caption, sheet.key
        assert sheet.called == f"附图{number:02d}" == sheet.stem.partition("_")[0]
        assert sheet.called in words(sheet)
    hatched = [p for p in made["land"].figure.findobj(PathPatch) if p.get_hatch()]
    assert len(hatched) == 1


@pytest.mark.slow
def test_many_zones_keep_apart_and_those_left_out_are_counted(town):
    study, measures = town(tuple(f"第{k}片区名称较长" for k in range(60)))
    made = drawn_sheets(study, measures)
    for sheet in made.values():
        check_readable(sheet)
    text = words(made["roads"])
    left = int(re.search(r"另有 (\d+) 个分区", text).group(1))
    shown = len(re.findall(r"\b\d+ 第\d+片区", text)) or len(re.findall(r"第\d+片区名称较长", text))
    assert left > 0
    assert left + shown >= 60
    table = [t.get_text() for t in writing(made["roads"])]
    assert "9 ✓" not in table[table.index("全部分区") - 20 : table.index("全部分区")]  # the widest gaps come first


@pytest.mark.slow
def test_names_lie_in_their_own_zones(town):
    study, measures = town(tuple(f"第{k}片区名称较长" for k in range(30)))
    sheet = drawn_sheets(study, measures)["roads.road_density"]
    frame = frame_of(evidence_layers(row_of(measures[1]), study.area), study.area)
    place = window_of(frame, next(Box(*map_box(axes)) for axes in sheet.figure.axes[1:]))
    named = dict(zip(study.area.zones["name"], study.area.zones.geometry, strict=True))
    found = 0
    for text in writing(sheet):
        x, y = text.get_position()
        if (
            text.get_text() in named
            and place.box.x < x < place.box.right
            and text.get_horizontalalignment() == "center"
        ):
            found += 1
            assert named[text.get_text()].contains(shapely.Point(place.on_ground(x, y))), text.get_text()
    assert found > 20


def map_box(axes):
    x, y, width, height = axes.get_position().bounds
    return x * 297, y * 210, width * 297, height * 210


@pytest.mark.slow
def test_the_scale_is_round_and_true(town):
    study, _ = town()
    window = window_of(city_bounds(study.area), Box(10, 44, 190, 140))
    west, south, east, north = window.bounds
    assert (east - west) / 0.190 == pytest.approx(window.denominator)
    assert (north - south) / 0.140 == pytest.approx(window.denominator)
    assert west < study.area.zones.total_bounds[0]
    assert east > study.area.zones.total_bounds[2]
    x0, y0 = window.on_canvas(west, south)
    assert (x0, y0) == pytest.approx((10, 44))
    x1, _ = window.on_canvas(west + scale_bar(window), south)
    assert x1 - x0 == pytest.approx(scale_bar(window) * 1000 / window.denominator)
    assert f"{scale_bar(window):.0f}".strip("0") in ("1", "2", "5")


@pytest.mark.slow
@pytest.mark.parametrize(("code", "lon"), [(4547, 115.4), (4547, 112.8), (27700, -5.0)])
def test_the_arrow_points_to_true_north(town, code, lon):
    crs, lat = CRS.from_epsg(code), 31.7 if code == 4547 else 52.0
    move = Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)
    (x0, y0), (x1, y1) = move.transform(lon, lat), move.transform(lon, lat + 0.01)
    left = np.degrees(np.arctan2(-(x1 - x0), y1 - y0))  # how far to the left of the upright the meridian runs
    study, _ = town()
    window = replace(window_of(city_bounds(study.area), Box(0, 0, 100, 100)), east=x0, north=y0)
    assert grid_angle_deg(window, crs) == pytest.approx(left, abs=0.01)
    assert abs(left) > 0.5
    canvas = blank_canvas(find_fonts(), "en")
    north_arrow(canvas, window, crs, box=Box(0, 0, 10, 14))
    half, other = (patch.get_path().vertices for patch in canvas.axes.findobj(PathPatch))
    tip, foot = half[0], (half[2] + other[2]) / 2
    assert np.degrees(np.arctan2(-(tip - foot)[0], (tip - foot)[1])) == pytest.approx(left, abs=0.01)


@pytest.mark.slow
def test_pictures_are_the_same_every_time(town, plain, tmp_path):
    once, again = (made["green.park_coverage"] for made in (plain("zh"), drawn_sheets(*town())))
    for kind in ("png", "svg", "pdf"):
        data = picture(once, kind, dpi=80)
        assert data == picture(once, kind, dpi=80)
        assert data == picture(again, kind, dpi=80)
        assert not re.search(rb"CreationDate|<dc:date>|Software|20\d\d-\d\d-\d\dT", data), kind
    assert tmp_path.is_dir()


@pytest.mark.slow
def test_pictures_are_the_same_in_another_process():
    script = (
        "import hashlib, shapely, geopandas as gpd, pandas as pd, suizhou_geo as sg\n"
        "from suizhou_geo.assessment.assessed import assessed\n"
        "from suizhou_geo.outputs.figures import sheets, picture\n"
        "from suizhou_geo.study_area import StudyArea\n"
        "from suizhou_geo.model import Study\n"
        "import sys; assert 'matplotlib.pyplot' not in sys.modules\n"
        "box = gpd.GeoDataFrame({'name': ['A'], 'role': ['main_city']}, geometry=[shapely.box(4e5, 35e5, 401e3, 3501e3)],"
        " crs='EPSG:4547', index=pd.Index(['1'], name='zone_id'))\n"
        "road = box[['geometry']].assign(road_class='branch', geometry=box.boundary)\n"
        "area = StudyArea(name='A', zones=box, roads=road)\n"
        "study, m = Study('A', 'A', area, None, {}, {}, (), ()), [sg.road_density(area)]\n"
        "made = sheets(assessed(study, m), lang='en')[-1]\n"
        "print([hashlib.sha256(picture(made, k, dpi=60)).hexdigest() for k in ('png', 'svg', 'pdf')])\n"
    )
    root = str(Path(sg.__file__).parents[1])
    runs = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert len(set(re.findall(r"[0-9a-f]{64}", runs[0]))) == 3


@pytest.mark.slow
def test_the_users_settings_neither_change_a_sheet_nor_are_changed(town, plain):
    study, measures = town()
    before = hashlib.sha256(picture(plain("zh")["roads"], dpi=60)).hexdigest()
    odd = {
        "font.size": 40,
        "text.color": "red",
        "savefig.bbox": "tight",
        "figure.facecolor": "black",
        "path.sketch": (9, 50, 2),
        "savefig.transparent": True,
    }
    with mpl.rc_context(odd):
        kept = dict(mpl.rcParams)
        after = hashlib.sha256(picture(drawn_sheets(study, measures)["roads"], dpi=60)).hexdigest()
        assert dict(mpl.rcParams) == kept
    assert before == after


@pytest.mark.slow
def test_crowded_layers_are_pictures_in_vector_files(town, plain, drawn):
    study, measures = town()
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0, 3000, 9000), rng.uniform(0, 1000, 9000)
    cells = drawn([shapely.box(a, b, a + 20, b + 20) for a, b in zip(x, y, strict=True)], part=["uncovered"] * 9000)
    crowded = [*measures[:2], replace(measures[2], evidence=cells)]
    few = picture(plain("zh")["green.park_coverage"], "svg")
    many = picture(drawn_sheets(study, crowded)["green.park_coverage"], "svg")
    assert b"<image" in many
    assert b"<image" not in few
    assert len(many) < 3e6


@pytest.mark.slow
def test_files_are_written_and_a_bad_folder_is_told(plain, tmp_path):
    made = [*plain("zh").values()][:2]
    written = write_sheets(made, tmp_path / "new" / "figures", kinds=("png", "pdf"))
    assert [path.name for path in written] == [
        "附图01_规划承诺总览.png",
        "附图01_规划承诺总览.pdf",
        "附图02_空间格局、人口与用地.png",
        "附图02_空间格局、人口与用地.pdf",
    ]
    with Image.open(written[0]) as image:
        assert image.size == (2338, 1653)
    assert written[1].read_bytes().startswith(b"%PDF")
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot be written"):
        write_sheets(made, tmp_path / "file", kinds=("png",))


@pytest.mark.slow
def test_evidence_is_sorted_into_layers_with_its_gaps(town):
    study, measures = town()
    parks = {layer.part: layer for layer in evidence_layers(row_of(measures[2]), study.area)}
    assert set(parks) == {"park", "covered", "uncovered", "service_area"}
    uncovered = measures[2].evidence.query("part == 'uncovered'").area.sum()
    assert shapely.area(parks["uncovered"].shapes).sum() == pytest.approx(uncovered)
    assert uncovered > 0
    assert [layer.part for layer in evidence_layers(row_of(measures[2]), study.area, gaps_only=True)] == ["uncovered"]
    order = [layer.part for layer in evidence_layers(row_of(measures[2]), study.area)]
    assert order.index("covered") < order.index("uncovered") < order.index("park")


@pytest.mark.slow
def test_blocks_over_the_limit_are_told_from_the_others(town, drawn):
    study, measures = town()
    evidence = drawn(
        [shapely.box(0, 0, 100, 100), shapely.box(200, 0, 600, 400)],
        part=["block"] * 2,
        over_limit=[False, True],
        gain_rank=[np.nan, 1.0],
        zone_id=["Z1"] * 2,
        area_ha=[1.0, 16.0],
        longest_side_m=[100.0, 400.0],
        persons=[5.0, 70.0],
    )
    blocks = replace(measures[1], key="block_size.residential", evidence=evidence, name_zh="街区")
    layers = {layer.part: layer for layer in evidence_layers(row_of(blocks), study.area)}
    assert shapely.area(layers["superblock"].shapes).tolist() == [160_000.0]
    assert shapely.area(layers["block"].shapes).tolist() == [10_000.0]
    sheet = drawn_sheets(study, [*measures, blocks])["roads.block_size.residential"]
    check_readable(sheet)
    told = [t.get_text() for t in writing(sheet)]
    assert "16" in told
    assert told.count("1") == 2  # its rank in the list and on the map
    assert "边长超限的街区" in told


@pytest.mark.slow
def test_streets_that_run_through_are_told_from_the_others(town, drawn):
    study, measures = town()
    evidence = drawn(
        [
            shapely.LineString([(0, 100), (3000, 100)]),
            shapely.LineString([(0, 900), (900, 900)]),
            shapely.Point(900, 900),
        ],
        part=["stroke", "stroke", "break"],
        stroke=[0, 1, 1],
        name=["贯通路", "断续路", "断续路"],
        direction=["east_west"] * 3,
        through=[True, False, False],
        share_of_extent=[1.0, 0.3, 0.3],
        length_m=[3000.0, 900.0, 900.0],
    )
    ways = [replace(measures[1], key=f"arterial_grid_{d}", evidence=evidence) for d in ("north_south", "east_west")]
    layers = {layer.part: layer for layer in evidence_layers(row_of(ways[0]), study.area)}
    assert shapely.length(layers["stroke"].shapes).tolist() == [3000.0]
    assert shapely.length(layers["short_stroke"].shapes).tolist() == [900.0]
    made = drawn_sheets(study, [*measures, *ways])
    assert "roads.arterial_grid_east_west" not in made  # both lie on one map
    check_readable(made["roads.arterial_grid_north_south"])
    told = [t.get_text() for t in writing(made["roads.arterial_grid_north_south"])]
    first = told.index("贯通路")
    assert told[first : first + 10] == ["贯通路", "横", "3,000", "100.0%", "是", "断续路", "横", "900", "30.0%", "否"]


STROKE = {
    "part": ["stroke"],
    "stroke": [0],
    "name": ["纵路"],
    "direction": ["north_south"],
    "through": [True],
    "share_of_extent": [1.0],
    "length_m": [1000.0],
}


@pytest.mark.slow
def test_a_target_that_is_not_known_yet_has_room_in_the_table(town):
    grows = target("population_density", ">=", 0.2, "person/km2", baseline_year=2020)  # of 2020 nothing is known
    study, measures = town(plan=replace(PLAN, targets=(grows, *PLAN.targets[1:])))
    said = [text.get_text() for text in writing(drawn_sheets(study, measures)["land"])]
    assert "待定" in said
    assert not [text for text in said if text.endswith("…") and text.startswith("目标")]


@pytest.mark.slow
def test_a_promised_number_is_told_in_the_unit_of_what_was_counted(town, drawn):
    study, measures = town(plan=replace(PLAN, targets=(target("arterial_grid_north_south", ">=", 9.0, "count"),)))
    streets = drawn([shapely.LineString([(500, 0), (500, 1000)])], **STROKE)
    by_zone = pd.Series(5.0, index=study.area.zones.index)
    told = {"unit": "count", "evidence": streets, "by_zone": by_zone, "value": 5.0, "low": 5.0, "high": 5.0}
    made = drawn_sheets(study, [*measures, replace(measures[1], key="arterial_grid_north_south", **told)])
    page = writing(made["roads.arterial_grid_north_south"])
    assert "全部分区 5 条 · ≥ 9 · ✗ 未达到" in [text.get_text() for text in page]
    assert not [text.get_text() for text in page if text.get_text().endswith(" 个")]


@pytest.mark.slow
def test_what_shares_a_page_is_named_once(town, drawn):
    study, measures = town()
    both = {column: value * 2 for column, value in STROKE.items()} | {"part": ["stroke", "break"]}
    streets = drawn([shapely.LineString([(500, 0), (500, 1000)]), shapely.Point(500, 1000)], **both)
    ways = [
        replace(measures[1], key=f"arterial_grid_{d}", name_zh=f"骨干路网：{name}", evidence=streets)
        for d, name in (("north_south", "九纵"), ("east_west", "十二横"))
    ]
    title = drawn_sheets(study, ways)["roads.arterial_grid_north_south"].title
    assert title.startswith("骨干路网：九纵、十二横：空间分布")


@pytest.mark.slow
def test_a_street_along_a_border_of_zones_is_not_hidden_by_it(town, drawn):
    """A route drawn on the border of two zones covers as much paper as one drawn beside it, but for the thin border."""
    study, measures = town(plan=replace(PLAN, targets=(target("commute_1h_region", "<=", 60.0, "min"),)))

    def red(x):
        route = drawn([shapely.LineString([(x, 100), (x, 900)])], part=["route"], name=["县"])
        sheet = drawn_sheets(study, [replace(measures[1], key="commute_1h_region", unit="min", evidence=route)])
        image = pixels(sheet["roads.commute_1h_region"], dpi=300).astype(int)
        wanted = [int(PARTS["route"].stroke[k : k + 2], 16) for k in (1, 3, 5)]
        return (np.abs(image - wanted).sum(axis=2) < 40).sum()

    assert red(1000) > 0.25 * red(1250)


@pytest.mark.slow
def test_motorways_have_their_own_line_in_the_legend_where_there_are_some(town, plain):
    study, measures = town()
    assert "高速公路" not in words(plain("zh")["roads"])
    roads = study.area.roads.assign(road_class=["motorway", *["branch"] * (len(study.area.roads) - 1)])
    made = drawn_sheets(replace(study, area=replace(study.area, roads=roads)), measures)
    assert "高速公路" in words(made["roads.road_density"])
    assert PARTS["route"].stroke not in {colour for row in ROADS.values() for colour in row if isinstance(colour, str)}


@pytest.mark.slow
def test_missing_links_are_listed_by_rank(town, drawn):
    study, measures = town()
    evidence = drawn(
        [shapely.LineString([(500, 500), (500, 600)]), shapely.LineString([(900, 500), (900, 550)])],
        part=["missing_link"] * 2,
        rank=[2.0, 1.0],
        street=["$a$", None],
        road_class=["branch", "secondary"],
        to_street=["乙路", "丙路"],
        to_class=["branch"] * 2,
        crosses=["river", "railway, wall"],
        crosses_names=[None, None],
        link_m=[100.0, 50.0],
        persons=[1234.0, np.nan],
    )
    ends = replace(measures[1], key="dead_ends", evidence=evidence, name_zh="断头路", unit="count")
    sheet = drawn_sheets(study, [*measures, ends])["roads.dead_ends"]
    check_readable(sheet)
    told = [t.get_text() for t in writing(sheet)]
    first = told.index("次干路")  # the first has no name: its class
    assert told[first - 1 : first + 5] == ["1", "次干路", "丙路", "铁路、围墙", "50", "—"]
    assert told[first + 5 : first + 11] == ["2", "$a$", "乙路", "河流、水面", "100", "1,234"]


@pytest.mark.slow
def test_every_number_on_a_map_of_gaps_has_its_row_in_the_list(town, drawn):
    study, measures = town()
    places = [shapely.LineString([(40 * k, 500), (40 * k, 600)]) for k in range(1, 61)]
    names = {"street": "甲路", "to_street": "乙路", "crosses": "river", "crosses_names": None}
    evidence = drawn(places, part="missing_link", rank=np.arange(1.0, 61), link_m=1000.0, persons=5000.0, **names)
    evidence = evidence.assign(road_class="branch", to_class="branch")
    ends = replace(measures[1], key="dead_ends", evidence=evidence, name_zh="断头路", unit="count")
    sheet = drawn_sheets(study, [*measures, ends])["roads.dead_ends"]
    told = [t.get_text() for t in writing(sheet)]
    listed = sum(text == "1,000" for text in told)
    assert 3 < listed < 60
    assert all(str(k) in told for k in range(1, listed + 1))
    on_the_map = [k for k in range(1, 61) if told.count(str(k)) - (k <= listed)]
    assert on_the_map == list(range(1, len(on_the_map) + 1))
    assert 3 < len(on_the_map) <= listed
    assert f"另有 {60 - listed} 条，见结果图层" in told


@pytest.mark.slow
def test_a_chapter_shows_promises_first_and_the_weakest_required_services(town):
    study, measures = town()
    shares = {"a": 0.9, "b": 0.2, "c": 0.5, "d": 0.1}
    services = [replace(measures[2], key=f"service_coverage.{key}", value=v) for key, v in shares.items()]
    whole = replace(measures[2], key="life_circle_compliance", params={"required": ["a", "b", "c"]})
    part = replace(measures[1], key="road_density.branch")

    def chosen(*some):
        return important(assessed(study, some).measured)

    assert [row.key for row in chosen(*services, whole)] == [
        "life_circle_compliance",
        *(f"service_coverage.{k}" for k in "bca"),
    ]
    assert [row.key for row in chosen(part, measures[1])] == ["road_density"]
    twelve = [replace(measures[2], key=f"park_{k}") for k in range(12)]
    assert len(chosen(*twelve, measures[2])) == 6
    assert chosen(*twelve, measures[2])[0].key == "park_coverage"


@pytest.mark.slow
def test_evidence_in_another_system_is_an_error(town):
    study, measures = town()
    moved = replace(measures[2], evidence=measures[2].evidence.to_crs("EPSG:4326"))
    with pytest.raises(LayerError, match=r"park_coverage.*bring it into the system"):
        drawn_sheets(study, [moved])


@pytest.mark.slow
def test_an_unknown_part_of_evidence_is_drawn_under_its_own_name(town, drawn):
    study, measures = town()
    evidence = drawn([shapely.Point(500, 500)], part=["strange_thing"])
    sheet = drawn_sheets(study, [replace(measures[2], evidence=evidence)])["green.park_coverage"]
    check_readable(sheet)
    assert "strange_thing" in words(sheet)


def test_lines_are_broken_within_the_width():
    fonts = find_fonts()
    text = "公园绿化活动场地（服务半径）覆盖率 is the coverage of residential land，高于 85%。" * 3
    lines = fonts.wrapped(text, 50, 7)
    assert all(fonts.width_mm(line, 7) <= 50 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert not any(line[0] in "，。）" for line in lines)
    cut = fonts.wrapped(text, 50, 7, most=2)
    assert len(cut) == 2
    assert cut[1].endswith("…")
    assert fonts.width_mm(cut[1], 7) <= 50


@pytest.mark.slow
def test_widths_are_those_the_renderer_draws(plain):
    sheet = plain("zh")["overview"]
    sheet.figure.set_dpi(300)
    fonts, renderer = find_fonts(), sheet.figure.canvas.get_renderer()
    for text in writing(sheet):
        bold = text.get_weight() == "bold"
        width = fonts.width_mm(text.get_text(), text.get_fontsize(), bold=bold)
        with own_settings():
            drawn_mm = text.get_window_extent(renderer).width / 300 * 25.4
        assert drawn_mm == pytest.approx(width, rel=0.02, abs=0.5), text.get_text()


@pytest.mark.slow
def test_the_base_is_simplified_but_stays(town):
    study, _ = town()
    base = basemap_of(study.area)
    assert len(base.zones) == 3
    assert [kind for kind, _, _ in base.barriers] == ["river"]
    assert [road_class for road_class, _ in base.roads] == ["branch"]
    drawn_m = sum(np.hypot(*np.diff(p, axis=0).T).sum() for p in base.roads[0][1].to_polygons(closed_only=False))
    assert drawn_m == pytest.approx(18_000)


@pytest.mark.slow
def test_holes_stay_holes_and_what_is_far_away_is_cut(town, drawn):
    study, _ = town()
    base = basemap_of(study.area)
    both = [shapely.box(0, 0, 900, 900).exterior, shapely.box(300, 300, 600, 600).exterior]  # turning the same way
    ring = drawn([shapely.Polygon(both[0], [both[1]])]).geometry.to_numpy()
    shell, hole = base.areas(ring).to_polygons()

    def turning(xy):
        return np.sign(np.sum(np.diff(xy[:, 0]) * (xy[1:, 1] + xy[:-1, 1] - 2 * xy[0, 1])))

    assert turning(shell) == -turning(hole) != 0
    far = drawn([shapely.LineString([(0, 0), (90_000, 0)]), shapely.LineString([(80_000, 0), (90_000, 0)])])
    west, _, east, _ = base.lines(far.geometry.to_numpy()).get_extents().extents
    assert (west - study.area.zones.total_bounds[0], east - west) == pytest.approx(
        (0.0, 6000.0)
    )  # a city's width beyond


@pytest.mark.slow
def test_notes_in_the_language_of_the_drawing(town):
    study, measures = town()
    noted = replace(
        measures[1], notes=(Text("中文说明", "an English note"),), needs=(Text("缺", "a layer is missing"),)
    )
    made = drawn_sheets(study, [noted], "en")
    assert isinstance(noted, Measure)
    text = words(made["roads.road_density"])
    assert "an English note" in text
    assert "a layer is missing" in text


def test_the_overview_has_room_for_every_promise_of_both_plans():
    longest = max(len(sg.read_plan(name).targets) for name in ("suizhou_2025", "suizhou_2024_report"))
    assert ROW_MM[0] * longest + 5 <= body_of(PAPERS_MM["A4"]).inset(3).height


@pytest.fixture
def plotted(town):
    """Return a function: the key of a row to its map, as a sheet of its own."""

    def draw(key, lang="zh", change=lambda measures: measures, **more):
        study, measures = town(**more)
        result = assessed(study, change(measures))
        return Sheet(key, "", "", "", plot(result.row(key), result.area, lang=lang))

    return draw


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("key", ["road_density", "population_density", "park_coverage", "gdp_growth"])
def test_the_map_of_a_row_can_be_read(plotted, key, lang):
    sheet = plotted(key, lang)
    check_readable(sheet, (200, 140))
    assert "A4" not in words(sheet)
    assert ({"zh": "承诺", "en": "Promise "}[lang] + key) in words(sheet)
    assert {"zh": "图例", "en": "Legend"}[lang] in words(sheet)


@pytest.mark.slow
@pytest.mark.parametrize("invented", [True, False])
def test_the_map_of_a_row_tells_value_target_and_verdict_and_what_is_invented(plotted, invented):
    sheet = plotted("park_coverage", "en", invented=invented)
    told = [text.get_text() for text in writing(sheet)]
    assert "all zones 43.1% · > 85% · ✗ missed" in told
    assert "residential land not covered" in words(sheet)
    assert ("INVENTED DATA, not Suizhou" in told) == ("INVENTED DATA" in told) == invented
    green = {to_hex(p.get_facecolor()) for p in sheet.figure.axes[1].findobj(PathPatch)}
    assert to_hex(PARTS["uncovered"].fill) in green


@pytest.mark.slow
def test_the_map_of_a_row_without_evidence_shows_its_values_by_zone(plotted):
    sheet = plotted("population_density", "en", change=lambda some: [replace(some[0], evidence=None)])
    told = [text.get_text() for text in writing(sheet)]
    assert "5,000 ✓" in told
    assert "15,000 ✗" in told
    fills = [to_hex(p.get_facecolor()) for p in sheet.figure.axes[1].findobj(PathPatch) if p.get_zorder() == 2]
    values = [5000.0, 15000.0, 0.0]
    assert fills == [PALETTE[class_of(value, class_limits(np.array(values), "person/km2"))] for value in values]


@pytest.mark.slow
def test_the_map_of_a_promise_without_data_says_so(plotted):
    sheet = plotted("gdp_growth", "en")
    assert "– no data" in words(sheet)
    assert all(p.get_hatch() for p in sheet.figure.axes[1].findobj(PathPatch) if p.get_zorder() == 2)


@pytest.mark.slow
def test_a_notebook_shows_the_map_of_a_row_whatever_the_users_settings(town):
    result = assessed(*town())
    plain = plot(result.row("road_density"), result.area)._repr_png_()
    with mpl.rc_context({"font.size": 40, "savefig.transparent": True, "figure.facecolor": "black"}):
        kept = dict(mpl.rcParams)
        assert plot(result.row("road_density"), result.area)._repr_png_() == plain
        assert dict(mpl.rcParams) == kept
    assert plain.startswith(b"\x89PNG")


@pytest.mark.slow
def test_the_map_of_a_row_with_evidence_in_another_system_is_an_error(plotted):
    with pytest.raises(LayerError, match=r"park_coverage.*bring it into the system"):
        plotted("park_coverage", change=lambda some: [replace(some[2], evidence=some[2].evidence.to_crs("EPSG:4326"))])


def biggest_map(sheet):
    return max(sheet.figure.axes[1:], key=lambda axes: axes.get_position().width * axes.get_position().height)


def shows(axes, x, y):
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    return west <= x <= east and south <= y <= north


@pytest.mark.slow
def test_a_map_shows_its_whole_subject_however_far_it_lies(town, drawn):
    study, measures = town()
    seats = drawn(
        [shapely.Point(-9000, 500), shapely.Point(1500, 20_000), shapely.LineString([(1500, 500), (1500, 20_000)])],
        part=["county_centre", "county_centre", "route"],
        name=["甲县", "乙县", "乙县"],
    )
    minutes = pd.DataFrame({"minutes": [40.0, np.inf]}, index=pd.Index(["甲县", "乙县"], name="county"))
    region = replace(measures[1], key="commute_1h_region", unit="min", evidence=seats, breakdown=minutes)
    promised = replace(PLAN, targets=(target("commute_1h_region", "<=", 60.0, "min"),))
    sheet = drawn_sheets(replace(study, plan=promised), [region])["roads.commute_1h_region"]
    check_readable(sheet)
    axes = biggest_map(sheet)
    assert all(shows(axes, point.x, point.y) for point in seats.geometry[:2])
    assert all(shows(axes, *corner) for corner in study.area.zones.total_bounds.reshape(2, 2))
    told = [text.get_text() for text in writing(sheet)]
    first = told.index("40")
    assert told[first - 1] == "甲县"
    assert told.count("甲县") == told.count("乙县") == 2  # in the table and on the map
    assert "小汽车最快路线" in told


@pytest.mark.slow
def test_a_map_of_a_small_subject_is_closer_and_says_where_it_lies(town, drawn):
    study, measures = town(tuple(f"第{k}区" for k in range(40)))  # 10 km by 4 km
    columns = {"part": ["dead_end"] * 2, "name": ["东路", "西路"], "reason": ["dead_end"] * 2}
    ends = drawn([shapely.Point(2500, 1500), shapely.Point(2600, 1600)], **columns)
    opened = replace(measures[1], key="dead_ends_opened", unit="count", evidence=ends)
    sheet = drawn_sheets(study, [opened])["roads.dead_ends_opened"]
    check_readable(sheet)
    axes = biggest_map(sheet)
    assert all(shows(axes, point.x, point.y) for point in ends.geometry)
    assert not shows(axes, *study.area.zones.total_bounds[:2])
    assert "本图位置" in words(sheet)
    assert "本图位置" not in words(drawn_sheets(study, [measures[1]])["roads.road_density"])


def test_the_frame_of_a_small_subject_holds_the_parks_of_the_city(town, drawn):
    study, measures = town(tuple(f"第{k}区" for k in range(40)))  # 10 km by 4 km
    columns = {"part": ["uncovered", "park", "park", "service_area"]}
    shapes = [shapely.box(x, y, x + 100, y + 100) for x, y in ((2500, 1500), (4000, 1500), (-3000, 500))]
    served = drawn([*shapes, shapely.Point(4050, 1550).buffer(3000)], **columns)
    frame = frame_of(evidence_layers(row_of(replace(measures[1], evidence=served)), study.area), study.area)
    box, city = shapely.box(*frame), shapely.box(*study.area.zones.total_bounds)
    homes, park, beyond, _ = served.geometry
    assert box.covers(homes)
    assert box.covers(park)
    assert city.contains(shapely.Point(frame[0], park.centroid.y))  # closer than the city, for all the circle
    assert not box.intersects(beyond)


@pytest.mark.slow
def test_stations_are_drawn_and_named_with_what_they_reach(town, drawn):
    study, measures = town()
    stations = drawn([shapely.Point(-2000, 500)], category=["fire_station"], name=["一号站"])
    cells = drawn([shapely.box(100, 100, 200, 200), shapely.box(200, 100, 300, 200)], part=["covered", "uncovered"])
    params = {"category": "fire_station"}
    fire = replace(measures[2], key="emergency_reach.fire", evidence=cells, params=params)
    study = replace(study, area=replace(study.area, facilities=stations))
    sheet = drawn_sheets(study, [fire])["life_circle.emergency_reach.fire"]
    assert shows(biggest_map(sheet), *shapely.get_coordinates(stations.geometry)[0])
    told = [text.get_text() for text in writing(sheet)]
    assert "一号站" in told
    assert "消防站" in told
    assert sheet.stem == "附图03_消防救援可达"


@pytest.mark.slow
@pytest.mark.parametrize(("values", "coloured"), [((0.0, 1.0, 1.0), False), ((0.0, 2.0, 1.0), True)])
def test_zones_are_not_coloured_by_a_count_of_one_thing_or_none(town, drawn, values, coloured):
    study, measures = town(plan=None)
    counts = pd.Series(values, index=study.area.zones.index)
    spots = drawn([shapely.Point(1500, 500)], part=["bank_bare"])
    counted = replace(measures[1], unit="count", by_zone=counts, value=2.0, evidence=spots)
    for sheet in (made for key, made in drawn_sheets(study, [counted]).items() if key.startswith("roads")):
        fills = {to_hex(patch.get_facecolor()) for axes in sheet.figure.axes[1:] for patch in axes.findobj(PathPatch)}
        assert bool(fills & set(PALETTE)) == coloured


@pytest.mark.slow
def test_the_title_block_says_what_the_study_says_and_leaves_the_rest_blank(town, plain):
    study, measures = town()
    blank = [text.get_text() for text in writing(plain("zh")["roads"])]
    for label in ("图名：", "图号：", "编制单位：", "日期：", "审图号："):
        assert label in blank
    assert [text for text in blank if "附图" in text] == [
        "附图05"
    ]  # the number of its file, until the office gives its own
    office = Office("某院", "The office", "2026年11月", "图 4-", "S(2026)001号")
    filled = drawn_sheets(replace(study, office=office), measures)["roads"]
    told = [text.get_text() for text in writing(filled)]
    assert {"某院", "2026年11月", "图 4-05", "S(2026)001号"} <= set(told)
    check_readable(filled)
    in_english = [
        text.get_text() for text in writing(drawn_sheets(replace(study, office=office), measures, "en")["roads"])
    ]
    assert {"The office", "Compiled by: ", "Map approval no.: "} <= {*in_english, *(f"{text} " for text in in_english)}


@pytest.mark.parametrize(("width", "size", "cut"), [(60, 7, False), (50, 6, False), (20, 6, True)])
def test_a_line_is_written_smaller_before_it_is_cut(width, size, cut):
    canvas = blank_canvas(find_fonts(), "en")
    text = "Share of residential land within the service radius"
    canvas.write_within(10, 10, width, text, size=(7, 6))
    [written] = canvas.axes.texts
    assert written.get_fontsize() == size
    assert written.get_text().endswith("…") == cut
    assert cut or written.get_text() == text


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_sheets_on_a3_use_the_larger_paper(town, lang):
    study, measures = town()
    made = drawn_sheets(replace(study, office=Office(paper="A3")), measures, lang)
    for sheet in made.values():
        check_readable(sheet, (420, 297))
    large, small = (
        drawn_sheets(one, measures)["roads.road_density"] for one in (replace(study, office=Office(paper="A3")), study)
    )
    assert "（A3）" in words(large)
    assert "（A4）" in words(small)
    wide, narrow = (biggest_map(sheet).get_window_extent().width for sheet in (large, small))
    assert wide > 1.3 * narrow


@pytest.mark.slow
def test_dates_of_data_are_told_from_dates_of_files(plain, town):
    text = words(plain("zh")["overview"])
    assert "数据日期：a_b$c$.osm.pbf OpenStreetMap 2024-05-06" in text
    assert "文件日期：zones.gpkg 2025-03-04" in text
    study, measures = town()
    files = replace(study, inputs=study.inputs[:1])
    assert "数据日期" not in words(drawn_sheets(files, measures)["overview"])


@pytest.mark.slow
def test_parameters_without_words_for_a_planner_are_not_on_the_sheets(town):
    study, measures = town()
    strange = replace(measures[1], params={**measures[1].params, "beside_outline_m": 20.0, "least_streets_m": 7.0})
    for sheet in drawn_sheets(study, [strange]).values():
        assert "_m" not in words(sheet) + sheet.caption


@pytest.mark.slow
def test_long_notes_run_on_into_what_is_free_and_are_not_cut(town):
    study, measures = town()
    need = "".join(f"第{k}件须知的事项，需要补充。" for k in range(60))
    noted = [measures[0], replace(measures[1], needs=(Text(need, need),))]
    sheet = drawn_sheets(study, noted)["roads"]
    check_readable(sheet)
    written = "".join(text.get_text() for text in writing(sheet))
    assert all(f"第{k}件须知" in written for k in range(60))
    assert min(text.get_fontsize() for text in writing(sheet) if "须知" in text.get_text()) >= 6.2


@pytest.mark.slow
def test_pictures_are_small(plain):
    sheet = plain("zh")["roads.road_density"]
    png = picture(sheet)
    with Image.open(io.BytesIO(png)) as image:
        assert image.mode == "P"
    assert len(png) < 300_000
    assert len(picture(sheet, "pdf")) < 300_000
