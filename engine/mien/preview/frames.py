"""How long frames took against what they may, and what made those late that were."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from slimgui import imgui

from mien.composite import RGBA
from mien.observe import FrameRecord, Ledger
from mien.observe.blame import SUM
from mien.observe.causes import BECAUSE
from mien.observe.turn_record import Record
from mien.observe.why_late import why_late
from mien.preview import widgets
from mien.preview.legend import Mark, legend
from mien.preview.style import BAD, GOOD, HELD, TEXT, packed

SHOWN: Final = 176
"""Frames of the graph: two points each."""
_HIGH: Final = 76.0
_BAR: Final = 2.0
_QUIET_BAR: Final = packed((0.376, 0.443, 0.561, 1.0))
_SAVED_BAR: Final = packed((0.494, 0.549, 0.439, 1.0))
_LATE_ALONE: Final = "late"
"""In place of a cause: shown late, and made in time."""
_LEGEND: Final = 1
"""Lines."""
_WHY: Final = 3
"""Lines of the sentence on why frames were late."""
_LEFT_OUT: Final = packed((0.820, 0.839, 0.878, 1.0))
_GROUND: Final = packed((0.122, 0.129, 0.149, 1.0))
_VEIL: Final = packed((0.094, 0.098, 0.114, 0.75))
_BUDGET: Final = packed((0.875, 0.886, 0.914, 0.55))

COLOURS: Final[dict[str, RGBA]] = {
    "build": (0.384, 0.651, 0.929, 1.0),
    "upload": (0.365, 0.788, 0.769, 1.0),
    "gpu_wait": (0.929, 0.627, 0.278, 1.0),
    "swap": (0.839, 0.749, 0.349, 1.0),
    "readback": (0.608, 0.733, 0.353, 1.0),
    "gc": (0.780, 0.498, 0.851, 1.0),
    "gil": (0.643, 0.506, 0.925, 1.0),
    "cores": (0.925, 0.482, 0.596, 1.0),
    "stopped": (0.925, 0.365, 0.333, 1.0),
    "host": (0.804, 0.588, 0.475, 1.0),
    SUM: (0.925, 0.404, 0.388, 1.0),
    _LATE_ALONE: (0.686, 0.706, 0.761, 1.0),
}
"""Of late frames, by what made them late."""
NAMES: Final = {
    "build": "Python",
    "upload": "uploads",
    "gpu_wait": "drawing",
    "swap": "window system",
    "readback": "reading back",
    "gc": "collector",
    "gil": "other threads",
    "cores": "other programs",
    "stopped": "process stopped",
    "host": "program around it",
    SUM: "several together",
    _LATE_ALONE: "shown late",
}
_PACKED: Final = {cause: packed(colour) for cause, colour in COLOURS.items()}


class Measured(Protocol):
    """What the section reads of a stage."""

    @property
    def ledger(self) -> Ledger:
        """Records of frames."""
        ...

    @property
    def paused(self) -> bool:
        """Whether time stands still."""
        ...


@dataclass(slots=True)
class _Frame:
    """A frame of the graph."""

    took_ms: float
    colour: int
    """Of its bar, as draw lists take it."""
    cause: str
    """What made it take too long, or _LATE_ALONE; "" where it was neither."""
    saved: bool
    """It was drawn with fewer pixels or coarser steps, to be in time."""
    dropped: int
    """Frames left out before it."""


class Frames:
    """The graph, and figures beside it. It listens to the ledger only while the panel is shown."""

    def __init__(self, stage: Measured) -> None:
        self._stage, self._ledger = stage, stage.ledger
        self._queue: deque[Record] | None = None
        self._frames: deque[_Frame] = deque(maxlen=SHOWN)
        self._last: FrameRecord | None = None
        self._skew_ms: float | None = None
        self._is_still = False
        """Time stood still in the last frame, or the whole program."""
        self._buffer_ms: float | None = None
        self._said_of: tuple[bool, float, tuple[int, ...]] | None = None
        self._said = _ALL_WELL
        """Why frames were late, and of which counts that was said."""

    def open(self) -> None:
        """The panel is shown from now on."""
        if self._queue is None:
            self._queue = self._ledger.subscribe(4 * SHOWN)

    def close(self) -> None:
        """It is hidden."""
        if self._queue is not None:
            self._ledger.unsubscribe(self._queue)
            self._queue = None
        self._last = None

    def parts(self) -> Iterator[None]:
        """Lay it out, the graph with one step and the rest with another."""
        self.take()
        if not widgets.heading("Frames"):
            return
        ledger, last = self._ledger, self._last
        interval = ledger.interval_ms
        self._graph(interval)
        legend(self._marks(), _LEGEND)
        yield
        took = f"{last.work_ms:.1f} ms" if last else "-"
        budget = f"{interval:.1f} ms" if interval else "none"
        slowest = max((one.took_ms for one in self._frames), default=0.0)
        late, dropped, over = ledger.frames_late, ledger.frames_dropped, ledger.over_budget
        widgets.figures(
            (
                ("last frame", took, BAD if last and interval and last.work_ms > interval else None, _TOOK),
                ("budget", budget, None, _MAY_TAKE),
                (
                    "longest here",
                    f"{slowest:.1f} ms",
                    BAD if interval and slowest > interval else None,
                    _LONGEST,
                ),
                ("over budget", f"{over}", BAD if over else GOOD, _TOO_LONG),
                ("shown late", f"{late}", BAD if late else GOOD, _LATE),
                ("left out", f"{dropped}", BAD if dropped else GOOD, _DROPPED),
                ("sound buffer", _ms(self._buffer_ms), None, _BUFFER),
                ("mouth to sound", self._skew(), _skew_colour(self._skew_ms, interval), _SKEW),
            )
        )
        self._why(late + dropped + over > 0)

    def _why(self, any_late: bool) -> None:
        """Why those of the whole run were late, which may have left the graph long ago. As high whatever it
        says: what lies below stays in its place; where there is no room for all reasons those of most frames
        are named. Under the pointer all are."""
        left, top = imgui.get_cursor_screen_pos()
        wide = imgui.get_content_region_avail()[0]
        high = _WHY * imgui.get_text_line_height()
        now = (any_late, wide, tuple(self._ledger.frames_over_budget.values()))
        if now != self._said_of:
            self._said_of, self._said = now, _ALL_WELL
            if any_late:
                self._said = _fitting(self._ledger, wide, high)
        sentence = self._said
        imgui.push_text_wrap_pos()
        imgui.text_disabled(sentence)
        imgui.pop_text_wrap_pos()
        imgui.set_cursor_screen_pos((left, top))
        imgui.dummy((wide, high))
        if imgui.is_item_hovered():
            whole = _sentence(self._ledger) if any_late else _ALL_WELL
            widgets.tip(f"{whole} {_COUNTED}", pointed=True)

    def take(self) -> None:
        """What has come since the last time."""
        queue, ledger = self._queue, self._ledger
        while queue:
            record = queue.popleft()
            if not isinstance(record, FrameRecord):
                continue
            dropped = 0 if self._last is None else max(0, record.frame - self._last.frame - 1)
            saved = record.scaled or record.coarse
            cause = _LATE_ALONE if ledger.is_late(record) else ""
            if record.work_ms > ledger.interval_ms > 0:
                cause = record.cause or SUM
            quiet = _SAVED_BAR if saved else _QUIET_BAR
            colour = _PACKED.get(cause, _PACKED[SUM]) if cause else quiet
            self._frames.append(_Frame(record.work_ms, colour, cause, saved, dropped))
            self._last = record
            # Of a program that was stopped, and of time that stands still, it says nothing.
            still = self._stage.paused or record.stopped_ms > 0.0
            self._skew_ms = None if still else record.av_skew_ms
            self._is_still = still
            self._buffer_ms = record.jitter_actual_ms

    def _skew(self) -> str:
        if self._is_still:
            return "-"
        return "no sound" if self._skew_ms is None else f"{round(self._skew_ms, 1) + 0.0:+.1f} ms"  # no -0.0

    def _graph(self, interval: float) -> None:
        drawing = imgui.get_window_draw_list()
        x, y = imgui.get_cursor_screen_pos()
        wide = imgui.get_content_region_avail()[0]
        imgui.dummy((wide, _HIGH))
        drawing.add_rect_filled((x, y), (x + wide, y + _HIGH), _GROUND, 4.0)
        top = max(1.5 * interval, 1.0) if interval else max([1.0, *(f.took_ms for f in self._frames)])
        bottom, per_ms = y + _HIGH, (_HIGH - 4.0) / top
        frames = list(self._frames)[-int(wide // _BAR) :]
        at = x + wide - _BAR * len(frames)
        fill = drawing.add_rect_filled
        for frame in frames:
            took_ms = frame.took_ms
            high = (took_ms if took_ms < top else top) * per_ms
            fill((at, bottom - high), (at + (_BAR - 0.5), bottom), frame.colour)
            if frame.dropped:
                fill((at - 1.0, y), (at + 1.0, y + 5.0), _LEFT_OUT)
            at += _BAR
        if interval:
            line = bottom - interval * per_ms
            drawing.add_rect_filled((x, line), (x + wide, line + 1.0), _BUDGET)
            text = f"{interval:.1f} ms"
            wide = imgui.calc_text_size(text)[0]
            drawing.add_rect_filled((x + 3.0, line - 18.0), (x + wide + 9.0, line - 2.0), _VEIL, 3.0)
            drawing.add_text((x + 6.0, line - 17.0), packed(TEXT), text)

    def _marks(self) -> list[Mark]:
        """What the colours of the graph mean, the most frequent first, each with how many frames there."""
        causes = Counter(frame.cause for frame in self._frames if frame.cause)
        marks = [
            Mark(
                f"{NAMES.get(cause, cause)} {count}",
                _PACKED.get(cause, _PACKED[SUM]),
                f"of the frames in the graph {count} {_WAITED if cause == _LATE_ALONE else _because(cause)}",
            )
            for cause, count in causes.most_common()
        ]
        if dropped := sum(frame.dropped for frame in self._frames):
            marks.append(
                Mark(f"left out {dropped}", _LEFT_OUT, "so many were left out before the frames so marked")
            )
        if saved := sum(frame.saved and not frame.cause for frame in self._frames):
            what = "so many of the frames in the graph were drawn with fewer pixels or in coarser steps"
            marks.append(Mark(f"fewer pixels, to be in time {saved}", _SAVED_BAR, what))
        return marks


def _sentence(ledger: Ledger, most: int | None = None) -> str:
    why = why_late(ledger, most)
    return f"{why[:1].upper()}{why[1:]}."


def _fitting(ledger: Ledger, wide: float, high: float) -> str:
    """The sentence with as many reasons as there is room for, in points."""
    sentence, most = _sentence(ledger), len(BECAUSE)
    while most > 1 and imgui.calc_text_size(sentence, wrap_width=wide)[1] > high:
        most -= 1
        sentence = _sentence(ledger, most)
    return sentence


def _because(cause: str) -> str:
    return f"took too long because {BECAUSE.get(cause, cause)}"


_WAITED: Final = "took no longer than they may and were seen late: they waited for others"
_ALL_WELL: Final = "No frame was late."
_COUNTED: Final = (
    "All three counts are of the whole run: a frame that took too long may be shown in time all the same, "
    "and one that is shown late or left out may have waited for another, or for this program to be let run."
)
_TOOK: Final = "what the last frame took to be made: Python, uploads and drawing"
_MAY_TAKE: Final = "the time from one frame to the next: the line in the graph"
_LONGEST: Final = "what the longest of the frames in the graph took"
_TOO_LONG: Final = "frames since the start that took longer than they may; the sentence below says why"
_LATE: Final = "frames since the start that were seen more than an interval after they were due"
_DROPPED: Final = "frames since the start that were never shown, since the next one was due already"
_BUFFER: Final = "sound that is ready and not heard yet"
_SKEW: Final = "how much earlier (-) or later (+) the mouth is seen than its sound is heard"


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f} ms"


def _skew_colour(skew_ms: float | None, interval: float) -> RGBA | None:
    if skew_ms is None:
        return None
    return GOOD if abs(skew_ms) <= max(interval, 1.0) else HELD
