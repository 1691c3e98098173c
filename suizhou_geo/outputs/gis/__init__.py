"""The layers for desktop GIS: made once by `layers.gis_layers`, written as GeoPackage, QGIS project, Shapefiles and GeoJSON."""
