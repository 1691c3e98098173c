"""What the fields of the layers are called (字段说明): their aliases in GIS programs.

The names stand in standards/fields.toml; columns that hold a measure or a service are named after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import get_args

from suizhou_geo.access.coverage import REACHES
from suizhou_geo.assessment.wording import in_both, profile_words, unit_name
from suizhou_geo.errors.text import Lang, Text
from suizhou_geo.model import Measure
from suizhou_geo.standards import table

SHARE = "0–1"
PER_THOUSAND, REACHED, MISSING = "_per_thousand", "_count", "_missing"  # ends of columns beside one of a measure
_BY_REACH = ("park_coverage", "greenway_coverage", "charger_coverage", "life_circle_compliance", "community_gaps")
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


def known_fields(measures: Sequence[Measure] = ()) -> Mapping[str, Field]:
    """Return the fields by name that any layer may have, those of some measures among them."""
    given = (*_listed(table("fields")["layers"]), *_service_fields(), *_measure_fields(measures))
    return {field.name: field for field in given}


def fields_of(layer: str, columns: Iterable[str], known: Mapping[str, Field]) -> tuple[Field, ...]:
    """Return the fields of a layer in the order of its columns, no two with one alias; `known` are the `known_fields`.

    A column nothing is known of keeps its own name.
    """
    known = {**known, **{field.name: field for field in _listed(table("fields")["one_layer"].get(layer, {}))}}
    fields = [known.get(column, Field(column, Text(column, column))) for column in columns]
    told = Counter((lang, field.alias(lang)) for field in fields for lang in LANGS)
    return tuple(
        replace(field, title=Text(f"{field.title.zh}〔{field.name}〕", f"{field.title.en} [{field.name}]"))
        if any(told[lang, field.alias(lang)] > 1 for lang in LANGS)
        else field
        for field in fields
    )


def column_of(key: str) -> str:
    """Return the column of a measure in the zones.

    >>> column_of("road_density.branch")
    'road_density_branch'
    """
    return key.replace(".", "_")


def cell_column(measure: Measure) -> str:
    """Return the column of a measure in a layer of cells or communities: what is reached, and how.

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
    lacks = "lacks_" if measure.family == "community_gaps" and measure.subject else ""
    return f"{lacks}{column_of(measure.subject or measure.family)}_{how}"


def _listed(rows: Mapping[str, Mapping[str, str]]) -> Iterator[Field]:
    return (Field(name, Text(row["zh"], row["en"]), row.get("unit", "")) for name, row in rows.items())


def _service_fields() -> Iterator[Field]:
    """The columns of `service_coverage`: one per service and way of reaching, the share of a cell in reach."""
    circles = table("life_circles")
    services = {**circles["categories"], **{f"tdt1063_{key}": row for key, row in circles["tdt1063"].items()}}
    for (service, row), reach in product(services.items(), REACHES):
        how = in_both(partial(profile_words, reach))
        title = Text(f"{row['name_zh']}·{how.zh}", f"{row['name_en']}, {how.en}")
        yield Field(f"{service}_{reach}", title, "share")


def _measure_fields(measures: Iterable[Measure]) -> Iterator[Field]:
    """For every measure, its value in the zones and its verdict; on cells, what no service of a living circle names."""
    for measure in measures:
        column, title = column_of(measure.key), measure.name
        yield Field(column, title, measure.unit)
        # the words say that the verdict is not on the zone
        yield Field(f"{column}_status", Text(f"全部分区结论：{title.zh}", f"verdict on the whole: {title.en}"))
        if measure.family in ("walk_time_coverage", "emergency_reach"):
            yield Field(cell_column(measure), title, "share")
        elif measure.family in _BY_REACH:
            how = in_both(partial(profile_words, measure.params.get("reach", "street")))
            told = Text(f"{title.zh}·{how.zh}", f"{title.en}, {how.en}")
            yield from _of_one_shape(measure, told)
        elif measure.family == "places_short":
            yield Field(cell_column(measure), title)
            told = Text(f"{title.zh}：每千人可得", f"{title.en}: places per 1,000")
            yield Field(f"{cell_column(measure)}{PER_THOUSAND}", told, "per_thousand")


def _of_one_shape(measure: Measure, told: Text) -> Iterator[Field]:
    """What a measure says of one cell or one community, whose unit may be another than its own."""
    column = cell_column(measure)
    if measure.family != "community_gaps":
        yield Field(column, told, "share")
        yield Field(column + REACHED, Text(f"可达设施类数（{told.zh}）", f"services in reach ({told.en})"), "count")
        return
    yield Field(column, Text(f"{told.zh}：本社区", f"{told.en}: this one"))
    yield Field(column + REACHED, Text(f"缺设施类数（{told.zh}）", f"facilities lacking ({told.en})"), "count")
    yield Field(column + MISSING, Text(f"缺的设施（{told.zh}）", f"which are lacking ({told.en})"))
