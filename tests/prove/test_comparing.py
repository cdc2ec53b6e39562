"""What was seen against what the ledger tells: on made sightings, where the truth is known."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mien.errors import FormatError
from mien.prove.comparing import Allowed, recount
from mien.prove.recount import Recount
from mien.prove.sightings import Held, Put, Sighting, Sightings
from mien.prove.told import Line, Told, told_by

T = 1000 / 30
ORIGIN = 5_000_000_000
STRICT = Allowed(early_ms=1.0, late_ms=T)


def line(frame: int, mark: int, late_ms: float = 2.0) -> Line:
    return Line(frame, mark, 1600 * frame, frame * T, frame * T + late_ms)


def told(frames: list[int], late: dict[int, float] | None = None) -> Told:
    lines = tuple(line(frame, 3 + k, (late or {}).get(frame, 2.0)) for k, frame in enumerate(frames))
    return Told(lines, T, ORIGIN)


def sighting(one: Line, later_ms: float = 0.5, unsure_ms: float = 0.5) -> Sighting:
    by = ORIGIN + round((one.presented_ms + later_ms) * 1e6)
    return Sighting(one.mark, one.at, by - round(unsure_ms * 1e6), by)


def seen(run: Told, **more: object) -> Sightings:
    return Sightings(tuple(map(sighting, run.lines)), **more)  # type: ignore[arg-type]


def compared(run: Told, sightings: Sightings, allowed: Allowed = STRICT) -> Recount:
    return recount("window", "made", run, sightings, allowed)


FRAMES = st.sets(st.integers(0, 200), min_size=2, max_size=60).map(sorted)


@given(FRAMES)
def test_a_run_that_is_seen_as_told_agrees_and_what_the_ledger_left_out_is_missing(frames: list[int]) -> None:
    run = told(frames)
    counted = compared(run, seen(run))
    assert counted.disagreements == ()
    assert counted.indices == tuple(frames)
    assert counted.frames == frames[-1] - frames[0] + 1
    assert counted.shown == len(frames)
    assert counted.missing == counted.repeated == counted.frames - len(frames)
    assert counted.out_of_order == 0
    assert counted.shown_at_ms[0] == 0
    assert counted.shown_at_ms[-1] == pytest.approx((frames[-1] - frames[0]) * T, abs=1e-3)


@given(FRAMES, st.data())
def test_every_frame_that_was_told_and_not_seen_is_one_sentence(
    frames: list[int], data: st.DataObject
) -> None:
    run = told(frames)
    inner = frames[1:-1]
    lost = data.draw(st.sets(st.sampled_from(inner)) if inner else st.just(set()))
    left = tuple(sighting(one) for one in run.lines if one.frame not in lost)
    counted = compared(run, Sightings(left))
    assert len(counted.disagreements) == len(lost)
    for frame in lost:
        assert any(said.startswith(f"frame {frame} was shown at") for said in counted.disagreements)
    assert counted.shown == len(frames) - len(lost)


@given(FRAMES, st.data())
def test_every_frame_that_was_seen_and_not_told_is_one_sentence(
    frames: list[int], data: st.DataObject
) -> None:
    run = told(frames)
    inner = [one.mark for one in run.lines[1:-1]]
    hidden = data.draw(st.sets(st.sampled_from(inner)) if inner else st.just(set()))
    less = replace(run, lines=tuple(one for one in run.lines if one.mark not in hidden))
    counted = compared(less, seen(run))
    assert len(counted.disagreements) == len(hidden)
    for mark in hidden:
        assert any(said.startswith(f"drawing {mark} was seen") for said in counted.disagreements)


def test_a_picture_that_comes_back_is_counted_and_named() -> None:
    run = told(list(range(10)))
    pictures = list(map(sighting, run.lines))
    back = replace(pictures[3], after_ns=pictures[6].by_ns + 5_000_000, by_ns=pictures[6].by_ns + 6_000_000)
    counted = compared(run, Sightings((*pictures[:7], back, *pictures[7:])))
    assert counted.out_of_order == 1
    assert "came after a later one (1 times)" in counted.disagreements[0]
    assert counted.shown == 10


def test_another_sample_than_the_ledger_says_is_named() -> None:
    run = told(list(range(5)))
    pictures = list(map(sighting, run.lines))
    pictures[2] = replace(pictures[2], at=7)
    assert compared(run, Sightings(tuple(pictures))).disagreements == (
        "frame 2 shows sample 7 of the session, and the ledger says 3200.",
    )


@given(st.integers(1, 28), st.floats(2.1, 15), st.booleans())
def test_times_beyond_what_is_allowed_are_named_and_no_others(frame: int, ms: float, late: bool) -> None:
    run = told(list(range(30)))
    by = T + 1 + ms if late else -ms
    pictures = [sighting(one, by if one.frame == frame else 0.5) for one in run.lines]
    (said,) = compared(run, Sightings(tuple(pictures))).disagreements
    assert said.startswith(f"frame {frame} was seen ")
    assert ("after" if late else "before") + " the ledger calls it shown" in said


def test_where_the_ledgers_clock_is_not_known_the_median_frame_is_the_measure() -> None:
    run = replace(told(list(range(9))), origin_ns=None)
    counted = compared(run, seen(run))
    assert counted.disagreements == ()
    assert "0.0 ms (median)" in counted.observer


@given(st.integers(2, 40))
def test_a_schedule_that_stood_still_is_found_by_the_observers_clock(swallowed: int) -> None:
    """A ledger that counts no frames while it stalls: its times stand still with it."""
    run = told(list(range(20)))
    pictures = [
        replace(one, after_ns=one.after_ns + shift, by_ns=one.by_ns + shift)
        for one in map(sighting, run.lines)
        for shift in [round(swallowed * T * 1e6) if one.number >= 13 else 0]
    ]
    counted = compared(run, Sightings(tuple(pictures)), Allowed())
    assert len(counted.disagreements) == 1
    assert counted.disagreements[0].startswith("by the observer's clock")
    assert counted.repeated == swallowed


@pytest.mark.parametrize(
    ("held", "is_told"), [((202,), False), ((3,), False), (range(198, 203), True), (range(20, 203), True)]
)
def test_one_picture_that_the_surface_holds_back_tells_nothing_of_clocks(
    held: Sequence[int], is_told: bool
) -> None:
    run = replace(told(list(range(200))), origin_ns=None)
    pictures = [
        replace(one, after_ns=one.after_ns + shift, by_ns=one.by_ns + shift)
        for one in map(sighting, run.lines)
        for shift in [round(9.5 * T * 1e6) if one.number in held else 0]
    ]
    said = compared(run, Sightings(tuple(pictures)), Allowed(swallowed=9.0)).disagreements
    assert [one.startswith("by the observer's clock") for one in said] == [True] * is_told


def test_pictures_that_the_surface_counts_as_left_out_are_no_disagreement_and_more_of_them_are() -> None:
    run = told(list(range(20)))
    left = tuple(sighting(one) for one in run.lines if one.frame not in (4, 9))
    assert compared(run, Sightings(left, dropped=2)).disagreements == ()
    counted = compared(run, Sightings(left, dropped=1))
    assert [said.split(" was")[0] for said in counted.disagreements] == ["frame 4", "frame 9"]
    assert "the surface counts 1" in counted.disagreements[0]


def test_a_frame_that_the_observer_could_not_look_for_is_told_so() -> None:
    run = told(list(range(20)))
    left = tuple(sighting(one) for one in run.lines if one.frame != 4)
    at = ORIGIN + round(run.lines[4].presented_ms * 1e6)
    counted = compared(run, Sightings(left, held=(Held(at - 20_000_000, at + 30_000_000),)))
    assert counted.disagreements[0].endswith("could not look for 50.0 ms just then.")


def test_nothing_seen_is_a_disagreement_and_so_is_an_engine_that_ended() -> None:
    assert compared(told([1, 2]), Sightings(())).disagreements == ("no frame of the ledger was seen.",)
    run = replace(told([1, 2]), restarts=1)
    assert compared(run, seen(run)).disagreements[0].startswith("engines ended meanwhile (1)")


@given(st.floats(-120, 120), st.integers(0, 40))
def test_sound_minus_picture_is_measured_to_the_sample_at_each_beep(skew_ms: float, offset: int) -> None:
    """Whatever frames fall on: their samples say how far beyond the beep they are."""
    lines = tuple(Line(k, k, 1600 * k + 40 * offset, k * T, k * T) for k in range(100))
    run = Told(lines, T, ORIGIN)
    pictures = tuple(sighting(one, 0.0, 0.0) for one in lines)
    beeps = [ORIGIN + round((s - 40 * offset / 48_000 + skew_ms / 1000) * 1e9) for s in (1, 2, 3)]
    counted = recount("file", "made", run, Sightings(pictures, tuple(beeps)))
    assert counted.av_ms == pytest.approx([skew_ms] * 3, abs=0.01)


def test_the_first_picture_of_all_is_no_flash() -> None:
    """It begins in the middle of a second, and may be late as no other one is."""
    lines = tuple(Line(k, k, 24_000 + 1600 * k, k * T, k * T) for k in range(40))
    pictures = [sighting(one, 0.0, 60.0 if one.frame == 0 else 0.0) for one in lines]
    beeps = tuple(ORIGIN + round((s - 0.5) * 1e9) for s in (0, 1))
    counted = recount("file", "made", Told(lines, T, ORIGIN), Sightings(tuple(pictures), beeps))
    assert counted.av_ms == pytest.approx([0.0], abs=0.01)


@pytest.mark.parametrize("where", ["engine", "host"])
@given(size=st.floats(5, 400), at=st.integers(40, 60), jitter=st.floats(0, 0.3))
def test_a_stall_is_found_to_within_a_millisecond(where: str, size: float, at: int, jitter: float) -> None:
    swallowed = range(at + 1, at + int(size // T) + 1)
    late = {at: 2.0 + size} | {k: 2.0 + jitter * (k % 3) for k in range(120) if k != at}
    run = told([k for k in range(120) if k not in swallowed], late)
    mark = next(one.mark for one in run.lines if one.frame == at)
    counted = compared(run, seen(run, put=(Put(where, 50, size, mark),)))
    (stall,) = counted.stalls
    assert (stall.where, stall.at_frame, stall.size_ms) == (where, 50, size)
    assert stall.found_ms == pytest.approx(size, abs=1.0)
    assert counted.disagreements == ()


@given(size=st.floats(5, 400), at=st.integers(40, 60))
def test_a_stall_between_frames_is_found_by_how_long_the_one_before_stood(size: float, at: int) -> None:
    """What comes after it is the newest frame, and is nearly in time."""
    newest = at + int(size // T)
    late = {newest: 2.0 + size % T}
    run = told([k for k in range(120) if not at <= k < newest], late)
    mark = next(one.mark for one in run.lines if one.frame == newest)
    (stall,) = compared(run, seen(run, put=(Put("host", at, size, mark),))).stalls
    assert stall.found_ms == pytest.approx(size, abs=0.01)


@given(size=st.floats(5, 400))
def test_a_stall_while_a_frame_is_begun_is_found_in_the_one_before_which_is_handed_over_behind_it(
    size: float,
) -> None:
    """Frame 50 comes late by it; those that it swallowed are left out, and the next is in time again."""
    following = 51 + int(size // T)
    run = told([k for k in range(120) if not 50 < k < following], {50: 2.0 + size})
    mark = next(one.mark for one in run.lines if one.frame == following)
    (stall,) = compared(run, seen(run, put=(Put("engine", 50, size, mark),))).stalls
    assert stall.found_ms == pytest.approx(size, abs=0.01)


def test_a_stall_of_who_takes_frames_is_found_from_when_the_next_was_due() -> None:
    run = told(list(range(120)))
    due = ORIGIN + round(run.lines[50].presented_ms * 1e6) - 12_000_000
    (stall,) = compared(run, seen(run, put=(Put("host", 50, 12.0, 53, due),))).stalls
    assert stall.found_ms == pytest.approx(12.5, abs=0.01)


def test_what_a_frame_took_for_itself_is_none_of_the_stall() -> None:
    run = told(list(range(120)), {60: 2.0 + 40.0 + 7.0})
    lines = tuple(replace(one, drawn_ms=9.0 if one.frame == 60 else 2.0) for one in run.lines)
    (stall,) = compared(replace(run, lines=lines), seen(run, put=(Put("engine", 60, 40.0, 63),))).stalls
    assert stall.found_ms == pytest.approx(40.0, abs=0.01)


def test_a_stall_that_nobody_sees_is_not_found() -> None:
    run = told(list(range(120)))
    counted = compared(run, seen(run, put=(Put("engine", 50, 40.0, 53), Put("host", 900, 40.0, 903))))
    assert [stall.found_ms for stall in counted.stalls] == [None, None]


def test_a_surface_that_does_not_answer_is_found_by_how_long_it_did_not() -> None:
    run = told(list(range(120)))
    at = ORIGIN + round(run.lines[50].presented_ms * 1e6)
    held = (Held(0, 90_000_000), Held(at - 79_600_000, at), Held(at + 9_000_000, at + 12_000_000))
    counted = compared(run, seen(run, held=held, put=(Put("surface", 50, 80.0, 53),)))
    assert counted.stalls[0].found_ms == pytest.approx(79.6)


def test_sightings_go_from_process_to_process() -> None:
    run = told([0, 1, 2])
    one = seen(run, beeps_ns=(1, 2), held=(Held(1, 2),), put=(Put("host", 1, 2.0, 3),), dropped=4)
    assert Sightings.of_json(one.as_json()) == one


def test_a_ledger_without_marks_or_without_an_end_says_so(tmp_path: Path) -> None:
    file = tmp_path / "run.jsonl"
    file.write_text('{"kind":"run"}\n{"kind":"totals","frame_interval_ms":33.3}\n')
    with pytest.raises(FormatError, match=r"run\.jsonl: the ledger has no frame with a mark"):
        told_by(file)
    parts = dict.fromkeys(("draw_ms", "swap_ms", "readback_ms", "work_ms", "host_ms", "begun_ms"), 0)
    line = {
        "kind": "frame",
        "frame": 0,
        "mark": 1,
        "at_sample": 0,
        "scheduled_ms": 0,
        "presented_ms": 1,
        **parts,
    }
    file.write_text(json.dumps(line) + "\n")
    with pytest.raises(FormatError, match="has no last line"):
        told_by(file)
