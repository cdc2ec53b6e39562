"""A pipecat bot with a Mien face. `pip install 'mien[pipecat]' 'pipecat-ai[runner,webrtc]'`, then
`python pipecat_agent.py` and open the page that it names.

It says one bundled sentence to whoever comes. The lines marked YOURS make a conversation of it.
"""

import av
from pipecat.frames.frames import Frame, TTSAudioRawFrame, TTSSpeakFrame, TTSStartedFrame, TTSStoppedFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.runner.types import RunnerArguments
from pipecat.transports.base_transport import BaseTransport, TransportParams
from pipecat.workers.runner import WorkerRunner

import mien
from mien.agents.pipecat import FPS, FaceProcessor

SENTENCE = mien.bundled("conversations", "hello") / "audio" / "1-good-evening.opus"


def params() -> TransportParams:
    return TransportParams(
        audio_in_enabled=True,
        audio_out_enabled=True,
        video_out_enabled=True,
        video_out_width=640,
        video_out_height=480,
        video_out_framerate=FPS,
    )


async def run_bot(transport: BaseTransport) -> None:
    pipeline = Pipeline(
        [
            transport.input(),
            # YOURS: stt, the user's context, llm
            Recording(),  # YOURS: CartesiaTTSService(...)
            FaceProcessor("wren", size=(640, 480), background="evening_room"),
            transport.output(),
            # YOURS: the assistant's context
        ]
    )
    worker = PipelineWorker(pipeline)

    @transport.event_handler("on_client_connected")
    async def connected(transport: BaseTransport, client: object) -> None:
        await worker.queue_frame(TTSSpeakFrame("Good evening! You are awake, I am awake."))

    @transport.event_handler("on_client_disconnected")
    async def disconnected(transport: BaseTransport, client: object) -> None:
        await worker.cancel()

    runner = WorkerRunner()
    await runner.add_workers(worker)
    await runner.run()


class Recording(FrameProcessor):
    """In the place of a speech service: it has one thing to say."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if not isinstance(frame, TTSSpeakFrame):
            await self.push_frame(frame, direction)
            return
        await self.push_frame(TTSStartedFrame())
        with av.open(str(SENTENCE)) as file:
            resampler = av.AudioResampler("s16", "mono", 24_000)
            for packet in file.decode(audio=0):
                for part in resampler.resample(packet):
                    await self.push_frame(TTSAudioRawFrame(part.to_ndarray().tobytes(), 24_000, 1))
        await self.push_frame(TTSStoppedFrame())


async def bot(arguments: RunnerArguments) -> None:
    from pipecat.runner.utils import create_transport

    await run_bot(await create_transport(arguments, {"webrtc": params}))


if __name__ == "__main__":
    from pipecat.runner.run import main

    main()
