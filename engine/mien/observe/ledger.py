"""The ledger: one record for every frame, and totals that a verdict can be read from."""

from __future__ import annotations

from collections import deque
from time import perf_counter_ns
from typing import TYPE_CHECKING

from mien.observe.histogram import Histogram
from mien.observe.record import CAUSES, FrameRecord, Pause, Record, TurnRecord
from mien.observe.sliding import SlidingShare
from mien.observe.spans import Spans
from mien.observe.totals import totals_of

if TYPE_CHECKING:
    from mien.observe.collector import Collector
    from mien.observe.heartbeat import Heartbeat

GENERATIONS = 3


class Ledger:
    """Totals of a run, and queues of records for those who write them down.

    `add` is called by the frame loop: it appends and counts, and cannot wait. A queue is bounded by
    whoever drains it; without one only totals are kept, and memory does not grow.

    Parameters: `interval_ms` is T, the frame interval; `realtime` says whether delays mean anything
    (an offline render has no schedule to miss); `keep` whether records are queued in `pending`.
    """

    def __init__(self, interval_ms: float, *, realtime: bool, keep: bool = False) -> None:
        self.interval_ms = interval_ms
        self.realtime = realtime
        self.pending: deque[Record] | None = deque() if keep else None
        self.spans = Spans()
        """Named stretches of work, from any thread."""
        self.heartbeat: Heartbeat | None = None
        """Who says that the GIL was held; set while an Observation is open."""
        self.collector: Collector | None = None
        """Who keeps collections out of frames and knows their pauses; set while an Observation is open."""
        self.origin_ns = perf_counter_ns()
        """When the run began; `scheduled_ms` and its like count from here."""
        self.frames_expected = 0
        self.frames_produced = 0
        self.frames_on_time = 0
        self.frames_no_update = 0
        self.frames_over_budget = dict.fromkeys(CAUSES, 0)
        self.consecutive_missed_max = 0
        self.dropped_share = SlidingShare(round(1000 / interval_ms) if interval_ms else 1)
        self.worst: FrameRecord | None = None
        self.frame_cpu_ms = Histogram()
        self.frame_gpu_ms = Histogram()
        self.work_ms = Histogram()
        self.build_ms = Histogram()
        self.draw_ms = Histogram()
        self.readback_ms = Histogram()
        self.readback_wait_ms = Histogram()
        self.readback_age_max = 0
        self.swap_ms = Histogram()
        self.host_ms = Histogram()
        self.gil_ms = Histogram()
        self.present_interval_ms = Histogram()
        self.frame_delay_ms = Histogram()
        self.animation_error_ms = Histogram()
        self.thread_gap_ms = Histogram()
        self.gc_pause_ms = tuple(Histogram() for _ in range(GENERATIONS))
        """By generation; of the whole process, inside frames and outside."""
        self.cpu_wait_ms = 0.0
        self.others_ms = 0.0
        self.stolen_ms = 0.0
        self.l1_rebuild_us = Histogram()
        """Of a character that changed; of several in a frame, their mean."""
        self.skew_ms = Histogram()
        self.skew_min_ms = 0.0
        self.skew_max_ms = 0.0
        self.l1_rebuild_total = 0
        self.l1_miss_ms = Histogram()
        self.upload_ms = Histogram()
        self.l1_miss_total = {"speaking": 0, "silent": 0}
        self.upload_events_total = 0
        self.upload_bytes_total = 0
        self.shader_compile_after_ready_total = 0
        self.gl_alloc_after_ready_total = 0
        self.concealed_samples = 0
        self.concealment_events = 0
        self.underruns = 0
        self.added_gap_samples = 0
        self.chunks_late = 0
        self.chunks_discarded = 0
        self.turns = 0
        self.turns_short = 0
        """Turns of which less, or more, was decoded than their files promise."""
        self.turn_decode_ms = Histogram()
        self.time_to_first_audio_ms = Histogram()
        self.interrupt_to_silence_ms = Histogram()
        self.jitter_actual_ms = Histogram()
        self.jitter_target_ms = 0.0
        """The last one."""
        self._queues: list[deque[Record]] = [] if self.pending is None else [self.pending]
        self._last: FrameRecord | None = None

    def subscribe(self, most: int | None = None) -> deque[Record]:
        """A queue that every later record is appended to, the last `most` of them; take from its left."""
        queue: deque[Record] = deque(maxlen=most)
        self._queues = [*self._queues, queue]
        return queue

    def unsubscribe(self, queue: deque[Record]) -> None:
        """Append no more to a queue."""
        self._queues = [other for other in self._queues if other is not queue]

    def add(self, record: FrameRecord) -> None:
        """Take the record of a frame that was shown."""
        last = self._last
        skipped = record.frame - (last.frame + 1 if last else 0)
        self.frames_expected = record.frame + 1
        self.frames_produced += 1
        self.frames_no_update += record.no_update
        self.consecutive_missed_max = max(self.consecutive_missed_max, skipped)
        self.dropped_share.add(skipped)
        if not self.is_late(record):
            self.frames_on_time += 1
        if record.work_ms > self.interval_ms:
            self.frames_over_budget[record.cause()] += 1
        if self.worst is None or record.work_ms > self.worst.work_ms:
            self.worst = record
        if last:
            self.present_interval_ms.add(record.presented_ms - last.presented_ms)
        self._add_times(record)
        self._add_counts(record)
        self._last = record
        self._append(record)

    def is_late(self, record: FrameRecord) -> bool:
        """Presented more than T after it was due."""
        return self.realtime and record.frame_delay_ms > self.interval_ms

    def add_turn(self, record: TurnRecord) -> None:
        """Take the record of a turn that has ended."""
        self.turns += 1
        if record.turn_decode_ms:
            self.turn_decode_ms.add(record.turn_decode_ms)
        if record.time_to_first_audio_ms is not None:
            self.time_to_first_audio_ms.add(record.time_to_first_audio_ms)
        if record.interrupt_to_silence_ms is not None:
            self.interrupt_to_silence_ms.add(record.interrupt_to_silence_ms)
        if record.samples_expected is not None and not record.interrupted:
            # A length given at another rate may round by a sample.
            self.turns_short += abs(record.samples_expected - record.samples_decoded) > 1
        self._append(record)

    def add_collection(self, generation: int, start_ns: int, end_ns: int) -> None:
        """Take a pause of the cyclic collector. Called by its callback, on whichever thread it struck."""
        ms = (end_ns - start_ns) / 1e6
        self.gc_pause_ms[min(generation, GENERATIONS - 1)].add(ms)
        self._append(Pause("gc", self._since_origin_ms(start_ns), ms, generation))

    def add_gap(self, start_ns: int, end_ns: int) -> None:
        """Take a gap of the heartbeat; on its thread."""
        self._append(Pause("gap", self._since_origin_ms(start_ns), (end_ns - start_ns) / 1e6))

    @property
    def frames_dropped(self) -> int:
        """Frames of the schedule that were never shown."""
        return self.frames_expected - self.frames_produced

    @property
    def l1_misses(self) -> int:
        """All misses, speaking or not."""
        return sum(self.l1_miss_total.values())

    @property
    def skew_max_abs_ms(self) -> float:
        """Largest A/V skew, either way."""
        return self.skew_ms.max

    def totals(self) -> dict[str, object]:
        """The run in one flat dictionary, for `--json` and for the last line of a ledger file."""
        return totals_of(self)

    def _add_times(self, record: FrameRecord) -> None:
        self.frame_cpu_ms.add(record.frame_cpu_ms)
        self.work_ms.add(record.work_ms)
        self.build_ms.add(record.build_ms)
        self.draw_ms.add(record.draw_ms)
        self.readback_ms.add(record.readback_ms)
        self.readback_wait_ms.add(record.readback_wait_ms)
        self.readback_age_max = max(self.readback_age_max, record.readback_age_frames)
        self.swap_ms.add(record.swap_ms)
        self.host_ms.add(record.host_ms)
        self.gil_ms.add(record.gil_ms)
        self.frame_delay_ms.add(record.frame_delay_ms)
        self.cpu_wait_ms += record.cpu_wait_ms
        self.others_ms += record.others_ms
        self.stolen_ms += record.stolen_ms
        if record.frame_gpu_ms is not None:
            self.frame_gpu_ms.add(record.frame_gpu_ms)
        if record.animation_error_ms is not None:
            self.animation_error_ms.add(record.animation_error_ms)
        if record.jitter_actual_ms is not None:
            self.jitter_actual_ms.add(record.jitter_actual_ms)
            self.jitter_target_ms = record.jitter_target_ms or 0.0
        if record.l1_miss_ms:
            self.l1_miss_ms.add(record.l1_miss_ms)
        if record.uploads:
            self.upload_ms.add(record.upload_ms)
        if record.l1_rebuilds:
            self.l1_rebuild_us.add(record.l1_rebuild_us / record.l1_rebuilds)
        skew = record.av_skew_ms
        if skew is not None:
            self.skew_min_ms = min(skew, self.skew_min_ms if self.skew_ms.count else skew)
            self.skew_max_ms = max(skew, self.skew_max_ms if self.skew_ms.count else skew)
            self.skew_ms.add(abs(skew))

    def _add_counts(self, record: FrameRecord) -> None:
        self.l1_rebuild_total += record.l1_rebuilds
        self.l1_miss_total["speaking" if record.speaking else "silent"] += record.l1_misses
        self.upload_events_total += record.uploads
        self.upload_bytes_total += record.upload_bytes
        self.shader_compile_after_ready_total += record.shader_compiles
        self.gl_alloc_after_ready_total += record.gl_allocations
        self.concealed_samples += record.concealed_samples
        self.concealment_events += record.concealment_events
        self.underruns += record.underruns
        self.added_gap_samples += record.added_gap_samples
        self.chunks_late += record.chunks_late
        self.chunks_discarded += record.chunks_discarded

    def _append(self, record: Record) -> None:
        for queue in self._queues:
            queue.append(record)

    def _since_origin_ms(self, at_ns: int) -> float:
        return (at_ns - self.origin_ns) / 1e6
