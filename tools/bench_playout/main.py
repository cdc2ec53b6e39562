"""Play a conversation into a sound server, compare what it has recorded, and write it down in Markdown."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench_compositor.machine import machine
from bench_playout.conversation import conversation, expected
from bench_playout.server import Recorder, SoundServer
from mien.audio.apart import SHORT_RING_S
from mien.audio.device_playout import LONGEST_SEARCH_S, SEARCH_S
from mien.audio.pulse import LENGTH_S
from mien.clock import SAMPLE_RATE
from mien.types import F32

HOLDS_MS = (0, 40, 80, 100, 120, 150, 200)
MS = SAMPLE_RATE / 1000

_HEAD = """# What is heard of what is played

Written by `tools/bench_playout.py`; no figure here was typed by hand.

- Command: `python tools/{command}`
- Processor: {processor}, {cores} cores; {system}
- Sound server: {server}, a null sink of float32 at 48 kHz
- Date: {date}

A conversation of {turns} turns of about {seconds:g} s, joined or with short gaps, is played by a live
session on the default device: a ring in shared memory, the process that feeds the server, the server.
The sink's monitor is recorded by another process and compared with what was said, sample by sample.

## Somebody holds the interpreter's lock

A thread of the player holds it for so long, lets go for 10 ms, and again. "Position" is what the session
says is heard, less what is recorded at that moment. The server and the recording program
say something each 10 ms, whatever the player does: where that took much longer, the machine had no core for
them, and the row says more of the machine than of us.

| each hold | holds | recorded | position, mean | furthest off | its spread (sd) | server silent, at most |
|---:|---:|---|---:|---:|---:|---:|
"""

_INTERRUPTED = """
## Somebody interrupts

`interrupt()` is called while somebody speaks; "from the call" ends with the last sample that is not silent in
the recording of the sink's monitor, the fade of 8 ms included. "By the session" is what it says was heard
after the sample that was heard at the call.

| run | from the call to the last sound | by the session | handed over before the call |
|---:|---:|---:|---:|
{rows}
"""

_LOSS = """
## The server crashes and is started again

| | |
|---|---:|
| recorded before the crash | {before:.0f} ms: {wrong_before} |
| recorded after it was back | {after:.0f} ms: {wrong_after} |
| silent in between, by the session's timeline | {silent:.0f} ms |
| the timeline's length, less that of what was said | {longer} samples |
| losses counted | {losses} |

"{failure}"

The server was away for the time that it took to start it again; the session looks for the device {search:g} s
after the loss, and then less and less often, up to every {longest:g} s.

## What this does not say

- A null sink has no hardware: no crystal that drifts, no driver. PulseAudio tells PortAudio nothing of its
  own underruns, which is why the recording is looked at, and not only the counters.
- {ring:.0f} ms are in the ring and {latency:.0f} ms are asked of the server, and a hold that is longer is
heard. In the pauses of 10 ms others want the lock too; whoever misses a pause waits for two holds. - Devices
that PortAudio plays on hold 30 ms, of which nothing can be taken back.
"""


@dataclass(frozen=True, slots=True)
class Run:
    """One conversation, played and recorded."""

    told: dict[str, Any]
    recorded: F32
    """(n, 2) float32: all of it."""
    reads: np.ndarray
    """(n, 2) int64: samples recorded so far, and when in ns."""


def player(server: SoundServer, *options: str) -> subprocess.Popen[str]:
    """The program that plays, beginning now."""
    return subprocess.Popen(
        [sys.executable, "-m", "bench_playout.player", *options],
        cwd=Path(__file__).parents[1],
        env=server.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(server: SoundServer, options: tuple[str, ...]) -> Run:
    """Play it all, and record it."""
    with Recorder(server) as recorder:
        return finished(player(server, *options), recorder)


def finished(playing: subprocess.Popen[str], recorder: Recorder) -> Run:
    """Wait for the end of the conversation."""
    out, err = playing.communicate()
    if playing.returncode:
        raise RuntimeError(f"the player failed:\n{err}")
    return Run(json.loads(out), recorder.samples(), np.array(recorder.reads))


def sounding(recorded: F32) -> slice:
    """From the first sound to the last; empty when there is none."""
    heard = np.flatnonzero(recorded.any(axis=1))
    return slice(int(heard[0]), int(heard[-1]) + 1) if heard.size else slice(0, 0)


def flaws(recorded: F32, wanted: F32) -> tuple[int, int, int]:
    """Samples of silence put in, samples that are missing, and the first one that is wrong, or -1.

    No sample of what is said is zero.
    """
    said, heard = wanted[wanted.any(axis=1)], recorded[recorded.any(axis=1)]
    silence = (len(recorded) - len(heard)) - (len(wanted) - len(said))
    both = min(len(heard), len(said))
    wrong = np.flatnonzero(np.abs(heard[:both] - said[:both]).max(axis=1, initial=0.0) > 1e-6)
    return silence, len(said) - len(heard), int(wrong[0]) if wrong.size else -1


def _in_words(recorded: F32, wanted: F32) -> str:
    silence, missing, wrong = flaws(recorded, wanted)
    if (silence, missing, wrong) == (0, 0, -1):
        return "every sample right"
    return f"{silence} samples of silence put in, {missing} missing, wrong from {wrong} on"


def recorded_at(run: Run, at_ns: np.ndarray) -> np.ndarray:
    """(n,) float64: samples recorded by then; a straight line through the recorder's reads."""
    part = sounding(run.recorded)
    total, read_ns = run.reads[:, 0], run.reads[:, 1]
    inside = (total > part.start) & (total < part.stop)
    slope, height = np.polyfit(read_ns[inside] - read_ns[0], total[inside], 1)
    by_then: np.ndarray = slope * (at_ns - read_ns[0]) + height
    return by_then


def position_error(run: Run, wanted: F32) -> np.ndarray:
    """(n,) float64: in ms, what the position said less what was recorded, while the conversation went on."""
    start = run.told["events"][0][1]
    position, seen_ns = np.array(run.told["positions"]).T
    error = position - (recorded_at(run, seen_ns) - sounding(run.recorded).start + start)
    during: np.ndarray = error[(position > start) & (position < start + len(wanted))] / MS
    return during


def hold_row(hold_ms: int, run: Run, wanted: F32) -> str:
    """A row of the first table."""
    error = position_error(run, wanted)
    recorded = _in_words(run.recorded[sounding(run.recorded)], wanted)
    off = error[np.abs(error).argmax()]
    silent = float(np.diff(run.reads[:, 1]).max()) / 1e6
    figures = (f"{error.mean():+.2f} ms", f"{off:+.2f} ms", f"{error.std():.2f} ms", f"{silent:.0f} ms")
    return f"| {' | '.join((f'{hold_ms} ms', str(run.told['holds']), recorded, *figures))} |"


def interrupt_row(number: int, run: Run) -> str:
    """A row of the second table."""
    told = run.told["interrupted"]
    took = sounding(run.recorded).stop - recorded_at(run, np.array([told["at_ns"]]))[0]
    ends = [event[1] for event in run.told["events"] if event[0] == "Ended" and event[1] > told["position"]]
    figures = (took, min(ends, default=told["position"]) - told["position"], told["handed_over"])
    return f"| {number} | {' | '.join(f'{figure / MS:.0f} ms' for figure in figures)} |"


def crash(server: SoundServer, options: tuple[str, ...], wanted: F32) -> str:
    """The last table."""
    with Recorder(server) as before:
        playing = player(server, *options)
        assert playing.stderr is not None
        while "speaking" not in playing.stderr.readline():
            if playing.poll() is not None:
                raise RuntimeError("the player failed before it spoke")
        before.until(before.reads[-1][0] + 2 * SAMPLE_RATE)
        server.kill()
    server.start()
    with Recorder(server) as after:
        ended = finished(playing, after)
    first, rest = before.samples(), ended.recorded
    first, rest = first[sounding(first)], rest[sounding(rest)]
    events = [event for event in ended.told["events"] if event[0] in ("Started", "Ended")]
    return _LOSS.format(
        before=len(first) / MS,
        wrong_before=_in_words(first, wanted[: len(first)]),
        after=len(rest) / MS,
        wrong_after=_in_words(rest, wanted[len(wanted) - len(rest) :]),
        silent=(len(wanted) - len(first) - len(rest)) / MS,
        longer=events[-1][1] - events[0][1] - len(wanted),
        losses=ended.told["losses"],
        failure="; ".join(ended.told["failures"]),
        latency=1000 * LENGTH_S,
        ring=1000 * SHORT_RING_S,
        search=SEARCH_S,
        longest=LONGEST_SEARCH_S,
    )


def page(turns: int, seconds: float, holds_ms: Sequence[int] = HOLDS_MS) -> str:
    """All of it, as Markdown."""
    here = machine()
    said = ("--turns", str(turns), "--seconds", str(seconds))
    wanted = expected(conversation(turns, seconds))
    version = subprocess.run(["pulseaudio", "--version"], capture_output=True, text=True, check=True).stdout
    text = _HEAD.format(
        command=" ".join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        processor=here.processor,
        cores=here.cores,
        system=here.system,
        server=version.strip(),
        date=here.date,
        turns=turns,
        seconds=seconds,
    )
    with tempfile.TemporaryDirectory() as folder, SoundServer(Path(folder)) as server:
        for hold_ms in holds_ms:
            text += hold_row(hold_ms, run(server, (*said, "--hold-ms", str(hold_ms))), wanted) + "\n"
        interrupted = (*said, "--interrupt-s")
        rows = (interrupt_row(k + 1, run(server, (*interrupted, str(1.5 + 0.013 * k)))) for k in range(6))
        text += _INTERRUPTED.format(rows="\n".join(rows))
        return text + crash(server, said, wanted)


def main() -> int:
    """Run it; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=12, help="of the conversation (default: 12)")
    parser.add_argument("--seconds", type=float, default=1.0, help="of a turn, about (default: 1)")
    parser.add_argument(
        "--holds-ms", type=int, nargs="+", default=HOLDS_MS, metavar="MS", help="how long the lock is held"
    )
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page there instead")
    options = parser.parse_args()
    if options.turns < 1 or not 0.1 <= options.seconds <= 600:
        parser.error("--turns must be at least 1, and --seconds between 0.1 and 600")
    if not shutil.which("pulseaudio") or not shutil.which("parec"):
        print("PulseAudio is missing: tools/setup test installs it", file=sys.stderr)
        return 1
    text = page(options.turns, options.seconds, options.holds_ms)
    if options.write:
        options.write.write_text(text, encoding="utf-8")
    else:
        print(text)
    return 0
