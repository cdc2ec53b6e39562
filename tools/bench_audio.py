#!/usr/bin/env python3
"""How long a turn's first sound takes, by codec and by source: `--help` says how."""

from __future__ import annotations

# The package beside this file has its name and is found first.
from bench_audio.main import main

if __name__ == "__main__":
    raise SystemExit(main())
