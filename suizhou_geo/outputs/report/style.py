"""How the HTML report looks, on a screen and on A4."""

from __future__ import annotations

from suizhou_geo.standards.symbology import VERDICTS

_COLOURS = "\n".join(
    f".{status} {{ color: {colour}; font-weight: 600; }}" for status, (_, colour) in VERDICTS.items() if status
)
STAMPED = """
@page { @bottom-center { content: "%s"; color: #a30000; font-size: 9pt; } }
@media print { h2::after { content: " 【%s】"; color: var(--stamp); font-size: 9pt; } }
"""
STYLE = (
    """
:root { --ink: #1d232a; --soft: #4d5965; --line: #c4ccd4; --ground: #f3f5f7; --stamp: #a30000; }
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: #fff; font: 16px/1.6 "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC",
  "Microsoft YaHei", "PingFang SC", system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; }
h1 { font-size: 1.8rem; line-height: 1.3; margin: .5rem 0 1rem; }
h2 { font-size: 1.4rem; margin: 2.2rem 0 .6rem; padding-bottom: .3rem; border-bottom: 2px solid var(--ink); }
h3 { font-size: 1.1rem; margin: 1.6rem 0 .4rem; }
h4 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
p { margin: .4rem 0; }
.lead { font-size: 1.05rem; }
.stamp { margin: 0; padding: .5rem 1.25rem; color: #fff; background: var(--stamp); text-align: center; }
dl { margin: .5rem 0; }
dl div { display: grid; grid-template-columns: 8.5rem 1fr; gap: .75rem; padding: .15rem 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
.facts { font-size: .9rem; border-left: 3px solid var(--line); padding-left: .8rem; }
.tally { list-style: none; display: grid; grid-template-columns: repeat(4, 1fr); gap: .6rem; padding: 0; margin: .8rem 0; }
.tally li { border: 1px solid var(--line); border-top: 4px solid currentColor; padding: .5rem .8rem; }
.tally b { display: block; font-size: 1.9rem; line-height: 1.2; }
.scroll { overflow-x: auto; margin: .6rem 0 1.2rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; line-height: 1.45; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { border: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top; white-space: pre-line;
  overflow-wrap: anywhere; }
thead th { background: var(--ground); }
tbody th { font-weight: 500; min-width: 7em; }
td.met, td.missed, td.cannot_tell, td.no_data { white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
.note, figcaption span { color: var(--soft); font-size: .85rem; }
figure { margin: 1rem 0 1.6rem; }
figure img { display: block; max-width: 100%; height: auto; margin: 0 auto; }
figcaption { margin-top: .4rem; }
figcaption span { display: block; }
nav span { color: var(--soft); font-size: .9rem; margin-left: .5rem; }
a { color: #00567f; }
@media (max-width: 40rem) { .tally { grid-template-columns: repeat(2, 1fr); } dl div { grid-template-columns: 1fr; gap: 0; } }
@page { size: A4; margin: 18mm 16mm 18mm; }
@media print {
  body { font-size: 10pt; line-height: 1.45; }
  main { max-width: none; padding: 0; }
  h1 { font-size: 17pt; margin: 1mm 0 2mm; } h2 { font-size: 14pt; } h3 { font-size: 11.5pt; }
  h2, h3, h4, caption { break-after: avoid; }
  #summary h2 { margin-top: 3mm; } #summary h3 { margin: 2mm 0 1mm; }
  #summary ol { margin: 0; padding-left: 6mm; }
  .tally { margin: 2mm 0; } .tally li { padding: 1mm 3mm; } .tally b { font-size: 15pt; }
  .chapter, nav { break-before: page; }
  tr, figure, .facts div { break-inside: avoid; }
  thead { display: table-header-group; }
  .scroll { overflow: visible; }
  table { font-size: 8.5pt; }
  figure img { max-height: 215mm; }
  .stamp { padding: 1mm; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  .tally li, thead th { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
"""
    + _COLOURS
)
