"""Newport and Guixi against neatnet, an independent tool, run on the same roads here and now."""

import warnings

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

from suizhou_geo.sources.osm import read_osm
from suizhou_geo.streets.centrelines import centrelines

pytestmark = pytest.mark.real
MOTOR = ("motorway", "expressway", "arterial", "secondary", "branch", "local")
EXTRACTS = {"guixi": ("guixi/guixi.osm", "EPSG:4548"), "newport": ("newport/newport-2023-06-13.osm.pbf", "EPSG:32630")}


def between_junctions(roads: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Lines cut where they share a vertex with another: what neatnet wants to be given."""
    xy, line = shapely.get_coordinates(shapely.get_parts(roads.geometry.to_numpy()), return_index=True)
    same = line[1:] == line[:-1]
    segments = shapely.linestrings(np.stack([xy[:-1][same], xy[1:][same]], axis=1))
    return gpd.GeoDataFrame(
        geometry=shapely.get_parts(shapely.line_merge(shapely.multilinestrings(segments))), crs=roads.crs
    )


@pytest.mark.parametrize("city", EXTRACTS)
def test_the_same_length_as_neatnet_finds(city, real_data):
    path, crs = EXTRACTS[city]
    roads = read_osm(real_data / path, crs=CRS(crs), bounds=None).layers["roads"]
    motor = roads[roads["road_class"].isin(MOTOR)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # neatnet's own, of several libraries
        import neatnet

        theirs_m = neatnet.neatify(between_junctions(motor)).length.sum()
    pieces = centrelines(motor)
    assert (pieces.length * pieces["weight"]).sum() == pytest.approx(theirs_m, rel=0.015)
    assert theirs_m < 0.95 * motor.length.sum()
