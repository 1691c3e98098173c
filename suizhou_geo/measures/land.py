"""Land: urban construction land a head (人均城镇建设用地)."""

from __future__ import annotations

import numpy as np

from suizhou_geo.measures.said import incomplete_layers, missing_layers, no_data
from suizhou_geo.model import Measure, StudyArea, Text
from suizhou_geo.zonal import area_by_zone, cut_areas, dissolved, persons_by_zone

NAME = Text("人均城镇建设用地", "urban construction land per person")
_SAME = 0.01


def construction_land_per_capita(area: StudyArea) -> Measure:
    """人均城镇建设用地: urban construction land inside the zones over resident persons inside them, m² per person.

    The land is the `land_use` layer's polygons marked as construction land, overlaps counted once; or, without that
    layer, the zones themselves where their outline stands for the construction land (boundary = "construction_land").
    Where the land_use layer may be incomplete (OpenStreetMap), the range reaches from what is mapped to the whole area
    of the zones.

    On one area and one population this is the reciprocal of the density: density = 10⁶ / land per person. Both of the
    pair are in `params`; where the density over the zones' area says something else, the two denominators differ and a
    note says so.

    Source: MNR 人均城镇建设用地面积 (land survey over resident urban population); rival: GB 50137-2011 2.0.4.

    >>> import suizhou_geo as sg
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> land = sg.construction_land_per_capita(study.area)
    >>> round(land.value * land.params["reciprocal_density_person_per_km2"])
    1000000
    """
    key, unit = "construction_land_per_capita", "m2/person"
    from_outline = area.land_use is None and area.boundary == "construction_land"
    profile = "zone_outline" if from_outline else "land_use"
    needs = missing_layers(area, "population") + (() if from_outline else missing_layers(area, "land_use"))
    if needs or area.population is None:
        return no_data(area, key, NAME, unit=unit, profile=profile, needs=needs, params={"boundary": area.boundary})
    if area.land_use is None:
        land_m2, evidence = area.zones.area, area.zones.assign(part="construction_land")
    else:
        built = area.land_use[area.land_use["construction"].to_numpy(dtype=bool)]
        land_m2 = area_by_zone(built, area.zones)
        parts = cut_areas(dissolved(built), area.zones)
        evidence = parts[["zone_id", "geometry"]].assign(part="construction_land", area_ha=parts.area / 1e4)
    persons = persons_by_zone(area.population, area.zones)
    total = float(persons.sum())
    value = float(land_m2.sum() / total) if total > 0 else np.nan
    reciprocal = 1e6 / value if value > 0 else np.nan
    density = total / float(area.zones.area.sum()) * 1e6
    apart = abs(reciprocal / density - 1.0) > _SAME
    note = Text(
        f"人均用地的倒数为 {reciprocal:,.0f} 人/km²，按分区面积计的人口密度为 {density:,.0f} 人/km²：两者分母不同"
        f"（建设用地 {land_m2.sum() / 1e6:.2f} km²，分区 {area.zones.area.sum() / 1e6:.2f} km²）",
        f"the reciprocal of land per person is {reciprocal:,.0f} persons/km2 but the density over the zones is "
        f"{density:,.0f}: their denominators differ ({land_m2.sum() / 1e6:.2f} km2 of construction land, "
        f"{area.zones.area.sum() / 1e6:.2f} km2 of zones)",
    )
    open_above = "land_use" in area.incomplete and not from_outline
    return Measure(
        key=key,
        name_zh=NAME.zh,
        name_en=NAME.en,
        value=value,
        unit=unit,
        by_zone=land_m2 / persons.where(persons > 0),
        denominator=persons / 1e4,
        shortfall_unit="ha",
        profile=profile,
        basis="MNR 人均城镇建设用地面积: 城镇建设用地 ÷ 城镇常住人口",
        params={
            "boundary": area.boundary,
            "construction_land_ha": float(land_m2.sum() / 1e4),
            "persons": total,
            "reciprocal_density_person_per_km2": reciprocal,
            "zone_density_person_per_km2": density,
        },
        evidence=evidence,
        low=0.0 if "population" in area.incomplete else value,
        high=float(area.zones.area.sum() / total) if open_above and total > 0 else value,
        needs=(incomplete_layers(area, "land_use") if open_above else ()) + incomplete_layers(area, "population"),
        notes=(note,) if apart else (),
    )
