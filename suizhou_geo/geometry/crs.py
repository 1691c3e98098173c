"""The working coordinate system and its gate; China's map shift (GCJ-02, BD-09) and how it is undone.

Everything is measured in one projected CRS in metres, chosen in the study file: for Suizhou CGCS2000 / 3-degree
Gauss-Kruger CM 114E (EPSG:4547). Degrees, feet and Web Mercator are refused: at Suizhou EPSG:3857 lengthens every
street by 17.5 % and every area by 38 %.

GCJ-02 (火星坐标, Amap, Tencent) and BD-09 (Baidu) are published as shifted degrees. The official algorithm is not
public; the widely used approximation below is good to 1-2 m. Its inverse is found by fixed-point iteration to less than
a micrometre of the forward formula.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, get_args

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS, Proj, Transformer
from pyproj.exceptions import CRSError

from suizhou_geo.errors import LayerError
from suizhou_geo.errors.text import Text
from suizhou_geo.geometry.arrays import Bools, Floats

Datum = Literal["wgs84", "gcj02", "bd09"]
DATUMS: tuple[str, ...] = get_args(Datum)
Degrees = Floats

SUIZHOU_CRS = "EPSG:4547"
_CHINA = (72.0, 0.8, 137.9, 55.9)  # degrees: where published maps are shifted; elsewhere Amap draws in WGS 84
_SEMI_MAJOR_M = 6378245.0
_ECCENTRICITY_2 = 0.00669342162296594323
_BD_TURN = np.pi * 3000.0 / 180.0
_INVERSE_STEPS = 8
_SAME_ELLIPSOID_M = 0.1


def in_china(west: float, south: float, east: float, north: float) -> bool:
    """Return whether a box in degrees lies in the box of China.

    >>> in_china(113.0, 31.0, 114.0, 32.0), in_china(-3.1, 51.5, -2.8, 51.7)
    (True, False)
    """
    return bool(_CHINA[0] < west and _CHINA[1] < south and east < _CHINA[2] and north < _CHINA[3])


def metric_crs(crs: object, *, what: Text) -> CRS:
    """Return `crs` as a pyproj CRS, or refuse it: a projected CRS in metres, and not Web Mercator.

    Raises:
        LayerError: no CRS, an unreadable one, degrees, feet, or EPSG:3857; `what` names the layer or key.

    >>> metric_crs("EPSG:4547", what=Text("study.toml：crs", "study.toml: crs")).to_epsg()
    4547
    >>> metric_crs("EPSG:3857", what=Text("study.toml：crs", "study.toml: crs"))
    Traceback (most recent call last):
    suizhou_geo.errors.LayerError: study.toml: crs is EPSG:3857 (Web Mercator), which stretches lengths and areas; \
name a projected CRS in metres, for Suizhou EPSG:4547
    """
    advice = Text(
        f"请给出以米为单位的投影坐标系，随州用 {SUIZHOU_CRS}",
        f"name a projected CRS in metres, for Suizhou {SUIZHOU_CRS}",
    )
    if crs is None:
        raise LayerError(f"{what.zh}：没有坐标系；{advice.zh}", f"{what.en} has no coordinate system; {advice.en}")
    try:
        found = CRS.from_user_input(crs)
    except CRSError:
        raise LayerError(
            f"{what.zh}：PROJ 不认识坐标系“{crs}”；{advice.zh}",
            f"{what.en} {crs!r} is not a coordinate system PROJ knows; {advice.en}",
        ) from None
    if found.is_geographic:
        raise LayerError(
            f"{what.zh}：{found.to_string()[:60]} 以度为单位；{advice.zh}",
            f"{what.en} is {found.to_string()[:60]}, which is in degrees; {advice.en}",
        )
    if "Mercator" in found.name and "Transverse" not in found.name:
        raise LayerError(
            f"{what.zh}：{found.to_string()[:60]}（网络墨卡托投影）会使长度和面积失真；{advice.zh}",
            f"{what.en} is {found.to_string()[:60]} (Web Mercator), which stretches lengths and areas; {advice.en}",
        )
    if not found.is_projected or any(axis.unit_conversion_factor != 1.0 for axis in found.axis_info[:2]):
        raise LayerError(
            f"{what.zh}：{found.name} 不以米为单位；{advice.zh}",
            f"{what.en} is {found.name}, which is not in metres; {advice.en}",
        )
    return found


@lru_cache(maxsize=32)
def moving(from_crs: CRS | str, to_crs: CRS | str) -> Transformer:
    """Return the way from one coordinate system to another, x before y; PROJ looks for it once, which takes long."""
    return Transformer.from_crs(from_crs, to_crs, always_xy=True)


def shift_is_unknown(from_crs: CRS, to_crs: CRS, x: float, y: float) -> bool:
    """Whether PROJ knows no shift between two datums of different ellipsoids at a place, and silently uses none.

    The Chinese datums of old (Beijing 1954, Xian 1980) are such: their parameters are not public, and a layer taken
    without them lies some 10 to 100 m off. Between datums of one ellipsoid (WGS 84, CGCS2000) nothing is to be shifted.

    >>> shift_is_unknown(CRS("EPSG:4610"), CRS("EPSG:4547"), 113.4, 31.7)
    True
    >>> shift_is_unknown(CRS("EPSG:4326"), CRS("EPSG:4547"), 113.4, 31.7)
    False
    """
    if abs(from_crs.ellipsoid.semi_major_metre - to_crs.ellipsoid.semi_major_metre) < _SAME_ELLIPSOID_M:
        return False
    way = moving(from_crs, to_crs)
    way.transform(x, y)
    steps = [step.name for step in way.get_last_used_operation().operations if step.type_name == "Transformation"]
    return bool(steps) and all(step.startswith("Ballpark") for step in steps)


def largest_stretch(crs: CRS, x: Floats, y: Floats) -> float:
    """By how much lengths in a CRS differ from the ground, at most, in any direction at any of some places, as a share.

    The longest and the shortest axis of Tissot's ellipse tell, not the meridian and the parallel, between which a
    projection may stretch most. Infinite off the map.

    >>> print(f"{largest_stretch(CRS('EPSG:3035'), np.array([2651000.0]), np.array([1950000.0])):.3f}")
    0.013
    """
    lon, lat = moving(crs, crs.geodetic_crs).transform(x, y)
    if not np.isfinite([lon, lat]).all() or (np.abs(lat) > 90).any():
        return float("inf")
    factors = Proj(crs).get_factors(lon, lat)
    axes = np.array([factors.tissot_semimajor, factors.tissot_semiminor])
    return float(np.abs(axes - 1).max()) if np.isfinite(axes).all() else float("inf")


def numbered_zone(easting: float) -> str | None:
    """The CGCS2000 system of an easting that begins with the number of its Gauss-Kruger zone; None of one that does not.

    >>> numbered_zone(38_441_000.0), numbered_zone(19_730_000.0), numbered_zone(441_000.0)
    ('EPSG:4526', 'EPSG:4497', None)
    """
    number = int(easting // 1e6) if np.isfinite(easting) else 0
    if 13 <= number <= 23:
        return f"EPSG:{4491 + number - 13}"
    return f"EPSG:{4513 + number - 25}" if 25 <= number <= 45 else None


def are_in_china(lon: Degrees, lat: Degrees) -> Bools:
    """Which places lie in the box round China in which maps are shifted.

    >>> are_in_china(np.array([113.38, -3.0]), np.array([31.69, 51.6]))
    array([ True, False])
    """
    west, south, east, north = _CHINA
    return np.asarray((west < lon) & (lon < east) & (south < lat) & (lat < north))


def wgs84_to_gcj02(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Shift WGS 84 degrees to GCJ-02 (火星坐标) degrees; outside China they are the same.

    >>> lon, lat = wgs84_to_gcj02(np.array([113.3826]), np.array([31.6901]))
    >>> print(round(lon[0], 7), round(lat[0], 7))
    113.3888175 31.6882263
    """
    x, y = lon - 105.0, lat - 35.0
    ripple = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    north += (ripple + 20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)) * 2.0 / 3.0
    north += (160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    east += (ripple + 20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)) * 2.0 / 3.0
    east += (150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)) * 2.0 / 3.0
    phi = np.radians(lat)
    flat = 1.0 - _ECCENTRICITY_2 * np.sin(phi) ** 2
    north_deg = north * 180.0 / (_SEMI_MAJOR_M * (1.0 - _ECCENTRICITY_2) / flat**1.5 * np.pi)
    east_deg = east * 180.0 / (_SEMI_MAJOR_M / np.sqrt(flat) * np.cos(phi) * np.pi)
    here = are_in_china(lon, lat)
    return lon + np.where(here, east_deg, 0.0), lat + np.where(here, north_deg, 0.0)


def gcj02_to_wgs84(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Undo the GCJ-02 shift: the WGS 84 degrees whose forward shift is the given point, by fixed-point iteration."""
    back_lon, back_lat = lon, lat
    for _ in range(_INVERSE_STEPS):
        there_lon, there_lat = wgs84_to_gcj02(back_lon, back_lat)
        back_lon, back_lat = back_lon + lon - there_lon, back_lat + lat - there_lat
    return back_lon, back_lat


def gcj02_to_bd09(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Shift GCJ-02 degrees to BD-09 (百度坐标) degrees; outside China Baidu gives WGS 84, and nothing is shifted.

    >>> lon, lat = gcj02_to_bd09(np.array([113.3888175]), np.array([31.6882263]))
    >>> print(round(lon[0], 7), round(lat[0], 7))
    113.3952463 31.6945121
    """
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_TURN)
    here = are_in_china(lon, lat)
    return np.where(here, radius * np.cos(angle) + 0.0065, lon), np.where(here, radius * np.sin(angle) + 0.006, lat)


def bd09_to_gcj02(lon: Degrees, lat: Degrees) -> tuple[Degrees, Degrees]:
    """Undo the BD-09 shift down to GCJ-02 degrees, by fixed-point iteration."""
    back_lon, back_lat = lon - 0.0065, lat - 0.006
    for _ in range(_INVERSE_STEPS):
        there_lon, there_lat = gcj02_to_bd09(back_lon, back_lat)
        back_lon, back_lat = back_lon + lon - there_lon, back_lat + lat - there_lat
    return back_lon, back_lat


def shifted(lon: Degrees, lat: Degrees, datum: Datum) -> tuple[Degrees, Degrees]:
    """Shift WGS 84 degrees to those of a datum."""
    if datum != "wgs84":
        lon, lat = wgs84_to_gcj02(lon, lat)
    return gcj02_to_bd09(lon, lat) if datum == "bd09" else (lon, lat)


def unshifted(layer: gpd.GeoDataFrame, datum: Datum) -> gpd.GeoDataFrame:
    """Return a layer given in degrees with the map shift of `datum` undone: plain WGS 84 degrees (EPSG:4326)."""

    def to_wgs84(lonlat: Degrees) -> Degrees:
        lon, lat = lonlat[:, 0], lonlat[:, 1]
        if datum == "bd09":
            lon, lat = bd09_to_gcj02(lon, lat)
        if datum != "wgs84":
            lon, lat = gcj02_to_wgs84(lon, lat)
        return np.column_stack([lon, lat])

    return layer.set_geometry(shapely.transform(layer.geometry.to_numpy(), to_wgs84), crs="EPSG:4326")
