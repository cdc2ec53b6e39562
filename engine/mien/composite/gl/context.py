"""A GL context without a window."""

from __future__ import annotations

import moderngl

from mien.errors import RendererUnavailable

_SOFTWARE = ("llvmpipe", "softpipe", "swrast", "swiftshader", "software", "microsoft basic render")


def open_headless() -> moderngl.Context:
    """A GL 3.3 core context on EGL, current on this thread; needs no DISPLAY. The caller releases it.

    Objects that are dropped are freed by `ctx.gc()`, on the context's own thread. Raises
    RendererUnavailable with what to install.
    """
    try:
        # moderngl's stub takes every keyword for a dict of settings; the loader's name is a string.
        ctx = moderngl.create_context(standalone=True, require=330, backend="egl")  # type: ignore[arg-type]
    except Exception as error:  # moderngl and its loader raise bare Exception, ImportError and OSError
        reason = " ".join(str(error).split()) or type(error).__name__
        raise RendererUnavailable(
            f"no headless OpenGL 3.3 could be opened through EGL ({reason}): install a GPU driver, or Mesa's "
            "software renderer (Debian, Ubuntu: apt install libegl1 libgl1 libgl1-mesa-dri)"
        ) from error
    ctx.gc_mode = "context_gc"
    return ctx


def is_software(ctx: moderngl.Context) -> bool:
    """Whether the renderer runs on the CPU: its timers cannot be trusted, and people should be told."""
    renderer = str(ctx.info["GL_RENDERER"]).lower()
    return any(name in renderer for name in _SOFTWARE)
