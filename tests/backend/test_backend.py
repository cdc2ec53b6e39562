"""A stage in a process of its own: what a live stage does, and what happens when either of the two ends."""

from __future__ import annotations

import ctypes
import gc
import os
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import mien
from mien.backend import keeping
from mien.backend.child import EngineProcess
from mien.clock import VirtualClock
from mien.errors import AudioRejected, Closed, RendererUnavailable, ScriptError
from stage.test_stage import tone

CAST = {"wren": "wren", "otto": "otto"}
SIZE = (64, 48)
HELLO = mien.bundled("conversations", "hello") / "audio" / "1-good-evening.opus"
SHORT = mien.bundled("conversations", "forecast") / "audio" / "5-suits-you.opus"
"""Of 1.07 s: what is heard whole is heard in real time, and an engine draws meanwhile."""


@pytest.fixture(scope="module")
def backend() -> Iterator[mien.Backend]:
    """One that several tests tell turns."""
    with mien.Backend(CAST, size=SIZE, playout="null", room=1, spare=False) as backend:
        yield backend


def seen(backend: mien.Backend, tail_s: float = 0.0) -> list[mien.TurnEvent]:
    """Let all turns be heard; what was told of them."""
    events = []
    for _ in backend.frames(tail_s=tail_s):
        events += backend.events()
    return events + backend.events()


def wait_for_end(pid: int) -> None:
    """Until a process that may be nobody's child has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([descriptor], [], [], 60)[0], f"process {pid} goes on"
    finally:
        os.close(descriptor)


# -- as a live stage --------------------------------------------------------------------------------


def test_a_turn_is_shown_heard_and_told(backend: mien.Backend) -> None:
    key = backend.say("wren", SHORT, "[happy] Good [nod] evening!", key="hello")
    assert key == "hello"
    pictures, sound, events = [], [], []
    for picture in backend.frames(tail_s=0.1):
        assert picture.shape == (48, 64, 4) and picture.dtype == np.uint8 and not picture.flags.writeable
        assert (picture[..., 3] == 255).all()  # every pixel of every frame was drawn
        pictures.append(picture.copy())
        sound.append(backend.sound)
        events += backend.events()
    assert [event.kind for event in events if event.kind != "word"] == ["started", "cue", "cue", "finished"]
    assert [event.cue.kind for event in events if event.cue] == ["expression", "nod"]
    assert abs(events[-1].position_s - 1.07) < 0.05 and not events[-1].interrupted
    assert np.abs(np.concatenate(sound)).max() > 0.05
    assert any((pictures[0] != picture).any() for picture in pictures[1:])
    assert backend.idle and backend.turns()[-1].state == "done"
    assert backend.metrics()["frames_produced_total"] >= len(pictures)


def test_what_it_is_told_wrong_is_said_in_the_stages_words(backend: mien.Backend) -> None:
    with mien.open_live(CAST, size=SIZE, playout="null") as stage:
        for call in (
            lambda one: one.set_expression("nobody", "happy"),
            lambda one: one.set_expression("wren", "nonsense"),
            lambda one: one.look_at("wren", (1.0,)),
            lambda one: one.nod("wren", "deep"),
            lambda one: one.hold("wren", "no_channel", 0.0),
            lambda one: one.say("nobody", HELLO),
            lambda one: one.say("wren", 3),
            lambda one: one.say("wren", HELLO, gap_s=float("nan")),
            lambda one: one.say("wren", HELLO, key=""),
            lambda one: one.seek(-1.0),
            lambda one: one.page_picture(99),
            lambda one: one.queue("hello"),
        ):
            with pytest.raises(mien.MienError) as told:
                call(stage)
            with pytest.raises(type(told.value)) as refused:
                call(backend)
            assert str(refused.value) == str(told.value)
    with pytest.raises(ScriptError, match="cannot be sent to the engine"):
        backend.set_expression("wren", object())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"set_expression\(\) missing a required argument"):
        backend.set_expression("wren")  # type: ignore[call-arg]
    assert backend.idle  # nothing of that was queued


def test_what_it_is_told_is_seen_and_answered(backend: mien.Backend) -> None:
    backend.set_expression("otto", "happy")
    backend.hold("wren", "head_yaw", 0.5, seconds=0)
    backend.frame()
    backend.frame()
    (yaw,) = (channel for channel in backend.channels("wren") if channel.name == "head_yaw")
    assert yaw.value == pytest.approx(0.5, abs=0.05) and yaw.owner == "host"
    backend.let_go("wren")
    backend.pause()
    assert backend.paused
    backend.resume()
    assert backend.cast == ("wren", "otto") and backend.on_stage == ("wren", "otto")
    assert backend.sources["wren"].name == "wren"
    assert backend.bounds("wren", "mouth").width > 0
    assert backend.timeline.now_s >= 0 and backend.output and backend.renderer
    backend.rest()


@pytest.mark.parametrize("given", ["bytes", "file", "iterable", "pipe", "pcm", "encoded"])
def test_sound_of_every_kind_is_heard_whole(backend: mien.Backend, given: str, tmp_path: Path) -> None:
    data = tone(0.3)
    (tmp_path / "tone.wav").write_bytes(data)
    match given:
        case "bytes":
            backend.say("wren", data)
        case "file":
            with (tmp_path / "tone.wav").open("rb") as file:
                backend.say("wren", file)
        case "iterable":
            backend.say("wren", (data[at : at + 1000] for at in range(0, len(data), 1000)))
        case "pipe":
            read, write = os.pipe()
            with os.fdopen(write, "wb") as into:
                into.write(data)
            pipe = os.fdopen(read, "rb")
            backend.say("wren", pipe)
        case "pcm":
            feed = mien.PcmFeed(16_000)
            backend.say("wren", feed)
            wave = (8000 * np.sin(np.arange(4800) / 10)).astype(np.int16)
            for at in range(0, 4800, 160):
                feed.push(wave[at : at + 160], at)
            feed.end()
        case "encoded":
            encoded = mien.EncodedFeed("wav")
            backend.say("wren", encoded)
            encoded.push(data[:500])
            encoded.push(data[500:])
            encoded.end()
    events = seen(backend)
    if given == "pipe":
        pipe.close()
    assert [event.kind for event in events] == ["started", "finished"]
    assert events[-1].position_s == pytest.approx(0.3, abs=0.02) and events[-1].damaged is None


def test_a_feed_that_fails_is_spoken_once_and_says_why(backend: mien.Backend) -> None:
    feed = mien.EncodedFeed("wav")
    backend.say("wren", feed)
    with pytest.raises(AudioRejected, match="already belongs to a turn"):
        backend.say("otto", feed)
    feed.push(tone(0.1))
    feed.fail("the service went away")
    (*_, finished) = seen(backend)
    assert "the service went away" in str(finished.damaged)


def test_a_conversation_is_queued_as_on_a_stage() -> None:
    conversation = mien.load_conversation(mien.bundled("conversations", "hello"))
    with mien.Backend.of(conversation, size=SIZE, playout="null", spare=False) as backend:
        assert [turn.key for turn in backend.turns()] == [turn.key for turn in conversation.turns]
        with pytest.raises(ScriptError, match="already queued"):
            backend.queue(conversation)
        backend.frame()
        backend.interrupt()
        events = seen(backend)
        assert {event.turn for event in events} == {turn.key for turn in conversation.turns}


# -- two processes ----------------------------------------------------------------------------------


def test_the_engine_draws_while_this_process_stands_still(backend: mien.Backend) -> None:
    """A thread that keeps the GIL for ten frames."""
    backend.frame()
    before = backend.metrics()["frames_produced_total"]
    ctypes.PyDLL(None).usleep(330_000)  # which keeps it
    frame = backend.frame()
    assert frame.shape == (48, 64, 4)
    assert backend.metrics()["frames_produced_total"] > before + 2
    backend.rest()


def test_an_engine_that_is_killed_is_back_with_cast_queue_and_position(tiny: Path) -> None:
    with mien.Backend({"wren": tiny, "otto": tiny}, size=SIZE, playout="null", room=1) as backend:
        backend.load("extra", tiny)
        backend.say("wren", HELLO, "[happy] Good evening!", key="first")
        feed = mien.PcmFeed(16_000)
        backend.say("otto", feed, key="second")
        feed.push(np.full(8000, 3000, np.int16))
        feed.end()
        backend.set_expression("otto", "happy")
        backend.move("otto", (0.2, 1.0), 0.8, seconds=0)
        events = []
        while not (told := backend.playing()) or told[0].position_s < 1:
            backend.frame()
            events += backend.events()
        (playing,) = told
        before, pid = backend.position_s, backend.engine_pid
        os.kill(pid, signal.SIGKILL)
        while not backend.restarts:  # what it had sent before is shown first
            backend.frame()
        assert backend.restarts == 1 and backend.engine_pid != pid
        (now,) = backend.playing()
        assert now.turn == "first" and now.position_s >= playing.position_s - 0.2
        assert backend.position_s >= before - 0.1
        assert [turn.key for turn in backend.turns()] == ["first", "second"]
        assert set(backend.cast) | set(backend.loading) == {"wren", "otto", "extra"}
        stands = backend.standing("otto")
        assert stands[:2] == pytest.approx((0.2, 1.0), abs=0.02) and stands.size == 0.8
        said = [warning for warning in backend.warnings if "the engine ended (signal 9)" in warning]
        assert len(said) == 1 and "with its cast, turns and position" in said[0]
        events += seen(backend)
        kinds = [
            (event.turn, event.kind) for event in events if event.kind in ("started", "finished", "dropped")
        ]
        assert kinds == [
            ("first", "started"),
            ("first", "finished"),
            ("second", "started"),
            ("second", "finished"),
        ]
        samples = [event.at for event in events if event.at is not None]
        assert samples == sorted(samples)  # one session, for its host
        assert events[-1].position_s == pytest.approx(0.5, abs=0.05)


def test_turns_end_once_when_engines_keep_ending(monkeypatch: pytest.MonkeyPatch, tiny: Path) -> None:
    monkeypatch.setattr(keeping, "_MOST", 0)
    with mien.Backend({"otto": tiny}, size=SIZE, playout="null", spare=False) as backend:
        backend.say("otto", HELLO, key="a")
        backend.say("otto", HELLO, key="b")
        while not (events := backend.events()):
            backend.frame()
        os.kill(backend.engine_pid, signal.SIGKILL)
        with pytest.raises(
            RendererUnavailable, match=r"has no engine any more: its engine ended .* open another"
        ):
            while True:
                backend.frame()
        events += backend.events()
        assert [(event.turn, event.kind) for event in events if event.kind != "cue"] == [
            ("a", "started"),
            ("a", "finished"),
            ("b", "dropped"),
        ]
        assert events[-1].damaged and backend.idle
        with pytest.raises(RendererUnavailable):
            backend.set_expression("otto", "happy")


def test_closing_tells_of_every_turn_and_ends_the_process(tiny: Path) -> None:
    backend = mien.Backend({"otto": tiny}, size=SIZE, playout="null", spare=False)
    backend.say("otto", HELLO, key="a")
    pid = backend.engine_pid
    backend.close()
    backend.close()
    assert [event.kind for event in backend.events()] == ["dropped"]
    wait_for_end(pid)
    for call in (
        backend.frame,
        backend.rest,
        lambda: backend.say("otto", HELLO),
        lambda: backend.nod("otto"),
    ):
        with pytest.raises(Closed):
            call()


def test_what_cannot_be_opened_is_said_as_by_a_stage(tmp_path: Path) -> None:
    with pytest.raises(mien.AssetMissing, match="nobody"):
        mien.Backend({"wren": "nobody"}, size=SIZE)
    with pytest.raises(ScriptError, match="a Backend takes no clock: its engine goes by the machine's clock"):
        mien.Backend(CAST, clock=VirtualClock())
    with pytest.raises(ScriptError, match="spare"):
        mien.Backend(CAST, spare=1)  # type: ignore[arg-type]
    (tmp_path / "character.toml").write_text("format = ")
    with pytest.raises(mien.FormatError, match=r"character\.toml"):
        mien.Backend({"wren": tmp_path}, size=SIZE)


def test_one_that_nobody_closes_is_ended_with_a_warning(tiny: Path) -> None:
    backend = mien.Backend({"otto": tiny}, size=SIZE, playout="null", spare=False)
    pid = backend.engine_pid
    with pytest.warns(ResourceWarning, match="dropped without close"):
        del backend
        gc.collect()
    wait_for_end(pid)


_HOST = """
import mien, sys, threading
backend = mien.Backend({"otto": %r}, size=(64, 48), playout="null", spare=False)
backend.frame()
print(backend.engine_pid, flush=True)
%s
sys.stdin.read()
"""


@pytest.mark.parametrize(
    "more", ["", "import os; os.fork() or (print('forked', flush=True), sys.stdin.read())"]
)
def test_a_host_that_is_killed_leaves_no_process_and_no_memory(more: str, tiny: Path) -> None:
    """Also one that has forked: the child has what the host had opened."""
    before = set(Path("/dev/shm").iterdir()) if Path("/dev/shm").is_dir() else set()
    host = subprocess.Popen(
        [sys.executable, "-c", _HOST % (str(tiny), more)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert host.stdout is not None and host.stdin is not None
    with host.stdout, host.stdin:
        pid = int(host.stdout.readline())
        if more:
            assert host.stdout.readline() == "forked\n"
        host.kill()
        host.wait()
        wait_for_end(pid)
    left = set(Path("/dev/shm").iterdir()) - before if before else set()
    assert not {name for name in left if "mien" in name.name}


def test_frames_that_nobody_takes_are_left_out_and_their_sound_is_not(backend: mien.Backend) -> None:
    backend.frame()
    dropped, before = backend.dropped, backend.metrics()["frames_produced_total"]
    heard = [backend.sound]
    while backend.metrics()["frames_produced_total"] < before + 12:
        pass  # the host is at something else
    start = backend.position_s
    for _ in range(4):
        backend.frame()
        heard.append(backend.sound)
    assert backend.dropped > dropped
    assert sum(map(len, heard[1:])) > 10 * 1600  # of all twelve
    assert backend.position_s >= start
    backend.rest()


def test_calls_come_from_any_thread_at_once(backend: mien.Backend) -> None:
    wrong: list[BaseException] = []

    def tell() -> None:
        try:
            for number in range(30):
                backend.look_at("wren", (number / 30, 0.0))
                assert backend.cast == ("wren", "otto")
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        backend.frame()
    for thread in threads:
        thread.join()
    assert not wrong
    backend.rest()


def test_an_engine_that_cannot_be_started_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mien.processes.python", lambda: "/nowhere/python")
    with pytest.raises(RendererUnavailable, match="an engine's process cannot be started"):
        mien.Backend(CAST, size=SIZE)
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(RendererUnavailable, match="use mien"):
        mien.Backend(CAST, size=SIZE)


def test_an_engine_that_fails_at_its_beginning_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mien.backend.child._CODE", "raise SystemExit('no luck today')")
    with pytest.raises(
        RendererUnavailable, match=r"ended while it opened its stage \(status 1: no luck today\)"
    ):
        mien.Backend(CAST, size=SIZE)
    begun: list[EngineProcess] = []

    def broken(engine: EngineProcess) -> None:
        begun.append(engine)
        raise MemoryError

    monkeypatch.setattr(EngineProcess, "open", broken)
    with pytest.raises(MemoryError):
        mien.Backend(CAST, size=SIZE)
    assert begun[0]._process.returncode is not None
