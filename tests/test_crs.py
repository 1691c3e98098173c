"""The gate of the working CRS, and the map shift: fixtures of standards.md sections 9 and 10."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import Transformer

from suizhou_geo.errors import LayerError
from suizhou_geo.errors.text import alike
from suizhou_geo.geometry.crs import (
    bd09_to_gcj02,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    metric_crs,
    unshifted,
    wgs84_to_gcj02,
)

WGS = (np.array([113.3826]), np.array([31.6901]))
GCJ = (np.array([113.3888175]), np.array([31.6882263]))
BD = (np.array([113.3952463]), np.array([31.6945121]))


def test_published_points():
    for got, wanted in ((wgs84_to_gcj02(*WGS), GCJ), (gcj02_to_bd09(*GCJ), BD)):
        assert np.allclose(got, wanted, rtol=0, atol=6e-8)
    # an independent vectorised implementation's fixtures
    assert np.allclose(
        gcj02_to_bd09(np.array([120.0]), np.array([30.0])), [[120.00640999946], [30.006359999865]], atol=1e-10
    )
    shifted = gcj02_to_bd09(*wgs84_to_gcj02(np.array([120.0]), np.array([30.0])))
    assert np.allclose(shifted, [[120.011070620552], [30.003883055513]], atol=1e-9)


def test_the_inverse_is_exact_all_over_the_prefecture():
    lon, lat = (g.ravel() for g in np.meshgrid(np.linspace(112.7, 114.2, 40), np.linspace(31.3, 32.5, 40)))
    for there, back in ((wgs84_to_gcj02, gcj02_to_wgs84), (gcj02_to_bd09, bd09_to_gcj02)):
        again = back(*there(lon, lat))
        assert np.abs(np.array(again) - np.array([lon, lat])).max() < 1e-11  # a micrometre


@pytest.mark.slow
def test_the_shift_over_suizhou_is_about_600_m_and_1300_m():
    to_metres = Transformer.from_crs(4326, 4547, always_xy=True).transform
    x, y = to_metres(*WGS)
    gx, gy = to_metres(*wgs84_to_gcj02(*WGS))
    bx, by = to_metres(*gcj02_to_bd09(*wgs84_to_gcj02(*WGS)))
    assert np.hypot(gx - x, gy - y) == pytest.approx(625, abs=1)
    assert (gx - x, gy - y) == (
        pytest.approx(588, abs=1),
        pytest.approx(-211, abs=1),
    )  # on the grid, 0.3 degrees off north
    assert np.hypot(bx - x, by - y) == pytest.approx(1295, abs=5)


@pytest.mark.slow
def test_the_working_crs_puts_the_centre_where_it_belongs():
    x, y = Transformer.from_crs(4326, 4547, always_xy=True).transform(113.3826, 31.6901)
    assert (x, y) == (pytest.approx(441_464.05, abs=0.01), pytest.approx(3_507_655.13, abs=0.01))
    zoned, _ = Transformer.from_crs(4326, 4526, always_xy=True).transform(113.3826, 31.6901)
    assert zoned == pytest.approx(38_441_464.05, abs=0.01)


@pytest.mark.parametrize(("datum", "shifted"), [("gcj02", GCJ), ("bd09", BD), ("wgs84", WGS)])
def test_layers_come_back_unshifted(datum, shifted):
    layer = gpd.GeoDataFrame(geometry=[shapely.LineString([(shifted[0][0], shifted[1][0]), (113.4, 31.7)])], crs=4490)
    back = shapely.get_coordinates(unshifted(layer, datum).geometry.to_numpy())[0]
    assert np.allclose(back, [WGS[0][0], WGS[1][0]], atol=2e-7)


@pytest.mark.parametrize(
    ("crs", "words"),
    [
        (None, "has no coordinate system"),
        ("EPSG:4326", "in degrees"),
        ("EPSG:4490", "in degrees"),
        ("EPSG:3857", "Web Mercator"),
        ("ESRI:102100", "Web Mercator"),
        ("EPSG:2263", "not in metres"),  # US survey feet
        ("EPSG:999999", "not a coordinate system PROJ knows"),
    ],
)
def test_the_gate_refuses(crs, words):
    with pytest.raises(LayerError, match=words):
        metric_crs(crs, what=alike("the study"))


@pytest.mark.parametrize("crs", ["EPSG:4547", "EPSG:4526", "EPSG:32649", "EPSG:4508"])
def test_the_gate_lets_metres_through(crs):
    assert metric_crs(crs, what=alike("the study")).to_string() == crs
