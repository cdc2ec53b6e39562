"""Ready: everything that a show needs is on the GPU, and nothing will be compiled or allocated later."""

from __future__ import annotations

import moderngl

from mien.composite.gl import Compositor
from mien.errors import RendererUnavailable
from mien.show import Show


def make_ready(
    context: moderngl.Context, show: Show, screen: moderngl.Framebuffer | None = None
) -> Compositor:
    """A compositor with the show's pages uploaded, its shaders linked, and one frame drawn to warm up.

    `screen`: where a window will show the frames. Raises RendererUnavailable when this renderer cannot hold
    the frame or the pages.
    """
    frame = show.player.frame
    try:
        compositor = Compositor(
            context, frame.size, show.page_size, len(show.pages), frame.capacity, surfaces=frame.surfaces
        )
    except ValueError as error:
        raise RendererUnavailable(
            f"{context.info['GL_RENDERER']} cannot draw this stage: {error}."
        ) from error
    try:
        for index, page in enumerate(show.pages):
            compositor.upload_page(index, page)
        compositor.warm_up(screen)
    except BaseException:
        compositor.close()
        raise
    show.pages.clear()
    return compositor
