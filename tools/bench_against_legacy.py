#!/usr/bin/env python3
"""Compare Mien with the way it was done before, in real time: `--help` says how."""

from __future__ import annotations

from legacy_compositor.main import main

if __name__ == "__main__":
    raise SystemExit(main())
