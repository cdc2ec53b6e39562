"""How even motion is: pure functions of times and places, for the meter and for whoever has pictures."""

from __future__ import annotations

from mien.clock import SAMPLE_RATE


def animation_error_ms(shown: int, presented_before_ms: float, at: int, presented_ms: float) -> float:
    """How far the step of the picture's time is from the step of the time of seeing it, in ms, 0 or more.

    `shown`, `at`: samples at 48 kHz that the frame before and this one show; `presented_before_ms`,
    `presented_ms`: when each was seen.
    """
    return abs((at - shown) * 1000 / SAMPLE_RATE - (presented_ms - presented_before_ms))
