"""A live stage that cannot hold the rate has fewer pixels, and never falls behind; on virtual time."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

import mien
from art.build import tiny_character
from mien.errors import ScriptError
from mien.observe.record import FrameRecord
from mien.stage.governor import LEVELS, Level
from mien.stage.live import LiveStage
from mien.stage.options import Quality
from stage.test_stage import tone
from stage.timeline import Timeline, decoded, with_a_quick_gpu

SIZE = (96, 72)
FPS = 50
INTERVAL_MS = 1000 / FPS
MS = 1_000_000
CostMs = Callable[[float, Level], float]
"""What a frame takes the GPU, from session time in seconds and the level of which it is drawn."""


def with_a_gpu(stage: LiveStage, clock: Timeline, cost_ms: CostMs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is drawn is done so long after, of virtual time."""
    with_a_quick_gpu(stage)
    compositor = stage._compositor
    draw = compositor.draw
    done_ns = 0

    def drawn(frame: object) -> bool:
        nonlocal done_ns
        changed = draw(frame)  # type: ignore[arg-type]
        now = clock.now_ns()
        done_ns = now + round(cost_ms(stage.time_s, stage._level) * MS)
        return changed

    monkeypatch.setattr(compositor, "draw", drawn)
    monkeypatch.setattr(type(compositor), "busy", property(lambda _: clock.now_ns() < done_ns))


def played(
    cost_ms: CostMs, monkeypatch: pytest.MonkeyPatch, quality: Quality = "auto", seconds: float = 4.0
) -> tuple[list[FrameRecord], LiveStage]:
    """The frames of a turn of so many seconds, and their stage."""
    clock = Timeline()
    with LiveStage(
        {"otto": "otto"}, size=SIZE, fps=FPS, playout="null", clock=clock, quality=quality
    ) as stage:
        clock.lead(stage)
        queue = stage.ledger.subscribe()
        decoded(stage, stage.say("otto", tone(seconds)))
        with_a_gpu(stage, clock, cost_ms, monkeypatch)
        for picture in stage.frames(tail_s=0.1):
            assert picture.shape == (72, 96, 4)
        made = stage.ledger.count("gl_alloc_after_ready_total")
        assert (made, stage.ledger.count("shader_compile_after_ready_total")) == (0, 0)
    return [record for record in queue if isinstance(record, FrameRecord)], stage


@pytest.mark.parametrize("quality", ["auto", "fixed"])
def test_frames_that_always_take_three_intervals_stay_with_the_sound(
    monkeypatch: pytest.MonkeyPatch, quality: Quality
) -> None:
    """Lateness does not grow: the schedule is left where it is, and what is shown is of now."""
    frames, stage = played(lambda _t, _level: 3 * INTERVAL_MS, monkeypatch, quality)
    assert len(frames) > 50
    assert max(frame.frame_delay_ms for frame in frames) <= 3.2 * INTERVAL_MS
    # Of the sample that was expected to be heard: an average follows within a few frames.
    assert max(abs(frame.av_skew_ms or 0.0) for frame in frames[20:]) <= 1.5 * INTERVAL_MS
    ledger = stage.ledger
    assert ledger.consecutive_missed_max <= 3
    assert ledger.frames_produced + ledger.frames_dropped == ledger.frames_expected


def test_they_are_in_time_again_with_the_first_frame_that_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    frames, _ = played(lambda at, _level: 3 * INTERVAL_MS if at < 2 else 2.0, monkeypatch, "fixed")
    after = [frame for frame in frames if frame.at_sample > 2 * 48_000 + 4 * 960]
    assert len(after) > 80
    assert max(frame.frame_delay_ms for frame in after) < 0.2 * INTERVAL_MS
    assert [b.frame - a.frame for a, b in pairwise(after)] == [1] * (len(after) - 1)
    assert max(abs(frame.av_skew_ms or 0.0) for frame in after[10:]) < INTERVAL_MS / 2


def test_a_first_frame_that_takes_long_is_not_shown_behind_its_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    first = iter([110.0])
    frames, _ = played(lambda _t, _level: next(first, 2.0), monkeypatch, seconds=1.0)
    assert max(abs(frame.av_skew_ms or 0.0) for frame in frames) < INTERVAL_MS


def area(base_ms: float) -> CostMs:
    """A part that is the same for all scales, and one by their pixels; three times as much in between.
    Coarser steps save a fifth."""

    def cost_ms(at_s: float, level: Level) -> float:
        pixels = level.scale**2 * (0.8 if level.coarse else 1.0)
        return (base_ms if 1 < at_s < 3 else base_ms / 3) * (0.2 + 0.8 * pixels)

    return cost_ms


def test_fewer_pixels_are_drawn_while_it_is_busy_and_no_frame_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frames, stage = played(area(26.0), monkeypatch, seconds=5.0)
    ledger = stage.ledger
    assert (ledger.frames_dropped, ledger.frames_late) == (0, 0)
    assert ledger.count("frames_scaled_total") == sum(frame.draw_scale < 1 for frame in frames) > 80
    assert sum(ledger.frames_scaled_by_scale.values()) == ledger.count("frames_scaled_total")
    assert 2 <= ledger.count("scale_changes_total") <= 6
    coarse = [frame for frame in frames if frame.hold_px > LEVELS[0].hold_px]
    assert ledger.count("frames_coarse_total") == len(coarse) > ledger.count("frames_scaled_total")
    assert ledger.count("joints_held_total") > 0
    by_time = [(frame.at_sample / 48_000, frame.draw_scale) for frame in frames]
    assert all(scale == 1.0 for at, scale in by_time if at < 1)
    assert all(scale < 1.0 for at, scale in by_time if 1.15 < at < 3)
    assert all(scale == 1.0 for at, scale in by_time if at > 4)
    # One level at a time, coarser steps before fewer pixels; back by one scale.
    known = [(level.scale, level.hold_px) for level in LEVELS]
    levels = [known.index((frame.draw_scale, frame.hold_px)) for frame in frames]
    assert max(b - a for a, b in pairwise(levels)) == 1
    scales = [known[number][0] for number in levels]
    assert max(abs(a - b) for a, b in pairwise(scales)) == 0.25


def test_with_fixed_quality_frames_are_left_out_and_all_pixels_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    _, stage = played(area(26.0), monkeypatch, "fixed")
    assert stage.ledger.frames_dropped > 10
    counted = ("frames_scaled_total", "scale_changes_total", "frames_coarse_total", "joints_held_total")
    assert [stage.ledger.count(name) for name in counted] == [0, 0, 0, 0]


def test_what_is_shown_and_when_does_not_depend_on_the_scale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times of frames are those of a quick machine."""
    slow, _ = played(area(22.0), monkeypatch)
    assert any(frame.draw_scale < 1 for frame in slow)
    quick, _ = played(lambda _t, _level: 1.0, monkeypatch)
    # The sound began a little before the timeline led it.
    steps = [[frame.at_sample - run[5].at_sample for frame in run[5:200]] for run in (slow, quick)]
    assert [frame.frame for frame in slow[:200]] == [frame.frame for frame in quick[:200]]
    assert max(abs(a - b) for a, b in zip(*steps, strict=True)) <= 0.5 * 48 * INTERVAL_MS


def test_files_and_stages_that_are_not_live_always_have_all_pixels() -> None:
    with mien.open_stage({"otto": "otto"}, size=SIZE, quality="auto") as stage:
        assert stage._governor() is None
        with pytest.raises(ScriptError, match=r"scale cannot be 0\.75: give one of 1"):
            stage._compositor.scale = 0.75


def test_a_quality_that_is_none_is_refused() -> None:
    with pytest.raises(ScriptError, match="quality cannot be 'best': give one of auto, fixed"):
        mien.StageOptions(quality="best")  # type: ignore[arg-type]


@pytest.mark.parametrize("quality", ["auto", "fixed"])
def test_frames_are_rehearsed_before_the_first_is_shown(tmp_path: Path, quality: Quality) -> None:
    tiny = {"a": tiny_character(tmp_path / "a")}
    with mien.open_live(tiny, size=(32, 24), playout="null", quality=quality) as stage:
        rehearsed = stage._begun
        assert rehearsed >= 2 if quality == "auto" else rehearsed == 0
        assert stage.ledger.frames_expected == 0
        assert stage.frame().shape == (24, 32, 4)
