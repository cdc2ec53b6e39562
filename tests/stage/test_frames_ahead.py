"""Frames that are drawn while the host has the one before are the same frames, in order, with their sound."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mien
from cli.short import brief
from mien.composite.gl import Compositor, CompositorOptions
from mien.errors import Closed, OutOfGpuMemory
from mien.stage.offline import Stage
from mien.stage.video_file import VideoFile
from mien.talk import load_conversation
from mien.types import U8, Size
from stage.test_stage import tone

ONE = {"otto": "otto"}
SIZE = (64, 48)
Given = list[tuple[bytes, bytes, list[str]]]


@pytest.fixture(params=[False, True], ids=["target", "pixel buffers"], autouse=True)
def buffered(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Both ways of reading back on any renderer."""
    opened = Compositor.__init__

    def init(self: Compositor, *arguments: Any, options: CompositorOptions, **keywords: Any) -> None:
        options = CompositorOptions(private=options.private, pixel_buffers=request.param)
        opened(self, *arguments, options=options, **keywords)

    monkeypatch.setattr(Compositor, "__init__", init)
    return bool(request.param)


def given(stage: Stage, frames: Iterator[U8]) -> Given:
    """(picture, sound, events) of each frame, as the host has them."""
    return [
        (picture.tobytes(), stage.sound.tobytes(), [f"{event.kind} {event.at}" for event in stage.events()])
        for picture in frames
    ]


def opened() -> Stage:
    stage = mien.open_stage(ONE, size=SIZE)
    stage.say("otto", tone(0.2), "[happy] one")
    stage.say("otto", tone(0.1), gap_s=0.2)
    return stage


def test_a_run_is_the_same_as_frame_by_frame_with_its_sound_its_events_and_its_end() -> None:
    with opened() as one, opened() as other:
        wanted, got = given(one, one.frames(0.3)), given(other, other.frames_ahead(0.3))
        assert one.time_s == other.time_s
        assert one.ledger.frames_produced == other.ledger.frames_produced == len(wanted)
    assert len(wanted) > 15
    assert sum(len(events) for _, _, events in wanted) >= 4
    assert got == wanted


def test_a_conversation_is_the_same_frame_by_frame_or_ahead(tmp_path: Path) -> None:
    conversation = load_conversation(brief(tmp_path / "talk"))
    with (
        Stage.of(conversation, size=(96, 54)) as one,
        Stage.of(conversation, size=(96, 54)) as other,
    ):
        wanted, got = given(one, one.frames(seconds=1)), given(other, other.frames_ahead(seconds=1))
    assert len(wanted) == 30
    assert got == wanted


@pytest.mark.parametrize("rest", ["frame", "frames", "frames_ahead", "draw"])
def test_a_run_that_is_left_early_goes_on_with_the_frame_that_was_drawn_ahead(rest: str) -> None:
    with opened() as one, opened() as other:
        wanted = given(one, one.frames(seconds=0.4))
        got = given(other, other.frames_ahead(seconds=0.2))
        run = other.frames_ahead()
        got += given(other, (next(run) for _ in range(3)))
        if rest == "draw":
            other.draw()
            skipped = wanted.pop(9)
            assert (other.sound.tobytes(), other.time_s) == (skipped[1], 10 / 30)
        if rest == "frame":
            got += given(other, (other.frame() for _ in range(12 - len(got))))
        else:
            way = other.frames if rest == "frames" else other.frames_ahead
            got += given(other, way(seconds=(len(wanted) - len(got)) / 30))
        assert got == wanted


def test_what_a_host_tells_is_heard_by_the_frame_after_the_one_drawn_ahead() -> None:
    with opened() as stage:
        run = stage.frames_ahead()
        next(run)
        stage.set_expression("otto", "sad")
        next(run)
        set_at = [event.at for event in stage._show.script.lanes("otto")["expression"]]
    assert set_at == [0, 2 * 1600]


def test_a_frame_that_fails_costs_neither_the_one_before_nor_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    with opened() as one, opened() as stage:
        wanted = given(one, one.frames(seconds=0.3))
        got = given(stage, stage.frames_ahead(seconds=0.1))
        run = stage.frames_ahead()
        got += given(stage, (next(run) for _ in range(2)))
        with monkeypatch.context() as failing:

            def full(*arguments: object) -> None:
                raise OutOfGpuMemory("no room")

            failing.setattr(stage._compositor, "_render", full)
            with pytest.raises(OutOfGpuMemory):
                next(run)
        got += given(stage, (stage.frame() for _ in range(9 - len(got))))
        assert got == wanted


def test_a_closed_stage_draws_no_further() -> None:
    with opened() as stage:
        run = stage.frames_ahead()
        next(run)
        stage.close()
        with pytest.raises(Closed):
            next(run)


def test_a_file_gets_every_frame_once_with_the_next_drawn_meanwhile(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    got: list[bytes] = []
    write = VideoFile.write

    def seen(self: VideoFile, picture: U8, sound: Any) -> None:
        got.append(picture.tobytes())
        write(self, picture, sound)

    monkeypatch.setattr(VideoFile, "write", seen)
    with opened() as one, opened() as stage:
        wanted = [picture.tobytes() for picture in one.frames(seconds=0.5)]
        with VideoFile(tmp_path / "a.mp4", Size(*SIZE), 30) as file:
            for picture in stage.frames_ahead(seconds=0.5):
                drawn = stage.ledger.frames_produced
                file.write(picture, stage.sound)
                assert drawn == min(len(got) + 1, 15)
        assert stage._compositor.counters.reads_merged == 0
    assert got == wanted
    assert np.frombuffer(got[0], np.uint8).any()
