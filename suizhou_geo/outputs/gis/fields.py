"""What the fields of the results are called (字段说明): one dictionary for aliases in GIS programs and for the reports.

The names stand in standards/fields.toml; columns that hold a measure or a service are named after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, get_args

import pandas as pd

from suizhou_geo.access.coverage import REACHES
from suizhou_geo.assessment.wording import Lang, profile_words, unit_name
from suizhou_geo.model import Measure, Text
from suizhou_geo.standards import table

SHARE = "0–1"
PER_THOUSAND = "_per_thousand"
LANGS: tuple[Lang, ...] = get_args(Lang)


@dataclass(frozen=True)
class Field:
    """One field: its name in the file, the name people read, and the unit of its numbers ("" for texts and counts)."""

    name: str
    title: Text
    unit: str = ""

    def alias(self, lang: Lang) -> str:
        """Return the title with the unit, as it is shown in an attribute table.

        >>> Field("length_m", Text("长度", "length"), "m").alias("zh")
        '长度 (m)'
        """
        unit = self.spoken_unit(lang)
        return self.title.speak(lang) + (f" ({unit})" if unit else "")

    def spoken_unit(self, lang: Lang) -> str:
        """Return the unit in words.

        >>> Field("area_ha", Text("面积", "area"), "ha").spoken_unit("zh")
        '公顷'
        """
        return SHARE if self.unit == "share" else (unit_name(self.unit, lang) if self.unit else "")


def measure_fields(measures: Iterable[Measure]) -> Iterator[Field]:
    """Give, for every measure, the column of its value in the zones and that of its verdict."""
    for measure in measures:
        column, title = measure.key.replace(".", "_"), Text(measure.name_zh, measure.name_en)
        yield Field(column, title, measure.unit)
        # the words say that the verdict is not on the zone
        yield Field(f"{column}_status", Text(f"全市结论：{title.zh}", f"verdict on the whole: {title.en}"))


def service_fields() -> Iterator[Field]:
    """Give the columns of `service_coverage`: one per service and way of reaching, the share of a cell in reach."""
    circles = table("life_circles")
    services = {**circles["categories"], **{f"tdt1063_{key}": row for key, row in circles["tdt1063"].items()}}
    for (service, row), reach in ((pair, reach) for pair in services.items() for reach in REACHES):
        how = Text(profile_words(reach, "zh"), profile_words(reach, "en"))
        yield Field(
            f"{service}_{reach}", Text(f"{row['name_zh']}·{how.zh}", f"{row['name_en']}, {how.en}"), unit="share"
        )


def cell_column(measure: Measure) -> str:
    """Return the column of a measure in a layer of cells: what is reached, and how.

    >>> import suizhou_geo as sg
    >>> area = sg.read_study("data/raw/invented_city/study.toml").area
    >>> cell_column(sg.service_coverage(area, "hospital")), cell_column(sg.places_short(area, "hospital"))
    ('hospital_straight_line', 'hospital_2sfca')
    """
    params = measure.params
    if measure.family == "walk_time_coverage":
        how = f"{params['walker']}_{params['minutes']:g}_min"
    else:
        how = params["method"] if measure.family == "places_short" else params.get("reach", "street")
    return f"{measure.subject.replace('.', '_')}_{how}"


def cell_fields(measures: Iterable[Measure]) -> Iterator[Field]:
    """Give the columns of the layers of cells of those measures that are no services of a living circle."""
    for measure in measures:
        title = Text(measure.name_zh, measure.name_en)
        if measure.family in ("walk_time_coverage", "emergency_reach"):
            yield Field(cell_column(measure), title, "share")
        elif measure.family == "places_short":
            yield Field(cell_column(measure), title)
            told = Text(f"{title.zh}：每千人可得", f"{title.en}: places per 1,000")
            yield Field(f"{cell_column(measure)}{PER_THOUSAND}", told, "per_thousand")


def fields_of(layer: str, columns: Iterable[str], measures: Sequence[Measure] = ()) -> tuple[Field, ...]:
    """Return the fields of a layer in the order of its columns, no two with one alias.

    A column nothing is known of keeps its own name.
    """
    known = {
        field.name: field
        for field in (*_listed("layers"), *service_fields(), *cell_fields(measures), *measure_fields(measures))
    }
    known |= {f.name: f for f in _fields(table("fields")["one_layer"].get(layer, {}))}
    fields = [known.get(column, Field(column, Text(column, column))) for column in columns]
    doubled = {lang: Counter(field.alias(lang) for field in fields) for lang in LANGS}
    return tuple(
        replace(f, title=Text(f"{f.title.zh}〔{f.name}〕", f"{f.title.en} [{f.name}]"))
        if any(doubled[lang][f.alias(lang)] > 1 for lang in LANGS)
        else f
        for f in fields
    )


def data_dictionary(lang: Lang = "zh", *, layers: Mapping[str, Sequence[Field]] | None = None) -> pd.DataFrame:
    """Return what every field of the results means, with columns `table`, `field`, `name`, `unit`.

    First those of the scorecard. Then the fields of the given layers (table -> fields), or without any the fields a layer
    can have, under the table "layers.gpkg", and the columns per service under "service_coverage".

    >>> words = data_dictionary("zh").set_index(["table", "field"])
    >>> words.loc[("layers.gpkg", "link_m"), "name"], words.loc[("scorecard", "status"), "name"]
    ('缺失路段长度', '结论')
    """
    given = layers or {"layers.gpkg": tuple(_listed("layers")), "service_coverage": tuple(service_fields())}
    rows = (
        (name, field.name, field.title.speak(lang), field.spoken_unit(lang))
        for name, fields in chain([("scorecard", tuple(_listed("scorecard")))], given.items())
        for field in fields
    )
    return pd.DataFrame(rows, columns=["table", "field", "name", "unit"])


def _listed(part: str) -> Iterator[Field]:
    return _fields(table("fields")[part])


def _fields(rows: Mapping[str, Mapping[str, Any]]) -> Iterator[Field]:
    return (Field(name, Text(row["zh"], row["en"]), row.get("unit", "")) for name, row in rows.items())
