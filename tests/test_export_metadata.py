"""metadata.json says what the layers are and where they come from."""

import json
from pathlib import Path

import pytest
from pyproj import Transformer

import suizhou_geo as sg
from suizhou_geo.assessment.assessed import assessed
from suizhou_geo.outputs.gis.layers import gis_layers
from suizhou_geo.outputs.gis.metadata import metadata, osm_credit, write_metadata

REAL = Path(__file__).resolve().parent / "real"


@pytest.fixture(scope="module")
def told(invented_city, tmp_path_factory):
    study = invented_city
    measures = [sg.population_density(study.area), sg.road_density(study.area)]
    layers = gis_layers(assessed(study, measures))
    folder = tmp_path_factory.mktemp("metadata")
    write_metadata(study, layers, folder, written="2026-01-31")
    return study, layers, json.loads((folder / "metadata.json").read_text(encoding="utf-8"))


def test_the_extent_is_that_of_the_zones_in_degrees(told):
    study, _, record = told
    box = record["identificationInfo"]["extent"]["geographicElement"]
    west, south, east, north = study.area.zones.total_bounds
    lon, lat = Transformer.from_crs(study.area.crs, 4326, always_xy=True).transform(
        [west, west, east, east], [south, north, south, north]
    )
    assert box["westBoundLongitude"] == pytest.approx(min(lon), abs=1e-6)
    assert box["eastBoundLongitude"] == pytest.approx(max(lon), abs=1e-6)
    assert box["southBoundLatitude"] <= min(lat) + 1e-6
    assert box["northBoundLatitude"] >= max(lat) - 1e-6
    assert 113 < box["westBoundLongitude"] < box["eastBoundLongitude"] < 114
    assert record["referenceSystemInfo"]["code"] == "EPSG:4547"


def test_every_input_stands_in_the_lineage_with_its_hash(told):
    study, _, record = told
    sources = {source["title"]: source for source in record["resourceLineage"]["source"]}
    assert set(sources) == {source.path for source in study.inputs}
    assert sources["zones.gpkg"]["sha256"] == next(s.sha256 for s in study.inputs if s.path == "zones.gpkg")
    assert record["identificationInfo"]["extent"]["temporalElement"]["inputsAsOf"] == max(
        s.modified for s in study.inputs
    )


def test_layers_and_findings_are_told(told):
    study, layers, record = told
    assert [(c["table"], c["features"]) for c in record["contentInfo"]] == [(g.table, len(g.data)) for g in layers]
    attributes = {a["name"]: a for a in record["contentInfo"][0]["attributes"]}
    assert attributes["road_density"] == {"name": "road_density", "alias": "城区道路网密度", "unit": "km/km²"}
    assert record["dataQualityInfo"]["findings"] == list(study.found("zh"))
    assert record["dateInfo"] == [{"date": "2026-01-31", "dateType": "creation"}]


def test_invented_data_are_called_so_and_credit_nobody(told):
    study, _, record = told
    assert record["dataQualityInfo"]["invented"] is True
    assert record["identificationInfo"]["citation"]["title"].startswith("【虚构数据】")
    constraints = record["identificationInfo"]["resourceConstraints"]
    assert any("虚构" in text for text in constraints["otherConstraints"])
    assert (osm_credit(study), constraints["licence"]) == ("", None)


def test_the_identifier_follows_from_inputs_and_day(told):
    study, layers, record = told
    again = metadata(study, layers, written="2026-01-31")["metadataIdentifier"]
    assert record["metadataIdentifier"] == again != metadata(study, layers, written="2026-02-01")["metadataIdentifier"]


def test_english_on_request(told):
    study, layers, _ = told
    record = metadata(study, layers, written="2026-01-31", lang="en")
    assert record["contact"][0]["party"].startswith("fill in")
    assert record["identificationInfo"]["citation"]["title"].startswith("[INVENTED DATA] ")


@pytest.mark.real
def test_data_of_openstreetmap_are_credited(real_data):
    assert real_data.is_dir()
    study = sg.read_study(REAL / "guixi" / "study.toml")
    layers = gis_layers(assessed(study, []))
    constraints = metadata(study, layers, written="2026-01-31")["identificationInfo"]["resourceConstraints"]
    assert constraints["licence"] == "ODbL-1.0"
    assert any("OpenStreetMap contributors" in text for text in constraints["otherConstraints"])
    assert osm_credit(study) == "© OpenStreetMap contributors, ODbL"
    assert "虚构" not in json.dumps(constraints, ensure_ascii=False)
