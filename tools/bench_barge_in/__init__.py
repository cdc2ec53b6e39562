"""What `tools/bench_barge_in.py` measures."""
