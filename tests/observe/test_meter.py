"""The meter reports what was injected, to the nanosecond, and blames whoever did it."""

from __future__ import annotations

import gc
import tracemalloc
from dataclasses import replace

import pytest

from mien.observe import CAUSES, Collector, FrameRecord, TurnRecord, totals_of
from mien.switching import quick_switches
from observe.rig import MS, SAMPLES, STAGES, T_NS, Pauses, Rig, T

QUIET = {"built": 2.0, "drawn": 3.0, "read": 1.0}


def over(rig: Rig) -> dict[str, int]:
    return {cause: count for cause, count in rig.ledger.frames_over_budget.items() if count}


def test_injected_jank_of_known_size_and_pattern_is_reported_exactly() -> None:
    rig = Rig()
    for index in range(200):
        rig.frame(index, **(QUIET | {"drawn": 60.0} if index % 20 == 7 else QUIET))
    totals = totals_of(rig.ledger)
    assert over(rig) == {"gpu_wait": 10}
    assert totals["frames_over_budget_per_1000"] == 50.0
    assert totals["work_ms"] == {"p50": pytest.approx(6.0, rel=0.02), "p99": 63.0, "max": 63.0}
    # A frame of 63 ms is late, and ends 23 ms after the next one is due: that one, done at 29 ms, is not.
    assert (rig.ledger.frames_on_time, totals["frames_late_total"]) == (190, 10)
    assert rig.ledger.histogram("frame_delay_ms").max == pytest.approx(63.0)


@pytest.mark.parametrize(
    ("stage", "cause"),
    [("built", "build"), ("drawn", "gpu_wait"), ("read", "readback"), ("swapped", "swap"), ("taken", "host")],
)
def test_a_stall_is_blamed_on_its_stage(stage: str, cause: str) -> None:
    rig = Rig()
    for index in range(10):
        rig.frame(index, **dict.fromkeys(STAGES, 1.0) | ({stage: 70.0} if index == 5 else {}))
    assert over(rig) == {cause: 1}
    worst = rig.ledger.worst
    assert worst is not None
    assert (worst.frame, worst.work_ms, worst.cause) == (5, pytest.approx(74.0), cause)


def test_an_upload_is_taken_out_of_the_build_that_it_is_in() -> None:
    rig = Rig()
    rig.counters.page_uploads += 2
    rig.supply.upload_ms = 45.0
    record = rig.frame(0, built=50.0, drawn=1.0)
    assert (record.upload_ms, record.build_ms, record.cause) == (45.0, pytest.approx(5.0), "upload")
    assert (over(rig), rig.ledger.count("upload_events_total")) == ({"upload": 1}, 2)


def test_a_collection_is_taken_out_of_the_stage_that_it_struck() -> None:
    rig = Rig()
    collector = Pauses()
    rig.ledger.collector = collector  # type: ignore[assignment]
    rig.frame(0, **QUIET)
    rig.due(1)
    rig.meter.begin()
    rig.spend(2.0)
    collector.intervals.append(rig.spend(50.0))
    rig.meter.built()
    rig.spend(3.0)
    rig.meter.drawn()
    record = rig.end(1)
    assert (record.gc_ms, record.build_ms, record.draw_ms) == (50.0, 2.0, 3.0)
    assert (record.work_ms, over(rig)) == (55.0, {"gc": 1})


def test_a_held_gil_is_blamed_where_neither_the_frame_nor_the_heartbeat_ran() -> None:
    rig = Rig()
    heartbeat = Pauses()
    rig.ledger.heartbeat = heartbeat  # type: ignore[assignment]
    rig.due(0)
    rig.meter.begin()
    rig.spend(1.0)
    heartbeat.intervals.append(rig.spend(300.0, running=False))
    rig.meter.built()
    rig.spend(2.0)
    rig.meter.drawn()
    record = rig.end(0)
    assert (record.gil_ms, record.build_ms, record.draw_ms) == (300.0, 1.0, 2.0)
    assert (record.thread_gap_ms, over(rig)) == (300.0, {"gil": 1})


def test_a_heartbeat_kept_waiting_by_the_frame_itself_is_nobody_elses_fault() -> None:
    rig = Rig()
    heartbeat = Pauses()
    rig.ledger.heartbeat = heartbeat  # type: ignore[assignment]
    rig.due(0)
    rig.meter.begin()
    heartbeat.intervals.append(rig.spend(80.0, running=True))
    rig.meter.built()
    record = rig.end(0)
    assert (record.gil_ms, record.build_ms, record.thread_gap_ms) == (0.0, 80.0, 80.0)
    assert over(rig) == {"build": 1}


def test_a_wait_in_which_the_heartbeat_ran_is_the_stages_own() -> None:
    rig = Rig()
    rig.ledger.heartbeat = Pauses()  # type: ignore[assignment]
    rig.due(0)
    rig.meter.begin()
    rig.spend(90.0, running=False)
    rig.meter.swapped()
    assert (rig.end(0).swap_ms, over(rig)) == (90.0, {"swap": 1})


def test_a_thread_without_a_core_waits_for_nobodys_lock() -> None:
    rig = Rig()
    heartbeat = Pauses()
    rig.ledger.heartbeat = heartbeat  # type: ignore[assignment]
    rig.times = 0
    rig.crowd(0.5)
    rig.frame(0, **QUIET)
    rig.due(1)
    # It slept, woke, and had no core: nor had the heartbeat, which knows that and says nothing.
    rig.times += 1
    rig.spend(30.0, running=False)
    rig.waited_ns += 30 * MS
    rig.meter.begin()
    # A call waits for the GPU, with the lock in its hands: nobody else gets it, by nobody else's fault.
    heartbeat.intervals.append(rig.spend(50.0, running=False))
    rig.meter.drawn()
    record = rig.end(1)
    assert (record.gil_ms, record.draw_ms) == (0.0, 50.0)
    assert (record.cores_ms, record.host_ms, record.cpu_wait_ms) == (15.0, 15.0, 30.0)


@pytest.mark.parametrize("queued_ms", [0.0, 4.0, 107.0, 193.0])
def test_a_hold_is_told_whole_however_long_who_waits_for_it_stood_in_the_queue_for_a_core(
    queued_ms: float,
) -> None:
    rig = Rig()
    heartbeat = Pauses()
    rig.ledger.heartbeat = heartbeat  # type: ignore[assignment]
    rig.times = 0
    rig.crowd(1.0)
    rig.due(0)
    rig.meter.begin()
    heartbeat.intervals.append(rig.spend(300.0, running=False))
    # It looks every 0.5 ms, is woken 0.1 ms late, and needs a core for each look.
    rig.times += round((300.0 - queued_ms) / 0.6)
    rig.waited_ns += round(queued_ms * MS)
    with quick_switches():
        rig.meter.built()
    record = rig.end(0)
    assert record.gil_ms == pytest.approx(300.0, abs=0.5)
    assert record.cores_ms == pytest.approx(0.0, abs=0.5)
    assert over(rig) == {"gil": 1}


def test_a_lock_that_is_taken_in_turns_takes_what_the_frame_looked_for_it() -> None:
    rig = Rig()
    heartbeat = Pauses()
    rig.ledger.heartbeat = heartbeat  # type: ignore[assignment]
    rig.times = 0
    rig.due(0)
    rig.meter.begin()
    start_ns = rig.clock.now_ns()
    for _ in range(30):
        rig.spend(0.5)
        rig.spend(0.6, running=False)
        rig.times += 1
    heartbeat.intervals.append((start_ns, rig.clock.now_ns()))
    with quick_switches():
        rig.meter.built()
        rig.spend(25.0, running=False)  # for the GPU: it gave up its core once
        rig.times += 1
        heartbeat.intervals.append((rig.clock.now_ns() - 25 * MS, rig.clock.now_ns()))
        rig.meter.drawn()
    record = rig.end(0)
    assert record.gil_ms == pytest.approx(18.0 + 0.6)
    assert (record.build_ms, record.draw_ms) == (pytest.approx(15.0), pytest.approx(24.4))


def test_a_collection_on_another_thread_is_the_collectors_and_not_the_gils() -> None:
    rig = Rig()
    collector, heartbeat = Pauses(), Pauses()
    rig.ledger.collector, rig.ledger.heartbeat = collector, heartbeat  # type: ignore[assignment]
    rig.due(0)
    rig.meter.begin()
    collection = rig.spend(60.0, running=False)
    collector.intervals.append(collection)
    heartbeat.intervals.append((collection[0], rig.spend(20.0, running=False)[1]))
    rig.meter.built()
    record = rig.end(0)
    assert (record.gc_ms, record.gil_ms, record.build_ms) == (60.0, 20.0, 0.0)


def test_what_the_host_keeps_between_frames_is_the_hosts_from_when_the_next_is_due() -> None:
    rig = Rig()
    rig.frame(0, **QUIET)
    rig.spend(100.0)  # from 6 ms on; frame 1 is due at 40 ms
    record = rig.frame(1, **QUIET)
    assert record.host_ms == pytest.approx(106.0 - T)
    assert over(rig) == {"host": 1}


def test_what_a_frame_itself_took_too_long_is_not_the_hosts() -> None:
    rig = Rig()
    rig.frame(0, drawn=90.0)
    rig.spend(5.0)
    record = rig.frame(1, **QUIET)
    assert record.host_ms == pytest.approx(5.0)
    assert over(rig) == {"gpu_wait": 1}


def test_without_a_schedule_the_host_may_take_its_time() -> None:
    rig = Rig(realtime=False)
    rig.frame(0, **QUIET)
    rig.spend(500.0)
    record = rig.frame(1, **QUIET)
    assert (record.host_ms, record.animation_error_ms, over(rig)) == (0.0, None, {})


def test_a_gil_held_while_the_host_had_the_frame_loop_asleep_is_the_gils() -> None:
    rig = Rig()
    heartbeat = Pauses()
    rig.ledger.heartbeat = heartbeat  # type: ignore[assignment]
    rig.frame(0, **QUIET)
    rig.due(1)
    heartbeat.intervals.append(rig.spend(300.0, running=False))
    record = rig.frame(1, **QUIET)
    assert (record.gil_ms, record.host_ms) == (300.0, 0.0)
    assert over(rig) == {"gil": 1}


def test_with_a_budget_of_zero_every_frame_is_flagged() -> None:
    rig = Rig()
    rig.ledger.interval_ms = 0.0
    for index in range(50):
        rig.frame(index, **QUIET)
    assert sum(over(rig).values()) == 50


def test_every_part_is_counted_once() -> None:
    rig = Rig()
    collector, heartbeat = Pauses(), Pauses()
    rig.ledger.collector, rig.ledger.heartbeat = collector, heartbeat  # type: ignore[assignment]
    rig.frame(0, **QUIET)
    rig.due(1)
    begun_ns = rig.clock.now_ns()
    rig.spend(4.0)
    rig.meter.begin()
    for stage in STAGES:
        rig.spend(1.5)
        collector.intervals.append(rig.spend(2.0))
        heartbeat.intervals.append(rig.spend(3.0, running=False))
        getattr(rig.meter, stage)()
    took_ms = (rig.clock.now_ns() - begun_ns) / 1e6
    record = rig.end(1)
    assert record.work_ms == pytest.approx(took_ms)
    assert (record.gc_ms, record.gil_ms, record.host_ms) == (10.0, 15.0, 4.0 + 1.5)
    assert len(CAUSES) == 11


def test_a_host_that_keeps_every_frame_is_not_what_made_one_late() -> None:
    rig = Rig()
    for index in range(20):
        # 20 ms of the host and 10 of drawing are in time; of one frame drawing takes 15 ms more.
        rig.frame(index, drawn=25.0 if index == 15 else 10.0, taken=20.0)
    assert over(rig) == {"gpu_wait": 1}
    rig.frame(20, drawn=10.0, taken=35.0)
    assert over(rig) == {"gpu_wait": 1, "host": 1}


def test_others_that_had_the_cores_are_named_only_as_far_as_they_had_them() -> None:
    for share, cause in ((0.9, "cores"), (0.06, "gpu_wait")):
        rig = Rig()
        for index in range(10):
            rig.frame(index, drawn=10.0)
        rig.crowd(share)
        rig.due(10)
        rig.meter.begin()
        rig.spend(10.0)
        rig.spend(40.0, running=False)
        rig.waited_ns += 40 * MS  # behind the renderer's own threads, and those of others
        rig.meter.drawn()
        record = rig.end(10)
        assert record.cores_ms == pytest.approx(40.0 * share)
        assert over(rig) == {cause: 1}


def test_a_renderer_whose_threads_have_no_core_waits_for_others() -> None:
    rig = Rig()
    rig.meter._process_ns = lambda: rig.cpu_ns + rig.drawing_ns
    for index in range(10):
        rig.frame(index, drawn=10.0)
    rig.crowd(0.8)
    rig.due(10)
    rig.meter.begin()
    rig.spend(60.0, running=False)  # in a call that waits for the renderer's threads
    rig.drawing_ns += 10 * MS  # which ran for so long, and had no core for the rest
    rig.meter.drawn()
    record = rig.end(10)
    assert (record.cores_ms, record.draw_ms) == (pytest.approx(40.0), pytest.approx(20.0))
    assert over(rig) == {"cores": 1}


def test_a_lock_whose_holder_has_no_core_is_not_to_blame() -> None:
    rig = Rig()
    heartbeat = Pauses()
    rig.ledger.heartbeat = heartbeat  # type: ignore[assignment]
    rig.crowd(0.8)
    rig.due(0)
    rig.meter.begin()
    start_ns, end_ns = rig.spend(50.0, running=False)
    heartbeat.intervals.append((start_ns, end_ns))
    heartbeat.starving.append((start_ns, start_ns + 40 * MS))
    rig.meter.built()
    record = rig.end(0)
    assert (record.gil_ms, record.cores_ms, record.build_ms) == (10.0, 32.0, 8.0)
    assert over(rig) == {"cores": 1}


def test_a_frame_that_was_begun_late_has_the_cause_of_the_one_before() -> None:
    rig = Rig()
    rig.frame(0, **QUIET)
    assert rig.frame(1, drawn=75.0).cause == "gpu_wait"
    late = rig.frame(2, drawn=10.0)
    assert (late.frame_delay_ms, late.work_ms, late.cause) == (45.0, 10.0, "gpu_wait")
    assert rig.frame(3, drawn=10.0).cause == ""
    assert over(rig) == {"gpu_wait": 1}


def test_the_machines_speed_is_looked_at_once_a_second_and_never_before_a_frame_that_is_due() -> None:
    rig = Rig()
    looked = [rig.frame(index, drawn=38.0).loop_us for index in range(60)]
    assert looked == [None] * 60
    rig.loop_us = 240.0
    looked = [rig.frame(index, drawn=5.0).loop_us for index in range(60, 120)]
    assert [index for index, found in enumerate(looked) if found] == [1, 26, 51]
    assert totals_of(rig.ledger)["loop_us"] == 240.0


def test_animation_error_is_the_difference_between_the_steps_of_picture_and_screen() -> None:
    rig = Rig()
    assert rig.frame(0, **QUIET).animation_error_ms is None
    assert rig.frame(1, **QUIET).animation_error_ms == pytest.approx(0.0)
    assert rig.frame(2, drawn=26.0).animation_error_ms == pytest.approx(20.0)
    assert rig.frame(3, **QUIET).animation_error_ms == pytest.approx(20.0)


def test_frames_in_which_nothing_changed_are_counted() -> None:
    rig = Rig()
    for index in range(9):
        rig.counters.unchanged += index % 3 == 0
        rig.frame(index, **QUIET)
    assert (rig.ledger.count("frames_no_update_total"), rig.ledger.frames_produced) == (3, 9)


def test_a_picture_handed_out_later_than_it_was_drawn_keeps_its_own_times() -> None:
    rig = Rig()
    rig.due(3)
    rig.meter.begin()
    rig.spend(4.0)
    rig.meter.read(blocked=False)
    rig.gpu_ms = 1.5
    record = rig.end(3, age_frames=2, scheduled_ns=rig.start_ns + T_NS)
    assert (record.readback_ms, record.readback_wait_ms, record.readback_age_frames) == (4.0, 0.0, 2)
    assert (record.scheduled_ms, record.frame_delay_ms) == (T, pytest.approx(2 * T + 4.0))
    assert (rig.ledger.frames_on_time, totals_of(rig.ledger)["readback_age_frames"]) == (0, 2)
    assert rig.ledger.histogram("frame_gpu_ms").max == 1.5


def test_a_read_that_blocks_is_a_wait() -> None:
    rig = Rig()
    assert rig.frame(0, read=7.0).readback_wait_ms == 7.0


def test_counters_are_differences_since_the_last_frame() -> None:
    rig = Rig()
    rig.heard(added_gap_samples=480, chunks_late=2, concealment_events=1)
    rig.player.misses, rig.player.miss_ended = 1, [SAMPLES, 3 * SAMPLES]
    record = rig.frame(0, **QUIET)
    assert (record.added_gap_samples, record.chunks_late, record.concealment_events) == (480, 2, 1)
    assert (record.l1_misses, record.l1_miss_ms) == (1, pytest.approx(3 * T))
    rig.player.misses, rig.player.miss_ended = 0, []
    record = rig.frame(1, **QUIET)
    assert (record.added_gap_samples, record.chunks_late, record.l1_misses) == (0, 0, 0)
    assert totals_of(rig.ledger)["inter_turn_gap_ms"] == 10.0


def test_turns_that_have_ended_and_the_jitter_buffer_are_written_down() -> None:
    rig = Rig()
    rig.ended.append(TurnRecord("greeting", "wren", 4800, 4800, 4800, 4800, 12.0, 1.5))
    rig.audio = replace(rig.audio, jitter_held=9600, jitter_target=3840)
    rig.meter.begin()
    rig.meter.end(0, 0)
    assert rig.ledger.pending is not None
    assert [record.kind for record in rig.ledger.pending] == ["frame", "turn"]
    frame = rig.ledger.pending[0]
    assert isinstance(frame, FrameRecord)
    assert (frame.jitter_actual_ms, frame.jitter_target_ms) == (200.0, 80.0)
    rig.audio = replace(rig.audio, jitter_held=None)
    assert rig.frame(1, **QUIET).jitter_actual_ms is None
    assert (rig.ledger.turns, totals_of(rig.ledger)["jitter_target_ms"]) == (1, 80.0)


def test_the_collector_is_told_how_long_it_is_until_the_next_frame() -> None:
    rig = Rig()
    collector = Pauses()
    rig.ledger.collector = collector  # type: ignore[assignment]
    rig.frame(0, **QUIET)
    rig.frame(1, drawn=55.0)
    assert collector.slack == [34_000_000, -15_000_000]
    offline = Rig(realtime=False)
    offline.ledger.collector = collector  # type: ignore[assignment]
    offline.frame(0, **QUIET)
    assert collector.slack[2:] == [None]


def test_stages_become_spans_with_uploads_apart() -> None:
    rig = Rig()
    rig.ledger.spans.on = True
    rig.supply.upload_ms = 1.5
    rig.frame(0, built=2.0, drawn=3.0, read=1.0)
    lengths = {span.name: (span.end_ns - span.start_ns) / 1e6 for span in rig.ledger.spans.take()}
    assert lengths == {"upload": 1.5, "rows": 0.5, "draw": 3.0, "readback": 1.0}


def test_meter_and_ledger_do_not_grow() -> None:
    rig = Rig()
    rig.ledger.unsubscribe(rig.ledger.pending)  # type: ignore[arg-type]
    with Collector(rig.ledger.add_collection) as collector:
        rig.ledger.collector = collector

        def frames(first: int, count: int) -> None:
            for index in range(first, first + count):
                rig.due(index)
                rig.meter.begin()
                rig.spend(1.0)
                rig.meter.built()
                rig.meter.end(index, index * SAMPLES)

        frames(0, 200)
        tracemalloc.start()
        try:
            frames(200, 200)
            gc.collect()
            before = tracemalloc.take_snapshot()
            frames(400, 4000)
            gc.collect()
            after = tracemalloc.take_snapshot()
        finally:
            tracemalloc.stop()
        rig.ledger.collector = None
    ours = (tracemalloc.Filter(True, "*/mien/observe/*"), tracemalloc.Filter(True, "*/mien/stage/meter.py"))
    grown = after.filter_traces(ours).compare_to(before.filter_traces(ours), "lineno")
    # The last record, a few numbers that became larger objects: not one record in a hundred was kept.
    assert sum(line.size_diff for line in grown) < 4000


def test_what_a_frame_waited_for_its_refresh_is_no_work_and_what_it_waited_longer_is() -> None:
    rig = Rig()
    for until_ms, swap_ms in ((30.0, 0.0), (22.0, 8.0), (2.0, 25.0)):
        rig.due(rig.ledger.frames_expected)
        rig.meter.begin()
        rig.spend(2.0)
        rig.meter.built()
        rig.spend(3.0)
        rig.meter.drawn()
        start_ns, _ = rig.spend(25.0, running=False)
        rig.meter.swapped(start_ns - 5 * MS + round(until_ms * MS))
        record = rig.end(rig.ledger.frames_expected)
        assert (record.swap_ms, record.screen_ms) == (pytest.approx(swap_ms), pytest.approx(25.0 - swap_ms))
        assert record.work_ms == pytest.approx(5.0 + swap_ms)
