"""Calls from other threads: what a host may tell from anywhere is heard; the rest is refused, and changes
nothing."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial

import pytest

import mien
from mien.errors import Closed, ScriptError, WrongThread
from mien.stage.inbox import AT_ONCE, MOST, Inbox
from mien.talk.session import Session
from mien.talk.turns import Turn
from stage.test_stage import tone

ONE = {"otto": "otto"}
TWO = {"otto": "otto", "wren": "wren"}
SIZE = (64, 48)


@pytest.fixture
def switching_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def hammer(count: int, call: Callable[[int], object], caught: list[BaseException]) -> threading.Thread:
    def run() -> None:
        try:
            for number in range(count):
                call(number)
        except BaseException as error:
            caught.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.usefixtures("switching_often")
@pytest.mark.parametrize("opens", [mien.open_stage, mien.open_live])
def test_three_threads_that_hammer_lose_no_turn_and_disturb_no_frame(
    opens: Callable[..., mien.Stage | mien.LiveStage],
) -> None:
    sound, said, caught = tone(0.02), list[str](), list[BaseException]()
    moods = ("happy", "sad", "neutral")

    def say(_number: int) -> None:
        said.append(stage.say("otto", sound))

    def act(number: int) -> None:
        stage.set_expression("wren", moods[number % 3])
        stage.look_at("wren", ("viewer", "otto", (0.1, 0.2))[number % 3])
        stage.nod("otto", 0.1)
        _ = stage.idle, stage.playing(), stage.position_s, stage.warnings, stage.time_s

    def frames_elsewhere(_number: int) -> None:
        for call in (stage.frame, stage.frames, stage.close):
            with pytest.raises(WrongThread):
                call()

    told = Counter[str]()
    with opens(TWO, size=SIZE, playout="null") as stage:
        threads = [
            hammer(100, say, caught),
            hammer(300, act, caught),
            hammer(100, frames_elsewhere, caught),
        ]
        while any(thread.is_alive() for thread in threads) or not stage.idle:
            assert stage.frame().any()
            told.update(event.turn for event in stage.events() if event.kind in ("finished", "dropped"))
        for _ in stage.frames(tail_s=0):
            pass
        told.update(event.turn for event in stage.events() if event.kind in ("finished", "dropped"))
    assert caught == []
    assert len(set(said)) == 100 and told == Counter(said)


@pytest.mark.usefixtures("switching_often")
def test_an_interruption_from_elsewhere_ends_every_turn_that_was_told() -> None:
    caught, said = list[BaseException](), list[str]()
    with mien.open_stage(ONE, size=SIZE) as stage:

        def tell(number: int) -> None:
            said.append(stage.say("otto", tone(5.0)))
            if number % 3 == 2:
                stage.interrupt()

        threads = [hammer(20, tell, caught) for _ in range(3)]
        while any(thread.is_alive() for thread in threads):
            stage.frame()
        stage.interrupt()
        ended = [event.turn for _ in stage.frames(tail_s=0) for event in stage.events()]
        ended += [event.turn for event in stage.events()]
        assert caught == [] and stage.idle
        assert set(ended) <= set(said) and len(set(said)) == 60


def test_a_stage_that_is_closed_while_others_tell_says_so_to_them() -> None:
    caught, begun = list[BaseException](), threading.Event()

    def tell(_number: int) -> None:
        begun.set()
        with suppress(ScriptError):  # too much at once, for a while
            stage.look_at("otto", (0.1, 0.1))
            stage.interrupt()

    with mien.open_live(ONE, size=SIZE, playout="null") as stage:
        threads = [hammer(10**9, tell, caught) for _ in range(3)]
        begun.wait()
        for _ in range(5):
            stage.frame()
    for thread in threads:
        thread.join()
    assert [type(error) for error in caught] == [Closed] * 3


def test_a_frame_reads_what_was_told_until_then_and_no_more() -> None:
    inbox, done = Inbox(), list[int]()

    def call() -> None:
        done.append(len(done))
        inbox.put(call)

    inbox.put(call)
    for count in range(1, 4):
        inbox.read(pytest.fail)
        assert len(done) == count and inbox


def test_a_host_that_draws_no_frames_is_told_so_before_memory_is_full() -> None:
    with mien.open_stage(ONE, size=SIZE) as stage:

        def tell(number: int) -> None:
            stage.look_at("otto", (number % 7 / 10, 0.0))

        caught = list[BaseException]()
        hammer(MOST + 1, tell, caught).join()
        assert [type(error) for error in caught] == [ScriptError] and "draw frames" in str(caught[0])
        caught.clear()
        hammer(1, lambda _: stage.say("otto", tone(0.1), key="one"), caught).join()
        assert len(caught) == 1
        stage.frame()
        caught.clear()
        hammer(1, lambda _: stage.say("otto", tone(0.1), key="one"), caught).join()
        assert caught == [], "the key of the turn that was refused is free"


def test_a_flood_of_calls_is_heard_over_several_frames_in_its_order() -> None:
    inbox, done = Inbox(), list[int]()
    for number in range(2 * AT_ONCE + 1):
        inbox.put(partial(done.append, number))
    for frame in (1, 2, 3):
        inbox.read(pytest.fail)
        assert done == list(range(min(frame * AT_ONCE, 2 * AT_ONCE + 1)))
    assert not inbox


def test_an_interruption_behind_a_flood_is_heard_with_all_of_it_by_the_next_frame() -> None:
    inbox, done = Inbox(), list[int]()
    for number in range(5 * AT_ONCE):
        inbox.put(partial(done.append, number), at_once=number == 3 * AT_ONCE)
    for heard in (3 * AT_ONCE + 1, 4 * AT_ONCE + 1, 5 * AT_ONCE):
        inbox.read(pytest.fail)
        assert done == list(range(heard))


def test_no_turn_of_a_flood_begins_after_the_interruption_that_follows_it() -> None:
    with mien.open_stage(ONE, size=SIZE) as stage:
        caught = list[BaseException]()
        sound = tone(0.2)
        hammer(3 * AT_ONCE, lambda number: stage.say("otto", sound, key=f"old {number}"), caught).join()
        stage.frame()
        hammer(1, lambda _: stage.interrupt(), caught).join()
        hammer(1, lambda _: stage.say("otto", sound, key="reply"), caught).join()
        for _ in stage.frames():
            pass
        begun = [event.turn for event in stage.events() if event.kind == "started"]
        assert (begun, caught) == (["old 0", "reply"], [])


def test_what_is_queued_is_not_gone_through_for_each_turn_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def upcoming(_session: Session) -> list[Turn]:
        raise AssertionError("went through all that is queued")

    with mien.open_stage(TWO, size=SIZE) as stage:
        monkeypatch.setattr(Session, "upcoming", property(upcoming))
        sound = tone(0.02)
        keys = [stage.say(who, sound, gap_s=-0.01) for who in ("otto", "wren", "otto")]
        assert keys == ["turn-1", "turn-2", "turn-3"]
        stage.say("wren", sound, key="turn-4")
        assert stage.say("wren", sound) == "turn-5"
        with pytest.raises(ScriptError, match="'turn-2' is already queued"):
            stage.say("otto", sound, key="turn-2")
