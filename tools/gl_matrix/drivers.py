"""Drivers that one machine can have, by environment variables of Mesa's, and how each is known."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_PROBE: Final = """
import json
from mien.composite.gl import choose_strategy, open_headless
from mien.errors import MienError
try:
    context = open_headless()
    with context:
        strategy, why = choose_strategy(context)
        renderer, version = (context.info[name] for name in ("GL_RENDERER", "GL_VERSION"))
        print(json.dumps({"renderer": renderer, "version": version, "strategy": strategy}))
except MienError as error:
    print(json.dumps({"refused": str(error)}))
"""
_SOFTWARE_DEVICE: Final = """
from mien.composite.gl.survey import survey
print(*(one.index for one in survey() if one.software), sep="\\n")
"""
_SOFTWARE: Final = {"LIBGL_ALWAYS_SOFTWARE": "1"}
_NO_FETCH: Final = "-GL_EXT_shader_framebuffer_fetch -GL_EXT_shader_framebuffer_fetch_non_coherent"


@dataclass(frozen=True, slots=True)
class Driver:
    """A way to draw."""

    name: str
    what: str
    """What it stands in for."""
    renderer: str = ""
    """What GL_RENDERER must hold, or it is another driver that was opened; empty: anything."""
    environment: Mapping[str, str] = field(default_factory=dict)
    package: str = ""
    """The Debian package that has it."""
    slow: bool = False
    """Too slow for whole stages: only the compositor's tests are run."""


DRIVERS: Final = (
    Driver("own", "whatever this machine draws with when nothing is set"),
    Driver(
        "llvmpipe",
        "Mesa's software renderer: strategy fetch",
        "llvmpipe",
        {**_SOFTWARE, "GALLIUM_DRIVER": "llvmpipe"},
        "libgl1-mesa-dri",
    ),
    Driver(
        "posed",
        "llvmpipe posed as a GPU: loop, the ring of pixel buffers and timer queries run with real pixels",
        "Posed GPU",
        {**_SOFTWARE, "GALLIUM_DRIVER": "llvmpipe", "force_gl_renderer": "Posed GPU"},
        "libgl1-mesa-dri",
    ),
    Driver(
        "gl33",
        "llvmpipe with GL 3.3 only, and shaders that cannot read their target",
        "llvmpipe",
        {
            **_SOFTWARE,
            "GALLIUM_DRIVER": "llvmpipe",
            "MESA_GL_VERSION_OVERRIDE": "3.3",
            "MESA_EXTENSION_OVERRIDE": _NO_FETCH,
        },
        "libgl1-mesa-dri",
    ),
    Driver(
        "zink",
        "OpenGL over Vulkan, over Mesa's software Vulkan: commands go through threads of the driver's",
        "zink",
        {**_SOFTWARE, "GALLIUM_DRIVER": "zink", "MESA_LOADER_DRIVER_OVERRIDE": "zink"},
        "mesa-vulkan-drivers",
    ),
    Driver(
        "softpipe",
        "Mesa's reference rasterizer: GL 3.3, 256 layers of a texture array, no shortcuts",
        "softpipe",
        {**_SOFTWARE, "GALLIUM_DRIVER": "softpipe"},
        "libgl1-mesa-dri",
        slow=True,
    ),
)


@dataclass(frozen=True, slots=True)
class Probed:
    """What a driver says of itself."""

    renderer: str = ""
    version: str = ""
    strategy: str = ""
    refused: str = ""
    """Why it is not here; empty for one that is."""


def environment_of(driver: Driver, software: str | None) -> dict[str, str]:
    """For a process that is to draw with it; `software`: the index of Mesa's software device among EGL's."""
    clean = {name: value for name, value in os.environ.items() if name not in _DECIDING}
    chosen = dict(driver.environment)
    if software is not None and driver.environment:
        chosen["GLCONTEXT_DEVICE_INDEX"] = software
    return clean | chosen


def software_device() -> str | None:
    """The index of the device by which Mesa draws in software; None where EGL lists none."""
    ran = subprocess.run(
        [sys.executable, "-c", _SOFTWARE_DEVICE], capture_output=True, text=True, check=False
    )
    listed = ran.stdout.split()
    return listed[0] if listed and listed[0] != "-1" else None


def probe(driver: Driver, environment: Mapping[str, str]) -> Probed:
    """Open it in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-c", _PROBE], env=environment, capture_output=True, text=True, check=False
    )
    return read_probe(driver, ran.stdout, ran.stderr)


def read_probe(driver: Driver, said: str, complained: str) -> Probed:
    """What the process said; a driver that fell back to another is not here."""
    try:
        found = Probed(**json.loads(said))
    except ValueError:
        last = complained.strip().splitlines()[-1:] or ["it ended without a word"]
        return Probed(refused=last[0])
    if not found.refused and driver.renderer not in found.renderer:
        return Probed(refused=f"{found.renderer} was opened in its place")
    return found


_DECIDING: Final = {name for driver in DRIVERS for name in driver.environment} | {"MIEN_STRATEGY"}
