"""A window of moderngl-window (pyglet), with its default settings."""

import moderngl_window as mglw
from moderngl_window.conf import settings
from scene import alone, beside, inside, tell

settings.WINDOW["class"] = "moderngl_window.context.pyglet.Window"
settings.WINDOW["size"] = (200, 120)
settings.WINDOW["gl_version"] = (3, 3)
window = mglw.create_window_from_settings()
ctx = window.ctx
fbo = ctx.simple_framebuffer((32, 16))


def pixels() -> bytes:
    fbo.clear(0.25, 0.5, 0.75, 1.0)
    window.use()
    window.clear(0.0, 0.0, 1.0, 1.0)
    return fbo.read(components=4) + window.fbo.read((0, 0, 8, 8), components=4)


found = beside(pixels)
within = inside(ctx, window.fbo)
window.swap_buffers()
window.destroy()
tell(**found, inside=within, alone=alone())
