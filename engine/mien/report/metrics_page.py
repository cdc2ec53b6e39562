"""docs/metrics.md, made from the table of metrics: `python -m mien.report.metrics_page > docs/metrics.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Final

from mien.observe import TABLE, MetricTable
from mien.observe.causes import BECAUSE, CAUSES
from mien.observe.metric import Figure, Metric
from mien.observe.sources import SOURCES

_HEAD = """# What Mien measures

<!-- Made by `python -m mien.report.metrics_page > docs/metrics.md`; a test holds it to the table. -->

One table (`engine/mien/observe/table.py`) names every metric. Records, totals, Prometheus (`mien_` before
the name) and reports are made from it. T is the frame interval: 33.33 ms at 30 frames a second. Clocks are
monotonic. Frames *expected* come from the absolute schedule, so a stall cannot hide the frames it swallowed.

A histogram is told by `p50`, `p99` and `max`; its quantiles are right to 2 % in totals and exact in reports.
Counts are told by how often each whole number was.
A metric that was not measured is null, never 0. Targets of time count in real time only: a render has no
schedule. Those marked * count for a render too.
What `mien prove` holds a run to, and how sure its figures are, is in [validation.md](validation.md).
"""

_ADD = """
## To add one

A counter is one row in `engine/mien/observe/record.py`: its `reads` names the counter of the compositor
(`gl.page_uploads`) or of the sound (`audio.underruns`) that the field is the difference of. A time is a row
there and the line in `engine/mien/stage/meter.py` that measures it. What the ledger works out of several
frames is a row in `table.py` and the attribute of `Ledger` that it names. A target is a `Figure` with bounds
in the row. Then make this page again; a test says so if it was forgotten.
"""


def metrics_page(table: MetricTable = TABLE) -> str:
    """The page, as Markdown."""
    parts = [
        _HEAD,
        _section("The schedule", "What the numbers and times of frames say.", table.schedule),
        _section("Frames", "Of every frame's record; sums and distributions over a run.", table.frame),
        _section("Threads", "What stops Python threads, in frames and between them.", table.threads),
        _section("Turns", "Of every turn's record, when it has ended.", (*table.turn, *table.turns)),
        _sources(),
        _causes(table.frame),
        _fields("A frame's line", "frame", table.frame),
        _fields("A turn's line", "turn", table.turn),
        _ADD,
    ]
    return "".join(parts)


def _section(title: str, says: str, rows: Iterable[Metric]) -> str:
    lines = [
        f"| `{row.name}` | {row.kind} | {row.unit or '-'} | {_cell(_help(row))} | {_targets(row)} |"
        for row in rows
        if row.kind != "field"
    ]
    head = "| metric | kind | unit | what it is | target |\n|---|---|---|---|---|\n"
    return f"\n## {title}\n\n{says}\n\n{head}" + "\n".join(lines) + "\n"


def _help(row: Metric) -> str:
    text = row.help
    if row.split:
        text += f" By {row.label} in `{row.split}`."
    if row.field and row.field != row.name:
        text += f" Of the field `{row.field}`."
    return text


_WHOSE: Final = """\
What others have defined is defined as there, so that figures can be held against theirs. Frames that change
nothing are shown ones: what was there stays, and is right."""
_BLAME: Final = """\
Named is what would have made a frame on time, had it been absent. A frame over budget is over by what its
parts, which share no time, add up to beyond T. Asked of each part, in this order:

1. Would the frame have been on time had the part taken what it usually does? Of several, the one that took
   most beyond its usual.
2. Would it have been on time without the part? Of several, the one with the largest excess over its usual,
   if that is half of what the frame was over or more; else the largest.
3. If no part alone: of the largest ones without which, together, it would have been on time, the one with
   the largest excess, if that is half of what it was over or more; else their `sum`.

What is usual is the median of the last 64 frames; of `gc`, `gil`, `cores` and `stopped`, which others do to a
frame, nothing is usual. A frame that took no longer than T and was late all the same was begun late: it has
the cause of the last frame that took longer, if every frame since was begun late."""


def _targets(row: Metric) -> str:
    bounds = [bound for figure in row.figures if (bound := _bound(figure))]
    return "; ".join(bounds)


def _bound(figure: Figure) -> str:
    unit = " T" if figure.in_intervals else ""
    least, most = figure.least, figure.most
    if least is None and most is None:
        return ""
    text = f">= {least:g}{unit}" if most is None else f"<= {most:g}{unit}" if most else "0"
    return f"{figure.stat} {text}".strip() + ("*" if figure.offline else "")


def _causes(rows: Iterable[Metric]) -> str:
    parts = {row.cause: f"`{row.name}`" for row in rows if row.cause}
    lines = [f"| `{c}` | {parts.get(c, 'several')} | {BECAUSE[c]} |" for c in CAUSES]
    head = "| cause | part | a frame took too long because |\n|---|---|---|\n"
    return f"\n## Causes\n\n{_BLAME}\n\n{head}" + "\n".join(lines) + "\n"


def _sources() -> str:
    """The one table of whose definitions these are."""
    lines = [
        f"| {_named(one.metrics)} | [{_cell(one.called)}]({one.url}) "
        f"| {_cell(one.means)} | {_cell(one.differs)} |"
        for one in SOURCES
    ]
    head = "| ours | theirs | what it means | in what ours differs |\n|---|---|---|---|\n"
    return f"\n## Whose definitions these are\n\n{_WHOSE}\n\n{head}" + "\n".join(lines) + "\n"


def _named(metrics: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in metrics)


def _fields(title: str, kind: str, rows: Iterable[Metric]) -> str:
    lines = [f"| `{row.field or row.name}` | {_unit(row)} | {_cell(row.help)} |" for row in rows]
    head = f'In a ledger file: `"kind": "{kind}"`.\n\n| field | unit | what it is |\n|---|---|---|\n'
    return f"\n## {title}\n\n{head}" + "\n".join(lines) + "\n"


def _unit(row: Metric) -> str:
    return "samples" if row.divide > 1 else row.unit or "-"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.stdout.write(metrics_page())
