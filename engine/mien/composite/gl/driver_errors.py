"""What the GL driver reports, if asked: errors, and that the GPU was reset."""

from __future__ import annotations

import ctypes
from typing import Any, Final

import moderngl

from mien.composite.gl.current import loader_of
from mien.errors import ContextLost, OutOfGpuMemory, RendererUnavailable

_OUT_OF_MEMORY: Final = 0x0505
_CONTEXT_LOST: Final = 0x0507
_NAMES: Final = {
    0x0500: "GL_INVALID_ENUM",
    0x0501: "GL_INVALID_VALUE",
    0x0502: "GL_INVALID_OPERATION",
    _OUT_OF_MEMORY: "GL_OUT_OF_MEMORY",
    0x0506: "GL_INVALID_FRAMEBUFFER_OPERATION",
    _CONTEXT_LOST: "GL_CONTEXT_LOST",
}
_RESETS: Final = {
    0x8253: "by what was drawn",
    0x8254: "by another program",
    0x8255: "for no known reason",
}
_MOST: Final = 32
"""Errors taken at once: a driver keeps one for each of a handful of flags, a lost context repeats itself."""


class DriverErrors:
    """Of one context, which must be current. `shared`: errors of the program's own may be among them."""

    def __init__(self, ctx: moderngl.Context, *, shared: bool) -> None:
        self._renderer = str(ctx.info["GL_RENDERER"])
        self._shared = shared
        loader = loader_of(ctx)
        self._get_error: Any = ctypes.PYFUNCTYPE(ctypes.c_uint)(loader.load_opengl_function("glGetError"))
        self._get_status: Any = None
        for version, extension, name in (
            (450, "GL_KHR_robustness", "glGetGraphicsResetStatus"),
            (999, "GL_ARB_robustness", "glGetGraphicsResetStatusARB"),
        ):
            if ctx.version_code >= version or extension in ctx.extensions:
                address = loader.load_opengl_function(name)
                if address:
                    self._get_status = ctypes.PYFUNCTYPE(ctypes.c_uint)(address)
                    break

    def forget(self) -> None:
        """Take what was reported before, so that what comes next is known to be ours."""
        self._taken()

    def after_allocating(self, what: str) -> None:
        """Raises OutOfGpuMemory when the driver had no memory for `what`; otherwise as `after_frame`."""
        found = self._taken()
        if _OUT_OF_MEMORY in found:
            raise OutOfGpuMemory(
                f"{self._renderer} has no memory for {what}: draw smaller, show fewer characters, or set a "
                "page budget"
            )
        self._raise(found, f"when asked for {what}")

    def after_frame(self) -> None:
        """Raises ContextLost after a reset, OutOfGpuMemory, or RendererUnavailable for any other error.

        In a context that is shared only resets: an error could be the program's.
        """
        status = self._get_status() if self._get_status is not None else 0
        if status:
            raise ContextLost(
                f"the GPU was reset {_RESETS.get(status, 'as its driver says')}: close this, open it anew."
            )
        if not self._shared:
            found = self._taken()
            if _OUT_OF_MEMORY in found:
                raise OutOfGpuMemory(
                    f"{self._renderer} ran out of memory: draw smaller, or set a page budget"
                )
            self._raise(found, "when it drew the frame before")

    def _taken(self) -> list[int]:
        found: list[int] = []
        while len(found) < _MOST and (code := self._get_error()):
            found.append(code)
        return found

    def _raise(self, found: list[int], when: str) -> None:
        if _CONTEXT_LOST in found:
            raise ContextLost(f"the GL context of {self._renderer} was lost {when}: open it anew.")
        if found:
            names = ", ".join(dict.fromkeys(_NAMES.get(code, f"error 0x{code:04x}") for code in found))
            raise RendererUnavailable(
                f"{self._renderer} reports {names} {when}: update the GL driver, or try MIEN_STRATEGY=loop"
            )
