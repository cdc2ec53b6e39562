#!/usr/bin/env python3
"""Hold the mouth against speech whose phones are known, and write how well it follows: `--help` says how."""

from __future__ import annotations

# The package beside this file has its name and is found first.
from bench_mouth.main import main

if __name__ == "__main__":
    raise SystemExit(main())
