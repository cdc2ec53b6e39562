"""A small face, drawn with numpy, and files of it as other programs write them."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from xml.sax.saxutils import quoteattr

import numpy as np
from PIL import Image

from art.psd_file import FileLayer, psd_file, raw, rgba
from mien.types import U8

SIZE = (200, 260)
SKIN, INK, IRIS, WHITE = (240, 205, 180), (70, 35, 40), (40, 120, 150), (250, 250, 250)
HAIR, CLOTH, LIPS = (120, 60, 40), (60, 80, 150), (140, 50, 60)


@dataclass(frozen=True)
class Thing:
    """A layer, or a folder of them, topmost first."""

    name: str
    pixels: U8 | None = None
    """As large as the canvas, straight alpha."""
    inside: tuple[Thing, ...] = ()
    visible: bool = True
    clipped: bool = False
    opacity: int = 100
    """Per cent; of pictures in OpenRaster files alone."""

    def hidden(self) -> Thing:
        """The same, hidden."""
        return replace(self, visible=False)

    def called(self, name: str) -> Thing:
        """The same by another name."""
        return replace(self, name=name)


@cache
def ellipse(x: float, y: float, wide: float, high: float, colour: tuple[int, int, int]) -> U8:
    """An ellipse about (x, y), soft at its edge. Not to be written to: it is drawn once."""
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    apart = np.hypot((columns - x) / wide, (rows - y) / high)
    out = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    out[..., :3] = colour
    out[..., 3] = np.rint(np.clip((1 - apart) * min(wide, high) + 0.5, 0, 1) * 255)
    out[out[..., 3] == 0] = 0
    out.flags.writeable = False
    return out


@cache
def arc(x: float, y: float, wide: float, bow: float, thick: float, colour: tuple[int, int, int]) -> U8:
    """A line about (x, y) whose middle is `bow` lower than its ends. Not to be written to."""
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    along = (columns - x) / wide
    line = y + bow * (1 - along * along)
    out = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    out[..., :3] = colour
    share = np.clip(thick / 2 - np.abs(rows - line) + 0.5, 0, 1) * (np.abs(along) <= 1)
    out[..., 3] = np.rint(share * 255)
    out[out[..., 3] == 0] = 0
    out.flags.writeable = False
    return out


def over(*pictures: U8) -> U8:
    """Pictures over one another, the first lowest."""
    image = Image.fromarray(pictures[0])
    for picture in pictures[1:]:
        image = Image.alpha_composite(image, Image.fromarray(picture))
    return np.asarray(image).copy()


RIGHT, LEFT, EYES, MOUTH = 75, 125, 110, 152
"""Columns of the eyes, the character's own right being the viewer's left; rows of eyes and mouth."""


def white(x: float) -> U8:
    return ellipse(x, EYES, 14, 11, WHITE)


def iris(x: float) -> U8:
    return ellipse(x, EYES, 7, 8, IRIS)


def lash(x: float) -> U8:
    return arc(x, EYES - 2, 15, -9, 4, INK)


def whole_eye(x: float) -> U8:
    return over(white(x), iris(x), lash(x))


def shut_eye(x: float) -> U8:
    return arc(x, EYES + 2, 14, 5, 3, INK)


def brow(x: float) -> U8:
    return arc(x, EYES - 20, 14, -3, 3, INK)


LINE = arc(100, MOUTH, 12, 2, 3, LIPS)
WIDE = over(ellipse(100, MOUTH + 5, 12, 10, LIPS), ellipse(100, MOUTH + 6, 9, 7, (60, 15, 25)))
ROUND = ellipse(100, MOUTH + 4, 7, 8, LIPS)
HEAD = ellipse(100, 120, 52, 62, SKIN)
BODY = over(ellipse(100, 262, 80, 70, CLOTH), ellipse(100, 190, 16, 24, SKIN))
FRINGE = ellipse(100, 72, 56, 22, HAIR)
BACK = ellipse(100, 130, 64, 84, HAIR)


def named() -> tuple[Thing, ...]:
    """Character Animator's names, with a mouth and shut eyes of its own, and eyes of several layers."""
    return (
        Thing(
            "+Head",
            inside=(
                Thing("Fringe", FRINGE),
                Thing("+Left Eyebrow", brow(LEFT)),
                Thing("+Right Eyebrow", brow(RIGHT)),
                Thing(
                    "Mouth",
                    inside=(
                        Thing("Neutral", LINE),
                        Thing("Ah", WIDE, visible=False),
                        Thing("W-Oo", ROUND, visible=False),
                    ),
                ),
                Thing("Left Blink", shut_eye(LEFT), visible=False),
                Thing("Right Blink", shut_eye(RIGHT), visible=False),
                eye("Left", LEFT),
                eye("Right", RIGHT),
                Thing("Face", HEAD),
            ),
        ),
        Thing("Body", BODY),
        Thing("Back Hair", BACK),
    )


def eye(side: str, x: float) -> Thing:
    """An eye of three layers."""
    pieces = (
        Thing(f"{side} Eyelash", lash(x)),
        Thing(f"+{side} Pupil", iris(x)),
        Thing(f"{side} Eyeball", white(x)),
    )
    return Thing(f"{side} Eye", inside=pieces)


def plain() -> tuple[Thing, ...]:
    """One layer an eye, and a mouth that is a line: everything else is to be made up."""
    return (
        Thing("front hair", FRINGE),
        Thing("eyebrow L", brow(LEFT)),
        Thing("eyebrow R", brow(RIGHT)),
        Thing("eye L", whole_eye(LEFT)),
        Thing("eye R", whole_eye(RIGHT)),
        Thing("mouth", LINE),
        Thing("face", HEAD),
        Thing("body", BODY),
        Thing("back hair", BACK),
    )


def unnamed() -> tuple[Thing, ...]:
    """The same without names."""
    return tuple(thing.called(f"Layer {i}") for i, thing in enumerate(plain(), 1))


def in_pieces() -> tuple[Thing, ...]:
    """The same with a white, an iris and lashes of each eye on layers of their own, called `iris right`."""
    pieces = tuple(
        Thing(f"{name} {side}", draw(x))
        for side, x in (("left", LEFT), ("right", RIGHT))
        for name, draw in (("lash", lash), ("iris", iris), ("eye white", white))
    )
    others = [thing for thing in plain() if not thing.name.startswith("eye ")]
    at = [thing.name for thing in others].index("mouth")
    return (*others[:at], *pieces, *others[at:])


def japanese() -> tuple[Thing, ...]:
    """PSDTool's names: both eyes on one layer, one of several shown, and a layer that is always shown."""
    both = over(whole_eye(LEFT), whole_eye(RIGHT))
    shut = over(shut_eye(LEFT), shut_eye(RIGHT))
    return (
        Thing("!前髪", FRINGE),
        Thing("!眉", inside=(Thing("*普通", over(brow(LEFT), brow(RIGHT))),)),
        Thing("!目", inside=(Thing("*普通目", both), Thing("*閉じ目", shut, visible=False))),
        Thing(
            "!口",
            inside=(
                Thing("*むふ", LINE),
                Thing("*あ", WIDE, visible=False),
                Thing("*お", ROUND, visible=False),
                Thing("*ω", ROUND, visible=False),
            ),
        ),
        Thing("頬", ellipse(100, 140, 40, 8, (230, 120, 120)), visible=False),
        Thing("!顔", HEAD),
        Thing("!体", BODY),
        Thing("後ろ髪", BACK),
    )


def all_shown() -> tuple[Thing, ...]:
    """PNGTuberORA's names: everything visible at once, a pivot marked by a pixel, a costume."""
    pivot = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    pivot[60, 100] = 255
    return (
        Thing("c2_hat", ellipse(100, 50, 40, 20, (20, 90, 60)), visible=False),
        Thing("pivot_hairfront", pivot),
        Thing("hairfront", FRINGE),
        Thing("eyes closed", over(shut_eye(LEFT), shut_eye(RIGHT))),
        Thing("eyes open", over(whole_eye(LEFT), whole_eye(RIGHT))),
        Thing("mouth open [AA]", WIDE),
        Thing("mouth closed", LINE),
        Thing("head", HEAD),
        Thing("torso", BODY),
    )


def ora(path: Path, things: Sequence[Thing], size: tuple[int, int] = SIZE) -> Path:
    """An OpenRaster file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("mimetype", "image/openraster", zipfile.ZIP_STORED)
        files: list[bytes] = []
        body = "".join(_ora_element(thing, files) for thing in things)
        archive.writestr("stack.xml", f'<image w="{size[0]}" h="{size[1]}"><stack>{body}</stack></image>')
        for number, data in enumerate(files):
            archive.writestr(f"data/{number}.png", data)
    return path


def _ora_element(thing: Thing, files: list[bytes]) -> str:
    shown = "" if thing.visible else ' visibility="hidden"'
    clip = ' composite-op="svg:src-atop"' if thing.clipped else ""
    clip += f' opacity="{thing.opacity / 100}"' if thing.opacity < 100 else ""
    if thing.pixels is None:
        inside = "".join(_ora_element(child, files) for child in thing.inside)
        return f"<stack name={quoteattr(thing.name)}{shown}>{inside}</stack>"
    out = io.BytesIO()
    Image.fromarray(thing.pixels).save(out, "PNG", compress_level=1)
    files.append(out.getvalue())
    return f'<layer name={quoteattr(thing.name)} src="data/{len(files) - 1}.png"{shown}{clip}/>'


def psd(path: Path, things: Sequence[Thing]) -> Path:
    """A Photoshop file; names in ASCII, and in Unicode beside."""
    stored = raw(np.zeros((3, SIZE[1], SIZE[0]), np.uint8))
    path.write_bytes(psd_file(SIZE, list(_psd_layers(tuple(reversed(things)))), stored))
    return path


def _psd_layers(things: Sequence[Thing]) -> list[FileLayer]:
    """Records, bottom to top."""
    made: list[FileLayer] = []
    for thing in things:
        flags = 8 if thing.visible else 8 | 2
        name = thing.name.encode("ascii", "replace").decode()
        spelt = thing.name.encode("utf-16-be")
        blocks = {b"luni": struct.pack(">I", len(spelt) // 2) + spelt}
        if thing.pixels is None:
            empty = dict.fromkeys((-1, 0, 1, 2), (0, b""))
            end = {b"lsct": struct.pack(">I", 3)}
            made.append(FileLayer((0, 0, 0, 0), empty, "</Layer group>", blocks=end))
            made += _psd_layers(tuple(reversed(thing.inside)))
            made.append(
                FileLayer(
                    (0, 0, 0, 0), empty, name, blocks={**blocks, b"lsct": struct.pack(">I", 1)}, flags=flags
                )
            )
            continue
        rows, columns = (np.flatnonzero(thing.pixels[..., 3].any(axis=axis)) for axis in (1, 0))
        box = (int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
        pixels = thing.pixels[box[1] : box[3], box[0] : box[2]]
        made.append(FileLayer(box, rgba(pixels), name, blocks=blocks, flags=flags, clipped=thing.clipped))
    return made


def kra(path: Path, things: Sequence[Thing]) -> Path:
    """A Krita file, as Krita 5 writes it."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/x-krita", zipfile.ZIP_STORED)
        layers: list[bytes] = []
        body = "".join(_kra_element(thing, layers) for thing in things)
        archive.writestr(
            "maindoc.xml",
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            "<!DOCTYPE DOC PUBLIC '-//KDE//DTD krita 2.0//EN' 'http://www.calligra.org/DTD/krita-2.0.dtd'>\n"
            '<DOC xmlns="http://www.calligra.org/DTD/krita" editor="Krita" syntaxVersion="2.0">'
            f'<IMAGE name="Art" width="{SIZE[0]}" height="{SIZE[1]}" colorspacename="RGBA">'
            f"<layers>{body}</layers></IMAGE></DOC>",
        )
        for number, data in enumerate(layers):
            archive.writestr(f"Art/layers/layer{number}", data)
            archive.writestr(f"Art/layers/layer{number}.defaultpixel", bytes(4))
    return path


def _kra_element(thing: Thing, layers: list[bytes]) -> str:
    shown = f'name={quoteattr(thing.name)} visible="{int(thing.visible)}" opacity="255"'
    common = f'{shown} compositeop="normal" x="0" y="0"'
    if thing.pixels is None:
        inside = "".join(_kra_element(child, layers) for child in thing.inside)
        return f'<layer {common} nodetype="grouplayer" passthrough="0"><layers>{inside}</layers></layer>'
    layers.append(tiles(thing.pixels))
    flags = "1110" if thing.clipped else ""
    return (
        f'<layer {common} nodetype="paintlayer" colorspacename="RGBA" channelflags="{flags}" '
        f'filename="layer{len(layers) - 1}"/>'
    )


def tiles(pixels: U8, packed: bool = True) -> bytes:
    """A layer's tiles of 64 by 64, BGRA, those with something in them."""
    high, wide = pixels.shape[:2]
    made = []
    for y in range(0, high, 64):
        for x in range(0, wide, 64):
            tile = np.zeros((64, 64, 4), np.uint8)
            part = pixels[y : y + 64, x : x + 64, (2, 1, 0, 3)]
            tile[: part.shape[0], : part.shape[1]] = part
            if tile.any():
                body = b"\1" + lzf(tile.transpose(2, 0, 1).tobytes()) if packed else b"\0" + tile.tobytes()
                made.append(f"{x},{y},LZF,{len(body)}\n".encode() + body)
    head = f"VERSION 2\nTILEWIDTH 64\nTILEHEIGHT 64\nPIXELSIZE 4\nDATA {len(made)}\n"
    return head.encode() + b"".join(made)


def lzf(data: bytes) -> bytes:
    """LZF, with repeats of the byte before as the only ones that are found, and all lengths of them."""
    out = bytearray()
    at = 0
    plain = bytearray()

    def flush() -> None:
        for start in range(0, len(plain), 32):
            piece = plain[start : start + 32]
            out.append(len(piece) - 1)
            out.extend(piece)
        plain.clear()

    while at < len(data):
        run = 1
        while at and at + run < len(data) and run < 264 and data[at + run] == data[at - 1]:
            run += 1
        if at and data[at] == data[at - 1] and run >= 3:
            flush()
            length = run - 2
            if length < 7:
                out += bytes([length << 5, 0])
            else:
                out += bytes([7 << 5, length - 7, 0])
            at += run
        else:
            plain.append(data[at])
            at += 1
    flush()
    return bytes(out)
