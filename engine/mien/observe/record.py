"""One frame, as it is written down. Its fields are rows of the table of metrics (table.py).

A counter is added by one row here: `reads` says where it is counted. A time is added by a row, and by the
line in stage/meter.py that measures it. JSONL, totals, Prometheus, reports and docs/metrics.md follow.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from mien.observe.derived import DERIVED
from mien.observe.frame_times import FrameTimes
from mien.observe.metric import Figure, counter, gauge, histogram, plain

SAMPLES_PER_MS: Final = 48
"""Of the session's timeline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRecord(FrameTimes):
    """One frame. Times in ms unless named."""

    readback_wait_ms: float = histogram(
        "ms",
        "That part of `readback_ms` in which the frame loop was blocked.",
        Figure("max", "blocked on reading the picture back, worst", 0),
    )
    readback_age_frames: int = gauge(
        "",
        "frames",
        "By how many frames the picture handed out is older than the one drawn; the most.",
        Figure("max", "age of the picture handed out", 2),
        default=0,
        fold="max",
    )
    frame_gpu_ms: float | None = histogram(
        "ms",
        "GPU time of a frame some frames back, as it became known; None without a timer that can be trusted.",
        Figure("p99", "GPU time of a frame, p99", 8),
        default=None,
        sparse=True,
    )
    animation_error_ms: float | None = histogram(
        "ms",
        "Difference of the steps of the time shown and of the time of presenting; None without a schedule.",
        Figure("p99", "motion out of step with time, p99", 4),
        default=None,
        sparse=True,
    )
    thread_gap_ms: float = plain("ms", "The longest that the heartbeat was late during the frame.", 0.0)
    cpu_wait_ms: float = gauge(
        "",
        "ms",
        "Time in which the frame's thread could run and had no core since the last frame, whoever had it; 0 "
        "where the system does not say. A hint, not a part: it lies within the parts.",
    )
    others_ms: float = gauge(
        "",
        "ms",
        "Time of cores that other processes used. Looked at every 100 ms: one frame's tells of several.",
    )
    stolen_ms: float = gauge(
        "", "ms", "Time of cores that the hypervisor gave to other machines; looked at every 100 ms."
    )
    cores_idle_ms: float = gauge("", "ms", "Time of cores that nobody used; looked at every 100 ms.")
    loop_us: float | None = gauge(
        "",
        "us",
        "What a known loop of Python took, in processor time: how fast the machine is now (speed.py). Timed "
        "before frames that are not due for long, once a second; the last. None in most records.",
        default=None,
        fold="last",
    )
    cause: str = plain(
        "", "What would have made the frame on time, had it been absent; empty where it was on time.", ""
    )
    no_update: bool = counter(
        "frames_no_update_total",
        "Frames in which nothing had changed: what was shown before stayed.",
        unit="frames",
        reads="gl.unchanged",
    )
    draw_scale: float = plain(
        "", "Of its width and height, at which it was drawn: less than 1 to have it in time.", 1.0
    )
    scaled: bool = counter(
        "frames_scaled_total",
        "Frames drawn with fewer pixels, to have them in time.",
        Figure("", "frames drawn with fewer pixels", compared=True),
        unit="frames",
        label="scale",
        by="frames_scaled_by_scale",
        split="frames_scaled_by_scale",
        sparse=True,
    )
    hold_px: float = plain(
        "",
        "Pixels of what is drawn by which joints may be off where they are held; 0: none is held.",
        0.0,
    )
    mark: int | None = plain(
        "", "The number that the frame carries in its corner in the test mode `marks`; None without.", None
    )
    coarse: bool = counter(
        "frames_coarse_total",
        "Frames whose slow parts moved in coarser steps, to have them in time; those with fewer pixels too.",
        Figure("", "frames whose slow parts moved in coarser steps", compared=True),
        unit="frames",
        sparse=True,
    )
    joints_held: int = counter(
        "joints_held_total",
        "Joints drawn where they stood though they moved: nothing on them was off by more than `hold_px`.",
        sparse=True,
    )
    scale_changes: int = counter(
        "scale_changes_total",
        "Changes of the scale at which frames are drawn; the first frame of each is drawn whole.",
        reads="gl.scale_changes",
    )
    l1_rebuilds: int = counter(
        "l1_rebuild_total",
        "Changes of a character's expression state (slot drawings or weights): once a CPU rebuild each.",
    )
    l1_rebuild_us: float = histogram(
        "us",
        "What those changes cost: processor time of writing which drawings rows show; of several in a frame, "
        "the mean. Where all lies every frame works out.",
        Figure("p99", "changing an expression, p99", 200, compared=True),
        when="l1_rebuilds",
        mean=True,
    )
    l1_misses: int = counter(
        "l1_miss_total",
        "Slots that began to wait for a drawing that was not resident on the GPU.",
        Figure("", "drawings not on the GPU when needed", 0, offline=True),
        Figure("per_1000", "drawings missing when needed, per 1000 frames", compared=True),
        reads="gl.misses",
        label="speaking",
        by="l1_miss_by_speaking",
        split="l1_miss_by_speaking",
        fault="{:.0f} drawing{s} not resident when needed",
    )
    l1_miss_ms: float = histogram(
        "ms",
        "Session time that the longest of the waits took which ended with the frame.",
        Figure("max", "longest wait for a drawing", compared=True),
        when="l1_miss_ms",
        sparse=True,
    )
    entrances_late: int = counter(
        "entrances_late_total",
        "Times that somebody who was told to come on stage was not on the GPU yet, and came later.",
        reads="stage.late",
        sparse=True,
    )
    clip_drops: int = counter(
        "clip_frames_dropped_total",
        "Frames of which a clip that was recorded had no room for the picture: it shows the one before.",
        reads="clip.dropped",
        sparse=True,
    )
    uploads: int = counter("upload_events_total", "Texture uploads.", reads="gl.page_uploads")
    upload_bytes: int = counter(
        "upload_bytes_total", "Size of texture uploads.", unit="bytes", reads="gl.page_bytes"
    )
    shader_compiles: int = counter(
        "shader_compile_after_ready_total",
        "Shaders compiled in a frame.",
        Figure("", "shaders compiled after ready", 0, offline=True),
        reads="gl.compiles",
        fault="GL objects were made after ready",
    )
    gl_allocations: int = counter(
        "gl_alloc_after_ready_total",
        "GL objects made in a frame.",
        Figure("", "GL objects made after ready", 0, offline=True),
        reads="gl.allocations",
        fault="GL objects were made after ready",
    )
    underruns: int = counter(
        "audio_underruns_total",
        "Times that sound which should have been there was not.",
        Figure("", "times the sound ran dry", 0, offline=True),
        reads="audio.underruns",
        fault="{:.0f} audio underrun{s}",
    )
    concealed_samples: int = gauge(
        "audio_concealed_ms",
        "ms",
        "Sound made up because none had arrived.",
        Figure("", "sound made up because none had arrived", 0, offline=True),
        default=0,
        reads="audio.concealed_samples",
        divide=SAMPLES_PER_MS,
        fault="{:.0f} ms of sound concealed",
    )
    concealment_events: int = counter(
        "concealment_events_total", "Runs of concealed samples that began.", reads="audio.concealment_events"
    )
    stops: int = counter(
        "process_stops_total",
        "Times that the process did not run for a second or more.",
        reads="audio.stops",
    )
    added_gap_samples: int = gauge(
        "inter_turn_gap_ms",
        "ms",
        "Silence that the engine added between two queued turns.",
        Figure("", "silence added between turns", 0, offline=True, compared=True),
        default=0,
        reads="audio.added_gap_samples",
        divide=SAMPLES_PER_MS,
    )
    chunks_late: int = counter(
        "chunks_late_total",
        "Chunks of sound of which at least a part came after its time.",
        reads="audio.chunks_late",
    )
    chunks_discarded: int = counter(
        "chunks_discarded_total",
        "Chunks of sound that were wholly late, wholly duplicate, or beyond the capacity.",
        reads="audio.chunks_discarded",
    )
    jitter_actual_ms: float | None = histogram(
        "ms", "Sound held in the jitter buffer; None while nobody speaks.", default=None, sparse=True
    )
    jitter_target_ms: float | None = gauge(
        "", "ms", "What is gathered there before it plays; the last.", default=None, fold="last"
    )
    av_skew_ms: float | None = histogram(
        "ms",
        "Time of the mouth shown minus time of the sound heard; None when nothing is heard in real time.",
        Figure("abs_max", "mouth out of step with the sound, worst", 1, in_intervals=True, compared=True),
        # ITU-R BT.1359-1 gives +45 ms to -125 ms as what a viewer does not notice, with sound *ahead* of the
        # picture counted positive. This is mouth minus sound, the other way round.
        Figure("least", "mouth behind the sound (ITU-R BT.1359)", least=-45),
        Figure("most", "mouth ahead of the sound (ITU-R BT.1359)", 125),
        default=None,
        signed=True,
        sparse=True,
    )

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON, derived metrics included."""
        values = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        values |= {metric.field: getattr(self, metric.field) for metric in DERIVED}
        return {name: round(v, 4) if isinstance(v, float) else v for name, v in values.items()}
