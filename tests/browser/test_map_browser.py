"""The web map in headless Chromium with the network cut: it draws, it can be worked, and no name in it runs."""

import dataclasses
import json
import re
import runpy
import shutil
import subprocess
import warnings
from html import escape, unescape
from pathlib import Path

import numpy as np
import pytest
import rasterio

from suizhou_geo.maps import city_map
from suizhou_geo.maps.data import PALETTE, ROLE_COLOURS
from suizhou_geo.maps.shapes import ROADS

pytestmark = pytest.mark.browser

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--host-resolver-rules=MAP * ~NOTFOUND"),
    *("--enable-logging=stderr", "--virtual-time-budget=4000", "--hide-scrollbars"),
)
DESKTOP, PHONE = (1400, 900), (390, 844)
GROUND = "#f4f2ee"
RUN = "document.title='ran'"
HOSTILE = f'<img src=x onerror="{RUN}"></script><script>{RUN}</script>`${{{RUN}}}`{{{{ 7*7 }}}}'
town = runpy.run_path(str(Path(__file__).parents[1] / "map_town.py"))["town"]


@pytest.fixture(scope="module")
def browse(tmp_path_factory):
    """Return a function: a page to what Chromium makes of it: (the document, the picture, what the console said)."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")

    def open_page(html, *, size=DESKTOP, fragment="", script=""):
        folder = tmp_path_factory.mktemp("page")
        page = folder / "map.html"
        if script:  # a script of the test's own: the page's policy would stop it
            html = without_policy(html).replace("</body>", f"<script>{script}</script></body>")
        page.write_text(html, encoding="utf-8")
        result = {}
        for what in (f"--screenshot={folder / 'page.png'}", "--dump-dom"):
            profile = folder / "profile"
            window = f"--window-size={size[0]},{size[1]}"
            command = [CHROMIUM, *FLAGS, window, f"--user-data-dir={profile}", what, f"{page.as_uri()}{fragment}"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
            shutil.rmtree(profile, ignore_errors=True)
            result[what[:6]] = done
        console = re.findall(r"CONSOLE.*", result["--dump"].stderr)
        return result["--dump"].stdout, pixels(folder / "page.png"), console

    return open_page


def without_policy(html):
    return re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)


def pixels(path):
    """Return the picture as (height, width, 3)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(path) as picture:
            return np.moveaxis(picture.read()[:3], 0, -1)


def over_ground(colour, opacity):
    """Return what a colour looks like on the ground of the map."""
    both = np.array([[int(c[k : k + 2], 16) for k in (1, 3, 5)] for c in (colour, GROUND)], dtype=float)
    return both[0] * opacity + both[1] * (1 - opacity)


def count_like(picture, colour, *, within=3):
    return int((np.abs(picture.astype(float) - colour).max(axis=-1) <= within).sum())


def _out(document):
    """Return what the script of a test wrote down."""
    (text,) = re.findall(r'<html[^>]* data-out="([^"]*)"', document)
    return unescape(text)


@pytest.fixture(scope="module")
def html():
    return city_map(*town(), title="虚构市：规划承诺对照")


def test_the_layout_is_drawn_beside_its_scorecard_and_the_console_is_silent(browse, html):
    document, picture, console = browse(html)
    assert console == []
    assert picture.shape == (DESKTOP[1], DESKTOP[0], 3)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 1000
    for colour in ROLE_COLOURS.values():
        assert count_like(picture[:, :950], over_ground(colour, 0.85)) > 15_000
    for name in ("主城区", "城南片区", "城东片区", "高新片区"):
        assert document.count(f"<b>{name}</b>") == 1
    assert document.count('<input type="radio" class="leaflet-control-layers-selector" name="leaflet-base') == 6
    assert re.search(r'<details class="legend[^>]* open="">.*?主城.*?片区.*?河流、水面.*?铁路', document, flags=re.S)
    assert picture[:, 970:].std() > 20  # the panel holds something


def test_a_measure_colours_the_zones_and_changes_the_legend(browse, html):
    document, picture, console = browse(html, fragment="#population_density")
    assert console == []
    (legend,) = re.findall(r'<details class="legend.*?</details>', document, flags=re.S)
    assert "目标：不超过 10,000 人/km²" in legend
    assert "合计：8,740 人/km² ✓ 达到" in legend
    assert "目标 10,000" in legend
    for k in (4, 1, 0):  # 10,240, 7,300 and 6,100 persons per km2 in classes of 1,000 from 6,000
        assert count_like(picture[:, :950], over_ground(PALETTE[k], 0.85)) > 4_000, k
    assert count_like(picture[:, :950], over_ground(ROLE_COLOURS["district"], 0.85)) < 2_000
    assert count_like(picture[:, :950], over_ground(ROADS["arterial"][0], 1.0), within=14) > 3_000  # streets lie on top
    assert "10,240 人/km² ✗ 未达到" in document
    assert "– 缺数据" in document


def test_cells_are_coloured_by_their_class(browse, html):
    document, picture, console = browse(html, fragment="#service_coverage.market")
    assert console == []
    assert re.search(r'class="legend.*?未覆盖的居住用地.*?部分覆盖的居住用地', document, flags=re.S)
    zone = np.array([over_ground(PALETTE[k], 0.85) for k in (4, 3, 1, 0)])  # 0.9, 0.6, 0.3 and 0.1 covered
    shade = {"#e6550d": 0, "#fdae6b": 0, "#f7f7f7": 0}
    for colour in shade:
        cell = over_ground(colour, 1.0) * 0.85 + zone * 0.15
        shade[colour] = sum(count_like(picture[:, :950], tone) for tone in cell)
    assert min(shade["#e6550d"], shade["#fdae6b"]) > 4_000
    assert shade["#f7f7f7"] < 2_500  # what is covered is not shown until asked for


def test_the_control_switches_measures_evidence_and_popups(browse, html):
    script = """
      const radios = [...document.querySelectorAll('#layers input[type=radio]')];
      const seen = () => [...document.querySelectorAll('.leaflet-control-layers-overlays label')]
        .filter((label) => label.offsetHeight > 0).map((label) => label.textContent.trim());
      const legend = () => document.querySelector('.legend').textContent;
      const out = {before: seen()};
      radios[3].click();
      out.parks = seen(); out.legend = legend();
      radios[2].click();
      out.roads = seen(); out.roadLegend = legend();
      const boxes = [...document.querySelectorAll('.leaflet-control-layers-overlays input')];
      boxes.at(-1).click();
      out.facilities = legend();
      document.querySelectorAll('.zone-label')[1].click();
      out.popup = [...document.querySelectorAll('.leaflet-popup-content tr')].map((row) => row.textContent);
      out.close = document.querySelector('.leaflet-popup-close-button').getAttribute('aria-label');
      out.focus = [...document.querySelectorAll('.zone-label')].map((label) => label.tabIndex);
      document.documentElement.dataset.out = JSON.stringify(out);
    """
    document, _, console = browse(html, script=script)
    assert console == []
    out = json.loads(_out(document))
    always = ["分区名称", "公园", "河流、铁路等阻隔", "道路", "设施"]
    assert out["before"] == always
    assert [name for name in out["parks"] if name not in always] == [
        "所选指标：未覆盖的居住用地",
        "所选指标：已覆盖的居住用地",
        "所选指标：服务范围",
    ]
    assert "目标：高于 85%" in out["legend"]
    assert "未覆盖的居住用地" in out["legend"]
    assert "已覆盖的居住用地" not in out["legend"]
    assert [name for name in out["roads"] if name not in always] == ["所选指标：道路中心线（按等级）"]
    assert "中心线 主干路" in out["roadLegend"]
    assert "未覆盖" not in out["roadLegend"]
    assert "设施：10分钟生活圈" not in out["roadLegend"]
    assert "设施：10分钟生活圈" in out["facilities"]
    assert out["popup"] == [
        "指标现状目标结论",
        "城市人口密度7,300 人/km²不超过 10,000 人/km²✓ 达到",
        "城区道路网密度6.90 km/km²不低于 8 km/km²✗ 未达到",
        "公园绿化活动场地服务半径覆盖率31.0%高于 85%? 无法判定",
        "15分钟生活圈服务设施配套达标率50.0%目标待定? 无法判定",
    ]
    assert out["close"] == "关闭"
    assert out["focus"] == [0, 0, 0, 0]


def test_a_click_on_the_map_opens_the_zone_under_it(browse):
    area, measures, card = town()
    turned = dataclasses.replace(area, zones=area.zones.iloc[::-1])  # 城东 lies east of 主城 and now comes before it
    script = """
      const canvas = document.querySelector('.leaflet-overlay-pane canvas');
      const opened = [...document.querySelectorAll('.zone-label')].map((label) => {
        const box = label.getBoundingClientRect(), at = {clientX: box.x + 5, clientY: box.y + 16, bubbles: true};
        for (const kind of ['mousemove', 'mousedown', 'mouseup', 'click'])
          canvas.dispatchEvent(new MouseEvent(kind, at));
        const told = document.querySelector('.leaflet-popup-content h2').textContent;
        map_city.closePopup();
        document.querySelectorAll('.leaflet-popup').forEach((popup) => popup.remove());
        return told;
      });
      document.documentElement.dataset.out = opened.join(', ');
    """
    document, _, console = browse(city_map(turned, measures, card, title="市"), script=script)
    assert console == []
    assert _out(document) == "高新片区 片区, 城东片区 片区, 城南片区 片区, 主城区 主城"


def test_the_phone_shows_map_and_panel_one_above_the_other(browse, html):
    frame = f'<iframe style="border:0" width="390" height="844" srcdoc="{escape(without_policy(html))}"></iframe>'
    _, picture, console = browse(f'<body style="margin:0">{frame}</body>', size=(800, 844))
    assert console == []
    phone = picture[:, :390]
    assert count_like(phone[70:500], over_ground(ROLE_COLOURS["main_city"], 0.85)) > 3_000
    assert count_like(phone[520:], over_ground(ROLE_COLOURS["main_city"], 0.85)) == 0
    assert phone[520:].std() > 15
    assert (
        count_like(picture[:, 395:], np.array([255.0, 255.0, 255.0]))
        == picture[:, 395:].shape[0] * picture[:, 395:].shape[1]
    )


def test_no_name_of_a_stranger_runs_even_without_the_policy(browse):
    hostile = city_map(*town(lambda text: text + HOSTILE), title="虚构市" + HOSTILE)
    script = """
      document.querySelectorAll('#layers input:not(:checked)').forEach((input) => input.click());
      document.querySelectorAll('#layers input[type=radio]')[5].click();
      document.querySelectorAll('.zone-label')[0].click();
      map_city.eachLayer((layer) => { if (layer.getTooltip && layer.getTooltip()) layer.openTooltip(); });
      document.documentElement.dataset.out = document.querySelectorAll('img, [onerror]').length;
    """
    document, _, console = browse(hostile, script=script)
    assert console == []
    title = unescape(re.findall(r"<title>(.*?)</title>", document, flags=re.S)[0])
    assert title == "虚构市" + HOSTILE
    assert _out(document) == "0"
    for place in ("leaflet-popup-content ", "leaflet-tooltip ", "zone-label "):
        shown = [text for text in document.split(place)[1:] if escape(HOSTILE, quote=False) in text[:2000]]
        assert len(shown) >= 1, place
    assert document.count('class="leaflet-tooltip ') > 20


def test_the_policy_stops_what_escaping_would_not(browse, html):
    smuggled = html.replace(
        "</body>", "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script></body>"
    )
    document, _, console = browse(smuggled)
    assert "<title>虚构市：规划承诺对照</title>" in document
    assert len(console) >= 2  # and the console is heard
    document, _, _ = browse(without_policy(smuggled))
    assert "<title>ran</title>" in document
