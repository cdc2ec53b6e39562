"""A face in Vision-Agents, held to the released package, which asks for an older NumPy and PyAV than
the rest: `tools/test_vision_agents` runs this in an environment of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip(
    "vision_agents.core",
    reason="VISION-AGENTS IS NOT TESTED HERE: it asks for numpy<2.3 and av<17, beside which the locked ones "
    "cannot be; run tools/test_vision_agents, which makes an environment of its own",
)

from getstream.video.rtc.track_util import AudioFormat, PcmData
from vision_agents.core.agents.inference import AudioOutputChunk, AudioOutputFlush, AudioOutputStream
from vision_agents.core.avatars import Avatar

from agents.virtual import RATE, Pace, led, speech
from mien.agents.vision_agents import FaceAvatar
from mien.types import F32

SIZE = (64, 48)


def run(steps: Callable[[FaceAvatar, AudioOutputStream, Pace], Any]) -> FaceAvatar:
    async def main() -> FaceAvatar:
        pace = Pace()
        avatar = FaceAvatar("wren", size=SIZE, pace=pace)
        led(avatar._face)
        spoken = AudioOutputStream()
        avatar.attach_audio_input(spoken)
        await avatar.start()
        try:
            await asyncio.wait_for(steps(avatar, spoken, pace), 120)
        finally:
            await avatar.close()
            await avatar.close()
        return avatar

    return asyncio.run(main())


def taken(avatar: FaceAvatar) -> tuple[bytes, int, int]:
    """Sound given so far; flushes and ends among it."""
    sound, flushes, ends = b"", 0, 0
    stream = avatar.audio_output()
    while not stream.empty():
        item = stream.get_nowait()
        if isinstance(item, AudioOutputFlush):
            flushes += 1
        else:
            ends += item.final
            if item.data is not None and len(item.data.samples):
                sound += item.data.samples.astype(np.int16).tobytes()
    return sound, flushes, ends


def test_speech_comes_out_as_it_went_in_and_its_end_behind_it() -> None:
    said = speech(0.5)

    async def steps(avatar: FaceAvatar, spoken: AudioOutputStream, pace: Pace) -> None:
        assert isinstance(avatar, Avatar) and avatar.provider_name == "mien"
        avatar.stage.set_expression("face", "happy")
        await pace.sleep(0.2)
        await spoken.send(AudioOutputChunk(PcmData(RATE, AudioFormat.S16, said)))
        await spoken.send(AudioOutputChunk(final=True))
        await pace.sleep(1.0)
        sound, flushes, ends = taken(avatar)
        assert sound.startswith(said.tobytes()) and not any(sound[len(said) * 2 :])
        assert (flushes, ends) == (0, 1)

    run(steps)


def test_pictures_are_delayed_by_as_much_as_sound_waits() -> None:
    async def steps(avatar: FaceAvatar, spoken: AudioOutputStream, pace: Pace) -> None:
        await pace.sleep(0.3)
        track = avatar.video_output()
        picture = await track.recv()
        assert (picture.width, picture.height) == SIZE
        colours = picture.to_ndarray(format="rgb24")
        assert colours.std() > 5, "somebody is seen"

    run(steps)


def test_a_flush_silences_the_face_and_the_players() -> None:
    async def steps(avatar: FaceAvatar, spoken: AudioOutputStream, pace: Pace) -> None:
        await spoken.send(AudioOutputChunk(PcmData(RATE, AudioFormat.S16, speech(3.0))))
        await pace.sleep(0.5)
        before, *_ = taken(avatar)
        await spoken.flush()
        await pace.sleep(1.0)
        after, flushes, _ = taken(avatar)
        assert 0 < len(before) < RATE * 2 and flushes == 1
        assert len(after) < RATE // 5

    run(steps)


def test_float_and_stereo_sound_is_taken() -> None:
    said: F32 = np.repeat(speech(0.2)[None, :] / np.float32(32768), 2, axis=0).astype(np.float32)

    async def steps(avatar: FaceAvatar, spoken: AudioOutputStream, pace: Pace) -> None:
        await spoken.send(AudioOutputChunk(PcmData(RATE, AudioFormat.F32, said, channels=2), final=True))
        await pace.sleep(1.0)
        sound, *_ = taken(avatar)
        heard = np.frombuffer(sound, np.int16)[: len(said[0])]
        assert np.abs(heard - said[0] * 32768).max() < 3

    run(steps)
