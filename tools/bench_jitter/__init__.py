"""Arrival patterns replayed through the jitter buffer on a sample clock; see `tools/bench_jitter.py`."""
