"""What a frame's record says of the screen, and of the machine's clocks. Rows of the table of metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

from mien.observe.frame_times import FrameTimes
from mien.observe.metric import Figure, counter, counts, gauge, plain


class Screen(NamedTuple):
    """How a frame came to the screen, in refreshes, as Android's SwappyStats have them. None: not known."""

    hz: float | None = None
    """Refreshes a second."""
    idle: int | None = None
    """It was drawn and waited for so many, but for the one that it was shown at."""
    late: int | None = None
    """It was shown so many after the one that it was meant for."""
    offset: int | None = None
    """So many after the frame before it; None for the first."""
    latency: int | None = None
    """So many after it was begun."""
    uneven: bool = False
    """The one before stayed for over one refresh more, or less, than the one before that."""


NO_SCREEN: Final = Screen()
"""Where frames go by the clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenTimes(FrameTimes):
    """One frame, as the screen and the clocks have it."""

    screen_ms: float = plain(
        "ms",
        "Waited for the refresh that the frame is meant for; a part of nothing. 0 where that is not known.",
        0.0,
    )
    refresh_hz: float | None = gauge(
        "",
        "Hz",
        "Refreshes of the screen in a second, measured by when swaps return; the last. None where that "
        "cannot be seen, as on a software renderer: frames go by the clock then.",
        default=None,
        fold="last",
        sparse=True,
    )
    refreshes_idle: int | None = counts(
        "refreshes",
        "Refreshes for which frames, drawn, waited for their own. None where those are not known.",
        label="refreshes",
    )
    refreshes_late: int | None = counts(
        "refreshes",
        "Refreshes between the one that a frame was meant for and the one at which it was shown.",
        Figure("max", "latest frame behind its refresh, in refreshes", compared=True),
        label="refreshes",
    )
    refreshes_offset: int | None = counts(
        "refreshes",
        "Refreshes between the frame before and the frame: for so many that was on the screen.",
        Figure("max", "refreshes that a frame stayed, most"),
        label="refreshes",
    )
    refreshes_latency: int | None = counts(
        "refreshes",
        "Refreshes between when a frame was begun and the one at which it was shown.",
        Figure("max", "refreshes from the begin of a frame to the screen, most"),
        label="refreshes",
    )
    uneven: bool = counter(
        "frames_uneven_total",
        "Frames that stayed for over one refresh more, or less, than the one before.",
        Figure("", "frames that stayed unlike the one before", compared=True),
        unit="frames",
    )
    suspends: int = counter(
        "suspends_total",
        "Times that the machine slept (suspend to RAM or disk): by a clock that goes on, against one "
        "that does not. Frames and sound go on where they were.",
        reads="clocks.suspends",
    )
    suspended_ms: int = gauge(
        "suspended_ms", "ms", "For how long, all together.", default=0, reads="clocks.suspended_ms"
    )
    clock_steps: int = counter(
        "clock_steps_total",
        "Times that the wall clock was set by 20 ms and more, by NTP or by hand. No frame goes by it.",
        reads="clocks.steps",
    )
    clock_stepped_ms: int = gauge(
        "clock_stepped_ms",
        "ms",
        "By how much it was set, there and back, all together.",
        default=0,
        reads="clocks.stepped_ms",
    )
