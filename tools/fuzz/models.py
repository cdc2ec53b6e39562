"""Good samples of sprites and PNGTuber models."""

from __future__ import annotations

import base64
import io
import json
import struct
import zipfile
from typing import Any

from fuzz.samples import LIVE, picture


def save() -> bytes:
    """A PNGTuber-Plus avatar of four sprites."""
    sprites = {}
    for index, (name, talk, blink) in enumerate(
        (("body", 0, 0), ("mouth", 1, 0), ("open", 2, 0), ("shut", 0, 2))
    ):
        sprites[str(index)] = {
            "type": "sprite",
            "path": f"user://{name}.png",
            "imageData": base64.b64encode(picture()).decode(),
            "identification": index + 1,
            "parentId": 1 if index else None,
            "pos": f"Vector2({index}, -3)",
            "offset": "Vector2(0, 2)",
            "zindex": index,
            "drag": 2,
            "rotDrag": 1.5,
            "stretchAmount": 1,
            "xAmp": 3,
            "xFrq": 0.1,
            "yAmp": 0,
            "yFrq": 0,
            "showTalk": talk,
            "showBlink": blink,
            "costumeLayers": "[1, 1, 0, 1, 1, 1, 1, 1, 1, 1]",
            "frames": 1 + index % 2,
            "clipped": index == 0,
            "toggle": "F1",
        }
    return json.dumps(sprites).encode()


def remix() -> bytes:
    """A PNGTuber-Remix model of three sprites, one of them turned."""
    sprites = []
    for index, turn in enumerate((0.0, 0.4, 0.0)):
        state = {
            "position": (float(index), 2.0),
            "offset": (1.0, -1.0),
            "rotation": turn,
            "scale": (1.0, 1.5),
            "z_index": index,
            "visible": True,
            "should_talk": index > 0,
            "open_mouth": index == 2,
            "hframes": 1,
            "clip": index,
            "tint": (1.0, 0.5, 1.0, 1.0),
            "wiggle": True,
            "wiggle_amp": 3.0,
        }
        sprites.append(
            {
                "sprite_name": f"part {index}",
                "sprite_id": float(index + 1),
                "parent_id": float(index),
                "image_id": 7,
                "sprite_type": "WiggleApp" if index == 1 else "Sprite2D",
                "states": [state, state],
            }
        )
    model = {
        "version": "1.4.5",
        "sprites_array": sprites,
        "image_manager_data": [{"id": 7, "runtime_texture": picture()}],
    }
    data = _var(model)
    return struct.pack("<I", len(data)) + data


def _var(value: Any) -> bytes:
    """A value as Godot stores it."""
    if isinstance(value, bool):
        return struct.pack("<II", 1, value)
    if isinstance(value, int):
        return struct.pack("<Ii", 2, value)
    if isinstance(value, float):
        return struct.pack("<Id", 3 | 1 << 16, value)
    if isinstance(value, str | bytes):
        data = value.encode() if isinstance(value, str) else value
        return (
            struct.pack("<II", 4 if isinstance(value, str) else 29, len(data)) + data + bytes(-len(data) % 4)
        )
    if isinstance(value, tuple):
        return struct.pack(f"<I{len(value)}f", 5 if len(value) == 2 else 20, *value)
    if isinstance(value, dict):
        return struct.pack("<II", 27, len(value)) + b"".join(_var(k) + _var(v) for k, v in value.items())
    return struct.pack("<II", 28, len(value)) + b"".join(_var(one) for one in value)


def veado() -> bytes:
    """A veadotube mini avatar of one state, one of its pictures packed."""

    def chunk(number: int, kind: bytes, body: bytes) -> bytes:
        return struct.pack("<I4sI", number, kind, len(body)) + body

    size = 6, 4
    raw = bytes(range(size[0] * size[1] * 4))
    delta = struct.pack("<4I", 0xFFFFFFFF, 1, 0xFFFFFF20, 0xFFFFFF40) + struct.pack("<I", 0x55555550)
    data = b"VEADOTUBE" + chunk(1, b"MLST", struct.pack("<I", 2))
    data += chunk(
        2, b"MSTA", b"\x04Idle\x02" + struct.pack("<8I", 0, 0, 0, 0, 3, 5, 3, 5) + bytes(5) + b"PRES"
    )
    for number, kind, body in ((3, b"RAW.", raw), (5, b"VDD.", delta)):
        data += chunk(number, b"AIMG", struct.pack("<IIBIIId", *size, 1, number + 1, 0, 0, 0.0))
        data += chunk(number + 1, b"ABMP", struct.pack("<II4s", *size, kind) + body)
    return data + bytes(12)


SCRIPT = b"""layeredimage head:
    image_format "parts/{image}/main.png"
    always "head"
    group mouth auto:
        pos (3, -2)
        attribute open default:
            "mouth"
        attribute shut "head" if_not ["open"]
    attribute hat null
    if x == 1:
        "head"
"""


def livepng(_: object = None) -> list[bytes]:
    """A LivePNG model of two styles; `samples.build` makes its pictures."""
    style = {"expressions": LIVE}
    return [
        json.dumps({"name": "fuzzed", "version": 1, "styles": {"default": style, "other": style}}).encode()
    ]


def tachie() -> bytes:
    """airi's zip of whole pictures, of several sizes and kinds."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, size in (
            ("neutral", (40, 60)),
            ("happy", (40, 60)),
            ("sad", (24, 30)),
            ("happy_talk", (40, 60)),
        ):
            archive.writestr(f"pack/{name}.png", picture(size=size))
    return out.getvalue()
