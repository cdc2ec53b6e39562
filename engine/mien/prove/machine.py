"""What the machine is, for whoever reads a result: all of it read, nothing guessed; what is unknown is
absent."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from mien.prove.plain import plain

_PACKAGES: Final = ("mien", "av", "moderngl", "numpy", "pillow")
_SETTINGS: Final = ("LP_NUM_THREADS", "LIBGL_ALWAYS_SOFTWARE", "GALLIUM_DRIVER", "MIEN_CACHE", "MIEN_DEVICE")


def machine(root: Path = Path("/")) -> dict[str, str]:
    """Facts by name, in the order in which they are told. `root`: where /proc and /sys are."""
    facts = {
        "processor": _processor(root),
        "cores": str(cores()),
        "memory": _memory(root),
        "virtual machine": _virtual(root),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "distribution": _distribution(root),
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "packages": ", ".join(f"{name} {v}" for name in _PACKAGES if (v := _version(name))),
        "frequency governor": _first(root, "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        "frequency driver": _first(root, "sys/devices/system/cpu/cpu0/cpufreq/scaling_driver"),
        "container's processor limit": _quota(root),
        "settings": ", ".join(f"{name}={os.environ[name]}" for name in _SETTINGS if name in os.environ),
    }
    return {name: value for name, value in facts.items() if value}


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _read(root: Path, name: str) -> str:
    try:
        return (root / name).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _first(root: Path, name: str) -> str:
    return next(iter(_read(root, name).splitlines()), "").strip()


def _processor(root: Path) -> str:
    for line in _read(root, "proc/cpuinfo").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory(root: Path) -> str:
    for line in _read(root, "proc/meminfo").splitlines():
        if line.startswith("MemTotal"):
            return f"{int(line.split()[1]) / 2**20:.0f} GiB"
    return ""


def _virtual(root: Path) -> str:
    flags = next((x for x in _read(root, "proc/cpuinfo").splitlines() if x.startswith("flags")), "")
    if not flags:
        return ""
    return "yes: what its host does is seen as stolen time only" if " hypervisor" in flags else "no"


def _distribution(root: Path) -> str:
    for line in _read(root, "etc/os-release").splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip('"')
    return ""


def _quota(root: Path) -> str:
    told = _first(root, "sys/fs/cgroup/cpu.max").split()
    if len(told) != 2 or told[0] == "max":
        return ""
    return f"{plain(int(told[0]) / int(told[1]))} cores"


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
