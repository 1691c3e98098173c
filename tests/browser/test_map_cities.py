"""The web maps of whole cities: small enough to send by mail, silent, and every layer draws."""

import pytest

import suizhou_geo as sg
from suizhou_geo.maps import city_map

STATE = """() => {
  const canvas = document.querySelector('.leaflet-overlay-pane canvas');
  return canvas.toDataURL().length + ':' + document.querySelectorAll('.leaflet-marker-icon').length;
}"""
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("name", ["invented_city", pytest.param("newport", marks=pytest.mark.real)])
def test_a_whole_city_stays_below_15_mb_and_all_its_layers_draw(browse, measured, request, name):
    if name == "newport":
        request.getfixturevalue("real_data")
    study, measures = measured(name)
    card = sg.scorecard(measures, study.plan, invented=study.area.invented)
    html = city_map(study.area, measures, card, title=study.name, findings=study.findings)
    assert len(html.encode()) < 15_000_000
    seen = browse(html)
    page = seen.page
    page.evaluate("document.querySelectorAll('.panel details').forEach((part) => { part.open = true; })")
    layout = page.evaluate(STATE)
    for value in page.evaluate("data.measures.map((_, k) => String(k))"):
        page.locator(f"#layers input[value='{value}']").check()
        page.evaluate(FRAMES)
        assert page.evaluate(STATE) != layout, value
    page.locator("#layers input[value=layout]").check()
    gaps = page.evaluate("Object.keys(data.gaps)")
    assert {"missing_link", "dead_end", "superblock_residential", "unserved_homes"} <= set(gaps)
    for gap in gaps:
        page.locator(f"input[value=gap_{gap}]").check()
        page.evaluate(FRAMES)
        assert page.evaluate(STATE) != layout, gap
        page.locator(f"input[value=gap_{gap}]").uncheck()
    links = page.locator("#gaps button[data-gap=missing_link]")
    links.first.click()
    title = page.evaluate("data.gaps.missing_link.items[0][2]")
    assert page.locator(".leaflet-popup-content h2").inner_text() == title
    page.locator("#search").fill(title.split(" → ")[0])
    assert page.locator("#found [role=option]").count() >= 1
    assert (seen.asked, seen.failed) == ([seen.uri], [])
    assert [words for words in seen.heard if "getImageData" not in words] == []
