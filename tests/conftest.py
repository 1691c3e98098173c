"""What every test may use: the working CRS, the real extracts, and drawn layers."""

import shutil
from functools import cache
from pathlib import Path

import geopandas as gpd
import pytest

import suizhou_geo as sg
from suizhou_geo.assessment.assessed import Assessed, assessed
from suizhou_geo.measures import measure_study

TESTS = Path(__file__).resolve().parent
collect_ignore = ["workbooks"]  # what makes them needs LibreOffice's own Python
CRS = "EPSG:4547"
ORIGIN = (441_000.0, 3_507_000.0)  # in the middle of Suizhou, so that a drawn town lies in China
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real extracts; tests that ask for it are skipped where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real extracts at {folder}")
    return folder


@pytest.fixture(scope="session")
def measured(invented_city):
    """Return a function: the name of a city to its study and all measures of it, read and measured once."""

    @cache
    def measure(city: str):
        study = invented_city if city == "invented_city" else sg.read_study(TESTS / "real" / city / "study.toml")
        return study, measure_study(study)

    return measure


@pytest.fixture(scope="session")
def held():
    """Return a function: an area, its measures and a plan to what a run knows, without a study file."""

    def hold(area, measures, plan=None) -> Assessed:
        return assessed(sg.Study(area.name, "", area, plan, {}, {}, inputs=(), findings=()), measures)

    return hold


@pytest.fixture(scope="session")
def drawn():
    """Return a function: shapes in metres from ORIGIN, and columns, to a layer in the working CRS."""

    def draw(shapes, **columns) -> gpd.GeoDataFrame:
        placed = gpd.GeoSeries(list(shapes), crs=CRS).translate(*ORIGIN)
        return gpd.GeoDataFrame({**columns, "geometry": placed.array}, geometry="geometry")

    return draw


@pytest.fixture(scope="session")
def chromium():
    """Headless Chromium with the network cut, one for all tests: a process holds one Playwright at a time."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with pytest.importorskip("playwright.sync_api").sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
