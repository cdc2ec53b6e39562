"""How long a bundled conversation takes to become a video file, and which threads take it.

`ahead` is what `mien render` does: the next frame is drawn while one is encoded, with the default preset.
`one by one` draws a frame, reads it and hands it on before the next, with the preset `veryfast`, as
`mien render` did before. Both take turns in one process; the first round does not count.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench_compositor.machine import Machine, machine
from bench_render.presets import Trial, try_presets
from mien.catalog import bundled_or_path
from mien.cli.options import size
from mien.stage.encoders import DEFAULT_PRESET
from mien.stage.offline import Stage
from mien.stage.video_file import VideoFile
from mien.talk import load_conversation
from mien.types import U8, Size

WAYS = {"one by one": "veryfast", "ahead": DEFAULT_PRESET}
SKIPPED = 30
"""Frames before those that presets are tried on: nobody speaks yet."""
_THREADS = """Processor time by thread, ms a frame. The decoder works up to 75 s ahead of what plays, so
that its share of a longer file is less.
"""
_TASKS = Path("/proc/self/task")


@dataclass(frozen=True, slots=True)
class Run:
    """One file."""

    frames: int
    played_s: float
    took_s: float
    """From the first frame until the file is whole."""
    cpu_s: float
    by_thread: dict[str, float]
    """Seconds of processor time until the last frame was handed on; empty where the system does not say."""


def thread_times() -> Counter[str]:
    """Seconds of processor time so far: of Python's threads by name, of others by what they are for."""
    names = {thread.native_id: thread.name for thread in threading.enumerate()}
    times: Counter[str] = Counter()
    for task in _TASKS.iterdir() if _TASKS.is_dir() else ():
        try:
            ran_ns = int((task / "schedstat").read_text().split()[0])
            other = (task / "comm").read_text().strip()
        except OSError:  # it has ended
            continue
        other = "llvmpipe" if other.startswith("llvmpipe") else "encoder's own"
        times[names.get(int(task.name), other)] += ran_ns / 1e9
    return times


def render(conversation: str, wanted: Size, seconds: float, way: str, path: Path) -> Run:
    """Render so many seconds of a bundled conversation."""
    loaded = load_conversation(bundled_or_path("conversations", conversation))
    with Stage.of(loaded, size=wanted) as stage:
        picture = np.empty((wanted.height, wanted.width, 4), np.uint8)
        frames = stage.frames_ahead if way == "ahead" else lambda **named: stage.frames(out=picture, **named)
        before, began, cpu = thread_times(), time.perf_counter(), time.process_time()
        with VideoFile(path, wanted, stage.fps, preset=WAYS[way]) as video:
            for drawn in frames(seconds=seconds):
                video.write(drawn, stage.sound)
            times = thread_times()
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
        count = stage.ledger.frames_produced
        return Run(count, count / float(stage.fps), took, cpu, dict(times - before))


def pictures_of(conversation: str, wanted: Size, count: int) -> list[U8]:
    """Frames for the presets."""
    with Stage.of(load_conversation(bundled_or_path("conversations", conversation)), size=wanted) as stage:
        return [frame for i, frame in enumerate(stage.frames(seconds=(SKIPPED + count) / 30)) if i >= SKIPPED]


def report(runs: dict[str, list[Run]], trials: list[Trial], here: Machine, what: str, command: str) -> str:
    """Markdown."""
    text = f"""# Time to a video file

Written by `tools/bench_render.py`; no figure here was typed by hand.

- Command: `{command}`
- Processor: {here.processor}, {here.cores} cores; {here.system}
- Renderer: {here.renderer}
- Date: {here.date}{_class()}

{what}; medians of {len(runs["ahead"])} rounds, the ways
taking turns. *Ahead* is what `mien render` does: the next frame is drawn while one is encoded, by the preset
`{DEFAULT_PRESET}`. *One by one* is what it did before, by `veryfast`.

| | milliseconds a frame | processor time a frame, ms | of the time it plays |
|---|---:|---:|---:|
"""
    for way, done in runs.items():
        took, cpu, share = (
            statistics.median(values)
            for values in (
                [1000 * run.took_s / run.frames for run in done],
                [1000 * run.cpu_s / run.frames for run in done],
                [run.took_s / run.played_s for run in done],
            )
        )
        text += f"| {way} | {took:.1f} | {cpu:.1f} | {share:.2f} |\n"
    names = sorted({name for done in runs.values() for run in done for name in run.by_thread})
    if names:
        text += f"\n{_THREADS}\n| | {' | '.join(names)} |\n"
        text += f"|---|{'---:|' * len(names)}\n"
        for way, done in runs.items():
            cells = [
                _cell([1000 * run.by_thread.get(name, 0) / run.frames for run in done]) for name in names
            ]
            text += f"| {way} | {' | '.join(cells)} |\n"
    return text + _presets(trials) if trials else text


def _presets(trials: list[Trial]) -> str:
    text = """
## Presets

All at a constant rate factor of 17 with the tuning for drawn art. PSNR and SSIM are of luma, against what
the encoder was given. Processor time is the encoder's alone. The two quickest presets leave out the
macroblock tree; Mien has it put back, with a look ahead of ten frames.

| preset | processor time a frame, ms | Mbit/s | PSNR, dB | of the worst frame | SSIM |
|---|---:|---:|---:|---:|---:|
"""
    for one in trials:
        name = f"**{one.name}** (default)" if one.name == DEFAULT_PRESET else one.name
        quality = f"{one.psnr_db:.1f} | {one.worst_db:.1f} | {one.ssim:.4f}"
        text += f"| {name} | {one.cpu_ms:.2f} | {one.mbit_s:.2f} | {quality} |\n"
    return text


def _class() -> str:
    if hasattr(os, "sched_getscheduler") and os.sched_getscheduler(0) != os.SCHED_OTHER:
        return "\n- In a real-time scheduling class: what else the machine did is no part of the figures."
    return f"; load average before it: {os.getloadavg()[0]:.1f}"


def _cell(values: list[float]) -> str:
    return f"{statistics.median(values):.1f}"


def main() -> int:
    """Run the tool; 2 when the file cannot be written."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--conversation", default="night_shift", help="a bundled one, or a folder")
    parser.add_argument("--size", type=size, default=Size(1280, 720), metavar="WxH")
    parser.add_argument("--seconds", type=float, default=5.0, help="of the conversation (default 5)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--preset-frames", type=int, default=90, help="for the presets; 0: leave them out")
    parser.add_argument("--write", metavar="FILE", type=Path, help="write the Markdown there")
    options = parser.parse_args()
    runs: dict[str, list[Run]] = defaultdict(list)
    here, trials = machine(), []
    with tempfile.TemporaryDirectory() as folder:
        for round_ in range(options.rounds + 1):
            for way in sorted(WAYS, reverse=round_ % 2 == 0):
                run = render(options.conversation, options.size, options.seconds, way, Path(folder) / "a.mp4")
                if round_:
                    runs[way].append(run)
        if options.preset_frames:
            pictures = pictures_of(options.conversation, options.size, options.preset_frames)
            trials = try_presets(pictures, 30, Path(folder))
    what = (
        f"{options.seconds:g} s of `{options.conversation}`, two characters at "
        f"{options.size.width}x{options.size.height}, 30 frames a second"
    )
    command = " ".join(["python", "tools/bench_render.py", *sys.argv[1:]])
    text = report({way: runs[way] for way in WAYS}, trials, here, what, command)
    if options.write is None:
        print(text)
        return 0
    try:
        options.write.write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"bench_render.py: {error}", file=sys.stderr)
        return 2
    return 0
