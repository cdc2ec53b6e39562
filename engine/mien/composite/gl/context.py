"""GL contexts: one without a window, one that a program made, and what kind of renderer it is."""

from __future__ import annotations

import os
import sys
from typing import Any, Final

import moderngl

from mien.composite.gl.checks import check_renderer
from mien.composite.gl.current import Current, loader_of
from mien.composite.gl.egl import Device, devices
from mien.composite.gl.egl_context import EglContext
from mien.composite.gl.forked import about_to_open
from mien.composite.gl.host_state import HostState
from mien.errors import ContextNotCurrent, RendererUnavailable
from mien.threads import check_to_draw

DEVICE_INDEX: Final = "GLCONTEXT_DEVICE_INDEX"
"""Environment variable that names the one EGL device to use, as moderngl's loader has it."""
REQUIRED: Final = (3, 3)
_SOFTWARE = ("llvmpipe", "softpipe", "swrast", "swiftshader", "software", "microsoft basic render")


def open_headless() -> moderngl.Context:
    """A GL 3.3 core context that needs no window and no DISPLAY. The caller releases it.

    It is not current on the thread: calls of a `Compositor` make it so for as long as they last, and
    `with context:` does for calls of your own. On Linux it is made through EGL, with the first device that
    can be opened, those that draw in software last (GLCONTEXT_DEVICE_INDEX names another). Objects that are
    dropped are freed by `free_dropped`, on the context's own thread. Raises RendererUnavailable with what to
    install.
    """
    about_to_open()
    check_to_draw()
    if not sys.platform.startswith("linux"):
        return _standalone()
    refused = []
    for device in _candidates():
        try:
            loader = EglContext(device, REQUIRED)
            try:
                with loader:
                    context = wrapped(loader, standalone=True)
            except BaseException:
                loader.release()
                raise
        except RendererUnavailable as error:
            refused.append(str(error))
            continue
        loader.refused = tuple(refused)
        return context
    raise RendererUnavailable(
        f"no headless OpenGL 3.3 could be opened through EGL ({'; '.join(refused) or 'it lists no device'}): "
        "install a GPU driver, or Mesa's software renderer (Debian, Ubuntu: apt install libegl1 libgl1 "
        "libgl1-mesa-dri); `mien doctor` lists the devices"
    )


def attach() -> moderngl.Context:
    """The GL context that is current on this thread, for programs that made theirs without moderngl.

    Nothing of its state is changed. Raises ContextNotCurrent when there is none, RendererUnavailable for one
    that is not OpenGL 3.3.
    """
    loader = _CurrentLoader()
    state = HostState(loader)
    saved = state.save()
    try:
        return wrapped(loader, standalone=False)
    finally:
        state.put_back(saved)


def second_context(ctx: moderngl.Context) -> moderngl.Context:
    """Another moderngl context for the same GL context, which must be current.

    moderngl remembers of each what is bound, so that a program's own stays as the program left it.
    """
    return wrapped(_Borrowed(loader_of(ctx)), standalone=True)


def context_over(loader: Any) -> moderngl.Context:
    """A moderngl context over the GL context that a loader has made current, of a window for instance.

    `loader` has `load_opengl_function(name) -> address`, `__enter__`, which makes it current, `__exit__` and
    `release`, and `standalone` = True if it may be entered at any time. Raises RendererUnavailable.
    """
    return wrapped(loader, standalone=False)


def free_dropped(ctx: moderngl.Context) -> None:
    """Free objects of the context, which is current, that were dropped without being released.

    As `ctx.gc()`, which fails when one that was released is dropped.
    """
    while ctx.objects:
        dropped = ctx.objects.popleft()
        if hasattr(dropped, "release"):
            dropped.release()


def is_software(ctx: moderngl.Context) -> bool:
    """Whether the renderer runs on the CPU: its timers cannot be trusted, and people should be told."""
    renderer = str(ctx.info["GL_RENDERER"]).lower()
    return any(name in renderer for name in _SOFTWARE)


class _Borrowed:
    """The loader of somebody else's context, which it is not ours to release."""

    standalone = False

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def load_opengl_function(self, name: str) -> int:
        """The address of a GL function, 0 for one that is not there."""
        return int(self._loader.load_opengl_function(name) or 0)

    def __enter__(self) -> None: ...

    def __exit__(self, *exception: object) -> None: ...

    def release(self) -> None: ...


class _CurrentLoader(_Borrowed):
    """Of whatever context is current."""

    def __init__(self) -> None:
        if Current.of_thread().handle is None and sys.platform.startswith("linux"):
            raise ContextNotCurrent(
                "no GL context is current on this thread: make the window's current first, or open one with "
                "open_headless()"
            )
        # Falls back to every loader that the system has.
        from _moderngl import DefaultLoader  # type: ignore[import-untyped]

        super().__init__(DefaultLoader())


def _candidates() -> list[Device]:
    """Devices in the order in which they are tried."""
    known = devices()
    wanted = os.environ.get(DEVICE_INDEX, "")
    if not wanted:
        return sorted(known, key=lambda device: device.software)
    chosen = [device for device in known if str(device.index) == wanted.strip()]
    if not chosen:
        raise RendererUnavailable(
            f"{DEVICE_INDEX}={wanted} is none of the EGL devices here, which count from 0 to "
            f"{len(known) - 1}: set another, or unset it; `mien doctor` lists them"
        )
    return chosen


def wrapped(loader: Any, *, standalone: bool) -> moderngl.Context:
    """A moderngl context over what is current. Raises RendererUnavailable."""
    about_to_open()
    store = getattr(moderngl, "_store", None)
    default = getattr(store, "default_context", None)
    try:
        # 3.0, so that what is older than needed, or OpenGL ES, is told apart below.
        context = moderngl.create_context(300, standalone, context=loader)
    except ValueError as error:  # an older version than was asked for
        raise RendererUnavailable(f"this GL context is too old ({error}): Mien needs OpenGL 3.3") from error
    finally:
        if store is not None:
            # `moderngl.get_context()` of the program goes on giving the program's own.
            store.default_context = default
    check_renderer(context)
    context.gc_mode = "context_gc"
    return context


def _standalone() -> moderngl.Context:
    """As moderngl makes it on systems without EGL. Believed to work, not tested."""
    try:
        context = moderngl.create_context(330, standalone=True)
    except Exception as error:  # moderngl and its loader raise bare Exception, ImportError and OSError
        reason = " ".join(str(error).split()) or type(error).__name__
        raise RendererUnavailable(
            f"no OpenGL 3.3 could be opened ({reason}): update the GPU driver"
        ) from error
    context.gc_mode = "context_gc"
    return context
