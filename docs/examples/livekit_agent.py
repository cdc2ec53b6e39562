"""A LiveKit agent with a Mien face. `pip install 'mien[livekit]'`, then
`python -m livekit.agents start livekit_agent.py --dev`, or `lk agent dev` with LiveKit's own command.

It needs LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET, and says one bundled sentence. The lines marked
YOURS make a conversation of it.
"""

from livekit.agents import Agent, AgentServer, AgentSession, JobContext, tts, utils
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, APIConnectOptions

import mien
from mien.agents.livekit import AvatarSession

SENTENCE = mien.bundled("conversations", "hello") / "audio" / "1-good-evening.opus"
server = AgentServer()


@server.rtc_session()
async def entrypoint(ctx: JobContext) -> None:
    session: AgentSession[None] = AgentSession(
        tts=Recording(),  # YOURS: stt="deepgram/nova-3", llm="openai/gpt-4.1-mini", tts="cartesia/sonic-3"
    )
    avatar = AvatarSession("wren", size=(640, 480), background="evening_room")
    await avatar.start(session, room=ctx.room)
    await session.start(Agent(instructions="You are Wren. Be brief."), room=ctx.room)
    avatar.stage.set_expression("face", "happy")
    await session.say("Good evening! You are awake, I am awake.")  # YOURS: await session.generate_reply()


class Recording(tts.TTS):
    """In the place of a speech service: it has one thing to say."""

    def __init__(self) -> None:
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=False), sample_rate=24_000, num_channels=1
        )

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        return Said(tts=self, input_text=text, conn_options=conn_options)


class Said(tts.ChunkedStream):
    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        output_emitter.initialize(
            request_id=utils.shortuuid(), sample_rate=24_000, num_channels=1, mime_type="audio/ogg"
        )
        output_emitter.push(SENTENCE.read_bytes())
        output_emitter.flush()


if __name__ == "__main__":
    raise SystemExit("LiveKit starts it: python -m livekit.agents start livekit_agent.py --dev")
