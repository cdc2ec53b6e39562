"""Ready: everything that a show needs is on the GPU, and nothing will be compiled or allocated later."""

from __future__ import annotations

from collections.abc import Sequence

import moderngl

from mien.composite import FrameRows
from mien.composite.gl import Compositor
from mien.errors import RendererUnavailable
from mien.show import Show
from mien.types import U8


def open_compositor(
    context: moderngl.Context, frame: FrameRows, page_size: int, pages: Sequence[U8]
) -> Compositor:
    """A compositor for frames like this one, with these square pages uploaded.

    Raises RendererUnavailable when this renderer cannot hold the frame or the pages.
    """
    try:
        compositor = Compositor(
            context, frame.size, page_size, len(pages), frame.capacity, surfaces=frame.surfaces
        )
    except ValueError as error:
        raise RendererUnavailable(f"{context.info['GL_RENDERER']} cannot draw this: {error}.") from error
    try:
        for index, page in enumerate(pages):
            compositor.upload_page(index, page)
    except BaseException:
        compositor.close()
        raise
    return compositor


def make_ready(
    context: moderngl.Context, show: Show, screen: moderngl.Framebuffer | None = None
) -> Compositor:
    """A compositor with the show's pages uploaded, its shaders linked, and one frame drawn to warm up.

    `screen`: where a window will show the frames. Raises RendererUnavailable when this renderer cannot hold
    the frame or the pages.
    """
    compositor = open_compositor(context, show.player.frame, show.page_size, show.pages)
    try:
        compositor.warm_up(screen)
    except BaseException:
        compositor.close()
        raise
    show.pages.clear()
    return compositor
