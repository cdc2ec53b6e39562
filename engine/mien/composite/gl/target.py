"""Where the frame is drawn, and how it is shown elsewhere."""

from __future__ import annotations

import moderngl

from mien.arguments import refuse
from mien.composite.gl.functions import Functions
from mien.composite.gl.programs import FULL, Programs
from mien.errors import ScriptError
from mien.types import Size


class Target:
    """A frame at 8 bits that persists. `viewport`: of all that programs draw into, larger than the frame."""

    def __init__(self, ctx: moderngl.Context, functions: Functions, size: Size, viewport: Size) -> None:
        self._functions = functions
        self.size = size
        self.texture = ctx.texture(size, 4)
        # A window of another size filters it: not across its edges.
        self.texture.repeat_x = self.texture.repeat_y = False
        self.framebuffer = ctx.framebuffer([self.texture])
        self.framebuffer.clear()
        # One size for all: they need not be told of it in between.
        self.framebuffer.viewport = (0, 0, *viewport)
        self.shown = self.texture
        """What `blit_to` shows: this, or the frame drawn smaller."""

    def link(self, programs: Programs) -> None:
        """Compile what `blit_to` needs."""
        self._programs = programs
        self._show = programs.link(FULL, "show.frag.glsl")

    def blit_to(self, screen: int, viewport: tuple[int, int, int, int], *, over: bool) -> None:
        """As `Compositor.blit_to`, to a framebuffer of this name. Raises ScriptError where there is none."""
        if not self._functions.is_framebuffer(screen):
            refuse("the framebuffer to draw to", screen, "one of this GL context that was not released")
        self._functions.use_framebuffer(screen, viewport)
        if not self._functions.can_draw:
            raise ScriptError(
                f"nothing can be drawn to the framebuffer {screen}, which is incomplete: give one with an "
                "attachment, or of a window."
            )
        self._functions.blend_over(over)
        self._programs.use("picture", self.shown)
        self._show.set("viewport", viewport)
        self._show.draw_full()
        self._functions.blend_over(False)
