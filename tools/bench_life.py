#!/usr/bin/env python3
"""Hold how characters move against how people do, and write the table: `--help` says how."""

from __future__ import annotations

# The package beside this file has its name and is found first.
from bench_life.main import main

if __name__ == "__main__":
    raise SystemExit(main())
