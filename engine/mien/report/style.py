"""How the page looks: light or dark, as its reader's system is set."""

CSS = """
:root{--paper:#fff;--card:#f6f7f9;--ink:#1b1f24;--dim:#5d6672;--grid:#e3e6ea;--line:#2563b8;--bad:#c62828;
--miss:#7b3fb8;--good:#1b7f3b;--band:#1b7f3b1f}
@media (prefers-color-scheme:dark){:root{--paper:#14171b;--card:#1d2127;--ink:#e6e8eb;--dim:#98a1ad;
--grid:#2c323a;--line:#6aa7f0;--bad:#ff6b60;--miss:#c08cf5;--good:#5ccb7f;--band:#5ccb7f26}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1500px;margin:0 auto;padding:24px}
h1{font-size:22px;margin:0 0 16px}h2{font-size:18px;margin:32px 0 8px}h3{font-size:15px;margin:0 0 6px}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(420px,100%),1fr));gap:20px}
.grid>*{min-width:0}
.card{background:var(--card);border-left:5px solid var(--good);border-radius:4px;padding:16px 20px}
.card.poor{border-color:var(--bad)}
.verdict{font-size:18px;line-height:1.4;margin:0 0 6px}
.count{font-weight:600;margin:0 0 10px;color:var(--good)}.poor .count{color:var(--bad)}
.note{margin:0 0 8px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:0 14px;margin:12px 0 0;font-size:13px}
dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
figure{margin:0 0 12px}figcaption,small,.none{color:var(--dim);font-size:13px}
.none{padding:24px 0;margin:0;border-top:1px solid var(--grid);border-bottom:1px solid var(--grid)}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th{text-align:left;font-weight:600;color:var(--dim)}
th,td{padding:4px 14px 4px 0;border-bottom:1px solid var(--grid);vertical-align:top}
code{color:var(--dim);font-size:12px}
td.met{color:var(--good)}td.missed{color:var(--bad);font-weight:700}
td.not-recorded,td.not-counted{color:var(--dim)}
.causes i{display:block;height:8px;margin-top:7px;background:var(--bad);border-radius:2px}
.causes td:last-child{width:45%}
svg{display:block;width:100%;height:auto}
svg text{font-size:11px;fill:var(--dim)}
svg path{fill:none;vector-effect:non-scaling-stroke}
.grid path.grid,path.grid{stroke:var(--grid);stroke-width:1}.axis{stroke:var(--dim);stroke-width:1}
.line{stroke:var(--line);stroke-width:1.2;stroke-linejoin:round}
.aim{stroke:var(--dim);stroke-width:1.2;stroke-dasharray:5 4}
.limit{stroke:var(--bad);stroke-width:1.2;stroke-dasharray:6 4}
.turn{stroke:var(--dim);stroke-width:1;stroke-dasharray:1 3}
.badline{stroke:var(--bad);stroke-width:1.5}.bad{fill:var(--bad)}
.good{fill:var(--band)}.bar{fill:var(--line)}.barbad{fill:var(--bad)}.barmiss{fill:var(--miss)}
@media print{.card{border:1px solid var(--dim)}}
"""
