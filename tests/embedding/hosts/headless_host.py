"""A host with an EGL context of its own, by moderngl, current on the thread."""

import moderngl
from scene import alone, beside, inside, tell

ctx = moderngl.create_context(standalone=True, backend="egl")
fbo = ctx.simple_framebuffer((32, 16))
texture = ctx.texture((4, 4), 4, bytes(range(64)))


def pixels() -> bytes:
    ctx.clear(0.25, 0.5, 0.75, 1.0)
    return fbo.read(components=4) + texture.read()


fbo.use()
found = beside(pixels)
tell(
    **found,
    inside=inside(ctx, ctx.simple_framebuffer((64, 48))),
    alone=alone(),
    default=moderngl.get_context() is ctx,
)
