"""Words in pipecat: each comes out of the transport when it is heard, from pipecat's own speech service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

pytest.importorskip("pipecat", reason="pipecat-ai is not installed: pip install 'mien[pipecat]'")

from pipecat.clocks.system_clock import SystemClock
from pipecat.frames.frames import Frame, OutputAudioRawFrame, TTSAudioRawFrame, TTSSpeakFrame, TTSTextFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.settings import TTSSettings
from pipecat.services.tts_service import TTSService
from pipecat.tests.utils import run_test

from agents.test_pipecat import CHUNK, SIZE, Out
from agents.virtual import RATE, Pace, Still, led, speech
from mien.agents.pipecat import FaceProcessor

WORD_S = 0.27
"""Of each word: no whole number of pictures."""
SENTENCES = ("one two three four five six.", "seven eight nine ten.", "eleven twelve.")
WORDS = " ".join(SENTENCES).split()
SOUNDS = {word: speech(WORD_S, seed=number).tobytes() for number, word in enumerate(WORDS)}


class Voice(TTSService):  # type: ignore[misc]
    """A service that says when each of its words is. `words_first`: before any sound; `gap_s`: so long it
    stands before each word."""

    def __init__(self, pace: Pace, *, words_first: bool, gap_s: float) -> None:
        settings = TTSSettings(model=None, voice=None, language=None)
        super().__init__(
            push_text_frames=False, push_stop_frames=True, push_start_frame=True, settings=settings
        )
        self._pace, self._words_first, self._gap_s = pace, words_first, gap_s

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame, None]:
        words = [(word, k * WORD_S) for k, word in enumerate(text.split())]
        if self._words_first:
            await self.add_word_timestamps(words, context_id)
        for word in words:
            await self._pace.sleep(self._gap_s)
            yield TTSAudioRawFrame(SOUNDS[word[0]], RATE, 1, context_id=context_id)
            if not self._words_first:
                await self.add_word_timestamps([word], context_id)


class Timed(Out):
    """A transport that notes from when each of its chunks is heard."""

    def __init__(self, pace: Pace) -> None:
        super().__init__(pace)
        self.began_s: list[float] = []

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        self.began_s.append(self._pace.now_s)
        return await super().write_audio_frame(frame)


class User(FrameProcessor):  # type: ignore[misc]
    """Who interrupts."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)


class Behind(FrameProcessor):  # type: ignore[misc]
    """Where the assistant's context is: words, and when they came."""

    def __init__(self, pace: Pace) -> None:
        super().__init__(enable_direct_mode=True)
        self.words: list[tuple[float, str]] = []
        self._pace = pace

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, TTSTextFrame):
            self.words.append((self._pace.now_s, frame.text))
        await self.push_frame(frame, direction)


class Told(NamedTuple):
    words: list[tuple[float, str]]
    due: list[float]
    """When each of all words is heard, in seconds; those that are not are left out."""
    cut_s: float | None
    """When the user spoke."""


def told(monkeypatch: pytest.MonkeyPatch, cut_at: int | None = None, **voice: Any) -> Told:
    """Say all; `cut_at`: of the chunks that are heard, with which the user interrupts."""
    pace = Pace(turns=80)  # from the face through the transport
    face, out, behind = FaceProcessor("wren", size=SIZE, pace=pace), Timed(pace), Behind(pace)
    led(face._face, Still(25))
    monkeypatch.setattr(SystemClock, "get_time", lambda _: 1 + pace.now_ns())
    waits = SimpleNamespace(**{**vars(asyncio), "sleep": pace.sleep})
    monkeypatch.setattr("pipecat.transports.base_output.asyncio", waits)
    cut_s: list[float] = []

    async def interrupt() -> None:
        if len(out.began_s) == cut_at:
            await pace.sleep(0.013)
            cut_s.append(pace.now_s)
            await user.broadcast_interruption()

    out.sent = interrupt
    pipeline = Pipeline([user := User(), Voice(pace, **voice), face, out, behind])
    frames = [TTSSpeakFrame(one) for one in SENTENCES]
    asyncio.run(run_test(pipeline, frames_to_send=frames, start_timeout=60))
    heard, due = b"".join(out.heard), list[float]()
    for sound in SOUNDS.values():
        if (at := heard.find(sound[:96])) >= 0:  # 2 ms, which no two have alike
            chunk, more = divmod(at // 2, CHUNK)
            due.append(out.began_s[chunk] + more / RATE)
    return Told(behind.words, due, cut_s[0] if cut_s else None)


@pytest.mark.parametrize("words_first", [True, False])
@pytest.mark.parametrize("gap_s", [0.0, 0.4])
def test_each_word_is_told_when_it_is_heard(
    monkeypatch: pytest.MonkeyPatch, words_first: bool, gap_s: float
) -> None:
    """Also of speech that waits for other speech, and of what is made slower than it is heard: there the
    transport holds what is no whole chunk back until more comes."""
    got = told(monkeypatch, words_first=words_first, gap_s=gap_s)
    assert [word for _, word in got.words] == WORDS
    late = [at - due for (at, _), due in zip(got.words, got.due, strict=True)]
    assert max(late) <= 0.010 and min(late) >= (-0.040 if gap_s else -0.010), late


@pytest.mark.parametrize("words_first", [True, False])
@pytest.mark.parametrize("cut_at", [5, 20, 41, 58])
def test_after_an_interruption_the_words_are_those_that_were_heard(
    monkeypatch: pytest.MonkeyPatch, cut_at: int, words_first: bool
) -> None:
    got = told(monkeypatch, cut_at=cut_at, words_first=words_first, gap_s=0.0)
    assert got.cut_s is not None and len(got.words) < len(WORDS)
    assert [word for _, word in got.words] == WORDS[: len(got.words)]
    least, most = (sum(due <= got.cut_s + more for due in got.due) for more in (-0.010, 0.010))
    assert least <= len(got.words) <= most, got
