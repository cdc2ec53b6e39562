"""A face in LiveKit, held to the released package: its runner, its outputs, its streams, without a server."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import dropwhile
from typing import Any

import numpy as np
import pytest

pytest.importorskip("livekit.agents", reason="livekit-agents is not installed: pip install 'mien[livekit]'")

from livekit import rtc
from livekit.agents.voice import avatar, io, transcription

from agents.rooms import Players, Room
from agents.virtual import RATE, Pace, Still, led, marked, sentence, speech
from mien.agents.livekit import AvatarSession, FaceGenerator, FaceOutput
from mien.agents.segments import I16
from mien.errors import Closed, ContextLost, ScriptError

SIZE = (64, 48)
Step = Callable[["Rig"], Awaitable[None]]


class Rig:
    """A face, LiveKit's runner, and its players on a clock."""

    def __init__(self, stage: Any = None, fps: int = 30, takes_s: float = 0.0) -> None:
        self.pace = Pace()
        self.players = Players(self.pace)
        self.generator = FaceGenerator("wren", size=SIZE, fps=fps, pace=self.pace)
        led(self.generator.face, stage, takes_s)
        self.output = FaceOutput(self.generator)
        self.events: list[tuple[str, float, Any]] = []
        for name in ("playback_started", "playback_finished", "playback_progressed"):
            self.output.on(name, lambda event, name=name: self.events.append((name, self.pace.now_s, event)))
        self.runner: avatar.AvatarRunner | None = None

    async def capture(self, said: I16, output: Any = None, rate: int = RATE) -> None:
        """As an agent's session gives speech: faster than it is heard."""
        for at in range(0, len(said), rate // 50):
            piece = said[at : at + rate // 50]
            await (output or self.output).capture_frame(rtc.AudioFrame(piece.tobytes(), rate, 1, len(piece)))

    def finished(self) -> list[io.PlaybackFinishedEvent]:
        return [event for name, _, event in self.events if name == "playback_finished"]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Rig]:
    def run(steps: Step, receiver: Any = None, stage: Any = None, fps: int = 30, takes_s: float = 0.0) -> Rig:
        async def main() -> Rig:
            rig = Rig(stage, fps, takes_s)
            rig.players.take_places(monkeypatch)
            for name in ("LocalAudioTrack.create_audio_track", "LocalVideoTrack.create_video_track"):
                monkeypatch.setattr(f"livekit.rtc.{name}", lambda name, source: _Track(name))
            receiving = rig.output if receiver is None else receiver(rig)
            rig.runner = avatar.AvatarRunner(
                Room("agent"),  # type: ignore[arg-type]
                audio_recv=receiving,
                video_gen=rig.generator,
                options=rig.generator.options,
            )
            rig.output.players = rig.runner.av_sync
            await rig.runner.start()
            try:
                await asyncio.wait_for(steps(rig), 120)
            finally:
                await rig.runner.aclose()
                await rig.generator.aclose()
            return rig

        return asyncio.run(main())

    return run


class _Track:
    def __init__(self, name: str) -> None:
        self.name, self.kind = name, name


def test_speech_is_heard_to_the_bit_and_its_end_is_told_when_it_was_heard(run: Callable[..., Rig]) -> None:
    said = speech(1.0)

    async def steps(rig: Rig) -> None:
        await rig.pace.sleep(0.2)
        await rig.capture(said)
        rig.output.flush()
        await rig.output.wait_for_playout()
        assert rig.players.take_heard() == said.tobytes()

    rig = run(steps)
    (_, began, _), _, (_, ended, finished) = rig.events
    assert (finished.playback_position, finished.interrupted) == (1.0, False)
    assert ended - began == pytest.approx(1.0, abs=1e-3)
    assert rig.players.dry == 1, "sound had no hole"


def test_a_picture_is_seen_when_its_sound_is_heard(run: Callable[..., Rig]) -> None:
    """Of a hundred pictures of speech each is given with the sound that begins with it."""

    async def steps(rig: Rig) -> None:
        await rig.pace.sleep(0.2)
        await rig.capture(speech(3.0))
        rig.output.flush()
        await rig.output.wait_for_playout()

    rig = run(steps, stage=Still())
    began = rig.events[0][1]
    shown = [at for at, _ in rig.players.seen if at >= began][:90]
    assert shown == pytest.approx([began + k / 30 for k in range(90)], abs=1e-6)
    assert rig.players.dry == 1, "while sound is ahead of it"


@pytest.mark.parametrize("fps", [30, 60])
def test_every_picture_of_a_turn_is_seen_from_its_first_sound_on(run: Callable[..., Rig], fps: int) -> None:
    """Of the first turn and of a later one. A picture waits at most for the one that is being drawn."""
    takes_s = 0.012

    async def steps(rig: Rig) -> None:
        for seed in range(2):
            await rig.pace.sleep(0.207)
            await rig.capture(speech(1.0, seed=seed))
            rig.output.flush()
            await rig.output.wait_for_playout()
        assert rig.generator.face.left_out == 0

    rig = run(steps, stage=Still(fps), fps=fps, takes_s=takes_s)
    begun = [at for name, at, _ in rig.events if name == "playback_started"]
    assert len(begun) == rig.players.dry == 2, "sound had no hole"
    for began in begun:
        shown = [at for at, _ in rig.players.seen if at >= began][:fps]
        late = [at - (began + k / fps) for k, at in enumerate(shown)]
        assert min(late) > -1e-6 and max(late) < takes_s, late


def test_an_interruption_tells_what_was_heard_and_drops_the_rest(run: Callable[..., Rig]) -> None:
    said = speech(2.0)

    async def steps(rig: Rig) -> None:
        await rig.capture(said)
        rig.output.flush()
        await rig.pace.sleep(0.5)
        rig.output.clear_buffer()
        (event,) = rig.finished()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        heard = rig.players.take_heard()
        assert event.interrupted and event.playback_position == pytest.approx(len(heard) / 2 / RATE, abs=1e-3)
        assert said.tobytes().startswith(heard)
        await rig.pace.sleep(1.0)
        assert rig.players.take_heard() == b"" and len(rig.finished()) == 1

    run(steps)


def test_no_picture_that_is_seen_after_an_interruption_has_an_open_mouth(
    run: Callable[..., Rig],
) -> None:
    """By LiveKit's own synchronizer, which holds none back: and it goes on to show them."""
    chance, after = random.Random(11), list[list[int]]()

    async def steps(rig: Rig) -> None:
        marked(rig.generator.face)
        for _ in range(12):
            await rig.capture(sentence())
            await rig.pace.sleep(chance.uniform(0.3, 0.6))
            while not rig.players.seen[-1][1]:
                await rig.pace.sleep(0.001)
            await rig.pace.sleep(chance.uniform(0, 0.03))
            before = len(rig.players.seen)
            rig.output.clear_buffer()
            rig.output.flush()
            await rig.pace.sleep(chance.uniform(0.04, 0.12))
            after.append([mark for _, mark in rig.players.seen[before:]])

    run(steps, takes_s=0.012)
    assert all(after) and not any(map(any, after)), after


def test_a_false_interruption_loses_no_sample(run: Callable[..., Rig]) -> None:
    said = speech(1.0)

    async def steps(rig: Rig) -> None:
        await rig.capture(said)
        rig.output.flush()
        assert rig.output.can_pause
        await rig.pace.sleep(0.4)
        rig.output.pause()
        await rig.pace.sleep(0.2)
        quiet = len(rig.players.heard)
        await rig.pace.sleep(1.0)
        assert len(rig.players.heard) == quiet
        rig.output.resume()
        await rig.output.wait_for_playout()
        assert rig.players.take_heard() == said.tobytes()

    rig = run(steps)
    assert [(e.playback_position, e.interrupted) for e in rig.finished()] == [(1.0, False)]
    runs = [event for name, _, event in rig.events if name == "playback_progressed"]
    assert len(runs) == 3, "up to the pause, what was on its way then, and the rest"
    ends = [0.0, *(one.offset + one.duration for one in runs)]
    assert ends == pytest.approx([*(one.offset for one in runs), 1.0])


def test_what_comes_of_a_segment_after_it_was_cleared_is_dropped(run: Callable[..., Rig]) -> None:
    after = speech(0.3, seed=5)

    async def steps(rig: Rig) -> None:
        await rig.capture(speech(0.5))
        rig.output.clear_buffer()
        await rig.capture(speech(0.5))
        rig.output.flush()
        await rig.capture(after)
        rig.output.flush()
        await rig.output.wait_for_playout()
        assert rig.players.take_heard() == after.tobytes()

    rig = run(steps)
    assert [e.interrupted for e in rig.finished()] == [True, False]


@pytest.mark.slow
def test_a_thousand_segments_end_once_each_where_they_were_heard_to(run: Callable[..., Rig]) -> None:
    """Clears, cancels, pauses and lost ends, by chance; nothing is drawn."""
    chance = random.Random(7)
    wrong: list[str] = []

    async def steps(rig: Rig) -> None:
        for number in range(1000):
            rig.players.take_heard()
            before = len(rig.finished())
            said = speech(chance.uniform(0.02, 0.5), seed=number)
            fate = chance.choices(("whole", "cleared", "cancelled", "paused", "lost"), (5, 4, 2, 2, 0.2))[0]
            await rig.capture(said[: len(said) // 2] if fate == "cancelled" else said)
            if fate != "lost":
                rig.output.flush()
            heard_before = rig.players.take_heard()
            if fate in ("cleared", "cancelled"):
                if fate == "cleared":
                    await rig.pace.sleep(chance.uniform(0, 0.6))
                rig.output.clear_buffer()
                rig.output.clear_buffer()
            elif fate == "paused":
                await rig.pace.sleep(chance.uniform(0, 0.3))
                rig.output.pause()
                await rig.pace.sleep(chance.uniform(0, 0.5))
                if chance.random() < 0.5:
                    rig.output.clear_buffer()
                rig.output.resume()
            elif fate == "lost":
                await rig.pace.sleep(11)
                rig.output.flush()
            event = await rig.output.wait_for_playout()
            for _ in range(3):
                await asyncio.sleep(0)
            heard = len(heard_before + rig.players.take_heard()) / 2 / RATE
            ends = len(rig.finished()) - before
            if ends != 1 or abs(event.playback_position - heard) > 0.010:
                wrong.append(f"{number} {fate}: {ends} ends, {event.playback_position} told, {heard} heard")
            if fate in ("whole", "lost") and (event.interrupted or abs(heard - len(said) / RATE) > 1e-3):
                wrong.append(f"{number} {fate}: {heard} of {len(said) / RATE} heard")
        assert rig.output.captured_playout_segments == len(rig.finished()) == 1000

    run(steps, stage=Still(25), fps=25)
    assert not wrong, wrong[:5]


@pytest.mark.parametrize("seconds", [0.02, 0.3, 0.31])
def test_segments_that_wait_behind_one_another_end_in_their_order(
    run: Callable[..., Rig], seconds: float
) -> None:
    said = [speech(seconds, seed=n) for n in range(4)]

    async def steps(rig: Rig) -> None:
        for one in said:
            await rig.capture(one)
            rig.output.flush()
        await rig.output.wait_for_playout()
        assert rig.players.take_heard() == b"".join(one.tobytes() for one in said)

    rig = run(steps)
    assert [e.playback_position for e in rig.finished()] == pytest.approx([seconds] * 4)
    assert [name for name, *_ in rig.events if name != "playback_progressed"] == [
        "playback_started",
        "playback_finished",
    ] * 4


async def two_of_which_the_second_is_given_and_not_heard(rig: Rig) -> None:
    for seed in (1, 2):
        await rig.capture(speech(0.4, seed=seed))
        rig.output.flush()
    while (last := rig.generator.face.last) is None or not last.given:
        await rig.pace.sleep(0.001)
    assert not rig.finished() and last.begun_ns is not None and last.begun_ns > rig.pace.now_ns()


def test_a_pause_tells_of_the_segment_that_is_heard_and_not_of_the_one_behind_it(
    run: Callable[..., Rig],
) -> None:
    async def steps(rig: Rig) -> None:
        await two_of_which_the_second_is_given_and_not_heard(rig)
        rig.output.pause()
        _, began, _ = rig.events[0]
        name, at, told = rig.events[-1]
        assert name == "playback_progressed" and told.offset == 0
        assert told.duration == pytest.approx(at - began, abs=1e-3)
        await rig.pace.sleep(1.0)
        rig.output.resume()
        await rig.output.wait_for_playout()

    rig = run(steps, stage=Still())
    heard = [0.0]
    for name, _, event in rig.events:
        if name == "playback_progressed":
            assert event.offset == pytest.approx(heard[-1], abs=1e-6), "each run begins where one ended"
            heard[-1] += event.duration
        elif name == "playback_finished":
            heard.append(0.0)
    assert heard == pytest.approx([0.4, 0.4, 0.0])


def test_a_segment_of_which_nothing_was_heard_has_not_begun(run: Callable[..., Rig]) -> None:
    async def steps(rig: Rig) -> None:
        await two_of_which_the_second_is_given_and_not_heard(rig)
        rig.output.clear_buffer()
        await rig.capture(speech(0.2, seed=3))
        rig.output.flush()
        await rig.output.wait_for_playout()

    rig = run(steps, stage=Still())
    told = [name for name, *_ in rig.events if name != "playback_progressed"]
    started, finished = "playback_started", "playback_finished"
    assert told == [started, finished, finished, started, finished]
    assert [e.interrupted for e in rig.finished()] == [True, True, False]
    assert [e.playback_position for e in rig.finished()][1:] == pytest.approx([0.0, 0.2])


def test_a_transcript_goes_with_the_sound(run: Callable[..., Rig]) -> None:
    """LiveKit's synchronizer over our output: it waits for the sound, and knows what was heard at the end."""
    texts: list[str] = []

    class Text(io.TextOutput):
        async def capture_text(self, text: str) -> None:
            texts.append(text)

        def flush(self) -> None:
            pass

    async def steps(rig: Rig) -> None:
        synchronizer = transcription.TranscriptSynchronizer(
            next_in_chain_audio=rig.output, next_in_chain_text=Text(label="texts", next_in_chain=None)
        )
        events: list[io.PlaybackFinishedEvent] = []
        synchronizer.audio_output.on("playback_finished", events.append)
        await synchronizer.text_output.capture_text("One two three four five six seven eight.")
        await rig.capture(speech(1.0), synchronizer.audio_output)
        synchronizer.text_output.flush()
        synchronizer.audio_output.flush()
        assert not texts, "nothing was heard yet"
        await synchronizer.audio_output.wait_for_playout()
        (event,) = events
        assert event.playback_position == 1.0 and not event.interrupted
        assert event.synchronized_transcript == "One two three four five six seven eight."
        await synchronizer.aclose()

    run(steps)


def test_an_agent_whose_face_cannot_be_drawn_any_more_does_not_wait_for_it(run: Callable[..., Rig]) -> None:
    class Lost(Still):
        def frame(self, out: Any) -> None:
            if self.playing():
                raise ContextLost("the GPU was reset.")
            super().frame(out)

    async def steps(rig: Rig) -> None:
        for _ in range(2):
            await rig.capture(speech(0.5))
            rig.output.flush()
            event = await rig.output.wait_for_playout()
            assert event.interrupted
        assert rig.generator.failure == "the GPU was reset."

    assert len(run(steps, stage=Lost()).finished()) == 2


def test_speech_after_an_interruption_begins_without_a_rest_of_what_was_interrupted(
    run: Callable[..., Rig],
) -> None:
    """Of sound at another rate LiveKit's resampler holds some back."""
    said = [speech(0.5, 48_000, seed) for seed in (1, 2)]
    heard: list[bytes] = []

    async def steps(rig: Rig, before: bool = False) -> None:
        if before:
            await rig.capture(said[0], rate=48_000)
            await rig.pace.sleep(0.2)
            rig.output.clear_buffer()
            rig.output.flush()
            rig.players.take_heard()
        await rig.capture(said[1], rate=48_000)
        rig.output.flush()
        await rig.output.wait_for_playout()
        heard.append(rig.players.take_heard())

    run(steps)
    run(partial(steps, before=True))
    alone, behind = (np.frombuffer(one, np.int16).astype(int) for one in heard)
    assert len(alone) == len(behind) > RATE * 0.49
    assert np.abs(alone - behind).max() <= 2, "LiveKit's resampler rounds by chance"


def test_of_a_face_that_was_lost_nothing_is_begun_by_the_end_of_its_speech(run: Callable[..., Rig]) -> None:
    async def steps(rig: Rig) -> None:
        await rig.capture(speech(0.5, 48_000), rate=48_000)
        rig.generator.fail(ContextLost("the GPU was reset."))
        rig.output.flush()
        assert rig.generator.face.last is None
        await rig.generator.push_audio(rtc.AudioFrame(speech(0.1).tobytes(), RATE, 1, RATE // 10))
        assert rig.generator.face.last is None

    (event,) = run(steps, stage=Still()).finished()
    assert event.interrupted


# -- an avatar in a process of its own ------------------------------------------------------------


def remote(rig: Rig) -> avatar.DataStreamAudioReceiver:
    agent, worker = Room("the-agent"), Room("the-avatar")
    agent.reaches(worker)
    rig.agent = agent  # type: ignore[attr-defined]
    return avatar.DataStreamAudioReceiver(worker, sender_identity="the-agent")  # type: ignore[arg-type]


def test_an_avatar_of_another_process_is_told_and_tells_by_data_streams(run: Callable[..., Rig]) -> None:
    """LiveKit's own output and receiver, and its runner's own count, of a face that is only its generator."""
    said = [speech(0.4, seed=n) for n in range(6)]

    async def steps(rig: Rig) -> None:
        output = avatar.DataStreamAudioOutput(
            rig.agent,  # type: ignore[attr-defined]
            destination_identity="the-avatar",
            sample_rate=RATE,
            wait_playback_start=True,
        )
        events: list[io.PlaybackFinishedEvent] = []
        output.on("playback_finished", events.append)
        for number, one in enumerate(said):
            await rig.capture(one, output)
            output.flush()
            if number % 2:
                await rig.pace.sleep(0.2)
                output.clear_buffer()
            event = await output.wait_for_playout()
            await rig.pace.sleep(0.2)
            heard = rig.players.take_heard()
            assert event.interrupted == bool(number % 2)
            assert event.playback_position == pytest.approx(len(heard) / 2 / RATE, abs=0.010)
            assert one.tobytes().startswith(heard)
        assert len(events) == len(said)

    def receiver(rig: Rig) -> Any:
        rig.generator.output = None
        return remote(rig)

    run(steps, receiver)


def test_livekits_own_queue_is_served_as_well(run: Callable[..., Rig]) -> None:
    """Its runner counts for itself, one segment at a time: several that wait end once each."""

    async def steps(rig: Rig) -> None:
        events: list[io.PlaybackFinishedEvent] = []
        rig.queue.on("playback_finished", events.append)  # type: ignore[attr-defined]
        for seed in range(3):
            await rig.capture(speech(0.3, seed=seed), rig.queue)  # type: ignore[attr-defined]
            rig.queue.flush()  # type: ignore[attr-defined]
        await rig.queue.wait_for_playout()  # type: ignore[attr-defined]
        assert [e.playback_position for e in events] == pytest.approx([0.3] * 3)

    def receiver(rig: Rig) -> Any:
        rig.generator.output = None
        rig.queue = avatar.QueueAudioOutput(sample_rate=RATE)  # type: ignore[attr-defined]
        return rig.queue  # type: ignore[attr-defined]

    run(steps, receiver)


def test_sound_of_another_rate_or_of_two_channels_is_made_to_fit() -> None:
    generator = FaceGenerator("wren", size=SIZE, pace=Pace())
    stereo = np.repeat(speech(0.5, 48_000), 2)
    for at in range(0, len(stereo), 960):
        piece = stereo[at : at + 960]
        generator.push(rtc.AudioFrame(piece.tobytes(), 48_000, 2, len(piece) // 2))
    segment = generator.end()
    assert segment is not None and segment.rate == RATE
    assert segment.pushed == pytest.approx(RATE // 2, abs=RATE // 100)


# -- a session ------------------------------------------------------------------------------------


class Session(rtc.EventEmitter[str]):
    """As much of an AgentSession as an avatar is given."""

    def __init__(self) -> None:
        super().__init__()
        self.tail: Any = None
        self.output = self

    def replace_audio_tail(self, sink: Any) -> None:
        self.tail = sink


def test_a_session_takes_the_face_for_its_voice(monkeypatch: pytest.MonkeyPatch) -> None:
    """With LiveKit's own sources and synchronizer, in real time: what is heard takes as long as it lasts."""
    monkeypatch.setattr("livekit.rtc.LocalAudioTrack.create_audio_track", lambda name, source: _Track(name))
    monkeypatch.setattr("livekit.rtc.LocalVideoTrack.create_video_track", lambda name, source: _Track(name))

    async def main() -> None:
        room, session, face = Room("agent"), Session(), AvatarSession("wren", size=SIZE)
        await face.start(session, room)  # type: ignore[arg-type]
        assert face.avatar_identity == "agent" and face.provider == "mien"
        assert isinstance(session.tail, avatar.QueueAudioOutput) and session.tail.can_pause
        face.stage.set_expression("face", "happy")
        said = speech(0.2)
        await session.tail.capture_frame(rtc.AudioFrame(said.tobytes(), RATE, 1, len(said)))
        session.tail.flush()
        event = await asyncio.wait_for(session.tail.wait_for_playout(), 60)
        assert (event.playback_position, event.interrupted) == (0.2, False)
        assert [one.track.name for one in room.published] == ["avatar_audio", "avatar_video"]
        await face.aclose()
        await face.aclose()

    asyncio.run(main())


@pytest.mark.parametrize("breaks", ["face", "runner", "tail"])
def test_a_session_that_cannot_start_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, breaks: str
) -> None:
    def refused(*_: Any, **__: Any) -> Any:
        raise RuntimeError("not today")

    async def main() -> None:
        room, session, face = Room("agent"), Session(), AvatarSession("wren", size=SIZE)
        opened = []
        led(face._generator.face)
        open_it = face._generator.face._drawing._opened
        monkeypatch.setattr(
            face._generator.face._drawing, "_opened", lambda: opened.append(open_it()) or opened[0]
        )
        if breaks == "face":
            monkeypatch.setattr(face._generator.face._drawing, "_opened", refused)
        elif breaks == "runner":
            monkeypatch.setattr(avatar, "AvatarRunner", refused)
        else:
            session.replace_audio_tail = refused  # type: ignore[method-assign]
        before = asyncio.all_tasks()
        with pytest.raises(RuntimeError, match="not today"):
            await face.start(session, room)  # type: ignore[arg-type]
        assert asyncio.all_tasks() == before
        for stage in opened:
            with pytest.raises(Closed):
                stage.frame()
        assert not any(session._events.values()) and not any(room._events.values())
        await face.aclose()

    asyncio.run(main())


def test_a_session_is_closed_whole_although_a_part_of_it_fails_to() -> None:
    async def main() -> None:
        room, session, face = Room("agent"), Session(), AvatarSession("wren", size=SIZE)
        led(face._generator.face)
        await face.start(session, room)  # type: ignore[arg-type]
        runner = face._runner
        assert runner is not None
        stop = runner.aclose

        async def refused() -> None:
            await stop()
            raise RuntimeError("the room is gone")

        runner.aclose = refused  # type: ignore[method-assign]
        with pytest.raises(RuntimeError, match="the room is gone"):
            await face.aclose()
        with pytest.raises(Closed):
            face.stage.nod("face")
        assert not any(session._events.values()) and not any(room._events.values())
        await face.aclose()

    asyncio.run(main())


def test_a_session_is_started_once() -> None:
    """A second start would publish the face a second time."""

    async def main() -> None:
        room, session, face = Room("agent"), Session(), AvatarSession("wren", size=SIZE)
        led(face._generator.face, Still())
        await face.start(session, room)  # type: ignore[arg-type]
        tail = session.tail
        with pytest.raises(ScriptError, match="started before: make another"):
            await face.start(session, room)  # type: ignore[arg-type]
        assert session.tail is tail and face.avatar_identity == "agent", "the first goes on"
        await face.aclose()
        with pytest.raises(Closed, match="closed: open another"):
            await face.start(session, room)  # type: ignore[arg-type]

    asyncio.run(main())


def test_an_agent_whose_tracks_cannot_be_published_does_not_wait_for_its_speech() -> None:
    """LiveKit's runner ends then, and tells its log alone."""

    class Full(Room):
        async def publish_track(self, track: Any, options: Any) -> Any:
            raise rtc.participant.PublishTrackError("no answer")

    async def main() -> None:
        room, session, face = Full("agent"), Session(), AvatarSession("wren", size=SIZE)
        led(face._generator.face, Still())
        await face.start(session, room)  # type: ignore[arg-type]
        said = speech(0.2)
        for _ in range(2):
            await session.tail.capture_frame(rtc.AudioFrame(said.tobytes(), RATE, 1, len(said)))
            session.tail.flush()
            event = await asyncio.wait_for(session.tail.wait_for_playout(), 60)
            assert event.interrupted and event.playback_position < 0.05, "a frame of it at most"
        assert face._generator.failure == "no answer"
        await face.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


@pytest.mark.slow
def test_a_room_of_livekits_own_webrtc_sees_and_hears_the_face() -> None:
    """In real time, as WebRTC is: what comes is counted by the clocks of its tracks."""
    pytest.importorskip("aiortc", reason="aiortc is not installed: pip install 'mien[webrtc]'")
    from agents.room_server import Heard, RoomServer, Seen

    async def spoken(session: Session) -> None:
        said = speech(2.0)
        for at in range(0, len(said), RATE // 50):
            piece = said[at : at + RATE // 50]
            await session.tail.capture_frame(rtc.AudioFrame(piece.tobytes(), RATE, 1, len(piece)))
        session.tail.flush()
        event = await session.tail.wait_for_playout()
        assert (event.playback_position, event.interrupted) == (2.0, False)

    async def main() -> None:
        async with RoomServer() as server:
            room, session = rtc.Room(), Session()
            await room.connect(server.url, "any token")
            face = AvatarSession("wren", size=(320, 240), fps=15)
            try:
                await face.start(session, room)  # type: ignore[arg-type]
                await asyncio.wait_for(spoken(session), 60)
                loud: list[Heard] = []

                def enough() -> bool:
                    loud[:] = [one for one in server.heard if one.loudest > 1000]
                    seen = pictures(server.seen)
                    return bool(loud) and any(map(differs, seen, seen[1:]))

                await asyncio.wait_for(server.wait_for(enough), 60)
            finally:
                await face.aclose()
                await room.disconnect()
            assert server.published == ["avatar_audio", "avatar_video"]
            steps = {after.at - one.at for one, after in zip(server.heard, server.heard[1:], strict=False)}
            assert steps == {960}, "sound without a gap"
            assert not any(is_blank(one) for one in pictures(server.seen)), "while somebody is seen"

    def pictures(seen: list[Seen]) -> list[Seen]:
        """Without the blank ones that LiveKit sends before the first."""
        return list(dropwhile(is_blank, seen))

    def is_blank(one: Seen) -> bool:
        return float(one.picture.std(axis=(0, 1)).max()) < 5

    def differs(one: Seen, after: Seen) -> bool:
        return one.picture.shape != after.picture.shape or bool(np.any(one.picture != after.picture))

    asyncio.run(main())
