"""Measuring one frame after another, for every surface alike."""

from __future__ import annotations

from time import perf_counter_ns

from mien.clock import samples_to_s
from mien.composite.gl import Compositor
from mien.motion import speaker_at
from mien.observe import FrameRecord, Ledger
from mien.show import Show


class FrameMeter:
    """Stamps the stages of a frame and gives the ledger its record.

    Per frame: `begin`, then `built`, `drawn`, `read`, `swapped`, `taken` as far as they apply (each closes
    the stage before it), then `end`. Counters of the compositor and the audio are read as differences,
    so what happened before the first frame (ready) is not counted.
    """

    def __init__(self, ledger: Ledger, show: Show, compositor: Compositor) -> None:
        self._ledger = ledger
        self._show = show
        self._compositor = compositor
        self._start_ns = perf_counter_ns()
        self._stages = [0.0] * 5
        self._last_ns = self._start_ns
        self._seen = self._counters()

    def restart(self, start_ns: int) -> None:
        """The schedule begins at `start_ns` (perf_counter nanoseconds)."""
        self._start_ns = start_ns
        self._seen = self._counters()

    def begin(self) -> None:
        """A frame begins."""
        self._stages = [0.0] * 5
        self._last_ns = perf_counter_ns()

    def built(self) -> None:
        """Rows are filled."""
        self._close(0)

    def drawn(self) -> None:
        """The draw call has returned."""
        self._close(1)

    def read(self) -> None:
        """The picture has been read back."""
        self._close(2)

    def swapped(self) -> None:
        """The window's buffers have been swapped."""
        self._close(3)

    def taken(self) -> None:
        """Whoever wanted the frame has it."""
        self._close(4)

    def end(self, frame: int, at: int, *, skew_ms: float | None = None) -> None:
        """Give the ledger the record of frame number `frame`, which showed sample `at`."""
        seen = self._counters()
        uploads, upload_bytes, compiles, allocations, misses, concealed, underruns = (
            now - before for now, before in zip(seen, self._seen, strict=True)
        )
        self._seen = seen
        build, draw, readback, swap, host = self._stages
        player, supply = self._show.player, self._show.supply
        upload = supply.upload_ms if supply else 0.0
        self._ledger.add(
            FrameRecord(
                frame=frame,
                at_sample=at,
                speaking=speaker_at(self._show.script, at) is not None,
                scheduled_ms=frame * self._ledger.interval_ms,
                presented_ms=(self._last_ns - self._start_ns) / 1e6,
                build_ms=max(0.0, build - upload),
                draw_ms=draw,
                readback_ms=readback,
                swap_ms=swap,
                host_ms=host,
                l1_rebuilds=player.rebuilds,
                l1_rebuild_us=player.rebuild_us,
                l1_misses=misses + player.misses,
                l1_miss_ms=samples_to_s(max(player.miss_ended, default=0)) * 1000,
                uploads=uploads,
                upload_ms=upload,
                upload_bytes=upload_bytes,
                shader_compiles=compiles,
                gl_allocations=allocations,
                concealed_samples=concealed,
                underruns=underruns,
                av_skew_ms=skew_ms,
            )
        )

    def _close(self, stage: int) -> None:
        now = perf_counter_ns()
        self._stages[stage] += (now - self._last_ns) / 1e6
        self._last_ns = now

    def _counters(self) -> tuple[int, ...]:
        gl = self._compositor.counters
        audio = self._show.audio.counters()
        return (
            gl.page_uploads,
            gl.page_bytes,
            gl.compiles,
            gl.allocations,
            gl.misses,
            audio.concealed_samples,
            audio.underruns,
        )
