"""When frames are due: an absolute schedule, ahead of its time while somebody speaks.

A player holds a little sound, so that a loop that is late by some milliseconds is not heard. So while sound
flows, a frame and its sound are given `lead` before their time; who plays the pictures holds them as long.
While nothing is heard, nothing is ahead: what is said next is heard with the next frame.
"""

from __future__ import annotations

from typing import Final

from mien.clock import FrameRate

LEAD_NS: Final = 60_000_000
"""With a frame at 30 a second 93 ms: LiveKit's runner holds 100."""

_GROWS: Final = 4
"""The lead grows by a quarter of an interval a frame, at least: drawing may take the other three."""


class Schedule:
    """Frame k is shown, and its sound heard, from `start + k / fps` on, until it is moved.

    Parameters: `rate`; `start_ns`; `lead_ns`, how far ahead of its time a frame is given while sound flows.
    """

    def __init__(self, rate: FrameRate, start_ns: int, lead_ns: int = LEAD_NS) -> None:
        self._rate = rate
        self._lead_ns = lead_ns
        self._anchor_ns = start_ns
        self._next = 0
        self._expected_ns = 0
        """How far ahead of its time the next frame is to be by now: the lead grows."""
        self.flowing = False
        """The last frame had sound: the next one may be given ahead of its time."""

    @property
    def start_ns(self) -> int:
        """From when the next frame is shown."""
        return self._anchor_ns + self._rate.due_ns(self._next)

    @property
    def due_ns(self) -> int:
        """When the next frame is to be given out."""
        return self.start_ns - (self._lead_ns if self.flowing else 0)

    def is_late(self, now_ns: int, silent_ns: int) -> bool:
        """Whether the next frame is late by a whole interval: it is heard and not drawn, or the player would
        run out of sound.

        While the lead grows, a frame is measured by the lead that it may have by now. It is late also where
        it is begun after `silent_ns`: the player would run out of sound before it is drawn.
        """
        if now_ns < self.due_ns + self._rate.interval_ns:
            return False
        return now_ns > silent_ns or now_ns >= self.start_ns - self._expected_ns + self._rate.interval_ns

    def catch_up(self, now_ns: int) -> None:
        """Where the next frame's time is over without it, nobody heard anything meanwhile: it is the one that
        is shown next. Whole intervals are put in; no sound is lost."""
        behind = now_ns - self.start_ns
        if behind >= self._rate.interval_ns:
            self._move(behind)

    def fall_back(self, now_ns: int) -> None:
        """What was given ahead of its time was dropped: while sound flowed the next frame is due now, and
        shown from now on."""
        if self.flowing:
            self._anchor_ns -= max(0, self.start_ns - now_ns)
        self._flows(False)

    def given(self, *, sound: bool) -> None:
        """The next frame was given out, with or without sound."""
        self._next += 1
        self._flows(sound)

    def _flows(self, flowing: bool) -> None:
        grown_ns = self._expected_ns + self._rate.interval_ns // _GROWS
        self._expected_ns = min(self._lead_ns, grown_ns) if flowing else 0
        self.flowing = flowing

    def _move(self, behind_ns: int) -> None:
        """By whole intervals, so that the next frame's time begins within one of them from now on."""
        intervals = -(-behind_ns // self._rate.interval_ns)
        self._anchor_ns += intervals * self._rate.interval_ns
        self._expected_ns = 0
