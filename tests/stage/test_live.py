"""A headless stage in real time: what is due is shown or counted, and nothing that hangs is waited for."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mien.clock import VirtualClock
from mien.composite import FrameRows
from mien.composite.gl import Compositor, CompositorOptions
from mien.errors import Closed, RendererUnavailable, ScriptError
from mien.observe import CAUSES, FrameRecord
from mien.observe.stops import Stops
from mien.stage.live import LiveStage
from mien.stage.options import Quality
from mien.types import U8
from stage.test_stage import tone
from stage.timeline import Timeline, decoded, with_a_quick_gpu

SIZE = (96, 72)
ONE = {"otto": "otto"}
MS = 1_000_000


def live(fps: int = 50, clock: VirtualClock | None = None, quality: Quality = "auto") -> LiveStage:
    return LiveStage(ONE, size=SIZE, fps=fps, playout="null", clock=clock, quality=quality)


def test_a_turn_is_played_to_its_end_in_time() -> None:
    clock = Timeline()
    with live(clock=clock) as stage:
        with_a_quick_gpu(stage)
        clock.lead(stage)
        key = stage.say("otto", tone(0.5))
        decoded(stage, key)
        kinds: list[tuple[str, str]] = []
        for picture in stage.frames(tail_s=0.3):
            assert (picture.shape, picture.dtype) == ((72, 96, 4), np.uint8)
            kinds += [(event.kind, event.turn) for event in stage.events()]
        assert kinds == [("started", key), ("finished", key)]
        assert stage.idle
        ledger = stage.ledger
        assert (ledger.frames_dropped, ledger.frames_late) == (0, 0)
        assert ledger.frames_expected >= 40
        assert ledger.count("audio_underruns_total") == 0


def test_a_turn_is_played_to_its_end_by_the_machines_clock() -> None:
    with live() as stage:
        key = stage.say("otto", tone(0.2))
        kinds = [(event.kind, event.turn) for _ in stage.frames(tail_s=0.1) for event in stage.events()]
        assert kinds == [("started", key), ("finished", key)]
        ledger = stage.ledger
        assert ledger.frames_produced + ledger.frames_dropped == ledger.frames_expected > 0


def test_each_frame_is_handed_over_an_interval_after_it_was_begun() -> None:
    clock = Timeline()
    with live(clock=clock) as stage:
        clock.lead(stage)
        drawn = []
        draw = stage._compositor.draw

        def noted(frame: FrameRows) -> bool:
            changed = draw(frame)
            drawn.append(stage._compositor.read().copy())
            return changed

        stage._compositor.draw = noted  # type: ignore[method-assign]
        decoded(stage, stage.say("otto", tone(1.0)))
        for count, picture in enumerate(stage.frames(seconds=0.4)):
            assert len(drawn) == count + 2
            assert stage._show.script.sealed <= stage._audio.known
            # Reading gave the pictures up: the newest is in memory.
            assert (picture == drawn[-1]).all()
        assert count == 19


def test_a_run_begins_when_the_sound_of_its_first_turn_has_begun_to_be_decoded() -> None:
    """Nothing is missed by it, and the first picture is of after it."""
    clock = Timeline()
    with live(clock=clock) as stage:
        with_a_quick_gpu(stage)
        clock.lead(stage)
        decoded(stage, stage.say("otto", tone(1.0)))
        stage._audio.let_begin = lambda: clock.advance_ns(200 * MS)  # type: ignore[method-assign]
        frames = stage.frames(seconds=0.4)
        next(frames)
        assert stage._begun_as[0] >= 200 * 48 and stage._pacer.start_ns >= 200 * MS
        for _ in frames:
            pass
        assert stage.ledger.frames_dropped == stage.ledger.frames_late == 0


def test_a_frame_is_presented_when_its_host_has_it() -> None:
    """Not before the next one is begun, which is done in the same call and takes milliseconds of Python."""
    clock = VirtualClock()
    with live(clock=clock) as stage:
        with_a_quick_gpu(stage)
        tick, taken = stage._show.tick, []

        def slow(at: int) -> FrameRows:
            clock.sleep_until_ns(clock.now_ns() + 7 * MS)
            return tick(at)

        stage._show.tick = slow  # type: ignore[method-assign]
        records = stage.ledger.subscribe()
        for _ in stage.frames(seconds=0.2):
            taken.append((clock.now_ns() - stage.ledger.origin_ns) / 1e6)
        stage.rest()
        presented = [record.presented_ms for record in records if isinstance(record, FrameRecord)]
        assert presented == taken
        assert presented[3] == 3 * 20 + 7


def test_where_the_sinks_thread_waits_for_a_core_the_frames_go_on_with_the_sound() -> None:
    clock = Timeline()
    with live(clock=clock) as stage:
        with_a_quick_gpu(stage)
        clock.lead(stage)
        clock._playout = None  # its thread, as it were, which pulls no more
        decoded(stage, stage.say("otto", tone(2.0)))
        sealed = []
        for _ in stage.frames(seconds=1.0):
            sealed.append(stage._show.script.sealed)
        steps = np.diff(sealed)
        assert len(steps) == 49 and (abs(steps[20:] - 48_000 // 50) <= 3).all()


@pytest.mark.parametrize(
    ("host_ms", "shown"),
    [(0, [0, 1, 2, 3, 4]), (19, [0, 1, 2, 3, 4]), (45, [0, 2, 4, 6, 9]), (100, [0, 5, 10, 15, 20])],
)
def test_a_slow_host_loses_whole_frames_and_the_schedule_stays(host_ms: int, shown: list[int]) -> None:
    clock = VirtualClock()
    with live(clock=clock) as stage:
        with_a_quick_gpu(stage)
        begun = []
        record = stage._meter.end

        def note(index: int, *rest: object, **named: object) -> None:
            begun.append(index)
            record(index, *rest, **named)  # type: ignore[arg-type]

        stage._meter.end = note  # type: ignore[assignment, method-assign]
        for count, _ in enumerate(stage.frames(), start=1):
            clock.advance_ns(host_ms * MS)
            if count == 5:
                break
        assert begun == shown
        # Those that were over when the host stopped were left out after the last one.
        over = max(shown[-1] + 1, (20 * shown[-1] + host_ms) // 20)
        assert stage.ledger.frames_dropped == over - 5


def test_a_gpu_that_is_behind_makes_one_frame_late_and_leaves_the_rest_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = VirtualClock()
    with live(clock=clock) as stage:
        with_a_quick_gpu(stage)
        handed: list[int] = []
        stalled = 100

        def busy(_: object) -> bool:
            nonlocal stalled
            stalled -= len(handed) == 3
            return len(handed) == 3 and stalled > 0

        monkeypatch.setattr(type(stage._compositor), "busy", property(busy))
        for _ in stage.frames():
            handed.append(stage.ledger.frames_expected)
            if len(handed) == 6:
                break
        # Frames 0 to 2 keep time; 3 takes 100 looks of a millisecond: 4 to 6 are over, 7 is due.
        ledger = stage.ledger
        assert (ledger.frames_dropped, ledger.frames_produced) == (3, 6)
        assert ledger.frames_over_budget["gpu_wait"] == 1


def test_a_gpu_that_hangs_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with live(clock=VirtualClock()) as stage:
        monkeypatch.setattr(type(stage._compositor), "busy", property(lambda _: True))
        with pytest.raises(RendererUnavailable, match="has not finished a frame in 10 s"):
            next(stage.frames())


@pytest.mark.parametrize("quality", ["auto", "fixed"])
def test_after_a_rest_no_frame_is_shown_that_was_begun_before_it(
    monkeypatch: pytest.MonkeyPatch, quality: Quality
) -> None:
    """On a GPU, which may still be bringing the new frame to memory when the old one has long been there."""
    init = Compositor.__init__

    def buffered(self: Compositor, *arguments: Any, options: CompositorOptions, **keywords: Any) -> None:
        init(self, *arguments, options=replace(options, pixel_buffers=True), **keywords)

    monkeypatch.setattr(Compositor, "__init__", buffered)
    clock = Timeline()
    with live(clock=clock, quality=quality) as stage:
        clock.lead(stage)
        compositor, functions = stage._compositor, stage._compositor._gl.functions
        draw, fence, reached = compositor.draw, functions.fence, functions.reached
        drawn: list[U8] = []
        newest, looks = 0, 0

        def drawing(frame: FrameRows) -> bool:
            changed = draw(frame)
            drawn.append(np.empty((72, 96, 4), np.uint8))
            compositor.read_into(drawn[-1])
            return changed

        def fenced() -> int:
            nonlocal newest, looks
            newest, looks = fence(), 0
            return newest

        def done(which: int) -> bool:
            """The last that was asked for is there at the third look."""
            nonlocal looks
            looks += which == newest
            return reached(which) if which != newest else looks > 2

        monkeypatch.setattr(compositor, "draw", drawing)
        for name, to in (("fence", fenced), ("reached", done)):
            monkeypatch.setattr(functions, name, to)
        for _ in range(3):
            for _ in range(3):
                assert np.array_equal(stage.frame(), drawn[-2])
            stage.rest()
            stage.set_expression("otto", "happy")
            clock.sleep_until_ns(clock.now_ns() + 700 * MS)
        assert len({picture.tobytes() for picture in drawn}) > 3


@pytest.mark.parametrize(
    ("where", "quality", "over"), [("gpu", "auto", 0), ("gpu", "fixed", 1), ("host", "auto", 1)]
)
def test_a_stop_of_the_process_is_nobody_s_lateness_and_the_next_frame_is_in_time(
    monkeypatch: pytest.MonkeyPatch, where: str, quality: Quality, over: int
) -> None:
    """Under way in the time between two frames, where `auto` waits for the GPU, or in a frame."""
    clock = Timeline()
    with live(clock=clock, quality=quality) as stage:
        clock.lead(stage)
        with_a_quick_gpu(stage)
        stops = Stops(clock.now_ns, lambda: 0, lambda: 0)
        stage._stops = stage._pacer._stops = stage._meter._stops = stops
        queue = stage.ledger.subscribe()
        handed = 0
        stopped = False

        def busy(_: object) -> bool:
            nonlocal stopped
            if where == "gpu" and handed == 5 and not stopped:
                stopped = True
                clock.advance_ns(20_000 * MS)  # longer than a GPU may take
                return True
            return False

        monkeypatch.setattr(type(stage._compositor), "busy", property(busy))
        for handed, _ in enumerate(stage.frames(seconds=0.4), start=1):
            stops.look()  # as a playout's thread does
            if where == "host" and handed == 5:
                clock.advance_ns(20_000 * MS)
        frames = [record for record in queue if isinstance(record, FrameRecord)]
        ledger = stage.ledger
        assert (ledger.frames_expected, ledger.frames_dropped, ledger.frames_late) == (20, 0, 0)
        assert ledger.frames_over_budget == {**dict.fromkeys(CAUSES, 0), "stopped": over}
        assert ledger.count("frames_scaled_total") == 0
        # Nothing jumps, and the mouth is where the sound is.
        steps = np.diff([frame.at_sample for frame in frames])
        assert steps.max() <= 3 * 960 and frames[-1].at_sample < 48_000
        assert max(abs(frame.av_skew_ms or 0.0) for frame in frames) <= 60


def test_a_host_can_say_all_that_it_can_offline() -> None:
    clock = Timeline()
    with live(clock=clock) as stage:
        clock.lead(stage)
        stage.set_expression("otto", "happy")
        stage.look_at("otto", "viewer")
        stage.nod("otto")
        stage.say("otto", tone(5.0))
        for count, _ in enumerate(stage.frames(tail_s=0.1)):
            if count == 5:
                stage.interrupt()
        assert [event.kind for event in stage.events()][-1] in ("finished", "dropped")
        with pytest.raises(ScriptError, match="not in the cast"):
            stage.nod("wren")


def test_closing_twice_leaves_no_thread() -> None:
    before = threading.active_count()
    stage = live()
    next(stage.frames())
    stage.close()
    stage.close()
    assert threading.active_count() == before
    with pytest.raises(Closed):
        next(stage.frames())


@pytest.mark.parametrize(("size", "fps"), [((0, 10), 30), ((10, 10), 0)])
def test_a_stage_that_cannot_be_is_refused(size: tuple[int, int], fps: int) -> None:
    with pytest.raises(ScriptError, match=r"no frame rate|cannot be"):
        LiveStage(ONE, size=size, fps=fps)


def test_threads_switch_quickly_while_frames_are_shown_and_as_before_afterwards() -> None:
    before = sys.getswitchinterval()
    with live() as stage:
        frames = stage.frames()
        next(frames)
        assert sys.getswitchinterval() == pytest.approx(0.0005)
        frames.close()  # type: ignore[attr-defined]
        assert sys.getswitchinterval() == before


def test_two_stages_that_overlap_leave_the_switch_interval_as_it_was() -> None:
    before = sys.getswitchinterval()
    with live() as one, live() as other:
        first, second = one.frames(), other.frames()
        next(first)
        next(second)
        assert sys.getswitchinterval() == pytest.approx(0.0005)
        first.close()  # type: ignore[attr-defined]
        assert sys.getswitchinterval() == pytest.approx(0.0005), "the other still wants it"
        second.close()  # type: ignore[attr-defined]
        assert sys.getswitchinterval() == before


def test_a_switch_interval_that_the_host_sets_meanwhile_is_the_hosts() -> None:
    before = sys.getswitchinterval()
    try:
        with live() as stage:
            frames = stage.frames()
            next(frames)
            sys.setswitchinterval(0.02)
            frames.close()  # type: ignore[attr-defined]
            assert sys.getswitchinterval() == pytest.approx(0.02)
    finally:
        sys.setswitchinterval(before)
