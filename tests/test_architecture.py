"""The one direction of import, and who may open files, draw maps or touch the network: read from the code itself."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "suizhou_geo"
MODULES = {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")}
FLOORS = (  # each room may import from the floors before its own, and from itself
    {"errors"},
    {"geometry"},
    {"study_area"},
    {"model"},
    {"standards", "plans"},
    {"sources", "streets"},
    {"access"},
    {"measures"},
    {"assessment"},
    {"outputs"},
    {"invented_city"},
    {"cli"},
    {"__main__"},
)
ONLY_IN = {
    "folium": {"outputs/web_map"},
    "branca": {"outputs/web_map"},
    "xstatic": {"outputs/web_map"},
    "osmium": {"sources", "invented_city"},
    "rasterio": {"sources", "invented_city", "measures"},
    "pyogrio": {"sources", "invented_city", "outputs"},
    "matplotlib": {"outputs/figures"},
    "docx": {"outputs/report", "sources"},
    "jinja2": {"outputs/report", "outputs/web_map", "outputs/gis", "outputs/plan_draft", "outputs/batch"},
    "PIL": {"outputs/figures"},
    "openpyxl": {"outputs/report", "sources"},
    "dask": {"outputs/batch"},
    "distributed": {"outputs/batch"},
    "osmnx": {"sources"},
    "typer": {"cli"},
    "rich": {"cli"},
    "requests": {"sources/fetch"},
    "urllib3": {"sources/fetch"},
    "urllib": {"sources/fetch"},
    "socket": set(),
}


def _room(path: str) -> str:
    return path.split("/")[0].removesuffix(".py")


def _imports(tree: ast.AST) -> list[str]:
    """What a module imports; of `from package import name` both the package and what may be a module in it."""
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    parts = [
        (node.module or ".", a.name) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for a in node.names
    ]
    return names + [module for module, _ in parts] + [f"{module}.{name}" for module, name in parts]


@pytest.mark.slow
def test_imports_point_one_way():
    floor = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
    wrong = [
        f"{path} imports {name}"
        for path, tree in MODULES.items()
        for name in _imports(tree)
        if name.startswith("suizhou_geo.") and path != "__init__.py"
        if (room := name.split(".")[1]) != _room(path) and floor[room] >= floor[_room(path)]
    ]
    assert not wrong
    assert (
        len([entry for entry in PACKAGE.iterdir() if entry.name not in ("__pycache__", "py.typed", "__init__.pyi")])
        <= 16
    )


@pytest.mark.slow
def test_no_import_is_relative_or_only_for_types():
    for path, tree in MODULES.items():
        for node in ast.walk(tree):
            assert not (isinstance(node, ast.ImportFrom) and node.level), f"{path}: a relative import"
            assert not (isinstance(node, ast.Name) and node.id == "TYPE_CHECKING"), f"{path}: an import only for types"


@pytest.mark.slow
def test_no_module_imports_itself_round_a_circle():
    names = {path.removesuffix(".py").replace("/", "."): path for path in MODULES}
    arrows = {
        name: {i.removeprefix("suizhou_geo.") for i in _imports(MODULES[path])} & names.keys() - {name}
        for name, path in names.items()
    }
    while free := {name for name, to in arrows.items() if not to & arrows.keys()}:
        arrows = {name: to for name, to in arrows.items() if name not in free}
    assert not arrows


@pytest.mark.parametrize("path", MODULES)
def test_each_library_stays_in_its_room(path):
    for name in _imports(MODULES[path]):
        rooms = ONLY_IN.get(name.split(".")[0])
        assert rooms is None or any(path.startswith((f"{room}/", f"{room}.")) for room in rooms), name


@pytest.mark.parametrize("path", MODULES)
def test_files_are_opened_in_sources_only(path):
    readers = {"open", "read_text", "read_bytes", "read_file", "read_parquet", "read_csv", "read_excel"}
    allowed = ("sources/", "invented_city/", "standards/", "outputs/web_map/")
    for node in ast.walk(MODULES[path]):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            assert name not in readers or path.startswith(allowed), f"line {node.lineno} calls {name}"


@pytest.mark.parametrize("path", MODULES)
def test_nothing_is_swallowed_and_nothing_happens_on_import(path):
    for node in ast.walk(MODULES[path]):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"line {node.lineno}: bare except"
            assert not isinstance(node.body[0], ast.Pass), f"line {node.lineno}: swallowed"
    quiet = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.Expr, ast.If)
    for node in MODULES[path].body:
        assert isinstance(node, quiet), f"line {node.lineno}: code runs on import"
        if isinstance(node, ast.Expr):
            assert isinstance(node.value, ast.Constant), f"line {node.lineno} runs on import"


def test_what_asks_the_network_is_loaded_only_when_it_is_called():
    """Importing the package loads neither OSMnx nor requests: they are imported inside functions."""
    loaded = [
        (path, name)
        for path, tree in MODULES.items()
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in _imports(node)
        if name.split(".")[0] in ("osmnx", "requests", "urllib3")
    ]
    assert not loaded
