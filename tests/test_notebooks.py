"""Every notebook runs from a clean kernel with no network, holds no output, defines nothing, and is readable Chinese."""

import ast
import os
import re
from html import unescape
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MOST_CELLS = 20
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z]{2}")
WRITTEN = {
    "06_scorecard": ("06_scorecard/report.docx", "06_scorecard/report.xlsx"),
    "07_your_own_city": ("my_city.toml",),
    "08_where_to_build": ("08_where_to_build/sites.csv", "08_where_to_build/map.html"),
    "09_what_if": ("09_what_if/scenario.csv", "09_what_if/map.html"),
}
SAID = {"07_your_own_city": ("没有列“片区名”", 'datum = "gcj02"')}  # what its prose speaks of
# stands in the kernel's way: any name or address but this machine's is refused, and noted even where nobody tells
OFFLINE = """
import sys
HERE = ("localhost", "127.0.0.1", "::1", "", None)
ASKED = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0, "socket.gethostbyname": 0}
def refuse(event, args):
    if event in ASKED:
        place = args[ASKED[event]]
        host = place[0] if isinstance(place, tuple) else place
        if isinstance(host, bytes):
            host = host.decode(errors="replace")
        if host not in HERE and not str(host).startswith("/"):
            with open(%r, "a", encoding="utf-8") as told:
                told.write(f"{event} {host}\\n")
            raise OSError(f"offline: {event} {host}")
sys.addaudithook(refuse)
"""
NOWHERE = "http://127.0.0.1:9"  # for what does not open its sockets in Python


def _read(path):
    return nbformat.read(path, as_version=4)


def _code(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def _run(notebook, folder):
    """Run a notebook in folder/notebooks, with data/raw beside it; return it and the hosts that were asked for."""
    from nbclient import NotebookClient

    for name in ("notebooks", "data/processed", "guard"):
        (folder / name).mkdir(parents=True)
    (folder / "data" / "raw").symlink_to(ROOT / "data" / "raw", target_is_directory=True)
    asked = folder / "asked.txt"
    (folder / "guard" / "sitecustomize.py").write_text(OFFLINE % str(asked), encoding="utf-8")
    ours = ("SUIZHOU_GEO_LANG",)  # a planner's machine has none: the notebooks speak Chinese
    env = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy") and k not in ours}
    env |= {"PYTHONPATH": f"{folder / 'guard'}{os.pathsep}{ROOT}", "PROJ_NETWORK": "OFF"}
    env |= {"http_proxy": NOWHERE, "https_proxy": NOWHERE}
    place = {"metadata": {"path": str(folder / "notebooks")}}
    done = NotebookClient(notebook, timeout=600, resources=place).execute(env=env)
    return done, asked.read_text(encoding="utf-8").split("\n") if asked.exists() else []


def _html(done):
    outputs = [output for cell in done.cells for output in cell.get("outputs", [])]
    return [output.data["text/html"] for output in outputs if "text/html" in output.get("data", {})]


def _map_of(notebook):
    """The page of the one map that a notebook shows, which stands in the notebook itself."""
    [shown] = [html for html in _html(notebook) if "<iframe" in html]
    assert not re.search(r"<iframe[^>]*\ssrc=", shown)
    return unescape(re.search(r'srcdoc="(.*?)"', shown, flags=re.DOTALL)[1])


def _fetched(page):
    """The addresses in the network that a page would load by itself."""
    tags = re.findall(r"<(?:script|img|iframe|link|source|embed|object)\b[^>]*", page)
    named = [address for tag in tags for address in re.findall(r"(?:src|href|data|srcset)=[\"']?([^\"'\s>]+)", tag)]
    sheets = re.findall(r"(?:url\(|@import)\s*[\"']?([^\"')\s]+)", page)
    return [address for address in named + sheets if re.match(r"(https?:)?//", address)]


def test_there_are_nine_in_order():
    assert [path.name[:2] for path in NOTEBOOKS] == ["01", "02", "03", "04", "05", "06", "07", "08", "09"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_it_holds_no_output_and_is_short(path):
    notebook = _read(path)
    assert len(notebook.cells) <= MOST_CELLS
    for cell in notebook.cells:
        assert not cell.get("outputs"), f"{cell.id} holds output"
        assert cell.get("execution_count") is None, f"{cell.id} was run"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_it_holds_one_result_in_the_hand(path):
    code = _code(_read(path))
    imported = [
        node for source in code for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert {alias.name for node in imported for alias in node.names} <= {"suizhou_geo", "pandas"}
    assert any("sg.assess(" in source for source in code[:1]) or path.stem == "07_your_own_city"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_it_defines_nothing(path):
    wrong = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    for source in _code(_read(path)):
        assert not any(isinstance(node, wrong) for node in ast.walk(ast.parse(source))), source
        assert not re.search(r"^\s*[%!]", source, flags=re.MULTILINE), source


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_headings_are_in_both_languages_and_the_first_cell_says_invented(path):
    prose = [cell.source for cell in _read(path).cells if cell.cell_type == "markdown"]
    headings = [line for source in prose for line in source.splitlines() if line.startswith("#")]
    assert headings[0].startswith(f"# {path.stem[:2]} ")
    assert len(headings) >= 4
    for heading in headings:
        assert CHINESE.search(heading), heading
        assert ENGLISH.search(heading), heading
    assert "虚构数据" in prose[0]
    assert "nvented" in prose[0]


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # the kernel's own machinery
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_it_runs_from_a_clean_kernel_offline_and_shows_its_map(path, tmp_path):
    done, asked = _run(_read(path), tmp_path)
    assert asked == []
    nbformat.write(done, tmp_path / "saved.ipynb")
    page = _map_of(_read(tmp_path / "saved.ipynb"))
    assert "<strong>虚构数据</strong>" in page  # the banner, not the name of the city
    assert "Content-Security-Policy" in page
    assert _fetched(page) == []
    for name in WRITTEN.get(path.stem, ()):
        assert (tmp_path / "data" / "processed" / name).stat().st_size > 0
    printed = "".join(output.get("text", "") for cell in done.cells for output in cell.get("outputs", []))
    assert all(words in printed for words in SAID.get(path.stem, ())), printed
    tables = [html for html in _html(done) if "<table" in html]
    assert len(tables) >= 3
    assert any("虚构数据" in html for html in tables)
    for head in (h for html in tables for h in re.findall(r"<thead>.*?</thead>", html, flags=re.DOTALL)):
        for words in re.findall(r"<th\b[^>]*>(.*?)</th>", head, flags=re.DOTALL):
            assert words.replace("&nbsp;", "").strip() == "" or CHINESE.search(words), f"table head {words!r}"


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_the_guard_notes_what_is_asked_of_the_network_even_if_the_failure_is_swallowed(tmp_path):
    v4 = nbformat.v4

    source = """
import socket, urllib.request
for ask in (lambda: socket.create_connection(("192.0.2.1", 80), 0.1), lambda: urllib.request.urlopen("http://a.invalid")):
    try:
        ask()
    except OSError:
        pass
"""
    notebook = v4.new_notebook(cells=[v4.new_code_cell(source)])
    _, asked = _run(notebook, tmp_path)
    assert any("192.0.2.1" in line for line in asked)


def test_what_a_page_would_load_is_found():
    page = (
        '<script src="https://a.invalid/a.js"></script><p style="background: url(//b.invalid/b.png)">https://c.invalid'
    )
    assert _fetched(page) == ["https://a.invalid/a.js", "//b.invalid/b.png"]
    assert _fetched('<img src="data:image/png;base64,AAAA"><a href="https://d.invalid">seen on request</a>') == []
