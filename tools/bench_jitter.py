#!/usr/bin/env python3
"""Replay arrival patterns through the jitter buffer, and write what was concealed: `--help` says how."""

from __future__ import annotations

# The package beside this file has its name and is found first.
from bench_jitter.main import main

if __name__ == "__main__":
    raise SystemExit(main())
