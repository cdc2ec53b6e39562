"""Time to a turn's first sound, by codec and by source; see `tools/bench_audio.py`."""
