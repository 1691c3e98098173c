"""The documentation holds: its examples run, its numbers are computed, its links and references are all there."""

import doctest
import fnmatch
import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import typer.main
from shapely import box

import suizhou_geo as sg
from suizhou_geo.cli import app
from suizhou_geo.measures import measure_all
from suizhou_geo.outputs import in_hand
from suizhou_geo.sources.cities import read_cities
from suizhou_geo.sources.study_schema import load_study_file
from suizhou_geo.standards.catalogue import chapter_of

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted((DOCS / "en").rglob("*.md"))  # those in Chinese hold the same code: tests/test_languages.py
DEFINITIONS = [page for page in sorted((DOCS / "en" / "definitions").glob("*.md")) if page.stem != "index"]
IN_CHINESE = [DOCS / "zh" / "definitions" / page.name for page in DEFINITIONS]
BUNDLED = ROOT / "data" / "raw" / "invented_city" / "study.toml"
API = DOCS / "en" / "reference" / "api.md"
FENCE = re.compile(r"^```(\w+)(?: title=\"([^\"]+)\")?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PARTS = {
    "en": ("In short", "What is counted", "Clause", "Profiles", "Cannot tell", "How it goes wrong", "In Python"),
    "zh": ("摘要", "计算什么", "依据", "口径", "何时无法判定", "常见错误", "在 Python 中"),
}
FORMULA = re.compile(r"\*\*[^*\n]+(\*\*)? = ")
LOADING = ("link", "script", "img", "iframe", "source", "video", "audio", "object", "embed")
NUMBER = re.compile(r"\d[\d,.]*%?")
HALF_A_PIXEL = 0.5


def _name(page):
    return page.relative_to(DOCS).as_posix()


def _blocks(page, *languages):
    return [found for found in FENCE.findall(page.read_text(encoding="utf-8")) if found[0] in languages]


def _having(*languages):
    return pytest.mark.parametrize("page", [p for p in PAGES if _blocks(p, *languages)], ids=_name)


# ------------------------------------------------------------------------------------------------ examples


@pytest.fixture
def bundled_city_once(invented_city, measured, monkeypatch):
    """The bundled city is read and measured once for all pages."""
    read_study, measure_study = sg.read_study, in_hand.measure_study

    def read(path, **how):
        return invented_city if path == "data/raw/invented_city/study.toml" else read_study(path, **how)

    def measure(study, *, chapter=None, **how):
        if study is not invented_city:
            return measure_study(study, chapter=chapter, **how)
        return [m for m in measured("invented_city")[1] if chapter in (None, chapter_of(m.key).key)]

    monkeypatch.setattr(sg, "read_study", read)
    monkeypatch.setattr(in_hand, "read_study", read)
    monkeypatch.setattr(in_hand, "measure_study", measure)


@pytest.mark.slow
@pytest.mark.usefixtures("bundled_city_once")
@_having("python", "pycon")
def test_its_examples_run(page, tmp_path, monkeypatch, capsys):
    """In a folder that holds the invented city and the forms, and the files the page itself tells to write."""
    shutil.copytree(BUNDLED.parent, tmp_path / "data" / "raw" / "invented_city")
    shutil.copytree(DOCS / "templates", tmp_path / "docs" / "templates")
    monkeypatch.chdir(tmp_path)
    for _, title, text in _blocks(page, "toml", "csv"):
        if title:
            (tmp_path / title).write_text(text, encoding="utf-8")
    names = {"__name__": "docs"}
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for language, _, code in _blocks(page, "python", "pycon"):
        if language == "python":
            exec(compile(code, _name(page), "exec"), names)  # noqa: S102
            continue
        examples = doctest.DocTestParser().get_examples(code)
        assert examples
        test = doctest.DocTest(examples, names, _name(page), str(page), 0, code)
        runner.run(test, clear_globs=False)
        names = test.globs
    assert runner.failures == 0, capsys.readouterr().out


@_having("toml")
def test_its_study_and_plan_files_are_valid(page, tmp_path):
    for _, _, text in _blocks(page, "toml"):
        if "--8<--" in text:
            continue
        content = tomllib.loads(text)
        file = tmp_path / "example.toml"
        if "studies" in content:
            (tmp_path / "suizhou").mkdir()
            (tmp_path / "suizhou" / "study.toml").touch()
            file.write_text(text, encoding="utf-8")
            assert read_cities(file).studies
            continue
        if "targets" in content:
            file.write_text(text, encoding="utf-8")
            assert sg.read_plan(file).targets
            continue
        before = "" if "name" in content else 'name = "x"\n'
        after = "" if "zones" in content else "\n[zones]\nbbox = [113.3, 31.6, 113.5, 31.8]\n"
        file.write_text(before + text + after, encoding="utf-8")
        assert load_study_file(file).keys() >= content.keys()


@_having("bash", "powershell")
def test_its_commands_exist(page):
    commands = typer.main.get_command(app).commands
    for _, _, text in _blocks(page, "bash", "powershell"):
        for line in re.findall(r"suizhou-geo (\w[^;|\n]*)", text):
            verb, *words = shlex.split(line)
            known = {option for parameter in commands[verb].params for option in parameter.opts}
            assert {word for word in words if word.startswith("--")} <= known, line


# ------------------------------------------------------------------------------------------------ definitions


def _keys(page):
    listed = re.match(r"---\nkeys: \[(.*?)\]\n---\n", page.read_text(encoding="utf-8"))[1]
    return [key.strip(' "') for key in listed.split(",") if key]


def test_every_measure_has_one_definition_page(invented_city):
    measures = measure_all(sg.StudyArea("empty", invented_city.area.zones), sg.read_plan("suizhou_2025").params)
    keys = {measure.key for measure in measures}
    assert len(keys) > 40
    patterns = [(pattern, page.stem) for page in DEFINITIONS for pattern in _keys(page)]
    for key in sorted(keys):
        assert len({page for pattern, page in patterns if fnmatch.fnmatchcase(key, pattern)}) == 1, key
    for pattern, page in patterns:
        assert fnmatch.filter(keys, pattern), f"{page} defines {pattern}, which nothing measures"


@pytest.mark.parametrize("page", [*DEFINITIONS, *IN_CHINESE], ids=_name)
def test_a_definition_says_all_it_must(page):
    text = page.read_text(encoding="utf-8")
    language = page.parts[-3]
    at = [text.index(f'"{part}"' if part in ("In short", "摘要") else f"## {part}") for part in PARTS[language]]
    assert at == sorted(at)
    assert language == "zh" or re.search(r"^# .*[A-Za-z].*[\u4e00-\u9fff]", text, re.MULTILINE), (
        "the title has both names"
    )
    assert FORMULA.search(text)
    for plan in ("suizhou_2025", "suizhou_2024_report"):
        for target in sg.read_plan(plan).targets:
            if any(fnmatch.fnmatchcase(target.key, pattern) for pattern in _keys(page)):
                assert target.clause in text, target.clause
                assert target.quote in text, target.quote


# ------------------------------------------------------------------------------------------------ figures


@pytest.fixture(scope="module")
def gallery():
    """The module that draws."""
    sys.path.insert(0, str(DOCS / "figures"))
    yield importlib.import_module("gallery")
    sys.path.pop(0)


@pytest.fixture(scope="module")
def figures(gallery):
    """The figures of every page, drawn now."""
    return {page: figure() for page, figure in gallery.FIGURES.items()}


def test_every_definition_has_a_figure_and_every_figure_a_page(gallery, figures):
    assert set(figures) == {page.stem for page in DEFINITIONS}
    drawn = {name for figure in figures.values() for name in gallery.in_both_languages(figure)}
    assert {_name(file) for file in DOCS.rglob("*.svg")} == drawn


@pytest.mark.parametrize("page", DEFINITIONS, ids=_name)
def test_its_figure_is_the_one_computed_now(page, gallery, figures):
    text = page.read_text(encoding="utf-8")
    for name, drawing in gallery.in_both_languages(figures[page.stem]).items():
        assert f"../figures/{Path(name).name}" in text
        there, now = (_elements(svg) for svg in ((DOCS / name).read_text("utf-8"), drawing))
        assert [plain for plain, _ in there] == [plain for plain, _ in now], "run: python docs/figures"
        for (_, a), (_, b) in zip(there, now, strict=True):
            np.testing.assert_allclose(a, b, atol=HALF_A_PIXEL, err_msg="run: python docs/figures")
    in_chinese = (DOCS / "zh" / "definitions" / page.name).read_text(encoding="utf-8")
    for fact in figures[page.stem].facts:
        assert fact in text, f"the figure shows {fact}, the text does not say so"
        assert all(number in in_chinese for number in NUMBER.findall(fact)), f"the Chinese text does not say {fact}"


def test_the_chinese_drawings_have_no_word_too_many(gallery, figures):
    chinese = sys.modules[gallery.in_chinese.__module__]
    words = "\n".join(drawing for figure in figures.values() for drawing in figure.drawings.values())
    said = {chinese.NUMBER.sub("#", unescape(text)) for text in re.findall(r"(?:<title>|<text[^>]*>)([^<]+)", words)}
    assert set(chinese.WORDS) <= said


def _elements(svg):
    """Per element what must be equal (tag, words, colours) and the box its coordinates span."""
    found = []
    for element in ElementTree.fromstring(svg).iter():  # noqa: S314
        placed = {k: v for k, v in element.attrib.items() if k in ("d", "x", "y", "cx", "cy", "transform")}
        plain = (element.tag, element.text, tuple(sorted((k, v) for k, v in element.items() if k not in placed)))
        pairs = np.array(re.findall(r"(-?[\d.]+),(-?[\d.]+)", placed.get("d", "")), dtype=float).reshape(-1, 2)
        single = [float(placed[k]) for k in ("x", "y", "cx", "cy") if k in placed]
        found.append((plain, [*single, *(np.r_[pairs.min(axis=0), pairs.max(axis=0)] if len(pairs) else [])]))
    return found


def test_a_figure_s_numbers_are_mental_arithmetic(figures):
    """The drawn towns' answers, told apart from the code that draws them."""
    facts = {page: figure.facts for page, figure in figures.items()}
    assert facts["layout"] == (f"{2.1 * 1.2:.2f} km²", "100 m")
    assert facts["population_density"][0] == f"{(14_000 + 6_000 + 1_000) / 3:,.0f} persons/km²"
    assert facts["construction_land"][0] == f"{(0.3 + 0.18 + 0.08) * 1e6 / 5_000:.1f} m²/person"
    assert facts["built_up"][:2] == (f"{0.3 + 0.1 + 0.08:.2f} km²", f"{0.6 * 0.5:.2f} km²")
    assert facts["built_up"][2:4] == (f"{3_600 / 0.48:,.0f} persons/km²", f"{3_600 / 2:,.0f}")
    assert facts["built_up"][4] == f"{(14 * 0.05 + 0.01) ** 2:.1f} km²"
    assert facts["land"][:5] == tuple(f"{ha * 1e4 / 8_000:.1f}" for ha in (24, 4, 10, 6 + 4, 6))
    assert facts["land"][5:] == (f"{18 * 15} mu", f"{9 * 15} mu", f"{9 / 18:.0%}")
    assert facts["green"][:3] == tuple(f"{m2 / 20_000:.2f}" for m2 in (144_000, 120_000, 20_000))
    assert facts["green"][3:6] == ("2 pocket parks", f"{4 / 8:.0%}", f"{(500 + 2 * 100 + 640 + 2 * 80) / 4_000:.1%}")
    assert facts["inventories"][:3] == (f"{40 + 12} charging points", "40 piles", f"{(3 + 2 + 1) / 10:.0%}")
    assert facts["inventories"][3:5] == tuple(f"{2 * np.pi * r**2 / 2e6:.1%}" for r in (300, 500))
    assert facts["inventories"][5:] == (f"{3 / 4:.0%}", f"{30_000 * 4 / 60:,.0f} m")
    assert facts["commute"][:3] == (f"{8 / 13 * 60:.1f} min", f"{8 / 18 * 60:.1f} min", f"{1 - 0.1 * 0.6:.0%}")
    assert facts["commute"][3:] == (f"{45 / 90 * 60 + 5 / 30 * 60:.0f} min", f"{15 / 30 * 60:.0f} min", "40 min")
    assert facts["siting"] == (f"{6 / 20:.0%}", f"{(6 + 4 + 4 + 3) / 20:.0%}", f"{20 / 20:.0%}")
    assert facts["scenario"] == (f"{4 / 12:.0%}", f"{8 / 12:.0%}")
    assert facts["road_density"][1] == f"{1.0 + 1.0 + 0.5:.2f} km/km²"
    assert facts["blocks"] == ("25%", "500 m", "250 m")
    assert facts["dead_ends"] == ("2 dead ends", "120 m", f"{640 + 2 * 600 + 1_400 + 640 - 120:,} m")
    assert facts["sidewalks"] == (f"{2 / 3:.1%}", f"{2 / 4:.1%}", f"{3 / 4:.1%}")
    assert facts["life_circle"] == (f"{(28 + 24 + 14 + 14) / 4 / 28:.1%}", f"{2 / 4:.1%}", f"{1 / 4:.1%}")
    school = box(50, 50, 1350, 1150).area - 1300 * 60
    circle = np.pi * 500**2 - _slice(500, 120) + _slice(500, 180)
    assert facts["services"][0] == f"{circle / school:.1%}"


def _slice(radius, at):
    """The area of a circle beyond a line `at` metres from its middle."""
    return radius**2 * np.arccos(at / radius) - at * np.sqrt(radius**2 - at**2)


# ------------------------------------------------------------------------------------------------ reference


def test_every_public_name_is_in_the_reference():
    listed = _reference()
    assert sorted(path.rpartition(".")[2] for path in listed) == sorted(sg.__all__)
    for path in listed:
        module, _, name = path.rpartition(".")
        assert getattr(importlib.import_module(module), name) is getattr(sg, name), path
        shadowed = module == "suizhou_geo" and importlib.util.find_spec(path) is not None
        assert not shadowed, f"{path} is a module too: the reference would show that; name the function in it"


def _reference():
    return re.findall(r"^::: ([\w.]+)$", API.read_text(encoding="utf-8"), re.MULTILINE)


# ------------------------------------------------------------------------------------------------ the built site


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The site, built with warnings as errors: a link that leads nowhere is one."""
    folder = tmp_path_factory.mktemp("docs") / "site"
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


class _Loaded(HTMLParser):
    """What a page loads by itself, where it leads, and the names of its places."""

    def __init__(self):
        super().__init__()
        self.loads, self.leads, self.ids = [], [], set()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.ids.add(given.get("id"))
        if tag in LOADING and given.get("rel") not in ("next", "prev", "canonical"):
            self.loads += [given[key] for key in ("src", "href", "data", "srcset") if given.get(key)]
        if tag == "a" and given.get("href"):
            self.leads.append(given["href"])


def _read(page):
    parser = _Loaded()
    parser.feed(page.read_text(encoding="utf-8"))
    return parser


@pytest.mark.slow
def test_no_page_loads_anything_from_the_network(site):
    pages = sorted(site.rglob("*.html"))
    assert len(pages) >= 2 * len(PAGES)
    for page in pages:
        for address in _read(page).loads:
            assert not re.match(r"(https?:)?//", address), f"{page.name} loads {address}"
            if page.name != "404.html" and not address.startswith("data:"):
                assert (page.parent / address.partition("?")[0].partition("#")[0]).is_file(), f"{page.name}: {address}"
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", sheet.read_text(encoding="utf-8")), sheet.name


@pytest.mark.slow
def test_every_link_of_the_site_leads_somewhere(site):
    parsed = {page: _read(page) for page in site.rglob("*.html") if page.name != "404.html"}
    for page, parser in parsed.items():
        for address in parser.leads:
            if re.match(r"\w+:", address):
                continue
            path, _, place = address.partition("#")
            target = (page.parent / path).resolve() if path else page
            target = target / "index.html" if target.is_dir() else target
            assert target.is_file(), f"{page.name} leads to {address}"
            if place and target in parsed and place != "__comments":
                assert place in parsed[target].ids, f"{page.name} leads to {address}, a place that is not there"


@pytest.mark.slow
def test_the_reference_shows_every_public_name(site):
    for tree in (site, site / "en"):
        assert set(_reference()) <= _read(tree / "reference" / "api.html").ids


@pytest.mark.browser
def test_it_is_read_and_searched_from_the_disk(site, chromium):
    page = chromium.new_page(viewport={"width": 390, "height": 844})
    asked, wrong = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    for path in ("index.html", "definitions/road_density.html", "en/definitions/parks.html", "reference/api.html"):
        page.goto((site / path).as_uri())
        page.wait_for_load_state("networkidle")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= page.viewport_size["width"], f"{path} is {wide} px wide on a telephone"
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto((site / "index.html").as_uri())
    page.wait_for_load_state("networkidle")
    page.fill("input[name=query]", "断头路")
    page.press("input[name=query]", "End")  # what is typed is looked for when a key is let go
    page.wait_for_selector(".md-search-result__link")
    found = page.eval_on_selector_all(".md-search-result__link", "links => links.map(a => a.href)")
    assert "site/definitions/dead_ends" in found[0], "in Chinese the Chinese page comes first"
    page.fill("input[name=query]", "missing links")
    page.press("input[name=query]", "End")
    page.wait_for_selector(".md-search-result__link[href*='en/definitions/dead_ends']")
    page.goto((site / "definitions" / "parks.html").as_uri())
    page.eval_on_selector("a.md-select__link[hreflang=en]", "link => link.click()")
    page.wait_for_url("**/en/definitions/parks.html")
    assert not wrong
    assert not [url for url in asked if url.startswith("http")]
    page.close()
