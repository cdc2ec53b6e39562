"""Time in a host's hand: paused, gone on with, gone to. Whatever the way, a picture follows from its time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

import mien
from art.build import tiny_character
from mien.errors import ScriptError, WrongThread
from mien.testing import Timeline, open_on
from mien.testing.timeline import decoded
from mien.types import F32, U8
from stage.test_stage import SIZE, tone

CAST = {"wren": "wren", "otto": "otto"}
FPS = 30
VOICE = mien.bundled("conversations", "forecast") / "audio" / "5-suits-you.opus"
"""Of 1.07 s."""
Shot = tuple[U8, F32]
Plain = tuple[list[Shot], list[tuple[str, str, int | None, float, bool]]]


@contextmanager
def talk(history_s: float = 60.0, cast: dict[str, str] | None = None) -> Iterator[mien.Stage]:
    with mien.open_stage(cast or CAST, size=SIZE, fps=FPS, history_s=history_s) as stage:
        stage.say("wren", tone(1.5), "[happy] Hello [nod] there", key="x")
        stage.say("otto", tone(1.0), "[sad] Oh no", key="y", gap_s=0.4)
        stage.say("wren", tone(0.8), "[surprised] What?", key="z", gap_s=-0.3)
        yield stage


def shot(stage: mien.Stage) -> Shot:
    return stage.frame().copy(), stage.sound.copy()


def film(stage: mien.Stage, count: int) -> list[Shot]:
    return [shot(stage) for _ in range(count)]


def same(one: Shot, other: Shot) -> bool:
    return np.array_equal(one[0], other[0]) and np.array_equal(one[1], other[1])


def events(stage: mien.Stage | mien.LiveStage) -> list[tuple[str, str, int | None, float, bool]]:
    return [(e.kind, e.turn, e.at, e.position_s, e.interrupted) for e in stage.events()]


def at(frame: int) -> float:
    return frame / FPS


def lengths_known(stage: mien.Stage) -> None:
    """Return when the decoder has read how long all turns are."""
    progress = stage._audio._worker.progress
    while any(one.length_s is None for one in stage.turns()):
        progress.clear()
        progress.wait(0.1)


@pytest.fixture(scope="module")
def plain() -> Plain:
    """The 120 frames of a talk that nobody stops or goes through, and its events."""
    with talk() as stage:
        return film(stage, 120), events(stage)


def test_paused_frames_are_one_picture_and_silence_and_the_rest_is_as_without(plain: Plain) -> None:
    wanted, told = plain
    with talk() as stage:
        rng, heard = np.random.default_rng(7), []
        got: list[Shot] = []
        for _ in range(120):
            for _ in range(int(rng.integers(0, 4)) if rng.random() < 0.2 else 0):
                stage.pause()
                stage.pause()
                picture, sound = shot(stage)
                assert stage.paused and len(sound) == 1600 and not sound.any()
                assert not got or np.array_equal(picture, got[-1][0])
                heard += events(stage)
            stage.resume()
            got.append(shot(stage))
            heard += events(stage)
        assert all(map(same, got, wanted)) and heard == told


def direct(stage: mien.Stage, frame: int) -> None:
    """What a host does before some frames, when they are new."""
    match frame:
        case 12:
            stage.hold("wren", "head_yaw", 0.9, seconds=0.3)
            stage.hold("otto", "lid_left", 1.0)
        case 30:
            stage.let_go("otto")
            stage.show_viseme("wren", "O")
        case 41:
            stage.set_expression("otto", "happy")
            stage.wear("wren", "sweat", "on")
        case 60:
            stage.let_go("wren", seconds=0.5)
        case 75:
            stage.move("otto", "far_right", seconds=0.5)


@pytest.mark.slow
def test_any_way_through_time_shows_each_time_as_it_was_shown_first() -> None:
    with talk() as stage, talk() as twin:
        wanted = []
        for k in range(120):
            direct(twin, k)
            wanted.append(shot(twin))
        told = events(twin)
        rng, now, newest, heard = np.random.default_rng(11), 0, 0, []
        for _ in range(90):
            match rng.integers(4):
                case 0:
                    now = int(rng.integers(0, newest + 1))
                    stage.seek(at(now))
                case 1:
                    stage.pause()
                    stage.frame()
                    stage.resume()
                case _:
                    for _ in range(int(rng.integers(1, 6))):
                        if now < 120:
                            if now == newest:
                                direct(stage, now)
                            assert same(shot(stage), wanted[now]), now
                            now += 1
                            newest = max(newest, now)
            heard += events(stage)
        for k in range(now, 120):
            if k >= newest:
                direct(stage, k)
            assert same(shot(stage), wanted[k]), k
        heard += events(stage)
        assert heard == told
        assert [event[0] for event in heard].count("finished") == 3


def test_what_is_passed_over_is_as_if_it_had_been_shown(plain: Plain) -> None:
    wanted, told = plain
    with talk() as stage:
        stage.frame()
        lengths_known(stage)
        stage.seek(at(70))
        assert same(shot(stage), wanted[70])
        stage.seek(at(20))
        for k in range(20, 120):
            assert same(shot(stage), wanted[k]), k
        assert events(stage) == told


def test_what_is_passed_over_at_once_is_as_if_it_had_been_shown_frame_by_frame() -> None:
    cast = [mien.CastEntry("wren", "wren"), mien.CastEntry("otto", "otto", on_stage=False)]

    def say_all(stage: mien.Stage) -> None:
        stage.say("wren", VOICE, "[happy] So [nod] it is.", key="a")
        stage.say("otto", VOICE, "[enter] [sad] Oh no.", key="b", gap_s=-0.4)
        stage.say("wren", VOICE, "[burst laugh] [surprised] What?", key="c", gap_s=1.3)

    with (
        mien.open_stage(cast, size=SIZE, fps=FPS, history_s=60) as stage,
        mien.open_stage(cast, size=SIZE, fps=FPS) as twin,
    ):
        say_all(stage), say_all(twin)
        wanted = film(twin, 150)
        decoded(stage, "c")
        pulls: list[int] = []
        pass_over = stage._audio.pass_over
        stage._audio.pass_over = lambda n: (pulls.append(n), pass_over(n))[1]  # type: ignore[method-assign]
        asked: list[int] = []
        advance = stage._show.session.advance
        stage._show.session.advance = lambda at: (asked.append(at), advance(at))[1]  # type: ignore[method-assign]
        for k in (1, 25, 26, 80, 135):
            stage.seek(at(k))
            assert same(shot(stage), wanted[k]), k
        # A turn that begins, ends or is announced takes a frame of its own; all else goes together.
        assert len(pulls) < 60 and len(asked) < 100
        assert events(stage) == [one for one in events(twin) if one[2] is None or one[2] <= 136 * 1600]
        stage.seek(0.0)
        for k in range(150):
            assert same(shot(stage), wanted[k]), k


@pytest.mark.parametrize("history_s", [0.0, 60.0])
def test_a_seek_that_is_broken_off_goes_on_from_where_it_had_come_to(history_s: float) -> None:
    with (
        mien.open_stage(CAST, size=SIZE, fps=FPS, history_s=history_s) as stage,
        mien.open_stage(CAST, size=SIZE, fps=FPS) as twin,
    ):
        for one in (stage, twin):
            one.say("wren", VOICE, "[happy] So it is.", key="a")
            one.say("otto", VOICE, "[sad] Oh no.", key="b")
        wanted = film(twin, 70)
        decoded(stage, "b")
        film(stage, 10)
        passed, left = stage._show.pass_over, 2

        def pressed(times: list[int]) -> None:
            nonlocal left
            left -= 1
            if not left:
                raise KeyboardInterrupt
            passed(times)

        stage._show.pass_over = pressed  # type: ignore[method-assign, assignment]
        with pytest.raises(KeyboardInterrupt):
            stage.seek(at(60))
        stage._show.pass_over = passed  # type: ignore[method-assign]
        now = round(stage.time_s * FPS)
        assert 10 < now < 60
        # The faces have not heard of what was told in what broke off; the sound is that of the picture.
        for k in range(now, 70):
            assert np.array_equal(shot(stage)[1], wanted[k][1]), k


def test_a_paused_stage_shows_the_very_time_that_was_gone_to() -> None:
    with talk() as stage:
        wanted = film(stage, 60)
        stage.pause()
        for k in (40, 3, 59, 0):
            stage.seek(at(k))
            assert np.array_equal(stage.frame(), wanted[k][0]) and stage.timeline.now_s == pytest.approx(
                k / FPS
            )
            assert np.array_equal(stage.frame(), wanted[k][0])
        stage.resume()
        assert same(shot(stage), wanted[0])


def test_what_is_told_of_a_time_that_is_shown_again_happens_there(plain: Plain) -> None:
    wanted, _ = plain
    with talk() as stage:
        film(stage, 60)
        stage.seek(at(20))
        stage.hold("otto", "head_roll", 1.0, seconds=0)
        assert not np.array_equal(stage.frame(), wanted[20][0])
        stage.seek(at(10))
        for k in range(10, 20):
            assert same(shot(stage), wanted[k]), k
        assert not np.array_equal(stage.frame(), wanted[20][0])
        for _ in range(21, 60):
            stage.frame()
        held = next(one for one in stage.channels("otto") if one.name == "head_roll")
        assert (held.value, held.owner) == (1.0, "host")


def test_what_is_overridden_while_paused_is_seen_at_once() -> None:
    with talk() as stage:
        before = film(stage, 20)[-1][0]
        stage.pause()
        stage.hold("wren", "head_roll", 1.0, seconds=0)
        stage.wear("wren", "sweat", "on")
        assert not np.array_equal(stage.frame(), before)
        stage.let_go("wren", seconds=0)
        stage.wear("wren", "sweat", None)
        stage.frame()
        stage.resume()
        stage.frame()
        assert stage._show.session.late_events == 0


def test_told_while_paused_and_gone_on_before_a_frame_it_is_not_lost() -> None:
    with talk() as stage:
        film(stage, 20)
        stage.pause()
        stage.hold("wren", "head_roll", -1.0, seconds=0)
        stage.resume()
        stage.frame()
        assert next(one for one in stage.channels("wren") if one.name == "head_roll").value == -1.0
        assert stage._show.session.late_events == 0


def test_an_interruption_while_paused_ends_turns_where_they_were_heard_to_and_is_told_once() -> None:
    with talk() as stage:
        film(stage, 20)
        stage.pause()
        film(stage, 3)
        events(stage)
        stage.interrupt()
        stage.frame()
        assert events(stage) == [
            ("finished", "x", 32_000, pytest.approx(20 / FPS), True),
            ("dropped", "y", None, 0.0, True),
            ("dropped", "z", None, 0.0, True),
        ]
        assert stage.paused and stage.idle
        stage.say("wren", tone(0.5), key="w")
        film(stage, 5)
        stage.resume()
        film(stage, 30)
        assert [(kind, turn, interrupted) for kind, turn, _, _, interrupted in events(stage)] == [
            ("started", "w", False),
            ("finished", "w", False),
        ]
        assert [(t.key, t.state, t.interrupted) for t in stage.turns()] == [
            ("x", "done", True),
            ("y", "dropped", True),
            ("z", "dropped", True),
            ("w", "done", False),
        ]


def test_an_interruption_while_the_past_is_shown_goes_to_the_newest_time_first() -> None:
    with talk() as stage:
        film(stage, 20)
        stage.seek(at(5))
        stage.frame()
        stage.interrupt()
        stage.frame()
        assert stage.timeline.now_s == pytest.approx(21 / FPS)
        (finished, *_) = [one for one in events(stage) if one[0] == "finished"]
        assert finished[1] == "x" and finished[2] is not None and finished[2] >= 32_000


def test_turns_are_seen_waiting_playing_and_done() -> None:
    with talk() as stage:
        film(stage, 15)
        lengths_known(stage)
        x, y, z = stage.turns()
        assert (x.key, x.speaker, x.text, x.state) == ("x", "wren", "Hello there", "playing")
        assert (x.starts_s, x.length_s, x.heard_s) == (0.0, 1.5, pytest.approx(0.5))
        assert (y.state, y.starts_s, y.heard_s) == ("queued", pytest.approx(1.9), 0.0)
        assert (z.state, z.starts_s) == ("queued", pytest.approx(2.6))
        film(stage, 100)
        assert [one.state for one in stage.turns()] == ["done"] * 3
        assert [one.heard_s for one in stage.turns()] == pytest.approx([1.5, 1.0, 0.8])
        stage.seek(at(15))
        stage.frame()
        assert [one.state for one in stage.turns()] == ["playing", "queued", "queued"]
        assert stage.turns()[0].heard_s == pytest.approx(16 / FPS)


def test_turns_that_are_over_are_known_for_a_while_and_no_longer() -> None:
    with mien.open_stage({"otto": "otto"}, size=SIZE) as stage:
        for _ in range(130):
            stage.say("otto", tone(0.01))
        while not stage.idle:
            stage.frame()
        keys = [one.key for one in stage.turns()]
        assert keys == [f"turn-{n}" for n in range(31, 131)]


def test_times_that_cannot_be_gone_to_are_refused_with_what_to_do() -> None:
    with talk(history_s=0) as stage:
        decoded(stage, "z")
        film(stage, 20)
        with pytest.raises(
            ScriptError, match=r"0.1 s cannot be gone back to: open the stage with history_s="
        ):
            stage.seek(0.1)
        with pytest.raises(ScriptError, match=r"900 s is not known yet: give a time up to 3.4"):
            stage.seek(900)
    with talk(history_s=0.5) as stage:
        film(stage, 60)
        assert stage.timeline.first_s == pytest.approx(59 / FPS - 0.5, abs=1e-3)
        with pytest.raises(ScriptError, match="longer ago than history_s; open the stage with more"):
            stage.seek(0.5)
        stage.seek(1.6)


def test_a_feed_can_be_gone_back_in_and_not_ahead_of() -> None:
    with mien.open_stage({"otto": "otto"}, size=SIZE, history_s=10) as stage:
        feed = mien.PcmFeed(rate=48_000)
        stage.say("otto", feed, key="fed")
        t = np.arange(24_000, dtype=np.float32)
        feed.push(0.3 * np.sin(t / 40))
        shots = film(stage, 12)
        with pytest.raises(ScriptError, match="is not known yet"):
            stage.seek(0.7)
        stage.seek(at(4))
        assert all(same(shot(stage), shots[k]) for k in range(4, 12))


def test_the_cast_of_a_time_is_that_which_was_there(tmp_path: Path) -> None:
    folder = tiny_character(tmp_path / "tiny")
    with mien.open_stage({"a": folder}, size=SIZE, history_s=10, room=1) as stage:
        for _ in range(10):
            stage.frame()
        stage.seek(0.1)
        stage.load("b", folder)
        stage.frame()
        assert stage.timeline.now_s > 10 / FPS  # it has gone to the newest time
        with pytest.raises(ScriptError, match="the cast has changed"):
            stage.seek(0.1)
        stage.seek(stage.timeline.first_s)


def test_time_is_stopped_from_any_thread_and_gone_through_on_the_stages() -> None:
    with talk() as stage:
        film(stage, 5)
        refused: list[Exception] = []

        def elsewhere() -> None:
            stage.pause()
            assert stage.paused, "told, also where it is obeyed later"
            assert len(stage.turns()) == 3
            try:
                stage.seek(0.0)
            except WrongThread as error:
                refused.append(error)

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        picture = stage.frame().copy()
        assert refused and stage.paused and np.array_equal(stage.frame(), picture)


def test_frames_ahead_go_through_pauses_and_seeks(plain: Plain) -> None:
    wanted, _ = plain
    with talk() as stage:
        got: list[U8] = []
        for picture in stage.frames_ahead(seconds=2.0):
            got.append(picture.copy())
            if len(got) == 20:
                stage.pause()
            if len(got) == 30:
                stage.resume()
        assert len(got) == 60
        assert all(np.array_equal(got[k], wanted[k][0]) for k in range(21))
        assert all(np.array_equal(one, got[20]) for one in got[21:31])
        assert all(np.array_equal(got[31 + k], wanted[21 + k][0]) for k in range(29))
        stage.seek(at(10))
        assert same(shot(stage), wanted[10])


# -- live ---------------------------------------------------------------------------------------


@contextmanager
def live(history_s: float = 60.0) -> Iterator[mien.LiveStage]:
    with open_on(
        Timeline(), {"wren": "wren"}, size=(96, 72), fps=FPS, history_s=history_s, quality="fixed"
    ) as stage:
        stage.say("wren", tone(1.0), "[happy] Hello", key="x")
        decoded(stage, "x")
        yield stage


def played(stage: mien.LiveStage, count: int) -> list[tuple[int, U8, F32]]:
    """(sample begun for the next frame, picture, sound) of frames."""
    return [(stage._show.player.shown_at, stage.frame().copy(), stage.sound.copy()) for _ in range(count)]


def to_the_end(stage: mien.LiveStage) -> None:
    while not stage.idle:
        played(stage, 1)
    played(stage, 5)


def test_live_a_pause_loses_no_sample_no_frame_and_no_event() -> None:
    with live() as stage, live() as twin:
        while stage._audio.heard() == []:
            played(stage, 1)
        played(stage, 9)
        stage.pause()
        held = played(stage, 15)
        stage.resume()
        to_the_end(stage), to_the_end(twin)
        pictures = [picture for _, picture, _ in held[-8:]]
        assert all(np.array_equal(one, pictures[0]) for one in pictures)
        assert len({shown for shown, _, _ in held[-8:]}) == 1
        assert not np.concatenate([sound for _, _, sound in held[-8:]]).any()
        # The turn's samples, one behind the other, without the pause.
        assert np.array_equal(spoken(stage), spoken(twin)) and len(spoken(stage)) > 40_000
        assert sum(len(sound) for _, _, sound in held) == pytest.approx(15 * 1600, abs=2)
        for one in (stage, twin):
            assert (one.ledger.frames_late, one.ledger.frames_dropped) == (0, 0)
        kinds = [(kind, position) for kind, _, _, position, _ in events(stage)]
        assert kinds[0] == ("started", 0.0) and kinds[-1] == ("finished", 1.0)
        assert [kind for kind, _ in kinds].count("finished") == 1


def spoken(stage: mien.LiveStage) -> F32:
    sound = stage._audio._deck.history.read(0, stage._audio.known)
    return sound[sound.any(axis=1)]


def sounding(frames: list[tuple[int, U8, F32]]) -> F32:
    sound = np.concatenate([one for _, _, one in frames])
    return sound[sound.any(axis=1)]


def test_live_what_was_shown_is_shown_again() -> None:
    with live() as stage:
        frames = played(stage, 60)
        while not stage.idle:  # what is opened slowly begins late
            frames += played(stage, 1)
        frames += played(stage, 5)
        shown = {frames[k][0]: frames[k][1] for k in range(1, len(frames))}
        told = events(stage)
        stage.pause()
        for time in (*list(shown)[40:20:-7], *list(shown)[:50:9]):
            stage.seek((time + 0.5) / 48_000)
            for _ in range(3):
                assert np.array_equal(stage.frame(), shown[time])
        stage.seek(min(shown) / 48_000)
        stage.resume()
        again = played(stage, len(frames) + 10)
        assert any(sound.any() for _, _, sound in again)  # it is heard as well
        assert stage._show.player.shown_at > max(shown)
        assert told and events(stage) == []


def test_live_an_interruption_while_paused_is_told_at_once() -> None:
    with live() as stage:
        while stage._audio.heard() == []:
            played(stage, 1)
        played(stage, 5)
        stage.pause()
        played(stage, 10)
        events(stage)
        stage.interrupt()
        played(stage, 2)
        (finished,) = events(stage)
        assert finished[0] == "finished" and finished[4] and stage.paused and stage.idle
        assert finished[3] == pytest.approx(stage.turns()[0].heard_s)
        stage.resume()
        assert not np.concatenate([sound[240:] for _, _, sound in played(stage, 10)[1:]]).any()
        assert events(stage) == []


def test_live_what_is_passed_over_is_not_heard() -> None:
    with live(history_s=0) as stage:
        played(stage, 5)
        to = stage.timeline.last_s - 0.25
        stage.seek(to)
        frames = played(stage, 4)
        assert frames[1][0] >= int(to * 48_000)
        to_the_end(stage)
        heard = [one[3] for one in events(stage) if one[0] == "finished"]
        assert heard == [1.0] and sounding(frames).shape[0] < 0.25 * 48_000
        assert stage.ledger.count("audio_underruns_total") == 0
