"""Measuring one frame after another, for every surface alike."""

from __future__ import annotations

from collections.abc import Callable
from operator import sub
from time import perf_counter_ns, thread_time_ns
from typing import NamedTuple

from mien.clock import SAMPLE_RATE, samples_to_s
from mien.composite.gl import Compositor
from mien.motion import speaker_at
from mien.observe import Cores, CpuWait, FrameRecord, Ledger
from mien.stage.show import Show

_BUILD, _DRAW, _READBACK, _SWAP, _HOST = range(5)
_SPANS = ("rows", "draw", "readback", "swap", "host")


class _Stretch(NamedTuple):
    """A stage's time, or a part of it."""

    stage: int
    start_ns: int
    end_ns: int
    idle_ns: int
    """Of it, how long the frame's thread did not run."""


class _Counts(NamedTuple):
    """Totals of the compositor and the audio, of which a frame gets the differences."""

    uploads: int
    upload_bytes: int
    shader_compiles: int
    gl_allocations: int
    l1_misses: int
    no_update: int
    concealed_samples: int
    concealment_events: int
    underruns: int
    added_gap_samples: int
    chunks_late: int
    chunks_discarded: int


class FrameMeter:
    """Stamps the stages of a frame and gives the ledger its record. Belongs to the frame loop's thread.

    Per frame: `begin`, then `built`, `drawn`, `read`, `swapped`, `taken` as far as they apply (each closes
    the stage before it), then `end`. Counters of the compositor and the audio are read as differences,
    so what happened before the first frame (ready) is not counted.

    Whoever else stopped the frame is taken out of the stage it struck: the cyclic collector by its own
    callbacks, the GIL where the heartbeat was late while the frame's thread did not run either, though it
    had a core. `end` also lets the collector run, if there is time.

    Parameters: `now_ns` is the clock of the schedule, `cpu_ns` the CPU time of the calling thread,
    `cpu_wait_ns` how long it has waited for a core, all in nanoseconds; `cores` who else had the cores.
    """

    def __init__(
        self,
        ledger: Ledger,
        show: Show,
        compositor: Compositor,
        *,
        now_ns: Callable[[], int] = perf_counter_ns,
        cpu_ns: Callable[[], int] = thread_time_ns,
        cpu_wait_ns: Callable[[], int] | None = None,
        cores: Cores | None = None,
    ) -> None:
        self._ledger = ledger
        self._show = show
        self._compositor = compositor
        self._now_ns = now_ns
        self._cpu_ns = cpu_ns
        self._cpu_wait_ns = cpu_wait_ns or CpuWait().read_ns
        self._waited_ns = self._begun_waited_ns = self._cpu_wait_ns()
        self._cores = cores or Cores()
        self._stretches: list[_Stretch] = []
        self._ended_ns: int | None = None
        self._ended_cpu_ns = 0
        self._shown: tuple[int, float] | None = None
        self._blocked = False
        self._missed = 0
        self._seen = self._counts()
        self._stamp()
        self._begun_ns = self._last_ns
        self._between_cpu_ns = 0
        ledger.origin_ns = self._last_ns

    def restart(self, start_ns: int) -> None:
        """The schedule begins at `start_ns` (nanoseconds of `now_ns`), or begins again after a rest."""
        if not self._ledger.frames_produced:
            self._ledger.origin_ns = start_ns
        self._seen = self._counts()
        self._missed = self._show.player.misses  # by a tick that came before the first frame
        self._ended_ns = self._shown = None
        self._waited_ns = self._cpu_wait_ns()

    def begin(self) -> None:
        """A frame begins."""
        self._stretches.clear()
        self._blocked = False
        self._stamp()
        self._begun_ns = self._last_ns
        self._between_cpu_ns = self._last_cpu_ns - self._ended_cpu_ns
        self._begun_waited_ns = self._cpu_wait_ns()

    def built(self) -> None:
        """Rows are filled."""
        self._close(_BUILD)

    def drawn(self) -> None:
        """The draw call has returned."""
        self._close(_DRAW)

    def read(self, *, blocked: bool = True) -> None:
        """The picture has been read back; `blocked`: by a call that waits for the GPU."""
        self._blocked = blocked
        self._close(_READBACK)

    def swapped(self) -> None:
        """The window's buffers have been swapped."""
        self._close(_SWAP)

    def taken(self) -> None:
        """Whoever wanted the frame has it."""
        self._close(_HOST)

    def end(
        self,
        frame: int,
        at: int,
        *,
        skew_ms: float | None = None,
        scheduled_ns: int | None = None,
        presented_ns: int | None = None,
        age_frames: int = 0,
    ) -> None:
        """Give the ledger the record of frame number `frame`, which showed sample `at`.

        `skew_ms`: mouth shown minus sound heard; `scheduled_ns`: when it was due, if not by its number;
        `presented_ns`: when it was presented, if not when its last stage closed; `age_frames`: by how
        many frames the picture handed out was older; what the GPU took comes some frames late.
        """
        ledger = self._ledger
        origin = ledger.origin_ns
        due_ns = origin + round(frame * ledger.interval_ms * 1e6) if scheduled_ns is None else scheduled_ns
        presented_ms = ((self._last_ns if presented_ns is None else presented_ns) - origin) / 1e6
        counts, player, supply = self._difference(), self._show.player, self._show.supply
        held, target = self._held
        self._add_wait(due_ns)
        upload_ms = supply.upload_ms if supply else 0.0
        if ledger.spans.on:
            self._add_spans(frame, upload_ms)
        waited_ns = self._cpu_wait_ns()
        parts, gc_ms, gil_ms, gap_ms = self._parts(waited_ns - self._begun_waited_ns)
        cores = self._cores.look(self._last_ns)
        record = FrameRecord(
            frame=frame,
            at_sample=at,
            speaking=speaker_at(self._show.script, at) is not None,
            scheduled_ms=(due_ns - origin) / 1e6,
            begun_ms=(self._begun_ns - origin) / 1e6,
            presented_ms=presented_ms,
            build_ms=max(0.0, parts[_BUILD] - upload_ms),
            upload_ms=upload_ms,
            draw_ms=parts[_DRAW],
            readback_ms=parts[_READBACK],
            readback_wait_ms=parts[_READBACK] if self._blocked else 0.0,
            readback_age_frames=age_frames,
            swap_ms=parts[_SWAP],
            host_ms=parts[_HOST],
            gc_ms=gc_ms,
            gil_ms=gil_ms,
            thread_gap_ms=gap_ms,
            cpu_wait_ms=(waited_ns - self._waited_ns) / 1e6,
            others_ms=cores.others_ns / 1e6,
            stolen_ms=cores.stolen_ns / 1e6,
            frame_gpu_ms=self._compositor.timer.take(),
            animation_error_ms=self._animation_error_ms(at, presented_ms),
            l1_rebuilds=player.rebuilds,
            l1_rebuild_us=player.rebuild_us,
            l1_misses=counts.l1_misses + player.misses + self._missed,
            l1_miss_ms=samples_to_s(max(player.miss_ended, default=0)) * 1000,
            uploads=counts.uploads,
            upload_bytes=counts.upload_bytes,
            shader_compiles=counts.shader_compiles,
            gl_allocations=counts.gl_allocations,
            no_update=counts.no_update > 0,
            concealed_samples=counts.concealed_samples,
            concealment_events=counts.concealment_events,
            underruns=counts.underruns,
            added_gap_samples=counts.added_gap_samples,
            chunks_late=counts.chunks_late,
            chunks_discarded=counts.chunks_discarded,
            jitter_actual_ms=None if held is None else samples_to_s(held) * 1000,
            jitter_target_ms=None if held is None else samples_to_s(target) * 1000,
            av_skew_ms=skew_ms,
        )
        ledger.add(record)
        ended = self._show.session.ended
        while ended:
            ledger.add_turn(ended.popleft())
        self._shown, self._missed = (at, presented_ms), 0
        self._waited_ns = waited_ns
        self._ended_ns, self._ended_cpu_ns = self._last_ns, self._last_cpu_ns
        if ledger.collector is not None:
            next_ns = due_ns + round(ledger.interval_ms * 1e6)
            ledger.collector.between(next_ns - self._now_ns() if ledger.realtime else None)

    def _stamp(self) -> None:
        self._last_ns, self._last_cpu_ns = self._now_ns(), self._cpu_ns()

    def _close(self, stage: int) -> None:
        start_ns, start_cpu_ns = self._last_ns, self._last_cpu_ns
        self._stamp()
        ran_ns = self._last_cpu_ns - start_cpu_ns
        idle_ns = max(0, self._last_ns - start_ns - ran_ns)
        self._stretches.append(_Stretch(stage, start_ns, self._last_ns, idle_ns))

    def _add_wait(self, due_ns: int) -> None:
        """The host's time before the frame: it was due, the one before was done, and nobody began it."""
        if self._ledger.realtime and self._ended_ns is not None:
            could_ns = max(due_ns, self._ended_ns)
            if could_ns < self._begun_ns:
                busy_ns = self._between_cpu_ns + self._begun_waited_ns - self._waited_ns
                idle_ns = max(0, self._begun_ns - could_ns - busy_ns)
                self._stretches.append(_Stretch(_HOST, could_ns, self._begun_ns, idle_ns))

    def _parts(self, waited_ns: int) -> tuple[list[float], float, float, float]:
        """ms of each stage, of the collector, of the GIL; the heartbeat's longest lateness."""
        collector, heartbeat = self._ledger.collector, self._ledger.heartbeat
        parts = [0.0] * len(_SPANS)
        since_ns = min((stretch.start_ns for stretch in self._stretches), default=self._last_ns)
        if collector is not None and not collector.pauses(since_ns, self._last_ns):
            collector = None
        if heartbeat is not None and not heartbeat.gaps(since_ns, self._last_ns):
            heartbeat = None
        if collector is None and heartbeat is None:
            for stage, start_ns, end_ns, _ in self._stretches:
                parts[stage] += (end_ns - start_ns) / 1e6
            return parts, 0.0, 0.0, 0.0
        gc_ns = gil_ns = longest_ns = 0
        # Of the time without running, what the thread stood in the queue for a core is nobody's lock.
        idle_ns = max(0, sum(stretch.idle_ns for stretch in self._stretches) - waited_ns)
        for stage, start_ns, end_ns, idle_here_ns in self._stretches:
            pauses = collector.pauses(start_ns, end_ns) if collector else ()
            gaps = heartbeat.gaps(start_ns, end_ns) if heartbeat else ()
            paused_ns = sum(end - start for start, end in pauses)
            # The heartbeat stands still in a collection as well.
            late_ns = sum(end - start for start, end in gaps) - sum(
                max(0, min(end, gap[1]) - max(start, gap[0])) for start, end in pauses for gap in gaps
            )
            held_ns = max(0, min(late_ns, idle_here_ns, idle_ns - gil_ns))
            gc_ns += paused_ns
            gil_ns += held_ns
            longest_ns = max([longest_ns, *(end - start for start, end in gaps)])
            parts[stage] += max(0, end_ns - start_ns - paused_ns - held_ns) / 1e6
        return parts, gc_ns / 1e6, gil_ns / 1e6, longest_ns / 1e6

    def _add_spans(self, frame: int, upload_ms: float) -> None:
        for stage, start_ns, end_ns, _ in self._stretches:
            begun_ns = start_ns
            if stage == _BUILD and upload_ms:
                # Uploads come first in a tick.
                begun_ns = min(end_ns, start_ns + round(upload_ms * 1e6))
                self._ledger.spans.add("upload", start_ns, begun_ns, frame=frame)
            self._ledger.spans.add(_SPANS[stage], begun_ns, end_ns, frame=frame)

    def _animation_error_ms(self, at: int, presented_ms: float) -> float | None:
        if not self._ledger.realtime or self._shown is None:
            return None
        shown, before_ms = self._shown
        return abs((at - shown) * 1000 / SAMPLE_RATE - (presented_ms - before_ms))

    def _difference(self) -> _Counts:
        seen, self._seen = self._seen, self._counts()
        return _Counts._make(map(sub, self._seen, seen))

    def _counts(self) -> _Counts:
        gl = self._compositor.counters
        audio = self._show.audio.counters()
        self._held = (audio.jitter_held, audio.jitter_target)
        return _Counts(
            uploads=gl.page_uploads,
            upload_bytes=gl.page_bytes,
            shader_compiles=gl.compiles,
            gl_allocations=gl.allocations,
            l1_misses=gl.misses,
            no_update=gl.unchanged,
            concealed_samples=audio.concealed_samples,
            concealment_events=audio.concealment_events,
            underruns=audio.underruns,
            added_gap_samples=audio.added_gap_samples,
            chunks_late=audio.chunks_late,
            chunks_discarded=audio.chunks_discarded,
        )
