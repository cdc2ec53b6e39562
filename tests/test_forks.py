"""What this program has started ends with it, also where what it has forked off goes on."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from backend.test_backend import wait_for_end

_HOST = """
import os, sys
from contextlib import suppress
from pathlib import Path
{begins}
if os.fork():
    print(pid, flush=True)
    os._exit(0)
os.close(1)
os.read(0, 1)
os._exit(0)
"""
_PIPE = """
import subprocess
from mien.forks import ours_alone
begun = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
ours_alone(begun.stdin)
pid = begun.pid
"""
_SOCKET = """
import socket, subprocess
from mien.forks import ours_alone
mine, its = socket.socketpair()
begun = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=its)
its.close()
ours_alone(mine)
pid = begun.pid
"""
_IMPORTER = """
from mien.importing.importer import Importer
begun = Importer(Path("no.psd"), Path("no"))
with suppress(Exception):
    begun.make()
pid = begun.pid
"""
_SOUND = """
import json
from mien.audio.apart import ApartStream
told = {"name": "", "rate": 48000, "channels": 2, "dtype": "float32", "frames": 4800, "rewrites": False}
code = f"import sys; print({json.dumps(told)!r}, flush=True); sys.stdin.read()"
ApartStream._program = lambda self, device, size: (code,)
begun = ApartStream()
pid = begun._process.pid
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked off here")
@pytest.mark.parametrize(
    "begins", [_PIPE, _SOCKET, _IMPORTER, _SOUND], ids=["pipe", "socket", "import", "sound"]
)
def test_what_was_started_ends_with_who_started_it_although_a_fork_goes_on(begins: str) -> None:
    command = [sys.executable, "-c", _HOST.replace("{begins}", begins)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as host:
        assert host.stdin is not None and host.stdout is not None
        begun = int(host.stdout.readline())
        assert host.wait(60) == 0
        wait_for_end(begun)
        host.stdin.close()
