"""Measuring one frame after another, for every stage alike."""

from __future__ import annotations

from typing import Any

from mien.clock import samples_to_s
from mien.composite.gl import Compositor
from mien.motion import speaker_at
from mien.observe import FrameRecord, Ledger
from mien.observe.attribution import Shares, Stretch, shares_of
from mien.observe.cores import CoreTimes
from mien.observe.differences import Differences
from mien.observe.screen import NO_SCREEN, Screen
from mien.observe.smoothness import animation_error_ms
from mien.stage.governor import EXACT
from mien.stage.instruments import Clips, Instruments
from mien.stage.show import Show
from mien.stage.stretches import stretch_of, waited

_BUILD, _DRAW, _READBACK, _SWAP, _HOST, _SCREEN = range(6)
_SPANS = ("rows", "draw", "readback", "swap", "host", "screen")
_WORTH_NS = 200_000
"""Of time without running from which on it is asked why: asking takes 2.5 us."""


class FrameMeter:
    """Stamps the stages of a frame and gives the ledger its record. Belongs to the frame loop's thread.

    Per frame: `begin`, then `built`, `drawn`, `read`, `swapped`, `taken` as far as they apply (each closes
    the stage before it), then `end`. Counters of the compositor (`gl`) and the sound (`audio`) that the table
    of metrics names are read as differences, so what happened before the first frame (ready) is not counted.

    Whoever else stopped the frame is taken out of the stage it struck: the cyclic collector by its own
    callbacks, the GIL where the heartbeat could not have it while the frame's thread looked for it in vain,
    others that had the cores which it waited for. `end` also lets the collector run, and looks how fast the
    machine is, if there is time. `instruments` say what time it is and what the frame's thread did meanwhile.
    """

    def __init__(
        self,
        ledger: Ledger,
        show: Show,
        compositor: Compositor,
        instruments: Instruments | None = None,
    ) -> None:
        by = instruments or Instruments()
        self._ledger = ledger
        self._show = show
        self._compositor = compositor
        self._now_ns, self._cpu_ns, self._process_ns = by.now_ns, by.cpu_ns, by.process_ns
        self._waits, self._cores, self._stops = by.waits, by.cores, by.stops
        self._speed = by.speed()
        self._seen = self._ended_waits = self._begun_waits = self._waits()
        self._others_share = 0.0
        self._last_process_ns = 0
        self._stretches: list[Stretch] = []
        self._ended_ns: int | None = None
        self._ended_cpu_ns = 0
        self._shown: tuple[int, float] | None = None
        self._blocked = False
        self._missed = 0
        self.level = EXACT
        """How the frame was drawn that `end` is called for next."""
        self.mark: int | None = None  # the number that it carries, if any
        self.clips = Clips()
        self.clocks = by.clocks
        """When the machine slept, or its time was set; looked at with each frame."""
        self._counters = Differences(ledger.table.reads, **self._counted(show.audio.counters()))
        self._stamp()
        self._look_at_cores(self._last_ns)
        self._begun_ns = self._last_ns
        self._between_cpu_ns = 0
        ledger.origin_ns = self._last_ns

    def restart(self, start_ns: int) -> None:
        """The schedule begins at `start_ns` (nanoseconds of `now_ns`), or begins again after a rest."""
        if not self._ledger.frames_produced:
            self._ledger.origin_ns = start_ns
        self._counters.look(**self._counted(self._show.audio.counters()))
        self._missed = self._show.player.misses  # by a tick that came before the first frame
        self._ended_ns = self._shown = None
        self._ended_waits = self._seen = self._waits()
        self._look_at_cores(self._now_ns())

    def begin(self) -> None:
        """A frame begins."""
        self._stretches.clear()
        self._blocked = False
        self._stamp()
        self._begun_ns = self._last_ns
        self._between_cpu_ns = self._last_cpu_ns - self._ended_cpu_ns
        self._begun_waits = self._seen = self._waits()

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

    def swapped(self, waited_until_ns: int = 0) -> None:
        """The window's buffers have been swapped; up to `waited_until_ns` it waited for its refresh."""
        start_ns = self._last_ns
        self._close(_SWAP)
        if start_ns < waited_until_ns:
            self._stretches += waited(self._stretches.pop(), waited_until_ns, _SCREEN)

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
        begins_ns: int | None = None,
        screen: Screen = NO_SCREEN,
    ) -> FrameRecord:
        """Give the ledger the record of frame number `frame`, which showed sample `at`; and return it.

        `skew_ms`: mouth shown minus sound heard; `scheduled_ns`: when it was due, if not by its number;
        `presented_ns`: when it was presented, if not when its last stage closed; `age_frames`: by how
        many frames the picture handed out was older; `begins_ns`: when it was to be begun, if not when it
        was due; `screen`: how it came there. What the GPU took comes some frames late.
        """
        ledger = self._ledger
        due_ns = ledger.origin_ns + ledger.due_ns(frame) if scheduled_ns is None else scheduled_ns
        shown_ns = self._last_ns if presented_ns is None else presented_ns
        if self._stops is not None:
            due_ns += self._stops.within(due_ns, shown_ns)
        begins_ns = due_ns if begins_ns is None else begins_ns
        self._add_wait(begins_ns)
        self.clocks.look(self._last_ns)
        record = self._record(frame, at, due_ns, shown_ns, age_frames, skew_ms, screen)
        if ledger.spans.on:
            self._add_spans(frame, record.upload_ms)
        ledger.add(record)
        ended = self._show.session.ended
        while ended:
            ledger.add_turn(ended.popleft())
        self._shown, self._missed = (at, record.presented_ms), 0
        self._ended_ns, self._ended_cpu_ns = self._last_ns, self._last_cpu_ns
        next_ns = begins_ns + round(ledger.interval_ms * 1e6)
        if ledger.collector is not None:
            ledger.collector.between(next_ns - self._now_ns() if ledger.realtime else None)
        if ledger.realtime:
            self._speed.between(next_ns - self._now_ns())
        return record

    def _record(
        self,
        frame: int,
        at: int,
        due_ns: int,
        shown_ns: int,
        age_frames: int,
        skew_ms: float | None,
        screen: Screen,
    ) -> FrameRecord:
        """What was measured, by the names of the table."""
        ledger, player, supply = self._ledger, self._show.player, self._show.supply
        origin_ns, waits = ledger.origin_ns, self._seen
        presented_ms = (shown_ns - origin_ns) / 1e6
        cores = self._look_at_cores(self._last_ns)
        shares = self._shares()
        parts, upload_ms = shares.stages, supply.upload_ms if supply else 0.0
        audio = self._show.audio.counters()
        held = audio.jitter_held
        counts: dict[str, Any] = dict(self._counters.look(**self._counted(audio)))
        since, self._ended_waits = self._ended_waits, waits
        return ledger.table.record(
            frame=frame,
            at_sample=at,
            speaking=speaker_at(self._show.script, at) is not None,
            scheduled_ms=(due_ns - origin_ns) / 1e6,
            begun_ms=(self._begun_ns - origin_ns) / 1e6,
            presented_ms=presented_ms,
            build_ms=max(0.0, parts[_BUILD] - upload_ms),
            upload_ms=upload_ms,
            draw_ms=parts[_DRAW],
            readback_ms=parts[_READBACK],
            readback_wait_ms=parts[_READBACK] if self._blocked else 0.0,
            readback_age_frames=age_frames,
            swap_ms=parts[_SWAP],
            host_ms=parts[_HOST],
            screen_ms=parts[_SCREEN],
            refresh_hz=screen.hz,
            refreshes_idle=screen.idle,
            refreshes_late=screen.late,
            refreshes_offset=screen.offset,
            refreshes_latency=screen.latency,
            uneven=screen.uneven,
            gc_ms=shares.gc,
            gil_ms=shares.gil,
            cores_ms=shares.cores,
            stopped_ms=shares.stopped,
            thread_gap_ms=shares.longest_gap,
            cpu_wait_ms=(waits.core_ns - since.core_ns) / 1e6,
            others_ms=cores.others_ns / 1e6,
            stolen_ms=cores.stolen_ns / 1e6,
            cores_idle_ms=cores.idle_ns / 1e6,
            loop_us=self._speed.take(),
            frame_gpu_ms=self._compositor.timer.take(),
            animation_error_ms=self._animation_error_ms(at, presented_ms),
            l1_rebuilds=player.rebuilds,
            l1_rebuild_us=player.rebuild_us,
            l1_misses=counts.pop("l1_misses") + player.misses + self._missed,
            l1_miss_ms=samples_to_s(max(player.miss_ended, default=0)) * 1000,
            no_update=counts.pop("no_update") > 0,
            draw_scale=self.level.scale,
            scaled=self.level.scale < 1.0,
            hold_px=self.level.hold_px,
            mark=self.mark,
            coarse=self.level.coarse,
            joints_held=player.held.count if player.held is not None else 0,
            jitter_actual_ms=None if held is None else samples_to_s(held) * 1000,
            jitter_target_ms=None if held is None else samples_to_s(audio.jitter_target) * 1000,
            av_skew_ms=skew_ms,
            **counts,
        )

    def _counted(self, audio: object) -> dict[str, object]:
        """What has counters that the table names."""
        return {
            "gl": self._compositor.counters,
            "audio": audio,
            "stage": self._show.session.entrances,
            "clip": self.clips,
            "clocks": self.clocks,
        }

    def _shares(self) -> Shares:
        """The frame's time by whose it was."""
        by = self._ledger.collector, self._ledger.heartbeat, self._stops
        return shares_of(self._stretches, len(_SPANS), self._others_share, *by)

    def _look_at_cores(self, now_ns: int) -> CoreTimes:
        cores = self._cores.look(now_ns)
        share = cores.others_share
        if share is not None:
            self._others_share = share
        return cores

    def _stamp(self) -> None:
        self._last_ns, self._last_cpu_ns = self._now_ns(), self._cpu_ns()
        if self._process_ns is not None:
            self._last_process_ns = self._process_ns()

    def _close(self, stage: int) -> None:
        start_ns, start_cpu_ns, start_process_ns = self._last_ns, self._last_cpu_ns, self._last_process_ns
        self._stamp()
        ran_ns = self._last_cpu_ns - start_cpu_ns
        idle_ns = max(0, self._last_ns - start_ns - ran_ns)
        if idle_ns < _WORTH_NS:
            self._stretches.append(Stretch(stage, start_ns, self._last_ns, idle_ns))
            return
        before, self._seen = self._seen, self._waits()
        stalled_ns = 0
        if self._process_ns is not None and stage in (_DRAW, _READBACK):
            others_ran_ns = self._last_process_ns - start_process_ns - ran_ns
            stalled_ns = max(0, idle_ns - others_ran_ns)
        stretch = stretch_of(stage, start_ns, self._last_ns, idle_ns, before, self._seen)
        self._stretches.append(stretch._replace(stalled_ns=stalled_ns))

    def _add_wait(self, due_ns: int) -> None:
        """The host's time before the frame: it was due, the one before was done, and nobody began it."""
        if self._ledger.realtime and self._ended_ns is not None:
            could_ns = max(due_ns, self._ended_ns)
            begun_ns = self._begun_ns
            if could_ns < begun_ns:
                idle_ns = max(0, begun_ns - could_ns - self._between_cpu_ns)
                self._stretches.append(
                    stretch_of(_HOST, could_ns, begun_ns, idle_ns, self._ended_waits, self._begun_waits)
                )

    def _add_spans(self, frame: int, upload_ms: float) -> None:
        for stage, start_ns, end_ns, *_ in self._stretches:
            begun_ns = start_ns
            if stage == _BUILD and upload_ms:
                # Uploads come first in a tick.
                begun_ns = min(end_ns, start_ns + round(upload_ms * 1e6))
                self._ledger.spans.add("upload", start_ns, begun_ns, frame=frame)
            self._ledger.spans.add(_SPANS[stage], begun_ns, end_ns, frame=frame)

    def _animation_error_ms(self, at: int, presented_ms: float) -> float | None:
        if not self._ledger.realtime or self._shown is None:
            return None
        return animation_error_ms(*self._shown, at, presented_ms)
