"""The one direction of import, and who may open files, draw maps or touch the network: read from the code itself."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "suizhou_geo"
# each module may import from the rooms named before its own, and from its own
ORDER = (
    ("errors", "standards", "plans"),
    ("crs",),
    ("model",),
    ("zonal", "polylines", "chapters"),
    ("sources", "sample", "abreast"),
    ("network", "centrelines", "demand", "mean_joints", "wiring", "enclosure", "built_up"),
    ("coverage", "ends", "strokes", "crossings", "mean_lines"),
    ("dead_ends",),
    ("missing_links",),
    ("detours", "travel", "catchment"),
    ("measures",),
    ("wording", "symbology"),
    ("scorecard",),
    ("tables",),
    ("maps", "figures", "export"),
    ("report",),
    ("results",),
    ("cli",),
    ("__main__",),
)
RANK = {room: rank for rank, rooms in enumerate(ORDER) for room in rooms}
ONLY_IN = {
    "folium": {"maps"},
    "branca": {"maps"},
    "xstatic": {"maps"},
    "osmium": {"sources", "sample"},
    "rasterio": {"sources", "sample", "built_up"},
    "pyogrio": {"sources", "sample", "export"},
    "matplotlib": {"figures"},
    "docx": {"report"},
    "jinja2": {"report"},
    "PIL": {"report"},
    "openpyxl": {"report", "sources"},
    "osmnx": {"sources"},
    "typer": {"cli"},
    "rich": {"cli"},
    "requests": set(),
    "urllib": set(),
    "socket": set(),
}


def _modules():
    return sorted(PACKAGE.rglob("*.py"))


def _room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def _imports(tree: ast.AST) -> list[str]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.append(node.module)
            assert node.level == 0, "absolute imports only"
    return names


@pytest.mark.parametrize("path", _modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_point_one_way(path):
    room = _room(path)
    if room == "__init__":
        return
    for name in _imports(ast.parse(path.read_text(encoding="utf-8"))):
        if name.startswith("suizhou_geo."):
            other = name.split(".")[1]
            assert other == room or RANK[other] < RANK[room], (
                f"{path.name} ({room}) imports {name}, which comes after it"
            )


@pytest.mark.parametrize("path", _modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_each_library_stays_in_its_room(path):
    for name in _imports(ast.parse(path.read_text(encoding="utf-8"))):
        allowed = ONLY_IN.get(name.split(".")[0])
        assert allowed is None or _room(path) in allowed, f"{path.name} imports {name}"


@pytest.mark.parametrize("path", _modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_files_are_opened_in_sources_only(path):
    readers = {"open", "read_text", "read_bytes", "read_file", "read_parquet", "read_csv", "read_excel"}
    allowed = {"sources", "sample", "standards", "maps"}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            assert name not in readers or _room(path) in allowed, f"{path.name} line {node.lineno} calls {name}"


@pytest.mark.parametrize("path", _modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nothing_is_swallowed_and_nothing_happens_on_import(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"{path.name} line {node.lineno}: bare except"
            assert not isinstance(node.body[0], ast.Pass), f"{path.name} line {node.lineno}: swallowed"
    quiet = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign, ast.Expr, ast.If)
    for node in tree.body:
        assert isinstance(node, quiet), f"{path.name} line {node.lineno}: code runs on import"
        if isinstance(node, ast.Expr):
            assert isinstance(node.value, ast.Constant), f"{path.name} line {node.lineno} runs on import"
