"""How long a turn's first sound takes: decoded as a stream, as Mien does, and as a whole clip, as was done.

Each codec holds the same 10 s of speech. The ways take turns in one process, on one decode worker; the first
round does not count.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import TypeAlias

from bench_audio.clips import SECONDS, encode, served, speech
from bench_compositor.machine import Machine, machine
from mien.audio import AudioInput, DecodeWorker, EncodedFeed, PcmFeed, TurnAudio
from mien.prove.old_way.sound import decode_whole

CODECS = (
    ("WAV, 16 bit", "wav", "pcm_s16le"),
    ("WAV, float", "wav", "pcm_f32le"),
    ("FLAC", "flac", "flac"),
    ("MP3", "mp3", "libmp3lame"),
    ("Ogg Opus", "ogg", "libopus"),
    ("WebM Opus", "webm", "libopus"),
    ("AAC (ADTS)", "adts", "aac"),
    ("M4A", "mp4", "aac"),
)
KINDS = ("file", "bytes", "file object", "address", "iterator", "pushed")
ROUNDS = 20
TARGET_MS = 10.0
PIECE = 1024
"""Bytes of a stream that come at once."""

Times: TypeAlias = dict[str, list[float]]
"""For each way, milliseconds, a value a round."""

_HEAD = """# Time to a turn's first sound

Written by `tools/bench_audio.py`; no figure here was typed by hand.

- Command: `python tools/bench_audio.py --write docs/benchmarks/audio.md`
- Processor: {here.processor}, {here.cores} cores; {here.system}
- Date: {here.date}; {load}

The same {seconds} s of speech in each codec, {rounds} rounds, the ways taking turns. Times are milliseconds,
median (worst), to a first sample that can be played. *Whole* is the old way: the file is decoded to its end
before the turn begins. The others go through the decode worker, from `say` on: a file by name, its bytes, a
file object, an address (a server in this process), an iterator of pieces of {piece} bytes. *Pushed* gives a
feed one such piece at a time, the next when the feed has starved, and counts from the piece with which sound
came; *needed* is how much had been pushed by then, and the share of the {seconds} s that it is. The target is
{target:g} ms.

| codec | whole | {kinds} | needed | file : whole |
|---|---:|{rules}---:|---:|
"""

_TAIL = """
- Pushed PCM: {pcm}, from `push` on.
- Of {count} beginnings, {over} took longer than {target:g} ms; the worst one {worst:.1f} ms.
- What *needed* says is FFmpeg's: of Ogg it wants a page, of FLAC ten frames. The M4A has its index
  at its beginning; one that has it at its end can only be read where one can go back.
"""

_BUSY = """- Beside a thread that is busy with Python, the files by name, as the worker measures it: {busy}.
  Each call that releases the interpreter's lock may wait 5 ms to get it back; turns are decoded ahead for
  that.
"""


@dataclass(slots=True)
class Result:
    """What was measured of a codec."""

    name: str
    times: Times = field(default_factory=dict)
    needed: int = 0
    """Bytes pushed before the first sample, at most."""
    size: int = 0


def whole(path: Path) -> float:
    """Milliseconds until a clip is decoded to its end."""
    began = time.perf_counter()
    decode_whole(str(path))
    return (time.perf_counter() - began) * 1000


class Bench:
    """A decode worker, and turns that begin on it, one after the other."""

    def __init__(self, worker: DecodeWorker) -> None:
        self._worker = worker
        self.worker_ms = 0.0
        """What the worker says of the last turn: waiting for its thread and for ours is not in it."""

    def beside_python(self, paths: list[Path], rounds: int) -> list[float]:
        """Milliseconds by the worker's measure, while another thread never lets go of the lock by itself."""
        over, found = threading.Event(), []
        busy = threading.Thread(target=lambda: all(not over.is_set() for _ in count()))
        busy.start()
        for path in paths * rounds:
            self.first(path)
            found.append(self.worker_ms)
        over.set()
        busy.join()
        return found

    def first(self, source: AudioInput, push: Callable[[], object] | None = None) -> float:
        """Milliseconds to a first sample in the turn's inbox from `say` on, or from `push` on."""
        began = time.perf_counter()
        turn = self._worker.submit(source, TurnAudio("t"))
        if push is not None:
            began = time.perf_counter()
            push()
        self._wait(turn, lambda: turn.samples_decoded > 0)
        took = (time.perf_counter() - began) * 1000
        self._drop(turn)
        self.worker_ms = turn.first_pcm_ms or took
        return took

    def pushed(self, data: bytes) -> tuple[float, int]:
        """Milliseconds from the push of the piece that made sound possible, and the bytes pushed with it."""
        feed = EncodedFeed()
        turn = self._worker.submit(feed, TurnAudio("t"))
        self._wait(turn, lambda: feed.starved)
        at, began = 0, 0.0
        while not turn.samples_decoded:
            piece = data[at : at + PIECE]
            began = time.perf_counter()
            feed.push(piece)
            self._wait(turn, lambda: turn.samples_decoded > 0 or feed.starved)
            at += len(piece)
        took = (time.perf_counter() - began) * 1000
        self._drop(turn)
        return took, at

    def _drop(self, turn: TurnAudio) -> None:
        turn.dropped = True
        self._worker.nudge()
        self._wait(turn, lambda: turn.done)

    def _wait(self, turn: TurnAudio, condition: Callable[[], bool]) -> None:
        while not condition():
            if turn.error is not None:
                raise turn.error
            self._worker.progress.wait(1)
            self._worker.progress.clear()


def measure(rounds: int) -> tuple[list[Result], list[float], list[float]]:
    """What was measured of each codec, of pushed PCM, and of files beside busy Python."""
    sound, results = speech(), []
    with tempfile.TemporaryDirectory() as folder, served(folder) as address, DecodeWorker() as worker:
        bench = Bench(worker)
        for name, container, codec in CODECS:
            path = Path(folder) / container
            encode(sound, path, container, codec)
            results.append(_codec(bench, Result(name), path, f"{address}/{container}", rounds))
        pcm = []
        for _ in range(rounds + 1):
            feed = PcmFeed(24_000)
            pcm.append(bench.first(feed, partial(feed.push, sound[:480])))
        paths = [Path(folder) / container for _, container, _ in CODECS]
        # A busy thread of a real-time class keeps its core from all others: that is no host's.
        busy = [] if _realtime() else bench.beside_python(paths, rounds)
        return results, pcm[1:], busy


def _codec(bench: Bench, result: Result, path: Path, address: str, rounds: int) -> Result:
    data = path.read_bytes()
    result.size = len(data)

    def pushed() -> float:
        took, needed = bench.pushed(data)
        result.needed = max(result.needed, needed)
        return took

    ways: dict[str, Callable[[], float]] = {
        "whole": lambda: whole(path),
        "file": lambda: bench.first(path),
        "bytes": lambda: bench.first(data),
        "file object": lambda: bench.first(io.BytesIO(data)),
        "address": lambda: bench.first(address),
        "iterator": lambda: bench.first(data[at : at + PIECE] for at in range(0, len(data), PIECE)),
        "pushed": pushed,
    }
    for round_ in range(rounds + 1):
        turned = deque(ways)
        turned.rotate(round_)  # what comes behind another's garbage is not always the same
        for way in turned:
            took = ways[way]()
            if round_:
                result.times.setdefault(way, []).append(took)
    return result


def report(
    results: list[Result], pcm: list[float], busy: list[float], here: Machine, load: str, rounds: int
) -> str:
    """Markdown."""
    text = _HEAD.format(
        here=here,
        load=load,
        seconds=SECONDS,
        rounds=rounds,
        piece=PIECE,
        target=TARGET_MS,
        kinds=" | ".join(KINDS),
        rules="---:|" * len(KINDS),
    )
    for result in results:
        cells = [_cell(result.times.get(way)) for way in ("whole", *KINDS)]
        share = 100 * result.needed / result.size
        cells.append(f"{result.needed / 1024:.0f} KiB, {share:.1f} %" if result.needed else "-")
        ratio = statistics.median(result.times["file"]) / statistics.median(result.times["whole"])
        text += f"| {result.name} | {' | '.join(cells)} | {ratio:.3f} |\n"
    begun = [ms for result in results for way in KINDS for ms in result.times.get(way, ())] + pcm
    return (
        text
        + _TAIL.format(
            pcm=_cell(pcm),
            count=len(begun),
            over=sum(ms > TARGET_MS for ms in begun),
            worst=max(begun),
            target=TARGET_MS,
        )
        + (_BUSY.format(busy=_cell(busy)) if busy else "")
    )


def _realtime() -> bool:
    return hasattr(os, "sched_getscheduler") and os.sched_getscheduler(0) != os.SCHED_OTHER


def _cell(times: list[float] | None) -> str:
    return f"{statistics.median(times):.1f} ({max(times):.1f})" if times else "-"


def main() -> int:
    """Run the tool; 2 when the file cannot be written."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--write", metavar="FILE", type=Path, help="write the Markdown there")
    options = parser.parse_args()
    load = f"load average before it: {os.getloadavg()[0]:.1f}"
    if _realtime():
        load = "in a real-time scheduling class: what else the machine did is no part of the figures"
    text = report(*measure(options.rounds), machine(), load, options.rounds)
    if options.write is None:
        print(text)
        return 0
    try:
        options.write.write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"bench_audio.py: {error}", file=sys.stderr)
        return 2
    return 0
