"""The sheets of whole cities: the invented one, with the machine's fonts and without, and a real extract."""

import pytest
import shapely
from matplotlib import font_manager
from matplotlib.text import Text as Written

from suizhou_geo.assessment.assessed import assessed
from suizhou_geo.outputs.figures import picture, sheets
from suizhou_geo.outputs.figures.files import own_settings

MOST_BYTES = 1_000_000  # of one sheet in one file
MOST_IN_ALL = 25_000_000  # a full run of the invented city has to stay below 60 MB


def check(made):
    for sheet in made:
        assert len(picture(sheet, "png", dpi=60)) > 10_000
        sheet.figure.set_dpi(120)
        renderer, page = sheet.figure.canvas.get_renderer(), sheet.figure.bbox
        texts = [t for t in sheet.figure.findobj(Written) if t.get_text().strip()]
        with own_settings():
            extents = [t.get_window_extent(renderer) for t in texts]
        for text, box in zip(texts, extents, strict=True):
            assert page.x0 <= box.x0 <= box.x1 <= page.x1, (sheet.key, text.get_text())
            assert page.y0 <= box.y0 <= box.y1 <= page.y1, (sheet.key, text.get_text())
        boxes = [shapely.box(b.x0 + 0.7, b.y0 + 1, max(b.x1, b.x0 + 1.5) - 0.7, b.y1 - 1) for b in extents]
        left, right = shapely.STRtree(boxes).query(boxes, predicate="intersects")
        clash = [(texts[a].get_text(), texts[b].get_text()) for a, b in zip(left, right, strict=True) if a < b]
        assert not clash, (sheet.key, clash)


def words(sheet):
    return " ".join(t.get_text() for t in sheet.figure.findobj(Written))


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_invented_city(measured, lang):
    study, measures = measured("invented_city")
    made = sheets(assessed(study, measures), lang=lang)
    keys = [sheet.key for sheet in made]
    assert keys[0] == "overview"
    assert {"land", "life_circle", "green", "roads", "green.park_coverage", "roads.dead_ends"} <= set(keys)
    assert len(keys) == len(set(keys))
    check(made)
    for sheet in made:
        assert {"zh": "虚构数据，不是随州", "en": "INVENTED DATA, not Suizhou"}[lang] in words(sheet)
    if lang == "zh":  # Chinese letters weigh most
        sizes = [len(picture(sheet, kind)) for sheet in made for kind in ("png", "pdf")]
        assert max(sizes) < MOST_BYTES
        assert sum(sizes) < MOST_IN_ALL


@pytest.mark.slow
def test_the_invented_city_on_a_machine_without_a_chinese_font(measured, monkeypatch):
    fonts = [font for font in font_manager.fontManager.ttflist if font.name.startswith("DejaVu")]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", fonts)
    study, measures = measured("invented_city")
    made = sheets(assessed(study, measures), lang="zh")
    check(made)
    for sheet in made:
        assert "虚构数据，不是随州" in words(sheet)


@pytest.mark.real
@pytest.mark.slow
def test_newport_one_zone_without_population(measured, real_data):
    assert (real_data / "newport").is_dir()
    study, measures = measured("newport")
    made = sheets(assessed(study, measures), lang="en")
    check(made)
    land = next(sheet for sheet in made if sheet.key == "land")
    assert "Urban population density" in words(land)  # among the promises without data
    for sheet in made:
        assert "INVENTED" not in words(sheet)
        assert "© OpenStreetMap contributors" in words(sheet)
        assert max(len(picture(sheet, kind)) for kind in ("png", "pdf")) < MOST_BYTES
