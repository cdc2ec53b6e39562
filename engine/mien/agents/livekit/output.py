"""The sound of an agent's session, into a face of the same process."""

from __future__ import annotations

import asyncio
import time
from collections import deque

from livekit import rtc
from livekit.agents.voice import avatar, io

from mien.agents.livekit.generator import FaceGenerator
from mien.agents.segments import Ended, Segment


class FaceOutput(avatar.QueueAudioOutput):
    """The sound of an agent's session, into a face of the same process: LiveKit's `QueueAudioOutput` that can
    pause, and tells of each segment one end, with what was heard of it.

    Parameter: `generator`. What its runner has not sent yet is dropped with an interruption where `players`
    is set, to the runner's `av_sync`.
    """

    def __init__(self, generator: FaceGenerator) -> None:
        super().__init__(sample_rate=generator.sample_rate, wait_playback_start=True)
        self._capabilities = io.AudioOutputCapabilities(pause=True)
        self._generator = generator
        self.players: rtc.AVSynchronizer | None = None
        """Who plays what the face gives."""
        self._capturing = self._cleared = self._pushed = False
        self._run: tuple[float, float] | None = None
        """When what is heard began without a pause, and where in its segment."""
        self._given: deque[Segment] = deque()
        """Those that are given out and not over: the one that is heard, and what comes behind it."""
        self._dropping: set[asyncio.Task[None]] = set()
        generator.output = self

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        """More sound. What comes of a segment after it was cleared is dropped."""
        await io.AudioOutput.capture_frame(self, frame)
        if not self._capturing:
            self._capturing, self._cleared, self._pushed = True, False, False
            if self._generator.failure is not None:  # nobody will ever hear it
                self._cleared = True
                self.on_playback_finished(playback_position=0.0, interrupted=True)
        if not self._cleared and self._generator.failure is None and frame.samples_per_channel:
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
        if self.players is not None:
            task = asyncio.create_task(self.players.clear_queue())
            self._dropping.add(task)
            task.add_done_callback(self._dropping.discard)
        ended = self._generator.clear()
        if self._capturing and not self._cleared:
            self._cleared = True
            if not self._pushed:
                self.on_playback_finished(playback_position=0.0, interrupted=True)
        self._generator.finish(ended)

    def pause(self) -> None:
        """Stop at this sample, for an interruption that may be none."""
        super().pause()
        self._generator.face.pause()
        self._report_heard()

    def resume(self) -> None:
        """Go on where it was paused."""
        super().resume()
        self._generator.face.resume()
        self._report_heard()  # what was on its way when it was paused

    def notify_playback_started(self) -> None:
        """The runner's word, which counts what it handed on: `begun` tells instead."""

    def notify_playback_finished(self, playback_position: float, interrupted: bool) -> None:
        """The runner's word, which counts what it handed on: `finished` tells instead."""

    def begun(self, segment: Segment) -> None:
        """The first sound of a segment is given out: told once the one before it is over."""
        self._given.append(segment)
        if self._run is None:
            self._start()

    def seen(self) -> None:
        """A picture is given out, which is to be seen now: LiveKit's synchronizer would hold it until so long
        after the one before as its own count says, where an interruption does not reach it."""
        if self.players is not None:
            self.players.reset()

    def finished(self, ended: Ended) -> None:
        """A segment is over. One that was cleared before any of it was heard has not begun."""
        if self._given and self._given[0] is ended.segment:
            self._given.popleft()
            if self._run is None and ended.position_s > 0:
                self._start()
        self._report(ended.position_s)
        self._run = None
        self.on_playback_finished(playback_position=ended.position_s, interrupted=ended.interrupted)
        if self._given and not self._given[0].over:
            self._start()

    def _start(self) -> None:
        now = time.time()
        self._run = (now, 0.0)
        self.on_playback_started(created_at=now)

    def _report_heard(self) -> None:
        if self._given:
            self._report(self._generator.face.heard_s(self._given[0]))

    def _report(self, position_s: float) -> None:
        """What was heard since the last pause, for LiveKit's recorder."""
        if self._run is None:
            return
        since, offset = self._run
        if position_s > offset:
            self.on_playback_progressed(started_at=since, offset=offset, duration=position_s - offset)
        self._run = (time.time(), position_s)
