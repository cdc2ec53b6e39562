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
from mien.errors import Closed, ContextLost, FeedFull
from mien.types import F32

SIZE = (64, 48)


def run(
    steps: Callable[[FaceAvatar, AudioOutputStream, Pace], Any], spoken: AudioOutputStream | None = None
) -> FaceAvatar:
    spoken = spoken or AudioOutputStream()

    async def main() -> FaceAvatar:
        pace = Pace()
        avatar = FaceAvatar("wren", size=SIZE, pace=pace)
        led(avatar._face)
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


async def until_ended(avatar: FaceAvatar, pace: Pace) -> tuple[bytes, int]:
    """Sound given until an end, and its ends."""
    heard, ended = b"", 0
    while not ended:
        await pace.sleep(0.1)
        sound, _, ends = taken(avatar)
        heard, ended = heard + sound, ended + ends
    return heard, ended


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


class _Breaks:
    """A stage that draws so many frames, and then fails as a driver does."""

    def __init__(self, avatar: FaceAvatar, frames: int) -> None:
        self._draws, self._left = avatar._face._drawing._draw, frames
        avatar._face._drawing._draw = self  # type: ignore[method-assign, assignment]

    def __call__(self, *arguments: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            raise ContextLost("the GPU was reset: open another stage.")
        return self._draws(*arguments)


def test_speech_goes_on_without_a_face_that_is_not_shown_any_more(caplog: pytest.LogCaptureFixture) -> None:
    said, then = speech(2.0), speech(0.5, seed=1)

    async def steps(avatar: FaceAvatar, spoken: AudioOutputStream, pace: Pace) -> None:
        _Breaks(avatar, 20)
        await spoken.send(AudioOutputChunk(PcmData(RATE, AudioFormat.S16, said[:RATE])))
        await pace.sleep(2.0)
        sound, _, ends = taken(avatar)
        assert sound == said[:RATE].tobytes() and ends == 0, "all that was said, to the bit, and more comes"
        assert avatar.failure == "the GPU was reset: open another stage."
        await spoken.send(AudioOutputChunk(PcmData(RATE, AudioFormat.S16, said[RATE:]), final=True))
        await spoken.send(AudioOutputChunk(PcmData(RATE, AudioFormat.S16, then)))
        await spoken.send(AudioOutputChunk(final=True))
        await spoken.send(AudioOutputChunk(final=True))
        await pace.sleep(0.1)
        sound, _, ends = taken(avatar)
        assert (sound, ends) == (said[RATE:].tobytes() + then.tobytes(), 2)

    run(steps)
    assert caplog.messages == ["mien: the face is not shown any more: the GPU was reset: open another stage."]


def test_what_was_complete_when_the_face_broke_has_its_one_end() -> None:
    async def steps(avatar: FaceAvatar, spoken: AudioOutputStream, pace: Pace) -> None:
        _Breaks(avatar, 10)
        for seed in range(2):
            said = PcmData(RATE, AudioFormat.S16, speech(1.0, seed=seed))
            await spoken.send(AudioOutputChunk(said, final=True))
        await pace.sleep(2.0)
        sound, _, ends = taken(avatar)
        assert (len(sound), ends) == (RATE * 2 * 2, 2)

    run(steps)


def test_speech_that_cannot_be_taken_is_told_and_the_next_is_heard(caplog: pytest.LogCaptureFixture) -> None:
    async def steps(avatar: FaceAvatar, spoken: AudioOutputStream, pace: Pace) -> None:
        push, first = avatar._face.push, [FeedFull("an hour of it was not spoken yet: wait.")]

        def refuse(*arguments: Any) -> bool:
            if first:
                raise first.pop()
            return push(*arguments)

        avatar._face.push = refuse  # type: ignore[method-assign, assignment]
        await spoken.send(AudioOutputChunk(PcmData(RATE, AudioFormat.S16, speech(0.02))))
        await spoken.send(AudioOutputChunk(PcmData(RATE, AudioFormat.S16, speech(0.2)), final=True))
        sound, ends = await until_ended(avatar, pace)
        assert sound.startswith(speech(0.2).tobytes()) and ends == 1

    run(steps)
    wanted = "mien: a piece of speech was left out: an hour of it was not spoken yet: wait."
    assert caplog.messages == [wanted]


def test_a_stream_that_breaks_is_told_and_what_came_of_it_ends(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(AudioOutputStream):
        async def __anext__(self) -> Any:
            if self.empty():
                raise RuntimeError("no more of it")
            return self.get_nowait()

    async def steps(avatar: FaceAvatar, spoken: AudioOutputStream, pace: Pace) -> None:
        sound, ends = await until_ended(avatar, pace)
        assert sound.startswith(speech(0.2).tobytes()) and ends == 1

    broken = Broken()
    broken.send_nowait(AudioOutputChunk(PcmData(RATE, AudioFormat.S16, speech(0.2))))
    run(steps, broken)
    assert caplog.messages == ["mien: the face hears no more of its agent: no more of it"]


def test_a_face_that_no_agent_has_attached_its_speech_to_says_so_and_opens_nothing() -> None:
    async def main() -> None:
        avatar = FaceAvatar("wren", size=SIZE, pace=Pace())
        with pytest.raises(ValueError):
            await avatar.start()
        with pytest.raises(Closed):
            avatar.stage.nod("face")
        await avatar.close()

    asyncio.run(main())
