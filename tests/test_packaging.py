"""The conda environment and the Python package ask for the same things."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONDA_NAMES = {"pyosmium": "osmium"}  # conda-forge's name -> PyPI's


def _environment() -> dict[str, str]:
    lines = re.findall(r"^ +- ([a-z][a-z0-9_-]*)(>=[\d.]+)?$", (ROOT / "environment.yml").read_text(), flags=re.M)
    return {CONDA_NAMES.get(name, name): bound for name, bound in lines if name not in ("pip", "conda-forge", "python")}


def _project() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] + project["optional-dependencies"]["dev"]
    return dict(re.fullmatch(r"([a-z0-9_-]+)(>=[\d.]+)", w).groups() for w in wanted)


def test_environment_and_pyproject_name_the_same_packages_and_bounds():
    assert _environment() == _project()


def test_the_python_bound_is_the_same():
    python = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert f"- python{python}" in (ROOT / "environment.yml").read_text()


def test_only_lower_bounds_and_nothing_copyleft():
    names = _project()
    assert all(bound.startswith(">=") for bound in names.values())
    assert not {"pandana", "pandarm", "cityseer", "r5py", "urbanpy"} & set(names)
