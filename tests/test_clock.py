"""Frame rates: what people write is taken exactly, and nothing adds up over hours."""

from __future__ import annotations

import copy
import math
import pickle
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.clock import SAMPLE_RATE, FrameRate
from mien.errors import ScriptError

RATES = st.sampled_from([1, 24, 25, 30, 60, 144, 240, 23.976, 29.97, 59.94, 12.5, "24000/1001", "7/3"])
TEN_HOURS_S = 36_000


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (30, Fraction(30)),
        (30.0, Fraction(30)),
        ("30", Fraction(30)),
        (29.97, Fraction(30000, 1001)),
        ("29.97", Fraction(30000, 1001)),
        (30000 / 1001, Fraction(30000, 1001)),
        (23.976, Fraction(24000, 1001)),
        (23.98, Fraction(24000, 1001)),
        (59.94, Fraction(60000, 1001)),
        (119.88, Fraction(120000, 1001)),
        ("30000/1001", Fraction(30000, 1001)),
        (Fraction(25, 2), Fraction(25, 2)),
        (29.9, Fraction(299, 10)),
        (240, Fraction(240)),
    ],
)
def test_a_rate_means_what_people_mean_by_it(written: float | str | Fraction, meant: Fraction) -> None:
    assert FrameRate(written) == meant


@pytest.mark.parametrize(
    "written",
    [0, -30, 0.5, 241, 1e300, math.nan, math.inf, "", "fast", "30/0", "1/0", "30/1/1", True, None, [30],
     Fraction(30_000_001, 1_000_003)],
)  # fmt: skip
def test_what_is_no_rate_is_refused_in_one_sentence(written: object) -> None:
    with pytest.raises(ScriptError, match=r"is not a frame rate: give 1 to 240 .*30000/1001\.$"):
        FrameRate(written)  # type: ignore[arg-type]


def test_a_rate_is_a_number_that_can_be_copied_and_kept() -> None:
    rate = FrameRate(29.97)
    assert (str(rate), str(FrameRate(30.0)), FrameRate(30) == 30) == ("30000/1001", "30", True)
    assert (rate.plain, FrameRate(30.0).plain) == (30000 / 1001, 30)
    for same in (copy.copy(rate), copy.deepcopy(rate), pickle.loads(pickle.dumps(rate)), FrameRate(rate)):
        assert (same, type(same)) == (rate, FrameRate)


@given(RATES, st.integers(0, 3600 * 10 * 240))
def test_no_frame_is_ever_a_sample_from_where_it_belongs(written: float | str, frame: int) -> None:
    rate = FrameRate(written)
    exact = frame * SAMPLE_RATE / Fraction(rate)
    assert 0 <= exact - rate.sample_at(frame) < 1
    assert 0 <= frame * 10**9 / Fraction(rate) - rate.ns_at(frame) < 1
    # A due time is rounded down to whole nanoseconds; from the next one on the frame is running.
    assert rate.frame_at_ns(rate.ns_at(frame) + 1) == frame


@given(RATES)
def test_after_ten_hours_the_sound_of_all_frames_is_ten_hours(written: float | str) -> None:
    rate = FrameRate(written)
    frames = math.floor(TEN_HOURS_S * rate)
    assert 0 <= TEN_HOURS_S * SAMPLE_RATE - rate.sample_at(frames) <= SAMPLE_RATE / rate + 1
    lengths = {rate.sample_at(k + 1) - rate.sample_at(k) for k in range(frames - 2000, frames)}
    least = math.floor(SAMPLE_RATE / rate)
    assert lengths <= {least, least + 1}
