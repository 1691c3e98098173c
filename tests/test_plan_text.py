"""What is read from (invented) sentences of plans: numbers, operators, units, years, and what is no promise."""

import re

import pytest

from suizhou_geo.sources.plan_text.clauses import any_of
from suizhou_geo.sources.plan_text.documents import Document, level_of, read_document
from suizhou_geo.sources.plan_text.matching import drafts
from suizhou_geo.sources.plan_text.numbers import plain, quantities
from suizhou_geo.sources.plan_text.promises import read_promises
from suizhou_geo.standards import table
from suizhou_geo.standards.catalogue import entry_for


def reading(tmp_path, text, name="plan.md"):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return read_promises(read_document(file))


def told(tmp_path, text):
    return [(p.op, p.value, p.unit) for p in reading(tmp_path, text).promises]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("3.5万个", [(35000, 35000, "count")]),
        ("８５％", [(0.85, 0.85, "share")]),
        ("百分之八十五", [(0.85, 0.85, "share")]),
        ("三分之一", [(1 / 3, 1 / 3, "share")]),
        ("三成以上", [(0.3, 0.3, "share")]),
        ("12‰", [(12, 12, "per_mille")]),
        ("5个百分点", [(0.05, 0.05, "share")]),
        ("1,234公顷", [(1234, 1234, "ha")]),
        ("一百二十座", [(120, 120, "count")]),
        ("1.5倍", [(1.5, 1.5, "times")]),
        ("8—10平方米/人", [(8, 10, "m2/person")]),
        ("8%-10%", [(0.08, 0.10, "share")]),
        ("5至8个", [(5, 8, "count")]),
        ("1万人/平方公里", [(10000, 10000, "person/km2")]),
        ("7.5公里/平方公里", [(7.5, 7.5, "km/km2")]),
        ("8.5张/千人", [(8.5, 8.5, "beds/1000 persons")]),
        ("2500余万元", [(2.5e7, 2.5e7, "CNY")]),
        ("10亿美元", [(1e9, 1e9, "USD")]),
        ("30微克/立方米", [(30, 30, "µg/m3")]),
        ("200万学生", [(2e6, 2e6, "persons")]),
        ("5万千瓦", [(50000, 50000, "kW")]),
        ("3千米", [(3, 3, "km")]),
        ("2千户", [(2000, 2000, "households")]),
        ("40ug/m³", [(40, 40, "µg/m3")]),
        ("300标台", [(300, 300, "standard buses")]),
        ("死亡率7.5/10万", [(7.5, 7.5, "per_100000")]),
        ("受教育年限达到11.8年", [(11.8, 11.8, "years")]),
        ("万亿元", [(1e12, 1e12, "CNY")]),
        ("千亿元", [(1e11, 1e11, "CNY")]),
        ("13万常住人口", [(130000, 130000, "persons")]),
        ("公园35个、绿道20公里", [(35, 35, "count"), (20, 20, "km")]),
    ],
)
def test_numbers_are_read_with_their_units(text, read):
    assert [(q.low, q.high, q.unit) for q in quantities(plain(text))] == [
        (pytest.approx(low), pytest.approx(high), unit) for low, high, unit in read
    ]


@pytest.mark.parametrize(
    "text",
    [
        "PM2.5",
        "第3个",
        "5G基站",
        "4A级景区",
        "G107国道",
        "二十大",
        "2025年",
        "一体化",
        "三农",
        "电话0722-3312345",
        "三方面",
    ],
)
def test_what_belongs_to_a_word_is_no_number(text):
    assert list(quantities(plain(text))) == []


@pytest.mark.parametrize(
    ("sentence", "op", "value", "unit"),
    [
        ("到2030年，城区道路网密度不低于8公里/平方公里。", ">=", 8, "km/km2"),
        ("人行道达标率不得低于70%。", ">=", 0.7, "share"),
        ("每年开展培训不少于12场。", ">=", 12, "count"),
        ("绿地率至少35%。", ">=", 0.35, "share"),
        ("人均城镇建设用地不超过110平方米。", "<=", 110, "m2/person"),
        ("住宅建筑高度不得超过80米。", "<=", 80, "m"),
        ("万元产值用水不高于20吨。", "<=", 20, "t"),
        ("公园服务半径覆盖率超过85%。", ">", 0.85, "share"),
        ("出口总额突破5亿美元。", ">", 5e8, "USD"),
        ("城镇登记失业率低于4%。", "<", 0.04, "share"),
        ("污水集中收集率达到70%以上。", ">=", 0.7, "share"),
        ("通勤时间控制在30分钟以内。", "<=", 30, "min"),
        ("人口规模控制在60万人以下。", "<=", 600000, "persons"),
        ("开发强度控制在30%。", "<=", 0.3, "share"),
        ("漏损率降至8%。", "<=", 0.08, "share"),
        ("绿化覆盖率提高到43%。", ">=", 0.43, "share"),
        ("耕地保有量稳定在90万亩。", ">=", 900000, "mu"),
        ("规划城市建设用地63平方千米。", "==", 63, "km2"),
        ("城镇化率达到65%左右。", "==", 0.65, "share"),
        ("常住人口约80万人，力争稳定。", "==", 800000, "persons"),
        ("新增公共停车泊位1.2万个。", ">=", 12000, "count"),
        ("新推进20个完整社区建设。", ">=", 20, "count"),
        ("累计建成绿道300公里以上。", ">=", 300, "km"),
        ("把全市70%以上的中小学纳入集团化办学。", ">=", 0.7, "share"),
        ("到2027年，首批30个社区服务站全面建成。", ">=", 30, "count"),
        ("为2000名老人提供助餐服务。", ">=", 2000, "persons"),
        ("培育产值过50亿元的龙头企业2家。", ">=", 2, "count"),
        ("今年投入8亿元。", ">=", 8e8, "CNY"),
        ("打造五大休闲片区。", ">=", 5, "count"),
        ("地区生产总值增长6.5%。", ">=", 0.065, "share/year"),
        ("亩均税收年均增速超过7%。", ">", 0.07, "share/year"),
        ("加快形成市内1小时通勤圈。", "<=", 60, "min"),
        ("支持高新区进入全国百强。", "<=", 100, "rank"),
        ("居民收入与经济增长同步。", ">=", 0, "share/year"),
        ("对东一路、西二路等10条道路进行改造。", ">=", 10, "count"),
        ("将12种慢性病纳入保障范围。", ">=", 12, "count"),
        ("拆除东门、西门等5个现有围挡。", ">=", 5, "count"),
        ("新建30座公厕，增加公厕指示标志。", ">=", 30, "count"),
        ("会议指出，新建30座公厕。", ">=", 30, "count"),
        ("孕产妇死亡率控制在8/10万以下。", "<=", 8, "per_100000"),
        ("劳动年龄人口平均受教育年限达到12年。", ">=", 12, "years"),
        ("对南关街道20栋住宅进行更新改造。", ">=", 20, "count"),
        ("为城区300名老人提供助餐服务。", ">=", 300, "persons"),
        ("建成区级体育中心5个。", ">=", 5, "count"),
        ("打造“10个第一”品牌3个。", ">=", 3, "count"),
        ("年内任务包括新建公园4个。", ">=", 4, "count"),
        ("客运枢纽完成工程总量90%。", ">=", 0.9, "share"),
        ("解决东山、西山等乡镇2万人的饮水问题。", ">=", 20000, "persons"),
        ("完成滨河路南段3公里道路改造工程。", ">=", 3, "km"),
        ("提高农村自来水普及率至95%。", ">=", 0.95, "share"),
        ("缩短公交候车时间至8分钟。", "<=", 8, "min"),
        ("主要包括对20个小区实施停车位改造。", ">=", 20, "count"),
        ("到2030年，绿道总长度接近50公里。", "==", 50, "km"),
        ("到2030年，不低于50%要用于公共停车。", ">=", 0.5, "share"),
        ("产业总产值突破万亿元。", ">", 1e12, "CNY"),
        ("2030年中心城区常住人口80万人。", "==", 800000, "persons"),
        ("2030年中心城区建设用地95平方公里。", "==", 95, "km2"),
    ],
)
def test_operator_value_and_unit_of_a_sentence(tmp_path, sentence, op, value, unit):
    (promise,) = drafts(reading(tmp_path, f"# 行动方案\n\n{sentence}").promises)
    assert (promise.promise.op, promise.unit) == (op, unit)
    assert promise.value == pytest.approx(value)


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("2020年已建成公园38个。", "已有的结果或现状"),
        ("目前，全市绿地率为35%，覆盖率达到60%。", "已有的结果或现状"),
        ("截至2023年底，建成绿道120公里。", "已有的结果或现状"),
        ("空气优良天数比例达到87%，同比上升2个百分点。", "已有的结果或现状"),
        ("口袋公园是指面积400平方米以上的小型公园。", "名词或指标的解释"),
        ("对达标小区每户给予2000元补助。", "奖补、收费或处罚的标准"),
        ("实施总投资3.2亿元的滨河公园项目。", "修饰后面的名词，不是要达到的数"),
        ("加强5000平方米以上商场的消防检查。", "修饰后面的名词，不是要达到的数"),
        ("落实“1000公里”计划，擦亮“10个第一”品牌。", "文件、会议、行动或口号的名称"),
        ("规划范围：2262平方公里。", "没有写明要做到的词"),
        ("全市现有公厕30座。", "已有的结果或现状"),
        ("在东西两区建设了47处绿地。", "已有的结果或现状"),
        ("绿地主要分布在东区、西区等8个区。", "没有写明要做到的词"),
        ("规划区总面积为640平方公里。", "没有写明要做到的词"),
    ],
)
def test_a_number_that_is_no_promise_says_why(tmp_path, sentence, why):
    found = reading(tmp_path, f"# 某市行动方案（2024—2027年）\n\n{sentence}")
    assert found.promises == ()
    assert {one.reason.zh for one in found.refused} == {why}


@pytest.mark.parametrize(
    "sentence",
    [
        "贯彻《某市绿道系统规划（2021—2035年）》，落实某政发〔2024〕13号文件。",
        "围绕三大主导产业强化招商。",
        "实施花园城市建设三年行动。",
        "严守“三区三线”，推进“一河两岸”风光带。",
        "形成与15分钟生活圈相匹配的服务。",
        "联系电话：0722-3312345。",
    ],
)
def test_names_slogans_and_numbers_of_documents_promise_nothing(tmp_path, sentence):
    assert told(tmp_path, f"# 行动方案\n\n{sentence}") == []


def test_a_range_is_two_promises(tmp_path):
    assert told(tmp_path, "每个县发展主导产业1-3个，公交分担率达到15%—20%。") == [
        (">=", 1, "count"),
        ("<=", 3, "count"),
        (">=", 0.15, "share"),
        ("<=", 0.2, "share"),
    ]


def test_an_enumeration_goes_on_with_its_verb(tmp_path):
    text = "规划城市建设用地60平方公里，城市人口50万人。力争新增企业50家、中小企业入库440家。"
    assert told(tmp_path, text) == [
        ("==", 60, "km2"),
        ("==", 500000, "persons"),
        (">=", 50, "count"),
        (">=", 440, "count"),
    ]


def test_an_enumeration_goes_on_over_commas_and_spaces(tmp_path):
    assert told(tmp_path, "新购10辆公交车，20辆校车，3辆专线车。两项覆盖率分别超过 55%和 60%。") == [
        (">=", 10, "vehicles"),
        (">=", 20, "vehicles"),
        (">=", 3, "vehicles"),
        (">", 0.55, "share"),
        (">", 0.6, "share"),
    ]


def test_doubled_is_grown_by_the_base(tmp_path):
    found = reading(tmp_path, "到2030年，经济总量比2020年翻一番，数字产业规模翻两番。").promises
    assert [(p.op, p.value, p.unit, p.year, p.baseline_year) for p in found] == [
        (">=", 1, "times", 2030, 2020),
        (">=", 3, "times", 2030, None),
    ]


def test_what_includes_doing_is_done_and_what_is_included_is_told(tmp_path):
    found = reading(tmp_path, "建设活动中心，包括阅览室3间。")
    assert (found.promises, [one.reason.zh for one in found.refused]) == ((), ["没有写明要做到的词"])
    assert told(tmp_path, "项目包括教育发展、文体服务等领域共计15项。") == []


def test_a_system_of_services_is_no_structure_of_space(tmp_path):
    assert told(tmp_path, "完善“一张床、一间房”住房保障体系。") == []


def test_what_was_before_the_year_of_the_aims_is_past(tmp_path):
    text = "2021年，全市生产总值增长12%以上。\n\n2022年，全市主要预期目标是：生产总值增长7%以上。"
    found = reading(tmp_path, text)
    assert [(p.value, p.year) for p in found.promises] == [(0.07, 2022)]
    assert [one.reason.zh for one in found.refused] == ["已有的结果或现状"]


def test_a_report_on_a_past_year_goes_on_until_something_is_aimed_at(tmp_path):
    text = "# 2024年行动方案\n\n2023年，建成公园12个。全年新增绿地30公顷。今年计划新建公园20个。新增绿地40公顷。"
    assert told(tmp_path, text) == [(">=", 20, "count"), (">=", 40, "ha")]
    assert told(tmp_path, "“十四五”以来，新增园区8个。打造产业链12条。") == []


@pytest.mark.parametrize(
    "title",
    [
        "某市国民经济和社会发展第十四个五年规划和2035年远景目标纲要",
        "某市国民经济和社会发展第十四个五年规划和二〇三五年远景目标纲要",
        "某市“十四五”公共服务规划",
    ],
)
def test_a_plan_of_five_years_looks_ahead_from_its_first_year(tmp_path, title):
    """The far year of its title is not when it was issued: nothing it aims at by 2025 is past."""
    text = f"# {title}\n\n2019年建成公园9个。\n\n到2025年，绿地率达到40%。\n\n新建公园20个。\n\n到二〇三五年，绿地率达到45%。"
    found = reading(tmp_path, text).promises
    assert [(p.value, p.year) for p in found] == [(0.4, 2025), (20, 2025), (0.45, 2035)]


def test_a_sentence_may_turn_from_the_past_to_what_is_aimed_at(tmp_path):
    text = "# 2024年行动方案\n\n2023年建成公园12个，今年力争新建公园20个。"
    assert told(tmp_path, text) == [(">=", 20, "count")]


def test_both_and_each(tmp_path):
    found = reading(tmp_path, "确保基本养老、医保参保率均稳定在95%以上。接待游客、旅游收入分别增长12%、15%。").promises
    assert [(p.name, p.value) for p in found] == [
        ("基本养老", 0.95),
        ("医保参保率", 0.95),
        ("接待游客增长", 0.12),
        ("旅游收入增长", 0.15),
    ]


def test_years(tmp_path):
    text = """# 某市国土空间总体规划（2021—2035年）

到2025年和2030年，耕地保有量分别不低于120万亩和118万亩。

近期（2027年）新建公园12个；远期（2035年）绿地率不少于38%；远期公园绿地不少于900公顷。

“十五五”期末，绿地率达到40%，覆盖率达到90%。城市人口控制在80万人以内。

能耗较2020年下降13.5%，产值较2020年增长20%，其中2026年增长3%以上。"""
    found = reading(tmp_path, text).promises
    assert [(p.value, p.year, p.year_said) for p in found] == [
        (1.2e6, 2025, True),
        (1.18e6, 2030, True),
        (12, 2027, True),
        (0.38, 2035, True),
        (900, 2035, True),
        (0.4, 2030, True),
        (0.9, 2030, True),
        (8e5, 2035, False),
        (0.135, 2035, False),
        (0.2, 2035, False),
        (0.03, 2026, True),
    ]


def test_growth_over_a_year_is_relative_and_a_decline_is_told_by_its_size(tmp_path):
    """A target of growth asks for more than the baseline: a decline must never be one."""
    found = reading(tmp_path, "产值较2020年增长20%。能耗较2020年下降13.5%。绿地率较2020年提高3个百分点。").promises
    assert [(p.how, p.baseline_year, p.decline_from, p.unit) for p in found] == [
        ("change", 2020, None, "share"),
        ("decline", None, 2020, "share"),
        ("points", None, None, "share"),
    ]


def test_where_a_change_begins_is_its_baseline(tmp_path):
    found = reading(tmp_path, "人均公园绿地面积由2020年的12.5平方米提高到2025年的14平方米。")
    (promise,) = found.promises
    assert (promise.value, promise.baseline, promise.year, promise.name) == (14, 12.5, 2025, "人均公园绿地面积")
    assert [one.reason.zh for one in found.refused] == ["变化的起点（基数）"]


def test_a_structure_and_a_grid_are_counted(tmp_path):
    text = "优化“一主城+三片区”空间结构，完善“四纵六横”骨干路网，构建一核两轴的空间格局。"
    found = drafts(reading(tmp_path, text).promises)
    assert [(d.key, d.promise.op, d.value, d.unit) for d in found][:4] == [
        ("main_city_zones", "==", 1, "count"),
        ("district_zones", "==", 3, "count"),
        ("arterial_grid_north_south", ">=", 4, "count"),
        ("arterial_grid_east_west", ">=", 6, "count"),
    ]
    assert [d.value for d in found][4:] == [1, 2]


def test_dead_ends_are_counted_from_their_names_or_as_the_text_says(tmp_path):
    named, counted = reading(tmp_path, "打通学府路、滨河路等城市“断头路”。打通东一路、东二路等5条断头路。").promises
    assert (named.value, named.listed) == (2, ("学府路", "滨河路"))
    assert (counted.value, counted.listed) == (5, ("东一路", "东二路"))


def test_a_review_of_the_past_promises_nothing(tmp_path):
    text = """# 市政府工作报告

### 回眸2023

新建公园12个。

### 民生改善

新增学位7000个，绿地率提高到38%。

### 展望2024

新建公园15个。"""
    found = reading(tmp_path, text)
    assert [p.value for p in found.promises] == [15]
    assert len(found.refused) == 3


def test_the_present_state_ends_with_its_section(tmp_path):
    text = "一、现状基础\n\n道路网密度达到6公里/平方公里。\n\n二、空间布局\n\n道路网密度达到8公里/平方公里。"
    assert told(tmp_path, text) == [(">=", 8, "km/km2")]


def test_offices_clause_and_paragraph(tmp_path):
    text = """一、重点任务

（二）提升品质

3.建设公园。到2030年，新建公园20个。（责任单位：市园林局、市财政局）

4.新建绿道30公里。

（市交通局牵头，各区配合）"""
    first, second = reading(tmp_path, text).promises
    assert (first.clause, first.passage, first.responsible) == ("一、（二）3", 3, "市园林局、市财政局")
    assert (second.clause, second.passage, second.responsible) == ("一、（二）4", 4, "")


def test_a_table_is_read_by_its_head(tmp_path):
    text = """## 规划指标

| 指标 | 单位 | 2025年现状 | 2030年 | 2035年 |
|---|---|---|---|---|
| 道路网密度 | 公里/平方公里 | 5.8 | ≥7.5 | ≥8 |
| 人均城镇建设用地 | 平方米 | 126 | ≤120 | 115 |
| 公园服务半径覆盖率（%） | | 71 | 80 | 90以上 |
| 森林覆盖率 | % | 50.1 | 依据上级下达 | — |"""
    assert [(p.name, p.op, p.value, p.unit, p.year) for p in reading(tmp_path, text).promises] == [
        ("道路网密度", ">=", 7.5, "km/km2", 2030),
        ("道路网密度", ">=", 8, "km/km2", 2035),
        ("人均城镇建设用地", "<=", 120, "m2/person", 2030),
        ("人均城镇建设用地", "<=", 115, "m2/person", 2035),
        ("公园服务半径覆盖率", ">=", 0.8, "share", 2030),
        ("公园服务半径覆盖率", ">=", 0.9, "share", 2035),
    ]


def test_a_table_without_a_column_that_is_aimed_at_says_nothing(tmp_path):
    assert told(tmp_path, "| 指标 | 2023年现状 |\n|---|---|\n| 公园数 | 35 |") == []


def test_a_measure_goes_to_the_earliest_year_and_others_keep_their_own_keys(tmp_path):
    text = "到2035年，城区道路网密度不低于8公里/平方公里。到2030年，城区道路网密度不低于7公里/平方公里。"
    assert [(d.key, d.value) for d in drafts(reading(tmp_path, text).promises)] == [("p1_1", 8), ("road_density", 7)]


@pytest.mark.parametrize(
    "sentence",
    ["新建口袋公园20个。", "农村公路路网密度达到1公里/平方公里。", "道路网密度达到8%。", "新增充电桩500个。"],
)
def test_what_is_not_the_measure_s_own_is_not_matched(tmp_path, sentence):
    """So many new ones are not so many in all, and a country road is no city street."""
    (draft,) = drafts(reading(tmp_path, sentence).promises)
    assert draft.entry is None


def test_areas_are_brought_into_the_unit_of_the_measure(tmp_path):
    (draft,) = drafts(reading(tmp_path, "规划主城区城市建设用地6300公顷。").promises)
    assert (draft.key, draft.value, draft.unit) == ("main_city_construction_land", 63, "km2")


def test_every_key_of_the_grammar_is_a_measure_and_every_pattern_one():
    grammar = table("plan_grammar")
    assert all(entry_for(rule["key"]) for rule in grammar["keys"])
    for pattern in grammar["not_promised"]["patterns"].values():
        re.compile(pattern)
    assert grammar["not_promised"]["zh"].keys() == grammar["not_promised"]["en"].keys()
    assert any_of("past", "words").search("全市现有公园35个")


def test_levels_of_headings():
    assert [
        level_of(text) for text in ("第一章 总则", "一、目标", "（一）布局", "1.道路", "（1）支路", "2035年", "1.5万人")
    ] == [
        2,
        4,
        5,
        6,
        7,
        0,
        0,
    ]


def test_where_a_draft_stands_is_where_its_words_are(tmp_path):
    found = reading(tmp_path, "# 方案\n\n加快建设，到2030年，新建公园２０个，改造公厕１０座。")
    assert isinstance(found.document, Document)
    for promise in found.promises:
        passage = found.document.passages[promise.passage - 1]
        assert passage.text[promise.start : promise.end] == promise.quote
    assert [p.quote for p in found.promises] == ["新建公园２０个", "改造公厕１０座"]
