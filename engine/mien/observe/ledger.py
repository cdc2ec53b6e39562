"""The ledger: one record for every frame, and totals that a verdict can be read from."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, fields
from typing import Final

from mien.observe.histogram import Histogram

CAUSES: Final = ("build", "upload", "gpu_wait", "swap", "readback", "host")
"""What a frame over budget can be blamed on: the longest of its stages."""


@dataclass(frozen=True, slots=True)
class FrameRecord:
    """One frame. Field names are those of the metrics that Mien exports; times in ms unless named."""

    frame: int
    """Index from 0 on the absolute schedule; a gap in the indices is dropped frames."""
    at_sample: int
    """Session time shown, in samples at 48 kHz."""
    speaking: bool
    scheduled_ms: float
    """When the frame was due, since the run began."""
    presented_ms: float
    """When it was on the screen, in the file's queue, or in the host's hands."""
    build_ms: float
    """Script, pose and layer rows: all Python before the GPU."""
    draw_ms: float
    """Buffer write and draw call; on a software renderer the drawing itself."""
    readback_ms: float
    """Reading the picture back; 0 for a window."""
    swap_ms: float
    """Swapping a window's buffers; 0 without one."""
    host_ms: float
    """Whatever took the frame: encoder queue, host code."""
    l1_rebuilds: int
    """Characters whose expression state (slot drawings or weights) changed: once a CPU rebuild each."""
    l1_rebuild_us: float
    """What those changes cost: their share of building and writing rows."""
    l1_misses: int
    """Slots that began to wait for a drawing that was not resident on the GPU."""
    uploads: int
    """Texture uploads during the frame."""
    upload_bytes: int
    shader_compiles: int
    gl_allocations: int
    concealed_samples: int
    """Audio made up since the last frame because none had arrived."""
    underruns: int
    av_skew_ms: float | None
    """Time of the mouth shown minus time of the sound heard; None when nothing is heard in real time."""
    upload_ms: float = 0.0
    """What texture uploads took; not a part of `build_ms`."""
    l1_miss_ms: float = 0.0
    """Session time that the longest of the waits took which ended with this frame; 0 without one."""

    @property
    def frame_cpu_ms(self) -> float:
        """Begin to submit, waits excluded."""
        return self.build_ms + self.upload_ms + self.draw_ms + self.readback_ms

    @property
    def work_ms(self) -> float:
        """All of the frame's work."""
        return self.frame_cpu_ms + self.swap_ms + self.host_ms

    @property
    def frame_delay_ms(self) -> float:
        """How late it was presented; 0 when on time."""
        return max(0.0, self.presented_ms - self.scheduled_ms)

    def cause(self) -> str:
        """The longest stage, by name from `CAUSES`."""
        stages = {
            "build": self.build_ms,
            "upload": self.upload_ms,
            "gpu_wait": self.draw_ms,
            "swap": self.swap_ms,
            "readback": self.readback_ms,
            "host": self.host_ms,
        }
        return max(stages, key=lambda name: stages[name])

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON, derived metrics included."""
        record: dict[str, object] = {field.name: getattr(self, field.name) for field in fields(self)}
        record["frame_cpu_ms"] = self.frame_cpu_ms
        record["frame_delay_ms"] = self.frame_delay_ms
        return {k: round(v, 4) if isinstance(v, float) else v for k, v in record.items()}


class Ledger:
    """Totals of a run, and a queue of records for a writer.

    `add` is called by the frame loop: it appends and counts, and cannot wait. `pending` is bounded by
    whoever drains it; without a writer only totals are kept.

    Parameters: `interval_ms` is T, the frame interval; `realtime` says whether delays mean anything
    (an offline render has no schedule to miss); `keep` whether records are queued in `pending`.
    """

    def __init__(self, interval_ms: float, *, realtime: bool, keep: bool = False) -> None:
        self.interval_ms = interval_ms
        self.realtime = realtime
        self.pending: deque[FrameRecord] | None = deque() if keep else None
        self.frames_expected = 0
        self.frames_produced = 0
        self.frames_on_time = 0
        self.frames_over_budget = dict.fromkeys(CAUSES, 0)
        self.consecutive_missed_max = 0
        self.worst: FrameRecord | None = None
        self.frame_cpu_ms = Histogram()
        self.build_ms = Histogram()
        self.draw_ms = Histogram()
        self.readback_ms = Histogram()
        self.present_interval_ms = Histogram()
        self.frame_delay_ms = Histogram()
        self.l1_rebuild_us = Histogram()
        self.skew_ms = Histogram()
        self.skew_max_abs_ms = 0.0
        self.l1_rebuild_total = 0
        self.l1_miss_ms = Histogram()
        self.upload_ms = Histogram()
        self.l1_miss_total = {"speaking": 0, "silent": 0}
        self.upload_events_total = 0
        self.upload_bytes_total = 0
        self.shader_compile_after_ready_total = 0
        self.gl_alloc_after_ready_total = 0
        self.concealed_samples = 0
        self.underruns = 0
        self._last: FrameRecord | None = None

    def add(self, record: FrameRecord) -> None:
        """Take the record of a frame that was shown."""
        last = self._last
        skipped = record.frame - (last.frame + 1 if last else 0)
        self.frames_expected = record.frame + 1
        self.frames_produced += 1
        self.consecutive_missed_max = max(self.consecutive_missed_max, skipped)
        if not self.realtime or record.frame_delay_ms <= self.interval_ms:
            self.frames_on_time += 1
        if record.work_ms > self.interval_ms:
            self.frames_over_budget[record.cause()] += 1
        if self.worst is None or record.work_ms > self.worst.work_ms:
            self.worst = record
        self.frame_cpu_ms.add(record.frame_cpu_ms)
        self.build_ms.add(record.build_ms)
        self.draw_ms.add(record.draw_ms)
        self.readback_ms.add(record.readback_ms)
        self.frame_delay_ms.add(record.frame_delay_ms)
        if last:
            self.present_interval_ms.add(record.presented_ms - last.presented_ms)
        if record.l1_miss_ms:
            self.l1_miss_ms.add(record.l1_miss_ms)
        if record.uploads:
            self.upload_ms.add(record.upload_ms)
        if record.l1_rebuilds:
            self.l1_rebuild_us.add(record.l1_rebuild_us)
        if record.av_skew_ms is not None:
            self.skew_ms.add(abs(record.av_skew_ms))
            self.skew_max_abs_ms = self.skew_ms.max
        self.l1_rebuild_total += record.l1_rebuilds
        self.l1_miss_total["speaking" if record.speaking else "silent"] += record.l1_misses
        self.upload_events_total += record.uploads
        self.upload_bytes_total += record.upload_bytes
        self.shader_compile_after_ready_total += record.shader_compiles
        self.gl_alloc_after_ready_total += record.gl_allocations
        self.concealed_samples += record.concealed_samples
        self.underruns += record.underruns
        self._last = record
        if self.pending is not None:
            self.pending.append(record)

    @property
    def frames_dropped(self) -> int:
        """Frames of the schedule that were never shown."""
        return self.frames_expected - self.frames_produced

    @property
    def l1_misses(self) -> int:
        """All misses, speaking or not."""
        return sum(self.l1_miss_total.values())

    def totals(self) -> dict[str, object]:
        """The run in one flat dictionary, for `--json` and for the last line of a ledger file."""
        over = sum(self.frames_over_budget.values())
        return {
            "frames_expected_total": self.frames_expected,
            "frames_produced_total": self.frames_produced,
            "frames_on_time_total": self.frames_on_time,
            "frames_dropped_total": self.frames_dropped,
            "consecutive_missed_max": self.consecutive_missed_max,
            "frames_over_budget_total": over,
            "frames_over_budget_by_cause": {k: v for k, v in self.frames_over_budget.items() if v},
            "frame_interval_ms": round(self.interval_ms, 3),
            "frame_cpu_ms": _spread(self.frame_cpu_ms),
            "build_ms": _spread(self.build_ms),
            "draw_ms": _spread(self.draw_ms),
            "readback_ms": _spread(self.readback_ms),
            "present_interval_ms": _spread(self.present_interval_ms) if self.realtime else None,
            "frame_delay_ms": _spread(self.frame_delay_ms) if self.realtime else None,
            "l1_rebuild_total": self.l1_rebuild_total,
            "l1_rebuild_us": _spread(self.l1_rebuild_us),
            "l1_miss_total": self.l1_misses,
            "l1_miss_ms": _spread(self.l1_miss_ms) if self.l1_miss_ms.count else None,
            "upload_ms": _spread(self.upload_ms) if self.upload_ms.count else None,
            "upload_events_total": self.upload_events_total,
            "upload_bytes_total": self.upload_bytes_total,
            "shader_compile_after_ready_total": self.shader_compile_after_ready_total,
            "gl_alloc_after_ready_total": self.gl_alloc_after_ready_total,
            "audio_underruns_total": self.underruns,
            "audio_concealed_ms": round(self.concealed_samples / 48, 3),
            "av_skew_ms": _spread(self.skew_ms) if self.skew_ms.count else None,
        }


def _spread(histogram: Histogram) -> dict[str, float]:
    return {
        "p50": round(histogram.quantile(0.5), 3),
        "p99": round(histogram.quantile(0.99), 3),
        "max": round(histogram.max, 3),
    }
