#!/usr/bin/env python3
"""Play a conversation into a sound server and compare what it has recorded: `--help` says how."""

from __future__ import annotations

# The package beside this file has its name and is found first.
from bench_playout.main import main

if __name__ == "__main__":
    raise SystemExit(main())
