"""A face beside a loop, on a clock of its own: in step, at once silent, and for hours."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

import mien
from agents.virtual import RATE, Pace, Still, led, mouth_is_open, sentence, speech
from mien.agents.drawing import WHO
from mien.agents.face import Face, Shown
from mien.agents.segments import as_int16
from mien.errors import AudioRejected, Closed, ScriptError

SIZE = (160, 120)


def shown(face: Face, told: dict[int, Any], frames: int) -> list[tuple[float, Shown]]:
    """When what was given; `told`: what is called before frame k is drawn."""
    pace: Any = face._pace

    async def watch() -> list[tuple[float, Shown]]:
        out: list[tuple[float, Shown]] = []
        given = 0
        async for one in face.frames():
            picture = None if one.picture is None else one.picture.copy()
            out.append((pace.now_s, one._replace(picture=picture)))
            given += bool(one.picture is not None or one.sounds)
            if given in told:
                told.pop(given)()
            if given == frames:
                break
        await face.aclose()
        return out

    return asyncio.run(watch())


def say(face: Face, said: Any) -> Any:
    def call() -> None:
        face.push(said, RATE)
        face.end()

    return call


def test_pictures_are_those_of_a_stage_that_says_the_same() -> None:
    """So the mouth of each is that of the sound that is given with it."""
    said = speech(0.5)
    face = led(Face("wren", size=SIZE, pace=Pace()))
    got = shown(face, {10: say(face, said)}, 30)
    speaking = [one for _, one in got if one.sounds]
    assert np.array_equal(np.concatenate([s.samples for one in speaking for s in one.sounds]), said)
    with mien.open_stage({WHO: "wren"}, size=SIZE) as stage:
        for _ in range(10):
            stage.frame()
        feed = mien.PcmFeed(RATE, most_s=3600)
        feed.queue.steady = True
        stage.say(WHO, feed)
        feed.push(said)
        feed.end()
        pictures = [one.picture for _, one in got if one.picture is not None]
        for k in range(10, 30):
            assert np.array_equal(stage.frame(), pictures[k]), k


def test_sound_comes_with_the_next_frame_and_every_frame_has_as_much_as_it_lasts() -> None:
    face = led(Face("wren", size=SIZE, pace=Pace()))
    got = shown(face, {5: say(face, speech(1.0))}, 60)
    first = next(k for k, (_, one) in enumerate(got) if one.sounds)
    assert first == 5
    assert [sum(len(s.samples) for s in one.sounds) for _, one in got[first : first + 30]] == [800] * 30


@pytest.mark.slow
def test_a_feed_that_keeps_some_seconds_ahead_is_played_at_its_own_rate() -> None:
    """The stage plays what holds more than it needs a little faster; the player would then fall behind."""
    pace = Pace()
    face = led(Face("wren", size=(32, 24), fps=10, pace=pace))
    said = speech(20.0)

    async def run() -> None:
        frames = samples = 0
        face.push(said[: RATE // 2], RATE)
        async for one in face.frames():
            if one.sounds or frames:
                frames += 1
                samples += sum(len(s.samples) for s in one.sounds)
                assert samples == frames * RATE // 10
                at = samples + RATE // 2
                face.push(said[at - RATE // 10 : at], RATE)
            if frames == 150:
                break
        await face.aclose()

    asyncio.run(run())


def test_the_mouth_is_closed_in_the_next_picture_after_an_interruption() -> None:
    face = led(Face("wren", size=(64, 48), pace=Pace()))
    said = sentence()

    async def run() -> list[bool]:
        """Whether it is open after each of some interruptions, which come while it is."""
        after: list[bool] = []
        interrupted, frames = False, 0
        face.push(said, RATE)
        async for one in face.frames():
            frames += 1
            if interrupted:
                assert not one.sounds
                after.append(mouth_is_open(face.stage))
                face.push(said, RATE)
            if interrupted := not interrupted and mouth_is_open(face.stage):
                (ended,) = face.clear()
                assert ended.interrupted
            if len(after) == 8 or frames == 400:
                break
        await face.aclose()
        return after

    assert asyncio.run(run()) == [False] * 8


class Numbered(Still):
    """Each picture is its number."""

    drawn = 0

    def frame(self, out: Any) -> None:
        super().frame(out)
        if out is not None:
            self.drawn += 1
            out[:] = self.drawn % 256


@pytest.mark.parametrize("fps", [30, 240])
def test_a_picture_that_is_held_until_its_sound_is_heard_is_still_itself(fps: int) -> None:
    """It is not drawn over, at any rate."""
    face = led(Face("wren", size=(8, 8), fps=fps, pace=(pace := Pace())), Numbered(fps))
    seen: list[tuple[float, int]] = []
    heard_s: list[float] = []

    async def watch() -> None:
        face.push(speech(1.0), RATE)
        face.end()
        async for one in face.frames(apart=True):
            assert one.picture is None or not one.sounds
            if one.picture is not None:
                seen.append((pace.now_s, int(one.picture[0, 0, 0])))
            heard_s.extend(pace.now_s for _ in one.sounds)
            if one.ended:
                break
        await face.aclose()

    asyncio.run(watch())
    assert [number for _, number in seen] == list(range(1, len(seen) + 1)) and len(seen) > 0.9 * fps
    if not face.left_out:
        assert [at for at, _ in seen[:fps]] == pytest.approx([k / fps for k in range(fps)], abs=1e-6)
        ahead = [at - given for (at, _), given in zip(seen, heard_s, strict=False)]
        assert max(ahead[4:]) == pytest.approx(0.06, abs=0.01), "their sound was given before"


def test_of_pictures_whose_time_went_by_while_the_loop_stood_still_the_newest_is_given() -> None:
    pace = Pace()
    face = led(Face("wren", size=(8, 8), fps=30, pace=pace, lead_ns=100_000_000), Numbered())

    async def watch() -> None:
        expected = left_out = None
        face.push(speech(1.0), RATE)
        async for one in face.frames(apart=True):
            if one.picture is not None and expected is not None:
                assert (one.picture[0, 0, 0], face.left_out) == (expected, left_out)
                break
            if one.picture is not None and len(face._ahead) > 1:
                at_ns, newest = face._ahead[1]
                expected, left_out, pace._now_ns = newest[0, 0, 0], face.left_out + 1, at_ns
        await face.aclose()

    asyncio.run(watch())


def test_an_interruption_does_not_wait_for_the_next_frame_to_be_due() -> None:
    face = led(Face("wren", size=SIZE, fps=25, pace=(pace := Pace())), Still(25))
    given: list[float] = []

    async def watch() -> None:
        async for one in face.frames():
            if one.picture is not None:
                given.append(pace.now_s)

    async def main() -> None:
        watching = asyncio.create_task(watch())
        face.push(speech(2.0), RATE)
        await pace.sleep(0.513)
        between = pace.now_s
        assert given[-1] < between, "the next is due later"
        face.clear()
        await pace.sleep(0.1)
        after = [round(at - between, 6) for at in given if at >= between]
        assert after == [0, 0.04, 0.08]
        face.clear()
        await pace.sleep(0.1)
        assert min(np.diff(given[-4:])) > 0.039, "who is silent is not drawn sooner for it"
        await face.aclose()
        await watching

    asyncio.run(main())


def test_a_face_says_whether_it_is_not_open_yet_or_closed() -> None:
    face = led(Face("wren", size=SIZE, pace=Pace()), Still())
    with pytest.raises(Closed, match="not open yet"):
        face.stage.time_s  # noqa: B018

    async def main() -> None:
        await face.open()
        await face.aclose()

    asyncio.run(main())
    with pytest.raises(Closed, match="this face is closed: open another"):
        face.stage.time_s  # noqa: B018


def test_a_pause_loses_no_sample_and_what_is_said_meanwhile_waits() -> None:
    said, after = speech(0.5, seed=1), speech(0.3, seed=2)
    face = led(Face("wren", size=SIZE, pace=Pace()))
    told = {5: say(face, said), 10: face.pause, 12: say(face, after), 40: face.resume}
    got = shown(face, told, 90)
    assert not any(one.sounds for _, one in got[10:40])
    sounds = [s.samples for _, one in got for s in one.sounds]
    assert np.array_equal(np.concatenate(sounds), np.concatenate([said, after]))
    assert [e.position_s for _, one in got for e in one.ended] == [0.5, 0.3]


def test_a_face_that_is_interrupted_while_it_is_paused_lives_and_says_nothing_until_it_may() -> None:
    face = led(Face("wren", size=SIZE, pace=Pace()))
    told = {5: say(face, speech(1.0)), 10: face.pause, 15: face.clear, 16: say(face, speech(0.2, seed=3))}
    got = shown(face, {**told, 60: face.resume}, 90)
    pictures = [one.picture for _, one in got if one.picture is not None]
    assert np.array_equal(pictures[12], pictures[13])
    assert any(not np.array_equal(pictures[20], pictures[k]) for k in range(21, 60)), "it lives"
    assert not any(one.sounds for _, one in got[10:60])
    assert sum(len(s.samples) for _, one in got[60:] for s in one.sounds) == round(0.2 * RATE)


@pytest.mark.slow
def test_two_hours_of_speech_drift_by_nothing() -> None:
    """Pictures, sound and the clock; what a device's clock does is the player's."""
    pace, fps = Pace(), 2
    face = led(Face("wren", size=SIZE, fps=fps, pace=pace), Still(fps))
    hour = np.zeros(RATE, np.int16)

    async def run() -> tuple[int, int, float]:
        pictures = samples = 0
        worst = 0.0
        begun = None
        async for one in face.frames():
            pictures += one.picture is not None
            samples += sum(len(s.samples) for s in one.sounds)
            if begun is None and one.sounds:
                begun, before = pace.now_s, pictures - 1
            if begun is not None and one.sounds:
                worst = max(worst, abs(samples / RATE - (pictures - before) / fps))
            if (last := face.last) is None or last.pushed - last.given < RATE:
                face.push(hour, RATE)
            if samples >= 7200 * RATE:
                break
        assert begun is not None
        late = pace.now_s - begun - samples / RATE
        await face.aclose()
        return pictures, samples, max(worst, abs(late + 0.06 + 1 / fps))

    _, samples, worst = asyncio.run(run())
    assert samples == 7200 * RATE and worst < 0.010


@pytest.mark.parametrize("fps", [25, 30, 50, 60])
@pytest.mark.parametrize("takes", [0.2, 0.7])
def test_no_picture_of_a_turn_is_left_out_where_each_is_drawn_in_time(fps: int, takes: float) -> None:
    """Of the first turn and of a later one, whose first frames are not ahead yet. `takes`: of an interval."""
    face = led(Face("wren", size=(8, 8), fps=fps, pace=Pace()), Still(fps), takes / fps)
    told = {5: say(face, speech(1.0)), 100: say(face, speech(1.0))}
    got = shown(face, told, 170)
    assert sum(bool(one.sounds) for _, one in got) == 2 * fps
    assert all(one.picture is not None for _, one in got if one.sounds) and not face.left_out


@pytest.mark.parametrize("fps", [30, 60])
def test_of_a_turn_whose_first_picture_takes_long_no_other_is_left_out(fps: int) -> None:
    """All sound that came by then is listened to with it."""
    pace = Pace()

    class Listening(Still):
        def say(self, *told: Any, **more: Any) -> None:
            super().say(*told, **more)
            pace._now_ns += 100_000_000

    face = led(Face("wren", size=(8, 8), fps=fps, pace=pace), Listening(fps), 0.008)
    got = shown(face, {5: say(face, speech(1.0)), 100: say(face, speech(1.0))}, 170)
    assert sum(bool(one.sounds) for _, one in got) == 2 * fps and not face.left_out


@pytest.mark.parametrize("stands_ms", [100, 200, 500])
def test_of_a_loop_that_stood_still_one_picture_is_left_out(stands_ms: int) -> None:
    """What comes after it is ahead of its time by and by, as at a turn's beginning."""
    pace = Pace()
    face = led(Face("wren", size=(8, 8), fps=60, pace=pace), Still(60), 0.008)

    def stands() -> None:
        pace._now_ns += stands_ms * 1_000_000

    got = shown(face, {5: say(face, speech(2.0)), 20: stands}, 100)
    assert sum(bool(one.sounds) for _, one in got) > 60 and face.left_out <= 1


@pytest.mark.parametrize(("fps", "takes_ms"), [(30, 50), (60, 25), (60, 45)])
def test_a_frame_that_takes_too_long_costs_a_picture_and_no_sound(fps: int, takes_ms: int) -> None:
    pace = Pace()
    face = led(Face("wren", size=SIZE, fps=fps, pace=pace), slow := Still(fps))
    quick = slow.frame

    def frame(out: Any) -> None:
        if out is not None:
            pace._now_ns += takes_ms * 1_000_000
        quick(out)

    slow.frame = frame  # type: ignore[method-assign]
    got = shown(face, {5: say(face, speech(3.0))}, 120)
    times = [(at, one) for at, one in got if one.sounds]
    heard_until = times[0][0]
    for at, one in times:
        assert at <= heard_until + 0.001 or one is times[0][1], "the player ran dry"
        heard_until = max(at, heard_until) + sum(len(s.samples) for s in one.sounds) / RATE
    assert face.left_out > 20


def test_a_face_takes_no_option_that_is_the_frameworks() -> None:
    with pytest.raises(ScriptError, match="takes no title: it has no window"):
        Face("wren", title="A window")
    with pytest.raises(ScriptError, match="takes no clock"):
        Face("wren", clock=mien.clock.VirtualClock())


def test_sound_of_floats_is_heard_as_that_of_whole_numbers_and_what_is_no_sound_is_refused() -> None:
    whole = np.array([0, 16384, -32767, 32767], np.int16)
    floats = np.array([0.0, 0.5, -1.0, 3.0], np.float32)
    assert np.abs(as_int16(floats).astype(int) - whole).max() <= 1
    taken = as_int16(whole)
    assert taken is not whole and taken.tolist() == whole.tolist()
    for samples, words in (
        (floats.astype(np.float64), "float64 samples; push an array of int16 or float32"),
        (whole.tobytes(), "samples; push an array"),
        (whole.reshape(2, 2), r"shape \(2, 2\); push \(n,\), mono"),
        (np.array([np.nan], np.float32), "no numbers"),
        ([[1], [1, 2]], "different lengths"),
    ):
        with pytest.raises(AudioRejected, match=words):
            as_int16(samples)
        with pytest.raises(AudioRejected, match=words):
            Face("wren").push(samples, RATE)  # type: ignore[arg-type]


def test_a_closed_face_says_so() -> None:
    async def close() -> None:
        face = led(Face("wren", size=SIZE, pace=Pace()))
        with pytest.raises(Closed, match="not open"):
            _ = face.stage
        await face.aclose()
        await face.aclose()
        with pytest.raises(Closed, match="open another"):
            face.push(speech(0.1), RATE)

    asyncio.run(close())


def test_who_is_not_there_is_told_when_it_opens() -> None:
    async def opened() -> None:
        async with Face("nobody", size=SIZE):
            pass

    with pytest.raises(mien.MienError, match="nobody"):
        asyncio.run(opened())
