"""Waiting for a GPU in tests: a fence need not be seen as reached at once, nor after `ctx.finish()`.

Drivers that hand commands to a thread of their own (zink, most GPUs) tell of a fence a little later. Zink in
Mesa 22.3 returns from a finish, and from a wait for a fence with nothing new before it, while it still
draws. What no driver can answer early is a pixel: so a wait reads one. Looks are bounded by their number;
nothing sleeps.
"""

from __future__ import annotations

from mien.composite.gl import Compositor
from mien.types import U8

MOST_LOOKS = 2000


def wait(compositor: Compositor) -> None:
    """Let the GPU do what it was asked for."""
    with compositor.current():
        compositor._gl.target.framebuffer.read(viewport=(0, 0, 1, 1), components=4)


def finish(compositor: Compositor) -> None:
    """Let the GPU finish all that was drawn, until `busy` says so too."""
    for _ in range(MOST_LOOKS):
        wait(compositor)
        if not compositor.busy:
            return
    raise AssertionError(f"still busy after {MOST_LOOKS} looks")


def taken(compositor: Compositor) -> tuple[int, U8]:
    """The next picture that arrives."""
    for _ in range(MOST_LOOKS):
        wait(compositor)
        if (picture := compositor.take_read()) is not None:
            return picture
    raise AssertionError(f"no picture after {MOST_LOOKS} looks")
