"""What is kept of large files: the same results with and without it, never out of date, never half there."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_osm import METRES, Drawing, _town

import suizhou_geo.sources.study as reading
from suizhou_geo.sources.cache import MOST_ENTRIES, Cache
