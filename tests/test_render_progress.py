"""What `mien render` says of its frames: the estimate, the time left, and the lines, by a virtual clock."""

from __future__ import annotations

import io
import wave
from itertools import count, pairwise
from pathlib import Path

import pytest
from rich.console import Console

from mien.catalog import bundled
from mien.cli.outlook import Outlook, Pace, guessed_s, spelled, stated_s
from mien.cli.progress import RenderProgress, Waiting
from mien.clock import SAMPLE_RATE, VirtualClock
from mien.stage.offline import Stage
from mien.stage.quiet import TAIL_S
from mien.talk import load_conversation
from mien.talk.events import TurnEvent
from mien.talk.turns import Turn, VisemeTimings, Word

FPS = 10


def turn(key: str, length_s: float, gap_s: float = 0.0) -> Turn:
    return Turn(key, "wren", Path(f"{key}.wav"), words=(Word("a", 0.0, length_s),), gap_s=gap_s)


def outlook(*turns: Turn, limit_s: float | None = None, **stated: float) -> Outlook:
    return Outlook(turns, FPS, 1.0, limit_s, stated=lambda one: stated.get(one.key))


def heard(kind: str, key: str, at_s: float) -> TurnEvent:
    return TurnEvent(kind, key, "wren", round(at_s * SAMPLE_RATE))  # type: ignore[arg-type]


def test_the_number_of_frames_is_guessed_before_the_first_one() -> None:
    assert outlook(turn("a", 2.0), turn("b", 3.0, gap_s=0.5)).frames == 55 + 1 + 10
    # The second speaks over the first one's end, and is over before it: that end counts.
    assert outlook(turn("a", 2.0), turn("b", 0.5, gap_s=-1.0)).frames == 20 + 1 + 10


def test_a_turn_without_word_times_is_guessed_from_its_mouth_shapes_or_its_text() -> None:
    timings = VisemeTimings("oculus", (("aa", 0.0, 1.5),))
    assert guessed_s(Turn("a", "wren", b"", timings=timings)) == 1.5
    assert guessed_s(Turn("a", "wren", b"", text="x" * 28)) == 2.0
    assert guessed_s(Turn("a", "wren", b"")) == 0.0


def test_the_lengths_that_files_state_replace_guesses_one_a_frame() -> None:
    look = outlook(turn("a", 2.0), turn("b", 3.0), a=2.5, b=3.5)
    seen = [look.frames]
    for _ in range(4):
        look.refine()
        seen.append(look.frames)
    assert seen == [61, 66, 71, 71, 71]
    assert not look.exact


def test_what_was_heard_replaces_what_files_state_and_makes_the_number_exact() -> None:
    look = outlook(turn("a", 2.0), turn("b", 3.0))
    look.hear([heard("started", "a", 0.0), heard("word", "a", 0.1)])
    look.hear([heard("finished", "a", 1.0), heard("started", "b", 1.0)])
    assert (look.frames, look.exact) == (40 + 1 + 10, False)
    look.hear([heard("finished", "b", 3.0)])
    assert (look.frames, look.exact) == (30 + 1 + 10, True)


def test_a_run_that_ends_early_is_exact_once_the_files_are_read() -> None:
    look = outlook(turn("a", 2.0), limit_s=1.5)
    assert (look.frames, look.exact) == (15, False)
    look.refine()
    assert (look.frames, look.exact) == (15, True)
    assert outlook(turn("a", 2.0), limit_s=9.0).frames == 31


def test_a_file_states_its_length_and_one_that_is_none_adds_nothing(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 2, 24_000, 0, "NONE", "NONE"))
        file.writeframes(bytes(2 * 12_000))
    (tmp_path / "b.wav").write_bytes(b"no sound")
    assert stated_s(Turn("a", "wren", tmp_path / "a.wav")) == 0.5
    assert stated_s(Turn("b", "wren", tmp_path / "b.wav")) == 0.0
    assert stated_s(Turn("c", "wren", "https://nowhere.invalid/c.mp3")) is None


def test_the_estimate_of_a_real_conversation_is_its_number_of_frames() -> None:
    conversation = load_conversation(bundled("conversations", "hello"))
    look = Outlook(conversation.turns, FPS, TAIL_S)
    for _ in conversation.turns:
        look.refine()
    estimate = look.frames
    with Stage.of(conversation, size=(64, 36), fps=FPS) as stage:
        frames = 0
        for _ in stage.frames():
            frames += 1
            look.hear(stage.events())
    # An MP3 states its length in whole packets.
    assert abs(estimate - frames) <= 1
    assert (look.frames, look.exact) == (frames, True)


def test_the_time_left_follows_the_pace_of_the_last_seconds() -> None:
    clock = VirtualClock()
    pace = Pace(clock)
    assert pace.left_s(100) is None
    for done in range(1, 21):
        clock.advance_ns(100_000_000)
        pace.advance(done)
        assert (pace.left_s(100) is None) == (done < 10)
    assert pace.left_s(100) == pytest.approx(8.0)
    for done in range(21, 61):  # the machine gets busy
        clock.advance_ns(1_000_000_000)
        pace.advance(done)
    assert pace.left_s(100) == pytest.approx(40.0)
    assert pace.left_s(60) == 0.0


def test_the_time_left_of_frames_that_come_in_bursts_is_told_once_a_burst_was_waited_for() -> None:
    clock = VirtualClock()
    pace, told = Pace(clock, at_once=40), list[float]()
    for burst in range(5):  # 40 frames each 8 s, and the first only after the processes have begun
        clock.advance_ns(20_000_000_000 if burst == 0 else 8_000_000_000)
        for k in range(40):
            pace.advance(burst * 40 + k + 1)
            left = pace.left_s(400)
            assert (left is None) == (burst == 0)
            told += [] if left is None else [left]
    assert told[0] == pytest.approx(400 * 0.2 - 8), "the first of the second burst: what is there took 8 s"
    assert told == sorted(told, reverse=True) and told[-1] == pytest.approx((400 - 160) * 0.2)
    clock.advance_ns(4_000_000_000)
    assert pace.left_s(400) == pytest.approx((400 - 160) * 0.2 - 4), "it goes down between bursts, too"
    clock.advance_ns(40_000_000_000)
    assert pace.left_s(400) == pytest.approx((400 - 200) * 0.2), "and no further where one is late"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "1 s"),
        (59.0, "59 s"),
        (60.0, "1 min 0 s"),
        (200.0, "3 min 20 s"),
        (3600.0, "1 h 0 min"),
        (7141.0, "2 h 0 min"),
    ],
)
def test_time_is_spelled_for_people(seconds: float, text: str) -> None:
    assert spelled(seconds) == text


def lines_of(seconds_a_frame: float, frames: int, length_s: float) -> list[tuple[float, str]]:
    """(time, line) of a run in a pipe."""
    clock, file = VirtualClock(), io.StringIO()
    console = Console(file=file, width=20)
    look = outlook(turn("a", length_s))
    lines = []
    with RenderProgress(console, look, clock) as progress:
        for done in range(1, frames + 1):
            clock.advance_ns(round(seconds_a_frame * 1e9))
            progress.frame(done, [])
            if file.getvalue():
                lines.append((clock.now_ns() / 1e9, file.getvalue().rstrip("\n")))
                file.seek(0)
                file.truncate()
    return lines


def test_in_a_pipe_there_is_a_line_within_seconds_and_then_every_five() -> None:
    lines = lines_of(0.1, 200, length_s=18.9)
    assert lines == [
        (2.0, "rendering: 20 of about 200 frames, 18 s left"),
        (7.0, "rendering: 70 of about 200 frames, 13 s left"),
        (12.0, "rendering: 120 of about 200 frames, 8 s left"),
        (17.0, "rendering: 170 of about 200 frames, 3 s left"),
    ]


def test_a_long_run_says_less_often_how_far_it_is() -> None:
    times = [time for time, _ in lines_of(0.5, 1000, length_s=98.9)]
    assert times[:3] == [2.0, 7.0, 12.0]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert set(gaps) == {5.0, 30.0}
    assert gaps == sorted(gaps)


def test_frames_of_many_seconds_each_get_a_line_and_never_two() -> None:
    lines = lines_of(7.0, 4, length_s=1.0)
    assert [time for time, _ in lines] == [7.0, 14.0, 21.0, 28.0]
    assert lines[0][1] == "rendering: 1 of about 21 frames, 2 min 20 s left"


def test_more_frames_than_were_expected_are_no_more_than_all() -> None:
    assert lines_of(1.0, 40, length_s=1.0)[-1][1] == "rendering: 37 of about 37 frames"


def test_in_a_terminal_the_bar_counts_frames() -> None:
    file, clock = io.StringIO(), VirtualClock()
    console = Console(file=file, width=100, force_terminal=True, legacy_windows=False)
    with RenderProgress(console, outlook(turn("a", 1.0)), clock) as progress:
        for done in range(1, 12):
            clock.advance_ns(200_000_000)
            progress.frame(done, [])
    assert "11 of about 21 frames, 2 s left" in file.getvalue()


@pytest.mark.parametrize(("term", "width"), [("dumb", 100), ("unknown", 100), ("xterm", 30)])
def test_a_terminal_that_can_show_no_bar_gets_lines(term: str, width: int) -> None:
    file, clock = io.StringIO(), VirtualClock()
    console = Console(file=file, width=width, force_terminal=True, _environ={"TERM": term})
    with RenderProgress(console, outlook(turn("a", 1.0)), clock) as progress:
        for done in range(1, 12):
            clock.advance_ns(200_000_000)
            progress.frame(done, [])
    assert file.getvalue() == "rendering: 10 of about 21 frames, 3 s left\n"


def test_getting_ready_says_for_how_long_it_has_been(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.StringIO()
    waiting = Waiting(Console(file=file), "getting ready: [Soup]", every_s=5.0)
    ticks = count(1)
    # A virtual clock: three waits are over at once, and in the fourth the work is done.
    monkeypatch.setattr(waiting._done, "wait", lambda _: next(ticks) > 3)
    with waiting:
        waiting._thread.join()
    assert file.getvalue().splitlines() == [
        "getting ready: [Soup]",
        "getting ready: [Soup]: 5 s",
        "getting ready: [Soup]: 10 s",
        "getting ready: [Soup]: 15 s",
    ]
