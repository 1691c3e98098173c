"""What leaves for the terminal commands nothing: no escape, no turned writing, no markup, no emoji code, no second line."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import suizhou_geo as sg
from suizhou_geo.cli import app
from suizhou_geo.cli.screen import progress_told, tell_end, tell_table
from suizhou_geo.cli.terminal import Terminal, one_line, plain
from suizhou_geo.model import Stage

PACKAGE = Path(sg.__file__).parent
EVIL = "\x1b[31m\x1b]0;t\x07\x9b2J\u202e\u2066\u2028[bold]:x:[/]\ttail\udc80"
HARMLESS = r"\x1b[31m\x1b]0;t\x07\x9b2J\u202e\u2066\u2028[bold]:x:[/]\ttail\udc80"


def _call(*words):
    return CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)


def _study(folder, name=EVIL, more=""):
    written = name.encode("unicode_escape", "surrogatepass").decode().replace(r"\x", r"\u00").replace("\\udc80", "")
    path = folder / "study.toml"
    path.write_text(f'name = "{written}"\n{more}[zones]\nbbox = [113.3, 31.6, 113.31, 31.61]\n', encoding="utf-8")
    return path


def test_every_string_is_shown_as_it_is_written():
    assert plain(EVIL) == HARMLESS
    assert plain("随州　公园 8.5 km²\n“绿道”") == "随州　公园 8.5 km²\n“绿道”"  # a space of Chinese text is a space
    assert one_line("a\nb\u2028c") == r"a\nb\u2028c"


def test_prints_tables_and_titles_all_pass_there(capsys, monkeypatch):
    from rich.table import Table

    monkeypatch.setenv("COLUMNS", "120")
    table = Table(title=EVIL)
    table.add_column(EVIL)
    table.add_row(EVIL)
    Terminal().print(table)
    Terminal().tell(EVIL)
    told = capsys.readouterr().out
    assert told.count(HARMLESS) == 4
    assert not re.search("[\x1b\x07\x9b\u202e\u2066\udc80]", told)


def test_nothing_else_in_the_package_speaks_to_the_terminal():
    speakers = re.compile(r"\b(Console\(|print\(|echo\(|sys\.std(out|err)|RichHandler)")
    found = {
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if speakers.search(line) and not re.search(r"\.print\(|>>> |\.\.\. |_print|class Terminal\(Console\)", line)
    }
    assert found == set()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_names_of_strangers_command_no_screen(tmp_path, lang):
    found = _call("check", _study(tmp_path), "--lang", lang)
    assert found.exit_code == 0, found.stderr
    for wrong in ('colour = "x"\n', f'plan = "{chr(0x202E)}[red]:x:"\n'):
        refused = _call("check", _study(tmp_path, more=wrong), "--lang", lang)
        assert refused.exit_code == 2
        assert refused.stderr.count("\n") == 1
        assert "\u202e" not in refused.stderr
    assert r"\u202e[red]:x:" in refused.stderr


def test_the_first_screen_shows_the_name_of_a_study_as_it_is_written(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    result = sg.assess(_study(tmp_path), chapter="land")
    tell_table(result, "zh")
    tell_end(result, "zh", Path("a\nb\x1b]0;x\x07"))
    with progress_told("zh", quiet=False) as tell:
        Stage("reading", 1, tell)("绿地\x1b[2J\n.shp")
    told = capsys.readouterr()
    assert r"\x1b[31m\x1b]0;t\x07" in told.out
    assert "[bold]:x:[/]" in told.out
    assert r"a\nb\x1b]0;x\x07" in told.out
    assert not re.search("[\x1b\x07\u202e]", told.out + told.err)
    assert told.err == "… 读取 1/1 绿地\\x1b[2J\\n.shp\n"


def test_a_path_with_a_line_end_is_told_in_one_line(tmp_path):
    refused = _call("check", tmp_path / "a\nb.toml")
    assert refused.exit_code == 2
    assert refused.stderr.count("\n") == 1
    assert r"a\nb.toml" in refused.stderr


LONG = "x" * 5000


@pytest.mark.parametrize(
    "words",
    [
        ("run", f"{LONG}.toml"),
        ("check", f"{LONG}/study.toml"),
        ("form", f"{LONG}.toml"),
        ("form", "{study}", "--out", f"{LONG}.csv"),
        ("run", "{study}", "--out", LONG),
        ("run", "{study}", "--full", "--template", f"{LONG}.docx", "--out", "{out}"),
        ("sample", LONG),
        ("compare", LONG, "{out}"),
    ],
)
def test_a_path_longer_than_any_is_refused_in_one_line(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    study = _study(tmp_path, "城", 'plan = "china_standards"\n')
    made = [word.format(study=study, out=tmp_path / "out") for word in words]
    refused = _call(*made)
    assert refused.exit_code == 2
    error = [line for line in refused.stderr.splitlines() if not line.startswith("…")]
    assert len(error) == 1
    assert error[0].startswith("error: ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("table", ["zones", "layers.parks", "population", "osm", "statistics"])
def test_a_layer_with_a_path_longer_than_any_is_refused(table, tmp_path):
    text = f'name = "城"\n[{table}]\npath = "{LONG}.gpkg"\n'
    if table != "zones":
        text += "[zones]\nbbox = [113.3, 31.6, 113.31, 31.61]\n"
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    with pytest.raises(sg.InputError, match="cannot be read"):
        sg.read_study(tmp_path / "study.toml")


@pytest.mark.parametrize(
    "deep",
    ["x = " + "[" * 3000 + "]" * 3000, "x = " + "{a = " * 3000 + "1" + "}" * 3000, "[" + ".".join("a" * 3000) + "]"],
)
def test_a_file_nested_without_end_is_refused(deep, tmp_path):
    path = tmp_path / "deep.toml"
    path.write_text(deep, encoding="utf-8")
    with pytest.raises(sg.StudyError, match=r"deep\.toml: .*nested more than 10 deep"):
        sg.read_study(path)
    with pytest.raises(sg.PlanError, match=r"deep\.toml: .*nested more than 10 deep"):
        sg.read_plan(path)
