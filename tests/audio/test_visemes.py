"""Given timings to mouth shapes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.audio import TimedMouth, track_from_timings
from mien.audio.visemes import SCHEMES, Scheme
from mien.errors import FormatError
from mien.talk.timings import LABELS
from mien.types import VISEMES


def shape(rows: np.ndarray, frame: int) -> str:
    return VISEMES[int(rows[frame].argmax())]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_label_of_every_scheme_has_a_viseme(scheme: Scheme) -> None:
    assert set(SCHEMES[scheme].values()) <= set(VISEMES)
    assert set(LABELS[scheme]) == set(SCHEMES[scheme])
    for label, viseme in SCHEMES[scheme].items():
        rows = track_from_timings([(0.0, label, 0.2)], 9600, scheme)
        assert rows.shape == (20, 15) and rows.dtype == np.float32
        assert shape(rows, 10) == viseme


def test_each_shape_is_reached_in_its_middle_and_crossfades_around_its_boundary() -> None:
    rows = track_from_timings([(0.0, "aa", 0.2), (0.2, "U", 0.2)], 19_200, "oculus")
    assert rows[10, VISEMES.index("aa")] == 1
    assert rows[30, VISEMES.index("U")] == 1
    fade = rows[16:24, VISEMES.index("U")]
    assert np.all(np.diff(fade) >= 0) and 0 < fade[1] < 0.5 < fade[-2] <= 1
    assert (np.diff(rows[:, VISEMES.index("U")]).clip(0).max()) < 0.4


def test_even_a_short_closure_is_reached() -> None:
    rows = track_from_timings([(0.0, "aa"), (0.20, "PP"), (0.24, "aa", 0.2)], 24_000, "oculus")
    assert rows[:, VISEMES.index("PP")].max() > 0.8


def test_the_mouth_closes_where_a_shape_ends_and_none_follows() -> None:
    rows = track_from_timings([(0.1, "aa", 0.1), (0.4, "E", 0.1)], 28_800, "oculus")
    assert rows[5, 0] == 1 and rows[22, 0] == 1 and rows[30, 0] == 1 and rows[52, 0] == 1


def test_without_durations_a_shape_lasts_until_the_next() -> None:
    rows = track_from_timings([(0.0, "D"), (0.3, "F")], 28_800, "rhubarb")
    assert shape(rows, 20) == "aa" and shape(rows, 35) == "U" and shape(rows, 50) == "sil"


@pytest.mark.parametrize(
    ("label", "scheme"), [("QQ", "oculus"), ("I", "rhubarb"), ("22", "azure"), ("aa", "morse")]
)
def test_unknown_names_are_refused_by_name(label: str, scheme: str) -> None:
    with pytest.raises(FormatError, match=label if scheme != "morse" else scheme):
        track_from_timings([(0.0, label)], 480, scheme)  # type: ignore[arg-type]


@given(
    st.lists(st.tuples(st.floats(0, 2), st.sampled_from(VISEMES), st.floats(0, 0.5)), max_size=20),
    st.integers(0, 200),
)
def test_rows_always_sum_to_1_and_do_not_depend_on_how_they_are_asked_for(
    events: list[tuple[float, str, float]], cut: int
) -> None:
    mouth = TimedMouth(events, "oculus")
    rows = mouth.rows(0, 200)
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)
    assert rows.min() >= -1e-6
    np.testing.assert_array_equal(np.concatenate((mouth.rows(0, cut), mouth.rows(cut, 200))), rows)
