"""What `tools/bench_backend.py --rings` compares."""
