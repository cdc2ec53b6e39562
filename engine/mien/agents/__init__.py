"""Mien as the face of a voice agent: a framework's sound in, pictures and the same sound out, in step.

- segments: one turn for each segment of sound; what of it was given out, and what of that was heard
- schedule: when a frame is due, how far ahead of its time, and which are left out
- paced: a stage whose next frame may be drawn, or passed over
- pace: where time comes from
- drawing: the stage, on a thread of its own
- face: all of it beside an asyncio loop; the frameworks' parts are made of it
- tracing: an OpenTelemetry span for each segment
- livekit, pipecat, vision_agents: the face in each framework's own form; nothing else imports those packages
"""
