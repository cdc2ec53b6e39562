"""A face in a pipecat pipeline, held to the released package: its output transport and its tracing too."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import pytest

pytest.importorskip("pipecat", reason="pipecat-ai is not installed: pip install 'mien[pipecat]'")

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    EndFrame,
    ErrorFrame,
    Frame,
    InterruptionFrame,
    OutputAudioRawFrame,
    OutputImageRawFrame,
    StartFrame,
    TTSAudioRawFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.tests.utils import run_test
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams

from agents.virtual import RATE, Pace, Still, led, marked, sentence, speech
from mien.agents.pipecat import FaceProcessor
from mien.agents.segments import I16
from mien.errors import ContextLost

SIZE = (64, 48)
CHUNK = RATE * 4 // 100


class Out(BaseOutputTransport):
    """A transport to nobody, that takes as long as what it sends; `interrupt_at`: of its chunks, behind which
    the user speaks."""

    def __init__(self, pace: Pace, interrupt_at: int | None = None, **told: Any) -> None:
        params: dict[str, Any] = {
            "audio_out_enabled": True,
            "audio_out_end_silence_secs": 0,
            "video_out_enabled": True,
            "video_out_width": SIZE[0],
            "video_out_height": SIZE[1],
            "video_out_framerate": 25,
        }
        super().__init__(TransportParams(**params | told))
        self._pace, self._interrupt_at = pace, interrupt_at
        self.heard: list[bytes] = []
        self.seen = 0
        self.sent: Callable[[], Awaitable[None]] | None = None
        """Called after each chunk."""

    async def start(self, frame: StartFrame) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        self.heard.append(frame.audio)
        if len(self.heard) == self._interrupt_at:
            await self.broadcast_interruption()
        if self.sent is not None:
            await self.sent()
        await self._pace.sleep(len(frame.audio) / 2 / frame.sample_rate)
        return True

    async def write_video_frame(self, frame: OutputImageRawFrame) -> bool:
        self.seen += frame.size == SIZE
        return True


class Talk(FrameProcessor):  # type: ignore[misc]
    """A speech service with `times` things to say, one after the other, and a user who interrupts some. By
    chance an end is lost, or all that is still to come of what was interrupted."""

    def __init__(self, out: Out, times: int) -> None:
        super().__init__()
        self.said = self.interrupted = self._given = 0
        self.wrong: list[str] = []
        self._out, self._times, self._chance = out, times, random.Random(7)
        self._speech, self._cut, self._ending = speech(0.5), 0, list[Frame]()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, EndFrame):
            self._ending.append(frame)
            await self._go_on()
            return
        await self.push_frame(frame, direction)
        if isinstance(frame, BotStoppedSpeakingFrame):
            self._judge()
            await self._go_on()

    async def heard(self) -> None:
        """One chunk more was sent."""
        if len(self._out.heard) == self._cut:
            self.interrupted += 1
            await self.broadcast_interruption()

    def _judge(self) -> None:
        heard = sum(map(len, self._out.heard))
        if self._cut == 0 and heard != self._given:
            self.wrong.append(f"{self.said}: {heard} bytes of {self._given}")
        if not heard <= self._given:
            self.wrong.append(f"{self.said}: {heard} bytes were heard, and {self._given} given")

    async def _go_on(self) -> None:
        if self.said >= self._times:
            await self.push_frame(self._ending.pop())
            return
        fate = self._chance.choices(("whole", "interrupted", "cancelled", "lost"), (5, 4, 2, 2))[0]
        chunks = self._chance.randrange(1, 10)
        self._out.heard.clear()
        self._given = 2 * CHUNK * chunks
        self._cut = self._chance.randrange(1, chunks + 1) if fate in ("interrupted", "cancelled") else 0
        await self._say(chunks, stopped=fate not in ("cancelled", "lost"))
        if fate == "lost":  # the next begins, and ends that
            self._given += 2 * CHUNK
            await self._say(1)

    async def _say(self, chunks: int, *, stopped: bool = True) -> None:
        self.said += 1
        for frame in utterance(self._speech[: CHUNK * chunks], f"{self.said}", stopped=stopped):
            if not isinstance(frame, TTSTextFrame):
                await self.push_frame(frame)


class User(FrameProcessor):  # type: ignore[misc]
    """Who interrupts once, when it is asked to, and hangs up a little later."""

    def __init__(self, pace: Pace) -> None:
        super().__init__()
        self.interrupted = False
        self._pace = pace

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, EndFrame):
            while not self.interrupted:
                await self._pace.sleep(0.04)
            await self._pace.sleep(0.2)
        await self.push_frame(frame, direction)

    async def interrupt(self, after_s: float) -> None:
        if not self.interrupted:
            await self._pace.sleep(after_s)
            await self.broadcast_interruption()
            self.interrupted = True


class Noted(FrameProcessor):  # type: ignore[misc]
    """What goes by, in its order."""

    def __init__(self) -> None:
        super().__init__(enable_direct_mode=True)
        self.frames: list[Frame] = []

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if direction is FrameDirection.DOWNSTREAM:
            self.frames.append(frame)
        await self.push_frame(frame, direction)


def utterance(said: I16, context: str = "one", *, stopped: bool = True) -> list[Frame]:
    """As a speech service gives it: with its words in between."""
    frames: list[Frame] = [TTSStartedFrame(context_id=context)]
    for at in range(0, len(said), CHUNK):
        frames.append(TTSAudioRawFrame(said[at : at + CHUNK].tobytes(), RATE, 1, context_id=context))
        frames.append(TTSTextFrame(f"{context}-{at // CHUNK}", text_type="word"))
    return [*frames, TTSStoppedFrame(context_id=context)] if stopped else frames


def through(
    frames: Sequence[Frame], interrupt_at: int | None = None, stage: Any = None, **told: Any
) -> tuple[list[Frame], Out, list[Frame]]:
    """What the face gives, the transport behind it, and what goes back up. `told`: parameters of the
    transport."""
    pace = Pace()
    face = FaceProcessor("wren", size=SIZE, pace=pace)
    led(face._face, stage)
    noted, out = Noted(), Out(pace, interrupt_at, **told)
    _, up = asyncio.run(run_test(Pipeline([face, noted, out]), frames_to_send=frames, start_timeout=60))
    return noted.frames, out, list(up)


def audio_of(frames: Sequence[Frame]) -> bytes:
    return b"".join(one.audio for one in frames if isinstance(one, TTSAudioRawFrame))


def test_speech_is_heard_once_and_to_the_bit() -> None:
    said = speech(1.0)
    frames, out, _ = through(utterance(said))
    assert audio_of(frames) == said.tobytes()
    assert b"".join(out.heard) == said.tobytes()


def test_each_piece_of_speech_comes_right_behind_its_picture() -> None:
    frames, _, _ = through(utterance(speech(1.0)))
    media = [one for one in frames if isinstance(one, OutputImageRawFrame | TTSAudioRawFrame)]
    sounds = 0
    for before, after in pairwise(media):
        if isinstance(after, TTSAudioRawFrame):
            sounds += 1
            assert isinstance(before, OutputImageRawFrame) and before.sync_with_audio
            assert len(after.audio) == 2 * CHUNK and after.context_id == "one"
            assert (before.size, before.format, len(before.image)) == (SIZE, "RGB", SIZE[0] * SIZE[1] * 3)
    assert sounds == 25


def test_words_stay_with_their_sound_and_the_end_comes_last() -> None:
    frames, _, _ = through(utterance(speech(1.0)))
    order = [
        one
        for one in frames
        if isinstance(one, TTSAudioRawFrame | TTSTextFrame | TTSStartedFrame | TTSStoppedFrame)
    ]
    assert isinstance(order[0], TTSStartedFrame) and isinstance(order[-1], TTSStoppedFrame)
    texts = [one.text for one in order if isinstance(one, TTSTextFrame)]
    assert texts == [f"one-{k}" for k in range(25)]
    heard = 0
    for one in order:
        if isinstance(one, TTSAudioRawFrame):
            heard += 1
        elif isinstance(one, TTSTextFrame):
            assert heard >= int(one.text.removeprefix("one-")), "no word before its sound"


def test_the_bot_starts_and_stops_speaking_once_for_each_utterance() -> None:
    _, _, up = through([*utterance(speech(0.4), "one"), *utterance(speech(0.4), "two")])
    spoke = [type(one) for one in up if isinstance(one, BotStartedSpeakingFrame | BotStoppedSpeakingFrame)]
    assert spoke == [BotStartedSpeakingFrame, BotStoppedSpeakingFrame] * 2


def test_an_interruption_drops_the_speech_and_its_words() -> None:
    said = speech(2.0)
    frames, out, up = through(utterance(said), interrupt_at=10)
    heard = b"".join(out.heard)
    assert said.tobytes().startswith(heard)
    assert 10 <= len(heard) // (2 * CHUNK) <= 35, "the interruption takes its way through the pipeline"
    given = len(audio_of(frames)) // (2 * CHUNK)
    words = [one for one in frames if isinstance(one, TTSTextFrame)]
    assert len(words) <= given < 40, "no word of what was not said"
    assert any(isinstance(one, InterruptionFrame) for one in up)


@pytest.mark.parametrize("after", [3, 12, 30])
def test_the_next_picture_that_is_given_after_an_interruption_has_its_mouth_closed(after: int) -> None:
    """Also where one was being drawn. `after` so many chunks that are heard, once it is open."""
    pace = Pace()
    face, noted, out, user = FaceProcessor("wren", size=SIZE, pace=pace), Noted(), Out(pace), User(pace)
    marked(led(face._face, takes_s=0.012))

    def pictures() -> list[tuple[int, OutputImageRawFrame]]:
        return [(k, one) for k, one in enumerate(noted.frames) if isinstance(one, OutputImageRawFrame)]

    async def interrupt() -> None:
        if len(out.heard) >= after and pictures()[-1][1].image[0]:
            await user.interrupt(0.005 * (after % 7))

    out.sent = interrupt
    said = utterance(sentence())
    asyncio.run(run_test(Pipeline([user, face, noted, out]), frames_to_send=said, start_timeout=60))
    (cut,) = [k for k, one in enumerate(noted.frames) if isinstance(one, InterruptionFrame)]
    marks = [(k > cut, one.image[0]) for k, one in pictures()]
    assert (False, 255) in marks and (True, 0) in marks and (True, 255) not in marks


def test_a_frame_that_is_not_to_be_interrupted_comes_through() -> None:
    kept = TTSTextFrame("kept", text_type="word")
    kept.interruptible = False
    frames, _, _ = through([*utterance(speech(2.0)), kept], interrupt_at=10)
    assert kept in frames


def test_speech_that_is_not_to_be_interrupted_is_heard_whole() -> None:
    said = speech(0.8)
    whole = utterance(said)
    for one in whole:
        one.interruptible = False
    frames, _, _ = through(whole, interrupt_at=5)
    assert audio_of(frames) == said.tobytes()


def test_an_end_that_was_lost_ends_with_the_next_utterance() -> None:
    said = [speech(0.4, seed=1), speech(0.4, seed=2)]
    frames, _, _ = through([*utterance(said[0], "one", stopped=False)[1:], *utterance(said[1], "two")[1:]])
    assert audio_of(frames) == said[0].tobytes() + said[1].tobytes()


def test_sound_of_two_channels_is_given_as_one() -> None:
    said = speech(0.2)
    stereo = said.repeat(2).tobytes()
    frames, _, _ = through([TTSStartedFrame(), TTSAudioRawFrame(stereo, RATE, 2), TTSStoppedFrame()])
    assert audio_of(frames) == said.tobytes()


def test_who_cannot_be_drawn_any_more_is_still_heard() -> None:
    class Lost(Still):
        def frame(self, out: Any) -> None:
            raise ContextLost("the GPU was reset.")

    said = speech(0.4)
    frames, _, up = through(utterance(said), stage=Lost(25))
    assert audio_of(frames) == said.tobytes()
    (error,) = [one for one in up if isinstance(one, ErrorFrame)]
    assert "the face is not shown any more: the GPU was reset." in error.error


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({}, []),
        (
            {"video_out_width": 1024, "video_out_framerate": 30},
            [
                "mien: the face gives pictures of 64x48, 25 a second, and the transport has "
                "video_out_width=1024, video_out_framerate=30: give TransportParams(video_out_width=64, "
                "video_out_framerate=25)."
            ],
        ),
        (
            {"video_out_enabled": False},
            [
                "mien: the face gives pictures of 64x48, 25 a second, and the transport has "
                "video_out_enabled=False: give TransportParams(video_out_enabled=True)."
            ],
        ),
    ],
)
def test_a_transport_that_sends_something_else_is_told_of_once(
    told: dict[str, Any], said: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    through(utterance(speech(0.2)), stage=Still(25), **told)
    assert [one.getMessage() for one in caplog.records if one.name == "mien.agents"] == said


def test_a_transport_is_asked_for_the_whole_rate_next_to_that_of_the_face(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    face = FaceProcessor("wren", size=SIZE, fps="30000/1001")
    size = {"video_out_width": SIZE[0], "video_out_height": SIZE[1]}
    for rate, said in ((30, None), (25, "give TransportParams(video_out_framerate=30).")):
        params = TransportParams(video_out_enabled=True, video_out_framerate=rate, **size)
        monkeypatch.setattr("mien.agents.pipecat._params_behind", lambda _, params=params: params)
        told = face._differs()
        assert told is None if said is None else told is not None and told.endswith(said)


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer", provider.get_tracer)
    yield exporter
    provider.shutdown()


@pytest.mark.slow
def test_a_thousand_utterances_end_once_each_whatever_happens(spans: InMemorySpanExporter) -> None:
    """Interruptions, and ends that are lost, by chance; nothing is drawn."""
    pace = Pace()
    face, out = FaceProcessor("wren", size=SIZE, pace=pace), Out(pace)
    led(face._face, Still(25))
    talk = Talk(out, 1000)
    out.sent = talk.heard
    asyncio.run(run_test(Pipeline([talk, face, out]), frames_to_send=[], start_timeout=60))
    assert not talk.wrong, talk.wrong[:5]
    ended = spans.get_finished_spans()
    assert len(ended) == talk.said >= 1000
    cut = sum(bool(one.attributes and one.attributes["mien.interrupted"]) for one in ended)
    assert 200 < cut <= talk.interrupted


def test_each_segment_is_a_span(spans: InMemorySpanExporter) -> None:
    through(
        [*utterance(speech(0.4), "one"), *utterance(speech(2.0), "two")], interrupt_at=15, stage=Still(25)
    )
    first, second = spans.get_finished_spans()
    assert (first.name, second.name) == ("mien.segment", "mien.segment")
    assert first.attributes is not None and second.attributes is not None
    assert (first.attributes["mien.position_s"], first.attributes["mien.interrupted"]) == (0.4, False)
    assert (first.attributes["mien.frames"], first.attributes["mien.frames_left_out"]) == (10, 0)
    assert second.attributes["mien.interrupted"] and second.attributes["mien.pushed_s"] == 2.0
    assert 0 < second.attributes["mien.position_s"] < 1.0
    assert second.attributes["mien.first_sound_ms"] >= 0
