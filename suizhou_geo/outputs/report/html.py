"""The report as one HTML page: it loads nothing, runs nothing, and prints on A4."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from suizhou_geo.assessment.assessed import Assessed
from suizhou_geo.assessment.wording import Lang
from suizhou_geo.outputs.figures import Sheet
from suizhou_geo.outputs.report.blocks import Column, Table
from suizhou_geo.outputs.report.content import report_of
from suizhou_geo.outputs.report.office_files import clean
from suizhou_geo.outputs.report.pictures import small_picture
from suizhou_geo.outputs.report.style import STAMPED, STYLE
from suizhou_geo.outputs.report.words import say
from suizhou_geo.standards.symbology import VERDICTS

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
SCREEN_DPI = 130

TEMPLATE = """\
{%- macro table(one, number) -%}
<div class="scroll" tabindex="0" role="region" aria-labelledby="table-{{ number }}">
<table>
<caption id="table-{{ number }}">{{ say("table") }} {{ number }}&ensp;{{ one.title }}</caption>
<colgroup>{% for column in one.columns %}<col style="width:{{ share(one, column) }}%">{% endfor %}</colgroup>
<thead><tr>{% for column in one.columns -%}
<th scope="col"{% if column.numbers %} class="number"{% endif %}>{{ column.name }}</th>
{%- endfor %}</tr></thead>
<tbody>
{%- for row in one.rows %}
<tr>{% for cell in row -%}
{%- if loop.first %}<th scope="row">{{ cell.text }}</th>
{%- else %}<td class="{{ "number " if one.columns[loop.index0].numbers }}{{ cell.status }}">{{ cell.text }}</td>{% endif -%}
{%- endfor %}</tr>
{%- endfor %}
</tbody>
</table>
{%- if one.note %}<p class="note">{{ one.note }}</p>{% endif %}
</div>
{%- endmacro -%}
{%- macro figure(sheet, number) -%}
<figure>
<img src="{{ image(sheet) }}" alt="{{ sheet.title }}{{ say("stop") }} {{ sheet.caption }}">
<figcaption><strong>{{ say("figure") }} {{ number }}&ensp;{{ sheet.title }}</strong>
{%- if sheet.caption and sheet.caption != sheet.title %}<span>{{ sheet.caption }}</span>{% endif %}</figcaption>
</figure>
{%- endmacro -%}
{%- set count = namespace(tables=0, figures=0) -%}
<!DOCTYPE html>
<html lang="{{ say("language") }}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ report.title }}{% if report.stamp %} ({{ report.stamp }}){% endif %}</title>
<style>{{ style }}</style>
</head>
<body>
{% if report.stamp %}<p class="stamp" role="note"><strong>{{ report.stamp }}</strong> {{ report.stamp_why }}</p>
{% endif %}<main>
<header>
<h1>{{ report.title }}</h1>
<dl>{% for term, text in report.cover %}<div><dt>{{ term }}</dt><dd>{{ text }}</dd></div>{% endfor %}</dl>
</header>
<section id="summary">
<h2>{{ say("summary") }}</h2>
<p class="lead">{{ report.summary.lead }}</p>
{% if report.summary.tally %}<ul class="tally">
{%- for status, words, n in report.summary.tally -%}
<li class="{{ status }}"><b>{{ n }}</b>{{ sign(status) }} {{ words }}</li>
{%- endfor -%}
</ul>{% endif %}
{% if report.summary.gaps %}{% set count.tables = count.tables + 1 %}{{ table(report.summary.gaps, count.tables) }}{% endif %}
{% for remark in report.summary.remarks %}<p>{{ remark }}</p>
{% endfor %}{% if report.summary.steps %}<h3>{{ say("next") }}</h3>
<ol>{% for step in report.summary.steps %}<li>{{ step }}</li>{% endfor %}</ol>{% endif %}
</section>
<nav aria-labelledby="contents"><h2 id="contents">{{ say("contents") }}</h2>
<ul>{% for chapter in report.chapters -%}
<li><a href="#{{ chapter.key }}">{{ chapter.name }}</a> <span>{{ chapter.lead }}</span></li>
{%- endfor %}
<li><a href="#appendix">{{ say("appendix") }}</a></li></ul></nav>
{% for sheet in report.overview %}{% set count.figures = count.figures + 1 %}{{ figure(sheet, count.figures) }}
{% endfor %}
{% for chapter in report.chapters %}<section id="{{ chapter.key }}" class="chapter">
<h2>{{ chapter.name }}</h2>
{% if chapter.lead %}<p class="lead">{{ chapter.lead }}</p>{% endif %}
{% for heading, tables in chapter.before %}<h3>{{ heading }}</h3>
{% for one in tables %}{% set count.tables = count.tables + 1 %}{{ table(one, count.tables) }}{% endfor %}
{% endfor %}{% if chapter.figures %}<h3>{{ say("chapter_figures") }}</h3>
{% for sheet in chapter.figures %}{% set count.figures = count.figures + 1 %}{{ figure(sheet, count.figures) }}
{% endfor %}{% endif %}
{% for heading, tables in chapter.after %}<h3>{{ heading }}</h3>
{% for one in tables %}{% set count.tables = count.tables + 1 %}{{ table(one, count.tables) }}{% endfor %}
{% endfor %}{% if chapter.facts %}<h3>{{ say("facts") }}</h3>
{% for facts in chapter.facts %}<h4>{{ facts.name }}</h4>
<dl class="facts">{% for term, text in facts.items %}<div><dt>{{ term }}</dt><dd>{{ text }}</dd></div>{% endfor %}</dl>
{% endfor %}{% endif %}</section>
{% endfor %}
<section id="appendix" class="chapter">
<h2>{{ say("appendix") }}</h2>
{% for one in report.appendix %}<h3>{{ one.title }}</h3>
{% if one.rows %}{% set count.tables = count.tables + 1 %}{{ table(one, count.tables) }}
{%- else %}<p>{{ one.note }}</p>{% endif %}
{% endfor %}</section>
</main>
</body>
</html>
"""


def html_report(result: Assessed, *, figures: Sequence[Sheet] = (), lang: Lang = "zh") -> str:
    """Return the report of a study as one web page, complete in itself.

    `figures` are the sheets to put into it (`figures.sheets`),
    each in its chapter. The page fetches nothing and runs no script, which a content policy in it holds the browser to;
    its pictures stand in it as PNG with their captions as alternative text. Names from data appear as text whatever they
    hold. Printed, every chapter begins on a new A4 page. The same input gives the same page, byte for byte.

    >>> import suizhou_geo as sg
    >>> from suizhou_geo.outputs.report import html_report
    >>> study = sg.read_study("data/raw/invented_city/study.toml")
    >>> page = html_report(assessed(study, [sg.population_density(study.area)]))
    >>> page.count("虚构数据，不是随州") > 1, "http://" in page
    (True, False)
    """
    report = report_of(result, figures=figures, lang=lang)
    environment = Environment(autoescape=True, undefined=StrictUndefined, finalize=_finalized)
    return environment.from_string(TEMPLATE).render(
        report=report,
        policy=POLICY,
        style=Markup(STYLE + (STAMPED % (report.stamp, report.stamp) if report.stamp else "")),  # noqa: S704 - ours
        say=lambda key: say(key, lang),
        sign=lambda status: VERDICTS[status][0],
        share=_share,
        image=_image,
    )


def _finalized(value: object) -> object:
    return clean(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _share(table: Table, column: Column) -> str:
    return f"{100.0 * column.width / sum(one.width for one in table.columns):.1f}"


def _image(sheet: Sheet) -> str:
    return f"data:image/png;base64,{base64.b64encode(small_picture(sheet, dpi=SCREEN_DPI)).decode()}"
