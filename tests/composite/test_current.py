"""Whose context is current is asked at every frame: GLX is opened once, when it is there."""

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
def test_glx_is_opened_once_and_only_where_the_process_has_it() -> None:
    name = ctypes.util.find_library("GLX")
    if name is None:
        pytest.skip("there is no libGLX here: tools/test installs it with Mesa")
    ran = subprocess.run(
        [sys.executable, "-c", LOOKED_FOR.format(name=name)], capture_output=True, text=True, check=True
    )
    first, again, found = ran.stdout.split()
    assert (int(first), int(again), found) == (0, 1, "True")


SEARCHED = """
import threading
from mien.composite.gl import current

def search():
    for _ in range(3000):
        current._glx()

threads = [threading.Thread(target=search) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="GLX is looked for on Linux only")
def test_threads_that_look_for_glx_at_once_never_wait_for_one_another_for_good() -> None:
    subprocess.run([sys.executable, "-c", SEARCHED], check=True, timeout=120)
