"""When a frame was, and the parts of its time.

A part is added by a row here, and by what measures it in stage/meter.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import ClassVar, Final

from mien.observe.metric import Figure, part, plain, rows_of


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameTimes:
    """One frame. Times in ms unless named.

    The parts (`build_ms` to `host_ms`) share no time: what the collector, another thread or another program
    took from a stage is taken out of that stage.
    """

    kind: ClassVar[str] = "frame"

    frame: int = plain("", "Index from 0 on the absolute schedule; a gap in the indices is dropped frames.")
    at_sample: int = plain("samples", "Session time shown, at 48 kHz.")
    speaking: bool = plain("", "Whether somebody speaks at that time.", False)
    scheduled_ms: float = plain("ms", "When the frame was due, since the run began.")
    begun_ms: float = plain("ms", "When the frame was begun, since the run began.", 0.0)
    presented_ms: float = plain(
        "ms", "When it was on the screen, in the file's queue, or in the host's hands, since the run began."
    )
    build_ms: float = part(
        "build",
        "working out the picture in Python took long",
        "Script, pose and layer rows: all Python before the GPU.",
    )
    upload_ms: float = part(
        "upload",
        "drawings were being sent to the GPU",
        "Texture uploads, of frames that had some; not a part of `build_ms`.",
        Figure("max", "uploads in a frame, worst", 2),
        when="uploads",
        sparse=True,
    )
    draw_ms: float = part(
        "gpu_wait",
        "drawing took long",
        "Buffer write and draw call; on a software renderer the drawing itself.",
    )
    swap_ms: float = part(
        "swap",
        "the window system held the frame back",
        "Swapping a window's buffers; 0 without one.",
    )
    readback_ms: float = part(
        "readback",
        "reading the picture back took long",
        "Reading the picture back; 0 for a window.",
    )
    gc_ms: float = plain(
        "ms",
        "Collections of garbage.",
        0.0,
        cause="gc",
        because="Python was collecting garbage",
        foreign=True,
    )
    gil_ms: float = part(
        "gil",
        "other threads held the interpreter's lock",
        "The frame's thread waited for the GIL: another thread held it, or several took it in turns.",
        foreign=True,
    )
    cores_ms: float = part(
        "cores",
        "other programs had the processor's cores",
        "The frame's thread waited for a core that other programs or other virtual machines had: of the time "
        "that it stood in the queue, their share of all that ran in the last 100 ms and more. 0 where the "
        "system does not say.",
        foreign=True,
    )
    stopped_ms: float = part(
        "stopped",
        "the process did not run",
        "The process did not run: it was stopped, or the machine slept or had no core for it, for a second "
        "and more. No frame is late for it, and none was missed meanwhile.",
        foreign=True,
    )
    host_ms: float = part(
        "host",
        "the program around Mien kept the frame",
        "What the host kept: from when the frame could begin (due, and the one before done) until it did, "
        "and what taking it cost. Without a schedule, only the latter.",
    )

    @property
    def frame_cpu_ms(self) -> float:
        """Begin to submit, waits excluded."""
        return self.build_ms + self.upload_ms + self.draw_ms + self.readback_ms + self.gc_ms

    @property
    def work_ms(self) -> float:
        """All that the frame took: the sum of its parts."""
        work_ms: float = sum(_parts(self))
        return work_ms

    @property
    def frame_delay_ms(self) -> float:
        """How late it was presented; 0 when on time."""
        return max(0.0, self.presented_ms - self.scheduled_ms)

    @property
    def parts(self) -> tuple[float, ...]:
        """What each of `PARTS` took, in ms."""
        parts: tuple[float, ...] = _parts(self)
        return parts


PARTS: Final = {metric.field: metric.cause for metric in rows_of(FrameTimes) if metric.cause}
"""The fields of a frame that share no time, and what it is blamed on when one of them made it late; causes.py
has all causes."""
_parts = attrgetter(*PARTS)
