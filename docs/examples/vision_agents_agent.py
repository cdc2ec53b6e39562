"""An agent of Vision-Agents with a Mien face. `pip install 'mien[vision-agents]' 'vision-agents[getstream]'`,
then `python vision_agents_agent.py run` and see the page that it opens.

It needs STREAM_API_KEY and STREAM_API_SECRET, and says one bundled sentence. The lines marked YOURS make a
conversation of it.
"""

from collections.abc import AsyncIterator

import av
from getstream.video.rtc.track_util import AudioFormat, PcmData
from vision_agents.core import Agent, AgentLauncher, Runner, User
from vision_agents.core.edge import EdgeTransport
from vision_agents.core.llm.llm import LLM, LLMResponseFinal
from vision_agents.core.tts import TTS

import mien
from mien.agents.vision_agents import FaceAvatar

SENTENCE = mien.bundled("conversations", "hello") / "audio" / "1-good-evening.opus"


def edge() -> EdgeTransport:
    from vision_agents.plugins import getstream

    return getstream.Edge()


async def create_agent(**options: object) -> Agent:
    return Agent(
        edge=edge(),
        agent_user=User(name="Wren", id="wren"),
        llm=Silent(),  # YOURS: gemini.LLM()
        tts=Recording(),  # YOURS: cartesia.TTS(), and stt=deepgram.STT()
        avatar=FaceAvatar("wren", size=(640, 480), background="evening_room"),
    )


async def join_call(agent: Agent, call_type: str, call_id: str, **options: object) -> None:
    call = await agent.create_call(call_type, call_id)
    async with agent.join(call):
        agent.avatar.stage.set_expression("face", "happy")
        await agent.say("Good evening! You are awake, I am awake.")  # YOURS: agent.simple_response(...)
        await agent.finish()


class Silent(LLM):
    """In the place of a language model: it has nothing to say."""

    async def simple_response(self, text: str, participant: object = None) -> AsyncIterator[LLMResponseFinal]:
        return
        yield


class Recording(TTS):
    """In the place of a speech service: it has one thing to say."""

    async def stream_audio(self, text: str, *given: object, **options: object) -> PcmData:
        with av.open(str(SENTENCE)) as file:
            resampler = av.AudioResampler("s16", "mono", 24_000)
            parts = [part for packet in file.decode(audio=0) for part in resampler.resample(packet)]
        data = b"".join(part.to_ndarray().tobytes() for part in parts)
        return PcmData.from_bytes(data, sample_rate=24_000, format=AudioFormat.S16, channels=1)

    async def stop_audio(self) -> None:
        pass


if __name__ == "__main__":
    Runner(AgentLauncher(create_agent=create_agent, join_call=join_call)).cli()
