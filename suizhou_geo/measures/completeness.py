"""Sentences and results that several measures share: no data, incomplete layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from suizhou_geo.errors import InputError
from suizhou_geo.model import Measure, Text
from suizhou_geo.study_area import LAYERS, StudyArea


def one_of(what: str, value: object, allowed: tuple[str, ...]) -> None:
    """Refuse a word that is not one of those allowed; `what` names the measure and the parameter."""
    if not isinstance(value, str) or value not in allowed:
        raise InputError(f"{what} {value!r} is not one of {', '.join(allowed)}")


def missing_layers(area: StudyArea, *names: str) -> tuple[Text, ...]:
    """Say which of the layers a measure needs were not given."""
    missing = [name for name in names if getattr(area, name) is None]
    return tuple(
        Text(f"缺{LAYERS[name].name_zh}图层（{name}）", f"needs the layer {name} ({LAYERS[name].name_zh})")
        for name in missing
    )


def incomplete_layers(area: StudyArea, *names: str) -> tuple[Text, ...]:
    """Say which of the layers behind a number may miss things that exist on the ground."""
    return tuple(
        Text(
            f"{LAYERS[name].name_zh}图层（{name}）完整性未知，实际可能更多；核实后在研究文件中声明 complete",
            f"the layer {name} may miss things that exist; check it and declare it complete in the study file",
        )
        for name in names
        if name in area.incomplete
    )


def administrative_outline(area: StudyArea) -> tuple[Text, ...]:
    """Say that a density over an administrative area is not the density of the built-up area a plan means."""
    if area.boundary != "administrative":
        return ()
    return (
        Text(
            "分区为行政范围，密度须以建成区为分母，不能据此判定；请提供建成区范围",
            "the zones are administrative limits, but the promise is about the built-up area: "
            "no verdict; give the outline of the built-up area",
        ),
    )


def no_data(
    area: StudyArea,
    key: str,
    name: Text,
    *,
    unit: str,
    profile: str,
    needs: tuple[Text, ...],
    params: Mapping[str, Any],
) -> Measure:
    """Return a measure without a number, that says what it needs."""
    nothing = pd.Series(np.nan, index=area.zones.index)
    return Measure(
        key=key,
        name_zh=name.zh,
        name_en=name.en,
        value=np.nan,
        unit=unit,
        by_zone=nothing,
        denominator=nothing,
        shortfall_unit="",
        profile=profile,
        basis="",
        params=params,
        needs=needs,
    )
