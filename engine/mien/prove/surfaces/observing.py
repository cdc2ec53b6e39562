"""One run on one surface, recounted by somebody else."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Final, get_args

from mien.arguments import choice_of, number_of, refuse, sides_of, whole_of
from mien.clock import FrameRate
from mien.errors import RendererUnavailable, ScriptError, SurfaceMissing
from mien.installing import pip_install
from mien.prove.played import Played
from mien.prove.recount import Recount, Stall, Surface, Where
from mien.prove.surfaces.needs import chromium, xvfb
from mien.types import Size

_LEAST_S: Final = 1.0
_MOST_S: Final = 3600.0
_MOST_SIDE: Final = 16_384
_MOST_STALL_MS: Final = 10_000.0


def observe(
    surface: Surface,
    *,
    conversation: str | Path = "night_shift",
    size: Size | tuple[int, int] = Size(1280, 720),  # noqa: B008 - a value
    fps: float = 30,
    seconds: float = 10.0,
    stalls: Sequence[Stall] = (),
    ledger: Path | None = None,
) -> Recount:
    """Play a conversation with marks on a surface for so many seconds, watched by a process of its own, and
    hold what that saw against the ledger.

    `size` is width and height in pixels. `stalls` are put in (their `found_ms` is not looked at); `ledger`:
    where the run's ledger is kept, None: nowhere. Raises ScriptError for what is none of that; SurfaceMissing
    where this machine has no such surface, and nothing to watch it with; as opening a stage does; MienError
    where a process of the proof ends too early.
    """
    choice_of("surface", surface, get_args(Surface))
    number_of("seconds", seconds, _LEAST_S, _MOST_S, f"seconds, {_LEAST_S:g} to {_MOST_S:g}")
    size = sides_of("size", size, 1, _MOST_SIDE, f"width and height, each from 1 to {_MOST_SIDE} pixels")
    _check(stalls, seconds * float(FrameRate.of(fps).exact))
    with tempfile.TemporaryDirectory(prefix="mien-prove-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        played = Played(
            str(conversation), size, fps, seconds, tuple(stalls), ledger or folder / "ledger.jsonl"
        )
        return _OBSERVERS[surface](played, folder)


def _check(stalls: Sequence[Stall], frames: float) -> None:
    for stall in stalls:
        if not isinstance(stall, Stall):
            refuse("stalls", stall, "mien.prove.recount.Stall(where, at_frame, size_ms, None) each")
        choice_of("where of a stall", stall.where, get_args(Where))
        whole_of("at_frame of a stall", stall.at_frame, 0, 1 << 30, "the number of a frame")
        number_of("size_ms of a stall", stall.size_ms, 1, _MOST_STALL_MS, "milliseconds, 1 to 10000")
        if not 0 < stall.at_frame < frames - 5:
            raise ScriptError(
                f"a stall cannot be put in at frame {stall.at_frame}: the run has {frames:.0f}, and some "
                "must be left to see it by."
            )


def _file(played: Played, folder: Path) -> Recount:
    from mien.prove.surfaces.file import observe_file

    return observe_file(played, folder)


def _memory(played: Played, folder: Path) -> Recount:
    from mien.prove.surfaces.memory import observe_memory

    return observe_memory(played)


def _window_s_library() -> None:
    try:
        import_module("mien.prove.surfaces.window")
    except RendererUnavailable as error:
        raise SurfaceMissing(str(error)) from error


def _window(played: Played, folder: Path) -> Recount:
    _window_s_library()
    from mien.prove.surfaces.window import observe_window

    return observe_window(played, folder)


def _webrtc_s_packages() -> None:
    try:
        import_module("mien.prove.surfaces.webrtc")
    except ImportError as error:
        raise SurfaceMissing(
            f"WebRTC cannot be proved without {error.name}: `{pip_install('mien[prove]')}`, or prove another "
            "surface."
        ) from error


def _webrtc(played: Played, folder: Path) -> Recount:
    _webrtc_s_packages()
    from mien.prove.surfaces.webrtc import observe_webrtc

    return observe_webrtc(played, folder)


def _camera(played: Played, folder: Path) -> Recount:
    from mien.prove.surfaces.camera import observe_camera

    return observe_camera(played)


_OBSERVERS: Final[Mapping[Surface, Callable[[Played, Path], Recount]]] = {
    "file": _file,
    "shared memory": _memory,
    "window": _window,
    "webrtc": _webrtc,
    "virtual camera": _camera,
}


def _for_camera() -> None:
    from mien.prove.surfaces.camera import device_of

    device_of()


_NEEDS: Final[Mapping[Surface, Sequence[Callable[[], object]]]] = {
    "window": (xvfb, _window_s_library),
    "webrtc": (_webrtc_s_packages, chromium),
    "virtual camera": (_for_camera,),
}
"""What is known at once to be there or not; each raises SurfaceMissing."""


def lacks(surface: Surface) -> str | None:
    """What this machine lacks to watch a surface, in a sentence, as far as it is known at once; None: nothing
    that is known without a try."""
    try:
        for needed in _NEEDS.get(surface, ()):
            needed()
    except SurfaceMissing as missing:
        return str(missing)
    return None
