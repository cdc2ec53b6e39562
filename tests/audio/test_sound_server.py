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
from bench_playout.server import Recorder, SoundServer  # noqa: E402

TURNS = 12
STARVED_MS = 150.0
"""A machine that leaves the server and its recorder without a core for so long is no machine to record on."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a conversation."""

    recorded: np.ndarray
    """(n, 2) float32: from the first sound to the end of the recording."""
    told: dict[str, Any]
    """What the player counted."""
    silence_ms: float
    """The longest that the server and its recorder said nothing."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SoundServer]:
    for program in ("pulseaudio", "parec", "pactl"):
        assert shutil.which(program), f"{program} is missing; tools/test installs it"
    with SoundServer(tmp_path) as started:
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


def play(server: SoundServer, *options: str) -> Heard:
    with Recorder(server) as recorder:
        playing = player(server, *options)
        out, err = playing.communicate()
        assert playing.returncode == 0, err
    recorded = recorder.samples()
    sounding = np.flatnonzero(recorded.any(axis=1))
    assert sounding.size, "nothing was recorded"
    return Heard(recorded[sounding[0] :], json.loads(out), recorder.longest_silence_ms())


def difference(heard: Heard) -> str:
    """Where the recording is not what was said; empty when it is, and is followed by silence."""
    wanted = expected(conversation(TURNS))
    if len(heard.recorded) < len(wanted):
        return f"{len(heard.recorded)} samples instead of {len(wanted)}"
    wrong = np.flatnonzero(np.abs(heard.recorded[: len(wanted)] - wanted).max(axis=1) > 1e-6)
    if wrong.size:
        return f"{wrong.size} samples are wrong, the first one at {wrong[0]} of {len(wanted)}"
    return "sound after the end" if heard.recorded[len(wanted) :].any() else ""


@pytest.mark.parametrize("hold_ms", [0, 80])
def test_twelve_turns_are_heard_to_the_sample_also_while_somebody_holds_the_interpreters_lock(
    server: SoundServer, hold_ms: int, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--turns", str(TURNS), "--hold-ms", str(hold_ms))
    heard = play(server, *options)
    wrong = difference(heard)
    if wrong and heard.silence_ms > STARVED_MS:
        # A server without a core drops sound. What we do wrong, we do again.
        with capsys.disabled():
            print(f"\nrecorded anew: {wrong}; the server had no core for {heard.silence_ms:.0f} ms")
        heard = play(server, *options)
        wrong = difference(heard)
    assert not wrong
    counters = heard.told["counters"]
    assert (counters["turns_ended"], counters["underruns"], counters["added_gap_samples"]) == (TURNS, 0, 0)
    assert (heard.told["device"], heard.told["losses"]) == ("default", 0)
    assert bool(heard.told["holds"]) == bool(hold_ms)
