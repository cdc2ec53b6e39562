"""PSD and PSB files, read with psd-tools: its stored rasters only, never its own compositing.

RGB and grey stay in the colours of the file's profile, in which Photoshop blends them; the picture is
converted once it is drawn. CMYK becomes sRGB layer by layer, so its blending is near Photoshop's and not the
same. What has more than 8 bits a channel is narrowed to 8; 32 bits are linear light, and are encoded as
sRGB.
"""

from __future__ import annotations

import logging
import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mien.art.layered.kept_layers import KeptLayers
from mien.art.layered.planes import Damaged, Plane
from mien.art.layered.profiles import Mode, Profile
from mien.art.layered.psd_count import check_count
from mien.art.layered.psd_faults import fault_of
from mien.art.layered.psd_pixels import COLOURS, Pixels
from mien.art.layered.psd_tree import TreeReader
from mien.art.layered.shrinking import Shrinking
from mien.art.layered.stored import StoredPicture
from mien.art.layered.tree import (
    Layer,
    LayeredArt,
    Limits,
    Node,
    check_canvas,
    check_file,
    trimmed,
)
from mien.errors import AssetMissing, FormatError, ImageRejected, MienError
from mien.installing import pip_install
from mien.messages import quoted
from mien.types import U8, Rect, Size

if TYPE_CHECKING:
    from psd_tools import PSDImage

MAX_FILE_BYTES = 2 * 1024**3
"""Largest file that is read at all."""

_MODES = {
    0: "Bitmap",
    1: "Grayscale",
    2: "Indexed",
    3: "RGB",
    4: "CMYK",
    7: "Multichannel",
    8: "Duotone",
    9: "Lab",
}
_LAYERED_MODES: dict[str, Mode] = {"Grayscale": "L", "RGB": "RGB", "CMYK": "CMYK"}
_FLAT_MODES = ("Bitmap", "Indexed")  # Photoshop has no layers in these


class PsdToolsMissing(MienError, ImportError):
    """The package that reads Photoshop's files is not installed."""


def read_psd(
    path: Path, *, hidden: bool = False, most: int = 0, kept: KeptLayers | None = None
) -> LayeredArt:
    """A PSD or PSB file; parameters as of `read_layered`. Raises AssetMissing, FormatError, ImageRejected,
    PsdToolsMissing."""
    size, mode = _header(path)
    check_canvas(size, str(path), most)
    if mode not in (*_LAYERED_MODES, *_FLAT_MODES):
        raise FormatError(
            f"{path}: its colour mode is {mode}, which Mien cannot draw; convert it to RGB and save it again."
        )
    try:
        import psd_tools  # noqa: F401 - reading one takes 0.2 s to import, which nothing else should pay for
    except ImportError as error:
        raise PsdToolsMissing(
            f"{path}: reading Photoshop files needs psd-tools; install it with: "
            f"{pip_install('mien[layered]')}"
        ) from error
    check_count(path)
    with _quiet():
        try:
            return _read(path, size, hidden, Shrinking.to(size, most), kept or KeptLayers())
        except MienError:
            raise
        except Damaged as error:
            raise ImageRejected(f"{path} is damaged, {error}; save it again.") from error
        except Exception as error:  # a reader fed with a stranger's bytes raises whatever it likes
            # attrs puts the sentence first, and what it checked with after it.
            words = error.args[0] if error.args and isinstance(error.args[0], str) else str(error)
            reason = " ".join(words.split()) or type(error).__name__
            if found := re.match(r"(\d+) is not a valid ChannelID", reason):
                raise FormatError(
                    f"{path}: a layer has a colour channel number {found[1]}, and those above 9 cannot be "
                    "read; delete the extra channels, or save it as RGB."
                ) from error
            raise ImageRejected(
                f"{path} is damaged: {fault_of(path, error)}; copy it again, or save it again where it was "
                "made."
            ) from error


def _header(path: Path) -> tuple[Size, str]:
    """Size and colour mode from the 26 bytes that every such file begins with."""
    try:
        check_file(path)
        length = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(26)
    except (AssetMissing, ImageRejected):  # of which one is an OSError
        raise
    except OSError as error:
        raise ImageRejected(f"{path}: cannot be read ({error}); check its permissions.") from error
    if head[:4] == b"8BPS" and len(head) < 26:
        raise ImageRejected(
            f"{path}: ends after {len(head)} bytes, within its header; save or copy it again."
        )
    if head[:4] != b"8BPS":
        raise ImageRejected(f"{path} is not a Photoshop file (it does not begin with 8BPS); save it as PSD.")
    if length > MAX_FILE_BYTES:
        raise ImageRejected(
            f"{path} is {length} bytes long, and {MAX_FILE_BYTES} is the limit; flatten some."
        )
    channels, height, width, depth, mode = struct.unpack(">HIIHH", head[12:26])
    for what, value, known in (
        ("channels", channels, range(1, 57)),
        ("bits a channel", depth, (1, 8, 16, 32)),
    ):
        if value not in known:
            raise ImageRejected(
                f"{path}: its header says {value} {what}, which no such file has; save it again."
            )
    return Size(width, height), _MODES.get(mode, f"number {mode}")


@contextmanager
def _quiet() -> Iterator[None]:
    """What psd-tools warns of is either harmless or becomes a warning."""
    log = logging.getLogger("psd_tools")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)


def _read(path: Path, size: Size, hidden: bool, shrinking: Shrinking, kept: KeptLayers) -> LayeredArt:
    from psd_tools import PSDImage

    psd = PSDImage.open(path)
    header = psd._record.header
    remarks: list[str] = []
    limits = Limits(str(path))
    named = _MODES[int(header.color_mode)]
    if named in _FLAT_MODES:
        return LayeredArt(
            shrinking.size, _one_picture(_flat(psd), size, limits, shrinking), scale=shrinking.scale
        )
    mode = _LAYERED_MODES[named]
    profile = _profile(psd, mode, remarks)
    linear = header.depth == 32
    if header.depth > 8:
        remarks.append(
            f"its {header.depth} bits a channel are drawn with 8"
            + (", and its linear light is blended as sRGB" if linear else "")
        )
    canvas = Rect(0, 0, *size)
    pixels = Pixels(canvas, mode, profile if mode == "CMYK" else None, linear)
    colours = COLOURS[mode]
    data = psd._record.image_data
    plane = Plane(
        data.data,
        int(data.compression),
        *size,
        header.depth,
        header.version,
        header.channels,
        colours if linear else 0,
    )
    stored = StoredPicture(plane, mode, pixels, _alpha_of(psd, colours))
    used = profile if mode != "CMYK" else None
    if not len(psd):
        root = _one_picture(stored.read(), size, limits, shrinking)
        return LayeredArt(shrinking.size, root, tuple(remarks), used, scale=shrinking.scale)
    root = TreeReader(canvas, limits, pixels, remarks, hidden, shrinking, kept).read(psd)
    if not psd.has_preview():
        remarks.append("stores no picture of itself that Mien's could be compared with")
    elif plane.is_cut:
        remarks.append(
            "ends within the picture that it stores of itself, behind its layers, which are whole; copy or "
            "save it again to be sure of it"
        )
    return LayeredArt(
        shrinking.size,
        root,
        tuple(remarks),
        used,
        stored if psd.has_preview() and not shrinking.shrinks else None,
        shrinking.scale,
    )


def _profile(psd: PSDImage, mode: Mode, remarks: list[str]) -> Profile | None:
    """What turns the file's colours into sRGB; None where they are sRGB, or cannot be turned (a remark)."""
    from psd_tools.constants import Resource

    data = psd.image_resources.get_data(Resource.ICC_PROFILE)
    profile = None
    if data:
        try:
            profile = Profile(bytes(data), mode)
        except ImageRejected as error:
            remarks.append(f"its colour profile is not used: {error}")
    if mode == "CMYK":
        remarks.append(
            "its CMYK colours are blended as RGB"
            + ("" if profile else ", and turned into it by the plain formula, as it has no profile")
        )
    elif profile is not None and psd.depth == 32:
        if "sRGB" not in profile.name and "inear" not in profile.name:
            remarks.append(
                f"its colour profile {quoted(profile.name)} is taken for sRGB at 32 bits a channel"
            )
        return None
    return None if profile is not None and profile.is_srgb else profile


def _alpha_of(psd: PSDImage, colours: int) -> int | None:
    """Which channel of the file's picture says where it is transparent; None for none."""
    from psd_tools.api.utils import get_transparency_index, has_transparency

    if psd.channels <= colours or not has_transparency(psd):
        return None
    return max(colours, get_transparency_index(psd))


def _flat(psd: PSDImage) -> U8:
    """The picture of an indexed or bitmap file, (h, w, 4) uint8 straight."""
    image = psd.topil(apply_icc=False)
    return np.zeros((0, 0, 4), np.uint8) if image is None else np.array(image.convert("RGBA"))


def _one_picture(pixels: U8, size: Size, limits: Limits, shrinking: Shrinking) -> tuple[Node, ...]:
    """The one layer of a file without layers."""
    pixels, offset = trimmed(pixels, (0, 0), size)
    limits.pixels(pixels)
    return (Layer("Background", *shrinking.pixels(pixels, offset)),)
