"""Mien as the avatar of a Vision-Agents agent: `pip install 'mien[vision-agents]'`.

    agent = Agent(edge=edge, agent_user=user, llm=llm, tts=tts, stt=stt, avatar=FaceAvatar("wren"))

It takes the agent's speech and gives it again with pictures in step, by the framework's own `AVSynchronizer`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final, Unpack

import numpy as np

from mien.agents.extras import lacks
from mien.agents.face import Face, Shown
from mien.agents.pace import Pace
from mien.agents.paced import PacedStage
from mien.agents.segments import I16
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
        """Open the face, and listen to the agent."""
        await self._face.open()
        self._tasks = (asyncio.create_task(self._hear()), asyncio.create_task(self._show()))

    async def close(self) -> None:
        """Close the face. Idempotent."""
        tasks, self._tasks = self._tasks, ()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)  # one that failed keeps nothing open
        await self._face.aclose()
        self._players.close()

    async def _hear(self) -> None:
        async for item in self.input_audio_stream:
            if isinstance(item, AudioOutputFlush):
                self._face.clear()
                await self._players.flush()
                continue
            if item.data is not None and len(samples := _mono(item.data)):
                last = self._face.last
                if last is not None and last.rate != item.data.sample_rate:
                    self._face.end()
                self._face.push(samples, item.data.sample_rate)
            if item.final:
                self._face.end()

    async def _show(self) -> None:
        async for shown in self._face.frames():
            await self._give(shown)

    async def _give(self, shown: Shown) -> None:
        if shown.picture is not None:
            await self._players.write_video(VideoFrame.from_ndarray(shown.picture, format="rgba"))
        for segment, samples in shown.sounds:
            if not segment.cleared:
                pcm = PcmData(segment.rate, AudioFormat.S16, samples)
                await self._players.write_audio(pcm)
        if shown.ended:
            await self._players.audio_output.send(AudioOutputChunk(final=True))


def _mono(data: PcmData) -> I16:
    """(n,) int16, whatever the format: channels first where there are several."""
    samples = data.to_int16().samples
    if samples.ndim == 1:
        return np.asarray(samples, np.int16)
    mixed: I16 = np.rint(samples.mean(axis=0, dtype=np.float32)).astype(np.int16)
    return mixed
