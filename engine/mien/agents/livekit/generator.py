"""A face for LiveKit's runner: its frames as LiveKit's, and the runner's sound as the face's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Final, Protocol, Unpack

import numpy as np
from livekit import rtc
from livekit.agents.voice import avatar

from mien.agents.face import Face, Shown
from mien.agents.pace import Pace
from mien.agents.segments import I16, Ended, Segment
from mien.arguments import whole_of
from mien.stage.options import StageKeywords

RATE: Final = 24_000
"""Hz: what most speech services give."""
_RATES: Final = (8_000, 48_000)


class Told(Protocol):
    """Who is told exactly what was heard."""

    def begun(self, segment: Segment) -> None:
        """The first sound of a segment is given out."""
        ...

    def seen(self) -> None:
        """A picture is given out, which is to be seen now."""
        ...

    def finished(self, ended: Ended) -> None:
        """A segment is over."""
        ...


class FaceGenerator(avatar.VideoGenerator):
    """A face for LiveKit's `AvatarRunner`. Parameters as of `mien.agents.face.Face`; `sample_rate`: Hz, 8000
    to 48000, of the sound that is given out; what comes at another rate is resampled by LiveKit."""

    def __init__(
        self,
        character: str | Path = "wren",
        *,
        sample_rate: int = RATE,
        pace: Pace | None = None,
        **options: Unpack[StageKeywords],
    ) -> None:
        self.face: Final = Face(character, pace=pace, **options)
        """The face: its `stage` takes expressions, looks and gestures of `"face"`."""
        self.sample_rate: Final = whole_of("sample_rate", sample_rate, *_RATES, "Hz")
        self.output: Told | None = None
        """Who is told of ends exactly; None where the runner counts for itself."""
        self.failure: str | None = None
        """Why no more frames come, in one sentence; None while they do."""
        self._resampler: tuple[int, rtc.AudioResampler] | None = None
        self._over: dict[Segment, asyncio.Event] = {}
        self._clearing = 0
        self._asked = asyncio.Event()
        self._asked.set()
        """The runner has taken what it was given, and asks for more."""
        self._last: Segment | None = None

    @property
    def options(self) -> avatar.AvatarOptions:
        """What the runner is to be opened with."""
        width, height = self.face.size
        return avatar.AvatarOptions(width, height, float(self.face.fps), self.sample_rate, 1)

    async def push_audio(self, frame: rtc.AudioFrame | avatar.AudioSegmentEnd) -> None:
        """More sound of a segment, or its end: then this returns once the segment is over.

        The runner reads nothing of the next one before: it counts one segment at a time.
        """
        if isinstance(frame, rtc.AudioFrame):
            self.push(frame)
        elif (segment := self.end()) is not None and not segment.over:
            await self._over.setdefault(segment, asyncio.Event()).wait()

    def push(self, frame: rtc.AudioFrame) -> None:
        """More sound, at once. None is taken where it can never be heard."""
        if self.failure is not None:
            return
        if frame.sample_rate != self.sample_rate:
            for part in self._resampled(frame.sample_rate, frame.num_channels, frame):
                self._push(part)
        else:
            self._push(frame)

    def end(self) -> Segment | None:
        """The segment's end; the segment, where one was open."""
        resampler, self._resampler = self._resampler, None
        if resampler is not None:
            for part in resampler[1].flush():
                self._push(part)
        return self.face.end()

    async def clear_buffer(self) -> None:
        """Speak no more. What the runner has taken so far is heard, and it counts it so."""
        if self.output is not None:  # it was told first, and has told the face
            return
        self._clearing += 1
        try:
            self.finish(self.clear(kept=True))
            while not self._asked.is_set():  # the runner counts what it has in hand
                await self._asked.wait()
        finally:
            self._clearing -= 1

    async def __aiter__(self) -> AsyncIterator[rtc.VideoFrame | rtc.AudioFrame | avatar.AudioSegmentEnd]:
        """Pictures, the sound that belongs to them, and ends once they have been heard."""
        try:
            async for shown in self.face.frames(apart=True):
                await asyncio.sleep(0)  # what shows the pictures has taken the one before
                for item in self._items(shown):
                    self._asked.clear()
                    yield item
                    self._asked.set()
                self.finish(shown.ended)
                while self._clearing:  # its count begins anew first
                    await asyncio.sleep(0)
        except Exception as error:
            self.fail(error)
            raise

    def fail(self, error: Exception) -> None:
        """Say that no more frames come, and end all segments, whose ends would be waited for for ever."""
        if self.failure is None:
            self.failure = str(error) or type(error).__name__
            self.finish(self.clear())

    def clear(self, *, kept: bool = False) -> list[Ended]:
        """Speak no more, as `Face.clear`; what a resampler holds of the segment is dropped with it."""
        self._resampler = None
        return self.face.clear(kept=kept)

    async def aclose(self) -> None:
        """Close the face. Idempotent."""
        await self.face.aclose()
        for over in self._over.values():
            over.set()

    def _items(self, shown: Shown) -> Iterable[rtc.VideoFrame | rtc.AudioFrame | avatar.AudioSegmentEnd]:
        if shown.picture is not None:
            width, height = self.face.size
            data = shown.picture.data.cast("B")
            if self.output is not None:
                self.output.seen()
            yield rtc.VideoFrame(width, height, rtc.VideoBufferType.RGBA, data)
        for segment, samples in shown.sounds:
            if segment.cleared:  # while the runner took the picture
                continue
            if segment is not self._last and self.output is not None:
                self.output.begun(segment)
            self._last = segment
            yield rtc.AudioFrame(samples.tobytes(), self.sample_rate, 1, len(samples))
        for _ in shown.ended:
            yield avatar.AudioSegmentEnd()

    def finish(self, ended: Iterable[Ended]) -> None:
        """Tell of segments that are over, and let the runner read on."""
        for one in ended:
            if self.output is not None:
                self.output.finished(one)
            if (over := self._over.pop(one.segment, None)) is not None:
                over.set()

    def _push(self, frame: rtc.AudioFrame) -> None:
        samples: I16 = np.frombuffer(frame.data, np.int16)
        if frame.num_channels > 1:
            mixed = samples.reshape(-1, frame.num_channels).mean(axis=1, dtype=np.float32)
            samples = np.rint(mixed).astype(np.int16)
        self.face.push(samples, self.sample_rate)

    def _resampled(self, rate: int, channels: int, frame: rtc.AudioFrame) -> list[rtc.AudioFrame]:
        if self._resampler is None or self._resampler[0] != rate:
            resampler = rtc.AudioResampler(rate, self.sample_rate, num_channels=channels)
            self._resampler = (rate, resampler)
        parts: list[rtc.AudioFrame] = self._resampler[1].push(frame)
        return parts
