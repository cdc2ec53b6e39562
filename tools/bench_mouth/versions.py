"""Which versions run here: what is installed is asked, and not what the benchmark asks for."""

from __future__ import annotations

import importlib.metadata
import subprocess
from pathlib import Path
from typing import Final

from bench_mouth import neural, packages, peers

_PYTHON: Final = ("mien", "numpy", "pocketsphinx", peers.PYLIPSYNC, neural.PIPER, neural.JOE, neural.HEART)
_NODE: Final = (packages.WLIPSYNC, packages.HEADAUDIO)
_SOURCES: Final = (packages.PRAATIO, packages.MFA)
_DEBIAN: Final = ("espeak-ng", "flite", "festival", "nodejs")


def versions(folder: Path) -> dict[str, str]:
    """Of each thing that is installed, or kept in the folder of packages, its own version."""
    found = {name: of_python(name) for name in map(packages.bare, _PYTHON)}
    found |= {packages.bare(one): packages.npm_version(one, folder) for one in _NODE}
    found |= {packages.bare(one): _of_source(one, folder) for one in _SOURCES}
    found |= {name: _of_debian(name) for name in _DEBIAN}
    found[packages.SPHINX] = _unpacked(packages.SPHINX, folder)
    return {name: version for name, version in found.items() if version}


def named(asked: str) -> str:
    """A package of PyPI, as `name==version`, by the version that is installed: `name 1.0`."""
    name = packages.bare(asked)
    return f"{name} {of_python(name) or '(which version is not known)'}"


def of_python(name: str) -> str:
    """The version of an installed distribution; nothing where there is none."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "(its source)" if name == "mien" else ""


def _of_source(asked: str, folder: Path) -> str:
    return asked.partition("==")[2] if packages.archives(asked, folder) else ""


def _of_debian(name: str) -> str:
    command = ["dpkg-query", "--show", "--showformat=${db:Status-Status} ${Version}", name]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    state, _, version = ran.stdout.partition(" ")
    return version if state == "installed" else ""


def _unpacked(name: str, folder: Path) -> str:
    """By the archive that was fetched: `name_version_all.deb`."""
    return next((path.name.split("_")[1] for path in sorted(folder.glob(f"{name}_*.deb"))), "")
