"""What is written down: a frame, a turn, a pause. Names are those of the metrics that Mien exports."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar, Final, Literal

CAUSES: Final = ("build", "upload", "gpu_wait", "swap", "readback", "gc", "gil", "host")
"""What a frame over budget can be blamed on: the longest of its parts."""


@dataclass(frozen=True, slots=True)
class FrameRecord:
    """One frame. Times in ms unless named.

    `build_ms`, `upload_ms`, `draw_ms`, `swap_ms`, `readback_ms`, `gc_ms`, `gil_ms` and `host_ms` share no
    time: what the collector or another thread took from a stage is taken out of that stage.
    """

    kind: ClassVar[str] = "frame"

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
    """What the host kept: from when the frame could begin (due, and the one before done) until it did, and
    what taking it cost. Without a schedule, only the latter."""
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
    begun_ms: float = 0.0
    """When the frame was begun, since the run began."""
    gc_ms: float = 0.0
    """Pauses of Python's cyclic collector while the frame was made or could have begun."""
    gil_ms: float = 0.0
    """Time in which the frame's thread did not run while the heartbeat could not either."""
    thread_gap_ms: float = 0.0
    """Longest lateness of the heartbeat thread during the frame, whoever was the reason."""
    cpu_wait_ms: float = 0.0
    """Time in which the frame's thread could run and had no core since the last frame; 0 where the system
    does not say. A hint, not a part: it lies within the stages."""
    others_ms: float = 0.0
    """Time of cores that other processes used. Looked at every 100 ms: one frame's tells of several."""
    stolen_ms: float = 0.0
    """Time of cores that the hypervisor gave to other machines; looked at every 100 ms."""
    no_update: bool = False
    """Nothing had changed: what was shown before stayed."""
    frame_gpu_ms: float | None = None
    """GPU time of a frame some frames back, as it became known; None where there is none, or no timer that
    can be trusted."""
    readback_wait_ms: float = 0.0
    """That part of `readback_ms` in which the frame loop was blocked."""
    readback_age_frames: int = 0
    """By how many frames the picture handed out is older than the one drawn."""
    animation_error_ms: float | None = None
    """|change of the time shown - change of the time of presenting|; None without a schedule."""
    concealment_events: int = 0
    """Runs of concealed samples that began since the last frame."""
    added_gap_samples: int = 0
    """Silence that the engine added between two queued turns since the last frame."""
    chunks_late: int = 0
    chunks_discarded: int = 0
    jitter_actual_ms: float | None = None
    """Sound held in the jitter buffer; None while nobody speaks."""
    jitter_target_ms: float | None = None
    """What is gathered there before it plays."""

    @property
    def frame_cpu_ms(self) -> float:
        """Begin to submit, waits excluded."""
        return self.build_ms + self.upload_ms + self.draw_ms + self.readback_ms + self.gc_ms

    @property
    def work_ms(self) -> float:
        """All that the frame took: the sum of its parts."""
        return self.frame_cpu_ms + self.swap_ms + self.gil_ms + self.host_ms

    @property
    def frame_delay_ms(self) -> float:
        """How late it was presented; 0 when on time."""
        return max(0.0, self.presented_ms - self.scheduled_ms)

    def cause(self) -> str:
        """The longest part, by name from `CAUSES`."""
        parts = (
            self.build_ms,
            self.upload_ms,
            self.draw_ms,
            self.swap_ms,
            self.readback_ms,
            self.gc_ms,
            self.gil_ms,
            self.host_ms,
        )
        return CAUSES[parts.index(max(parts))]

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON, derived metrics included."""
        record = _plain(self)
        for name in ("frame_cpu_ms", "frame_delay_ms", "work_ms"):
            record[name] = round(getattr(self, name), 4)
        record["cause"] = self.cause()
        return record


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One turn that has ended. None where it was never heard, or nobody knows."""

    kind: ClassVar[str] = "turn"

    turn: str
    speaker: str
    at_sample: int | None
    """Where it ended on the session's timeline."""
    samples_played: int
    samples_decoded: int
    samples_expected: int | None
    """What its file says its length is."""
    turn_decode_ms: float
    """All of its decoding, off the frame loop."""
    time_to_first_audio_ms: float | None
    """From the start of its decoding to its first sample ready to play."""
    interrupted: bool = False
    damaged: bool = False
    interrupt_to_silence_ms: float | None = None
    """From when the host interrupted it to its last sample."""

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return _plain(self)


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which Python threads stood still: a collection (`gc`), or a late heartbeat (`gap`)."""

    kind: Literal["gc", "gap"]
    at_ms: float
    """When it began, since the run began."""
    ms: float
    generation: int | None = None
    """Of a collection."""

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        record = _plain(self)
        del record["kind"]
        if self.generation is None:
            del record["generation"]
        return record


Record = FrameRecord | TurnRecord | Pause


def _plain(record: Record) -> dict[str, object]:
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    return {name: round(v, 4) if isinstance(v, float) else v for name, v in values.items()}
