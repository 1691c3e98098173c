"""What `import suizhou_geo as sg` offers: every function is defined by its docstring and has an example that runs."""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import suizhou_geo as sg

FUNCTIONS = [getattr(sg, name) for name in sg.__all__ if inspect.isfunction(getattr(sg, name))]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)
def test_every_public_function_has_an_example_and_few_parameters(function):
    assert ">>> " in function.__doc__
    assert len(inspect.signature(function).parameters) <= 8


@pytest.mark.parametrize("name", sg.__all__)
def test_everything_offered_is_there_and_documented(name):
    assert hasattr(sg, name)
    assert name.isupper() or inspect.getdoc(getattr(sg, name))


def test_what_type_checkers_read_is_what_is_offered():
    stub = ast.parse(Path(sg.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    said = {alias.name: node.module for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    from_measures = dict.fromkeys(sg.measures.__all__, said.pop("*"))
    offered = {name: f"suizhou_geo.{module}" for name, module in sg._MODULE_OF.items()}
    assert {**said, **from_measures} == offered


def test_what_is_not_offered_is_told_as_python_does():
    with pytest.raises(AttributeError, match="has no attribute 'park_covrage'"):
        sg.park_covrage  # noqa: B018


LIBRARIES = (
    "numpy pandas geopandas shapely scipy rasterio osmium matplotlib folium openpyxl xlrd docx osmnx networkx requests"
)
READING = {"numpy", "pandas", "geopandas", "shapely", "scipy", "rasterio", "osmium"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "may"),
    [
        ("import suizhou_geo", set()),
        ("from suizhou_geo.cli import app; app(['--help'], standalone_mode=False)", set()),
        ("from suizhou_geo.cli import app; app(['run', '--help'], standalone_mode=False)", set()),
        ("import suizhou_geo as sg; sg.StudyArea", READING - {"rasterio", "osmium"}),
        ("import suizhou_geo as sg; sg.assess", READING),
    ],
)
def test_libraries_are_loaded_when_they_are_used(code, may):
    asked = f"{code}\nimport sys; print(*(name for name in {LIBRARIES.split()} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert set(done.stdout.splitlines()[-1].split()) <= may
