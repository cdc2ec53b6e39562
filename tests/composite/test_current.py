"""Whose context is current is asked at every frame: looking for GLX in vain is not part of it."""

from __future__ import annotations

import ctypes
import ctypes.util
import subprocess
import sys

import pytest

LOOKED_FOR = """
import ctypes
from mien.composite.gl import current

opened = []
class Counted(current._Glx):
    def __init__(self, name):
        opened.append(name)
        super().__init__(name)
current._Glx = Counted

for _ in range(100):
    assert current.Current.of_thread().glx is None
first = len(opened)
ctypes.CDLL({name!r})
for _ in range(100):
    current.Current.of_thread()
print(first, len(opened) - first, current._glx() is not None)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="GLX is looked for on Linux only")
def test_glx_is_looked_for_once_and_again_when_something_was_loaded() -> None:
    name = ctypes.util.find_library("GLX")
    if name is None:
        pytest.skip("there is no libGLX here: tools/test installs it with Mesa")
    ran = subprocess.run(
        [sys.executable, "-c", LOOKED_FOR.format(name=name)], capture_output=True, text=True, check=True
    )
    first, again, found = ran.stdout.split()
    # Each time under both names that it may have; the first time libEGL has been loaded in between at most.
    assert int(first) <= 4 and int(again) == 1 and found == "True"
