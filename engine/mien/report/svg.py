"""Just enough of SVG for plots: a plane with two axes, and marks on it. Colours come from the page's CSS."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

from mien.report.envelope import envelope
from mien.report.written import written
from mien.types import F64

WIDTH, HEIGHT = 720, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 10, 12, 34
COLUMNS = 600
"""To how many columns long runs are reduced."""
_BREAK_S = 0.5


class Plane:
    """A plot in the making. x and y are in the units of the axes; what lies outside is clipped to the edge.

    `log` draws y on a logarithmic scale from `y_range[0]`, which is then above 0.
    """

    def __init__(
        self,
        x_range: tuple[float, float],
        y_range: tuple[float, float],
        *,
        x_label: str,
        y_label: str,
        log: bool = False,
    ) -> None:
        self._x0, self._x1 = _with_length(*x_range)
        self._y0, self._y1 = _with_length(*y_range)
        self._log = log
        self._marks: list[str] = []
        self._axes(x_label, y_label)

    def x(self, value: float) -> float:
        """Pixels from the left."""
        share = (value - self._x0) / (self._x1 - self._x0)
        return _LEFT + min(1.0, max(0.0, share)) * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        """Pixels from the top."""
        if self._log:
            low, high = math.log10(self._y0), math.log10(self._y1)
            share = (math.log10(max(value, self._y0)) - low) / (high - low)
        else:
            share = (value - self._y0) / (self._y1 - self._y0)
        return HEIGHT - _BOTTOM - min(1.0, max(0.0, share)) * (HEIGHT - _TOP - _BOTTOM)

    def line(self, x: F64, y: F64, style: str) -> None:
        """A line through points, reduced to what can be seen; broken where x skips half a second."""
        known = ~np.isnan(y)
        x, y = x[known], y[known]
        if not len(x):
            return
        piece = np.cumsum(np.diff(x, prepend=x[0]) > _BREAK_S)
        path, last = [], -1
        for i in envelope(x, y, COLUMNS):
            path.append(f"{'L' if piece[i] == last else 'M'}{self.x(x[i]):.1f} {self.y(y[i]):.1f}")
            last = piece[i]
        self._marks.append(f'<path class="{style}" d="{"".join(path)}"/>')

    def level(self, y: float, style: str, label: str) -> None:
        """A horizontal line, with a word at its right end."""
        at = self.y(y)
        self._marks.append(f'<path class="{style}" d="M{_LEFT} {at:.1f}H{WIDTH - _RIGHT}"/>')
        self.text(WIDTH - _RIGHT - 3, at - 4, label, "end")

    def upright(self, x: float, style: str) -> None:
        """A vertical line over the whole height."""
        self._marks.append(f'<path class="{style}" d="M{self.x(x):.1f} {_TOP}V{HEIGHT - _BOTTOM}"/>')

    def band(self, low: float, high: float, style: str) -> None:
        """A horizontal band."""
        top, bottom = self.y(high), self.y(low)
        width = WIDTH - _LEFT - _RIGHT
        self._rect(_LEFT, top, width, bottom - top, style, "")

    def bar(self, x0: float, x1: float, y: float, style: str, says: str) -> None:
        """A bar from the floor of the plot up to `y`, at least half a pixel wide."""
        left, right, top = self.x(x0), self.x(x1), self.y(y)
        self._rect(left, top, max(0.5, right - left), HEIGHT - _BOTTOM - top, style, says)

    def dot(self, x: float, y: float, style: str, says: str) -> None:
        """A point that tells more when it is pointed at."""
        at = f'cx="{self.x(x):.1f}" cy="{self.y(y):.1f}"'
        self._marks.append(f'<circle class="{style}" {at} r="2"><title>{written(says)}</title></circle>')

    def tick(self, x: float, style: str, says: str) -> None:
        """A short mark on the floor of the plot."""
        at = f"M{self.x(x):.1f} {HEIGHT - _BOTTOM}v-7"
        self._marks.append(f'<path class="{style}" d="{at}"><title>{written(says)}</title></path>')

    def text(self, x: float, y: float, words: str, anchor: str = "start") -> None:
        """Words at a pixel."""
        self._marks.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{written(words)}</text>')

    def svg(self, title: str) -> str:
        """The finished element."""
        return (
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{written(title)}">'
            f"{''.join(self._marks)}</svg>"
        )

    def _rect(self, x: float, y: float, width: float, height: float, style: str, says: str) -> None:
        title = f"<title>{written(says)}</title>" if says else ""
        size = f'width="{width:.1f}" height="{max(0.0, height):.1f}"'
        self._marks.append(f'<rect class="{style}" x="{x:.1f}" y="{y:.1f}" {size}>{title}</rect>')

    def _axes(self, x_label: str, y_label: str) -> None:
        floor = HEIGHT - _BOTTOM
        for value in decades(self._y0, self._y1) if self._log else ticks(self._y0, self._y1):
            at = self.y(value)
            self._marks.append(f'<path class="grid" d="M{_LEFT} {at:.1f}H{WIDTH - _RIGHT}"/>')
            self.text(_LEFT - 6, at + 4, f"{value:g}", "end")
        for value in ticks(self._x0, self._x1):
            self.text(self.x(value), floor + 15, f"{value:g}", "middle")
        self._marks.append(f'<path class="axis" d="M{_LEFT} {_TOP}V{floor}H{WIDTH - _RIGHT}"/>')
        self.text((_LEFT + WIDTH - _RIGHT) / 2, HEIGHT - 4, x_label, "middle")
        middle = (_TOP + floor) / 2
        self._marks.append(
            f'<text transform="translate(12 {middle}) rotate(-90)" text-anchor="middle">'
            f"{written(y_label)}</text>"
        )


def _with_length(low: float, high: float) -> tuple[float, float]:
    """A range that is longer than what floats can tell apart there."""
    return low, max(high, low + max(1e-9, 1e-9 * abs(low)))


def ticks(low: float, high: float) -> list[float]:
    """Four to nine round numbers from low to high."""
    step = 10 ** math.floor(math.log10((high - low) / 4))
    while (high - low) / step > 8:
        step *= 2.5 if f"{step:e}".startswith("2") else 2
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(n * step, 10) for n in range(first, last + 1)]


def decades(low: float, high: float) -> list[float]:
    """Powers of ten from low to high, with 3 between them where there are few."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    tens = [10.0**p for p in powers]
    if len(tens) <= 4:
        tens = sorted([*tens, *(a * 3 for a, _ in pairwise(tens))])
    return [value for value in tens if low <= value <= high]
