"""Results to disk: the scorecard, the layers for desktop GIS with their styles and project, and their metadata.

`results_folder` gives the folder to write into, all or none. `gis_layers` makes the layers once; the GeoPackage, the QGIS
project, Shapefiles and GeoJSON are written from them.
"""

from suizhou_geo.export.fields import data_dictionary
from suizhou_geo.export.folder import FILES, FOLDERS, MORE_FILES, results_folder
from suizhou_geo.export.formats import write_geojson, write_shapefiles
from suizhou_geo.export.geopackage import write_geopackage, write_layers
from suizhou_geo.export.layers import GisLayer, evidence_layers, gis_layers
from suizhou_geo.export.metadata import metadata, osm_credit, write_metadata
from suizhou_geo.export.project import write_project
from suizhou_geo.export.scorecards import row_key, write_json, write_scorecard

__all__ = [
    "FILES",
    "FOLDERS",
    "MORE_FILES",
    "GisLayer",
    "data_dictionary",
    "evidence_layers",
    "gis_layers",
    "metadata",
    "osm_credit",
    "results_folder",
    "row_key",
    "write_geojson",
    "write_geopackage",
    "write_json",
    "write_layers",
    "write_metadata",
    "write_project",
    "write_scorecard",
    "write_shapefiles",
]
