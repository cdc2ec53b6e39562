"""All kinds of stage are one family: the same calls, from any thread, and frames on the owner's."""

from __future__ import annotations

import inspect
import sys
import threading
from collections.abc import Callable
from typing import Any, get_type_hints

import numpy as np
import pytest

import mien
from mien.clock import FrameRate
from mien.composite.gl import open_headless
from mien.errors import AssetMissing, AudioRejected, FormatError, ScriptError, WrongThread
from mien.observe import FrameRecord
from mien.script import GazeSet
from mien.stage.art import read_background
from mien.stage.live import LiveStage
from mien.stage.offline import Stage
from mien.stage.options import StageKeywords, StageOptions
from mien.stage.window import Window
from mien.talk.events import Events, TurnEvent
from mien.talk.timed import Timed
from mien.types import F32, Size
from stage.test_stage import tone
from stage.timeline import Timeline, decoded, with_a_quick_gpu

ONE = {"otto": "otto"}
SIZE = (96, 72)


def public(kind: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind) if not name.startswith("_")}


def test_the_kinds_of_stage_differ_only_where_frames_go() -> None:
    common = public(Stage) & public(LiveStage) & public(Window)
    assert {
        "say",
        "look_at",
        "interrupt",
        "events",
        "frame",
        "close",
        "of",
        "playing",
        "position_s",
        "queue",
    } <= common
    assert public(Stage) - common == {"draw", "frames", "frames_ahead"}
    assert public(LiveStage) - common == {"frames", "picture", "rest", "run", "screenshot", "sound"}
    assert public(Window) - common == {
        "clipboard", "is_open", "leads_gaze", "note", "noted", "on_drop", "on_note", "overlay", "paced_by",
        "plain_because", "record", "record_as", "recording", "rest", "run", "save_still", "screenshot",
        "stop_recording", "title", "writing",
    }  # fmt: skip


def test_options_are_one_value_and_its_keywords_the_same() -> None:
    fields = {name for name, field in StageOptions.__dataclass_fields__.items() if field.init}
    assert set(get_type_hints(StageKeywords)) == fields
    with mien.open_stage(ONE, StageOptions(size=SIZE, fps=25), fps=50) as stage:
        assert (stage.size, stage.fps) == (SIZE, FrameRate.of(50))
    with pytest.raises(
        ScriptError, match=r"seed cannot be \d+: give a whole number from -2\*\*64 to 2\*\*64"
    ):
        StageOptions(seed=2**80)
    with pytest.raises(AttributeError):
        StageOptions().seed = 3  # type: ignore[misc]
    assert StageOptions(fps=29.97).rate == FrameRate.of("30000/1001")


@pytest.mark.parametrize("size", [(0, 5), (5, -1), (1, 2, 3)])
def test_a_size_that_cannot_be_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ScriptError, match="width and height"):
        StageOptions(size=size)


def in_a_thread(call: object) -> list[BaseException]:
    caught: list[BaseException] = []

    def run() -> None:
        try:
            call()  # type: ignore[operator]
        except BaseException as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    return caught


def test_what_another_thread_tells_is_as_if_the_owner_had() -> None:
    def told(stage: mien.Stage, *, elsewhere: bool) -> list[bytes]:
        def tell() -> None:
            stage.set_expression("otto", "happy")
            stage.look_at("otto", (0.5, 0.1))
            stage.say("otto", tone(0.3), key="one")

        assert in_a_thread(tell) == [] if elsewhere else tell() is None
        assert not stage.idle
        return [stage.frame().tobytes() for _ in range(12)]

    with mien.open_stage(ONE, size=SIZE) as here, mien.open_stage(ONE, size=SIZE) as there:
        assert told(here, elsewhere=False) == told(there, elsewhere=True)
        assert [event.kind for event in there.events()] == ["started", "finished"]
        there.say("otto", tone(1.0), key="two")
        there.frame()
        assert there.playing()[0].turn == "two"


def test_what_another_thread_told_before_comes_before_what_the_owner_tells() -> None:
    with mien.open_stage(ONE, size=SIZE) as stage:
        assert in_a_thread(lambda: stage.look_at("otto", (0.5, 0.1))) == []
        stage.look_at("otto", (-0.5, 0.1))
        stage.frame()
        latest = stage._show.script.latest("otto", ("gaze",))
        assert isinstance(latest, GazeSet) and latest.x == -0.5


def test_what_cannot_be_is_refused_on_the_thread_that_tells_it() -> None:
    with mien.open_stage(ONE, size=SIZE) as stage:
        for call, error in (
            (lambda: stage.say("nobody", tone(0.1)), ScriptError),
            (lambda: stage.say("otto", 3), AudioRejected),  # type: ignore[arg-type]
            (lambda: stage.set_expression("otto", "xyzzy"), ScriptError),
            (lambda: stage.look_at("otto", "nobody"), ScriptError),
            (lambda: stage.say("otto", tone(0.1), gap_s=1e9), ScriptError),
            (
                lambda: stage.say("otto", tone(0.1), timings=mien.VisemeTimings("oculus", (("x", 0, 1),))),
                FormatError,
            ),
        ):
            (caught,) = in_a_thread(call)
            assert isinstance(caught, error)
            assert str(caught)
        assert stage.idle and stage.warnings == ()


def test_a_turn_that_only_the_session_can_refuse_is_told_as_dropped() -> None:
    spoken = mien.PcmFeed(rate=48_000)
    with mien.open_stage(ONE, size=SIZE) as stage:
        stage.say("otto", spoken, key="first")

        def tell() -> None:
            stage.say("otto", spoken, key="again")
            stage.say("otto", tone(0.1), gap_s=-0.5, key="over himself")

        assert in_a_thread(tell) == []
        stage.frame()
        told = {event.turn: event for event in stage.events() if event.kind == "dropped"}
        assert set(told) == {"again", "over himself"}
        assert "gap of 0" in str(told["over himself"].damaged)
        assert len(stage.warnings) == 2 and all("turn '" in one for one in stage.warnings)


def test_a_key_that_is_in_use_is_refused_on_whatever_thread_it_is_given() -> None:
    with mien.open_stage(ONE, size=SIZE) as stage:

        def tell() -> None:
            stage.say("otto", tone(0.1), key="one")
            stage.say("otto", tone(0.1), key="one")

        (caught,) = in_a_thread(tell)
        assert isinstance(caught, ScriptError) and "already queued" in str(caught)

        def name() -> None:
            stage.say("otto", tone(0.1), key="turn-1")
            assert stage.say("otto", tone(0.1)) == "turn-2"

        assert in_a_thread(name) == []
        with pytest.raises(ScriptError, match="already queued"):
            stage.say("otto", tone(0.1), key="one")


def test_what_was_told_elsewhere_is_never_idle_in_between() -> None:
    with mien.open_stage(ONE, size=SIZE) as stage:
        assert in_a_thread(lambda: stage.say("otto", tone(0.5))) == []
        seen: list[bool] = []
        queue = stage._show.session.queue

        def noted(turn: mien.Turn, known: list[str]) -> object:
            seen.append(stage.idle)
            return queue(turn, known)

        stage._show.session.queue = noted  # type: ignore[assignment, method-assign]
        stage.frame()
        assert seen == [False] and not stage.idle


@pytest.mark.parametrize("opens", [mien.open_stage, mien.open_live])
def test_frames_belong_to_the_owner(opens: Callable[..., mien.Stage | mien.LiveStage]) -> None:
    with open_headless() as ctx, opens(ONE, size=SIZE, playout="null", context=ctx) as stage:
        stage.frame()
        calls: list[Callable[[], object]] = [
            stage.frame,
            lambda: list(stage.frames()),
            lambda: stage.texture,
            lambda: stage.draw_to(0, (0, 0, 1, 1)),
            stage.close,
        ]
        if isinstance(stage, mien.LiveStage):
            calls += [stage.rest, stage.screenshot, stage.run]
        else:
            calls.append(stage.draw)
        for call in calls:
            (caught,) = in_a_thread(call)
            assert isinstance(caught, WrongThread) and str(caught).endswith("may come from any thread.")
        assert stage.frame().any()
    ctx.release()


def test_a_window_is_refused_off_the_main_thread_before_anything_is_opened() -> None:
    before = threading.active_count()
    (caught,) = in_a_thread(lambda: mien.open_window(ONE, size=SIZE))
    assert isinstance(caught, WrongThread) and "main thread" in str(caught)
    assert threading.active_count() == before


def test_frames_that_are_collected_on_another_thread_leave_the_stage_alone() -> None:
    with mien.open_live(ONE, size=SIZE, playout="null") as stage:
        frames = stage.frames()
        next(frames)
        assert in_a_thread(frames.close) == []  # type: ignore[attr-defined]
        assert stage.frame().any()


def test_events_are_taken_on_one_thread_while_another_adds_them() -> None:
    events, taken, done = Events(), list[TurnEvent](), threading.Event()

    def take() -> None:
        while not done.is_set():
            taken.extend(events.take(1 << 40))

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        thread = threading.Thread(target=take)
        thread.start()
        for at in range(5000):
            started = TurnEvent("started", str(at), "otto", at)
            events.begin(started, Timed((), ()), Timed((), ()), lambda number, cue: True)
            events.end(TurnEvent("finished", str(at), "otto", at))
        done.set()
        thread.join()
    finally:
        sys.setswitchinterval(before)
    taken += events.take(1 << 40)
    told = [(event.turn, event.kind) for event in taken]
    assert told == [(str(at), kind) for at in range(5000) for kind in ("started", "finished")]


def test_turns_interrupted_from_another_thread_are_dropped_with_those_told_before() -> None:
    with mien.open_stage(ONE, size=SIZE) as stage:
        stage.say("otto", tone(5.0))
        stage.frame()

        def tell() -> None:
            stage.say("otto", tone(5.0))
            stage.interrupt()

        assert stage._show.audio.heard()
        assert in_a_thread(tell) == []
        assert len(stage._show.audio.pull(4800)) and not stage._show.audio.heard()  # before any frame
        stage.frame()
        stage.frame()
        assert stage.idle


def test_the_sound_of_live_frames_is_the_whole_timeline_also_where_frames_were_left_out() -> None:
    clock = Timeline()
    with LiveStage(ONE, size=SIZE, fps=50, playout="null", clock=clock) as stage:
        with_a_quick_gpu(stage)
        clock.lead(stage)
        pulled: list[F32] = []
        pull = stage._audio._sequencer.pull

        def noted(n: int) -> F32:
            pulled.append(pull(n))
            return pulled[-1]

        stage._audio._sequencer.pull = noted  # type: ignore[method-assign]
        decoded(stage, stage.say("otto", tone(0.5)))
        begun = stage._sounded = stage._audio.position()  # of the clock that leads now
        # Before this clock led, sound went on by the machine's: the turn comes later the slower that was.
        ahead = stage._audio._sequencer.position - begun
        parts: list[F32] = []
        while len(parts) < 30 or sum(map(len, parts)) < ahead + 24_000:
            stage.frame()
            parts.append(stage.sound)
            clock.advance_ns(90_000_000 if len(parts) == 11 else 1_000_000)
        heard = np.concatenate(parts)
        assert stage.ledger.frames_dropped >= 3
        assert len(heard) == stage._sounded - begun
        assert np.abs(heard).max() > 0.1
        whole = np.concatenate(pulled)
        start = stage._audio._sequencer.position - len(whole)
        assert np.array_equal(heard[start - begun :], whole[: stage._sounded - start])


def test_the_first_sound_of_a_live_stage_begins_where_it_was_opened() -> None:
    with mien.open_live(ONE, size=(64, 48), playout="null") as stage:
        opened = stage._sounded
        assert opened > 0, "frames were drawn that nobody is shown"
        stage.frame()
        assert len(stage.sound) == stage._sounded - opened


def test_a_transparent_stage_is_transparent_where_nobody_stands() -> None:
    with mien.open_stage(ONE, size=SIZE, background=mien.TRANSPARENT) as clear:
        shown = clear.frame()
    with mien.open_stage(ONE, size=SIZE, background=(1.0, 0.0, 0.0, 1.0)) as red:
        over = red.frame()
    assert (shown[:, 0] == 0).all() and (shown[..., 3] == 255).any()
    alpha = shown[..., 3:].astype(np.float64) / 255
    expected = shown[..., :3] + (1 - alpha) * np.array([255, 0, 0])
    assert np.abs(over[..., :3] - expected).max() <= 2


@pytest.mark.parametrize("wrong", [(0, 0, 0), (0, 0, 0, 2), ("red", 0, 0, 1)])
def test_a_background_that_is_no_colour_is_refused(wrong: tuple[float, ...]) -> None:
    with pytest.raises(ScriptError, match=r'is no colour; give red, .* a text like "#2b2d3a" or "white"'):
        mien.open_stage(ONE, size=SIZE, background=wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("#fff", (1.0, 1.0, 1.0, 1.0)),
        ("#00ff0080", (0.0, 1.0, 0.0, 128 / 255)),
        ("white", (1.0, 1.0, 1.0, 1.0)),
        ("rgb(255, 0, 51)", (1.0, 0.0, 0.2, 1.0)),
    ],
)
def test_a_background_may_be_a_colour_as_css_has_it(text: str, colour: tuple[float, ...]) -> None:
    assert mien.StageOptions(background=text).background == colour
    assert mien.StageOptions(background="evening_room").background == "evening_room"


def test_a_text_that_is_no_background_is_told_what_can_be_one() -> None:
    for wrong, meant in (("#ffff0", ""), ("whyte", "; did you mean 'white'?"), ("./wall.png", "")):
        with pytest.raises(AssetMissing) as told:
            read_background(StageOptions(background=wrong).background, Size(8, 8), 64)
        assert str(told.value).startswith(
            f"the background '{wrong}' is no file, no colour like #2b2d3a or white, and no bundled picture ("
        )
        assert str(told.value).endswith(meant or "); name one of these.")


def test_a_stage_of_its_own_context_has_no_texture_to_share() -> None:
    with mien.open_stage(ONE, size=SIZE) as stage:
        with pytest.raises(ScriptError, match="context="):
            _ = stage.texture
        with pytest.raises(ScriptError, match="context="):
            stage.draw_to(0, (0, 0, 1, 1))


@pytest.mark.parametrize(
    "wrong",
    [
        {"cues": [mien.Cue(0.1, "dance", "x")]},  # type: ignore[arg-type]
        {"cues": ["x"]},
        {"cues": [mien.Cue(float("nan"), "nod", 1.0)]},
        {"cues": [mien.Cue("now", "nod", 1.0)]},  # type: ignore[arg-type]
        {"words": [mien.Word("hi", float("nan"), 1.0)]},
        {"words": ["hi"]},
        {"text": b"hi"},
    ],
)
def test_cues_words_and_texts_that_are_none_are_refused_where_they_are_said(wrong: dict[str, Any]) -> None:
    with mien.open_stage(ONE, size=SIZE) as stage:
        with pytest.raises(ScriptError, match=r"cannot be .*: give"):
            stage.say("otto", tone(0.1), **wrong)
        assert stage.idle and stage.frame().any()


@pytest.mark.parametrize("how", ["frame", "frames"])
def test_the_wait_for_the_next_frame_is_not_the_hosts_time(how: str) -> None:
    clock = Timeline()
    ledger = mien.Ledger(20.0, realtime=True, keep=True)
    with LiveStage(ONE, size=SIZE, fps=50, playout="null", clock=clock, ledger=ledger) as stage:
        with_a_quick_gpu(stage)
        clock.lead(stage)
        if how == "frame":
            for _ in range(20):
                stage.frame()
        else:
            for _ in stage.frames(seconds=0.4):
                pass
        stage.rest()
    frames = [record for record in ledger.pending or () if isinstance(record, FrameRecord)]
    assert len(frames) >= 20
    # The clock moves only in that wait.
    assert {record.host_ms for record in frames} == {0.0}


def test_a_stage_that_cannot_be_opened_leaves_no_thread() -> None:
    before = {thread.name for thread in threading.enumerate()}
    with pytest.raises(AssetMissing):
        mien.open_live(ONE, size=SIZE, playout="null", background="nowhere")
    assert {thread.name for thread in threading.enumerate()} <= before
