"""Sentences that several measures share: what is missing, what may be incomplete."""

from __future__ import annotations

from suizhou_geo.errors import InputError
from suizhou_geo.model import Text
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
    return said_if(
        area.boundary == "administrative",
        "分区为行政范围，密度须以建成区为分母，不能据此判定；请提供建成区范围",
        "the zones are administrative limits, but the promise is about the built-up area: "
        "no verdict; give the outline of the built-up area",
    )


def said_if(condition: object, zh: str, en: str) -> tuple[Text, ...]:
    """Say a sentence where a condition holds, and nothing where it does not.

    >>> said_if(len([]), "有", "there are some")
    ()
    """
    return (Text(zh, en),) if condition else ()
