"""Given timings to mouth shapes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.audio import TimedMouth, track_from_timings
from mien.errors import FormatError
from mien.lipsync.phones import shapes_of
from mien.lipsync.schemes import PHONE_SCHEMES, SCHEMES, SHAPES, Scheme, labels_of
from mien.types import VISEMES


def shape(rows: np.ndarray, frame: int) -> str:
    return VISEMES[int(rows[frame].argmax())]


LISTED = [scheme for scheme in SCHEMES if labels_of(scheme)]
OPEN_SCHEMES: tuple[Scheme, ...] = (*PHONE_SCHEMES, "words")


def test_every_scheme_has_a_list_of_labels_or_is_spelled() -> None:
    assert set(LISTED) | set(OPEN_SCHEMES) == set(SCHEMES)
    assert not set(LISTED) & set(OPEN_SCHEMES)
    assert {shape for table in SHAPES.values() for shapes in table.values() for shape in shapes} == set(
        VISEMES
    )


@pytest.mark.parametrize("scheme", LISTED)
def test_every_label_of_every_scheme_has_a_viseme(scheme: Scheme) -> None:
    for label, (viseme,) in SHAPES[scheme].items():
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


WORLD = {
    "ipa": ["w", "ɜː", "l", "d", "", "b", "oʊ", "θ"],
    "espeak": ["w", "3:", "l", "d", "_:", "b", "oU", "T"],
    "arpabet": ["W", "ER1", "L", "D", "sil", "B", "OW1", "TH"],
}


@pytest.mark.parametrize("scheme", WORLD)
def test_phones_of_every_notation_make_the_same_shapes(scheme: Scheme) -> None:
    rows = track_from_timings(
        [(0.2 * i, phone, 0.2) for i, phone in enumerate(WORLD[scheme])], 76_800, scheme
    )
    middles = [shape(rows, i) for i in (10, 30, 50, 70, 90, 110, 125, 138, 150)]
    assert middles == ["U", "RR", "nn", "DD", "sil", "PP", "O", "U", "TH"]


def test_words_are_spread_over_their_time_by_their_spelling() -> None:
    rows = track_from_timings([(0.0, "Bob,", 0.4), (0.6, "moods", 0.4)], 57_600, "words")
    said = [VISEMES[i] for i in rows.argmax(axis=1)]
    order = [name for i, name in enumerate(said) if i == 0 or said[i - 1] != name]
    assert order == ["PP", "aa", "PP", "sil", "PP", "U", "DD", "SS", "sil"]


@pytest.mark.parametrize("scheme", OPEN_SCHEMES)
@given(
    st.lists(
        st.tuples(st.floats(0, 2), st.sampled_from("pbtdkgfvszmnlriaeou"), st.floats(0, 0.5)), max_size=20
    )
)
def test_phones_and_words_blend_at_most_two_shapes(
    scheme: Scheme, events: list[tuple[float, str, float]]
) -> None:
    if scheme == "arpabet":
        events = [(at, "AY2" if label in "aeou" else label, length) for at, label, length in events]
        events = [(at, "IY" if label == "i" else label, length) for at, label, length in events]
    rows = TimedMouth(events, scheme).rows(0, 250)
    np.testing.assert_allclose(rows.sum(axis=1), 1, atol=1e-5)
    assert rows.min() >= -1e-6 and (rows > 1e-5).sum(axis=1).max() <= 2


@pytest.mark.parametrize(
    ("scheme", "labels"),
    [
        (
            "espeak",
            {
                "t[": "DD",
                "tʲ": "DD",
                "pF": "PP FF",
                "t_s\\": "DD SS",
                "<h>": "",
                "ʲ": "",
                ";": "",
                "(en)": "",
            },
        ),
        ("ipa", {"t̪": "DD", "tʲ": "DD", "ʲ": "", "\u02c8": "", "\u02d0": "", "t͡s": "DD SS"}),
    ],
)
def test_marks_on_a_phone_or_alone_say_nothing_to_the_mouth(scheme: Scheme, labels: dict[str, str]) -> None:
    # What espeak-ng 1.51 says in the 126 of its languages that tell phonemes.
    assert scheme in PHONE_SCHEMES
    known = {label: shapes_of(label, scheme) for label in labels}
    assert known == {label: tuple(shapes.split()) for label, shapes in labels.items()}


@pytest.mark.parametrize(("label", "scheme"), [("7", "ipa"), ("K", "espeak"), ("QQ", "arpabet")])
def test_what_is_no_phone_is_refused_by_name(label: str, scheme: Scheme) -> None:
    with pytest.raises(FormatError, match=f"'{label}' is not one of {scheme}'s"):
        track_from_timings([(0.0, label)], 480, scheme)
