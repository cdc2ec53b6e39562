"""The report as one HTML page that needs nothing else: no script, no font, no picture from outside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mien.report.plots import Scales, plots_of
from mien.report.results import Report, comparison, shown
from mien.report.style import CSS
from mien.report.verdict import Cause, WorstFrame
from mien.report.written import written

_MARKS = {"met": "met", "missed": "MISSED", "not recorded": "not recorded", "not counted": "not judged"}


def page(reports: Sequence[Report]) -> str:
    """A whole HTML document."""
    title = "Mien: " + " against ".join(report.name for report in reports)
    scales = Scales.of([report.run for report in reports])
    body = "".join(
        (
            _tag("h1", title),
            _grid(_head(report) for report in reports),
            _compared(reports) if len(reports) > 1 else "",
            "<h2>Plots</h2>",
            _plots(reports, scales),
            "<h2>Targets</h2>",
            _targets(reports),
            "<h2>The longest frames</h2>",
            _grid(_worst(report.name, report.worst, alone=len(reports) == 1) for report in reports),
        )
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{written(title)}</title><style>{CSS}</style></head><body><main>{body}</main></body></html>\n"
    )


def _head(report: Report) -> str:
    missed, met = report.having("missed"), report.having("met")
    judged = len(missed) + len(met)
    count = f"{len(missed)} of {judged} targets missed" if missed else f"all {judged} targets met"
    unknown = len(report.having("not recorded"))
    count += f", {unknown} not recorded" if unknown else ""
    facts = report.facts
    if report.about_machine is not None:
        facts.append(("machine", report.about_machine))
    rows = "".join(f"<dt>{written(name)}</dt><dd>{written(value)}</dd>" for name, value in facts)
    return "".join(
        (
            f'<section class="card {"fine" if report.passes else "poor"}">',
            _tag("h3", report.name),
            f'<p class="verdict">{written(report.verdict)}</p>',
            _tag("p", count, "count"),
            *(_tag("p", f"Note: {warning}.", "note") for warning in report.run.warnings),
            _causes(report.causes),
            f"<dl>{rows}</dl></section>",
        )
    )


def _causes(causes: Sequence[Cause]) -> str:
    if not causes:
        return ""
    most = causes[0].frames
    rows = []
    for cause in causes:
        width = max(1, round(100 * cause.frames / most))
        worst = f"worst {cause.worst_ms:.1f} ms at {cause.worst_at_s:.2f} s{cause.excuses}"
        rows.append(
            f"<tr><td>{written(cause.because)}</td><td>{cause.frames}</td>"
            f'<td><i style="width:{width}%"></i><small>{worst}</small></td></tr>'
        )
    return (
        '<table class="causes"><thead><tr><th>over budget because</th><th>frames</th><th></th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _compared(reports: Sequence[Report]) -> str:
    base = reports[0].name
    head = "".join(_tag("th", report.name) for report in reports)
    rows = []
    for row in comparison(reports):
        cells = []
        for index, (value, ratio) in enumerate(zip(row.values, row.ratios, strict=True)):
            times = "" if not index or ratio is None else f" <small>&times; {ratio:.3g}</small>"
            cells.append(f"<td>{written(shown(value, row.unit))}{times}</td>")
        rows.append(f"<tr><td>{written(row.says)}</td>{''.join(cells)}</tr>")
    return (
        f"<h2>Side by side</h2><p>Smaller is better; ratios are to {written(base)}.</p>"
        f'<div class="wide"><table><thead><tr><th></th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _plots(reports: Sequence[Report], scales: Scales) -> str:
    parts = []
    for same in zip(*(plots_of(report.run, scales) for report in reports), strict=True):
        figures = []
        for report, plot in zip(reports, same, strict=True):
            name = plot.title if len(reports) == 1 else f"{plot.title}: {report.name}"
            drawn = plot.svg or '<p class="none">not recorded</p>'
            figures.append(
                f"<figure>{_tag('h3', name)}{drawn}<figcaption>{written(plot.caption)}</figcaption></figure>"
            )
        parts.append(_grid(figures))
    return "".join(parts)


def _targets(reports: Sequence[Report]) -> str:
    head = "".join(f"<th>{written(report.name)}</th><th></th>" for report in reports)
    rows = []
    for results in zip(*(report.results for report in reports), strict=True):
        target = results[0].target
        cells = "".join(
            f"<td>{written(shown(r.value, target.unit))}</td>"
            f'<td class="{r.state.replace(" ", "-")}">{_MARKS[r.state]}</td>'
            for r in results
        )
        bounds = " / ".join(dict.fromkeys(r.bound for r in results))
        rows.append(
            f"<tr><td>{written(target.says)}<br><code>{target.figure}</code></td>"
            f"<td>{written(bounds)}</td>{cells}</tr>"
        )
    return (
        f'<div class="wide"><table><thead><tr><th>figure</th><th>target</th>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
        "<p>Not judged: a render has no schedule, so times have no target there.</p>"
    )


def _worst(name: str, frames: Sequence[WorstFrame], *, alone: bool) -> str:
    rows = "".join(
        f"<tr><td>{frame.frame}</td><td>{frame.at_s:.2f} s</td><td>{frame.work_ms:.1f} ms</td>"
        f"<td>{written(', '.join(f'{part} {ms:.1f}' for part, ms in frame.parts.items()))}</td></tr>"
        for frame in frames
    )
    return (
        f'<section>{"" if alone else _tag("h3", name)}<div class="wide"><table><thead><tr><th>frame</th>'
        f"<th>at</th><th>took</th><th>parts, ms</th></tr></thead><tbody>{rows}</tbody></table></div>"
        "</section>"
    )


def _grid(parts: Iterable[str]) -> str:
    return f'<div class="grid">{"".join(parts)}</div>'


def _tag(name: str, text: str, style: str = "") -> str:
    kind = f' class="{style}"' if style else ""
    return f"<{name}{kind}>{written(text)}</{name}>"
