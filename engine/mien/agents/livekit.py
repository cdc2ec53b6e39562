"""Mien as the avatar of a LiveKit agent. Needs livekit-agents 1.8 or newer: `pip install 'mien[livekit]'`.

    avatar = AvatarSession("wren")
    await avatar.start(session, room=ctx.room)     # before session.start(...)

The sound goes from the agent's session to the face without a server in between, and the pictures with the same
sound into the room by LiveKit's own `AvatarRunner`. For an avatar in a process of its own, which is sent its
sound by `DataStreamAudioOutput`, give a `FaceGenerator` to an `AvatarRunner` there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import Any, Final, Unpack

import numpy as np

from mien.agents.extras import lacks
from mien.agents.face import Clock, Face, Shown
from mien.agents.paced import PacedStage
from mien.agents.segments import I16, Ended, Segment
from mien.stage.options import StageKeywords

try:
    from livekit import rtc
    from livekit.agents.voice import avatar, io
    from livekit.agents.voice.agent_session import AgentSession
except ImportError as error:
    raise lacks("livekit-agents", "livekit", error) from None

RATE: Final = 24_000
"""Hz: what most speech services give."""
_REPEATS: Final = 10
"""Pictures that are shown again in the place of those left out. Of more the synchronizer begins anew itself."""


class FaceGenerator(avatar.VideoGenerator):
    """A face for LiveKit's `AvatarRunner`. Parameters as of `mien.agents.face.Face`; `sample_rate` in Hz of the
    sound that is given out: what comes at another rate is resampled by LiveKit."""

    def __init__(
        self,
        character: str | Path = "wren",
        *,
        sample_rate: int = RATE,
        pace: Clock | None = None,
        **options: Unpack[StageKeywords],
    ) -> None:
        self.face: Final = Face(character, pace=pace, **options)
        """The face: its `stage` takes expressions, looks and gestures of `"face"`."""
        self.sample_rate: Final = sample_rate
        self.output: FaceOutput | None = None
        """Who is told of ends exactly; None where the runner counts for itself."""
        self._resampler: tuple[int, rtc.AudioResampler] | None = None
        self._over: dict[Segment, asyncio.Event] = {}
        self._clearing = 0
        self._asked = asyncio.Event()
        self._asked.set()
        """The runner has taken what it was given, and asks for more."""
        self._last: Segment | None = None
        self._picture: rtc.VideoFrame | None = None

    @property
    def options(self) -> avatar.AvatarOptions:
        """What the runner is to be opened with."""
        width, height = self.face.size
        return avatar.AvatarOptions(width, height, float(self.face.fps), self.sample_rate, 1)

    @property
    def given_s(self) -> float:
        """Seconds of the segment that is heard that were given out."""
        return self._last.given / self._last.rate if self._last is not None else 0.0

    async def push_audio(self, frame: rtc.AudioFrame | avatar.AudioSegmentEnd) -> None:
        """More sound of a segment, or its end: then this returns once the segment is over.

        The runner reads nothing of the next one before: it counts one segment at a time.
        """
        if isinstance(frame, rtc.AudioFrame):
            self.push(frame)
        elif (segment := self.end()) is not None and not segment.over:
            await self._over.setdefault(segment, asyncio.Event()).wait()

    def push(self, frame: rtc.AudioFrame) -> None:
        """More sound, at once."""
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
            self._finish(self.face.clear(kept=True))
            while not self._asked.is_set():  # the runner counts what it has in hand
                await self._asked.wait()
        finally:
            self._clearing -= 1

    async def __aiter__(self) -> AsyncIterator[rtc.VideoFrame | rtc.AudioFrame | avatar.AudioSegmentEnd]:
        """Pictures, the sound that belongs to them, and ends once they have been heard."""
        async for shown in self.face.frames():
            for item in self._items(shown):
                self._asked.clear()
                yield item
                self._asked.set()
            self._finish(shown.ended)
            while self._clearing:  # its count begins anew first
                await asyncio.sleep(0)

    async def aclose(self) -> None:
        """Close the face. Idempotent."""
        await self.face.aclose()
        for over in self._over.values():
            over.set()

    def _items(self, shown: Shown) -> Iterable[rtc.VideoFrame | rtc.AudioFrame | avatar.AudioSegmentEnd]:
        for _ in range(min(shown.missed, _REPEATS) if self._picture is not None else 0):
            yield self._picture  # LiveKit's synchronizer counts pictures to know when the next one is due
        if shown.picture is not None:
            width, height = self.face.size
            data = memoryview(shown.picture).cast("B")
            self._picture = rtc.VideoFrame(width, height, rtc.VideoBufferType.RGBA, data)
            yield self._picture
        for segment, samples in shown.sounds:
            if segment.cleared:  # while the runner took the picture
                continue
            if segment is not self._last and self.output is not None:
                self.output.begun()
            self._last = segment
            yield rtc.AudioFrame(samples.tobytes(), self.sample_rate, 1, len(samples))
        for _ in shown.ended:
            yield avatar.AudioSegmentEnd()

    def _finish(self, ended: Iterable[Ended]) -> None:
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
        return self._resampler[1].push(frame)


class FaceOutput(avatar.QueueAudioOutput):
    """The sound of an agent's session, into a face of the same process: LiveKit's `QueueAudioOutput` that can
    pause, and tells of each segment one end, with what was heard of it.

    Parameters: `generator`; `drop`: has what was given out and not heard dropped, for an interruption.
    """

    def __init__(self, generator: FaceGenerator, drop: Callable[[], object]) -> None:
        super().__init__(sample_rate=generator.sample_rate, wait_playback_start=True)
        self._capabilities = io.AudioOutputCapabilities(pause=True)
        self._generator, self._drop = generator, drop
        self._cleared = self._pushed = False
        self._run: tuple[float, float] | None = None
        """When what is heard began without a pause, and where in its segment."""
        generator.output = self

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        """More sound. What comes of a segment after it was cleared is dropped."""
        await io.AudioOutput.capture_frame(self, frame)
        if not self._capturing:
            self._capturing, self._cleared, self._pushed = True, False, False
        if not self._cleared and frame.samples_per_channel:
            self._pushed = True
            self._generator.push(frame)

    def flush(self) -> None:
        """The segment is complete."""
        io.AudioOutput.flush(self)
        capturing, self._capturing = self._capturing, False
        if not capturing or self._cleared:
            return
        self._generator.end()
        if not self._pushed:  # there is nothing of it to be heard
            self.on_playback_finished(playback_position=0.0, interrupted=False)

    def clear_buffer(self) -> None:
        """Speak no more: all segments that are not over end here, where they were heard to."""
        self._drop()
        ended = self._generator.face.clear()
        if self._capturing and not self._cleared:
            self._cleared = True
            if not self._pushed:
                self.on_playback_finished(playback_position=0.0, interrupted=True)
        self._generator._finish(ended)

    def pause(self) -> None:
        """Stop at this sample, for an interruption that may be none."""
        super().pause()
        self._generator.face.pause()
        self._report(self._generator.given_s)

    def resume(self) -> None:
        """Go on where it was paused."""
        super().resume()
        self._generator.face.resume()
        if self._run is not None:
            self._run = (time.time(), self._run[1])

    def notify_playback_started(self) -> None:
        """The runner's word, which counts what it handed on: `begun` tells instead."""

    def notify_playback_finished(self, playback_position: float, interrupted: bool) -> None:
        """The runner's word, which counts what it handed on: `finished` tells instead."""

    def begun(self) -> None:
        """The first sound of a segment is given out."""
        now = time.time()
        self._run = (now, 0.0)
        self.on_playback_started(created_at=now)

    def finished(self, ended: Ended) -> None:
        """A segment is over."""
        self._report(ended.position_s)
        self._run = None
        self.on_playback_finished(playback_position=ended.position_s, interrupted=ended.interrupted)

    def _report(self, position_s: float) -> None:
        """What was heard since the last pause, for LiveKit's recorder."""
        if self._run is None:
            return
        since, offset = self._run
        if position_s > offset:
            self.on_playback_progressed(started_at=since, offset=offset, duration=position_s - offset)
        self._run = (time.time(), position_s)


class AvatarSession(avatar.AvatarSession[Any]):
    """A face for an agent's session: the room sees the character, and hears it, as the agent's own tracks.

    Parameters as of `FaceGenerator`. `start` it before the session. Raises as `mien.open_stage`.
    """

    def __init__(
        self, character: str | Path = "wren", *, sample_rate: int = RATE, **options: Unpack[StageKeywords]
    ) -> None:
        super().__init__()
        self._generator = FaceGenerator(character, sample_rate=sample_rate, **options)
        self._runner: avatar.AvatarRunner | None = None
        self._dropping: set[asyncio.Task[None]] = set()

    @property
    def avatar_identity(self) -> str:
        """The agent's own: its participant publishes the face."""
        return str(self._room.local_participant.identity) if self._room is not None else ""

    @property
    def provider(self) -> str:
        """For metrics."""
        return "mien"

    @property
    def stage(self) -> PacedStage:
        """To tell the face something: `avatar.stage.set_expression("face", "happy")`. Raises Closed."""
        return self._generator.face.stage

    async def start(self, agent_session: AgentSession[Any], room: rtc.Room) -> None:
        """Open the face, and make it the session's voice."""
        await self._generator.face.open()
        await super().start(agent_session, room)
        output = FaceOutput(self._generator, self._drop)
        self._runner = avatar.AvatarRunner(
            room, audio_recv=output, video_gen=self._generator, options=self._generator.options
        )
        await self._runner.start()
        agent_session.output.replace_audio_tail(output)

    async def aclose(self) -> None:
        """Close the face; the agent stays in the room. Idempotent."""
        if self._runner is not None:
            await self._runner.aclose()
            self._runner = None
        await self._generator.aclose()
        room, self._room = self._room, None  # or LiveKit would remove the avatar's participant: the agent
        if room is not None:
            room.off("connection_state_changed", self._on_connection_state_changed)
        await super().aclose()

    def _drop(self) -> None:
        """Sound and pictures that the room was not sent yet."""
        if self._runner is not None:
            task = asyncio.create_task(self._runner.av_sync.clear_queue())
            self._dropping.add(task)
            task.add_done_callback(self._dropping.discard)
