"""Runs a program of this folder on a display of the tests' own.

What opens windows does so in a process of its own: a display that goes away ends whoever has one.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from kept_pages import keeping_pages

PROGRAMS = Path(__file__).parent / "programs"


def run(display: str, name: str, *arguments: str, **environment: str) -> dict[str, Any]:
    """What it told, as its last line."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", str(PROGRAMS / name), *arguments],
        env={**os.environ, **keeping_pages(), "DISPLAY": display, "WAYLAND_DISPLAY": "", **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    told: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return told
