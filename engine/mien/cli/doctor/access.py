"""What stands between a process and the GPU: device files, containers, settings of the environment, and where
compiled shaders are kept."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from mien.cli.doctor.finding import Finding
from mien.messages import printable, shown_path
from mien.shader_cache import FULL, OFF, is_off, kept_shaders

DRI: Final = Path("/dev/dri")
ROOT: Final = Path("/")
_NVIDIA: Final = "NVIDIA_DRIVER_CAPABILITIES"
_VENDORS: Final = ("usr/share/glvnd/egl_vendor.d", "etc/glvnd/egl_vendor.d")
_SETTINGS: Final = {
    "GLCONTEXT_DEVICE_INDEX": "the only EGL device that is tried",
    "MIEN_STRATEGY": "how is drawn, whatever suits the renderer",
    "LIBGL_ALWAYS_SOFTWARE": "Mesa draws on the processor, whatever GPU there is",
    "GALLIUM_DRIVER": "the driver that Mesa draws with in software",
    "GALLIUM_NOOP": "Mesa draws nothing",
    "LP_NUM_THREADS": "how many threads Mesa's llvmpipe draws with",
    "MESA_LOADER_DRIVER_OVERRIDE": "the driver that Mesa loads",
    "MESA_GL_VERSION_OVERRIDE": "the OpenGL version that Mesa says it has",
    "MESA_EXTENSION_OVERRIDE": "extensions that Mesa says it has, or has not",
    "force_gl_renderer": "the name that Mesa gives its renderer",
    "__EGL_VENDOR_LIBRARY_FILENAMES": "the only EGL drivers that are loaded",
    "__EGL_VENDOR_LIBRARY_DIRS": "where EGL drivers are looked for",
}
"""Environment variables that decide what is drawn with, and what each means."""


def render_nodes(
    folder: Path = DRI,
    opens: Callable[[Path], bool] = lambda node: os.access(node, os.R_OK | os.W_OK),
    group_of: Callable[[Path], str] = lambda node: node.group(),
) -> Finding:
    """The files through which GPUs are reached without a screen, and whether this user may."""
    what = "GPU access"
    if not sys.platform.startswith("linux"):
        return Finding(what, "ok", "the system's own: no device files")
    nodes = sorted(folder.glob("renderD*"))
    figures = {"nodes": {str(node): opens(node) for node in nodes}}
    if not nodes:
        return Finding(
            what,
            "note",
            f"no render node in {folder}: no GPU is seen here, so Mien draws on the processor",
            f"in a container, hand it over: docker run --device {DRI}; else install the GPU's driver",
            figures,
        )
    closed = [node for node in nodes if not opens(node)]
    if not closed:
        return Finding(what, "ok", f"{_listed(nodes)} can be opened", "", figures)
    groups = sorted({_group(group_of, node) for node in closed})
    joined = ",".join(groups)
    return Finding(
        what,
        "note",
        f"{_listed(closed)}, of group {' and '.join(groups)}, may not be opened by this user",
        f"sudo usermod -aG {joined} $USER, and log in again; in a container: --group-add with the number "
        f"that `stat -c %g {closed[0]}` gives, and without root the right to the device itself",
        figures,
    )


def nvidia(root: Path = ROOT, environ: Mapping[str, str] = os.environ) -> Finding | None:
    """Whether NVIDIA's driver can draw here, and not only compute; None where there is none."""
    in_container = "NVIDIA_VISIBLE_DEVICES" in environ or _NVIDIA in environ
    if not in_container and not (root / "dev/nvidiactl").exists():
        return None
    what = "NVIDIA"
    if in_container:
        has = printable(environ.get(_NVIDIA, ""))
        if not {"graphics", "all"} & {one.strip() for one in has.split(",")}:
            return Finding(
                what,
                "note",
                f"{_NVIDIA} is {has or 'not set'}: without `graphics` a container gets no NVIDIA OpenGL",
                f"docker run --gpus all -e {_NVIDIA}=graphics,compute,utility",
            )
    vendors = [path.name for folder in _VENDORS for path in (root / folder).glob("*nvidia*.json")]
    if not vendors:
        return Finding(
            what,
            "note",
            "its device is here, and EGL has no driver for it",
            "install the GL part of the same driver (Debian: libegl-nvidia0, Ubuntu: libnvidia-gl-NNN)",
        )
    return Finding(what, "ok", f"its EGL driver is listed ({', '.join(sorted(vendors))})")


def settings(environ: Mapping[str, str] = os.environ) -> Finding:
    """Environment variables that are set and decide what is drawn with."""
    own = {name: "a setting of Mien's" for name in environ if name.startswith("MIEN_")}
    found = {name: why for name, why in (own | _SETTINGS).items() if name in environ}
    if not found:
        return Finding("settings", "ok", "no environment variable decides what is drawn with")
    lines = [f"{printable(name)}={printable(environ[name])}: {why}" for name, why in sorted(found.items())]
    figures = {name: environ[name] for name in sorted(found)}
    return Finding("settings", "note", "\n".join(lines), "unset what is not meant", figures)


def shader_cache(environ: Mapping[str, str] = os.environ) -> Finding:
    """Whether drivers can keep what they compile."""
    what = "shader cache"
    if not sys.platform.startswith("linux"):
        return Finding(what, "ok", "the driver's own")
    if is_off(environ):
        slow = "drivers keep no compiled shaders: to open a stage takes some seconds more, each time"
        return Finding(what, "note", f"{OFF}={environ[OFF]}: {slow}", f"unset {OFF}, if that is not meant")
    name, folder, lack = kept_shaders(environ)
    if not lack:
        return Finding(what, "ok", f"{shown_path(folder)} can be written")
    given = f"{name}={shown_path(environ[name])}" if name in environ else "HOME is not set"
    remedy = "free some space, or " if lack == FULL else ""
    return Finding(
        what,
        "note",
        f"{given}: {lack}, so that drivers may keep no compiled shaders: to open a stage takes some seconds "
        "more, each time",
        f"{remedy}set {name} to a folder that you may write",
    )


def _listed(nodes: list[Path]) -> str:
    return ", ".join(map(str, nodes))


def _group(group_of: Callable[[Path], str], node: Path) -> str:
    try:
        return group_of(node)
    except (KeyError, OSError):  # a number without a name, as in containers
        return "render"
