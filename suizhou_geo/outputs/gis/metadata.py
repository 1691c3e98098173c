"""metadata.json: what the layers are, where they come from and what they may be used for, in the order of ISO 19115.

A rendering of the standard's elements in JSON, by their names; not one of its official encodings (ISO 19115-3 is XML).
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from suizhou_geo.assessment.words import speaker
from suizhou_geo.errors.text import Lang
from suizhou_geo.geometry.crs import moving
from suizhou_geo.model import Study
from suizhou_geo.outputs.gis.geopackage import GEOPACKAGE
from suizhou_geo.outputs.gis.layers import GisLayer
from suizhou_geo.outputs.scorecard_files import write_json

METADATA = "metadata.json"
DECIMALS = 6
_say = speaker("gis")


def write_metadata(study: Study, layers: Sequence[GisLayer], folder: Path, *, written: str, lang: Lang = "zh") -> None:
    """Write metadata.json beside the layers. `written` is the day of writing (ISO 8601), which is not looked up here."""
    write_json(metadata(study, layers, written=written, lang=lang), folder / METADATA)


def metadata(study: Study, layers: Sequence[GisLayer], *, written: str, lang: Lang = "zh") -> dict[str, Any]:
    """Return the metadata of the layers of a study: every input with its hash and date, and what was found odd.

    The identifier depends on the inputs and the day alone. The extent is that of the zones, in degrees of WGS 84.
    """
    crs, dated = study.area.crs, [{"date": written, "dateType": "creation"}]
    title = (_say("invented", lang) if study.area.invented else "") + study.title(lang)
    hashes = " ".join(source.sha256 for source in study.inputs)
    return {
        "metadataStandard": {"title": "ISO 19115-1:2014", "note": "element names of the standard, rendered as JSON"},
        "metadataIdentifier": str(uuid5(NAMESPACE_URL, f"{written} {hashes}")),
        "defaultLocale": {"language": lang, "characterEncoding": "utf8"},
        "contact": [{"role": "pointOfContact", "party": _say("contact", lang)}],
        "dateInfo": dated,
        "identificationInfo": _identification(study, title, dated, lang),
        "spatialRepresentationInfo": {"spatialRepresentationType": "vector"},
        "referenceSystemInfo": {
            "code": ":".join(crs.to_authority() or ()) or None,
            "name": crs.name,
            "wkt": crs.to_wkt(),
        },
        "contentInfo": [_content(layer, lang) for layer in layers],
        "distributionInfo": {"format": [{"name": "GeoPackage", "specification": "OGC 12-128", "file": GEOPACKAGE}]},
        "resourceLineage": _lineage(study, lang),
        "dataQualityInfo": {
            "scope": "dataset",
            "invented": study.area.invented,
            "mayBeIncomplete": sorted(study.area.incomplete),
            "findings": list(study.found(lang)),
        },
    }


def osm_credit(study: Study) -> str:
    """Return the words that use of OpenStreetMap's data asks for; nothing where the study has none, or invented ones."""
    return "© OpenStreetMap contributors, ODbL" if study.owes_osm else ""


def _identification(study: Study, title: str, dated: list[dict[str, str]], lang: Lang) -> dict[str, Any]:
    applies = {
        "all_invented": study.area.invented,
        "odbl": study.owes_osm,
        "own_layers": any(source.role not in ("osm", "study", "plan") for source in study.inputs),
    }
    return {
        "citation": {"title": title, "date": dated},
        "abstract": _say("abstract", lang, name=title),
        "purpose": _say("purpose", lang),
        "status": "completed",
        "topicCategory": ["planningCadastre", "transportation", "society", "boundaries"],
        "extent": {
            "geographicElement": _bounding_box(study),
            "temporalElement": {"inputsAsOf": max(source.modified for source in study.inputs)},
        },
        "resourceConstraints": {
            "useLimitation": _say("use", lang),
            "useConstraints": "license",
            "otherConstraints": [_say(key, lang) for key, holds in applies.items() if holds],
            "licence": "ODbL-1.0" if study.owes_osm else None,
        },
        "plan": None if study.plan is None else study.plan.document,
    }


def _bounding_box(study: Study) -> dict[str, float]:
    """The degrees the zones lie in: of points along their bounding box, whose sides are curves in degrees."""
    to_degrees = moving(study.area.crs, "EPSG:4326")
    bounds = to_degrees.transform_bounds(*study.area.zones.total_bounds)
    west, south, east, north = (round(float(degrees), DECIMALS) for degrees in bounds)
    longitudes = {"westBoundLongitude": west, "eastBoundLongitude": east}
    return {**longitudes, "southBoundLatitude": south, "northBoundLatitude": north}


def _content(layer: GisLayer, lang: Lang) -> dict[str, Any]:
    attributes = [
        {"name": field.name, "alias": field.title.speak(lang), "unit": field.spoken_unit(lang) or None}
        for field in layer.fields
    ]
    told = {"table": layer.table, "title": layer.name.speak(lang), "geometry": layer.kind, "features": len(layer.data)}
    return {**told, "attributes": attributes}


def _lineage(study: Study, lang: Lang) -> dict[str, Any]:
    return {
        "statement": _say("lineage", lang),
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
