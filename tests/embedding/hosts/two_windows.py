"""Two windows of Mien's in one program: the one that is closed first leaves the other alone."""

from scene import ART, ONE, tell

import mien

first = mien.open_window(ONE, size=(96, 72), playout="null")
second = mien.open_window({"otto": ART}, size=(96, 72), playout="null")
both = first.frame() and second.frame()
first.close()
after = second.frame() and bool(second.screenshot().any())
second.close()
with mien.open_window(ONE, size=(96, 72), playout="null") as third:
    again = third.frame()
tell(both=both, after=after, again=again)
