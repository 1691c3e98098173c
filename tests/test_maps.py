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
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from suizhou_geo.errors import LayerError
from suizhou_geo.maps import cells, city_map, data, words
from suizhou_geo.maps.data import card_rows, class_limits, class_of, headlines, layout_name, zone_status
from suizhou_geo.wording import amount

town = runpy.run_path(str(Path(__file__).parent / "map_town.py"))["town"]
HOSTILE = (
    "<img src=x onerror=alert(1)></script><script>alert(2)</script><!--`${alert(3)}`\"' {{ 7*191 }}{% raw %}\u2028&amp;"
)
TITLE = "虚构市：规划承诺对照"


class Page(HTMLParser):
    """The elements, attributes, texts and scripts of a page, read as a browser would."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.texts, self.scripts, self.inside = [], [], [], [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        self.inside = tag
        if tag == "script":
            self.scripts.append((dict(attrs), ""))

    def handle_endtag(self, _):
        self.inside = ""

    def handle_data(self, text):
        if self.inside == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + text)
        elif self.inside != "style":
            self.texts.append(text)

    @property
    def data(self):
        (text,) = [text for attributes, text in self.scripts if attributes.get("id") == "map-data"]
        return json.loads(text)

    @property
    def layer_names(self):
        """The names in the layer control, as Leaflet shows them (it takes them for HTML)."""
        script = self.scripts[-1][1]
        found = re.findall(r'^\s*("(?:[^"\\]|\\.)*") : layer_\w+,$', script, flags=re.M)
        return [json.loads(name) for name in found]


@pytest.fixture(scope="module")
def benign():
    return town()


@pytest.fixture(scope="module")
def html(benign):
    return city_map(*benign, title=TITLE)


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


def test_folium_itself_is_left_as_it_was(benign):
    before = (list(folium.Map.default_js), list(folium.Map.default_css), folium.Map._template)
    city_map(*benign, title=TITLE)
    assert (list(folium.Map.default_js), list(folium.Map.default_css), folium.Map._template) == before
    assert "https://" in folium.Map().get_root().render()


def test_the_same_input_gives_the_same_page(benign, html):
    assert city_map(*benign, title=TITLE) == html
    assert city_map(*town(), title=TITLE) == html


# --- strangers' text


@pytest.fixture(scope="module")
def hostile():
    return Page(city_map(*town(lambda text: text + HOSTILE), title=TITLE + HOSTILE))


@pytest.fixture(scope="module")
def plain():
    """The same page with harmless names of the same length."""
    tail = "甲" * len(HOSTILE)
    return Page(city_map(*town(lambda text: text + tail), title=TITLE + tail))


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
    parks = {label for piece in hostile.data["overlays"]["parks"] for _, label in piece["items"]}
    assert "白云公园" + HOSTILE in parks
    facilities = {label for piece in hostile.data["overlays"]["facilities"] for _, label in piece["items"]}
    assert "幼儿园：第1" + HOSTILE in facilities
    assert hostile.texts.count("城区道路网密度" + HOSTILE) == 1
    assert "说明：a survey of sidewalks" + HOSTILE in hostile.texts


def test_hostile_layer_names_are_html_escaped_for_the_control_and_no_template_reads_them(hostile):
    (name,) = [name for name in hostile.layer_names if "菜市场" in name]
    assert "<" not in name
    assert unescape(name) == "菜市场覆盖率" + HOSTILE
    assert "1337" not in hostile.scripts[-1][1]


def test_no_angle_bracket_stands_in_the_data(html):
    (text,) = re.findall(r'<script type="application/json" id="map-data">(.*?)</script>', html, flags=re.S)
    assert "<" not in text
    assert "<!--" not in html.split("<body>")[1]


# --- what the page says


def test_the_page_opens_on_the_layout_and_offers_one_layer_per_headline_measure(page):
    assert page.layer_names[:6] == [
        "空间格局：一主城+三片区",
        "城市人口密度",
        "城区道路网密度",
        "公园绿化活动场地服务半径覆盖率",
        "15分钟生活圈服务设施配套达标率",
        "菜市场覆盖率",  # not the second definition of park_coverage, not sidewalk_compliance: no number anywhere
    ]
    started = re.findall(r"(layer_\w+)\.addTo\(map_city\)", page.scripts[-1][1])
    assert started == [
        "layer_layout",
        *(f"layer_{k}" for k in ("labels", "uncovered", "centreline", "parks", "barriers", "roads")),
    ]


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
        measure["key"]: [zone["values"][k]["verdict"] for zone in page.data["zones"]]
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
    assert [zone["values"][0]["text"] for zone in page.data["zones"]] == [
        "10,240 人/km²",
        "7,300 人/km²",
        "6,100 人/km²",
        "—",
    ]


@pytest.mark.parametrize(
    ("value", "op", "low", "high", "expected"),
    [
        (0.9, ">=", 0.7, 0.7, "met"),
        (0.85, ">=", 0.7, 0.7, "met"),
        (0.85, ">", 0.7, 0.7, "missed"),
        (0.6, ">=", 0.7, 0.7, "missed"),
        (0.6, ">=", 0.7, 1.0, "cannot_tell"),
        (0.9, ">=", 0.7, np.inf, "met"),
        (0.9, ">=", 0.0, 0.7, "cannot_tell"),
        (0.9, "<=", 0.7, 1.0, "missed"),
        (0.6, "<=", 0.7, 1.0, "cannot_tell"),
        (0.6, "<=", np.nan, np.nan, "met"),
        (np.nan, "<=", 0.7, 0.7, "no_data"),
    ],
)
def test_a_zone_is_as_open_as_the_whole_is(value, op, low, high, expected):
    row = {"status": "missed", "op": op, "target": 0.85, "value": 0.7, "low": low, "high": high}
    assert zone_status(value, row) == expected


def test_a_zone_without_promise_or_target_gets_no_verdict():
    assert zone_status(0.5, None) == ""
    assert zone_status(0.5, {"status": ""}) == ""
    assert (
        zone_status(0.5, {"status": "cannot_tell", "op": ">=", "target": np.nan, "value": 0.4, "low": 0.4, "high": 0.4})
        == "cannot_tell"
    )


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
        "目标 10,000",
        "10,000 – 11,000",
    ]
    assert roads["whole"] == "7.61 km/km² ✗ 未达到"
    assert not roads["gaps"]
    assert parks["target"] == "高于 85%"
    assert [row[2] for row in parks["classes"]] == ["", "", "", "", "◀ 目标"]
    assert [zone["values"][2]["class"] for zone in page.data["zones"]] == [4, 1, 2, 0]
    assert [zone["values"][0]["class"] for zone in page.data["zones"]] == [4, 1, 0, -1]


def test_classes_of_shares_stay_within_all_and_part_zones_that_differ():
    limits = class_limits(np.array([0.83, 0.902, 0.935, 0.862]), "share")
    assert [class_of(v, limits) for v in (0.83, 0.862, 0.902, 0.935)] == [0, 1, 3, 4]
    assert 0.85 in limits  # the target parts the zone that misses it from those that meet it
    rng = np.random.default_rng(8)
    for _ in range(300):
        values = np.clip(rng.normal(rng.uniform(), rng.uniform(0, 0.4), size=rng.integers(1, 9)), 0, 1)
        limits = class_limits(values, "share")
        assert limits[0] >= 0
        assert limits[5] <= 1
        assert limits[0] <= values.min() + 1e-9
        assert limits[5] >= values.max() - 1e-9
        assert np.diff(limits).min() >= 0.025 - 1e-9
    assert class_limits(np.array([0.887]), "share") == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]


def test_every_value_lies_in_the_class_it_is_coloured_by():
    rng = np.random.default_rng(7)
    for _ in range(300):
        values = rng.normal(size=rng.integers(1, 9)) * 10.0 ** rng.integers(-3, 6) + rng.integers(-2, 3) * 100
        limits = class_limits(values, "km/km2")
        assert len(limits) == 6
        assert np.allclose(np.diff(limits), limits[1] - limits[0])
        assert limits[1] > limits[0]
        for value in values:
            k = class_of(value, limits)
            assert limits[k] - 1e-9 * abs(limits[k]) <= value <= limits[k + 1] * (1 + np.sign(limits[k + 1]) * 1e-9)
        assert len({class_of(v, limits) for v in values} | {0}) <= 5
        spread = values.max() - values.min()
        assert spread == 0 or limits[5] - limits[0] <= 4 * spread  # the classes are not far wider than the values


def test_a_share_of_exactly_a_limit_goes_to_the_upper_class():
    limits = class_limits(np.array([0.0, 1.0]), "share")
    assert [class_of(v, limits) for v in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)] == [0, 1, 2, 3, 4, 4]


def test_the_scorecard_is_a_table_with_words(page):
    rows = [t for t in page.texts if t.strip()]
    at = rows.index("城区道路网密度")
    cells = rows[at : at + 16]
    for wanted in (
        "口径：四级道路中心线",
        "依据：GB/T 51328-2018",
        "7.61",
        "km/km²",
        "≥ 8",
        "0.39",
        "差",
        "✗",
        "看图",
        "口径与依据",
    ):
        assert wanted in cells, wanted
    assert " 未达到" in cells
    assert "1,260" in rows
    assert "余" in rows
    assert "≥ 1,800亿" in rows
    assert "说明：the value of 2020" in rows
    links = [value for tag, name, value in page.attributes if tag == "a" and name == "href"]
    assert links == [
        "#population_density",
        "#road_density",
        "#park_coverage",
        "#life_circle_compliance",
        "#service_coverage.market",
    ]
    tally = [text for text in rows if text.strip() in ("✓ 达到", "✗ 未达到", "? 无法判定", "– 缺数据")]
    assert [t.strip() for t in tally[:4]] == ["✓ 达到", "✗ 未达到", "? 无法判定", "– 缺数据"]
    assert [rows[rows.index(t) + 1] for t in tally[:4]] == ["1", "1", "2", "2"]


def test_rounding_never_hides_a_miss():
    assert amount(0.84996, "share", "zh", beside=0.85) == "84.996%"
    assert amount(7.9996, "km/km2", "zh", beside=8.0) == "7.9996 km/km²"
    assert amount(10_000.2, "person/km2", "en", beside=10_000.0) == "10,000.20 persons/km²"
    assert amount(0.1 + 0.2, "share", "zh", beside=0.3) == "30.0%"
    assert amount(np.nan, "share", "zh", beside=0.3) == "—"
    assert amount(np.inf, "km", "zh", beside=0.3) == "∞"
    assert words.missing(0.00004, ">=", "share", "en")[0] == "0.004"


def test_the_page_speaks_the_language_asked_for(benign, html):
    english = city_map(*benign, lang="en", title="Invented City")
    assert '<html lang="en">' in english
    assert '<html lang="zh-CN">' in html
    for key, (chinese, said) in words.WORDS.items():
        if "{" in chinese or chinese == said or key in ("colon", "invented", "unit"):
            continue
        assert f">{chinese}<" not in english, key
        assert f'"{chinese}"' not in english, key
    page = Page(english)
    assert page.layer_names[0] == "Layout: one main city + three districts"
    assert [zone["values"][0]["verdict"] for zone in page.data["zones"]] == ["✗ missed", "✓ met", "✓ met", "– no data"]
    assert page.data["measures"][1]["target"] == "at least 8 km/km²"


def test_invented_data_is_labelled_and_real_data_is_not(html):
    assert "虚构数据 / INVENTED DATA" in html
    area, measures, card = town(invented=False)
    real = city_map(area, measures, card, title="真实市")
    assert "虚构" not in real
    assert "INVENTED" not in real
    for page in (html, real):
        assert "© OpenStreetMap contributors, ODbL" in page


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


def test_buildings_are_not_drawn(benign, html):
    area, measures, card = benign
    houses = gpd.GeoDataFrame(geometry=area.residential.geometry.buffer(-20), crs=area.crs)
    assert city_map(dataclasses.replace(area, buildings=houses), measures, card, title=TITLE) == html


def test_a_layer_that_was_not_given_is_not_offered(benign):
    area, measures, card = benign
    bare = dataclasses.replace(area, roads=None, parks=None, barriers=None, facilities=None)
    names = Page(city_map(bare, measures, card, title=TITLE)).layer_names
    assert not {"道路", "公园", "设施", "河流、铁路等阻隔"} & set(names)
    assert "分区名称" in names


def test_what_is_behind_a_measure_is_drawn(benign, page):
    area, measures, _ = benign
    land = {m.key: m for m in measures[::-1]}["park_coverage"].evidence.set_index("part").geometry
    pieces = {m["key"]: {piece["overlay"]: piece for piece in m["evidence"]} for m in page.data["measures"]}
    assert set(pieces["park_coverage"]) == {"covered", "uncovered", "service_area"}
    assert pieces["population_density"] == {}
    for part, piece in pieces["park_coverage"].items():
        assert _degrees(piece["g"][0], area.crs).area == pytest.approx(land[part].area, rel=2e-3)
    legends = [piece["legend"] for piece in page.data["measures"][1]["evidence"]]
    assert legends == ["中心线 主干路", "中心线 次干路", "中心线 支路"]


def _cells(crs, **columns):
    """Four cells of 50 m in a row, the second in two parts, and the zone round them."""
    squares = [shapely.box(441_000 + 60 * k, 3_507_000, 441_050 + 60 * k, 3_507_050) for k in range(4)]
    squares[1] = shapely.MultiPolygon([squares[1], shapely.box(441_060, 3_507_100, 441_110, 3_507_150)])
    return gpd.GeoDataFrame(columns, geometry=squares, crs=crs)


def test_cells_are_written_once_and_each_measure_says_which_class_each_is_in(benign):
    area, measures, card = benign
    circle = _cells(
        area.crs, part="cell", complied_share=[0.1, 1.0, 0.8, 0.19], area_m2=[2500.0, 5000.0, 2500.0, 2500.0]
    )
    market = _cells(
        area.crs, part=["uncovered", "covered", "partly_covered", "uncovered"], covered_share=[0, 1, 0.5, 0.0]
    )
    given = [dataclasses.replace(m, evidence=e) for m, e in zip(measures[4:6], (circle, market), strict=True)]
    drawn = Page(city_map(area, given, card, title=TITLE)).data
    assert len(drawn["sheets"]) == 1
    polygons = _degrees(drawn["sheets"][0], area.crs).geoms
    assert [round(p.area, -1) for p in polygons] == [2500] * 5
    assert [m["sheet"] for m in drawn["measures"]] == [0, 0]
    assert [m["digits"] for m in drawn["measures"]] == ["04440", "02210"]
    told = [[(p["digit"], p["overlay"], p["legend"]) for p in m["evidence"]] for m in drawn["measures"]]
    assert told[0] == [("0", "cell", "设施到达 0%–20% 的居住用地"), ("4", "cell", "设施到达 80%–100% 的居住用地")]
    assert told[1] == [
        ("0", "uncovered", "未覆盖的居住用地"),
        ("1", "uncovered", "部分覆盖的居住用地"),
        ("2", "covered", "已覆盖的居住用地"),
    ]


def test_other_cells_as_many_get_a_sheet_of_their_own(benign):
    area, measures, card = benign
    market = _cells(area.crs, covered_share=[0.0, 1.0, 0.5, 0.0])
    elsewhere = market.set_geometry(market.translate(500, 500))
    given = [dataclasses.replace(m, evidence=e) for m, e in zip(measures[4:6], (market, elsewhere), strict=True)]
    drawn = Page(city_map(area, given, card, title=TITLE)).data
    assert [m["sheet"] for m in drawn["measures"]] == [0, 1]
    first, second = (_degrees(text, area.crs) for text in drawn["sheets"])
    assert second.centroid.x - first.centroid.x == pytest.approx(500, abs=0.2)


def test_cells_of_no_area_and_the_zones_themselves_are_not_drawn_and_other_rows_beside_cells_are(benign):
    area, measures, card = benign
    rows = _cells(
        area.crs,
        part=["cell", "cell", "zone", "service_area"],
        complied_share=[0.5, 0.5, np.nan, np.nan],
        area_m2=[2500.0, 0.0, np.nan, np.nan],
    )
    given = dataclasses.replace(measures[4], evidence=rows)
    drawn = Page(city_map(area, [given], card, title=TITLE)).data["measures"][0]
    assert drawn["digits"] == "2"
    assert [piece["overlay"] for piece in drawn["evidence"]] == ["service_area", "cell"]


def test_cells_without_a_share_are_shown_as_other_evidence(benign):
    area, measures, card = benign
    rows = _cells(area.crs, part="cell", complied_share=[0.5, 0.5, np.nan, np.nan])
    drawn = Page(city_map(area, [dataclasses.replace(measures[4], evidence=rows)], card, title=TITLE)).data["measures"][
        0
    ]
    assert [(piece["overlay"], piece["legend"]) for piece in drawn["evidence"]] == [
        ("other", "cell"),
        ("cell", "设施到达 40%–60% 的居住用地"),
    ]


def test_centrelines_without_a_class_are_drawn_in_one_style(benign):
    area, measures, card = benign
    given = dataclasses.replace(measures[1], evidence=measures[1].evidence.drop(columns="road_class"))
    (piece,) = Page(city_map(area, [given], card, title=TITLE)).data["measures"][0]["evidence"]
    assert (piece["overlay"], piece["legend"], piece["swatch"]) == ("centreline", "中心线", "line")


def test_too_many_cells_are_not_drawn_and_the_foot_says_so(benign, html, monkeypatch):
    area, measures, card = benign
    given = dataclasses.replace(measures[4], evidence=_cells(area.crs, part="cell", complied_share=[0.5] * 4))
    monkeypatch.setattr(cells, "MOST_CELLS", 3)
    crowded = city_map(area, [given], card, title=TITLE)
    assert "居住用地格数过多" in crowded
    assert "居住用地格数过多" not in html
    assert Page(crowded).data["measures"][0]["evidence"] == []


def test_evidence_of_mixed_kinds_without_parts_or_with_unknown_parts_is_drawn(benign):
    area, measures, card = benign
    x, y = 441_000, 3_507_000
    shapes = [shapely.Point(x, y), shapely.LineString([(x, y), (x + 900, y)]), shapely.box(x, y, x + 90, y + 90), None]
    mixed = gpd.GeoDataFrame({"note": ["a"] * 4}, geometry=shapes, crs=area.crs)
    odd = mixed.assign(part=["missing_link", "missing_link", None, np.nan])
    for evidence, legends in ((mixed, {"依据"}), (odd, {"缺失路段", "依据"})):
        measure = dataclasses.replace(measures[1], evidence=evidence)
        pieces = Page(city_map(area, [measure], card, title=TITLE)).data["measures"][0]["evidence"]
        assert {piece["legend"] for piece in pieces} == legends
        kinds = [json.loads(text)["type"] for piece in pieces for text in piece["g"]]
        assert sorted(kinds) == ["MultiLineString", "MultiPoint", "MultiPolygon"]


def test_evidence_in_another_crs_is_refused(benign):
    area, measures, card = benign
    elsewhere = dataclasses.replace(measures[2], evidence=measures[2].evidence.to_crs(4326))
    with pytest.raises(LayerError, match="measure park_coverage: its evidence is in WGS 84"):
        city_map(area, [elsewhere], card, title=TITLE)


def test_the_tolerance_grows_until_the_page_is_small_and_the_foot_says_so(benign, html, monkeypatch):
    assert "化简容差 2 米" in html
    assert len(html.encode()) < 600_000
    area, measures, card = benign
    ragged = area.parks.copy()
    angle = np.linspace(0, 2 * np.pi, 20_000, endpoint=False)
    rim = 400 + 9 * np.sin(40 * angle)
    x, y = 441_000 + rim * np.cos(angle), 3_507_000 + rim * np.sin(angle)
    ragged.geometry = [shapely.Polygon(np.column_stack([x, y])), *ragged.geometry[1:]]
    monkeypatch.setattr(data, "MOST_CHARACTERS", 135_000)
    small = city_map(dataclasses.replace(area, parks=ragged), measures, card, title=TITLE)
    (tolerance,) = re.findall(r"化简容差 (\d+) 米", small)
    assert int(tolerance) > 2


def test_names_that_stand_twice_stay_apart_in_the_control(benign):
    area, measures, card = benign
    twins = [dataclasses.replace(m, name_zh="同名", profile="甲", key=f"k{i}") for i, m in enumerate(measures[:3])]
    names = Page(city_map(area, twins, card, title=TITLE)).layer_names
    assert names[1:4] == ["同名", "同名 (甲)", "同名 (甲) [k2]"]


def test_only_the_first_of_each_key_with_any_number_is_a_headline(benign):
    keys = [(m.key, m.profile) for m in headlines(benign[1])]
    assert keys == [
        (m.key, m.profile) for m in benign[1] if m.profile != "2010/2021" and m.key != "sidewalk_compliance"
    ]


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
    page = Page(city_map(area, [], benign[2].iloc[:0], title=TITLE))
    assert page.layer_names[0] == "空间格局：一主城+三片区"
    assert "道路" not in page.layer_names
    assert page.data["measures"] == []


def test_card_rows_turn_what_is_missing_into_empty_text_and_nan():
    card = pd.DataFrame({"key": ["a"], "needs": [None], "target": [None], "status": [np.nan], "value": [1]})
    (row,) = card_rows(card)
    assert row["needs"] == row["status"] == ""
    assert np.isnan(row["target"])
    assert row["value"] == 1.0
