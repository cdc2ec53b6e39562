#!/usr/bin/env python3
"""Whether tools/demo sets up on bare systems, also when interrupted: `--help` says how."""

from __future__ import annotations

# The package beside this file has its name and is found first.
from prove_setup.main import main

if __name__ == "__main__":
    raise SystemExit(main())
