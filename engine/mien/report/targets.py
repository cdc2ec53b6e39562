"""What Mien promises: the one table of targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Unit = Literal["ms", "us", "%", "frames", ""]
State = Literal["met", "missed", "not recorded", "not counted"]


@dataclass(frozen=True, slots=True)
class Target:
    """A figure and its bounds."""

    figure: str
    """Metric and statistic, as `Figures` names them: `frame_cpu_ms.p99`."""
    says: str
    """What it is, in plain words."""
    unit: Unit
    most: float
    """Largest value that meets it; in frame intervals when `in_intervals`."""
    least: float | None = None
    """Smallest value that meets it, or None."""
    in_intervals: bool = False
    offline: bool = False
    """Whether it counts for a render too. A file keeps time whatever a frame took: what was missed, made
    after ready, or done to the sound counts, times do not."""

    def bounds(self, interval_ms: float | None) -> tuple[float | None, float] | None:
        """Least and most, in the figure's unit; None when they depend on an interval that nobody knows."""
        if not self.in_intervals:
            return self.least, self.most
        if interval_ms is None:
            return None
        return None if self.least is None else self.least * interval_ms, self.most * interval_ms

    def state(self, value: float | None, interval_ms: float | None, *, realtime: bool) -> State:
        """How a value stands to it."""
        bounds = self.bounds(interval_ms)
        if not (realtime or self.offline):
            return "not counted"
        if value is None or bounds is None:
            return "not recorded"
        least, most = bounds
        return "met" if value <= most and (least is None or value >= least) else "missed"


# ITU-R BT.1359-1 gives +45 ms to -125 ms as what a viewer does not notice, with sound *ahead* of the picture
# counted positive. av_skew_ms is mouth minus sound, the other way round: -45 to +125.
_NONE = float("inf")
_MOUTH_LATE_MS, _MOUTH_EARLY_MS = -45.0, 125.0

TARGETS = (
    Target("frames_late_total", "frames shown more than one interval late", "", 0),
    Target("frames_over_budget_total", "frames that took longer than one interval", "", 0),
    Target("dropped_percent_1s.worst", "frames left out, worst second", "%", 0),
    Target("consecutive_missed_max", "longest run of frames left out", "frames", 0, offline=True),
    Target("frame_delay_ms.max", "latest frame behind its due time", "ms", 1, in_intervals=True),
    Target("present_interval_ms.p99", "time between two frames shown, p99", "ms", 1.5, in_intervals=True),
    Target("animation_error_ms.p99", "motion out of step with time, p99", "ms", 4),
    Target("frame_cpu_ms.p99", "making a frame, waits excluded, p99", "ms", 8),
    Target("frame_cpu_ms.max", "making a frame, waits excluded, worst", "ms", 16),
    Target("frame_gpu_ms.p99", "GPU time of a frame, p99", "ms", 8),
    Target("l1_miss_total", "drawings not on the GPU when needed", "", 0, offline=True),
    Target("l1_rebuild_us.p99", "changing an expression, p99", "us", 200),
    Target("upload_ms.max", "uploads in a frame, worst", "ms", 2),
    Target("shader_compile_after_ready_total", "shaders compiled after ready", "", 0, offline=True),
    Target("gl_alloc_after_ready_total", "GL objects made after ready", "", 0, offline=True),
    Target("readback_wait_ms.max", "blocked on reading the picture back, worst", "ms", 0),
    Target("readback_age_frames.max", "age of the picture handed out", "frames", 2),
    Target("thread_gap_ms.p99", "Python threads kept waiting, p99", "ms", 5),
    Target("gc_pause_ms.max", "longest pause of the garbage collector", "ms", 2),
    Target("time_to_first_audio_ms.max", "first byte of a turn to its first sound, worst", "ms", 10),
    Target("inter_turn_gap_ms", "silence added between turns", "ms", 0, offline=True),
    Target("audio_underruns_total", "times the sound ran dry", "", 0, offline=True),
    Target("audio_concealed_ms", "sound made up because none had arrived", "ms", 0, offline=True),
    Target("turns_short_total", "turns not decoded to their full length", "", 0, offline=True),
    Target("av_skew_ms.abs_max", "mouth out of step with the sound, worst", "ms", 1, in_intervals=True),
    Target("av_skew_ms.least", "mouth behind the sound (ITU-R BT.1359)", "ms", _NONE, least=_MOUTH_LATE_MS),
    Target("av_skew_ms.most", "mouth ahead of the sound (ITU-R BT.1359)", "ms", _MOUTH_EARLY_MS),
    Target("interrupt_to_silence_ms.max", "an interruption to silence, worst", "ms", 10),
)
"""In the order in which they are shown. Units and definitions: docs/report.md."""
