"""The one shape that a mouth shows: held for 70 ms, closed at once on p, b and m, the same in any pieces."""

from __future__ import annotations

import numpy as np

from mien.lipsync.shapes import HELD, hold
from mien.lipsync.track import SpeechTrack
from mien.types import F32, VISEMES


def rows(*runs: tuple[str, int]) -> F32:
    """One-hot rows: (viseme, frames) after each other."""
    names = [name for name, frames in runs for _ in range(frames)]
    return np.eye(len(VISEMES), dtype=np.float32)[[VISEMES.index(name) for name in names]]


def shapes(visemes: F32) -> list[str]:
    found = np.zeros(len(visemes), np.uint8)
    hold(visemes, found, 0)
    return [VISEMES[shape] for shape in found]


def test_a_shape_shows_one_frame_after_the_sound_turned_to_it() -> None:
    assert shapes(rows(("sil", 10), ("aa", 10))) == ["sil"] * 11 + ["aa"] * 9


def test_a_dip_of_one_frame_between_two_equal_shapes_shows_nothing() -> None:
    assert shapes(rows(("aa", 10), ("E", 1), ("aa", 10)))[1:] == ["aa"] * 20


def test_two_that_lead_in_turn_by_little_do_not_flicker() -> None:
    visemes = rows(("aa", 40))
    for i in range(10, 40):
        visemes[i] = 0
        visemes[i, [VISEMES.index("aa"), VISEMES.index("O")]] = (0.45, 0.55) if i % 4 < 2 else (0.55, 0.45)
    assert set(shapes(visemes)[1:]) == {"aa"}


def test_a_short_shape_is_held() -> None:
    found = shapes(rows(("aa", 20), ("E", 3), ("O", 20)))
    assert found[21 : 21 + HELD] == ["E"] * HELD
    assert found[21 + HELD :] == ["O"] * (43 - 21 - HELD)


def test_lips_close_at_once_on_a_p_of_one_frame_and_cut_a_shape_short() -> None:
    found = shapes(rows(("aa", 20), ("E", 4), ("PP", 1), ("O", 20)))
    assert found[21:24] == ["E"] * 3
    assert found[24 : 24 + HELD] == ["PP"] * HELD
    assert found[24 + HELD] == "O"


def test_lips_that_have_just_opened_do_not_close_for_a_flicker() -> None:
    found = shapes(rows(("aa", 20), ("PP", 7), ("aa", 2), ("PP", 1), ("aa", 20)))
    assert found[20:27] == ["PP"] * 7
    assert found[28:] == ["aa"] * 22


def test_a_track_has_the_same_shapes_in_whatever_pieces_it_grew() -> None:
    rng = np.random.default_rng(2)
    visemes = rng.dirichlet(np.full(len(VISEMES), 0.1), 600).astype(np.float32)
    whole, pieces = SpeechTrack(), SpeechTrack()
    whole.append(visemes, np.zeros(600, np.float32))
    while pieces.length < 600:
        part = visemes[pieces.length : pieces.length + int(rng.integers(1, 9))]
        pieces.append(part, np.zeros(len(part), np.float32))
    assert len(set(whole.shapes.tolist())) > 5
    assert np.array_equal(whole.shapes, pieces.shapes)


def test_frames_taken_out_leave_the_shapes_of_what_remains() -> None:
    rng = np.random.default_rng(3)
    visemes = rng.dirichlet(np.full(len(VISEMES), 0.1), 200).astype(np.float32)
    cut, whole = SpeechTrack(), SpeechTrack()
    cut.append(visemes, np.zeros(200, np.float32))
    cut.remove(50, 13)
    rest = np.delete(visemes, slice(50, 63), axis=0)
    whole.append(rest, np.zeros(len(rest), np.float32))
    assert np.array_equal(cut.shapes, whole.shapes)
