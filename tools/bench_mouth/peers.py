"""Others' mouths, each as its own page or program runs it: pylipsync, and in Node wLipSync and HeadAudio."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np

from bench_mouth.clips import Clip, ToolMissing, at_48k
from bench_mouth.engines import Engine, Moved, frames_of
from bench_mouth.figures import best_wait, earlier
from bench_mouth.packages import HEADAUDIO, WLIPSYNC, decoded, npm
from mien.types import F32, VISEMES

PYLIPSYNC: Final = "pylipsync==0.2.1"

_THEIRS: Final = {"aa": "aa", "ee": "E", "ih": "I", "oh": "O", "ou": "U", "silence": "sil"}
_HEADS: Final = ("aa", "E", "I", "O", "U", "PP", "SS", "TH", "DD", "FF", "kk", "nn", "RR", "CH", "sil")
_HERE: Final = Path(__file__).parent

Vowels: TypeAlias = dict[str, F32]


def pylipsync(folder: Path) -> Engine:
    """With its own settings and templates. Raises ToolMissing."""
    try:
        from pylipsync import PhonemeAnalyzer
    except ImportError:
        raise ToolMissing(f"pylipsync is missing; install it with `pip install {PYLIPSYNC}`.") from None
    analyser = PhonemeAnalyzer()
    analyser.extract_phoneme_segments(np.zeros(48_000, np.float32), 48_000, fps=100)  # compile

    def one(clip: Clip) -> Moved:
        began = time.process_time()
        segments = analyser.extract_phoneme_segments(clip.samples, 48_000, fps=100)
        cost = time.process_time() - began
        rows = np.zeros((frames_of(clip), len(VISEMES)), np.float32)
        for row, segment in zip(rows, segments, strict=False):
            for phoneme in segment.phonemes:
                row[VISEMES.index(_THEIRS[phoneme.name])] = phoneme.target
        return Moved(_closed(rows), cost, 32.0)

    return lambda clips: [one(clip) for clip in clips]


def headaudio(folder: Path) -> Engine:
    """With its own settings and its model of English. Raises ToolMissing."""
    package = npm(HEADAUDIO, folder)

    def run(clips: Sequence[Clip]) -> list[Moved]:
        return _in_node("headaudio", [str(package)], clips, _HEADS)

    return run


def wlipsync(folder: Path) -> Engine:
    """With its own settings, calibrated by the vowels that pylipsync has. Raises ToolMissing."""
    package, sounds = npm(WLIPSYNC, folder), _vowels()

    def run(clips: Sequence[Clip]) -> list[Moved]:
        with tempfile.TemporaryDirectory() as room:
            paths = {}
            for name, samples in sounds.items():
                paths[name] = f"{room}/{name}.f32"
                samples.astype("<f4").tofile(paths[name])
            listed = Path(room) / "vowels.json"
            listed.write_text(json.dumps(paths))
            return _in_node(
                "wlipsync", [str(package), str(listed)], clips, [_THEIRS[name] for name in sounds]
            )

    return run


PEERS: Final[dict[str, Callable[[Path], Engine]]] = {
    "pylipsync": pylipsync,
    "wLipSync": wlipsync,
    "HeadAudio": headaudio,
}


def _vowels() -> Vowels:
    """A woman's five, held."""
    try:
        audio = files("pylipsync") / "phonemes" / "audio"
    except ImportError:
        raise ToolMissing(
            f"wLipSync comes without a profile and needs pylipsync's vowels: `pip install {PYLIPSYNC}`."
        ) from None
    found = {}
    for name in _THEIRS:
        if name != "silence":
            path = next(Path(str(audio / name)).iterdir())
            found[name] = at_48k(*decoded(path))
    return found


def _in_node(name: str, given: list[str], clips: Sequence[Clip], shapes: Sequence[str]) -> list[Moved]:
    """All clips in one process; the sound waits for as long as suits the mouth best, in steps of 10 ms."""
    with tempfile.TemporaryDirectory() as room:
        paths = [f"{room}/{i}.f32" for i in range(len(clips))]
        for path, clip in zip(paths, clips, strict=True):
            clip.samples.astype("<f4").tofile(path)
        command = ["node", str(_HERE / f"{name}.mjs"), *given, *paths]
        try:
            ran = subprocess.run(
                command, capture_output=True, text=True, check=False, env={**os.environ, "NODE_OPTIONS": ""}
            )
        except OSError:
            raise ToolMissing(f"{name}.mjs needs Node, and there is no node here.") from None
        if ran.returncode:
            raise ToolMissing(f"{name}.mjs failed: {ran.stderr.strip()[-200:]}")
        costs = [float(line) for line in ran.stdout.split()]
        rows = []
        for path, clip in zip(paths, clips, strict=True):
            own = np.fromfile(f"{path}.{name}", "<f4").reshape(-1, len(shapes))
            row = np.zeros((frames_of(clip), len(VISEMES)), np.float32)
            row[: len(own), [VISEMES.index(shape) for shape in shapes]] = own[: len(row)]
            rows.append(_closed(row))
    wait = best_wait(clips, rows)
    return [Moved(earlier(row, wait), cost, 10.0 * wait) for row, cost in zip(rows, costs, strict=True)]


def _closed(rows: F32) -> F32:
    """What is not opened is closed."""
    rows[:, 0] = np.maximum(rows[:, 0], 1 - rows[:, 1:].sum(axis=1))
    return rows
