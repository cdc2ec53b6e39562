"""What ALSA prints does not stand between what Mien says."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

_OPEN = (
    "import ctypes; library = ctypes.CDLL('libasound.so.2'); handle = ctypes.c_void_p(); "
    "print(library.snd_pcm_open(ctypes.byref(handle), b'nosuch', 0, 0))"
)


def stderr(code: str) -> str:
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(ran.stdout) < 0  # it failed, as it should
    return ran.stderr


def test_alsa_is_silenced() -> None:
    try:
        ctypes.CDLL("libasound.so.2")
    except OSError:
        pytest.skip("there is no ALSA here")
    assert "ALSA lib" in stderr(_OPEN)
    assert stderr(f"from mien.cli.quiet import silence_alsa; silence_alsa(); {_OPEN}") == ""
