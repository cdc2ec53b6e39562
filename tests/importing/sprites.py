"""Small files of sprites and PNGTuber models, of the face in `drawn`, as their programs write them."""

from __future__ import annotations

import base64
import io
import json
import struct
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from importing import drawn
from mien.types import U8

SHUT_EYES = drawn.over(drawn.shut_eye(drawn.RIGHT), drawn.shut_eye(drawn.LEFT))
OPEN_EYES = drawn.over(drawn.whole_eye(drawn.RIGHT), drawn.whole_eye(drawn.LEFT))
BROWS = drawn.over(drawn.brow(drawn.RIGHT), drawn.brow(drawn.LEFT))
FROWN = drawn.arc(100, drawn.MOUTH, 12, -4, 3, drawn.LIPS)
ANGRY = drawn.over(*(drawn.arc(x, drawn.EYES - 15, 14, 3, 4, drawn.INK) for x in (drawn.RIGHT, drawn.LEFT)))
NARROW = drawn.over(
    *(
        drawn.over(
            drawn.ellipse(x, drawn.EYES, 14, 6, drawn.WHITE),
            drawn.ellipse(x, drawn.EYES, 6, 5, (150, 60, 20)),
            drawn.arc(x, drawn.EYES - 1, 15, -5, 4, drawn.INK),
        )
        for x in (drawn.RIGHT, drawn.LEFT)
    )
)
"""Eyes narrowed, with other irises."""


def face(eyes: U8 = OPEN_EYES, mouth: U8 = drawn.LINE, brows: U8 = BROWS) -> U8:
    """The whole figure as one picture."""
    return drawn.over(drawn.BACK, drawn.BODY, drawn.HEAD, eyes, brows, mouth, drawn.FRINGE)


FACES: dict[str, U8] = {
    "neutral": face(),
    "joy": face(mouth=drawn.WIDE),
    "anger": face(NARROW, FROWN, ANGRY),
    "surprise": face(mouth=drawn.ROUND, brows=drawn.arc(100, drawn.EYES - 28, 40, -3, 3, drawn.INK)),
}


def png(pixels: U8) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def webp(pixels: U8) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "WEBP", lossless=True, exact=False)
    return out.getvalue()


def pack(folder: Path, faces: Mapping[str, U8] = FACES) -> Path:
    """A folder as SillyTavern has it."""
    folder.mkdir()
    for name, pixels in faces.items():
        (folder / f"{name}.png").write_bytes(png(pixels))
    return folder


def tachie(path: Path) -> Path:
    """A zip as airi takes it."""
    names = {
        "neutral": "Neutral.PNG",
        "joy": "happy.webp",
        "anger": "angry.webp",
        "surprise": "surprised.png",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, file in names.items():
            data = webp(FACES[name]) if file.endswith("webp") else png(FACES[name])
            archive.writestr(f"Girl/{file}", data)
        archive.writestr("__MACOSX/Girl/._Neutral.PNG", b"x")
        archive.writestr("Girl/readme.txt", b"x")
    return path


def livepng(folder: Path) -> Path:
    """A LivePNG model with one style, three expressions, and mouths of three steps."""
    half = drawn.ellipse(100, drawn.MOUTH + 3, 12, 5, drawn.LIPS)
    pictures = {
        "idle/0": [face(), face(mouth=half), face(mouth=drawn.WIDE)],
        "angry/0": [face(NARROW, FROWN, ANGRY), face(NARROW, drawn.ROUND, ANGRY)],
        "blink/0": [face(SHUT_EYES)],
    }
    expressions: dict[str, dict[str, list[str]]] = {}
    for place, frames in pictures.items():
        expression, variant = place.split("/")
        inside = folder / "assets" / "default" / place
        inside.mkdir(parents=True)
        names = [f"{i}.png" for i in range(len(frames))]
        for name, pixels in zip(names, frames, strict=True):
            (inside / name).write_bytes(png(pixels))
        expressions[expression] = {variant: names}
    model = {"name": "girl", "version": 1, "styles": {"default": {"expressions": expressions}}}
    (folder / "model.json").write_text(json.dumps(model), "utf-8")
    return folder


FOUR = [face(), face(mouth=drawn.WIDE), face(SHUT_EYES), face(SHUT_EYES, drawn.WIDE)]
"""Mouth shut and open, then both with the eyes shut."""


def _count(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _text(text: str) -> bytes:
    return _count(len(text.encode())) + text.encode()


def _chunk(number: int, kind: bytes, body: bytes) -> bytes:
    return struct.pack("<I4sI", number, kind, len(body)) + body


def delta(channel: np.ndarray, first: int) -> bytes:
    """A channel as veadotube packs it."""
    bits: list[int] = []
    steps = np.diff(np.concatenate(([first], channel.astype(int)))).astype(np.int8).astype(int).tolist()
    at = 0
    while at < len(steps):
        run = 0
        while at + run < len(steps) and steps[at + run] == 0 and run < 262:
            run += 1
        if run >= 7:
            bits += [0, 0, 0, 0, *((run - 7) >> i & 1 for i in range(8))]
            at += run
            continue
        amount = abs(steps[at])
        for prefix, rest, start in _PREFIXES:
            if start <= amount < start + (1 << rest):
                bits += [*prefix, *((amount - start) >> i & 1 for i in range(rest))]
                bits += [] if start == 0 else [int(steps[at] > 0)]
                break
        at += 1
    packed = np.packbits(np.asarray(bits, np.uint8), bitorder="little").tobytes()
    return packed + bytes(-len(packed) % 4)


_PREFIXES = (
    ((1, 0), 0, 0), ((1, 1), 1, 1), ((0, 1, 0), 1, 3), ((0, 1, 1), 2, 5), ((0, 0, 1, 0), 3, 9),
    ((0, 0, 1, 1), 4, 17), ((0, 0, 0, 1, 0), 5, 33), ((0, 0, 0, 1, 1), 6, 65),
)  # fmt: skip


def packed(pixels: U8) -> bytes:
    """A picture in veadotube's own packing."""
    flat = pixels[::-1].reshape(-1, 4)
    shown = flat[flat[:, 3] != 0]
    parts = [delta(flat[:, 3], 255), *(delta(shown[:, i], 0) for i in range(3))]
    return struct.pack("<4I", *(len(part) // 4 for part in parts)) + b"".join(parts)


def veado(path: Path, kind: bytes = b"RAW.", wide_flags: bool = False) -> Path:
    """A mini avatar with two states, the second of one picture."""
    data = b"VEADOTUBE" + _chunk(1, b"META", _text("test") + _text("") + _text(""))
    data += _chunk(2, b"MLST", struct.pack("<2I", 3, 4))
    flags = struct.pack("<I", 2) if wide_flags else b"\x02"
    for number, name, images in ((3, "Idle", (10, 20, 30, 40)), (4, "Angry", (50, 0, 0, 0))):
        ids = struct.pack("<8I", 0, 0, 0, 0, *images)
        data += _chunk(number, b"MSTA", _text(name) + flags + ids + b"\0\0\0\0\0PRES")
    for number, pixels in zip((10, 20, 30, 40, 50), [*FOUR, FACES["anger"]], strict=True):
        height, width = pixels.shape[:2]
        image = struct.pack("<II", width, height) + _count(1) + struct.pack("<IIId", number + 1, 0, 0, 0.0)
        body = pixels[::-1].tobytes() if kind == b"RAW." else packed(pixels)
        data += _chunk(number, b"AIMG", image)
        data += _chunk(number + 1, b"ABMP", struct.pack("<II4s", width, height, kind) + body)
    path.write_bytes(data + bytes(12))
    return path


def cut_out(pixels: U8) -> tuple[U8, tuple[int, int]]:
    """Pixels without their empty border, and where the middle of what is left lies from the canvas's."""
    rows, columns = np.flatnonzero(pixels[..., 3].any(axis=1)), np.flatnonzero(pixels[..., 3].any(axis=0))
    top, left = int(rows[0]), int(columns[0])
    part = pixels[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]
    # Programs of Godot place pictures by their middle; one of an odd side lies on half a pixel.
    part = np.pad(part, ((0, part.shape[0] % 2), (0, part.shape[1] % 2), (0, 0)))
    middle = left + part.shape[1] // 2 - drawn.SIZE[0] // 2, top + part.shape[0] // 2 - drawn.SIZE[1] // 2
    return part, middle


SPRITES: tuple[tuple[str, U8, str, dict[str, Any]], ...] = (
    ("back hair", drawn.BACK, "body", {"depth": -2, "stretch": 1.5, "drag": 3}),
    ("body", drawn.BODY, "", {"depth": -1, "wobble": (6, 4)}),
    ("head", drawn.HEAD, "body", {}),
    ("eyes", OPEN_EYES, "head", {"blink": 1}),
    ("eyes closed", SHUT_EYES, "head", {"blink": 2}),
    ("brows", BROWS, "head", {}),
    ("mouth", drawn.LINE, "head", {"talk": 1}),
    ("mouth open", drawn.WIDE, "head", {"talk": 2}),
    ("fringe", drawn.FRINGE, "head", {"depth": 1, "turn": 1.5}),
    ("hat", drawn.ellipse(100, 52, 40, 18, drawn.CLOTH), "head", {"depth": 2, "costume": 1}),
)
"""(name, picture, what it hangs on, what it does)."""


def plus(path: Path, change: Callable[[dict[str, Any]], None] | None = None) -> Path:
    """A PNGTuber-Plus avatar, all that hangs on others measured from those."""
    made: dict[str, Any] = {}
    places = {name: cut_out(pixels)[1] for name, pixels, _, _ in SPRITES}
    for index, (name, pixels, parent, does) in enumerate(SPRITES):
        part, (x, y) = cut_out(pixels)
        from_x, from_y = places.get(parent, (0, 0))
        # Turned about a point that lies above its middle.
        x, y = x - from_x, y - from_y - (10 if parent else 0)
        if parent:
            y += 10 if SPRITES[_index(parent)][2] else 0
        made[str(index)] = {
            "type": "sprite", "path": f"C:\\art\\{name}.png", "identification": 100 + index,
            "parentId": 100 + _index(parent) if parent else None,
            "pos": f"Vector2({x}, {y})", "offset": f"Vector2(0, {10 if parent else 0})",
            "zindex": does.get("depth", 0), "drag": does.get("drag", 0), "rotDrag": does.get("turn", 0),
            "stretchAmount": does.get("stretch", 0), "rLimitMin": -20, "rLimitMax": 20,
            "xAmp": does.get("wobble", (0, 0))[0], "xFrq": 0.01,
            "yAmp": does.get("wobble", (0, 0))[1], "yFrq": 0.01,
            "showTalk": does.get("talk", 0), "showBlink": does.get("blink", 0),
            "costumeLayers": str([0, 1] + [0] * 8) if "costume" in does else str([1] * 10),
            "frames": 1, "animSpeed": 0, "clipped": False, "toggle": "F5" if name == "brows" else "null",
            "ignoreBounce": False, "imageData": base64.b64encode(png(part)).decode(),
        }  # fmt: skip
    if change is not None:
        change(made)
    path.write_text(json.dumps(made), "utf-8")
    return path


def _index(name: str) -> int:
    return next(i for i, sprite in enumerate(SPRITES) if sprite[0] == name)


def var(value: Any) -> bytes:
    """A value as Godot stores it."""
    if value is None:
        return struct.pack("<I", 0)
    if isinstance(value, bool):
        return struct.pack("<II", 1, value)
    if isinstance(value, int):
        return struct.pack("<Iq", 2 | 1 << 16, value)
    if isinstance(value, float):
        return struct.pack("<Id", 3 | 1 << 16, value)
    if isinstance(value, str):
        data = value.encode()
        return struct.pack("<II", 4, len(data)) + data + bytes(-len(data) % 4)
    if isinstance(value, bytes):
        return struct.pack("<II", 29, len(value)) + value + bytes(-len(value) % 4)
    if isinstance(value, tuple):
        kind = {2: 5, 4: 20}[len(value)]
        return struct.pack(f"<I{len(value)}f", kind, *value)
    if isinstance(value, dict):
        return struct.pack("<II", 27, len(value)) + b"".join(var(k) + var(v) for k, v in value.items())
    return struct.pack("<II", 28, len(value)) + b"".join(map(var, value))


def remix(path: Path, change: Callable[[dict[str, Any]], None] | None = None) -> Path:
    """A PNGTuber-Remix model with its eyes and mouths in folders, and a second state with a hat."""
    sprites, images = [], []
    for index, (name, pixels, parent, does) in enumerate(SPRITES):
        part, (x, y) = cut_out(pixels)
        images.append({"id": index, "image_name": name, "runtime_texture": png(part)})
        state: dict[str, Any] = {
            "position": (0.0, 0.0), "offset": (float(x), float(y)), "rotation": 0.0, "scale": (1.0, 1.0),
            "z_index": does.get("depth", 0), "visible": "costume" not in does, "folder": False,
            "should_talk": "talk" in does, "open_mouth": does.get("talk") == 2,
            "should_blink": "blink" in does, "open_eyes": does.get("blink") == 1,
            "dragSpeed": does.get("drag", 0), "rdragStr": float(does.get("turn", 0)), "rLimitMin": -20,
            "rLimitMax": 20, "stretchAmount": does.get("stretch", 0), "hframes": 1, "vframes": 1, "clip": 0,
            "tint": (1.0, 1.0, 1.0, 1.0), "colored": (1.0, 1.0, 1.0, 1.0), "blend_mode": "Normal",
        }  # fmt: skip
        if parent:  # measured in the picture of what it hangs on
            up = cut_out(SPRITES[_index(parent)][1])[1]
            state["position"] = (float(-up[0]), float(-up[1]))
            state["z_index"] -= SPRITES[_index(parent)][3].get("depth", 0)
            if SPRITES[_index(parent)][2]:
                grand = cut_out(SPRITES[_index(SPRITES[_index(parent)][2])][1])[1]
                del grand
        sprites.append({
            "sprite_name": name, "sprite_id": float(100 + index), "sprite_type": "Sprite2D",
            "parent_id": float(100 + _index(parent)) if parent else 0.0, "image_id": index,
            "states": [state, {**state, "visible": True}], "is_asset": False, "was_active_before": True,
        })  # fmt: skip
    model = {
        "version": "1.4.5", "sprites_array": sprites, "image_manager_data": images,
        "settings_dict": {}, "input_array": [{"state_name": "Plain"}, {"state_name": "With hat"}],
    }  # fmt: skip
    if change is not None:
        change(model)
    data = var(model)
    path.write_bytes(struct.pack("<I", len(data)) + data)
    return path


SCRIPT = """
# A girl.
define e = Character("Eileen")

layeredimage girl:
    image_format "girl/{image}.png"

    always:
        "girl_back"
    always "girl_body"

    group head:
        attribute plain default:
            "girl_head_plain"

    group eyes auto:
        attribute open default

    group brows:
        attribute calm default
        attribute cross when angry

    group mouth:
        attribute closed default
        attribute open
        attribute smile

    attribute angry null

    group extra multiple:
        attribute hat
    if weather == "rain":
        "girl_extra_hat"
    always "girl_fringe"
    always "girl_missing"

label start:
    show girl
"""


def renpy(folder: Path) -> Path:
    """A script with a layered image, and its pictures in `images`."""
    inside = folder / "images" / "girl"
    inside.mkdir(parents=True)
    pictures = {
        "girl_back": drawn.BACK, "girl_body": drawn.BODY, "girl_head_plain": drawn.HEAD,
        "girl_eyes_open": OPEN_EYES, "girl_eyes_closed": SHUT_EYES, "girl_brows_calm": BROWS,
        "girl_brows_cross": ANGRY, "girl_mouth_closed": drawn.LINE, "girl_mouth_open": drawn.WIDE,
        "girl_mouth_smile": drawn.arc(100, drawn.MOUTH, 14, 6, 3, drawn.LIPS),
        "girl_extra_hat": SPRITES[-1][1], "girl_fringe": drawn.FRINGE,
    }  # fmt: skip
    for name, pixels in pictures.items():
        (inside / f"{name}.png").write_bytes(png(pixels))
    (folder / "script.rpy").write_text(SCRIPT, "utf-8")
    return folder


def layers(folder: Path) -> Path:
    """A folder of layers without a script, named by Ren'Py's pattern."""
    folder.mkdir()
    pictures = {
        "girl_hair_back": drawn.BACK, "girl_body_plain": drawn.BODY, "girl_head_plain": drawn.HEAD,
        "girl_eyes_open": OPEN_EYES, "girl_eyes_closed": SHUT_EYES, "girl_brows_calm": BROWS,
        "girl_mouth_closed": drawn.LINE, "girl_mouth_open": drawn.WIDE, "girl_hair_front": drawn.FRINGE,
    }  # fmt: skip
    for name, pixels in pictures.items():
        (folder / f"{name}.png").write_bytes(png(pixels))
    return folder
