"""Mien as the avatar of a Vision-Agents agent: `pip install 'mien[vision-agents]'`.

    agent = Agent(edge=edge, agent_user=user, llm=llm, tts=tts, stt=stt, avatar=FaceAvatar("wren"))

It takes the agent's speech and gives it again with pictures in step, by the framework's own `AVSynchronizer`.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Final, Unpack

import numpy as np

from mien.agents.extras import lacks
from mien.agents.face import Face, Shown
from mien.agents.pace import Pace
from mien.agents.paced import PacedStage
from mien.agents.segments import I16
from mien.errors import MienError
from mien.stage.options import StageKeywords

try:
    from aiortc import VideoStreamTrack
    from av import VideoFrame
    from getstream.video.rtc.track_util import AudioFormat, PcmData
    from vision_agents.core.agents.inference import AudioOutputChunk, AudioOutputFlush, AudioOutputStream
    from vision_agents.core.avatars import Avatar
    from vision_agents.core.avatars.av_synchronizer import AVSynchronizer
except ImportError as error:
    raise lacks("vision-agents", "vision_agents", error) from None


_log: Final = logging.getLogger("mien.agents")


class FaceAvatar(Avatar):
    """A face for an agent's call. Parameters as of `mien.agents.face.Face`; width and height are even, and
    `fps` is whole. `stage` takes expressions, looks and gestures of `"face"`."""

    provider_name: Final = "mien"

    def __init__(
        self,
        character: str | Path = "wren",
        *,
        pace: Pace | None = None,
        **options: Unpack[StageKeywords],
    ) -> None:
        super().__init__()
        self._face = Face(character, pace=pace, **options)
        width, height = self._face.size
        self._players = AVSynchronizer(width, height, round(float(self._face.fps)))
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self._handing_over = asyncio.Lock()
        self._passing = False
        """Something is being said that is handed on as it comes, without a face."""
        self._owed = 0
        """Segments of the face whose end was not given yet."""
        self.failure: str | None = None
        """Why no more pictures come, in one sentence; None while they do. Speech goes on without them."""

    @property
    def stage(self) -> PacedStage:
        """To tell the face something: `avatar.stage.set_expression("face", "happy")`. Raises Closed."""
        return self._face.stage

    def video_output(self) -> VideoStreamTrack:
        """The track that the agent publishes."""
        return self._players.video_output

    def audio_output(self) -> AudioOutputStream:
        """The speech, as it is heard."""
        return self._players.audio_output

    async def start(self) -> None:
        """Open the face, and listen to the agent. Raises ValueError where no agent has attached its
        speech, and as opening a stage."""
        spoken = self.input_audio_stream
        await self._face.open()
        self._tasks = (asyncio.create_task(self._hear(spoken)), asyncio.create_task(self._show()))

    async def close(self) -> None:
        """Close the face. Idempotent."""
        tasks, self._tasks = self._tasks, ()
        for task in tasks:
            task.cancel()
        try:
            await asyncio.gather(*tasks, return_exceptions=True)  # what failed has been told
            await self._face.aclose()
        finally:
            self._players.close()

    async def _hear(self, spoken: AudioOutputStream) -> None:
        try:
            async for item in spoken:
                try:
                    await self._take(item)
                except MienError as error:  # the rest is heard
                    _log.warning("mien: a piece of speech was left out: %s", error)
                    await self._end()
        except Exception as error:
            _log.error("mien: the face hears no more of its agent: %s", _said(error))
        await self._end()  # nothing more comes of it

    async def _take(self, item: AudioOutputChunk | AudioOutputFlush) -> None:
        async with self._handing_over:
            if isinstance(item, AudioOutputFlush):
                self._passing, self._owed = False, 0
                self._face.clear()
                await self._players.flush()
                return
            if item.data is not None and len(samples := _mono(item.data)):
                rate = item.data.sample_rate
                if self.failure is None:
                    self._push(samples, rate)
                else:
                    self._passing = True
                    await self._players.write_audio(PcmData(rate, AudioFormat.S16, samples))
        if item.final:
            await self._end()

    def _push(self, samples: I16, rate: int) -> None:
        last = self._face.last
        if last is not None and last.rate != rate:
            self._face.end()
        self._owed += self._face.push(samples, rate)

    async def _end(self) -> None:
        """What is being said is complete."""
        async with self._handing_over:
            if self.failure is None:
                self._face.end()
            elif self._passing:
                self._passing = False
                await self._give_end()

    async def _show(self) -> None:
        try:
            async for shown in self._face.frames():
                await self._give(shown)
        except Exception as error:  # who is heard need not be seen
            _log.error("mien: the face is not shown any more: %s", _said(error))
            try:
                await self._go_on_unseen(_said(error))
            except Exception as lost:
                _log.error("mien: what the face had still to say is lost: %s", _said(lost))

    async def _go_on_unseen(self, why: str) -> None:
        """Hand on what was not given yet, with the ends that are owed, and from now on all that comes."""
        async with self._handing_over:
            self.failure = why
            last = self._face.last
            self._passing = last is not None and not last.complete
            owed, self._owed = self._owed - self._passing, 0
            for segment, samples in self._face.unspoken():
                await self._players.write_audio(PcmData(segment.rate, AudioFormat.S16, samples))
            for _ in range(owed):
                await self._give_end()

    async def _give(self, shown: Shown) -> None:
        if shown.picture is not None:
            await self._players.write_video(VideoFrame.from_ndarray(shown.picture, format="rgba"))
        for segment, samples in shown.sounds:
            if not segment.cleared:
                pcm = PcmData(segment.rate, AudioFormat.S16, samples)
                await self._players.write_audio(pcm)
        for _ in shown.ended:
            self._owed -= 1
            await self._give_end()

    async def _give_end(self) -> None:
        await self._players.audio_output.send(AudioOutputChunk(final=True))


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__


def _mono(data: PcmData) -> I16:
    """(n,) int16, whatever the format: channels first where there are several."""
    samples = data.to_int16().samples
    if samples.ndim == 1:
        return np.asarray(samples, np.int16)
    mixed: I16 = np.rint(samples.mean(axis=0, dtype=np.float32)).astype(np.int16)
    return mixed
