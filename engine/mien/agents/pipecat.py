"""Mien as a processor of a pipecat pipeline. Needs pipecat-ai 1.14 or newer: `pip install 'mien[pipecat]'`.

    pipeline = Pipeline([..., llm, tts, FaceProcessor("wren"), transport.output(), ...])

with `TransportParams(video_out_enabled=True, video_out_width=640, video_out_height=480,
video_out_framerate=25)`. It takes the speech and gives it again with pictures in step: nothing is heard
twice. What comes between two pieces of speech, as the text that belongs to it, stays between them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final, NamedTuple, Unpack

import numpy as np

from mien.agents.between import Between
from mien.agents.extras import lacks
from mien.agents.face import Face, Shown
from mien.agents.pace import LoopPace, Pace
from mien.agents.paced import PacedStage
from mien.agents.segments import I16, Sound
from mien.agents.tracing import Tracing
from mien.errors import AudioRejected
from mien.stage.options import StageKeywords

try:
    from pipecat.frames.frames import (
        AggregatedTextProgressFrame,
        BotStoppedSpeakingFrame,
        CancelFrame,
        EndFrame,
        Frame,
        InterruptionFrame,
        OutputImageRawFrame,
        StartFrame,
        SystemFrame,
        TTSAudioRawFrame,
        TTSStartedFrame,
        TTSStoppedFrame,
        TTSTextFrame,
    )
    from pipecat.processors.frame_processor import FrameDirection, FrameProcessor, FrameProcessorSetup
    from pipecat.transports.base_transport import TransportParams
except ImportError as error:
    raise lacks("pipecat-ai", "pipecat", error) from None

_log: Final = logging.getLogger("mien.agents")

FPS: Final = 25
"""A frame's sound is one of the chunks of 40 ms that pipecat's transports send."""


class _Mark(NamedTuple):
    """What is kept of a segment's first frame."""

    context_id: str | None
    destination: str | None
    interruptible: bool


class FaceProcessor(FrameProcessor):
    """A face between a speech service and a transport's output. Parameters as of `mien.agents.face.Face`; the
    transport's size and frame rate are to be `size` and `fps`, or a warning of the log `mien.agents` says how
    they differ. `stage` takes expressions, looks and gestures of `"face"`."""

    def __init__(
        self,
        character: str | Path = "wren",
        *,
        pace: Pace | None = None,
        **options: Unpack[StageKeywords],
    ) -> None:
        super().__init__()
        self._traced: Any = None
        tracing = Tracing(lambda: self._traced.get_turn_context() if self._traced is not None else None)
        if "fps" not in options:
            options["fps"] = FPS
        self._pace = pace or LoopPace()
        self._face = Face(character, pace=self._pace, tracing=tracing, **options)
        self._between = Between()
        self._task: asyncio.Task[None] | None = None
        self._failed = False
        """No more pictures come: speech is handed on as it is."""

    @property
    def stage(self) -> PacedStage:
        """To tell the face something: `face.stage.set_expression("face", "happy")`. Raises Closed."""
        return self._face.stage

    async def setup(self, setup: FrameProcessorSetup) -> None:
        """Open the face, before anything is said."""
        await super().setup(setup)
        self._traced = setup.tracing_context
        await self._face.open()

    async def cleanup(self) -> None:
        """Close the face."""
        await self._stop()
        await super().cleanup()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Take speech; hand on what is no speech, in its place."""
        await super().process_frame(frame, direction)
        if isinstance(frame, InterruptionFrame):
            await self._interrupt()
        elif isinstance(frame, BotStoppedSpeakingFrame) and direction is FrameDirection.UPSTREAM:
            self._all_was_said()
        elif isinstance(frame, CancelFrame):
            await self._stop()
        elif direction is FrameDirection.DOWNSTREAM and not isinstance(frame, SystemFrame):
            await self._take(frame, direction)
            return
        await self.push_frame(frame, direction)
        if isinstance(frame, StartFrame) and self._task is None:
            if (said := self._differs()) is not None:
                _log.warning("mien: %s", said)
            self._task = self.create_task(self._show())

    def _differs(self) -> str | None:
        """How the transport behind it sends what the face does not give; None where they agree, or where no
        transport is found."""
        if (params := _params_behind(self)) is None:
            return None
        (width, height), fps = self._face.size, float(self._face.fps)
        wanted = {
            "video_out_enabled": True,
            "video_out_is_live": False,
            "video_out_width": width,
            "video_out_height": height,
            "video_out_framerate": round(fps),  # it takes whole ones alone
        }
        wrong = [name for name, value in wanted.items() if getattr(params, name) != value]
        if not wrong:
            return None
        has = ", ".join(f"{name}={getattr(params, name)}" for name in wrong)
        give = ", ".join(f"{name}={wanted[name]}" for name in wrong)
        return (
            f"the face gives pictures of {width}x{height}, {fps:g} a second, and the transport has {has}: "
            f"give TransportParams({give})."
        )

    async def _take(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, TTSAudioRawFrame) and not self._failed:
            self._speak(frame)
            return
        is_word = isinstance(frame, TTSTextFrame | AggregatedTextProgressFrame) and frame.pts
        if is_word and not self._failed:
            self._between.put_word(frame, self.get_clock().get_time())
            return
        if isinstance(frame, TTSStartedFrame | TTSStoppedFrame | EndFrame):
            self._face.end()
            for word in self._between.speech_ends():
                await self._put(word, direction)
        await self._put(frame, direction)

    async def _put(self, frame: Any, direction: FrameDirection) -> None:
        if (last := self._face.last) is not None:
            self._between.put(frame, last)
        else:
            await self._hand_on(frame, direction)

    def _speak(self, frame: TTSAudioRawFrame) -> None:
        mark = _Mark(frame.context_id, frame.transport_destination, frame.interruptible)
        last = self._face.last
        if last is not None and (last.mark, last.rate) != (mark, frame.sample_rate):
            self._face.end()  # another speech has begun: the end of that one was lost
        odd = len(frame.audio) % (2 * max(1, frame.num_channels))
        if odd:
            raise AudioRejected(
                f"a frame of speech has {len(frame.audio)} bytes, which are no whole samples of int16 in "
                f"{frame.num_channels} channels; have the service give whole ones."
            )
        samples: I16 = np.frombuffer(frame.audio, np.int16)
        if frame.num_channels > 1:
            mixed = samples.reshape(-1, frame.num_channels).mean(axis=1, dtype=np.float32)
            samples = np.rint(mixed).astype(np.int16)
        if self._face.push(samples, frame.sample_rate, mark) and (begun := self._face.last) is not None:
            self._between.speech_begins(begun, self.get_clock().get_time())

    async def _interrupt(self) -> None:
        last = self._face.last
        if last is not None and isinstance(last.mark, _Mark) and not last.mark.interruptible:
            return  # it is to be heard whatever happens
        self._face.clear()
        for frame in self._between.interrupted():
            await self._hand_on(frame, FrameDirection.DOWNSTREAM)

    def _all_was_said(self) -> None:
        """The transport has sent all that it had: a segment that is open still has lost its end."""
        last = self._face.last
        if last is not None and last.given == last.pushed:
            self._face.end()

    async def _show(self) -> None:
        try:
            await self._give()
        except Exception as error:  # who is heard need not be seen
            self._failed = True
            for sound in self._face.unspoken():
                await self.push_frame(_audio(sound))
            await self.push_error(f"the face is not shown any more: {error}", exception=error)
            while (frame := self._between.take()) is not None:
                await self._hand_on(frame, FrameDirection.DOWNSTREAM)

    async def _give(self) -> None:
        async for shown in self._face.frames():
            async for frame in self._frames(shown):
                await self.push_frame(frame)
            ahead_ns = self.get_clock().get_time() - self._pace.now_ns()
            while (frame := self._between.take_due(ahead_ns)) is not None:
                await self._hand_on(frame, FrameDirection.DOWNSTREAM)

    async def _frames(self, shown: Shown) -> AsyncIterator[Frame]:
        """The picture, then the sound that begins with it."""
        if shown.picture is not None:
            image = OutputImageRawFrame(shown.picture[..., :3].tobytes(), tuple(self._face.size), "RGB")
            image.sync_with_audio = bool(shown.sounds)
            yield image
        for sound in shown.sounds:
            if not sound.segment.cleared:  # while the picture was handed on
                yield _audio(sound)

    async def _hand_on(self, frame: Any, direction: FrameDirection) -> None:
        if isinstance(frame, EndFrame):
            await self._stop()
        await self.push_frame(frame, direction)

    async def _stop(self) -> None:
        self._between.clear()
        task, self._task = self._task, None
        await self._face.aclose()
        if task is not None and task is not asyncio.current_task():
            await self.cancel_task(task)


def _params_behind(face: FrameProcessor) -> TransportParams | None:
    """Those of the transport that the face's pictures go to, which pipecat gives no name for."""
    one = face.next
    while one is not None:
        for part in (one, *one.processors):
            params = getattr(part, "_params", None)
            if isinstance(params, TransportParams):
                return params
        one = one.next
    return None


def _audio(sound: Sound) -> TTSAudioRawFrame:
    mark = sound.segment.mark
    assert isinstance(mark, _Mark)
    audio = TTSAudioRawFrame(sound.samples.tobytes(), sound.segment.rate, 1, context_id=mark.context_id)
    audio.transport_destination = mark.destination
    audio.interruptible = mark.interruptible
    return audio
