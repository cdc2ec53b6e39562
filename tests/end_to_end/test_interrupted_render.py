"""`mien render` in a pipe: it says how far it is, and Ctrl-C leaves a file that plays."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import av


def test_a_render_says_how_far_it_is_and_ctrl_c_leaves_a_playable_file(tmp_path: Path) -> None:
    output = tmp_path / "a.mp4"
    command = [sys.executable, "-W", "error", "-m", "mien.cli", "render", "night_shift", "-o", str(output)]
    with subprocess.Popen(
        [*command, "--size", "320x180", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stderr.readline().startswith("getting ready: ")
        line = running.stderr.readline()
        while line.startswith("getting ready: "):
            line = running.stderr.readline()
        assert re.fullmatch(r"rendering: \d+ of about \d+ frames, (\d+ min )?\d+ s left\n", line)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=120)
    assert running.returncode == 130
    assert err.endswith("mien: stopped; what was rendered so far is in the file.\n")
    assert "Traceback" not in err
    produced = json.loads(out)["frames_produced_total"]
    with av.open(str(output)) as file:
        # The last frame, and the one drawn ahead, may have been drawn and not written any more.
        assert produced - 2 <= sum(1 for _ in file.decode(video=0)) <= produced
