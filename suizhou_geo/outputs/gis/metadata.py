"""metadata.json: what the layers are, where they come from and what they may be used for, in the order of ISO 19115.

A rendering of the standard's elements in JSON, by their names; not one of its official encodings (ISO 19115-3 is XML).
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import numpy as np
from pyproj import CRS, Transformer

from suizhou_geo.assessment.wording import Lang
from suizhou_geo.model import Study, Text
from suizhou_geo.outputs.gis.geopackage import GEOPACKAGE, INVENTED
from suizhou_geo.outputs.gis.layers import GisLayer
from suizhou_geo.outputs.scorecard_files import write_json

METADATA = "metadata.json"
OSM_ROLE = "osm"
DECIMALS = 6
POINTS_PER_SIDE = 21
_ODBL = Text(
    "含 OpenStreetMap 数据，© OpenStreetMap contributors，按 Open Database License (ODbL) 1.0 提供；派生数据库须以同一许可共享",
    "Contains OpenStreetMap data, © OpenStreetMap contributors, available under the Open Database License (ODbL) 1.0; "
    "a derived database must be shared under the same licence",
)
_OWN = Text(
    "其余图层的许可由提供单位决定，使用前请确认",
    "The other layers are under the terms of those who gave them; ask before use",
)
_FILL_IN = Text("请填写：单位、联系人、电话、邮箱", "fill in: organisation, person, telephone, e-mail")
_USE = Text(
    "数值按所列口径由所列数据计算，不代替法定统计与规划审批文件",
    "Numbers follow from the inputs under the definitions given; they replace neither official statistics nor approvals",
)
_INVENTED = Text("全部数据为虚构，不反映任何真实城市", "All data are invented and describe no real city")
_ABSTRACT = Text(
    "{name}：规划指标按分区的测算结果，以及每项指标的空间依据（道路中心线、断头路与缺失路段、街区、公园与设施覆盖等）",
    "{name}: the measures of the plan by zone, and the evidence of each (street centrelines, dead ends and missing links, "
    "blocks, reach of parks and services)",
)
_PURPOSE = Text("核对城市规划承诺与现状的差距", "to hold a city plan against what is on the ground")
_STATEMENT = Text(
    "由所列输入文件经 suizhou-geo 计算得出；每个阈值见 run.json 的 measured_with",
    "computed by suizhou-geo from the inputs listed; every threshold stands in run.json under measured_with",
)


def write_metadata(study: Study, layers: Sequence[GisLayer], folder: Path, *, written: str, lang: Lang = "zh") -> None:
    """Write metadata.json beside the layers. `written` is the day of writing (ISO 8601), which is not looked up here."""
    write_json(metadata(study, layers, written=written, lang=lang), folder / METADATA)


def metadata(study: Study, layers: Sequence[GisLayer], *, written: str, lang: Lang = "zh") -> dict[str, Any]:
    """Return the metadata of the layers of a study: every input with its hash and date, and what was found odd.

    The identifier depends on the inputs and the day alone. The extent is that of the zones, in degrees of WGS 84.
    """
    name = study.name if lang == "zh" else study.name_en or study.name
    label = INVENTED.speak(lang) if study.area.invented else ""
    hashes = " ".join(source.sha256 for source in study.inputs)
    return {
        "metadataStandard": {"title": "ISO 19115-1:2014", "note": "element names of the standard, rendered as JSON"},
        "metadataIdentifier": str(uuid5(NAMESPACE_URL, f"{written} {hashes}")),
        "defaultLocale": {"language": lang, "characterEncoding": "utf8"},
        "contact": [{"role": "pointOfContact", "party": _FILL_IN.speak(lang)}],
        "dateInfo": [{"date": written, "dateType": "creation"}],
        "identificationInfo": _identification(study, label + name, written, lang),
        "spatialRepresentationInfo": {"spatialRepresentationType": "vector"},
        "referenceSystemInfo": _reference_system(study.area.crs),
        "contentInfo": [_content(layer, lang) for layer in layers],
        "distributionInfo": {"format": [{"name": "GeoPackage", "specification": "OGC 12-128", "file": GEOPACKAGE}]},
        "resourceLineage": _lineage(study, lang),
        "dataQualityInfo": {
            "scope": "dataset",
            "invented": study.area.invented,
            "mayBeIncomplete": sorted(study.area.incomplete),
            "findings": list(study.findings),
        },
    }


def osm_credit(study: Study) -> str:
    """Return the words that use of OpenStreetMap's data asks for; nothing where the study has none, or invented ones."""
    given = not study.area.invented and any(source.role == OSM_ROLE for source in study.inputs)
    return "© OpenStreetMap contributors, ODbL" if given else ""


def _identification(study: Study, title: str, written: str, lang: Lang) -> dict[str, Any]:
    from_osm = bool(osm_credit(study))
    constraints = [_INVENTED] if study.area.invented else []
    constraints += [_ODBL] if from_osm else []
    constraints += [_OWN] if any(source.role not in (OSM_ROLE, "study", "plan") for source in study.inputs) else []
    newest = max(source.modified for source in study.inputs)
    return {
        "citation": {"title": title, "date": [{"date": written, "dateType": "creation"}]},
        "abstract": _ABSTRACT.speak(lang).format(name=title),
        "purpose": _PURPOSE.speak(lang),
        "status": "completed",
        "topicCategory": ["planningCadastre", "transportation", "society", "boundaries"],
        "extent": {
            "geographicElement": _bounding_box(study),
            "temporalElement": {"inputsAsOf": newest},
        },
        "resourceConstraints": {
            "useLimitation": _USE.speak(lang),
            "useConstraints": "license",
            "otherConstraints": [text.speak(lang) for text in constraints],
            "licence": "ODbL-1.0" if from_osm else None,
        },
        "plan": None if study.plan is None else study.plan.document,
    }


def _bounding_box(study: Study) -> dict[str, float]:
    """The degrees the zones lie in: of points along their bounding box, whose sides are curves in degrees."""
    west, south, east, north = study.area.zones.total_bounds
    x, y = np.meshgrid(np.linspace(west, east, POINTS_PER_SIDE), np.linspace(south, north, POINTS_PER_SIDE))
    lon, lat = Transformer.from_crs(study.area.crs, CRS.from_epsg(4326), always_xy=True).transform(x, y)
    ends = {
        "westBoundLongitude": lon.min(),
        "eastBoundLongitude": lon.max(),
        "southBoundLatitude": lat.min(),
        "northBoundLatitude": lat.max(),
    }
    return {name: round(float(degrees), DECIMALS) for name, degrees in ends.items()}


def _reference_system(crs: CRS) -> dict[str, Any]:
    authority = crs.to_authority()
    return {"code": ":".join(authority) if authority else None, "name": crs.name, "wkt": crs.to_wkt()}


def _content(layer: GisLayer, lang: Lang) -> dict[str, Any]:
    return {
        "table": layer.table,
        "title": layer.name.speak(lang),
        "geometry": layer.kind,
        "features": len(layer.data),
        "attributes": [
            {"name": f.name, "alias": f.title.speak(lang), "unit": f.spoken_unit(lang) or None} for f in layer.fields
        ],
    }


def _lineage(study: Study, lang: Lang) -> dict[str, Any]:
    return {
        "statement": _STATEMENT.speak(lang),
        "source": [
            {
                "role": source.role,
                "title": source.path,
                "sha256": source.sha256,
                "date": source.modified,
                "bytes": source.bytes,
                "features": source.rows,
                "notes": [note.speak(lang) for note in source.notes],
            }
            for source in study.inputs
        ],
        "processStep": [{"description": f"suizhou-geo {version('suizhou-geo')}", "parameters": dict(study.params)}],
    }
