"""The only code that opens files: study files, plans, OpenStreetMap extracts, vector layers, rasters, and results."""
