"""Mien as the face of a voice agent: sound of an agent framework in, pictures and the same sound out, in step.

- segments: one turn for each segment of sound; what of it was given out, and what of that was heard
- schedule: when a frame is due, how far ahead of its time, and which are left out
- paced: a stage whose next frame may be drawn, or passed over
- face: all of it beside an asyncio loop; the frameworks' parts are made of it
- tracing: an OpenTelemetry span for each segment
- livekit, pipecat, vision_agents: the face in each framework's own form; nothing else imports those packages
"""
