"""A sound server of one's own, recorded while it plays: what a window's stage is heard to say, and when.

Nothing of it touches the user's sound: its folder and its socket are private.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter_ns
from typing import Final

import numpy as np

from mien.clock import SAMPLE_RATE
from mien.prove.hearing import find_beeps

_SINK: Final = "room"
_STARTS_S: Final = 20.0
_MODULES: Final = """load-module module-native-protocol-unix socket={socket} auth-anonymous=1
load-module module-null-sink sink_name={sink} rate=48000 format=float32le channels=2
set-default-sink {sink}
"""
_SERVES: Final = ("-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes")
_RECORDS: Final = ("--raw", "--format=float32le", "--rate=48000", "--channels=1", "--latency-msec=10")
_SAMPLE: Final = 4
"""Bytes."""
_PRIVATE: Final = ("HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "PULSE_RUNTIME_PATH", "PULSE_STATE_PATH")


class Room:
    """What is recorded there. `environment`: what a player is started with to be heard in it."""

    def __init__(self, environment: dict[str, str], recorder: subprocess.Popen[bytes]) -> None:
        self.environment: Final = environment
        self._recorder = recorder
        self._parts: list[bytes] = []
        self._first_ns: int | None = None
        self._thread = threading.Thread(target=self._read, name="mien-prove-room", daemon=True)
        self._thread.start()

    def beeps(self) -> tuple[int, ...]:
        """When beeps were heard, in ns of this process's monotonic clock; to 10 ms, by which the server plays
        ahead. The recording ends."""
        self._recorder.terminate()
        self._thread.join()
        if self._first_ns is None:
            return ()
        data = b"".join(self._parts)
        sound = np.frombuffer(data[: len(data) // _SAMPLE * _SAMPLE], np.float32)
        return tuple(
            self._first_ns + round(at / SAMPLE_RATE * 1e9) for at in find_beeps(sound.copy()).tolist()
        )

    def _read(self) -> None:
        assert self._recorder.stdout is not None
        total = 0
        while data := os.read(self._recorder.stdout.fileno(), 1 << 16):
            now = perf_counter_ns()
            total += len(data) // _SAMPLE
            self._parts.append(data)
            # What comes soonest says best when the recording began.
            began = now - round(total / SAMPLE_RATE * 1e9)
            self._first_ns = began if self._first_ns is None else min(began, self._first_ns)


@contextmanager
def room(folder: Path) -> Iterator[Room | None]:
    """A server that lives in this folder; None where there is no PulseAudio, or it doesn't start."""
    with ExitStack() as opened:
        found = _started(folder, opened) if all(map(shutil.which, ("pulseaudio", "parec", "pactl"))) else None
        yield found


def _started(folder: Path, opened: ExitStack) -> Room | None:
    folder.mkdir()
    socket, modules = folder / "socket", folder / "modules"
    modules.write_text(_MODULES.format(socket=socket, sink=_SINK), encoding="utf-8")
    server_of = {"PULSE_SERVER": f"unix:{socket}"}
    private = {**os.environ, **dict.fromkeys(_PRIVATE, str(folder)), **server_of}
    server = _quietly(["pulseaudio", *_SERVES, "-F", str(modules)], private)
    opened.callback(_end, server)
    until = time.monotonic() + _STARTS_S
    while not _answers(private):
        if server.poll() is not None or time.monotonic() > until:
            return None
        time.sleep(0.05)
    recorder = _quietly(["parec", "-d", f"{_SINK}.monitor", *_RECORDS], private)
    opened.callback(_end, recorder)
    return Room(server_of, recorder)


def _answers(environment: dict[str, str]) -> bool:
    asked = ["pactl", "info"]
    try:
        ran = subprocess.run(asked, env=environment, capture_output=True, check=False, timeout=_STARTS_S)
    except subprocess.TimeoutExpired:
        return False
    return ran.returncode == 0


def _quietly(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout is not None:
        process.stdout.close()
