"""The web map as text: what the page holds, in which words, that nothing in it is fetched and nothing in it is run."""

import base64
import dataclasses
import hashlib
import json
import re
import runpy
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import folium
import folium.plugins
import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Transformer

import suizhou_geo as sg
from suizhou_geo.assessment.wording import amount
from suizhou_geo.assessment.words import words
from suizhou_geo.errors import InputError, LayerError
from suizhou_geo.geometry.crs import wgs84_to_gcj02
from suizhou_geo.outputs.web_map import cells, city_map, data, evidence_map
from suizhou_geo.outputs.web_map.control import layout_name
from suizhou_geo.outputs.web_map.gaps import LOOKS, facts, ranks, shown_lists
from suizhou_geo.outputs.web_map.geojson import drawing_of
from suizhou_geo.outputs.web_map.panel import missing
from suizhou_geo.outputs.web_map.tiles import SOURCES, shift_grid
from suizhou_geo.standards.catalogue import CHAPTERS, chapter_of
from suizhou_geo.standards.symbology import FIFTHS

TOWN = runpy.run_path(str(Path(__file__).parent / "map_town.py"))
town, result_of = TOWN["town"], TOWN["result_of"]
HOSTILE = (
    "<img src=x onerror=alert(1)></script><script>alert(2)</script><!--`${alert(3)}`\"' {{ 7*191 }}{% raw %}\u2028&amp;"
)
TITLE = "虚构市：规划承诺对照"


def page_of(area, measures, plan, *, findings=(), **asked):
    return city_map(result_of(area, measures, plan, findings), **asked).get_root().render()


class Page(HTMLParser):
    """The elements, attributes, texts and scripts of a page, read as a browser would."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.texts, self.scripts, self.inside = [], [], [], [], ""
        self.layers, self.chapter = [], ""  # (kind, value, shown at first, chapter, name)
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        self.inside = tag
        given = dict(attrs)
        if tag == "script":
            self.scripts.append((given, ""))
        if tag == "input" and "value" in given:
            self.layers.append([given["type"], given["value"], "checked" in given, self.chapter, ""])
        if tag == "details" and given.get("class") == "chapter":
            self.chapter = "?"
        if tag == "fieldset":
            self.chapter = ""

    def handle_endtag(self, _):
        self.inside = ""

    def handle_data(self, text):
        if self.inside == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + text)
        elif self.inside != "style":
            self.texts.append(text)
        if self.inside == "summary" and self.chapter == "?":
            self.chapter = text.rpartition(" ")[0]
        if self.inside == "span" and self.layers and not self.layers[-1][-1]:
            self.layers[-1][-1] = text.strip()

    @property
    def data(self):
        (text,) = [text for attributes, text in self.scripts if attributes.get("id") == "map-data"]
        return json.loads(text)

    @property
    def layer_names(self):
        """The names of the layers in the control, by the value of their button or box."""
        return {value: name for _, value, _, _, name in self.layers}


@pytest.fixture(scope="module")
def benign():
    return town()


@pytest.fixture(scope="module")
def html(benign):
    return page_of(*benign, title=TITLE)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def _degrees(text, crs):
    return gpd.GeoSeries([shapely.from_geojson(text)], crs=4326).to_crs(crs).iloc[0]


# --- nothing is fetched, nothing foreign is run


def test_the_page_names_no_address_a_browser_would_fetch(html, page):
    urls = set(re.findall(r"https?://[^\s\"'<>)]+", html))
    assert urls == {"http://www.w3.org/2000/svg", "https://leafletjs.com"}  # a namespace, and a notice inside Leaflet
    fetching = [a for a in page.attributes if a[1] in ("src", "srcset", "data", "poster", "action", "background")]
    assert fetching == []
    assert not {"link", "img", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    assert all(value.startswith("#") for _, name, value in page.attributes if name == "href")
    style = "".join(re.findall(r"<style>(.*?)</style>", html, flags=re.S))
    assert "leaflet-pane" in style
    assert "url(" not in style
    assert "@import" not in style
    assert "sourceMappingURL" not in html


def test_the_policy_allows_exactly_the_scripts_of_the_page(page):
    (policy,) = [v for t, n, v in page.attributes if t == "meta" and n == "content" and "script-src" in v]
    assert policy.startswith("default-src 'none'")
    hashes = {
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for attributes, text in page.scripts
        if not attributes
    }
    assert len(hashes) == 3
    assert hashes == set(policy.split("script-src ")[1].split())


@pytest.mark.slow
def test_folium_itself_is_left_as_it_was(benign):
    before = (list(folium.Map.default_js), list(folium.Map.default_css), folium.Map._template)
    page_of(*benign, title=TITLE)
    assert (list(folium.Map.default_js), list(folium.Map.default_css), folium.Map._template) == before
    assert "https://" in folium.Map().get_root().render()


@pytest.mark.slow
def test_the_same_input_gives_the_same_page(benign, html):
    assert page_of(*benign, title=TITLE) == html
    assert page_of(*town(), title=TITLE) == html


# --- strangers' text


@pytest.fixture(scope="module")
def hostile():
    odd = ["公园图层是空的" + HOSTILE]
    return Page(page_of(*town(lambda text: text + HOSTILE), title=TITLE + HOSTILE, findings=odd))


@pytest.fixture(scope="module")
def plain():
    """The same page with harmless names of the same length."""
    tail = "甲" * len(HOSTILE)
    odd = ["公园图层是空的" + tail]
    return Page(page_of(*town(lambda text: text + tail), title=TITLE + tail, findings=odd))


def test_hostile_names_add_no_element_attribute_or_script(plain, hostile):
    assert hostile.tags == plain.tags
    assert [a[:2] for a in hostile.attributes] == [a[:2] for a in plain.attributes]
    assert not [a for a in hostile.attributes if a[1].startswith("on")]
    assert [attributes for attributes, _ in hostile.scripts] == [attributes for attributes, _ in plain.scripts]
    assert hostile.scripts[0] == plain.scripts[0]  # Leaflet
    assert hostile.scripts[2] == plain.scripts[2]  # ours


def test_hostile_names_arrive_unchanged_as_text(hostile):
    assert hostile.texts.count(TITLE + HOSTILE) == 2  # the title and the heading
    assert [zone["name"] for zone in hostile.data["zones"]] == [
        name + HOSTILE for name in ("主城区", "城南片区", "城东片区", "高新片区")
    ]
    parks = {label for piece in hostile.data["overlays"]["parks"] for _, label, _ in piece["items"]}
    assert "白云公园" + HOSTILE in parks
    facilities = {label for piece in hostile.data["overlays"]["facilities"] for _, label, _ in piece["items"]}
    assert "幼儿园：第1" + HOSTILE in facilities
    assert hostile.texts.count("城区道路网密度" + HOSTILE) == 1
    assert "说明：a survey of sidewalks" + HOSTILE in hostile.texts


def test_hostile_names_are_text_in_the_control_the_gap_list_and_the_findings(hostile):
    assert "菜市场覆盖率" + HOSTILE in hostile.layer_names.values()
    assert any(text.startswith("1. 滨河路" + HOSTILE + " → ") for text in hostile.texts)
    assert f"2. 青年路{HOSTILE} → 解放路{HOSTILE}" in hostile.texts
    assert "公园图层是空的" + HOSTILE in hostile.texts
    titles = [title for _, _, title, *_ in hostile.data["gaps"]["missing_link"]["items"]]
    assert titles == [f"滨河路{HOSTILE} → 无名支路", f"青年路{HOSTILE} → 解放路{HOSTILE}"]
    assert "1337" not in hostile.scripts[-1][1]


def test_no_angle_bracket_stands_in_the_data(html):
    (text,) = re.findall(r'<script type="application/json" id="map-data">(.*?)</script>', html, flags=re.S)
    assert "<" not in text
    assert "<!--" not in html.split("<body>")[1]


# --- what the page says


def test_the_page_opens_on_the_layout_and_offers_one_layer_per_headline_measure_under_its_chapter(page):
    land, circle, green, roads = (chapter.name.zh for chapter in CHAPTERS)
    radios = [(value, shown, chapter, name) for kind, value, shown, chapter, name in page.layers if kind == "radio"]
    assert radios == [
        ("layout", True, "", "空间格局：一主城+三片区"),
        ("0", False, land, "城市人口密度"),
        ("3", False, circle, "15分钟生活圈服务设施配套达标率"),
        ("4", False, circle, "菜市场覆盖率"),  # not the second definition of park_coverage, nor sidewalks: no number
        ("2", False, green, "公园绿化活动场地服务半径覆盖率"),
        ("1", False, roads, "城区道路网密度"),
        ("5", False, roads, "断头路数量"),
        ("6", False, roads, "居住街区边长超过300m的面积占比"),
    ]
    keys = [measure["key"] for measure in page.data["measures"]]
    assert [chapter_of(keys[int(value)]).name.zh for value, *_ in radios[1:]] == [
        chapter for _, _, chapter, _ in radios[1:]
    ]


def test_gap_layers_stand_in_their_chapters_and_only_the_study_is_shown_at_first(page):
    boxes = [(value, shown, chapter, name) for kind, value, shown, chapter, name in page.layers if kind == "checkbox"]
    green, roads = CHAPTERS[2].name.zh, CHAPTERS[3].name.zh
    assert [box for box in boxes if box[0].startswith("gap_")] == [
        ("gap_unserved_homes", False, green, "公园未覆盖的居住用地"),
        ("gap_missing_link", False, roads, "缺失路段"),
        ("gap_dead_end", False, roads, "断头处"),
        ("gap_superblock_residential", False, roads, "超限居住街区（边长超过300m）"),
    ]
    first = [value for value, shown, *_ in boxes if shown and not value.startswith(("part_", "kind_"))]
    assert first == ["labels", "parks", "barriers", "roads"]
    assert "facilities" in page.layer_names


def test_facilities_are_offered_by_their_kind_in_the_colour_of_their_circle(page):
    pieces = page.data["overlays"]["facilities"]
    kinds = {value: name for value, name in page.layer_names.items() if value.startswith("kind_")}
    assert kinds == {f"kind_{k}": piece["kind"] for k, piece in enumerate(pieces)}
    assert list(kinds.values()) == [
        *("初中", "卫生服务中心(社区医院)", "小学", "菜市场或生鲜超市", "公交车站", "幼儿园", "市区级医院"),
    ]
    colours = {(piece["legend"], piece["style"]["fillColor"]) for piece in pieces}
    assert len(colours) == len({legend for legend, _ in colours}) == 4
    assert all(label.startswith(piece["kind"]) for piece in pieces for _, label, _ in piece["items"])


@pytest.mark.slow
def test_many_parts_of_one_measure_fold_away(benign):
    area, measures, plan = benign
    services = [dataclasses.replace(measures[5], key=f"service_coverage.s{k}", name_zh=f"服务{k}") for k in range(4)]
    for count, folded in ((3, False), (4, True)):
        html = page_of(area, [*measures[:2], *services[:count]], plan, title=TITLE)
        assert ("<summary>分项 (4)</summary>" in html) == folded
        assert ("服务2" in html.split("<summary>分项")[0].split('id="layers"')[1]) != folded


def test_each_zone_has_one_label_and_stands_where_it_is(benign, page):
    area = benign[0]
    assert [zone["name"] for zone in page.data["zones"]] == area.zones["name"].tolist()
    assert [zone["role"] for zone in page.data["zones"]] == ["主城", "片区", "片区", "片区"]
    for zone, shape in zip(page.data["zones"], area.zones.geometry, strict=True):
        drawn = _degrees(zone["g"], area.crs)
        assert drawn.symmetric_difference(shape).area < 0.001 * shape.area
        lat, lon = zone["at"]
        label = gpd.GeoSeries(gpd.points_from_xy([lon], [lat]), crs=4326).to_crs(area.crs).iloc[0]
        assert shape.buffer(-0.2 * np.sqrt(shape.area)).contains(label)


def test_coordinates_have_six_decimals_at_most(page):
    text = json.dumps([page.data["zones"], page.data["overlays"]])
    degrees = [float(number) for number in re.findall(r"\b(?:31|113)\.\d+", text)]
    assert len(degrees) > 1000
    assert all(round(number, 6) == number or abs(round(number, 6) - number) < 1e-12 for number in degrees)
    assert len(re.findall(r"\.\d{7,}", text)) < len(degrees) / 200  # a last bit now and then


def test_zones_are_told_met_missed_cannot_tell_and_no_data_in_words_with_a_symbol(page):
    told = {
        measure["key"]: [zone["values"][k][3] for zone in page.data["zones"]]
        for k, measure in enumerate(page.data["measures"])
    }
    assert told["population_density"] == ["✗ 未达到", "✓ 达到", "✓ 达到", "– 缺数据"]
    assert told["road_density"] == ["✓ 达到", "✗ 未达到", "✗ 未达到", "✗ 未达到"]
    assert told["park_coverage"] == [
        "✓ 达到",
        "? 无法判定",
        "? 无法判定",
        "? 无法判定",
    ]  # parks may be missing on the map
    assert told["life_circle_compliance"] == ["? 无法判定"] * 4  # no baseline
    assert told["service_coverage.market"] == [""] * 4  # no promise
    assert [zone["values"][0][0] for zone in page.data["zones"]] == [
        "10,240 人/km²",
        "7,300 人/km²",
        "6,100 人/km²",
        "—",
    ]


def test_the_legend_names_target_unit_and_five_classes(page):
    density, roads, parks = page.data["measures"][:3]
    assert density["target"] == "不超过 10,000 人/km²"
    assert density["unit"] == "人/km²"
    assert density["gaps"]
    assert [row[1] for row in density["classes"]] == [
        "6,000 – 7,000",
        "7,000 – 8,000",
        "8,000 – 9,000",
        "9,000 – 10,000",
        "目标 10,000 ↑达到",
        "10,000 – 11,000",
    ]
    assert roads["whole"] == "7.61 km/km² ✗ 未达到"
    assert not roads["gaps"]
    assert parks["target"] == "高于 85%"
    assert [row[2] for row in parks["classes"]] == ["", "", "", "", "◀ 目标 ↓达到"]
    assert [zone["values"][2][1] for zone in page.data["zones"]] == [4, 1, 2, 0]
    assert [zone["values"][0][1] for zone in page.data["zones"]] == [4, 1, 0, -1]


def test_the_legend_of_a_count_says_what_is_counted(page):
    ends = next(measure for measure in page.data["measures"] if measure["key"] == "dead_ends")
    assert (ends["whole"].partition(" ")[2].strip(), ends["unit"]) == ("处", "处")


@pytest.mark.slow
def test_the_map_goes_no_deeper_than_there_is_something_to_see(benign):
    assert city_map(result_of(*benign)).options["maxZoom"] == 19


def test_the_scorecard_is_a_table_with_words(page):
    rows = [t for t in page.texts if t.strip()]
    at = len(rows) - 1 - rows[::-1].index("城区道路网密度")
    cells = rows[at : at + 16]
    for wanted in (
        "口径：四级道路中心线",
        "依据：【虚构数据，不是随州】方案 引言「road_density」；GB/T 51328-2018",
        "7.61",
        "km/km²",
        "≥ 8",
        "差 0.39",
        "✗",
        "看图",
        "口径与依据",
    ):
        assert wanted in cells, wanted
    assert " 未达到" in cells
    assert "余量 1,260" in rows
    assert "≥ 1,800亿" in rows
    assert "说明：承诺较2020年增长20%，需要2020年的基数（同一设施清单、半径和范围）才能判定" in rows
    links = [value for tag, name, value in page.attributes if tag == "a" and name == "href"]
    assert links == [
        "#scorecard",
        "#population_density",
        "#road_density",
        "#park_coverage",
        "#life_circle_compliance",
        "#service_coverage.market",
        "#dead_ends",
        "#block_size.residential",
    ]
    tally = [text for text in rows if text.strip() in ("✓ 达到", "✗ 未达到", "? 无法判定", "– 缺数据")]
    assert [t.strip() for t in tally[:4]] == ["✓ 达到", "✗ 未达到", "? 无法判定", "– 缺数据"]
    assert [rows[rows.index(t) + 1] for t in tally[:4]] == ["1", "1", "2", "2"]


@pytest.mark.slow
def test_rounding_never_hides_a_miss():
    assert amount(0.84996, "share", "zh", beside=0.85) == "84.996%"
    assert amount(7.9996, "km/km2", "zh", beside=8.0) == "7.9996 km/km²"
    assert amount(10_000.2, "person/km2", "en", beside=10_000.0) == "10,000.20 persons/km²"
    assert amount(0.1 + 0.2, "share", "zh", beside=0.3) == "30.0%"
    assert amount(np.nan, "share", "zh", beside=0.3) == "—"
    assert amount(np.inf, "km", "zh", beside=0.3) == "∞"
    area, measures, plan = town()
    near = dataclasses.replace(measures[2], value=0.84996, low=np.nan, high=np.nan)
    assert missing(result_of(area, [near], plan).row("park_coverage"), "en") == ("0.004", "points short")


@pytest.mark.slow
def test_the_page_speaks_the_language_asked_for(benign, html):
    english = page_of(*benign, lang="en", title="Invented City")
    assert '<html lang="en">' in english
    assert '<html lang="zh-CN">' in html
    for key, text in words("map").items():
        chinese = text.zh
        if (
            "{" in chinese
            or chinese == text.en
            or key in ("colon", "invented", "invented_tag", "unit", "language", "other_language")
        ):
            continue
        assert f">{chinese}<" not in english, key
        assert f'"{chinese}"' not in english, key
    page = Page(english)
    assert page.layer_names["layout"] == "Layout: one main city + three districts"
    assert "Roads and getting about (6)" in page.texts
    assert [zone["values"][0][3] for zone in page.data["zones"]] == ["✗ missed", "✓ met", "✓ met", "– no data"]
    assert page.data["measures"][1]["target"] == "at least 8 km/km²"


@pytest.mark.slow
def test_invented_data_is_labelled_and_real_data_is_not(html):
    assert html.count("<strong>虚构数据</strong>") == 1
    assert html.count('<div class="stamp" aria-hidden="true">虚构数据</div>') == 1  # and on the map itself
    assert "INVENTED" not in html
    area, measures, plan = town(invented=False)
    real = page_of(area, measures, plan, title="真实市")
    assert "虚构" not in real
    assert "INVENTED" not in real
    assert "© OpenStreetMap 贡献者，ODbL" in real
    assert "OpenStreetMap 贡献者" not in html


def test_the_page_can_be_used_without_a_mouse_and_on_a_phone(page):
    attributes = page.attributes
    (viewport,) = [v for t, n, v in attributes if t == "meta" and n == "content" and "width=device-width" in v]
    assert "user-scalable" not in viewport
    assert "maximum-scale" not in viewport
    assert ("aside", "aria-label", "图层与计分表") in attributes
    assert {"col", "row"} == {v for t, n, v in attributes if t == "th" and n == "scope"}
    assert page.tags.count("h1") == 1
    assert page.tags.count("summary") == page.tags.count("details")
    assert TITLE in page.texts


# --- what is drawn


def test_roads_are_one_shape_per_class_and_keep_their_length(benign, page):
    area = benign[0]
    pieces = {piece["legend"]: piece for piece in page.data["overlays"]["roads"]}
    assert list(pieces) == ["高速公路", "主干路", "次干路", "支路"]
    west, south, east, north = area.zones.total_bounds
    margin = 0.25 * max(east - west, north - south)
    frame = shapely.box(west - margin, south - margin, east + margin, north + margin)
    for legend, road_class in (("主干路", "arterial"), ("支路", "branch")):
        (text,) = pieces[legend]["g"]
        assert json.loads(text)["type"] == "MultiLineString"
        within = shapely.intersection(area.roads.geometry[area.roads["road_class"] == road_class].to_numpy(), frame)
        assert _degrees(text, area.crs).length == pytest.approx(shapely.length(within).sum(), rel=1e-3)


@pytest.mark.slow
def test_buildings_are_not_drawn(benign, html):
    area, measures, plan = benign
    houses = gpd.GeoDataFrame(geometry=area.residential.geometry.buffer(-20), crs=area.crs)
    assert page_of(dataclasses.replace(area, buildings=houses), measures, plan, title=TITLE) == html


@pytest.mark.slow
def test_a_layer_that_was_not_given_is_not_offered(benign):
    area, measures, plan = benign
    bare = dataclasses.replace(area, roads=None, parks=None, barriers=None, facilities=None)
    names = Page(page_of(bare, measures, plan, title=TITLE)).layer_names
    assert not {"roads", "parks", "facilities", "barriers"} & set(names)
    assert names["labels"] == "分区名称"


def test_what_is_behind_a_measure_is_drawn(benign, page):
    area, measures, _ = benign
    land = {m.key: m for m in measures[::-1]}["park_coverage"].evidence.set_index("part").geometry
    pieces = {m["key"]: {piece["overlay"]: piece for piece in m["evidence"]} for m in page.data["measures"]}
    assert set(pieces["park_coverage"]) == {"covered", "service_area"}  # what is not covered is a gap layer
    assert pieces["population_density"] == {}
    for part, piece in pieces["park_coverage"].items():
        assert _degrees(piece["g"][0], area.crs).area == pytest.approx(land[part].area, rel=2e-3)
    legends = [piece["legend"] for piece in page.data["measures"][1]["evidence"]]
    assert legends == ["道路中心线 主干路", "道路中心线 次干路", "道路中心线 支路"]


def _cells(crs, **columns):
    """Four cells of 50 m in a row, the second in two parts, and the zone round them."""
    squares = [shapely.box(441_000 + 60 * k, 3_507_000, 441_050 + 60 * k, 3_507_050) for k in range(4)]
    squares[1] = shapely.MultiPolygon([squares[1], shapely.box(441_060, 3_507_100, 441_110, 3_507_150)])
    return gpd.GeoDataFrame(columns, geometry=squares, crs=crs)


def test_cells_are_written_once_and_each_measure_says_which_class_each_is_in(benign):
    area, measures, plan = benign
    circle = _cells(
        area.crs, part="cell", complied_share=[0.1, 1.0, 0.8, 0.19], area_m2=[2500.0, 5000.0, 2500.0, 2500.0]
    )
    market = _cells(
        area.crs, part=["uncovered", "covered", "partly_covered", "uncovered"], covered_share=[0, 1, 0.5, 0.0]
    )
    circle["persons"] = market["persons"] = [3.0, 7.04, 0.0, 12.5]
    given = [dataclasses.replace(m, evidence=e) for m, e in zip(measures[4:6], (circle, market), strict=True)]
    drawn = Page(page_of(area, given, plan, title=TITLE)).data
    assert len(drawn["sheets"]) == 1
    polygons = _degrees(drawn["sheets"][0]["g"], area.crs).geoms
    assert [round(p.area, -1) for p in polygons] == [2500] * 5
    assert drawn["sheets"][0]["persons"] == [3.0, 7.0, 7.0, 0.0, 12.5]  # of the whole cell, for each of its parts
    assert [m["sheet"] for m in drawn["measures"]] == [0, 0]
    assert [m["digits"] for m in drawn["measures"]] == ["04440", "02210"]
    told = [[(p["digit"], p["overlay"], p["legend"]) for p in m["evidence"]] for m in drawn["measures"]]
    assert told[0] == [("0", "cell", "居住用地，可达设施占 0%–20%"), ("4", "cell", "居住用地，可达设施占 80%–100%")]
    assert told[1] == [
        ("0", "uncovered", "未覆盖的居住用地"),
        ("1", "partly_covered", "部分覆盖的居住用地"),
        ("2", "covered", "已覆盖的居住用地"),
    ]


def test_other_cells_as_many_get_a_sheet_of_their_own(benign):
    area, measures, plan = benign
    market = _cells(area.crs, covered_share=[0.0, 1.0, 0.5, 0.0])
    elsewhere = market.set_geometry(market.translate(500, 500))
    given = [dataclasses.replace(m, evidence=e) for m, e in zip(measures[4:6], (market, elsewhere), strict=True)]
    drawn = Page(page_of(area, given, plan, title=TITLE)).data
    assert [m["sheet"] for m in drawn["measures"]] == [0, 1]
    first, second = (_degrees(sheet["g"], area.crs) for sheet in drawn["sheets"])
    assert second.centroid.x - first.centroid.x == pytest.approx(500, abs=0.2)


def test_cells_of_no_area_and_the_zones_themselves_are_not_drawn_and_other_rows_beside_cells_are(benign):
    area, measures, plan = benign
    rows = _cells(
        area.crs,
        part=["cell", "cell", "zone", "service_area"],
        complied_share=[0.5, 0.5, np.nan, np.nan],
        area_m2=[2500.0, 0.0, np.nan, np.nan],
    )
    given = dataclasses.replace(measures[4], evidence=rows)
    drawn = Page(page_of(area, [given], plan, title=TITLE)).data["measures"][0]
    assert drawn["digits"] == "2"
    assert [piece["overlay"] for piece in drawn["evidence"]] == ["service_area", "cell"]


def test_cells_without_a_share_are_shown_as_other_evidence(benign):
    area, measures, plan = benign
    rows = _cells(area.crs, part="cell", complied_share=[0.5, 0.5, np.nan, np.nan])
    drawn = Page(page_of(area, [dataclasses.replace(measures[4], evidence=rows)], plan, title=TITLE)).data["measures"][
        0
    ]
    assert [(piece["overlay"], piece["legend"]) for piece in drawn["evidence"]] == [
        ("other", "cell"),
        ("cell", "居住用地，可达设施占 40%–60%"),
    ]


def test_centrelines_without_a_class_are_drawn_in_one_style(benign):
    area, measures, plan = benign
    given = dataclasses.replace(measures[1], evidence=measures[1].evidence.drop(columns="road_class"))
    (piece,) = Page(page_of(area, [given], plan, title=TITLE)).data["measures"][0]["evidence"]
    assert (piece["overlay"], piece["legend"], piece["swatch"]) == ("centreline", "道路中心线", "line")


def test_too_many_cells_are_not_drawn_and_the_foot_says_so(benign, html, monkeypatch):
    area, measures, plan = benign
    given = dataclasses.replace(measures[4], evidence=_cells(area.crs, part="cell", complied_share=[0.5] * 4))
    monkeypatch.setattr(cells, "MOST_CELLS", 3)
    crowded = page_of(area, [given], plan, title=TITLE)
    assert "居住用地网格过多" in crowded
    assert "居住用地网格过多" not in html
    assert Page(crowded).data["measures"][0]["evidence"] == []


def test_evidence_of_mixed_kinds_without_parts_or_with_unknown_parts_is_drawn(benign):
    area, measures, plan = benign
    x, y = 441_000, 3_507_000
    shapes = [shapely.Point(x, y), shapely.LineString([(x, y), (x + 900, y)]), shapely.box(x, y, x + 90, y + 90), None]
    mixed = gpd.GeoDataFrame({"note": ["a"] * 4}, geometry=shapes, crs=area.crs)
    odd = mixed.assign(part=["missing_link", "missing_link", None, np.nan])
    for evidence, legends in ((mixed, {"其他分析要素"}), (odd, {"缺失路段", "其他分析要素"})):
        measure = dataclasses.replace(measures[1], evidence=evidence)
        pieces = Page(page_of(area, [measure], plan, title=TITLE)).data["measures"][0]["evidence"]
        assert {piece["legend"] for piece in pieces} == legends
        kinds = [json.loads(text)["type"] for piece in pieces for text in piece["g"]]
        assert sorted(kinds) == ["MultiLineString", "MultiPoint", "MultiPolygon"]


def test_evidence_in_another_crs_is_refused(benign):
    area, measures, plan = benign
    elsewhere = dataclasses.replace(measures[2], evidence=measures[2].evidence.to_crs(4326))
    with pytest.raises(LayerError, match="measure park_coverage: its evidence is in WGS 84"):
        page_of(area, [elsewhere], plan, title=TITLE)


def _off_m(text, source, crs):
    """How far what is drawn, straight in degrees, and its source lie apart, in metres: vertices of either from the other."""
    drawn = gpd.GeoSeries([shapely.segmentize(shapely.from_geojson(text), 0.002)], crs=4326).to_crs(crs).iloc[0]
    if drawn.area:
        drawn, source = drawn.boundary, source.boundary
    ways = ((drawn, source), (source, drawn))
    return max(shapely.distance(shapely.points(shapely.get_coordinates(one)), other).max() for one, other in ways)


def _ragged_park(points=20_000):
    """A park of 400 m whose rim swings 9 m in and out forty times."""
    angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
    rim = 400 + 9 * np.sin(40 * angle)
    return shapely.Polygon(np.column_stack([441_000 + rim * np.cos(angle), 3_507_000 + rim * np.sin(angle)]))


@pytest.mark.slow
def test_nothing_is_drawn_more_than_two_metres_from_its_true_line(benign):
    area, measures, plan = benign
    parks = area.parks.copy()
    parks.geometry = [_ragged_park(), *parks.geometry[1:]]
    area = dataclasses.replace(area, parks=parks)
    html = page_of(area, measures, plan, title=TITLE)
    assert "偏离原线不超过 2 米" in html
    assert len(html.encode()) < 600_000
    drawn = Page(html).data
    frame = shapely.box(*drawing_of(area).frame)
    items = {item[2] or "": item[0] for piece in drawn["overlays"]["parks"] for item in piece["items"]}
    for name, shape in zip(parks["name"].fillna(""), parks.geometry, strict=True):
        assert _off_m(items[name], shape, area.crs) < 2.0, name
    for zone, shape in zip(drawn["zones"], area.zones.geometry, strict=True):
        assert _off_m(zone["g"], shape, area.crs) < 2.0
    streets = {piece["legend"]: piece["g"][0] for piece in drawn["overlays"]["roads"]}
    for legend, road_class in (("高速公路", "motorway"), ("主干路", "arterial"), ("支路", "branch")):
        source = shapely.union_all(area.roads.geometry[area.roads["road_class"] == road_class]).intersection(frame)
        assert _off_m(streets[legend], source, area.crs) < 2.0, legend
    (arterials,) = [piece for piece in drawn["measures"][1]["evidence"] if piece["legend"] == "道路中心线 主干路"]
    source = measures[1].evidence.query("road_class == 'arterial'").union_all()
    assert _off_m(arterials["g"][0], source, area.crs) < 2.0


def test_a_long_straight_border_bends_with_the_ground(drawn):
    """Forty kilometres due east are no straight line in degrees: drawn with its ends alone, it runs 19 m off."""
    zones = drawn([shapely.box(0, 0, 40_000, 1_000)], name="z", role=["main_city"])
    area = sg.StudyArea("t", zones)
    (zone,) = Page(page_of(area, [], None, title=TITLE)).data["zones"]
    assert _off_m(zone["g"], shapely.segmentize(zones.geometry.iloc[0], 500), area.crs) < 2.0


@pytest.mark.slow
def test_what_is_too_much_is_taken_from_the_cells_and_never_from_the_ground(benign, monkeypatch):
    area, measures, plan = benign
    parks = area.parks.copy()
    parks.geometry = [_ragged_park(), *parks.geometry[1:]]
    area = dataclasses.replace(area, parks=parks)
    angle = np.linspace(0, 2 * np.pi, 5_000, endpoint=False)
    rim = 25 + 2 * np.sin(40 * angle)
    round_cells = _cells(area.crs, part="cell", complied_share=[0.5] * 4)
    places = shapely.get_coordinates(shapely.centroid(round_cells.geometry.to_numpy()))
    round_cells.geometry = [
        shapely.Polygon(np.column_stack([x + rim * np.cos(angle), y + rim * np.sin(angle)])) for x, y in places
    ]
    given = dataclasses.replace(measures[4], evidence=round_cells)
    whole = page_of(area, [given], plan, title=TITLE)
    assert "其轮廓另作化简" not in whole
    ground = {key: part for key, part in Page(whole).data.items() if key not in ("measures", "sheets")}
    size = len(json.dumps(ground, ensure_ascii=False))
    for limit, told in ((size + 20_000, "容差 5 米"), (size, "居住用地网格过多")):
        monkeypatch.setattr(data, "MOST_CHARACTERS", limit)
        thin = page_of(area, [given], plan, title=TITLE)
        assert told in thin
        assert {key: part for key, part in Page(thin).data.items() if key not in ("measures", "sheets")} == ground


def test_where_places_are_too_few_is_told_cell_by_cell(benign):
    area, measures, plan = benign
    rows = _cells(area.crs, part=["places_enough", "places_none", "places_short", "places_none"], persons=1.0)
    given = [dataclasses.replace(measures[4], evidence=rows), measures[5]]
    drawn = Page(page_of(area, given, plan, title=TITLE)).data["measures"][0]
    assert drawn["digits"] == "20010"
    assert [(piece["overlay"], piece["legend"]) for piece in drawn["evidence"]] == [
        ("places_none", "步行范围内没有"),
        ("places_short", "有但不足"),
        ("places_enough", "足够"),
    ]


def test_where_another_street_takes_over_is_no_break(benign, drawn):
    area, measures, plan = benign
    ends = drawn([shapely.Point(0, 0), shapely.Point(9, 9)], part="break", broken=[True, False], name="a", gap_m=1.0)
    given = dataclasses.replace(measures[5], key="arterial_grid_north_south", evidence=ends.assign(kind="junction"))
    page = Page(page_of(area, [given], plan, title=TITLE)).data
    assert [piece["legend"] for piece in page["measures"][0]["evidence"]] == ["由其他道路接续处"]
    assert len(page["gaps"]["break"]["items"]) == 1


@pytest.mark.slow
def test_every_promise_that_was_measured_can_be_seen_on_the_map(benign):
    area, measures, plan = benign
    whole = dataclasses.replace(measures[0], by_zone=measures[0].by_zone * np.nan)  # neither zones nor evidence
    page = Page(page_of(area, [whole, *measures[1:]], plan, title=TITLE))
    rows = result_of(area, [whole, *measures[1:]], plan).rows
    links = {value for tag, name, value in page.attributes if tag == "a" and name == "href"}
    promised = {f"#{row.key}" for row in rows if row.status and row.has_data}
    assert "#population_density" in promised
    assert promised <= links
    first = page.data["measures"][0]
    assert (first["classes"], first["gaps"], first["whole"]) == ([], False, "8,740 人/km² ✓ 达到")
    assert {tuple(zone["values"][0]) for zone in page.data["zones"]} == {("", -1, "", "")}
    assert "#sidewalk_compliance" not in links  # no number


def test_names_that_stand_twice_stay_apart_in_the_control(benign):
    area, measures, plan = benign
    twins = [dataclasses.replace(m, name_zh="同名", profile="甲", key=f"k{i}") for i, m in enumerate(measures[:3])]
    names = Page(page_of(area, twins, plan, title=TITLE)).layer_names
    assert [names[k] for k in "012"] == ["同名", "同名 (甲)", "同名 (甲) [k2]"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("roles", "chinese", "english"),
    [
        (["main_city"], "空间格局", "Layout"),
        (["main_city", "district"], "空间格局：一主城+一片区", "Layout: one main city + one district"),
        (["main_city"] * 2 + ["district"] * 12, "空间格局：二主城+12片区", "Layout: two main cities + 12 districts"),
    ],
)
def test_the_layout_is_named_after_its_zones(drawn, roles, chinese, english):
    zones = drawn([shapely.box(k, 0, k + 1, 1) for k in range(len(roles))], name="z", role=roles)
    area = dataclasses.replace(
        town()[0], zones=zones, roads=None, parks=None, residential=None, facilities=None, barriers=None
    )
    assert layout_name(area, "zh") == chinese
    assert layout_name(area, "en") == english


def test_an_empty_scorecard_and_no_measures_still_make_a_page(benign):
    area = dataclasses.replace(benign[0], roads=benign[0].roads.iloc[:0])
    page = Page(page_of(area, [], None, title=TITLE))
    assert page.layer_names == {
        "layout": "空间格局：一主城+三片区",
        "labels": "分区名称",
        "parks": "公园",
        "barriers": "河流、铁路等阻隔",
        "facilities": "设施",
    } | {value: name for value, name in page.layer_names.items() if value.startswith("kind_")}
    assert page.data["measures"] == []


# --- gaps


@pytest.fixture(scope="module")
def places(benign):
    return {some.key: some for some in shown_lists(result_of(*benign))}


def test_missing_links_come_in_their_rank_with_what_is_known_of_each(places, page):
    links = places["missing_link"]
    assert links.titles("zh") == ["滨河路 → 无名支路", "青年路 → 解放路"]
    assert ranks(links) == [1, 2]
    first, second = (facts(links, row, "zh") for row in links.records)
    assert second == [
        ["道路等级", "支路"],
        ["需新建", "316 m"],
        ["现在绕行", "2,000 m"],
        ["缩短", "1,684 m"],
        ["出行缩短的人口", "1,234 人"],
        ["须穿越", "铁路（汉丹铁路）"],
    ]
    assert ["现在绕行", "≥ 6,000 m"] in first  # as far as anybody looked
    assert "出行缩短的人口" not in [label for label, _ in first]  # not known, so not told
    told = page.data["gaps"]["missing_link"]["items"]
    assert [item[4] for item in told] == [first, second]
    english = facts(links, links.records[1], "en", only=LOOKS["missing_link"].brief)
    assert english == [
        ["to build", "316 m"],
        ["shorter by", "1,684 m"],
        ["persons whose way shortens", "1,234 persons"],
        ["has to cross", "railway (汉丹铁路)"],
    ]


def test_gaps_stand_where_they_are(benign, page):
    area, measures, _ = benign
    rows = {m.key: m for m in measures}["dead_ends"].evidence
    links = rows[rows["part"] == "missing_link"].sort_values("rank").geometry
    for (shape, *_, middle), link in zip(page.data["gaps"]["missing_link"]["items"], links, strict=True):
        assert _degrees(shape, area.crs).hausdorff_distance(link) < 0.2
        lat, lon = middle
        at = gpd.GeoSeries(gpd.points_from_xy([lon], [lat]), crs=4326).to_crs(area.crs).iloc[0]
        assert at.distance(link.interpolate(0.5, normalized=True)) < 0.2
    ends = [_degrees(item[0], area.crs) for item in page.data["gaps"]["dead_end"]["items"]]
    starts = [shapely.Point(line.coords[0]) for line in rows[rows["part"] == "dead_end"].geometry]
    assert [end.distance(start) < 0.2 for end, start in zip(ends, starts, strict=True)] == [True, True]


def test_dead_ends_that_do_not_count_are_evidence_and_not_a_gap(places, page):
    assert places["dead_end"].titles("zh") == ["青年路", "无名次干路（近解放路）"]
    assert facts(places["dead_end"], places["dead_end"].records[0], "zh") == [
        ["判定", "断头：前方有路未接"],
        ["道路等级", "支路"],
        ["前方阻隔", "铁路（汉丹铁路）"],
        ["距上一交叉口", "411 m"],
    ]
    (behind,) = [m["evidence"] for m in page.data["measures"] if m["key"] == "dead_ends"]
    assert [piece["overlay"] for piece in behind] == ["explained_end"]


def test_superblocks_are_coloured_in_fifths_of_their_rank(benign, places, page):
    blocks = page.data["gaps"]["superblock_residential"]
    count = len(places["superblock_residential"])
    assert count == (len(benign[0].residential) + 1) // 2  # every other block, from the first
    assert [item[3] for item in blocks["items"]] == list(range(1, count + 1))
    assert [group["style"]["fillColor"] for group in blocks["groups"]] == list(FIFTHS)
    fifth = [item[1] for item in blocks["items"]]
    assert fifth == sorted(fifth)
    sizes = np.bincount(fifth)
    assert sizes.max() - sizes.min() <= 1
    assert blocks["groups"][0]["legend"] == f"超限居住街区（边长超过300m）：第1–{sizes[0]}位"
    assert blocks["groups"][4]["legend"] == f"第{count - sizes[4] + 1}–{count}位"
    (behind,) = [m["evidence"] for m in page.data["measures"] if m["key"] == "block_size.residential"]
    assert [piece["overlay"] for piece in behind] == ["block"]  # those within the limit
    title = blocks["items"][0][2]
    assert re.fullmatch(r"解放路附近（.*区）", title)


def test_homes_no_park_serves_are_places_with_persons_the_most_first(benign, drawn):
    area, measures, _ = benign
    homes = [shapely.box(x, 0, x + 100, 100) for x in (0, 120, 400)]  # the first two are one place: 20 m apart
    people = [shapely.box(-10, -10, 230, 110), shapely.box(390, -10, 510, 110)]
    small = dataclasses.replace(
        area,
        residential=drawn(homes),
        population=drawn(people, persons=[30.0, 70.0]),
        facilities=None,
        parks=None,
        barriers=None,
    )
    park = dataclasses.replace(measures[2], evidence=drawn(homes, part=["uncovered"] * 3))
    (found,) = shown_lists(result_of(small, [park], None))
    assert found.key == "unserved_homes"
    assert [round(row["persons"], 6) for row in found.records] == [70.0, 30.0]
    assert [round(row["area_ha"], 6) for row in found.records] == [1.0, 2.0]
    nobody = dataclasses.replace(small, population=None)
    (found,) = shown_lists(result_of(nobody, [park], None))
    assert [round(row["area_ha"], 6) for row in found.records] == [2.0, 1.0]
    assert facts(found, found.records[0], "zh") == [["未覆盖居住用地", "2 公顷"]]


def test_uncovered_cells_stay_with_their_measure(benign):
    area, measures, plan = benign
    cells_only = _cells(area.crs, part="uncovered", covered_share=[0, 0, 0, 0.0], persons=1.0, area_ha=0.25)
    given = dataclasses.replace(measures[2], evidence=cells_only)
    drawn = Page(page_of(area, [given], plan, title=TITLE)).data
    assert drawn["gaps"] == {}
    assert [piece["overlay"] for piece in drawn["measures"][0]["evidence"]] == ["uncovered"]


def test_breaks_of_both_directions_are_told_once_and_only_where_the_street_is_broken(benign, drawn):
    points = [shapely.Point(k * 100, 0) for k in range(3)]
    rows = drawn(
        points,
        part="break",
        name=["解放路"] * 3,
        broken=[True, False, True],
        kind=["railway", "junction", "unknown"],
        barrier_name=["汉丹铁路", None, None],
        gap_m=[56.3, np.nan, np.nan],
    )
    both = [
        dataclasses.replace(benign[1][1], key=f"arterial_grid_{way}", evidence=rows)
        for way in ("north_south", "east_west")
    ]
    (found,) = shown_lists(result_of(benign[0], both, None))
    assert [facts(found, row, "zh") for row in found.records] == [
        [["原因", "铁路（汉丹铁路）"], ["断开", "56 m"]],
        [["原因", "原因不明"]],
    ]


@pytest.mark.slow
def test_an_interruption_is_one_point_between_its_two_banks(benign, drawn):
    area, measures, plan = benign
    banks = [shapely.Point(east, 50) for east in (20, 60)]
    rows = drawn(
        banks,
        part=["break"] * 2,
        name=["解放路"] * 2,
        direction=["east_west"] * 2,
        broken=[True] * 2,
        kind=["river"] * 2,
        barrier_name=["府河"] * 2,
        gap_m=[40.0] * 2,
    )
    grid = dataclasses.replace(measures[1], key="arterial_grid_east_west", evidence=rows)
    (item,) = Page(page_of(area, [grid], plan, title=TITLE)).data["gaps"]["break"]["items"]
    shape = json.loads(item[0])
    assert shape["type"] == "Point"
    moved = Transformer.from_crs(4326, area.crs, always_xy=True).transform(*shape["coordinates"])
    assert moved == pytest.approx((rows.geometry.x.mean(), rows.geometry.y.mean()), abs=0.2)


def test_promised_roads_are_shown_although_their_measure_has_no_zones(benign, drawn):
    area, measures, plan = benign
    rows = drawn([shapely.LineString([(0, 0), (1, 0)])], part=["dead_end"], name=["裕民大道"], reason="dead_end")
    nowhere = dataclasses.replace(
        measures[5], key="dead_ends_opened", evidence=rows, by_zone=measures[5].by_zone * np.nan
    )
    page = Page(page_of(area, [nowhere], plan, title=TITLE))
    assert [measure["key"] for measure in page.data["measures"]] == ["dead_ends_opened"]
    assert page.data["gaps"]["promised_road"]["measures"] == ["dead_ends_opened"]
    assert [item[2] for item in page.data["gaps"]["promised_road"]["items"]] == ["裕民大道"]
    elsewhere = dataclasses.replace(nowhere, evidence=rows.to_crs(4326))
    with pytest.raises(LayerError, match="measure dead_ends_opened: its evidence is in WGS 84"):
        page_of(area, [elsewhere], plan, title=TITLE)


def test_the_gap_list_names_the_best_first_and_says_how_many_more_there_are(page, places):
    buttons = [text for text in page.texts if re.match(r"\d+\. ", text)]
    assert buttons[:2] == ["1. 滨河路 → 无名支路", "2. 青年路 → 解放路"]
    assert "需新建 316 m · 缩短 1,684 m · 出行缩短的人口 1,234 人 · 须穿越 铁路（汉丹铁路）" in page.texts
    hidden = len(places["superblock_residential"]) - 15
    assert f"另有 {hidden} 处，见地图图层" in page.texts
    listed = [int(v) for t, n, v in page.attributes if n == "data-place"]
    assert listed[:2] == [0, 1]
    assert {v for t, n, v in page.attributes if n == "data-gap"} == {
        "missing_link",
        "superblock_residential",
        "unserved_homes",
    }


@pytest.mark.slow
def test_what_the_list_beside_the_map_tells_are_columns_of_the_places(invented_city):
    measure = sg.dead_ends(invented_city.area)
    for gaps in shown_lists(result_of(invented_city.area, [measure], None)):
        brief = LOOKS[gaps.key].brief
        assert [column.key for column in gaps.some(brief)] == list(brief)
        assert ranks(gaps) == (list(range(1, len(gaps) + 1)) if gaps.key == "missing_link" else [0] * len(gaps))


@pytest.mark.slow
def test_findings_are_shown_where_there_are_any(benign, html):
    page = Page(page_of(*benign, title=TITLE, findings=["人口栅格覆盖不全", "道路无名"]))
    assert "输入数据的疑点 (2)" in page.texts
    assert "人口栅格覆盖不全" in page.texts
    assert "输入数据的疑点" not in html


# --- names that can be searched


@pytest.mark.slow
def test_every_named_street_can_be_found_by_its_lines(benign):
    area, measures, plan = benign
    named = area.roads.assign(name=[f"路{k % 7}" if k % 3 else None for k in range(len(area.roads))])
    data_ = Page(page_of(dataclasses.replace(area, roads=named), measures, plan, title=TITLE)).data
    west, south, east, north = drawing_of(area).frame
    for name in ("路0", "路4"):
        found = []
        for piece in data_["overlays"]["roads"]:
            lines = json.loads(piece["g"][0])["coordinates"]
            found += [
                lines[k] for n, first, count in piece["streets"] if n == name for k in range(first, first + count)
            ]
        drawn = _degrees(json.dumps({"type": "MultiLineString", "coordinates": found}), area.crs)
        wanted = shapely.clip_by_rect(named[named["name"] == name].union_all(), west, south, east, north)
        assert drawn.length == pytest.approx(wanted.length, rel=1e-3)
        assert drawn.hausdorff_distance(wanted) < 5
    assert not [street for piece in data_["overlays"]["roads"] for street in piece["streets"] if not street[0]]


# --- tiles


@pytest.mark.slow
def test_without_tiles_the_page_knows_no_host_and_with_them_exactly_one(benign, html):
    assert json.loads(re.findall(r'id="map-data">(.*?)</script>', html, flags=re.S)[0])["tiles"] is None
    for name, source in SOURCES.items():
        page = Page(page_of(*benign, title=TITLE, tiles=name, tianditu_key="0a1b2c3d4e" if source.needs_key else None))
        (policy,) = [v for t, n, v in page.attributes if t == "meta" and n == "content" and "script-src" in v]
        assert re.findall(r"img-src ([^;]*);", policy) == [f"data: {source.host}"]
        assert policy.count("http") == 1
        assert {url.split("/")[2] for url in page.data["tiles"]["urls"]} == {source.host.removeprefix("https://")}
        assert page.data["tiles"]["attribution"] == source.attribution
        assert (page.data["tiles"]["shift"] is not None) == (name == "amap")
        assert any(source.host.removeprefix("https://") in text for text in page.texts)
        assert [value for _, value, shown, *_ in page.layers if shown and not value.startswith(("part_", "kind_"))] == [
            "layout",
            "labels",
        ]


@pytest.mark.parametrize(
    ("tiles", "key", "message"),
    [
        ("google", None, "tiles 'google' are not one of osm, amap, tianditu"),
        ("tianditu", None, "need tianditu_key"),
        ("tianditu", 'x"></script><script>', "need tianditu_key"),
        ("osm", "0a1b2c3d4e", "take no key"),
        (None, "0a1b2c3d4e", "no tiles of it"),
    ],
)
def test_tiles_nobody_has_are_refused(benign, tiles, key, message):
    with pytest.raises(InputError, match=message):
        page_of(*benign, title=TITLE, tiles=tiles, tianditu_key=key)


def _shift_at(grid, lon, lat):
    """The grid read as the page reads it, written anew: bilinear between the four nodes around."""
    west, south, east, north = grid["box"]
    nodes, table = grid["nodes"], np.array(grid["shifts"]).reshape(grid["nodes"], grid["nodes"], 2)
    x, y = (lon - west) / (east - west) * (nodes - 1), (lat - south) / (north - south) * (nodes - 1)
    i, j = np.clip(np.floor([x, y]).astype(int), 0, nodes - 2)
    u, v = x - i, y - j
    return (
        (1 - u) * (1 - v) * table[j, i]
        + u * (1 - v) * table[j, i + 1]
        + (1 - u) * v * table[j + 1, i]
        + u * v * table[j + 1, i + 1]
    )


def test_the_grid_of_shifts_gives_gcj02_to_half_a_metre(benign):
    drawing = drawing_of(benign[0])
    grid = shift_grid(drawing)
    west, south, east, north = grid["box"]
    rng = np.random.default_rng(3)
    for lon, lat in zip(rng.uniform(west, east, 200), rng.uniform(south, north, 200), strict=True):
        (there_lon,), (there_lat,) = wgs84_to_gcj02(np.array([lon]), np.array([lat]))
        off = _shift_at(grid, lon, lat) - [there_lon - lon, there_lat - lat]
        assert np.hypot(off[0] * 111_320 * np.cos(np.radians(lat)), off[1] * 110_900) < 0.5
    assert 400 < np.hypot(*(np.array(grid["shifts"][0]) * [95_000, 110_900])) < 800  # metres: the shift at Suizhou


def test_the_shift_changes_by_five_metres_a_kilometre_at_most(benign):
    grid = shift_grid(drawing_of(benign[0]))
    west, south, east, north = grid["box"]
    metres = np.array(grid["shifts"]).reshape(grid["nodes"], grid["nodes"], 2) * [95_000, 110_900]
    wide_km, high_km = (east - west) * 95 / (grid["nodes"] - 1), (north - south) * 110.9 / (grid["nodes"] - 1)
    assert np.hypot(*np.moveaxis(np.diff(metres, axis=1), -1, 0)).max() / wide_km < 5
    assert np.hypot(*np.moveaxis(np.diff(metres, axis=0), -1, 0)).max() / high_km < 5


@pytest.mark.slow
def test_outside_china_amap_is_not_shifted(drawn):
    zones = drawn([shapely.box(0, 0, 900, 900)], name="z", role=["main_city"]).set_crs(
        "EPSG:27700", allow_override=True
    )
    area = dataclasses.replace(
        town()[0],
        zones=zones.set_geometry(zones.translate(-100_000, -3_300_000)),
        roads=None,
        parks=None,
        residential=None,
        facilities=None,
        barriers=None,
    )
    assert shift_grid(drawing_of(area)) is None


# --- a folium map: shown, saved, added to


def _guests(city):
    square = {"type": "Polygon", "coordinates": [[[113.36, 31.67], [113.4, 31.67], [113.4, 31.7], [113.36, 31.67]]]}
    folium.GeoJson(square, name="地块", tooltip="地块", style_function=lambda _: {"color": "red"}).add_to(city)
    group = folium.FeatureGroup("踏勘").add_to(city)
    folium.Marker([31.72, 113.42], popup="站点\r\n二", tooltip="火车站", icon=folium.DivIcon(html="站")).add_to(group)
    folium.CircleMarker([31.73, 113.38]).add_to(group)
    folium.LayerControl().add_to(city)
    return city


@pytest.mark.slow
def test_the_map_is_foliums_and_shows_in_a_notebook_as_it_is_saved(benign, html, tmp_path):
    city = city_map(result_of(*benign), title=TITLE)
    assert isinstance(city, folium.Map)
    city.save(tmp_path / "map.html")
    assert (tmp_path / "map.html").read_bytes() == html.encode()
    (inside,) = re.findall(r'<iframe srcdoc="(.*?)"', city._repr_html_(), flags=re.S)
    assert unescape(inside) == html


@pytest.mark.slow
def test_a_map_with_layers_added_is_the_same_however_often_it_is_rendered_or_made(benign):
    city = _guests(city_map(result_of(*benign), title=TITLE))
    page = city.get_root().render()
    assert city.get_root().render() == page
    assert _guests(city_map(result_of(*benign), title=TITLE)).get_root().render() == page
    assert page.count("火车站") == page.count(json.dumps("地块")) == 1
    assert not re.findall("[0-9a-f]{32}", Page(page).scripts[-1][1])


@pytest.mark.slow
def test_the_policy_allows_the_scripts_of_added_layers_as_a_browser_reads_them(benign):
    city = _guests(city_map(result_of(*benign), title=TITLE))
    city.get_root().header.add_child(folium.Element('<script type="text/javascript">let planner = 1;</script>'))
    page = Page(city.get_root().render())
    (policy,) = [v for t, n, v in page.attributes if t == "meta" and n == "content" and "script-src" in v]
    scripts = [text.replace("\r\n", "\n") for attributes, text in page.scripts if attributes.get("id") != "map-data"]
    assert len(scripts) == 4
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts]
    assert policy.split("script-src ")[1].split() == hashes


@pytest.mark.slow
@pytest.mark.parametrize(
    ("element", "file"),
    [
        (folium.Marker([31.7, 113.4], icon=folium.Icon(color="red")), "leaflet.awesome-markers.js"),
        (folium.Marker([31.7, 113.4], icon=folium.CustomIcon("https://example.org/a.png")), "example.org/a.png"),
        (folium.TileLayer("OpenStreetMap"), "tile.openstreetmap.org"),
        (folium.WmsTileLayer("https://example.org/wms", layers="a"), "example.org/wms"),
        (folium.plugins.MarkerCluster([[31.7, 113.4]]), "leaflet.markercluster.js"),
        (folium.LinearColormap(["red", "blue"]), "d3.min.js"),
        (folium.JavascriptLink("https://example.org/a.js"), "example.org/a.js"),
    ],
)
def test_what_would_have_to_be_fetched_is_refused_by_name(benign, element, file):
    city = city_map(result_of(*benign), title=TITLE)
    element.add_to(city)
    with pytest.raises(InputError, match=re.escape(file)) as caught:
        city.get_root().render()
    assert "asks for nothing over the network" in str(caught.value)
    with pytest.raises(InputError, match=re.escape(file)):
        city._repr_html_()


@pytest.mark.slow
def test_shapes_beside_the_page_are_refused(benign, tmp_path):
    (tmp_path / "plots.json").write_text('{"type": "Point", "coordinates": [113.4, 31.7]}')
    city = city_map(result_of(*benign), title=TITLE)
    folium.GeoJson(str(tmp_path / "plots.json"), embed=False).add_to(city)
    with pytest.raises(InputError, match=r"plots\.json"):
        city.get_root().render()


@pytest.mark.slow
def test_one_refusal_does_not_spoil_the_next_map(benign, html):
    city = city_map(result_of(*benign), title=TITLE)
    city.add_js_link("plugin", "https://example.org/plugin.js")
    with pytest.raises(InputError, match=r"plugin\.js"):
        city.get_root().render()
    assert page_of(*benign, title=TITLE) == html


# --- the map of one row


def _evidence_page(result, row, **asked):
    return Page(evidence_map(row, result.area, **asked).get_root().render())


@pytest.mark.slow
def test_the_map_of_a_row_has_value_target_and_verdict_for_a_title_and_nothing_of_other_rows(benign, page):
    result = result_of(*benign)
    (alone,) = [m for m in page.data["measures"] if m["key"] == "park_coverage"]
    drawn = _evidence_page(result, result.row("park_coverage"))
    assert drawn.texts.count("公园绿化活动场地服务半径覆盖率：41.2% · 目标 高于 85% · ? 无法判定") == 2
    assert drawn.data["measures"] == [alone]
    assert list(drawn.data["gaps"]) == ["unserved_homes"]
    assert drawn.data["overlays"] == page.data["overlays"]
    assert drawn.texts.count("虚构数据") == 2
    english = _evidence_page(result, result.row("dead_ends"), lang="en")
    assert english.texts.count("dead ends: 2") == 2
    assert list(english.data["gaps"]) == ["missing_link", "dead_end"]


def test_the_map_of_another_definition_and_of_a_promise_without_a_measure(benign):
    result = result_of(*benign)
    (other,) = result.row("park_coverage").other_definitions
    assert _evidence_page(result, other).data["measures"][0]["whole"] == "38.0% ✗ 未达到"
    promise = _evidence_page(result, result.row("project_investment"))
    assert promise.data["measures"] == []
    assert promise.texts.count("谋划可实施项目总投资：— · 目标 不低于 1,800亿元 · – 缺数据") == 2


@pytest.mark.slow
def test_evidence_is_drawn_although_no_zone_has_a_value(benign):
    area, measures, plan = benign
    nowhere = dataclasses.replace(measures[2], by_zone=measures[2].by_zone * np.nan)
    (drawn,) = _evidence_page(
        result_of(area, [nowhere], plan), result_of(area, [nowhere], plan).row("park_coverage")
    ).data["measures"]
    assert drawn["classes"] == []
    assert {piece["overlay"] for piece in drawn["evidence"]} == {"covered", "service_area"}
