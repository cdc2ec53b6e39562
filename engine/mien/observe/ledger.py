"""The ledger: one record for every frame, and the sums and distributions that a verdict is read from."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from math import ceil
from numbers import Rational
from operator import attrgetter
from time import perf_counter_ns
from typing import TYPE_CHECKING

from mien.arguments import is_number, refuse
from mien.messages import quoted
from mien.observe.blame import Blame
from mien.observe.causes import CAUSES, FOREIGN
from mien.observe.frame_times import PARTS
from mien.observe.histogram import Histogram
from mien.observe.metric import Metric
from mien.observe.record import FrameRecord
from mien.observe.sliding import SlidingShare
from mien.observe.smoothness import Freezes, has_rested
from mien.observe.spans import Spans
from mien.observe.table import TABLE, MetricTable
from mien.observe.tally import Tallies, Tally
from mien.observe.turn_record import Pause, Record, TurnRecord

if TYPE_CHECKING:
    from mien.observe.collector import Collector
    from mien.observe.heartbeat import Heartbeat

GENERATIONS = 3
LEAST_MS = 1.0
MOST_MS = 60_000.0
"""Frame intervals that there may be: what is counted of each second takes memory for each of its frames."""

_HEADROOM_MS = 10_000.0
"""Of the last frames that headroom is told of."""

Value = Histogram | tuple[Histogram, ...] | SlidingShare | Mapping[str, float] | float | None
"""What a ledger holds of a metric."""


class Ledger:
    """Sums of a run, and queues of records for those who write them down. `totals_of` gives plain values.

    `add` is called by the frame loop: it appends and counts, and cannot wait. A queue is bounded by
    whoever drains it; without one only sums are kept, and memory does not grow.

    Parameters: `interval_ms` is T, the frame interval, as a float or exactly as a Fraction, 0 for none;
    `realtime` says whether delays mean anything (an offline render has no schedule to miss); `keep` whether
    records are queued in `pending`; `table` says what is counted. Raises ScriptError.
    """

    def __init__(
        self,
        interval_ms: float | Fraction,
        *,
        realtime: bool,
        keep: bool = False,
        table: MetricTable = TABLE,
    ) -> None:
        least, most = LEAST_MS, MOST_MS
        given: object = interval_ms
        interval = float(given) if is_number(given) else -1.0
        if not (interval == 0 or least <= interval <= most):
            refuse("interval_ms", interval_ms, f"milliseconds from {least:g} to {most:g}, or 0 for none")
        for name, value in (("realtime", realtime), ("keep", keep)):
            if not isinstance(value, bool):
                refuse(name, value, "True or False")
        if not isinstance(table, MetricTable):
            refuse("table", table, "a mien.observe.MetricTable")
        self.interval_ms = interval
        self.realtime = realtime
        self.table = table
        self.pending: deque[Record] | None = deque() if keep else None
        self.spans = Spans()
        """Named stretches of work, from any thread."""
        self.heartbeat: Heartbeat | None = None
        """Who says that the GIL was held; set while an Observation is open."""
        self.collector: Collector | None = None
        """Who keeps collections out of frames and knows their pauses; set while an Observation is open."""
        self.origin_ns = perf_counter_ns()
        """When the run began; `scheduled_ms` and its like count from here."""
        self._interval = interval.as_integer_ratio()
        if isinstance(given, Rational):
            self._interval = int(given.numerator), int(given.denominator)
        self._queues: list[deque[Record]] = [] if self.pending is None else [self.pending]
        self._shown_ms: float | None = None
        self._worst_ms = -1.0
        self._blame = Blame(tuple(PARTS.values()), FOREIGN)
        self._cause, self._done_ms = "", 0.0
        self._frames = Tallies(table.frame)
        self._turns = Tallies(table.turn)
        self._count_frames()
        self.thread_gap_ms = Histogram()
        self.gc_pause_ms = tuple(Histogram() for _ in range(GENERATIONS))
        """By generation; of the whole process, inside frames and outside."""
        self.turns = 0
        self.turns_short = 0
        """Turns that were decoded whole, to another length than their files promise."""
        self.turns_partly_heard = 0
        """Turns of which a part could not be had."""
        self.turns_unheard = 0
        """Turns of which nothing was heard, because their sound could not be had."""

    def _count_frames(self) -> None:
        """Begin to count what the numbers and times of frames say."""
        self.frames_expected = 0
        self.frames_produced = 0
        self.frames_on_time = 0
        self.frames_over_budget = dict.fromkeys(CAUSES, 0)
        self.consecutive_missed_max = 0
        self._took_ms: deque[float] = deque(maxlen=max(1, round(_HEADROOM_MS / (self.interval_ms or 1000))))
        self.dropped_share = SlidingShare(round(1000 / self.interval_ms) if self.interval_ms else 1)
        self.worst: FrameRecord | None = None
        self.present_interval_ms = Histogram()
        self.freezes = Freezes()
        self._due_ms = 0.0
        self.l1_miss_by_speaking = {"speaking": 0, "silent": 0}
        self.frames_scaled_by_scale = {"0.75": 0, "0.5": 0}

    def subscribe(self, most: int | None = None) -> deque[Record]:
        """A queue that every later record is appended to, the last `most` of them; take from its left."""
        queue: deque[Record] = deque(maxlen=most)
        self._queues = [*self._queues, queue]
        return queue

    def unsubscribe(self, queue: deque[Record]) -> None:
        """Append no more to a queue."""
        self._queues = [other for other in self._queues if other is not queue]

    def due_ns(self, frame: int) -> int:
        """When a frame of the schedule is due, since its beginning. Exact for every rate: nothing adds up."""
        numerator, denominator = self._interval
        return (frame * numerator * 1_000_000 + denominator // 2) // denominator

    def add(self, record: FrameRecord) -> None:
        """Take the record of a frame that was shown."""
        skipped = record.frame - self.frames_expected
        if skipped:
            self.consecutive_missed_max = max(self.consecutive_missed_max, skipped)
        self.dropped_share.add(skipped)
        self.frames_expected = record.frame + 1
        self.frames_produced += 1
        late = self.is_late(record)
        if not late:
            self.frames_on_time += 1
        parts = record.parts
        work_ms = sum(parts)
        self._took_ms.append(work_ms)
        if work_ms > self.interval_ms:
            self._cause = self._blame.name(parts, self.interval_ms)
            self.frames_over_budget[self._cause] += 1
        elif self._done_ms <= record.scheduled_ms and not late:
            self._cause = ""
        # One that is late and took no longer than it may was begun late: for an earlier one that was long,
        # behind which all since have been.
        self._done_ms = max(self._done_ms, record.scheduled_ms) + work_ms - record.stopped_ms
        if self._cause and (late or work_ms > self.interval_ms):
            record = replace(record, cause=self._cause)
        self._blame.learn(parts)
        if work_ms > self._worst_ms:
            self.worst, self._worst_ms = record, work_ms
        if self._shown_ms is not None:
            stayed_ms = record.presented_ms - self._shown_ms
            self.present_interval_ms.add(stayed_ms)
            if not has_rested(skipped + 1, record.scheduled_ms - self._due_ms, self.interval_ms):
                self.freezes.add(stayed_ms)
        self._shown_ms, self._due_ms = record.presented_ms, record.scheduled_ms
        if record.l1_misses:
            self.l1_miss_by_speaking["speaking" if record.speaking else "silent"] += record.l1_misses
        if record.scaled:
            scale = f"{record.draw_scale:g}"
            self.frames_scaled_by_scale[scale] = self.frames_scaled_by_scale.get(scale, 0) + 1
        self._frames.add(record)
        self._append(record)

    def expect(self, frames: int) -> None:
        """So many frames of the schedule, from its beginning, are over: those not shown were left out.

        For the end of a run, where no later frame shows by its number how many went before it. Fewer than
        are known already change nothing.
        """
        skipped = frames - self.frames_expected
        if skipped > 0:
            self.frames_expected = frames
            self.consecutive_missed_max = max(self.consecutive_missed_max, skipped)
            self.dropped_share.drop(skipped)

    def is_late(self, record: FrameRecord) -> bool:
        """Presented more than T after it was due."""
        return self.realtime and record.frame_delay_ms > self.interval_ms

    def add_turn(self, record: TurnRecord) -> None:
        """Take the record of a turn that has ended."""
        self.turns += 1
        self.turns_unheard += record.unheard
        self.turns_partly_heard += record.partly_heard
        self.turns_short += record.of_other_length
        self._turns.add(record)
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
    def frames_late(self) -> int:
        """Frames shown more than T after they were due."""
        return self.frames_produced - self.frames_on_time

    @property
    def headroom_percent(self) -> float | None:
        """Percent of T that 95 of 100 of the frames of the last 10 s left, at least; None without a T."""
        took = sorted(self._took_ms)
        if not took or not self.interval_ms:
            return None
        return 100.0 * (1.0 - took[ceil(0.95 * len(took)) - 1] / self.interval_ms)

    @property
    def frame_overrun_ms(self) -> dict[str, float] | None:
        """How long past their deadlines frames were presented; negative: before. None before the first. It is
        how late they were less T: nothing is counted for it."""
        late_ms, due_ms = self.histogram("frame_delay_ms"), self.interval_ms
        if not late_ms.count:
            return None
        stats = {"p50": late_ms.quantile(0.5), "p99": late_ms.quantile(0.99), "max": late_ms.max}
        return {stat: round(ms - due_ms, 3) for stat, ms in stats.items()}

    @property
    def over_budget(self) -> int:
        """Frames that took longer than T, whatever the cause."""
        return sum(self.frames_over_budget.values())

    @property
    def over_budget_per_1000(self) -> float:
        """The same of 1000 frames shown."""
        return 1000 * self.over_budget / self.frames_produced if self.frames_produced else 0.0

    def histogram(self, name: str) -> Histogram:
        """The distribution of a metric that is made of records: `frame_cpu_ms`. Raises KeyError."""
        found = self._tally(name)
        if not isinstance(found, Histogram):
            raise KeyError(f"{quoted(name)} is no histogram; docs/metrics.md lists those that are")
        return found

    def count(self, name: str) -> int:
        """The sum of a counter that is made of records: `l1_miss_total`. Raises KeyError."""
        value = getattr(self._tally(name), "value", None)
        if not isinstance(value, int):
            raise KeyError(f"{quoted(name)} is no counter; docs/metrics.md lists those that are")
        return value

    def value_of(self, metric: Metric) -> Value:
        """What is held of a metric, whatever it is made of."""
        if metric.of:
            value: Value = attrgetter(metric.of)(self)
            return value
        found = self._tally(metric.name)
        return found if isinstance(found, Histogram) else found.value

    def counts_by_label(self, metric: Metric) -> Mapping[str, int]:
        """The counts of a metric that has a label, by its values."""
        counts: Mapping[str, int] = getattr(self, metric.by)
        return counts

    def _tally(self, name: str) -> Tally:
        try:
            return (self._frames.by_name | self._turns.by_name)[name]
        except KeyError:
            raise KeyError(
                f"no metric {quoted(name)} is made of records; docs/metrics.md lists them"
            ) from None

    def _append(self, record: Record) -> None:
        for queue in self._queues:
            queue.append(record)

    def _since_origin_ms(self, at_ns: int) -> float:
        return (at_ns - self.origin_ns) / 1e6
