#!/usr/bin/env python3
"""Time Mien's compositor against other ways to draw the same frames: `--help` says how.

Needs the extra `bench`: pip install -e '.[bench]'
"""

from __future__ import annotations

# The package beside this file has its name and is found first.
from bench_compositor.main import main

if __name__ == "__main__":
    raise SystemExit(main())
