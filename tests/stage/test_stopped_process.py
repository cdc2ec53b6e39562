"""A process that did not run: frame numbers and sound go on from where they were, together."""

from __future__ import annotations

import pytest

from mien.audio.playout import NullPlayout
from mien.audio.sequencer import Sequencer
from mien.clock import SAMPLE_RATE, VirtualClock
from mien.observe.stops import Stops
from mien.stage.pacing import Pacer

FPS = 50
INTERVAL = SAMPLE_RATE // FPS
MS = 1_000_000


class Live:
    """A silent sink and a schedule on one clock; every frame is shown when it is due."""

    def __init__(self, cpu_share: float) -> None:
        self.clock = VirtualClock()
        stops = Stops(self.clock.now_ns, lambda: round(self.clock.now_ns() * cpu_share), lambda: 0)
        self._sink = NullPlayout(Sequencer(), self.clock, threaded=False, stops=stops)
        self._sink.start()
        self._sink.pump()
        self._pacer = Pacer(self.clock, FPS, stops)
        self.skipped = 0

    def run(self, frames: int) -> int:
        """Samples by which the sound is ahead of the number of the last frame."""
        due = None
        for _ in range(frames):
            due = self._pacer.next()
            self._sink.pump()
            self.skipped += due.skipped
        return 0 if due is None else self._sink.position() - due.index * SAMPLE_RATE // FPS


@pytest.mark.parametrize("ms", [900, 1001, 1200, 1499, 1600, 20_000])
def test_a_stop_of_the_process_puts_frame_numbers_and_sound_no_sample_apart(ms: int) -> None:
    live = Live(cpu_share=0.0)
    before = live.run(20)
    live.clock.advance_ns(ms * 1_000_000)
    assert live.run(20) == before
    assert (live.skipped == 0) == (ms > 1000)


@pytest.mark.parametrize(("ms", "behind_ms"), [(900, 0), (1400, 0), (1600, 1600)])
def test_a_process_that_was_busy_is_caught_up_with_until_nobody_could_have_pulled(
    ms: int, behind_ms: int
) -> None:
    """Then frames are left out, and a silent timeline stands still as a device does that is given nothing."""
    live = Live(cpu_share=0.5)
    before = live.run(20)
    live.clock.advance_ns(ms * 1_000_000)
    assert before - live.run(20) == pytest.approx(48 * behind_ms, abs=960)
    assert live.skipped > 40
