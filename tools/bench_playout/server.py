"""A PulseAudio server of one's own, with a sink that is recorded instead of heard.

Nothing of it touches the user's sound: folder, socket and settings are private, and programs that get its
environment play into it through PortAudio and ALSA.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import numpy as np

from mien.types import F32

SINK = "room"
START_S = 20.0
"""Longest to wait until the server, or its recorder, is there."""

_MODULES = """load-module module-native-protocol-unix socket={socket} auth-anonymous=1
load-module module-null-sink sink_name={sink} rate=48000 format={form} channels=2 \
channel_map=front-left,front-right
set-default-sink {sink}
"""
_ALSA = 'pcm.!default {{ type pulse server "unix:{socket}" }}\nctl.!default {{ type pulse }}\n'


class SoundServer:
    """A context manager. Parameters: `folder` to live in; `form` of the sink's samples, as PulseAudio says.

    Raises RuntimeError, with the server's own words, if it does not start.
    """

    def __init__(self, folder: Path, form: str = "float32le") -> None:
        self.folder = folder
        self.log = folder / "log"
        self._socket = folder / "socket"
        self._server: subprocess.Popen[bytes] | None = None
        (folder / "modules").write_text(_MODULES.format(socket=self._socket, sink=SINK, form=form))
        (folder / ".asoundrc").write_text(_ALSA.format(socket=self._socket))
        private = ("HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "PULSE_RUNTIME_PATH", "PULSE_STATE_PATH")
        self.environment = dict(os.environ) | {name: str(folder) for name in private}
        self.environment["PULSE_SERVER"] = f"unix:{self._socket}"

    def __enter__(self) -> SoundServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start it, also after `kill`, and return when it takes connections."""
        self._socket.unlink(missing_ok=True)
        options = ("-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes")
        options += ("--realtime=no", "--high-priority=no", "-v", "-F", str(self.folder / "modules"))  # type: ignore[assignment]
        with self.log.open("ab") as log:
            self._server = subprocess.Popen(
                ["pulseaudio", *options], stdout=log, stderr=log, env=self.environment
            )
        deadline = time.monotonic() + START_S
        while not self._answers():
            if self._server.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"PulseAudio did not start:\n{self.log.read_text()[-2000:]}")

    def kill(self) -> None:
        """End it at once, as a crash would. Idempotent."""
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            self._server = None

    def _answers(self) -> bool:
        asked = subprocess.run(["pactl", "info"], env=self.environment, capture_output=True, check=False)
        return asked.returncode == 0


class Recorder:
    """Records what the sink plays. A context manager; it records from when it is entered.

    The sink works in short pieces, as a device does, only while somebody with a short latency listens.
    """

    def __init__(self, server: SoundServer) -> None:
        self._server = server
        self._chunks: list[bytes] = []
        self.reads: list[tuple[int, int]] = []
        """Samples recorded so far, and when: `time.perf_counter_ns`, which all processes share on Linux."""
        self._begun = threading.Event()

    def __enter__(self) -> Recorder:
        options = ("--raw", "--format=float32le", "--rate=48000", "--channels=2", "--latency-msec=10")
        self._process = subprocess.Popen(
            ["parec", "-d", f"{SINK}.monitor", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=self._server.environment,
        )
        self._thread = threading.Thread(target=self._read, name="recorder")
        self._thread.start()
        if not self._begun.wait(START_S):
            self.__exit__()
            raise RuntimeError("parec records nothing from the sound server.")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._thread.join()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process.wait()

    def until(self, samples: int) -> None:
        """Return when so many samples were recorded, or nothing more will be."""
        while self._thread.is_alive() and self.reads[-1][0] < samples:
            self._thread.join(0.01)

    def longest_silence_ms(self) -> float:
        """The longest time in which the server and the recording program said nothing: they say something
        each 10 ms, whatever is played. What is long is a machine that had no core for them."""
        return float(np.diff([now for _, now in self.reads]).max(initial=0)) / 1e6

    def samples(self) -> F32:
        """(n, 2) float32: all that was recorded."""
        data = b"".join(self._chunks)
        return np.frombuffer(data[: len(data) // 8 * 8], np.float32).reshape(-1, 2)

    def _read(self) -> None:
        assert self._process.stdout is not None
        total = 0
        while data := os.read(self._process.stdout.fileno(), 1 << 16):
            now = time.perf_counter_ns()
            total += len(data)
            self._chunks.append(data)
            self.reads.append((total // 8, now))
            self._begun.set()
