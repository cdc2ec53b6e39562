#!/usr/bin/env python3
"""How long a video file takes to render, and what each preset takes and gives: `--help` says how."""

from __future__ import annotations

# The package beside this file has its name and is found first.
from bench_render.main import main

if __name__ == "__main__":
    raise SystemExit(main())
