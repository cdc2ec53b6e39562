"""A host's window of glfw, and a window of Mien's beside it: spoken to, photographed, and closed first."""

import glfw
import moderngl
from scene import ONE, tell

import mien

hello = mien.bundled("conversations", "hello") / "audio" / "1-good-evening.opus"
assert glfw.init(), glfw.get_error()
glfw.window_hint(glfw.CONTEXT_VERSION_MAJOR, 3)
glfw.window_hint(glfw.CONTEXT_VERSION_MINOR, 3)
glfw.window_hint(glfw.OPENGL_PROFILE, glfw.OPENGL_CORE_PROFILE)
window = glfw.create_window(200, 120, "host", None, None)
glfw.make_context_current(window)
ctx = moderngl.create_context()
fbo = ctx.simple_framebuffer((32, 16))


def pixels() -> bytes:
    fbo.clear(0.25, 0.5, 0.75, 1.0)
    return bytes(fbo.read(components=4))


before = pixels()
with mien.open_window(ONE, size=(160, 90), playout="null", title="beside") as shown:
    key = shown.say("wren", hello, "[happy] Good evening!")
    kinds = []
    fine = glfw.get_current_context() is not None
    for _ in range(20):
        fine &= shown.frame() and pixels() == before
        glfw.swap_buffers(window)
        kinds += [event.kind for event in shown.events()]
    picture = shown.screenshot()
    missed = shown.ledger.frames_expected
after = pixels() == before and not glfw.window_should_close(window)
glfw.terminate()
tell(fine=bool(fine), after=bool(after), kinds=kinds, seen=bool(picture[..., 0].std() > 5), frames=missed)
