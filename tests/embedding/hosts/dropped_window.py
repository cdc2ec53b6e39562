"""A window that is dropped is closed; one that is dropped on another thread waits for the program's end."""

import gc
import threading
import warnings

from scene import ONE, tell

import mien

warnings.simplefilter("ignore", ResourceWarning)

window = mien.open_window(ONE, size=(96, 72), playout="null")
window.frame()
compositor = window._compositor
threads = threading.active_count()
del window
gc.collect()
freed = compositor._ownership.closed and threading.active_count() < threads

windows = [mien.open_window(ONE, size=(96, 72), playout="null")]
windows[0].frame()


def drop() -> None:
    windows.clear()
    gc.collect()


before = threading.active_count()
thread = threading.Thread(target=drop)
thread.start()
thread.join()
for releasing in threading.enumerate():
    if releasing.name == "mien-release":
        releasing.join()
silent = threading.active_count() < before
with mien.open_window(ONE, size=(96, 72), playout="null") as another:
    after = another.frame()
tell(freed=freed, silent=silent, after=after)
