"""Small pieces of a proof's page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from mien.prove.plain import plain
from mien.prove.statistics import Interval
from mien.prove.thresholds import Figure
from mien.prove.verdict import Judged
from mien.report.written import written


def tag(name: str, text: str, style: str = "") -> str:
    """An element with a text, which is escaped."""
    kind = f' class="{style}"' if style else ""
    return f"<{name}{kind}>{written(text)}</{name}>"


def paragraph(text: str, style: str = "") -> str:
    """One of our own sentences: escaped, and not cut."""
    kind = f' class="{style}"' if style else ""
    return f"<p{kind}>{whole(text)}</p>"


def whole(text: str) -> str:
    """Escaped, and not cut: it is ours."""
    return " ".join(written(word) for word in text.split())


def shown(figure: Figure) -> str:
    """A figure, and its interval where it has one."""
    if isinstance(figure, Interval):
        if figure.low == figure.high:
            return number(figure.value)
        return f"{number(figure.value)} <small>[{number(figure.low)}, {number(figure.high)}]</small>"
    return number(figure)


def number(value: float | None) -> str:
    """For people; a dash where it is not known."""
    if value is None:
        return "-"
    return f"{value:,.0f}" if value == round(value) or abs(value) >= 1000 else plain(value)


def range_of(one: Judged, interval_ms: float) -> str:
    """The interval and the bound as a small picture."""
    if not isinstance(one.figure, Interval):
        return ""
    bound = one.claim.bound(interval_ms)
    most = max(bound, one.figure.high) * 1.15 or 1.0

    def x(value: float) -> float:
        return round(190 * max(0.0, value) / most, 1)

    return (
        '<svg class="range" viewBox="0 0 190 22" role="img" aria-label="interval and bound">'
        '<line class="track" x1="0" x2="190" y1="11" y2="11"/>'
        f'<line class="span" x1="{x(one.figure.low)}" x2="{x(one.figure.high)}" y1="11" y2="11"/>'
        f'<circle class="dot" cx="{x(one.figure.value)}" cy="11" r="4"/>'
        f'<line class="bound" x1="{x(bound)}" x2="{x(bound)}" y1="1" y2="21"/></svg>'
    )


def table(heads: Sequence[str], rows: Iterable[str]) -> str:
    """`heads` that begin with `n:` are of numbers."""
    cells = "".join(
        f"<th{' class=n' if h.startswith('n:') else ''}>{written(h.removeprefix('n:'))}</th>" for h in heads
    )
    body = "".join(rows)
    return f'<div class="wide"><table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>'
