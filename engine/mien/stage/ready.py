"""Ready: everything that a show needs is on the GPU, and nothing will be compiled or allocated later."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final

import moderngl

from mien.art.page_store import PageStore
from mien.composite import FrameRows
from mien.composite.gl import Compositor, CompositorOptions
from mien.composite.gl.page_stream import PageStream
from mien.errors import RendererUnavailable, ScriptError
from mien.stage.show import Show
from mien.types import U8

_PRIVATE: Final = CompositorOptions(private=True)
_COMING_AND_GOING = 2
"""Pages beside those shown at rest: one stays until the next is there."""


def open_compositor(
    context: moderngl.Context,
    frame: FrameRows,
    page_size: int,
    pages: Mapping[int, U8],
    count: int | None = None,
    options: CompositorOptions = _PRIVATE,
) -> Compositor:
    """A compositor for frames like this one, with these square pages uploaded.

    `pages`: by number; `count` of all there will be, None for those; `options`, whose `meanwhile` is called
    after each page as well. Raises RendererUnavailable when this renderer cannot hold the frame or the pages.
    """
    try:
        compositor = Compositor(
            context,
            frame.size,
            page_size,
            len(pages) if count is None else count,
            frame.capacity,
            offscreens=frame.offscreens,
            warp_cells=frame.warp_cells,
            options=options,
        )
    except ValueError as error:
        raise RendererUnavailable(f"{context.info['GL_RENDERER']} cannot draw this: {error}.") from error
    try:
        for index, page in pages.items():
            compositor.upload_page(index, page)
            if options.meanwhile is not None:
                options.meanwhile()
    except BaseException:
        compositor.close()
        raise
    return compositor


def make_ready(
    context: moderngl.Context,
    show: Show,
    screen: moderngl.Framebuffer | None = None,
    *,
    private: bool = True,
    scales: tuple[float, ...] = (1.0,),
    meanwhile: Callable[[], object] | None = None,
    at_first: Callable[[Compositor], object] | None = None,
) -> Compositor:
    """A compositor with the show's pages uploaded, its shaders linked, and one frame drawn to warm up.

    `screen`: where a window will show the frames; `at_first`: given the compositor once all is there that a
    first picture takes, and before the rest is got ready; the others: as in `CompositorOptions`. Raises
    RendererUnavailable when this renderer cannot hold the frame or the pages, ScriptError for a page budget
    that is too small for the cast.
    """
    page_bytes = 4 * show.page_size**2
    count = len(show.pages) + show.more_pages
    layers = count if show.page_budget is None else show.page_budget // page_bytes
    fits = layers >= count
    first = {index: show.pages[index] for index in (range(len(show.pages)) if fits else show.first_pages)}
    # Who is off stage will be on it.
    least = len(first) if fits else min(len(show.resting_pages) + _COMING_AND_GOING, len(show.pages))
    if show.page_budget is not None and least > layers:
        raise ScriptError(
            f"the page budget is {show.page_budget} bytes, and this cast needs {least * page_bytes} "
            f"({math.ceil(least * page_bytes / 1e6)} MB) for what it shows at rest and what comes and goes: "
            "give more, or draw a smaller frame."
        )
    compositor = open_compositor(
        context,
        show.player.frame,
        show.page_size,
        first,
        count,
        CompositorOptions(
            page_layers=None if fits else layers,
            scales=scales,
            private=private,
            meanwhile=meanwhile,
            later=at_first is not None,
        ),
    )
    try:
        if fits and at_first is not None:
            at_first(compositor)
        compositor.warm_up(screen, show.player.samples if fits else None)
        if not fits or show.more_pages:
            stream_pages(show, compositor, None if fits else _loads(show))
    except BaseException:
        compositor.close()
        raise
    show.pages.clear()
    return compositor


def stream_pages(show: Show, compositor: Compositor, load: Callable[[int], U8] | None = None) -> None:
    """Let pages come and go from now on. `load` reads one; None: only those of who joins are read."""
    load = load or show.loaded_pages.__getitem__
    show.attach(PageStream(compositor.pages, load), compositor.foresee)


def _loads(show: Show) -> Callable[[int], U8]:
    """What gives the pixels of a page that is not on the GPU."""
    store, loaded = PageStore(show.pages), show.loaded_pages

    def load(page: int) -> U8:
        return loaded[page] if page in loaded else store.load(page)

    return load
