"""The conda environment and the Python package ask for the same things, and what is installed is what is imported."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CONDA_NAMES = {"pyosmium": "osmium"}  # conda-forge's name -> PyPI's


def _environment() -> dict[str, str]:
    lines = re.findall(r"^ +- ([a-z][a-z0-9_-]*)([>=]=[\d.]+)?$", (ROOT / "environment.yml").read_text(), flags=re.M)
    return {CONDA_NAMES.get(name, name): bound for name, bound in lines if name not in ("pip", "conda-forge", "python")}


def _project() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    more = project["optional-dependencies"]
    wanted = [*project["dependencies"], *more["test"], *more["check"]]
    return dict(re.fullmatch(r"([a-z0-9_-]+)(?:\[\w+\])?([>=]=[\d.]+)", w).groups() for w in wanted)


def test_environment_and_pyproject_name_the_same_packages_and_bounds():
    assert _environment() == _project()


def test_the_python_bound_is_the_same():
    python = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert f"- python{python}" in (ROOT / "environment.yml").read_text()


def test_only_lower_bounds_and_nothing_copyleft():
    names = _project()
    assert [name for name, bound in names.items() if not bound.startswith(">=")] == ["pylopdf-fonts-zh-cn"]
    assert not {"pandana", "pandarm", "cityseer", "r5py", "urbanpy"} & set(names)


def test_a_folder_of_the_same_name_does_not_stand_before_the_package(tmp_path):
    """As where the repository is cloned: its folder, without __init__.py, comes first on the path."""
    (tmp_path / "suizhou_geo").mkdir()
    ask = "import importlib.util as i; print(i.find_spec('suizhou_geo').origin)"
    done = subprocess.run([sys.executable, "-c", ask], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("__init__.py")
