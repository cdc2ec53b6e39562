"""Why a GPU that is there may not be used: permissions, and what containers leave out."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from mien.composite.gl.egl import Device

DRI = Path("/dev/dri")
NVIDIA = Path("/dev/nvidiactl")


def obstacles(
    devices: Sequence[Device],
    capabilities: str | None,
    *,
    dri: Path = DRI,
    nvidia: Path = NVIDIA,
    may_open: Callable[[Path], bool] = lambda path: os.access(path, os.R_OK | os.W_OK),
) -> list[str]:
    """One sentence for each thing that keeps a GPU from being used, with what to do about it.

    `devices` as EGL lists them; `capabilities`: NVIDIA_DRIVER_CAPABILITIES.
    """
    found = []
    nodes = sorted(dri.glob("renderD*")) if dri.is_dir() else []
    closed = [node for node in nodes if not may_open(node)]
    if closed:
        names = ", ".join(str(node) for node in closed)
        found.append(
            f"{names} may not be opened by you: join the group that owns it (as root: usermod -aG render "
            "NAME, then log in again), or give the container the device (--device /dev/dri)."
        )
    hardware = [device for device in devices if not device.software]
    if nvidia.exists() and not hardware:
        says = "is not set" if capabilities is None else f"is {capabilities!r}"
        found.append(
            f"an NVIDIA GPU is here, but EGL does not list it: NVIDIA_DRIVER_CAPABILITIES {says}; a "
            "container needs graphics in it (NVIDIA_DRIVER_CAPABILITIES=graphics,utility,compute), a "
            "desktop the package of NVIDIA's EGL (libnvidia-gl)."
        )
    if not nodes and not hardware and not nvidia.exists():
        found.append(f"{dri} has no GPU: in a container or a virtual machine it may have to be passed in.")
    return found
