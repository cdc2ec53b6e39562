"""A conversation played on a real sound device, and what a sound server has recorded of it.

Each test has a server of its own, in a folder of its own: nobody's sound is touched.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

TOOLS = Path(__file__).parents[2] / "tools"
sys.path.insert(0, str(TOOLS))

from bench_playout.conversation import conversation, expected  # noqa: E402
from bench_playout.main import flaws  # noqa: E402
from bench_playout.server import Recorder, SoundServer  # noqa: E402

TURNS = 12
SECONDS = 0.4
SAID = ("--turns", str(TURNS), "--seconds", str(SECONDS))
STARVED_MS = 150.0
"""A machine that leaves the server and its recorder without a core for so long is no machine to record on."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a conversation."""

    recorded: np.ndarray
    """(n, 2) float32: from the first sound to the last."""
    told: dict[str, Any]
    """What the player counted."""
    silence_ms: float
    """The longest that the server and its recorder said nothing."""


@pytest.fixture
def form() -> str:
    return "float32le"


@pytest.fixture
def server(tmp_path: Path, form: str) -> Iterator[SoundServer]:
    if shutil.which("pipewire-pulse") and not shutil.which("pulseaudio"):
        pytest.skip("PulseAudio's package would remove PipeWire's sound, so tools/setup leaves it out here")
    for program in ("pulseaudio", "parec", "pactl"):
        assert shutil.which(program), f"{program} is missing; tools/test installs it"
    with SoundServer(tmp_path, form) as started:
        yield started


def player(server: SoundServer, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "bench_playout.player", *options],
        cwd=TOOLS,
        env=server.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def sound(recorder: Recorder) -> np.ndarray:
    """(n, 2) float32: what was recorded, from the first sound to the last."""
    recorded = recorder.samples()
    sounding = np.flatnonzero(recorded.any(axis=1))
    assert sounding.size, "nothing was recorded"
    return recorded[sounding[0] : sounding[-1] + 1]


def play(server: SoundServer, *options: str) -> Heard:
    with Recorder(server) as recorder:
        playing = player(server, *options)
        out, err = playing.communicate()
        assert playing.returncode == 0, err
    return Heard(sound(recorder), json.loads(out), recorder.longest_silence_ms())


def difference(recorded: np.ndarray, wanted: np.ndarray, step: float = 1e-6) -> str:
    """Where they differ by more than a step; empty when they do not."""
    if len(recorded) != len(wanted):
        return f"{len(recorded)} samples instead of {len(wanted)}"
    wrong = np.flatnonzero(np.abs(recorded - wanted).max(axis=1, initial=0.0) > step)
    return (
        f"{wrong.size} samples are wrong, the first one at {wrong[0]} of {len(wanted)}" if wrong.size else ""
    )


@pytest.mark.parametrize("hold_ms", [0, 80])
def test_twelve_turns_are_heard_to_the_sample_also_while_somebody_holds_the_interpreters_lock(
    server: SoundServer, hold_ms: int, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = expected(conversation(TURNS, SECONDS))
    heard = play(server, *SAID, "--hold-ms", str(hold_ms))
    wrong = difference(heard.recorded, wanted)
    if wrong and heard.silence_ms > STARVED_MS:
        # A server without a core drops sound. What we do wrong, we do again.
        with capsys.disabled():
            sys.stdout.write(f"\nrecorded anew, no core for {heard.silence_ms:.0f} ms: {wrong}\n")
        heard = play(server, *SAID, "--hold-ms", str(hold_ms))
        wrong = difference(heard.recorded, wanted)
    assert not wrong
    counters = heard.told["counters"]
    assert (counters["turns_ended"], counters["underruns"], counters["added_gap_samples"]) == (TURNS, 0, 0)
    assert (heard.told["device"], heard.told["losses"]) == ("default", 0)
    assert bool(heard.told["holds"]) == bool(hold_ms)


def test_after_the_server_has_crashed_and_is_back_the_rest_is_heard_to_the_sample(
    server: SoundServer,
) -> None:
    wanted = expected(conversation(TURNS, SECONDS))
    with Recorder(server) as before:
        playing = player(server, *SAID)
        assert playing.stderr is not None
        while "speaking" not in playing.stderr.readline():
            assert playing.poll() is None
        before.until(before.reads[-1][0] + 48_000)
        server.kill()
    server.start()
    with Recorder(server) as after:
        out, err = playing.communicate()
    assert playing.returncode == 0, err
    first, rest = sound(before), sound(after)
    assert len(first) + len(rest) < len(wanted)
    assert not difference(first, wanted[: len(first)])
    assert not difference(rest, wanted[len(wanted) - len(rest) :])
    told = json.loads(out)
    assert told["losses"] == len(told["failures"]) == 1
    assert "'default' stopped" in told["failures"][0]
    # On the timeline nothing happened: turn follows turn, and each has had its time.
    spans = [event for event in told["events"] if event[0] in ("Started", "Ended")]
    assert (spans[-1][1] - spans[0][1], told["counters"]["turns_ended"]) == (len(wanted), TURNS)
    heard = [position for position, _ in told["positions"]]
    assert heard == sorted(heard)


@pytest.mark.parametrize("form", ["s16le"])
def test_a_device_of_16_bits_is_right_to_its_step(server: SoundServer) -> None:
    heard = play(server, "--turns", "2", "--seconds", "0.2")
    assert not difference(heard.recorded, expected(conversation(2, 0.2)), 1.001 / 32768)


def test_the_benchmark_tells_silence_put_in_from_samples_missing_and_wrong() -> None:
    wanted = expected(conversation(2, 0.2))
    assert flaws(wanted, wanted) == (0, 0, -1)
    assert flaws(np.insert(wanted, 700, np.zeros((9, 2)), axis=0), wanted) == (9, 0, -1)
    assert flaws(np.delete(wanted, slice(700, 705), axis=0), wanted) == (0, 5, 700)
    changed = wanted.copy()
    changed[800] += 0.001
    assert flaws(changed, wanted) == (0, 0, 800)
