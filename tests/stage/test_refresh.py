"""The screen's refresh, from when swaps return: found where they wait for it, and nowhere else."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mien.clock import VirtualClock
from mien.observe.screen import NO_SCREEN
from mien.stage.presenting import Presenter
from mien.stage.refresh import Refresh
from mien.stage.refresh_grid import Grid, NoGrid, grid_of
from stage.screen import MS, Screen, Showing


def found(**how: object) -> Showing:
    loop = Showing(Screen(VirtualClock(1_000_000_000), 60, **how))  # type: ignore[arg-type]
    loop.presenter.find()
    return loop


NEVER = "whenever they are begun: they wait for no screen"


@pytest.mark.parametrize(
    ("how", "because"),
    [
        ({"waits": False}, "swaps return at once, they wait for no screen"),
        ({"waits": False, "takes_ms": 5}, f"swaps take 5.0 ms {NEVER}"),
        ({"waits": False, "takes_ms": 16.6}, f"swaps take 16.6 ms {NEVER}"),
        ({"variable": True}, "swaps return at no even times: the screen refreshes when it likes, or they "
                             "wait for another thing"),
    ],
)  # fmt: skip
def test_where_swaps_do_not_wait_for_it_frames_go_by_the_clock_and_it_says_why(
    how: dict[str, object], because: str
) -> None:
    loop = found(**how)
    assert loop.presenter.paced_by == f"the clock: {because}"
    loop.start()
    frames = loop.run(60)
    assert [frame.due.scheduled_ns - frames[0].due.scheduled_ns for frame in frames] == [
        k * 1_000_000_000 // 30 for k in range(60)
    ]
    assert all(frame.shown.screen == NO_SCREEN for frame in frames)


def test_a_screen_that_is_not_to_be_looked_for_costs_no_swap() -> None:
    clock = VirtualClock()
    screen = Screen(clock, 60)
    presenter = Presenter(clock, 30, None, screen.swap, lambda: None, because="it is drawn in software")
    assert not presenter.find()
    presenter.look(quiet=True)
    assert not screen.seen and presenter.paced_by == "the clock: it is drawn in software"


def test_a_search_takes_a_fifth_of_a_second_and_nothing_where_swaps_do_not_wait() -> None:
    loop = found(jitter_ms=0.3)
    assert loop.presenter.refresh.known and loop.clock.now_ns() - 1_000_000_000 < 300 * MS
    free = found(waits=False)
    assert free.clock.now_ns() == 1_000_000_000 and free.again == 6


@given(
    st.floats(24, 240),
    st.dictionaries(st.integers(0, 11), st.integers(2, 4), max_size=3),
    st.floats(0, 0.03),
    st.integers(0, 99),
)
@example(27.0, {10: 4}, 0.0, 0)
def test_a_grid_is_found_through_refreshes_that_were_missed(
    hz: float, missed: dict[int, int], noise: float, seed: int
) -> None:
    """Of some the swaps before took two to four, and threads wake up to 3 % of a period late."""
    chance, period, number, swaps = Random(seed), 1e9 / hz, 0, []
    for nth in range(12):
        number += missed.get(nth, 1)
        end = round(5e9 + number * period + chance.random() * noise * period)
        swaps.append((end - round((0.9 - 0.1 * (nth % 7)) * period), end))
    grid = grid_of(swaps)
    assert isinstance(grid, Grid)
    assert grid.period_ns == pytest.approx(period, rel=0.03)
    assert grid.start_ns + grid.last * grid.period_ns == pytest.approx(swaps[-1][1], abs=0.1 * period)


def test_few_returns_that_are_far_too_late_do_not_bend_it() -> None:
    period = 1e9 / 60
    late = {3: 9 * MS, 8: 5 * MS}
    ends = [round(n * period) + late.get(n, 0) for n in range(14)]
    grid = grid_of([(end - round((2 + n % 5) * 2 * MS), end) for n, end in enumerate(ends)])
    assert isinstance(grid, Grid)
    assert grid.period_ns == pytest.approx(period, rel=1e-3)


def test_returns_at_any_time_are_no_grid() -> None:
    chance, end, swaps = Random(1), 0, []
    for _ in range(16):
        end += round(chance.uniform(5, 40) * MS)
        swaps.append((end - round(chance.uniform(1, 5) * MS), end))
    assert isinstance(grid_of(swaps), NoGrid)


def test_a_grid_that_drifts_is_followed() -> None:
    """Two clocks go apart, by temperature: 60 Hz become 60.01 within some minutes."""
    loop = found(jitter_ms=0.3)
    loop.start()
    for step in range(50):
        now = loop.screen.number(loop.clock.now_ns())
        at = loop.screen.time(now)
        loop.screen.hz = 60 + 0.0002 * step
        loop.screen.phase_ns = round(at - now * loop.screen.period_ns)
        loop.run(60)
    assert loop.presenter.refresh.hz == pytest.approx(60.0098, abs=0.004)
    assert set(loop.stays(2900)) == {2}


def test_what_is_known_of_it_grows_old() -> None:
    loop = found(jitter_ms=0.2)
    refresh = loop.presenter.refresh
    now_ns = loop.clock.now_ns()
    assert refresh.doubt(now_ns) < 0.1 < refresh.doubt(now_ns + 60_000 * MS)
    refresh.look(now_ns + 600_000 * MS)
    assert not refresh.known and refresh.because == "no swap has waited for the screen for too long"


def test_one_that_is_not_known_has_no_rate() -> None:
    refresh = Refresh()
    assert (refresh.known, refresh.hz, refresh.period_ns, refresh.doubt(0)) == (False, None, 0.0, 1.0)
