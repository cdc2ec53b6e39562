"""A window of glfw, with a context of GLX or EGL; a stage opened after it, or before: the two arguments."""

import sys

import glfw
import moderngl
from scene import ONE, SIZE, alone, beside, frames_of, inside, tell

import mien

early = mien.open_stage(ONE, size=SIZE, seed=4) if sys.argv[2] == "stage first" else None
first = frames_of(early, 2) if early else ""
assert glfw.init(), glfw.get_error()
api = glfw.EGL_CONTEXT_API if sys.argv[1] == "EGL" else glfw.NATIVE_CONTEXT_API
glfw.window_hint(glfw.CONTEXT_CREATION_API, api)
glfw.window_hint(glfw.CONTEXT_VERSION_MAJOR, 3)
glfw.window_hint(glfw.CONTEXT_VERSION_MINOR, 3)
glfw.window_hint(glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE)
window = glfw.create_window(200, 120, "host", None, None)
assert window, glfw.get_error()
glfw.make_context_current(window)
ctx = moderngl.create_context()
fbo = ctx.simple_framebuffer((32, 16))
texture = ctx.texture((4, 4), 4, bytes(range(64)))


def pixels() -> bytes:
    fbo.clear(0.25, 0.5, 0.75, 1.0)
    ctx.screen.use()
    ctx.clear(1.0, 0.0, 0.0, 1.0)
    assert glfw.get_current_context()
    return fbo.read(components=4) + texture.read() + ctx.screen.read((0, 0, 8, 8), components=4)


found = beside(pixels)
within = inside(ctx, ctx.screen)
after = frames_of(early, 4) if early else ""
if early:
    early.close()
glfw.swap_buffers(window)
fine = pixels() == pixels()
glfw.destroy_window(window)
glfw.terminate()
tell(
    **found,
    inside=within,
    alone=alone(),
    early=first + after,
    fine=fine,
    default=moderngl.get_context() is ctx,
)
