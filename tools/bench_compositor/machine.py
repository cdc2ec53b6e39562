"""Where the figures come from."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
from dataclasses import dataclass
from pathlib import Path

from mien.composite.gl import is_software, open_headless

_PACKAGES = (
    "mien",
    "moderngl",
    "numpy",
    "pillow",
    "opencv-python-headless",
    "pygame-ce",
    "skia-python",
    "blend2d-python",
)


@dataclass(frozen=True, slots=True)
class Machine:
    """What a reader needs to judge the figures."""

    processor: str
    cores: int
    renderer: str
    software: bool
    """Whether the renderer runs on the processor."""
    system: str
    date: str
    versions: dict[str, str]


def machine() -> Machine:
    """This machine. Raises RendererUnavailable."""
    context = open_headless()
    try:
        renderer = f"{context.info['GL_RENDERER']}, {context.info['GL_VERSION']}"
        software = is_software(context)
    finally:
        context.release()
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return Machine(
        processor(),
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        renderer,
        software,
        f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        datetime.date.today().isoformat(),
        versions,
    )


def processor() -> str:
    """The name of this processor."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()
