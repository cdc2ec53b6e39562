"""The one shape that a mouth shows: chosen by what comes, seen for 70 ms, closed in pauses."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from mien.lipsync import shapes as choosing
from mien.lipsync.shapes import HELD, LOOK_AHEAD, PAUSE, ShapesAhead, hold
from mien.lipsync.track import SpeechTrack
from mien.types import F32, VISEMES


def rows(*runs: tuple[str, int]) -> F32:
    """One-hot rows: (viseme, frames) after each other."""
    names = [name for name, frames in runs for _ in range(frames)]
    return np.eye(len(VISEMES), dtype=np.float32)[[VISEMES.index(name) for name in names]]


def shapes(visemes: F32, quiet: np.ndarray | None = None) -> list[str]:
    found = np.zeros(len(visemes), np.uint8)
    hold(visemes, np.zeros(len(visemes), np.bool_) if quiet is None else quiet, found, 0)
    return [VISEMES[shape] for shape in found]


def runs_of(found: list[str]) -> list[tuple[str, int]]:
    starts = [0, *(i for i in range(1, len(found)) if found[i] != found[i - 1]), len(found)]
    return [(found[a], b - a) for a, b in pairwise(starts)]


def speech(rng: np.random.Generator, n: int) -> tuple[F32, F32]:
    """Hasty visemes, and loudness with pauses of all lengths."""
    visemes = rng.dirichlet(np.full(len(VISEMES), 0.1), n).astype(np.float32)
    loudness = rng.uniform(0.2, 1.0, n).astype(np.float32)
    for start in range(20, n, 60):
        loudness[start : start + int(rng.integers(1, 40))] = 0.05
    return visemes, loudness


def test_a_shape_shows_as_its_sound_begins() -> None:
    assert shapes(rows(("sil", 10), ("aa", 10))) == ["sil"] * 10 + ["aa"] * 10


def test_a_dip_of_one_frame_between_two_equal_shapes_shows_nothing() -> None:
    assert shapes(rows(("aa", 10), ("E", 1), ("aa", 10))) == ["aa"] * 21


def test_two_that_lead_in_turn_by_little_do_not_flicker() -> None:
    visemes = rows(("aa", 40))
    for i in range(10, 40):
        visemes[i] = 0
        visemes[i, [VISEMES.index("aa"), VISEMES.index("O")]] = (0.45, 0.55) if i % 4 < 2 else (0.55, 0.45)
    assert set(shapes(visemes)) == {"aa"}


def test_a_short_vowel_is_given_time_and_a_very_short_one_passed_over() -> None:
    assert runs_of(shapes(rows(("aa", 20), ("E", 6), ("O", 20)))) == [("aa", 20), ("E", HELD), ("O", 19)]
    passed = runs_of(shapes(rows(("aa", 20), ("E", 3), ("O", 20))))
    assert [name for name, _ in passed] == ["aa", "O"] and 20 <= passed[0][1] <= 23


def test_lips_meet_on_a_p_of_three_frames_and_stay_until_that_is_seen() -> None:
    found = shapes(rows(("aa", 20), ("PP", 3), ("O", 20)))
    assert [name for name, _ in runs_of(found)] == ["aa", "PP", "O"]
    assert found[20:23] == ["PP"] * 3
    assert found.count("PP") == HELD


def test_a_shape_that_would_keep_lips_from_meeting_does_not_begin() -> None:
    found = runs_of(shapes(rows(("aa", 20), ("E", 4), ("PP", 5), ("O", 20))))
    assert [name for name, _ in found] == ["aa", "PP", "O"]
    assert 20 <= found[0][1] <= 24


def test_a_pause_closes_the_mouth_whatever_was_heard_in_it_and_sound_opens_it_at_once() -> None:
    visemes = rows(("aa", 30), ("E", 25), ("aa", 20))
    quiet = np.zeros(75, np.bool_)
    quiet[30:55] = True
    found = shapes(visemes, quiet)
    assert found[30 + PAUSE - LOOK_AHEAD : 55] == ["sil"] * (25 - PAUSE + LOOK_AHEAD)
    assert found[:30] == found[55:75][:20] + found[:10] == ["aa"] * 30


def test_the_closure_of_a_stop_is_no_pause() -> None:
    quiet = np.zeros(60, np.bool_)
    quiet[20:28] = True
    assert set(shapes(rows(("aa", 60)), quiet)) == {"aa"}


@pytest.mark.parametrize("seed", range(10))
def test_no_shape_is_shown_for_less_than_70_ms_and_no_pause_stays_open(seed: int) -> None:
    visemes, loudness = speech(np.random.default_rng(seed), 1200)
    track = SpeechTrack()
    track.append(visemes, loudness)
    found = [VISEMES[shape] for shape in track.shapes]
    assert min(length for _, length in runs_of(found)[1:-1]) >= HELD
    assert len(runs_of(found)) > 30
    quiet = ["q" if value < 0.14 else "l" for value in loudness]
    at = 0
    for kind, length in runs_of(quiet):
        if kind == "q" and length > 15 and at > 0:
            assert "sil" in found[at : at + length]
        at += length


def test_a_track_has_the_same_shapes_in_whatever_pieces_it_grew() -> None:
    rng = np.random.default_rng(2)
    visemes, loudness = speech(rng, 600)
    whole, pieces = SpeechTrack(), SpeechTrack()
    whole.append(visemes, loudness)
    while pieces.length < 600:
        part = slice(pieces.length, pieces.length + int(rng.integers(1, 9)))
        # Whoever plays is that far behind what is known that what was shown would not be chosen otherwise.
        pieces.append(visemes[part], loudness[part], shown=max(0, part.start - LOOK_AHEAD))
    assert len(set(whole.shapes.tolist())) > 5
    assert np.array_equal(whole.shapes, pieces.shapes)
    assert whole.opened == pieces.opened


def test_shapes_chosen_ahead_are_those_of_the_track_and_are_not_chosen_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(5)
    visemes, loudness = speech(rng, 600)
    loudness[:40] = 0.0  # before a voice is heard there is no pause
    whole, made, ahead = SpeechTrack(), SpeechTrack(), ShapesAhead()
    whole.append(visemes, loudness)
    chosen = 0
    choose = choosing._choose

    def counted(worth: F32, shown: int) -> int:
        nonlocal chosen
        chosen += 1
        return choose(worth, shown)

    pushed, settled = 0, []
    while pushed < 600:
        part = slice(pushed, pushed + int(rng.integers(1, 30)))
        settled.append(ahead.push(visemes[part], loudness[part]))
        pushed = min(600, part.stop)
    found = np.concatenate(settled)
    assert np.array_equal(found, whole.shapes[: 600 - LOOK_AHEAD + 1])
    monkeypatch.setattr(choosing, "_choose", counted)
    while made.length < 600:
        first = made.length
        end = min(600, first + int(rng.integers(1, 200)))
        known = found[max(0, first - LOOK_AHEAD + 1) : max(0, end - LOOK_AHEAD + 1)]
        shown = max(0, first - LOOK_AHEAD)
        made.append(visemes[first:end], loudness[first:end], shown=shown, shapes=known)
    assert np.array_equal(made.shapes, whole.shapes) and made.opened == whole.opened
    assert chosen < 60


def test_a_track_that_was_late_chooses_its_shapes_by_itself() -> None:
    visemes, loudness = speech(np.random.default_rng(6), 300)
    ahead, late, plain = ShapesAhead(), SpeechTrack(), SpeechTrack()
    for first in range(0, 300, 20):
        part = slice(first, first + 20)
        found = ahead.push(visemes[part], loudness[part])
        late.append(visemes[part], loudness[part], shown=first, shapes=found)
        plain.append(visemes[part], loudness[part], shown=first)
    assert np.array_equal(late.shapes, plain.shapes)
    # Nor of one whose mouth was told behind its sound.
    told, untold, ahead = SpeechTrack(), SpeechTrack(), ShapesAhead()
    for first in range(0, 300, 50):
        part = slice(first, first + 50)
        found = ahead.push(visemes[part], loudness[part])
        told.append(visemes[part], loudness[part], shapes=found)
        untold.append(visemes[part], loudness[part])
        for one in (told, untold):
            one.revise(first + 20, visemes[:10])
    assert np.array_equal(told.shapes, untold.shapes)
    # Of one from which frames were taken out none are those of the turn any more.
    moved, other, ahead = SpeechTrack(), SpeechTrack(), ShapesAhead()
    for first in range(0, 300, 50):
        part = slice(first, first + 50)
        found = ahead.push(visemes[part], loudness[part])
        moved.append(visemes[part], loudness[part], shapes=found)
        other.append(visemes[part], loudness[part])
        for one in (moved, other):
            one.remove(one.length - 20, 5)
    assert np.array_equal(moved.shapes, other.shapes)


def test_what_was_shown_stands_when_more_comes_to_light() -> None:
    track = SpeechTrack()
    seen: list[int] = []
    visemes, loudness = speech(np.random.default_rng(7), 400)
    for i in range(400):  # each frame comes as it is needed, and not before
        track.append(visemes[i : i + 1], loudness[i : i + 1], shown=i)
        assert track.shapes[:i].tolist() == seen
        seen.append(int(track.shapes[i]))
    assert len(set(seen)) > 3
    assert min(length for _, length in runs_of([str(shape) for shape in seen])[1:-1]) >= HELD
    assert track.known.tolist() == [-(1 << 20), *range(-1, 398)]


def test_shapes_without_a_voice_are_shown_as_they_are_given() -> None:
    track = SpeechTrack()
    track.append(rows(("sil", 10), ("aa", 30), ("O", 30)), np.zeros(70, np.float32))
    assert runs_of([VISEMES[shape] for shape in track.shapes]) == [("sil", 10), ("aa", 30), ("O", 30)]


def test_sounds_that_were_heard_come_sooner_by_the_frames_that_were_taken_out_before_them() -> None:
    track = SpeechTrack()
    track.append(*speech(np.random.default_rng(3), 200))
    for frame in (40, 55, 120):
        track.hear("laugh", frame, shown=30)
    known = [one.known for one in track.heard]
    track.remove(50, 13)
    assert [one.frame for one in track.heard] == [40, 50, 107]
    assert [one.known for one in track.heard] == known


def test_frames_taken_out_leave_the_shapes_of_what_remains() -> None:
    visemes, loudness = speech(np.random.default_rng(3), 200)
    cut, before, whole = SpeechTrack(), SpeechTrack(), SpeechTrack()
    for track in (cut, before):
        track.append(visemes, loudness, loudness)
    cut.remove(50, 13)
    assert np.array_equal(cut.loudness, np.delete(loudness, slice(50, 63)))
    assert np.array_equal(cut.pitch, cut.loudness)
    assert np.array_equal(cut.shapes[:50], before.shapes[:50])
    assert min(length for _, length in runs_of([str(shape) for shape in cut.shapes])[1:-1]) >= HELD
    cut.remove(0, 50)
    whole.append(visemes[63:], loudness[63:])
    assert np.array_equal(cut.shapes, whole.shapes)
    assert cut.opened == whole.opened
