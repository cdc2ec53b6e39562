"""Whose context is current is asked some times a frame: GLX is opened once, and seldom looked for."""

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
    assert current._glx() is None
first = len(opened)
ctypes.CDLL({name!r})
for _ in range(100):
    current._glx()
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


NOT_SEARCHED = """
from mien.composite.gl import current, open_headless

def search(self):
    raise AssertionError("the loader was asked for GLX")

assert current._state_of_thread() is not None, "libglvnd does not dispatch here"
current._GlxOfProcess.get = search
assert current.Current.of_thread().handle is None
with open_headless() as context:
    assert current.Current.of_thread().handle[0] == "EGL"
assert current.Current.of_thread().handle is None
"""


@pytest.mark.skipif(sys.platform != "linux", reason="libglvnd is asked on Linux only")
def test_frames_do_not_search_for_glx() -> None:
    """Each search took 50 us, and a live frame asks five times and more."""
    subprocess.run([sys.executable, "-c", NOT_SEARCHED], check=True, timeout=120)
