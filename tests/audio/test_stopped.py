"""A process that is really stopped, and goes on."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading

import pytest

STOPPED_S = 0.8
CHILD = """
import sys, threading, time
from mien.audio import AudioSession
from mien.observe import stops

# So that the test need not stop it for seconds.
stops.LEAST_NS = 400_000_000
noticed, look = threading.Event(), stops.Stops.look

def looked(self):
    look(self)
    if self.times:
        noticed.set()

stops.Stops.look = looked
with AudioSession("live", "null") as session:
    began = time.perf_counter()
    print("ready", flush=True)
    sys.stdin.readline()
    noticed.wait()
    lost = session.stops.lost_ns / 1e9
    print(lost, time.perf_counter() - began - session.position() / 48_000, session.counters().stops)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="a process cannot be stopped by a signal here")
def test_a_session_goes_on_from_where_it_was_when_its_process_was_stopped() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGSTOP)
        threading.Event().wait(STOPPED_S)  # the stop itself, by the machine's clock
        child.send_signal(signal.SIGCONT)
        told, _ = child.communicate("\n", timeout=60)
    lost_s, behind_s, times = map(float, told.split())
    assert times >= 1 and lost_s >= STOPPED_S - 0.01
    # The timeline has stood still for as long, to a pull or two before and after.
    assert behind_s >= STOPPED_S - 0.15
