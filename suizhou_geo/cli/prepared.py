"""How the verbs that prepare tell what they did: a study file proposed, and what was fetched."""

from __future__ import annotations

from suizhou_geo.cli.screen import tell_folded
from suizhou_geo.cli.terminal import Terminal
from suizhou_geo.errors.text import Lang, Text, alike
from suizhou_geo.outputs.notes_file import say
from suizhou_geo.sources.fetch import Fetched
from suizhou_geo.sources.new_study import NewStudy


def tell_new(found: NewStudy, lang: Lang) -> None:
    """What each file is and feeds, what was not looked at, and how many questions the proposed study file asks."""
    tell_folded(f"· {line.speak(lang)}" for line in found.files)
    tell_folded(f"! {line.speak(lang)}" for line in found.remarks)
    asked = say("asked_in", lang, n=len(found.questions), path=found.path)
    Terminal().tell(asked, style="bold", soft_wrap=True)


def tell_fetched(done: Fetched, lang: Lang) -> None:
    """What was fetched, of what date, how large, and what to do next."""
    Terminal(soft_wrap=True).tell(*(line.speak(lang) for line in _fetched_lines(done)))


def _fetched_lines(done: Fetched) -> list[Text]:
    osm, outline = done.record["osm"], done.record["outline"]
    lines = []
    if "found" in outline:
        lines.append(
            Text(f"找到：{outline['found']}（{outline['osm']}）", f"found: {outline['found']} ({outline['osm']})")
        )
    lines.append(
        Text(f"范围：{outline['km2']:,.1f} km²  {done.outline}", f"outline: {outline['km2']:,.1f} km²  {done.outline}")
    )
    dates = (
        osm["osm_base"]
        if osm["osm_base"] == osm["osm_base_newest"]
        else f"{osm['osm_base']} – {osm['osm_base_newest']}"
    )
    size = f"{osm['bytes']:,} B  SHA-256 {osm['sha256']}"
    lines.append(
        Text(
            f"OpenStreetMap：{osm['objects']:,} 个对象，数据日期 {dates}  {done.osm}  {size}",
            f"OpenStreetMap: {osm['objects']:,} objects, data of {dates}  {done.osm}  {size}",
        )
    )
    for name, raster in done.record.get("population", {}).items():
        size = f"{raster['bytes']:,} B  SHA-256 {raster['sha256']}"
        lines.append(Text(f"人口：{done.folder / name}  {size}", f"population: {done.folder / name}  {size}"))
        sources = [f"  {file['url']}  {file['bytes']:,} B  SHA-256 {file['sha256']}" for file in raster["files"]]
        lines += map(alike, sources)
    lines.append(
        Text(
            f"范围线按行政界线（administrative）写入研究文件，请核对；下一步：suizhou-geo check {done.study}",
            f"the study file takes the outline for an administrative one, please check; next: suizhou-geo check {done.study}",
        )
    )
    return lines
