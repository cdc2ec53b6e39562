"""Frame rates are exact: NTSC's too, and after hours."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.clock import LEAST_FPS, MOST_FPS, SAMPLE_RATE, FrameRate
from mien.errors import ScriptError

RATES = st.one_of(
    st.integers(1, MOST_FPS),
    st.sampled_from([23.976, 29.97, 59.94, "24000/1001", "12.5", 0.5]),
    st.fractions(LEAST_FPS, MOST_FPS, max_denominator=1001),
)
TEN_HOURS = 36_000


@pytest.mark.parametrize(
    ("written", "exact", "shown"),
    [
        (30, Fraction(30), "30"),
        (30.0, Fraction(30), "30"),
        ("30", Fraction(30), "30"),
        (29.97, Fraction(30000, 1001), "29.97"),
        ("29.97", Fraction(30000, 1001), "29.97"),
        ("30000/1001", Fraction(30000, 1001), "29.97"),
        (30000 / 1001, Fraction(30000, 1001), "29.97"),
        (23.976, Fraction(24000, 1001), "23.976"),
        (23.98, Fraction(24000, 1001), "23.976"),
        (59.94, Fraction(60000, 1001), "59.94"),
        (119.88, Fraction(120000, 1001), "119.88"),
        (239.76, Fraction(240000, 1001), "239.76"),
        (12.5, Fraction(25, 2), "12.5"),
        ("0.5", Fraction(1, 2), "0.5"),
        (FrameRate(Fraction(24)), Fraction(24), "24"),
        (240, Fraction(240), "240"),
    ],
)
def test_what_people_write_is_read_exactly(written: object, exact: Fraction, shown: str) -> None:
    rate = FrameRate.of(written)
    assert rate.exact == exact
    assert str(rate) == shown
    assert FrameRate.of(str(rate)) == rate


@pytest.mark.parametrize(
    "wrong",
    [
        0,
        -30,
        241,
        float("nan"),
        float("inf"),
        "fast",
        "",
        "30/0",
        True,
        None,
        [30],
        1e-30,
        "-24000/1001",
        0.05,
        10**9,
        "1/11",
        Fraction(1, 100),
        30j,
        b"30",
        Fraction(30 * 10**6 + 1, 10**6 + 1),
        1 / 3 + 1e-9,
    ],
)
def test_what_is_no_rate_is_refused_with_its_value(wrong: object) -> None:
    with pytest.raises(ScriptError, match=r"is no frame rate; give a number from 0\.1 to 240") as caught:
        FrameRate.of(wrong)
    assert str(caught.value).startswith(repr(wrong))


@pytest.mark.parametrize(
    "value", [np.float32(29.97), np.float64(29.97), np.int64(30), 10000 / 333, 12.3456789]
)
def test_numbers_of_other_libraries_and_calculated_ones_are_read(value: float) -> None:
    rate = FrameRate.of(value)
    assert abs(float(rate) - float(value)) < 1e-4
    if not isinstance(value, np.generic):
        assert abs(rate.exact - Fraction(str(value))) <= rate.exact / 10**12


@pytest.mark.parametrize("exact", [Fraction(0), Fraction(10**9), 30, True, None, Fraction(1, 3 * 10**6)])
def test_a_rate_made_by_hand_is_held_to_the_same(exact: object) -> None:
    with pytest.raises(ScriptError, match="is no frame rate"):
        FrameRate(exact)  # type: ignore[arg-type]


def test_a_text_that_is_no_rate_is_cut_in_the_sentence_and_costs_nothing() -> None:
    with pytest.raises(ScriptError) as caught:
        FrameRate.of("9" * 10**6)
    assert len(str(caught.value)) < 250


@given(RATES)
def test_after_ten_hours_no_frame_has_drifted(written: int | float | str | Fraction) -> None:
    rate = FrameRate.of(written)
    for frame in (rate.frames(TEN_HOURS), rate.frames(TEN_HOURS) + 1):
        ideal_s = frame / rate.exact
        assert 0 <= ideal_s * SAMPLE_RATE - rate.sample(frame) < 1
        assert 0 <= ideal_s * 10**9 - rate.due_ns(frame) < 1
        assert rate.frame_at(rate.due_ns(frame)) == frame
        assert rate.frame_at(rate.due_ns(frame) - 1) == frame - 1


@given(RATES, st.integers(0, 10**7))
def test_sound_is_cut_without_gap_or_overlap(written: int | float | str | Fraction, first: int) -> None:
    rate = FrameRate.of(written)
    starts = [rate.sample(first + k) for k in range(50)]
    lengths = [after - before for before, after in pairwise(starts)]
    assert sum(lengths) == starts[-1] - starts[0]
    assert max(lengths) - min(lengths) <= 1
    assert min(lengths) > 0
