"""An error leaves the stage as it was: frames, sound and turns go on as if the call had not been made."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import moderngl
import numpy as np
import pytest

import mien
from mien.composite.gl import open_headless
from mien.composite.gl.context import second_context
from mien.errors import Closed, ContextNotCurrent, OutOfGpuMemory, WrongThread
from mien.testing import Timeline, decoded, open_on
from mien.types import F32
from stage.test_stage import tone

ONE = {"otto": "otto"}
SIZE = (64, 48)
Heard = list[tuple[bytes, bytes]]


@pytest.fixture
def own() -> Iterator[moderngl.Context]:
    context = open_headless()
    yield context
    context.release()


def frames_of(stage: mien.Stage, count: int) -> Heard:
    """(picture, sound) of so many frames."""
    return [(stage.frame().tobytes(), stage.sound.tobytes()) for _ in range(count)]


def undisturbed(count: int) -> Heard:
    with mien.open_stage(ONE, size=SIZE) as stage:
        stage.say("otto", tone(0.2))
        return frames_of(stage, count)


def test_a_frame_in_a_context_that_is_not_current_takes_nothing_of_the_sound(own: moderngl.Context) -> None:
    with own:
        stage = mien.open_stage(ONE, size=SIZE, context=second_context(own))
        stage.say("otto", tone(0.2))
        first = frames_of(stage, 3)
    for _ in range(5):
        with pytest.raises(ContextNotCurrent):
            stage.frame()
    with pytest.raises(ContextNotCurrent):
        stage.draw()
    with own:
        assert first + frames_of(stage, 7) == undisturbed(10)
        stage.close()


def test_a_live_frame_in_a_context_that_is_not_current_is_shown_once_it_is(own: moderngl.Context) -> None:
    clock = Timeline()
    with own:
        stage = open_on(clock, ONE, size=SIZE, context=second_context(own))
    with pytest.raises(ContextNotCurrent):
        stage.frame()  # the first: nothing has been begun
    with own:
        decoded(stage, stage.say("otto", tone(0.3)))
        stage.frame()
        heard = [stage.sound]
    with pytest.raises(ContextNotCurrent):
        stage.frame()
    with own:
        # When the turn comes depends on how quick the machine was before this clock led.
        while len(heard) < 15 or not any(np.abs(part).max(initial=0.0) > 0.1 for part in heard):
            assert stage.frame().any()
            heard.append(stage.sound)
        whole = stage._audio.between(0, stage._sounded)
        assert np.array_equal(np.concatenate(heard)[-len(whole) :], whole) and len(whole) >= 13 * 1600
        stage.close()


@pytest.mark.parametrize("failing", ["draw", "read"])
def test_a_frame_that_the_gpu_has_no_room_for_is_the_next_one_still(
    failing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mien.open_stage(ONE, size=SIZE) as stage:
        stage.say("otto", tone(0.2))
        first = frames_of(stage, 3)

        def full(*_rest: object) -> None:
            raise OutOfGpuMemory("there is no room")

        with monkeypatch.context() as patched:
            patched.setattr(stage._compositor, failing, full)
            for _ in range(3):
                with pytest.raises(OutOfGpuMemory):
                    stage.frame()
        assert first + frames_of(stage, 7) == undisturbed(10)


def test_a_live_frame_that_fails_loses_none_of_its_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_at: int) -> int:
        return 1 // 0

    with open_on(Timeline(), ONE, size=SIZE) as stage:
        decoded(stage, stage.say("otto", tone(0.3)))
        heard: list[F32] = []
        # Before this clock led, sound went on by the machine's: the turn comes later the slower that was.
        while len(heard) < 30 or not any(np.abs(part).max(initial=0.0) > 0.1 for part in heard):
            if len(heard) % 5 == 4:
                with monkeypatch.context() as patched:
                    patched.setattr(stage._show, "tick", broken)
                    with pytest.raises(ZeroDivisionError):
                        stage.frame()
                begun = stage._begun
                stage.frame()
                assert stage._begun >= begun + 2  # not the picture of before: one is drawn anew, and the next
            else:
                stage.frame()
            heard.append(stage.sound)
        whole = stage._audio.between(0, stage._sounded)
        assert np.array_equal(np.concatenate(heard)[-len(whole) :], whole) and len(whole) >= 28 * 1600


def test_frames_asked_for_on_a_wrong_thread_take_nothing_of_the_sound() -> None:
    with mien.open_stage(ONE, size=SIZE) as stage:
        stage.say("otto", tone(0.2))
        begun = stage.frames(tail_s=0)
        first = [(next(begun).tobytes(), stage.sound.tobytes()) for _ in range(3)]
        caught: list[Exception] = []

        def ask() -> None:
            for call in (stage.frame, stage.draw, stage.frames, lambda: next(begun), stage.close):
                try:
                    call()
                except Exception as error:
                    caught.append(error)

        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
        assert [type(error) for error in caught] == [WrongThread] * 5
        assert first + frames_of(stage, 7) == undisturbed(10)


def test_a_turn_that_is_refused_leaves_no_key_behind() -> None:
    with mien.open_stage(ONE, size=SIZE) as stage:
        spoken = mien.PcmFeed(48_000)
        assert stage.say("otto", spoken) == "turn-1"
        for wrong in (spoken, 3):
            with pytest.raises(mien.AudioRejected):
                stage.say("otto", wrong)  # type: ignore[arg-type]
        assert stage.say("otto", tone(0.1)) == "turn-2"


def test_a_host_that_fails_in_its_loop_may_begin_another() -> None:
    with mien.open_stage(ONE, size=SIZE) as stage:
        stage.say("otto", tone(0.2))
        shown: Heard = []
        for _ in range(5):
            with pytest.raises(ZeroDivisionError):
                for picture in stage.frames():
                    shown.append((picture.tobytes(), stage.sound.tobytes()))
                    if len(shown) % 2 == 0:
                        _ = 1 / 0
        assert shown == undisturbed(10)


def test_a_host_that_fails_in_a_live_loop_may_begin_another_and_close_in_it() -> None:
    with open_on(Timeline(), ONE, size=SIZE) as stage:
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                for picture in stage.frames():
                    assert picture.any()
                    _ = 1 / 0
        with pytest.raises(Closed, match=r"mien\.open_"):
            for _ in stage.frames():
                stage.close()


@pytest.mark.parametrize("fps", [30, 50, "30000/1001", 7])
def test_without_a_tail_a_turn_is_told_to_have_finished_before_the_frames_end(fps: float | str) -> None:
    with mien.open_stage(ONE, size=SIZE, fps=fps) as stage:
        feed = mien.PcmFeed(48_000)
        feed.push(np.zeros(48_000, np.int16))
        feed.end()
        stage.say("otto", feed)
        kinds = [event.kind for _ in stage.frames(tail_s=0) for event in stage.events()]
        kinds += [event.kind for event in stage.events()]
        assert kinds == ["started", "finished"]
        # And no frame is shown but those that it was heard in.
        assert stage.fps.sample(stage._index - 1) < 48_000 + stage.fps.sample(1)


@pytest.mark.parametrize("how", ["frames", "run"])
def test_without_a_tail_live_frames_go_on_until_all_has_been_heard(how: str) -> None:
    with open_on(Timeline(), ONE, size=SIZE) as stage:
        decoded(stage, stage.say("otto", tone(1.0)))
        if how == "run":
            stage.run(tail_s=0)
        else:
            for _ in stage.frames(tail_s=0):
                pass
        assert [event.kind for event in stage.events()] == ["started", "finished"]
