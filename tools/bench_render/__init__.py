"""Time to a video file, by thread and by preset; see `tools/bench_render.py`."""
