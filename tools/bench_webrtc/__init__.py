"""What `tools/bench_webrtc.py` measures."""
