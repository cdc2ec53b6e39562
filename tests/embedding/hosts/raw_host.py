"""A host without moderngl: glfw's window, a compositor attached to its context, and calls out of turn."""

import sys
from collections.abc import Callable
from pathlib import Path

import glfw
from scene import tell

sys.path.insert(0, str(Path(__file__).parents[2]))

from composite.gl_state import disturbances, snapshot
from mien.composite import FrameRows
from mien.composite.gl import Compositor, attach
from mien.errors import ContextNotCurrent
from mien.types import Size


def refused(call: Callable[[], object]) -> str:
    try:
        call()
    except ContextNotCurrent as error:
        return str(error)
    return ""


unattached = refused(attach)
assert glfw.init(), glfw.get_error()
glfw.window_hint(glfw.CONTEXT_VERSION_MAJOR, 4)
glfw.window_hint(glfw.CONTEXT_VERSION_MINOR, 5)
glfw.window_hint(glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE)
window = glfw.create_window(100, 80, "host", None, None)
other = glfw.create_window(100, 80, "other", None, None)
glfw.make_context_current(window)
ctx = attach()
for disturb in disturbances(ctx).values():
    disturb()
before = snapshot(ctx)
again = attach()
kept = snapshot(ctx) == before
frame = FrameRows(1, Size(8, 6), (1.0, 0.0, 0.0, 1.0))
compositor = Compositor(ctx, frame.size, 16, 1, 1)
compositor.warm_up()
none, another = [], []
glfw.make_context_current(None)
none.append(refused(lambda: compositor.draw(frame)))
none.append(refused(compositor.close))
glfw.make_context_current(other)
another.append(refused(lambda: compositor.draw(frame)))
glfw.make_context_current(window)
compositor.draw(frame)
red = compositor.read()[0, 0].tolist()
compositor.close()
glfw.terminate()
tell(unattached=unattached, kept=kept, none=none, another=another, red=red)
