"""What `tools/bench_ways.py` measures."""
