"""The web maps of whole cities: small enough to send by mail, silent, and every layer draws."""

import pytest

from suizhou_geo.assessment.assessed import assessed
from suizhou_geo.outputs.web_map import city_map

# chooses one input after the other and tells which of them left the page as it was; one call, since a city has 150 layers
SAME = """async ([inputs, off]) => {
  const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const state = () => {
    const canvas = document.querySelector('.leaflet-overlay-pane canvas');
    return canvas.toDataURL().length + ':' + document.querySelectorAll('.leaflet-marker-icon').length;
  };
  const layout = state();
  const same = [];
  for (const input of document.querySelectorAll(inputs)) {
    input.click();
    await drawn();
    if (state() === layout) same.push(input.value);
    if (off) input.click();
  }
  return same;
}"""


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("name", ["invented_city", pytest.param("newport", marks=pytest.mark.real)])
def test_a_whole_city_stays_below_9_mb_and_all_its_layers_draw(browse, measured, request, name):
    if name == "newport":
        request.getfixturevalue("real_data")
    study, measures = measured(name)
    html = city_map(assessed(study, measures)).get_root().render()
    assert len(html.encode()) < 9_000_000
    seen = browse(html, size=(800, 600))  # fewer pixels to draw
    page = seen.page
    page.evaluate("document.querySelectorAll('.panel details').forEach((part) => { part.open = true; })")
    layers = page.locator("#layers input[type=radio]:visible:enabled").count()
    assert layers == page.locator("#layers input[type=radio]").count() == page.evaluate("data.measures.length") + 1
    assert page.evaluate(SAME, ["#layers input[type=radio]", False]) == ["layout"]
    page.locator("#layers input[value=layout]").check()
    gaps = page.evaluate("Object.keys(data.gaps)")
    assert {"missing_link", "dead_end", "superblock_residential", "unserved_homes"} <= set(gaps)
    assert page.locator("input[value^=gap_]:visible:enabled").count() == len(gaps)
    assert page.evaluate(SAME, ["input[value^=gap_]", True]) == []
    links = page.locator("#gaps button[data-gap=missing_link]")
    links.first.click()
    title = page.evaluate("data.gaps.missing_link.items[0][2]")
    assert page.locator(".leaflet-popup-content h2").inner_text() == title
    page.locator("#search").fill(title.split(" → ")[0])
    assert page.locator("#found [role=option]").count() >= 1
    assert (seen.asked, seen.failed) == ([seen.uri], [])
    assert [words for words in seen.heard if "getImageData" not in words] == []
