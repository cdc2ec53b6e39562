"""What a turn's first sound must not wait for: anything that is loaded when it is first wanted."""

from __future__ import annotations

import subprocess
import sys

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
    while not worker.warm:
        assert worker.alive, worker.failure
        worker.progress.wait(1)
    before = set(sys.modules)
    for path in files:
        data = path.read_bytes()
        feed = EncodedFeed()
        feed.push(data)
        for source in (path, data, io.BytesIO(data), iter([data]), feed):
            first(worker, source)
    print(len({path.suffix for path in files}), sorted(set(sys.modules) - before))
"""


def test_nothing_is_imported_for_a_turn_once_the_worker_is_warm() -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", CODE], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip() == "4 []"
