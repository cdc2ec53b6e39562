#!/usr/bin/env python3
"""Read thousands of broken files of a format, and keep those that Mien takes badly: `--help` says how."""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy is there: a process with threads must not be forked

# The package beside this file has its name and is found first.
from fuzz.main import main

if __name__ == "__main__":
    raise SystemExit(main())
