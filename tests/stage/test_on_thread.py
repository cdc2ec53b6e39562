"""A live stage beside an asyncio loop: frames come, what is told is heard, and leaving ends it all."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from typing import Any

import numpy as np
import pytest

import mien
from mien.composite.gl import open_headless
from mien.errors import Closed, MienError, ScriptError
from mien.stage import on_thread
from mien.stage.live import LiveStage
from mien.stage.on_thread import AsyncFrame, FrameQueue
from stage.test_stage import tone

ONE = {"otto": "otto"}


def stage_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("mien-")]


def test_frames_and_sound_come_and_a_turn_is_heard_to_its_end() -> None:
    async def show() -> tuple[int, int, list[str]]:
        frames, sound, kinds = 0, 0, list[str]()
        async with mien.AsyncStage(ONE, size=(64, 48), playout="null") as live:
            live.stage.say("otto", tone(0.2))
            async for frame in live.frames(tail_s=0.1):
                assert frame.picture.shape == (48, 64, 4)
                frames += 1
                sound += len(frame.sound)
                kinds += [event.kind for event in live.stage.events()]
            assert live.stage.position_s > 0.2
        return frames, sound, kinds

    frames, sound, kinds = asyncio.run(show())
    assert frames > 0 and sound > 0.2 * 48_000
    assert kinds == ["started", "finished"]
    assert stage_threads() == []


def test_a_slow_loop_loses_the_oldest_frames_and_no_sound() -> None:
    async def show() -> None:
        async with mien.AsyncStage(ONE, size=(64, 48), fps=60, playout="null") as live:
            parts, taken = [], 0
            opened = live.stage._sounded
            async for frame in live.frames(seconds=0.5):
                parts.append(frame.sound)
                taken += 1
                while live.dropped == 0:  # the loop is at something else until frames are lost
                    await asyncio.sleep(0)
            heard = np.concatenate(parts)
            assert live.dropped > 0 and taken >= 2
            assert len(heard) == live.stage._sounded - opened

    asyncio.run(show())


def test_a_loop_that_does_nothing_is_woken_once_and_two_frames_wait_for_it() -> None:
    woken = []
    queue = FrameQueue(lambda: woken.append(1))
    picture = np.zeros((1, 1, 4), np.uint8)

    def put(first: int, count: int) -> None:
        for k in range(first, first + count):
            queue.put(AsyncFrame(picture, np.full((1600, 2), k, np.float32)))

    put(0, 100)
    assert (len(queue._frames), len(woken), queue.dropped) == (2, 1, 98)
    first, second = queue.take(), queue.take()
    assert first is not None and second is not None and queue.take() is None
    assert first.sound[::1600, 0].tolist() == list(range(99)), "nothing of the sound is lost"
    assert second.sound[::1600, 0].tolist() == [99]
    put(100, 1)
    assert len(woken) == 2
    put(101, 1000)
    assert sum(map(len, queue._lost)) <= 480_000 + 1600, "of a loop that never comes back, the last 10 s"
    kept = queue.take()
    assert kept is not None and len(kept.sound) == 480_000 + 1600
    assert kept.sound[-1, 0] == 1099


def test_frames_end_with_the_loop_that_takes_them() -> None:
    async def show() -> None:
        async with mien.AsyncStage(ONE, size=(64, 48), playout="null") as live:
            frames = live.frames()
            await anext(frames)
            await frames.aclose()  # type: ignore[attr-defined]
            # Without leaving `async with`.
            assert live._thread is not None
            await asyncio.to_thread(live._thread.join)
            assert stage_threads() == []

    asyncio.run(show())


def test_leaving_early_and_being_cancelled_leave_no_thread() -> None:
    async def leave() -> None:
        async with mien.AsyncStage(ONE, size=(64, 48), playout="null") as live:
            async for _ in live.frames():
                break

    async def cancelled() -> None:
        started = asyncio.Event()

        async def show() -> None:
            async with mien.AsyncStage(ONE, size=(64, 48), playout="null") as live:
                live.stage.say("otto", tone(60.0))
                async for _ in live.frames():
                    started.set()

        task = asyncio.create_task(show())
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(leave())
    asyncio.run(cancelled())
    assert stage_threads() == []


def test_what_cannot_be_opened_is_raised_where_it_is_entered() -> None:
    async def show() -> None:
        async with mien.AsyncStage({"x": "nobody"}):
            pass

    with pytest.raises(MienError, match="nobody"):
        asyncio.run(show())
    assert stage_threads() == []


def test_cancelled_while_it_opens_it_closes_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    opening, cancelled = threading.Event(), threading.Event()

    class Slow(LiveStage):
        def __init__(self, *rest: Any, **named: Any) -> None:
            opening.set()
            cancelled.wait()
            super().__init__(*rest, **named)

    monkeypatch.setattr(on_thread, "LiveStage", Slow)

    async def enter() -> None:
        async with mien.AsyncStage(ONE, size=(64, 48), playout="null"):
            raise AssertionError("was entered")

    async def show() -> None:
        task = asyncio.create_task(enter())
        await asyncio.to_thread(opening.wait)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        cancelled.set()

    asyncio.run(show())
    for thread in threading.enumerate():
        if thread.name == "mien-stage":
            thread.join(timeout=60)
    assert stage_threads() == []


def test_frames_are_not_taken_before_it_is_open() -> None:
    for call in (lambda live: live.stage, lambda live: live.frames()):
        with pytest.raises(Closed, match="async with"):
            call(mien.AsyncStage(ONE))


def test_what_cannot_be_is_refused_where_it_is_given() -> None:
    with pytest.raises(ScriptError, match="playout"):
        mien.AsyncStage(ONE, playout="loud")  # type: ignore[arg-type]
    with pytest.raises(ScriptError, match="cast"):
        mien.AsyncStage("otto")  # type: ignore[arg-type]

    async def wrong() -> None:
        async with mien.AsyncStage(ONE, size=(64, 48), playout="null") as live:
            with pytest.raises(ScriptError, match="tail_s"):
                live.frames(tail_s=float("nan"))
            async for frame in live.frames(seconds=0.05):
                assert frame.picture.any()

    asyncio.run(wrong())


def test_frames_are_entered_and_taken_once() -> None:
    async def twice() -> None:
        async with mien.AsyncStage(ONE, size=(64, 48), playout="null") as live:
            async for _ in live.frames(seconds=0.05):
                pass
            with pytest.raises(Closed, match="once"):
                async for _ in live.frames():
                    pass
            with pytest.raises(Closed, match="once"):
                await live.__aenter__()

    asyncio.run(twice())


def test_frames_left_unfinished_print_nothing_when_the_program_ends() -> None:
    code = (
        "import mien\n"
        "stage = mien.open_live({'otto': 'otto'}, size=(64, 48), playout='null')\n"
        "frames = stage.frames()\n"
        "next(frames); next(frames)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_an_async_stage_that_is_entered_like_others_says_how() -> None:
    with pytest.raises(ScriptError, match="`async with`"), mien.AsyncStage(ONE):
        pass


def test_a_context_of_the_programs_is_refused_when_it_is_made() -> None:
    ctx = open_headless()
    with pytest.raises(ScriptError, match="an AsyncStage takes no context: it draws on a thread of its own"):
        mien.AsyncStage(ONE, context=ctx)
    ctx.release()
