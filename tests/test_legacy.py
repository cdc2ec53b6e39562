"""The old way, for comparison: its cache, its pictures, its sound, and the arithmetic of the comparison."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest

TOOLS = Path(__file__).parents[1] / "tools"
sys.path.insert(0, str(TOOLS))

from bench_compositor.machine import Machine  # noqa: E402
from legacy_compositor import report  # noqa: E402
from mien.catalog import bundled_or_path  # noqa: E402
from mien.clock import SAMPLE_RATE, VirtualClock  # noqa: E402
from mien.composite.reference import composite, to_bytes  # noqa: E402
from mien.prove import loads as load  # noqa: E402
from mien.prove.old_way import figures, ledger, sound  # noqa: E402
from mien.prove.old_way.cache import L1Cache  # noqa: E402
from mien.prove.old_way.figures import Figures, FrameTime  # noqa: E402
from mien.prove.old_way.stage import LegacyStage, play  # noqa: E402
from mien.report import reports_of  # noqa: E402
from mien.talk import Conversation, load_conversation  # noqa: E402
from mien.types import F32, Size  # noqa: E402

SMALL = Size(160, 90)
MEAN_ALLOWED = 1.0
"""Of 255, over a character's picture: Pillow rounds after every layer."""


@pytest.fixture(scope="module")
def hello() -> Conversation:
    return load_conversation(bundled_or_path("conversations", "hello"))


@pytest.fixture(scope="module")
def begun(hello: Conversation) -> Conversation:
    """Its first two turns, which last longer than is played here: a stage decodes all it has."""
    return replace(hello, turns=hello.turns[:2])


def test_the_cache_counts_every_hit_and_miss_and_forgets_what_was_used_longest_ago() -> None:
    cache: L1Cache[str] = L1Cache(2)
    made: list[str] = []

    def get(key: str) -> str:
        def make() -> str:
            made.append(key)
            return key.upper()

        return cache.get(key, make)

    assert [get(key) for key in "abacab"] == list("ABACAB")
    # b went when c came, since a had been used again; a stayed.
    assert made == ["a", "b", "c", "b"] and (cache.hits, cache.misses, len(cache)) == (2, 4, 2)


def test_a_cache_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="give 1 or more"):
        L1Cache[str](0)


def test_a_state_is_composited_once_and_costs_nothing_when_it_comes_again(begun: Conversation) -> None:
    clock = VirtualClock()
    with LegacyStage(begun, SMALL, clock) as stage:
        stage.draw(0)
        assert (stage.cache.hits, stage.cache.misses) == (0, 2)
        stage.draw(1600)
        stage.draw(3200)
        assert (stage.cache.hits, stage.cache.misses) == (4, 2) and len(stage.miss_ms) == 2


def test_a_miss_composites_what_the_specification_says(begun: Conversation) -> None:
    with LegacyStage(begun, SMALL, VirtualClock()) as stage:
        stage.draw(0)
        # So small a cast fills the top of its pages only, and the specification works on all of a page.
        used = max(int(np.flatnonzero(page.any(axis=(1, 2)))[-1]) for page in stage.pages) + 3
        tops = [page[:used] for page in stage.pages]
        for who in (0, 1):
            rows = stage.state(who)
            assert rows.count > 20
            wanted = to_bytes(composite(rows, tops)).astype(float)
            image, (left, top) = stage.painter.paint(rows.rows[: rows.count])
            straight = np.asarray(image).astype(float)
            got = np.zeros_like(wanted)
            part = got[top : top + image.height, left : left + image.width]
            part[..., :3] = straight[..., :3] * straight[..., 3:] / 255
            part[..., 3] = straight[..., 3]
            assert wanted[..., 3].mean() > 30
            assert np.abs(got - wanted).mean() < MEAN_ALLOWED


def test_a_run_on_a_virtual_clock_counts_frames_turns_and_misses(begun: Conversation) -> None:
    clock = VirtualClock()
    with LegacyStage(begun, SMALL, clock) as stage:
        found = play(stage, clock, 30, 4.0)
    assert (found.expected, found.produced, found.dropped, found.late) == (120, 120, 0, 0)
    assert found.misses == stage.cache.misses == len(found.miss_ms) > 2
    # Both characters are looked up in every frame.
    assert stage.cache.hits + stage.cache.misses == 240
    assert found.first_audio_ms[0] == 0.0  # nothing takes time on this clock


def test_a_run_is_a_ledger_that_the_report_reads(begun: Conversation, tmp_path: Path) -> None:
    clock, frames = VirtualClock(), list[FrameTime]()
    with LegacyStage(begun, SMALL, clock) as stage:
        found = play(stage, clock, 30, 2.0, frames)
    path = tmp_path / "legacy.jsonl"
    ledger.write(path, ledger.header(begun, SMALL, "the old way", "Pillow", "none"), frames, found)
    (told,) = reports_of([path])
    assert told.run.whole and told.run.realtime
    assert told.figures["frames_produced_total"] == found.produced == 60
    assert told.figures["l1_miss_total"] == found.misses
    assert told.figures["inter_turn_gap_ms"] == 0


def test_the_next_turn_begins_when_its_whole_clip_is_decoded(hello: Conversation) -> None:
    clock, length, decoding_ns = VirtualClock(), SAMPLE_RATE // 2, 80_000_000
    playing = sound.WholeClipSound()
    try:
        for turn in hello.turns[:2]:
            assert turn.audio is not None
            playing.say(turn.key, turn.audio, timings=turn.timings)
        playing.prepare()

        def decode(_: str) -> F32:
            clock.advance_ns(decoding_ns)
            return np.zeros(length, np.float32)

        for k in range(30):
            clock.sleep_until_ns(k * 50_000_000)
            playing.step(clock, 0, decode)
        first, second = playing.turns
        assert (first.first_audio_ms, first.gap_ms) == (80.0, None)
        # It ended at 580 ms, was noticed at 600, and the next was decoded by 680.
        assert (second.first_audio_ms, second.gap_ms) == (80.0, 100.0)
        kinds = [(type(event).__name__, event.at) for event in playing.drain_events()]
        assert kinds == [("Started", 3840), ("Ended", 27840), ("Started", 32640), ("Ended", 56640)]
        assert playing.idle
    finally:
        playing.close()


def test_a_whole_clip_is_as_long_as_its_file_says(hello: Conversation) -> None:
    wav = next(turn.audio for turn in hello.turns if str(turn.audio).endswith(".wav"))
    import wave

    with wave.open(str(wav)) as file:
        seconds = file.getnframes() / file.getframerate()
    assert len(sound.decode_whole(str(wav))) == pytest.approx(seconds * SAMPLE_RATE, abs=2)


def _frames() -> list[FrameTime]:
    # Due at 0, 10, 40, 50; frames 2 and 3 were dropped. Frame 1 takes 31 ms and is there 21 ms late.
    return [
        FrameTime(0, 4.0, 4.0, 2),
        FrameTime(1, 31.0, 41.0, 1),
        FrameTime(4, 3.0, 44.0, 0),
        FrameTime(5, 11.0, 61.0, 0),
    ]


def test_the_figures_of_a_run_are_exact() -> None:
    found = figures.figures(_frames(), 10.0, [80.0], [100.0], [20.0, 20.0, 27.0])
    assert (found.expected, found.produced, found.dropped) == (6, 4, 2)
    # Frame 1 is 31 ms late; frame 5 only 11, and both took longer than 10.
    assert (found.late, found.over_budget, found.misses) == (2, 2, 3)
    assert (found.worst_ms, found.median_ms) == (31.0, 7.5)
    assert found.misses_per_1000 == 500.0 and found.over_budget_per_1000 == pytest.approx(1000 / 3)
    assert found.missed_per_1000 == pytest.approx(4000 / 6)
    assert Figures.of_dict(found.as_dict()) == found
    with pytest.raises(ValueError, match="play for longer"):
        figures.figures([], 10.0, [], [])


def test_rounds_are_joined_by_adding_counts_and_taking_the_worst() -> None:
    one = figures.figures(_frames(), 10.0, [80.0], [100.0])
    two = figures.figures(_frames()[:1], 10.0, [60.0], [])
    both = figures.pooled([one, two])
    assert (both.expected, both.produced, both.dropped, both.misses) == (7, 5, 2, 5)
    assert (both.worst_ms, both.first_audio_ms, both.gaps_ms) == (31.0, (80.0, 60.0), (100.0,))
    assert both.misses_per_1000 == pytest.approx(5000 / 7)


def test_the_report_says_both_sides_and_their_ratio() -> None:
    old = figures.figures(_frames(), 10.0, [80.0], [100.0], [57.0, 170.0])
    new = figures.figures([FrameTime(0, 2.0, 2.0, 0), FrameTime(1, 2.0, 12.0, 0)], 10.0, [2.0], [0.0])
    machine = Machine("a processor", 2, "a renderer", True, "a system", "2026-01-01", {})
    page = report.markdown(
        report.Report(machine, "r", "sizes", "the command", "hello", "160x90", "none", [old], [new])
    )
    assert "| worst frame, ms | 31 | 2 | 15.5 x |" in page
    assert "| L1 misses per 1000 frames | 500 | 0 | to 0 |" in page
    assert "| time to first audio, ms: median | 80 | 2 | 40 x |" in page
    assert "took 57-170 ms, 114 in the mean" in page
    assert report.ratio(0.0, 0.0) == "-"


@pytest.mark.parametrize("name", load.LOADS)
def test_a_load_ends_with_its_block(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[subprocess.Popen[bytes]] = []
    original = subprocess.Popen

    def popen(*args: object, **kwargs: object) -> subprocess.Popen[bytes]:
        process = cast("subprocess.Popen[bytes]", original(*args, **kwargs))  # type: ignore[call-overload]
        begun.append(process)
        return process

    monkeypatch.setattr(load.subprocess, "Popen", popen)
    with load.load(name):
        assert all(process.poll() is None for process in begun)
    assert all(process.poll() is not None for process in begun)
    assert "gil-holder" not in [thread.name for thread in load.threading.enumerate()]
    assert bool(begun) == (name in ("cpu1x", "cpu2x", "disk"))


def test_a_load_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="there are: none, cpu1x"), load.load("fire"):
        pass


def test_a_conversation_that_is_not_there_gets_one_sentence() -> None:
    command = [sys.executable, str(TOOLS / "bench_against_legacy.py"), "no_such", "--rounds", "1"]
    ran = subprocess.run([*command, "--seconds", "1"], capture_output=True, text=True, check=False)
    assert ran.returncode == 1 and "no_such" in ran.stderr and "Traceback" not in ran.stderr
