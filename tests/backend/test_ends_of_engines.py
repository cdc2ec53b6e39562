"""What is lost when an engine ends at a bad moment, or does not answer: nothing, and nobody waits on."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import mien
from backend.test_backend import wait_for_end
from mien.backend import child, keeping
from mien.backend.child import EngineProcess
from mien.backend.feeding import Feeds
from mien.backend.journal import Journal
from mien.backend.messages import EncodedSound, FeedEnds, Open, PcmSound, Pushed
from mien.errors import NoThreads
from mien.threads import NO_THREADS

SIZE = (64, 48)
HELLO = mien.bundled("conversations", "hello") / "audio" / "1-good-evening.opus"
SHORT = mien.bundled("conversations", "forecast") / "audio" / "5-suits-you.opus"
"""Of a second: what is heard whole is heard in real time, and an engine draws meanwhile."""


@pytest.fixture(scope="module")
def backend(tiny: Path) -> Iterator[mien.Backend]:
    with mien.Backend({"otto": tiny}, size=SIZE, playout="null", spare=False, history_s=20) as backend:
        yield backend


@pytest.mark.parametrize("spare", [False, True])
def test_another_engine_has_who_was_loaded_and_not_who_was_given_up(spare: bool, tiny: Path) -> None:
    with mien.Backend(
        {"wren": tiny, "otto": tiny}, size=SIZE, playout="null", room=1, spare=spare
    ) as backend:
        backend.leave("wren", seconds=0)
        backend.frame()
        backend.frame()
        backend.unload("wren")
        while "wren" in backend.cast:
            backend.frame()
        backend.load("extra", tiny)
        backend.enter("extra", (0.3, 1.0), seconds=0)
        while "extra" not in backend.on_stage:
            backend.frame()
        before = backend._journal._stands
        while backend._journal._stands == before and not any(
            call == "enter" and named["who"] == "extra" for call, named in before
        ):
            backend.frame()
        os.kill(backend.engine_pid, signal.SIGKILL)
        while not backend.restarts:
            backend.frame()
        backend.frame()
        assert backend.cast == backend.on_stage == ("otto", "extra")
        assert backend.standing("extra")[:2] == pytest.approx((0.3, 1.0), abs=0.02)


def test_a_turn_that_was_answered_is_not_lost_when_the_engine_ends_then(
    monkeypatch: pytest.MonkeyPatch, tiny: Path
) -> None:
    confirm = Journal.confirm
    host = threading.get_ident()
    with mien.Backend({"otto": tiny}, size=SIZE, playout="null") as backend:
        pid = backend.engine_pid

        def confirmed(journal: Journal, key: str) -> None:
            if backend.engine_pid == pid:
                os.kill(pid, signal.SIGKILL)
            while threading.get_ident() == host and not backend.restarts:
                backend._news.wait(0.1)  # another has been told what there is
            confirm(journal, key)

        monkeypatch.setattr(Journal, "confirm", confirmed)
        backend.say("otto", HELLO, key="a")
        kinds: list[str] = []
        while not backend.restarts or not kinds:
            backend.frame()
            kinds += [event.kind for event in backend.events()]
        assert kinds[0] == "started" and backend.turns()[0].key == "a"


def test_closing_ends_an_engine_that_does_not_receive(tiny: Path) -> None:
    backend = mien.Backend({"otto": tiny}, size=SIZE, playout="null", spare=False)
    feed = mien.EncodedFeed("wav")
    backend.say("otto", feed, key="a")
    pid = backend.engine_pid
    os.kill(pid, signal.SIGSTOP)
    try:
        feed.push(bytes(900_000))  # more than a socket holds
        while feed.queue.held:
            feed.queue.wait_for_room(feed.queue.most, 0.1)
        closing = threading.Thread(target=backend.close, daemon=True)
        closing.start()
        closing.join(30)
        assert not closing.is_alive()
    finally:
        backend._keeper.kill()
    assert [event.kind for event in backend.events()] == ["dropped"]


@pytest.mark.parametrize("given", ["pcm", "encoded", "iterable"])
def test_sound_of_a_turn_that_is_refused_may_be_given_to_another(backend: mien.Backend, given: str) -> None:
    feed = mien.PcmFeed(16_000) if given == "pcm" else mien.EncodedFeed()
    if isinstance(feed, mien.PcmFeed):
        feed.push(np.full(8000, 3000, np.int16))
    else:
        feed.push(SHORT.read_bytes())
    feed.end()
    sound = iter([SHORT.read_bytes()]) if given == "iterable" else feed
    with pytest.raises(mien.ScriptError, match="nobody"):
        backend.say("nobody", sound)
    key = backend.say("otto", sound)
    events = []
    for _ in backend.frames(tail_s=0):
        events += backend.events()
    events += backend.events()
    assert [(event.turn, event.kind) for event in events] == [(key, "started"), (key, "finished")]
    assert events[-1].position_s > 0.4 and not events[-1].damaged


def test_position_goes_back_with_a_seek_as_that_of_a_stage(backend: mien.Backend) -> None:
    while backend.position_s < 0.5:
        backend.frame()
    backend.seek(0.1)
    backend.pause()
    backend.frame()
    backend.frame()
    assert backend.position_s < 0.4
    backend.resume()


def test_an_engine_keeps_no_feed_of_a_turn_that_is_over_or_was_refused() -> None:
    feeds = Feeds()
    sounds: tuple[PcmSound | EncodedSound, ...] = (
        PcmSound(1, 16_000, "speech"),
        EncodedSound(2, None, "speech"),
    )
    for number, sound in enumerate(sounds, 1):
        feeds.take(Pushed(number, bytes(200), 2))  # of one that is to be opened
        feed = feeds.open(sound)
        assert feed.queue.held
        feed.queue.abandon()  # its turn is interrupted
        assert [room.feed for room in feeds.rooms()] == [number]
        feeds.take(Pushed(number, bytes(200), 2))
        feeds.take(FeedEnds(number))
        assert list(feeds.rooms()) == []
    feeds.open(refused := PcmSound(3, 16_000, "speech"))
    feeds.close(refused)
    feeds.take(FeedEnds(3))
    assert not any((feeds._feeds, feeds._early, feeds._pushed, feeds._told))


def test_ctrl_c_while_it_is_closed_leaves_no_engine(monkeypatch: pytest.MonkeyPatch, tiny: Path) -> None:
    backend = mien.Backend({"otto": tiny}, size=SIZE, playout="null")
    while (spare := backend._keeper.spare) is None:
        backend.frame()

    def pressed(engine: EngineProcess) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(EngineProcess, "end", pressed)
    pids = backend.engine_pid, spare.pid
    with pytest.raises(KeyboardInterrupt):
        backend.close()
    for pid in pids:
        wait_for_end(pid)


def test_without_a_thread_for_it_there_is_no_spare_and_still_another_engine(
    monkeypatch: pytest.MonkeyPatch, tiny: Path
) -> None:
    def refused(thread: threading.Thread) -> None:
        raise NoThreads(NO_THREADS)

    monkeypatch.setattr(keeping, "start_thread", refused)
    with mien.Backend({"otto": tiny}, size=SIZE, playout="null") as backend:
        assert backend._keeper.spare is None
        os.kill(backend.engine_pid, signal.SIGKILL)
        while not backend.restarts:
            backend.frame()
        assert backend.frame().shape == (48, 64, 4)


def test_a_spare_that_ends_with_the_other_is_done_without(
    monkeypatch: pytest.MonkeyPatch, tiny: Path
) -> None:
    with mien.Backend({"otto": tiny}, size=SIZE, playout="null") as backend:
        while (spare := backend._keeper.spare) is None:
            backend.frame()

        def ended() -> None:
            raise mien.RendererUnavailable("the engine's process ended while it opened its stage.")

        monkeypatch.setattr(spare, "open", ended)
        os.kill(backend.engine_pid, signal.SIGKILL)
        while not backend.restarts:
            backend.frame()
        assert backend.engine_pid != spare.pid


def test_an_engine_that_fails_says_why_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        child,
        "_CODE",
        "import socket; from mien.backend.wire import Wire; "
        "from mien.backend.coding import encoded; from mien.backend.messages import Ready, Refusal; "
        "wire = Wire(socket.socket(fileno={end})); wire.receive(); wire.send(encoded(Ready('it', False))); "
        "wire.send(encoded(Refusal(0, 'ContextLost', 'the GPU was reset.'))); wire.close()  # {shared}",
    )
    over = threading.Event()
    engine = EngineProcess(Open((), {}, 4096), lambda *_: None, lambda _: over.set())
    engine.open()
    over.wait()
    engine.end()
    assert engine.last_words() == " (the GPU was reset)"


def test_to_rest_waits_for_no_engine(backend: mien.Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    """Generators of frames that were left are collected on any thread, also on one that brings an engine."""
    backend.frame()
    monkeypatch.setattr(backend._keeper, "current", lambda after=None: pytest.fail("it waits"))
    backend.rest()


def test_a_process_that_was_forked_off_has_no_backend(backend: mien.Backend) -> None:
    forked = os.fork()
    if not forked:
        wrong = 1
        try:
            backend.close()
            backend.frame()
        except mien.Closed as error:
            wrong = int("forked off" not in str(error))
        finally:
            os._exit(wrong)
    assert os.waitpid(forked, 0)[1] == 0
    assert backend.frame().shape == (48, 64, 4)
    backend.rest()
