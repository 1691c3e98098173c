"""Results to disk: the scorecard, the layers, the map and the run's record, all or none.

Everything is written into a new folder beside the wanted one, which is then renamed into its place: a run that fails
leaves the earlier results as they were, and never half of the new ones.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from pyogrio.errors import DataSourceError

from suizhou_geo.errors import OutputError
from suizhou_geo.model import Measure, StudyArea
from suizhou_geo.scorecard import shortfall

FILES = ("scorecard.csv", "scorecard.json", "layers.gpkg", "map.html", "run.json")


@contextmanager
def results_folder(folder: Path) -> Iterator[Path]:
    """Give a new folder to write into; when the block ends without an error it takes the place of `folder`.

    Raises:
        OutputError: the place cannot be written, or holds files that are not results of ours.
    """
    folder = folder.absolute()
    if not folder.name:
        raise OutputError(f"{folder} is no folder for results; give another one with --out")
    earlier = folder.with_name(f".{folder.name}.earlier")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if earlier.exists() and not folder.exists():
            os.rename(earlier, folder)
        foreign = sorted(p.name for p in folder.iterdir() if p.name not in FILES) if folder.exists() else []
        if foreign:
            raise OutputError(
                f"{folder} holds {foreign[0]}, which is not a result of ours; give another folder with --out"
            )
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(
            f"{folder} cannot be written ({error.strerror}); give a folder you may write with --out"
        ) from None
    try:
        yield fresh
        fresh.chmod(0o755)
        _swap(fresh, folder, earlier)
    except OutputError:
        raise
    except (OSError, DataSourceError) as error:
        raise OutputError(
            f"the results could not be written beside {folder} ({error}); make room or give --out"
        ) from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _swap(fresh: Path, folder: Path, earlier: Path) -> None:
    try:
        if folder.exists():
            os.rename(folder, earlier)
        os.rename(fresh, folder)
    except OSError as error:
        if earlier.exists() and not folder.exists():
            os.rename(earlier, folder)
        raise OutputError(
            f"{folder} cannot be replaced ({error.strerror}); close the programs that have its files open"
        ) from None
    shutil.rmtree(earlier, ignore_errors=True)


def write_scorecard(
    card: pd.DataFrame, measures: Sequence[Measure], area: StudyArea, folder: Path, *, findings: Sequence[str] = ()
) -> None:
    """Write scorecard.csv (UTF-8 with BOM, so that Excel shows Chinese) and scorecard.json.

    The JSON holds the same columns and, per row, `shortfall` with its unit, `by_zone`, `params` and `breakdown`, and
    before the rows what was found odd about the inputs.
    """
    card.to_csv(folder / "scorecard.csv", index=False, encoding="utf-8-sig")
    behind = {row_key(measure, measures): measure for measure in measures}
    rows = []
    for record in card.to_dict("records"):
        measure = behind.get(record["key"])
        if measure is not None:
            gaps = {z: _gap_like(record, v) for z, v in measure.by_zone.items()}
            record |= {
                "shortfall": shortfall(measure, record["gap"]),
                "shortfall_unit": measure.shortfall_unit,
                "by_zone": {
                    str(zone): {
                        "name": area.zones["name"].loc[zone],
                        "value": value,
                        "gap": gaps[zone],
                        "shortfall": gaps[zone] * measure.denominator.loc[zone],
                    }
                    for zone, value in measure.by_zone.items()
                },
                "params": dict(measure.params),
                "breakdown": None if measure.breakdown is None else measure.breakdown.to_dict("index"),
            }
        rows.append(record)
    content = {"study": area.name, "invented": area.invented, "findings": list(findings), "rows": rows}
    write_json(content, folder / "scorecard.json")


def row_key(measure: Measure, measures: Sequence[Measure]) -> str:
    """The scorecard key of a measure: its own for the first of that key, else "key@profile"."""
    first = next(m for m in measures if m.key == measure.key)
    return measure.key if first is measure else f"{measure.key}@{measure.profile}"


def write_layers(area: StudyArea, measures: Sequence[Measure], card: pd.DataFrame, folder: Path) -> None:
    """Write layers.gpkg: `zones` with every headline measure and its verdict, and one layer of evidence per chapter."""
    path = folder / "layers.gpkg"
    headline = card[~card["key"].str.contains("@", regex=False)].set_index("key")
    first = {m.key: m for m in reversed(measures)}
    zones = area.zones.copy()
    for key, measure in first.items():
        zones[key.replace(".", "_")] = measure.by_zone
    status = headline["status"].to_dict()
    zones = zones.assign(**{f"{k}_status": status[k] for k in first if status.get(k)}).reset_index(names="zone_id")
    if area.invented:
        zones["invented"] = "虚构数据 invented data"
    _write_layer(zones, path, "zones")
    for chapter, evidence in evidence_layers(measures).items():
        _write_layer(evidence.assign(**({"invented": True} if area.invented else {})), path, chapter)


def evidence_layers(measures: Sequence[Measure]) -> dict[str, gpd.GeoDataFrame]:
    """The evidence of the measures as layers, each distinct way of reaching once.

    One layer per chapter (the key before its dot) with `key` and `profile`, but for the services: `service_areas` holds
    one row per service, and `service_coverage` one row per cell of residential land with a column per service and
    reach, the share of the cell that is covered.
    """
    chapters: dict[str, list[gpd.GeoDataFrame]] = {}
    for whole, measure, evidence_ in _distinct(measures):
        chapter, _, service = whole.partition(".")
        evidence = evidence_.assign(key=measure.key, profile=measure.profile)
        if chapter == "service_coverage":
            area = evidence["part"].eq("service_area")
            if area.any():
                chapters.setdefault("service_areas", []).append(evidence.loc[area, ["key", "profile", "geometry"]])
            cells = evidence[~area].drop(columns=["part", "key", "profile"])
            column = f"{service.replace('.', '_')}_{measure.params['reach']}"
            if chapter not in chapters:
                chapters[chapter] = [cells.drop(columns="covered_share").reset_index(drop=True)]
            chapters[chapter][0][column] = cells["covered_share"].to_numpy()
        else:
            chapters.setdefault(chapter, []).append(evidence)
    return {c: pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0] for c, parts in chapters.items()}


def _distinct(measures: Sequence[Measure]) -> Iterator[tuple[str, Measure, gpd.GeoDataFrame]]:
    """The measures whose evidence differs, with it: not those that only count persons instead of land on the same map."""
    seen: set[tuple[Any, ...]] = set()
    for measure in measures:
        # the classes of road_density are parts of the whole; both directions of the grid lie on one map
        key = next((whole for whole in ("road_density", "arterial_grid") if measure.key.startswith(whole)), measure.key)
        reach = measure.params.get("reach")
        # along the streets a map of cells is large: it is written for the definition asked for
        mark = (key, None if reach == "street" else measure.params.get("size_profile"), reach)
        if measure.evidence is not None and mark not in seen:
            seen.add(mark)
            yield key, measure, measure.evidence


def _write_layer(layer: gpd.GeoDataFrame, path: Path, name: str) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*measured 3D.*")
        layer.to_file(path, layer=name, driver="GPKG", engine="pyogrio", use_arrow=True)


def write_json(content: Mapping[str, Any], path: Path) -> None:
    """Write JSON that any reader takes: NaN becomes null, infinity the text "inf"."""
    path.write_text(json.dumps(_plain(content), ensure_ascii=False, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def _gap_like(record: Mapping[str, Any], value: float) -> float:
    target: float = record["target"]
    return target - value if record["op"] in (">=", ">") else value - target


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None if np.isnan(value) else ("inf" if value > 0 else "-inf")
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)
