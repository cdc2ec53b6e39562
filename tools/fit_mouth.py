#!/usr/bin/env python3
"""Fit the mouth's network to voices and to people: `--help` says how."""

from __future__ import annotations

# The package beside this file has its name and is found first.
from fit_mouth.main import main

if __name__ == "__main__":
    raise SystemExit(main())
