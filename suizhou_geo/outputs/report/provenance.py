"""Where everything comes from: inputs with hash and date, parameters, versions, findings. For the auditor."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from datetime import datetime
from importlib.metadata import version
from typing import Any

from suizhou_geo.assessment.rows import Row
from suizhou_geo.assessment.wording import parameter_words, profile_words, role_name
from suizhou_geo.errors.text import Lang
from suizhou_geo.model import Input, Measure, Study
from suizhou_geo.outputs.report.blocks import Cell, Table, worded_table
from suizhou_geo.outputs.report.words import say
from suizhou_geo.standards.catalogue import entry_for

LIBRARIES = (
    *("geopandas", "shapely", "pyproj", "pyogrio", "rasterio", "osmium", "scipy", "numpy", "pandas", "matplotlib"),
    *("python-docx", "openpyxl", "jinja2"),
)
DECLARED = "declared"  # the profile of figures that no layer measures
UNDATED = datetime(1980, 1, 1)  # the first day a zip archive can hold


def newest(inputs: Iterable[Input]) -> datetime:
    """Return when the newest input was changed: the date of a report, which must not depend on today."""
    dates = [datetime.fromisoformat(source.modified).replace(tzinfo=None) for source in inputs]
    return max(dates, default=UNDATED)


def data_date(source: Input, lang: Lang) -> str:
    """Say of when the data of a file are; where nothing says it, when the file was changed, in those words."""
    return source.data_date[:10] or say("file_of", lang, date=source.modified[:10])


def sources_of(study: Study, layers: Sequence[str], lang: Lang) -> str:
    """Say which file some layers are from, and of when: file by file. Layers that were not given are left out."""
    by_role = {source.role: source for source in study.inputs}
    told: dict[str, list[str]] = {}
    for layer in layers:
        source = by_role.get(layer, by_role.get("study" if layer == "zones" else "osm"))
        if getattr(study.area, layer) is not None and source is not None:
            told.setdefault(f"{source.path} ({data_date(source, lang)})", []).append(role_name(layer, lang))
    colon = say("colon", lang)
    return say("semicolon", lang).join(f"{say('and', lang).join(roles)}{colon}{file}" for file, roles in told.items())


def fed_by(row: Row, study: Study, lang: Lang) -> str:
    """Say which files fed a row: those of the layers its measure reads, or where a figure was declared and by whom."""
    if row.profile != DECLARED:
        entry = entry_for(row.key)
        return "" if entry is None else sources_of(study, entry.layers, lang)
    said_by = dict.fromkeys(one.source for one in study.statistics if one.key == row.key)
    files = [f"{one.path} ({data_date(one, lang)})" for one in study.inputs if one.role == "statistics"]
    return say("colon", lang).join(filter(None, (say("and", lang).join(files), say("semicolon", lang).join(said_by))))


def dates_told(study: Study, lang: Lang) -> tuple[str, ...]:
    """Say of when the data are: what says so itself, by name; of the other files how many there are and when they changed."""
    sources = [source for source in study.inputs if source.role not in ("study", "plan")]
    dated = dict.fromkeys(f"{role_name(one.role, lang)} {one.data_date[:10]}" for one in sources if one.data_date)
    others = {source.path: source.modified[:10] for source in sources if not source.data_date}
    told = [say("data_dated", lang, dates=say("semicolon", lang).join(dated))] if dated else []
    if others:
        first, last = min(others.values()), max(others.values())
        when = first if first == last else f"{first} – {last}"
        told.append(say("other_files" if dated else "files", lang, n=len(others), date=when))
    return tuple(told)


def inputs_table(study: Study, lang: Lang) -> Table:
    """Return every file that was read, with hash, date and what was done to it."""
    heads = {"role": 1.0, "file": 1.4, "date": 1.1, "rows": 0.8, "bytes": 1.0, "done": 5.0, "sha256": 1.6}
    cells = [
        (
            role_name(source.role, lang),
            source.path,
            source.modified.replace("T", " "),
            Cell("") if source.rows is None else Cell(f"{source.rows:,}", float(source.rows), "count"),
            Cell(f"{source.bytes:,}", float(source.bytes), "count"),
            "\n".join(note.speak(lang) for note in source.notes),
            source.sha256,
        )
        for source in study.inputs
    ]
    return worded_table(
        "inputs", heads, cells, lang, note=say("osm_credit", lang) if study.owes_osm else "", numbers=("rows", "bytes")
    )


def params_table(measures: Sequence[Measure], lang: Lang, *, each: bool = False) -> Table:
    """Return the parameters of the measures that have a number, in words: a row per measure, or (`each`) one per parameter.

    Measures that were taken alike, such as one for each service, stand in one row.
    """
    told = [m for m in measures if m.has_data]
    if each:
        return _each_parameter(told, lang)
    alike: dict[tuple[str, str, str], list[Measure]] = {}
    for m in told:
        params = [" ".join(parameter_words(m.key, name, value, lang)) for name, value in m.params.items()]
        text = say("semicolon", lang).join(params) or say("none", lang)
        alike.setdefault((m.family, profile_words(m.profile, lang), text), []).append(m)
    rows = [
        (
            first.name.speak(lang) if not more else say("several", lang, name=first.name.speak(lang), n=1 + len(more)),
            *what[1:],
        )
        for what, (first, *more) in alike.items()
    ]
    return worded_table("params", {"measure": 2.2, "profile": 2.0, "value": 6.0}, rows, lang)


def _each_parameter(measures: Sequence[Measure], lang: Lang) -> Table:
    """A row per parameter and value of a family of measures, and of which of them: those under one key and definition most."""
    families: dict[str, list[Measure]] = {}
    alike: dict[tuple[str, str, str, float | None], list[Measure]] = {}
    for m in measures:
        families.setdefault(m.family, []).append(m)
        for name, value in m.params.items():
            what = (m.family, *parameter_words(m.key, name, value, lang), _as_number(value))
            alike.setdefault(what, []).append(m)
    rows = []
    for (family, words, text, number), mine in alike.items():
        keys, every = (list(dict.fromkeys(m.key for m in some)) for some in (mine, families[family]))
        profiles = dict.fromkeys(m.profile for m in mine)
        of_all = len(profiles) > 1 and len(mine) == sum(m.key in keys for m in families[family])
        whose = say("all_of", lang, name=family, n=len(every)) if len(every) > 1 and keys == every else "\n".join(keys)
        how = "\n".join(profile_words(profile, lang) for profile in profiles)
        rows.append((whose, say("every_definition", lang) if of_all else how, words, Cell(text, number)))
    return worded_table("params", {"key": 2.2, "profile": 2.2, "parameter": 3.0, "value": 5.0}, rows, lang)


def versions_table(study: Study, lang: Lang) -> Table:
    """Return the CRS, what may be incomplete, and the versions of the software."""
    crs = study.area.crs
    code = crs.to_epsg()
    incomplete = say("and", lang).join(role_name(layer, lang) for layer in sorted(study.area.incomplete))
    rows = [
        (say("crs", lang), f"{crs.name} (EPSG:{code})" if code else crs.name),
        (say("may_be_incomplete", lang), incomplete or say("none", lang)),
        ("suizhou_geo", version("suizhou-geo")),
        ("Python", platform.python_version()),
        *((name, version(name)) for name in LIBRARIES),
    ]
    return worded_table("versions", {"subject": 1.0, "value": 2.0}, rows, lang)


def findings_table(study: Study, lang: Lang) -> Table:
    """Return what was found odd about the inputs."""
    cells = [(finding,) for finding in study.found(lang)]
    return worded_table("findings", {"finding": 1.0}, cells, lang, note="" if cells else say("no_findings", lang))


def _as_number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
