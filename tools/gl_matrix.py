#!/usr/bin/env python3
"""Run the suite's GL part on each driver that this machine has: `--help` says how."""

from __future__ import annotations

# The package beside this file has its name and is found first.
from gl_matrix.main import main

if __name__ == "__main__":
    raise SystemExit(main())
