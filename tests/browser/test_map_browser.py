"""The web map in headless Chromium with the network cut: it draws, it can be worked, and no name in it runs."""

import dataclasses
import json
import re
import runpy
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
import rasterio
from pyproj import Geod

from suizhou_geo.geometry.crs import wgs84_to_gcj02
from suizhou_geo.outputs.web_map import city_map
from suizhou_geo.outputs.web_map.tiles import SOURCES
from suizhou_geo.standards.symbology import FIFTHS, GROUND, PALETTE, PARTS, ROADS, ROLES

pytestmark = pytest.mark.browser

RUN = "document.title='ran'"
HOSTILE = f'<img src=x onerror="{RUN}"></script><script>{RUN}</script>`${{{RUN}}}`{{{{ 7*7 }}}}$&'
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
ZONES = ("主城区", "城南片区", "城东片区", "高新片区")
# what is on the map: a sum over all pixels of the canvas, and how many labels and badges
STATE = """() => {
  const canvas = document.querySelector('.leaflet-overlay-pane canvas');
  const seen = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let sum = 7;
  for (let i = 0; i < seen.length; i++) sum = (sum * 31 + seen[i]) | 0;
  return [sum, document.querySelectorAll('.leaflet-marker-icon').length].join();
}"""
TOWN = runpy.run_path(str(Path(__file__).parents[1] / "map_town.py"))
town, result_of = TOWN["town"], TOWN["result_of"]
geod = Geod(ellps="WGS84")


def page_of(area, measures, plan, *, findings=(), **asked):
    return city_map(result_of(area, measures, plan, findings), **asked).get_root().render()


@pytest.fixture(scope="module")
def html():
    return page_of(*town(), title="虚构市：规划承诺对照", findings=["人口栅格覆盖不全"])


def over_ground(colour, opacity):
    """Return what a colour looks like on the ground of the map."""
    both = np.array([[int(c[k : k + 2], 16) for k in (1, 3, 5)] for c in (colour, GROUND)], dtype=float)
    return both[0] * opacity + both[1] * (1 - opacity)


def count_like(picture, colour, *, within=3):
    return int((np.abs(picture.astype(float) - colour).max(axis=-1) <= within).sum())


def marked(picture):
    """How much of the map is yellow, also where a popup throws its shadow."""
    red, green, blue = np.moveaxis(picture[:, :950].astype(int), -1, 0)
    return int(((red > 190) & (green > 150) & (blue < 40)).sum())


def state(page):
    page.evaluate(FRAMES)
    return page.evaluate(STATE)


def unfold(page):
    page.evaluate("document.querySelectorAll('.panel details').forEach((part) => { part.open = true; })")


def choose(page, value):
    page.locator(f"#layers input[value='{value}']").check()


def stand_still(page):
    """Wait until the map stands still: what is pressed while it moves is no click to Leaflet."""
    page.wait_for_function("() => !map_city._panAnim || !map_city._panAnim._inProgress")
    page.evaluate(FRAMES)


def on_screen(page, lat, lon):
    """Where a place of the map is on the page, once the map stands still."""
    stand_still(page)
    x, y = page.evaluate(
        "([lat, lon]) => { const at = map_city.latLngToContainerPoint([lat, lon]); return [at.x, at.y]; }", [lat, lon]
    )
    box = page.locator("#map_city").bounding_box()
    return box["x"] + x, box["y"] + y


def facts_of(page):
    return dict(
        page.evaluate("[...document.querySelectorAll('.facts tr')].map((r) => [...r.cells].map((c) => c.textContent))")
    )


# --- it loads and draws


def test_the_layout_is_drawn_beside_its_scorecard_and_nothing_is_asked_for(browse, html):
    seen = browse(html)
    picture = seen.picture()
    assert seen.asked == [seen.uri]
    assert (seen.failed, seen.heard) == ([], [])
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 1000
    for role in ROLES.values():
        assert count_like(picture[:, :950], over_ground(role.fill, 0.85)) > 15_000
    assert seen.page.locator(".zone-label b").all_inner_texts() == list(ZONES)
    legend = seen.page.locator(".legend").inner_text()
    for words in ("主城", "片区", "河流、水面", "铁路"):
        assert words in legend
    assert picture[:, 970:].std() > 20  # the panel holds something
    table = seen.page.locator("#scorecard table")
    assert table.is_visible()
    assert table.locator("thead th").all_inner_texts() == ["指标", "现状", "目标", "差距", "结论"]
    assert table.locator("tbody th[scope=row]").count() == 4
    assert seen.page.evaluate("document.documentElement.lang") == "zh-CN"


def test_a_measure_colours_the_zones_and_changes_the_legend(browse, html):
    seen = browse(html, fragment="#population_density")
    picture, legend = seen.picture(), seen.page.locator(".legend").inner_text()
    assert seen.heard == []
    for words in ("目标：不超过 10,000 人/km²", "全部分区：8,740 人/km² ✓ 达到", "目标 10,000"):
        assert words in legend
    for k in (4, 1, 0):  # 10,240, 7,300 and 6,100 persons per km2 in classes of 1,000 from 6,000
        assert count_like(picture[:, :950], over_ground(PALETTE[k], 0.85)) > 4_000, k
    assert count_like(picture[:, :950], over_ground(ROLES["district"].fill, 0.85)) < 2_000
    assert count_like(picture[:, :950], over_ground(ROADS["arterial"][0], 1.0), within=14) > 3_000  # streets on top
    labels = seen.page.locator(".zone-label").all_inner_texts()
    assert "10,240 人/km² ✗ 未达到" in labels[0]
    assert "– 缺数据" in labels[3]


def test_cells_are_coloured_by_their_class_and_tell_who_lives_there(browse, html):
    seen = browse(html, fragment="#service_coverage.market")
    picture, page = seen.picture(), seen.page
    legend = page.locator(".legend").inner_text()
    assert "未覆盖的居住用地" in legend
    assert "部分覆盖的居住用地" in legend
    parts = ("uncovered", "partly_covered", "covered")
    shade = {part: count_like(picture[:, :950], over_ground(PARTS[part].fill, 0.85)) for part in parts}
    assert min(shade["uncovered"], shade["partly_covered"]) > 4_000
    assert shade["covered"] < 3_500  # what is covered is not shown until asked for
    measure, sheet = page.evaluate("[data.measures.find((m) => m.key === 'service_coverage.market'), data.sheets[0]]")
    polygons = json.loads(sheet["g"])["coordinates"]
    k = next(i for i, digit in enumerate(measure["digits"]) if digit == "1" and sheet["persons"][i] == 4.0)
    lon, lat = np.mean(polygons[k][0][:-1], axis=0).tolist()
    page.evaluate("([lat, lon]) => map_city.setView([lat, lon], 16, {animate: false})", [lat, lon])
    page.mouse.click(*on_screen(page, lat, lon))
    told = page.locator(".leaflet-popup-content .home").inner_text()
    assert told == "居住用地网格：部分覆盖的居住用地\n居住人口：4.0"
    assert page.locator(".leaflet-popup-content tbody tr").first.inner_text().startswith("菜市场覆盖率")


def test_every_layer_draws_something_and_goes_away_again(browse, html):
    seen = browse(html)
    page = seen.page
    unfold(page)
    layout = state(page)
    boxes = page.evaluate(
        "[...document.querySelectorAll('#layers label:not([hidden]) input[type=checkbox]')].map((b) => b.value)"
        ".filter((value) => !value.startsWith('kind_'))"
    )
    assert {"labels", "parks", "barriers", "roads", "facilities"} < set(boxes)
    assert {"gap_missing_link", "gap_dead_end", "gap_superblock_residential", "gap_unserved_homes"} < set(boxes)
    for value in boxes:
        box = page.locator(f"#layers input[value='{value}']")
        before = box.is_checked()
        box.set_checked(not before)
        assert state(page) != layout, value
        box.set_checked(before)
        assert state(page) == layout, value
    drawn = {"layout": layout}
    for value in page.evaluate("data.measures.map((_, k) => String(k))"):
        choose(page, value)
        drawn[value] = state(page)
        own = page.evaluate("[...document.querySelectorAll('#behind label:not([hidden]) input')].map((b) => b.value)")
        for part in own:
            box = page.locator(f"#layers input[value='{part}']")
            before = box.is_checked()
            box.set_checked(not before)
            assert state(page) != drawn[value], (value, part)
            box.set_checked(before)
            assert state(page) == drawn[value], (value, part)
    assert len(set(drawn.values())) == len(drawn) == 8
    choose(page, "layout")
    assert state(page) == layout
    assert seen.asked == [seen.uri]
    assert [words for words in seen.heard if "getImageData" not in words] == []  # that is this test's own


def test_a_measure_brings_its_own_gaps_and_takes_them_away_unless_they_were_asked_for(browse, html):
    page = browse(html).page
    unfold(page)
    link, block = (page.locator(f"input[value=gap_{key}]") for key in ("missing_link", "superblock_residential"))
    page.evaluate("location.hash = '#dead_ends'")
    page.wait_for_function("() => document.querySelector('input[value=gap_missing_link]').checked")
    assert not block.is_checked()
    assert "缺失路段" in page.locator(".legend").inner_text()
    block.check()
    choose(page, "layout")
    assert (link.is_checked(), block.is_checked()) == (False, True)
    assert "缺失路段" not in page.locator(".legend").inner_text()


# --- what is told of zones and places


def test_the_popup_of_each_zone_lists_its_measures_against_their_targets(browse, html):
    page = browse(html).page
    for k, name in enumerate(ZONES):
        stand_still(page)
        page.locator(".zone-label > div").nth(k).click()
        popup = page.locator(".leaflet-popup-content")
        popup.locator(f"h2:has-text('{name}')").wait_for()
        rows = popup.locator("tbody tr").all_inner_texts()
        wanted = page.evaluate(
            "(k) => data.measures.map((m, i) => [m, i]).filter(([m]) => !m.part)"
            ".map(([m, i]) => [m.name, data.zones[k].values[i][0], m.target, data.zones[k].values[i][3]])",
            k,
        )
        assert len(rows) == 5
        assert [row.split("\t") for row in rows] == wanted
        page.keyboard.press("Escape")
    stand_still(page)
    page.locator(".zone-label > div").nth(1).click()
    second = page.locator(".leaflet-popup-content").filter(has_text=ZONES[1])
    assert second.locator("tbody tr").nth(1).inner_text() == "城区道路网密度\t6.90 km/km²\t不低于 8 km/km²\t✗ 未达到"
    assert page.locator(".leaflet-popup-close-button").get_attribute("aria-label") == "关闭"


def test_a_click_on_the_map_opens_the_zone_under_it(browse):
    area, measures, plan = town()
    turned = dataclasses.replace(area, zones=area.zones.iloc[::-1])  # 城东 lies east of 主城 and now comes before it
    page = browse(page_of(turned, measures, plan, title="市")).page
    page.locator("input[value=labels]").uncheck()
    page.locator("input[value=parks]").uncheck()
    for lat, lon, name in page.evaluate("data.zones.map((zone) => [...zone.at, zone.name])"):
        page.evaluate("([lat, lon]) => void map_city.setView([lat, lon], 12, {animate: false})", [lat, lon])
        page.mouse.click(*on_screen(page, lat, lon))
        page.locator(f".leaflet-popup-content h2:has-text('{name}')").wait_for()
        page.keyboard.press("Escape")


def test_a_missing_link_tells_what_is_known_of_it_on_the_map_and_from_the_list(browse, html):
    seen = browse(html)
    page = seen.page
    unfold(page)
    page.locator("input[value=gap_missing_link]").check()
    (title, rank, facts, at) = page.evaluate("(([, , t, r, f, at]) => [t, r, f, at])(data.gaps.missing_link.items[1])")
    page.evaluate("(at) => map_city.setView(at, 15, {animate: false})", at)
    page.mouse.click(*on_screen(page, *at))
    assert page.locator(".leaflet-popup-content h2").inner_text() == title == "青年路 → 解放路"
    wanted = {
        "排名": "2",
        "需新建": "316 m",
        "缩短": "1,684 m",
        "出行缩短的人口": "1,234 人",
        "须穿越": "铁路（汉丹铁路）",
    }
    assert wanted.items() <= facts_of(page).items()
    assert facts_of(page) == {"排名": str(rank), **dict(facts)}
    page.keyboard.press("Escape")
    page.locator("input[value=gap_missing_link]").uncheck()
    page.locator("#gaps button[data-gap=missing_link]").first.click()  # the list shows the layer and goes there
    assert page.locator("input[value=gap_missing_link]").is_checked()
    assert page.locator(".leaflet-popup-content h2").inner_text() == "滨河路 → 无名支路"
    lat, lon = page.evaluate("data.gaps.missing_link.items[0][5]")
    there = page.evaluate("([lat, lon]) => map_city.getBounds().contains([lat, lon]) && map_city.getZoom()", [lat, lon])
    assert there >= 15
    assert page.locator(".badge").all_inner_texts() == ["1", "2"]
    assert marked(seen.picture()) > 100


def test_superblocks_and_dead_ends_are_drawn_to_be_seen_and_told(browse, html):
    seen = browse(html)
    page = seen.page
    unfold(page)
    page.locator("input[value=gap_superblock_residential]").check()
    picture = seen.picture()[:, :950]
    for colour in FIFTHS:  # over the bare ground: zones are not filled under them
        assert count_like(picture, over_ground(colour, 0.75)) > 500, colour
    lat, lon = page.evaluate("data.gaps.superblock_residential.items[0][5]")
    page.mouse.click(*on_screen(page, lat, lon))
    told = facts_of(page)
    assert (told["排名"], told["最长边"], told["穿过中部的新增支路"]) == ("1", "420 m", "255 m")
    page.keyboard.press("Escape")
    page.locator("input[value=gap_superblock_residential]").uncheck()
    page.locator("input[value=gap_dead_end]").check()
    lat, lon = page.evaluate("data.gaps.dead_end.items[0][5]")
    page.mouse.click(*on_screen(page, lat, lon))
    assert page.locator(".leaflet-popup-content h2").inner_text() == "青年路"
    assert facts_of(page)["前方阻隔"] == "铁路（汉丹铁路）"


# --- the tools


def test_names_are_found_by_typing_and_reached_by_arrows_and_enter(browse, html):
    seen = browse(html)
    page = seen.page
    page.locator("#search").focus()
    page.keyboard.type("公园")
    names = page.locator("#found [role=option]").all_inner_texts()
    assert {"白云公园 公园", "花溪公园 公园"} <= set(names)
    assert page.locator("#search").get_attribute("aria-expanded") == "true"
    assert "找到" in page.locator("#search-said").inner_text()
    for query, wanted in (
        ("青年", "青年路 → 解放路 缺失路段"),
        ("解放路", "解放路 道路"),
        ("城东", "城东片区 分区"),
        ("第1", "第1 设施"),
    ):
        page.locator("#search").fill(query)
        options = page.locator("#found [role=option]").all_inner_texts()
        assert any(wanted in option.replace("幼儿园：", "") for option in options), (query, options)
    page.locator("#search").fill("白云")
    before = page.evaluate("map_city.getCenter()")
    page.keyboard.press("ArrowDown")
    assert page.locator("#search").get_attribute("aria-activedescendant") == "found-0"
    assert page.locator("#found-0").get_attribute("aria-selected") == "true"
    page.keyboard.press("Enter")
    assert page.locator("#found").is_hidden()
    park = next(i for piece in page.evaluate("data.overlays.parks") for i in piece["items"] if i[1] == "白云公园")
    lon, lat = np.mean(json.loads(park[0])["coordinates"][0], axis=0).tolist()
    centre = page.evaluate("map_city.getCenter()")
    assert centre != before
    x, y = on_screen(page, lat, lon)
    assert 100 < x < 850
    assert 100 < y < 800
    assert marked(seen.picture()) > 100
    page.locator("#search").fill("没有这个地方")
    assert page.locator("#found").inner_text() == "没有找到"
    page.locator("#search").press("Escape")
    assert page.locator("#found").is_hidden()
    assert seen.asked == [seen.uri]


def test_search_does_not_mind_case_accents_or_full_width_letters(browse):
    area, measures, plan = town()
    parks = area.parks.assign(name=["Parc de la Boverie", "Jardín Botánico", "Ｅｘｐｏ公园", None, "白云 Park"])
    page = browse(page_of(dataclasses.replace(area, parks=parks), measures, plan, title="市")).page
    for query, wanted in (
        ("boverie", "Parc de la Boverie"),
        ("BOTANICO", "Jardín Botánico"),
        ("expo", "Ｅｘｐｏ公园"),
        ("云 p", "白云 Park"),
    ):
        page.locator("#search").fill(query)
        assert page.locator("#found [role=option]").first.inner_text().startswith(wanted), query


def test_distances_and_areas_are_those_of_the_ellipsoid(browse, html):
    page = browse(html).page
    rng = np.random.default_rng(11)
    for lat0, lon0 in ((31.69, 113.38), (51.6, -3.0), (45.8, 126.5), (18.3, 109.5)):
        for size in (0.001, 0.02, 0.2):  # 100 m to 40 km
            points = [(lat0 + y, lon0 + x) for x, y in rng.uniform(-size, size, (5, 2))]
            (lat1, lon1), (lat2, lon2) = points[:2]
            wanted = geod.inv(lon1, lat1, lon2, lat2)[2]
            told = page.evaluate("([a, b]) => ruler.distance(L.latLng(a), L.latLng(b))", points[:2])
            assert told == pytest.approx(wanted, rel=1e-4)
            triangle = points[2:]
            wanted, around = geod.polygon_area_perimeter([p[1] for p in triangle], [p[0] for p in triangle])
            told = page.evaluate("(points) => ruler.area(points.map((p) => L.latLng(p)))", triangle)
            assert told == pytest.approx(abs(wanted), abs=(2e-3 if size > 0.1 else 1e-4) * (around / 4) ** 2)


def test_the_ruler_measures_what_is_clicked_and_escape_ends_it(browse, html):
    page = browse(html).page
    page.locator("#ruler").click()
    assert page.locator("#ruler").get_attribute("aria-pressed") == "true"
    corners = [(500, 300), (700, 300), (700, 600)]
    box = page.locator("#map_city").bounding_box()
    at = [
        page.evaluate("([x, y]) => map_city.containerPointToLatLng([x, y])", [x - box["x"], y - box["y"]])
        for x, y in corners
    ]
    for x, y in corners[:2]:
        page.mouse.click(x, y)
    assert page.locator(".leaflet-popup").count() == 0  # a click measures and tells nothing else
    wanted = geod.inv(at[0]["lng"], at[0]["lat"], at[1]["lng"], at[1]["lat"])[2]
    told = page.locator(".readout strong").inner_text()
    assert float(re.findall(r"距离：([\d.]+) km", told)[0]) * 1000 == pytest.approx(wanted, abs=1)
    page.mouse.click(*corners[2])
    told = page.locator(".readout strong").inner_text()
    wanted += geod.inv(at[1]["lng"], at[1]["lat"], at[2]["lng"], at[2]["lat"])[2]
    assert float(re.findall(r"距离：([\d.]+) km", told)[0]) * 1000 == pytest.approx(wanted, abs=1)
    area = abs(geod.polygon_area_perimeter([p["lng"] for p in at], [p["lat"] for p in at])[0])
    assert float(re.findall(r"面积：([\d.]+) km²", told)[0]) * 1e6 == pytest.approx(area, rel=1e-3)
    page.get_by_role("button", name="撤销一点").click()
    assert "面积" not in page.locator(".readout strong").inner_text()
    page.keyboard.press("Escape")
    assert page.locator(".readout").is_hidden()
    assert page.locator("#ruler").get_attribute("aria-pressed") == "false"
    page.mouse.click(*corners[0])
    assert page.locator(".leaflet-popup").count() == 1


def test_the_ruler_can_be_worked_from_the_keyboard(browse, html):
    page = browse(html).page
    page.locator("#ruler").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # the focus is on the map: a point at its middle
    start = page.evaluate("map_city.getCenter()")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "(lng) => map_city.getCenter().lng > lng && !map_city._panAnim?._inProgress", arg=start["lng"]
    )
    page.keyboard.press("Enter")
    end = page.evaluate("map_city.getCenter()")
    told = page.locator(".readout strong").inner_text()
    figure, unit = re.findall(r"距离：([\d.]+) (k?m)", told)[0]
    wanted = geod.inv(start["lng"], start["lat"], end["lng"], end["lat"])[2]
    assert float(figure) * (1000 if unit == "km" else 1) == pytest.approx(wanted, abs=1)
    page.keyboard.press("Backspace")
    assert "1 点" in page.locator(".readout strong").inner_text()
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "ruler"


def test_the_print_view_has_title_theme_map_legend_source_and_stamp_and_leaves_no_trace(browse, html):
    seen = browse(html, fragment="#road_density")
    page = seen.page
    before = page.evaluate("[map_city.getCenter(), map_city.getZoom(), document.body.innerHTML.length]")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    names = ("h1", ".theme", "#map_city", "body > .legend", ".foot")
    boxes = {name: page.locator(name).bounding_box() for name in names}
    assert all(box and box["width"] > 50 and box["height"] > 15 for box in boxes.values()), boxes
    for name, box in boxes.items():  # on one sheet of 277 x 190 mm
        assert box["x"] + box["width"] <= 277 / 25.4 * 96 + 1, name
        assert box["y"] + box["height"] <= 190 / 25.4 * 96 + 1, name
    assert boxes["body > .legend"]["x"] >= boxes["#map_city"]["x"] + boxes["#map_city"]["width"]
    assert boxes[".foot"]["y"] >= boxes["#map_city"]["y"] + boxes["#map_city"]["height"]
    assert (
        page.locator(".theme").inner_text()
        == "专题：城区道路网密度 · 目标：不低于 8 km/km² · 全部分区：7.61 km/km² ✗ 未达到"
    )
    for hidden in (".tools", "#layers", "#scorecard", "#gaps", ".leaflet-control-zoom"):
        assert page.locator(hidden).is_hidden(), hidden
    for there in (".north", ".leaflet-control-scale", ".stamp", ".invented"):
        assert page.locator(there).is_visible(), there
    assert re.search(r"打印日期：\d{4}/\d", page.locator(".foot").inner_text())
    assert "数据来源：虚构" in page.locator(".foot").inner_text()
    inside = page.evaluate("data.zones.every((zone) => map_city.getBounds().contains(zone.at))")
    assert inside
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("[map_city.getCenter(), map_city.getZoom(), document.body.innerHTML.length]") == before
    assert page.locator("#map_city .legend").is_visible()


def test_printed_to_pdf_it_is_one_sheet_and_not_blank(browse, look, html, tmp_path):
    page = browse(html, fragment="#road_density").page
    unfold(page)
    page.locator("#layers input[value=facilities]").check()  # the longest legend
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    assert re.findall(rb"/MediaBox\s*\[0 0 (\d+)", pdf)[0] in (b"841", b"842")  # A4 lying
    pdftoppm = shutil.which("pdftoppm")
    if pdftoppm is None:
        pytest.skip("no pdftoppm to look at the sheet with")
    (tmp_path / "map.pdf").write_bytes(pdf)
    first = ("-r", "90", "-png", "-f", "1", "-l", "1", "-singlefile", "map.pdf", "sheet")
    subprocess.run([pdftoppm, *first], cwd=tmp_path, check=True)
    picture = look(tmp_path / "sheet.png")
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 500
    assert count_like(picture, over_ground(PALETTE[0], 0.85), within=6) > 1_000  # the map
    right = picture[:, int(picture.shape[1] * 0.76) :]
    assert (right.min(axis=-1) < 120).sum() > 800  # the writing of the legend


# --- what is shown, and what the legend says of it


# the colours of what lies on the map; those of the legend's signs, entry by entry; and of the outlines of those for areas
COLOURS = """() => {
  const plain = (colour) => { const to = document.createElement('i'); to.style.color = colour; return to.style.color; };
  const drawn = new Set();
  map_city.eachLayer((layer) => {
    if (!(layer instanceof L.Path) || !layer._map) return;
    const {fill, fillColor, fillOpacity, stroke, color} = layer.options;
    const dot = layer instanceof L.CircleMarker, area = layer instanceof L.Polygon;
    if (!dot && !area) drawn.add(plain(color));
    else if (fill !== false && fillColor && fillOpacity > 0) drawn.add(plain(fillColor));
    else if (stroke !== false) drawn.add(plain(color));
  });
  const signs = [...document.querySelectorAll('.legend .swatch')];
  const line = (sign) => sign.classList.contains('line');
  return [
    [...drawn], signs.map((sign) => line(sign) ? sign.style.borderTopColor : sign.style.backgroundColor),
    signs.filter((sign) => !line(sign)).map((sign) => sign.style.borderTopColor),
  ];
}"""


def test_the_legend_breaks_a_line_as_the_map_does(browse, html):
    signs = browse(html).page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('.legend li')].filter((li) => li.querySelector('.line'))
          .map((li) => [li.innerText.trim(), getComputedStyle(li.querySelector('.line')).maskImage]))"""
    )
    railway, border, street = signs["铁路"], signs["分区界线"], signs["主干路"]
    assert "0px, rgb(0, 0, 0) 10px, rgba(0, 0, 0, 0) 10px, rgba(0, 0, 0, 0) 13px" in railway
    assert border.count("px") == 8
    assert street == "none"


def test_every_colour_on_the_map_has_one_entry_in_the_legend(browse, html):
    page = browse(html).page
    unfold(page)
    beside = {"rgb(255, 255, 255)", f"rgb{tuple(bytes.fromhex(GROUND[1:]))}"}  # halos and veil
    classes = {f"rgb{tuple(bytes.fromhex(colour[1:]))}" for colour in PALETTE}
    assert page.evaluate("data.measures.length") == 7
    for shown in (False, True):
        if shown:
            page.locator("#layers input[value=facilities]").check()
        for measure in ("layout", *range(7)):
            choose(page, measure)
            for box in page.locator("#behind input:visible").all() if shown else ():
                box.check()
            drawn, told, outlines = page.evaluate(COLOURS)
            assert len(told) == len(set(told)), (measure, told)
            assert set(drawn) <= {*told, *outlines, *beside}, (measure, shown)  # a stream has its river's outline
            assert set(told) <= {*drawn, *classes}, (measure, shown)  # of which some may be empty


def test_zones_are_not_filled_under_the_areas_of_a_measure(browse, html):
    seen = browse(html, fragment="#park_coverage")
    page = seen.page
    fills = "Object.values(map_city._layers).filter((l) => l.feature && l.options.fillOpacity === 0.85).length"
    assert "公园未覆盖的居住用地" in page.locator(".legend").inner_text()
    assert "0% – 20%" not in page.locator(".legend").inner_text()
    assert page.evaluate(fills) == 0
    unfold(page)
    page.locator("#layers input[value=gap_unserved_homes]").uncheck()
    assert "0% – 20%" in page.locator(".legend").inner_text()
    assert page.evaluate(fills) == 4


def test_a_verdict_leaves_its_promises_and_gives_the_others_back(browse, html):
    page = browse(html).page
    unfold(page)
    rows = page.locator("#scorecard tr[data-status]:visible, #unmeasured tr[data-status]:visible")
    assert rows.count() == 6
    missed = page.locator(".tally button[data-status=missed]")
    missed.click()
    assert missed.get_attribute("aria-pressed") == "true"
    assert rows.locator("th").all_inner_texts() == ["城区道路网密度"]
    assert page.locator("#scorecard tr.about:visible").count() == 1
    page.locator(".tally button[data-status=no_data]").click()
    assert set(rows.locator("th").all_inner_texts()) == {"人行道达标率", "谋划可实施项目总投资"}
    assert page.locator("#scorecard table").is_hidden()
    page.locator(".tally button[data-status=no_data]").click()
    assert rows.count() == 6


def test_facilities_are_shown_by_kind(browse, html):
    page = browse(html).page
    unfold(page)
    dots = (
        "Object.values(map_city._layers).filter((l) => l instanceof L.CircleMarker && l.options.radius === 4.5).length"
    )
    assert page.evaluate(dots) == 0
    page.locator("#kinds button[value=none]").click()
    assert page.locator("#layers input[value=facilities]").is_checked()
    assert page.evaluate(dots) == 0
    page.locator("#kinds input[value=kind_2]").check()
    few = page.evaluate("data.overlays.facilities[2].items.length")
    assert page.evaluate(dots) == few > 0
    assert "设施：10分钟生活圈" in page.locator(".legend").inner_text()
    assert "设施：15分钟生活圈" not in page.locator(".legend").inner_text()
    page.locator("#kinds button[value=all]").click()
    assert page.evaluate(dots) == page.evaluate("data.overlays.facilities.flatMap((p) => p.items).length")
    page.locator("#layers input[value=facilities]").uncheck()
    assert page.evaluate(dots) == 0


# --- phones, keyboards, readers


def test_on_a_phone_everything_is_in_reach(browse, html):
    seen = browse(html, size=(390, 844), phone=True)
    page, picture = seen.page, seen.picture()
    assert page.evaluate("[document.documentElement.scrollWidth, document.body.scrollWidth]") == [390, 390]
    shown, panel = page.locator("#map_city").bounding_box(), page.locator(".panel").bounding_box()
    assert shown["height"] > 330
    assert panel["y"] >= shown["y"] + shown["height"] - 1
    assert panel["y"] + panel["height"] <= 845
    split = int(panel["y"])
    assert count_like(picture[:split], over_ground(ROLES["main_city"].fill, 0.85)) > 3_000
    assert picture[split:].std() > 15
    for tool in ("#search", "#ruler", "#print"):
        box = page.locator(tool).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    assert not page.evaluate("document.querySelector('.legend').open")
    page.locator("#gaps summary").nth(1).tap()
    page.locator("#gaps button").first.tap()
    popup = page.locator(".leaflet-popup-content-wrapper").bounding_box()
    page.wait_for_timeout(350)  # the map moves to make room
    popup = page.locator(".leaflet-popup-content-wrapper").bounding_box()
    assert popup["x"] >= 0
    assert popup["x"] + popup["width"] <= 390
    page.locator("#search").fill("公园")
    found = page.locator("#found").bounding_box()
    assert found["x"] >= 0
    assert found["x"] + found["width"] <= 390
    page.locator("#found li").first.tap()
    page.locator("#ruler").tap()
    readout = page.locator(".readout").bounding_box()
    assert readout["height"] < 0.5 * shown["height"]
    assert readout["x"] + readout["width"] <= 390
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_the_keyboard_reaches_everything_and_is_never_trapped(browse, html):
    page = browse(html).page
    unfold(page)
    reached, unseen = [], []
    for _ in range(400):
        page.keyboard.press("Tab")
        here = page.evaluate(
            """() => {
              const node = document.activeElement, style = getComputedStyle(node);
              const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
              const name = node.id || node.className.toString().split(' ')[0] || node.value || node.textContent.trim();
              return [node.tagName, name, outlined, node === document.body];
            }"""
        )
        if here[3] or (len(reached) > 20 and here[1] == "skip"):
            break
        reached.append((here[0], here[1]))
        if not here[2]:
            unseen.append(here)
    else:
        pytest.fail(f"the focus never left the page: {reached[-5:]}")
    assert reached[0] == ("A", "skip")
    names = [name for _, name in reached]
    for wanted in ("search", "ruler", "print", "map_city", "leaflet-control-zoom-in", "layout", "gap_missing_link"):
        assert wanted in names or any(wanted in name for name in names), wanted
    assert names.count("leaflet-marker-icon") == 4  # the zones
    assert sum(tag == "BUTTON" for tag, _ in reached) > 15  # the gap list
    assert unseen == []


def test_the_keyboard_opens_a_zone_chooses_a_layer_and_comes_back(browse, html):
    page = browse(html).page
    page.locator(".zone-label").nth(2).focus()
    page.keyboard.press("Enter")
    assert page.locator(".leaflet-popup h2").inner_text().startswith("城东片区")
    dialog = page.locator(".leaflet-popup")
    assert dialog.get_attribute("role") == "dialog"
    assert dialog.get_attribute("aria-label").startswith("城东片区")
    assert page.evaluate("document.activeElement.className") == "leaflet-popup-content"
    page.keyboard.press("Escape")
    assert page.locator(".leaflet-popup").count() == 0
    assert page.evaluate("document.activeElement.textContent").startswith("城东片区")
    unfold(page)
    page.locator("#layers input[value=layout]").focus()
    page.keyboard.press("ArrowDown")
    assert page.locator("#layers input[value='0']").is_checked()
    assert "城市人口密度" in page.locator(".legend").inner_text()


CONTRAST = """() => {
  const rgb = (text) => {
    const [r, g, b, a] = text.match(/[\\d.]+/g).map(Number);
    return [r, g, b, a === undefined ? 1 : a];
  };
  const light = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const bright = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const behind = (node) => {
    const over = [];
    for (; node; node = node.parentElement) {
      const colour = rgb(getComputedStyle(node).backgroundColor);
      over.push(colour);
      if (colour[3] === 1) break;
    }
    return over.reverse().reduce((low, [r, g, b, a]) => [r, g, b].map((c, i) => c * a + low[i] * (1 - a)), [255, 255, 255]);
  };
  const weak = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || ['SCRIPT', 'STYLE', 'NOSCRIPT'].includes(node.tagName)) continue;
    if (!node.checkVisibility() || node.closest('.zone-label')) continue;
    seen++;
    const [a, b] = [bright(rgb(getComputedStyle(node).color)), bright(behind(node))].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < 4.5) weak.push([node.className, walker.currentNode.data.trim().slice(0, 20), contrast]);
  }
  return [seen, weak];
}"""


def test_all_writing_stands_out_from_what_is_behind_it(browse, html):
    page = browse(html, fragment="#population_density").page
    unfold(page)
    page.locator("input[value=gap_missing_link]").check()
    page.locator("#search").fill("公园")
    page.locator("#ruler").click()
    seen, weak = page.evaluate(CONTRAST)
    assert seen > 200
    assert weak == []
    page.keyboard.press("Escape")
    page.locator(".zone-label").first.press("Enter")
    assert page.evaluate(CONTRAST)[1] == []


def test_what_a_reader_hears_is_named(browse, html):
    page = browse(html).page
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, input, a, summary, table, aside, [role=region], [role=listbox]')]
          .filter((node) => !(node.getAttribute('aria-label') || node.textContent.trim() || node.labels?.length
            && node.labels[0].textContent.trim())).map((node) => node.outerHTML.slice(0, 90))"""
    )
    assert nameless == []
    assert page.locator("fieldset legend").first.inner_text() == "空间格局或某项指标（按章，单选）"
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((node) => node.id)")
    assert len(set(ids)) == len(ids)


# --- strangers' text


def test_no_name_of_a_stranger_runs_even_without_the_policy(browse):
    hostile = page_of(*town(lambda text: text + HOSTILE), title="虚构市" + HOSTILE, findings=["公园" + HOSTILE])
    seen = browse(hostile, policy=False)
    page = seen.page
    unfold(page)
    page.evaluate(
        "document.querySelectorAll('#layers label:not([hidden]) input[type=checkbox]:not(:checked)').forEach((b) => b.click())"
    )
    choose(page, "4")
    shown = {"control": page.locator("#layers").inner_text(), "gap list": page.locator("#gaps").inner_text()}
    shown["findings"] = page.locator("#findings").inner_text()
    shown["labels"] = page.evaluate("document.querySelector('.zone-label').textContent")
    page.locator(".zone-label").first.press("Enter")
    shown["popup of a zone"] = page.locator(".leaflet-popup-content").inner_text()
    page.locator("#gaps button").first.click()
    shown["popup of a link"] = page.locator(".leaflet-popup-content").inner_text()
    page.locator("#search").fill("公园<img")
    shown["search list"] = page.locator("#found").inner_text()
    page.locator("#search").press("Enter")
    page.locator("#search").fill("青年路")
    shown["search list of links"] = page.locator("#found").inner_text()
    shown["legend"] = page.locator(".legend").inner_text()
    page.evaluate(
        "void map_city.eachLayer((layer) => { if (layer.getTooltip && layer.getTooltip()) layer.openTooltip(); })"
    )
    shown["tooltips"] = page.evaluate(
        "[...document.querySelectorAll('.leaflet-tooltip')].map((t) => t.textContent).join()"
    )
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(100)
    assert [place for place, text in shown.items() if HOSTILE not in text] == []
    assert page.title() == "虚构市" + HOSTILE
    assert page.evaluate("document.querySelectorAll('img, [onerror], body script script').length") == 0
    assert (seen.asked, seen.heard) == ([seen.uri], [])


def test_the_policy_stops_what_escaping_would_not(browse, html):
    smuggled = html.replace(
        "</body>", "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script></body>"
    )
    seen = browse(smuggled)
    assert seen.page.title() == "虚构市：规划承诺对照"
    assert len(seen.heard) >= 2  # and the console is heard
    assert browse(smuggled, policy=False).page.title() == "ran"


# --- tiles, when asked for


def _png():
    with rasterio.MemoryFile() as file:
        with file.open(driver="PNG", width=256, height=256, count=3, dtype="uint8") as picture:
            picture.write(np.full((3, 256, 256), 200, dtype=np.uint8))
        return file.read()


def _world_pixel(lon, lat, zoom):
    size = 256 * 2.0**zoom
    return (lon + 180) / 360 * size, (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * size


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize("name", list(SOURCES))
def test_tiles_come_from_their_host_alone_and_lie_where_they_belong(browse, name):
    key = "0a1b2c3d4e" if SOURCES[name].needs_key else None
    page_text = page_of(*town(), title="市", tiles=name, tianditu_key=key)
    png = _png()
    seen = browse(page_text, serve=lambda call: call.fulfill(body=png, content_type="image/png"))
    page = seen.page
    for view in (None, (31.66, 113.42, 16), (31.71, 113.35, 13)):
        if view is not None:
            page.evaluate("([lat, lon, zoom]) => map_city.setView([lat, lon], zoom, {animate: false})", list(view))
        page.wait_for_function("() => document.querySelectorAll('img.leaflet-tile-loaded').length > 5")
        page.wait_for_timeout(300)
        centre, size = page.evaluate("[map_city.getCenter(), map_city.getSize()]")
        lon, lat = np.array([centre["lng"]]), np.array([centre["lat"]])
        (drawn_lon,), (drawn_lat,) = wgs84_to_gcj02(lon, lat) if name == "amap" else (lon, lat)
        tiles = page.evaluate(
            "[...document.querySelectorAll('img.leaflet-tile')].map((t) => { const box = t.getBoundingClientRect();"
            " return [t.src, box.x, box.y, box.width]; })"
        )
        wanted = on_screen(page, centre["lat"], centre["lng"])
        holding = 0
        for source, x, y, width in tiles:
            z, column, row = _tile_of(source)
            px, py = _world_pixel(drawn_lon, drawn_lat, z)
            u, v = px / 256 - column, py / 256 - row  # where in this tile the place is drawn
            if 0 <= u < 1 and 0 <= v < 1:
                holding += 1
                assert x + u * width == pytest.approx(wanted[0], abs=1.6)
                assert y + v * width == pytest.approx(wanted[1], abs=1.6)
        assert holding >= 1
        box = page.locator("#map_city").bounding_box()
        for corner in ((1, 1), (size["x"] - 1, 1), (1, size["y"] - 1), (size["x"] - 1, size["y"] - 1)):
            at = box["x"] + corner[0], box["y"] + corner[1]
            assert any(x <= at[0] <= x + w and y <= at[1] <= y + w for _, x, y, w in tiles), corner
    hosts = {"/".join(url.split("/")[:3]) for url in seen.asked if url != seen.uri}
    assert hosts == {SOURCES[name].host}
    assert seen.heard == []
    assert re.sub("<.*?>", "", SOURCES[name].attribution) in page.locator(".leaflet-control-attribution").inner_text()


def _tile_of(source):
    if "openstreetmap" in source:
        return tuple(map(int, re.findall(r"/(\d+)/(\d+)/(\d+)\.png", source)[0]))
    names = ("TILEMATRIX", "TILECOL", "TILEROW") if "tianditu" in source else ("z", "x", "y")
    return tuple(int(re.findall(rf"[?&]{name}=(\d+)", source)[0]) for name in names)
