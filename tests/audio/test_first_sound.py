"""What a turn's first sound must not wait for: anything that is loaded when it is first wanted."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CODE = """
import io, sys, threading
from mien.audio import DecodeWorker, EncodedFeed, TurnAudio
from mien.catalog import bundled

def first(worker, source):
    turn = worker.submit(source, TurnAudio("t"))
    while not turn.samples_decoded:
        assert turn.error is None and worker.alive, turn.error or worker.failure
        worker.progress.wait(1)
        worker.progress.clear()
    turn.dropped = True
    worker.nudge()

files = sorted((bundled("conversations", "hello") / "audio").iterdir())
with DecodeWorker() as worker:
    while not worker.first_use.is_here:
        assert worker.alive, worker.failure
        worker.progress.wait(1)
    before = set(sys.modules)
    for path in files:
        data = path.read_bytes()
        feed = EncodedFeed()
        feed.push(data)
        for source in (path, data, io.BytesIO(data), iter([data]), feed):
            first(worker, source)
    for path in sorted((bundled("conversations", "night_shift") / "audio").iterdir())[:4]:
        turn = worker.submit(path, TurnAudio(path.name))
        while not turn.done:  # what is loaded for an end as well
            assert worker.alive, worker.failure
            worker.progress.wait(1)
            worker.progress.clear()
        turn.dropped = True
    print(len({path.suffix for path in files}), sorted(set(sys.modules) - before))
"""

OF_A_STAGE = """
import sys
from pathlib import Path
import mien
from mien.testing import tiny_character

who = tiny_character(Path(sys.argv[1]) / "tiny")
told = []
for opened in (mien.open_stage, mien.open_live):
    with opened({"who": who}, size=(48, 36), **({"playout": "null"} if told else {})) as stage:
        worker = stage._audio._worker
        told.append("mien.audio.opening" in sys.modules)
        while told[-1] and not worker.first_use.is_here:
            assert worker.alive, worker.failure
            worker.progress.wait(1)
        told.append(worker.first_use.is_here)
print(told)
"""


def test_nothing_is_imported_for_a_turn_once_the_worker_is_warm() -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", CODE], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "4 []"


def test_only_a_stage_in_real_time_has_it_here_before_a_turn(tmp_path: Path) -> None:
    """Frames of an offline one wait for their sound: what never speaks is spared it."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", OF_A_STAGE, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "[False, False, True, True]"
