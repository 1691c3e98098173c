"""Reports: what they say of a drawn town whose numbers are known, and that all three say the same."""

import base64
import html
import io
import re
import runpy
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image
from shapely.geometry import LineString, Point, box

import suizhou_geo as sg
from suizhou_geo.assessment.assessed import assessed
from suizhou_geo.assessment.gap_lists import uncovered_by_zone
from suizhou_geo.assessment.phrases import means_text, measured_text
from suizhou_geo.errors.text import alike
from suizhou_geo.measures import measure_study
from suizhou_geo.model import Baseline, Office, Statistic
from suizhou_geo.outputs.figures import picture, write_sheets
from suizhou_geo.outputs.report import annex_of, html_page, report_of, write_word
from suizhou_geo.outputs.report.blocks import Steps, Table, Tally
from suizhou_geo.outputs.report.facts import facts_of
from suizhou_geo.outputs.report.gap_tables import gap_tables
from suizhou_geo.outputs.report.tables import zones_side_by_side, zones_table
from suizhou_geo.sources.workbooks import clean
from suizhou_geo.standards.catalogue import entry_for

ROOT = Path(__file__).parent
TOWN = runpy.run_path(str(ROOT / "report_town.py"))
HOSTILE, drawn_sheets, layer = TOWN["HOSTILE"], TOWN["drawn_sheets"], TOWN["layer"]
results_of, study_of, town = TOWN["results_of"], TOWN["study_of"], TOWN["town"]


@pytest.fixture(scope="module")
def results():
    return results_of(study_of(town()))


@pytest.fixture(scope="module")
def report(results):
    return report_of(results)


@pytest.fixture(scope="module")
def annex(results):
    return annex_of(results)


def _blocks(report, kind):
    return [block for _, _, section in report.outline for block in section.blocks if isinstance(block, kind)]


def _section(report, heading):
    return next(section for _, told, section in report.outline if heading in told)


def _table(report, title):
    return next(table for table in report.tables if title in table.title)


def _texts(table):
    return [[cell.text for cell in row] for row in table.rows]


def _line(results, key):
    return results.row(key)


def test_the_conclusions_count_every_promise_once(results, report):
    study, lead = results.study, _section(report, "主要结论").blocks[0]
    (tally,) = _blocks(report, Tally)
    counts = {status: n for status, _, n in tally.counts}
    assert counts == {
        s: sum(row.status == s for row in results.rows) for s in ("met", "missed", "cannot_tell", "no_data")
    }
    assert sum(counts.values()) == len(study.plan.targets)
    assert f"{len(study.plan.targets)} 项量化承诺" in lead
    assert f"{counts['no_data']} 项缺数据" in lead


def test_the_largest_gap_comes_first_with_its_place_and_what_it_is_on_the_ground(results, report):
    gaps = _table(report, "主要差距")
    rows = {row[0]: row[1:] for row in _texts(gaps)}
    assert rows["城区道路网密度"] == ["不低于 8 km/km²", "1.25 km/km²", "差 6.75 km/km²\n= 13.50 km", "东区\n7 km"]
    shares = [abs(line.gap / line.asked) for row in gaps.rows for line in [_named(results, row[0].text)]]
    assert shares == sorted(shares, reverse=True)
    assert len(rows) == 5  # of the six that are missed
    assert "列前 5 项，未达到的共 6 项" in gaps.note


def _named(results, name):
    return next(row for row in results.rows if row.name.zh == name)


def test_what_to_do_next_names_the_first_remedies_and_the_data_that_are_missing(results, report):
    (steps,) = [block for block in _section(report, "下一步").blocks if isinstance(block, Steps)]
    # 2,000 people live where no park is near; of the other gaps nobody can say how many they concern
    first = "城市公园绿化活动场地服务半径覆盖率：为未覆盖的居住用地补设，共 1 处，先做汉东东路附近（东区）。"
    assert steps.sentences[0] == first
    remedies = _texts(_table(report, "治理建议清单"))
    assert [row[2] for row in remedies if row[1] == "城区道路网密度"] == ["加密路网，补足 13.50 km，先从东区、西城做起"]
    assert len(remedies) > len(steps.sentences) - 1
    open_ = sum(row.status in ("cannot_tell", "no_data") for row in results.rows)
    assert steps.sentences[-1].startswith(f"补充数据：{open_} 项承诺无法判定或缺数据")


def test_a_chapter_says_what_is_missed_by_how_much_and_where(report):
    (steps,) = [block for block in _section(report, "道路与通行").blocks if isinstance(block, Steps)]
    density = next(said for said in steps.sentences if said.startswith("城区道路网密度"))
    assert density == (
        "城区道路网密度：承诺值不低于 8 km/km²，现状 1.25 km/km²，差 6.75 km/km²，折合 13.50 km，缺口最大处为东区（7 km）。"
    )


def test_headings_are_numbered_as_official_documents_number_them(report):
    headings = [heading for level, heading, _ in report.outline if level == 1]
    assert headings == ["一、主要结论", "二、评估依据、范围与数据", "三、分章评估", "四、下一步工作建议"]
    assert [heading for level, heading, _ in report.outline if level == 2][:2] == [
        "（一）空间格局、人口与用地",
        "（二）15分钟生活圈与公共服务",
    ]


@pytest.mark.slow
def test_the_cover_leaves_what_is_not_given_to_be_filled_in(results):
    study = results.study
    assert report_of(results).cover == (("编制单位", ""), ("编制日期", ""))
    office = Office(compiled_by="随州市规划编制单位", compiled_by_en="Planning office", date="2026年1月")
    told = assessed(replace(study, office=office), results.measures)
    assert report_of(told).cover == (("编制单位", "随州市规划编制单位"), ("编制日期", "2026年1月"))
    assert dict(annex_of(told, lang="en").cover)["Compiled by"] == "Planning office"


def test_dates_of_data_are_told_as_such_only_where_the_data_say_them(report):
    told = " ".join(_section(report, "评估依据、范围与数据").blocks)
    assert "数据日期：OpenStreetMap 2024-03-31；人口 2020。" in told
    assert "2024-05-01" not in told  # the study file is no data


def test_what_is_open_is_listed_with_what_would_settle_it(results, report):
    rows = {row[1]: row for row in _texts(_table(report, "无法判定与缺数据"))}
    assert len(rows) == sum(row.status in ("cannot_tell", "no_data") for row in results.rows)
    assert "需要污水处理厂进水量" in rows["城市生活污水集中收集率"][5]
    assert rows["城市生活污水集中收集率"][6].startswith("市住房和城市更新局、市教育局")
    assert rows["15分钟生活圈服务设施配套达标率"][6] == "方案未指明"  # the introduction names no office


def test_problems_stand_with_place_gap_and_action_and_remedies_with_who_answers(report):
    rows = _texts(_table(report, "问题清单"))
    density = [row for row in rows if row[1] == "城区道路网密度"]
    assert [row[2] for row in density] == ["东区", "西城"]
    assert density[0][3] == "差 7 km/km²，折合 7 km"
    assert density[0][4] == "区内有超限居住街区 1 处"
    assert density[0][5] == "增设支路、打通断头路，补足 7 km"
    [remedy] = [row for row in _texts(_table(report, "治理建议清单")) if row[1] == "城区道路网密度"]
    assert remedy[4] == f"{density[0][0]}–{density[1][0]}"  # the problems it answers
    assert remedy[5] == "市住房和城市更新局、市交通运输局、市城管执法委，曾都区政府"
    table = _table(report, "问题清单")
    first = [row[0].text for row in table.rows].index(density[0][0])
    assert [table.spans[first][1], table.spans[first + 1][1]] == [2, 0]  # one cell for both of its rows
    assert table.spans[first][2] == 1


def test_the_zones_shortfalls_add_up_to_that_of_the_whole(results):
    density = _line(results, "road_density")
    zones = density.by_zone(results.area.zones)
    assert [zone.name for zone in zones] == ["西城", "东区"]
    assert [zone.gap for zone in zones] == pytest.approx([6.5, 7.0])
    assert sum(zone.shortfall for zone in zones) == pytest.approx(density.shortfall) == pytest.approx(13.5)


@pytest.mark.slow
def test_a_shortfall_is_the_gap_times_the_area():
    # the west is 1 km by 2 km, half of it without a street: 1.5 km of 16 km
    zones = layer(
        [box(0, -1000, 1000, 1000), box(1000, 0, 2000, 1000)], name=["西城", "东区"], role=["main_city", "district"]
    )
    area = town(zones=zones.set_index(np.array(["1", "2"])))
    west = _line(results_of(study_of(area)), "road_density").by_zone(area.zones)[0]
    assert (west.value, west.gap, west.shortfall) == pytest.approx((0.75, 7.25, 14.5))


def _opened(row, low, high):
    return replace(row, measure=replace(row.measure, low=low, high=high))


@pytest.mark.slow
def test_a_zone_is_not_called_missed_where_the_layer_may_be_incomplete():
    area = town(incomplete=frozenset({"roads"}))
    density = _line(results_of(study_of(area)), "road_density")
    assert density.status == "cannot_tell"
    assert measured_text(density, "zh") == "1.25 km/km²\n可能更高"
    assert measured_text(_opened(density, 1.0, 9.0), "zh").endswith("可能为 1 km/km² 至 9 km/km²")
    assert measured_text(_opened(density, density.value, density.value), "zh") == "1.25 km/km²"
    assert [zone.status for zone in density.by_zone(area.zones)] == ["cannot_tell"] * 2


def test_people_and_things_are_told_whole():
    assert means_text(2.9999999, "share", "count", "zh") == "3 个"
    assert means_text(1234.6, "person/km2", "persons", "en") == "1,235 persons"
    assert means_text(0.2, "share", "persons", "en") == "0.20 persons"
    assert means_text(-5.0, "km/km2", "km", "zh") == means_text(3.0, "count", "count", "zh") == "—"


def test_sums_are_never_held_against_a_zone(results):
    people = _line(results, "main_city_population")
    assert people.shortfall == pytest.approx(592_000.0)  # the gap itself, not the gap times nothing
    zones = people.by_zone(results.area.zones)
    assert [zone.status for zone in zones] == ["", ""]
    assert all(np.isnan(zone.gap) for zone in zones)


def test_every_promise_stands_in_the_table_of_promises_and_in_its_chapter(results, report):
    promised = [target.name_zh for target in results.study.plan.targets]
    names = [row[1] for row in _texts(_table(report, "承诺逐项"))]
    assert [name.removesuffix("（小汽车）").removesuffix("（公交）") for name in names] == promised
    told = "".join(
        text
        for section in _section(report, "分章评估").parts
        for block in section.blocks
        for text in ([block] if isinstance(block, str) else block.sentences)
    )
    assert [name for name in names if told.count(name) < 1] == []


def test_promises_that_are_open_in_every_zone_say_why_below_the_zones(results):
    """Of a density that may be anything every zone is open: it is named, with what is missing, and nothing else is."""
    density, people = _line(results, "road_density"), _line(results, "population_density")
    measure = replace(density.measure, low=0.0, high=np.inf, likely=None, needs=(alike("more roads"),))
    table = zones_side_by_side([replace(density, measure=measure), people], results.area.zones, "en")
    assert [cell.text[:1] for cell in table.rows[0][3:]] == ["?", "?"]
    (told,) = re.findall(r"Cannot be told \(\?\) in any zone: (.*)\.$", table.note)
    assert told == f"{density.name.en}: more roads"
    assert "in any zone" not in zones_side_by_side([people], results.area.zones, "en").note


def test_uncovered_homes_are_what_the_coverage_leaves(results, annex):
    measure = _line(results, "park_coverage").measure
    homes = uncovered_by_zone(measure.evidence)
    missing_ha = (1.0 - measure.by_zone) * measure.denominator
    assert homes["uncovered_ha"].to_dict() == pytest.approx(missing_ha.to_dict())
    assert homes["land_ha"].to_dict() == pytest.approx({"1": 40.0, "2": 40.0})
    east = _texts(_table(annex, "未覆盖的居住用地"))[1]
    assert east == ["东区", "40", "40", "100.0%", "2,000"]


@pytest.mark.slow
def test_every_coverage_is_listed_the_one_with_most_homes_open_first():
    bank = layer([Point(100, 100)], category=["bank"])  # 500 m: in the west alone
    results = results_of(study_of(town(facilities=bank, surveyed=frozenset({"market"}))))
    annex = annex_of(results)
    assert _texts(_table(annex, "15分钟生活圈与公共服务：没有"))
    listed = _texts(_table(annex, "未覆盖的居住用地（逐项）"))
    market = next(row for row in listed if row[0].startswith("菜市场"))
    assert market[1:4] == ["80", "100.0%", "8,000"]
    shares = [float(row[2].rstrip("%")) for row in listed]
    assert shares == sorted(shares, reverse=True)
    assert next(row for row in listed if row[0].startswith("银行"))[4] == "东区"


def test_cells_that_are_partly_covered_count_in_part():
    cells = pd.DataFrame(
        {
            "part": ["covered", "partly_covered", "uncovered", "service_area"],
            "zone_id": ["1", "1", "2", ""],
            "covered_share": [1.0, 0.25, 0.0, np.nan],
            "area_ha": [4.0, 8.0, 2.0, 99.0],
            "persons": [40.0, 80.0, 20.0, np.nan],
        }
    )
    homes = uncovered_by_zone(cells)
    assert homes.loc["1"].to_dict() == {
        "land_ha": 12.0,
        "uncovered_ha": 6.0,
        "persons": 120.0,
        "uncovered_persons": 60.0,
    }
    assert homes.loc["2", "uncovered_persons"] == 20.0


@pytest.mark.slow
def test_missing_links_are_listed_and_stand_among_the_problems():
    # a street stops 100 m before another: the way round is far longer than the link
    streets = [
        LineString([(0, 500), (1000, 500)]),
        LineString([(1000, 500), (1000, 900), (0, 900), (0, 500)]),
        LineString([(500, 500), (500, 800)]),
    ]
    area = town(roads=layer(streets, road_class=["branch"] * 3, name=["南路", "环路", HOSTILE]))
    results = results_of(study_of(area))
    link = _texts(_table(annex_of(results), "缺失路段"))[0]
    assert link[:4] == ["1", HOSTILE, "环路", "西城"]
    assert link[4] == "100"
    rows = _texts(_table(report_of(results), "问题清单"))
    assert any(HOSTILE in row[2] and row[5] == "新建连接段约 100 m" for row in rows)


def test_long_blocks_are_listed_by_what_a_street_through_them_would_bring(annex):
    rows = _texts(_table(annex, "超限居住街区"))
    assert [row[:3] for row in rows] == [["1", "东区", "75"], ["2", "西城", "25"]]


def test_long_lists_are_cut_and_say_so(results):
    given = results.gap_lists, results.rows, results.area.zones
    whole = next(t for t in gap_tables(*given, most=None, lang="zh") if "居住街区" in t.title)
    cut = next(t for t in gap_tables(*given, most=1, lang="zh") if "居住街区" in t.title)
    assert (len(whole.rows), len(cut.rows)) == (2, 1)
    assert cut.rows[0] == whole.rows[0]
    assert "列前 1 条，共 2 条" in cut.note


def test_every_number_with_a_promise_says_what_it_is(results, annex):
    facts = {
        part.heading: dict(part.blocks[0].items)
        for _, heading, section in annex.outline
        if "口径、数据与局限" in heading
        for part in section.parts
    }
    assert list(facts) == [
        row.name.zh
        for chapter in dict.fromkeys(row.chapter.key for row in results.rows)
        for row in results.rows
        if row.chapter.key == chapter and row.status and row.has_data
    ]
    for name, said in facts.items():
        assert {"定义", "采用口径", "分母", "数据与日期", "承诺原文", "数据不能说明的"} <= set(said), name
        assert all(said.values())
    said = facts["城区道路网密度"]
    assert said["分母"] == "分区面积：2 km²"
    assert "town.osm.pbf (2024-03-31)" in said["数据与日期"]
    assert "分区：study.toml (文件日期 2024-05-01)" in said["数据与日期"]
    assert "到2025年，城区道路网密度不低于8公里/平方公里" in said["承诺原文"]


def test_a_declared_figure_names_the_file_it_stands_in_and_no_layer():
    study = study_of(town())
    declared = Statistic("special_vehicle_output", "value", 2025, 23.6, "万辆", "市经信局统计")
    table = replace(study.inputs[2], role="statistics", path="statistics.csv", data_date="")
    study = replace(study, statistics=(declared,), inputs=(*study.inputs, table))
    results = assessed(study, measure_study(study, chapter="declared"))
    said = dict(facts_of(results.row("special_vehicle_output"), study, "zh").blocks[0].items)
    assert said["数据与日期"] == "statistics.csv (文件日期 2024-04-01)：市经信局统计"
    assert "分母" not in said


def test_every_measure_has_an_entry_in_the_data_dictionary(results):
    missing = sorted({measure.key for measure in results.measures if entry_for(measure.key) is None})
    assert not missing, f"add to standards/measures.toml: {missing}"


def test_a_relative_promise_shows_the_growth_and_both_readings():
    study = study_of(town())
    target = next(t for t in study.plan.targets if t.key == "life_circle_compliance")
    measure = sg.population_density(study.area)
    measure = replace(measure, key="life_circle_compliance", value=0.6, low=0.6, high=0.6, unit="share")
    study = replace(study, baselines={"life_circle_compliance": Baseline(0.45, 2020, "普查")})
    results = assessed(study, [measure])
    line = _line(results, target.key)
    assert line.status == "met"  # 0.45 x 1.2 = 0.54; read as points, 0.65 would be missed
    assert line.readings_that_turn() == 1
    report = report_of(results)
    remarks = _section(report, "主要结论").blocks
    assert any("结论取决于口径：15分钟生活圈服务设施配套达标率（1 种）" in str(remark) for remark in remarks)
    assert "较2020年增长 20%\n不低于 54%" in [row[3] for row in _texts(_table(report, "承诺逐项"))]


@pytest.mark.slow
def test_no_plan_gives_values_and_no_verdicts():
    report = report_of(results_of(study_of(town(), plan=None)))
    assert not _blocks(report, Tally)
    assert "不作结论" in _section(report, "主要结论").blocks[0]
    assert [table.title for table in report.attached] == ["问题清单", "治理建议清单"]
    values = _texts(_table(report, "道路与通行：各项指标"))
    assert ["城区道路网密度" in row[0] for row in values].count(True)
    told = " ".join(
        [*_blocks(report, str), *(text for table in report.tables for row in _texts(table) for text in row)]
    )
    assert "未达到" not in told
    assert "随州" not in told


@pytest.mark.slow
def test_no_population_is_no_data_and_never_zero():
    results = results_of(study_of(town(population=None)))
    row = next(row for row in _texts(_table(report_of(results), "缺数据的承诺")) if row[1] == "城市人口密度")
    assert "缺人口图层" in row[5]
    homes = _texts(_table(annex_of(results), "未覆盖的居住用地"))
    assert [row[4] for row in homes] == ["—"] * 3


@pytest.mark.slow
def test_one_zone_has_no_tables_by_zone():
    area = town()
    one = area.zones.iloc[[0]]
    results = results_of(study_of(replace(area, zones=one)))
    for document in (report_of(results), annex_of(results)):
        assert not [table for table in document.tables if "分区对照" in table.title]
    assert _table(report_of(results), "主要差距").rows
    assert any(
        told.startswith("评估范围：1个分区") for told in _section(report_of(results), "评估依据、范围与数据").blocks
    )


@pytest.mark.slow
def test_many_zones_stand_as_lowest_and_highest():
    names = [f"片{k}" for k in range(8)]
    zones = layer([box(250 * k, 0, 250 * (k + 1), 1000) for k in range(8)], name=names, role=["district"] * 8)
    results = results_of(study_of(town(zones=zones.set_index(np.array([str(k) for k in range(8)])))))
    table = _table(annex_of(results), "道路与通行：没有承诺值")
    assert [column.name for column in table.columns] == ["指标", "全部分区", "最低分区", "最高分区"]
    branch = next(row for row in _texts(table) if row[0].endswith("：支路"))
    assert branch[3] == "片1 2 km/km²"  # 250 m of street and half of the 500 m on its border, over 0.25 km²


@pytest.mark.slow
def test_english_reports_say_everything_in_english():
    results = results_of(study_of(town()))
    report = report_of(results, lang="en")
    assert report.title == "Small town: how the plan's promises stand"
    headings = [heading for _, heading, _ in report.outline]
    words = " ".join([*headings, *(table.title for table in (*report.tables, *annex_of(results, lang="en").tables))])
    assert not re.search(r"[\u4e00-\u9fff]", words)
    assert _texts(_table(report, "The main gaps"))[3][3] == "6.75 km/km² short\n= 13.50 km"


@pytest.mark.slow
def test_the_page_loads_nothing_and_escapes_names():
    area = town()
    area = replace(area, zones=area.zones.assign(name=[HOSTILE, "东\x00区"]), invented=True)
    page = html_page(report_of(results_of(study_of(area)), figures=drawn_sheets()))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\x00" not in page
    assert "东\N{REPLACEMENT CHARACTER}区" in page
    assert not re.search(r"(?:src|href)=[\"'](?!data:image/png;base64,|#)", page)
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in html.unescape(page)
    assert "url(" not in page
    assert page.count("虚构数据，不是随州") >= 3


@pytest.mark.slow
def test_the_page_holds_its_style_and_the_stamp_of_invented_data_on_every_printed_page(results):
    style = re.compile(r"<style>(.*)</style>", re.S)
    plain = style.search(html_page(report_of(results)))[1]
    stamped = style.search(html_page(report_of(results_of(study_of(town(invented=True))))))[1]
    for rule in ("body { margin: 0;", "@media print {", ".met { color: #00567f;", ".no_data { color: #5b6772;"):
        assert rule in plain, rule
    assert "虚构" not in plain
    assert '@top-center { content: "【虚构数据，不是随州】"' in stamped


@pytest.mark.slow
def test_the_page_numbers_tables_and_figures_and_speaks_to_screen_readers(results):
    page = html_page(report_of(results, figures=drawn_sheets()))
    report = report_of(results, figures=drawn_sheets())
    tables = {kind: re.findall(rf'<caption id="{kind}-(\d+)">', page) for kind in ("table", "attached_table")}
    assert all(found == [str(n + 1) for n in range(len(found))] for found in tables.values())
    assert page.count("<table>") == sum(map(len, tables.values())) == len(report.tables)
    assert re.findall(r"<strong>附图(\d+)", page) == ["01", "04"]  # as their files are called
    assert 'alt="图题 roads &lt;b&gt;。 说明 roads &amp; more"' in page
    assert '<html lang="zh-CN">' in page
    assert page.count('<th scope="row">') == sum(len(table.rows) for table in report.tables)
    assert len(re.findall("<h1", page)) == 1


def test_pictures_are_small_and_keep_their_colours():
    figure = Figure(figsize=(4, 3), dpi=50, facecolor="#810f7c")
    figure.text(0.5, 0.5, "abc", color="#edf8fb")
    sheet = replace(drawn_sheets()[0], figure=figure)
    small = Image.open(io.BytesIO(picture(sheet, dpi=50)))
    assert (small.mode, small.size) == ("P", (200, 150))
    assert small.convert("RGB").getpixel((3, 3)) == (0x81, 0x0F, 0x7C)


@pytest.mark.slow
def test_reports_hold_the_very_picture_of_the_file(results, tmp_path):
    sheets = drawn_sheets()
    sheets[1].figure.text(0.1, 0.1, "b")
    files = [path.read_bytes() for path in write_sheets(sheets, tmp_path, kinds=["png"])]
    for sheet in sheets:
        sheet.figure.clear()  # they are not drawn again
    page = html_page(report_of(results, figures=sheets))
    write_word(report_of(results, figures=sheets), tmp_path / "report.docx")
    with zipfile.ZipFile(tmp_path / "report.docx") as archive:
        in_word = [archive.read(name) for name in archive.namelist() if name.endswith(".png")]
    assert len(files) == len(set(files)) == 2
    assert all(base64.b64encode(png).decode() in page for png in files)
    assert set(files) <= set(in_word)


@pytest.mark.slow
def test_the_report_shows_the_overview_and_chapters_that_not_all_is_well_in(results):
    overview, roads = drawn_sheets()
    detail = replace(roads, key="roads.road_density")
    shown = [
        one.key for one in report_of(results, figures=[overview, roads, detail]).attached if not isinstance(one, Table)
    ]
    assert shown == ["overview", "roads"]
    met = tuple(row for row in results.rows if row.status == "met" or row.chapter.key != "roads")
    quiet = report_of(replace(results, rows=met), figures=[overview, roads])
    assert [one.key for one in quiet.attached if not isinstance(one, Table)] == ["overview"]


def test_text_keeps_all_that_xml_can_hold():
    assert clean("a\x00\x1f\ud800\uffff路\U00020000\t\n") == "a" + "\N{REPLACEMENT CHARACTER}" * 4 + "路\U00020000\t\n"


@pytest.mark.slow
def test_the_same_input_gives_the_same_page(results):
    assert html_page(report_of(results, figures=drawn_sheets())) == html_page(
        report_of(results, figures=drawn_sheets())
    )


def test_zones_table_holds_whole_numbers(results):
    table = zones_table(results.rows, results.area.zones, "zh")
    row = next(row for row in table.rows if row[1].text == "road_density" and row[0].text == "2")
    assert row[4].value == pytest.approx(1.0)
    assert (row[6].value, row[7].value, row[8].value) == pytest.approx((8.0, 7.0, 7.0))


@pytest.mark.real
@pytest.mark.slow
def test_a_real_city_gets_a_report(measured, real_data):
    assert (real_data / "newport").is_dir()
    study, measures = measured("newport")
    results = assessed(study, measures)
    report = report_of(results, lang="en")
    (tally,) = _blocks(report, Tally)
    assert sum(n for _, _, n in tally.counts) == len(study.plan.targets)
    page = html_page(report)
    assert "Newport" in page
    assert "OpenStreetMap 2023-06-1" in page
    assert "© OpenStreetMap contributors" in page
