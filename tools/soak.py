#!/usr/bin/env python3
"""Hours of conversation with everything that can go wrong: `--help` says how."""

from __future__ import annotations

# The package beside this file has its name and is found first.
from soak.main import main

if __name__ == "__main__":
    raise SystemExit(main())
