#!/usr/bin/env python3
"""How long a turn's first sound takes: decoded as a stream, as Mien does, and as a whole clip, as was done.

Each codec holds the same 10 s of speech. The ways take turns in one process; the first round does not count.
"Bytes" and "file" are what a host hands over whole; "pushed" arrives in pieces of 1 KiB as fast as they can
be pushed, through `EncodedFeed` and a thread of its own.
"""

from __future__ import annotations

import argparse
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

# The package is beside this file.
from bench_compositor.machine import Machine, machine
from mien.audio import DecodeWorker, TurnAudio
from mien.audio.container import Decoder
from mien.audio.features import MouthAnalyser
from mien.audio.sources import AudioInput, EncodedFeed
from mien.catalog import bundled
from mien.types import F32

SECONDS = 10
CODECS = (
    ("WAV, 16 bit", "wav", "pcm_s16le", 48_000),
    ("WAV, float", "wav", "pcm_f32le", 48_000),
    ("FLAC", "flac", "flac", 48_000),
    ("MP3", "mp3", "libmp3lame", 48_000),
    ("Ogg Opus", "ogg", "libopus", 48_000),
    ("WebM Opus", "webm", "libopus", 48_000),
    ("AAC (ADTS)", "adts", "aac", 48_000),
    ("M4A", "mp4", "aac", 48_000),
)
ROUNDS = 9
TARGET_MS = 10.0


def speech() -> F32:
    """(480000,) float32: the bundled conversation, as long as it is needed."""
    parts: list[F32] = []
    for path in sorted((bundled("conversations", "hello") / "audio").iterdir()):
        with closing(Decoder(path)) as decoder:
            parts.extend(decoder.pieces())
    return np.resize(np.concatenate(parts), SECONDS * 48_000)


def encoded(samples: F32, container: str, codec: str, rate: int) -> bytes:
    """The bytes of an audio file."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream: Any = out.add_stream(codec, rate=rate, layout="mono")
        kind = stream.codec_context.codec.audio_formats[0].name
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 48_000, 0, Fraction(1, 48_000)
        size = stream.codec_context.frame_size or 1024
        resampler = av.AudioResampler(kind, "mono", rate, frame_size=size)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return file.getvalue()


def whole(data: bytes) -> float:
    """Milliseconds until a clip is decoded and listened to whole: the old way to begin a turn."""
    began = time.perf_counter()
    with closing(Decoder(data)) as decoder:
        sound = np.concatenate(list(decoder.pieces()))
    MouthAnalyser().push(sound)
    return (time.perf_counter() - began) * 1000


def first(source: AudioInput, push: Callable[[], None]) -> float:
    """Milliseconds from `say` (or the first push) to a first sample in the turn's inbox."""
    with DecodeWorker(rest_s=0.004) as worker:
        began = time.perf_counter()
        turn = worker.submit(source, TurnAudio("t"))
        push()
        while not turn.samples_decoded:
            worker.progress.wait(1)
            worker.progress.clear()
        return (time.perf_counter() - began) * 1000


def pushed(data: bytes) -> float:
    """The same for a stream."""
    feed = EncodedFeed()

    def push() -> None:
        for at in range(0, len(data), 1024):
            feed.push(data[at : at + 1024])
        feed.end()

    return first(feed, push)


def measure(rounds: int) -> list[tuple[str, dict[str, list[float]]]]:
    """For each codec, each way's milliseconds, a value a round."""
    sound, results = speech(), []
    with tempfile.TemporaryDirectory() as folder:
        for name, container, codec, rate in CODECS:
            data = encoded(sound, container, codec, rate)
            path = Path(folder) / "speech"
            path.write_bytes(data)
            ways: dict[str, Callable[[], float]] = {
                "whole": lambda data=data: whole(data),  # type: ignore[misc]
                "file": lambda path=path: first(path, _nothing),  # type: ignore[misc]
                "bytes": lambda data=data: first(data, _nothing),  # type: ignore[misc]
            }
            if container != "mp4":  # whose index may stand at its end
                ways["pushed"] = lambda data=data: pushed(data)  # type: ignore[misc]
            times: dict[str, list[float]] = {way: [] for way in ways}
            for round_ in range(rounds + 1):
                for way, run in ways.items():
                    took = run()
                    if round_:
                        times[way].append(took)
            results.append((name, times))
    return results


def report(results: list[tuple[str, dict[str, list[float]]]], here: Machine, rounds: int) -> str:
    """Markdown."""
    lines = [
        "# Time to a turn's first sound",
        "",
        "Written by `tools/bench_audio.py`; no figure here was typed by hand.",
        "",
        "- Command: `python tools/bench_audio.py --write docs/benchmarks/audio.md`",
        f"- Processor: {here.processor}, {here.cores} cores; {here.system}",
        f"- Date: {here.date}",
        "",
        f"The same {SECONDS} s of speech in each codec, {rounds} rounds, the ways taking turns. Times are in",
        "milliseconds, median (worst). *Whole* decodes the clip and listens to all of it before the turn",
        "begins, as the old way did; the others are from `say`, or the first push, to a first sample that",
        f"can be played, through the decode worker. The target is {TARGET_MS:g} ms.",
        "",
        "| codec | whole | file | bytes | pushed in KiB | file / whole |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, times in results:
        cells = [_cell(times.get(way)) for way in ("whole", "file", "bytes", "pushed")]
        ratio = statistics.median(times["file"]) / statistics.median(times["whole"])
        lines.append(f"| {name} | {' | '.join(cells)} | {ratio:.3f} |")
    streamed = [
        ms for _, times in results for way, all_ms in times.items() if way != "whole" for ms in all_ms
    ]
    over = sum(ms > TARGET_MS for ms in streamed)
    lines += ["", f"Of {len(streamed)} beginnings, {over} took longer than {TARGET_MS:g} ms."]
    return "\n".join(lines) + "\n"


def _cell(times: list[float] | None) -> str:
    return f"{statistics.median(times):.1f} ({max(times):.1f})" if times else "-"


def _nothing() -> None:
    return None


def main() -> int:
    """Run the tool; 2 when the file cannot be written."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--write", metavar="FILE", type=Path, help="write the Markdown there")
    options = parser.parse_args()
    text = report(measure(options.rounds), machine(), options.rounds)
    if options.write is None:
        print(text)
        return 0
    try:
        options.write.write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"bench_audio.py: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
