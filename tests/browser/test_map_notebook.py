"""The city map as a folium map: it shows in a notebook with the network cut, and draws what a planner adds to it."""

import json
import runpy
from pathlib import Path

import folium
import numpy as np
import pytest

from suizhou_geo.outputs.web_map import city_map, evidence_map

pytestmark = pytest.mark.browser

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "map_town.py"))
MAGENTA = (255, 0, 255)
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[113.36, 31.67], [113.40, 31.67], [113.40, 31.70], [113.36, 31.70], [113.36, 31.67]]],
}


@pytest.fixture
def result():
    return TOWN["result_of"](*TOWN["town"]())


def count_like(picture, colour):
    return int((np.abs(picture.astype(int) - colour).max(axis=-1) <= 3).sum())


def in_notebook(browse, city):
    """Open a page that holds a map as a notebook does; return what was seen and the frame of the map."""
    seen = browse(f"<!DOCTYPE html><title>notebook</title><p>Out[1]:</p>{city._repr_html_()}")
    frame = seen.page.frames[1]
    frame.wait_for_selector(".legend")
    return seen, frame


def guests(city):
    style = {"color": "#ff00ff", "fillColor": "#ff00ff", "fillOpacity": 1.0}
    square = {"type": "Feature", "properties": {"name": "地块<b>甲</b>"}, "geometry": SQUARE}
    tooltip = folium.GeoJsonTooltip(["name"])
    folium.GeoJson(
        square, name="地块", style_function=lambda _: style, tooltip=tooltip, popup=folium.Popup("规划<b>地块</b>")
    ).add_to(city)
    group = folium.FeatureGroup("踏勘").add_to(city)
    folium.Marker([31.72, 113.42], popup="站点", tooltip="火车站").add_to(group)
    folium.CircleMarker([31.73, 113.38], radius=9, popup="点").add_to(group)
    folium.LayerControl(collapsed=False).add_to(city)
    return city


def test_a_map_in_a_notebook_draws_and_asks_for_nothing(browse, result):
    seen, frame = in_notebook(browse, city_map(result))
    assert frame.locator(".zone-label b").all_inner_texts() == ["主城区", "城南片区", "城东片区", "高新片区"]
    assert len(np.unique(seen.picture().reshape(-1, 3), axis=0)) > 500
    frame.evaluate("document.querySelector('#scorecard td.status a[href=\"#road_density\"]').click()")
    frame.wait_for_function("() => document.querySelector('.legend').textContent.includes('城区道路网密度')")
    assert frame.locator(".zone-label").count() == 4  # the link did not lead away from the map
    assert (seen.asked, seen.failed, seen.heard) == ([seen.uri], [], [])


@pytest.mark.parametrize("shown", ["notebook", "file"])
def test_layers_of_a_planner_are_drawn_above_the_city_and_can_be_worked(browse, result, tmp_path, shown):
    city = guests(city_map(result))
    if shown == "notebook":
        seen, frame = in_notebook(browse, city)
    else:
        city.save(tmp_path / "saved.html")
        seen = browse((tmp_path / "saved.html").read_text(encoding="utf-8"))
        frame = seen.page.main_frame
    assert (seen.failed, seen.heard) == ([], [])
    assert count_like(seen.picture(), MAGENTA) > 2_000
    frame.evaluate("document.querySelector('#layers input[value=\"1\"]').click()")  # a measure: the square stays on top
    assert count_like(seen.picture(), MAGENTA) > 2_000
    assert frame.evaluate("document.querySelector('img.leaflet-marker-icon').naturalWidth") in (25, 50)
    frame.locator(".leaflet-control-layers label", has_text="地块").locator("input").uncheck()
    assert count_like(seen.picture(), MAGENTA) == 0
    frame.locator(".leaflet-control-layers label", has_text="地块").locator("input").check()
    frame.evaluate("document.querySelector('img.leaflet-marker-icon').click()")
    popup = frame.locator(".leaflet-popup-content")
    popup.wait_for()
    assert popup.inner_text() == "站点"
    assert frame.locator(".leaflet-popup").get_attribute("aria-label") == "站点"
    frame.evaluate("map_city.closePopup(); map_city.setView([31.685, 113.38], 14, {animate: false})")
    box = frame.locator("#map_city").bounding_box()
    seen.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert popup.inner_text() == "规划地块"  # and not the zone below
    assert (seen.asked, seen.failed, seen.heard) == ([seen.uri], [], [])


def test_what_should_stay_in_front_does(browse, result):
    city = city_map(result)
    style = {"color": "#ff00ff", "fillColor": "#ff00ff", "fillOpacity": 1.0}
    front = folium.GeoJson(SQUARE, style_function=lambda _: style).add_to(city)
    folium.GeoJson(SQUARE, style_function=lambda _: {"fillColor": "#000000", "fillOpacity": 1.0}).add_to(city)
    city.keep_in_front(front)
    seen, _ = in_notebook(browse, city)
    assert seen.heard == []
    assert count_like(seen.picture(), MAGENTA) > 1_000


def test_the_map_of_a_row_opens_on_it_with_its_evidence(browse, result):
    seen, frame = in_notebook(browse, evidence_map(result.row("road_density"), result.area))
    assert frame.locator("h1").inner_text() == "城区道路网密度：7.61 km/km² · 目标 不低于 8 km/km² · ✗ 未达到"
    legend = frame.locator(".legend").inner_text()
    assert "目标：不低于 8 km/km²" in legend
    assert "道路中心线 主干路" in legend
    assert frame.locator(".stamp").inner_text() == "虚构数据"
    assert frame.evaluate("data.measures.map(({key}) => key)") == ["road_density"]
    assert len(np.unique(seen.picture().reshape(-1, 3), axis=0)) > 300
    assert (seen.asked, seen.failed, seen.heard) == ([seen.uri], [], [])


def test_the_map_of_a_row_shows_its_gaps(browse, result):
    _, frame = in_notebook(browse, evidence_map(result.row("dead_ends"), result.area, lang="en"))
    legend = frame.locator(".legend").inner_text()
    assert "Missing links" in legend or "missing link" in legend
    assert frame.evaluate("document.querySelector('input[value=gap_missing_link]').checked")
    assert json.loads(frame.evaluate("JSON.stringify(Object.keys(data.gaps))")) == ["missing_link", "dead_end"]
