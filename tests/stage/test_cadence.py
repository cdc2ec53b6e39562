"""Frames on the refresh of a screen that is simulated: even, at the right time, and through its faults."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mien.clock import FrameRate, VirtualClock
from mien.observe.stops import Stops
from mien.stage.cadence import ratio_of
from stage.screen import MS, RATES, Screen, Showing

FRAMES = 500


def showing(hz: Fraction | float, fps: int | Fraction = 30, **how: float) -> Showing:
    """A loop whose screen was found, and which begins now."""
    screen = Screen(VirtualClock(1_000_000_000), hz, **how)  # type: ignore[arg-type]
    loop = Showing(screen, fps=fps)
    assert loop.presenter.find(), loop.presenter.paced_by
    loop.start()
    return loop


def p99(values: list[float]) -> float:
    return sorted(values)[int(0.99 * len(values))]


def is_even(stays: list[int]) -> bool:
    """Each differs from its neighbour by one at most."""
    return all(abs(a - b) <= 1 for a, b in pairwise(stays)) and len(set(stays)) <= 2


@pytest.mark.parametrize("fps", [24, 25, 30, 60])
@pytest.mark.parametrize("hz", RATES)
def test_each_frame_stays_as_its_neighbour_or_one_refresh_more_and_motion_is_in_time(
    hz: str, fps: int
) -> None:
    loop = showing(RATES[hz], fps, jitter_ms=0.4)
    frames = loop.run(FRAMES)
    assert is_even(loop.stays(FRAMES))
    assert p99(loop.errors_ms(FRAMES)) <= 1.0
    assert max(abs(frame.skew_ms) for frame in frames) <= 1.0
    assert (
        sum(frame.due.skipped for frame in frames)
        == sum(frame.shown.screen.late or 0 for frame in frames)
        == 0
    )
    measured = loop.presenter.refresh.hz
    assert measured is not None and abs(measured / float(RATES[hz]) - 1) < 1e-4


@pytest.mark.parametrize(
    ("hz", "fps", "pattern"),
    [
        (75, 30, [2, 3]), (144, 60, [2, 2, 3, 2, 3]), (60, 24, [2, 3]), (60, 30, [2]), (120, 60, [2]),
        (50, 60, [1]),        (Fraction(60000, 1001), 30, [2]), (50, 30, [1, 2, 2]), (75, 60, [1, 1, 1, 2]),
    ],
)  # fmt: skip
def test_the_pattern_is_that_of_the_ratio(hz: Fraction, fps: int, pattern: list[int]) -> None:
    stays = showing(hz, fps)
    stays.run(300)
    found = stays.stays(200)
    length = len(pattern)
    assert found[length:] == found[:-length]
    assert Counter(found[:length]) == Counter(pattern)


@settings(max_examples=25)
@given(
    hz=st.floats(45, 165),
    fps=st.sampled_from([24, 25, 30, 48, 60, Fraction(30000, 1001)]),
    jitter_ms=st.floats(0, 0.5),
    phase_ns=st.integers(0, 20 * MS),
    seed=st.integers(0, 1000),
)
def test_at_any_rate(hz: float, fps: int | Fraction, jitter_ms: float, phase_ns: int, seed: int) -> None:
    loop = showing(hz, fps, jitter_ms=jitter_ms, phase_ns=phase_ns, seed=seed)
    loop.cost_ms = lambda _nth: min(4.0, 400 / hz)
    frames = loop.run(250)
    assert is_even(loop.stays(250))
    assert p99(loop.errors_ms(250)) <= 1.0
    assert sum(frame.due.skipped for frame in frames) == 0


@settings(max_examples=10)
@given(
    hz=st.floats(48, 150), fps=st.sampled_from([24, 30, 60]), room=st.integers(1, 3), seed=st.integers(0, 99)
)
def test_behind_a_driver_that_has_room_for_frames_only_looks_at_the_screen_are_seen(
    hz: float, fps: int, room: int, seed: int
) -> None:
    """Its swaps say nothing of the screen: it is looked at after some seconds, then after more and more."""
    loop = showing(hz, fps, room=room, jitter_ms=0.3, seed=seed)
    loop.run(900)
    stays, looks = loop.stays(900), loop.presenter.searches
    uneven = sum(abs(a - b) > 1 for a, b in pairwise(stays))
    assert loop.presenter.refresh.known and looks <= 9
    assert uneven <= 3 * looks
    assert sum(error > 1.0 for error in loop.errors_ms(900)) <= 3 * looks


def test_by_the_clock_the_same_screen_is_uneven() -> None:
    """What the grid is for: 30 frames a second on 75 Hz, timed by the clock, are up to 7 ms out of step."""
    loop = Showing(Screen(VirtualClock(1_000_000_000), 75, waits=False))
    assert not loop.presenter.find()
    loop.start()
    loop.run(FRAMES)
    assert p99(loop.errors_ms(FRAMES)) > 5.0


def test_a_frame_that_took_too_long_is_one_refresh_late_and_the_rest_is_where_it_was() -> None:
    loop = showing(60)
    loop.run(100)
    loop.cost_ms = lambda nth: 45.0 if nth == 150 else 4.0
    frames = loop.run(100)
    late = [frame.shown.screen.late for frame in frames]
    assert sum(bool(one) for one in late) <= 3 and late[-40:] == [0] * 40
    assert sum(frame.due.skipped for frame in frames) == 0
    assert max(abs(frame.skew_ms) for frame in frames[-40:]) < 0.1


def test_frames_too_dear_for_the_screen_are_left_out_evenly() -> None:
    loop = showing(60, 60)
    loop.cost_ms = lambda _nth: 20.0
    loop.run(FRAMES)
    assert Counter(loop.stays(FRAMES - 50)).most_common(1)[0] == (2, FRAMES - 51)
    # Each second one is counted as dropped: the schedule hides none.
    assert loop.frames[-1].due.index == pytest.approx(2 * FRAMES, abs=5)


def test_a_refresh_that_the_compositor_misses_moves_nothing_else() -> None:
    loop = showing(60, jitter_ms=0.3, missed=0.02)
    frames = loop.run(FRAMES)
    missed = sum(bool(frame.shown.screen.late) for frame in frames)
    assert 2 < missed < 30
    assert Counter(loop.stays(FRAMES))[2] >= FRAMES - 1 - 2 * missed
    assert sum(frame.due.skipped for frame in frames) == 0 and loop.presenter.refresh.known


def test_what_a_device_says_of_the_sound_is_off_by_some_ms_and_motion_is_even_all_the_same() -> None:
    loop = showing(60)
    chance = Random(2)
    loop.heard_off_ms = lambda: chance.uniform(-4, 4)
    frames = loop.run(FRAMES)
    assert p99(loop.errors_ms(FRAMES)) <= 1.0
    assert max(abs(frame.skew_ms) for frame in frames) < 5.0


def test_a_sound_that_stands_still_is_followed_at_once() -> None:
    loop = showing(60, 60)
    loop.run(60)
    moments = [loop.heard()]
    loop.heard = lambda: moments[0]  # type: ignore[method-assign]
    paused = loop.run(20)
    assert len({frame.at for frame in paused[3:]}) <= 3  # but for where in its interval each is begun
    assert paused[-1].at - moments[0] < 48 * 34


def test_another_screen_is_found_when_nobody_speaks() -> None:
    loop = showing(60, jitter_ms=0.2)
    loop.run(100)
    loop.screen.hz = 144
    loop.quiet = True
    loop.run(200)
    assert loop.presenter.paced_by == "the screen's refresh, measured as 144.00 Hz"
    loop.run(200)
    assert set(loop.stays(200)) == {4, 5}


def test_a_process_that_was_stopped_leaves_no_frame_out_and_hurries_none() -> None:
    clock = VirtualClock(1_000_000_000)
    stops = Stops(clock.now_ns, lambda: 0, lambda: 0)
    loop = Showing(Screen(clock, 60), stops=stops)
    assert loop.presenter.find()
    loop.start()
    loop.run(60)
    clock.advance_ns(20_000 * MS)
    frames = loop.run(60)
    assert [frame.due.index for frame in frames] == list(range(60, 120))
    assert set(loop.stays(50)) == {2}
    assert max(abs(frame.skew_ms) for frame in frames[2:]) < 1.0


@pytest.mark.parametrize("ms", [200, 900])
def test_after_a_stall_the_picture_is_where_it_should_be_and_nothing_is_caught_up_with(ms: int) -> None:
    loop = showing(60)
    loop.run(60)
    loop.clock.advance_ns(ms * MS)
    frames = loop.run(60)
    assert sum(frame.due.skipped for frame in frames) == pytest.approx(ms * 30 / 1000, abs=1)
    assert frames[0].due.skipped and not any(frame.due.skipped for frame in frames[1:])
    assert min(loop.stays(60)) >= 1 and set(loop.stays(50)) == {2}
    assert max(abs(frame.skew_ms) for frame in frames) < 1.0


def test_a_machine_that_slept_is_counted_and_the_screen_is_found_anew() -> None:
    """The monotonic clock stood still, so no frame was missed; the refresh is elsewhere."""
    loop = showing(60, jitter_ms=0.2)
    loop.run(60)
    loop.slept_ns += 3_600_000 * MS
    loop.screen.phase_ns += 7 * MS
    loop.quiet = True
    frames = loop.run(60)
    assert (loop.jumps.suspends, loop.jumps.suspended_ms, loop.jumps.steps) == (1, 3_600_000, 0)
    # The search takes some 12 refreshes: those frames are left out, and none is hurried.
    assert sum(frame.due.skipped for frame in frames) <= 10
    assert set(loop.stays(40)) == {2} and loop.presenter.refresh.known
    assert max(abs(frame.skew_ms) for frame in frames) <= 1000 / 30


@pytest.mark.parametrize("step_ms", [-3_600_000, -500, 500, 86_400_000])
def test_a_wall_clock_that_is_set_is_counted_and_moves_no_frame(step_ms: int) -> None:
    loop = showing(60)
    loop.run(60)
    loop.wall_ns += step_ms * MS
    frames = loop.run(60)
    assert (loop.jumps.suspends, loop.jumps.steps, loop.jumps.stepped_ms) == (0, 1, abs(step_ms))
    assert set(loop.stays(120)) == {2} and sum(frame.due.skipped for frame in frames) == 0
    assert max(abs(frame.skew_ms) for frame in frames) < 0.1


@pytest.mark.parametrize(
    ("rate", "hz", "ratio"),
    [
        (30, 59.94, Fraction(2)), (60, 59.94, Fraction(1)), (30, 75, Fraction(5, 2)),
        (60, 144, Fraction(12, 5)), (24, 50, Fraction(25, 12)), (60, 50, Fraction(1)),
        (24, 60, Fraction(5, 2)), ("29.97", 60, Fraction(2)),
        (30, 74.93, Fraction(5, 2)),
    ],
)  # fmt: skip
def test_a_rate_near_to_a_simple_ratio_is_that(rate: int | str, hz: float, ratio: Fraction) -> None:
    assert ratio_of(FrameRate.of(rate), 1e9 / hz) == ratio


def test_due_times_ascend_whatever_becomes_of_the_screen() -> None:
    """As those who read a ledger ask."""
    loop = showing(60, jitter_ms=0.2)
    loop.run(30)
    loop.presenter.refresh.forget("for a test")
    loop.run(30)
    loop.presenter.find()
    loop.run(30)
    due = [frame.shown.due_ns for frame in loop.frames]
    assert all(later > sooner for sooner, later in pairwise(due))
    assert loop.presenter.refresh.known and loop.frames[-1].shown.screen.late == 0


@pytest.mark.parametrize("hz", RATES)
def test_a_frame_on_its_refresh_is_not_late_though_the_screen_is_slower_than_it(hz: str) -> None:
    loop = showing(RATES[hz], 60, jitter_ms=0.2)
    loop.cost_ms = lambda _nth: 5.5
    frames = loop.run(200)
    assert {frame.shown.presented_ns - frame.shown.due_ns for frame in frames} == {0}
